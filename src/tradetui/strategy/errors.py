"""What a strategy's own code can raise, or meet.

- StrategyError
    - InvalidOrder: an order, cancel or replace that cannot be understood; says what and how to mend
        - UnknownSymbol: a market that the strategy does not subscribe to
    - TradingNotAllowed: ``context.place_order`` while the instance observes (recorded, then raised)
    - WrongMoment: an act where none is allowed (``init``, ``setup``, ``render``)
    - SchemaError: CONFIG_SCHEMA, STATE_SCHEMA, DATA or a class attribute is malformed
    - InvalidParameter: an indicator or a feed was given a parameter that makes no sense
- StrategyTimeout (a BaseException): the engine's hard time limit; not to be caught
"""

from __future__ import annotations


class StrategyError(Exception):
    """Base of everything that the strategy package raises on purpose."""


class InvalidOrder(StrategyError):  # noqa: N818 - named for what it is
    """An order request cannot be understood; nothing was recorded."""


class UnknownSymbol(InvalidOrder):
    """The market is not one that the strategy subscribes to."""


class TradingNotAllowed(StrategyError):  # noqa: N818 - the name of the contract
    """``context.place_order`` was called in a mode that may not trade.

    The intent is recorded before this is raised, and the engine catches it at the edge of the
    callback.
    """


class WrongMoment(StrategyError):  # noqa: N818 - named for what it is
    """An act that is not allowed in ``init``, ``setup`` or ``render``."""


class SchemaError(StrategyError):
    """A declaration of the strategy class is malformed."""


class InvalidParameter(StrategyError, ValueError):  # noqa: N818 - named for what it is
    """An indicator or a feed was given a parameter that makes no sense."""


class StrategyTimeout(BaseException):
    """The hard time limit of a callback passed.

    A BaseException, so that ``except Exception`` in a strategy does not swallow it.
    """
