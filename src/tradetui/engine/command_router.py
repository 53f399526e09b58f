"""Where commands go: to the simulated venue, which answers at once, or out of the house."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from tradetui.core.kernel import Kernel
from tradetui.core.venue.funds import Balance
from tradetui.domain.envelope import Unsequenced
from tradetui.domain.ids import Currency, RouteId, is_shadow
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import MarketItem
from tradetui.domain.steps import CancelCommand, Command, ReplaceCommand, SubmitCommand
from tradetui.engine.errors import EngineError
from tradetui.engine.sinks import Outbox


class Venue(Protocol):
    """The simulated venue, as the loop uses it: every answer is a list of reports,
    perhaps empty.
    """

    def fund(self, balance: Balance) -> None: ...
    def on_instrument(self, instrument: Instrument) -> None: ...
    def show(self, item: MarketItem) -> Sequence[Unsequenced]: ...
    def on_time(self, now: int) -> Sequence[Unsequenced]: ...
    def submit(self, command: SubmitCommand, now: int) -> Sequence[Unsequenced]: ...
    def cancel(self, command: CancelCommand, now: int) -> Sequence[Unsequenced]: ...
    def replace(self, command: ReplaceCommand, now: int) -> Sequence[Unsequenced]: ...
    def drop_route(self, route_id: RouteId) -> None: ...


def balance_in(kernel: Kernel) -> Balance:
    """Return what tells a simulated venue the cash of a route: what the ledger has of it."""

    def balance(route_id: RouteId, currency: Currency) -> int:
        return kernel.state.cash.get((route_id, currency), 0)

    return balance


class CommandRouter:
    """Hands commands out by their route.

    ``simulated`` are the routes whose commands go to ``venue``; shadow books' always do; all others
    go to ``outbox``.
    """

    def __init__(self, venue: Venue, simulated: Iterable[RouteId], outbox: Outbox | None) -> None:
        self._simulated = dict.fromkeys(simulated)
        self._outbox = outbox
        self._to_venue: dict[type, Callable[[Any, int], Sequence[Unsequenced]]] = {
            SubmitCommand: venue.submit,
            CancelCommand: venue.cancel,
            ReplaceCommand: venue.replace,
        }

    def hand_out(self, seq_id: int, command: Command, now: int) -> Sequence[Unsequenced]:
        """Hand out one command of step ``seq_id``; return what the simulated venue answers.

        Raises EngineError for a route that has no way out.
        """
        kind = command.__class__
        route_id = command.route_id if kind is CancelCommand else command.terms.route_id  # type: ignore[union-attr]
        if route_id in self._simulated or is_shadow(route_id):
            return self._to_venue[kind](command, now)
        if self._outbox is None:
            raise EngineError(f"route {route_id} has no way out: no broker and no outbox")
        self._outbox.put(seq_id, command)
        return ()
