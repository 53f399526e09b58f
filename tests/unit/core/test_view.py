"""Snapshots and filtered views: of one step, of one instance, and not to be written to."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import BNB, BTC, CASH, INSTRUMENTS, PERP, UNIT, World

from tradetui.core.view import FilteredView, ReadOnlyError, Snapshot, SnapshotExpiredError
from tradetui.domain.control import InstanceUnloaded, ModeChanged, PauseChanged
from tradetui.domain.enums import Guard, InstanceMode
from tradetui.domain.intents import NoOp
from tradetui.domain.market_data import Bar, InstrumentUpdated, Quote
from tradetui.domain.orders import Position
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.steps import IntentBatch


def view(world: World, name: str = "one") -> FilteredView:
    return FilteredView(world.kernel.view(), name)


class TestSnapshot:
    def test_there_is_one_per_step(self) -> None:
        world = World()
        snapshot = world.kernel.view()
        assert world.kernel.view() is snapshot
        assert snapshot.snapshot_id == world.state.seq_id
        world.trade(10_000)
        assert world.kernel.view() is not snapshot

    @pytest.mark.parametrize(
        "payload",
        [PauseChanged("one", True, "me"), Bar(0, 1, 9, 9, 9, 9, 1), Quote(9, 1, 9, 1)],
        ids=lambda p: type(p).__name__,
    )
    def test_it_expires_when_the_state_moves_on(self, payload: Any) -> None:
        world = World()
        world.event(payload, BTC)
        snapshot = world.kernel.view()
        world.event(payload, BTC)
        with pytest.raises(SnapshotExpiredError, match="has expired"):
            snapshot.read()

    def test_intents_move_the_state_on_too(self) -> None:
        world = World()
        snapshot = world.kernel.view()
        world.kernel.process_intents(IntentBatch())
        assert snapshot.read() is world.state
        world.intents(NoOp())
        with pytest.raises(SnapshotExpiredError):
            snapshot.read()

    def test_a_materialised_one_lasts_and_does_not_change(self) -> None:
        world = World()
        world.hold()
        resting = world.place()
        snapshot = world.kernel.view().materialise()
        assert snapshot.materialise().read() is snapshot.read()
        one = FilteredView(snapshot, "one")
        world.fill(resting)
        world.trade(20_000)
        assert one.position(BTC).quantity == UNIT
        assert one.mark(BTC) == PRICE_BEFORE
        assert [order.terms.client_order_id for order in one.orders()] == [resting]
        assert one.guard(BTC) is Guard.NONE_BY_DESIGN

    def test_an_expired_one_cannot_be_materialised(self) -> None:
        world = World()
        snapshot = world.kernel.view()
        world.trade(1)
        with pytest.raises(SnapshotExpiredError):
            snapshot.materialise()

    def test_an_expired_one_tells_nothing_of_an_instance(self) -> None:
        world = World()
        world.place()
        snapshot = world.kernel.view()
        assert len(snapshot.open_orders("one", is_observing=False)) == 1
        assert snapshot.keys("one") == (("one", "main", BTC),)
        world.trade(1)
        with pytest.raises(SnapshotExpiredError):
            snapshot.open_orders("one", is_observing=False)
        with pytest.raises(SnapshotExpiredError):
            snapshot.keys("one")


PRICE_BEFORE = 10_000


class TestReadOnly:
    @pytest.mark.parametrize("kind", ["snapshot", "view"])
    def test_nothing_can_be_set_or_deleted(self, kind: str) -> None:
        world = World()
        target: Any = world.kernel.view() if kind == "snapshot" else view(world)
        for name in ("_state", "_snapshot", "strategy_id", "snapshot_id", "anything"):
            with pytest.raises(ReadOnlyError, match="is read-only"):
                setattr(target, name, 1)
            with pytest.raises(ReadOnlyError, match="is read-only"):
                delattr(target, name)

    def test_records_cannot_be_changed_either(self) -> None:
        world = World()
        world.hold()
        with pytest.raises(AttributeError):
            view(world).position(BTC).quantity = 5  # type: ignore[misc]


class TestFilteredView:
    def test_an_instance_sees_its_own_and_nothing_of_others(self) -> None:
        world = World()
        world.hold()
        mine = world.place()
        other = world.place(name="two")
        one, two = view(world), view(world, "two")
        assert [order.terms.client_order_id for order in one.orders()] == [mine]
        assert one.order(mine) is world.order(mine)
        assert one.order(other) is None
        assert one.order("ghost") is None
        assert one.positions() == (world.position(),)
        assert two.positions() == ()
        assert two.position(BTC) == Position("two", "main", BTC)

    def test_open_orders_are_those_of_now(self) -> None:
        world = World()
        assert view(world).orders() == ()
        first = world.place()
        one = view(world)
        assert one.orders() == (world.order(first),)
        assert one.orders() is one.orders()
        world.event(Quote(9, 1, 9, 1), BTC)
        assert view(world).orders() == (world.order(first),)
        with pytest.raises(SnapshotExpiredError):
            one.orders()
        second = world.place()
        last = world.kernel.view().materialise()
        world.kernel.restore(world.kernel.checkpoint())
        assert [o.terms.client_order_id for o in view(world).orders()] == [first, second]
        world.event(PauseChanged("one", True, "me"))
        assert len(FilteredView(last, "one").orders()) == 2

    def test_what_snapshots_share_is_another_once_an_order_or_a_mode_changes(self) -> None:
        world = World()
        world.place()
        world.event(Quote(9, 1, 9, 1), BTC)
        shared = world.kernel.view().shared_orders
        assert len(shared.of("one", is_observing=False)) == 1
        world.event(Quote(8, 1, 9, 1), BTC)
        assert world.kernel.view().shared_orders is shared
        world.place()
        again = world.kernel.view().shared_orders
        assert again is not shared
        assert len(again.of("one", is_observing=False)) == 2
        world.event(PauseChanged("one", True, "me"))
        assert world.kernel.view().shared_orders is not again

    def test_marks_and_quotes(self) -> None:
        world = World()
        one = view(world)
        assert (one.mark(BTC), one.mark_time(BTC)) == (
            10_000,
            world.state.marks[BTC].event_time,
        )
        assert one.quote(BTC) is None
        assert (one.mark("NO.SIM"), one.mark_time("NO.SIM"), one.quote("NO.SIM")) == (
            None,
            None,
            None,
        )
        world.event(Quote(1, 2, 3, 4), BTC)
        assert view(world).quote(BTC) == Quote(1, 2, 3, 4)
        assert view(world).instrument(BTC) == INSTRUMENTS[0]
        assert view(world).instrument("NO.SIM") is None

    def test_cash_is_what_working_orders_leave(self) -> None:
        world = World()
        world.place(UNIT, 9_000)
        assert view(world, "two").cash("USD") == CASH - 90 * UNIT

    def test_the_budget_and_what_is_used_of_it(self) -> None:
        world = World()
        world.load("small", limits=InstanceLimits(500 * UNIT))
        small = view(world, "small")
        assert (small.budget(), small.budget_used()) == (500 * UNIT, 0)
        order_id = world.place(UNIT, 10_000, name="small")
        world.fill(order_id, UNIT, 10_000)
        world.place(UNIT, 9_000, name="small")
        world.hold()
        assert view(world, "small").budget_used() == 190 * UNIT

    def test_an_observer_uses_nothing_for_what_is_held_on_a_real_route(self) -> None:
        world = World()
        world.hold()
        one = view(world)
        assert one.budget_used() > 0
        assert one.budget_used() == one.budget_used()
        world.event(ModeChanged("one", InstanceMode.OBSERVE, "me"))
        assert world.position().quantity > 0
        assert view(world).budget_used() == 0

    def test_a_short_future_uses_its_margin(self) -> None:
        world = World()
        world.hold(-2, 10_000, PERP)
        world.place(-1, 11_000, instrument_id=PERP)
        used = (2 * 10_000 + 11_000) * 5 * UNIT // 1_000 // 10
        assert view(world).budget_used() == used

    def test_the_budget_is_in_the_currency_of_the_market(self) -> None:
        world = World()
        cross = replace(INSTRUMENTS[0], instrument_id="ETH/BNB.SIM", base="ETH", quote="BNB")
        world.event(InstrumentUpdated(cross), cross.instrument_id)
        world.load("cross", limits=InstanceLimits(500 * UNIT), instrument_id=cross.instrument_id)
        assert view(world, "cross").budget() == UNIT

    def test_without_a_rate_nothing_may_be_used(self) -> None:
        world = World()
        odd = replace(INSTRUMENTS[0], instrument_id="ODD.SIM", base="ODD", quote="XYZ")
        world.event(InstrumentUpdated(odd), odd.instrument_id)
        world.load("odd", instrument_id=odd.instrument_id)
        world.state.positions["odd", "main", "ODD.SIM"] = Position(
            "odd", "main", "ODD.SIM", UNIT, UNIT
        )
        assert view(world, "odd").budget() == 0
        assert view(world, "odd").budget_used() == 0

    def test_one_that_does_not_run_sees_nothing(self) -> None:
        world = World()
        world.event(InstanceUnloaded("one", "me"))
        one = view(world)
        assert one.mode is InstanceMode.OFF
        assert not one.can_trade
        assert (one.budget(), one.budget_used(), one.cash("USD")) == (0, 0, 0)
        assert one.position(BTC).quantity == 0

    def test_a_market_that_is_not_known_has_a_flat_position(self) -> None:
        assert view(World()).position("NO.SIM").quantity == 0

    def test_can_trade_is_the_state_active(self) -> None:
        world = World()
        assert view(world).can_trade
        assert view(world).mode is InstanceMode.ACTIVE
        world.event(PauseChanged("one", True, "me"))
        assert not view(world).can_trade

    def test_it_names_its_snapshot(self) -> None:
        world = World()
        assert view(world).snapshot_id == world.state.seq_id
        assert isinstance(world.kernel.view(), Snapshot)
        assert view(world).position(BNB).quantity == 0
