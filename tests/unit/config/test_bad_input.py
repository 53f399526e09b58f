"""What people get wrong in a config: one sentence each, with file, line, key and mend.

Also the tests of ``config/checking.py``, ``config/models.py``, ``config/reading.py``,
``config/section.py``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tradetui.config.errors import ConfigError
from tradetui.config.finding import Found
from tradetui.config.loading import LoadedConfig, load_config

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
opening_cash = { USDT = 10_000 }

[[feeds]]
kind = "synthetic"
markets = ["BTC/USDT", "ETH/USDT"]

[risk.base]
max_order_notional = 1_000

[[bindings]]
profile = "base"

[limits.default]
budget = 500

[[instances]]
id = "btc"
strategy = "ma_cross"
account = "paper/main"
market = "BTC/USDT"
"""

Load = Callable[[str], LoadedConfig]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


@pytest.fixture
def load(path: Path) -> Load:
    def write_and_load(text: str) -> LoadedConfig:
        path.write_text(text)
        return load_config(Found(path, "test"))

    return write_and_load


def refused(load: Load, text: str) -> tuple[str, ...]:
    """Return the problems, after checking that each is one printable line."""
    with pytest.raises(ConfigError) as caught:
        load(text)
    for problem in caught.value.problems:
        assert problem.isprintable()
        assert len(problem) < 600
    return caught.value.problems


def changed(old: str, new: str) -> str:
    """Return the good config with one change."""
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def test_the_good_one_is_good(load: Load) -> None:
    loaded = load(GOOD)
    assert loaded.warnings == ()
    assert loaded.config.instances[0].id == "btc"


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_1_empty(load: Load, path: Path, text: str) -> None:
    (problem,) = refused(load, text)
    assert problem == f"{path}: is empty; `tradetui doctor` names the shipped example"


def test_2_not_utf8(path: Path) -> None:
    path.write_bytes(b'[profile]\nrun_mode = "\xff"\n')
    with pytest.raises(ConfigError, match=r"config\.toml, line 2: is not UTF-8; save the file"):
        load_config(Found(path, "test"))


def test_2_utf16(path: Path) -> None:
    path.write_bytes(GOOD.encode("utf-16"))
    with pytest.raises(ConfigError, match="line 1: is not UTF-8"):
        load_config(Found(path, "test"))


def test_2_byte_order_mark(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    with pytest.raises(
        ConfigError, match="begins with a byte order mark; save it as UTF-8 without"
    ):
        load_config(Found(path, "test"))


def test_3_a_key_twice(load: Load) -> None:
    text = changed("max_order_notional = 1_000", "max_order_notional = 1\nmax_order_notional = 2")
    (problem,) = refused(load, text)
    assert "is not valid TOML" in problem
    assert "line 20" in problem


def test_3_a_table_twice(load: Load) -> None:
    (problem,) = refused(load, GOOD + '\n[profile]\nname = "x"\n')
    assert "is not valid TOML" in problem


@pytest.mark.parametrize(
    ("table", "ids"),
    [
        ("accounts", 'id = "paper/main"'),
        ("routes", 'id = "paper-main"'),
        ("instances", 'id = "btc"'),
    ],
)
def test_3_an_id_twice(load: Load, table: str, ids: str) -> None:
    start = GOOD.index(f"[[{table}]]")
    end = GOOD.find("\n\n", start)
    section = GOOD[start : end if end > 0 else None]
    problems = refused(load, f"{GOOD}\n{section}\n")
    assert len(problems) == 1
    assert f"{table}[2].id: {ids.split(chr(34))[1]} is there twice" in problems[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "max_order_notional",
            "max_order_notinal",
            "line 19: risk.base.max_order_notinal: unknown key; did you mean max_order_notional?",
        ),
        ("[[feeds]]", "[[feds]]", "line 14: feds: unknown key; did you mean feeds?"),
        ('strategy = "', 'stratgy = "', "line 29: instances[1].stratgy: unknown key; did you mean"),
        ("markets =", "market =", "line 16: feeds[1].market: unknown key; did you mean markets?"),
        ("budget = 500", "bugdet = 500", "line 25: limits.default.bugdet: unknown key; did you"),
        ("[profile]", "[profile]\nzzz = 1", "line 2: profile.zzz: unknown key; known are name, "),
    ],
)
def test_4_unknown_key(load: Load, path: Path, old: str, new: str, said: str) -> None:
    problems = refused(load, changed(old, new))
    assert any(problem.startswith(f"{path}, {said}") for problem in problems), problems


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("nan", "must be a finite number, not NaN or infinity"),
        ("inf", "must be a finite number, not NaN or infinity"),
        ("-inf", "must be a finite number, not NaN or infinity"),
        ("1e999", "must be a limit above 0: '1E+999' is out of range"),
        ("1e12", "does not fit into 64 bits"),
        ("-5", "must be a limit above 0, got -5"),
        ("0", "must be a limit above 0, got 0"),
        ("0.0", "must be a limit above 0, got 0.0"),
        ("0.000000001", "has more than 8 decimals"),
        ("9" * 30, "does not fit into 64 bits"),
    ],
)
def test_5_numbers_out_of_range(load: Load, value: str, said: str) -> None:
    (problem,) = refused(load, changed("notional = 1_000", f"notional = {value}"))
    assert "line 19: risk.base.max_order_notional: " in problem
    assert said in problem


