"""What happened can be told for ever: explanations, replays and time travel over a journal whose
oldest prices went to `journal.max_size`, from the command line.

One run of the demo and one that goes on with it. In ``part`` the first run's prices are gone up to
its checkpoint at ``CUT``; in ``old`` those of the whole first run are; in ``all`` those of both.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.support.demo_runs import run_demo
from tests.support.pruned_runs import keep_checkpoint, prune

from tradetui.backtest.errors import PricesGoneError
from tradetui.backtest.recorded import RecordedRun, recorded_run
from tradetui.backtest.state_at import state_at
from tradetui.bootstrap.console import travel
from tradetui.bootstrap.console.explaining import JournalExplainer
from tradetui.bootstrap.console.travel import open_travel
from tradetui.bootstrap.console.travel_door import TravelDoor
from tradetui.bootstrap.console.travel_drawing import Drawing
from tradetui.bootstrap.profile.profile import profile_at
from tradetui.bootstrap.wiring import Application
from tradetui.cli.main import cli
from tradetui.cli.wiring import JournalPart, Place, RunOptions
from tradetui.domain.formatting import timestamp
from tradetui.domain.ids import RunId
from tradetui.domain.steps import StepRecord
from tradetui.ports.journal import JournalPrunedError
from tradetui.runtime.clock import SystemClock
from tradetui.runtime.travel.traveller import Traveller
from tradetui.services.errors import UserError
from tradetui.storage.archive import Archive
from tradetui.storage.archiving import archive_all
from tradetui.storage.reader import JournalReader

CUT = 230
GONE = "is no longer kept (journal.max_size)"


@dataclass
class World:
    """The journals, and what the first run's steps were before anything went."""

    folder: Path
    first: str
    second: str
    steps: list[StepRecord]
    last: int
    end: int

    def state(self, name: str) -> Path:
        return self.folder / name

    def run(self, name: str, *args: str) -> Result:
        place = ("--state", str(self.state(name)))
        return CliRunner().invoke(cli, [*args, *place], obj=Application())

    def told(self, name: str, *args: str) -> Any:
        result = self.run(name, *args, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    def refused(self, name: str, *args: str) -> str:
        result = self.run(name, *args)
        assert (result.exit_code, result.stdout) == (2, ""), result.stdout
        return " ".join(result.stderr.split())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    place = run_demo(tmp_path_factory.mktemp("pruned"), 80, times=2)
    assert place.state is not None
    folder = place.state.parent
    with JournalReader(place.state) as reader:
        first, second = (recorded_run(reader, info.run_id) for info in reader.runs())
        keep_checkpoint(place.state / "journal.db", first, CUT)
        steps = list(first.steps(first.first, first.last))
        ids = str(first.header.run_id), str(second.header.run_id)
        world = World(folder, *ids, steps, first.last, second.last)
    for name in ("part", "old", "all"):
        shutil.copytree(place.state, folder / name)
    prune(folder / "part" / "journal.db", CUT - 1)
    prune(folder / "old" / "journal.db", world.last)
    archive_all(Archive(folder / "all" / "journal.db", time.time_ns), 1)
    return world


@pytest.fixture
def part(world: World) -> Iterator[RecordedRun]:
    with JournalReader(world.state("part")) as reader:
        yield recorded_run(reader, world.first)


def fills_before(world: World, seq_id: int) -> list[Any]:
    return [fill for step in world.steps[: seq_id - 1] for fill in step.result.fills]


def is_kept(run: RecordedRun, seq_id: int) -> bool:
    return not run.has_gone(seq_id, seq_id)


def test_the_reader_says_how_far_prices_are_gone(world: World, part: RecordedRun) -> None:
    assert (part.pruned_to, part.whole_from) == (CUT - 1, CUT + 1)
    assert 0 < sum(is_kept(part, seq_id) for seq_id in range(1, CUT)) < CUT - 20
    for name, run_id, gone_to, whole in (
        ("state", world.first, 0, 1),
        ("old", world.first, world.last, None),
        ("old", world.second, 0, world.last + 1),
        ("all", world.second, world.end - 1, None),
    ):
        with JournalReader(world.state(name)) as reader:
            run = recorded_run(reader, run_id)
            assert (run.pruned_to, run.whole_from) == (gone_to, whole), (name, run_id)


def test_a_state_before_the_checkpoint_is_refused_with_the_step_that_works(
    part: RecordedRun, world: World
) -> None:
    for seq_id in (CUT - 1, CUT // 2):
        with pytest.raises(PricesGoneError, match=rf"on \(--from {CUT + 1}\)"):
            state_at(part, seq_id)
    with JournalReader(world.state("state")) as reader:
        whole = recorded_run(reader, world.first)
        for seq_id in (CUT, CUT + 1, world.last):
            assert state_at(part, seq_id).state_hash() == state_at(whole, seq_id).state_hash()


def test_the_reader_alone_gives_no_advice(part: RecordedRun) -> None:
    with pytest.raises(JournalPrunedError, match=r"which is no longer kept \(journal.max_size\)$"):
        list(part.source.steps(part.header.run_id))


def test_the_chain_of_an_order_is_whole_but_for_what_was_seen(world: World) -> None:
    fills = fills_before(world, CUT)
    assert len(fills) > 4
    for subject in (fills[0].client_order_id, fills[-1].trade_id):
        was = world.told("state", "why", subject)
        for name in ("part", "all"):
            told = world.told(name, "why", subject)
            seen = [link for link in told["links"] if link["kind"] == "seen"]
            assert len(seen) == 1 and seen[0]["details"] == []
            assert GONE in seen[0]["text"] and seen[0]["text"].startswith("what btcusd-")
            rest = [link for link in told["links"] if link["kind"] != "seen"]
            assert rest == [link for link in was["links"] if link["kind"] != "seen"]
            kinds = {link["kind"] for link in rest}
            assert {"event", "intent", "decision", "order", "fill"} <= kinds
            assert told["title"] == was["title"]


def test_a_refusal_and_a_step_are_explained_too(world: World) -> None:
    judged = next(step for step in world.steps if step.decisions)
    seq_id = judged.event.seq_id
    assert seq_id < CUT
    for subject in (str(seq_id), f"{seq_id}:0"):
        kinds = [link["kind"] for link in world.told("part", "why", subject)["links"]]
        assert "decision" in kinds and "seen" in kinds


def test_of_a_price_that_is_gone_there_is_a_sentence(world: World, part: RecordedRun) -> None:
    gone = next(n for n in range(1, CUT) if not is_kept(part, n))
    said = world.refused("part", "why", str(gone))
    assert f"step {gone} of run {world.first} brought market data that nothing came of" in said
    assert GONE in said and "--from" not in said


def test_the_console_explains_the_same(world: World) -> None:
    state = world.state("part")
    explainer = JournalExplainer(Place(state=state), JournalPart(state))
    lines = asyncio.run(explainer.why(fills_before(world, CUT)[0].client_order_id))
    assert any(GONE in line for line in lines) and any("fill" in line for line in lines)
    lines = asyncio.run(explainer.since("5"))
    assert lines[0].startswith(f"since step 5, counted from step {CUT + 1} on: ")


@pytest.mark.parametrize("moment", ["0", "5", str(CUT - 1), str(CUT), "2020-09-13T12:50"])
def test_since_counts_from_where_it_can_and_says_so(world: World, moment: str) -> None:
    told = world.told("part", "since", moment)
    was = world.told("state", "since", str(CUT + 1))
    assert f"counted from step {CUT + 1} on" in told["from_text"] and GONE in told["from_text"]
    assert [note["step"] for note in told["gaps"]] == [CUT + 1]
    same = {"from_text": "", "gaps": []}
    assert told | same == was | same
    assert was["fill_count"] and was["split"] is not None


def test_since_a_step_behind_is_as_it_was(world: World) -> None:
    for moment in (str(CUT + 1), str(CUT + 40), str(world.last + 1)):
        assert world.told("part", "since", moment) == world.told("state", "since", moment)


def test_since_goes_on_to_the_next_run_where_none_of_the_first_is_left(world: World) -> None:
    told = world.told("old", "since", "5")
    was = world.told("state", "since", str(world.last + 1))
    assert f"counted from step {world.last + 1} on" in told["from_text"]
    assert (told["split"], told["steps"]) == (was["split"], was["steps"])
    assert len(told["restarts"]) == 1 and not was["restarts"]
    said = world.refused("all", "since", "5")
    assert GONE in said and "`tradetui fills`" in said


def test_steps_are_told_with_one_line_for_what_is_missing(world: World) -> None:
    def lines(name: str, *more: str) -> list[dict[str, Any]]:
        args = ("replay", "--run", world.first, "--steps", *more, "--json")
        result = world.run(name, *args)
        assert result.exit_code == 0, result.stderr
        return [json.loads(line) for line in result.stdout.splitlines()]

    for name in ("part", "old"):
        told = lines(name)
        gone = [line for line in told if line["what"] == "(gone)"]
        assert len(gone) == 1 and GONE in gone[0]["text"]
        assert [line for line in told if line not in gone] == lines("state")
    told = lines("part", "--from", "20", "--to", "60", "--all")
    gone = [line for line in told if line["what"] == "(gone)"]
    assert len(gone) > 3 and all(GONE in line["text"] for line in gone)
    known = {line["step"] for line in told}
    assert known < {line["step"] for line in lines("state", "--from", "20", "--to", "60", "--all")}


def test_a_whole_replay_is_refused_with_the_step_that_works(world: World) -> None:
    for args in ((), ("--verify",), ("--verify", "--as-backtest"), ("--from", str(CUT - 30))):
        said = world.refused("part", "replay", "--run", world.first, *args)
        assert GONE in said and said.endswith(f"from step {CUT + 1} on (--from {CUT + 1})")
    at = ("--run", world.first, "--from", str(CUT + 1))
    assert world.told("part", "replay", *at, "--verify")["equal"] is True
    told, was = (world.told(name, "replay", *at) for name in ("part", "state"))
    for row in (told, was):
        del row["journal"]
    assert told == was and told["first_step"] == CUT + 1


def test_a_run_of_which_nothing_is_left_names_the_run_that_works(world: World) -> None:
    said = world.refused("old", "replay", "--run", world.first)
    assert said.endswith(f"that goes from run {world.second} on (--run {world.second})")
    assert world.told("old", "replay", "--run", world.second, "--verify")["equal"] is True
    said = world.refused("all", "replay", "--run", world.first)
    assert said.endswith("nor in any later run")


@pytest.mark.parametrize("how", [("--what-if", "--slippage", "20"), ("--with-strategies",)])
def test_strategies_are_not_run_again_over_prices_that_are_gone(
    world: World, how: tuple[str, ...]
) -> None:
    said = world.refused("part", "replay", "--run", world.first, *how)
    assert GONE in said and said.endswith(f"run {world.second} has it all (--run {world.second})")
    assert "--from" not in said
    assert world.refused("all", "replay", *how).endswith("no later run has it all")


def test_times_find_the_steps_that_are_kept(world: World, part: RecordedRun) -> None:
    kept = [
        step for step in world.steps if step.event.ingest_time and is_kept(part, step.event.seq_id)
    ]
    early, late = kept[len(kept) // 8], kept[-20]
    assert early.event.seq_id < CUT < late.event.seq_id
    for step in (early, late):
        text = timestamp(step.event.ingest_time)
        begins = next(one for one in kept if one.event.ingest_time >= step.event.ingest_time)
        args = ("replay", "--run", world.first, "--steps", "--all", "--from", text, "--json")
        told = [json.loads(line) for line in world.run("part", *args).stdout.splitlines()]
        assert told[0]["step"] == begins.event.seq_id
        args = ("replay", "--run", world.first, "--steps", "--all", "--to", text, "--json")
        told = [json.loads(line) for line in world.run("part", *args).stdout.splitlines()]
        ends = next(one for one in kept if one.event.ingest_time > step.event.ingest_time)
        assert told[-1]["step"] < ends.event.seq_id
    told = world.told("part", "why-not", "btcusd-cross", "--to", timestamp(early.event.ingest_time))
    assert GONE in told["now"][0]


def test_why_not_up_to_such_a_step_tells_what_was_counted(world: World) -> None:
    told = world.told("part", "why-not", "btcusd-cross", "--to", str(CUT - 5))
    was = world.told("state", "why-not", "btcusd-cross", "--to", str(CUT - 5))
    assert (told["signals"], told["stops"]) == (was["signals"], was["stops"])
    assert GONE in told["now"][0]
    assert "is in none of these steps" in world.refused("part", "why-not", "zz", "--to", "100")


def test_the_event_log_passes_over_prices_and_says_so(world: World, part: RecordedRun) -> None:
    seen: list[int] = []
    after, pages = 0, 0
    while True:
        args = ("journal", "events", "--run", world.first, "--limit", "40", "--after", str(after))
        page = world.told("part", *args)
        pages += 1
        numbers = [one["sequence"] for one in page["events"]]
        lacks = numbers != list(range(after + 1, page["next_after_sequence"] + 1))
        assert bool(page["gone_to"]) is lacks
        seen += numbers
        after = page["next_after_sequence"]
        if not page["has_more"]:
            break
    assert seen == [n for n in range(1, world.last + 1) if is_kept(part, n)]
    assert pages > 3
    said = world.run("part", "journal", "events", "--limit", "40").stderr
    assert said.count(GONE) == 1
    for more in (("--family", "control"), ("--name", "OrderFilled"), ("--instance", "btcusd-grid")):
        assert GONE not in world.run("part", "journal", "events", *more).stderr


def test_lists_of_what_happened_are_as_they_were(world: World) -> None:
    for args in (("orders", "--all"), ("fills",), ("decisions",)):
        was = world.told("state", *args, "--limit", "1000")
        assert len(was) > 4
        for name in ("part", "all"):
            assert world.told(name, *args, "--limit", "1000") == was, (name, args)


async def test_time_travel_stays_where_it_was(world: World, part: RecordedRun) -> None:
    traveller = Traveller(part.source, RunId(world.first), SystemClock())
    door = TravelDoor(traveller)
    await door.go_to(str(CUT + 1))
    assert traveller.seq_id == CUT + 1
    for back in (door.previous_act, lambda: door.move(-2), lambda: door.go_to("100")):
        before = traveller.state, traveller.changed()
        said = await back()
        assert (
            said == f"prices before step {CUT + 1} are gone (journal.max_size); go to :at {CUT + 1}"
        )
        assert (traveller.state, traveller.changed()) == before
    early = fills_before(world, CUT)[0]
    assert "are gone" in await door.go_to(early.trade_id)
    assert "are gone" in await door.go_to(timestamp(early.event_time))
    assert traveller.seq_id == CUT + 1
    await door.move(-1)
    assert traveller.seq_id == CUT
    assert "are gone" in await door.move(-1)
    await door.next_act()
    await door.go_to("2020-09-13T13:40")
    with JournalReader(world.state("state")) as reader:
        whole = Traveller(reader, RunId(world.first), SystemClock())
        await TravelDoor(whole).go_to("2020-09-13T13:40")
        assert whole.seq_id == traveller.seq_id > CUT
        assert whole.state.orders == traveller.state.orders
        assert whole.state.positions == traveller.state.positions
    await door.go_to("3")
    assert traveller.seq_id == 3
    assert "are gone" in await door.next_act()
    assert traveller.seq_id == 3
    await door.go_to(str(CUT + 5))
    assert traveller.seq_id == CUT + 5


async def test_time_travel_does_not_begin_elsewhere_than_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(travel, "check_terminal", lambda *_: None)
    state = world.state("part")
    for at in ("100", "2020-09-13T12:50"):
        with pytest.raises(UserError, match=rf"on \(--at {CUT + 1}\)$"):
            await open_travel(
                RunOptions(Place(state=state)), JournalPart(state, world.first, first=at)
            )
    with pytest.raises(UserError, match="'soon' is no step and no time"):
        await open_travel(RunOptions(Place(state=state)), JournalPart(state, first="soon"))


async def test_what_a_strategy_drew_is_a_sentence_there(world: World, part: RecordedRun) -> None:
    drawing = Drawing(part, profile_at(Place(state=world.state("part"))))
    instance = next(iter(state_at(part, world.last).kernel.state.instances))
    view = await drawing.draw(instance, CUT + 3)
    assert view.error == "it cannot be run again: its first prices are gone (journal.max_size)"


def test_recovering_from_such_a_step_names_the_one_that_works(world: World) -> None:
    at = ("--replay", str(world.state("part") / "journal.db"), "--start-step")
    said = world.refused("part", "engine", "recover", *at, "100")
    assert GONE in said and said.endswith(f"(--start-step {CUT + 1})")
    assert world.told("part", "engine", "recover", *at, str(CUT + 1))["deterministic"] is True
