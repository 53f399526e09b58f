"""The demo says what to press next, one line at a time, and never gets in the way."""

from __future__ import annotations

from tests.tui.hand import opened
from tests.tui.test_acting import paper, said

from tradetui.tui import keymap
from tradetui.tui.key_names import SHIPPED
from tradetui.tui.screens.layout import MIN_WIDTH
from tradetui.tui.screens.tutor import OFF, TIPS, Tutor


def test_every_tip_names_keys_that_exist() -> None:
    known = {binding.id for binding in keymap.BINDINGS}
    assert {one for tip in TIPS for one in tip.done_by} <= known


def test_tips_fit_the_narrowest_screen_they_are_made_for() -> None:
    tutor = Tutor()
    for tip in TIPS:
        narrow, wide = tutor.line(MIN_WIDTH), tutor.line(120)
        assert SHIPPED(tip.text) in narrow and len(narrow) <= MIN_WIDTH
        assert wide == f"{narrow.removesuffix(OFF)}{OFF}"
        tutor.pressed(tip.done_by[0])


def test_a_key_that_was_pressed_before_is_not_taught() -> None:
    tutor = Tutor()
    assert not tutor.pressed("decisions")
    assert tutor.line(80).startswith("tip 1/")
    assert tutor.pressed("down")
    assert tutor.line(80).startswith("tip 2/")
    tutor.pressed("open")
    tutor.pressed("zoom_in")
    assert "w says why" in tutor.line(80)


def test_the_end_says_nothing() -> None:
    tutor = Tutor()
    for tip in TIPS:
        tutor.pressed(tip.done_by[0])
    assert tutor.line(80) == ""


async def test_the_line_moves_on_as_keys_are_pressed() -> None:
    async with opened((120, 40), engine=paper(), tips=True) as hand:
        assert "tip 1/" in hand.message
        await hand.press("j")
        assert "tip 2/" in hand.message
        await hand.press("enter")
        assert "tip 3/" in hand.message
        await hand.press("1", "6")
        assert hand.message.startswith("risk: ")
        await hand.press("1")
        assert "tip 3/" in hand.message
        assert await said(hand, "tips off") == "no more tips; ? shows the keys"
        await hand.press("j")
        assert not hand.main.message


async def test_the_enter_after_a_typed_word_leaves_what_was_done_on_the_line() -> None:
    async with opened((120, 40), engine=paper(), tips=True) as hand:
        await hand.press("!", "h", *"HALT")
        assert hand.message == "done"
        await hand.press("enter")
        assert hand.message == "done"
        await hand.press("k")
        assert hand.message.startswith("tip ")


async def test_without_the_demo_there_are_none() -> None:
    async with opened() as hand:
        assert "tip" not in hand.message
        assert "tips are shown in the demo" in await said(hand, "tips")