def test_5_a_number_of_thousands_of_digits(load: Load) -> None:
    (problem,) = refused(load, changed("notional = 1_000", "notional = " + "9" * 10_000))
    assert "is not valid TOML" in problem


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("max_order_notional = 1_000", "max_open_orders = nan", "must be a whole number"),
        ("max_order_notional = 1_000", 'max_open_orders = "20"', "must be a whole number"),
        ("max_order_notional = 1_000", "max_open_orders = true", "must be a whole number"),
        ("max_order_notional = 1_000", "max_open_orders = 0", "must be at least 1, got 0"),
        ("max_order_notional = 1_000", "max_order_notional = true", "must be a number"),
        ("max_order_notional = 1_000", "max_order_notional = [1]", "must be a number"),
        ("max_order_notional = 1_000", 'max_order_notional = "much"', "'much' is not a number"),
        ("max_order_notional = 1_000", 'max_order_notional = "1,5"', "'1,5' is not a number"),
        ("max_order_notional = 1_000", 'max_order_notional = "１２"', "is not a number"),
        ("max_order_notional = 1_000", 'max_order_notional = "--1"', "is not a number"),
        ("max_order_notional = 1_000", 'max_order_notional = ""', "is not a number"),
        ("max_order_notional = 1_000", "may_reduce = 1", "must be true or false"),
        ("max_order_notional = 1_000", 'may_reduce = "yes"', "must be true or false"),
        ("max_order_notional = 1_000", "max_data_age = 0", "must be seconds above 0"),
        ("max_order_notional = 1_000", "price_collar = -0.1", "must be a fraction above 0"),
        ('venue = "SIM"', "venue = 5", "must be a name such as paper/main, got 5"),
        ('run_mode = "paper"', "run_mode = 1", "must be one of backtest, paper, sandbox, live"),
        ('venue = "SIM"', 'venue = "SIM"\nlatency_ms = 1.5', "must be whole milliseconds"),
        ('venue = "SIM"', 'venue = "SIM"\nlatency_ms = -1', "must be whole milliseconds"),
        ('markets = ["BTC/USDT", "ETH/USDT"]', "markets = 5", "must be a list [...]"),
        ('markets = ["BTC/USDT", "ETH/USDT"]', "markets = []", "needs at least one market"),
        ("opening_cash = { USDT = 10_000 }", "opening_cash = 5", "must be a table [...]"),
        ("opening_cash = { USDT = 10_000 }", "opening_cash = { usdt = 1 }", "must be a currency"),
        ("opening_cash = { USDT = 10_000 }", "opening_cash = { USDT = -1 }", "0 or more, got -1"),
        ("[limits.default]\nbudget = 500", "[limits]\ndefault = 5", "must be a table"),
    ],
)
def test_6_wrong_types(load: Load, old: str, new: str, said: str) -> None:
    problems = refused(load, changed(old, new))
    assert said in problems[0]
    assert ", line " in problems[0]


