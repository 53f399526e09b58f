"""What goes out of orders: each new one once, cancels until the end is proven, lookups when due.

What may not go out any more when its turn comes is refused here: it provably never left.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from tradetui.core.relations import IS_OPEN
from tradetui.core.risk.kill_switches import described, strictest
from tradetui.domain.enums import InstanceMode, KillState, OrderRole, OrderState, Scope
from tradetui.domain.ids import ClientOrderId
from tradetui.domain.orders import OrderTerms
from tradetui.domain.steps import CancelCommand, Command, ReplaceCommand
from tradetui.domain.text import printable
from tradetui.engine.courier.edge import Edge
from tradetui.engine.courier.tracked import Phase, TrackedOrder
from tradetui.ports.execution import (
    CancelRequest,
    LookupRequest,
    ReplaceRequest,
    Request,
    SubmitRequest,
)


class OutgoingOrders:
    """The orders of one route on their way out; ``absent`` is told of what never left."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self.tracked: dict[ClientOrderId, TrackedOrder] = {}
        self._queue: deque[ClientOrderId] = deque()
        self._taken: dict[ClientOrderId, None] = {}
        """Every id that was ever asked for in this run: never asked for again."""
        self.bars_entries: Callable[[], str] = str
        """Says why no entry may go out now; empty when one may."""

    def absent(self, tracked: TrackedOrder, why: str) -> None:
        """Report that an order is proven never to have come to be."""
        raise NotImplementedError

    # From the kernel.

    def take(self, command: Command) -> None:
        """Take a command whose step is durable."""
        if isinstance(command, CancelCommand):
            self._want_cancel(command.client_order_id)
            return
        replaces = command.client_order_id if isinstance(command, ReplaceCommand) else None
        order_id = command.terms.client_order_id
        if order_id in self._taken:
            raise AssertionError(f"order {order_id} was asked for twice")
        self._taken[order_id] = None
        tracked = TrackedOrder(command.terms, self._edge.now, replaces)
        self.tracked[order_id] = tracked
        self._queue.append(order_id)
        old = None if replaces is None else self.tracked.get(replaces)
        if old is not None:
            old.replaced_by = order_id

    def _want_cancel(self, order_id: ClientOrderId) -> None:
        tracked = self.tracked.get(order_id)
        if tracked is None:
            return
        if tracked.phase is Phase.QUEUED:
            self._never_sent(tracked, "cancelled before it was sent")
            return
        tracked.cancel_wanted = True
        tracked.cancel_due = self._edge.now

    # To the venue.

    def cancels(self) -> Iterator[tuple[TrackedOrder, Request]]:
        """Yield the cancels that are due; none before the venue's clock is known."""
        edge = self._edge
        if edge.offset is None:
            return
        for tracked in self.tracked.values():
            if (
                tracked.cancel_wanted
                and tracked.end is None
                and tracked.cancel_due <= edge.now
                and tracked.phase is not Phase.QUEUED
            ):
                yield (
                    tracked,
                    CancelRequest(
                        tracked.terms.instrument_id,
                        tracked.client_order_id,
                        tracked.venue_order_id,
                        edge.venue_now,
                        edge.traits.recv_window,
                    ),
                )

    def cancel_sent(self, tracked: TrackedOrder) -> None:
        """Take note that a cancel has left; it is sent again though no answer may come."""
        tracked.cancel_tries += 1
        tracked.cancel_due = self._edge.now + self._edge.settings.cancel_at_most

    def lookups(self) -> Iterator[tuple[TrackedOrder, Request]]:
        """Yield the lookups that are due."""
        now = self._edge.now
        for tracked in self.tracked.values():
            due = tracked.lookup_due
            if due is not None and due <= now and not tracked.lookup_out:
                yield (
                    tracked,
                    LookupRequest(tracked.terms.instrument_id, tracked.client_order_id),
                )

    def next_submit(self) -> tuple[TrackedOrder, Request] | None:
        """Return the order to send next, None when there is none; what may not go out any more is
        refused here.
        """
        while self._queue:
            tracked = self.tracked.get(self._queue[0])
            if tracked is None or tracked.phase is not Phase.QUEUED:
                self._queue.popleft()
                continue
            veto = self._veto(tracked)
            if not veto:
                return tracked, self._request(tracked)
            self._never_sent(tracked, veto)
        return None

    def drop_stale(self) -> None:
        """Refuse what has waited too long to be sent."""
        settings = self._edge.settings
        for order_id in list(self._queue):
            tracked = self.tracked.get(order_id)
            if tracked is None or tracked.phase is not Phase.QUEUED:
                continue
            if self._edge.now - tracked.asked_at > settings.max_wait:
                self._never_sent(tracked, "it could not be sent in time")

    def sent(self, tracked: TrackedOrder) -> None:
        """Take note that the order's only request has left."""
        assert tracked.phase is Phase.QUEUED
        self._queue.popleft()
        tracked.phase = Phase.SENT
        tracked.dead_after = self._edge.venue_now + self._edge.dies_after

    @property
    def waiting(self) -> int:
        """How many orders wait to be sent."""
        return len(self._queue)

    def _request(self, tracked: TrackedOrder) -> Request:
        edge = self._edge
        window = edge.traits.recv_window
        if tracked.replaces is None:
            return SubmitRequest(tracked.terms, edge.venue_now, window)
        old = edge.state.orders[tracked.replaces]
        new = edge.state.orders[tracked.client_order_id]
        counted = old.filled_quantity - (tracked.terms.quantity - new.quantity)
        return ReplaceRequest(
            tracked.replaces, old.venue_order_id, tracked.terms, counted, edge.venue_now, window
        )

    def _veto(self, tracked: TrackedOrder) -> str:
        """Say why an order that waits may not go out any more; empty when it may."""
        state, terms = self._edge.state, tracked.terms
        order = state.orders.get(tracked.client_order_id)
        if order is None or order.state is not OrderState.SUBMITTED:
            return "it was taken back before it was sent"
        if tracked.replaces is not None:
            old = state.orders.get(tracked.replaces)
            if old is None or not IS_OPEN[old.state] or not order.leaves_quantity:
                return "the old version ended before the new one was sent"
        switch = strictest(state, _scopes(terms)) if state.kill_switches else None
        if switch is not None and (
            switch.state is KillState.HALTED or terms.role is OrderRole.ENTRY
        ):
            return printable(f"kill-switch {described(switch)}")
        if terms.role is not OrderRole.ENTRY:
            return ""
        instance = state.instances.get(terms.strategy_id)
        if instance is not None and instance.mode is not InstanceMode.ACTIVE:
            return "its instance left active before it was sent"
        return self.bars_entries()

    def _never_sent(self, tracked: TrackedOrder, why: str) -> None:
        self.absent(tracked, f"never sent: {why}")


def _scopes(terms: OrderTerms) -> tuple[tuple[Scope, str], ...]:
    return (
        (Scope.GLOBAL, ""),
        (Scope.EXECUTION, terms.execution_id),
        (Scope.ROUTE, terms.route_id),
        (Scope.STRATEGY, terms.strategy_id),
        (Scope.INSTRUMENT, terms.instrument_id),
    )
