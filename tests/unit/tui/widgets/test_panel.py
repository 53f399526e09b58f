from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import INSTRUMENTS, NOW, at, cash, decisions, instances, orders

from tradetui.domain.enums import Guard, InstanceMode, InstanceState, OrderState
from tradetui.domain.replica import UiView
from tradetui.strategy.widget_types import Metric, Text
from tradetui.strategy.widgets import encode_widgets
from tradetui.tui.lines import plain
from tradetui.tui.widgets.panel import PanelInput, panel_lines, position_title

BTC = instances()[1]
METRICS = (Metric(label="z", text="+2.11"), Metric(label="atr 5m", text="170.23"))


def given(row=BTC, **more) -> PanelInput:
    instrument = next((v for v in INSTRUMENTS if v.instrument_id == row.instrument_id), None)
    mine = [order for order in orders() if order.strategy_id == row.strategy_id]
    ui = UiView(row.strategy_id, NOW, encode_widgets(METRICS))
    data = PanelInput(row, instrument, mine, ui, None, NOW, masked=False, ascii_only=True)
    return data._replace(**more)


def held(**more):
    assert BTC.holding is not None
    return replace(BTC, holding=replace(BTC.holding, **more))


def drawn(data: PanelInput, width: int = 23, height: int = 10) -> list[str]:
    return [plain(line).rstrip() for line in panel_lines(data, width, height)]


def test_the_narrow_panel_as_drawn() -> None:
    assert drawn(given()) == [
        "LONG    0.02350 BTC",
        "entry   66,561.10",
        "stop    66,135.60 venue",
        "target  67,624.80 venue",
        "open    +20.00 USDT",
        "risk    10.00 USDT",
        "-- strategy -----------",
        "z       +2.11",
        "atr 5m  170.23",
        "next tick in 0:29",
    ]


@pytest.mark.parametrize("height", [1, 4, 8, 9, 10])
def test_the_next_tick_keeps_its_line_whatever_there_is_to_say(height: int) -> None:
    row = replace(BTC, state=InstanceState.EXIT_ONLY, state_reason="a person said so")
    lines = drawn(given(row), height=height)
    assert len(lines) == height
    assert lines[-1] == "next tick in 0:29"


def test_the_wide_panel_says_how_the_position_stands() -> None:
    text = "\n".join(drawn(given(), 70, 23))
    assert "entry   66,561.10   0.02350 in 2 fills, fee 1.56 USDT" in text
    assert "open    +20.00 USDT  +1.28 %  +2.00 R   best +22.15  worst -5.67" in text
    assert "tt7k-0398  0.02350   risk 10.00 USDT" in text
    assert "tt7k-0399  0.02350   linked to stop" in text


def test_a_whole_screen_shows_what_the_strategy_drew_first() -> None:
    data = given()
    assert data.ui is not None
    text = Text(lines=tuple(f"line {number}" for number in range(9)))
    data = data._replace(ui=replace(data.ui, widgets_json=encode_widgets((text,))))
    beside = drawn(data, 80, 16)
    assert "line 8" not in beside and [line for line in beside if line.endswith("more lines: z")]
    whole = drawn(data._replace(is_whole=True), 80, 18)
    assert "line 8" in whole and len(whole) == 18
    tight = drawn(data._replace(is_whole=True), 80, 13)
    assert tight[-1] == "4 more lines"


def test_a_long_reason_goes_on_in_the_next_line() -> None:
    reason = "fees in a day 104.17 USD, limit 100.00"
    row = replace(BTC, state=InstanceState.EXIT_ONLY, state_reason=reason)
    assert drawn(given(row))[:2] == ["exit-only: fees in a", "day 104.17 USD, ..."]
    flat = drawn(given(replace(row, position=0)))
    assert flat[:3] == ["exit-only: fees in a", "day 104.17 USD, limit", "100.00"]


