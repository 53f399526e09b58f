from __future__ import annotations

from msgspec.structs import replace
from tests.tui.fixtures import (
    INSTRUMENTS,
    FakeEngine,
    alerts,
    decisions,
    fills,
    header,
    instances,
    log,
    order,
    orders,
)

from tradetui.domain.enums import OrderSide, OrderState
from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import AlertGone, InstanceGone, UiChanged
from tradetui.tui.replica import KEPT_ORDERS, KEPT_ROWS, PARTS, Replica
from tradetui.tui.widgets.record_lists import RowCache, fills_content


def taken(engine: FakeEngine) -> Replica:
    replica = Replica(engine)
    replica.take_dirty()
    replica.ui_changed.clear()
    return replica


def test_a_fresh_replica_is_all_new() -> None:
    replica = Replica(FakeEngine())
    assert replica.take_dirty() == PARTS
    assert replica.take_dirty() == frozenset()
    assert list(replica.instances) == sorted(replica.instances)


def test_nothing_new_is_nothing_dirty() -> None:
    replica = taken(FakeEngine())
    assert not replica.poll()
    assert replica.take_dirty() == frozenset()


def test_each_change_goes_to_its_place() -> None:
    engine = FakeEngine()
    replica = taken(engine)
    row = replace(instances()[1], strategy_id=StrategyId("aaa"))
    for change in (
        header(queue_depth=9),
        replace(INSTRUMENTS[0], price_decimals=3),
        row,
        replace(orders()[0], state=OrderState.FILLED),
        replace(fills()[0], seq_id=7),
        replace(decisions()[0], seq_id=8),
        replace(alerts()[0], is_acknowledged=True),
        replace(log()[0], text="new"),
        UiChanged(StrategyId("btc-mr")),
    ):
        engine.push(change)
    assert replica.poll()
    assert replica.take_dirty() == PARTS
    assert replica.number == 109
    assert replica.header.queue_depth == 9
    assert replica.instruments[INSTRUMENTS[0].instrument_id].price_decimals == 3
    assert next(iter(replica.instances)) == "aaa"
    assert replica.orders[orders()[0].client_order_id].state is OrderState.FILLED
    assert replica.fills[-1].seq_id == 7
    assert replica.decisions[-1].seq_id == 8
    assert replica.alerts["a1"].is_acknowledged
    assert replica.log[-1].text == "new"
    assert replica.ui_changed == {"btc-mr"}
    assert not replica.poll()


def test_what_is_gone_goes() -> None:
    engine = FakeEngine()
    replica = taken(engine)
    engine.push(InstanceGone(StrategyId("btc-mr")))
    engine.push(AlertGone("a1"))
    engine.push(AlertGone("never there"))
    replica.poll()
    assert "btc-mr" not in replica.instances
    assert list(replica.alerts) == ["a2"]


def test_a_gap_takes_a_snapshot() -> None:
    engine = FakeEngine()
    replica = taken(engine)
    engine.lost = True
    assert replica.poll()
    assert replica.take_dirty() == PARTS


def test_closed_orders_are_bounded_and_open_ones_stay() -> None:
    engine = FakeEngine(orders=())
    replica = taken(engine)
    buy = OrderSide.BUY
    for number in range(KEPT_ORDERS + 2):
        is_open = number == 0
        engine.push(order(f"o{number}", "btc-mr", "BTC/USDT", buy, "1", "1", is_open=is_open))
    replica.poll()
    assert len(replica.orders) < KEPT_ORDERS
    assert "o0" in replica.orders
    assert f"o{KEPT_ORDERS + 1}" in replica.orders


def test_lists_hold_the_newest_rows_only_and_their_cells_with_them() -> None:
    engine = FakeEngine()
    replica = taken(engine)
    (fill,) = fills()[:1]
    cache: RowCache = {}
    for number in range(3 * KEPT_ROWS):
        engine.push(replace(fill, seq_id=number))
        if number % KEPT_ROWS == 0:
            replica.poll()
            fills_content(replica.fills, replica.instruments, cache)
    replica.poll()
    fills_content(replica.fills, replica.instruments, cache)
    assert len(replica.fills) == len(cache) == KEPT_ROWS
    assert replica.fills[-1].seq_id == 3 * KEPT_ROWS - 1


def test_an_unknown_instrument_is_none() -> None:
    replica = taken(FakeEngine())
    assert replica.instrument_of(None) is None
    assert replica.instrument_of(INSTRUMENTS[1].instrument_id) == INSTRUMENTS[1]
