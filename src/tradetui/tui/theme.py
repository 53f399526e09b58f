"""Looks: from the names that the widgets use to styles in the 16 colours every terminal has.

A theme is a TOML file: ``name``, and under ``[looks]`` one Rich style string per name. The word is
always the signal and the colour repeats it, so a theme may leave any look out.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from rich.errors import StyleSyntaxError
from rich.style import Style

from tradetui.domain.text import printable

_DEFAULT_LOOKS = {
    "reverse": "reverse",
    "bold": "bold",
    "dim": "dim",
    "cursor": "reverse",
    "selected": "bold",
}


class ThemeError(Exception):
    """A theme cannot be used; the message names the file, the key and the mend."""


class Theme:
    """A table of styles by look."""

    def __init__(self, name: str, looks: dict[str, Style], *, mono: bool = False) -> None:
        self.name = name
        self.is_mono = mono
        self._styles = {
            look: _without_colour(style) if mono else style for look, style in looks.items()
        }
        self._base = self._styles.get("base", Style())

    @property
    def looks(self) -> tuple[str, ...]:
        """The names this theme gives a style."""
        return tuple(self._styles)

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


def _without_colour(style: Style) -> Style:
    """Keep the attributes only; a coloured background becomes reverse video."""
    has_background = style.bgcolor is not None and not style.bgcolor.is_default
    plain = style.without_color
    return plain + Style(reverse=True) if has_background and not style.reverse else plain


def parse_theme(text: str, source: str, *, mono: bool = False) -> Theme:
    """Read a theme's TOML.

    Raises ThemeError with a sentence that names the file and key.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        raise ThemeError(f"{source}: not valid TOML: {printable(str(e), 200)}") from e
    looks = data.get("looks")
    if not isinstance(looks, dict):
        raise ThemeError(f"{source}: has no table [looks]; copy one from themes/dark.toml")
    styles = {look: Style.parse(text) for look, text in _DEFAULT_LOOKS.items()}
    for look, value in looks.items():
        if not isinstance(value, str):
            raise ThemeError(
                f'{source}: looks.{printable(look, 40)} must be text like "green bold"'
            )
        try:
            styles[look] = Style.parse(value)
        except StyleSyntaxError as e:
            raise ThemeError(
                f"{source}: looks.{printable(look, 40)}: {printable(value, 60)!r} is not a style; "
                'write colours and attributes like "white on red" or "green bold"'
            ) from e
    return Theme(str(data.get("name", source)), styles, mono=mono)


def themes_folder() -> Path:
    """Return the folder of the shipped themes: in the wheel, or at the root of the checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "resources" / "themes"
    return inside if inside.is_dir() else package.parents[1] / "themes"


def theme_names(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the themes in a folder (default: the shipped ones), in order."""
    return tuple(sorted(path.stem for path in (folder or themes_folder()).glob("*.toml")))


def load_theme(name: str, *, mono: bool = False, folder: Path | None = None) -> Theme:
    """Load a theme by name from a folder (default: the shipped ones).

    Raises ThemeError if there is none of that name or it cannot be read.
    """
    root = folder or themes_folder()
    if name not in theme_names(root):
        known = ", ".join(theme_names(root)) or "none"
        raise ThemeError(f"there is no theme {printable(name, 40)!r} in {root}; there are: {known}")
    path = root / f"{name}.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise ThemeError(f"{path}: cannot be read: {printable(str(e), 200)}") from e
    return parse_theme(text, str(path), mono=mono)
