"""Where a recorded run can be gone on from, with what its screens showed at that place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tradetui.domain.control import InstanceLoaded
from tradetui.domain.ids import InstrumentId, RunId, StrategyId
from tradetui.domain.market_data import Bar
from tradetui.domain.memory import (
    NOTHING_SHOWN,
    EngineMemory,
    Memory,
    MemoryUnreadableError,
    ScreenMemory,
    decode_memory,
)
from tradetui.domain.recovery import (
    CheckpointTooNewError,
    CheckpointUnreadableError,
    EngineCheckpoint,
    decode_checkpoint,
)
from tradetui.domain.replica import FillView
from tradetui.domain.steps import JournalHeader
from tradetui.ports.journal import JournalError, JournalSource
from tradetui.runtime.remembered import base_bars
from tradetui.runtime.replica import LIST_LENGTH
from tradetui.runtime.travel.errors import TravelError
from tradetui.runtime.views import fill_view

_BLOCK: Final = 20_000
_BLOCKS: Final = 20
"""Fills are looked for in so many blocks of steps before a place, the newest first."""


@dataclass(frozen=True)
class Beginning:
    """A place from which steps can be made again.

    ``opening`` is the kernel's state there, None for the flat beginning of a run; ``shown`` is what
    screens remembered, ``bars`` are those that came in of each market, ``loads`` the newest load of
    each instance in this run, ``fills`` the newest fills up to there, oldest first. ``notes`` say
    what could not be read. ``is_under_way``: steps of this run lie before it, its instances are
    loaded.
    """

    header: JournalHeader
    opening: bytes | None = None
    shown: ScreenMemory = NOTHING_SHOWN
    bars: Mapping[InstrumentId, tuple[Bar, ...]] = field(default_factory=dict)
    loads: tuple[InstanceLoaded, ...] = ()
    fills: tuple[FillView, ...] = ()
    notes: tuple[str, ...] = ()
    is_under_way: bool = False


class Beginnings:
    """The beginnings of one recorded run; ``has_lists``: with the loads and fills before them."""

    def __init__(
        self, source: JournalSource, header: JournalHeader, *, has_lists: bool = True
    ) -> None:
        self._has_lists = has_lists
        self._source = source
        self._header = header
        self._loads: tuple[tuple[int, InstanceLoaded], ...] | None = None

    def at(self, seq_id: int) -> Beginning:
        """Return the newest beginning at or before a step: a sound checkpoint, else the run's own.

        Raises TravelError when not even that can be read.
        """
        header = self._header
        notes: list[str] = []
        checkpoint = self._checkpoint(seq_id, notes)
        place = header.opening_seq if checkpoint is None else checkpoint.cursor.seq_id
        fills = self._fills(place) if self._has_lists else ()
        if checkpoint is None:
            return Beginning(header, fills=fills, notes=tuple(notes))
        return Beginning(
            header,
            checkpoint.engine_state,
            remembered(checkpoint.shown, ScreenMemory, "the lists of then", notes),
            base_bars(remembered(checkpoint.market_state, EngineMemory, "the bars of then", notes)),
            self._loaded(place) if self._has_lists else (),
            fills,
            tuple(notes),
            place > header.opening_seq,
        )

    def _checkpoint(self, seq_id: int, notes: list[str]) -> EngineCheckpoint | None:
        """Return the newest sound checkpoint, the opening being the first; None where it began
        flat.
        """
        header, run_id = self._header, self._header.run_id
        infos = self._source.checkpoints(run_id)
        places = [info.seq_id for info in infos if header.opening_seq < info.seq_id <= seq_id]
        if header.opening_hash:
            places.insert(0, header.opening_seq)
        for place in reversed(places):
            try:
                return decode_checkpoint(self._source.checkpoint(run_id, place))
            except (JournalError, CheckpointUnreadableError, CheckpointTooNewError) as error:
                notes.append(f"the checkpoint at step {place:,} cannot be used ({error})")
        if header.opening_hash:
            raise TravelError(
                f"run {run_id} goes on from run {header.continues}, and what it began with cannot "
                f"be read: {notes[-1]}"
            )
        return None

    def _loaded(self, seq_id: int) -> tuple[InstanceLoaded, ...]:
        if self._loads is None:
            self._loads = tuple(
                (step.event.seq_id, step.event.payload)
                for step in self._source.acts(self._header.run_id)
                if isinstance(step.event.payload, InstanceLoaded)
            )
        newest: dict[StrategyId, InstanceLoaded] = {}
        for place, event in self._loads:
            if place <= seq_id:
                newest[event.strategy_id] = event
        return tuple(newest[key] for key in sorted(newest))

    def _fills(self, seq_id: int) -> tuple[FillView, ...]:
        """Return the newest fills up to a step, also of the runs before."""
        found: list[FillView] = []
        blocks = 0
        for run_id, first, last in self._runs_back(seq_id):
            end = last
            while end >= first and len(found) < LIST_LENGTH and blocks < _BLOCKS:
                begin = max(end - _BLOCK + 1, first)
                views = [
                    fill_view(fill, str(run_id))
                    for step in self._source.eventful(run_id, begin, end)
                    for fill in step.result.fills
                ]
                found.extend(reversed(views))
                end = begin - 1
                blocks += 1
        return tuple(reversed(found[:LIST_LENGTH]))

    def _runs_back(self, seq_id: int) -> list[tuple[RunId, int, int]]:
        """Return the runs with their first and last step up to a step, the newest first: this one
        and those that it carries on.
        """
        headers = {info.run_id: self._source.header(info.run_id) for info in self._source.runs()}
        spans, header, last = [], self._header, seq_id
        while True:
            spans.append((header.run_id, header.opening_seq + 1, last))
            before = headers.get(RunId(header.continues)) if header.continues else None
            if before is None or before.run_id in {run_id for run_id, _, _ in spans}:
                return spans
            header, last = before, header.opening_seq


def remembered(body: bytes, kind: type[Memory], what: str, notes: list[str]) -> Memory:
    """Return a memory; an empty one, and a note, where it cannot be read."""
    try:
        return decode_memory(body, kind)
    except MemoryUnreadableError as error:
        notes.append(f"{what} {error}")
        return kind()
