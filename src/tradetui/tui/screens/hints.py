"""The message line: what is typed, what was said (some of it for a moment only), else the newest
line of the log of the selected instance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tradetui.domain.replica import LogView
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.tui.lines import Line, padded
from tradetui.tui.masking import Masking
from tradetui.tui.screens.desk import Desk
from tradetui.tui.widgets.bars import message_lines

HINT_SECONDS: Final = 5.0
STAYS_SECONDS: Final = 30.0
"""So long what was said stands; then a line of the log takes its place, or nothing."""
MOST_ROWS: Final = 3
"""So many lines a long message has at most; a reason that is cut is no reason."""
NEWS_SECONDS: Final = 300
"""So old a line of the log may be, by the clock of the data; where that runs faster than time, what
a person could see for ``STAYS_SECONDS`` is news all the same."""


class Hints:
    """Draws the line. Remembers the last hint; whatever else is said in its place is left alone."""

    def __init__(self, screen: Desk, prompt_line: Callable[[int], Line | None]) -> None:
        self._screen = screen
        self._prompt_line = prompt_line
        self._text = ""
        self._left = 0.0
        self._seen: tuple[str, int] = ("", 0)
        self._age = 0.0
        self._news_until: int | None = None
        """Until when (ns UTC of the data) the line of the log that is shown is news."""

    def say(self, text: str) -> None:
        """Put a hint on the message line."""
        self._screen.say(text)
        self._text, self._left = text, HINT_SECONDS

    def pass_time(self, seconds: float) -> None:
        """Let time go by; the hint goes when its own is over, what was said when it is old."""
        self._age += seconds
        said = (self._screen.message, self._screen.said_at)
        if said != self._seen:
            self._seen, self._age = said, 0.0
        elif said[0] and self._age - seconds < STAYS_SECONDS <= self._age:
            self._screen.redraw("message")
        if self._news_until is not None and not self._is_news:
            self._news_until = None
            self._screen.redraw("message")
        self._left -= seconds
        if self._left <= 0:
            self.drop()

    @property
    def is_free(self) -> bool:
        """Nothing that was said stands on the line, or only what is old."""
        return not self._screen.message or self._is_old

    @property
    def _is_old(self) -> bool:
        said = (self._screen.message, self._screen.said_at)
        return said == self._seen and self._age >= STAYS_SECONDS

    def keyed(self) -> None:
        """Let a key take the hint away, and what was said once a person could read it."""
        self.drop()
        said = (self._screen.message, self._screen.said_at)
        if said[0] and said == self._seen and self._age >= HINT_SECONDS:
            self._screen.say("")

    def drop(self) -> None:
        """Clear the message line if it still says the hint."""
        if self._text and self._screen.message == self._text:
            self._screen.say("")
        self._text = ""

    def rows(self, width: int) -> int:
        """Return how many lines what was said wants: more than one when it is longer than that."""
        screen = self._screen
        if not screen.message or self._is_old or self._prompt_line(width) is not None:
            return 1
        return len(message_lines(screen.message, width, MOST_ROWS))

    def lines(self, width: int, room: int, masking: Masking) -> list[Line]:
        """Return the message line; what was said and is longer has up to ``room`` lines."""
        screen = self._screen
        typed = self._prompt_line(width)
        if typed is not None:
            return [padded(typed, width)]
        tutor = screen.console_app.tutor
        tip = "" if tutor is None else tutor.line(width, screen.console_app.key_names)
        if not screen.message and tip:
            return message_lines(tip, width, look="key")
        newest = self._newest() if self.is_free else None
        if newest is not None:
            text = f"{newest.strategy_id}: {newest.text}"
            said = message_lines(text, width, look="dim", said_at=newest.time)
        else:
            look = "refused" if screen.is_refused else "message"
            text = "" if self._is_old else screen.message
            said = message_lines(text, width, room, look=look, said_at=screen.said_at)
        return masking.part("message", said)

    def _newest(self) -> LogView | None:
        """Return the newest line of the log of the selected instance, while its table is shown and
        the line is news.
        """
        screen = self._screen
        row = screen.painter.selected
        if row is None or screen.state.zoomed:
            return None
        lines = reversed(screen.replica.log)
        found = next((one for one in lines if one.strategy_id == row.strategy_id), None)
        header = screen.replica.header
        seconds = max(NEWS_SECONDS, int(STAYS_SECONDS) * (header.speed or 1))
        self._news_until = None if found is None else found.time + seconds * NANOS_PER_SECOND
        return found if self._is_news else None

    @property
    def _is_news(self) -> bool:
        return self._news_until is not None and self._screen.replica.header.now <= self._news_until
