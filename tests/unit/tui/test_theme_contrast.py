"""Every theme can be read: the contrast of each look, as WCAG 2 measures it, in the palettes that
people's terminals have.

A terminal chooses what its 16 colours look like, so a look is good only if it is in all of these.
Text needs 4.5 : 1, what is only drawn (candles, lines, rules) 3 : 1. ``dim`` is taken as two thirds
of the way from the background, as VTE and Textual draw it; what is quiet on purpose needs 4 : 1,
because the Linux console's grey is that pale.
"""

from __future__ import annotations

import pytest
from rich.color import Color
from rich.style import Style

from tradetui.tui.theme import load_theme, theme_files

PALETTES = {
    "xterm": "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 "
    "7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff",
    "linux console": "000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa "
    "555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff",
    "gnome": "171421 c01c28 26a269 a2734c 12488b a347ba 2aa1b3 d0cfcc "
    "5e5c64 f66151 33da7a e9ad0c 2a7bde c061cb 33c7de ffffff",
    "windows": "0c0c0c c50f1f 13a10e c19c00 0037da 881798 3a96dd cccccc "
    "767676 e74856 16c60c f9f1a5 3b78ff b4009e 61d6d6 f2f2f2",
}
TEXT, QUIET, MARK = 4.5, 4.0, 3.0
MARKS = {"rule", "up", "down", "wick_up", "wick_down", "line", "line2", "line3"}
COMBINED = ("tab_on+focus", "selected+cursor", "dialog+field_on")

Rgb = tuple[float, float, float]


def rgb(colour: Color | None, palette: list[str], default: int) -> Rgb:
    number = default if colour is None or colour.is_default else colour.number
    assert number is not None and number < 16
    text = palette[number]
    red, green, blue = (int(text[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def luminance(colour: Rgb) -> float:
    """WCAG 2.2, relative luminance."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(style: Style, palette: list[str]) -> float:
    """WCAG 2.2, contrast ratio of the text of a style to its background."""
    front, back = rgb(style.color, palette, 7), rgb(style.bgcolor, palette, 0)
    if style.dim:
        mixed = [ahead * 2 / 3 + behind / 3 for ahead, behind in zip(front, back, strict=True)]
        front = (mixed[0], mixed[1], mixed[2])
    lighter, darker = sorted((luminance(front), luminance(back)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def needed(look: str, style: Style) -> float:
    if look in MARKS:
        return MARK
    return QUIET if style.dim else TEXT


def test_the_measure_is_wcags() -> None:
    palette = PALETTES["xterm"].split()
    assert contrast(Style.parse("bright_white on black"), palette) == pytest.approx(21)
    assert contrast(Style.parse("bright_black on bright_white"), palette) == pytest.approx(
        4.0, 0.01
    )


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("name", theme_files())
def test_every_look_of_a_theme_can_be_read(name: str, palette: str) -> None:
    theme = load_theme(name)
    colours = PALETTES[palette].split()
    found = {
        look: round(contrast(theme.style(look), colours), 2)
        for look in (*theme.looks, *COMBINED)
        if contrast(theme.style(look), colours) < needed(look, theme.style(look))
    }
    assert found == {}


@pytest.mark.parametrize("name", [one for one in theme_files() if one != "monochrome"])
def test_gain_and_loss_up_and_down_differ_in_more_than_brightness(name: str) -> None:
    theme = load_theme(name)
    for one, other in (("good", "bad"), ("up", "down"), ("buy", "sell"), ("allow", "REJECT")):
        assert theme.style(one).color != theme.style(other).color