@pytest.mark.parametrize("written", ["1000.5", '"1000.5"', "1.0005e3", "1_000.50"])
def test_6_numbers_are_exact_however_they_are_written(load: Load, written: str) -> None:
    config = load(changed("notional = 1_000", f"notional = {written}")).config
    assert config.risk["base"].max_order_notional == 100_050_000_000


def test_6_a_decimal_never_passes_through_a_float(load: Load) -> None:
    config = load(changed("notional = 1_000", "notional = 0.10000001")).config
    assert config.risk["base"].max_order_notional == 10_000_001


@pytest.mark.parametrize(
    "line",
    [
        'api_key = "hunter2"',
        'apiKey = "hunter2"',
        'secret = "hunter2"',
        'binance_secret = "hunter2"',
        'password = "hunter2"',
        'passphrase = "hunter2"',
        'private_key = "hunter2"',
        'token = "hunter2"',
        'key_file = "-----BEGIN PRIVATE KEY----- hunter2"',
        'keys = ["a", "-----BEGIN EC PRIVATE KEY-----hunter2"]',
        'tokens = { token = "hunter2" }',
    ],
)
def test_7_a_plaintext_secret_is_refused_and_not_repeated(load: Load, line: str) -> None:
    text = changed('[[accounts]]\nid = "paper/main"', f'[[accounts]]\nid = "paper/main"\n{line}')
    (problem,) = refused(load, text)
    assert "line 7: accounts[1]." in problem
    assert "looks like a secret; remove it from this file" in problem
    assert "hunter2" not in problem


def with_key_file(name: str) -> str:
    return changed(
        'id = "paper/main"\n\n[[routes]]', f'id = "paper/main"\nkey_file = "{name}"\n\n[[routes]]'
    )


def test_8_a_private_key_file_is_taken(load: Load, path: Path) -> None:
    (path.parent / "keys").touch(0o600)
    assert load(with_key_file("keys")).config.accounts[0].key_file == "keys"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o610])
def test_8_a_key_file_that_others_can_read(load: Load, path: Path, mode: int) -> None:
    keys = path.parent / "keys"
    keys.touch()
    keys.chmod(mode)
    (problem,) = refused(load, with_key_file("keys"))
    assert f"accounts[1].key_file: others can read {keys} (mode {mode:04o})" in problem
    assert f"chmod 600 {keys}" in problem


def test_8_a_key_file_that_is_missing_linked_or_no_file(load: Load, path: Path) -> None:
    (problem,) = refused(load, with_key_file("keys"))
    assert "cannot be read (No such file" in problem
    (path.parent / "keys").symlink_to(path)
    (problem,) = refused(load, with_key_file("keys"))
    assert "is a symbolic link" in problem
    (problem,) = refused(load, with_key_file(str(path.parent)))
    assert "is not a regular file" in problem


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_8_a_key_file_of_someone_else(load: Load, path: Path) -> None:
    (path.parent / "keys").touch(0o600)
    os.chown(path.parent / "keys", 12_345, 12_345)
    (problem,) = refused(load, with_key_file("keys"))
    assert "belongs to user 12345, not to you" in problem


@pytest.mark.parametrize("run_mode", ["live", "sandbox"])
def test_10_a_config_cannot_start_real_trading(load: Load, run_mode: str) -> None:
    text = changed('run_mode = "paper"', f'run_mode = "{run_mode}"') + 'mode = "active"\n'
    problems = refused(load, text)
    said = f"instances[1].mode: a config cannot start an instance active in {run_mode}; write obs"
    assert any(said in problem for problem in problems)


def test_10_live_needs_explicit_limits(load: Load) -> None:
    problems = refused(load, changed('run_mode = "paper"', 'run_mode = "live"'))
    assert any("live needs an explicit max_daily_loss" in problem for problem in problems)
    assert any("live needs an explicit max_position_notional" in problem for problem in problems)
    assert not any("max_order_notional" in problem for problem in problems)


