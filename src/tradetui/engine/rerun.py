"""Rerun: a kernel fed with recorded steps, which says where it comes to something else.

The record of a step holds all that the kernel was given: the event and what the strategies asked
for. So the kernel alone, without strategies and without a venue, must come to the same decisions,
transitions, commands, fills and diagnostics, byte for byte. Recovery, replay, time travel and the
golden traces are this.
"""

from __future__ import annotations

from typing import Final

from tradetui.core.changes import NOTHING
from tradetui.core.kernel import Kernel
from tradetui.domain.codec import encode
from tradetui.domain.difference import Difference, StepPart, as_json, first_difference
from tradetui.domain.orders import Diagnostic
from tradetui.domain.reasons import Reason
from tradetui.domain.record import Record
from tradetui.domain.steps import Applied, IntentBatch, KernelConfig, StepRecord

_PARTS: Final = ("decisions", "transitions", "commands", "fills", "diagnostics")


class _Parts(Record, frozen=True):
    """One part of a step, to be compared by its bytes."""

    items: tuple[StepPart, ...]


class Rerun:
    """Applies recorded steps to a kernel of its own and compares what comes out.

    It begins with the state of a new run, or with ``opening``: a kernel checkpoint made under the
    same configuration (CheckpointError for anything else). After a difference it goes on from its
    own state, so that later differences may follow from the first.
    """

    def __init__(self, config: KernelConfig, opening: bytes | None = None) -> None:
        self.kernel = Kernel(config)
        """For reading: its state and its view are those after the last step applied."""
        if opening is not None:
            self.kernel.restore(opening)

    @property
    def seq_id(self) -> int:
        """The last step that was applied; 0 before the first."""
        return self.kernel.state.seq_id

    def state_hash(self) -> str:
        """Return the SHA-256 of the state in its canonical form."""
        return self.kernel.state_hash()

    def apply(self, step: StepRecord) -> Difference | None:
        """Apply a recorded step; return the first difference from its record, None if none.

        A step that the kernel cannot take at all (a gap in the sequence, a broken invariant) is a
        difference of part ``failure``; the state is then what the kernel left of it, and what
        comes later cannot be told.
        """
        batch = batch_of(step)
        try:
            applied = self.kernel.apply_event(step.event)
            decided = NOTHING if batch is None else self.kernel.process_intents(batch)
        except Exception as error:  # noqa: BLE001 - whatever a record leads to is a finding
            text = f"{type(error).__name__}: {error}"
            return _difference(step, "failure", "", "", as_json(text))
        if applied is NOTHING and decided is NOTHING and is_quiet(step):
            return None
        return compare(step, applied, decided)


def batch_of(step: StepRecord) -> IntentBatch | None:
    """Return what the strategies answered in a recorded step; None if the kernel was not asked."""
    result = step.result
    if not (step.intents or result.callbacks or result.signals):
        return None
    return IntentBatch(step.intents, result.callbacks, result.signals)


def is_quiet(step: StepRecord) -> bool:
    """Tell whether a step changed nothing but a mark: no part of its record has anything."""
    result = step.result
    return not (
        step.transitions
        or step.decisions
        or result.commands
        or result.fills
        or result.diagnostics
        or result.is_duplicate
    )


def compare(step: StepRecord, applied: Applied, decided: Applied) -> Difference | None:
    """Compare a recorded step with what the two halves of the kernel's work gave."""
    result = step.result
    recorded: dict[str, tuple[StepPart, ...]] = {
        "decisions": step.decisions,
        "transitions": step.transitions,
        "commands": result.commands,
        "fills": result.fills,
        "diagnostics": result.diagnostics,
    }
    for part in _PARTS:
        was = recorded[part]
        now = getattr(applied, part) + getattr(decided, part)
        if not was and not now:
            continue
        if part == "diagnostics":
            now += refused_by_host(step, len(now))
        if encode(_Parts(was)) != encode(_Parts(now)):
            found = first_difference(was, now, part)
            assert found is not None
            return _difference(step, part, *found, was, now)
    if result.is_duplicate is not applied.is_duplicate:
        was_text, now_text = as_json(result.is_duplicate), as_json(applied.is_duplicate)
        return _difference(step, "is_duplicate", "is_duplicate", was_text, now_text)
    return None


def refused_by_host(step: StepRecord, after: int) -> tuple[Diagnostic, ...]:
    """Return the diagnostics of a record, behind the kernel's ``after`` own, that the strategy
    host said.

    The host stands before the kernel: what it refuses (a callback that asked for too many intents)
    is in the record and cannot come out of the kernel again. Only its one form is taken: a refused
    rate, of an instance whose callback ended in this very step.
    """
    called = {callback.strategy_id: None for callback in step.result.callbacks}
    found = []
    for diagnostic in step.result.diagnostics[after:]:
        plain = Diagnostic(
            Reason.ORDER_RATE, diagnostic.message, strategy_id=diagnostic.strategy_id
        )
        if diagnostic == plain and diagnostic.strategy_id in called:
            found.append(diagnostic)
    return tuple(found)


def _difference(
    step: StepRecord,
    part: str,
    field: str,
    was: str,
    now: str,
    recorded: tuple[StepPart, ...] = (),
    recomputed: tuple[StepPart, ...] = (),
) -> Difference:
    event = step.event
    return Difference(event.seq_id, event.event_type, part, field, was, now, recorded, recomputed)
