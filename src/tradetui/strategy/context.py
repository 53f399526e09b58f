"""The one door between a strategy and the world.

Reads come from the instance's filtered view of the step; writes are recorded intents, never acts.
Nothing here does I/O or waits. See ``Context.absorb`` for how the engine takes the intents.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from tradetui.domain.enums import InstanceMode, KillState, OrderRole, Severity
from tradetui.domain.ids import ClientOrderId, InstrumentId
from tradetui.domain.intents import (
    CancelOrder,
    Intent,
    NoOp,
    PlaceOrder,
    ReplaceOrder,
    SetRiskFlag,
    Signal,
    SignalGate,
)
from tradetui.domain.text import printable
from tradetui.strategy.errors import InvalidOrder, StrategyError, TradingNotAllowed, WrongMoment
from tradetui.strategy.events import OrderView
from tradetui.strategy.numbers import Number, amount_to_int, price_to_int, shown
from tradetui.strategy.orders import build_place_order, order_id_of
from tradetui.strategy.reading import RENDERING, RUNNING, ReadingContext
from tradetui.strategy.signals import MAX_GATES, GateInput, gate

_INTENTS: Final = (PlaceOrder, CancelOrder, ReplaceOrder, SetRiskFlag, NoOp)
_ACTIVE: Final = InstanceMode.ACTIVE
_TIMER_NAME: Final = 64
LEAST_INTERVAL: Final = 100_000_000
"""The shortest time between two of a timer's events, in ns."""
_RISK_FLAGS: Final = {"reducing": KillState.REDUCING, "halted": KillState.HALTED}
_MAX_TEXT: Final = 200
_encode_intent: Final = msgspec.msgpack.Encoder().encode
_decode_intent: Final = msgspec.msgpack.Decoder(Intent).decode
_SEVERITIES: Final = {severity.value: severity for severity in Severity}


