"""Snapshot plus changes is the same as the next snapshot; views only of what changed.

Also the tests of ``runtime/instance_view.py``.
"""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tradetui.domain.enums import InstrumentClass, Severity
from tradetui.domain.ids import Currency, InstrumentId, StrategyId
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import InstrumentUpdated, MarketItem
from tradetui.domain.replica import (
    AlertGone,
    AlertView,
    DecisionView,
    FillView,
    HeaderView,
    InstanceGone,
    InstanceView,
    InstrumentView,
    LogView,
    OrderView,
    ReplicaChange,
    ReplicaSnapshot,
    UiChanged,
)
from tradetui.runtime import replica, rows

S = 10**9


class Reader:
    """What a screen does with snapshot and changes."""

    def __init__(self, snapshot: ReplicaSnapshot) -> None:
        self.header = snapshot.header
        self.instruments = {one.instrument_id: one for one in snapshot.instruments}
        self.instances = {one.strategy_id: one for one in snapshot.instances}
        self.orders = {one.client_order_id: one for one in snapshot.orders}
        self.alerts = {one.alert_id: one for one in snapshot.alerts}
        self.lists: dict[type, list[Any]] = {
            FillView: list(snapshot.fills),
            DecisionView: list(snapshot.decisions),
            LogView: list(snapshot.log),
        }
        self.number = snapshot.number
        self.ui = 0

    def apply(self, changes: tuple[ReplicaChange, ...]) -> None:
        for numbered in changes:
            assert numbered.number == self.number + 1
            self.number = numbered.number
            match numbered.change:
                case HeaderView() as view:
                    self.header = view
                case InstrumentView() as view:
                    self.instruments[view.instrument_id] = view
                case InstanceView() as view:
                    self.instances[view.strategy_id] = view
                case OrderView() as view:
                    self.orders[view.client_order_id] = view
                case AlertView() as view:
                    self.alerts[view.alert_id] = view
                case AlertGone(alert_id):
                    del self.alerts[alert_id]
                case InstanceGone(strategy_id):
                    self.instances.pop(strategy_id, None)
                case UiChanged():
                    self.ui += 1
                case view:
                    self.lists[type(view)].append(view)


async def test_snapshot_plus_changes_is_the_next_snapshot(rig: Any) -> None:
    one = rig(["buyer", "failing", "quiet"])
    client = one.driver.client
    reader = Reader(client.snapshot())
    await one.driver.start()
    for _ in range(8):
        await one.ticks(1)
        changes = client.changes(reader.number)
        assert changes is not None
        reader.apply(changes)
    shown = client.snapshot()
    assert reader.number == shown.number
    assert reader.header == shown.header
    assert reader.instances == {view.strategy_id: view for view in shown.instances}
    assert reader.orders == {view.client_order_id: view for view in shown.orders}
    assert reader.alerts == {view.alert_id: view for view in shown.alerts}
    assert reader.instruments == {view.instrument_id: view for view in shown.instruments}
    assert reader.lists[FillView] == list(shown.fills)
    assert reader.lists[DecisionView] == list(shown.decisions)
    assert reader.lists[LogView] == list(shown.log)
    assert reader.ui > 0


