"""The moves of time travel over a recorded run, and what is said of a place that is none."""

from __future__ import annotations

import pytest

from tradetui.backtest.recorded import RecordedRun
from tradetui.bootstrap.console.travel_door import TravelDoor, time_of_day
from tradetui.domain.ids import RunId
from tradetui.domain.units import NANOS_PER_SECOND as SECOND
from tradetui.runtime.clock import SystemClock
from tradetui.runtime.travel.traveller import Traveller
from tradetui.storage.reader import JournalReader


@pytest.fixture
def traveller(reader: JournalReader, run: RecordedRun) -> Traveller:
    return Traveller(reader, RunId(run.header.run_id), SystemClock())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("14:30", 52_200),
        ("14:30:07", 52_207),
        ("0:0", 0),
        ("24:00", None),
        ("14:60", None),
        ("14:30:61", None),
        ("1430", None),
        ("1:2:3:4", None),
        ("１:2", None),
        ("a:b", None),
    ],
)
def test_a_time_of_the_day(text: str, seconds: int | None) -> None:
    assert time_of_day(text) == (None if seconds is None else seconds * SECOND)


async def test_moves_say_where_one_stands(traveller: Traveller) -> None:
    door = TravelDoor(traveller)
    await door.go_to("50")
    assert traveller.seq_id == 50
    await door.move(-1)
    assert traveller.seq_id == 49
    await door.next_act()
    act = traveller.seq_id
    assert act > 49
    await door.previous_act()
    assert traveller.seq_id < act
    await door.go_to("9,999,999")
    assert traveller.seq_id == traveller.last
    assert isinstance(door.changed(), tuple)


async def test_times_are_places_too_and_what_is_none_is_a_sentence(traveller: Traveller) -> None:
    door = TravelDoor(traveller)
    await door.go_to("2020-09-13 13:00")
    by_date = traveller.seq_id
    await door.go_to("12:40")
    assert 0 < traveller.seq_id < by_date
    await door.go_to("13:00")
    assert traveller.seq_id == by_date
    said = await door.go_to("soon")
    assert said.startswith("at: 'soon' is no step and no time; ")
    assert said.endswith("; or an order or a trade of this run by its id")
    assert traveller.seq_id == by_date


async def test_an_order_and_a_trade_are_places_too(traveller: Traveller, run: RecordedRun) -> None:
    door = TravelDoor(traveller)
    step = next(step for step in run.eventful() if step.result.fills)
    (fill, *_) = step.result.fills
    await door.go_to(fill.trade_id)
    assert traveller.seq_id == step.event.seq_id
    await door.go_to(f" {fill.client_order_id}")
    assert traveller.seq_id != step.event.seq_id
