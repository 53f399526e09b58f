"""``tradetui doctor``: this machine examined, also where the config cannot be read."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import asdict
from pathlib import Path

import platformdirs

from tradetui.bootstrap.commands.own_files import own_checks
from tradetui.bootstrap.profile.catalogue import LoaderCatalogue
from tradetui.bootstrap.profile.places import APPLICATION, found_config, user_state
from tradetui.bootstrap.profile.profile import build, profile_at
from tradetui.cli.output import WINDOW
from tradetui.cli.wiring import Place, Row
from tradetui.config.loading import load_config
from tradetui.services.doctor import Patient, examine
from tradetui.storage.probe import FolderProbe


async def doctor(place: Place) -> list[Row]:
    """Examine this machine; a config that cannot be read does not stop the other checks."""
    found = found_config(place)
    folders: tuple[Path, ...] = ()
    state = place.state or user_state() / "default"
    storage = FolderProbe()
    try:
        profile = build(load_config(found), place.state or state)
        folders, state = profile.strategy_folders, profile_at(place).state
        storage = FolderProbe(profile.config.journal.max_size)
    except Exception:  # noqa: BLE001 - the config check below says what is wrong with it
        folders = (platformdirs.user_config_path(APPLICATION) / "strategies",)
    patient = Patient(
        folder=state,
        config=lambda: load_config(found),
        catalogue=LoaderCatalogue(folders),
        storage=storage,
        environment=os.environ,
        now=time.time_ns(),
        is_terminal=WINDOW in os.environ or (sys.stdout is not None and sys.stdout.isatty()),
    )
    checks = (*await examine(patient), *await own_checks(state, storage))
    return [asdict(check) for check in checks]
