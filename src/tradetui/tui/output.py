"""What goes to the terminal: only the cells of the changed regions, from their first to their last.

Textual's own partial update repeats a line from the left edge of the widget on, which over SSH
costs ten times the bytes when one cell of a wide table changes.
Its whole repaints, of which a new screen makes several, send every line; ours only those that
differ from what was sent for that line.
"""

from __future__ import annotations

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, LayoutUpdate


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
