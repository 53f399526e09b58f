"""The closed orders that neither the engine nor a screen keeps, from the journal, as they were.

A kernel keeps the newest of its closed orders, and so does every checkpoint of it: what the kernel
of now has forgotten stands in an earlier state. Where no checkpoint has it, the steps between two
of them are applied again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tradetui.core.checkpoint import load
from tradetui.core.state import KernelState
from tradetui.domain.ids import RunId
from tradetui.domain.orders import Order
from tradetui.domain.recovery import decode_checkpoint
from tradetui.domain.steps import JournalHeader
from tradetui.engine.rerun import Rerun
from tradetui.ports.journal import CheckpointInfo, JournalError, JournalSource
from tradetui.ports.kept_steps import beginning_of, gone_words
from tradetui.storage.reader import JournalReader

OPEN_END: Final = 2**62
"""A step behind every other."""

Page = tuple[tuple[Order, ...], int | None]
"""Closed orders, in the order in which they were closed, and the step before which older ones are;
None where there are none."""


def read_closed(path: Path, before: int | None, count: int) -> Page:
    """Return ``closed_before`` of the journal at ``path``.

    For a thread: it waits for the disk. Raises JournalError where the journal cannot be read.
    """
    with JournalReader(path) as reader:
        return closed_before(reader, before, count)


def closed_in(state: KernelState, before: int, count: int, *, is_whole: bool = False) -> Page:
    """Return about the newest ``count`` orders of a state that were last changed before a step.

    Those of one step stay together. A state may have forgotten some of the oldest step that it
    knows, so that one is left to an earlier state: unless ``is_whole``, there is no earlier one.
    """
    known = sorted(
        (state.orders[order_id] for order_id in state.closed_order_ids),
        key=lambda order: order.updated_seq,
    )
    floor = known[0].updated_seq if known and not is_whole else -1
    found = [order for order in known if floor < order.updated_seq < before]
    if not found or count <= 0:
        return (), None
    mark = found[-min(count, len(found))].updated_seq
    return tuple([order for order in found if order.updated_seq >= mark]), mark


def newest_closed(
    source: JournalSource, state: KernelState, instance: str | None, limit: int
) -> tuple[Order, ...]:
    """Return the newest closed orders of an instance (None: of all), in the order in which they
    ended: ``state`` is that of the newest run at its end, what it has forgotten comes from
    ``source``.

    Raises JournalError where the journal has not all that it takes.
    """
    found: tuple[Order, ...] = ()
    page, mark = closed_in(state, OPEN_END, limit)
    if not page:
        page, mark = closed_before(source, None, limit)
    while True:
        found = (*(one for one in page if instance in (None, one.terms.strategy_id)), *found)
        if len(found) >= limit or mark is None:
            return found[-limit:]
        page, mark = closed_before(source, mark, limit)


def closed_before(source: JournalSource, before: int | None, count: int) -> Page:
    """Return about the newest ``count`` orders that were closed before a step (None: of all), also
    of the runs that the newest carries on.

    Raises JournalError where the journal has not all that it takes.
    """
    last = {info.run_id: info.steps for info in source.runs()}
    run_id = next(reversed(last), None)
    newer: JournalHeader | None = None
    while run_id is not None:
        header = source.header(run_id)
        end = min(last[run_id], (OPEN_END if before is None else before) - 1)
        if end > header.opening_seq or (header.opening_hash and end == header.opening_seq):
            if beginning_of(source, header, end) is None:
                page = _of_gone(source, header, newer, end, count)
            else:
                page = _of_run(source, header, end, count)
            if page[0]:
                return page
        newer = header
        run_id = RunId(header.continues) if header.continues else None
    return (), None


def _of_run(source: JournalSource, header: JournalHeader, end: int, count: int) -> Page:
    """Return the newest closed orders as of a step of a run."""
    infos = source.checkpoints(header.run_id)
    later = next((info for info in infos if info.seq_id >= end), None)
    if later is not None:
        found, mark = closed_in(_state_of(source, header, later), end + 1, count)
        if found:
            return found, mark
    state = _state_at(source, header, infos, end)
    found, mark = closed_in(state, end + 1, count)
    return (found, mark) if found else closed_in(state, end + 1, count, is_whole=True)


def _of_gone(
    source: JournalSource, header: JournalHeader, newer: JournalHeader | None, end: int, count: int
) -> Page:
    """Return the newest closed orders as of a step of a run whose state cannot be made, for prices
    before it are gone: from the next state that is kept, the opening of the ``newer`` run being the
    last. Raises JournalError where that has forgotten orders.
    """
    places = [(header, info) for info in source.checkpoints(header.run_id) if info.seq_id >= end]
    if newer is not None:
        infos = source.checkpoints(newer.run_id)
        places += [(newer, info) for info in infos if info.seq_id == newer.opening_seq]
    if places:
        state = _state_of(source, *places[0])
        is_whole = len(state.closed_order_ids) < state.max_closed_orders
        page = closed_in(state, end + 1, count, is_whole=is_whole)
        if page[0] or is_whole:
            return page
    raise JournalError(
        f"{gone_words(source, header)}: the orders that were closed before step {end + 1:,} cannot "
        "be put together again as they were; `tradetui why ORDER` tells of each, `tradetui "
        "decisions` and `fills` list what happened"
    )


def _state_of(source: JournalSource, header: JournalHeader, info: CheckpointInfo) -> KernelState:
    body = source.checkpoint(header.run_id, info.seq_id)
    return load(decode_checkpoint(body).engine_state, header.kernel_config)


def _state_at(
    source: JournalSource,
    header: JournalHeader,
    infos: tuple[CheckpointInfo, ...],
    end: int,
) -> KernelState:
    """Return the state after a step: the checkpoint before it, and the steps since."""
    earlier = [info for info in infos if info.seq_id <= end]
    opening = None
    first = header.opening_seq + 1
    if earlier:
        body = source.checkpoint(header.run_id, earlier[-1].seq_id)
        opening = decode_checkpoint(body).engine_state
        first = earlier[-1].seq_id + 1
    rerun = Rerun(header.kernel_config, opening)
    for step in source.steps(header.run_id, first, end) if first <= end else ():
        difference = rerun.apply(step)
        if difference is not None:
            raise JournalError(
                f"step {difference.seq_id} ({difference.event_type}) comes out otherwise than "
                "recorded: `tradetui replay --verify` says more"
            )
    return rerun.kernel.state
