"""What a journal still has of a run whose oldest market data went to the size cap.

Orders, decisions, fills and acts are kept for ever, so all that happened can be told; a state can
be made again only from a checkpoint behind which every step is kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from tradetui.domain.formatting import count
from tradetui.domain.ids import RunId
from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.ports.journal import JournalSource


def kept_steps(
    source: JournalSource, run_id: RunId, first: int, last: int | None = None
) -> Iterator[StepRecord]:
    """Yield the steps of a span that are kept, in order; market data that is gone is passed over:
    the numbers show where.
    """
    gone_to = source.pruned_to(run_id)
    if first <= gone_to:
        yield from source.eventful(run_id, first, gone_to if last is None else min(last, gone_to))
    if last is None or last > gone_to:
        yield from source.steps(run_id, max(first, gone_to + 1), last)


def first_gone(source: JournalSource, run_id: RunId, first: int, last: int) -> int | None:
    """Return the first step of a span that is no longer kept; None where all are."""
    last = min(last, source.pruned_to(run_id))
    expected = first
    for step in source.eventful(run_id, first, last) if first <= last else ():
        if step.event.seq_id != expected:
            break
        expected += 1
    return expected if expected <= last else None


def whole_from(source: JournalSource, header: JournalHeader, last: int) -> int | None:
    """Return the first step of a run from which on every state can be made, up to its ``last``: its
    own first where all is kept, else the one behind a checkpoint; None where there is none.
    """
    first, run_id = header.opening_seq + 1, header.run_id
    gone_to = source.pruned_to(run_id)
    if first_gone(source, run_id, first, gone_to) is None:
        return first
    places = [info.seq_id for info in source.checkpoints(run_id) if gone_to <= info.seq_id < last]
    return places[0] + 1 if places else None


def beginning_of(source: JournalSource, header: JournalHeader, seq_id: int) -> int | None:
    """Return the earliest place (a checkpoint, the opening) from which a step of a run can be
    reached over steps that are all kept; None where it cannot be reached.
    """
    gone_to = source.pruned_to(header.run_id)
    if not gone_to:
        return header.opening_seq
    found = header.opening_seq
    for info in source.checkpoints(header.run_id):
        if found >= gone_to or info.seq_id > seq_id:
            break
        found = info.seq_id
    is_kept = first_gone(source, header.run_id, found + 1, seq_id) is None
    return found if is_kept else None


def gone_text(source: JournalSource, header: JournalHeader, option: str = "--from") -> str:
    """Say that states of a run cannot be made over market data that is gone, and where they can;
    ``option`` is how that place is asked for.
    """
    said = f"{gone_words(source, header)}, so no state can be made over it"
    for run_id, first, begin in whole_runs(source, header):
        if run_id == header.run_id:
            return f"{said}: that goes from step {count(begin)} on ({option} {begin})"
        place = "" if begin == first else f" {option} {begin}"
        return f"{said}: that goes from run {run_id} on (--run {run_id}{place})"
    return f"{said}, nor in any later run"


def place_text(source: JournalSource, header: JournalHeader) -> str:
    """Say the same in one line of a screen, to who wants to go there."""
    for run_id, _, begin in whole_runs(source, header):
        if run_id == header.run_id:
            step = f"prices before step {count(begin)} are gone (journal.max_size)"
            return f"{step}; go to :at {begin}"
        return f"prices are gone (journal.max_size): travel --run {run_id}"
    return "prices are gone (journal.max_size), in this run and in those after it"


def not_begun_text(source: JournalSource, header: JournalHeader) -> str:
    """Say that the strategies of a run cannot be run again over market data that is gone, and of
    which run they can.
    """
    said = (
        f"{gone_words(source, header)}, and strategies are run again from the beginning of their "
        "run only"
    )
    for run_id, first, begin in whole_runs(source, header):
        if begin == first:
            return f"{said}: run {run_id} has it all (--run {run_id})"
    return f"{said}; no later run has it all"


def whole_runs(source: JournalSource, header: JournalHeader) -> Iterator[tuple[RunId, int, int]]:
    """Yield a run and those after it of which states can be made: each with its first step, and
    the first from which on that goes.
    """
    is_later = False
    for info in source.runs():
        is_later = is_later or info.run_id == header.run_id
        one = source.header(RunId(info.run_id)) if is_later else header
        begin = whole_from(source, one, info.steps) if is_later else None
        if begin is not None and begin <= info.steps:
            yield one.run_id, one.opening_seq + 1, begin


def gone_words(source: JournalSource, header: JournalHeader) -> str:
    """Say which market data of a run is gone, and why."""
    gone_to = source.pruned_to(header.run_id)
    begin = first_gone(source, header.run_id, header.opening_seq + 1, gone_to) or gone_to
    span = f"from step {count(begin)} to step {count(gone_to)}"
    return f"market data of run {header.run_id} {span} is no longer kept (journal.max_size)"
