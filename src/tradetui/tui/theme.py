"""Looks: from the names that the widgets use to styles in the 16 colours every terminal has.

A theme is a TOML file: ``name``, and under ``[looks]`` one Rich style string per name. A person's
own theme says with ``extends`` which one it changes (``dark`` if it does not say), and names only
the looks that differ. The word is always the signal; the colour repeats it.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich.errors import StyleSyntaxError
from rich.style import Style

from tradetui.domain.text import printable
from tradetui.domain.toml_text import (
    MAX_TOML_BYTES,
    TomlError,
    decode_toml,
    parse_toml,
    place_of_key,
)

DEFAULT: Final = "dark"
"""What a theme extends that does not say."""

_LISTED: Final = 12
"""A sentence names no more words than that."""
_KEYS: Final = ("name", "extends", "looks")
_DEFAULT_LOOKS: Final = {
    "reverse": "reverse",
    "bold": "bold",
    "dim": "dim",
    "cursor": "reverse",
    "selected": "bold",
}

_APART: Final = (("up", "down"), ("wick_up", "wick_down"))
"""Candles differ in nothing but their look: without colours the falling ones are dim."""


class ThemeError(Exception):
    """A theme cannot be used; the message names the file, the key and the mend."""


class Theme:
    """A table of styles by look."""

    def __init__(self, name: str, looks: dict[str, Style], *, mono: bool = False) -> None:
        self.name = name
        self.is_mono = mono
        self._styles = {
            look: _without_colour(look, style) if mono else style for look, style in looks.items()
        }
        for rising, falling in _APART if mono else ():
            if self._styles.get(rising, Style()) == self._styles.get(falling, Style()):
                self._styles[falling] = self._styles.get(falling, Style()) + Style(dim=True)
        self._base = self._styles.get("base", Style())

    @property
    def looks(self) -> tuple[str, ...]:
        """The names this theme gives a style."""
        return tuple(self._styles)

    def own_style(self, look: str) -> Style:
        """Return the style of a look without the theme's base under it."""
        return self._styles[look]

    def style(self, look: str) -> Style:
        """Return the style of a look, over the theme's base.

        ``a+b`` is both, ``b`` over ``a``. A look the theme does not name has the base's style.
        """
        found = self._styles.get(look)
        if found is None:
            found = Style()
            for part in look.split("+"):
                found = found + self._styles.get(part, Style())
            self._styles[look] = found
        return self._base + found if self._base else found


def _without_colour(look: str, style: Style) -> Style:
    """Keep the attributes only; a coloured background becomes reverse video, but for the base's:
    on a screen that is reversed as a whole nothing would stand out.
    """
    has_background = style.bgcolor is not None and not style.bgcolor.is_default
    plain = style.without_color
    if look == "base" or not has_background or style.reverse:
        return plain
    return plain + Style(reverse=True)


def themes_folder() -> Path:
    """Return the folder of the shipped themes: in the wheel, or at the root of the checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "resources" / "themes"
    return inside if inside.is_dir() else package.parents[1] / "themes"


def theme_files(folders: Sequence[Path] = ()) -> dict[str, Path]:
    """Return the file of each theme by name, in order: those of ``folders``, whose first wins a
    name, and the shipped ones.
    """
    found: dict[str, Path] = {}
    for folder in (*folders, themes_folder()):
        for path in sorted(folder.glob("*.toml")):
            found.setdefault(path.stem, path)
    return {name: found[name] for name in sorted(found)}


def load_theme(name: str, folders: Sequence[Path] = (), *, mono: bool = False) -> Theme:
    """Load a theme by name, from ``folders`` or the shipped ones.

    Raises ThemeError, with a sentence that names the file, the key and the mend, if there is none
    of that name or it cannot be used.
    """
    path = theme_files(folders).get(name)
    if path is None:
        known = ", ".join(theme_files(folders))
        raise ThemeError(f"there is no theme {printable(name, 40)!r}; there are: {known}")
    text = _read(path)
    data = _read_toml(text, str(path))
    under = None if path.parent == themes_folder() else _extended(data, path, text)
    return _theme(data, str(path), text, under, mono=mono)


def _extended(data: dict[str, Any], path: Path, text: str) -> Theme:
    """Load what a person's own theme extends: always a shipped one."""
    base = data.get("extends", DEFAULT)
    place = place_of_key(path, text, "extends")
    shipped = theme_files()
    if not isinstance(base, str) or base not in shipped:
        raise ThemeError(
            f"{place}: extends {printable(repr(base), 60)}, but there are {', '.join(shipped)}"
        )
    return load_theme(base)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return decode_toml(file.read(MAX_TOML_BYTES + 1))
    except OSError as e:
        raise ThemeError(f"{path}: cannot be read ({e.strerror})") from e
    except TomlError as e:
        raise ThemeError(e.of(path)) from None


def _read_toml(text: str, source: str) -> dict[str, Any]:
    try:
        data = parse_toml(text)
    except TomlError as e:
        raise ThemeError(e.of(source)) from None
    for key in data:
        if key not in _KEYS:
            place = place_of_key(source, text, key)
            raise ThemeError(f"{place}: unknown key {printable(key, 40)}; {_near(key, _KEYS)}")
    return data


def _theme(
    data: dict[str, Any], source: str, text: str, under: Theme | None, *, mono: bool
) -> Theme:
    looks = data.get("looks")
    if not isinstance(looks, dict):
        place = place_of_key(source, text, "looks")
        raise ThemeError(f"{place}: has no table [looks]; copy one from themes/dark.toml")
    styles = {look: Style.parse(words) for look, words in _DEFAULT_LOOKS.items()}
    if under is not None:
        styles |= {look: under.own_style(look) for look in under.looks}
        for look in looks:
            if look not in styles:
                hint = _near(look, under.looks)
                place = place_of_key(source, text, look, "looks")
                raise ThemeError(f"{place}: looks.{printable(look, 40)} is no look; {hint}")
    for look, value in looks.items():
        style = _style_of(value)
        if style is None:
            place = place_of_key(source, text, look, "looks")
            raise ThemeError(f"{place}: looks.{printable(look, 40)}{_unusable(value)}")
        styles[look] = style
    return Theme(printable(str(data.get("name", source)), 40), styles, mono=mono)


def _style_of(value: object) -> Style | None:
    """Return the style that a text says, None if it says none."""
    if not isinstance(value, str):
        return None
    try:
        style = Style.parse(value)
    except StyleSyntaxError:
        return None
    return None if style.link else style  # a link is a sequence of its own, with any text in it


def _unusable(value: object) -> str:
    """Say what is wrong with a value that is no style."""
    if not isinstance(value, str):
        return ' must be text like "green bold"'
    return (
        f": {printable(value, 60)!r} is not a style; "
        'write colours and attributes like "white on red" or "green bold"'
    )


def _near(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    if near:
        return f"did you mean {near[0]}?"
    if len(known) > _LISTED:
        return f"themes/{DEFAULT}.toml has all {len(known)}"
    return f"known are {', '.join(known)}"
