"""The event of a step in one line: finds the market whose numbers it is said in."""

from __future__ import annotations

from typing import Any

from tradetui.core.state import KernelState
from tradetui.domain.event_words import payload_text
from tradetui.domain.ids import ClientOrderId
from tradetui.domain.instruments import Instrument
from tradetui.domain.steps import StepRecord


def event_text(state: KernelState, step: StepRecord) -> str:
    """Say what the event of a step was, printable and bounded."""
    event = step.event
    instrument = state.instruments.get(event.instrument) or _of_order(state, event.payload)
    return payload_text(event.payload, instrument)


def _of_order(state: KernelState, payload: Any) -> Instrument | None:
    order_id: ClientOrderId | None = getattr(payload, "client_order_id", None)
    order = None if order_id is None else state.orders.get(order_id)
    return None if order is None else state.instruments.get(order.terms.instrument_id)