def test_what_is_known_only_since_a_restart_says_so() -> None:
    row = held(followed_since=at("13:05:00"))
    text = "\n".join(drawn(given(row), 70, 23))
    assert "worst -5.67 since 13:05" in " ".join(text.split())
    assert "fills" not in text


def test_a_stop_beyond_the_entry_locks_a_profit_in() -> None:
    row = held(risk=cash("-10"))
    assert "locked  +10.00 USDT" in drawn(given(row))
    assert "0.02350   locked +10.00 USDT" in "\n".join(drawn(given(row), 70, 23))


def test_without_a_stop_nothing_is_said_of_risk() -> None:
    row = held(risk=None, open_r=None, open_bps=None, best=None, fills=1)
    text = "\n".join(drawn(given(row), 70, 23))
    assert "risk  " not in text
    assert " R" not in text
    assert "best" not in text
    assert "in 1 fill, fee" in text


def test_one_that_is_off_says_how_to_start_it() -> None:
    error = UiView(BTC.strategy_id, NOW, b"[]", "the instance is not running")
    row = replace(instances()[0], mode=InstanceMode.OFF)
    text = " ".join(drawn(given(row, ui=error), 40, 20))
    assert "off, so it draws nothing: o starts it as observer, then a lets it trade" in text
    assert "failed" not in text


def test_one_that_could_not_be_loaded_says_where_to_look() -> None:
    row = replace(BTC, is_loaded=False, error="no such file")
    text = " ".join(drawn(given(row), 40, 20))
    assert "not running: its file could not be loaded; Enter shows why" in text
    row = replace(BTC, is_loaded=False)
    assert "not running yet: it is being loaded" in drawn(given(row), 40, 20)


def test_the_wide_panel_says_more() -> None:
    text = "\n".join(drawn(given(why=decisions()[0]), 70, 23))
    assert "stop    66,135.60 venue  tt7k-0398  0.02350" in text
    assert "budget  1,564.19 of 2,000.00 USDT used   day loss 0.00 of 60.00" in text
    assert "-- why no long at 14:20:00 ---" in text
    assert "z               +2.11        < -2.00      FAIL" in text
    assert "-- config 7, set 2026-11-18 09:12 by op ---" in text
    assert "mean_revert.py 3f9a1c07, same as on disk   tick 1.0 min   p99 3 ms" in text


def test_a_title_with_nothing_left_under_it_is_not_drawn() -> None:
    whole = drawn(given(why=decisions()[0]), 70, 40)
    title = next(at for at, line in enumerate(whole) if line.startswith("-- why no long"))
    assert drawn(given(why=decisions()[0]), 70, title + 1) == whole[:title]
    assert drawn(given(why=decisions()[0]), 70, title + 2) == whole[: title + 2]


@pytest.mark.parametrize(
    ("steps", "p99", "said"),
    [
        (1, None, "tick 0.1 min"),
        (25, 412_000, "tick 2.5 min   p99 412 us"),
        (14_400, 1_204_000_000, "tick 1440.0 min   p99 1,204 ms"),
    ],
)
def test_the_pace_has_a_line_of_its_own_where_the_file_takes_the_whole(
    steps: int, p99: int | None, said: str
) -> None:
    row = replace(BTC, tick_steps=steps, callback_p99=p99, strategy_type="a_name_that_takes_room")
    lines = drawn(given(row), 60, 23)
    at = next(n for n, line in enumerate(lines) if "same as on disk" in line)
    assert lines[at].endswith("same as on disk") and lines[at + 1].strip() == said


def test_the_title_says_what_is_held_since_when() -> None:
    wanted = "LONG 0.02350 BTC = 1,584.19 USDT  since 11:30:01 (3h02m)"
    assert position_title(given()) == wanted
    assert position_title(given(instances()[0])) == "flat"
    assert position_title(given(instrument=None)) == "LONG ?"


