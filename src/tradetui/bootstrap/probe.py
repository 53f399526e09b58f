"""The storage's own checks, as the doctor calls them."""

from __future__ import annotations

from pathlib import Path

from tradetui.domain.enums import RunMode
from tradetui.ports.store import StoreError
from tradetui.storage.folder import check_folder
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.lock import holder_of
from tradetui.storage.verify import verify


class Probe:
    """Implements ``services.doctor.StorageProbe``; changes nothing."""

    async def check_folder(self, folder: Path) -> str:
        """Check the state folder's rights and who holds its lock."""
        if not folder.exists():  # noqa: ASYNC240 - one stat, in a command without a screen
            return f"{folder}: not there yet; the first start makes it"
        check_folder(folder)
        holder = holder_of(folder)
        return f"{folder}" + (f", in use by process {holder}" if holder else ", free")

    async def check_state(self, folder: Path) -> str:
        """Check ``state.db``."""
        if not (folder / "state.db").exists():
            return "not there yet"
        store = await self._open(folder)
        try:
            return f"{len(await store.records())} instances"
        finally:
            await store.close()

    async def check_journal(self, folder: Path) -> str:
        """Verify ``journal.db``: every row of it."""
        path = folder / "journal.db"
        if not path.exists():
            return "not there yet"
        result = await verify(path)
        if not result.is_sound:
            raise StoreError(result.fault)
        return f"{result.runs} runs, {result.rows:,} rows, the chain holds"

    async def last_time(self, folder: Path) -> int:
        """Return the time of the newest act on record, 0 if there is none."""
        if not (folder / "state.db").exists():
            return 0
        store = await self._open(folder)
        try:
            entries = await store.audit_entries(1)
            return entries[-1].time if entries else 0
        finally:
            await store.close()

    async def _open(self, folder: Path) -> SqliteInstanceStore:
        """Open the records whatever the folder is for."""
        errors: list[str] = []
        for run_mode in RunMode:
            try:
                return await SqliteInstanceStore.open(folder, run_mode)
            except StoreError as error:
                errors.append(str(error))
        raise StoreError(errors[0])
