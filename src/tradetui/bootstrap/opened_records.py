"""The records of a state folder, opened for a command: to be changed, or only to be read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tradetui.bootstrap.catalogue import LoaderCatalogue
from tradetui.bootstrap.profile import Profile, profile_at
from tradetui.cli.output import say
from tradetui.cli.wiring import Place
from tradetui.ports.store import StoreError
from tradetui.services.errors import RuntimeProblemError
from tradetui.services.instances import Choices, InstanceService
from tradetui.storage.folder import STATE_DB, is_for_reading, prepare_folder
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.lock import check_open_file


@asynccontextmanager
async def instance_service(
    place: Place, *, to_read: bool = False
) -> AsyncIterator[InstanceService]:
    """Open the records of a place; a running engine picks up what is written within a second.

    ``to_read``: nothing will be written, so a folder that cannot be is good enough.
    """
    profile = profile_at(place)
    async with opened_store(place, to_read=to_read) as store:
        yield InstanceService(
            store,
            LoaderCatalogue(profile.strategy_folders),
            lambda: choices_of(profile),
            profile.config.profile.run_mode,
        )


@asynccontextmanager
async def opened_store(
    place: Place, *, to_read: bool = False
) -> AsyncIterator[SqliteInstanceStore]:
    """Open ``state.db`` of a place; raises RuntimeProblemError when it cannot be used."""
    profile = profile_at(place)
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
