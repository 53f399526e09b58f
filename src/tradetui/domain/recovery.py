"""Checkpoint v1: all that an engine needs to go on from a step, as one record.

It is made between two steps and stored sealed in the journal, beside the hash of the chain at its
step. What the kernel knows (orders, positions, money, day counters, kill-switches, guards) is one
part; what the simulated venue, the strategies and the feeds remember are the others.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tradetui.domain.enums import RunMode
from tradetui.domain.ids import InstrumentId, RouteId, RunId
from tradetui.domain.record import Record

CHECKPOINT_SCHEMA: Final = 1

RISK_IN_ENGINE: Final = "engine_state"
"""Counters, switches and limits of the risk gates are part of the kernel's own state."""


class CheckpointUnreadableError(ValueError):
    """Bytes are no checkpoint; the message is half a sentence."""


class CheckpointTooNewError(ValueError):
    """A checkpoint of a later version; the message is half a sentence."""


class FeedCursor(Record, frozen=True):
    """How far a feed of recorded data was taken.

    ``time`` is the event time of the last item that became a step, ``taken`` how many such items of
    that very time were taken. Opens of bars are no steps: what follows is shown them again.
    """

    feed: str
    time: int
    taken: int


class TradeCursor(Record, frozen=True):
    """How far the trades of a market are in the kernel, on a route that a real venue serves."""

    route_id: RouteId
    instrument_id: InstrumentId
    cursor: str


class JournalCursor(Record, frozen=True):
    """The step after which a checkpoint was made, and the hash of the chain there, in hex."""

    seq_id: int
    chain_hash: str


class EngineCheckpoint(Record, frozen=True):
    """Checkpoint v1.

    ``engine_state`` is what ``Kernel.restore`` takes, ``broker_state`` what the simulated venue's
    ``restore`` takes (empty where there is none). ``risk_state`` names the part that holds it.
    ``strategy_state`` is (instance, what its STATE_SCHEMA keeps as JSON), by id. ``data_hash`` is
    that of the files that are replayed, empty in real time. ``created_at`` is ns UTC.
    """

    schema_version: int
    created_at: int
    run_id: RunId
    mode: RunMode
    config_hash: str
    data_hash: str
    engine_state: bytes
    broker_state: bytes
    feed_cursors: tuple[FeedCursor, ...]
    risk_state: str
    strategy_state: tuple[tuple[str, str], ...]
    cursor: JournalCursor
    seed: int = 0
    opens: int = 0
    """How many opens of bars the simulated venue was shown in the run so far."""
    market_state: bytes = b""
    """What the engine remembers of its markets (``memory.EngineMemory``)."""
    shown: bytes = b""
    """What its screens showed (``memory.ScreenMemory``)."""
    trade_cursors: tuple[TradeCursor, ...] = ()
    """From where on the trades of real venues are asked for; without one they are read anew."""


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(EngineCheckpoint)
_peeker: Final = msgspec.msgpack.Decoder(list[Any])


def encode_checkpoint(checkpoint: EngineCheckpoint) -> bytes:
    """Return a checkpoint's bytes."""
    return _encoder.encode(checkpoint)


def decode_checkpoint(body: bytes) -> EngineCheckpoint:
    """Return the checkpoint of some bytes.

    Raises CheckpointTooNewError for one of a later version, CheckpointUnreadableError for anything
    that is none.
    """
    try:
        parts = _peeker.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CheckpointUnreadableError(f"cannot be read ({error})") from error
    version = parts[1] if len(parts) > 1 and parts[0] == EngineCheckpoint.__name__ else None
    if isinstance(version, int) and version > CHECKPOINT_SCHEMA:
        raise CheckpointTooNewError(
            f"is of version {version}; this program reads {CHECKPOINT_SCHEMA}: use the tradetui "
            "that wrote it"
        )
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CheckpointUnreadableError(f"cannot be read ({error})") from error
