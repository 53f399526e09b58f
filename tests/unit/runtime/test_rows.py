"""Rows that are built from those before say the same as rows that are built whole.

Also the tests of ``runtime/ownerless.py``.
"""

from __future__ import annotations

import random
from typing import Any

from msgspec.structs import replace

from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import InstanceView
from tradetui.runtime import instance_view, rows
from tradetui.runtime.ownerless import NO_RECORD

S = 10**9


def whole(one: Any, strategy_id: StrategyId) -> InstanceView:
    """Return a row as it would be if it were built whole now."""
    book = one.driver.publisher._rows
    runner = one.driver.loop.host.running_instances.get(strategy_id)
    view: InstanceView = book._whole(book._records[strategy_id], runner, one.clock.time)
    return view


async def test_a_row_from_the_one_before_is_the_same_as_a_whole_one(
    rig: Any, monkeypatch: Any
) -> None:
    moved = []
    build = instance_view.moved_view

    def counted(*args: Any) -> InstanceView:
        moved.append(args[1].strategy_id)
        return build(*args)

    monkeypatch.setattr(rows, "moved_view", counted)
    one = rig(["quiet", "buyer", "rester", "failing"])
    one.records[0] = replace(one.records[0], mode=InstanceMode.OBSERVE)
    await one.driver.start()
    chance = random.Random(1)
    price = 10_000_00
    for _ in range(30):
        price += chance.randint(-900, 900)
        await one.quote(price)
        await one.clock.move(chance.choice((S // 4, S, 3 * S)))
        one.driver.publisher.publish(force=True)
        for row in one.driver.client.snapshot().instances:
            assert row == whole(one, row.strategy_id)
    assert set(moved) >= {"quiet", "buyer", "rester"}
    assert len(moved) > 20


async def test_a_row_is_built_whole_where_something_happened_and_once_a_minute(
    rig: Any, monkeypatch: Any
) -> None:
    built: list[str] = []
    build = instance_view.instance_view

    def counted(*args: Any) -> InstanceView:
        built.append(args[1].strategy_id)
        return build(*args)

    one = rig(["quiet"])
    await one.driver.start()
    await one.ticks(1)
    book = one.driver.publisher._rows
    now = one.clock.time
    book.touch(StrategyId("quiet"))
    book.show(now)
    monkeypatch.setattr(rows, "instance_view", counted)
    for second in range(1, 60):
        await one.quote(10_000_00 + second)
        book.note_price(book.views[StrategyId("quiet")].instrument_id)
        book.hurry()
        book._dirty.clear()
        book.show(now + second * S)
    assert built == []
    book.note_price(book.views[StrategyId("quiet")].instrument_id)
    book.hurry()
    book.show(now + 61 * S)
    assert built == ["quiet"]
    book.touch(StrategyId("quiet"))
    book.show(now + 62 * S)
    assert built == ["quiet", "quiet"]


async def test_what_holds_something_keeps_a_row_without_its_record(rig: Any) -> None:
    one = rig(["buyer", "quiet"])
    await one.driver.start()
    await one.ticks(3)
    publisher, held = one.driver.publisher, StrategyId("buyer")
    before = publisher.instance(held)
    assert before.position and before.orders_open
    await one.driver.instances.unload_instance(held, "its record was deleted")
    publisher.set_records(())
    publisher.publish(force=True)
    (row,) = one.driver.client.snapshot().instances
    assert (row.strategy_id, row.mode, row.state_reason) == (held, InstanceMode.OFF, NO_RECORD)
    assert (row.position, row.orders_open) == (before.position, before.orders_open)
    publisher.set_records(tuple(one.records))
    publisher.publish(force=True)
    assert publisher.instance(held).state_reason != NO_RECORD
    assert len(one.driver.client.snapshot().instances) == 2


async def test_a_row_that_was_made_up_goes_with_what_it_held(rig: Any) -> None:
    one = rig(["buyer"])
    await one.driver.start()
    await one.ticks(3)
    await one.driver.instances.unload_instance(StrategyId("buyer"), "its record was deleted")
    one.driver.publisher.set_records(())
    one.records.clear()
    state = one.driver.loop.kernel.state
    assert len(one.driver.client.snapshot().instances) == 1
    flat = [replace(held, quantity=0, cost=0) for held in state.positions.values()]
    state.positions.update(zip(list(state.positions), flat, strict=True))
    state.open_orders.clear()
    one.driver.publisher.touch(StrategyId("buyer"))
    one.driver.publisher.publish(force=True)
    assert one.driver.client.snapshot().instances == ()


async def test_a_price_of_before_the_start_is_waited_for_within_its_deadline(rig: Any) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    await one.ticks(1)
    book = one.driver.publisher._rows
    (name,) = book.views
    await one.clock.move(70 * S)
    now = one.clock.time
    assert book.awaited(now) == frozenset()  # silent while it ran
    book._began = now - 5 * S  # as after a start with what an earlier run has left
    assert book.awaited(now) == {name}
    assert book.awaited(now + 54 * S) == {name}
    assert book.awaited(now + 56 * S) == frozenset()
    await one.quote()
    await one.clock.move(S)
    assert book.awaited(one.clock.time) == frozenset()
