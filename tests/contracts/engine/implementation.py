"""Our own core behind the protocol of the golden traces: JSON lines in, one JSON line each out.

``python -m tests.contracts.engine.implementation < NAME.in.jsonl`` prints what ``NAME.out.jsonl``
has. The protocol is in README.md beside this file; a second implementation answers the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import msgspec

from tradetui.core.checkpoint import canonical
from tradetui.core.invariants import InvariantError
from tradetui.core.kernel import Kernel
from tradetui.core.sequencer import Sequencer
from tradetui.core.valuation import equity, margin_used, unrealised
from tradetui.core.venue.models import VenueConfig
from tradetui.core.venue.venue import SimulatedVenue
from tradetui.core.view import FilteredView
from tradetui.domain import instruments, units
from tradetui.domain.codec import chain
from tradetui.domain.enums import Source
from tradetui.domain.envelope import Envelope, Unsequenced
from tradetui.domain.ids import client_order_id, kernel_order_id
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import MarketItem
from tradetui.domain.order_table import is_legal
from tradetui.domain.steps import (
    Applied,
    CancelCommand,
    IntentBatch,
    JournalHeader,
    KernelConfig,
    ReplaceCommand,
    StepRecord,
    SubmitCommand,
)

Line = dict[str, Any]
"""One line of a trace, as parsed JSON; ``op`` says what is asked."""

Arithmetic = Callable[..., int | str | bool]

_ARITHMETIC: Final[dict[str, Arithmetic]] = {
    "div_floor": units.div_floor,
    "div_ceil": units.div_ceil,
    "div_half_even": units.div_half_even,
    "rescale": lambda value, old, new: units.rescale_exact(value, from_scale=old, to_scale=new),
    "parse": units.parse_scaled,
    "format": units.format_scaled,
    "decimals": units.decimals_of,
    "fee": instruments.fee,
    "price_decimals": instruments.price_decimals,
    "client_order_id": client_order_id,
    "kernel_order_id": kernel_order_id,
    "is_legal": is_legal,
}
"""Functions of plain arguments."""

_ON_INSTRUMENT: Final[dict[str, Arithmetic]] = {
    "notional": instruments.notional,
    "floor_quantity": instruments.floor_quantity,
    "passive_price": instruments.passive_price,
    "average_price": instruments.average_price,
}
"""Functions whose first argument is an instrument."""

_RECORDS: Final[dict[str, type[msgspec.Struct]]] = {
    "StepRecord": StepRecord,
    "JournalHeader": JournalHeader,
    "KernelConfig": KernelConfig,
}
"""What ``decode`` can be asked for."""


class Implementation:
    """Answers one line at a time; a line that cannot be applied answers ``{"error": kind}`` and
    leaves everything as before.
    """

    def __init__(self) -> None:
        self._kernel: Kernel | None = None
        self._sequencer = Sequencer()
        self._venue = SimulatedVenue()
        self._cash: dict[tuple[str, str], int] = {}

    def answer(self, line: Line) -> Line:
        """Return the answer to one line."""
        return _OPS[line["op"]](self, line)

    @property
    def kernel(self) -> Kernel:
        """The kernel; there must have been a ``kernel`` line."""
        assert self._kernel is not None, "the trace has no kernel line before this one"
        return self._kernel

    def _trace(self, line: Line) -> Line:
        self.__init__()  # type: ignore[misc]  # nothing of the trace before is left
        return {}

    def _make_kernel(self, line: Line) -> Line:
        self._kernel = Kernel(msgspec.convert(line["config"], KernelConfig))
        return {"hash": self._kernel.state_hash()}

    def _event(self, line: Line) -> Line:
        envelope = msgspec.convert(line["event"], Envelope)
        return self._applied(lambda: self.kernel.apply_event(envelope))

    def _intents(self, line: Line) -> Line:
        batch = msgspec.convert(line["batch"], IntentBatch)
        return self._applied(lambda: self.kernel.process_intents(batch))

    def _applied(self, call: Callable[[], Applied]) -> Line:
        try:
            applied = call()
        except InvariantError:
            return {"error": "invariant", "hash": self.kernel.state_hash()}
        self.kernel.check_all()
        return {
            "transitions": msgspec.to_builtins(applied.transitions),
            "commands": msgspec.to_builtins(applied.commands),
            "fills": msgspec.to_builtins(applied.fills),
            "diagnostics": msgspec.to_builtins(applied.diagnostics),
            "decisions": msgspec.to_builtins(applied.decisions),
            "is_duplicate": applied.is_duplicate,
            "hash": self.kernel.state_hash(),
        }

    def _checkpoint(self, line: Line) -> Line:
        restored = Kernel(self.kernel.state.config)
        restored.restore(self.kernel.checkpoint())
        self._kernel = restored
        return {"hash": restored.state_hash()}

    def _status(self, line: Line) -> Line:
        status = self.kernel.status_of(line["strategy_id"])
        return {"status": msgspec.to_builtins(status)}

    def _view(self, line: Line) -> Line:
        view = FilteredView(self.kernel.view(), line["strategy_id"])
        markets = {
            name: {
                "mark": view.mark(name),
                "mark_time": view.mark_time(name),
                "quote": msgspec.to_builtins(view.quote(name)),
                "position": msgspec.to_builtins(view.position(name)),
                "guard": view.guard(name).value,
            }
            for name in line["instruments"]
        }
        return {
            "snapshot_id": view.snapshot_id,
            "status": msgspec.to_builtins(view.status),
            "can_trade": view.can_trade,
            "positions": msgspec.to_builtins(view.positions()),
            "orders": msgspec.to_builtins(view.orders()),
            "markets": markets,
            "cash": {name: view.cash(name) for name in line["currencies"]},
            "budget": view.budget(),
            "budget_used": view.budget_used(),
        }

    def _worth(self, line: Line) -> Line:
        state = self.kernel.state
        routes = {
            route_id: {
                "equity": equity(state, route_id),
                "margin_used": margin_used(state, route_id),
            }
            for route_id in sorted(state.routes)
        }
        open_pnl = [
            [*key, unrealised(state, state.positions[key])] for key in sorted(state.positions)
        ]
        return {"routes": routes, "unrealised": open_pnl}

    def _state(self, line: Line) -> Line:
        state = canonical(self.kernel.state)
        names = state.__struct_fields__
        return {"state": {name: msgspec.to_builtins(getattr(state, name)) for name in names}}

    def _make_sequencer(self, line: Line) -> Line:
        priority = tuple(Source(name) for name in line["priority"])
        self._sequencer = Sequencer(priority, line["next_seq"])
        return {}

    def _batch(self, line: Line) -> Line:
        batch = msgspec.convert(line["items"], list[Unsequenced])
        try:
            stamped = [self._sequencer.stamp(item) for item in self._sequencer.order_batch(batch)]
        except ValueError:
            return {"error": "source"}
        return {"events": msgspec.to_builtins(stamped)}

    def _make_venue(self, line: Line) -> Line:
        self._venue = SimulatedVenue(msgspec.convert(line["config"], VenueConfig))
        self._cash = {}
        return {}

    def _has(self, line: Line) -> Line:
        self._cash[line["route_id"], line["currency"]] = line["amount"]
        self._venue.fund(self._balance)
        return {}

    def _balance(self, route_id: str, currency: str) -> int:
        return self._cash.get((route_id, currency), 0)

    def _instrument(self, line: Line) -> Line:
        self._venue.on_instrument(msgspec.convert(line["instrument"], Instrument))
        return {}

    def _submit(self, line: Line) -> Line:
        command = msgspec.convert(line["command"], SubmitCommand)
        return _reports(self._venue.submit(command, line["now"]))

    def _cancel(self, line: Line) -> Line:
        command = msgspec.convert(line["command"], CancelCommand)
        return _reports(self._venue.cancel(command, line["now"]))

    def _replace(self, line: Line) -> Line:
        command = msgspec.convert(line["command"], ReplaceCommand)
        return _reports(self._venue.replace(command, line["now"]))

    def _show(self, line: Line) -> Line:
        return _reports(self._venue.show(msgspec.convert(line["item"], MarketItem)))

    def _time(self, line: Line) -> Line:
        return _reports(self._venue.on_time(line["now"]))

    def _drop_route(self, line: Line) -> Line:
        self._venue.drop_route(line["route_id"])
        return {}

    def _venue_checkpoint(self, line: Line) -> Line:
        restored = SimulatedVenue()
        restored.restore(self._venue.checkpoint())
        if self._cash:
            restored.fund(self._balance)
        self._venue = restored
        return {}

    def _call(self, line: Line) -> Line:
        name, arguments = line["name"], line["arguments"]
        try:
            if name in _ON_INSTRUMENT:
                instrument = msgspec.convert(arguments[0], Instrument)
                value = _ON_INSTRUMENT[name](instrument, *arguments[1:])
            else:
                value = _ARITHMETIC[name](*arguments)
        except units.NumberError:
            return {"error": "number"}
        return {"value": value}

    def _decode(self, line: Line) -> Line:
        kind = _RECORDS[line["record"]]
        try:
            record = msgspec.msgpack.decode(bytes.fromhex(line["bytes"]), type=kind)
        except msgspec.MsgspecError:
            return {"error": "codec"}
        again = msgspec.msgpack.encode(record).hex()
        return {"value": msgspec.to_builtins(record), "bytes": again}

    def _chain(self, line: Line) -> Line:
        previous, body = bytes.fromhex(line["previous"]), bytes.fromhex(line["body"])
        return {"hash": chain(previous, body).hex()}


def _reports(found: Iterable[Unsequenced]) -> Line:
    return {"reports": [msgspec.to_builtins(report) for report in found]}


_OPS: Final[dict[str, Callable[[Implementation, Line], Line]]] = {
    "trace": Implementation._trace,
    "kernel": Implementation._make_kernel,
    "event": Implementation._event,
    "intents": Implementation._intents,
    "checkpoint": Implementation._checkpoint,
    "status": Implementation._status,
    "view": Implementation._view,
    "worth": Implementation._worth,
    "state": Implementation._state,
    "sequencer": Implementation._make_sequencer,
    "batch": Implementation._batch,
    "venue": Implementation._make_venue,
    "cash": Implementation._has,
    "instrument": Implementation._instrument,
    "submit": Implementation._submit,
    "cancel": Implementation._cancel,
    "replace": Implementation._replace,
    "show": Implementation._show,
    "time": Implementation._time,
    "drop_route": Implementation._drop_route,
    "venue_checkpoint": Implementation._venue_checkpoint,
    "call": Implementation._call,
    "decode": Implementation._decode,
    "chain": Implementation._chain,
}
"""Every operation of the protocol."""


def answers(lines: Iterable[Line]) -> Iterator[Line]:
    """Answer a whole trace."""
    implementation = Implementation()
    for line in lines:
        yield implementation.answer(line)


def main() -> None:
    """Answer standard input, line by line, until it ends."""
    implementation = Implementation()
    for text in sys.stdin:
        answer = implementation.answer(msgspec.json.decode(text))
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
