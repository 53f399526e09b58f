"""The Textual app: no default key, no suspend, no locals in a crash, an end without a terminal."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import RenderableType
from rich.segment import Segments
from rich.text import Text
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.driver import Driver
from textual.screen import Screen

from tradetui.domain.enums import RunMode
from tradetui.domain.text import printable
from tradetui.tui.crash import crash_lines
from tradetui.tui.link import QUESTION, Link, LinkDriver
from tradetui.tui.output import CellRuns, ChangedLines, CroppedUpdate
from tradetui.tui.screens.start import StartScreen
from tradetui.tui.screens.tutor import Tutor
from tradetui.tui.theme import Theme

if TYPE_CHECKING:
    from tradetui.domain.commands import CommandReply
    from tradetui.tui.actions import Actions, Engine, Explainer, Shell, Travel
    from tradetui.tui.key_names import KeyNames
    from tradetui.tui.keyguard import KeyTimes
    from tradetui.tui.keymap import Binding
    from tradetui.tui.screens.main import MainScreen

MAX_FPS: Final = 10
SIGNALS: Final = (signal.SIGHUP, signal.SIGTERM)
SHUTDOWN_SECONDS: Final = 1.5
"""The longest that an orderly end may take when the terminal is gone."""

HANGUP_SECONDS: Final = 1.0
"""How often to look whether the terminal is still there."""

Shutdown = Callable[[bool | None], Awaitable[None]]
"""Ends trading in order: with True entry orders are cancelled first, with False they stay, with
None the configured policy holds (a signal came, nobody can be asked)."""


class ConsoleApp(App[int], inherit_bindings=False):
    """The console over one engine, or first the start page until ``adopt`` brings one."""

    CSS = """
    Screen {
        background: ansi_default; color: ansi_default;
        layers: base overlay; overflow: hidden;
    }
    LineView { position: absolute; background: ansi_default; color: ansi_default; }
    #overlay { layer: overlay; display: none; }
    """
    ENABLE_COMMAND_PALETTE = False
    TITLE = "tradetui"

    engine: Engine
    """There once the console shows; the start page asks nothing."""
    actions: Actions
    bindings: tuple[Binding, ...]
    key_names: KeyNames

    def __init__(
        self,
        engine: Engine | None = None,
        actions: Actions | None = None,
        shutdown: Shutdown | None = None,
        *,
        theme: Theme,
        theme_folders: Sequence[Path] = (),
        bindings: Sequence[Binding] | None = None,
        preferences: Mapping[str, Any] | None = None,
        read_only: bool = False,
        explainer: Explainer | None = None,
        travel: Travel | None = None,
        shell: Shell | None = None,
        tips: bool = False,
        actor: str = "op",
        ascii_only: bool = False,
        frames_per_second: int = MAX_FPS,
        key_times: KeyTimes | None = None,
        driver_class: type[Driver] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        slow_link: bool = False,
    ) -> None:
        super().__init__(driver_class=driver_class, ansi_color=True)
        self.read_only = read_only and travel is None  # a recorded run refuses acts by itself
        self.travel = travel
        self.tutor = Tutor() if tips else None
        self.actor = printable(actor, 32)
        self.theme_folders = tuple(theme_folders)
        self.monotonic = monotonic
        self.link = Link(monotonic, is_slow=slow_link)
        self._is_cut = False
        self._is_sized = False
        self._sent: dict[int, str] = {}
        """What was last sent for each whole line, as long as no part of it was after that."""
        self.key_times = key_times
        self.looks = theme
        self.explainer = explainer
        self.shell = shell
        self.preferences = preferences
        self.shown = asyncio.Event()
        """The first page is on the screen, or the console was left before."""
        self.is_left = False
        self._end_trading = shutdown
        self._ascii_only = ascii_only
        self._fps = frames_per_second
        self._tasks: set[asyncio.Task[None]] = set()
        self._ending = False
        self.main: MainScreen | None = None
        if engine is not None and actions is not None and shutdown is not None:
            self._take(engine, actions, shutdown, bindings)

    def _take(
        self,
        engine: Engine,
        actions: Actions,
        shutdown: Shutdown,
        bindings: Sequence[Binding] | None,
    ) -> None:
        """Make the main screen over what is there now."""
        from tradetui.tui.key_names import KeyNames
        from tradetui.tui.keymap import BINDINGS
        from tradetui.tui.read_only import ReadOnlyActions, ReadOnlyEngine
        from tradetui.tui.screens.main import MainScreen

        self.engine = ReadOnlyEngine(engine) if self.read_only else engine
        self.actions = ReadOnlyActions(actions) if self.read_only else actions
        self.bindings = tuple(BINDINGS if bindings is None else bindings)
        self.key_names = KeyNames(self.bindings)
        self._end_trading = shutdown
        fps = min(max(self._fps, 1), MAX_FPS)
        self.main = MainScreen(self, ascii_only=self._ascii_only, frames_per_second=fps)

    def adopt(
        self,
        engine: Engine,
        actions: Actions,
        shutdown: Shutdown,
        *,
        theme: Theme,
        bindings: Sequence[Binding],
        preferences: Mapping[str, Any] | None,
        actor: str,
        explainer: Explainer | None,
        ascii_only: bool,
        frames_per_second: int,
        shell: Shell | None = None,
    ) -> None:
        """Show the console over ``engine`` on top of the start page, for good."""
        self.looks = theme
        self.actor = printable(actor, 32)
        self.explainer = explainer
        self.shell = shell
        self.preferences = preferences
        self._ascii_only = ascii_only
        self._fps = frames_per_second
        self._take(engine, actions, shutdown, bindings)
        assert self.main is not None
        if not self.is_left:
            self.call_later(self.push_screen, self.main)

    def say_step(self, text: str) -> None:
        """Say on the start page what is being done."""
        start = self.screen_stack[0]
        if not self.is_left and isinstance(start, StartScreen):
            start.call_later(start.say, text)

    def leave(self, code: int = 0) -> None:
        """Close the screen if it still shows."""
        if not self.is_left:
            self.is_left = True
            self.exit(code, return_code=code)

    @property
    def is_live(self) -> bool:
        """Real money."""
        header = None if self.main is None else self.main.replica.header
        return header is not None and header.run_mode is RunMode.LIVE

    @property
    def unfinished(self) -> int:
        """How many acts and questions are under way."""
        return len(self._tasks)

    @property
    def place(self) -> str:
        """How a dialog names the run mode: ``LIVE, real money``."""
        if self.main is None:
            return ""
        if self.travel is not None:
            return "RECORDED RUN, nothing acts"
        mode = self.main.replica.header.run_mode
        return {RunMode.LIVE: "LIVE, real money", RunMode.SANDBOX: "SANDBOX, play money"}.get(
            mode, "PAPER, simulated money"
        )

    def get_default_screen(self) -> Screen[None]:
        if self.main is not None:
            return self.main
        return StartScreen(self.looks, self.shown.set, self.leave)

    def on_mount(self) -> None:
        """Take the signals that end the program; Textual takes none. Watch the line."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._on_signal)
        # Those that came during the start have waited until here.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        driver = self._driver
        if isinstance(driver, LinkDriver):
            self.link.writes_waiting = lambda: driver.waiting
            self.set_interval(HANGUP_SECONDS, lambda: self._on_signal() if driver.is_gone else None)

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Send only what differs, and ask behind each frame whether it has arrived.

        What would wait behind a big frame is not sent: all is painted when that has arrived. So it
        is with what is drawn while Textual holds back its own drawing.
        """
        if renderable is None:
            return
        if self._batch_count or not (self.link.has_room() and self.link.is_free(for_key=True)):
            self._is_cut = True
            return
        if type(renderable) is ChopsUpdate:
            for y, _, _ in renderable.spans:
                self._sent.pop(y, None)
            renderable = CroppedUpdate(renderable.chops, renderable.spans, renderable.chop_ends)
        elif type(renderable) is CellRuns:
            for run in renderable.runs:
                self._sent.pop(run.y, None)
        elif type(renderable) is LayoutUpdate:
            renderable = ChangedLines(renderable, self._sent)
        driver = self._driver
        before = driver.characters if isinstance(driver, LinkDriver) else 0
        super()._display(screen, renderable)
        if isinstance(driver, LinkDriver) and self.link.is_asking and driver.characters > before:
            self.link.sent(driver.characters - before)
            driver.write(QUESTION)

    def on_terminal_supports_synchronized_output(self) -> None:
        """The terminal has taken a frame: what waited for that is drawn."""
        self.link.answered()
        self.mend_cut()
        if self.main is not None:
            self.main.draw_owed()

    def on_resize(self) -> None:
        """Paint everything: nothing is known of a terminal that has changed, even one that is as
        large as before by now. The first time is the start, which paints everything by itself.
        """
        self.forget_sent()
        if self._is_sized and self._screen_stack:
            self.screen.refresh()
        self._is_sized = True

    def forget_sent(self) -> None:
        """Send every line at the next repaint, whatever the terminal should show."""
        self._sent.clear()

    def mend_cut(self) -> None:
        """Paint everything again if a frame was not sent and there is room now."""
        if self._is_cut and self.link.is_free():
            self._is_cut = False
            self.screen.refresh()

    # -- acts ------------------------------------------------------------------------------------

    def perform(self, run: Callable[[], Awaitable[CommandReply]]) -> None:
        """Do an act as a task of the app: no screen that closes can cancel it half way."""

        async def acted() -> None:
            reply = await run()
            self._say(reply.text, refused=not reply.done)

        self._keep(asyncio.get_running_loop().create_task(acted(), name="act"))

    def keep(self, work: Awaitable[None]) -> None:
        """Run work that must not be lost as a task of the app."""

        async def kept() -> None:
            await work

        self._keep(asyncio.get_running_loop().create_task(kept(), name="ask"))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            error = task.exception()
            self._say(f"that failed: {type(error).__name__}: {error}", refused=True)

    def _say(self, text: str, *, refused: bool) -> None:
        if self.main is not None and self.is_running:
            self.main.say(text, refused=refused)
            self.main.draw()

    # -- the end ---------------------------------------------------------------------------------

    def _on_signal(self) -> None:
        """The terminal is gone, or we are told to end: in order, once, without a question."""
        if not self._ending:
            self._keep(asyncio.get_running_loop().create_task(self.end(None), name="end"))

    async def end(self, cancel_entries: bool | None) -> None:
        """Shut down in order and leave with exit code 0; 1 if that failed or took too long."""
        if self._ending:
            return
        self._ending = True
        code = 0
        try:
            async with asyncio.timeout(None if cancel_entries is not None else SHUTDOWN_SECONDS):
                if self._end_trading is not None:
                    await self._end_trading(cancel_entries)
        except TimeoutError:
            code = 1
        except Exception as e:  # noqa: BLE001 - the last edge: whatever failed, leave and say so
            code = 1
            self._exit_renderables.append(Text(f"shutdown failed: {type(e).__name__}: {e}"))
        self.leave(code)

    def action_suspend_process(self) -> None:
        """Refuse: a suspended engine guards nothing."""
        self._say("^z is refused: a suspended engine guards nothing", refused=True)

    def _fatal_error(self) -> None:
        """Print what failed and where, without the values of any variable: they may be secrets."""
        lines = crash_lines(sys.exc_info()[1])
        text = Text("\n".join(lines))
        self._exit_renderables.append(Segments(self.console.render(text, self.console.options)))
        self._close_messages_no_wait()
