"""What is true, kept apart from the engine: what was sent, what the venue has, what is durable."""

from __future__ import annotations

from collections import Counter, deque
from typing import Any

from tests.simulation import invariants
from tests.simulation.venue import CASH, TRAITS

from tradetui.core.relations import IS_OPEN
from tradetui.domain.enums import OrderSide, OrderState
from tradetui.domain.instruments import notional
from tradetui.domain.reports import CashAdjusted
from tradetui.domain.steps import CancelCommand, ReplaceCommand, StepRecord, SubmitCommand
from tradetui.ports.execution import CancelRequest, ReplaceRequest, SubmitRequest

_WEIGHTS = dict(TRAITS.weights)


class Truth:
    """Sums kept while things happen, so that each invariant costs little."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.posts: Counter[str] = Counter()
        self.intents: dict[str, Any] = {}
        """Client order ids whose command is durable: their terms."""
        self.commands_noted = 0
        self.flying: dict[str, Any] = {}
        """Requests to create that have left and not arrived."""
        self.acked = 0
        self.weights: deque[tuple[int, int]] = deque()
        self.weight = 0
        self.cancels: dict[str, int] = {}
        """Cancels handed to the courier and not sent yet: since when."""
        self.booked: dict[tuple[str, str], Any] = {}
        """(side, trade id) of the venue's trades that this life's ledger has."""
        self.cash = 0
        self.quantities: Counter[str] = Counter()
        self.adjusted = 0
        """USD booked for other reasons than trades, in this life's ledger."""
        self.durable_adjusted = 0
        self.deposits = [0]
        """What moved without a trade, added up, after each time."""
        self.positions: Counter[str] = Counter()
        """What each instance's orders have come to at the venue."""
        self.heard_at = 0
        """When (monotonic) this life's courier last heard of its stream, or began to listen."""
        self.broken: list[str] = []
        self.owner_of: dict[str, str] = {}
        self.trade_counts: Counter[str] = Counter()
        self.trades: dict[tuple[str, str], Any] = {}

    # What happens.

    def begin_life(self, engine: Any) -> None:
        """Recount from the recovered state what its ledger must come to."""
        self.cancels.clear()
        self.heard_at = self.world.mono
        self.weights.clear()
        self.weight = 0
        self.learn_trades()
        self.booked = {}
        self.adjusted = self.durable_adjusted
        self.cash, self.quantities = CASH, Counter()
        for route_side, _, trade_id in engine.kernel.state.trade_ids:
            route_id, _, side = route_side.rpartition(":")
            if route_id != "main":
                continue
            trade = self.trades.get((side, trade_id))
            if trade is None:
                self.broken.append(f"I5 trade {trade_id} is booked and never happened")
                continue
            self.book(trade)

    def end_life(self) -> None:
        self.cancels.clear()

    def learn_trades(self) -> None:
        """Take note of the venue's new trades."""
        for key, trades in self.world.venue.trades.items():
            known = self.trade_counts[key]
            for trade in trades[known:]:
                self.trades[trade.side.value, trade.trade_id] = trade
                terms = self.intents.get(self.world.venue.orders[trade.venue_order_id].cid)
                if terms is not None:
                    sign = 1 if trade.side is OrderSide.BUY else -1
                    self.positions[terms.strategy_id] += sign * trade.quantity
            self.trade_counts[key] = len(trades)

    def book(self, trade: Any) -> None:
        self.booked[trade.side.value, trade.trade_id] = trade
        sign = 1 if trade.side is OrderSide.BUY else -1
        instrument = self.world.venue.instruments[trade.instrument_id]
        self.cash -= sign * notional(instrument, trade.price, trade.quantity) + trade.commission
        self.quantities[trade.instrument_id] += sign * trade.quantity

    def note_durable(self, group: list[StepRecord]) -> None:
        for record in group:
            payload = record.event.payload
            if isinstance(payload, CashAdjusted) and payload.currency == "USD":
                self.durable_adjusted += payload.amount
            for command in record.result.commands:
                if isinstance(command, SubmitCommand | ReplaceCommand):
                    self.intents[command.terms.client_order_id] = command.terms

    def note_command(self, command: Any) -> None:
        self.acked = self.world.disk.watermark
        is_cancel = isinstance(command, CancelCommand)
        route_id = command.route_id if is_cancel else command.terms.route_id
        if route_id != "main":
            self.broken.append(f"I9 a command of {route_id} left the house")
        if isinstance(command, CancelCommand):
            self.cancels[command.client_order_id] = self.world.now

    def note_sent(self, engine: Any, outgoing: Any) -> None:
        request, now = outgoing.request, self.world.now
        weight = _WEIGHTS.get(type(request).__name__, 1)
        self.weights.append((now, weight))
        self.weight += weight
        while self.weights and self.weights[0][0] <= now - TRAITS.window:
            self.weight -= self.weights.popleft()[1]
        if isinstance(request, SubmitRequest | ReplaceRequest):
            order_id = request.terms.client_order_id
            self.posts[order_id] += 1
            self.world.posts += 1
            self.flying[order_id] = request
        elif isinstance(request, CancelRequest):
            self.cancels.pop(request.client_order_id, None)
        invariants.after_request(self.world, engine, outgoing)

    def note_lost(self, request: Any) -> None:
        if isinstance(request, SubmitRequest | ReplaceRequest):
            self.flying.pop(request.terms.client_order_id, None)

    note_arrived = note_lost

    # What is asked.

    def may_live(self, order_id: str) -> bool:
        """Tell whether an order is open at the venue, or its request may still make it so."""
        if any(order.leaves for order in self.world.venue.by_cid.get(order_id, ())):
            return True
        request = self.flying.get(order_id)
        return request is not None and self.world.venue.would_take(request, self.world.venue.now)

    def filled(self, order_id: str) -> int:
        return sum(order.filled for order in self.world.venue.by_cid.get(order_id, ()))

    def knows_end(self, order_id: str) -> bool:
        """Tell whether the courier has nothing to cancel: it knows the end, or forgot the order."""
        tracked = self.world.engine.courier._orders.tracked.get(order_id)
        return tracked is None or tracked.end is not None or not tracked.cancel_wanted

    def worst_case(self) -> Counter[str]:
        """Return what each instance's position may come to by what is open or on its way."""
        self.learn_trades()
        worst = Counter(self.positions)
        for order in self.world.venue.open.values():
            terms = self.intents.get(order.cid)
            if terms is not None and order.side is OrderSide.BUY:
                worst[terms.strategy_id] += order.leaves
        for request in self.flying.values():
            terms = request.terms
            if terms.side is not OrderSide.BUY:
                continue
            more = terms.quantity
            if isinstance(request, ReplaceRequest):
                old = self.world.venue._open_with(request.client_order_id)
                more = (
                    0
                    if old is None
                    else max(0, more - max(0, old.filled - request.filled_quantity) - old.leaves)
                )
            worst[terms.strategy_id] += more
        return worst

    def unsettled(self) -> str:
        """Say what keeps engine and venue from agreeing; empty when nothing does."""
        world = self.world
        engine = world.engine
        if engine is None:
            return "the engine is down"
        if self.flying or engine.inbox or world.disk.volatile:
            return f"under way: {list(self.flying)} {len(engine.inbox)}"
        courier, state = engine.courier, engine.kernel.state
        if not courier.is_ready:
            return "the courier is not ready"
        if courier.unresolved or courier.queued:
            return f"unresolved {courier.unresolved}, queued {courier.queued}"
        self.learn_trades()
        if len(self.booked) != len(self.trades):
            return f"{len(self.trades) - len(self.booked)} trades are not booked"
        for order in state.open_orders.values():
            if order.terms.route_id != "main" or order.state is OrderState.CREATED:
                continue
            if not order.is_accepted or order.is_unknown:
                return f"order {order.terms.client_order_id} is {order.state}, not accepted"
            if order.state is OrderState.CANCEL_PENDING:
                return f"order {order.terms.client_order_id} is being cancelled"
            if not self.may_live(order.terms.client_order_id):
                return f"order {order.terms.client_order_id} is open here and not there"
        for resting in world.venue.open.values():
            if resting.cid.startswith("tts"):
                known = state.orders.get(resting.cid)
                if known is None or not IS_OPEN[known.state]:
                    return f"order {resting.cid} is open there and not here"
        if state.cash.get(("main", "USD"), 0) != world.venue.cash["USD"]:
            return f"cash {state.cash.get(('main', 'USD'), 0)} is not {world.venue.cash['USD']}"
        return ""

    def is_settled(self) -> bool:
        return not self.unsettled()
