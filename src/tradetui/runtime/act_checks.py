"""What an act names and what its person saw, checked before anything is done."""

from __future__ import annotations

from tradetui.domain.enums import InstanceState, Scope
from tradetui.domain.ids import StrategyId
from tradetui.domain.instances import state_of
from tradetui.domain.naming import market_named, no_such, nothing_done
from tradetui.domain.text import printable
from tradetui.domain.words import SCOPE_WORDS
from tradetui.engine.step_loop import StepLoop
from tradetui.runtime.replica import ReplicaPublisher


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """An act cannot be done; the message is the sentence for the message line."""


class ActChecks:
    """Finds instances and scopes in the kernel and among the records, before an act is done."""

    def __init__(self, loop: StepLoop, publisher: ReplicaPublisher) -> None:
        self._loop = loop
        self._publisher = publisher

    def state_of(self, strategy_id: StrategyId) -> InstanceState:
        """Return the state word of an instance now; raises Refused if there is none."""
        row = self._publisher.instance(strategy_id)
        if strategy_id in self._loop.kernel.state.instances:
            return state_of(self._loop.kernel.status_of(strategy_id))
        if row is None:
            raise Refused(f"there is no instance {printable(strategy_id, 40)}")
        return row.state

    def check_seen(self, strategy_id: StrategyId, seen: InstanceState | None) -> InstanceState:
        """Return the state now; raises Refused if it is not the one that was seen."""
        now = self.state_of(strategy_id)
        if seen is not None and now is not seen:
            raise Refused(f"changed while you looked: {seen} -> {now}. Nothing done.")
        return now

    def check_running(self, strategy_id: StrategyId) -> None:
        """Raise Refused for an instance that does not run."""
        if strategy_id not in self._loop.kernel.state.instances:
            raise Refused(f"{printable(strategy_id, 40)} is not running. Nothing done.")

    def key_of(self, scope: Scope, key: str) -> str:
        """Return the key of what a kill-switch is over; a market may be named by its symbol where
        one venue alone has it. Raises Refused for a name that does not exist.

        One that is engaged may always be named: what it was over can be gone by now.
        """
        if scope is Scope.GLOBAL:
            if key:
                raise Refused(f"the global kill-switch takes no name: {printable(key, 40)}")
            return key
        engaged = (of for where, of in self._loop.kernel.state.kill_switches if where is scope)
        known = (*dict.fromkeys((*self._known(scope), *engaged)),)
        found = market_named(key, known) if scope is Scope.INSTRUMENT else key
        if found not in known:
            raise Refused(nothing_done(no_such(SCOPE_WORDS[scope], key, known)))
        return found

    def _known(self, scope: Scope) -> tuple[str, ...]:
        state = self._loop.kernel.state
        match scope:
            case Scope.EXECUTION:
                return tuple(context.execution_id for context in state.config.contexts)
            case Scope.ROUTE:
                return tuple(state.routes)
            case Scope.INSTRUMENT:
                return tuple(state.instruments)
            case _:
                return (*dict.fromkeys((*state.instances, *self._publisher.record_ids)),)
