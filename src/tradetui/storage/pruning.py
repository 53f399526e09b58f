"""Which steps may lose their body when market data has grown beyond its cap, and how."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final

from tradetui.domain.codec import decode_step
from tradetui.domain.enums import CallbackOutcome
from tradetui.domain.eventful import is_eventful
from tradetui.domain.market_data import Bar, Quote, Trade
from tradetui.domain.steps import StepRecord
from tradetui.domain.timers import Heartbeat, StrategyTimer
from tradetui.storage.segment_file import Entry, KeptRow, PrunedSpan

_PRUNABLE: Final = (Bar, Trade, Quote, Heartbeat, StrategyTimer)


def is_market_only(record: StepRecord) -> bool:
    """Tell whether a step brought a price or a tick of the clock, and nothing came of it.

    A step with an intent, decision, transition, fill, command, signal, diagnostic or failed
    callback, and every report, act, gap and change of an instrument, is kept for ever.
    """
    if not isinstance(record.event.payload, _PRUNABLE):
        return False
    result = record.result
    if record.intents or record.decisions or record.transitions or result.is_duplicate:
        return False
    if result.fills or result.commands or result.signals or result.diagnostics:
        return False
    return all(callback.outcome is CallbackOutcome.OK for callback in result.callbacks)


def may_go(body: bytes) -> bool:
    """Tell the same of the bytes of a step, mostly without decoding them; raises
    msgspec.MsgspecError for bytes that are no step.
    """
    return not is_eventful(body) or is_market_only(decode_step(body))


def pruned(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the entries with every prunable row folded into a span with its neighbours."""
    fold: list[KeptRow] = []
    for entry in entries:
        if isinstance(entry, KeptRow) and may_go(entry.body):
            if fold and entry.seq_id != fold[-1].seq_id + 1:
                yield _span(fold)
                fold = []
            fold.append(entry)
            continue
        if fold:
            yield _span(fold)
            fold = []
        yield entry
    if fold:
        yield _span(fold)


def _span(rows: list[KeptRow]) -> PrunedSpan:
    digest = hashlib.sha256(b"".join(row.hash for row in rows)).digest()
    return PrunedSpan(rows[0].row, rows[-1].row, rows[0].seq_id, rows[-1].hash, digest)
