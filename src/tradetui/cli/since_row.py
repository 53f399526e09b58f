"""What happened since a moment, as a program reads it: amounts as in all other JSON."""

from __future__ import annotations

from typing import Final

from tradetui.cli.amounts import Amount
from tradetui.cli.wiring import Row
from tradetui.domain.explain import Note, PnlSplit, Since
from tradetui.domain.formatting import timestamp
from tradetui.domain.ids import Currency
from tradetui.domain.instruments import Instrument
from tradetui.domain.orders import Fill
from tradetui.domain.units import CASH_SCALE, format_scaled

_SPLIT: Final = ("change", "move", "fees", "funding", "slippage", "transfers", "rates")
_NOTES: Final = ("gaps", "restarts", "kills", "errors", "acts")


def since_row(report: Since) -> Row:
    """Return the whole report as a row: exact amounts, so that the parts add up."""
    markets = {one.instrument_id: one for one in report.instruments}
    split = report.split
    row: Row = {
        "from_text": report.from_text,
        "from_time": timestamp(report.from_time),
        "to_time": timestamp(report.to_time),
        "steps": report.steps,
        "equity": _exact(report.equity, report.currency),
        "split": None if split is None else _split_row(split, report.currency),
        "instances": [
            {
                "instance": one.strategy_id,
                "fills": one.fills,
                "pnl": _exact(one.pnl, one.currency),
                "fees": _exact(one.fees, one.currency),
                "slippage": _exact(one.slippage, one.currency),
            }
            for one in report.instances
        ],
        "fill_count": report.fill_count,
        "fills": [fill_row(fill, markets[fill.instrument_id]) for fill in report.fills],
        "refusals": [{"reason": reason.value, "count": count} for reason, count in report.refusals],
    }
    return row | {name: [_note_row(note) for note in getattr(report, name)] for name in _NOTES}


def fill_row(fill: Fill, instrument: Instrument) -> Row:
    """Return a fill as ``fills`` lists it."""
    return {
        "time": timestamp(fill.event_time, millis=True),
        "step": fill.seq_id,
        "instance": fill.strategy_id,
        "route": fill.route_id,
        "market": instrument.symbol,
        "side": fill.side.value,
        "quantity": format_scaled(fill.quantity, instrument.size_scale),
        "price": format_scaled(fill.price, instrument.price_scale),
        "fee": format_scaled(fill.commission, CASH_SCALE),
        "fee_currency": fill.commission_currency,
        "realised": format_scaled(fill.realised_pnl, CASH_SCALE),
        "order": fill.client_order_id,
        "trade": fill.trade_id,
    }


def _exact(value: int | None, currency: Currency) -> Amount | None:
    return None if value is None else Amount(f"{format_scaled(value, CASH_SCALE)} {currency}")


def _split_row(split: PnlSplit, currency: Currency) -> Row:
    return {name: _exact(getattr(split, name), currency) for name in _SPLIT}


def _note_row(note: Note) -> Row:
    return {
        "time": timestamp(note.time),
        "step": note.seq_id or None,
        "instance": note.strategy_id,
        "text": note.text,
    }
