"""A person's own keys: they change keys only, and every mistake is one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradetui.tui.keymap import BINDINGS, by_key, footer_hints
from tradetui.tui.own_keys import KeymapError, load_bindings, parse_bindings, shown


def test_no_file_is_the_table_as_it_is(tmp_path: Path) -> None:
    assert load_bindings(tmp_path / "keys.toml") is BINDINGS


def test_a_binding_gets_other_keys_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text('[keys]\npower = "O"\nwhy = ["W", "f2", "ctrl+y"]\n')
    table = {one.id: one for one in load_bindings(path)}
    assert (table["power"].keys, table["power"].shown, table["power"].also) == (("O",), "O", "")
    assert (table["why"].shown, table["why"].also) == ("W", "F2, ^y")
    assert table["power"].grade == "at once; from active y"
    assert by_key(table.values())["f2"].id == "why"
    hints = footer_hints(200, is_replay=False, bindings=table.values())
    words = {word: key for key, word in hints}
    assert words["power"] == "O"
    assert words["tabs"] == "[ ]"


def test_two_bindings_may_change_places() -> None:
    table = by_key(parse_bindings('[keys]\nfills = "d"\ndecisions = "f"', "x"))
    assert (table["d"].id, table["f"].id) == ("fills", "decisions")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("keys = [", "not valid TOML"),
        ("power = 'x'", r"holds one table \[keys\]"),
        ("[keys]\n[other]", r"holds one table \[keys\]"),
        ("[keys]\npowr = 'x'", "there is no binding powr; did you mean power"),
        ("[keys]\nzzzz = 'x'", "`tradetui keys` lists them"),
        ("[keys]\npower = []", "wants one key"),
        ("[keys]\npower = 3", "wants one key"),
        ("[keys]\nwhy = ['1','2','3','4','5']", "wants one key"),
        ("[keys]\nwhy = 'ctrl+b'", "cannot be bound: it is the prefix of tmux"),
        ("[keys]\nwhy = 'hyper+x'", "is no key"),
        ("[keys]\nwhy = 'ü'", "is no key"),
        ("[keys]\nwhy = ' '", "write the space bar as 'space'"),
        ("[keys]\npower = 'enter'", "never acts: it is struck by accident"),
        ("[keys]\npower = 'space'", "never acts: it is struck by accident"),
        ("[keys]\npower = 'K'", "never acts: Caps Lock"),
        ("[keys]\npower = 'p'", "'p' is bound to power and to pause: give one of them"),
        ("[keys]\nwhy = '\\\\u001b'", "is no key"),
        ('[keys]\nwhy = "\\u001b"', "is no key"),
    ],
)
def test_a_mistake_is_one_sentence(text: str, says: str) -> None:
    with pytest.raises(KeymapError, match=says) as caught:
        parse_bindings(text, "keys.toml")
    assert "\x1b" not in str(caught.value)
    line = ", line 2" if text.startswith("[keys]\n") and "[other]" not in text else ""
    assert str(caught.value).startswith(f"keys.toml{line}: ")


def test_every_mistake_is_said() -> None:
    with pytest.raises(KeymapError) as caught:
        parse_bindings("[keys]\npowr = 'x'\nwhy = 'ctrl+b'", "k")
    assert "k, line 2: there is no binding powr" in str(caught.value)
    assert "; k, line 3: why: " in str(caught.value)


def test_an_unreadable_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_bytes(b"\xff")
    with pytest.raises(KeymapError, match=r"keys\.toml, line 1: is not UTF-8"):
        load_bindings(tmp_path / "keys.toml")


@pytest.mark.parametrize(
    ("key", "text"), [("ctrl+d", "^d"), ("f2", "F2"), ("space", "Space"), ("o", "o")]
)
def test_keys_as_people_write_them(key: str, text: str) -> None:
    assert shown(key) == text
