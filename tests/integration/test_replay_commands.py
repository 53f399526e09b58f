"""replay, why, why-not and since on the journal of a real run, from the command line.

Also the tests of ``bootstrap/commands/replay.py``, ``cli/replay.py``, ``cli/why.py``.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.support.sqlite_files import change

from tradetui.bootstrap.wiring import Application
from tradetui.cli.main import cli

MINUTES = 240


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with one finished run over four hours of made-up bars."""
    folder = tmp_path_factory.mktemp("replay")
    rows = ["ts_ms,open,high,low,close,volume"]
    price = 13_000
    for n in range(MINUTES):
        close = price + (n * 7919) % 81 - 40 + (30 if n // 40 % 2 else -30)
        high, low = max(price, close) + 5, min(price, close) - 5
        rows.append(f"{1_514_764_800_000 + n * 60_000},{price},{high},{low},{close},12.50000001")
        price = close
    bars = folder / "made.csv"
    bars.write_text("\n".join(rows) + "\n")
    args = ("demo", "--replay", str(bars), "--headless", "--until-end", "--json")
    result = run(folder / "state", *args)
    assert result.exit_code == 0, result.stderr
    return folder / "state"


def run(state: Path, *args: str) -> Result:
    return CliRunner().invoke(cli, [*args, "--state", str(state)], obj=Application())


def test_the_summary_is_what_the_run_came_to(state: Path) -> None:
    row = json.loads(run(state, "replay", "--json").stdout)
    assert row["steps"] == row["last_step"] > MINUTES
    assert [one["instance"] for one in row["instances"]] == [
        "made-bands",
        "made-cross",
        "made-gallery",
        "made-grid",
    ]
    assert row["runs"][0]["ended"] == "clean"


def test_it_verifies_with_and_without_strategies(state: Path) -> None:
    for option in ("--verify", "--with-strategies"):
        result = run(state, "replay", option, "--json")
        row = json.loads(result.stdout)
        assert result.exit_code == 0
        assert row["equal"] is True
        assert row["chain"] == "sound"
        assert row["differences"] == 0
        assert row["steps"] > MINUTES


def test_a_paper_run_comes_out_the_same_as_a_backtest(state: Path) -> None:
    whole = json.loads(run(state, "replay", "--verify", "--json").stdout)
    result = run(state, "replay", "--verify", "--as-backtest", "--json")
    row = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (whole["run_mode"], row["run_mode"]) == ("paper", "backtest")
    assert (row["equal"], row["differences"], row["steps"]) == (True, 0, whole["steps"])


def test_a_part_is_verified_from_the_checkpoint_before_it(state: Path) -> None:
    whole = json.loads(run(state, "replay", "--verify", "--json").stdout)
    last = str(whole["steps"])
    row = json.loads(run(state, "replay", "--verify", "--from", last, "--json").stdout)
    assert (row["equal"], row["differences"]) == (True, 0)
    assert 0 <= row["steps"] <= whole["steps"]


def test_what_if_without_a_change_is_the_same_and_with_one_is_told(state: Path) -> None:
    same = json.loads(run(state, "replay", "--what-if", "--json").stdout)
    assert same["same"] is True
    assert same["changes"] == ["none"]
    changed = run(
        state,
        *("replay", "--what-if", "--fees", "taker=0.01,maker=0", "--slippage", "5"),
        *("--profile", "max_order_notional=300", "--profile", "budget=2000"),
        *("--set", "made-cross.fast=4", "--json"),
    )
    row = json.loads(changed.stdout)
    assert row["same"] is False
    assert len(row["changes"]) == 6
    differing = [one for one in row["instances"] if one["run"] == "difference"]
    assert differing
    assert row["first_difference"][0]["step"] > 0


def test_steps_are_told_between_two_places(state: Path) -> None:
    span = ("--from", "2018-01-01T00:20", "--to", "2018-01-01T00:30")
    result = run(state, "replay", "--steps", *span, "--json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert lines
    assert all("2018-01-01 00:20" <= line["time"] <= "2018-01-01 00:30:00" for line in lines)
    plain = run(state, "replay", "--from", "390", "--to", "400", "--all")
    assert plain.stdout.splitlines()[0].lstrip().startswith("390")
    paced = run(state, "replay", "--from", "390", "--to", "395", "--speed", "1000000")
    assert paced.exit_code == 0


def test_an_order_is_explained_from_its_event_to_its_end(state: Path) -> None:
    fills = [
        json.loads(line)
        for line in run(state, "replay", "--steps", "--json").stdout.splitlines()
        if '"OrderFilled"' in line
    ]
    order = fills[0]["text"].split()[0]
    why = json.loads(run(state, "why", order, "--json").stdout)
    kinds = [link["kind"] for link in why["links"]]
    assert kinds[:2] == ["event", "seen"]
    assert {"signal", "intent", "decision", "order", "fill"} <= set(kinds)
    text = run(state, "why", order).stdout
    assert "available balance" in text
    assert run(state, "why", str(fills[0]["step"])).stdout.splitlines()[0] == why["title"]


def test_why_not_and_since_tell(state: Path) -> None:
    report = json.loads(run(state, "why-not", "made-cross", "--json").stdout)
    assert report["signals"][0]["weighed"] > 0
    assert "signal" in run(state, "why-not", "made-cross", "--to", "500").stdout
    since = json.loads(run(state, "since", "2018-01-01", "--json").stdout)
    split = since["split"]
    parts = ("move", "fees", "funding", "slippage", "transfers", "rates")
    assert Decimal(split["change"]) == sum(Decimal(split[part]) for part in parts)
    assert split["rates"] == "0" and split["rates_currency"] == since["equity_currency"] == "USD"
    listed = json.loads(run(state, "fills", "--json").stdout)
    assert since["fills"] == listed[-len(since["fills"]) :] and since["fills"]
    text = run(state, "since").stdout
    assert "nobody has done anything since" in text
    assert "change of equity" in text


def test_a_changed_record_is_found_and_ends_with_code_one(state: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(state, copy)
    with sqlite3.connect(copy / "journal.db") as connection:
        (body,) = connection.execute("SELECT body FROM steps WHERE row = 300").fetchone()
        altered = body.replace(b"\xcf", b"\xd3", 1)
        assert altered != body
        connection.execute("UPDATE steps SET body = ? WHERE row = 300", (altered,))
    result = run(copy, "replay", "--verify", "--json")
    assert result.exit_code == 1
    row = json.loads(result.stdout)
    assert row["equal"] is False
    assert "row 300" in row["chain"]


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("replay", "nothing-there"), 2, "there is no such file or folder"),
        (("replay", "--run", "zz"), 2, "there is no run zz"),
        (("replay", "--from", "yesterday"), 2, "is no step and no time"),
        (("replay", "--from", "500", "--to", "400"), 2, "there is nothing between"),
        (("replay", "--from", "99999999"), 2, "there is no step"),
        (("replay", "--fees", "maker=1"), 2, "go with --what-if"),
        (("replay", "--what-if", "--verify"), 2, "--what-if stands alone"),
        (("replay", "--with-strategies", "--from", "3"), 2, "begin where their run began"),
        (("replay", "--what-if", "--from", "3"), 2, "begin where their run began"),
        (("replay", "--as-backtest"), 2, "--as-backtest goes with --verify alone"),
        (("replay", "--force"), 2, "--force goes with"),
        (("replay", "--what-if", "--fees", "fee=1"), 2, "maker=0.0002,taker=0.0005"),
        (("replay", "--what-if", "--fees", "maker=x"), 2, "--fees maker"),
        (("replay", "--what-if", "--slippage", "-3"), 2, "--slippage"),
        (("replay", "--what-if", "--profile", "none"), 2, "there is no risk profile 'none'"),
        (("replay", "--what-if", "--profile", "luck=3"), 2, "'luck' is no limit"),
        (("replay", "--what-if", "--profile", "x.max_orders=3"), 2, "has no profile 'x'"),
        (("replay", "--what-if", "--profile", "max_orders=-3"), 2, "max_orders"),
        (("replay", "--what-if", "--profile", "max_orders_per_hour=0"), 2, "no count above 0"),
        (("replay", "--what-if", "--set", "z=3"), 2, "write it as ID.key=value"),
        (("replay", "--what-if", "--set", "zz.fast=3"), 2, "the run has no instance zz"),
        (("why", "nothing"), 2, "has no order and no trade 'nothing'"),
        (("why-not", "nobody"), 2, "there is no instance nobody"),
        (("since", "--run", "zz"), 2, "there is no run zz"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    state: Path, args: tuple[str, ...], code: int, said: str
) -> None:
    result = run(state, *args)
    assert result.exit_code == code
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("text.db", "does not begin like an SQLite file"),
        ("zero.db", "is empty (0 bytes); a whole one never is"),
        ("state.db", "is an SQLite file, but not a tradetui journal database"),
        ("folder", "/journal.db: there is no journal"),
        ("gone", "there is no such file or folder"),
    ],
)
@pytest.mark.parametrize(
    "words",
    [("replay",), ("replay", "--verify"), ("why", "7", "--journal"), ("since", "7", "--journal")],
    ids=" ".join,
)
def test_a_file_that_is_no_journal_is_a_wrong_file(
    tmp_path: Path, words: tuple[str, ...], name: str, said: str
) -> None:
    (tmp_path / "text.db").write_text("not a database")
    (tmp_path / "zero.db").touch()
    (tmp_path / "folder").mkdir()
    change(tmp_path / "state.db", "CREATE TABLE a (x INTEGER)")
    result = run(tmp_path / "none", *words, str(tmp_path / name))
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith(f"tradetui: {tmp_path / name}")
    assert re.search(
        "name a (state folder or a journal file|journal or state folder)", result.stderr
    )


def test_the_own_journal_that_is_none_any_more_is_no_fault_of_the_words(tmp_path: Path) -> None:
    assert run(tmp_path / "empty", "replay").exit_code == 2
    (tmp_path / "empty").mkdir(mode=0o700)
    (tmp_path / "empty" / "journal.db").write_text("not a database")
    result = run(tmp_path / "empty", "replay")
    assert result.exit_code == 1
    assert "does not begin like an SQLite file" in result.stderr
