"""The desk for the account: the venue's clock, its open orders, its money, and whether the route is
sound.

A start is a reconciliation: no order goes out before the venue's clock is known, all trades behind
the kept cursor are read, every open order is compared, and the money agrees or its difference is
booked and said. Money is compared only where nothing moved between two readings of the trades, and
a difference counts only when it is seen twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from tradetui.domain.control import EDGE_HALT, OperatorNoted, RouteHealthChanged
from tradetui.domain.enums import InstrumentClass
from tradetui.domain.ids import Currency, InstrumentId
from tradetui.domain.reports import CashAdjusted
from tradetui.domain.units import CASH_SCALE, div_floor
from tradetui.engine.courier.edge import Edge
from tradetui.engine.courier.orders import OrderDesk
from tradetui.engine.courier.records import SECOND, Differences
from tradetui.engine.courier.trades import TradeDesk
from tradetui.ports.execution import (
    Answer,
    Balances,
    BalancesRequest,
    OpenOrders,
    OpenOrdersRequest,
    Request,
    StreamHint,
    TimeRequest,
    VenueTime,
)


class Read(StrEnum):
    """What is read of the account."""

    TIME = "time"
    OPEN_ORDERS = "open_orders"
    BALANCES = "balances"


class AccountDesk:
    """What is not one order's and not one trade's."""

    def __init__(self, edge: Edge, orders: OrderDesk, trades: TradeDesk) -> None:
        self._edge = edge
        self._orders = orders
        self._trades = trades
        self.is_ready = False
        """Whether the start's reconciliation is done."""
        self.differences: Differences | None = None
        self.external: list[str] = []
        self.strange: list[str] = []
        self.drift: dict[Currency, int] = {}
        """What was booked because the venue's money differed, over this run."""
        self._due = dict.fromkeys(Read, edge.now)
        self._out: dict[Read, int] = {}
        """Reads under way: when they were sent."""
        self._time_known_at: int | None = None
        self._has_snapshot = False
        self._money: dict[Currency, int] | None = None
        """The balances read last, until they are compared."""
        self._given_out = 0
        self._reads_wanted: dict[InstrumentId, int] = {}
        """How often each market must have been read before the balances can be compared."""
        self._suspected: tuple[tuple[Currency, int], ...] = ()
        self._suspected_at = 0
        self._is_agreed = False
        self._heard = dict.fromkeys(edge.traits.streams, edge.now)
        self._halt = ""
        self._halt_stood = False
        """Whether the kernel has had the halt that was said last."""
        self.trouble = ""
        """What the driver says of the connection, such as a refused key; empty: nothing."""

    # To the venue.

    def reads(self) -> Iterator[tuple[Read, Request]]:
        """Yield what is due to be read."""
        for what, request in (
            (Read.TIME, TimeRequest()),
            (Read.OPEN_ORDERS, OpenOrdersRequest()),
            (Read.BALANCES, BalancesRequest()),
        ):
            if self._is_out(what) or self._due[what] > self._edge.now:
                continue
            if what is Read.BALANCES and not self._may_read_money():
                continue
            yield what, request

    def _is_out(self, what: Read) -> bool:
        """Tell whether an answer is waited for; a reading of the clock that takes too long is asked
        for anew, because it would not be used.
        """
        sent_at = self._out.get(what)
        if sent_at is None:
            return False
        return what is not Read.TIME or self._edge.now - sent_at <= (
            self._edge.settings.max_round_trip
        )

    def sent(self, what: Read) -> None:
        """Take note that a read has left."""
        self._out[what] = self._edge.now
        if what is Read.BALANCES:
            self._given_out = self._trades.given_out

    def _may_read_money(self) -> bool:
        return (
            self._money is None
            and min((market.reads for market in self._trades.markets.values()), default=1) > 0
            and self._trades.is_settled
        )

    # Answers.

    def on_read(self, what: Read, answer: Answer) -> None:
        """Take what a read gave; a failure is tried again soon."""
        asked_at = self._out.pop(what, -self._edge.settings.answer_deadline)
        settings = self._edge.settings
        self._due[what] = self._edge.now + settings.lookup_after
        if what is Read.TIME and isinstance(answer, VenueTime):
            self._on_time(answer.time, asked_at)
        elif what is Read.OPEN_ORDERS and isinstance(answer, OpenOrders):
            orders = {
                order.client_order_id or f"venue:{order.venue_order_id}": order
                for order in answer.orders
            }
            self.external, self.strange = self._orders.on_snapshot(orders, asked_at)
            self._has_snapshot = True
            self._due[what] = self._edge.now + self.read_every
        elif what is Read.BALANCES and isinstance(answer, Balances):
            self._money = dict(answer.totals)
            for key, market in self._trades.markets.items():
                # A read that is under way may have begun before the balances were taken.
                self._reads_wanted[key] = market.reads + 1 + market.is_out
                self._trades.read_now(key)

    def _on_time(self, time: int, asked_at: int) -> None:
        edge = self._edge
        if edge.now - asked_at > edge.settings.max_round_trip:
            return
        edge.offset = time - edge.now
        edge.venue_floor = max(edge.venue_floor, time)
        self._time_known_at = edge.now
        self._due[Read.TIME] = edge.now + edge.settings.time_every

    def lose_clock(self) -> None:
        """Send nothing until the venue's clock was read again: it refused our time."""
        self._time_known_at = None
        self._due[Read.TIME] = self._edge.now

    def on_hint(self, hint: StreamHint) -> None:
        """Take a sign of life, and a reason to read."""
        if hint.stream in self._heard:
            self._heard[hint.stream] = self._edge.now
        if hint.instrument_id in self._trades.markets and hint.instrument_id is not None:
            self._trades.read_now(hint.instrument_id)
        if hint.client_order_id is not None or hint.venue_order_id is not None:
            self._orders.hint(hint.client_order_id, hint.venue_order_id)

    # Time.

    def advance(self) -> None:
        """Judge what time and the answers so far have brought."""
        self._compare_money()
        if not self.is_ready and self._may_be_ready():
            self._be_ready()
        self._say_health()

    @property
    def read_every(self) -> int:
        """How often to read: more often while a stream is silent."""
        settings = self._edge.settings
        return settings.read_stale_every if self.stale_stream else settings.read_every

    @property
    def stale_stream(self) -> str:
        """The first stream that was silent beyond its deadline; empty when none is."""
        limit = self._edge.now - self._edge.traits.stream_deadline
        return next((name for name, heard in self._heard.items() if heard < limit), "")

    def silence(self) -> str:
        """Say which stream is silent, and for how long at least; empty when none is."""
        stale = self.stale_stream
        if not stale:
            return ""
        seconds = div_floor(self._edge.traits.stream_deadline, SECOND)
        return f"nothing on the stream {stale} for {seconds} s"

    @property
    def may_send(self) -> bool:
        """Whether orders may go out: reconciled, and the venue's clock is known."""
        return self.is_ready and self._has_clock and not self.trouble

    @property
    def _has_clock(self) -> bool:
        known = self._time_known_at
        return known is not None and self._edge.now - known <= self._edge.settings.max_clock_age

    # The start.

    def _may_be_ready(self) -> bool:
        return (
            self._has_clock
            and self._has_snapshot
            and self._is_agreed
            and not self.strange
            and all(
                not t.carried or t.lookup_due is None or t.end is not None or t.is_doubtful
                for t in self._orders.tracked.values()
            )
        )

    def _be_ready(self) -> None:
        self.is_ready = True
        self.differences = Differences(
            tuple(self._orders.adopted),
            tuple(self._orders.closed),
            tuple(self.external),
            tuple(self.strange),
            self._trades.given_out - self._trades.external,
            self._trades.external,
            tuple(sorted(self.drift.items())),
        )
        text = f"route {self._edge.route_id} is reconciled: {self.differences.words()}"
        self._edge.emit(OperatorNoted("courier", text))

    # Money.

    def _compare_money(self) -> None:
        """Compare balances once the trades were read again; only if none came in between."""
        money = self._money
        if money is None or not self._trades.is_settled:
            return
        if self._trades.given_out != self._given_out:
            self._money = None
            self._due[Read.BALANCES] = self._edge.now
            return
        for key, market in self._trades.markets.items():
            if market.reads < self._reads_wanted[key]:
                self._trades.read_now(key)
                return
        self._money = None
        self._judge_money(self._drift_of(money))

    def _judge_money(self, drift: tuple[tuple[Currency, int], ...]) -> None:
        settings, now = self._edge.settings, self._edge.now
        if not drift:
            self._is_agreed = True
            self._suspected = ()
            self._due[Read.BALANCES] = now + settings.balances_every
            return
        if drift != self._suspected:
            self._suspected, self._suspected_at = drift, now
        elif now - self._suspected_at >= settings.evidence_apart:
            for currency, amount in drift:
                self.drift[currency] = self.drift.get(currency, 0) + amount
                reason = "reconciliation: the venue's balance differs, and no trade explains it"
                self._edge.emit(CashAdjusted(self._edge.route_id, currency, amount, reason))
            self._suspected = ()
        self._due[Read.BALANCES] = now + settings.lookup_after

    def _drift_of(self, money: dict[Currency, int]) -> tuple[tuple[Currency, int], ...]:
        """Return how much more of each currency the venue has than the ledger."""
        state, route_id = self._edge.state, self._edge.route_id
        ours: dict[Currency, int] = {
            currency: amount
            for (route, currency), amount in state.cash.items()
            if route == route_id
        }
        for (route, instrument_id), quantity in state.route_quantities.items():
            instrument = state.instruments[instrument_id]
            if route != route_id or instrument.instrument_class is not InstrumentClass.SPOT:
                continue
            amount = quantity * 10 ** (CASH_SCALE - instrument.size_scale)
            ours[instrument.base] = ours.get(instrument.base, 0) + amount
        found = []
        for currency in sorted({**dict.fromkeys(money), **dict.fromkeys(ours)}):
            difference = money.get(currency, 0) - ours.get(currency, 0)
            if difference:
                found.append((currency, difference))
        return tuple(found)

    # Health.

    def _trouble(self) -> str:
        if self.trouble:
            return self.trouble
        if self.strange:
            return f"the venue has order {self.strange[0]}, which is ours but not in the journal"
        if not self.is_ready:
            return "not reconciled with the venue yet"
        if not self._has_clock:
            return "the venue's clock is not known"
        return self.silence()

    def _say_health(self) -> None:
        """Halt the route while something is wrong at the edge; lift only a halt of our own."""
        edge, trouble = self._edge, self._trouble()
        stands = edge.route_id in edge.state.halted_routes
        if trouble:
            if not self._halt or (self._halt_stood and not stands):
                # Said for the first time, or again: a person lifted what is still wrong.
                edge.emit(RouteHealthChanged(edge.route_id, True, f"{EDGE_HALT}{trouble}"))
                stands = False
            self._halt_stood = stands
        elif self._halt:
            edge.emit(RouteHealthChanged(edge.route_id, False, f"{EDGE_HALT}sound again"))
        self._halt = trouble
