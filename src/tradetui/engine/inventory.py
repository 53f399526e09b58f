"""Positions, exposure and fills by route, execution context and market: the read model of the
ledger.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from tradetui.core.kernel import Kernel
from tradetui.core.state import KernelState, PositionKey
from tradetui.core.valuation import position_value, unrealised
from tradetui.domain.ids import Currency, ExecutionId, InstrumentId, RouteId, StrategyId, is_shadow
from tradetui.domain.orders import Fill
from tradetui.domain.record import Record

FILLS_KEPT: Final = 1_000
"""The newest; all of them are in the journal."""


class PositionLine(Record, frozen=True):
    """One sub-position with its worth; money in ``currency`` (the quote's) at CASH_SCALE.

    ``value`` and ``unrealised`` are None without a price.
    """

    strategy_id: StrategyId
    execution_id: ExecutionId
    route_id: RouteId
    instrument_id: InstrumentId
    currency: Currency
    quantity: int
    cost: int
    realised: int
    fees: int
    value: int | None
    unrealised: int | None


class ExposureLine(Record, frozen=True):
    """What one route has at stake in one market: its position, and the worst that its working
    orders can add. ``gross`` is the sum of the sub-positions' absolute values; None without a
    price.
    """

    execution_id: ExecutionId
    route_id: RouteId
    instrument_id: InstrumentId
    currency: Currency
    quantity: int
    gross: int | None
    working_buys: int
    working_sells: int


class Inventory:
    """Views of what is held and what was filled, by any of route, execution context, symbol.

    Shadow books are in no view.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._fills: deque[Fill] = deque(maxlen=FILLS_KEPT)

    @property
    def _state(self) -> KernelState:
        return self._kernel.state

    def note(self, fills: tuple[Fill, ...]) -> None:
        """Take the fills of a step that is committed."""
        self._fills.extend(fill for fill in fills if not is_shadow(fill.route_id))

    def positions(
        self,
        route_id: str | None = None,
        execution_id: str | None = None,
        symbol: str | None = None,
    ) -> tuple[PositionLine, ...]:
        """Return the sub-positions that are or were held, by instance, route and instrument."""
        keys = [
            k
            for k in sorted(self._state.positions)
            if self._is_in(k, route_id, execution_id, symbol)
        ]
        return tuple(self._position(key) for key in keys)

    def exposure(
        self,
        route_id: str | None = None,
        execution_id: str | None = None,
        symbol: str | None = None,
    ) -> tuple[ExposureLine, ...]:
        """Return what is at stake, one line for each route and market, in that order."""
        state = self._state
        keys = {**dict.fromkeys(state.positions), **dict.fromkeys(state.working)}
        chosen = [k for k in sorted(keys) if self._is_in(k, route_id, execution_id, symbol)]
        groups: dict[tuple[RouteId, InstrumentId], list[PositionKey]] = {}
        for key in chosen:
            groups.setdefault((key[1], key[2]), []).append(key)
        return tuple(self._exposure(*group, groups[group]) for group in sorted(groups))

    def fills(
        self,
        route_id: str | None = None,
        execution_id: str | None = None,
        symbol: str | None = None,
    ) -> tuple[Fill, ...]:
        """Return the newest fills, oldest first."""
        return tuple(
            fill
            for fill in self._fills
            if (route_id is None or fill.route_id == route_id)
            and (execution_id is None or fill.execution_id == execution_id)
            and (symbol is None or self._state.instruments[fill.instrument_id].symbol == symbol)
        )

    def _is_in(
        self, key: PositionKey, route_id: str | None, execution_id: str | None, symbol: str | None
    ) -> bool:
        _, route, instrument_id = key
        if is_shadow(route) or route not in self._state.routes:
            return False
        return (
            (route_id is None or route == route_id)
            and (execution_id is None or self._state.routes[route].execution_id == execution_id)
            and (symbol is None or self._state.instruments[instrument_id].symbol == symbol)
        )

    def _position(self, key: PositionKey) -> PositionLine:
        state, held = self._state, self._state.positions[key]
        return PositionLine(
            held.strategy_id,
            state.routes[held.route_id].execution_id,
            held.route_id,
            held.instrument_id,
            state.instruments[held.instrument_id].quote,
            held.quantity,
            held.cost,
            held.realised_pnl,
            held.fees,
            position_value(state, held.instrument_id, held.quantity),
            unrealised(state, held),
        )

    def _exposure(
        self, route_id: RouteId, instrument_id: InstrumentId, keys: list[PositionKey]
    ) -> ExposureLine:
        state = self._state
        quantity, buys, sells = 0, 0, 0
        gross: int | None = 0
        for key in keys:
            held, working = state.positions.get(key), state.working.get(key)
            if held is not None:
                quantity += held.quantity
                value = position_value(state, instrument_id, held.quantity)
                gross = None if gross is None or value is None else gross + abs(value)
            if working is not None:
                buys += working.buy_notional
                sells += working.sell_notional
        currency = state.instruments[instrument_id].quote
        execution_id = state.routes[route_id].execution_id
        return ExposureLine(
            execution_id, route_id, instrument_id, currency, quantity, gross, buys, sells
        )
