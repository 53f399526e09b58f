"""Money and positions that move without a fill."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import BTC, CASH, PERP, UNIT, YES, World, codes

from tradetui.core.changes import NOTHING
from tradetui.domain.capabilities import SIMULATED
from tradetui.domain.enums import OrderRole, OrderState, OrderType, Support
from tradetui.domain.ids import EXTERNAL
from tradetui.domain.reports import CashAdjusted, PositionSettled


class TestCash:
    def test_a_deposit(self) -> None:
        world = World()
        assert world.event(CashAdjusted("main", "USD", 5, "deposit")) is NOTHING
        assert world.state.cash["main", "USD"] == CASH + 5

    def test_funding_counts_in_the_profit_of_its_instance(self) -> None:
        world = World()
        world.hold(2, instrument_id=PERP)
        world.event(CashAdjusted("main", "USD", -7, "funding", "one"), PERP)
        assert world.position(PERP).realised_pnl == -7
        assert world.state.days["one", "main", PERP].realised == -7
        assert world.state.cash["main", "USD"] == CASH - 7

    @pytest.mark.parametrize(("currency", "market"), [("BNB", PERP), ("USD", "")])
    def test_what_cannot_be_counted_there_is_said(self, currency: str, market: str) -> None:
        world = World()
        applied = world.event(CashAdjusted("main", currency, -7, "funding", "one"), market)
        assert codes(applied) == ["rate_unknown"]
        assert world.state.positions == {}

    def test_a_route_that_is_not_known_is_an_incident(self) -> None:
        world = World()
        applied = world.event(CashAdjusted("ghost", "USD", 5, "deposit"))
        assert codes(applied) == ["no_route!"]

    def test_a_dropped_shadow_is_nothing(self) -> None:
        assert World().event(CashAdjusted("shadow:x", "USD", 5, "deposit")) is NOTHING


class TestSettlement:
    def test_every_sub_position_is_closed_at_the_price(self) -> None:
        world = World()
        world.hold(100, 4_000, YES)
        other = world.place(50, None, instrument_id=YES, name="two")
        world.fill(other, 50, 4_000)
        applied = world.event(PositionSettled("main", 10_000), YES)
        assert [f.strategy_id for f in applied.fills] == ["one", "two"]
        assert world.position(YES).realised_pnl == 60 * UNIT
        assert world.state.route_quantities["main", YES] == 0
        assert world.state.cash["main", "USD"] == CASH + 90 * UNIT

    def test_a_short_future_is_bought_back(self) -> None:
        world = World()
        world.hold(-2, 10_000, PERP)
        applied = world.event(PositionSettled("main", 9_000), PERP)
        assert applied.fills[0].side == "BUY"
        assert world.position(PERP).quantity == 0

    def test_an_external_position_too(self) -> None:
        world = World()
        world.fill("stranger", UNIT)
        world.event(PositionSettled("main", 9_000), BTC)
        assert world.position(name=EXTERNAL).quantity == 0

    def test_guards_of_what_is_gone_are_cancelled(self) -> None:
        world = World(replace(SIMULATED, reduce_only=Support.HELD))
        world.hold(2, 10_000, PERP)
        guard = world.place(
            -2,
            None,
            instrument_id=PERP,
            role=OrderRole.STOP_LOSS,
            order_type=OrderType.STOP,
            trigger_price=9_000,
        )
        world.event(PositionSettled("main", 9_500), PERP)
        assert world.order(guard).state is OrderState.CANCEL_PENDING
        assert world.state.stop_wanted == {}

    def test_a_market_that_is_not_known_is_an_incident(self) -> None:
        applied = World().event(PositionSettled("main", 1), "NO.SIM")
        assert codes(applied) == ["unknown_instrument!"]

    def test_a_route_that_is_not_known_is_an_incident(self) -> None:
        applied = World().event(PositionSettled("ghost", 1), BTC)
        assert codes(applied) == ["no_route!"]
