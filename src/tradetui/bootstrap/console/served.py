"""The engine under the console: put together while the start page shows, run until it is left."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any, Final

from tradetui.bootstrap.commands.settings import own_bindings, theme_of_config
from tradetui.bootstrap.console.actions import ActionSources, ConsoleActions
from tradetui.bootstrap.console.child_shell import ChildShell, setting_lines
from tradetui.bootstrap.console.explaining import JournalExplainer
from tradetui.bootstrap.profile.operator import operator
from tradetui.bootstrap.profile.places import own_keys, own_themes
from tradetui.bootstrap.profile.profile import Profile, profile_for, state_folder
from tradetui.bootstrap.recovery.remaining import remaining
from tradetui.bootstrap.run.engine import Engine, engine, stopped_after
from tradetui.cli.wiring import JournalPart, Place, RunOptions
from tradetui.domain.commands import CancelEntries
from tradetui.domain.enums import Severity
from tradetui.domain.ids import StrategyId
from tradetui.services.errors import UserError
from tradetui.storage.layouts import LayoutStore
from tradetui.tui.app import ConsoleApp
from tradetui.tui.theme import Theme, ThemeError, load_theme, theme_files

FIRST_STEPS: Final = (
    "{down} {up} choose, {open} opens, {activate} activates, {why} says why; {help} shows every key"
)
"""What is said at a start as long as nothing was chosen that is remembered."""


async def serve(app: ConsoleApp, options: RunOptions, left: asyncio.Event) -> str:
    """Run an engine for the console until ``left`` is set; returns what the run leaves behind, in
    one line, empty for one that never began.

    Raises UserError, RefusedError and RuntimeProblemError, as a run without a screen does. A
    console that is left before the engine is there ends it before it has started.
    """
    profile = profile_for(options)
    theme_of(profile, options, "")
    bindings = own_bindings()
    if left.is_set():
        return ""
    app.say_step("starting: opening the state folder ...")
    with state_folder(profile, options) as folder:
        async with engine(profile, options, folder) as running:
            if left.is_set():
                await running.driver.stop("left before it began")
                return ""
            actions = actions_of(running)
            chosen = await actions.recall("")
            app.adopt(
                running.driver.client,
                actions,
                lambda cancel_entries: shut_down(running, cancel_entries),
                theme=theme_of(profile, options, str((chosen or {}).get("theme", ""))),
                bindings=bindings,
                preferences=chosen,
                actor=operator(),
                explainer=JournalExplainer(Place(), JournalPart(folder)),
                ascii_only=options.ascii_only or profile.config.ui.ascii,
                frames_per_second=options.frames_per_second or profile.config.ui.fps,
                shell=ChildShell(
                    profile.loaded.found.path,
                    folder,
                    setting_lines(profile.loaded, folder, own_keys()),
                ),
            )
            async with stopped_after(running):
                await _begin(running)
                first = "" if chosen or app.tutor is not None else FIRST_STEPS
                headline = running.headline or app.key_names(first)
                if headline and app.main is not None:
                    app.main.say(headline)
                await left.wait()
            return remaining(running.driver.loop.kernel.state)


async def _begin(running: Engine) -> None:
    """Bring the instances up while the console shows already."""
    await running.driver.start()
    for note in running.notes:
        running.driver.publisher.say(Severity.INFO, note)


def theme_of(profile: Profile, options: RunOptions, chosen: str) -> Theme:
    """Load the theme: the one asked for now, else ``chosen`` before, else the config's.

    Raises UserError that names the known ones; one that was chosen before and is gone is let go.
    """
    folders = (own_themes(),)
    is_known = chosen in theme_files(folders)
    is_mono = bool(os.environ.get("NO_COLOR"))
    name = options.theme or (chosen if is_known else "")
    if not name:
        return theme_of_config(profile, mono=is_mono)
    try:
        return load_theme(name, folders, mono=is_mono)
    except ThemeError as error:
        raise UserError(str(error)) from error


def actions_of(running: Engine) -> ConsoleActions:
    """Return the acts of the console on this engine's records."""
    sources = ActionSources(
        service=running.service,
        store=running.store,
        layouts=LayoutStore(running.store.database),
        catalogue=running.catalogue,
        file_changes=running.catalogue.changes,
        loaded_config=lambda strategy_id: _loaded_config(running, strategy_id),
        snapshot=running.driver.client.snapshot,
        choices=running.choices,
        limits_of=running.limits_of,
        profiles=running.config.profiles,
        currency=running.config.reporting_currency,
    )
    return ConsoleActions(sources)


def _loaded_config(running: Engine, strategy_id: StrategyId) -> Mapping[str, Any] | None:
    """Return the config that an instance runs with, defaults filled in; None while it does not."""
    runner = running.driver.loop.host.running_instances.get(strategy_id)
    return None if runner is None else runner.spec.config


async def shut_down(running: Engine, cancel_entries: bool | None) -> None:
    """End trading in order; None (a signal) leaves resting orders as they are."""
    if cancel_entries:
        await running.driver.client.send(CancelEntries(None, operator()))
    is_asked = cancel_entries is not None
    why = "the console was left" if is_asked else "its terminal is gone, or a signal came"
    await running.driver.stop(why)
