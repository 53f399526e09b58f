"""Bad configs by every door: `config validate`, `run --headless`, the console.

Lines 1 to 14 of the bad inputs (tests/support/numbered.py). Each is one sentence with the file, the
key and the line, exit code 2, and nothing made.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.numbered import proves
from tests.support.outside import CREATE, Done, Nursery, Shown

GOOD = """\
[profile]
run_mode = "paper"
reporting_currency = "USDT"
[[accounts]]
id = "paper/main"
[[routes]]
id = "paper-main"
account = "paper/main"
venue = "SIM"
opening_cash = { USDT = 1000 }
[limits.default]
budget = 500
[[feeds]]
kind = "synthetic"
markets = ["BTC/USDT"]
"""
SECRET = "5up3r5ecret"


def after(more: str) -> bytes:
    """Return a good config with more behind it: the first added line is line 16."""
    return (GOOD + more).encode()


def limit(value: str) -> bytes:
    return after(f'[risk.base]\nmax_exposure = {value}\n[[bindings]]\nprofile = "base"\n')


def instead(old: str, new: str) -> bytes:
    assert old in GOOD
    return GOOD.replace(old, new).encode()


CASES: dict[str, tuple[bytes, str]] = {
    "1 empty": (b"", "config.toml: is empty"),
    "1 blanks only": (b" \n\t\n# x\n", "config.toml: is empty"),
    "2 not UTF-8": (
        after("# \xff\n").replace(b"\xc3\xbf", b"\xff"),
        "config.toml, line 16: is not UTF-8",
    ),
    "2 byte order mark": (b"\xef\xbb\xbf" + GOOD.encode(), "config.toml: begins with a byte order"),
    "2 UTF-16": (GOOD.encode("utf-16"), "config.toml, line 1: is not UTF-8"),
    "3 a key twice": (after('kind = "synthetic"\n'), "Cannot overwrite a value (at line 16"),
    "3 a table twice": (after("[profile]\n"), "(at line 16"),
    "4 an unknown key": (
        after("[risk.base]\nmax_notinal = 1\n"),
        "line 17: risk.base.max_notinal: unknown key; did you mean max_order_notional?",
    ),
    "4 an unknown table": (after("[engin]\n"), "line 16: engin: unknown key; did you mean engine?"),
    "5 not a number": (limit("nan"), "line 17: risk.base.max_exposure: must be a finite number"),
    "5 infinite": (limit("-inf"), "line 17: risk.base.max_exposure: must be a finite number"),
    "5 too big": (limit("1e999"), "line 17: risk.base.max_exposure: must be a limit above 0: "),
    "5 far too big": (limit("1e99999999999999999999"), "config.toml: is not valid TOML"),
    "5 negative": (limit("-1"), "risk.base.max_exposure: must be a limit above 0, got -1"),
    "5 zero": (limit("0"), "risk.base.max_exposure: must be a limit above 0, got 0"),
    "5 many digits": (limit("9" * 5_000), "config.toml: is not valid TOML: Exceeds the limit"),
    "6 a text for a number": (
        after('[engine]\nseed = "1"\n'),
        "line 17: engine.seed: must be a whole",
    ),
    "6 true for a number": (
        after("[engine]\nseed = true\n"),
        "line 17: engine.seed: must be a whole",
    ),
    "6 a number for true": (after("[ui]\nascii = 1\n"), "line 17: ui.ascii: must be true or false"),
    "7 a secret": (
        after(f'[ui]\napi_secret = "{SECRET}"\n'),
        "line 17: ui.api_secret: looks like a sec",
    ),
    "7 a private key": (
        after(f'[ui]\ntheme = "-----BEGIN PRIVATE KEY-----{SECRET}"\n'),
        "line 17: ui.theme: looks like a secret",
    ),
    "10 active where money is real": (
        instead('"paper"\nrep', '"sandbox"\nrep')
        + b'[[instances]]\nid = "a"\nstrategy = "ma_cross"\naccount = "paper/main"\n'
        b'market = "BTC/USDT"\nmode = "active"\n',
        "instances[1].mode: a config cannot start an instance active in sandbox",
    ),
    "11 an unknown account": (
        instead('account = "p', 'account = "q'),
        "line 8: routes[1].account: there is no account qaper/main; did you mean paper/main?",
    ),
    "11 an unknown venue": (
        instead('venue = "SIM"', 'venue = "BINANCE"'),
        "line 9: routes[1].venue: there is no feed for venue BINANCE; known are SIM",
    ),
    "11 an unknown market": (
        after(
            '[[instances]]\nid = "a"\nstrategy = "ma_cross"\naccount = "paper/main"\n'
            'market = "BTC/USDX"\n'
        ),
        "line 20: instances[1].market: there is no market BTC/USDX; did you mean BTC/USDT?",
    ),
    "13 brackets": (after("x = " + "[" * 90_000), "config.toml: is nested too deeply"),
    "13 braces": (after("x = " + "{a=" * 90_000), "config.toml: is nested too deeply"),
    "13 dots": (after("x." * 400_000 + "x = 1"), "config.toml, line 16: is nested too deeply"),
    "13 a name used a thousand times": (
        after("".join(f"[a{n}]\n" for n in range(1_000))),
        "line 16: a0: unknown key",
    ),
    "escapes in a key": (
        after('[engine]\n"\\u001b]52;c;QQ==\\u0007[red]\\u202e" = 1\n'),
        "line 17: engine.?]52;c;QQ==?[red]?: unknown key",
    ),
    "escapes in a value": (
        after('[ui]\ntheme = "\\u001b[2J\\u009b31m"\n'),
        "line 17: ui.theme: must be a name",
    ),
    "a key of 10 kB": (after("[engine]\n" + "k" * 10_000 + " = 1\n"), "line 17: engine.kkk"),
}


Refused = Callable[..., None]


def one_line(done: Done) -> Done:
    """Join what ``config validate`` says, which tells every mistake where there are several."""
    *every, last = done.err.splitlines()
    assert len(every) <= 20 and (not every or "problems in the config: see above" in last), done
    return replace(done, err=" ".join((*every, last)))


@pytest.fixture
def refused(nursery: Nursery, tmp_path: Path) -> Refused:
    """Refuse a config by all three doors, with nothing made."""

    def check(*said: str, words: tuple[str | Path, ...] = ()) -> None:
        place = (*words, "--config", tmp_path / "config.toml")
        for done in (
            one_line(nursery.run(tmp_path, "config", "validate", *place)),
            nursery.run(tmp_path, "run", "--headless", *place),
            nursery.show(tmp_path, "run", *place),
        ):
            done.refused(2, *said)
            told = done.last if isinstance(done, Shown) else done.out + done.err
            assert len(told) < 6_000
            assert SECRET not in str(done)
        assert not (tmp_path / "state").exists()

    return check


@proves(1, 2, 3, 4, 5, 6, 7, 10, 11, 13)
@pytest.mark.parametrize("name", CASES)
def test_a_bad_config_is_one_sentence(name: str, tmp_path: Path, refused: Refused) -> None:
    text, said = CASES[name]
    (tmp_path / "config.toml").write_bytes(text)
    refused(said)


@proves(8)
@pytest.mark.parametrize(
    ("mode", "said"),
    [(0o640, "mend it with: chmod 600"), (0o604, "others can read"), (None, "cannot be read")],
)
def test_a_key_file_that_others_can_read(
    mode: int | None, said: str, tmp_path: Path, refused: Refused
) -> None:
    (tmp_path / "config.toml").write_bytes(
        instead('id = "paper/main"', 'id = "paper/main"\nkey_file = "keys"')
    )
    if mode is not None:
        (tmp_path / "keys").write_text(SECRET)
        (tmp_path / "keys").chmod(mode)
    refused("line 6: accounts[1].key_file: ", said)


@proves(9)
def test_a_state_folder_that_is_a_link(nursery: Nursery, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    place = ("--state", tmp_path / "link")
    for done in (
        nursery.run(tmp_path, "run", "--headless", *place),
        nursery.run(tmp_path, *CREATE, *place),
        nursery.show(tmp_path, "run", *place),
    ):
        done.refused(1, f"{tmp_path}/link: ", "symbolic link")
    assert list((tmp_path / "real").iterdir()) == []


@proves(10)
def test_active_needs_a_confirmation(nursery: Nursery, tmp_path: Path) -> None:
    words = ("--strategy", "ma_cross", "--account", "paper/main", "--market", "BTC/USDT")
    nursery.run(tmp_path, "instances", "create", "one", *words).succeeded()
    nursery.run(tmp_path, "instances", "mode", "one", "active").refused(3, "observe")
    nursery.run(tmp_path, "instances", "mode", "one", "observe").succeeded()
    nursery.run(tmp_path, "instances", "mode", "one", "active").refused(3, "--yes")
    assert "observe" in nursery.run(tmp_path, "instances", "list").succeeded()


@proves(12)
def test_a_limit_larger_than_the_balance_is_said_and_no_mistake(
    nursery: Nursery, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_bytes(instead("budget = 500", "budget = 5000"))
    place = ("--config", tmp_path / "config.toml")
    printed = nursery.run(tmp_path, "config", "validate", *place).succeeded()
    said = "line 12: limits.default.budget: warning: 5,000.00 is more than all opening cash"
    assert said in printed


@proves(14)
def test_a_huge_config_is_not_read(tmp_path: Path, refused: Refused) -> None:
    with (tmp_path / "config.toml").open("wb") as file:
        file.truncate(200_000_000)
    refused("config.toml: has more than 1,000,000 bytes")


def test_what_is_no_file(tmp_path: Path, refused: Refused) -> None:
    refused("config.toml: there is no such file")
    (tmp_path / "config.toml").mkdir()
    refused("config.toml: cannot be read (Is a directory)")
    (tmp_path / "config.toml").rmdir()
    (tmp_path / "config.toml").symlink_to("config.toml")
    refused("config.toml: cannot be read")
    (tmp_path / "config.toml").unlink()
    (tmp_path / "config.toml").symlink_to(os.devnull)
    refused("config.toml: is empty")
