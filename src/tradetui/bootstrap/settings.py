"""The commands on config, themes and keys."""

from __future__ import annotations

from dataclasses import asdict

import platformdirs

from tradetui.bootstrap.profile import (
    APPLICATION,
    found_config,
    loaded_or_refused,
    own_keys,
    own_themes,
    profile_at,
    user_state,
)
from tradetui.cli.wiring import Place, Row
from tradetui.config.describing import config_schema as schema_of_config
from tradetui.config.describing import settings
from tradetui.config.loading import FILE_NAME, load_config
from tradetui.services.errors import UserError
from tradetui.tui.keymap import Binding
from tradetui.tui.own_keys import KeymapError, load_bindings
from tradetui.tui.theme import ThemeError, load_theme, theme_files, themes_folder


def config_paths(place: Place) -> Row:
    """Return where everything is."""
    own = platformdirs.user_config_path(APPLICATION)
    found = found_config(place)
    profile = profile_at(place)
    return {
        "config": str(found.path),
        "because": found.origin,
        "own config": str(own / FILE_NAME),
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
    """Check the config."""
    loaded = loaded_or_refused(lambda: load_config(found_config(place)))
    return {
        "config": str(loaded.found.path),
        "result": "ok",
        "warnings": list(loaded.warnings) or None,
    }


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
