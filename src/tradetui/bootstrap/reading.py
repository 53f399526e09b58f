"""The commands that read what a profile's engine did and has: from its journal, engine or not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final

from tradetui.backtest.recorded import recorded_run
from tradetui.bootstrap.profile.opened_records import instance_service, opened_store
from tradetui.bootstrap.profile.operator import operator
from tradetui.bootstrap.profile.places import demo_state
from tradetui.bootstrap.profile.profile import profile_at
from tradetui.bootstrap.recorded.journal_part import opened
from tradetui.bootstrap.recorded.known_instances import check_instance
from tradetui.bootstrap.recorded.newest_run import has_journal, newest, problems_of, records_of
from tradetui.bootstrap.recorded.orders_before import newest_closed
from tradetui.bootstrap.recovery.comeback import back_words, crash_words, restored_words, was_crash
from tradetui.bootstrap.shell import record_row
from tradetui.bootstrap.switches import waiting_words
from tradetui.cli.output import say
from tradetui.cli.wiring import Place, Row
from tradetui.core.guards import guard_of
from tradetui.core.state import KernelState
from tradetui.domain.control import InstanceFailed
from tradetui.domain.enums import InstanceMode, InstanceState, Source
from tradetui.domain.formatting import plain_money, timestamp
from tradetui.domain.ids import InstrumentId, RunId, is_shadow
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.instruments import Instrument
from tradetui.domain.replica import (
    DecisionView,
    HeaderView,
    InstanceView,
    InstrumentView,
    OrderView,
)
from tradetui.domain.steps import StepRecord
from tradetui.domain.units import CASH_SCALE, format_scaled
from tradetui.domain.words import kill_word, order_state_word, scope_text
from tradetui.runtime.pages.events import owner_of
from tradetui.runtime.step_words import event_text
from tradetui.runtime.travel.traveller import Traveller
from tradetui.runtime.views import decision_views, fill_view, instrument_view, order_view
from tradetui.services.decision_words import after_text, deciding_gate
from tradetui.services.errors import RefusedError
from tradetui.storage.lock import holder_of
from tradetui.storage.reader import JournalReader

NOT_RUN: Final = "nothing has run here yet: `tradetui run` or `tradetui` starts the engine"

Instruments = dict[InstrumentId, InstrumentView]


def status(place: Place) -> Row:
    """Return the engine, the money, the limits and every instance, in a page."""
    folder = profile_at(place).state
    engine = holder_of(folder)
    row: Row = {
        "engine": f"runs (process {engine})" if engine is not None else "does not run",
        "state": str(folder),
    }
    demo = demo_state()
    if place.state is None and engine is None and holder_of(demo) is not None:
        row["demo"] = f"runs, in a folder of its own: say --state {demo}"
    records = asyncio.run(records_of(place))
    waiting = asyncio.run(waiting_words(place))
    if not has_journal(place):
        waits = {"kill_switches": waiting} if waiting else {}
        return row | waits | {"note": NOT_RUN, "instances": [record_row(one) for one in records]}
    with opened(place, None) as reader:
        traveller = newest(reader)
        problems = problems_of(reader, records)
        traveller.show_records(records, problems)
        snapshot = traveller.snapshot()
        restored = asyncio.run(_restored_run(place))
        row |= _crash_row(reader, traveller.state, restored, is_running=engine is not None)
    instruments = {view.instrument_id: view for view in snapshot.instruments}
    rows = [
        _instance_row(view, instruments, problems.get(view.strategy_id, ""))
        for view in snapshot.instances
    ]
    would = sum(one.is_open and one.is_shadow for one in snapshot.orders)
    row |= _header_row(snapshot.header, waiting) | {"orders_would_open": would}
    return row | {"instances": rows}


async def _restored_run(place: Place) -> str:
    async with opened_store(place, to_read=True) as store:
        return await store.restored_run()


def _crash_row(
    reader: JournalReader, state: KernelState, restored: str, *, is_running: bool
) -> Row:
    """Say that the newest run was cut off, or that it began after one that was; ``restored`` is the
    run with which a backup ends, which no crash has ended.
    """
    run, runs = recorded_run(reader), reader.runs()
    info = next(one for one in runs if one.run_id == run.header.run_id)
    if not is_running and info.run_id == restored:
        return {"restored": f"from a backup; the next start has {back_words(state)}"}
    if not is_running and info.ended_how != "clean":
        return {"crash": f"the last run was cut off; the next start has {back_words(state)}"}
    earlier = runs[: runs.index(info)]
    if not run.header.continues or not was_crash(earlier, RunId(run.header.continues)):
        return {}
    carried = run.rerun().kernel.state
    if run.header.continues == restored:
        return {"restored": f"{restored_words(carried)} (at {timestamp(info.started_time)})"}
    return {"crash": f"{crash_words(carried)} (at {timestamp(info.started_time)})"}


def _header_row(header: HeaderView, waiting: list[str]) -> Row:
    kills = [f"{scope_text(one.scope, one.key)} {kill_word(one.state)}" for one in header.kills]
    return {
        "run_mode": header.run_mode.value,
        "account": header.account,
        "as_of": timestamp(header.now),
        "step": header.seq_id,
        "kill_switches": kills + waiting or None,
        "equity": _money(header.equity, header.reporting_currency),
        "day_pnl": _money(header.day_pnl, header.reporting_currency),
        "day_loss_limit": _money(header.day_loss_limit, header.reporting_currency),
        "exposure": _money(header.exposure, header.reporting_currency),
        "exposure_limit": _money(header.exposure_limit, header.reporting_currency),
        "orders_open": header.orders_open,
        "orders_unknown": header.orders_unknown,
    }


def _instance_row(view: InstanceView, instruments: Instruments, problem: str) -> Row:
    is_off = view.mode is InstanceMode.OFF
    is_bare = is_off and not view.position
    reasons = dict.fromkeys(text for text in (view.state_reason, problem) if text)
    return {
        "id": view.strategy_id,
        "strategy": view.strategy_type,
        "market": view.symbol,
        "mode": view.mode.value,
        "state": InstanceState.OFF.value if is_off else view.state.value,
        "position": None if is_bare else _size(view.position, instruments.get(view.instrument_id)),
        "orders": view.orders_open,
        "guard": None if is_bare else view.guard.value,
        "open_pnl": None if is_bare else _money(view.open_pnl, view.currency),
        "day_pnl": _money(view.day_pnl, view.currency) if view.currency else None,
        "why": "; ".join(reasons) or None,
    }


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
                    "cost": f"{format_scaled(held.cost, CASH_SCALE)} {instrument.quote}",
                    "realised": f"{format_scaled(held.realised_pnl, CASH_SCALE)}",
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
        "quantity": _size(order.quantity, instrument),
        "filled": _size(order.filled_quantity, instrument),
        "price": _price(order.price, instrument),
        "trigger": _price(order.trigger_price, instrument),
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
            view = fill_view(fill, "")
            instrument = instruments[fill.instrument_id]
            rows.append(
                {
                    "time": timestamp(view.event_time),
                    "step": view.seq_id,
                    "instance": view.strategy_id,
                    "route": view.route_id,
                    "market": instrument.symbol,
                    "side": view.side.value,
                    "quantity": format_scaled(view.quantity, instrument.size_scale),
                    "price": format_scaled(view.price, instrument.price_scale),
                    "fee": format_scaled(view.commission, CASH_SCALE),
                    "fee_currency": view.commission_currency,
                    "realised": format_scaled(view.realised_pnl, CASH_SCALE),
                    "order": view.client_order_id,
                    "trade": view.trade_id,
                }
            )
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
                    "time": timestamp(view.event_time),
                    "step": view.seq_id,
                    "instance": view.strategy_id,
                    "intent": view.intent,
                    "gate": gate,
                    "value": value,
                    "limit": limit_text,
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
            text = f"{result.hook}: {result.message.removeprefix(f'{result.hook}: ')}"
            yield base | {"level": "error", "instance": result.strategy_id, "text": text}
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


async def delete_instance(place: Place, name: str, *, confirmed: bool) -> Row:
    """Delete a record that is off, flat and without orders; raises RefusedError otherwise."""
    async with instance_service(place, to_read=True) as service:
        record = await service.record(name)
    if has_journal(place):
        held = await asyncio.to_thread(_held, place, name)
        if held:
            raise RefusedError(f"{name} still has {held}; close it first. Nothing done.")
    if not confirmed:
        raise RefusedError(f"{name} would leave the list: confirm it with --yes. Nothing done.")
    async with instance_service(place) as service:
        await service.delete(record, actor=operator())
    return record_row(record) | {"mode": "deleted", "kept": "30 days: instances restore"}


def _held(place: Place, name: str) -> str:
    """Return what an instance still has, empty for nothing."""
    with opened(place, None) as reader:
        state = newest(reader).state
    held = [
        f"{format_scaled(one.quantity, state.instruments[key[2]].size_scale)} "
        f"{state.instruments[key[2]].symbol}"
        for key, one in sorted(state.positions.items())
        if key[0] == name and one.quantity and not is_shadow(key[1])
    ]
    open_orders = [
        order
        for order in state.open_orders.values()
        if order.terms.strategy_id == name and not is_shadow(order.terms.route_id)
    ]
    if open_orders:
        held.append(f"{len(open_orders)} open orders")
    return ", ".join(held)


def _market_of(state: KernelState, view: DecisionView) -> Instrument | None:
    return None if view.instrument_id is None else state.instruments.get(view.instrument_id)


def _money(value: int | None, currency: str) -> str | None:
    if value is None:
        return None
    return f"{plain_money(value, currency)} {currency}"


def _size(value: int | None, view: InstrumentView | None) -> str | None:
    if value is None or view is None:
        return None
    return format_scaled(value, view.size_scale, view.size_decimals)


def _price(value: int | None, view: InstrumentView | None) -> str | None:
    if value is None or view is None:
        return None
    return format_scaled(value, view.price_scale, view.price_decimals)
