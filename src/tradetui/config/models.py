"""The sections of the config file."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from tradetui.config.feeds import Feed
from tradetui.config.numbers import (
    BasisPoints,
    Gigabytes,
    Limit,
    Money,
    Rate,
    Seconds,
    Share,
)
from tradetui.config.section import (
    LISTED,
    Count,
    CurrencyName,
    InstanceId,
    Name,
    Section,
    StrategyName,
    Symbol,
    Text,
    one_of,
)
from tradetui.domain.enums import (
    InstanceMode,
    InvariantPolicy,
    QueuePolicy,
    RunMode,
    Scope,
    Source,
)
from tradetui.domain.envelope import DEFAULT_SOURCE_PRIORITY
from tradetui.domain.text import printable


class ProfileSection(Section):
    """What the state folder is for."""

    name: Name = "default"
    """Names the state folder, where no other is named."""
    run_mode: Annotated[RunMode, one_of(RunMode)]
    """What the state folder is for, for ever. This version runs paper."""
    reporting_currency: CurrencyName
    """The currency of all limits and totals."""
    state: Text = ""
    """The state folder; empty = the user's own, by the name of the profile."""


class EngineSection(Section):
    """How the engine runs."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    """Decides the made-up market and the chance of strategies."""
    invariants: Annotated[InvariantPolicy, one_of(InvariantPolicy)] = InvariantPolicy.STRICT
    """What a broken invariant does: `strict` stops the engine, `route_halt` halts the route,
    `warn` only says it."""
    source_priority: Annotated[tuple[Annotated[Source, one_of(Source)], ...], LISTED] = (
        DEFAULT_SOURCE_PRIORITY
    )
    """Which of what arrives together comes first."""
    queue_size: Count = 10_000
    """Market items that may wait for the engine."""
    queue_policy: Annotated[QueuePolicy, one_of(QueuePolicy)] | None = None
    """What a full queue does with one more market item, in real time: `block` lets the feed wait,
    `bounded_drop` conflates quotes and tells of what is lost, `fail_fast` ends the feed. Not set:
    `bounded_drop`. Replays always block."""
    max_closed_orders: Count = 10_000
    """So many closed orders stay in memory; the journal keeps all."""
    max_consecutive_errors: Annotated[int, Field(ge=1, le=100)] = 3
    """After so many failed callbacks in a row an instance enters nothing more."""
    callback_soft: Seconds = 50_000_000
    """A callback that takes longer is warned about."""
    callback_hard: Seconds = 2_000_000_000
    """A callback that takes longer is interrupted."""

    @field_validator("source_priority")
    @classmethod
    def _complete(cls, value: tuple[Source, ...]) -> tuple[Source, ...]:
        if sorted(value) != sorted(Source):
            words = ", ".join(source.value for source in Source)
            raise PydanticCustomError("order", "must name each once: {words}", {"words": words})
        return value

    @model_validator(mode="after")
    def _budgets(self) -> EngineSection:
        if self.callback_hard < self.callback_soft:
            raise PydanticCustomError("order", "callback_hard must not be below callback_soft")
        return self


class JournalSection(Section):
    """How much of the past is kept. Orders, decisions, fills and acts are kept whole, always."""

    max_size: Gigabytes = 5_000_000_000
    """Gigabytes on the disk from which on the archive drops its oldest market data."""
    min_free: Gigabytes = 500_000_000
    """Gigabytes free on the disk; with less, no entries are made, cancels and exits go on."""
    verify_every: Annotated[int, Field(ge=0, le=8_760)] = 24
    """Hours between two checks of the whole journal beside the engine, the first five minutes after
    a start; 0 = only by `tradetui journal verify`."""


class AccountSection(Section):
    """An execution context: what a record calls its account."""

    id: Name
    """What records and bindings call it."""
    key_file: Text = ""
    """A file with the keys, readable by its owner only."""


class RouteSection(Section):
    """A way from an account to a venue. Fees are fractions; left out = those of the instrument."""

    id: Name
    """What the journal and bindings call it."""
    account: Name
    """The account that it belongs to."""
    venue: Name
    """The venue of its markets, as the feed names it."""
    broker: Literal["simulated"] = "simulated"
    """Who carries its orders out."""
    opening_cash: dict[CurrencyName, Money] = Field(default={})
    """Money at the very first start, by currency; later starts carry on what there is."""
    maker_fee: Rate | None = None
    """Fraction of the value paid by what rested, 0.001 is 0.1 %; negative is a rebate."""
    taker_fee: Rate | None = None
    """The same for what trades at once."""
    slippage_bps: BasisPoints = 0
    """Basis points by which the price of what trades at once is moved against us."""
    latency_ms: int = 0
    """Milliseconds until a command reaches the simulated venue."""
    latency_bars: int = 0
    """In place of latency_ms: items of its market until a command reaches the simulated venue."""
    fee_in_base: bool = False
    """Whether purchases on spot pay their fee in the coin that is bought."""
    touch_fills: bool = True
    """Whether a bar that only touches a limit fills it; false = the price must go through it."""
    fill_model: Literal["full", "volume_cap"] = "full"
    """How much of an order one bar, trade or quote can fill: all of it, or a share
    (volume_cap)."""
    volume_cap: Share = 1_000_000
    """With volume_cap: the share of a bar's or trade's volume that our orders may take."""
    markets: Annotated[tuple[Symbol, ...], LISTED] = ()
    """Empty = all of the venue."""

    @field_validator("latency_ms", mode="before")
    @classmethod
    def _milliseconds(cls, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 60_000:
            raise PydanticCustomError("number", "must be whole milliseconds from 0 to 60000")
        return value

    @field_validator("latency_bars", mode="before")
    @classmethod
    def _items(cls, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1_000:
            raise PydanticCustomError("number", "must be a whole number from 0 to 1000")
        return value

    @model_validator(mode="after")
    def _one_latency(self) -> RouteSection:
        if self.latency_ms and self.latency_bars:
            raise PydanticCustomError(
                "order", "latency_ms and latency_bars exclude each other; set one of them to 0"
            )
        return self


class RiskSection(Section):
    """A risk profile: limits on entries of what it is bound to; what is left out does not limit."""

    max_order_quantity: Limit | None = None
    """Of one order, in units of the base coin."""
    max_order_notional: Limit | None = None
    """Of one order, in the reporting currency."""
    max_position_quantity: Limit | None = None
    """Of the position in one market with all working orders on its side, in units of the base
    coin."""
    max_position_notional: Limit | None = None
    """The same in the reporting currency, at the mark."""
    max_exposure: Limit | None = None
    """Of all positions and working orders together at their worst, in the reporting currency."""
    max_open_orders: Count | None = None
    """Orders that are open at once."""
    max_orders: Count | None = None
    """Orders within `order_window`."""
    order_window: Seconds = 1_000_000_000
    """Seconds over which `max_orders` counts."""
    price_collar: Share | None = None
    """How far a limit price may be beyond the mark on the dear side, as a fraction."""
    allow: Annotated[tuple[Symbol, ...], LISTED] = ()
    """Markets that may be traded; empty = all."""
    block: Annotated[tuple[Symbol, ...], LISTED] = ()
    """Markets that may not be traded."""
    max_daily_loss: Limit | None = None
    """Lost since midnight UTC, open profit counted; from there on nothing is entered."""
    max_drawdown: Share | None = None
    """Fall from the best equity so far, as a fraction; from there on nothing is entered."""
    max_data_age: Seconds | None = None
    """Seconds since the last price of the market: when older it is STALE, and entries wait."""
    max_clock_skew: Seconds | None = None
    """Seconds by which a price's own time may differ from our clock."""
    prevent_self_cross: bool = True
    """Refuse an order that would trade with another of ours."""
    may_reduce: bool = True
    """Cut an order that is too large to what is allowed; false = refuse it."""


