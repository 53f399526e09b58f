"""From the config file to the records that the engine works with."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tradetui.config.models import Config, RiskSection, RouteSection
from tradetui.domain.capabilities import SIMULATED
from tradetui.domain.codec import digest
from tradetui.domain.ids import (
    AccountId,
    BrokerId,
    Currency,
    ExecutionId,
    RouteId,
    RunId,
    StrategyId,
    instrument_id,
)
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.risk import InstanceLimits, ProfileBinding, RiskProfile
from tradetui.domain.steps import ExecutionContextConfig, KernelConfig, RouteConfig

DEFAULT_LIMITS: Final = "default"
_encoder: Final = msgspec.json.Encoder(order="deterministic", decimal_format="number")


def kernel_config(config: Config, run_id: RunId) -> KernelConfig:
    """Build the kernel's config for one run."""
    return KernelConfig(
        run_id=run_id,
        run_mode=config.profile.run_mode,
        reporting_currency=Currency(config.profile.reporting_currency),
        routes=tuple(_route(route) for route in config.routes),
        contexts=tuple(
            ExecutionContextConfig(
                ExecutionId(account.id),
                tuple(RouteId(r.id) for r in config.routes if r.account == account.id),
            )
            for account in config.accounts
        ),
        profiles=tuple(
            risk_profile(name, section) for name, section in sorted(config.risk.items())
        ),
        bindings=tuple(
            ProfileBinding(binding.profile, binding.scope, binding.key)
            for binding in config.bindings
        ),
        source_priority=config.engine.source_priority,
        invariant_policy=config.engine.invariants,
        max_closed_orders=config.engine.max_closed_orders,
        max_consecutive_errors=config.engine.max_consecutive_errors,
    )


def instance_limits(config: Config, strategy_id: StrategyId) -> InstanceLimits:
    """Return the limits of an instance: its own where it has them, else the defaults."""
    default = config.limits[DEFAULT_LIMITS]
    own = config.limits.get(strategy_id, default)
    values = {
        name: getattr(own, name) if getattr(own, name) is not None else getattr(default, name)
        for name in ("budget", "max_orders_per_hour", "max_fees_per_day", "max_loss_per_day")
    }
    return InstanceLimits(**values)


def first_records(config: Config) -> tuple[InstanceRecord, ...]:
    """Return the instances of the file, with the mode they shall be led to, in ascending id."""
    records = (
        InstanceRecord(
            strategy_id=StrategyId(section.id),
            strategy_type=section.strategy,
            account=ExecutionId(section.account),
            market=section.market,
            mode=section.mode,
            config_json=canonical_json(section.config),
        )
        for section in config.instances
    )
    return tuple(sorted(records, key=lambda record: record.strategy_id))


def canonical_json(values: dict[str, Any]) -> str:
    """Write an instance's config as JSON: keys in order, no blanks, decimals as they are."""
    return _encoder.encode(values).decode()


def config_hash(config: KernelConfig) -> str:
    """Return the hash that a journal's header carries."""
    return digest(config)


def _route(section: RouteSection) -> RouteConfig:
    return RouteConfig(
        route_id=RouteId(section.id),
        execution_id=ExecutionId(section.account),
        broker_id=BrokerId(section.broker),
        account_id=AccountId(section.account),
        venue=section.venue,
        capabilities=SIMULATED,
        opening_cash=tuple(
            (Currency(name), amount) for name, amount in sorted(section.opening_cash.items())
        ),
        instruments=tuple(instrument_id(symbol, section.venue) for symbol in section.markets),
    )


def risk_profile(name: str, section: RiskSection) -> RiskProfile:
    """Build a risk profile of its section."""
    return RiskProfile(
        name=name,
        max_order_quantity=section.max_order_quantity,
        max_order_notional=section.max_order_notional,
        max_position_quantity=section.max_position_quantity,
        max_position_notional=section.max_position_notional,
        max_exposure=section.max_exposure,
        max_open_orders=section.max_open_orders,
        max_orders=section.max_orders,
        order_window_ns=section.order_window,
        price_collar_ppm=section.price_collar,
        allow=section.allow,
        block=section.block,
        max_daily_loss=section.max_daily_loss,
        max_drawdown_ppm=section.max_drawdown,
        max_data_age_ns=section.max_data_age,
        max_clock_skew_ns=section.max_clock_skew,
        prevent_self_cross=section.prevent_self_cross,
        may_reduce=section.may_reduce,
    )
