"""Texts name keys as they are bound: none has a key of the shipped table written into it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import tradetui.tui
from tradetui.bootstrap.console.served import FIRST_STEPS
from tradetui.tui.key_names import SHIPPED, KeyNames
from tradetui.tui.keymap import BINDINGS
from tradetui.tui.preferences import Preferences
from tradetui.tui.screens.tutor import TIPS, Tip, Tutor
from tradetui.tui.widgets.settings_list import chosen_lines

OTHERS = KeyNames(replace(one, shown=f"<{one.id}>") for one in BINDINGS)
_DOES = (
    "shows|makes|opens|goes|comes|changes|leaves|switches|lets|releases|resumes|cancels|again|"
    "takes|stops|says|starts|engages|select|chooses|one|activates|choose"
)
_NAMES_A_KEY = re.compile(rf"(?:^|[\s:;,(])(?:[a-zB-HJ-Z!?/:;\]\[0-9]|Enter|Space) (?:{_DOES})\b")
_ALLOWED = ("j k move   ", "an id is 1 to 24 of a-z 0-9 _ -, a letter or digit first")
"""Of a dialog, whose keys are its own, and none."""
_FIELDS = ("{unit}",)


def texts() -> Iterator[tuple[str, str]]:
    """Yield every text of the console that is no docstring, with its place."""
    root = Path(tradetui.tui.__file__).parent
    for path in sorted((*root.glob("screens/*.py"), *root.glob("widgets/*.py"))):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            if id(node) not in docs and node.value not in _ALLOWED:
                yield f"{path.name}:{node.lineno}", node.value


def test_no_text_has_a_key_of_the_table_written_into_it() -> None:
    assert _NAMES_A_KEY.search("off: o switches it to observe first")
    assert _NAMES_A_KEY.search("no instances yet: n makes one")
    assert _NAMES_A_KEY.search("not running; Enter shows why")
    assert [(at, text) for at, text in texts() if _NAMES_A_KEY.search(text)] == []


def test_every_key_that_a_text_names_is_in_the_table() -> None:
    known = {f"{{{one.id}}}" for one in BINDINGS}
    named = {
        (at, name)
        for at, text in texts()
        for name in re.findall(r"\{[a-z_]+\}", text)
        if name not in _FIELDS
    }
    assert len(named) > 20
    assert {name for _, name in named} <= known


@pytest.mark.parametrize("tip", TIPS)
def test_tips_name_the_keys_that_are_bound(tip: Tip) -> None:
    tutor = Tutor()
    tutor._at = TIPS.index(tip)
    assert f"<{TIPS[tutor._at].done_by[0]}>" in tutor.line(200, OTHERS)
    assert "{" not in tutor.line(200)


def test_a_text_is_filled_with_what_is_bound() -> None:
    assert SHIPPED("{why} says why") == "w says why"
    assert OTHERS("{why} says why") == "<why> says why"
    assert "{" not in SHIPPED(FIRST_STEPS)
    assert chosen_lines("dark", Preferences(), OTHERS)[2].origin == "<sort> on the instances"
