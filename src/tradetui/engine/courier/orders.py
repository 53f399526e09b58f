"""The desk for orders: one POST per id, ever; what is not proven is looked up; what is wanted gone
is cancelled until its end is proven.

An end is reported only when every fill that the venue counts in it has been given out, so that no
fill comes to an order that is closed.
"""

from __future__ import annotations

from typing import Final

from tradetui.core.relations import IS_OPEN
from tradetui.domain.control import RouteHealthChanged
from tradetui.domain.enums import HeldBy, OrderState
from tradetui.domain.ids import ClientOrderId, VenueOrderId
from tradetui.domain.reports import (
    CancelRejected,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderReplaced,
    OutcomeUnknown,
    ReplaceRejected,
)
from tradetui.domain.text import printable
from tradetui.engine.courier.edge import Edge
from tradetui.engine.courier.outgoing import OutgoingOrders
from tradetui.engine.courier.tracked import Phase, TrackedOrder
from tradetui.engine.courier.trades import TradeDesk
from tradetui.ports.execution import (
    Accepted,
    Answer,
    Failed,
    OrderFound,
    OrderNotFound,
    Refused,
    Unknown,
    VenueOrder,
    VenueStatus,
    VenueTrade,
)
from tradetui.ports.faults import FAULTS

SHORT_FOR: Final = 3_000_000_000
"""How long (ns) an order may lack fills that the venue counts before its trades are read again from
the beginning."""


