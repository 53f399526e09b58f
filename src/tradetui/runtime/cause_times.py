"""When what needs a person began: noted as it happens, for alerts that are found only later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tradetui.core.relations import key_of
from tradetui.core.risk.limits import BREAKING
from tradetui.core.state import KernelState
from tradetui.domain.control import InstanceFailed, InstanceLoaded
from tradetui.domain.enums import CallbackOutcome, OrderRole
from tradetui.domain.order_table import TERMINAL
from tradetui.domain.reasons import Reason
from tradetui.domain.replica import LogView
from tradetui.domain.steps import StepRecord
from tradetui.runtime.limit_words import broken_limit


class CauseTimes:
    """The event times (ns UTC) of what alerts are about, by alert id.

    Of a protective order that ended it is ``stop:`` and its position's key. Bars that never come
    lack from the moment that the instance was loaded. What began before the run is not known.
    """

    def __init__(self) -> None:
        self._began: dict[str, int] = {}

    @property
    def began(self) -> Mapping[str, int]:
        """The times known."""
        return self._began

    def recall(self, log: Iterable[LogView], state: KernelState) -> None:
        """Take the time of a limit that was reached before from the line of the log that told it;
        ``state`` is the one that is begun with.
        """
        for line in log:
            instance = None if line.strategy_id is None else state.instances.get(line.strategy_id)
            if instance is None or broken_limit(instance.exit_only) is Reason.NONE:
                continue
            if instance.exit_only in line.text:
                self._began[f"limit:{line.strategy_id}"] = line.time

    def take(self, record: StepRecord, state: KernelState) -> None:
        """Take in a step; ``state`` is the one behind it."""
        time, result = record.event.event_time, record.result
        for said in result.diagnostics:
            if said.code in BREAKING and said.strategy_id is not None:
                self._began[f"limit:{said.strategy_id}"] = time
        for callback in result.callbacks:
            if callback.outcome is not CallbackOutcome.OK:
                instance = state.instances.get(callback.strategy_id)
                if instance is not None and instance.has_error:
                    self._began.setdefault(f"error:{callback.strategy_id}", time)
        for move in record.transitions:
            order = state.orders.get(move.client_order_id)
            is_stop = order is not None and order.terms.role is OrderRole.STOP_LOSS
            if order is not None and is_stop and order.state in TERMINAL:
                self._began[f"stop:{':'.join(key_of(order.terms))}"] = time
        self._take_control(record, state)
        if state.halted_routes or any(key.startswith("route:") for key in self._began):
            self._take_routes(state, time)

    def _take_control(self, record: StepRecord, state: KernelState) -> None:
        payload, time = record.event.payload, record.event.event_time
        if isinstance(payload, InstanceFailed):
            if payload.strategy_id not in state.instances:
                self._began[f"error:{payload.strategy_id}"] = time
        elif isinstance(payload, InstanceLoaded):
            self._began.pop(f"error:{payload.strategy_id}", None)
            self._began[f"lacks:{payload.strategy_id}"] = time

    def _take_routes(self, state: KernelState, time: int) -> None:
        halted = {f"route:{route_id}": time for route_id in state.halted_routes}
        for key in [key for key in self._began if key.startswith("route:") and key not in halted]:
            del self._began[key]
        self._began = halted | self._began
