"""All that is known of one instance: what is missing is said, and nothing is made up."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from tests.tui.fixtures import NOW, SECOND, instances

from tradetui.domain.enums import InstanceMode, InstanceState
from tradetui.domain.replica import InstanceView
from tradetui.tui.lines import Line, plain
from tradetui.tui.widgets.identity import state_lines

ACTIVE = next(one for one in instances() if one.strategy_id == "btc-mr")


def facts(row: InstanceView, *, masked: bool = False) -> dict[str, tuple[str, str]]:
    """Return label -> (text, look) of the lines of an instance."""
    found: dict[str, tuple[str, str]] = {}
    for line in state_lines(row, NOW, 200, masked=masked):
        label, (text, look) = line[0][0].strip(), line[1]
        found[label] = (text, look)
    return found


def changed(**fields: Any) -> InstanceView:
    return replace(ACTIVE, **fields)


def test_who_it_is_and_how_it_does() -> None:
    row = changed(
        label="two", file_hash="0123456789abcdef", mode=InstanceMode.ACTIVE, revision=7,
        state=InstanceState.HELD, state_reason="after a restart", is_loaded=False,
        config_version=2, config_time=0, config_by="",
    )  # fmt: skip
    said = facts(row)
    assert said["instance"] == ("btc-mr  two", "bold")
    assert said["strategy"] == ("mean_revert.py 0123456789ab", "base")
    assert said["mode"] == ("active, revision 7", "base")
    assert said["state"] == ("HELD: after a restart, not loaded", "state_HELD")
    assert said["config"] == ("version 2, set when is not known", "base")


def test_a_file_that_changed_is_shown_with_what_to_do() -> None:
    text, look = facts(changed(file_hash="", file_changed=True))["strategy"]
    assert text == "mean_revert.py -, changed on disk: :reload loads it"
    assert look == "refused"


def test_ticks_that_were_not_and_ticks_that_were_missed() -> None:
    never = facts(changed(last_tick=None, next_tick=None, missed_ticks=0))
    assert (never["last tick"][0], never["next tick"][0]) == ("-", "-")
    assert "missed ticks" not in never
    row = changed(last_tick=NOW - 90 * SECOND, next_tick=NOW, missed_ticks=1_200)
    late = facts(row)
    assert late["last tick"][0].endswith(", 1m30s ago")
    assert late["missed ticks"] == ("1,200", "refused")


def test_warmth_is_told_of_the_feeds_that_need_some() -> None:
    row = changed(warm=(("none", 5, 0), ("fast", 3, 200)))
    assert facts(row)["warm"] == ("fast 3 of 200 bars", "state_blocked")
    assert facts(changed(warm=(("fast", 200, 200),)))["warm"] == ("fast 200 of 200 bars", "base")
    assert "warm" not in facts(changed(warm=(("none", 5, 0),)))


def test_an_observer_says_how_long_and_how_many_orders_it_would_have_sent() -> None:
    row = changed(observed_since=NOW - 60 * SECOND, shadow_orders=4)
    assert facts(row)["observed"] == ("1m00s: 4 would-be orders", "would")
    assert "observed" not in facts(changed(observed_since=None))


def test_money_is_unknown_or_masked_and_never_zero() -> None:
    assert facts(changed(budget=10**11, budget_used=None))["budget"][0] == (
        "? of 1,000.00 USDT used"
    )
    text = facts(changed(max_loss_per_day=10**10), masked=True)["may lose"][0]
    assert not any(char.isdigit() for char in text)
    none = facts(changed(budget=None, max_loss_per_day=None))
    assert "budget" not in none and "may lose" not in none


def test_a_long_reason_folds_below_itself() -> None:
    row = changed(state_reason="word " * 40)
    lines: list[Line] = state_lines(row, NOW, 60, masked=False)
    told = [plain(line) for line in lines]
    assert all(len(line) <= 60 for line in told)
    start = next(n for n, line in enumerate(told) if line.startswith(" state "))
    assert told[start + 1].startswith(" " * 15 + "word")
    assert sum(line.split().count("word") for line in told[start : start + 5]) == 40


def test_an_error_stands_below_with_its_traceback() -> None:
    row = changed(error="ValueError: it broke", traceback="Traceback:\n  here")
    told = [plain(line) for line in state_lines(row, NOW, 80, masked=False)]
    assert told[-5:] == ["", "ValueError: it broke", "", "Traceback:", "  here"]
