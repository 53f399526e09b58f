"""The one widget of the console: it shows lines and repaints only the cells that differ."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tradetui.tui.lines import Line, changed_runs, crop, padded
from tradetui.tui.theme import Theme


class LineView(Widget):
    """A rectangle of styled lines."""

    def __init__(self, theme: Theme, *, id: str, base: str = "base") -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._theme = theme
        self._base = base
        self._lines: tuple[Line, ...] = ()
        self._strips: dict[int, Strip] = {}

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is shown."""
        return self._lines

    def show(self, lines: Sequence[Line]) -> None:
        """Show ``lines`` from the top; only the cells that changed are painted again."""
        old, new = self._lines, tuple(lines)
        if old == new:
            return
        self._lines = new
        width = self.size.width
        for y in range(max(len(old), len(new))):
            before = old[y] if y < len(old) else ()
            after = new[y] if y < len(new) else ()
            if before == after:
                continue
            self._strips.pop(y, None)
            if width == 0 or y >= self.size.height:
                continue
            for start, length in changed_runs(crop(before, width), crop(after, width), width):
                self.refresh(Region(start, y, length, 1))

    def use_theme(self, theme: Theme) -> None:
        """Paint everything again in another theme."""
        self._theme = theme
        self._strips.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        self._strips.clear()
        super().notify_style_update()

    def on_resize(self) -> None:
        """Forget the strips of the old size."""
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        strip = self._strips.get(y)
        if strip is None or strip.cell_length != self.size.width:
            line = self._lines[y] if y < len(self._lines) else ()
            strip = Strip(
                self._segments(padded(line, self.size.width, self._base)), self.size.width
            )
            self._strips[y] = strip
        return strip

    def _segments(self, line: Line) -> list[Segment]:
        """Return the line's segments; neighbours of one style are joined, which saves bytes."""
        segments: list[Segment] = []
        texts: list[str] = []
        current: Style | None = None
        for text, look in line:
            style = self._theme.style(look)
            if style != current and texts:
                segments.append(Segment("".join(texts), current))
                texts = []
            current = style
            texts.append(text)
        if texts:
            segments.append(Segment("".join(texts), current))
        return segments
