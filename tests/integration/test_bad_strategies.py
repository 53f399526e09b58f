"""Bad strategies beside a healthy one, which goes on trading as if it were alone.

Lines 15 to 26 of the bad inputs (tests/support/numbered.py). Many bad instances share one run: what
each comes to is one sentence, the healthy one's fills are those of a run of its own, the journal is
sound, and what happened can be made again from it.
"""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.bad_strategies import GOOD, HEAD, HOOKS, RAISES, instance, prepare
from tests.support.children import CPU_SECONDS
from tests.support.numbered import proves
from tests.support.outside import Done, Nursery

Fills = list[tuple[str, ...]]


def run(nursery: Nursery, home: Path, *instances: str) -> tuple[Done, Fills]:
    """Run a healthy instance beside others until the data end; return what was said, and its
    fills.
    """
    place = prepare(home, GOOD, *instances)
    done = nursery.run(home, "demo", "--headless", "--until-end", "--json", *place, seconds=90)
    done.succeeded()
    assert json.loads(done.out)["trades"] > 10
    listed = nursery.run(home, "fills", "--instance", "good", "--json", *place).succeeded()
    fills = [
        (row["time"], row["side"], row["quantity"], row["price"]) for row in json.loads(listed)
    ]
    nursery.run(home, "replay", "--verify", *place).succeeded()
    return done, fills


