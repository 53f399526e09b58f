"""The records of a state folder, opened for a command: to be changed, or only to be read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tradetui.bootstrap.profile.catalogue import LoaderCatalogue
from tradetui.bootstrap.profile.profile import Profile, profile_at
from tradetui.cli.output import say
from tradetui.cli.wiring import Place
from tradetui.ports.store import StoreError
from tradetui.services.errors import RuntimeProblemError
from tradetui.services.instances import Choices, InstanceService
from tradetui.storage.folder import JOURNAL_DB, STATE_DB, is_for_reading, prepare_folder
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.kill_slots import SLOTS_FILE
from tradetui.storage.lock import check_open_file, holder_of
from tradetui.storage.state_db import COPY_SUFFIX


@asynccontextmanager
async def instance_service(
    place: Place, *, to_read: bool = False, makes: bool = True
) -> AsyncIterator[InstanceService]:
    """Open the records of a place; a running engine picks up what is written within a second.

    ``to_read``: nothing will be written, so a folder that cannot be is good enough. ``makes``: what
    is written makes the records where there are none yet.
    """
    profile = profile_at(place)
    async with opened_store(place, to_read=to_read, makes=makes) as store:
        yield InstanceService(
            store,
            LoaderCatalogue(profile.strategy_folders),
            lambda: choices_of(profile),
            profile.config.profile.run_mode,
        )


@asynccontextmanager
async def opened_store(
    place: Place, *, to_read: bool = False, makes: bool = True
) -> AsyncIterator[SqliteInstanceStore]:
    """Open ``state.db`` of a place; raises RuntimeProblemError when it cannot be used.

    Where nothing is kept yet, nothing is made to be read, nor to be changed unless ``makes``: a
    folder whose name is mistyped is answered as an empty one, and is not there afterwards.
    """
    with _profile_to_open(profile_at(place), makes=makes and not to_read) as profile:
        try:
            store = await (_store_to_read(profile) if to_read else _store_to_write(profile))
        except StoreError as error:
            raise RuntimeProblemError(str(error)) from error
        try:
            yield store
        except StoreError as error:
            raise RuntimeProblemError(str(error)) from error
        finally:
            await store.close()


@contextmanager
def _profile_to_open(profile: Profile, *, makes: bool) -> Iterator[Profile]:
    """Give the profile, on an empty folder that goes again where its own holds no records."""
    if makes or not _is_bare(profile.state):
        yield profile
        return
    try:
        empty = TemporaryDirectory(prefix="tradetui-")
    except OSError as error:
        raise RuntimeProblemError(
            f"{profile.state}: holds no records, and no temporary folder can be made "
            f"({error.strerror})"
        ) from error
    with empty as folder:
        yield replace(profile, state=Path(folder))


def _is_bare(folder: Path) -> bool:
    """Tell whether a folder is not there, or holds nothing of ours and no engine."""
    if not folder.exists():
        return True
    ours = (STATE_DB, STATE_DB + COPY_SUFFIX, JOURNAL_DB, SLOTS_FILE)
    is_empty = folder.is_dir() and not any((folder / name).exists() for name in ours)
    return is_empty and holder_of(folder) is None


async def _store_to_write(profile: Profile) -> SqliteInstanceStore:
    """Open the records to change them; raises StoreError, also where they are not those that a
    running engine has open.
    """
    folder = prepare_folder(profile.state)
    check_open_file(folder, folder / STATE_DB)
    store = await SqliteInstanceStore.open(folder, profile.config.profile.run_mode)
    for notice in store.database.notices:
        say(f"tradetui: {notice}")
    return store


async def _store_to_read(profile: Profile) -> SqliteInstanceStore:
    """Open the records, made or brought up to date where that can be, else as they are; raises
    StoreError, also where they are not those that a running engine has open.
    """
    folder, run_mode = profile.state, profile.config.profile.run_mode
    if is_for_reading(folder):
        return await SqliteInstanceStore.open_to_read(folder, run_mode)
    check_open_file(folder, folder / STATE_DB)
    try:
        return await SqliteInstanceStore.open(prepare_folder(folder), run_mode, has_copy=False)
    except StoreError as error:
        try:
            return await SqliteInstanceStore.open_to_read(folder, run_mode)
        except (StoreError, OSError):
            raise error from None


def choices_of(profile: Profile) -> Choices:
    """Return what a new instance may name, as far as the config alone says."""
    accounts = tuple(sorted({route.account for route in profile.config.routes}))
    return Choices(accounts)
