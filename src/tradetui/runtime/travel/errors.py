"""What goes wrong on a way through a recorded run."""

from __future__ import annotations


class TravelError(Exception):
    """A step of the record cannot be made again; the message says which and why."""


class PlaceGoneError(TravelError):
    """A place cannot be gone to: what leads there is no longer kept; nothing has moved. The message
    says which places can be.
    """
