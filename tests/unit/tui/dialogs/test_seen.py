"""What a person has seen: what was true at the opening, and figures that are followed."""

from __future__ import annotations

from tradetui.tui.dialogs.seen import Seen, Shown


def test_what_was_seen_is_refused_once_it_is_otherwise() -> None:
    now = ["ACTIVE", "flat"]
    seen = Seen.take(lambda: tuple(now))
    assert seen.problem() == ""
    now[0] = "blocked"
    assert seen.problem() == "changed while you looked: ACTIVE -> blocked. Nothing done."
    now[:] = ["gone"]
    assert "ACTIVE -> gone" in seen.problem()
    now[:] = ["x" * 60, "y"]
    assert seen.problem().startswith("changed while you looked. Nothing done: ACTIVE -> xxx")


def test_rows_that_came_are_a_change() -> None:
    rows = ["a"]
    seen = Seen.take(lambda: tuple(rows))
    rows.append("b")
    assert "1 -> 2 rows" in seen.problem()


def words(then: int, now: int) -> str:
    return "" if then == now else f"{then} -> {now}"


def test_a_key_answers_what_was_drawn_when_it_came() -> None:
    now = [1]
    shown = Shown(lambda: now[0], words)
    assert (shown.again(), shown.moved(), shown.problem()) == (1, "", "")
    now[0] = 2
    shown.heard()
    shown.again()
    assert shown.moved() == "1 -> 2"
    assert shown.problem() == "changed as you answered: 1 -> 2. Nothing done: look again"
    shown.heard()
    assert (shown.answered, shown.problem()) == (2, "")
    now[0] = 1
    assert shown.problem().startswith("changed as you answered: 2 -> 1.")


def test_without_a_key_it_is_the_opening_that_was_answered() -> None:
    now = [1]
    shown = Shown(lambda: now[0], words)
    now[0] = 2
    shown.again()
    assert shown.problem()
