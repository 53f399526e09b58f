"""The class that users derive from.

How the engine drives a strategy (all of it inside the callback's guard, it is user code):

1. ``strategy = Class(Context(port), config)`` with a config that ``schema.validate`` accepted; then
   ``load_state`` with what was kept, ``begin()`` (builds the feeds, calls ``setup``).
2. For each market item: ``feed.push(record)`` on every feed of ``strategy.feeds`` that it belongs
   to (a bar's feed when a bar of its timeframe closed), then ``on_event(ctx, view)`` for each
   view in the order of DATA. Warm-up items are pushed and dispatched alike; no market hook is
   called before all feeds are warm. Other events come as the views of ``events.py``;
   ``wants(ViewClass)`` says whether building one is worth it.
3. After each ``on_event``: ``ctx.absorb(returned)``; after TradingNotAllowed ``ctx.absorb([])``;
   after any other exception ``ctx.discard()`` and the port drops what it was given.
4. ``draw()`` for the widgets, ``dump_state()`` for what is kept.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from types import MappingProxyType, SimpleNamespace
from typing import Any, ClassVar, Final, NoReturn

from tradetui.domain.intents import Intent
from tradetui.strategy.context import Context
from tradetui.strategy.errors import SchemaError, StrategyError
from tradetui.strategy.events import (
    BarView,
    EventView,
    ExitView,
    FillView,
    GapView,
    ModeView,
    OrderView,
    QuoteView,
    StartView,
    StopView,
    TickView,
    TimerView,
    TradeView,
)
from tradetui.strategy.feeds import BarsSpec, Feed, FeedSpec, bars, build_feed, quotes
from tradetui.strategy.helpers import OrderHelpers
from tradetui.strategy.plots import Plots
from tradetui.strategy.positions import PositionView
from tradetui.strategy.reading import RENDERING, RUNNING
from tradetui.strategy.roundtrips import RoundTrips
from tradetui.strategy.schema import Schema, dump_state, load_state
from tradetui.strategy.signals import GateInput
from tradetui.strategy.timeframes import duration_ns
from tradetui.strategy.widgets import Widget, parse_widgets

_MARKET_HOOKS: Final[dict[type, str]] = {
    BarView: "on_bar",
    QuoteView: "on_quote",
    TradeView: "on_market_trade",
    TickView: "on_tick",
}
_OTHER_HOOKS: Final[dict[type, str]] = {
    OrderView: "on_order",
    GapView: "on_gap",
}
ON_ERROR: Final = ("exit-only", "close")


class Config(SimpleNamespace):
    """The config as attributes: ``self.cfg.z``; read-only."""

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"the config is read-only: {name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"the config is read-only: {name} cannot be deleted")


class Strategy(OrderHelpers):
    """A trading strategy: derive from it, set what you need, override the hooks you use.

    One class serves many instances: keep what changes in ``self.state`` (or on ``self``), never on
    the class.
    """

    LABEL: ClassVar[str] = ""
    """The name shown to people; default: the file's name."""

    CONFIG_SCHEMA: ClassVar[Schema] = {}
    """What a person may set; drives the form and the check. See ``schema``."""

    STATE_SCHEMA: ClassVar[Schema] = {}
    """Keys of ``self.state`` kept over reload, restart and a new version of the file."""

    TICK_MINUTES: ClassVar[float] = 1.0
    """Minutes between calls of ``on_tick``, in steps of six seconds."""

    DATA: ClassVar[Mapping[str, FeedSpec]] = {"quotes": quotes(), "bars": bars("1m")}
    """The feeds, by the name under which they are found as attributes."""

    ON_ERROR: ClassVar[str] = "exit-only"
    """After three errors in a row: ``"exit-only"`` keeps the position, ``"close"`` closes it."""

    def __init__(self, context: Context, config: Mapping[str, Any]) -> None:
        self.context = context
        frozen = {k: tuple(v) if isinstance(v, list) else v for k, v in config.items()}
        self.config: Mapping[str, Any] = MappingProxyType(frozen)
        self.cfg = Config(**frozen)
        self._feeds: dict[str, Feed] = {}
        self._handlers: dict[type, Callable[[Any], None]] = {}
        self._plots = Plots()
        self._trips = RoundTrips()
        self._rng: random.Random | None = None
        state = self.init()
        if not isinstance(state, dict):
            raise StrategyError(f"init() must return a dict, got {type(state).__name__}")
        self.state: dict[str, Any] = state
        for key, entry in self.STATE_SCHEMA.items():
            default = entry["default"]
            state.setdefault(key, list(default) if isinstance(default, list) else default)

    # Hooks.

    def init(self) -> dict[str, Any]:
        """Return the first ``self.state``; called anew by every reload."""
        return {}

    def setup(self) -> None:
        """Attach indicators to the feeds; called once, before the first event."""

    def on_start(self) -> None:
        """The instance is loaded."""

    def on_tick(self, tick: TickView) -> None:
        """TICK_MINUTES have passed; ``tick.price`` is the last price."""

    def on_bar(self, bar: BarView) -> None:
        """A bar closed; ``bar.feed`` names its feed."""

    def on_quote(self, quote: QuoteView) -> None:
        """The best bid or ask changed."""

    def on_market_trade(self, trade: TradeView) -> None:
        """The market traded."""

    def on_order(self, order: OrderView) -> None:
        """Something happened to one of the instance's orders; ``order.cause`` names it."""

    def on_fill(self, fill: FillView) -> None:
        """One of the instance's orders was filled, in part or whole."""

    def on_exit(self, trip: ExitView) -> None:
        """A position was closed: one round trip, net of fees."""

    def on_timer(self, name: str) -> None:
        """A timer asked for with ``every``, ``at`` or ``after`` has come due."""

    def on_mode(self, change: ModeView) -> None:
        """The instance went between observe and active."""

    def on_gap(self, gap: GapView) -> None:
        """Market data were lost."""

    def on_stop(self) -> None:
        """The instance is about to be unloaded, or the engine stops; what is asked for now is
        refused.
        """

    def render(self) -> dict[str, Any]:
        """Return what the screen shows: ``{"widgets": [...]}``; may not trade or change state."""
        return {"widgets": []}

    def on_event(self, ctx: Context, event: EventView) -> list[Intent]:
        """Handle one event and return the intents; the native contract.

        This one calls the hook that fits and returns what the context recorded. Override it alone
        to handle every event in one place.
        """
        handler = self._handlers.get(event.__class__)
        if handler is not None:
            handler(event)
        recorded = ctx._memory.recorded
        return list(recorded) if recorded else []

    # What a strategy reads.

    @property
    def position(self) -> PositionView:
        """The position in the instance's own market; false when flat."""
        return self.context._port.own_position()

    @property
    def orders(self) -> list[OrderView]:
        """The instance's orders that are not finished, in order of creation."""
        return self.context.get_open_orders()

    @property
    def now(self) -> int:
        """The moment of the event being handled, ns UTC."""
        return self.context.now

    @property
    def rng(self) -> random.Random:
        """Random numbers that are the same in every replay of the run."""
        if self._rng is None:
            self._rng = random.Random(self.context.seed)
        return self._rng

    @property
    def plots(self) -> Mapping[str, list[list[float]]]:
        """What ``plot`` has kept: ``[time, value]`` pairs by name, ready for a line_chart."""
        return self._plots.series()

    # What a strategy does; orders are in OrderHelpers.

    def signal(self, name: str, /, **gates: GateInput) -> bool:
        """Weigh conditions, each ``(value, comparison, limit)`` or a bool; true when all passed.

        All are recorded, so that *why* and *why not* can be shown. None never passes.
        """
        return self.context.signal(name, **gates)

    def explain(self) -> list[str]:
        """Return what was decided last, line by line."""
        return self.context.explain()

    def log(self, message: object, level: str = "info") -> None:
        """Write a line to the instance's log; level debug, info, warning, error or alert."""
        self.context.log(message, level)

    def plot(self, name: str, value: float | None) -> None:
        """Keep a number for charts, with the moment; the newest of each name are kept."""
        self._plots.add(name, self.context.now, value)

    def every(self, interval: str | int, name: str = "timer") -> None:
        """Ask for ``on_timer(name)`` each ``interval`` (``"5m"``, or ns; 100 ms at the least) from
        now on.
        """
        step = _interval(interval)
        self.context.schedule(name, at=self.context.now + step, every=step)

    def at(self, time: int, name: str = "timer") -> None:
        """Ask for ``on_timer(name)`` once, at a moment (ns UTC)."""
        self.context.schedule(name, at=time)

    def after(self, delay: str | int, name: str = "timer") -> None:
        """Ask for ``on_timer(name)`` once, after ``delay`` (``"90s"``, or ns)."""
        self.context.schedule(name, at=self.context.now + _interval(delay))

    def cancel_timer(self, name: str = "timer") -> None:
        """Forget a timer."""
        self.context.unschedule(name)

    # What the engine calls.

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """The feeds in the order of DATA; empty before ``begin``."""
        return tuple(self._feeds.values())

    @property
    def handlers(self) -> Mapping[type, Callable[[Any], None]] | None:
        """What the hooks are called through, by class of event, for an engine that calls them
        itself; None where ``on_event`` is overridden and must be called. It changes with time.
        """
        return self._handlers if type(self).on_event is Strategy.on_event else None

    @property
    def is_warm(self) -> bool:
        """True when every feed has the bars it needs."""
        return all(feed.is_warm for feed in self._feeds.values())

    def begin(self) -> None:
        """Build the feeds, call ``setup`` and make ready for the first event."""
        for name, spec in self.DATA.items():
            if hasattr(type(self), name) or name in vars(self):
                raise SchemaError(f"DATA: a feed cannot be named {name!r}, Strategy has that name")
            if isinstance(spec, BarsSpec):
                spec = spec.configured(self.config)
            feed = build_feed(name, spec, self.context.instrument(spec.market))
            self._feeds[name] = feed
            setattr(self, name, feed)
        self.setup()
        for feed in self.feeds:
            self._trips.resume(self.context.ledger_position(feed.symbol))
        self._handlers = self._make_handlers()
        self.context.enter_phase(RUNNING)

    def wants(self, view: type) -> bool:
        """Tell whether an event of this class would reach anything of the strategy's own."""
        return type(self).on_event is not Strategy.on_event or view in self._handlers

    def draw(self) -> tuple[Widget, ...]:
        """Call ``render`` where it may not trade, and return the widgets it described."""
        phase = self.context.enter_phase(RENDERING)
        dice = None if self._rng is None else self._rng.getstate()
        try:
            return parse_widgets(self.render())
        finally:
            # render is not journalled: what it draws from rng must not change the run.
            if dice is None or self._rng is None:
                self._rng = None
            else:
                self._rng.setstate(dice)
            self.context.enter_phase(phase)

    def dump_state(self) -> dict[str, Any]:
        """Return the part of the state that STATE_SCHEMA keeps."""
        return dump_state(self.STATE_SCHEMA, self.state)

    def load_state(self, kept: Mapping[str, Any]) -> list[str]:
        """Take back what ``dump_state`` gave; return a sentence for each key that does not fit."""
        return load_state(self.STATE_SCHEMA, self.state, kept)

    # Dispatch.

    def _make_handlers(self) -> dict[type, Callable[[Any], None]]:
        """One bound method for each class of event that some override cares for."""
        handlers: dict[type, Callable[[Any], None]] = {
            StartView: lambda event: self.on_start(),
            StopView: lambda event: self.on_stop(),
            TimerView: lambda event: self.on_timer(event.name),
            ModeView: self.on_mode,
        }
        if self._overrides("on_fill") or self._overrides("on_exit"):
            handlers[FillView] = self._handle_fill
        for view, hook in _OTHER_HOOKS.items():
            if self._overrides(hook):
                handlers[view] = getattr(self, hook)
        for view, hook in _MARKET_HOOKS.items():
            if self._overrides(hook):
                handlers[view] = self._handle_while_cold
        return handlers

    def _overrides(self, hook: str) -> bool:
        return getattr(type(self), hook) is not getattr(Strategy, hook)

    def _handle_while_cold(self, event: BarView | QuoteView | TradeView | TickView) -> None:
        """Drop market events until all feeds are warm; then call the hooks directly."""
        if event.is_warmup or not self.is_warm:
            return
        for view, hook in _MARKET_HOOKS.items():
            if self._overrides(hook):
                self._handlers[view] = getattr(self, hook)
        if self._overrides("on_tick"):
            self._handlers[TickView] = self._handle_tick
        self._handlers[event.__class__](event)

    def _handle_tick(self, tick: TickView) -> None:
        """Wait for the first price: ``tick.price`` is always a number in ``on_tick``."""
        if tick.price is not None:
            self.on_tick(tick)

    def _handle_fill(self, fill: FillView) -> None:
        self.on_fill(fill)
        trip = self._trips.take(fill._fill, fill._instrument)
        if trip is not None:
            self.on_exit(trip)


def _interval(value: str | int) -> int:
    if isinstance(value, str):
        return duration_ns(value)
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise StrategyError(f'an interval is a text such as "5m", or ns above 0; got {value!r}')
    return value
