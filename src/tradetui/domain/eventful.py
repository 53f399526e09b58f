"""Which steps are more than a price that passed by: told from their bytes, without decoding them.

A journal of a million steps is nearly all prices. Who looks for orders, decisions and acts in it
leaves those out.
"""

from __future__ import annotations

from typing import Final

import msgspec

from tradetui.domain.codec import encode, encode_step
from tradetui.domain.enums import Source
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import InstrumentId
from tradetui.domain.market_data import Bar, Quote, Trade
from tradetui.domain.steps import QUIET, StepRecord, SubmitCommand
from tradetui.domain.timers import Heartbeat

_ANY: Final = Envelope(0, 0, 0, Source.TIMER, "", InstrumentId(""), "", Heartbeat(0, ()))
_PRICES: Final = (Quote(0, 0, 0, 0), Trade(0, 0), Bar(0, 0, 0, 0, 0, 0, 0))

QUIET_TAIL: Final = encode_step(StepRecord(_ANY, (), (), (), QUIET)).partition(encode(_ANY))[2]
"""What the body of every step ends with that changed nothing but a mark."""


def _mark_of(price: Bar | Quote | Trade) -> bytes:
    """Return the name of an event with the beginning of its payload, which bears it too: that
    the two stand together in no text.
    """
    name = msgspec.msgpack.encode(type(price).__name__)
    return name + encode(price)[: 1 + len(name)]


PRICE_MARKS: Final = tuple(_mark_of(price) for price in _PRICES)
"""What the body of every step has in it that is a price, the most frequent first."""

_QUOTE, _TRADE, _BAR = PRICE_MARKS

ACT_MARK: Final = msgspec.msgpack.encode(Source.CONTROL)
"""What the body of every step has in it that is an act of a person or of the engine."""

SUBMIT_MARK: Final = msgspec.msgpack.encode(SubmitCommand.__name__)
"""What the body of every step has in it that sends an order."""


def is_eventful(body: bytes) -> bool:
    """Tell whether the step of some bytes is more than a price that passed by.

    True for a few that are not: those written by an older version.
    """
    return not body.endswith(QUIET_TAIL) or (
        _QUOTE not in body and _TRADE not in body and _BAR not in body
    )
