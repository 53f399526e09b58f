"""Which names a kill-switch may be over, while no engine runs that would know.

From the records, the config, and what the newest run was made of: a folder may have been led with
another config than this one, and nothing that could trade in it may be out of reach.
"""

from __future__ import annotations

from collections.abc import Iterable

from tradetui.bootstrap.profile.opened_records import instance_service
from tradetui.bootstrap.profile.profile import Profile, profile_at
from tradetui.cli.wiring import Place
from tradetui.config.feeds import SyntheticFeed
from tradetui.domain.enums import Scope
from tradetui.domain.ids import instrument_id
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.naming import market_named, no_such, nothing_done
from tradetui.domain.steps import KernelConfig
from tradetui.domain.words import SCOPE_WORDS
from tradetui.ports.journal import JournalError
from tradetui.services.errors import UserError
from tradetui.storage.reader import JournalReader


async def key_of(place: Place, scope: Scope, key: str) -> str:
    """Return the key of what a kill-switch is over; a market may be named by its symbol. Raises
    UserError, with the nearest name, for one that would be over nothing.
    """
    if scope is Scope.GLOBAL:
        return key
    async with instance_service(place, to_read=True) as service:
        records = await service.records()
    known = frozenset(_known(profile_at(place), records, scope))
    found = market_named(key, known) if scope is Scope.INSTRUMENT else key
    if found not in known:
        raise UserError(nothing_done(no_such(SCOPE_WORDS[scope], key, known)))
    return found


def _known(profile: Profile, records: tuple[InstanceRecord, ...], scope: Scope) -> Iterable[str]:
    config = profile.config
    past = _newest_run(profile)
    if scope is Scope.STRATEGY:
        # A folder that is new is filled from the config by the first start.
        return [one.strategy_id for one in records] or [one.id for one in config.instances]
    if scope is Scope.EXECUTION:
        named = [] if past is None else [str(one.execution_id) for one in past.contexts]
        return [*(account.id for account in config.accounts), *named]
    if scope is Scope.ROUTE:
        named = [] if past is None else [str(one.route_id) for one in past.routes]
        return [*(route.id for route in config.routes), *named]
    venues = {route.venue for route in config.routes}
    venues |= set() if past is None else {route.venue for route in past.routes}
    markets = [
        str(instrument_id(symbol, feed.venue))
        for feed in config.feeds
        if isinstance(feed, SyntheticFeed)
        for symbol in feed.markets
    ]
    return [*markets, *(str(instrument_id(r.market, v)) for r in records for v in sorted(venues))]


def _newest_run(profile: Profile) -> KernelConfig | None:
    """Return what the newest run of the folder was made of; None where none can be read: a journal
    that is damaged must not keep anybody from stopping.
    """
    try:
        with JournalReader(profile.state) as reader:
            runs = reader.runs()
            return reader.header(runs[-1].run_id).kernel_config if runs else None
    except JournalError:
        return None
