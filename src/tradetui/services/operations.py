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
from tradetui.domain.enums import InstanceState, KillState, OrderSide, Scope
from tradetui.domain.formatting import grouped
from tradetui.domain.ids import ClientOrderId, StrategyId
from tradetui.domain.replica import InstanceView, KillView, ReplicaSnapshot
from tradetui.domain.text import printable
from tradetui.domain.units import CASH_SCALE, div_half_even
from tradetui.ports.engine_client import EngineClient
from tradetui.services.errors import RefusedError, UserError
from tradetui.services.order_words import is_entry, not_cancellable


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
    An order whose outcome is unknown is among ``unknown_orders`` alone: it is cancelled when it is
    found.
    """

    all_instances: bool
    instances: tuple[StrategyId, ...]
    entry_orders: int
    kept_orders: int
    unknown_orders: int
    positions: tuple[PositionToClose, ...]


def stop_change(rung: StopRung, seen: StopFigures, now: StopFigures) -> str:
    """Name in a person's words the first thing that a rung would do otherwise than was seen, empty
    if it would do the same.

    Prices and states may move: a close that waited for them would never come. Exit-only does the
    same whatever moved.
    """
    if rung is StopRung.EXIT_ONLY:
        return ""
    if appeared := [name for name in now.instances if name not in seen.instances]:
        return f"{appeared[0]} is new"
    if gone := [name for name in seen.instances if name not in now.instances]:
        return f"{gone[0]} is gone"
    if rung is StopRung.HALT:
        return ""
    counts = (
        ("unknown orders", seen.unknown_orders, now.unknown_orders),
        ("entry orders", seen.entry_orders, now.entry_orders),
        ("exits", seen.kept_orders, now.kept_orders),
    )
    moved = (f"{name} {old} -> {new}" for name, old, new in counts if old != new)
    if rung is StopRung.CANCEL:
        return next(moved, "")
    return _position_change(seen.positions, now.positions) or next(moved, "")


def _position_change(then: Sequence[PositionToClose], now: Sequence[PositionToClose]) -> str:
    """Name the first position that would be closed otherwise."""
    old, new = ({one.strategy_id: _closing_words(one) for one in side} for side in (then, now))
    for name in sorted(old | new):
        before, after = old.get(name, "nothing to close"), new.get(name, "nothing to close")
        if before != after:
            return f"{name} {before} -> {after}"
    return ""


def _closing_words(position: PositionToClose) -> str:
    return f"{position.side.value.lower()} {position.quantity} {position.base}"


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
        entry_orders=sum(is_entry(order) for order in known),
        kept_orders=sum(not is_entry(order) for order in known),
        unknown_orders=sum(order.is_unknown for order in orders),
        positions=tuple(position for position in positions if position is not None),
    )


async def stop(
    client: EngineClient, rung: StopRung, seen: StopFigures, *, actor: str, reason: str
) -> tuple[CommandReply, ...]:
    """Do what the STOP dialog says; raises RefusedError if that is not what was seen any more."""
    scope = None if seen.all_instances else seen.instances
    if change := stop_change(rung, seen, stop_figures(client.snapshot(), scope)):
        raise RefusedError(f"changed while you looked: {change}. Nothing done.")
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
