"""From key events to what they do: the line being typed, the open dialog, or the binding table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual import events

from tradetui.domain.text import printable
from tradetui.tui import keymap
from tradetui.tui.dialogs.base import PASSING, Act, Ask, Close, Dialog, Replace, Result
from tradetui.tui.field import TextField
from tradetui.tui.keyguard import KeyGuard
from tradetui.tui.lines import Line, ellipsis
from tradetui.tui.read_only import REFUSED
from tradetui.tui.screens import travelling
from tradetui.tui.screens.acts import Acts
from tradetui.tui.screens.commands import Commands
from tradetui.tui.screens.desk import Desk
from tradetui.tui.screens.event_filter import EXAMPLES
from tradetui.tui.screens.moves import Moves
from tradetui.tui.widgets.lists import broken_expression

_QUIT_PRESSES: Final = 3
BACK_RUN_SECONDS: Final = 1.0
"""The same key within this time is a run of it."""
DEAF_SECONDS: Final = 2.0
"""So long after a word was typed the Enter that a hand sends behind every word opens nothing."""


def key_name(event: events.Key) -> str:
    """Return the name a binding uses: the character itself, or Textual's name for other keys.

    Alt and a letter is Esc and a letter for many terminals: it is read as Esc, the letter dropped.
    """
    if event.key.startswith("alt+"):
        return "escape"
    if event.character is not None and event.is_printable and event.character != " ":
        return event.character
    return event.key


_QUIET: Final = frozenset(
    ("escape", "q", "backspace", "tab", "j", "k", "up", "down", "pageup", "pagedown", "/")
)
"""Keys of a dialog that never act: nothing has to be waited for."""


class Keys:
    """Owns what is being typed, the guard, and the way to the handlers."""

    def __init__(self, screen: Desk) -> None:
        self._screen = screen
        self.guard = KeyGuard(screen.console_app.key_times)
        self.moves = Moves(screen)
        self.acts = Acts(screen)
        self.travelling = travelling.Travelling(screen)
        self.commands = Commands(screen, self.acts, self.moves, self.travelling)
        self._table = keymap.by_key(screen.console_app.bindings)
        self._names = screen.console_app.key_names
        self._prompt: TextField | None = None
        self._prompt_kind = ""
        self._history_at = 0
        self._dialog_opened = 0.0
        self._interrupts = 0
        self._time = 0.0
        self._back = ("", float("-inf"))
        """The last key that goes back, and when it came."""
        self._deaf_to_enter = float("-inf")

    # -- the line at the bottom ------------------------------------------------------------------

    def prompt_line(self, width: int) -> Line | None:
        """Return the line being typed, None if none is."""
        if self._prompt is None:
            return None
        hint = self._prompt_hint(self._prompt.text)
        room = max(width - 2, 1)
        typed = min(max(len(self._prompt.text) + 1, 16), room) if hint else room
        line = ((self._prompt_kind, "key"), *self._prompt.line(typed, is_on=True))
        return (*line, (ellipsis(f"  {hint}", room - typed), "dim")) if hint else line

    def _prompt_hint(self, text: str) -> str:
        """Return what may follow: words of the command line, what a filter understands."""
        if self._prompt_kind == "/":
            if text:
                return printable(broken_expression(text), 120)
            if self._screen.state.focused_tab() == "Journal":
                return f"{EXAMPLES}   Enter keeps it, Esc clears it"
            return "text   !not   ~regex   Enter keeps it, Esc clears it"
        found = self.commands.candidates(text)
        return "" if found == [text.rpartition(" ")[2]] else "  ".join(found)

    def open_prompt(self, kind: str, text: str = "") -> None:
        """Start typing a command (``:``) or a filter (``/``)."""
        self._prompt = TextField(text, limit=200)
        self._prompt_kind = kind
        self._history_at = len(self._history)
        self._screen.redraw("message")

    def paste(self, text: str) -> None:
        """A paste is text for a field; anywhere else it is dropped, and said."""
        if self._prompt is not None:
            self._prompt.insert(text)
            self._screen.redraw("message")
        elif self._screen.dialog is not None and self._screen.dialog.has_text_input:
            self._screen.dialog.paste(text)
        else:
            self._screen.say("a paste outside a field is dropped", refused=True)

    # -- keys ------------------------------------------------------------------------------------

    def binding_id(self, event: events.Key) -> str:
        """Return the id of the binding that a key has, empty if it has none or is not heard."""
        binding = self._table.get(key_name(event))
        return "" if binding is None or self._is_deaf(event) else binding.id

    def _is_deaf(self, event: events.Key) -> bool:
        """Tell whether a key is the Enter after a typed word, which has done its act already."""
        is_late = key_name(event) == "enter" and event.time < self._deaf_to_enter
        return is_late and self._screen.dialog is None

    def press(self, event: events.Key) -> None:
        """Take one key in."""
        key = key_name(event)
        self._time = event.time
        self.guard.note(key, event.time)
        if key == "ctrl+c":
            self._interrupt()
            return
        self._interrupts = 0
        is_run = self._is_run_of_back(key, event.time)
        if self._is_deaf(event):
            return
        if key == "ctrl+z":
            self._screen.say("^z is refused: a suspended engine guards nothing", refused=True)
        elif self._screen.dialog is not None:
            self._dialog_key(key)
        elif self._prompt is not None:
            self._prompt_key(key)
        else:
            self._bound_key(key, is_run=is_run)

    def _is_run_of_back(self, key: str, time: float) -> bool:
        """Tell whether a key that goes back comes soon after itself: hands that mash Esc or ``q``
        mean to get out of something, not out of the console.
        """
        last, last_time = self._back
        if key in ("q", "escape", "backspace"):
            self._back = (key, time)
        return key == last and time - last_time < BACK_RUN_SECONDS

    def _interrupt(self) -> None:
        """^c leaves a dialog or clears a line; three times opens the quit dialog; it never stops
        trading.
        """
        self._interrupts += 1
        if self._screen.dialog is not None:
            self.close_dialog("Nothing done.")
        elif self._prompt is not None:
            self._prompt = None
            self._screen.redraw("message")
        elif self._interrupts >= _QUIT_PRESSES:
            self._interrupts = 0
            self.acts.run("quit")
        else:
            self._screen.hint(self._names("^c does nothing here: {back} or {command}quit leaves"))

    def _bound_key(self, key: str, *, is_run: bool) -> None:
        binding = self._table.get(key)
        if binding is None:
            if key not in keymap.IGNORED_KEYS:
                self._screen.hint(
                    f"{key} does nothing here: " + self._names("{help} shows the keys")
                )
            return
        if binding.id in travelling.IDS and (
            binding.id != "step" or self.travelling.travel is not None
        ):
            self.travelling.run(binding.id)
        elif binding.acts and self._screen.console_app.read_only:
            self._screen.say(f"{key}: {REFUSED.text}", refused=True)
        elif binding.acts:
            self._hold(binding.id, key)
        elif binding.id == "back":
            self.moves.back(may_quit=not is_run and not self.guard.is_repeat)
        elif binding.id == "command":
            self.open_prompt(":")
        elif binding.id == "filter":
            self.open_prompt(
                "/", self._screen.state.filters.get(self._screen.state.focused_tab(), "")
            )
        elif binding.id == "help":
            self.acts.help()
        else:
            self.moves.run(binding.id)

    def _hold(self, binding_id: str, key: str) -> None:
        """Do an act a moment later, unless other keys come with it."""
        if self.guard.is_repeat:
            return
        if self.guard.is_burst:
            self._dropped(key)
            return
        time = self._time

        def go() -> None:
            if self.guard.is_newest(time):
                self.acts.run(binding_id)
                self._screen.draw()
            else:
                self._dropped(key)
                self._screen.draw()

        self._later(self.guard.times.burst, go)

    def _later(self, seconds: float, go: Callable[[], None]) -> None:
        if seconds > 0:
            self._screen.set_timer(seconds, go)
        else:
            go()

    def _dropped(self, key: str) -> None:
        self._screen.say(f"{key} dropped: it came in a burst with other keys", refused=True)

    # -- dialogs ---------------------------------------------------------------------------------

    def open_dialog(self, dialog: Dialog) -> None:
        """Open a dialog over the screen; it hears nothing at first."""
        self._screen.dialog = dialog
        self._dialog_opened = self._screen.console_app.monotonic()

    def close_dialog(self, text: str = "") -> None:
        """Close the dialog."""
        self._screen.dialog = None
        if text in PASSING:
            self._screen.hint(text)
        elif text:
            self._screen.say(text)

    def _dialog_key(self, key: str) -> None:
        dialog = self._screen.dialog
        assert dialog is not None
        is_typing = dialog.has_text_input
        if self._time - self._dialog_opened < self.guard.times.dialog:
            return
        if self.guard.is_repeat and not (is_typing and _edits(key)):
            return
        if not is_typing and self.guard.is_burst:
            dialog.note = "keys in a burst are dropped"
            return
        dialog.heard()
        if is_typing or key in _QUIET:
            result = dialog.press(key)
            if isinstance(result, Act) and key != "enter":
                self._deaf_to_enter = self._time + DEAF_SECONDS
            self.settle(result)
            return
        time = self._time

        def go() -> None:
            if self.guard.is_newest(time) and self._screen.dialog is dialog:
                self.settle(dialog.press(key))
                self._screen.draw()

        self._later(self.guard.times.repeat, go)

    def settle(self, result: Result) -> None:
        """Do what a dialog answered to a key."""
        match result:
            case Close(text):
                self.close_dialog(text)
            case Replace(dialog):
                self.open_dialog(dialog)
            case Act(run):
                self.close_dialog()
                self.acts.asking.perform(run)
            case Ask(run):
                self.acts.asking.ask(run)
            case _:
                pass

    # -- typing ------------------------------------------------------------------------------------

    def _prompt_key(self, key: str) -> None:
        assert self._prompt is not None
        self._screen.redraw("message")
        if key == "escape" or (key == "backspace" and not self._prompt.text):
            if self._prompt_kind == "/":
                self.moves.set_filter("")
            self._prompt = None
        elif key == "enter":
            text, self._prompt = self._prompt.text, None
            if self._prompt_kind == ":" and text.strip():
                self.moves.arrangements.note_line(text.strip())
                self.commands.run(text)
            elif self._prompt_kind == "/":
                self.moves.settle_filter()
                problem = printable(broken_expression(text), 160)
                if problem:
                    self._screen.say(problem, refused=True)
        elif key == "tab" and self._prompt_kind == ":":
            self._prompt.set(self.commands.complete(self._prompt.text))
        elif key in ("up", "down") and self._prompt_kind == ":":
            self._recall(-1 if key == "up" else 1)
        elif self._prompt.key(key) and self._prompt_kind == "/":
            self.moves.set_filter(self._prompt.text)

    @property
    def _history(self) -> tuple[str, ...]:
        return self._screen.state.preferences.history

    def _recall(self, step: int) -> None:
        assert self._prompt is not None
        self._history_at = min(max(self._history_at + step, 0), len(self._history))
        at_end = self._history_at == len(self._history)
        self._prompt.set("" if at_end else self._history[self._history_at])


def _edits(key: str) -> bool:
    """Keys that may come twice at once in a field: letters, and what moves or deletes."""
    return len(key) == 1 or key in ("left", "right", "backspace", "delete", "space")
