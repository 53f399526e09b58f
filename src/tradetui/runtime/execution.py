"""Drives real venues: the couriers of all routes that have an ``ExecutionClient``, by asyncio.

The desk is the engine's outbox: commands wait here until their step is durable (``on_commit``),
then the route's courier takes them. ``run`` makes the couriers' requests, each in a task of its
own, and puts what they report into the inbox. What a client raises becomes an answer by table; what
nobody thought of is *unknown*, never a refusal.

    desk = ExecutionDesk([ExecutionRoute(client, settings)])
    driver = LiveDriver(RunPlan(config, "7k", simulated=()), ..., execution=desk)
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from tradetui.core.kernel import Kernel
from tradetui.domain.enums import OrderState, Severity
from tradetui.domain.envelope import Unsequenced
from tradetui.domain.ids import ClientOrderId, RouteId
from tradetui.domain.recovery import TradeCursor
from tradetui.domain.steps import CancelCommand, Command
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.engine.courier.courier import Courier
from tradetui.engine.courier.records import CourierSettings, Cursor, Outgoing
from tradetui.ports.execution import (
    Answer,
    BalancesRequest,
    CancelRequest,
    ExecutionClient,
    Failed,
    LookupRequest,
    OpenOrdersRequest,
    ReplaceRequest,
    SubmitRequest,
    TimeRequest,
    TradesRequest,
)
from tradetui.ports.faults import ExecutionError, FaultKind
from tradetui.runtime.conditions import Inquiry

Post = Callable[[Unsequenced], None]

RECONNECT_SECONDS: Final = 1.0
"""How long a private stream that ended is left alone before it is asked for again."""

_CANCEL_PENDING: Final = OrderState.CANCEL_PENDING

_BARE: Final[dict[type, str]] = {
    OpenOrdersRequest: "open_orders",
    BalancesRequest: "balances",
    TimeRequest: "server_time",
}
_WITH_REQUEST: Final[dict[type, str]] = {
    SubmitRequest: "submit",
    CancelRequest: "cancel",
    ReplaceRequest: "replace",
    LookupRequest: "lookup",
    TradesRequest: "trades",
}


@dataclass(frozen=True)
class ExecutionRoute:
    """A route that a real venue serves; ``cursors`` are those kept with the last checkpoint."""

    client: ExecutionClient
    settings: CourierSettings
    cursors: tuple[Cursor, ...] = ()

    def resumed(self, kept: Sequence[TradeCursor]) -> ExecutionRoute:
        """Return the route with its part of a checkpoint's cursors."""
        own = (one for one in kept if one.route_id == self.settings.route_id)
        return replace(self, cursors=tuple(Cursor(one.instrument_id, one.cursor) for one in own))


async def ask(client: ExecutionClient, outgoing: Outgoing) -> Answer:
    """Make one request, once; whatever goes wrong becomes an answer that says so."""
    request = outgoing.request
    try:
        name = _BARE.get(type(request))
        if name is not None:
            return await getattr(client, name)()  # type: ignore[no-any-return]
        return await getattr(client, _WITH_REQUEST[type(request)])(request)  # type: ignore[no-any-return]
    except ExecutionError as error:
        return Failed(error.kind, error.retry_after)
    except Exception:  # noqa: BLE001 - the adapter's edge: what is not in its table proves nothing
        return Failed(FaultKind.UNEXPECTED)


