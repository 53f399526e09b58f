"""Making a simulated venue that was brought back agree with the orders that the kernel knows.

The journal is the truth: what the kernel knows was recorded, what the venue remembers beyond that
was not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tradetui.core.venue import brackets
from tradetui.core.venue.book import PositionKey, Resting, VenueState
from tradetui.core.venue.commands import cancel, link, new_order, submit
from tradetui.domain.enums import OrderState
from tradetui.domain.ids import ClientOrderId
from tradetui.domain.orders import Order
from tradetui.domain.record import Record
from tradetui.domain.reports import OrderAccepted
from tradetui.domain.steps import CancelCommand, ReplaceCommand, SubmitCommand

_SUBMITTED: Final = OrderState.SUBMITTED
_CANCEL_PENDING: Final = OrderState.CANCEL_PENDING


class Mended(Record, frozen=True):
    """One difference between venue and kernel, and what was done about it."""

    client_order_id: ClientOrderId
    text: str


def mend(
    state: VenueState, orders: Iterable[Order], positions: dict[PositionKey, int], time: int
) -> list[Mended]:
    """Make the venue hold exactly ``orders`` (those that were sent and have not ended) and
    ``positions``; return what had to be changed.

    What the venue says about an order whose answer the kernel still waits for is left in
    ``state.reports``; all else is silent.
    """
    wanted = {order.terms.client_order_id: order for order in orders}
    found = [_drop(state, order) for key, order in list(state.orders.items()) if key not in wanted]
    on_the_way = _on_the_way(state)
    for order_id, order in wanted.items():
        resting = state.orders.get(order_id)
        if resting is None:
            if order_id not in on_the_way:
                found.append(_bring_back(state, order, time))
        elif resting.filled != order.filled_quantity:
            found.append(_set_filled(resting, order))
        elif order.state is _SUBMITTED and order_id not in on_the_way:
            found.append(_answer_again(state, resting))
        elif order.state is _CANCEL_PENDING and order_id not in on_the_way:
            found.append(_cancel_again(state, order, time))
    held = {key: quantity for key, quantity in state.positions.items() if quantity}
    if held != positions:
        state.positions = dict(positions)
        found.append(Mended(ClientOrderId(""), "its positions were not those of the ledger"))
    return found


def skip_numbers(state: VenueState, serial: int, trades: int) -> None:
    """Count orders and trades on from at least these numbers: none is given twice."""
    state.serial = max(state.serial, serial)
    state.trades = max(state.trades, trades)


def number_in(text: str, prefix: str) -> int:
    """Return the number in an id that the venue made; 0 in one that it did not."""
    digits = text[len(prefix) :] if text.startswith(prefix) else ""
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def _on_the_way(state: VenueState) -> dict[ClientOrderId, None]:
    """Return the orders that a command on its way is about."""
    found: dict[ClientOrderId, None] = {}
    for queue in state.pending.values():
        for one in queue:
            command = one.command
            if isinstance(command, SubmitCommand | ReplaceCommand):
                found[command.terms.client_order_id] = None
            if isinstance(command, CancelCommand | ReplaceCommand):
                found[command.client_order_id] = None
    return found


def _drop(state: VenueState, order: Resting) -> Mended:
    state.remove(order)
    brackets.leave(state, order)
    if order.leads is not None:
        bracket = state.brackets[order.leads]
        bracket.is_open = False
        if not bracket.children:
            del state.brackets[order.leads]
    return Mended(order.terms.client_order_id, "rested at the venue and is not open: taken out")


def _bring_back(state: VenueState, order: Order, time: int) -> Mended:
    """Put an order into its book that the venue does not have."""
    terms = order.terms
    if order.state is _SUBMITTED:
        submit(state, SubmitCommand(terms), time)
        return Mended(terms.client_order_id, "had not reached the venue: sent")
    resting = new_order(state, terms, time)
    if order.venue_order_id is not None:
        resting.venue_order_id = order.venue_order_id
    resting.quantity = order.quantity
    resting.trigger_price = order.trigger_price
    resting.is_triggered = order.is_triggered
    resting.filled = resting.net = order.filled_quantity
    resting.is_fresh = False
    link(state, resting)
    state.add(resting)
    resting.ready = state.segment + 1
    if order.state is _CANCEL_PENDING:
        return _cancel_again(state, order, time)
    return Mended(terms.client_order_id, "was open and not at the venue: put back")


def _set_filled(resting: Resting, order: Order) -> Mended:
    text = f"had filled {resting.filled} at the venue, {order.filled_quantity} on the record: set"
    resting.filled = order.filled_quantity
    return Mended(order.terms.client_order_id, text)


def _answer_again(state: VenueState, resting: Resting) -> Mended:
    terms = resting.terms
    accepted = OrderAccepted(terms.route_id, terms.client_order_id, resting.venue_order_id)
    state.say(terms.instrument_id, accepted)
    return Mended(terms.client_order_id, "waited for its acceptance: said again")


def _cancel_again(state: VenueState, order: Order, time: int) -> Mended:
    terms = order.terms
    command = CancelCommand(terms.route_id, terms.instrument_id, terms.client_order_id)
    cancel(state, command, time)
    return Mended(terms.client_order_id, "waited for its cancel: cancelled")
