"""The rows of all instances: which are to be built anew, and how much of each.

A row is built whole when something happened to its instance, and once a minute. One of which only
the price moved is built from the row before, and with many instances the less often.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from msgspec.structs import replace

from tradetui.domain.ids import InstrumentId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.replica import InstanceGone, InstanceView, UiChanged
from tradetui.domain.units import NANOS_PER_MINUTE
from tradetui.engine.runner import Runner
from tradetui.runtime.charts import ChartKeeper
from tradetui.runtime.instance_view import InstanceNotes, can_move, instance_view, moved_view
from tradetui.runtime.loop_view import LoopView
from tradetui.runtime.ownerless import NO_RECORD, ownerless
from tradetui.runtime.staleness import stale_after
from tradetui.runtime.telemetry import Telemetry
from tradetui.runtime.trips import TripBook

MANY_ROWS: Final = 40
"""With more instances than this, rows of which only the price moved are built half as often, with
twice as many a third as often, and so on down to a fourth.
"""
_LONGEST_TURN: Final = 4
_WHOLE_EVERY_NS: Final = NANOS_PER_MINUTE


class _Built(NamedTuple):
    """When a row was last built whole (ns UTC), and from which age on its price is stale (ns)."""

    time: int
    deadline: int


class RowBook:
    """Owns the rows that screens see. ``append`` takes each change, ``label_of`` names a strategy
    by its type.
    """

    def __init__(
        self,
        loop: LoopView,
        telemetry: Telemetry,
        charts: ChartKeeper,
        trips: TripBook,
        append: Callable[[InstanceView | InstanceGone | UiChanged], None],
        label_of: Callable[[str], str],
    ) -> None:
        self._loop = loop
        self._telemetry = telemetry
        self._charts = charts
        self._trips = trips
        self._append = append
        self._label_of = label_of
        self._records: dict[StrategyId, InstanceRecord] = {}
        self._given: tuple[tuple[InstanceRecord, ...], str] = (), NO_RECORD
        self._made_up: dict[StrategyId, InstanceRecord] = {}
        """Those of the records that there are none of."""
        self.notes: dict[StrategyId, InstanceNotes] = {}
        """What is remembered of each instance beside the kernel."""
        self.views: dict[StrategyId, InstanceView] = {}
        """The rows as screens see them."""
        self._built: dict[StrategyId, _Built] = {}
        self._dirty: dict[StrategyId, None] = {}
        self._dirty_markets: dict[InstrumentId, None] = {}
        self._dirty_ui: dict[StrategyId, None] = {}
        self._began: int | None = None
        """When these rows were first looked at (ns UTC)."""
        self._turn = 0
        """How often rows were built since those were whose price moved."""

    @property
    def record_ids(self) -> tuple[StrategyId, ...]:
        """The ids of all records, ascending."""
        return tuple(self._records)

    def set_records(self, records: tuple[InstanceRecord, ...], why_bare: str = NO_RECORD) -> None:
        """Take the records as they are now; rows of deleted ones go, but for those that still hold
        something: they say ``why_bare``.
        """
        self._given = records, why_bare
        fresh = {record.strategy_id: record for record in records}
        self._made_up = ownerless(self._loop.kernel.state, fresh)
        fresh.update(self._made_up)
        for strategy_id in [key for key in self._records if key not in fresh]:
            self.views.pop(strategy_id, None)
            self.notes.pop(strategy_id, None)
            self._built.pop(strategy_id, None)
            self._append(InstanceGone(strategy_id))
        for strategy_id, record in fresh.items():
            notes = self.notes_of(strategy_id)
            why = why_bare if strategy_id in self._made_up else ""
            if self._records.get(strategy_id) != record or notes.why_bare != why:
                self._dirty[strategy_id] = None
                notes.label, notes.why_bare = self._label_of(record.strategy_type), why
        self._records = {key: fresh[key] for key in sorted(fresh)}

    def notes_of(self, strategy_id: StrategyId) -> InstanceNotes:
        """Return what is remembered of an instance beside the kernel; it may be written to."""
        notes = self.notes.get(strategy_id)
        if notes is None:
            notes = self.notes[strategy_id] = InstanceNotes()
        return notes

    def touch(self, strategy_id: StrategyId) -> None:
        """Build an instance's row anew with the next ``show``."""
        self._dirty[strategy_id] = None

    def touch_all(self) -> None:
        """Build every row anew with the next ``show``."""
        self._dirty.update(dict.fromkeys(self._records))

    def touch_ui(self, strategy_id: StrategyId) -> None:
        """Say with the next ``show`` that an instance may draw something else."""
        self._dirty_ui[strategy_id] = None

    def note_price(self, instrument_id: InstrumentId) -> None:
        """Note that the price of a market moved."""
        self._dirty_markets[instrument_id] = None

    def hurry(self) -> None:
        """Show moved prices with the next ``show``, however many rows there are."""
        self._turn = _LONGEST_TURN

    def show(self, now: int) -> None:
        """Build what is due of the rows as of ``now``, ascending by id."""
        if self._made_up and not self._dirty.keys().isdisjoint(self._made_up):
            self.set_records(*self._given)
        moved: dict[StrategyId, InstanceView] = {}
        self._turn += 1
        if self._turn >= min(1 + (len(self.views) - 1) // MANY_ROWS, _LONGEST_TURN):
            self._turn = 0
            moved = self._moved()
        running: dict[StrategyId, Runner] = {}
        for strategy_id in sorted(self._dirty.keys() | moved.keys()):
            record = self._records.get(strategy_id)
            if record is None:
                continue
            row = None
            if strategy_id not in self._dirty:
                row = self._from_last(moved[strategy_id], now)
            if row is None:
                running = running or self._loop.host.running_instances
                row = self._whole(record, running.get(strategy_id), now)
            self._put(row)
        self._dirty.clear()
        for strategy_id in self._dirty_ui:
            self._append(UiChanged(strategy_id))
        self._dirty_ui.clear()

    def spot_stale(self, now: int) -> None:
        """Have the rows built anew whose price has become stale in silence."""
        self._began = now if self._began is None else self._began
        for strategy_id, view in self.views.items():
            if view.price_time is not None:
                is_stale = now - view.price_time > self._built[strategy_id].deadline
                if is_stale is not view.is_stale:
                    self._dirty[strategy_id] = None

    def awaited(self, now: int) -> frozenset[StrategyId]:
        """Return the rows whose stale price is of before this start: no venue was silent, the
        engine did not run, and a new price may still come within its deadline.
        """
        began = now if self._began is None else self._began
        return frozenset(
            key
            for key, view in self.views.items()
            if view.is_stale
            and view.price_time is not None
            and view.price_time < began
            and now - began <= self._built[key].deadline
        )

    def _moved(self) -> dict[StrategyId, InstanceView]:
        """Return the rows whose price moved since they were last asked for."""
        markets, self._dirty_markets = self._dirty_markets, {}
        if not markets:
            return {}
        return {key: view for key, view in self.views.items() if view.instrument_id in markets}

    def _put(self, view: InstanceView) -> None:
        if self.views.get(view.strategy_id) != view:
            self.views[view.strategy_id] = view
            self._append(view)

    def _whole(self, record: InstanceRecord, runner: Runner | None, now: int) -> InstanceView:
        """Return a row with everything in it looked up."""
        strategy_id = record.strategy_id
        state = self._loop.kernel.state
        view = instance_view(
            self._loop,
            record,
            runner,
            self.notes_of(strategy_id),
            now,
            self._trips,
            self._telemetry.callback_tail(strategy_id),
        )
        instance = state.instances.get(strategy_id)
        users = () if instance is None else (instance,)
        deadline = stale_after(state, self._charts, view.instrument_id, users)
        self._built[strategy_id] = _Built(now, deadline)
        if view.price_time is not None and now - view.price_time > deadline:
            view = replace(view, is_stale=True)
        return view

    def _from_last(self, last: InstanceView, now: int) -> InstanceView | None:
        """Return a row whose price moved, built from the one before; None where more may have."""
        built = self._built[last.strategy_id]
        if now - built.time >= _WHOLE_EVERY_NS or not can_move(self._loop, last):
            return None
        notes = self.notes_of(last.strategy_id)
        tail = self._telemetry.callback_tail(last.strategy_id)
        row = moved_view(self._loop, last, notes, now, self._trips, tail)
        is_fresh = row.price_time is not None and now - row.price_time <= built.deadline
        return row if is_fresh else None
