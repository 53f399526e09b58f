"""The courier of one route: what the kernel decided goes out, what the venue proved comes back.

Sans I/O, synchronous, deterministic: commands whose step is durable go in (``take``), requests come
out (``requests``), answers and stream hints go in (``answer``, ``hint``), and ``reports`` gives out
events to be sequenced. It holds no clock: every call is told the local monotonic time. What it
remembers can be lost: a new courier builds itself from the kernel's state, and asks the venue for
everything else.

The rules, each of which cost somebody money (docs/architecture/courier.md):
one POST per client order id, ever, across restarts; a refusal counts only when a table proves it; a
success must match what was asked; everything else is unknown, and closed by evidence alone; "not
found" is evidence only after the request can no longer take effect; fills come from the trade
history by cursor, streams are hints; cancels have their own lane and budget.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tradetui.core.kernel import Kernel
from tradetui.domain.envelope import Unsequenced
from tradetui.domain.steps import Command
from tradetui.engine.courier.account import AccountDesk
from tradetui.engine.courier.edge import Edge
from tradetui.engine.courier.lanes import Budget
from tradetui.engine.courier.orders import OrderDesk
from tradetui.engine.courier.records import (
    SECOND,
    CourierSettings,
    Cursor,
    Differences,
    Lane,
    Outgoing,
)
from tradetui.engine.courier.tracked import TrackedOrder
from tradetui.engine.courier.trades import TradeDesk
from tradetui.ports.execution import (
    Answer,
    Balances,
    Failed,
    OpenOrders,
    OrderFound,
    OrderNotFound,
    Request,
    StreamHint,
    TradesPage,
)
from tradetui.ports.faults import FaultKind

OnAnswer = Callable[[Answer], None]

_TOLD_TIME = (OrderFound, OrderNotFound, OpenOrders, TradesPage, Balances)


class Courier:
    """Serves one route; see the module's text. ``cursors`` are those of the checkpoint that the
    kernel's state was taken from.
    """

    def __init__(
        self,
        kernel: Kernel,
        settings: CourierSettings,
        now: int,
        cursors: tuple[Cursor, ...] = (),
    ) -> None:
        self.settings = settings
        self._edge = Edge(kernel, settings)
        self._edge.now = now
        self._trades = TradeDesk(self._edge, cursors)
        self._orders = OrderDesk(self._edge, self._trades)
        self._trades.on_own = self._orders.on_trade
        self._trades.owner_of = self._orders.owner_of
        self._account = AccountDesk(self._edge, self._orders, self._trades)
        self._orders.bars_entries = self._account.silence
        self._budget = Budget(settings.traits)
        self._number = 0
        self._waiting: dict[int, tuple[OnAnswer, int]] = {}
        """Requests without an answer: who wants it, and until when it is waited for."""

    # In.

    def take(self, command: Command, now: int) -> None:
        """Take a command whose step is durable."""
        self._edge.now = max(self._edge.now, now)
        self._orders.take(command)

    def answer(self, number: int, answer: Answer, now: int) -> None:
        """Take what came back for a request; a number that is not waited for is passed over."""
        self._edge.now = max(self._edge.now, now)
        waiting = self._waiting.pop(number, None)
        if waiting is None:
            return
        if isinstance(answer, _TOLD_TIME):
            self._edge.heard(answer.venue_time)
        elif isinstance(answer, Failed):
            self._heed(answer)
        waiting[0](answer)
        self._account.advance()

    def hint(self, hint: StreamHint, now: int) -> None:
        """Take something that a stream said."""
        self._edge.now = max(self._edge.now, now)
        self._account.on_hint(hint)

    def advance(self, now: int) -> None:
        """Let time pass: what was waited for in vain has failed."""
        self._edge.now = max(self._edge.now, now)
        overdue = [
            number for number, (_, until) in self._waiting.items() if until <= self._edge.now
        ]
        for number in overdue:
            on_answer, _ = self._waiting.pop(number)
            on_answer(Failed(FaultKind.TIMEOUT))
        self._orders.drop_stale()
        self._orders.chase()
        self._account.advance()

    def say_trouble(self, trouble: str) -> None:
        """Keep orders back while the connection has a trouble that only a person can mend."""
        self._account.trouble = trouble

    # Out.

    @property
    def doubtful(self) -> list[TrackedOrder]:
        """The orders that were sent and of which nothing is proven."""
        return [order for order in self._orders.tracked.values() if order.is_doubtful]

    def requests(self, now: int) -> list[Outgoing]:
        """Return what is to be asked of the venue now: cancels, lookups, orders, reads."""
        self._edge.now = max(self._edge.now, now)
        self._budget.refill(self._edge.now)
        out: list[Outgoing] = []
        for tracked, request in list(self._orders.cancels()):
            if not self._send(out, Lane.CANCEL, request, partial(self._orders.on_cancel, tracked)):
                break
            self._orders.cancel_sent(tracked)
        self._send_trade_reads(out, Lane.RESOLVE)
        self._send_lookups(out)
        self._send_orders(out)
        self._send_reads(out)
        self._send_trade_reads(out, Lane.DATA)
        return out

    def reports(self) -> list[Unsequenced]:
        """Return (once) what is to be sequenced, in order."""
        found, self._edge.reports = self._edge.reports, []
        return found

    def next_due(self) -> int:
        """Return when to call ``advance`` and ``requests`` again at the latest (monotonic, ns)."""
        return self._edge.now + SECOND

    # For reading.

    @property
    def is_ready(self) -> bool:
        """Whether the start's reconciliation is done."""
        return self._account.is_ready

    @property
    def differences(self) -> Differences | None:
        """What the start found otherwise than in the journal; None before it is done."""
        return self._account.differences

    @property
    def unresolved(self) -> int:
        """How many orders the venue has not proven anything about, or whose end lacks fills."""
        return sum(t.is_doubtful or t.end is not None for t in self._orders.tracked.values())

    @property
    def queued(self) -> int:
        """How many orders wait to be sent."""
        return self._orders.waiting

    @property
    def in_flight(self) -> int:
        """How many requests wait for their answers."""
        return len(self._waiting)

    def cursors(self) -> tuple[Cursor, ...]:
        """Return how far the kernel has the venue's trades: to be kept with its checkpoint."""
        return self._trades.cursors()

    # Sending.

    def _send(self, out: list[Outgoing], lane: Lane, request: Request, then: OnAnswer) -> bool:
        if not self._budget.spend(lane, request, self._edge.now):
            return False
        self._number += 1
        until = self._edge.now + self.settings.answer_deadline
        self._waiting[self._number] = (then, until)
        out.append(Outgoing(self._number, lane, request))
        return True

    def _send_lookups(self, out: list[Outgoing]) -> None:
        floor = self._edge.venue_floor
        for tracked, request in list(self._orders.lookups()):
            on_answer = partial(self._orders.on_lookup, tracked, floor=floor)
            if not self._send(out, Lane.RESOLVE, request, on_answer):
                return
            tracked.lookup_out = True
        for stray, request in list(self._trades.lookups()):
            if not self._send(out, Lane.RESOLVE, request, partial(self._trades.on_stray, stray)):
                return
            stray.is_out = True

    def _send_orders(self, out: list[Outgoing]) -> None:
        while self._account.may_send:
            following = self._orders.next_submit()
            if following is None:
                return
            tracked, request = following
            if not self._send(out, Lane.ORDER, request, partial(self._orders.on_submit, tracked)):
                return
            self._orders.sent(tracked)

    def _send_reads(self, out: list[Outgoing]) -> None:
        for what, request in list(self._account.reads()):
            if not self._send(out, Lane.DATA, request, partial(self._account.on_read, what)):
                return
            self._account.sent(what)

    def _send_trade_reads(self, out: list[Outgoing], lane: Lane) -> None:
        """Send the reads of trades that are due; what something waits for goes before orders."""
        floor, every = self._edge.venue_floor, self._account.read_every
        for market, request in list(self._trades.reads()):
            if lane is Lane.RESOLVE and not market.is_urgent:
                continue
            on_page = partial(self._trades.on_page, market, floor=floor, every=every)
            if not self._send(out, lane, request, on_page):
                return
            market.is_out = True

    def _heed(self, answer: Failed) -> None:
        """Do as the venue asks when it limits us, and mistrust our clock when it does."""
        until = self._edge.now + max(answer.retry_after, SECOND)
        if answer.kind is FaultKind.RATE_LIMITED:
            self._budget.be_quiet(until)
        elif answer.kind is FaultKind.BANNED:
            self._budget.stay_away(until)
        elif answer.kind is FaultKind.CLOCK:
            self._account.lose_clock()
        elif answer.kind is FaultKind.AUTHENTICATION:
            self._account.trouble = "the venue refused our key"
