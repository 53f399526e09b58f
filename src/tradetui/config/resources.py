"""Where the shipped configs, sample strategies and themes are: in the package, or in a checkout."""

from __future__ import annotations

import importlib.resources
from pathlib import Path
from typing import Final

_PACKAGED: Final = "resources"


def config_folder() -> Path:
    """Return the folder of the shipped configs."""
    return _folder("config")


def strategies_folder() -> Path:
    """Return the folder of the sample strategies."""
    return _folder("strategies")


def themes_folder() -> Path:
    """Return the folder of the shipped themes."""
    return _folder("themes")


def shipped_config(name: str) -> Path:
    """Return the path of a shipped config: ``default`` or ``demo``."""
    return config_folder() / f"{name}.toml"


def _folder(name: str) -> Path:
    """Return ``tradetui/resources/<name>`` of the package, or ``<name>`` of the checkout."""
    package = Path(str(importlib.resources.files("tradetui")))
    packaged = package / _PACKAGED / name
    if packaged.is_dir():
        return packaged
    return package.parents[1] / name
