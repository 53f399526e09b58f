"""The commands that list what an engine has and did: from its journal, whether it runs or not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from tradetui.backtest.recorded import recorded_run
from tradetui.bootstrap.commands.cells import price, size
from tradetui.bootstrap.profile.profile import profile_at
from tradetui.bootstrap.recorded.journal_part import opened
from tradetui.bootstrap.recorded.known_instances import check_instance
from tradetui.bootstrap.recorded.newest_run import has_journal, newest, records_of
from tradetui.bootstrap.recorded.orders_before import newest_closed
from tradetui.cli.amounts import Amount
from tradetui.cli.output import say
from tradetui.cli.since_row import fill_row
from tradetui.cli.wiring import Place, Row
from tradetui.core.guards import guard_of
from tradetui.core.state import KernelState
from tradetui.domain.control import InstanceFailed
from tradetui.domain.enums import Source
from tradetui.domain.formatting import timestamp
from tradetui.domain.ids import is_shadow
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.instruments import Instrument
from tradetui.domain.replica import DecisionView, InstrumentView, OrderView
from tradetui.domain.steps import StepRecord
from tradetui.domain.units import CASH_SCALE, format_scaled
from tradetui.domain.words import order_state_word
from tradetui.runtime.pages.events import owner_of
from tradetui.runtime.step_words import event_text
from tradetui.runtime.travel.traveller import Traveller
from tradetui.runtime.views import decision_views, instrument_view, order_view
from tradetui.services.decision_words import after_text, deciding_gate


def _has_run(place: Place) -> bool:
    """Tell whether there is a run to read; say so if not, for an empty list does not tell."""
    if has_journal(place):
        return True
    say(f"tradetui: {profile_at(place).state}: nothing has run here yet")
    return False


def positions(place: Place) -> list[Row]:
    """Return what is held, by instance and route; shadow books' would-be positions are left out."""
    if not _has_run(place):
        return []
    with opened(place, None) as reader:
        state = newest(reader).state
        rows = []
        for position_key, held in sorted(state.positions.items()):
            strategy_id, route_id, key = position_key
            if not held.quantity or is_shadow(route_id):
                continue
            instrument = state.instruments[key]
            rows.append(
                {
                    "instance": strategy_id,
                    "route": route_id,
                    "market": instrument.symbol,
                    "side": "LONG" if held.quantity > 0 else "SHORT",
                    "quantity": format_scaled(abs(held.quantity), instrument.size_scale),
                    "cost": Amount(f"{format_scaled(held.cost, CASH_SCALE)} {instrument.quote}"),
                    "realised": format_scaled(held.realised_pnl, CASH_SCALE),
                    "fees": format_scaled(held.fees, CASH_SCALE),
                    "guard": guard_of(state, position_key).value,
                    "since": timestamp(held.opened_time),
                }
            )
        return rows


def orders(place: Place, *, instance: str | None, closed: bool, limit: int) -> list[Row]:
    """Return the open orders; or the newest closed ones, at most ``limit``, as they ended, also of
    the runs that the newest carries on, and then the open ones. Raises UserError for an instance
    that is not known, as ``fills``, ``decisions`` and ``log`` do.
    """
    check_instance(place, instance)
    if not _has_run(place):
        return []
    with opened(place, None) as reader:
        traveller = newest(reader)
        snapshot, state = traveller.snapshot(), traveller.state
        ended = newest_closed(reader, state, instance, limit) if closed else ()
    instruments = {view.instrument_id: view for view in snapshot.instruments}
    still = [one for one in snapshot.orders if one.is_open and instance in (None, one.strategy_id)]
    views = [*(order_view(state, order) for order in ended), *still]
    return [_order_row(view, instruments.get(view.instrument_id)) for view in views]


def _order_row(order: OrderView, instrument: InstrumentView | None) -> Row:
    return {
        "order": order.client_order_id,
        "instance": order.strategy_id,
        "route": order.route_id,
        "market": None if instrument is None else instrument.symbol,
        "side": order.side.value,
        "type": order.order_type.value,
        "quantity": size(order.quantity, instrument),
        "filled": size(order.filled_quantity, instrument),
        "price": price(order.price, instrument),
        "trigger": price(order.trigger_price, instrument),
        "role": order.role.value,
        "state": order_state_word(
            order.state, is_unknown=order.is_unknown, is_shadow=order.is_shadow
        ),
        "made": timestamp(order.created_time),
        "reason": order.reason or None,
    }


