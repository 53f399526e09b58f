"""What explains a run to a person: why an order was, why none was, and what happened meanwhile.

Plain records: a command prints them, a screen shows them, JSON carries them.
"""

from __future__ import annotations

from tradetui.domain.enums import Guard, InstanceState
from tradetui.domain.ids import Currency, StrategyId
from tradetui.domain.instruments import Instrument
from tradetui.domain.orders import Fill, Order, Position
from tradetui.domain.reasons import Reason
from tradetui.domain.record import Record


class SeenMarket(Record, frozen=True):
    """What an instance saw of one market: prices at the instrument's scale, None before the
    first.
    """

    instrument: Instrument
    price: int | None
    price_time: int | None
    bid: int | None
    ask: int | None
    position: Position
    guard: Guard


class SeenState(Record, frozen=True):
    """What an instance saw in one step, before it answered; money at CASH_SCALE.

    ``cash`` is what was free on its route in its market's quote currency; ``budget`` and
    ``budget_used`` are in that currency too.
    """

    seq_id: int
    strategy_id: StrategyId
    state: InstanceState
    state_reason: str
    markets: tuple[SeenMarket, ...]
    orders: tuple[Order, ...]
    currency: Currency
    cash: int
    budget: int
    budget_used: int


class GateLine(Record, frozen=True):
    """One condition as people read it: ``value`` measured against ``limit``."""

    name: str
    value: str
    limit: str
    passed: bool
    note: str = ""


class WhyLink(Record, frozen=True):
    """One link of the chain: what happened in which step, and its details.

    ``kind`` is ``event``, ``seen``, ``signal``, ``intent``, ``decision``, ``order``, ``fill``,
    ``said`` or ``act``.
    """

    kind: str
    seq_id: int
    time: int
    text: str
    details: tuple[str, ...] = ()
    gates: tuple[GateLine, ...] = ()


class Why(Record, frozen=True):
    """The chain from what came in to what it led to; ``subject`` is what was asked for.

    ``is_cut``: there was more than is told.
    """

    subject: str
    title: str
    run_id: str
    links: tuple[WhyLink, ...]
    is_cut: bool = False


class NearMiss(Record, frozen=True):
    """When a gate came nearest to passing: the distance as text, and the step."""

    distance: str
    value: str
    limit: str
    seq_id: int
    time: int


class GateMiss(Record, frozen=True):
    """How often one gate of a signal failed; ``alone``: as the only one."""

    name: str
    failed: int
    alone: int
    nearest: NearMiss | None = None


class SignalMiss(Record, frozen=True):
    """One signal of an instance over a span: how often it was weighed, and what came of it.

    ``ordered`` signals passed and an order was asked for; ``idle`` ones passed and none was.
    """

    name: str
    weighed: int
    passed: int
    ordered: int
    idle: int
    gates: tuple[GateMiss, ...]


class RiskStop(Record, frozen=True):
    """What the risk engine stopped for one reason: how often, and the last time with its gate."""

    reason: Reason
    count: int
    would: int
    modified: int
    last: GateLine | None
    last_seq: int
    last_time: int


class WhyNot(Record, frozen=True):
    """Why an instance made no more orders in a span of steps.

    ``now`` says what it may do at the end of them, and what it waits for.
    """

    strategy_id: StrategyId
    run_id: str
    first_step: int
    last_step: int
    from_time: int
    to_time: int
    signals: tuple[SignalMiss, ...]
    stops: tuple[RiskStop, ...]
    orders: int
    notes: tuple[str, ...] = ()
    now: tuple[str, ...] = ()


class PnlSplit(Record, frozen=True):
    """A change of equity and what it is made of; money at CASH_SCALE in the reporting currency.

    ``fees`` are what was charged (negative: a cost), ``funding`` what was paid or received for
    holding, ``slippage`` what fills that took liquidity cost against the last price before them,
    ``transfers`` money that came or went otherwise. ``move`` is what prices did to what was held,
    ``rates`` what the rates of other currencies did. ``change`` is their sum, and the change of
    equity.
    """

    change: int
    move: int
    fees: int
    funding: int
    slippage: int
    transfers: int
    rates: int


class SinceInstance(Record, frozen=True):
    """What one instance did meanwhile, in its market's currency at CASH_SCALE."""

    strategy_id: StrategyId
    currency: Currency
    fills: int
    pnl: int | None
    fees: int
    slippage: int


class Note(Record, frozen=True):
    """Something that happened, in one line."""

    seq_id: int
    time: int
    text: str
    strategy_id: StrategyId | None = None


class Since(Record, frozen=True):
    """What happened since a moment: ``from_text`` says which, and why that one.

    Times are the run's own: the data's in a replay. ``split`` is None while a price or a rate
    lacks. ``refusals`` count by reason.
    """

    from_text: str
    from_time: int
    to_time: int
    steps: int
    currency: Currency
    split: PnlSplit | None
    equity: int | None
    instances: tuple[SinceInstance, ...]
    fills: tuple[Fill, ...]
    fill_count: int
    gaps: tuple[Note, ...]
    restarts: tuple[Note, ...]
    kills: tuple[Note, ...]
    errors: tuple[Note, ...]
    acts: tuple[Note, ...]
    refusals: tuple[tuple[Reason, int], ...]
    instruments: tuple[Instrument, ...] = ()
