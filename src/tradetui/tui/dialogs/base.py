"""What all dialogs share: the frame, the fields, the grades of confirmation.

Cancel is the default: Esc leaves, Enter never confirms, a fresh dialog hears nothing for 300 ms,
and a key held down is not heard at all (the screen's guard sees to both).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tradetui.domain.commands import CommandReply
from tradetui.domain.formatting import counted
from tradetui.domain.text import printable
from tradetui.tui.dialogs.seen import Seen, Shown
from tradetui.tui.field import TextField
from tradetui.tui.lines import Line, ellipsis, fit, padded, text_line, width_of
from tradetui.tui.masking import Masker

WIDTH: Final = 75

_SCROLL: Final = {"pagedown": 3, "pageup": -3, "ctrl+d": 3, "ctrl+u": -3}
_SCROLL_FREE: Final = {"j": 1, "down": 1, "k": -1, "up": -1}
"""Keys that scroll too where nothing is typed."""

Run = Callable[[], Awaitable[CommandReply]]
Facts = Sequence[tuple[str, str]]
"""Labels, and what stands beside them."""
LiveFacts = Facts | Callable[[], Facts]
"""Facts, or a function that returns them as of now whenever the dialog is drawn."""


@dataclass(frozen=True, slots=True)
class Stay:
    """The dialog stays; it is drawn again."""


NOTHING: Final = "Nothing done."
STAYED: Final = "Still here."
PASSING: Final = frozenset((NOTHING, STAYED))
"""What is said of a dialog that was left: for a moment only."""


@dataclass(frozen=True, slots=True)
class Close:
    """The dialog closes without an act; ``text`` goes to the message line."""

    text: str = NOTHING


@dataclass(frozen=True, slots=True)
class Act:
    """The dialog closes and the act is done."""

    run: Run


@dataclass(frozen=True, slots=True)
class Replace:
    """Another dialog takes the place of this one."""

    dialog: Dialog


@dataclass(frozen=True, slots=True)
class Ask:
    """Something must be asked of the services first; its answer says what comes next.

    The dialog stays, and hears no key, until then.
    """

    run: Callable[[], Awaitable[Result]]


Result = Stay | Close | Act | Replace | Ask


class Dialog:
    """A frame with a title, lines of text and perhaps fields."""

    title = ""
    has_text_input = False
    masker: Masker | None = None
    """Set while money is masked."""
    is_masked = True
    """Whether amounts may be hidden: not where a person writes them."""

    def __init__(self, *, place: str, is_live: bool) -> None:
        self.place = place
        self.is_live = is_live
        self.note = ""
        self._first = 0
        self._most = 0
        """How far what does not fit may be scrolled; 0 where all of it is shown."""

    def body(self, width: int) -> list[Line]:
        """Return the lines inside the frame."""
        raise NotImplementedError

    def key(self, key: str) -> Result:
        """Take a key that the guard let through."""
        return Close() if is_cancel(key, typing=self.has_text_input) else Stay()

    def press(self, key: str) -> Result:
        """Take a key: one that scrolls where the screen is too low for the dialog, else its own."""
        step = _SCROLL.get(key, 0)
        if not step and not self.has_text_input:
            step = _SCROLL_FREE.get(key, 0)
        if not step or not self._most:
            return self.key(key)
        self._first = min(max(self._first + step, 0), self._most)
        return Stay()

    def heard(self) -> None:
        """A key has come, which is taken a moment later: it answers what shows now."""

    def paste(self, text: str) -> None:
        """Take pasted text; dropped unless the dialog has a field."""

    def lines(self, width: int, height: int, *, ascii_only: bool) -> list[Line]:
        """Draw the dialog with its frame."""
        inner = min(self.preferred_width(), width) - 4
        body = self.body(inner)
        if self.note:
            body = [*body, *wrap(self.note, inner, "problem")]
        if self.masker is not None and self.is_masked:
            body = self.masker.lines(body)
        body = self._within(body, max(height - 2, 1))
        return framed(self.title, self.place, body, inner, self.is_live, ascii_only=ascii_only)

    def _within(self, body: list[Line], room: int) -> list[Line]:
        """Return what fits: the question and its answers always, of what stands before them a part
        that can be scrolled.
        """
        self._most = 0
        if len(body) <= room:
            return body
        blanks = [at for at, line in enumerate(body) if not width_of(line)]
        foot = body[blanks[-1] :] if blanks else []
        shown = room - len(foot) - 1
        if shown < 1:
            return [*body[: room - 1], text_line("... the screen is too low for the rest", "dim")]
        self._most = len(body) - len(foot) - shown
        self._first = min(self._first, self._most)
        below = self._most - self._first
        mark = f"... {counted(below, 'more line')}: PgDn" if below else "... back up: PgUp"
        return [*body[self._first : self._first + shown], text_line(mark, "key"), *foot]

    def preferred_width(self) -> int:
        """Return how wide the dialog wants to be, frame included."""
        return WIDTH


def is_cancel(key: str, *, typing: bool) -> bool:
    """Tell whether a key leaves a dialog; ``q`` and Backspace do only where nothing is typed."""
    return key in ("escape", "ctrl+c") or (not typing and key in ("q", "backspace"))


def cancel_words(does: str, *, typing: bool) -> str:
    """Say what leaves a dialog: Esc is slow or missing on some terminals."""
    return f"Esc or {'^c' if typing else 'q'} {does}"


def framed(
    title: str, place: str, body: Sequence[Line], inner: int, is_live: bool, *, ascii_only: bool
) -> list[Line]:
    """Draw ``+-- TITLE ----- LIVE, real money --+`` around lines of ``inner`` cells."""
    dash, side = ("-", "|") if ascii_only else ("─", "│")
    corners = "++++" if ascii_only else "┌┐└┘"
    tail = f" {printable(place, inner)} "
    room = max(inner - len(tail) - 5, 1)  # beside the title: a blank on each side, a dash
    head = f" {ellipsis(printable(title, inner), room)} "
    gap = max(inner - 2 - len(head) - len(tail), 1)
    look = "dialog_live" if is_live else "dialog_title"
    top: Line = (
        (corners[0] + dash * 2, "dialog"),
        (head, "dialog_title"),
        (dash * gap, "dialog"),
        (tail, look),
        (dash * 2 + corners[1], "dialog"),
    )
    width = inner + 4
    lines = [padded(top, width, "dialog")]
    for line in body:
        lines.append(
            ((f"{side} ", "dialog"), *padded(line, inner, "dialog"), (f" {side}", "dialog"))
        )
    lines.append(text_line(corners[2] + dash * (inner + 2) + corners[3], "dialog"))
    return lines


_BEFORE_UNIT: Final = re.compile(r"(?<=[0-9*]) (?=[A-Z][A-Z0-9]{1,11}\b)")
_KEPT: Final = "\N{NO-BREAK SPACE}"


def wrap(text: str, width: int, look: str = "dialog") -> list[Line]:
    """Break a text at blanks into lines of at most ``width`` cells; an amount keeps its unit."""
    lines: list[str] = []
    current = ""
    for word in _BEFORE_UNIT.sub(_KEPT, printable(text, 2000)).split(" "):
        rest = word.replace(_KEPT, " ")
        if current and len(current) + 1 + len(rest) > width:
            lines.append(current)
            current = ""
        while len(rest) > width:
            lines.append(rest[:width])
            rest = rest[width:]
        current = f"{current} {rest}" if current else rest
    return [text_line(line, look) for line in [*lines, current]]


def labelled(label: str, text: str, width: int, look: str = "dialog") -> list[Line]:
    """Return ``label     text`` with the text wrapped beside its label."""
    return [
        (((label if index == 0 else "").ljust(10), "label"), *line)
        for index, line in enumerate(wrap(text, width - 10, look))
    ]


def fact_lines(facts: LiveFacts, width: int) -> list[Line]:
    """Return the facts of a dialog, those that move as of now."""
    found = facts() if callable(facts) else facts
    return [line for label, text in found for line in labelled(label, text, width)]


def answered(key: str, text: str, width: int) -> list[Line]:
    """Return ``y    what it does`` with the text wrapped beside its key."""
    return [
        (((key if index == 0 else "").ljust(5), "key"), *line)
        for index, line in enumerate(wrap(text, width - 5))
    ]


def moved(shown: Shown[Any], width: int) -> list[Line]:
    """Return the lines that say what has changed since a dialog opened, none if nothing has."""
    found = shown.moved()
    return labelled("changed", f"{found}, since this opened", width, "problem") if found else []


def prompt(question: str, keys: str, width: int) -> Line:
    """Return the last line of a dialog: the question left, the keys that answer right."""
    room = max(width - len(keys), 0)
    return ((fit(question, room), "dialog"), (keys, "key"))


class ConfirmDialog(Dialog):
    """A question that ``y`` answers, or, where more is at stake, a typed word.

    ``typed`` is the word: its last letter confirms. ``wants_reason`` asks for a reason before it.
    ``width``: cells that it takes where there are so many.
    Facts that a function returns are followed while it is open. Where the act hangs on them they
    are figures (``Shown``): an answer to other ones is not taken, and the dialog stays.
    """

    def __init__(
        self,
        title: str,
        facts: LiveFacts,
        question: str,
        run: Callable[[str], Awaitable[CommandReply]],
        *,
        place: str,
        is_live: bool,
        seen: Seen | Shown[Any] | None = None,
        typed: str = "",
        wants_reason: bool = False,
        width: int = WIDTH,
    ) -> None:
        super().__init__(place=place, is_live=is_live)
        self.title = title
        self.has_text_input = bool(typed) or wants_reason
        self._facts = facts
        self._question = question
        self._run = run
        self._seen = seen
        self._typed = typed
        self._width = width
        self._fields = {"reason": TextField(limit=120)} if wants_reason else {}
        if typed:
            self._fields["typed"] = TextField(limit=64)
        self._on = next(iter(self._fields), "")

    def preferred_width(self) -> int:
        return self._width

    def body(self, width: int) -> list[Line]:
        lines: list[Line] = []
        lines += fact_lines(self._facts, width)
        if isinstance(self._seen, Shown):
            lines += moved(self._seen, width)
        lines.append(text_line("", "dialog"))
        if not self._fields:
            keys = f"y yes   {cancel_words('cancel', typing=False)}"
            if width_of(text_line(self._question)) + len(keys) >= width:
                keys = "y yes   Esc cancel"
            return [*lines, prompt(self._question, keys, width)]
        for name, field in self._fields.items():
            wanted = " ".join(filter(None, ("type", self._typed, self._question)))
            label = f"{wanted}: " if name == "typed" else "reason: "
            size = max(min(24 if name == "typed" else 48, width - len(label) - 2), 8)
            box = field.line(size, is_on=name == self._on)
            lines.append(((label, "dialog"), ("[", "dialog"), *box, ("]", "dialog")))
        keys = "Tab other field   " if len(self._fields) > 1 else ""
        keys += cancel_words("cancel", typing=True)
        return [*lines, prompt("", keys, width)]

    def heard(self) -> None:
        if isinstance(self._seen, Shown):
            self._seen.heard()

    def key(self, key: str) -> Result:
        if is_cancel(key, typing=self.has_text_input):
            return Close()
        self.note = ""
        if not self._fields:
            return self._confirmed("") if key == "y" else Stay()
        if key in ("tab", "shift+tab", "down", "up"):
            names = list(self._fields)
            self._on = names[(names.index(self._on) + 1) % len(names)]
        elif key == "enter":
            self.note = "Enter never confirms: the last letter of the word does"
        else:
            self._fields[self._on].key(key)
            typed = self._fields.get("typed")
            if typed is not None and self._on == "typed" and typed.text == self._typed:
                return self._typed_confirmed()
        return Stay()

    def paste(self, text: str) -> None:
        """A reason may be pasted; the word that confirms must be typed."""
        if self._on == "reason":
            self._fields["reason"].insert(text)
        elif self._fields:
            self.note = "the word must be typed, not pasted"

    def _typed_confirmed(self) -> Result:
        """The word is whole; a reason must be there too where one is asked for."""
        reason = self._fields.get("reason")
        if reason is not None and not reason.text.strip():
            self.note = "say why first: the reason goes into the journal"
            self._fields["typed"].set("")
            self._on = "reason"
            return Stay()
        return self._confirmed("" if reason is None else reason.text.strip())

    def _confirmed(self, reason: str) -> Result:
        problem = self._seen.problem() if self._seen else ""
        if problem and isinstance(self._seen, Seen):
            return Close(problem)
        if problem:
            self.note = problem
            self._fields.get("typed", TextField()).key("backspace")
            return Stay()
        run = self._run
        return Act(lambda: run(reason))


def dialog_width(lines: Sequence[Line]) -> int:
    """Return the width of a drawn dialog."""
    return max((width_of(line) for line in lines), default=0)
