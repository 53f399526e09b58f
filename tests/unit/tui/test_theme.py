from __future__ import annotations

import pytest
from rich.style import Style

from tradetui.tui.theme import ThemeError, load_theme, parse_theme, theme_names


def test_shipped_themes_load_and_name_the_same_looks() -> None:
    names = theme_names()
    assert names == ("dark", "high-contrast", "light")
    looks = {name: set(load_theme(name).looks) for name in names}
    assert looks["dark"] == looks["light"]
    assert looks["dark"] == looks["high-contrast"]


@pytest.mark.parametrize("name", theme_names())
def test_shipped_themes_use_only_the_sixteen_colours(name: str) -> None:
    theme = load_theme(name)
    for look in theme.looks:
        style = theme.style(look)
        for colour in (style.color, style.bgcolor):
            assert colour is None or colour.is_system_defined or colour.is_default


def test_mono_keeps_attributes_and_turns_backgrounds_into_reverse() -> None:
    theme = load_theme("dark", mono=True)
    assert theme.style("state_ERROR") == Style(reverse=True)
    assert theme.style("state_ACTIVE") == Style(bold=True)


def test_looks_combine_and_unknown_ones_are_the_base() -> None:
    theme = parse_theme('[looks]\nbase = "blue"\na = "bold"\nb = "underline"', "x")
    assert theme.style("a+b") == Style.parse("blue bold underline")
    assert theme.style("nothing") == Style.parse("blue")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("looks = [", "not valid TOML"),
        ("name = 'x'", r"no table \[looks\]"),
        ("[looks]\na = 1", "looks.a must be text"),
        ("[looks]\na = 'greenish'", "looks.a.*is not a style"),
    ],
)
def test_a_bad_theme_is_one_sentence(text: str, says: str) -> None:
    with pytest.raises(ThemeError, match=says):
        parse_theme(text, "my.toml")


def test_an_unknown_theme_names_those_there_are() -> None:
    with pytest.raises(ThemeError, match="dark, high-contrast, light"):
        load_theme("solarised")


def test_an_unreadable_theme_is_one_sentence(tmp_path) -> None:
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ThemeError, match=r"bad\.toml: cannot be read"):
        load_theme("bad", folder=tmp_path)
