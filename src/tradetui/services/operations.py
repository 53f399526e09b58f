"""Acts on the running engine: pause, resume, the STOP dialog, release; each with the state seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from tradetui.domain.commands import (
    CancelEntries,
    CancelOne,
    ClosePosition,
    CommandReply,
    OperatorCommand,
    Pause,
    ReleaseHold,
    SetExitOnly,
    SetKillSwitch,
)
from tradetui.domain.enums import InstanceState, KillState, OrderRole, OrderSide, Scope
from tradetui.domain.formatting import grouped
from tradetui.domain.ids import ClientOrderId, StrategyId
from tradetui.domain.replica import InstanceView, KillView, OrderView, ReplicaSnapshot
from tradetui.domain.text import printable
from tradetui.domain.units import CASH_SCALE, div_half_even
from tradetui.ports.engine_client import EngineClient
from tradetui.services.errors import RefusedError, UserError
from tradetui.services.order_words import not_cancellable


class StopRung(StrEnum):
    """How far a STOP goes; each rung does what the ones before it do."""

    EXIT_ONLY = "exit-only"
    CANCEL = "cancel"
    CLOSE = "close"
    HALT = "halt"


@dataclass(frozen=True)
class PositionToClose:
    """A position as the STOP dialog names it; ``value`` in quote currency, None without a price."""

    strategy_id: StrategyId
    side: OrderSide
    quantity: str
    base: str
    quote: str
    value: int | None


@dataclass(frozen=True)
class StopFigures:
    """What a STOP would touch, in numbers taken from one snapshot.

    ``all_instances`` means every instance, also one that appears later; else only ``instances``.
    Two figures are equal when nothing that the dialog shows has changed, prices aside. An order
    whose outcome is unknown is among ``unknown_orders`` alone: it is cancelled when it is found.
    """

    all_instances: bool
    instances: tuple[StrategyId, ...]
    states: tuple[tuple[StrategyId, InstanceState], ...]
    entry_orders: int
    kept_orders: int
    unknown_orders: int
    positions: tuple[PositionToClose, ...]

    def same_as(self, other: StopFigures) -> bool:
        """Tell whether a person who saw these figures would see nothing else in the others."""
        return self._seen() == other._seen()

    def _seen(self) -> tuple[object, ...]:
        sizes = tuple((p.strategy_id, p.side, p.quantity) for p in self.positions)
        orders = (self.entry_orders, self.kept_orders, self.unknown_orders)
        return (self.all_instances, self.instances, self.states, orders, sizes)


def closing_sizes(positions: Sequence[PositionToClose]) -> tuple[tuple[OrderSide, str, str], ...]:
    """Add up what closing positions sells and buys: (side, size, coin), ``?`` for a size of which
    a part is not known.
    """
    sums: dict[tuple[OrderSide, str], Decimal | None] = {}
    for position in positions:
        key = (position.side, position.base)
        digits = position.quantity.replace(",", "")
        size = Decimal(digits) if digits.replace(".", "", 1).isdecimal() else None
        known = sums.get(key, Decimal(0))
        sums[key] = None if size is None or known is None else known + size
    return tuple(
        (side, "?" if size is None else f"{size:,f}", base) for (side, base), size in sums.items()
    )


_RESUMED_BY_PAUSE: Final = (InstanceState.PAUSED,)
_RESUMED_BY_RELEASE: Final = (InstanceState.HELD, InstanceState.ERROR)


def stop_figures(snapshot: ReplicaSnapshot, instances: Sequence[StrategyId] | None) -> StopFigures:
    """Count what a STOP of some instances (None: of all) would touch."""
    chosen = None if instances is None else tuple(sorted(instances))
    views = [v for v in snapshot.instances if chosen is None or v.strategy_id in chosen]
    names = tuple(view.strategy_id for view in views)
    orders = [
        order
        for order in snapshot.orders
        if order.is_open and not order.is_shadow and order.strategy_id in names
    ]
    known = [order for order in orders if not order.is_unknown]
    positions = (_position(snapshot, view) for view in views)
    return StopFigures(
        all_instances=chosen is None,
        instances=names,
        states=tuple((view.strategy_id, view.state) for view in views),
        entry_orders=sum(_is_entry(order) for order in known),
        kept_orders=sum(not _is_entry(order) for order in known),
        unknown_orders=sum(order.is_unknown for order in orders),
        positions=tuple(position for position in positions if position is not None),
    )


async def stop(
    client: EngineClient, rung: StopRung, seen: StopFigures, *, actor: str, reason: str
) -> tuple[CommandReply, ...]:
    """Do what the STOP dialog says; raises RefusedError if its figures have changed since.

    Exit-only alone is never refused for that: it only reduces risk, and is wanted at once.
    """
    if rung is not StopRung.EXIT_ONLY:
        scope = None if seen.all_instances else seen.instances
        now = stop_figures(client.snapshot(), scope)
        if not seen.same_as(now):
            raise RefusedError(f"changed while you looked: {_change(seen, now)}. Nothing done.")
    replies = []
    kills = client.snapshot().header.kills
    commands = _stop_commands(rung, seen, actor, printable(reason), kills)
    if not commands and (seen.all_instances or seen.instances):
        return (CommandReply(True, "the kill-switch is HALTED already, which is stricter"),)
    for command in commands:
        replies.append(await client.send(command))
    return tuple(replies)


async def pause(client: EngineClient, view: InstanceView, *, actor: str) -> CommandReply:
    """Pause an instance that was seen running."""
    if view.state in (InstanceState.OFF, InstanceState.PAUSED):
        raise UserError(f"{view.strategy_id} is {view.state.value}; there is nothing to pause")
    return await client.send(Pause(view.strategy_id, True, view.state, actor))


async def resume(client: EngineClient, view: InstanceView, *, actor: str) -> CommandReply:
    """Let an instance go on that is PAUSED, HELD, in ERROR or exit-only."""
    if view.state in _RESUMED_BY_PAUSE:
        return await client.send(Pause(view.strategy_id, False, view.state, actor))
    if view.state in _RESUMED_BY_RELEASE:
        return await client.send(ReleaseHold(view.strategy_id, view.state, actor))
    if view.state is InstanceState.EXIT_ONLY:
        return await client.send(
            SetExitOnly(view.strategy_id, False, actor, "resumed", seen=view.state)
        )
    raise UserError(f"{view.strategy_id} is {view.state.value}; there is nothing to resume")


async def release(
    client: EngineClient, scope: Scope, key: str, seen: KillState, *, actor: str, reason: str
) -> CommandReply:
    """Release a kill-switch; a person must say why."""
    if not reason.strip():
        raise UserError("a release needs a reason: why is it safe to trade again?")
    if seen is KillState.NORMAL:
        raise UserError("this kill-switch is NORMAL; there is nothing to release")
    command = SetKillSwitch(scope, key, KillState.NORMAL, seen, actor, printable(reason))
    return await client.send(command)


async def cancel_order(
    client: EngineClient, client_order_id: ClientOrderId, *, actor: str
) -> CommandReply:
    """Cancel one order that is open."""
    orders = client.snapshot().orders
    order = next((o for o in orders if o.client_order_id == client_order_id), None)
    problem = not_cancellable(order, client_order_id)
    if problem:
        raise UserError(problem)
    return await client.send(CancelOne(client_order_id, actor))


def _stop_commands(
    rung: StopRung,
    seen: StopFigures,
    actor: str,
    reason: str,
    kills: tuple[KillView, ...],
) -> list[OperatorCommand]:
    """Return what a rung sends: a kill-switch over the scope, so that also what appears or is
    switched on later may not enter. Where HALTED holds already, nothing is loosened.
    """
    targets: list[StrategyId | None] = [None] if seen.all_instances else list(seen.instances)
    commands: list[OperatorCommand] = []
    for target in targets:
        scope = Scope.GLOBAL if target is None else Scope.STRATEGY
        key = target or ""
        now = next((k.state for k in kills if (k.scope, k.key) == (scope, key)), KillState.NORMAL)
        if rung is StopRung.CLOSE:
            # Exit-only and the cancelling of entries come first, in the engine, in one act.
            commands.append(ClosePosition(target, actor, reason))
        elif rung is StopRung.HALT:
            commands.append(SetKillSwitch(scope, key, KillState.HALTED, now, actor, reason))
        elif now is not KillState.HALTED:
            cancels = rung is StopRung.CANCEL
            commands.append(
                SetKillSwitch(scope, key, KillState.REDUCING, now, actor, reason, cancels)
            )
        elif rung is StopRung.CANCEL:
            commands.append(CancelEntries(target, actor))
    return commands


def _is_entry(order: OrderView) -> bool:
    return order.role is OrderRole.ENTRY and not order.reduce_only


def _position(snapshot: ReplicaSnapshot, view: InstanceView) -> PositionToClose | None:
    if view.position == 0:
        return None
    instrument = next(
        (i for i in snapshot.instruments if i.instrument_id == view.instrument_id), None
    )
    if instrument is None:
        return PositionToClose(
            view.strategy_id, _closing_side(view), "?", view.symbol, view.currency, None
        )
    quantity = grouped(abs(view.position), instrument.size_scale, instrument.size_decimals)
    value: int | None = None
    if view.price is not None:
        exponent = instrument.price_scale + instrument.size_scale - CASH_SCALE
        product = abs(view.position) * view.price
        value = (
            div_half_even(product, 10**exponent)
            if exponent >= 0
            else product * 10 ** int(-exponent)
        )
    return PositionToClose(
        view.strategy_id, _closing_side(view), quantity, instrument.base, instrument.quote, value
    )


def _closing_side(view: InstanceView) -> OrderSide:
    return OrderSide.SELL if view.position > 0 else OrderSide.BUY


def _change(seen: StopFigures, now: StopFigures) -> str:
    """Name the first difference in a person's words."""
    then = dict(seen.states)
    for strategy_id, state in now.states:
        if strategy_id not in then:
            return f"{strategy_id} is new"
        if then[strategy_id] is not state:
            return f"{strategy_id} {then[strategy_id].value} -> {state.value}"
    if len(now.states) < len(then):
        return "an instance is gone"
    for name, old, new in (
        ("unknown orders", seen.unknown_orders, now.unknown_orders),
        ("entry orders", seen.entry_orders, now.entry_orders),
        ("exits", seen.kept_orders, now.kept_orders),
    ):
        if old != new:
            return f"{name} {old} -> {new}"
    return "a position"
