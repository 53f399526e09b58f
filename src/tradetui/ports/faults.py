"""Why a request to a venue gave no answer, and what follows from that: one table.

What an adapter raises is an ``ExecutionError``; its ``kind`` has a row in ``FAULTS``, and nothing
else says what a failure means.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class FaultKind(StrEnum):
    """Why a request gave no answer: a closed list, each with one row in ``FAULTS``."""

    NOT_SENT = "not_sent"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    BAD_RESPONSE = "bad_response"
    VENUE_ERROR = "venue_error"
    MAINTENANCE = "maintenance"
    RATE_LIMITED = "rate_limited"
    BANNED = "banned"
    CLOCK = "clock"
    AUTHENTICATION = "authentication"
    UNEXPECTED = "unexpected"


class ExecutionError(Exception):
    """A request to a venue failed. ``kind`` has its row in ``FAULTS``."""

    kind: FaultKind = FaultKind.UNEXPECTED

    def __init__(self, message: str, retry_after: int = 0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotSentError(ExecutionError):
    """Nothing left the house: the connection was never made."""

    kind = FaultKind.NOT_SENT


class NoAnswerError(ExecutionError):
    """No answer came in time."""

    kind = FaultKind.TIMEOUT


class ConnectionLostError(ExecutionError):
    """The connection broke after the request may have left."""

    kind = FaultKind.CONNECTION


class BadResponseError(ExecutionError):
    """The answer is not what the venue documents: HTML, a cut body, a missing field."""

    kind = FaultKind.BAD_RESPONSE


class VenueFailedError(ExecutionError):
    """The venue reports a failure of its own (5xx)."""

    kind = FaultKind.VENUE_ERROR


class MaintenanceError(ExecutionError):
    """The venue is closed for maintenance."""

    kind = FaultKind.MAINTENANCE


class RateLimitedError(ExecutionError):
    """The venue asks for fewer requests (429)."""

    kind = FaultKind.RATE_LIMITED


class BannedError(ExecutionError):
    """The venue answers nothing for a while (418)."""

    kind = FaultKind.BANNED


class ClockError(ExecutionError):
    """The venue refused the request's timestamp."""

    kind = FaultKind.CLOCK


class AuthenticationError(ExecutionError):
    """The venue does not know the key, or the key may not do this."""

    kind = FaultKind.AUTHENTICATION


class Fault(NamedTuple):
    """What follows from a kind of failure.

    ``proves_absence``: a request that creates something certainly created nothing.
    """

    error: type[ExecutionError]
    proves_absence: bool
    words: str


FAULTS: Final[dict[FaultKind, Fault]] = {
    FaultKind.NOT_SENT: Fault(NotSentError, True, "the venue could not be reached"),
    FaultKind.TIMEOUT: Fault(NoAnswerError, False, "no answer came in time"),
    FaultKind.CONNECTION: Fault(ConnectionLostError, False, "the connection broke"),
    FaultKind.BAD_RESPONSE: Fault(BadResponseError, False, "the answer made no sense"),
    FaultKind.VENUE_ERROR: Fault(VenueFailedError, False, "the venue failed"),
    FaultKind.MAINTENANCE: Fault(MaintenanceError, False, "the venue is in maintenance"),
    FaultKind.RATE_LIMITED: Fault(RateLimitedError, True, "the venue limits our requests"),
    FaultKind.BANNED: Fault(BannedError, True, "the venue shut us out for a while"),
    FaultKind.CLOCK: Fault(ClockError, True, "the venue refused our time"),
    FaultKind.AUTHENTICATION: Fault(AuthenticationError, True, "the venue refused our key"),
    FaultKind.UNEXPECTED: Fault(ExecutionError, False, "the adapter failed"),
}
"""The only place that says what a failure means."""
