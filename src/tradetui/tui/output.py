"""What goes to the terminal: only the cells of the changed regions, from their first to their last.

Textual's own partial update repeats a line from the left edge of the widget on, which over SSH
costs ten times the bytes when one cell of a wide table changes.
Its whole repaints, of which a new screen makes several, send every line; ours only those that
differ from what was sent for that line.
"""

from __future__ import annotations

from typing import NamedTuple

from rich.color import ColorSystem
from rich.console import Console, ConsoleOptions, RenderResult
from rich.control import Control
from rich.segment import Segment
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip


class Run(NamedTuple):
    """Cells beside one another: where the first one stands on the screen, and what they show."""

    x: int
    y: int
    segments: list[Segment]


class CellRuns(CompositorUpdate):
    """The cells that changed, as the views that know them give them: nothing is composed."""

    def __init__(self, runs: list[Run]) -> None:
        self.runs = runs

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the same as segments: what makes this a renderable."""
        for x, y, segments in self.runs:
            yield Control.move_to(x, y).segment
            yield from segments

    def render_segments(self, console: Console) -> str:
        """Return the escape sequences that paint the runs."""
        colours = console._color_system or ColorSystem.TRUECOLOR
        painted = Strip.render_style
        parts: list[str] = []
        for x, y, segments in self.runs:
            parts.append(f"\x1b[{y + 1};{x + 1}H")
            parts += [
                text if style is None else painted(style, text, colours)
                for text, style, _ in segments
            ]
        return "".join(parts)


class CroppedUpdate(ChopsUpdate):
    """A partial update that sends nothing left of a changed region."""

    def render_segments(self, console: Console) -> str:
        """Return the escape sequences that paint the changed spans."""
        sequences: list[str] = []
        for y, first, last in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= last or end <= first:
                    continue
                left, right = max(first, x), min(last, end)
                sequences.append(Control.move_to(left, y).segment.text)
                sequences.append(strip.crop(left - x, right - x).render(console))
        return "".join(sequences)


class ChangedLines(LayoutUpdate):
    """A repaint that sends only the lines that differ from ``sent``, and notes them there."""

    def __init__(self, update: LayoutUpdate, sent: dict[int, str]) -> None:
        super().__init__(update.strips, update.region)
        self._sent = sent

    def render_segments(self, console: Console) -> str:
        """Return the escape sequences that paint the changed lines."""
        sequences: list[str] = []
        for y, line in enumerate(self.strips, self.region.y):
            text = "".join(strip.render(console) for strip in line)
            if self._sent.get(y) != text:
                self._sent[y] = text
                sequences.append(Control.move_to(self.region.x, y).segment.text)
                sequences.append(text)
        return "".join(sequences)