class ExecutionDesk:
    """All routes of one engine that real venues serve; implements ``engine.sinks.Outbox``.

    ``monotonic`` is a clock in ns that never goes back; ``wall`` gives reports their ingest time.
    """

    def __init__(
        self,
        routes: Sequence[ExecutionRoute],
        *,
        monotonic: Callable[[], int] = time.monotonic_ns,
        wall: Callable[[], int] = time.time_ns,
    ) -> None:
        self._routes = {route.settings.route_id: route for route in routes}
        if len(self._routes) != len(routes):
            raise ValueError("two clients serve one route; give each route one")
        self.couriers: dict[RouteId, Courier] = {}
        self._monotonic = monotonic
        self._wall = wall
        self._post: Post | None = None
        self._waiting: deque[tuple[int, Command]] = deque()
        self._wake = asyncio.Event()
        self._is_stopping = False
        self._kernel: Kernel | None = None
        self._moved = asyncio.Event()
        """Set when a venue has answered, or what one reported is durable."""

    def inquiries(self) -> dict[ClientOrderId, Inquiry]:
        """Return what the venues were asked about orders whose outcome is unknown."""
        return {
            order.client_order_id: Inquiry(order.lookup_tries, order.dead_after)
            for courier in self.couriers.values()
            for order in courier.doubtful
        }

    def connect(self, kernel: Kernel, post: Post) -> None:
        """Begin to serve a kernel: couriers take up from its state; ``post`` takes their reports.

        Raises ValueError for a route that the kernel does not have.
        """
        for route_id in self._routes:
            if route_id not in kernel.state.routes:
                raise ValueError(f"route {route_id} has a client but is not configured")
        now = self._monotonic()
        self._post = post
        self._kernel = kernel
        self.couriers = {
            route_id: Courier(kernel, route.settings, now, route.cursors)
            for route_id, route in self._routes.items()
        }

    def put(self, seq_id: int, command: Command) -> None:
        """Take one command of step ``seq_id``; it waits until that step is durable."""
        self._waiting.append((seq_id, command))

    def on_commit(self, watermark: int) -> None:
        """Let go out what belongs to steps up to the watermark."""
        now = self._monotonic()
        while self._waiting and self._waiting[0][0] <= watermark:
            _, command = self._waiting.popleft()
            route_id = (
                command.route_id if isinstance(command, CancelCommand) else command.terms.route_id
            )
            self.couriers[route_id].take(command, now)
        self._wake.set()
        self._moved.set()

    async def run(self) -> None:
        """Serve until ``stop``, or until it is cancelled; raises what made one of its own tasks
        fail. The clients are closed in any case.
        """
        try:
            async with asyncio.TaskGroup() as group:
                await self._keep_serving(group)
        finally:
            for route in self._routes.values():
                await route.client.close()

    async def _keep_serving(self, group: asyncio.TaskGroup) -> None:
        tasks: dict[asyncio.Task[None], None] = {}
        for route_id, route in self._routes.items():
            listening = self._listen(route_id, route.client)
            tasks[group.create_task(listening, name=f"stream {route_id}")] = None
        while not self._is_stopping:
            self._wake.clear()
            for task in [task for task in tasks if task.done()]:
                del tasks[task]
            for route_id in self._routes:
                for outgoing in self._turn(route_id):
                    tasks[group.create_task(self._serve(route_id, outgoing))] = None
            await self._rest()
        for task in tasks:
            task.cancel()

    def unsettled(self) -> int:
        """Return how many orders a stop would leave without a proven outcome: those that wait to be
        sent, are unknown, lack fills, or are being cancelled.
        """
        if self._kernel is None:
            return 0
        cancelling = sum(
            order.state is _CANCEL_PENDING and order.terms.route_id in self.couriers
            for order in self._kernel.state.open_orders.values()
        )
        known = sum(courier.unresolved + courier.queued for courier in self.couriers.values())
        return len(self._waiting) + known + cancelling

    async def settle(self, seconds: float, say: Callable[[Severity, str], None]) -> None:
        """Wait until nothing is unsettled, at most so long, and say it when something still is.

        ``run`` must be under way, and what it reports be applied.
        """
        try:
            async with asyncio.timeout(seconds):
                while self.unsettled():
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            count = self.unsettled()
            what = "1 order is" if count == 1 else f"{count} orders are"
            text = f"{what} without a proven outcome at the stop: the next start looks them up"
            say(Severity.WARNING, text)

    def trade_cursors(self) -> tuple[TradeCursor, ...]:
        """Return how far the kernel has the trades of all venues, for a checkpoint."""
        return tuple(
            TradeCursor(route_id, one.instrument_id, one.cursor)
            for route_id, courier in self.couriers.items()
            for one in courier.cursors()
        )

    def stop(self) -> None:
        """End ``run``; what is under way then has no proven outcome, and the next start looks it
        up.
        """
        self._is_stopping = True
        self._wake.set()

    def _turn(self, route_id: RouteId) -> list[Outgoing]:
        courier, now = self.couriers[route_id], self._monotonic()
        courier.advance(now)
        requests = courier.requests(now)
        self._report(courier)
        return requests

    async def _rest(self) -> None:
        """Wait until something happens, or time itself has something to do."""
        now = self._monotonic()
        due = min((c.next_due() for c in self.couriers.values()), default=now + NANOS_PER_SECOND)
        try:
            async with asyncio.timeout(max(due - now, 0) / NANOS_PER_SECOND):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _serve(self, route_id: RouteId, outgoing: Outgoing) -> None:
        answer = await ask(self._routes[route_id].client, outgoing)
        courier = self.couriers[route_id]
        courier.answer(outgoing.number, answer, self._monotonic())
        self._report(courier)
        self._wake.set()
        self._moved.set()

    async def _listen(self, route_id: RouteId, client: ExecutionClient) -> None:
        """Hand hints on, for ever; a stream that ends or fails is a silent one until it is back."""
        courier = self.couriers[route_id]
        while True:
            try:
                async for hint in client.hints():
                    courier.hint(hint, self._monotonic())
                    self._wake.set()
            except Exception:  # noqa: BLE001 - hints are no truth: silence is noticed by its deadline
                courier.advance(self._monotonic())
            await asyncio.sleep(RECONNECT_SECONDS)

    def _report(self, courier: Courier) -> None:
        assert self._post is not None
        for report in courier.reports():
            self._post(_stamped(report, self._wall()))


def _stamped(report: Unsequenced, now: int) -> Unsequenced:
    fields: dict[str, Any] = {name: getattr(report, name) for name in report.__struct_fields__}
    return Unsequenced(**(fields | {"ingest_time": now}))
