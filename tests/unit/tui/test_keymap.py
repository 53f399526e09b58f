from __future__ import annotations

from pathlib import Path

import pytest

from tradetui.tui import keymap
from tradetui.tui.keymap import BINDINGS, FOOTER, Binding, by_key, footer_hints

ROOT = Path(__file__).resolve().parents[3]
NEVER = {"ctrl+b", "ctrl+a", "ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+w", "ctrl+t", "ctrl+n"}
NEVER |= {"ctrl+q", "ctrl+s", "ctrl+z", "ctrl+c", "ctrl+backslash", "~", "^", "`", "'", '"'}
NEVER |= {"K", "J", "H", "L", "@", "{", "}", "\\", "|"}


def test_no_key_is_bound_twice() -> None:
    assert len(by_key()) == sum(len(binding.keys) for binding in BINDINGS)


def test_a_conflict_is_found() -> None:
    twice = [
        Binding("a", ("x",), "x", "", "", "acting"),
        Binding("b", ("x",), "x", "", "", "acting"),
    ]
    with pytest.raises(ValueError, match="'x' is bound to a and to b"):
        by_key(twice)


def test_ids_are_unique() -> None:
    ids = [binding.id for binding in BINDINGS]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("binding", BINDINGS, ids=lambda b: b.id)
def test_keys_that_do_not_arrive_everywhere_are_not_bound(binding: Binding) -> None:
    assert not NEVER & set(binding.keys)
    assert not [key for key in binding.keys if key.startswith(("alt+", "ctrl+shift+", "insert"))]


@pytest.mark.parametrize("binding", [b for b in BINDINGS if b.acts], ids=lambda b: b.id)
def test_no_act_is_on_enter_space_or_the_twin_of_a_motion(binding: Binding) -> None:
    motions = {key for other in BINDINGS if other.group == keymap.MOVE for key in other.keys}
    for key in binding.keys:
        assert key not in ("enter", "space")
        assert key.swapcase() not in motions


def test_every_act_names_its_grade() -> None:
    assert not [b.id for b in BINDINGS if b.acts and b.grade == "-"]


def test_a_bracket_key_never_stands_alone() -> None:
    alone = [b.id for b in BINDINGS if set(b.keys) <= set("@[]{}\\|")]
    assert not alone


def test_the_footer_at_80_is_that_of_the_drawing() -> None:
    text = "".join(f"  {key} {label}" for key, label in footer_hints(76, is_replay=False))
    assert text == "  ? help  : command  ! STOP  o power  a activate  p pause  w why  q back"


def test_the_footer_at_200_is_that_of_the_drawing() -> None:
    text = "".join(f"  {key} {label}" for key, label in footer_hints(196, is_replay=False))
    assert text == (
        "  ? help  : command  / filter  ! STOP  o power  a activate  p pause  r resume  e edit"
        "  n new  x cancel  w why  f fills  d decisions  t timeframe  z zoom  [ ] tabs  Tab pane"
        "  1-9 screens  q back"
    )


def test_the_footer_names_bindings_that_exist() -> None:
    known = {binding.id for binding in BINDINGS}
    assert {row[0] for row in FOOTER} <= known


def test_replay_keys_are_in_the_footer_of_a_replay_only() -> None:
    assert ("< >", "speed") in footer_hints(120, is_replay=True)
    assert ("< >", "speed") not in footer_hints(120, is_replay=False)


def test_the_reference_page_is_generated_from_the_table() -> None:
    page = (ROOT / "docs" / "reference" / "keys.md").read_text(encoding="utf-8")
    assert page.startswith(keymap.reference_page() + "\n")
