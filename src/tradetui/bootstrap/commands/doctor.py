"""``tradetui doctor``: this machine examined, also where the config cannot be read."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from tradetui.bootstrap.commands.own_files import own_checks
from tradetui.bootstrap.profile.catalogue import LoaderCatalogue
from tradetui.bootstrap.profile.places import own_strategies, user_state
from tradetui.bootstrap.profile.profile import profile_at
from tradetui.cli.output import WINDOW
from tradetui.cli.wiring import Place, Row
from tradetui.services.doctor import Patient, examine
from tradetui.services.errors import UserError
from tradetui.storage.probe import FolderProbe


async def doctor(place: Place) -> list[Row]:
    """Examine this machine; a config that cannot be read does not stop the other checks."""
    state = place.state or user_state() / "default"
    folders: tuple[Path, ...] = (own_strategies(),)
    storage = FolderProbe()
    with suppress(UserError):  # the config check below says what is wrong with it
        profile = profile_at(place)
        state, folders = profile.state, profile.strategy_folders
        storage = FolderProbe(profile.config.journal.max_size)
    patient = Patient(
        folder=state,
        config=lambda: profile_at(place).loaded,
        catalogue=LoaderCatalogue(folders),
        storage=storage,
        environment=os.environ,
        now=time.time_ns(),
        is_terminal=WINDOW in os.environ or (sys.stdout is not None and sys.stdout.isatty()),
    )
    checks = (*await examine(patient), *await own_checks(state, storage))
    return [asdict(check) for check in checks]
