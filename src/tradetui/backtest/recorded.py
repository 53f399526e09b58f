"""One run of a journal, as replays read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tradetui.backtest.errors import PricesGoneError, ReplayError
from tradetui.domain.ids import RunId
from tradetui.domain.memory import (
    NOTHING_WATCHED,
    EngineMemory,
    MemoryUnreadableError,
    decode_memory,
)
from tradetui.domain.recovery import (
    CheckpointTooNewError,
    CheckpointUnreadableError,
    EngineCheckpoint,
    decode_checkpoint,
)
from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.engine.rerun import Rerun
from tradetui.ports.journal import JournalPrunedError, JournalSource
from tradetui.ports.kept_steps import (
    beginning_of,
    first_gone,
    gone_text,
    gone_words,
    kept_steps,
    not_begun_text,
    whole_from,
)

_BLOCK: Final = 20_000
"""Steps that are looked at at once, backwards; ``_FEW`` at first where they are all read."""
_FEW: Final = 16


@dataclass(frozen=True)
class Opening:
    """What a run carries on from the one before it; all empty when it began flat.

    ``kernel`` and ``venue`` are the bytes that ``Kernel.restore`` and ``SimulatedVenue.restore``
    take; ``kept`` is each strategy's state that its STATE_SCHEMA keeps, as JSON; ``memory`` what
    the engine remembered of its markets.
    """

    kernel: bytes | None = None
    venue: bytes | None = None
    kept: tuple[tuple[str, str], ...] = ()
    memory: EngineMemory = NOTHING_WATCHED


@dataclass(frozen=True)
class RecordedRun:
    """A run of a journal, with everything that replaying it needs."""

    source: JournalSource
    header: JournalHeader
    opening: Opening
    last: int
    """The last durable step."""

    @property
    def first(self) -> int:
        """The first step of the run."""
        return self.header.opening_seq + 1

    def steps(self, first: int | None = None, last: int | None = None) -> Iterator[StepRecord]:
        """Yield the recorded steps, in order.

        Raises PricesGoneError at one that is no longer kept.
        """
        try:
            yield from self.source.steps(self.header.run_id, first or self.first, last)
        except JournalPrunedError as error:
            raise PricesGoneError(gone_text(self.source, self.header)) from error

    def kept(self, first: int, last: int) -> Iterator[StepRecord]:
        """Yield the steps of a span that are kept; market data that is gone is passed over."""
        return kept_steps(self.source, self.header.run_id, first, last)

    @property
    def pruned_to(self) -> int:
        """The step up to which market data may be gone; 0: all is kept."""
        return self.source.pruned_to(self.header.run_id)

    @property
    def whole_from(self) -> int | None:
        """The first step from which on every state can be made: the run's first where all of it is
        kept; None where there is none.
        """
        return whole_from(self.source, self.header, self.last)

    @property
    def gone_words(self) -> str:
        """Which market data of the run is gone, and why."""
        return gone_words(self.source, self.header)

    def has_gone(self, first: int, last: int) -> bool:
        """Tell whether a step of a span is no longer kept."""
        return first_gone(self.source, self.header.run_id, first, last) is not None

    def is_whole_after(self, seq_id: int) -> bool:
        """Tell whether the state after a step can be made, and every one behind it."""
        begin = beginning_of(self.source, self.header, seq_id)
        return begin is not None and not self.has_gone(seq_id + 1, self.last)

    def check_begun(self, last: int) -> None:
        """Raise PricesGoneError where a step from the run's beginning on is no longer kept."""
        if self.has_gone(self.first, last):
            raise PricesGoneError(not_begun_text(self.source, self.header))

    def eventful(self, first: int | None = None, last: int | None = None) -> Iterator[StepRecord]:
        """Yield the steps in which more happened than that a price passed by, in order."""
        return self.source.eventful(self.header.run_id, first or self.first, last)

    def eventful_backwards(self) -> Iterator[StepRecord]:
        """Yield what ``eventful`` does, the newest first."""
        end = self.last
        while end >= self.first:
            begin = max(end - _BLOCK + 1, self.first)
            yield from reversed(tuple(self.eventful(begin, end)))
            end = begin - 1

    def acts_backwards(self) -> Iterator[StepRecord]:
        """Yield the acts of people and of the engine, the newest first."""
        end = self.last
        while end >= self.first:
            begin = max(end - _BLOCK + 1, self.first)
            yield from reversed(tuple(self.source.acts(self.header.run_id, begin, end)))
            end = begin - 1

    def backwards(self, last: int, first: int) -> Iterator[StepRecord]:
        """Yield the steps from ``last`` back to ``first``; who stops early reads few."""
        size = _FEW
        while last >= first:
            begin = max(last - size + 1, first)
            yield from reversed(tuple(self.steps(begin, last)))
            last = begin - 1
            size = min(2 * size, _BLOCK)

    def rerun(self) -> Rerun:
        """Return a kernel at the beginning of the run."""
        return Rerun(self.header.kernel_config, self.opening.kernel)


def recorded_run(source: JournalSource, run_id: str | None = None) -> RecordedRun:
    """Return a run of a journal: the newest that has steps when none is named.

    Raises ReplayError when there is no such run, JournalError when it cannot be read.
    """
    infos = source.runs()
    if not infos:
        raise ReplayError("the journal holds no run yet")
    found = [info for info in infos if run_id is None or info.run_id == run_id]
    if not found:
        names = ", ".join(info.run_id for info in infos[-5:])
        raise ReplayError(f"there is no run {run_id} in the journal; the newest are {names}")
    chosen = found[-1]
    for info in reversed(found):
        if info.steps > source.header(info.run_id).opening_seq:
            chosen = info
            break
    header = source.header(RunId(chosen.run_id))
    return RecordedRun(source, header, opening_of(source, header), chosen.steps)


def opening_of(source: JournalSource, header: JournalHeader) -> Opening:
    """Return what a run carries on.

    Raises JournalError when that is damaged, ReplayError when this version cannot read it.
    """
    body = source.opening(header.run_id)
    if body is None:
        return Opening()
    checkpoint = _decoded(body, header.run_id, header.opening_seq)
    try:
        memory = decode_memory(checkpoint.market_state, EngineMemory)
    except MemoryUnreadableError as error:
        raise ReplayError(
            f"the opening of run {header.run_id}: the newest bars of the run before {error}"
        ) from error
    return Opening(
        checkpoint.engine_state,
        checkpoint.broker_state or None,
        checkpoint.strategy_state,
        memory,
    )


def kernel_state_at(source: JournalSource, run_id: RunId, seq_id: int) -> bytes:
    """Return the kernel's part of one checkpoint of a run; raises as ``opening_of``."""
    return _decoded(source.checkpoint(run_id, seq_id), run_id, seq_id).engine_state


def _decoded(body: bytes, run_id: RunId, seq_id: int) -> EngineCheckpoint:
    try:
        return decode_checkpoint(body)
    except (CheckpointUnreadableError, CheckpointTooNewError) as error:
        raise ReplayError(f"the checkpoint of run {run_id} at step {seq_id} {error}") from error
