"""Where this user's own files are; imports next to nothing, for the first page needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import platformdirs

from tradetui.cli.wiring import Place
from tradetui.config.finding import FILE_NAME, Found, find_config

APPLICATION: Final = "tradetui"


def found_config(place: Place) -> Found:
    """Return the config file that wins."""
    return find_config(place.config, platformdirs.user_config_path(APPLICATION))


def own_config_file() -> Path:
    """Return this user's own config file; it need not be there."""
    return platformdirs.user_config_path(APPLICATION) / FILE_NAME


def own_strategies() -> Path:
    """Return the folder of this user's own strategies; it need not be there."""
    return platformdirs.user_config_path(APPLICATION) / "strategies"


def own_themes() -> Path:
    """Return the folder of this user's own themes; it need not be there."""
    return platformdirs.user_config_path(APPLICATION) / "themes"


def own_keys() -> Path:
    """Return the file of this user's own keys; it need not be there."""
    return platformdirs.user_config_path(APPLICATION) / "keys.toml"


def demo_state() -> Path:
    """Return the state folder of the demo, where none is named."""
    return user_state() / "demo"


def user_state() -> Path:
    """Return the folder that holds the state folders of this user's profiles."""
    return platformdirs.user_state_path(APPLICATION)
