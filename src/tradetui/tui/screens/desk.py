"""What the parts of the console need of the app and of its main screen, and nothing else of them.

So no part knows the screen that holds it: what it may do there is what stands here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from textual.geometry import Size
from textual.timer import Timer

from tradetui.domain.commands import CommandReply
from tradetui.tui.actions import Actions, Engine, Explainer, Shell, Travel
from tradetui.tui.dialogs.base import Dialog, Result
from tradetui.tui.key_names import KeyNames
from tradetui.tui.keyguard import KeyTimes
from tradetui.tui.keymap import Binding
from tradetui.tui.lines import Line
from tradetui.tui.link import Link
from tradetui.tui.replica import Replica
from tradetui.tui.screens.drawing import Painter
from tradetui.tui.screens.layout import Layout
from tradetui.tui.screens.state import ViewState
from tradetui.tui.screens.tutor import Tutor
from tradetui.tui.theme import Theme
from tradetui.tui.widgets.lists import ListContent, ListRow


class Console(Protocol):
    """The app: its doors, its settings, and the tasks that outlive a screen."""

    engine: Engine
    actions: Actions
    bindings: tuple[Binding, ...]
    key_names: KeyNames
    read_only: bool
    travel: Travel | None
    tutor: Tutor | None
    actor: str
    theme_folders: tuple[Path, ...]
    monotonic: Callable[[], float]
    link: Link
    key_times: KeyTimes | None
    looks: Theme
    explainer: Explainer | None
    shell: Shell | None
    preferences: Mapping[str, Any] | None

    @property
    def is_live(self) -> bool:
        """Real money."""
        ...

    @property
    def place(self) -> str:
        """How a dialog names the run mode."""
        ...

    def perform(self, run: Callable[[], Awaitable[CommandReply]]) -> None:
        """Do an act as a task of the app, and say its reply."""
        ...

    def keep(self, work: Awaitable[None]) -> None:
        """Run work that must not be lost as a task of the app."""
        ...

    async def end(self, cancel_entries: bool | None) -> None:
        """Shut down in order and leave."""
        ...

    def copy_to_clipboard(self, text: str) -> None:
        """Give a text to the terminal's clipboard."""
        ...

    def forget_sent(self) -> None:
        """Send every line at the next repaint."""
        ...

    def mend_cut(self) -> None:
        """Paint everything again if a frame was not sent and there is room now."""
        ...


class Desk(Protocol):
    """The main screen: what it shows, and how its parts change that."""

    replica: Replica
    state: ViewState
    painter: Painter
    ascii_only: bool
    dialog: Dialog | None
    message: str
    is_refused: bool
    said_at: int
    layout_now: Layout | None
    expected: object

    @property
    def console_app(self) -> Console:
        """The app."""
        ...

    @property
    def size(self) -> Size:
        """Columns and lines of the terminal."""
        ...

    def say(self, text: str, *, refused: bool = False) -> None:
        """Put a sentence on the message line."""
        ...

    def hint(self, text: str) -> None:
        """The same for a moment: the line is then as it was."""
        ...

    def draw(self, *, quick_first: bool = False) -> None:
        """Draw the panes that are marked."""
        ...

    def redraw(self, *parts: str) -> None:
        """Mark panes to be drawn at the next occasion."""
        ...

    def redraw_all(self) -> None:
        """Mark everything."""
        ...

    def select(self, strategy_id: object) -> None:
        """Select an instance by id."""
        ...

    def expect(self, strategy_id: object) -> None:
        """Select an instance whose row may not be here yet."""
        ...

    def do(self, binding_id: str) -> None:
        """Do what a key does that is bound to this."""
        ...

    def open_dialog(self, dialog: Dialog) -> None:
        """Open a dialog over the screen."""
        ...

    def settle(self, result: Result) -> None:
        """Do what a dialog answered."""
        ...

    def selected_row(self) -> tuple[str, ListContent, ListRow] | None:
        """Return the list that has the keys and its chosen row; None on a text or without one."""
        ...

    def visible_keys(self) -> Iterable[str]:
        """Return the rows of the list that has the focus, by key."""
        ...

    def read_on(self, tab: str, *, is_far: bool) -> None:
        """Read what is older than the last row of a list."""
        ...

    def view_lines(self) -> dict[str, tuple[Line, ...]]:
        """Return what each pane shows."""
        ...

    def use_theme(self) -> None:
        """Paint everything in the app's theme."""
        ...

    def repaint(self) -> None:
        """Send the whole screen again, whatever the terminal should show."""
        ...

    def poll(self) -> None:
        """Take in the engine's changes and draw what they touch."""
        ...

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call something later."""
        ...
