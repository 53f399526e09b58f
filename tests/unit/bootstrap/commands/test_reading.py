"""The commands that read: from the journal alone, whether an engine runs or not.

Also the tests of ``runtime/views.py``.
"""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.demo_runs import write_minutes

from tradetui.backtest.recorded import recorded_run
from tradetui.bootstrap.commands import instances, previews, reading
from tradetui.bootstrap.commands.recovering import Question, recover
from tradetui.bootstrap.commands.status import NOT_RUN, status
from tradetui.bootstrap.recorded.journal_part import opened
from tradetui.bootstrap.recorded.newest_run import newest
from tradetui.bootstrap.run import engine as started
from tradetui.bootstrap.run.headless import run_headless
from tradetui.cli.wiring import Place, Row, RunOptions
from tradetui.domain.enums import CallbackOutcome, InstanceMode, Source
from tradetui.domain.ids import ExecutionId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.steps import CallbackResult
from tradetui.runtime.views import decision_views
from tradetui.services.decision_words import after_text
from tradetui.services.errors import RuntimeProblemError


@pytest.fixture
def empty(tmp_path: Path) -> Place:
    return Place(state=tmp_path / "state")


def test_a_folder_that_cannot_be_written_is_read_all_the_same(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = status(place), asyncio.run(instances.list_instances(place))
    name = usual[1][0]["id"]
    shown = asyncio.run(instances.show_instance(place, name))
    assert place.state is not None
    state = place.state / "state.db"
    before = state.read_bytes()
    # Root may write anywhere: let the system's answer be that for anybody else.
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    assert (status(place), asyncio.run(instances.list_instances(place))) == usual
    assert asyncio.run(instances.show_instance(place, name)) == shown
    assert reading.orders(place, instance=None, closed=True, limit=3)
    assert asyncio.run(previews.preview_config(place, name, ()))["changes"] == ["nothing changes"]
    with pytest.raises(RuntimeProblemError, match=r"cannot be written \(mode 0700\)"):
        asyncio.run(instances.set_mode(place, name, "off", confirmed=True))
    assert state.read_bytes() == before


def test_what_is_held_and_done_agrees(place: Place) -> None:
    fills = reading.fills(place, instance=None, limit=10_000)
    assert fills
    assert [one["step"] for one in fills] == sorted(one["step"] for one in fills)
    last: dict[str, dict[str, str]] = {}
    totals: dict[str, int] = {}
    for fill in fills:
        sign = 1 if fill["side"] == "BUY" else -1
        last[fill["instance"]] = fill
        whole = round(float(fill["quantity"]) * 1e8)
        totals[fill["instance"]] = totals.get(fill["instance"], 0) + sign * whole
    held = {one["instance"]: one for one in reading.positions(place)}
    for name, total in totals.items():
        shown = held.get(name)
        quantity = 0 if shown is None else round(float(shown["quantity"]) * 1e8)
        assert abs(total) == quantity, name


def test_limits_and_filters(place: Place) -> None:
    some = reading.fills(place, instance=None, limit=3)
    assert some == reading.fills(place, instance=None, limit=10_000)[-3:]
    name = some[-1]["instance"]
    mine = reading.fills(place, instance=name, limit=10_000)
    assert {one["instance"] for one in mine} == {name}
    rejected = reading.decisions(place, instance=None, limit=5, outcome="reject")
    assert {one["result"] for one in rejected} <= {"reject", "would"}
    assert len(reading.decisions(place, instance=None, limit=5, outcome=None)) == 5
    opened = reading.orders(place, instance=None, closed=False, limit=5)
    every = reading.orders(place, instance=None, closed=True, limit=10_000)
    assert len(every) > len(opened) and every[-len(opened) :] == opened
    ended = every[: -len(opened)]
    newest = reading.orders(place, instance=None, closed=True, limit=2)
    assert newest == [*ended[-2:], *opened]
    owner = ended[0]["instance"]
    mine = reading.orders(place, instance=owner, closed=True, limit=10_000)
    assert mine == [one for one in every if one["instance"] == owner]
    lines = reading.log(place, instance=None, limit=3)
    assert len(lines) == 3
    whose = reading.log(place, instance=owner, limit=1)[0]
    shown = next(one for one in asyncio.run(instances.list_instances(place)) if one["id"] == owner)
    assert {key: whose[key] for key in ("strategy", "account", "market")} == {
        key: shown[key] for key in ("strategy", "account", "market")
    }


def test_what_a_cut_order_became_is_in_sizes_of_its_market(place: Place) -> None:
    cut = reading.decisions(place, instance=None, limit=500, outcome="modify")
    sizes = [row["after"] for row in cut if " -> " in (row["after"] or "")]
    assert sizes
    assert all(re.search(r"\d -> -?\d", text) for text in sizes), sizes


def test_the_figures_of_a_limit_in_a_decision_are_money(place: Place) -> None:
    with opened(place, None) as reader:
        run = recorded_run(reader)
        step = next(one for one in run.eventful_backwards() if one.decisions)
        state = newest(reader).state
    note = "loss_per_day 106.13943058, limit 100"
    told = replace(step, decisions=(replace(step.decisions[0], note=note),))
    view = decision_views(state, told)[0]
    assert view.note == "lost in a day 106.14 USD, max_loss_per_day 100.00"
    assert "106.14 USD" in after_text(view, None)


HOLDER = """
from tradetui.strategy import Strategy, bars

class Holder(Strategy):
    DATA = {"minute": bars("1m")}

    def on_bar(self, bar):
        if not self.position and not self.context.get_orders():
            self.enter("long", risk=0.2, stop=bar.close * 0.8)
"""


def run_on(place: Place, bars: Path) -> Row:
    """Let an engine run over bars, from where the one before it ended; return its summary."""
    options = RunOptions(place, demo=True, replay=(bars,), until_end=True)
    return asyncio.run(run_headless(options, lambda _: None))


def row_of(place: Place, name: str) -> Row:
    return next(one for one in status(place)["instances"] if one["id"] == name)


def set_mode(place: Place, mode: str) -> None:
    asyncio.run(instances.set_mode(place, "holder", mode, confirmed=True))


def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: InstanceMode) -> Path:
    """Let the next run in a fresh folder have an instance of HOLDER alone; return its file."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    file = tmp_path / "config" / "tradetui" / "strategies" / "holder.py"
    file.parent.mkdir(parents=True)
    file.write_text(HOLDER)
    holder = InstanceRecord(
        StrategyId("holder"), "holder", ExecutionId("paper/main"), "BTC/USDT", mode, "{}"
    )
    monkeypatch.setattr(started, "wanted_records", lambda *_: (holder,))
    return file


@pytest.mark.parametrize(
    ("mode", "state", "counts"),
    [(InstanceMode.ACTIVE, "open", (1, 0)), (InstanceMode.OBSERVE, "would open", (0, 1))],
)
def test_would_be_orders_are_told_from_open_ones_and_counted_alike(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mode: InstanceMode,
    state: str,
    counts: tuple[int, int],
) -> None:
    written(tmp_path, monkeypatch, mode)
    place = Place(state=tmp_path / "state")
    run_on(place, write_minutes(tmp_path, 19, market="BTC_USDT"))
    rows = reading.orders(place, instance=None, closed=False, limit=5)
    assert [one["state"] for one in rows] == [state]
    brought = recover(place, Question())
    for found in (status(place), brought):
        assert (found["orders_open"], found["orders_would_open"]) == counts
    assert (brought["positions"], brought["positions_would_be"]) == counts
    assert brought["positions"] == len(reading.positions(place))


def test_what_is_not_loaded_shows_what_it_holds_and_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path, monkeypatch, InstanceMode.ACTIVE)
    bars = write_minutes(tmp_path, 19, market="BTC_USDT")
    place = Place(state=tmp_path / "state")
    (summed,) = run_on(place, bars)["instances"]
    held = row_of(place, "holder")
    assert (held["state"], held["orders"], held["guard"]) == ("ACTIVE", 1, "venue")
    assert (summed["state"], summed["position"]) == ("ACTIVE", held["position"])
    set_mode(place, "off")
    run_on(place, bars)
    off = row_of(place, "holder")
    same = ("position", "orders", "guard", "open_pnl")
    assert off["state"] == "off"
    assert [off[key] for key in same] == [held[key] for key in same]
    assert [one["guard"] for one in reading.positions(place)] == ["venue"]
    with sqlite3.connect(place.state / "state.db") as database:  # type: ignore[operator]
        kept = database.execute("SELECT * FROM instances").fetchall()
        database.execute("DELETE FROM instances")
    bare = row_of(place, "holder")
    assert (bare["state"], bare["strategy"]) == ("off", "?")
    assert bare["why"].startswith("no record has its id: make one under the same id")
    assert [bare[key] for key in same] == [held[key] for key in same]
    assert run_on(place, bars)["still_open"][0].startswith("holder: LONG ")
    assert [bare[key] for key in same] == [row_of(place, "holder")[key] for key in same]
    with sqlite3.connect(place.state / "state.db") as database:  # type: ignore[operator]
        marks = ", ".join("?" * len(kept[0]))
        database.executemany(f"INSERT INTO instances VALUES ({marks})", kept)
    assert row_of(place, "holder")["why"] is None
    file.write_text("def (\n")
    set_mode(place, "observe")
    summary = run_on(place, bars)
    assert summary["instances"][0]["error"] == "holder.py line 1: invalid syntax"
    assert summary["still_open"][0].startswith("holder: LONG ")
    failed = row_of(place, "holder")
    assert failed["state"] == "ERROR"
    assert failed["why"] == "holder.py line 1: invalid syntax"
    assert [failed[key] for key in same] == [held[key] for key in same]
    last = reading.log(place, instance="holder", limit=9)[-1]
    assert last["level"] == "error"
    assert "invalid syntax" in last["text"]


def test_a_folder_in_which_nothing_has_run(empty: Place) -> None:
    assert status(empty)["note"] == NOT_RUN
    assert reading.positions(empty) == []
    assert reading.orders(empty, instance=None, closed=True, limit=5) == []
    assert reading.fills(empty, instance=None, limit=1) == []
    assert reading.decisions(empty, instance=None, limit=1, outcome=None) == []
    assert reading.log(empty, instance=None, limit=1) == []


def test_an_error_in_the_log_names_its_hook_once() -> None:
    callbacks = [
        CallbackResult(StrategyId("a"), "on_bar", CallbackOutcome.ERROR, "on_bar: ValueError: no"),
        CallbackResult(StrategyId("a"), "on_tick", CallbackOutcome.OK, "201 intents"),
    ]
    step: Any = SimpleNamespace(
        event=SimpleNamespace(event_time=0, seq_id=7, source=Source.MARKET_DATA),
        result=SimpleNamespace(callbacks=callbacks, diagnostics=()),
    )
    nobody: Any = None
    texts = [row["text"] for row in reading._log_rows(nobody, step)]
    assert texts == ["on_bar: ValueError: no", "on_tick: 201 intents"]


def test_fills_and_decisions_have_their_moment_to_the_millisecond(place: Place) -> None:
    fills = reading.fills(place, instance=None, limit=5)
    decisions = reading.decisions(place, instance=None, limit=500, outcome=None)
    assert fills and decisions
    for row in (*fills, *decisions):
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", row["time"])


def test_what_does_not_apply_to_a_decision_is_no_text(place: Place) -> None:
    rows = reading.decisions(place, instance=None, limit=500, outcome="allow")
    assert {row["value"] for row in rows} == {None}
    assert "-" not in {row["limit"] for row in rows}
