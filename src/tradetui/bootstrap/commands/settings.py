"""The commands on config, themes and keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict

from tradetui.bootstrap.profile.places import (
    found_config,
    own_config_file,
    own_keys,
    own_themes,
    user_state,
)
from tradetui.bootstrap.profile.profile import Profile, loaded_or_refused, profile_at
from tradetui.bootstrap.run.runnable import check_runnable
from tradetui.cli.wiring import Place, Row
from tradetui.config.describing import config_schema as schema_of_config
from tradetui.config.describing import settings
from tradetui.config.loading import load_config
from tradetui.config.reading import read_document
from tradetui.config.resources import shipped_config
from tradetui.domain.units import CASH_SCALE, format_scaled
from tradetui.services.errors import UserError
from tradetui.services.first_run import INTRODUCTION, Ask, ask_all, own_config, write_config
from tradetui.tui.keymap import Binding
from tradetui.tui.own_keys import KeymapError, load_bindings
from tradetui.tui.theme import Theme, ThemeError, load_theme, theme_files, themes_folder


def config_paths(place: Place) -> Row:
    """Return where everything is."""
    found = found_config(place)
    profile = profile_at(place)
    return {
        "config": str(found.path),
        "because": found.origin,
        "own_config": str(own_config_file()),
        "state": str(profile.state),
        "states": str(user_state()),
        "strategies": [str(folder) for folder in profile.strategy_folders],
        "keys": str(own_keys()),
        "themes": [str(own_themes()), str(themes_folder())],
    }


def show_config(place: Place) -> list[Row]:
    """Return every setting and where it comes from."""
    loaded = loaded_or_refused(lambda: load_config(found_config(place)))
    return [asdict(setting) for setting in settings(loaded)]


def validate_config(place: Place) -> Row:
    """Check the config, and that a run could begin with it: what ``run`` refuses, this does."""
    profile = profile_at(place)
    theme_of_config(profile)
    unloadable = asyncio.run(check_runnable(profile))
    return {
        "config": str(profile.loaded.found.path),
        "result": "ok",
        "warnings": [*profile.loaded.warnings, *unloadable] or None,
    }


def theme_of_config(profile: Profile, *, mono: bool = False) -> Theme:
    """Load the theme that a config names; raises UserError with the file, the key and the line."""
    try:
        return load_theme(profile.config.ui.theme, (own_themes(),), mono=mono)
    except ThemeError as error:
        document = read_document(profile.loaded.found.path)
        place = f"{document.path}, line {document.line_of(('ui', 'theme'))}: ui.theme"
        raise UserError(f"{place}: {error}") from error


def config_schema() -> Row:
    """Return the JSON Schema of the config file."""
    return schema_of_config()


def list_themes(place: Place) -> list[Row]:
    """Return the themes and which one is chosen."""
    chosen = profile_at(place).config.ui.theme
    return [
        {
            "theme": name,
            "chosen": name == chosen,
            "problem": problem_of(name),
            "file": str(path),
        }
        for name, path in theme_files((own_themes(),)).items()
    ]


def problem_of(theme: str) -> str | None:
    """Return why a theme cannot be used, None if it can."""
    try:
        load_theme(theme, (own_themes(),))
    except ThemeError as error:
        return str(error)
    return None


def list_keys(place: Place) -> list[Row]:
    """Return the key bindings."""
    return [
        {
            "id": binding.id,
            "keys": [key for key in (binding.shown, binding.also) if key],
            "does": binding.text,
            "where": binding.context,
            "asks": binding.grade,
        }
        for binding in own_bindings()
    ]


def own_bindings() -> tuple[Binding, ...]:
    """Return the key bindings as they hold for this user; raises UserError for a wrong file."""
    try:
        return load_bindings(own_keys())
    except KeymapError as error:
        raise UserError(str(error)) from error


def first_run(place: Place, ask: Ask, say: Callable[[str], None]) -> str:
    """Say what a first start is, ask what it asks, and write the config if a person wants it.

    Raises KeyboardInterrupt when the person leaves before the end; nothing is written then.
    Nothing is asked when a config or a state folder is named, or one's own config is there. Returns
    the sentence to say, empty for nothing.
    """
    own = own_config_file()
    found = found_config(place)
    if place.state is not None or found.path != shipped_config("default"):
        return ""
    config = loaded_or_refused(lambda: load_config(found)).config
    limits = config.limits["default"]
    budget = format_scaled(limits.budget or 0, CASH_SCALE)
    loss = format_scaled(limits.max_loss_per_day or 0, CASH_SCALE)
    for line in INTRODUCTION:
        say(line)
    answers = ask_all(ask, say, budget, loss, own, config.profile.reporting_currency)
    if not answers.keeps:
        return (
            f"nothing was written: this run uses the shipped config, with {budget} to use and "
            f"{loss} to lose in a day for each instance"
        )
    write_config(own, own_config(found.path.read_text(encoding="utf-8"), answers))
    return f"wrote {own}; `tradetui config show` tells what holds"
