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
from tradetui.domain.market_data import DataGap, InstrumentUpdated
from tradetui.domain.steps import StepRecord, StepResult
from tradetui.domain.timers import Heartbeat

_ANY: Final = Envelope(0, 0, 0, Source.TIMER, "", InstrumentId(""), "", Heartbeat(0, ()))

QUIET_TAIL: Final = encode_step(StepRecord(_ANY, (), (), (), StepResult())).partition(encode(_ANY))[
    2
]
"""What the body of every step ends with that changed nothing but a mark."""

MARKET_MARK: Final = msgspec.msgpack.encode(Source.MARKET_DATA)
"""Part of every step of market data."""

TOLD_MARKS: Final = tuple(
    msgspec.msgpack.encode(kind.__name__) for kind in (DataGap, InstrumentUpdated)
)
"""Parts of the steps of market data that are no prices."""


def is_eventful(body: bytes) -> bool:
    """Tell whether the step of some bytes is more than a price that passed by.

    True for a few that are not: one written by an older version, or with such a word in it.
    """
    if not body.endswith(QUIET_TAIL) or MARKET_MARK not in body:
        return True
    return any(mark in body for mark in TOLD_MARKS)