async def test_the_header_comes_at_most_four_times_a_second(rig: Any) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    await one.ticks(1)
    start = one.driver.client.snapshot().number
    for n in range(100):
        await one.quote(10_000_00 + n)
        await one.clock.move(S // 100)
    changes = one.driver.client.changes(start)
    headers = [c for c in changes if isinstance(c.change, HeaderView)]
    rows = [c for c in changes if isinstance(c.change, InstanceView)]
    assert 3 <= len(headers) <= 5
    assert len(rows) <= 11


async def test_a_row_says_who_set_the_config_and_not_who_changed_the_record(rig: Any) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    (running,) = one.driver.instances.running_records()
    record = replace(running, changed_time=9, changed_by="ben", config_time=5, config_by="anna")
    publisher = one.driver.publisher
    publisher.set_records((record,))
    publisher.publish(force=True)
    (row,) = publisher.snapshot().instances
    assert (row.config_time, row.config_by) == (5, "anna")


async def test_nothing_new_is_no_change(rig: Any) -> None:
    one = rig([])
    await one.driver.start()
    publisher = one.driver.publisher
    publisher.publish(force=True)
    number = publisher.snapshot().number
    publisher.publish(force=True)
    assert publisher.snapshot().number == number


async def test_a_reader_that_fell_behind_is_told(rig: Any, monkeypatch: Any) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    await one.ticks(5)
    client = one.driver.client
    before = client.snapshot().number
    for number in range(replica.RING + 1):
        one.driver.publisher.say(Severity.INFO, f"line {number}")
    one.driver.publisher.publish()
    assert client.changes(before) is None
    after = client.snapshot().number
    assert [change.number for change in client.changes(after - 4)] == [*range(after - 3, after + 1)]


async def test_what_is_held_for_screens_does_not_grow_with_the_run(rig: Any) -> None:
    one = rig([])
    await one.driver.start()
    publisher = one.driver.publisher
    for number in range(2 * replica.RING):
        publisher.say(Severity.INFO, f"line {number}")
    publisher.publish(force=True)
    assert len(publisher._changes) == replica.RING
    assert len(publisher.snapshot().log) == replica.LIST_LENGTH
    assert publisher.snapshot().log[-1].text == f"line {2 * replica.RING - 1}"


async def test_a_changed_instrument_is_shown_anew(rig: Any) -> None:
    one = rig([])
    await one.driver.start()
    await one.quote()
    instrument = one.feed.instruments()[0]
    changed = replace(instrument, price_increment=10, price_decimals=1)
    key = instrument.instrument_id
    await one.feed.push(MarketItem(one.clock.time, "SIM", key, InstrumentUpdated(changed)))
    other = Instrument(
        InstrumentId("X/Y.SIM"),
        "X/Y",
        "SIM",
        InstrumentClass.SPOT,
        Currency("X"),
        Currency("Y"),
        2,
        2,
        1,
        1,
    )
    item = MarketItem(one.clock.time, "SIM", other.instrument_id, InstrumentUpdated(other))
    await one.feed.push(item)
    await one.clock.move(S)
    shown = one.driver.client.snapshot().instruments
    assert [view.price_increment for view in shown] == [10, 1]


async def test_fills_of_earlier_runs_come_first(rig: Any) -> None:
    one = rig(["buyer"])
    await one.driver.start()
    await one.ticks(4)
    (fill,) = one.driver.client.snapshot().fills
    assert fill.run_id == "run-1"
    old = replace(fill, run_id="run-0")
    another = rig([])
    another.driver.publisher.preload_fills((old,))
    assert another.driver.client.snapshot().fills == (old,)
    await another.driver.start()


async def test_closed_orders_are_kept_to_a_number(rig: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(replica, "LIST_LENGTH", 1)
    one = rig(["buyer"])
    await one.driver.start()
    await one.ticks(6)
    orders = one.driver.client.snapshot().orders
    assert len([order for order in orders if not order.is_open]) <= 1
    assert len([order for order in orders if order.is_open]) == 1


async def test_the_drivers_words_are_in_the_log(rig: Any) -> None:
    one = rig([])
    await one.driver.start()
    one.driver.publisher.say(Severity.INFO, "hello", StrategyId("s"))
    await one.clock.move(S)
    assert one.driver.client.snapshot().log[-1].text == "hello"


async def test_of_many_rows_prices_are_shown_half_as_often(
    rig: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MANY_ROWS", 1)
    one = rig(["quiet", "buyer"])
    await one.driver.start()
    await one.clock.move(S)
    seen = []
    for _ in range(8):
        await one.quote()
        await one.clock.move(replica.ROWS_EVERY_NS)
        shown = one.driver.client.snapshot().instances
        seen.append(shown[-1].price_time)
    assert 4 <= len(set(seen)) <= 5
    await one.quote()
    one.driver.publisher.publish(force=True)
    newest = one.driver.loop.kernel.state.marks[shown[-1].instrument_id].event_time
    assert {row.price_time for row in one.driver.client.snapshot().instances} == {newest}
