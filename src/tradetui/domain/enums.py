"""Closed vocabularies.

The values are what the journal holds; add at the end, never rename.
"""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    """Where an event entered the core."""

    MARKET_DATA = "market_data"
    BROKER_REPORT = "broker_report"
    TIMER = "timer"
    CONTROL = "control"


class RunMode(StrEnum):
    """What a profile (a state folder) is for, for ever."""

    BACKTEST = "backtest"
    PAPER = "paper"
    SANDBOX = "sandbox"
    LIVE = "live"

    @property
    def is_real(self) -> bool:
        """Orders go to a venue that is not ours, be it one for tests: nothing is entered there that
        a person did not confirm.
        """
        return self is RunMode.SANDBOX or self is RunMode.LIVE


class InstanceMode(StrEnum):
    """What the record of an instance says shall be."""

    OFF = "off"
    OBSERVE = "observe"
    ACTIVE = "active"


class InstanceState(StrEnum):
    """What is true of an instance now, in the words of the screen.

    UPPER case may send entries or needs a person.
    """

    OFF = "off"
    OBSERVE = "observe"
    ACTIVE = "ACTIVE"
    BLOCKED = "blocked"
    EXIT_ONLY = "exit-only"
    PAUSED = "PAUSED"
    HELD = "HELD"
    ERROR = "ERROR"


class KillState(StrEnum):
    """A kill-switch.

    REDUCING lets exits, cancels and stops pass; HALTED lets only cancels pass.
    """

    NORMAL = "NORMAL"
    REDUCING = "REDUCING"
    HALTED = "HALTED"


class Scope(StrEnum):
    """What a kill-switch or a risk profile is bound to."""

    GLOBAL = "global"
    EXECUTION = "execution"
    ROUTE = "route"
    STRATEGY = "strategy"
    INSTRUMENT = "instrument"


class InstrumentClass(StrEnum):
    """How an instrument is accounted for."""

    SPOT = "spot"
    FUTURE = "future"
    PREDICTION = "prediction"


class OrderSide(StrEnum):
    """BUY or SELL."""

    BUY = "BUY"
    SELL = "SELL"


class OrderType(StrEnum):
    """How an order meets the market."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TRAILING_STOP = "trailing_stop"


class TimeInForce(StrEnum):
    """How long an order lives."""

    GTC = "GTC"
    DAY = "DAY"
    IOC = "IOC"
    FOK = "FOK"
    GTD = "GTD"


class OrderRole(StrEnum):
    """What an order is for.

    PROTECTIVE roles only reduce, and guard a position.
    """

    ENTRY = "entry"
    EXIT = "exit"
    STOP_LOSS = "stop_loss"
    TAKE_PROFIT = "take_profit"


class OrderState(StrEnum):
    """The life of an order; the legal moves are in ``order_table``."""

    CREATED = "Created"
    SUBMITTED = "Submitted"
    ACCEPTED = "Accepted"
    PARTIALLY_FILLED = "PartiallyFilled"
    FILLED = "Filled"
    CANCEL_PENDING = "CancelPending"
    CANCELLED = "Cancelled"
    REJECTED = "Rejected"
    EXPIRED = "Expired"


class Refusal(StrEnum):
    """Who refused a Rejected order."""

    NONE = ""
    DENIED = "denied"
    REJECTED = "rejected"


class LiquiditySide(StrEnum):
    """Whether a fill took or made liquidity."""

    MAKER = "maker"
    TAKER = "taker"


class HeldBy(StrEnum):
    """Who watches an order's condition."""

    VENUE = "venue"
    KERNEL = "kernel"


class Guard(StrEnum):
    """Who holds the stop that protects a position."""

    FLAT = "-"
    VENUE = "venue"
    OURS = "ours"
    NONE_BY_DESIGN = "none"
    MISSING = "NONE"


class Outcome(StrEnum):
    """What the risk engine made of an intent."""

    ALLOW = "allow"
    MODIFY = "modify"
    REJECT = "reject"


class CallbackOutcome(StrEnum):
    """How a strategy's callback ended; replay obeys it."""

    OK = "ok"
    ERROR = "error"
    TIMEOUT = "timeout"


class Severity(StrEnum):
    """How loud a message is.

    ALERT stays on the screen until a person acknowledges it.
    """

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    ALERT = "alert"


class Support(StrEnum):
    """Whether a route can do a thing: itself, by the kernel's help, or not at all."""

    NATIVE = "native"
    HELD = "held"
    NONE = "none"


class QueuePolicy(StrEnum):
    """What a full queue does with one more item."""

    BLOCK = "block"
    BOUNDED_DROP = "bounded_drop"
    FAIL_FAST = "fail_fast"


class InvariantPolicy(StrEnum):
    """What a broken invariant does: stop the run, halt the route it concerns, or warn.

    Never nothing.
    """

    STRICT = "strict"
    ROUTE_HALT = "route_halt"
    WARN = "warn"


class Mend(StrEnum):
    """What a person can do about an alert."""

    TRACEBACK = "traceback"
    STOP = "stop"
    """Let it make exits only, or close what it holds."""
    RESUME = "resume"
    CLOSE = "close"
    """Close again what still stands."""
