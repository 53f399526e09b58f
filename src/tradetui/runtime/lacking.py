"""Bars that a strategy declares and that cannot be made of what its market brings."""

from __future__ import annotations

from tradetui.engine.market import Market
from tradetui.engine.runner import Runner
from tradetui.strategy.feeds import BarFeed
from tradetui.strategy.timeframes import timeframe_text


def lacking(market: Market, runner: Runner | None) -> str:
    """Say which bars never come, and what comes in their place; empty where all can be made.

    Known from the first bar of the market on.
    """
    if runner is None:
        return ""
    found: dict[str, None] = {}
    for feed in runner.feeds:
        if not isinstance(feed, BarFeed) or feed.count:
            continue
        desk = market.desks.get(feed.instrument_id)
        if desk is not None and feed.timeframe_ns in desk.cannot_make():
            comes = timeframe_text(desk.base_ns)
            found[f"needs bars of {feed.timeframe}, {feed.symbol} comes in {comes}"] = None
    return "; ".join(found)