def test_10_paper_money_may_start_active(load: Load) -> None:
    assert load(GOOD + 'mode = "active"\n').config.instances[0].mode.value == "active"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'venue = "SIM"',
            'venue = "SIMM"',
            "line 11: routes[1].venue: there is no feed for venue SIMM; did you mean SIM?",
        ),
        (
            'market = "BTC/USDT"',
            'market = "BTC/USTD"',
            "line 31: instances[1].market: there is no market BTC/USTD; did you mean BTC/USDT?",
        ),
        ('market = "BTC/USDT"', 'market = "btc"', "must be a market such as BTC/USDT, got 'btc'"),
        ('market = "BTC/USDT"', 'market = "[red]"', "must be a market such as BTC/USDT"),
        (
            'strategy = "ma_cross"\naccount = "paper/main"',
            'strategy = "ma_cross"\naccount = "paper/mian"',
            "there is no account paper/mian; did you mean paper/main?",
        ),
        (
            'account = "paper/main"\nvenue',
            'account = "other"\nvenue',
            "routes[1].account: there is no account other; known are paper/main",
        ),
        (
            'account = "paper/main"\nvenue',
            'account = "other"\nvenue',
            "accounts[1].id: no route leads from account paper/main; add a [[routes]]",
        ),
        ('kind = "synthetic"', 'kind = "binance"', "kind must be one of synthetic, replay, got"),
        ('kind = "synthetic"\n', "", "has no kind; it is one of synthetic, replay"),
        (
            'profile = "base"',
            'profile = "bsae"',
            "there is no risk profile bsae; did you mean base?",
        ),
        ('profile = "base"', 'profile = "base"\nscope = "rout"', "did you mean route?"),
        ('profile = "base"', 'profile = "base"\nscope = "route"', "is missing: which route?"),
        (
            'profile = "base"',
            'profile = "base"\nscope = "route"\nkey = "x"',
            "bindings[1].key: there is no route x; known are paper-main",
        ),
        ('profile = "base"', 'profile = "base"\nkey = "x"', 'must be empty with scope = "global"'),
        (
            'profile = "base"',
            'profile = "base"\nscope = "instrument"\nkey = "x"',
            "a profile binds to global, execution, route or strategy",
        ),
        ('[[bindings]]\nprofile = "base"\n', "", "risk.base: is bound to nothing; add a [[bind"),
        ("budget = 500", "max_orders_per_hour = 5", "limits.default.budget: is missing: what may"),
        ("[limits.default]", "[limits.btcc]", "limits.btcc: there is no instance btcc; did you"),
        ('id = "paper-main"', 'id = "shadow:x"', "must not begin with shadow:"),
        (
            'venue = "SIM"',
            'venue = "SIM"\nvolume_cap = 0.1',
            'routes[1].volume_cap: needs fill_model = "volume_cap"',
        ),
        ('id = "btc"', 'id = "../x"', "must be an id of 1 to 24 of a-z 0-9 _ -, got '../x'"),
        ('"ma_cross"', '"../x"', "must be the name of a strategy such as ma_cross"),
        ('["BTC/USDT", "ETH/USDT"]', '["BTC/USDT", "BTC/USDT"]', "BTC/USDT is there twice"),
    ],
)
def test_11_names_that_do_not_exist(load: Load, old: str, new: str, said: str) -> None:
    problems = refused(load, changed(old, new))
    assert any(said in problem for problem in problems), problems


def test_12_a_limit_over_the_balance_is_a_warning(load: Load) -> None:
    loaded = load(
        changed("max_order_notional = 1_000", "max_order_notional = 20_000").replace(
            "budget = 500", "budget = 50_000"
        )
    )
    first, second = loaded.warnings
    assert "line 19: risk.base.max_order_notional: warning: 20,000.00 is more than all" in first
    assert "opening cash, 10,000.00 USDT" in first
    assert "line 25: limits.default.budget: warning: 50,000.00" in second


