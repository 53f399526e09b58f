"""``tradetui status``: the engine, the money, the limits and every instance, in a page."""

from __future__ import annotations

import asyncio
from typing import Final

from tradetui.backtest.recorded import recorded_run
from tradetui.bootstrap.commands.cells import Instruments, money, size
from tradetui.bootstrap.commands.instances import record_row
from tradetui.bootstrap.commands.switches import waiting_words
from tradetui.bootstrap.profile.opened_records import opened_store
from tradetui.bootstrap.profile.places import demo_state
from tradetui.bootstrap.profile.profile import profile_at
from tradetui.bootstrap.recorded.journal_part import opened
from tradetui.bootstrap.recorded.newest_run import has_journal, newest, problems_of, records_of
from tradetui.bootstrap.recovery.comeback import back_words, crash_words, restored_words, was_crash
from tradetui.cli.wiring import Place, Row
from tradetui.core.state import KernelState
from tradetui.domain.enums import InstanceMode, InstanceState
from tradetui.domain.formatting import timestamp
from tradetui.domain.ids import RunId
from tradetui.domain.replica import HeaderView, InstanceView
from tradetui.domain.words import kill_word, scope_text
from tradetui.storage.lock import holder_of
from tradetui.storage.reader import JournalReader

NOT_RUN: Final = "nothing has run here yet: `tradetui run` or `tradetui` starts the engine"


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
        "equity": money(header.equity, header.reporting_currency),
        "day_pnl": money(header.day_pnl, header.reporting_currency),
        "day_loss_limit": money(header.day_loss_limit, header.reporting_currency),
        "exposure": money(header.exposure, header.reporting_currency),
        "exposure_limit": money(header.exposure_limit, header.reporting_currency),
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
        "position": None if is_bare else size(view.position, instruments.get(view.instrument_id)),
        "orders": view.orders_open,
        "guard": None if is_bare else view.guard.value,
        "open_pnl": None if is_bare else money(view.open_pnl, view.currency),
        "day_pnl": money(view.day_pnl, view.currency) if view.currency else None,
        "why": "; ".join(reasons) or None,
    }