class OrderDesk(OutgoingOrders):
    """Every order of one route that is, or may be, at the venue."""

    def __init__(self, edge: Edge, trades: TradeDesk) -> None:
        super().__init__(edge)
        self._trades = trades
        self.adopted: list[ClientOrderId] = []
        self.closed: list[ClientOrderId] = []
        for order in edge.state.orders.values():
            if order.terms.route_id != edge.route_id or order.state is OrderState.CREATED:
                continue
            self._taken[order.terms.client_order_id] = None
            if order.venue_order_id is not None:
                trades.owners[order.venue_order_id] = order.terms.client_order_id
            if IS_OPEN[order.state] and order.held_by is HeldBy.VENUE:
                self._carry(order.terms.client_order_id)

    def _carry(self, order_id: ClientOrderId) -> None:
        """Go on with an order that an earlier run may have sent: it is looked up, never sent."""
        order = self._edge.state.orders[order_id]
        tracked = TrackedOrder.carry(order, self._edge.now)
        self.tracked[order_id] = tracked
        tracked.cancel_wanted = order.state is OrderState.CANCEL_PENDING
        old_id = order.terms.replaces
        old = None if old_id is None else self._edge.state.orders.get(old_id)
        if tracked.phase is Phase.UNKNOWN:
            if old is not None and old.pending_replace == order_id:
                tracked.replaces = old_id
                waiting = self.tracked.get(old.terms.client_order_id)
                if waiting is not None:
                    waiting.replaced_by = order_id
            if not order.is_unknown:
                self._say_unknown(tracked, "the run ended before its answer came")

    # Answers.

    def on_submit(self, tracked: TrackedOrder, answer: Answer) -> None:
        """Judge what came back for the order's only request."""
        if self.tracked.get(tracked.client_order_id) is not tracked:
            return
        if isinstance(answer, Accepted) and tracked.is_same(answer.order):
            self._adopt(tracked, answer.order)
            if answer.replaced is not None:
                self._learn_old(tracked, answer.replaced)
            return
        if tracked.phase not in (Phase.SENT, Phase.UNKNOWN):
            return
        refusal = self._refusal(answer)
        if refusal:
            self.absent(tracked, refusal)
            return
        tracked.lookup_due = self._edge.now + self._edge.settings.lookup_after
        if tracked.phase is Phase.SENT:
            tracked.phase = Phase.UNKNOWN
            self._say_unknown(tracked, _words(answer))

    def on_cancel(self, tracked: TrackedOrder, answer: Answer) -> None:
        """Judge what came back for a cancel: only the order's proven end stops the asking."""
        settings = self._edge.settings
        wait = min(settings.cancel_again * tracked.cancel_tries, settings.cancel_at_most)
        tracked.cancel_due = self._edge.now + wait
        if self.tracked.get(tracked.client_order_id) is not tracked:
            return
        if isinstance(answer, Accepted) and tracked.is_same(answer.order):
            self._adopt(tracked, answer.order)
            return
        if isinstance(answer, Refused) and answer.code in self._edge.traits.final_cancel_refusals:
            tracked.cancel_wanted = False
            report = CancelRejected(
                self._edge.route_id, tracked.client_order_id, printable(answer.message)
            )
            self._edge.emit(report, tracked.terms.instrument_id)
        tracked.lookup_due = self._edge.now

    def on_lookup(self, tracked: TrackedOrder, answer: Answer, floor: int) -> None:
        """Judge a lookup that was sent when the venue's clock was past ``floor``."""
        tracked.lookup_out = False
        tracked.lookup_tries += 1
        settings = self._edge.settings
        wait = min(settings.lookup_after * tracked.lookup_tries, settings.lookup_at_most)
        tracked.lookup_due = self._edge.now + wait
        if self.tracked.get(tracked.client_order_id) is not tracked:
            return
        if isinstance(answer, OrderFound):
            self.on_found(tracked, answer.order)
        elif isinstance(answer, OrderNotFound) and tracked.phase is Phase.UNKNOWN:
            self._weigh_absence(tracked, max(floor, answer.venue_time))

    def on_found(self, tracked: TrackedOrder, order: VenueOrder) -> None:
        """Take an order that the venue showed."""
        if not tracked.is_same(order):
            if order.client_order_id == tracked.client_order_id:
                self._contradict(tracked)
            return
        tracked.lookup_tries = 0
        self._adopt(tracked, order)

    def _contradict(self, tracked: TrackedOrder) -> None:
        text = (
            f"the venue shows order {tracked.client_order_id} otherwise than it was asked "
            "for; look at it there"
        )
        if self._edge.state.halted_routes.get(self._edge.route_id) != text:
            self._edge.emit(RouteHealthChanged(self._edge.route_id, True, text))

    def _weigh_absence(self, tracked: TrackedOrder, floor: int) -> None:
        """Count a "not found" that can prove something; two of them, and no trade, close it."""
        edge, settings = self._edge, self._edge.settings
        if tracked.dead_after is None:
            if edge.offset is None:
                return
            tracked.dead_after = edge.venue_now + edge.dies_after
        if floor <= tracked.dead_after:
            return
        evidence = tracked.evidence
        if not evidence or edge.now - evidence[-1] >= settings.evidence_apart:
            evidence.append(edge.now)
        tracked.lookup_due = edge.now + settings.evidence_apart
        if len(evidence) < 2:
            return
        if not self._trades.is_read_since(tracked.terms.instrument_id, tracked.dead_after):
            self._trades.read_now(tracked.terms.instrument_id)
            tracked.lookup_due = edge.now + settings.lookup_after
            return
        self.absent(
            tracked, "never arrived: not found twice after its time had run out, and no trade"
        )

    def _refusal(self, answer: Answer) -> str:
        """Return the words of a proven refusal, empty for anything else."""
        if isinstance(answer, Refused) and answer.code in self._edge.traits.proven_refusals:
            return printable(f"{answer.code}: {answer.message}")
        if isinstance(answer, Failed) and FAULTS[answer.kind].proves_absence:
            return FAULTS[answer.kind].words
        return ""

    # What follows.

    def _adopt(self, tracked: TrackedOrder, order: VenueOrder) -> None:
        """Take what the venue proved of an order: it exists, its fills, perhaps its end."""
        if tracked.phase is not Phase.LIVE:
            if tracked.phase is Phase.UNKNOWN:
                self.adopted.append(tracked.client_order_id)
            self._accept(tracked, order)
        tracked.venue_filled = max(tracked.venue_filled, order.filled_quantity)
        if order.status is not VenueStatus.OPEN:
            tracked.end, tracked.end_reason = order.status, printable(order.reason)
        if tracked.filled < tracked.venue_filled:
            self._trades.read_now(tracked.terms.instrument_id)
        tracked.lookup_due = None
        self._settle(tracked)

    def _accept(self, tracked: TrackedOrder, order: VenueOrder) -> None:
        tracked.phase = Phase.LIVE
        tracked.venue_order_id = order.venue_order_id
        tracked.lookup_due = None
        if tracked.replaces is None:
            report = OrderAccepted(
                self._edge.route_id, tracked.client_order_id, order.venue_order_id
            )
            self._edge.emit(report, tracked.terms.instrument_id)
        else:
            tracked.found = order
            old = self.tracked.get(tracked.replaces)
            if old is not None and old.end is None:
                old.lookup_due = self._edge.now
            self._settle_replace(tracked)
        # Trades that waited for their owner follow the acceptance.
        self._trades.own(order.venue_order_id, tracked.client_order_id)

    def _learn_old(self, new: TrackedOrder, order: VenueOrder) -> None:
        old = None if new.replaces is None else self.tracked.get(new.replaces)
        if old is not None and old.is_same(order):
            self._adopt(old, order)

    def _settle(self, tracked: TrackedOrder) -> None:
        """Report an order's end once all its fills are given out."""
        is_here = self.tracked.get(tracked.client_order_id) is tracked
        if not is_here or tracked.end is None or tracked.found is not None:
            return
        if tracked.filled < tracked.venue_filled:
            return
        new = None if tracked.replaced_by is None else self.tracked.get(tracked.replaced_by)
        if new is not None and new.phase is not Phase.LIVE and tracked.end is VenueStatus.CANCELLED:
            # Whether the new version took its place decides what this end is called.
            return
        if new is not None and new.found is not None:
            self._settle_replace(new)
            return
        self._report_end(tracked)

    def _settle_replace(self, new: TrackedOrder) -> None:
        """Report that a version took the place of another, once the other's fills are given out."""
        assert new.found is not None
        assert new.replaces is not None
        old = self.tracked.get(new.replaces)
        if old is not None:
            if old.end is None or old.filled < old.venue_filled:
                return
            self._forget(old)
        report = OrderReplaced(
            self._edge.route_id, new.replaces, new.client_order_id, new.found.venue_order_id
        )
        self._edge.emit(report, new.terms.instrument_id)
        new.found = None
        held, new.held_trades = new.held_trades, []
        for trade in held:
            self._fill(new, trade)
        self._settle(new)

    def _report_end(self, tracked: TrackedOrder) -> None:
        route_id, order_id = self._edge.route_id, tracked.client_order_id
        self._forget(tracked)
        if tracked.end is VenueStatus.CANCELLED:
            self._edge.emit(
                OrderCancelled(route_id, order_id, tracked.end_reason), tracked.terms.instrument_id
            )
        elif tracked.end is VenueStatus.REJECTED:
            self._edge.emit(
                OrderRejected(route_id, order_id, tracked.end_reason), tracked.terms.instrument_id
            )
        elif tracked.end is VenueStatus.EXPIRED:
            self._edge.emit(
                OrderExpired(route_id, order_id, tracked.end_reason), tracked.terms.instrument_id
            )

    def absent(self, tracked: TrackedOrder, why: str) -> None:
        """Report that an order is proven never to have come to be."""
        self._forget(tracked)
        edge, order_id = self._edge, tracked.client_order_id
        order = edge.state.orders.get(order_id)
        old_id = tracked.replaces
        if old_id is None or (order is not None and order.state is OrderState.CANCEL_PENDING):
            edge.emit(OrderRejected(edge.route_id, order_id, why), tracked.terms.instrument_id)
        else:
            edge.emit(
                ReplaceRejected(edge.route_id, old_id, order_id, why), tracked.terms.instrument_id
            )
        old = None if old_id is None else self.tracked.get(old_id)
        if old is not None:
            old.replaced_by = None
            self._settle(old)

    def _forget(self, tracked: TrackedOrder) -> None:
        del self.tracked[tracked.client_order_id]
        self.closed.append(tracked.client_order_id)

    def chase(self) -> None:
        """Have trades read again where an end is known and its fills do not turn up: soon, and
        after a while from the beginning.
        """
        now, settings = self._edge.now, self._edge.settings
        for tracked in self.tracked.values():
            if tracked.filled >= tracked.venue_filled or tracked.phase is not Phase.LIVE:
                tracked.short_since = None
                continue
            if tracked.short_since is None:
                tracked.short_since = now
            self._trades.read_soon(tracked.terms.instrument_id, now + settings.lookup_after)
            if now - tracked.short_since > SHORT_FOR:
                tracked.short_since = now
                self._trades.read_again(tracked.terms.instrument_id)

    def _say_unknown(self, tracked: TrackedOrder, why: str) -> None:
        report = OutcomeUnknown(self._edge.route_id, tracked.client_order_id, why)
        self._edge.emit(report, tracked.terms.instrument_id)

    # Trades.

    def on_trade(self, order_id: ClientOrderId, trade: VenueTrade) -> None:
        """Give out a trade of an order of ours, whatever has become of the order."""
        tracked = self.tracked.get(order_id)
        if tracked is None:
            self._emit_fill(order_id, trade)
            return
        if tracked.phase is not Phase.LIVE:
            self._prove_by(tracked, trade)
        if tracked.found is not None:
            tracked.held_trades.append(trade)
            return
        self._fill(tracked, trade)
        self._settle(tracked)

    def _prove_by(self, tracked: TrackedOrder, trade: VenueTrade) -> None:
        """A trade proves that its order was accepted."""
        terms = tracked.terms
        self._accept(
            tracked,
            VenueOrder(
                tracked.client_order_id,
                trade.venue_order_id,
                terms.instrument_id,
                terms.side,
                terms.quantity,
                trade.quantity,
                VenueStatus.OPEN,
            ),
        )
        tracked.lookup_due = self._edge.now

    def _fill(self, tracked: TrackedOrder, trade: VenueTrade) -> None:
        tracked.filled += trade.quantity
        tracked.venue_filled = max(tracked.venue_filled, tracked.filled)
        self._emit_fill(tracked.client_order_id, trade)
        if tracked.end is None and tracked.filled >= tracked.terms.quantity:
            if tracked.carried or tracked.is_version:
                # What the venue was asked for may be more than what is known here.
                tracked.lookup_due = self._edge.now
            else:
                tracked.end, tracked.lookup_due = VenueStatus.FILLED, None

    def _emit_fill(self, order_id: ClientOrderId, trade: VenueTrade) -> None:
        self._edge.emit(
            OrderFilled(
                self._edge.route_id,
                order_id,
                trade.venue_order_id,
                trade.trade_id,
                trade.side,
                trade.quantity,
                trade.price,
                trade.commission,
                trade.commission_currency,
                trade.liquidity,
            ),
            trade.instrument_id,
            trade.event_time,
        )

    # What else the venue shows.

    def on_snapshot(
        self, orders: dict[str, VenueOrder], asked_at: int
    ) -> tuple[list[str], list[str]]:
        """Compare with all open orders as asked for at ``asked_at``: adopt what is there, look up
        what is not. Return the ids of those that are not ours, and of those that only look so.
        """
        for tracked in list(self.tracked.values()):
            order = orders.get(tracked.client_order_id)
            if order is not None:
                self.on_found(tracked, order)
            elif (
                tracked.phase is Phase.LIVE
                and tracked.end is None
                and tracked.asked_at < asked_at
                and tracked.lookup_due is None
            ):
                tracked.lookup_due = self._edge.now
        external: list[str] = []
        strange: list[str] = []
        for order_id in orders:
            if ClientOrderId(order_id) in self._taken:
                continue
            is_ours = order_id.startswith(self._edge.settings.prefix)
            (strange if is_ours else external).append(printable(order_id, 64))
        return external, strange

    def owner_of(self, order: VenueOrder) -> ClientOrderId | None:
        """Return which of our orders a looked-up order is, None if it is not ours."""
        order_id = ClientOrderId(order.client_order_id)
        if order_id not in self._taken:
            return None
        tracked = self.tracked.get(order_id)
        if tracked is not None:
            self.on_found(tracked, order)
        return order_id

    def hint(
        self, client_order_id: ClientOrderId | None, venue_order_id: VenueOrderId | None
    ) -> None:
        """Look an order up because a stream spoke of it."""
        order_id = client_order_id
        if order_id is None and venue_order_id is not None:
            order_id = self._trades.owners.get(venue_order_id)
        tracked = None if order_id is None else self.tracked.get(order_id)
        if tracked is not None and tracked.phase in (Phase.LIVE, Phase.UNKNOWN):
            tracked.lookup_due = self._edge.now


def _words(answer: Answer) -> str:
    """Say what an answer was that proves nothing, in words of our own where it is a failure."""
    if isinstance(answer, Failed):
        return FAULTS[answer.kind].words
    if isinstance(answer, Refused):
        return printable(f"{answer.code}: {answer.message}")
    if isinstance(answer, Unknown):
        return printable(answer.message)
    return "the answer does not match what was asked"
