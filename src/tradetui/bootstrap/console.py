"""The console over an engine in this process."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tradetui.bootstrap import quick_imports
from tradetui.bootstrap.actions import ConsoleActions, operator
from tradetui.bootstrap.engine import Engine, engine
from tradetui.bootstrap.explaining import JournalExplainer
from tradetui.bootstrap.profile import Profile, own_themes, profile_for, state_folder
from tradetui.bootstrap.settings import own_bindings
from tradetui.cli.wiring import JournalPart, Place, RunOptions
from tradetui.domain.commands import CancelEntries
from tradetui.domain.enums import Severity
from tradetui.engine.records import EngineError
from tradetui.ports.journal import JournalError
from tradetui.ports.store import StoreError
from tradetui.services.errors import RefusedError, UserError
from tradetui.storage.layouts import LayoutStore
from tradetui.tui.keymap import Binding
from tradetui.tui.theme import Theme, ThemeError, load_theme, theme_files

if TYPE_CHECKING:
    from tradetui.tui.app import ConsoleApp


async def open_console(options: RunOptions) -> int:
    """Run the console until a person leaves it; returns the exit code."""
    check_terminal(os.environ)
    profile = profile_for(options)
    theme_of(profile, options, "")
    bindings = own_bindings()
    with state_folder(profile, options) as folder:
        return await _run(profile, options, folder, bindings)


async def _run(
    profile: Profile,
    options: RunOptions,
    folder: Path,
    bindings: tuple[Binding, ...],
) -> int:
    # Reading the screens' modules goes on while the disk is waited for.
    screens = asyncio.create_task(asyncio.to_thread(_load_screens), name="screens")
    try:
        async with engine(profile, options, folder) as running:
            await screens
            return await _show(running, profile, options, folder, bindings)
    finally:
        await screens


def _load_screens() -> None:
    with quick_imports():
        importlib.import_module("tradetui.tui.app")


async def _show(
    running: Engine,
    profile: Profile,
    options: RunOptions,
    folder: Path,
    bindings: tuple[Binding, ...],
) -> int:
    from tradetui.tui.app import ConsoleApp

    actions = actions_of(running)
    chosen = await actions.recall("")
    app = ConsoleApp(
        running.driver.client,
        actions,
        lambda cancel_entries: shut_down(running, cancel_entries),
        theme=theme_of(profile, options, str((chosen or {}).get("theme", ""))),
        theme_folders=(own_themes(),),
        bindings=bindings,
        preferences=chosen,
        read_only=options.read_only,
        explainer=JournalExplainer(Place(), JournalPart(folder)),
        actor=operator(),
        ascii_only=options.ascii_only or profile.config.ui.ascii,
        frames_per_second=options.frames_per_second or profile.config.ui.fps,
    )
    begun = asyncio.create_task(_begin(running, app), name="start")
    try:
        await app.run_async(mouse=False)
    finally:
        await begun
        await running.driver.stop("the console was left")
    return app.return_code or 0


async def _begin(running: Engine, app: ConsoleApp) -> None:
    """Bring the instances up while the console shows already; what prevents it ends the console."""
    try:
        await running.driver.start()
    except (StoreError, JournalError, EngineError) as error:
        app.exit(1, return_code=1, message=f"tradetui: {error}")
        return
    for note in running.notes:
        running.driver.publisher.say(Severity.INFO, note)


def check_terminal(environment: Mapping[str, str]) -> None:
    """Refuse what cannot show a full screen, in one sentence."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError("the console needs a terminal; without one use --headless")
    if environment.get("TERM", "") in ("", "dumb"):
        shown = environment.get("TERM") or "not set"
        raise UserError(f"TERM is {shown}: a full screen cannot be drawn; use --headless")
    if "WebDriver" in environment.get("TEXTUAL_DRIVER", ""):
        raise RefusedError("the console is not served over the web: use ssh, or tmux over ssh")


def theme_of(profile: Profile, options: RunOptions, chosen: str) -> Theme:
    """Load the theme: the one asked for now, else ``chosen`` before, else the config's.

    Raises UserError that names the known ones; one that was chosen before and is gone is let go.
    """
    folders = (own_themes(),)
    is_known = chosen in theme_files(folders)
    name = options.theme or (chosen if is_known else "") or profile.config.ui.theme
    try:
        return load_theme(name, folders, mono=bool(os.environ.get("NO_COLOR")))
    except ThemeError as error:
        raise UserError(str(error)) from error


def actions_of(running: Engine) -> ConsoleActions:
    """Return the acts of the console on this engine's records."""
    return ConsoleActions(
        running.service,
        running.catalogue,
        running.store,
        running.choices,
        running.driver.client.snapshot,
        running.limits_of,
        running.config.profiles,
        running.config.reporting_currency,
        LayoutStore(running.store.database),
        running.catalogue.changes,
    )


async def shut_down(running: Engine, cancel_entries: bool | None) -> None:
    """End trading in order; None (a signal) leaves resting orders as they are."""
    if cancel_entries:
        await running.driver.client.send(CancelEntries(None, operator()))
    await running.driver.stop("the console was left")
