"""Planted bugs: each changes one thing of the product as a tired programmer might, and must be
found. What is not found is a hole in the invariants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final, NamedTuple
from unittest import mock

from msgspec.structs import replace
from tests.simulation.disk import Disk
from tests.simulation.world import World

from tradetui.core import (
    checkpoint,
    guards,
    held,
    held_brackets,
    kernel,
    ledger,
    order_reports,
    orders,
)
from tradetui.core.fills import on_filled
from tradetui.core.kernel import Kernel
from tradetui.core.relations import parent_of
from tradetui.core.risk import engine as risk_engine
from tradetui.domain.orders import Fill
from tradetui.domain.reports import (
    OrderCancelled,
    OrderFilled,
    OrderRejected,
    OutcomeUnknown,
)
from tradetui.engine import command_router
from tradetui.engine.courier import courier, outgoing, trades
from tradetui.engine.courier import orders as courier_orders
from tradetui.engine.courier.account import AccountDesk
from tradetui.engine.courier.edge import Edge
from tradetui.engine.courier.lanes import Budget
from tradetui.engine.courier.orders import OrderDesk
from tradetui.engine.courier.outgoing import OutgoingOrders
from tradetui.engine.courier.records import Lane
from tradetui.engine.courier.tracked import Phase, TrackedOrder
from tradetui.engine.courier.trades import TradeDesk
from tradetui.engine.order_ids import OrderIds
from tradetui.ports.execution import Failed, Refused, SubmitRequest, Unknown

Put = Callable[[Any, str, Any], None]
"""Puts a value in the place of an attribute, until the plant is pulled out."""


class Plant(NamedTuple):
    """A bug: its name, what it breaks, and how it is put in."""

    name: str
    breaks: str
    sow: Callable[[Put], None]


PLANTS: Final[list[Plant]] = []


def plant(name: str, breaks: str) -> Callable[[Callable[[Put], None]], Callable[[Put], None]]:
    """Enter a bug into the library."""

    def enter(sow: Callable[[Put], None]) -> Callable[[Put], None]:
        PLANTS.append(Plant(name, breaks, sow))
        return sow

    return enter


@contextmanager
def planted(one: Plant) -> Iterator[None]:
    """Have a bug in the product for a while."""
    with ExitStack() as stack:

        def put(where: Any, name: str, value: Any) -> None:
            if isinstance(where, dict):
                stack.enter_context(mock.patch.dict(where, {name: value}))
            else:
                stack.enter_context(mock.patch.object(where, name, value))

        one.sow(put)
        yield


# Orders out.


@plant("retry without lookup", "an unknown outcome is sent once more")
def _(put: Put) -> None:
    old = OrderDesk.on_submit

    def on_submit(self: Any, tracked: Any, answer: Any) -> None:
        old(self, tracked, answer)
        if tracked.phase is Phase.UNKNOWN and tracked.client_order_id in self.tracked:
            tracked.phase, tracked.lookup_due = Phase.QUEUED, None
            tracked.asked_at = self._edge.now
            self._queue.append(tracked.client_order_id)

    put(OrderDesk, "on_submit", on_submit)


@plant("timeout means rejected", "no answer is taken for a refusal")
def _(put: Put) -> None:
    old = OrderDesk._refusal
    put(
        OrderDesk,
        "_refusal",
        lambda self, a: "no answer" if isinstance(a, Failed) else old(self, a),
    )


@plant("gateway error means rejected", "an unproven code is taken for a refusal")
def _(put: Put) -> None:
    old = OrderDesk._refusal
    put(
        OrderDesk,
        "_refusal",
        lambda self, a: "refused" if isinstance(a, Refused | Unknown) else old(self, a),
    )


@plant("not found means dead", "the first lookup without an order closes it")
def _(put: Put) -> None:
    put(OrderDesk, "_weigh_absence", lambda self, t, floor: self.absent(t, "not found"))


@plant("expiry forgotten", "not found proves something while the request may still arrive")
def _(put: Put) -> None:
    put(Edge, "dies_after", property(lambda self: 0))


@plant("restart sends again", "an order without proof is sent again after a restart")
def _(put: Put) -> None:
    old = OrderDesk._carry

    def carry(self: Any, order_id: Any) -> None:
        old(self, order_id)
        tracked = self.tracked[order_id]
        if tracked.phase is Phase.UNKNOWN and tracked.replaces is None:
            tracked.phase, tracked.lookup_due = Phase.QUEUED, None
            self._queue.append(order_id)

    put(OrderDesk, "_carry", carry)


@plant("any success counts", "an answer that does not match is taken for an acceptance")
def _(put: Put) -> None:
    put(TrackedOrder, "is_same", lambda self, order: True)


@plant("kill-switch not latched", "orders that wait are sent past a kill-switch")
def _(put: Put) -> None:
    put(outgoing, "strictest", lambda state, keys: None)


@plant("shadow leaks", "orders of an observing instance go to the venue")
def _(put: Put) -> None:
    put(command_router, "is_shadow", lambda route_id: False)


@plant("replace forgets fills", "what the old version filled meanwhile is not taken off the new")
def _(put: Put) -> None:
    old = OutgoingOrders._request

    def request(self: Any, tracked: Any) -> Any:
        made = old(self, tracked)
        return made if isinstance(made, SubmitRequest) else replace(made, filled_quantity=10**12)

    put(OutgoingOrders, "_request", request)


# Cancels and budget.


@plant("cancel given up", "a cancel without an answer is not asked for again")
def _(put: Put) -> None:
    old = OutgoingOrders.cancel_sent

    def sent(self: Any, tracked: Any) -> None:
        old(self, tracked)
        tracked.cancel_wanted = False

    put(OutgoingOrders, "cancel_sent", sent)


@plant("refused cancel means gone", "an order unknown to a cancel is taken for cancelled")
def _(put: Put) -> None:
    old = OrderDesk.on_cancel

    def on_cancel(self: Any, tracked: Any, answer: Any) -> None:
        old(self, tracked, answer)
        if isinstance(answer, Refused) and tracked.client_order_id in self.tracked:
            self._forget(tracked)
            report = OrderCancelled(self._edge.route_id, tracked.client_order_id, "")
            self._edge.emit(report, tracked.terms.instrument_id)

    put(OrderDesk, "on_cancel", on_cancel)


@plant("cancel lane starved", "cancels wait behind data and behind the venue's limits")
def _(put: Put) -> None:
    old = Budget.spend

    def spend(self: Any, lane: Any, request: Any, now: int) -> bool:
        return old(self, Lane.DATA if lane is Lane.CANCEL else lane, request, now)

    put(Budget, "spend", spend)


@plant("budget ignored", "requests go out as fast as they are wanted")
def _(put: Put) -> None:
    put(Budget, "spend", lambda self, lane, request, now: True)
    put(courier, "SECOND", 10_000_000)


# Fills.


@plant("no dedup", "a trade that comes twice is booked twice")
def _(put: Put) -> None:
    def twice(state: Any, changes: Any, envelope: Any, report: Any) -> None:
        key = (f"{report.route_id}:{report.side}", envelope.instrument, report.trade_id)
        state.trade_ids.pop(key, None)
        on_filled(state, changes, envelope, report)

    put(kernel._HANDLERS, OrderFilled, twice)
    old = TradeDesk.on_page

    def on_page(self: Any, *args: Any, **more: Any) -> None:
        self._seen.clear()
        with mock.patch.object(
            Edge, "state", property(lambda e: mock.Mock(trade_ids={}, wraps=e._kernel.state))
        ):
            old(self, *args, **more)

    put(TradeDesk, "on_page", on_page)


@plant("fee counted twice", "a trade's fee is debited twice")
def _(put: Put) -> None:
    old = OrderDesk._emit_fill
    put(
        OrderDesk,
        "_emit_fill",
        lambda self, i, t: old(self, i, replace(t, commission=2 * t.commission)),
    )


@plant("partial then cancel", "an end is reported before its last fills are read")
def _(put: Put) -> None:
    old = OrderDesk._settle

    def settle(self: Any, tracked: Any) -> None:
        tracked.venue_filled = tracked.filled
        old(self, tracked)

    put(OrderDesk, "_settle", settle)


@plant("unsolicited end ignored", "an order that the venue ended by itself stays open here")
def _(put: Put) -> None:
    old = OrderDesk.on_found

    def on_found(self: Any, tracked: Any, order: Any) -> None:
        if order.status in ("cancelled", "expired") and not tracked.cancel_wanted:
            tracked.lookup_due = None
            return
        old(self, tracked, order)

    put(OrderDesk, "on_found", on_found)


@plant("cursor runs ahead", "the kept cursor is behind trades that the kernel does not have")
def _(put: Put) -> None:
    def cursors(self: Any) -> Any:
        return tuple(
            trades.Cursor(key, str(int(market.cursor or 0) + 1))
            for key, market in self.markets.items()
        )

    put(TradeDesk, "cursors", cursors)


@plant("strangers dropped", "trades of orders that are not ours are not booked")
def _(put: Put) -> None:
    old = TradeDesk._give_out

    def give(self: Any, trade: Any) -> None:
        if self.owners[trade.venue_order_id]:
            old(self, trade)

    put(TradeDesk, "_give_out", give)


@plant("strangers adopted", "a trade of an order that is not known yet is booked as external")
def _(put: Put) -> None:
    def attribute(self: Any, trade: Any) -> None:
        self.owners.setdefault(trade.venue_order_id, "")
        self._give_out(trade)

    put(TradeDesk, "_attribute", attribute)


@plant("later pages forgotten", "only the first page of trades is read at a time, the rest skipped")
def _(put: Put) -> None:
    old = TradeDesk.on_page

    def on_page(self: Any, market: Any, answer: Any, **more: Any) -> None:
        if isinstance(answer, trades.TradesPage) and not answer.is_last:
            answer = replace(answer, cursor=str(int(answer.cursor) + 1))
        old(self, market, answer, **more)

    put(TradeDesk, "on_page", on_page)


# Account.


@plant("stale stream ignored", "entries go on though nothing comes on the private stream")
def _(put: Put) -> None:
    put(AccountDesk, "stale_stream", property(lambda self: ""))


@plant("drift ignored", "money that moved without a trade is never booked")
def _(put: Put) -> None:
    put(AccountDesk, "_drift_of", lambda self, money: ())


@plant("drift at first sight", "money is compared while trades are on their way")
def _(put: Put) -> None:
    old = AccountDesk._compare_money

    def compare(self: Any) -> None:
        if self._money is not None:
            money, self._money = self._money, None
            self._suspected = self._drift_of(money)
            self._suspected_at = -(10**12)
            self._judge_money(self._suspected)
        old(self)

    put(AccountDesk, "_compare_money", compare)


@plant("raw text", "the venue's words are kept as they came")
def _(put: Put) -> None:
    put(courier_orders, "printable", lambda text, limit=500: text)


# Core.


@plant("unknown is no exposure", "an order without proof counts for nothing")
def _(put: Put) -> None:
    def on_unknown(state: Any, changes: Any, envelope: Any, report: Any) -> None:
        order_reports.on_rejected(
            state, changes, envelope,
            OrderRejected(report.route_id, report.client_order_id, report.message),
        )  # fmt: skip

    put(kernel._HANDLERS, OutcomeUnknown, on_unknown)


@plant("twin kept", "an order of a group stays when its twin is filled")
def _(put: Put) -> None:
    put(held_brackets, "cancel_twins", lambda state, order: ())
    put(held_brackets, "_settle_twin", lambda state, twin: ())
    old = held.on_fill
    put(
        held,
        "on_fill",
        lambda state, order: tuple(
            a for a in old(state, order) if a.verb is not held.HeldVerb.CANCEL
        ),
    )


@plant("child of all that was asked", "a bracket's child is for its parent's quantity, not fills")
def _(put: Put) -> None:
    old = held_brackets.left_for

    def left_for(state: Any, child: Any) -> int:
        parent = parent_of(state, child)
        left = old(state, child)
        return left if parent is None or not left else parent.terms.quantity

    put(held_brackets, "left_for", left_for)


@plant("unknown stop guards", "a stop without proof counts as the guard of its position")
def _(put: Put) -> None:
    old = guards._is_stop_of
    put(
        guards,
        "_is_stop_of",
        lambda order, *more: old(replace(order, is_unknown=False), *more),
    )


@plant("release without a deadline", "a stop that fired waits for its twin's end for ever")
def _(put: Put) -> None:
    old = held._fire

    def fire(state: Any, order: Any, fired: Any) -> Any:
        before = dict(state.held_deadlines)
        actions = old(state, order, fired)
        order_id = order.terms.client_order_id
        if order_id in state.held_deadlines and order_id not in before:
            state.drop(state.held_deadlines, order_id)
        return actions

    put(held, "_fire", fire)


@plant("wall clock in the core", "a fill is booked at a time that replay cannot know")
def _(put: Put) -> None:
    ticks = iter(range(1, 10**9))

    def record(*args: Any) -> Fill:
        return replace(Fill(*args), event_time=next(ticks))

    put(ledger, "Fill", record)


@plant("state beside the journal", "a counter in the core is moved by what is not an event")
def _(put: Put) -> None:
    old = Kernel.view

    def view(self: Any) -> Any:
        self.state.max_order_counter += 1
        return old(self)

    put(Kernel, "view", view)


@plant("position limit forgets what works", "open orders do not count towards the position limit")
def _(put: Put) -> None:
    put(risk_engine, "judge_common", lambda *args: None)
    put(orders, "open_alone", _open_uncounted)


def _open_uncounted(state: Any, order: Any) -> None:
    """Keep an order without its sums."""
    order_id = order.terms.client_order_id
    state.put(state.orders, order_id, order)
    state.put(state.open_orders, order_id, order)
    ids = state.open_by_instrument.setdefault(order.terms.instrument_id, {})
    state.put(ids, order_id, None)


# Restart and disk.


@plant("counter reset", "client order ids begin anew after a restart")
def _(put: Put) -> None:
    put(OrderIds, "go_on_after", lambda self, counter: None)


@plant("kill-switch lost", "a kill-switch is not in the checkpoint")
def _(put: Put) -> None:
    old = checkpoint.load

    def load(data: bytes, config: Any) -> Any:
        state = old(data, config)
        state.kill_switches.clear()
        return state

    put(kernel, "load", load)


@plant("torn checkpoint accepted", "a checkpoint that lacks its last part is used")
def _(put: Put) -> None:
    old = checkpoint.load

    def load(data: bytes, config: Any) -> Any:
        state = old(data, config)
        if state.trade_ids:
            state.trade_ids.popitem()
        return state

    put(kernel, "load", load)


@plant("send before log", "commands leave before their step is durable")
def _(put: Put) -> None:
    old = World._commit

    def commit(self: Any, engine: Any) -> bool:
        while engine.outbox:
            engine.courier.take(engine.outbox.popleft()[1], self.mono)
        for sent in engine.courier.requests(self.mono):
            self._send(engine, sent)
        return old(self, engine)

    put(World, "_commit", commit)


@plant("watermark ignored", "a stalled disk does not keep commands back")
def _(put: Put) -> None:
    old = World._commit

    def commit(self: Any, engine: Any) -> bool:
        if not old(self, engine):
            while engine.outbox:
                engine.courier.take(engine.outbox.popleft()[1], self.mono)
            for sent in engine.courier.requests(self.mono):
                self._send(engine, sent)
            return False
        return True

    put(World, "_commit", commit)


@plant("commit that lies", "rows are called durable that a crash still loses")
def _(put: Put) -> None:
    old = Disk.crash

    def crash(self: Any) -> None:
        old(self)
        if len(self.durable) % 3 == 0:
            del self.durable[-1:]
            self.checkpoints = [c for c in self.checkpoints if c[0] <= len(self.durable)]

    put(Disk, "crash", crash)


def seeds_to_find(one: Plant, most: int, first: int = 1) -> tuple[int, str]:
    """Return after how many seeds a planted bug was found, and by what; 0 if it was not."""
    with planted(one):
        for number in range(most):
            world = World(first + number)
            world.is_tracing = False
            try:
                world.run()
            except AssertionError as error:
                return number + 1, str(error)
    return 0, ""
