"""Why an order, a fill or a decision is: the chain from what came in to what it led to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, Protocol

from tradetui.domain.enums import Outcome
from tradetui.domain.explain import SeenState, Why, WhyLink
from tradetui.domain.formatting import count, counted
from tradetui.domain.ids import ClientOrderId, StrategyId
from tradetui.domain.intents import AttributedIntent, CancelOrder, PlaceOrder, ReplaceOrder
from tradetui.domain.order_table import TERMINAL
from tradetui.domain.risk import RiskDecision
from tradetui.domain.steps import StepRecord, SubmitCommand
from tradetui.domain.text import printable
from tradetui.domain.words import ORDER_WORDS
from tradetui.services.errors import UserError
from tradetui.services.narrate import (
    Narrator,
    gate_line,
    signal_gates,
    signal_text,
    transition_text,
)
from tradetui.services.seen_words import seen_details, seen_text

MAX_LINKS: Final = 200
"""Links of one chain; there is rarely more than a dozen."""

_DECISION: Final = re.compile(r"(\d{1,18})(?::(\d{1,9})|@([a-z0-9_-]{1,24}))?")
_OF_KERNEL: Final = re.compile(r"tt[0-9a-f]{8}-k(\d{1,18})-\d+")


class RunSteps(Protocol):
    """One recorded run, as explanations read it."""

    @property
    def run_id(self) -> str: ...
    @property
    def first(self) -> int: ...
    @property
    def last(self) -> int: ...

    def steps(self, first: int, last: int | None = None) -> Iterator[StepRecord]:
        """Yield the steps from ``first`` on."""
        ...

    def eventful(self, first: int, last: int | None = None) -> Iterator[StepRecord]:
        """Yield those of them in which more happened than that a price passed by."""
        ...

    def seen(self, seq_id: int, strategy_id: StrategyId) -> SeenState | str | None:
        """Return what an instance saw in a step; None if it did not run, a sentence where that is
        no longer kept.
        """
        ...

    def narrator(self, seq_id: int) -> Narrator:
        """Return a narrator that knows all up to a step."""
        ...


def explain(run: RunSteps, subject: str) -> Why:
    """Return the chain of a client order id, a trade id, a step (``1204``), one decision of a step
    (``1204:0``: its place), or what one instance did in a step (``1204@btc-mr``).

    Raises UserError when the run has nothing of that name.
    """
    decision = _DECISION.fullmatch(subject)
    if decision is not None:
        if decision[3] is not None:
            return _of_instance(run, subject, int(decision[1]), StrategyId(decision[3]))
        return _of_step(run, subject, int(decision[1]), decision[2])
    origin, order_id = _find(run, subject)
    return _Chain(run, subject, origin, order_id).whole()


def _find(run: RunSteps, subject: str) -> tuple[StepRecord, ClientOrderId]:
    """Return the step in which an order came into being, and its id; a trade is one of an order's.

    One pass: an order comes before its trades.
    """
    made = _OF_KERNEL.fullmatch(subject)
    first = max(int(made[1]), run.first) if made is not None else run.first
    for step in run.eventful(first):
        if subject in made_in(step):
            return step, ClientOrderId(subject)
        for fill in step.result.fills:
            if fill.trade_id == subject:
                return _find(run, fill.client_order_id)
    raise UserError(
        f"run {run.run_id} has no order and no trade {printable(subject, 40)!r}; name a client "
        "order id, a trade id, a step, or a decision as STEP:INDEX or STEP@INSTANCE"
    )


def _of_step(run: RunSteps, subject: str, seq_id: int, index: str | None) -> Why:
    step = _step(run, seq_id)
    decisions = list(step.decisions)
    if index is not None:
        decisions = decisions[int(index) : int(index) + 1]
        if not decisions:
            known = len(step.decisions)
            has = f"0 to {known - 1}" if known else "none"
            raise UserError(f"step {seq_id} has no decision {index}; it has {has}")
    ids = [one.client_order_id for one in decisions if one.client_order_id]
    if len(decisions) == 1 and ids and ids[0] in made_in(step):
        return _Chain(run, subject, step, ids[0]).whole()
    named: Any = getattr(step.event.payload, "client_order_id", None)
    if not decisions and named is not None:
        origin, order_id = _find(run, named)
        return _Chain(run, subject, origin, order_id).whole()
    chain = _Chain(run, subject, step, None, decisions)
    return chain.whole()


def _of_instance(run: RunSteps, subject: str, seq_id: int, who: StrategyId) -> Why:
    step = _step(run, seq_id)
    decisions = [one for one in step.decisions if one.strategy_id == who]
    has_signal = any(one.strategy_id == who for one in step.result.signals)
    if not decisions and not has_signal and run.seen(seq_id, who) is None:
        raise UserError(f"in step {seq_id} {who} weighed nothing and asked for nothing")
    made = made_in(step)
    ids = [one.client_order_id for one in decisions if one.client_order_id in made]
    order_id = ids[0] if len(decisions) == 1 and ids else None
    return _Chain(run, subject, step, order_id, decisions, who).whole()


def _step(run: RunSteps, seq_id: int) -> StepRecord:
    step = next(iter(run.steps(seq_id, seq_id)), None) if run.first <= seq_id <= run.last else None
    if step is None:
        raise UserError(f"run {run.run_id} has no step {seq_id}: {run.first} to {run.last}")
    return step


class _Chain:
    """Builds one chain: the step of origin in full, then what followed of the order's family."""

    def __init__(
        self,
        run: RunSteps,
        subject: str,
        origin: StepRecord,
        order_id: ClientOrderId | None,
        decisions: list[RiskDecision] | None = None,
        who: StrategyId | None = None,
    ) -> None:
        self._run = run
        self._subject = subject
        self._origin = origin
        self._order_id = order_id
        self._narrator = run.narrator(origin.event.seq_id - 1)
        self._narrator.learn(origin)
        if decisions is None:
            decisions = [one for one in origin.decisions if one.client_order_id == order_id]
        self._decisions = decisions
        self._who = who
        self._family: dict[str, str] = {} if order_id is None else {order_id: ""}
        self._groups: dict[str, None] = {}
        self._open: dict[str, None] = {}
        self._links: list[WhyLink] = []
        self._state = ""
        self._is_cut = False

    def whole(self) -> Why:
        """Return the chain."""
        self._tell_origin()
        if self._order_id is not None:
            self._adopt(self._origin)
            self._tell_followers()
        links = tuple(self._links[:MAX_LINKS])
        return Why(self._subject, self._title(), self._run.run_id, links, self._is_cut)

    def _title(self) -> str:
        for attributed in self._origin.intents:
            if self._order_id is not None and self._order_id in ids_made_by(attributed):
                text = self._narrator.intent_text(attributed.intent, self._approved())
                return f"{attributed.strategy_id}: {text}: {self._state or 'decided'}"
        owners = {one.strategy_id: None for one in self._decisions}
        who = ", ".join(owners)
        if self._order_id is not None:
            return f"{self._order_id}, made by the engine: {self._state or 'decided'}"
        step = f"step {count(self._origin.event.seq_id)}"
        if not self._decisions and self._who is not None:
            return f"{step}: {self._who} asked for no order"
        if not self._decisions:
            return f"{step}: no order was asked for"
        return f"{step}: {counted(len(self._decisions), 'decision')} ({who})"

    def _approved(self) -> int | None:
        """Return the quantity that risk let pass, where that is not the one asked for."""
        sizes = (
            one.approved_quantity
            for one in self._decisions
            if one.client_order_id == self._order_id and one.outcome is Outcome.MODIFY
        )
        return next(sizes, None)

    # The step of origin.

    def _tell_origin(self) -> None:
        step = self._origin
        event = step.event
        said = self._narrator.event_text(step)
        self._add(
            "event", step, f"{event.event_type} {event.instrument}: {said}".replace(" :", ":")
        )
        owners = {one.strategy_id: None for one in self._decisions}
        if self._who is not None:
            owners = {self._who: None}
        for strategy_id in owners:
            seen = self._run.seen(event.seq_id, strategy_id)
            if isinstance(seen, str):
                self._add("seen", step, seen)
            elif seen is not None:
                self._add("seen", step, seen_text(seen), seen_details(seen, event.event_time))
        for signal in step.result.signals:
            if signal.strategy_id in owners or not owners:
                text = f"{signal.strategy_id} {signal_text(signal)}"
                self._links.append(_link("signal", step, text, gates=signal_gates(signal)))
        asked = {(one.strategy_id, one.index): one for one in step.intents}
        for decision in self._decisions:
            attributed = asked.get((decision.strategy_id, decision.index))
            if attributed is not None:
                self._tell_intent(step, attributed)
            market = self._narrator.instrument_of(decision.instrument_id, decision)
            gates = tuple(
                gate_line(gate, market, self._narrator.reporting) for gate in decision.gates
            )
            details = tuple(
                text
                for text in (
                    f"profile {decision.profile}" if decision.profile else "",
                    f"route {decision.route_id}" if decision.route_id else "",
                    "judged as reducing" if decision.is_reducing else "",
                    decision.note,
                )
                if text
            )
            text = self._narrator.decision_text(decision)
            self._links.append(_link("decision", step, text, details, gates))
        self._tell_moves(step)

    def _tell_intent(self, step: StepRecord, attributed: AttributedIntent) -> None:
        intent = attributed.intent
        details = []
        if isinstance(intent, PlaceOrder):
            if intent.requested:
                details.append(f"written as {intent.requested}")
            if intent.parent_order_id:
                details.append(f"child of {intent.parent_order_id}")
            if intent.oco_group:
                details.append(f"cancels and is cancelled by its twins ({intent.oco_group})")
        if intent.reason:
            details.append(f"reason: {intent.reason}")
        text = f"{attributed.strategy_id} asks: {self._narrator.intent_text(intent)}"
        self._add("intent", step, text, tuple(details))

    # What followed.

    def _tell_followers(self) -> None:
        for step in self._run.eventful(self._origin.event.seq_id + 1):
            if not self._open and self._state:
                return
            self._narrator.learn(step)
            self._adopt(step)
            if any(name in self._family for name in ids_in(step)):
                self._tell_step(step)
            if len(self._links) >= MAX_LINKS:
                self._is_cut = True
                return

    def _adopt(self, step: StepRecord) -> None:
        """Take in the orders that a step makes of the family's: children, twins, new versions."""
        for attributed in step.intents:
            intent = attributed.intent
            if isinstance(intent, ReplaceOrder) and intent.client_order_id in self._family:
                self._join(intent.new_client_order_id, f"replaces {intent.client_order_id}")
            if isinstance(intent, PlaceOrder):
                self._adopt_terms(intent.client_order_id, intent.parent_order_id, intent.oco_group)
        for command in step.result.commands:
            if isinstance(command, SubmitCommand):
                terms = command.terms
                self._adopt_terms(terms.client_order_id, terms.parent_order_id, terms.oco_group)

    def _adopt_terms(
        self, order_id: ClientOrderId, parent: ClientOrderId | None, group: str | None
    ) -> None:
        if order_id in self._family:
            if group is not None:
                self._groups[group] = None
        elif parent is not None and parent in self._family:
            self._join(order_id, f"child of {parent}")
            if group is not None:
                self._groups[group] = None
        elif group is not None and group in self._groups:
            self._join(order_id, "twin")

    def _join(self, order_id: ClientOrderId, how: str) -> None:
        self._family.setdefault(order_id, how)

    def _tell_step(self, step: StepRecord) -> None:
        """Tell what a later step did to the family."""
        for attributed in step.intents:
            intent = attributed.intent
            named: Any = getattr(intent, "client_order_id", None)
            if named in self._family:
                text = f"{attributed.strategy_id} asks: {self._narrator.intent_text(intent)}"
                how = self._family[named]
                reason = f"reason: {intent.reason}" if intent.reason else ""
                details = tuple(one for one in (how, reason) if one)
                kind = "act" if isinstance(intent, CancelOrder | ReplaceOrder) else "intent"
                self._add(kind, step, text, details)
        for decision in step.decisions:
            if decision.client_order_id in self._family:
                self._add("decision", step, self._narrator.decision_text(decision))
        self._tell_moves(step)

    def _tell_moves(self, step: StepRecord) -> None:
        """Tell the transitions, fills and sayings of a step that are of the family."""
        cause = self._cause(step)
        asked_of = {one.client_order_id for one in self._decisions}
        for move in step.transitions:
            order_id = move.client_order_id
            if order_id not in self._family and self._order_id is not None:
                continue
            if self._who is not None and self._order_id is None and order_id not in asked_of:
                continue
            if move.to_state in TERMINAL:
                self._open.pop(order_id, None)
            else:
                self._open[order_id] = None
            if order_id == self._order_id:
                self._state = ORDER_WORDS[move.to_state]
            how = self._family.get(order_id, "")
            details = tuple(one for one in (how, cause) if one)
            self._add("order", step, transition_text(move), details)
        for fill in step.result.fills:
            if fill.client_order_id in self._family:
                text = f"{fill.client_order_id} {self._narrator.fill_text(fill)}"
                self._add("fill", step, text, (f"trade {fill.trade_id}",))
        for said in step.result.diagnostics:
            if said.client_order_id in self._family:
                self._add("said", step, said.message)

    def _cause(self, step: StepRecord) -> str:
        """Say who made a step, when that was a person or the engine's own act."""
        payload: Any = step.event.payload
        actor = getattr(payload, "actor", "")
        if not actor or step is self._origin:
            return ""
        reason = getattr(payload, "reason", "")
        return f"{step.event.event_type} by {actor}{f': {reason}' if reason else ''}"

    def _add(self, kind: str, step: StepRecord, text: str, details: tuple[str, ...] = ()) -> None:
        self._links.append(_link(kind, step, text, details))


