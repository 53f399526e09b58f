"""Why not: the signals of an instance that did not become orders, and what the risk engine stopped.

Per signal: how often it was weighed, and per gate how often it failed, how often it alone failed,
and how near it came. How near is the distance of value and limit, where both are numbers; of a gate
that answers in words (what a helper refused, and why) the last answer is told, without a distance.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Final

from tradetui.domain.enums import CallbackOutcome, Outcome
from tradetui.domain.explain import (
    GateLine,
    GateMiss,
    NearMiss,
    RiskStop,
    SignalMiss,
    WhyNot,
)
from tradetui.domain.formatting import count, counted, separated
from tradetui.domain.ids import StrategyId
from tradetui.domain.intents import PlaceOrder, Signal, SignalGate
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import RiskDecision
from tradetui.domain.steps import StepRecord
from tradetui.services.errors import UserError
from tradetui.services.narrate import Narrator, gate_line

_YES: Final = "yes"
"""The limit of a gate that is true or not: its value says no more than that it failed."""


class _GateSums:
    """What one gate adds up to."""

    def __init__(self) -> None:
        self.failed = 0
        self.alone = 0
        self.least: Decimal | None = None
        self.nearest: NearMiss | None = None


class _SignalSums:
    """What one signal adds up to."""

    def __init__(self) -> None:
        self.weighed = 0
        self.passed = 0
        self.ordered = 0
        self.gates: dict[str, _GateSums] = {}


class _StopSums:
    """What one reason adds up to."""

    def __init__(self) -> None:
        self.count = 0
        self.would = 0
        self.modified = 0
        self.gate: GateLine | None = None
        self.seq_id = 0
        self.time = 0


def why_not(
    run_id: str,
    strategy_id: StrategyId,
    steps: Iterable[StepRecord],
    *,
    reporting: str = "",
    now: tuple[str, ...] = (),
    may_enter: bool = True,
) -> WhyNot:
    """Add up what stopped an instance in some steps; raises UserError if it is in none of them and
    nothing is known of it otherwise.

    ``reporting``: the account's currency, in which limits on money are. ``now``: what it may do at
    the end of the steps, and ``may_enter`` that nothing but its strategy keeps it from entering.
    """
    counter = _Counter(strategy_id, Narrator(reporting=reporting))
    for step in steps:
        counter.add(step)
    return counter.report(run_id, now, may_enter=may_enter)


class _Counter:
    def __init__(self, strategy_id: StrategyId, narrator: Narrator) -> None:
        self._id = strategy_id
        self._narrator = narrator
        self._signals: dict[str, _SignalSums] = {}
        self._stops: dict[Reason, _StopSums] = {}
        self._orders = 0
        self._errors = 0
        self._last_error = ""
        self._is_known = False
        self._span = [0, 0, 0, 0]

    def add(self, step: StepRecord) -> None:
        """Count one step."""
        self._narrator.learn(step)
        event = step.event
        if not self._span[0]:
            self._span[0], self._span[2] = event.seq_id, event.event_time
        self._span[1], self._span[3] = event.seq_id, event.event_time
        if getattr(event.payload, "strategy_id", None) == self._id:
            self._is_known = True
        places = [
            one.intent
            for one in step.intents
            if one.strategy_id == self._id and isinstance(one.intent, PlaceOrder)
        ]
        self._orders += len(places)
        for index, signal in enumerate(step.result.signals):
            if signal.strategy_id == self._id:
                linked = any(place.signal == index for place in places)
                free = any(place.signal is None for place in places)
                self._add_signal(step, signal, is_ordered=linked or free)
        for decision in step.decisions:
            if decision.strategy_id == self._id and decision.outcome is not Outcome.ALLOW:
                self._add_stop(step, decision)
        for callback in step.result.callbacks:
            if callback.strategy_id == self._id and callback.outcome is not CallbackOutcome.OK:
                self._errors += 1
                self._last_error = f"{callback.text} (step {count(event.seq_id)})"

    def report(self, run_id: str, now: tuple[str, ...], *, may_enter: bool) -> WhyNot:
        """Return what was counted."""
        is_seen = self._is_known or self._signals or self._stops or self._orders
        if not is_seen and not now:
            raise UserError(f"instance {self._id} is in none of these steps of run {run_id}")
        notes = []
        if self._errors:
            failed = counted(self._errors, "callback")
            notes.append(f"{failed} failed: their intents were lost; the last {self._last_error}")
        if not self._signals:
            notes.append(
                f"{self._id} has weighed no signal in these steps"
                + (
                    ": no bar or tick that it decides on has come yet, or its strategy does not "
                    "call self.signal(name, gate=...), by which this tells which gate said no"
                    if may_enter
                    else ""
                )
            )
        first, last, began, ended = self._span
        return WhyNot(
            self._id,
            run_id,
            first,
            last,
            began,
            ended,
            tuple(_signal(name, self._signals[name]) for name in sorted(self._signals)),
            tuple(_stop(reason, self._stops[reason]) for reason in sorted(self._stops)),
            self._orders,
            tuple(notes),
            now,
        )

    def _add_signal(self, step: StepRecord, signal: Signal, *, is_ordered: bool) -> None:
        sums = self._signals.setdefault(signal.name, _SignalSums())
        sums.weighed += 1
        if signal.passed:
            sums.passed += 1
            sums.ordered += is_ordered
        failed = [gate for gate in signal.gates if not gate.passed]
        for gate in failed:
            one = sums.gates.setdefault(gate.name, _GateSums())
            one.failed += 1
            one.alone += len(failed) == 1
            _note_nearness(one, gate, step)

    def _add_stop(self, step: StepRecord, decision: RiskDecision) -> None:
        sums = self._stops.setdefault(decision.reason, _StopSums())
        if decision.would:
            sums.would += 1
        elif decision.outcome is Outcome.MODIFY:
            sums.modified += 1
        else:
            sums.count += 1
        deciding = [gate for gate in decision.gates if gate.code is decision.reason]
        if deciding:
            market = self._narrator.instrument_of(decision.instrument_id, decision)
            sums.gate = gate_line(deciding[-1], market, self._narrator.reporting)
        else:
            sums.gate = None
        sums.seq_id, sums.time = step.event.seq_id, step.event.event_time


def _note_nearness(sums: _GateSums, gate: SignalGate, step: StepRecord) -> None:
    distance, event = distance_of(gate), step.event
    if distance is None:
        if sums.least is None and gate.limit != _YES:
            sums.nearest = NearMiss("", gate.value, gate.limit, event.seq_id, event.event_time)
        return
    if sums.least is not None and distance >= sums.least:
        return
    sums.least = distance
    sums.nearest = NearMiss(
        separated(f"{distance:f}"),
        separated(gate.value),
        f"{gate.comparison} {separated(gate.limit)}",
        event.seq_id,
        event.event_time,
    )


def distance_of(gate: SignalGate) -> Decimal | None:
    """Return how far a gate's value is from its limit; None unless both are finite numbers."""
    try:
        value, limit = Decimal(gate.value), Decimal(gate.limit)
    except InvalidOperation:
        return None
    if not (value.is_finite() and limit.is_finite()):
        return None
    return abs(value - limit)


def _signal(name: str, sums: _SignalSums) -> SignalMiss:
    gates = tuple(
        GateMiss(gate, one.failed, one.alone, one.nearest)
        for gate, one in sorted(sums.gates.items(), key=lambda pair: (-pair[1].failed, pair[0]))
    )
    idle = sums.passed - sums.ordered
    return SignalMiss(name, sums.weighed, sums.passed, sums.ordered, idle, gates)


def _stop(reason: Reason, sums: _StopSums) -> RiskStop:
    return RiskStop(
        reason, sums.count, sums.would, sums.modified, sums.gate, sums.seq_id, sums.time
    )
