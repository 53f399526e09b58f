"""Why a replay cannot be made; each message is one sentence for a person."""

from __future__ import annotations


class ReplayError(Exception):
    """The recorded run cannot be replayed as asked: something it needs is not there."""


class PricesGoneError(ReplayError):
    """It takes market data that the size cap of the journal has taken; says which is gone, and
    where it can be read.
    """


class ReplayRefusedError(ReplayError):
    """It could be replayed, but the answer would not be about the recorded run: ask again with
    force.
    """