def ids_made_by(attributed: AttributedIntent) -> tuple[str, ...]:
    """Return the id of the order that an intent asks for, if it asks for one."""
    intent = attributed.intent
    if isinstance(intent, PlaceOrder):
        return (intent.client_order_id,)
    if isinstance(intent, ReplaceOrder):
        return (intent.new_client_order_id,)
    return ()


def made_in(step: StepRecord) -> dict[str, None]:
    """Return the ids of the orders that a step brings into being, or refuses to."""
    found: dict[str, None] = {}
    for attributed in step.intents:
        found.update(dict.fromkeys(ids_made_by(attributed)))
    for command in step.result.commands:
        if isinstance(command, SubmitCommand):
            found[command.terms.client_order_id] = None
    return found


def ids_in(step: StepRecord) -> dict[str, None]:
    """Return every order id that a step names."""
    found = made_in(step)
    payload: Any = step.event.payload
    for name in ("client_order_id", "new_client_order_id"):
        found[getattr(payload, name, "")] = None
    for attributed in step.intents:
        found[getattr(attributed.intent, "client_order_id", "")] = None
    parts: tuple[Any, ...] = (
        *step.transitions,
        *step.result.fills,
        *step.decisions,
        *step.result.diagnostics,
    )
    for part in parts:
        found[part.client_order_id or ""] = None
    found.pop("", None)
    return found


def _link(
    kind: str,
    step: StepRecord,
    text: str,
    details: tuple[str, ...] = (),
    gates: tuple[Any, ...] = (),
) -> WhyLink:
    return WhyLink(kind, step.event.seq_id, step.event.event_time, text, details, gates)
