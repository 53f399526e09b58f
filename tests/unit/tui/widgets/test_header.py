from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import at, cash, header

from tradetui.domain.enums import KillState, RunMode, Scope
from tradetui.domain.replica import KillView
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.tui.lines import plain
from tradetui.tui.widgets.header import header_lines, kill_text, latency, mode_word

SECOND = NANOS_PER_SECOND
REPLAY = header(
    run_mode=RunMode.PAPER, account="paper/main", feed="btcusd 1m", speed=1000, playing="PLAYING"
)


def text(view, width: int) -> list[str]:
    return [plain(line).rstrip() for line in header_lines(view, width)]


def kill(scope: Scope, key: str = "", state: KillState = KillState.HALTED) -> KillView:
    return KillView(scope, key, state, "op", "test", at("14:00:00"))


def test_80_cells_as_drawn() -> None:
    assert text(header(), 80) == [
        " LIVE  binance/main   kill NORMAL   day -19.70 USDT, 7% of limit   14:32:07 UTC",
        " off 1 observe 1 active 5 (4 limited)    data 0.4s lag 2ms q 0 seq 1,204,331 py",
    ]


def test_200_cells_as_drawn() -> None:
    first, second = text(header(), 200)
    assert first.startswith(
        " LIVE  real money | binance/main spot | equity 12,480.16 USDT | day -19.70 USDT,"
        " 7% of limit 300.00 | worst exposure 8,632.65, 86% of limit 10,000.00 | kill NORMAL  "
    )
    assert first.endswith("2026-11-20 14:32:07 UTC")
    assert second.startswith(
        " off 1  observe 1  active 5 (4 limited) | orders 14 open 1 unknown |"
        " data 0.4s worst SOL/USDT 1.1s | venue 38ms weight 14% | lag 2ms queue 0 drops 0 |"
        " journal 3ms "
    )
    assert second.endswith("| seq 1,204,331 | engine python")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "venue 38ms weight 14%"),
        ({"venue_latency": None, "venue_weight": None}, "venue ? weight ?"),
        (
            {"is_venue_simulated": True, "venue_latency": 0, "venue_weight": None},
            "venue 0ms weight -",
        ),
        (
            {"is_venue_simulated": True, "venue_latency": 0, "venue_items": 2,
             "venue_weight": None},
            "venue 2 items weight -",
        ),
    ],
)  # fmt: skip
def test_the_venue_says_what_is_known_of_it(more: dict[str, Any], said: str) -> None:
    assert f"| {said} |" in text(header(**more), 200)[1]


def test_on_a_wide_line_that_is_full_the_venue_leaves_first() -> None:
    crowded = header(data_worst="SOMETHING-VERY-LONG/USDT 1.1s", seq_id=10**12)
    for width in (160, 170, 180, 200):
        second = text(crowded, width)[1]
        assert len(second) <= width
        assert "active 5 (4 limited)" in second and "seq 1,000,000,000,000" in second
    usual = text(header(), 160)[1]
    assert "venue" not in usual and "lag 2ms" in usual and "worst SOL/USDT" in usual


def test_paper_says_whose_prices() -> None:
    paper = replace(header(), run_mode=RunMode.PAPER, account="paper/main")
    assert text(paper, 80)[0] == (
        " PAPER  paper/main, prices of binance, real-time   kill NORMAL     14:32:07 UTC"
    )


def test_a_replay_has_the_datas_own_clock() -> None:
    first = text(REPLAY, 80)[0]
    assert first.startswith(" REPLAY x1000  btcusd 1m   kill NORMAL ")
    assert first.endswith(" data 2026-11-20 14:32:07 UTC   PLAYING")
    assert text(REPLAY, 120)[0].endswith(" data 2026-11-20 14:32:07 UTC     PLAYING")


def test_a_narrow_line_loses_all_else_before_the_kill_switch() -> None:
    simulated = replace(REPLAY, feed="simulated", speed=1)
    assert text(simulated, 80)[0].startswith(" SIM  paper/main   kill NORMAL  ")
    assert text(simulated, 60)[0] == (" SIM  kill NORMAL    data 2026-11-20 14:32:07 UTC   PLAYING")
    assert text(REPLAY, 60)[0] == " REPLAY x1000  kill NORMAL           14:32:07 UTC   PLAYING"
    assert text(replace(REPLAY, playing=""), 60)[0] == (
        " REPLAY x1000  kill NORMAL     data 2026-11-20 14:32:07 UTC"
    )
    engaged = (kill(Scope.ROUTE, "binance/" + "x" * 24),)
    for view in (header(), REPLAY, simulated):
        for width in range(60, 300):
            assert "kill NORMAL" in text(view, width)[0]
            said = text(replace(view, kills=engaged), width)[0]
            assert "kill HALTED" in said and len(said) < width
    assert "x" * 24 in text(replace(header(), kills=engaged), 80)[0]


def test_a_replay_says_the_money_of_the_day_where_there_is_room() -> None:
    first = text(REPLAY, 120)[0]
    assert "paper/main   kill NORMAL   day -19.70 USDT, 7% of limit " in first
    assert "day" not in text(REPLAY, 80)[0]


