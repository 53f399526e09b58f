"""The console: a start page at once, the engine behind it as soon as it can be.

Imports only what the start page needs; ``served`` and all that it imports come after the first
frame.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from tradetui.bootstrap.process.printed import printed_aside
from tradetui.bootstrap.process.quick_imports import quick_imports
from tradetui.bootstrap.profile.places import found_config, own_themes
from tradetui.cli.output import is_interactive
from tradetui.config.errors import ConfigError
from tradetui.config.reading import read_document
from tradetui.config.resources import shipped_config
from tradetui.domain.text import visible
from tradetui.services.errors import RefusedError, UserError
from tradetui.tui.theme import DEFAULT, Theme, ThemeError, load_theme

if TYPE_CHECKING:
    from tradetui.cli.wiring import RunOptions
    from tradetui.tui.app import ConsoleApp

_ENGINE_SIDE: Final = ("tradetui.tui.screens.main", "tradetui.bootstrap.console.served")


async def open_console(options: RunOptions) -> int:
    """Run the console until a person leaves it; returns the exit code."""
    check_terminal(os.environ)
    theme = first_theme(options)
    with quick_imports():
        from tradetui.tui.app import MAX_FPS, ConsoleApp
        from tradetui.tui.link import LinkDriver
    app = ConsoleApp(
        theme=theme,
        theme_folders=(own_themes(),),
        read_only=options.read_only,
        ascii_only=options.ascii_only,
        frames_per_second=options.frames_per_second or MAX_FPS,
        driver_class=LinkDriver,
        slow_link=options.slow_link,
        tips=options.demo,
    )
    left = asyncio.Event()
    served = asyncio.create_task(_serve(app, options, left), name="served")
    try:
        await app.run_async(mouse=options.mouse)
    finally:
        app.is_left = True
        left.set()
        app.shown.set()
        with printed_aside():
            behind = await served
    if behind:
        say(behind)
    return app.return_code or 0


def say(text: str) -> None:
    """Print a line below the screen that was left; whose terminal is gone reads nothing.

    Past the buffer: what a lost terminal does not take must not be tried again at the exit.
    """
    with suppress(OSError):
        sys.stdout.flush()
        encoding = sys.stdout.encoding or "utf-8"
        os.write(sys.stdout.fileno(), f"{visible(text)}\n".encode(encoding, "replace"))


async def _serve(app: ConsoleApp, options: RunOptions, left: asyncio.Event) -> str:
    """Read the engine's modules and run it; whatever prevents it ends the console.

    Returns what the run leaves behind, in one line; empty for one that never began.
    """
    try:
        await app.shown.wait()
        if left.is_set():
            return ""
        # In a thread: the page goes on taking keys meanwhile.
        await asyncio.to_thread(_load_engine_side)
        from tradetui.bootstrap.console.served import serve

        return await serve(app, options, left)
    finally:
        app.leave(1)


def _load_engine_side() -> None:
    with quick_imports():
        for name in _ENGINE_SIDE:
            importlib.import_module(name)


def first_theme(options: RunOptions) -> Theme:
    """Load the theme of the start page: the one asked for now, else the config's.

    Raises UserError for one that was asked for and cannot be used. A config that cannot be read
    has the default's here: what is wrong with it is said when it is checked.
    """
    is_mono = bool(os.environ.get("NO_COLOR"))
    try:
        return load_theme(options.theme or _theme_name(options), (own_themes(),), mono=is_mono)
    except ThemeError as error:
        if options.theme:
            raise UserError(str(error)) from error
        return load_theme(DEFAULT, mono=is_mono)


def _theme_name(options: RunOptions) -> str:
    """Return the theme that the config file names, without checking the file."""
    path = found_config(options.place).path
    if options.demo:
        path = options.place.config or shipped_config("demo")
    try:
        section = read_document(path).values.get("ui", {})
    except ConfigError:
        return DEFAULT
    name = section.get("theme", DEFAULT) if isinstance(section, dict) else DEFAULT
    return name if isinstance(name, str) else DEFAULT


def check_terminal(environment: Mapping[str, str], instead: str = "use --headless") -> None:
    """Refuse what cannot show a full screen, in one sentence that says what to do ``instead``.

    Raises UserError without a terminal, RefusedError for one that a web server draws.
    """
    if not is_interactive():
        raise UserError(f"the console needs a terminal; without one {instead}")
    if environment.get("TERM", "") in ("", "dumb"):
        shown = environment.get("TERM") or "not set"
        raise UserError(f"TERM is {shown}: a full screen cannot be drawn; {instead}")
    if "WebDriver" in environment.get("TEXTUAL_DRIVER", ""):
        raise RefusedError("the console is not served over the web: use ssh, or tmux over ssh")