class Context(ReadingContext):
    """What a strategy may see and ask for; read-only."""

    __slots__ = ()

    def place_order(
        self,
        side: str,
        amount: Number,
        type: str = "market",  # noqa: A002 - the word of the contract
        price: Number | None = None,
        *,
        symbol: str | None = None,
        stop: Number | None = None,
        trail: Number | None = None,
        tif: str = "gtc",
        expire: int | None = None,
        post_only: bool = False,
        reduce_only: bool = False,
        oco: str | None = None,
        parent: OrderView | str | None = None,
        role: str | None = None,
        reason: str = "",
    ) -> ClientOrderId:
        """Record a PlaceOrder and return its client_order_id.

        Nothing is sent from here: the risk engine judges it after the callback. Raises InvalidOrder
        for what cannot be understood, and, in observe, TradingNotAllowed after recording it.
        """
        port, memory = self._port, self._memory
        if memory.phase != RUNNING:
            self._must_run("an order")
        intent = build_place_order(
            port.instrument() if symbol is None else self.instrument(symbol),
            port.next_order_id(),
            port.now,
            side,
            amount,
            type,
            price,
            stop,
            trail,
            tif,
            expire,
            post_only,
            reduce_only,
            oco,
            parent,
            role,
            reason,
            memory.signal_index,
        )
        self.record(intent)
        if port.mode is not _ACTIVE:
            raise TradingNotAllowed(
                f"{port.strategy_id} is in mode {port.mode.value}: the order was "
                "recorded as what it would do and not sent; test context.can_trade first"
            )
        return intent.client_order_id

    def build_order(
        self,
        side: str,
        amount: Number,
        type: str = "market",  # noqa: A002 - the word of the contract
        price: Number | None = None,
        *,
        symbol: str | None = None,
        stop: Number | None = None,
        trail: Number | None = None,
        tif: str = "gtc",
        expire: int | None = None,
        post_only: bool = False,
        reduce_only: bool = False,
        oco: str | None = None,
        parent: OrderView | str | None = None,
        role: str | None = None,
        reason: str = "",
    ) -> PlaceOrder:
        """Return the PlaceOrder without recording it, to be returned from ``on_event``."""
        port = self._port
        if self._memory.phase != RUNNING:
            self._must_run("an order")
        return build_place_order(
            self.instrument(symbol),
            port.next_order_id(),
            port.now,
            side,
            amount,
            type,
            price,
            stop,
            trail,
            tif,
            expire,
            post_only,
            reduce_only,
            oco,
            parent,
            role,
            reason,
            self._memory.signal_index,
        )

    def cancel_order(self, order: OrderView | str, reason: str = "") -> None:
        """Record a CancelOrder for an order of this instance."""
        self.record(CancelOrder(order_id_of(order), printable(reason, 200) if reason else ""))

    def replace_order(
        self,
        order: OrderView | str,
        *,
        amount: Number | None = None,
        price: Number | None = None,
        stop: Number | None = None,
        reason: str = "",
    ) -> ClientOrderId:
        """Record a ReplaceOrder and return the new version's client_order_id.

        Raises InvalidOrder when nothing changes or the order is not known.
        """
        self._must_run("a replace")
        old = order_id_of(order)
        known = self._port.order(old)
        if known is None:
            raise InvalidOrder(f"{shown(old)} is not a known order of this instance")
        if amount is None and price is None and stop is None:
            raise InvalidOrder("a replace changes at least one of amount=, price=, stop=")
        instrument, side = self._by_id(known.terms.instrument_id), known.terms.side
        intent = ReplaceOrder(
            old,
            self._port.next_order_id(),
            None if amount is None else amount_to_int(amount, instrument),
            None if price is None else price_to_int(price, instrument, side),
            None if stop is None else price_to_int(stop, instrument, side, "stop"),
            printable(reason, 200),
        )
        self.record(intent)
        return intent.new_client_order_id

    def cancel_all_orders(
        self, symbol: str | None = None, *, protective: bool = False, reason: str = ""
    ) -> list[ClientOrderId]:
        """Cancel the instance's open orders and return the ids of those not yet on their way out.

        Stops and targets that guard a position stay, unless ``protective`` is true.
        """
        ids = [
            order.client_order_id
            for order in self.get_open_orders(symbol)
            if (protective or not order.is_protective) and order.status != "CancelPending"
        ]
        for client_order_id in ids:
            self.cancel_order(client_order_id, reason)
        return ids

    def cancel_all_orders_confirmed(self, symbol: str | None = None) -> bool:
        """Cancel the open orders; return True once none is left (call it again on a later event).

        Nothing here waits, so the first call can only be true when there was nothing to cancel.
        """
        orders = [o for o in self.get_open_orders(symbol) if not o.is_protective]
        for order in orders:
            if order.status != "CancelPending":
                self.cancel_order(order)
        return not orders

    def set_risk_flag(self, state: str, reason: str = "") -> None:
        """Tighten the instance's own scope: ``"reducing"`` (exits only) or ``"halted"``.

        Only a person loosens it again.
        """
        flag = _RISK_FLAGS.get(state.lower()) if isinstance(state, str) else None
        if flag is None:
            raise InvalidOrder(f"state must be one of reducing, halted; got {shown(state)}")
        self.record(SetRiskFlag(flag, printable(reason, 200)))

    def signal(self, name: str, /, **gates: GateInput) -> bool:
        """Weigh the gates, record them for *why*, and return whether all passed."""
        self._must_run("a signal")
        if len(gates) > MAX_GATES:
            raise StrategyError(f"a signal has at most {MAX_GATES} gates, {name} has {len(gates)}")
        weighed = tuple([gate(key, value) for key, value in gates.items()])
        passed = all(weight.passed for weight in weighed)
        signal = Signal(self._port.strategy_id, printable(str(name), 64), weighed, passed)
        index = self._port.record_signal(signal)
        memory = self._memory
        memory.signal = signal
        memory.signal_index = index if passed else None
        return passed

    def log(self, message: object, level: str = "info") -> None:
        """Write a line to the instance's log; level debug, info, warning, error or alert."""
        severity = _SEVERITIES.get(level) if isinstance(level, str) else None
        if severity is None:
            raise StrategyError(f"level must be one of {', '.join(_SEVERITIES)}; got {level!r}")
        self._port.log(severity, printable(str(message)))

    def schedule(self, name: str, *, at: int, every: int | None = None) -> None:
        """Ask for ``on_timer(name)`` at a moment, and every so many ns after it (100 ms at the
        least: between two bars a shorter one would be due a million times).
        """
        self._may_not_render("a timer")
        if every is not None and every < LEAST_INTERVAL:
            raise StrategyError(f"a timer comes once in 100 ms at the most; got every {every} ns")
        if isinstance(at, bool) or not isinstance(at, int):
            raise StrategyError(f"a timer needs a moment in ns UTC, got {shown(at)}")
        if not isinstance(name, str) or not 0 < len(name) <= _TIMER_NAME or not name.isprintable():
            raise StrategyError(f"a timer needs a short name, got {shown(name)}")
        self._port.schedule(name, at=at, every=every)

    def unschedule(self, name: str) -> None:
        """Forget a timer; nothing happens when there is none of that name."""
        self._may_not_render("a timer")
        self._port.unschedule(name)

    # For the helpers and the base class.

    def refuse(self, what: str, gate_name: str, value: str, limit: str) -> None:
        """Record that a helper did nothing, and which condition said so."""
        signal = Signal(
            self._port.strategy_id,
            printable(what, 64),
            (SignalGate(gate_name, printable(value, 200), "is", limit, False),),
            False,
        )
        self._memory.refusal = signal
        self._port.record_signal(signal)

    def pending(self, instrument_id: InstrumentId, role: OrderRole) -> ClientOrderId | None:
        """Return an order asked for in this very step that the engine has not yet judged."""
        memory = self._memory
        if memory.pending_time == self._port.now():
            for key, intent in memory.pending.items():
                is_wanted = intent.instrument_id == instrument_id and intent.role is role
                if is_wanted and self._port.order(key) is None:
                    return key
        return None

    def _must_run(self, what: str) -> None:
        if self._memory.phase != RUNNING:
            where = "render()" if self._memory.phase == RENDERING else "init() or setup()"
            raise WrongMoment(f"{what} cannot be asked for in {where}; use a hook such as on_tick")

    def _may_not_render(self, what: str) -> None:
        if self._memory.phase == RENDERING:
            raise WrongMoment(f"{what} cannot be asked for in render(); use a hook such as on_tick")

    # For the engine.

    def record(self, intent: Intent) -> None:
        """Record an intent of this step: it reaches the engine whatever the hook returns."""
        memory, port = self._memory, self._port
        if memory.phase != RUNNING:
            self._must_run("an order")
        if intent.__class__ is PlaceOrder:
            now = port.now()
            if memory.pending_time == now:
                memory.pending[intent.client_order_id] = intent
            else:
                memory.pending = {intent.client_order_id: intent}
                memory.pending_time = now
        memory.recorded.append(intent)
        port.emit(intent)

    @property
    def recorded(self) -> list[Intent]:
        """The intents recorded since the callback began; what the base ``on_event`` returns."""
        recorded = self._memory.recorded
        return list(recorded) if recorded else []

    def absorb(self, returned: Iterable[Intent]) -> None:
        """End a callback (the engine calls this): also record what ``on_event`` returned itself.

        Intents that the context has recorded already are not recorded twice. Raises StrategyError
        when ``returned`` is not a list of intents; nothing of it is recorded then.
        """
        memory = self._memory
        if not memory.recorded and returned.__class__ is list and not returned:
            memory.signal_index = None
            return
        if returned.__class__ is not list and not isinstance(returned, (list, tuple)):
            raise StrategyError(
                f"on_event must return a list of intents, got {type(returned).__name__}"
            )
        if returned:
            known = {id(intent) for intent in memory.recorded}
            fresh = [intent for intent in returned if id(intent) not in known]
            for intent in [_sound(intent) for intent in fresh]:
                self.record(intent)
        memory.recorded.clear()
        memory.signal_index = None

    def discard(self) -> None:
        """End a callback that failed (the engine calls this): its intents are lost.

        The engine drops what the port was given since the callback began.
        """
        memory = self._memory
        for intent in memory.recorded:
            if isinstance(intent, PlaceOrder):
                memory.pending.pop(intent.client_order_id, None)
        memory.recorded.clear()
        memory.signal_index = None

    def enter_phase(self, phase: str) -> str:
        """Say which part of its life the strategy is in; return the one before."""
        before = self._memory.phase
        self._memory.phase = phase
        return before


def _sound(intent: Any) -> Intent:
    """Return an intent that the strategy made itself as one of ours: every field of its type, every
    text short and printable. Raises StrategyError.
    """
    if not isinstance(intent, _INTENTS):
        raise StrategyError(
            f"on_event must return intents, got {type(intent).__name__} {shown(intent)}"
        )
    try:
        plain: Intent = _decode_intent(_encode_intent(intent))
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError) as error:
        said = printable(str(error), 200)
        raise StrategyError(
            f"on_event returned a malformed {type(intent).__name__}: {said}"
        ) from None
    for name in plain.__struct_fields__:
        value = getattr(plain, name)
        if isinstance(value, str) and (len(value) > _MAX_TEXT or not value.isprintable()):
            raise StrategyError(
                f"on_event returned a {type(intent).__name__} whose {name} is {shown(value)}: "
                f"a text has at most {_MAX_TEXT} printable characters"
            )
    return plain