def fills(place: Place, *, instance: str | None, limit: int) -> list[Row]:
    """Return the newest fills, also of the runs that the newest carries on, oldest first."""
    check_instance(place, instance)
    rows: list[Row] = []
    for traveller, step in _backwards(place):
        instruments = traveller.state.instruments
        for fill in reversed(step.result.fills):
            if is_shadow(fill.route_id) or instance not in (None, fill.strategy_id):
                continue
            rows.append(fill_row(fill, instruments[fill.instrument_id]))
            if len(rows) >= limit:
                return rows[::-1]
    return rows[::-1]


def decisions(place: Place, *, instance: str | None, limit: int, outcome: str | None) -> list[Row]:
    """Return the newest risk decisions, also of the runs carried on, oldest first."""
    check_instance(place, instance)
    rows: list[Row] = []
    for traveller, step in _backwards(place):
        for view in reversed(decision_views(traveller.state, step)):
            is_wanted = view.outcome is not None and outcome in (None, view.outcome.value)
            if not is_wanted or instance not in (None, view.strategy_id):
                continue
            market = _market_of(traveller.state, view)
            shown = None if market is None else instrument_view(market)
            gate, value, limit_text = deciding_gate(view, market)
            rows.append(
                {
                    "time": timestamp(view.event_time, millis=True),
                    "step": view.seq_id,
                    "instance": view.strategy_id,
                    "intent": view.intent,
                    "gate": gate,
                    "value": None if value == "-" else value,
                    "limit": None if limit_text == "-" else limit_text,
                    "result": "would" if view.would else str(view.outcome),
                    "reason": view.reason.value or None,
                    "order": view.client_order_id,
                    "after": after_text(view, shown) or None,
                }
            )
            if len(rows) >= limit:
                return rows[::-1]
    return rows[::-1]


def log(place: Place, *, instance: str | None, limit: int) -> list[Row]:
    """Return acts, warnings and errors, also of the runs carried on, oldest first; each with the
    strategy, account and market of its instance, as recorded now.
    """
    check_instance(place, instance)
    owners = {one.strategy_id: one for one in asyncio.run(records_of(place))}
    rows: list[Row] = []
    for traveller, step in _backwards(place):
        found = [
            row | _identity(owners.get(row["instance"]))
            for row in _log_rows(traveller, step)
            if instance is None or row["instance"] == instance
        ]
        rows += reversed(found)
        if len(rows) >= limit:
            break
    return rows[:limit][::-1]


def _identity(record: InstanceRecord | None) -> Row:
    return {
        "strategy": None if record is None else record.strategy_type,
        "account": None if record is None else record.account,
        "market": None if record is None else record.market,
    }


def _log_rows(traveller: Traveller, step: StepRecord) -> Iterator[Row]:
    """Yield what a step has to say to a person: the act itself, then what went wrong."""
    event = step.event
    base = {"time": timestamp(event.event_time), "step": event.seq_id}
    if event.source is Source.CONTROL:
        owner = owner_of(traveller.state, step)
        text = f"{event.event_type}: {event_text(traveller.state, step)}"
        level = "error" if isinstance(event.payload, InstanceFailed) else "info"
        yield base | {"level": level, "instance": owner, "text": text}
    for result in step.result.callbacks:
        if result.message:
            yield base | {"level": "error", "instance": result.strategy_id, "text": result.text}
    for diagnostic in step.result.diagnostics:
        level = "error" if diagnostic.is_incident else "warning"
        yield base | {
            "level": level,
            "instance": diagnostic.strategy_id,
            "text": diagnostic.message,
        }


def _backwards(place: Place) -> Iterator[tuple[Traveller, StepRecord]]:
    """Yield the steps of the newest run and of those that it carries on, the newest first, with the
    newest run at its end; prices that passed by are left out.
    """
    if not _has_run(place):
        return
    with opened(place, None) as reader:
        traveller = newest(reader)
        run = recorded_run(reader)
        while True:
            for step in run.eventful_backwards():
                yield traveller, step
            if not run.header.continues:
                return
            run = recorded_run(reader, run.header.continues)


def _market_of(state: KernelState, view: DecisionView) -> Instrument | None:
    return None if view.instrument_id is None else state.instruments.get(view.instrument_id)
