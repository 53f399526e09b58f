"""Which config file wins; without reading it, so that a start needs no more than this."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tradetui.config.resources import shipped_config

ENVIRONMENT: Final = "TRADETUI_CONFIG"
FILE_NAME: Final = "config.toml"


@dataclass(frozen=True)
class Found:
    """Which config file won, and why: ``origin`` is a phrase for people."""

    path: Path
    origin: str


def find_config(
    option: Path | None, user_folder: Path, environment: Mapping[str, str] = os.environ
) -> Found:
    """Return the file that wins: --config, then $TRADETUI_CONFIG, then the user's, then the
    shipped.

    ``user_folder`` is where the user's own config lives (``platformdirs`` knows). A file that was
    named but is missing is an error of ``load_config``, never skipped.
    """
    if option is not None:
        return Found(option.expanduser(), "named by --config")
    named = environment.get(ENVIRONMENT, "")
    if named:
        return Found(Path(named).expanduser(), f"named by ${ENVIRONMENT}")
    own = user_folder / FILE_NAME
    if os.path.lexists(own):
        return Found(own, "your own")
    return Found(shipped_config("default"), "shipped")
