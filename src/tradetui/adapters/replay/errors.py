"""The one error of reading files, as the edge calls it."""

from __future__ import annotations

from tradetui.data.problems import DataError
from tradetui.ports.market_data import FeedError


def feed_error(error: DataError) -> FeedError:
    """Return the feed's error with the same sentence; raise it ``from`` the original."""
    return FeedError(str(error))
