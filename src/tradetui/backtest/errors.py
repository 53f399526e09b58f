"""Why a replay cannot be made; each message is one sentence for a person."""

from __future__ import annotations


class ReplayError(Exception):
    """The recorded run cannot be replayed as asked: something it needs is not there."""


class ReplayRefusedError(ReplayError):
    """It could be replayed, but the answer would not be about the recorded run: ask again with
    force.
    """
