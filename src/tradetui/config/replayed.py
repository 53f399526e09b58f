"""A config made to run on recorded data instead of its own feeds."""

from __future__ import annotations

from collections.abc import Sequence

from tradetui.config.models import Config, ReplayFeed
from tradetui.domain.instruments import Instrument


def replayed(
    config: Config,
    instruments: Sequence[Instrument],
    *,
    files: Sequence[str],
    instrument: str = "",
    speed: int = 1,
) -> Config:
    """Return the config with a replay of ``files`` in the place of its feeds.

    ``instruments`` are what the files carry: instances are spread over them in turn, the routes
    lead to their venue, and opening cash and limits keep their figures in the first one's quote
    currency (made-up money has no rate).
    """
    assert instruments
    first = instruments[0]
    venue = first.venue
    feed = ReplayFeed(
        kind="replay", files=tuple(files), venue=venue, instrument=instrument, speed=speed
    )
    symbols = [item.symbol for item in instruments if item.venue == venue]
    old_currency = config.profile.reporting_currency
    routes = [
        route.model_copy(
            update={
                "venue": venue,
                "markets": (),
                "opening_cash": {
                    (first.quote if name == old_currency else name): amount
                    for name, amount in route.opening_cash.items()
                },
            }
        )
        for route in config.routes
    ]
    instances = [
        section.model_copy(update={"market": symbols[number % len(symbols)]})
        for number, section in enumerate(config.instances)
    ]
    profile = config.profile.model_copy(update={"reporting_currency": str(first.quote)})
    return config.model_copy(
        update={"profile": profile, "routes": routes, "instances": instances, "feeds": [feed]}
    )
