"""Each order goes out once, or is refused while it provably never left."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.courier_house import House
from tests.support.kernel_world import UNIT

from tradetui.domain.control import ModeChanged
from tradetui.domain.enums import InstanceMode, KillState, Scope
from tradetui.domain.ids import ClientOrderId, StrategyId
from tradetui.domain.intents import ReplaceOrder
from tradetui.domain.risk import KillSwitch
from tradetui.domain.steps import CancelCommand, ReplaceCommand, SubmitCommand
from tradetui.domain.units import NANOS_PER_SECOND as SECOND
from tradetui.engine.courier.edge import Edge
from tradetui.engine.courier.outgoing import OutgoingOrders
from tradetui.engine.courier.tracked import Phase, TrackedOrder
from tradetui.ports.execution import CancelRequest, LookupRequest, ReplaceRequest, SubmitRequest


class Out(OutgoingOrders):
    """Keeps what never left."""

    def __init__(self, edge: Edge) -> None:
        super().__init__(edge)
        self.never: list[tuple[str, str]] = []

    def absent(self, tracked: TrackedOrder, why: str) -> None:
        self.never.append((tracked.client_order_id, why))
        self.tracked.pop(tracked.client_order_id)


class Rig:
    """An outgoing desk beside a kernel whose courier sends nothing."""

    def __init__(self, **more: Any) -> None:
        self.house = House(**more)
        self.edge = Edge(self.house.world.kernel, self.house.settings)
        self.edge.now = SECOND
        self.out = Out(self.edge)

    def place(self) -> TrackedOrder:
        order_id = ClientOrderId(self.house.place())
        self.out.take(SubmitCommand(self.house.world.order(order_id).terms))
        return self.out.tracked[order_id]

    def replace(self, old: TrackedOrder, quantity: int) -> TrackedOrder:
        intent = ReplaceOrder(old.client_order_id, self.house.world.next_id(), quantity=quantity)
        (command,) = self.house.world.intents(intent).commands
        assert isinstance(command, ReplaceCommand)
        self.out.take(command)
        return self.out.tracked[ClientOrderId(intent.new_client_order_id)]

    def send(self) -> TrackedOrder:
        tracked = self.place()
        found = self.out.next_submit()
        assert found is not None
        self.out.sent(found[0])
        return tracked


def cancel_of(tracked: TrackedOrder) -> CancelCommand:
    terms = tracked.terms
    return CancelCommand(terms.route_id, terms.instrument_id, terms.client_order_id)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_an_order_is_sent_once_and_dies_at_the_venues_time(rig: Rig) -> None:
    rig.edge.heard(100 * SECOND)
    tracked = rig.place()
    assert rig.out.waiting == 1
    found = rig.out.next_submit()
    assert found is not None
    window = rig.edge.traits.recv_window
    assert found[1] == SubmitRequest(tracked.terms, 100 * SECOND, window)
    rig.out.sent(tracked)
    assert tracked.phase is Phase.SENT
    assert tracked.dead_after == 100 * SECOND + rig.edge.dies_after
    assert rig.out.next_submit() is None
    assert rig.out.waiting == 0
    with pytest.raises(AssertionError, match="was asked for twice"):
        rig.out.take(SubmitCommand(tracked.terms))


def test_a_cancel_drops_what_waits_and_asks_for_what_left(rig: Rig) -> None:
    waits = rig.place()
    rig.out.take(cancel_of(waits))
    assert rig.out.never == [(waits.client_order_id, "never sent: cancelled before it was sent")]
    assert rig.out.next_submit() is None
    sent = rig.send()
    rig.out.take(cancel_of(sent))
    assert list(rig.out.cancels()) == []
    rig.edge.heard(100 * SECOND)
    ((tracked, request),) = rig.out.cancels()
    window = rig.edge.traits.recv_window
    assert request == CancelRequest(
        sent.terms.instrument_id, sent.client_order_id, None, 100 * SECOND, window
    )
    rig.out.cancel_sent(tracked)
    assert (tracked.cancel_tries, list(rig.out.cancels())) == (1, [])
    rig.edge.now += rig.edge.settings.cancel_at_most
    assert len(list(rig.out.cancels())) == 1
    rig.out.take(replace(cancel_of(sent), client_order_id=ClientOrderId("tt-nobody")))
    assert len(rig.out.never) == 1


def test_lookups_are_asked_for_when_due_and_one_at_a_time(rig: Rig) -> None:
    sent = rig.send()
    assert list(rig.out.lookups()) == []
    sent.lookup_due = 2 * SECOND
    assert list(rig.out.lookups()) == []
    rig.edge.now = 2 * SECOND
    ((_, request),) = rig.out.lookups()
    assert request == LookupRequest(sent.terms.instrument_id, sent.client_order_id)
    sent.lookup_out = True
    assert list(rig.out.lookups()) == []


def test_what_waits_too_long_is_refused_unsent(rig: Rig) -> None:
    late, gone = rig.place(), rig.place()
    sent = rig.place()
    sent.phase = Phase.SENT
    rig.out.tracked.pop(gone.client_order_id)
    rig.edge.now += rig.edge.settings.max_wait
    rig.out.drop_stale()
    assert rig.out.never == []
    rig.edge.now += 1
    rig.out.drop_stale()
    assert rig.out.never == [(late.client_order_id, "never sent: it could not be sent in time")]


def halt(rig: Rig, tracked: TrackedOrder) -> None:
    switch = KillSwitch(Scope.GLOBAL, "", KillState.HALTED, "me", "enough", 1)
    rig.edge.state.kill_switches[Scope.GLOBAL, ""] = switch


def leave_active(rig: Rig, tracked: TrackedOrder) -> None:
    strategy_id = StrategyId(tracked.terms.strategy_id)
    rig.house.world.event(ModeChanged(strategy_id, InstanceMode.OBSERVE, "me", True))


def take_back(rig: Rig, tracked: TrackedOrder) -> None:
    rig.house.cancel(tracked.client_order_id)


def bar(rig: Rig, tracked: TrackedOrder) -> None:
    rig.out.bars_entries = lambda: "the stream is silent"


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (halt, "kill-switch"),
        (leave_active, "its instance left active before it was sent"),
        (take_back, "it was taken back before it was sent"),
        (bar, "the stream is silent"),
    ],
)
def test_what_may_not_go_out_any_more_is_refused_when_its_turn_comes(
    rig: Rig, happens: Any, why: str
) -> None:
    tracked = rig.place()
    happens(rig, tracked)
    assert rig.out.next_submit() is None
    ((order_id, said),) = rig.out.never
    assert order_id == tracked.client_order_id
    assert said.startswith(f"never sent: {why}")


@pytest.mark.parametrize(
    ("filled", "left"), [(0, UNIT // 2), (UNIT // 4, UNIT // 4), (UNIT // 2, 0), (UNIT, 0)]
)
def test_a_new_version_goes_out_only_with_something_left_to_trade(filled: int, left: int) -> None:
    rig = Rig(native_replace=True)
    old = rig.send()
    rig.house.world.accept(old.client_order_id)
    new = rig.replace(old, UNIT // 2)
    if filled:
        rig.house.world.fill(old.client_order_id, filled)
    found = rig.out.next_submit()
    if left:
        assert found is not None
        request = found[1]
        assert isinstance(request, ReplaceRequest)
        assert request.terms.quantity - (filled - request.filled_quantity) == left
        assert rig.out.never == []
    else:
        assert found is None
        why = "never sent: the old version ended before the new one was sent"
        assert rig.out.never == [(new.client_order_id, why)]


def test_the_desk_itself_knows_no_report(rig: Rig) -> None:
    tracked = rig.place()
    with pytest.raises(NotImplementedError):
        OutgoingOrders(rig.edge).absent(tracked, "")
    assert tracked.terms.quantity == UNIT
