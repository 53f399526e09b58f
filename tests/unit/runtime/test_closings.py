"""Who asked for a position to be closed hears when the order ended and the position stands."""

from __future__ import annotations

from typing import Any

from tests.support.kernel_world import BTC, UNIT, World

from tradetui.core.kernel import Kernel
from tradetui.domain.control import (
    CloseRequested,
    ExitOnlyChanged,
    InstanceUnloaded,
    KillSwitchChanged,
)
from tradetui.domain.enums import KillState, OrderRole, Scope, Severity
from tradetui.domain.reports import OrderExpired, OrderRejected
from tradetui.domain.steps import StepRecord, StepResult
from tradetui.runtime.closings import CLOSED, ClosingBook

ID = f"close:one:main:{BTC}"


class Told(Kernel):
    """A kernel that tells of each event what became of it."""

    book: ClosingBook | None = None

    def apply_event(self, envelope: Any) -> Any:
        applied = super().apply_event(envelope)
        result = StepResult(fills=applied.fills)
        record = StepRecord(envelope, (), applied.decisions, applied.transitions, result)
        if self.book is not None:
            self.book.take(record, self.state)
        return applied


class Watched(World):
    kernel_class = Told

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.begin_again()

    def begin_again(self) -> None:
        """A restart: only the state is known."""
        assert isinstance(self.kernel, Told)
        self.kernel.book = self.book = ClosingBook(self.state)

    def ask(self, name: str = "c1", reason: str = "") -> None:
        self.event(CloseRequested("one", (name,), "ann", reason))

    def said(self) -> str:
        found = self.book.conditions(self.state)
        assert found.keys() <= {ID}
        if ID not in found:
            return ""
        severity, owner, text, _, _ = found[ID]
        assert (severity, owner) == (Severity.ALERT, "one")
        return text


def test_a_close_that_did_all_says_nothing() -> None:
    world = Watched()
    world.hold()
    world.ask()
    assert world.said() == ""
    world.accept("c1")
    world.fill("c1", UNIT)
    assert world.said() == ""


def test_a_close_that_the_venue_refused() -> None:
    world = Watched()
    world.hold()
    world.ask()
    world.event(OrderRejected("main", "c1", "insufficient balance"), BTC)
    assert world.said() == (
        "one BTC/USD: its close c1 ended refused (insufficient balance), filled 0.00000000 of "
        "1.00000000 BTC; LONG 1.00000000 BTC with no stop by design stands"
    )
    world.ask("c2")
    assert world.said() == "", "another one works"
    world.accept("c2")
    world.fill("c2", UNIT)
    assert world.said() == ""
    world.event(ExitOnlyChanged("one", False, "ann", "go on"))
    world.hold()
    assert world.said() == "", "the next position is another matter"


def test_a_close_that_was_filled_short() -> None:
    world = Watched()
    world.hold()
    world.ask()
    world.accept("c1")
    world.fill("c1", UNIT // 4)
    assert world.said() == ""
    world.event(OrderExpired("main", "c1"), BTC)
    assert "its close c1 ended expired, filled 0.25000000 of 1.00000000 BTC; " in world.said()
    assert "LONG 0.75000000 BTC" in world.said()


def test_it_is_known_after_a_restart_until_the_position_is_gone() -> None:
    world = Watched()
    world.hold()
    world.ask()
    world.event(OrderRejected("main", "c1", "no"), BTC)
    world.begin_again()
    assert "its close c1 ended refused (no)" in world.said()
    world.event(InstanceUnloaded("one", "me"))
    assert "its close c1 ended refused (no)" in world.said()
    world.ask("c2")
    world.accept("c2")
    world.fill("c2", UNIT)
    assert world.said() == ""
    world.load("one")
    world.event(ExitOnlyChanged("one", False, "ann", "go on"))
    world.hold()
    world.begin_again()
    assert world.said() == "", "the order is older than this position"


def test_a_part_that_a_strategy_sells_leaves_a_position_on_purpose() -> None:
    world = Watched()
    world.hold(2 * UNIT)
    world.close(UNIT)
    assert world.said() == ""
    world.begin_again()
    assert world.said() == ""


def test_what_came_in_beside_a_whole_close_is_said() -> None:
    world = Watched()
    world.hold()
    entry = world.place(UNIT, 8_000)
    world.accept(entry)
    world.ask(reason=f"{CLOSED}enough")
    world.fill(entry, UNIT // 2)
    world.accept("c1")
    world.fill("c1", UNIT)
    assert "ended filled, filled 1.00000000 of 1.00000000 BTC; LONG 0.5" in world.said()
    world.begin_again()
    assert "LONG 0.50000000 BTC" in world.said()


def test_a_close_that_no_order_was_sent_for() -> None:
    world = Watched()
    world.hold()
    world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.HALTED, "ann", "stop"))
    world.ask()
    assert world.said().startswith(
        "one BTC/USD: its close was refused (kill_switch): no order was sent; LONG 1.00000000 BTC"
    )
    assert world.book.conditions(world.state)[ID].time == world.now
    world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.NORMAL, "ann", "go"))
    world.ask("c2")
    assert world.said() == ""


def test_after_a_whole_close_a_part_may_be_sold_on_purpose() -> None:
    world = Watched()
    world.hold()
    world.ask()
    world.accept("c1")
    world.fill("c1", UNIT)
    world.event(ExitOnlyChanged("one", False, "ann", "go on"))
    world.hold(2 * UNIT)
    world.close(UNIT)
    assert world.said() == ""


def test_positions_are_told_of_in_ascending_order() -> None:
    world = Watched()
    for name in ("two", "one"):
        world.fill(world.place(UNIT, None, name=name), price=10_000)
        world.event(CloseRequested(name, (f"c-{name}",), "ann", ""))
        world.event(OrderRejected("main", f"c-{name}", "no"), BTC)
    found = world.book.conditions(world.state)
    assert [one.strategy_id for one in found.values()] == ["one", "two"]


def test_an_exit_order_at_a_price_is_no_close() -> None:
    world = Watched()
    world.hold()
    exit_id = world.place(-UNIT, 12_000, role=OrderRole.EXIT)
    world.accept(exit_id)
    world.cancelled(exit_id)
    assert world.said() == ""
