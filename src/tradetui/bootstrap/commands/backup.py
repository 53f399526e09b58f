"""The commands that make one file of a state folder, and a state folder of such a file."""

from __future__ import annotations

import time
from pathlib import Path

from tradetui import __version__
from tradetui.bootstrap.commands.journal import state_folder_of, storage_problems
from tradetui.bootstrap.profile.operator import operator
from tradetui.cli.wiring import Place, Row
from tradetui.domain.formatting import timestamp
from tradetui.services.errors import RefusedError, UserError
from tradetui.storage.backup import BackupInfo, make_backup
from tradetui.storage.folder import STATE_DB
from tradetui.storage.restore import restore_backup


def backup(place: Place, target: Path) -> Row:
    """Back the state folder of a place up into one file; raises RefusedError for one that is there,
    UserError for a folder without records.
    """
    folder = state_folder_of(place)
    if target.exists():
        raise RefusedError(f"{target}: is there already; name another file")
    if not (folder / STATE_DB).exists():
        raise UserError(f"{folder}: holds no {STATE_DB}; name a state folder with --state")
    with storage_problems():
        info = make_backup(folder, target, time.time_ns(), __version__)
    return {"backup": str(target), **_info_row(info)}


def restore(place: Place, source: Path, *, force: bool) -> Row:
    """Restore a backup into the state folder of a place; raises UserError where there is none."""
    folder = state_folder_of(place)
    if not source.is_file():
        raise UserError(f"{source}: there is no such file; name a backup")
    with storage_problems():
        info, kept = restore_backup(
            source, folder, now=time.time_ns(), actor=operator(), force=force
        )
    return {
        "restored": str(folder),
        "old_folder": str(kept) if kept is not None else None,
        **_info_row(info),
    }


def _info_row(info: BackupInfo) -> Row:
    return {
        "made": f"{timestamp(info.made_time)} UTC",
        "run_mode": info.run_mode,
        "runs": info.runs,
        "last_run": info.last_run,
        "last_step": info.steps,
        "files": info.files,
        "bytes": info.size,
    }
