"""Where two records, or two runs of the same steps, first differ."""

from __future__ import annotations

from typing import Any

import msgspec

from tradetui.domain.ids import RunId
from tradetui.domain.intents import AttributedIntent, Signal
from tradetui.domain.orders import Diagnostic, Fill, Transition
from tradetui.domain.record import Record
from tradetui.domain.risk import RiskDecision
from tradetui.domain.steps import (
    CallbackResult,
    CancelCommand,
    ReplaceCommand,
    SubmitCommand,
)

StepPart = (
    RiskDecision
    | Transition
    | SubmitCommand
    | CancelCommand
    | ReplaceCommand
    | Fill
    | Diagnostic
    | AttributedIntent
    | Signal
    | CallbackResult
)
"""What the parts of a step are made of."""


class Difference(Record, frozen=True):
    """The first thing in which a step as recorded and the same step made again are not the same.

    ``part`` is the step's part: ``decisions``, ``transitions``, ``commands``, ``fills``,
    ``diagnostics``, ``is_duplicate``, ``intents``, ``signals``, ``callbacks``, ``kept``,
    ``checkpoint`` when the state after it is not the one of the checkpoint there, or ``failure``
    when the step could not be made again at all. ``field`` leads to the value, as in
    ``transitions[0].to_state``; ``was`` is what the record has there and ``now`` what came out, as
    JSON; empty where one of them has nothing. ``recorded`` and ``recomputed`` are the whole parts.
    """

    seq_id: int
    event_type: str
    part: str
    field: str
    was: str
    now: str
    recorded: tuple[StepPart, ...] = ()
    recomputed: tuple[StepPart, ...] = ()


def first_difference(was: object, now: object, path: str = "") -> tuple[str, str, str] | None:
    """Return the path to the first value in which two values differ, and both as JSON; None if
    they are the same, type by type.

    Goes into records by field and into tuples by place; what one of them lacks is the empty text.
    """
    if isinstance(was, tuple) and isinstance(now, tuple):
        for place in range(max(len(was), len(now))):
            where = f"{path}[{place}]"
            if place >= len(was):
                return where, "", as_json(now[place])
            if place >= len(now):
                return where, as_json(was[place]), ""
            found = first_difference(was[place], now[place], where)
            if found is not None:
                return found
        return None
    if isinstance(was, msgspec.Struct) and was.__class__ is now.__class__:
        for name in was.__struct_fields__:
            where = f"{path}.{name}" if path else name
            found = first_difference(getattr(was, name), getattr(now, name), where)
            if found is not None:
                return found
        return None
    if was.__class__ is now.__class__ and was == now:
        return None
    return path, as_json(was), as_json(now)


def as_json(value: Any) -> str:
    """Return a record or a plain value as one line of JSON, the fields of a record by name."""
    return msgspec.json.encode(plain(value)).decode()


def plain(value: Any) -> Any:
    """Return a record as a map of its fields by name, all the way down; the rest as it is."""
    if isinstance(value, msgspec.Struct):
        fields = {name: plain(getattr(value, name)) for name in value.__struct_fields__}
        return {"type": value.__class__.__name__} | fields
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


class Divergence(Record, frozen=True):
    """What a replay of a run found: how much was compared, how much differs, and where first.

    ``by_part`` counts the differences by the part of the step. ``context`` is what was true of the
    order and the instance that the first difference is about, as (what, text) pairs, after that
    step was made again. ``state_hash`` is that of the kernel at the end, in hex. ``notes`` say what
    could not be compared, and why.
    """

    run_id: RunId
    first_step: int
    last_step: int
    steps: int
    differences: int
    by_part: tuple[tuple[str, int], ...] = ()
    first: Difference | None = None
    context: tuple[tuple[str, str], ...] = ()
    state_hash: str = ""
    notes: tuple[str, ...] = ()

    @property
    def is_equal(self) -> bool:
        """Tell whether everything that was compared is the same, byte for byte."""
        return self.differences == 0