def test_12_no_balance_in_that_currency_is_no_warning(load: Load) -> None:
    text = changed("opening_cash = { USDT = 10_000 }", "opening_cash = { BTC = 1 }")
    assert load(text).warnings == ()


@pytest.mark.parametrize(
    "bomb",
    [
        "x = " + "[" * 100_000 + "]" * 100_000,
        "x = " + "{a = " * 5_000 + "1" + "}" * 5_000,
        "x = " + "[" * 50 + "]" * 50,
        ".".join(["a"] * 500) + " = 1",
        "[" + ".".join(["a"] * 500) + "]\nb = 1",
    ],
)
def test_13_deep_nesting(load: Load, bomb: str) -> None:
    (problem,) = refused(load, f"{bomb}\n{GOOD}")
    assert "is nested too deeply" in problem


def test_14_a_huge_file_is_not_read(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(ConfigError, match="has more than 1,000,000 bytes"):
        load_config(Found(path, "test"))


def test_a_missing_file_and_a_folder(path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml: there is no such file"):
        load_config(Found(path, "test"))
    with pytest.raises(ConfigError, match=r"cannot be read .Is a directory"):
        load_config(Found(path.parent, "test"))


def test_every_problem_is_said(load: Load) -> None:
    text = changed("budget = 500", "budget = 0").replace('id = "btc"', 'id = "B"')
    with pytest.raises(ConfigError) as caught:
        load(text)
    assert len(caught.value.problems) == 2
    assert str(caught.value) == f"{caught.value.problems[0]} (and 1 more problem in it)"


def test_escapes_in_keys_and_values_are_not_repeated(load: Load) -> None:
    (problem,) = refused(load, GOOD + '\n["a\\u001b[2J"]\nb = 1\n')
    assert "a?[2J: unknown key" in problem


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("config = { z = nan }", "z must be a finite number"),
        ("config = { z = [1, inf] }", "z must be a finite number"),
        ("config = { z = { a = 1 } }", "z must be a number, a text, true, false, or a list"),
        ("config = { z = 2026-01-01 }", "z must be a number, a text, true, false, or a list"),
        ("config = 5", "must be a table"),
    ],
)
def test_a_strategy_config_holds_plain_values(load: Load, line: str, said: str) -> None:
    (problem,) = refused(load, GOOD + line + "\n")
    assert f"instances[1].config: {said}" in problem


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('source_priority = ["control"]', "must name each once"),
        ('source_priority = ["control", "x"]', "must be one of market_data, broker_report"),
        ("callback_soft = 5\ncallback_hard = 1", "callback_hard must not be below callback_soft"),
        ("seed = -1", "must be at least 0, got -1"),
        (
            'queue_policy = "bounded"',
            "must be one of block, bounded_drop, fail_fast, got 'bounded'; did you mean",
        ),
        ('queue_policy = ""', "must be one of block, bounded_drop, fail_fast, got ''"),
    ],
)
def test_the_engine_section(load: Load, line: str, said: str) -> None:
    (problem,) = refused(load, f"[engine]\n{line}\n{GOOD}")
    assert said in problem


def test_multi_line_texts_do_not_confuse_the_lines(load: Load) -> None:
    text = GOOD + "config = { note = '''\n[routes]\nid = 5\n''' }\nmode = 'of'\n"
    (problem,) = refused(load, text)
    assert f"line {text.count(chr(10))}: instances[1].mode: must be one of off" in problem
    assert "did you mean off?" in problem


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("latency_bars = true", "must be a whole number from 0 to 1000"),
        ("latency_bars = 1001", "must be a whole number from 0 to 1000"),
        ("latency_bars = 1\nlatency_ms = 5", "exclude each other"),
        ('fee_in_base = "yes"', "fee_in_base"),
        ("touch_fills = 1", "touch_fills"),
    ],
)
def test_the_settings_of_the_simulated_venue(load: Load, lines: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load(GOOD.replace('venue = "SIM"\n', f'venue = "SIM"\n{lines}\n'))