@pytest.mark.parametrize("width", [80, 120, 200])
def test_a_kill_switch_always_has_its_place(width: int) -> None:
    assert "kill HALTED" in text(replace(REPLAY, kills=(kill(Scope.GLOBAL),)), width)[0]
    assert "kill HALTED" in text(replace(header(), kills=(kill(Scope.GLOBAL),)), width)[0]


@pytest.mark.parametrize(
    ("mode", "feed", "speed", "word"),
    [
        (RunMode.LIVE, "binance, real-time", None, "LIVE"),
        (RunMode.SANDBOX, "binance, real-time", None, "SANDBOX"),
        (RunMode.PAPER, "binance, real-time", None, "PAPER"),
        (RunMode.PAPER, "btcusd 1m", 100, "REPLAY x100"),
        (RunMode.PAPER, "simulated", None, "SIM"),
        (RunMode.PAPER, "simulated", 10, "SIM x10"),
        (RunMode.BACKTEST, "file", None, "SIM"),
    ],
)
def test_the_run_mode_is_a_word(mode, feed, speed, word) -> None:
    assert mode_word(header(run_mode=mode, feed=feed, speed=speed))[0] == word


def test_only_live_reverses_the_whole_line() -> None:
    live = {look for _, look in header_lines(header(), 80)[0]}
    paper = {look for _, look in header_lines(replace(header(), run_mode=RunMode.PAPER), 80)[0]}
    assert live == {"mode_live", "live_line"}
    assert "live_line" not in paper


def test_the_widest_kill_switch_is_named() -> None:
    route = kill(Scope.ROUTE, "binance/main")
    assert kill_text([route, kill(Scope.STRATEGY, "btc-mr")])[0] == "kill HALTED binance/main"
    wide = kill(Scope.GLOBAL, state=KillState.REDUCING)
    assert kill_text([route, wide])[0] == "kill EXIT-ONLY"
    assert kill_text([kill(Scope.STRATEGY, "btc-mr")]) == ("kill NORMAL", "")


def test_trouble_takes_line_two_in_reverse() -> None:
    view = header(trouble="DATA STALE 14s binance SOL/USDT: 1 blocked, others go on")
    line = header_lines(view, 80)[1]
    assert plain(line).rstrip() == " DATA STALE 14s binance SOL/USDT: 1 blocked, others go on"
    assert {look for _, look in line} == {"trouble"}


def test_what_is_not_known_is_a_question_mark() -> None:
    view = header(day_pnl=None, equity=None, exposure=None, data_age=None, journal_latency=None)
    first, second = text(view, 200)
    assert "equity ? USDT" in first
    assert "day ?" in first
    assert "worst exposure ?" in first
    assert "data ?" in second
    assert "journal ?" in second


def test_money_can_be_masked() -> None:
    first = plain(header_lines(header(), 200, masked=True)[0])
    assert "12,480" not in first
    assert "day *** USDT, 7% of limit ***" in first


def test_strings_from_outside_are_made_printable() -> None:
    view = header(account="a\x1b[2Jb\u202e", trouble="")
    assert plain(header_lines(view, 80)[0]).isprintable()


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160, 200, 300])
def test_lines_are_exactly_as_wide_as_the_screen(width: int) -> None:
    for view in (header(), REPLAY, header(day_pnl=cash("-123456789.12"))):
        assert [len(plain(line)) for line in header_lines(view, width)] == [width, width]


def test_latency_is_in_whole_milliseconds_below_a_second() -> None:
    assert [latency(n) for n in (400, 2_900_000, 4 * SECOND)] == ["0ms", "2ms", "4.0s"]


def test_trouble_that_an_alert_line_says_is_not_said_twice() -> None:
    troubled = header(trouble="btc exit-only: fees today 104.17 USDT")
    assert "fees today" in text(troubled, 120)[1]
    said = header_lines(troubled, 120, said=[troubled.trouble])
    assert "off 1 observe 1" in plain(said[1])


def test_the_limits_of_what_is_said_leave_before_what_is_said() -> None:
    wide, narrow = text(header(), 200)[0], text(header(), 180)[0]
    assert "worst exposure 8,632.65, 86% of limit 10,000.00" in wide
    assert "worst exposure 8,632.65, 86% of limit |" in narrow
    assert "day -19.70 USDT, 7% of limit 300.00 |" in narrow


@pytest.mark.parametrize(
    ("view", "width", "said"),
    [
        (header(), 80, " LIVE  read-only   binance/main   kill NORMAL "),
        (header(), 240, "read-only, it trades | binance/main spot |"),
        (REPLAY, 80, "read-only"),
        (REPLAY, 300, "read-only, it trades"),
    ],
)
def test_who_only_looks_is_told_that_the_engine_trades(view: Any, width: int, said: str) -> None:
    first = plain(header_lines(view, width, is_read_only=True)[0])
    assert said in first
    assert "kill NORMAL" in first
    assert "read-only" not in plain(header_lines(view, width)[0])