def test_what_the_title_says_is_not_said_again_and_is_said_where_there_is_none() -> None:
    flat = replace(BTC, position=0)
    assert drawn(given(flat), 50, 20)[0].startswith("budget  ")
    assert drawn(given(flat), 49, 20)[0] == "flat    0.00000 BTC"
    assert drawn(given(flat, is_whole=True), 50, 20)[0] == "flat    0.00000 BTC"
    assert drawn(given(), 50, 20)[0].startswith("entry   ")
    assert drawn(given(is_whole=True), 50, 20)[0] == "LONG    0.02350 BTC"


def test_a_short_is_a_word_and_no_minus() -> None:
    assert drawn(given(replace(BTC, position=-BTC.position)))[0] == "SHORT   0.02350 BTC"


def test_a_missing_stop_is_loud() -> None:
    lines = panel_lines(given(replace(BTC, stop_price=None, guard=Guard.MISSING)), 30, 12)
    assert (("stop    ", "label"), ("NONE, wanted", "missing")) in lines


def test_a_target_the_kernel_watches_is_ours() -> None:
    mine = [replace(order, state=OrderState.CREATED) for order in given().orders]
    assert "target  67,624.80 ours" in drawn(given(orders=mine))


def test_observe_shows_the_shadow_apart() -> None:
    lines = drawn(given(instances()[6]), 40, 14)
    assert lines[:3] == ["would   0.0 XRP", "pnl     +6.10 USDT", "orders  4"]


def test_an_error_comes_first() -> None:
    assert drawn(given(instances()[5]), 50, 14)[0].startswith("ZeroDivisionError in on_book")


def test_why_it_is_limited_comes_first() -> None:
    assert drawn(given(instances()[3]), 60, 20)[0].startswith("blocked: order_unknown")


def test_a_changed_file_is_said() -> None:
    text = "\n".join(drawn(given(replace(BTC, file_changed=True)), 70, 23))
    assert "has changed on disk" in text
    assert "3f9a1c07, changed on disk" in text


def test_warm_up_is_counted() -> None:
    row = replace(BTC, warm=(("fast", 12, 200), ("slow", 100, 100)))
    assert "warm-up 12/200" in drawn(given(row))


@pytest.mark.parametrize("width", [23, 36, 50, 70])
@pytest.mark.parametrize("height", [4, 10, 30])
@pytest.mark.parametrize("row", instances(), ids=lambda row: row.strategy_id)
def test_it_never_overflows(row, width: int, height: int) -> None:
    lines = panel_lines(given(row), width, height)
    assert len(lines) <= height


def test_masked_money_shows_no_figures() -> None:
    text = "\n".join(drawn(given(masked=True), 70, 23))
    assert "20.00" not in text.replace("2026", "")
    assert "0.02350 BTC" not in text


def test_an_unknown_market_is_said() -> None:
    assert drawn(given(instrument=None))[0] == "market not known yet"


def test_observe_with_a_position_shows_what_is_held_first() -> None:
    row = replace(BTC, mode=InstanceMode.OBSERVE)
    lines = drawn(given(row), 40, 20)
    assert lines[0] == "LONG    0.02350 BTC"
    assert "would   0.00000 BTC" in lines


def test_budgets_in_coins_keep_their_decimals() -> None:
    row = replace(instances()[0], budget=5_000_000, budget_used=0, mode=InstanceMode.ACTIVE)
    assert "budget  0.00000000/0.05000000" in drawn(given(row), 36, 20)


def test_held_says_who_releases() -> None:
    row = replace(BTC, state=InstanceState.HELD)
    assert drawn(given(row), 50, 20)[0] == "HELD: exits only until r releases"


def test_a_reason_that_does_not_fit_says_so_at_its_end() -> None:
    reason = "order_unknown: order tt7k-0412 not proven, asked three times"
    row = replace(BTC, state=InstanceState.BLOCKED, state_reason=reason)
    assert drawn(given(row))[:2] == ["blocked: order_unknown:", "order tt7k-0412 not ..."]


def test_the_narrow_panel_says_that_the_file_has_changed() -> None:
    assert drawn(given(replace(BTC, file_changed=True)))[0] == "file changed: :reload"