@pytest.fixture(scope="module")
def alone(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Fills:
    """The fills of the healthy instance when it runs by itself."""
    done, fills = run(nursery, tmp_path_factory.mktemp("alone"))
    assert len(fills) > 10
    assert "ERROR, not run since" not in done.err
    return fills


Beside = Callable[..., Done]


@pytest.fixture
def beside(nursery: Nursery, tmp_path: Path, alone: Fills) -> Beside:
    """Run bad instances beside the healthy one, which must not notice."""

    def check(*instances: str) -> Done:
        done, fills = run(nursery, tmp_path, *instances)
        assert fills == alone
        return done

    return check


@proves(15, 16, 17, 18)
def test_files_that_cannot_be_loaded_are_named_one_by_one(beside: Beside) -> None:
    said = {
        "syntax": "syntax.py line 1: invalid syntax",
        "imports": "line 1: ModuleNotFoundError: No module named 'no_such_module'",
        "exits": "importing the file, line 4: sys.exit() was called",
        "ends": "the file ended the whole process (os._exit, exit code 0)",
        "two": "has 2 strategies (A, B): keep one per file",
        "schema": "CONFIG_SCHEMA['z']: type must be one of",
        "hogs": "asks for more memory than a strategy may have",
        "endless": f"importing the file: did not end within {CPU_SECONDS} s of processor time "
        "(an endless loop?)",
        "nosuch": "no strategy nosuch: looked for nosuch.py in",
    }
    done = beside(*(instance(f"i-{name}", name) for name in said))
    for name, sentence in said.items():
        assert re.search(rf"i-{name} ERROR, not run since: .*{re.escape(sentence)}", done.err), name


@proves(19)
def test_a_strategy_that_raises_in_any_hook_harms_itself_only(beside: Beside) -> None:
    done = beside(
        *(instance(f"r-{hook.replace('_', '-')}", "raises", where=hook) for hook in HOOKS)
    )
    for hook in ("init", "setup", "on_order", "on_event"):
        assert f"r-{hook.replace('_', '-')} ERROR, not run since: " in done.err
    lines = [line for line in done.err.splitlines() if "boom" in line]
    assert lines and all("boom ?]52;c;QQ==?[red]?? xxx" in line for line in lines)


@proves(20)
def test_wrong_numbers_and_wrong_returns_are_refused(beside: Beside) -> None:
    said = {
        "none": "",
        "number": "on_event must return a list of intents, got int",
        "text": "on_event must return a list of intents, got str",
        "list": "on_event must return intents, got int 1",
        "dict": "",
        "class": "on_event must return a list of intents, got type",
        "generator": "on_event must return a list of intents, got generator",
        "float": "on_event returned a malformed PlaceOrder: Expected `int`, got `float`",
        "huge": "on_event returned a malformed PlaceOrder",
        "nan": "on_event returned a malformed PlaceOrder: Expected `int | null`, got `float`",
        "text-id": "on_event returned a malformed PlaceOrder",
        "market": "",
        "twice": "it answers each answer to its orders with more orders, without end",
    }
    bad = [instance(f"x-{name}", "returns", what=name.replace("-", " ")) for name in said]
    done = beside(*bad, instance("numbers", "numbers"))
    for name, sentence in said.items():
        if sentence:
            assert re.search(
                rf"x-{name} ERROR, not run since: .*{re.escape(sentence)}", done.err
            ), name
    assert "numbers stopped" not in done.err


@proves(18, 21, 25)
def test_one_that_never_returns_is_interrupted_and_one_that_spams_is_bounded(
    beside: Beside, nursery: Nursery, tmp_path: Path
) -> None:
    done = beside(*(instance(name, name) for name in ("spins", "blocks", "spams")))
    for name in ("spins", "blocks"):
        assert f"{name} ERROR, not run since: flat; on_bar: ran longer than 0.2 s" in done.err
    place = ("--config", tmp_path / "config.toml", "--state", tmp_path / "folder")
    log = nursery.run(tmp_path, "log", "--limit", "2000", *place).succeeded()
    refused = "spams asked for 9800 intents beyond the 200 that one callback may ask for now"
    too_slow = "on_bar: ran longer than 0.2 s"  # before it had asked for all of them
    said = [line for line in log.splitlines() if "spams" in line]
    is_interrupted = f"spams     {too_slow}" in log or (
        f"spams ERROR, not run since: flat; {too_slow}" in done.err
    )
    assert refused in log or is_interrupted, "\n".join(said[-20:])


@proves(24, 26)
def test_prints_are_harmless_and_nothing_that_is_given_can_be_changed(beside: Beside) -> None:
    done = beside(instance("prints", "prints"), instance("changes", "changes"))
    assert "?]52;c;QQ==??[2Jxxx" in done.err
    assert "more was printed and is dropped" in done.err
    assert len(done.err) < 20_000
    assert "changes stopped" not in done.err


@proves(22, 24)
def test_names_that_traverse_or_shadow_lead_nowhere(nursery: Nursery, tmp_path: Path) -> None:
    folder = tmp_path / "config" / "tradetui" / "strategies"
    folder.mkdir(parents=True)
    for name in ("json", "ccxt", "tradetui", "os", "con"):
        (folder / f"{name}.py").write_text(HEAD + "class A(Strategy):\n    pass\n")
    (tmp_path / "outside.py").write_text(HEAD + "class A(Strategy):\n    pass\n")
    (folder / "link.py").symlink_to(tmp_path / "outside.py")
    for name in ("\x1b]52;c;QQ==\x07", "a\nb", "\u202ex", "[red]", "=cmd()", "n" * 200, "\u043es"):
        (folder / f"{name}.py").write_text(RAISES)
    (folder / "caf\udce9.py").write_text(RAISES)
    (folder / "folder.py").mkdir()
    (folder / "sparse.py").touch()
    with (folder / "sparse.py").open("r+b") as file:
        file.truncate(200_000_000)
    listed = nursery.run(tmp_path, "strategies", "list").succeeded()
    assert "link.py is a link that leads out of" in listed
    assert "sparse.py is larger than 1000000 bytes" in listed
    assert "not [red].py" in listed
    checked = nursery.run(tmp_path, "strategies", "check", "json", "con", "link", "ma_cross")
    checked.is_clean()
    assert checked.code == 2
    assert len(re.findall(r" ok ", checked.out)) == 3
    where = ("--account", "paper/main", "--market", "BTC/USDT")
    for name in ("../outside", "/etc/passwd", "link", "\x1b[2J", "\u043es", "", "sparse"):
        done = nursery.run(tmp_path, "instances", "create", "one", "--strategy", name, *where)
        done.refused(2)
    for name in ("../one", "A", "\x1b[2J", "\u0435one", "x" * 25, "", "[red]", "-x", "a\nb"):
        done = nursery.run(
            tmp_path, "instances", "create", "--strategy", "json", *where, "--", name
        )
        done.refused(2, "is not an id")
    assert nursery.run(tmp_path, "instances", "list").succeeded() == ""


@proves(23)
def test_a_file_that_changes_while_it_runs_is_told_and_loaded_only_when_asked(
    nursery: Nursery, tmp_path: Path
) -> None:
    words = ("--account", "paper/main", "--market", "BTC/USDT")
    folder = tmp_path / "config" / "tradetui" / "strategies"
    folder.mkdir(parents=True)
    file = folder / "mine.py"
    good = HEAD + "class A(Strategy):\n    pass\n"
    file.write_text(good)
    for name, kind in (("mine", "mine"), ("other", "market_maker")):
        nursery.run(tmp_path, "instances", "create", name, "--strategy", kind, *words).succeeded()
        nursery.run(tmp_path, "instances", "mode", name, "observe").succeeded()
    engine = nursery.begin(tmp_path, "run", "--headless")
    try:
        await_state(nursery, tmp_path, "observe")
        file.write_text("def (:\n")
        done = nursery.run(tmp_path, "instances", "reload", "mine")
        assert done.code == 3, done
        assert "mine is not loaded anew and runs on as it was: mine.py line 1: inv" in done.err
        assert {row["state"] for row in states(nursery, tmp_path)} == {"observe"}
        file.write_text(good + "    LABEL = 'new'\n")
        nursery.run(tmp_path, "instances", "reload", "mine").succeeded()
        await_state(nursery, tmp_path, "observe")
    finally:
        code = engine.end(signal.SIGTERM)
    assert code == 0, engine.err
    assert "ERROR, not run since" not in engine.err
    nursery.run(tmp_path, "journal", "verify").succeeded()


def states(nursery: Nursery, home: Path) -> list[dict[str, str]]:
    done = nursery.run(home, "status", "--json")
    found: list[dict[str, str]] = json.loads(done.succeeded())["instances"]
    return found


def await_state(nursery: Nursery, home: Path, state: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        done = nursery.run(home, "status", "--json")
        rows = json.loads(done.out)["instances"] if done.code == 0 else []
        if rows and all(row.get("state") == state for row in rows):
            return
        time.sleep(0.1)
    raise AssertionError(done)
