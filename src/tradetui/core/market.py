"""Market data, applied: marks, and what an instrument is.

Most steps of a run are these, and most of them move nothing but one mark: they touch nothing else
and make no list.
"""

from __future__ import annotations

from tradetui.core.changes import Changes
from tradetui.core.held import on_price
from tradetui.core.order_manager import perform
from tradetui.core.state import KernelState, Mark
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import InstrumentId
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, InstrumentUpdated, Quote, Trade
from tradetui.domain.reasons import Reason
from tradetui.domain.units import div_half_even


def price_mark(old: Mark | None, price: int, envelope: Envelope) -> Mark | None:
    """Return the mark of a bar's close or a trade, beside the quote that is known; None where a
    newer mark stands.
    """
    if old is None:
        return Mark(price, envelope.event_time, envelope.ingest_time)
    if envelope.event_time < old.event_time:
        return None
    return Mark(
        price,
        envelope.event_time,
        envelope.ingest_time,
        old.bid,
        old.ask,
        old.bid_quantity,
        old.ask_quantity,
    )


def quote_mark(old: Mark | None, quote: Quote, envelope: Envelope) -> Mark | None:
    """Return the mark that a quote makes: its middle (halves to even); None where a newer mark
    stands.

    While a side is empty the last price stays; without one there is no mark.
    """
    if old is not None and envelope.event_time < old.event_time:
        return None
    bid, ask = quote.bid, quote.ask
    if bid and ask:
        price = div_half_even(bid + ask, 2)
    elif old is None:
        return None
    else:
        price = old.price
    return Mark(
        price,
        envelope.event_time,
        envelope.ingest_time,
        bid,
        ask,
        quote.bid_quantity,
        quote.ask_quantity,
    )


def on_instrument_updated(
    state: KernelState, changes: Changes, envelope: Envelope, event: InstrumentUpdated
) -> None:
    """Take in an instrument, or new increments, limits and fees of one.

    What gives its numbers their meaning is fixed for the life of a journal; a change of that is
    refused.
    """
    instrument = event.instrument
    old = state.instruments.get(instrument.instrument_id)
    fault = _unusable(instrument) if old is None else _changed_meaning(old, instrument)
    if fault:
        changes.diagnose(
            Reason.SCHEMA,
            f"the update of {instrument.instrument_id} is refused: {fault}",
            is_incident=True,
        )
        return
    state.put(state.instruments, instrument.instrument_id, instrument)
    state.totals = None


def _unusable(instrument: Instrument) -> str:
    if instrument.price_increment <= 0 or instrument.size_increment <= 0:
        return "its tick and its lot must be above 0"
    if instrument.price_scale < 0 or instrument.size_scale < 0 or instrument.multiplier <= 0:
        return "its scales must not be negative, its multiplier must be above 0"
    return ""


def _changed_meaning(old: Instrument, new: Instrument) -> str:
    for field in (
        "price_scale",
        "size_scale",
        "multiplier",
        "multiplier_scale",
        "instrument_class",
        "base",
        "quote",
        "venue",
    ):
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            return f"its {field} is {before} for the life of the journal, not {after}"
    return _unusable(new)


def on_bar(state: KernelState, changes: Changes, envelope: Envelope, bar: Bar) -> None:
    """Apply a bar on the long way: it may be late or warm-up, or move what the kernel holds."""
    if bar.warmup_for is not None:
        return
    if _moves_stream(state, changes, envelope, state.bar_times, "bar"):
        mark = price_mark(state.marks.get(envelope.instrument), bar.close, envelope)
        if mark is not None:
            state.put(state.marks, envelope.instrument, mark)
        _look_at_held(state, changes, envelope, bar.high, bar.low, bar.close)


def on_trade(state: KernelState, changes: Changes, envelope: Envelope, trade: Trade) -> None:
    """Apply a public trade on the long way."""
    if _moves_stream(state, changes, envelope, state.trade_times, "trade"):
        mark = price_mark(state.marks.get(envelope.instrument), trade.price, envelope)
        if mark is not None:
            state.put(state.marks, envelope.instrument, mark)
        _look_at_held(state, changes, envelope, trade.price, trade.price, trade.price)


def on_quote(state: KernelState, changes: Changes, envelope: Envelope, quote: Quote) -> None:
    """Apply a quote on the long way."""
    if _moves_stream(state, changes, envelope, state.quote_times, "quote"):
        mark = quote_mark(state.marks.get(envelope.instrument), quote, envelope)
        if mark is not None:
            state.put(state.marks, envelope.instrument, mark)
            _look_at_held(state, changes, envelope, mark.price, mark.price, mark.price)


def _moves_stream(
    state: KernelState,
    changes: Changes,
    envelope: Envelope,
    times: dict[InstrumentId, int],
    what: str,
) -> bool:
    """Tell whether an item is news of its stream; say so when it is not, or has no instrument."""
    instrument_id, time = envelope.instrument, envelope.event_time
    if instrument_id not in state.instruments:
        changes.diagnose(
            Reason.UNKNOWN_INSTRUMENT,
            f"a {what} of {instrument_id}, which is not known: ignored",
        )
        return False
    newest = times.get(instrument_id)
    if newest is not None and time < newest:
        changes.diagnose(
            Reason.INVARIANT,
            f"a {what} of {instrument_id} at {time} ns came after one at {newest} ns: ignored",
        )
        return False
    state.put(times, instrument_id, time)
    return True


def _look_at_held(
    state: KernelState, changes: Changes, envelope: Envelope, high: int, low: int, last: int
) -> None:
    if envelope.instrument in state.held_by_instrument:
        perform(state, changes, on_price(state, envelope.instrument, high, low, last))
