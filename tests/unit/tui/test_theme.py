from __future__ import annotations

from pathlib import Path

import pytest
from rich.style import Style

from tradetui.tui.theme import Theme, ThemeError, load_theme, theme_files


def test_shipped_themes_load_and_name_the_same_looks() -> None:
    names = list(theme_files())
    assert names == ["colour-blind", "dark", "high-contrast", "light", "monochrome", "red-up"]
    dark = set(load_theme("dark").looks)
    assert [name for name in names if set(load_theme(name).looks) != dark] == []


@pytest.mark.parametrize("name", theme_files())
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


@pytest.mark.parametrize("name", theme_files())
def test_rising_and_falling_candles_differ_without_colour(name: str) -> None:
    theme = load_theme(name, mono=True)
    assert theme.style("up") != theme.style("down")
    assert theme.style("wick_up") != theme.style("wick_down")


def own_theme(folder: Path, text: str) -> Theme:
    """Load a theme of a person's own."""
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    return load_theme("mine", [folder])


def test_looks_combine_and_unknown_ones_are_the_base(tmp_path: Path) -> None:
    theme = own_theme(tmp_path, '[looks]\nbase = "blue"\nhead = "bold"\ntarget = "underline"')
    assert theme.style("head+target") == Style.parse("blue bold underline")
    assert theme.style("nothing") == Style.parse("blue")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("looks = [", "not valid TOML"),
        ("name = 'x'", r"no table \[looks\]"),
        ("[looks]\nbase = 1", "looks.base must be text"),
        ("[looks]\nbase = 'greenish'", "looks.base.*is not a style"),
    ],
)
def test_a_bad_theme_is_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ThemeError, match=rf"mine\.toml.*{says}"):
        own_theme(tmp_path, text)


def test_an_unknown_theme_names_those_there_are() -> None:
    with pytest.raises(ThemeError, match="dark, high-contrast, light"):
        load_theme("solarised")


def test_monochrome_has_no_colour() -> None:
    theme = load_theme("monochrome")
    assert all(theme.own_style(look).without_color == theme.own_style(look) for look in theme.looks)


@pytest.mark.parametrize(
    ("name", "gain", "loss", "up", "down"),
    [
        ("colour-blind", "bright_cyan", "bright_yellow", "bright_blue", "bright_yellow"),
        ("red-up", "bright_red", "green", "bright_red", "green"),
        ("light", "blue", "red", "blue", "red"),
    ],
)
def test_gain_and_loss_in_other_colours(
    name: str, gain: str, loss: str, up: str, down: str
) -> None:
    theme = load_theme(name)
    for look, colour in (
        ("good", gain), ("buy", gain), ("bad", loss), ("sell", loss), ("up", up), ("down", down)
    ):  # fmt: skip
        assert theme.style(look).color == Style.parse(colour).color


def own(folder: Path, text: str, name: str = "mine") -> Path:
    (folder / f"{name}.toml").write_text(text)
    return folder


def test_an_own_theme_changes_what_it_names(tmp_path: Path) -> None:
    folder = own(tmp_path, 'name = "Mine"\nextends = "light"\n[looks]\ngood = "blue"')
    theme = load_theme("mine", [folder])
    assert (theme.name, theme.style("good").color) == ("Mine", Style.parse("blue").color)
    assert theme.style("bad") == load_theme("light").style("bad")
    assert "mine" in theme_files([folder])


def test_an_own_theme_wins_over_a_shipped_one_of_its_name(tmp_path: Path) -> None:
    folder = own(tmp_path, '[looks]\ngood = "magenta"', "dark")
    assert load_theme("dark", [folder]).style("good").color == Style.parse("magenta").color
    assert load_theme("dark").style("good").color == Style.parse("green").color


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('extends = "nothing"\n[looks]', "extends 'nothing', but there are colour-blind, dark"),
        ("extends = 3\n[looks]", "extends 3"),
        ('[looks]\ngoodd = "blue"', "looks.goodd is no look; did you mean good"),
        ("lokos = 1\n[looks]", "line 1: unknown key lokos; did you mean looks"),
        ("[looks]\n\n[lokos]  # mine\n", "line 3: unknown key lokos; did you mean looks"),
        ("[looks]\n[[colours.of]]", "line 2: unknown key colours; known are name, extends, looks"),
        ("[looks]\nhead.bold = true", "line 2: looks.head must be text"),
        ("looks = 3", r"line 1: has no table \[looks\]"),
        ('[looks]\nqqq = "blue"', r"line 2: looks.qqq is no look; themes/dark.toml has all \d+$"),
        ('[looks]\n"\\u001b[2J" = "blue"', r"looks\.\S+ is no look"),
    ],
)
def test_a_bad_own_theme_is_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ThemeError, match=says) as caught:
        load_theme("mine", [own(tmp_path, text)])
    assert "\x1b" not in str(caught.value)


def test_an_unreadable_theme_is_one_sentence(tmp_path) -> None:
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ThemeError, match=r"bad\.toml, line 1: is not UTF-8"):
        load_theme("bad", [tmp_path])


@pytest.mark.parametrize("name", theme_files())
def test_the_focus_and_the_cursor_can_be_seen_without_colour(name: str) -> None:
    for theme in (load_theme(name), load_theme(name, mono=True)):
        assert theme.style("tab_on+focus") != theme.style("tab_on") != theme.style("tab_off")
        assert theme.style("field_on") != theme.style("field")
        assert theme.style("selected") != theme.style("base")
        assert theme.style("crosshair").reverse and theme.style("field_on").reverse
