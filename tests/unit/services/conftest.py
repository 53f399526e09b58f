"""A store, a catalogue of strategies, an engine and a replica for the use cases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from tradetui.domain.commands import CommandReply, OperatorCommand
from tradetui.domain.enums import (
    Guard,
    InstanceMode,
    InstanceState,
    OrderRole,
    OrderSide,
    OrderState,
    OrderType,
    RunMode,
    TimeInForce,
)
from tradetui.domain.ids import ClientOrderId, Currency, InstrumentId, RouteId, StrategyId
from tradetui.domain.replica import (
    ChartView,
    HeaderView,
    InstanceView,
    InstrumentView,
    KillView,
    OrderView,
    ReplicaChange,
    ReplicaSnapshot,
    UiView,
)
from tradetui.services.errors import UserError
from tradetui.services.strategies import Schema, StrategyCheck, StrategyInfo
from tradetui.storage.instance_store import SqliteInstanceStore

SCHEMA: Schema = {
    "z": {"type": "float", "default": 2.0, "min": 0.5, "max": 5.0},
    "window": {"type": "int", "default": 20, "min": 1},
    "note": {"type": "string", "default": ""},
    "fast": {"type": "bool", "default": True},
    "side": {"type": "choice", "default": "long", "choices": ["long", "short"]},
    "levels": {"type": "list", "item": "float", "default": [1.0]},
}


class FakeCatalogue:
    """Two sound strategies and a broken one."""

    def __init__(self) -> None:
        self.infos = (
            StrategyInfo("broken", "", "/s/broken.py", "", problem="line 3: invalid syntax"),
            StrategyInfo("grid", "Grid", "/s/grid.py", "aa"),
            StrategyInfo("mean_revert", "Mean reversion", "/s/mean_revert.py", "bb"),
        )

    def found(self) -> tuple[StrategyInfo, ...]:
        return self.infos

    async def check(self, name: str) -> StrategyCheck:
        return StrategyCheck(name, "", ("fast: bars 5m own",), 10)

    async def schema(self, name: str) -> Schema:
        if name == "grid":
            raise UserError("strategy grid: cannot be loaded")
        return SCHEMA

    async def try_config(self, name: str, config: Mapping[str, Any]) -> str:
        return "" if config["window"] != 13 else f"strategy {name}: ValueError: 13 is unlucky"


class FakeEngine:
    """An EngineClient that shows a given snapshot and notes what it is asked."""

    def __init__(self, snapshot: ReplicaSnapshot) -> None:
        self.shown = snapshot
        self.sent: list[OperatorCommand] = []

    def snapshot(self) -> ReplicaSnapshot:
        return self.shown

    def changes(self, after: int) -> tuple[ReplicaChange, ...] | None:
        return ()

    async def send(self, command: OperatorCommand) -> CommandReply:
        self.sent.append(command)
        return CommandReply(True, "done")

    async def chart(
        self, strategy_id: StrategyId, timeframe_ns: int, count: int
    ) -> ChartView | None:
        return None

    async def get_ui(self, strategy_id: StrategyId) -> UiView:
        return UiView(strategy_id, 0, b"[]")


def _header(kills: tuple[KillView, ...] = ()) -> HeaderView:
    return HeaderView(
        run_mode=RunMode.PAPER,
        account="paper/main",
        feed="simulated",
        now=0,
        reporting_currency=Currency("USDT"),
        equity=None,
        day_pnl=None,
        day_loss_limit=None,
        exposure=None,
        exposure_limit=None,
        kills=kills,
        count_off=0,
        count_observe=0,
        count_active=0,
        count_limited=0,
        orders_open=0,
        orders_unknown=0,
        data_age=None,
        data_worst="",
        event_lag=0,
        queue_depth=0,
        drops=0,
        seq_id=0,
        journal_latency=None,
    )


def _view(
    name: str,
    state: InstanceState = InstanceState.ACTIVE,
    *,
    position: int = 0,
    price: int | None = 6_741_230,
    instrument: str = "BTC/USDT.SIM",
) -> InstanceView:
    off = state is InstanceState.OFF
    return InstanceView(
        strategy_id=StrategyId(name),
        strategy_type="mean_revert",
        label="",
        account="paper/main",
        symbol=instrument.partition(".")[0],
        instrument_id=InstrumentId(instrument),
        currency=Currency("USDT"),
        mode=InstanceMode.OFF if off else InstanceMode.ACTIVE,
        state=state,
        state_reason="",
        price=price,
        price_time=None,
        is_stale=False,
        position=position,
        entry_price=None,
        stop_price=None,
        target_price=None,
        guard=Guard.FLAT,
        orders_open=0,
        orders_unknown=0,
        open_pnl=None,
        day_pnl=None,
        fees_day=0,
        last_tick=None,
        next_tick=None,
        last_decision=None,
        last_decision_would=False,
        last_decision_time=None,
        config_json="{}",
        config_version=1,
        config_time=0,
        config_by="",
        revision=1,
        file_hash="",
    )


def _order(
    name: str, owner: str, role: OrderRole = OrderRole.ENTRY, **changes: object
) -> OrderView:
    order = OrderView(
        client_order_id=ClientOrderId(name),
        strategy_id=StrategyId(owner),
        route_id=RouteId("paper-main"),
        instrument_id=InstrumentId("BTC/USDT.SIM"),
        side=OrderSide.BUY,
        order_type=OrderType.LIMIT,
        quantity=1,
        filled_quantity=0,
        price=1,
        trigger_price=None,
        average_price=None,
        time_in_force=TimeInForce.GTC,
        role=role,
        state=OrderState.ACCEPTED,
        is_unknown=False,
        is_open=True,
        is_shadow=False,
        reason="",
        created_time=0,
        updated_time=0,
    )
    return msgspec.structs.replace(order, **changes)


def _snapshot(
    instances: tuple[InstanceView, ...],
    orders: tuple[OrderView, ...] = (),
    kills: tuple[KillView, ...] = (),
) -> ReplicaSnapshot:
    btc = InstrumentView(
        InstrumentId("BTC/USDT.SIM"), "BTC/USDT", Currency("BTC"), Currency("USDT"), 2, 8, 2, 5
    )
    return ReplicaSnapshot(1, _header(kills), (btc,), instances, orders, (), (), (), ())


@pytest.fixture
def catalogue() -> FakeCatalogue:
    """The strategies that there are."""
    return FakeCatalogue()


@pytest.fixture
def make_view() -> Callable[..., InstanceView]:
    """Makes a row of the instances table."""
    return _view


@pytest.fixture
def make_order() -> Callable[..., OrderView]:
    """Makes an order."""
    return _order


@pytest.fixture
def make_engine() -> Callable[..., FakeEngine]:
    """Makes an engine that shows instances, orders and kill-switches."""
    return lambda *parts: FakeEngine(_snapshot(*parts))


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteInstanceStore]:
    """A store on a real file."""
    opened = await SqliteInstanceStore.open(tmp_path / "state", RunMode.PAPER)
    yield opened
    await opened.close()
