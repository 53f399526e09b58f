"""What the builders of golden traces write with: worlds whose every step becomes a line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from tests.support.house import CAPPED, House
from tests.support.kernel_world import BTC, PERP, UNIT, YES, World

from tradetui.core.kernel import Kernel
from tradetui.core.venue.models import VenueConfig
from tradetui.domain.capabilities import Capabilities
from tradetui.domain.enums import Outcome
from tradetui.domain.envelope import Envelope
from tradetui.domain.intents import ReplaceOrder
from tradetui.domain.steps import Applied, IntentBatch, KernelConfig

Line = dict[str, Any]
Builder = Callable[[], list[Line]]

TRACES: Final[dict[str, tuple[str, Builder]]] = {}
"""Every trace by name: what it shows, and what writes its input."""


def trace(name: str, what: str) -> Callable[[Builder], Builder]:
    """Enter a builder as the golden trace ``name``; ``what`` is the sentence in its first line."""

    def enter(builder: Builder) -> Builder:
        assert name not in TRACES, f"two golden traces are named {name}"
        TRACES[name] = (what, builder)
        return builder

    return enter


def lines_of(name: str) -> list[Line]:
    """Build the whole input of a trace, its first line included."""
    what, builder = TRACES[name]
    lines = [{"op": "trace", "name": name, "what": what, "codec": 1}, *builder()]
    if lines[1]["op"] == "kernel":
        lines += [view_of("one"), {"op": "worth"}]
    return lines


def view_of(strategy_id: str) -> Line:
    """Return the line that asks for all that an instance can see."""
    return {
        "op": "view",
        "strategy_id": strategy_id,
        "instruments": [BTC, PERP, YES, "NO.SIM"],
        "currencies": ["USD", "BTC"],
    }


def plain(record: Any) -> Any:
    """Return a record in the form of JSON."""
    return msgspec.to_builtins(record)


class RecordedKernel(Kernel):
    """A kernel that writes down what it is given."""

    def __init__(self, config: KernelConfig) -> None:
        super().__init__(config)
        self.lines: list[Line] = [{"op": "kernel", "config": plain(config)}]
        self.note = ""

    def apply_event(self, envelope: Envelope) -> Applied:
        self._write({"op": "event", "event": plain(envelope)})
        return super().apply_event(envelope)

    def process_intents(self, batch: IntentBatch) -> Applied:
        self._write({"op": "intents", "batch": plain(batch)})
        return super().process_intents(batch)

    def again(self) -> None:
        """Checkpoint and restore in place: as a restart would, on the record."""
        self._write({"op": "checkpoint"})
        self.restore(self.checkpoint())

    def ask(self, strategy_id: str) -> None:
        """Ask for the status of an instance and what it can see, on the record."""
        self._write({"op": "status", "strategy_id": strategy_id})
        self._write(view_of(strategy_id))

    def _write(self, line: Line) -> None:
        if self.note:
            line["note"] = self.note
            self.note = ""
        self.lines.append(line)


class RecordedWorld(World):
    """The world of the kernel's tests, on the record."""

    kernel_class = RecordedKernel
    kernel: RecordedKernel

    @property
    def lines(self) -> list[Line]:
        """The input so far, without the first line."""
        return self.kernel.lines

    def note(self, text: str) -> None:
        """Say in the next line what it is about."""
        self.kernel.note = text

    def restart(self) -> None:
        """Go on from a checkpoint."""
        self.kernel.again()

    def status(self, *names: str) -> None:
        """Ask for the status of some instances."""
        for name in names:
            self.kernel.ask(name)

    def place(self, quantity: int = UNIT, price: int | None = 9_000, **more: Any) -> str:
        """Place an order that is allowed, if need be modified; return its id."""
        name = more.pop("name", "one")
        intent = self.intent(quantity, price, **more)
        decision = self.intents(intent, name=name).decisions[0]
        assert decision.outcome is not Outcome.REJECT or decision.would, decision
        return intent.client_order_id

    def new_version(self, order_id: str, **changes: Any) -> ReplaceOrder:
        """Return the intent to replace an order, whatever becomes of it."""
        return ReplaceOrder(order_id, self.next_id(), **changes)


class RecordedHouse(House, RecordedWorld):
    """Kernel and simulated venue together: the trace is the kernel's side of it."""

    def __init__(self, capabilities: Capabilities, config: VenueConfig = CAPPED) -> None:
        House.__init__(self, capabilities, config)