class BindingSection(Section):
    """Binds a risk profile to everything, an account, a route or an instance."""

    profile: Name
    """The name of a `[risk.NAME]`."""
    scope: Annotated[Scope, one_of(Scope)] = Scope.GLOBAL
    """What it is bound to."""
    key: Text = ""
    """Which account, route or instance; empty for `global`."""


class LimitsSection(Section):
    """Hard limits of an instance, in the reporting currency."""

    budget: Limit | None = None
    """The most money that the instance may use."""
    max_orders_per_hour: Count | None = None
    """Orders within any hour; reached, the instance is exit-only."""
    max_fees_per_day: Limit | None = None
    """Fees since midnight UTC; reached, the instance is exit-only."""
    max_loss_per_day: Limit | None = None
    """Lost since midnight UTC, open profit counted; reached, the instance is exit-only."""


class InstanceSection(Section):
    """A record that is made when the state folder is new."""

    id: InstanceId
    """Its name, for ever."""
    strategy: StrategyName
    """The file of the strategy, without `.py`."""
    account: Name
    """The account that it trades on."""
    market: Symbol
    """Its own market."""
    mode: Annotated[InstanceMode, one_of(InstanceMode)] = InstanceMode.OFF
    """What it begins in."""
    config: dict[str, Any] = Field(default={})
    """Values of the strategy's own settings; the others have their defaults."""

    @field_validator("config")
    @classmethod
    def _plain_values(cls, value: dict[str, Any]) -> dict[str, Any]:
        for key, item in value.items():
            for single in item if isinstance(item, list) else [item]:
                if not isinstance(single, bool | int | str | Decimal):
                    text = "{key} must be a number, a text, true, false, or a list of those"
                    raise PydanticCustomError("value", text, {"key": printable(key, 64)})
                if isinstance(single, Decimal) and not single.is_finite():
                    text = "{key} must be a finite number"
                    raise PydanticCustomError("value", text, {"key": printable(key, 64)})
        return value


class StrategiesSection(Section):
    """Folders with strategy files, the first wins a name; the shipped samples come last."""

    folders: Annotated[tuple[Text, ...], LISTED] = ()
    """Folders to look into, in order, before the own one and the samples."""
    samples: bool = True
    """Whether the shipped samples can be chosen."""


class UiSection(Section):
    """The console."""

    theme: Name = "dark"
    """Name of a theme, shipped or own."""
    ascii: bool = False
    """Draw with plain ASCII."""
    fps: Annotated[int, Field(ge=1, le=30)] = 10
    """Redraws a second at most."""


class Config(Section):
    """The whole file."""

    profile: ProfileSection
    """What the state folder is for."""
    engine: EngineSection = EngineSection()
    """How the engine runs."""
    journal: JournalSection = JournalSection()
    """How much of the past is kept."""
    accounts: list[AccountSection]
    """What records call an account."""
    routes: list[RouteSection]
    """Ways from accounts to venues."""
    risk: dict[Name, RiskSection] = Field(default={})
    """Risk profiles by name."""
    bindings: list[BindingSection] = Field(default=[])
    """Which profile binds where."""
    limits: dict[str, LimitsSection] = Field(default={})
    """By instance id; ``default`` is for all others."""
    instances: list[InstanceSection] = Field(default=[])
    """Records that a new state folder begins with."""
    feeds: list[Feed]
    """Where prices come from."""
    strategies: StrategiesSection = StrategiesSection()
    """Where strategy files are."""
    ui: UiSection = UiSection()
    """The console."""
