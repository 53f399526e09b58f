"""One running instance: its strategy, and the edge that what goes wrong inside it does
not cross.
"""

from __future__ import annotations

import traceback as tracebacks
from collections.abc import Callable, Mapping
from functools import partial
from operator import itemgetter
from typing import Any, Final

import msgspec

from tradetui.domain.control import InstanceLoaded
from tradetui.domain.enums import CallbackOutcome, Severity
from tradetui.domain.ids import StrategyId
from tradetui.domain.intents import Intent
from tradetui.domain.text import printable
from tradetui.engine.errors import LoadError
from tradetui.engine.failures import FailingHooks
from tradetui.engine.guard import CallbackGuard, Handlers
from tradetui.engine.heartbeat import heartbeat_steps
from tradetui.engine.instance_port import InstancePort
from tradetui.engine.instance_spec import InstanceSpec, RenderResult
from tradetui.strategy import events
from tradetui.strategy.base import Strategy
from tradetui.strategy.context import Context
from tradetui.strategy.errors import StrategyError, StrategyTimeout, TradingNotAllowed
from tradetui.strategy.feeds import BarFeed, Feed

MAX_TRACEBACK: Final = 8_000
_TRACEBACK_FRAMES: Final = 20
_NOTHING: Final[list[Intent]] = []
"""What hooks return; never changed."""
_NO_HOOKS: Final[Handlers] = {}
_STORM: Final = (
    "it answers each answer to its orders with more orders, without end; make them on bars or ticks"
)

HOOKS: Final[dict[type, str]] = {
    events.BarView: "on_bar",
    events.QuoteView: "on_quote",
    events.TradeView: "on_market_trade",
    events.TickView: "on_tick",
    events.GapView: "on_gap",
    events.OrderView: "on_order",
    events.FillView: "on_fill",
    events.TimerView: "on_timer",
    events.ModeView: "on_mode",
    events.StartView: "on_start",
    events.StopView: "on_stop",
}
"""The hook that each view reaches, for reports of what failed."""


class Runner:
    """Calls one strategy and keeps count of how its callbacks end.

    The isolation edge: no exception of user code leaves ``call`` or ``render``; the intents of a
    callback that failed are lost, the strategy's state stays as the callback left it.
    """

    __slots__ = (
        "_failing",
        "_handlers",
        "_on_event",
        "called",
        "context",
        "error",
        "failing_rows",
        "failures",
        "get_kept",
        "guard",
        "has_failed",
        "is_frozen",
        "is_stopped",
        "is_warm",
        "kept_values",
        "outcome",
        "port",
        "spec",
        "strategy",
        "strategy_id",
        "takes_bars",
        "takes_quotes",
        "takes_ticks",
        "takes_trades",
        "touched",
        "traceback",
        "wants_fills",
        "wants_orders",
        "wants_ticks",
    )

    def __init__(
        self,
        spec: InstanceSpec,
        strategy_class: type[Strategy],
        port: InstancePort,
        guard: CallbackGuard | None,
    ) -> None:
        self.spec = spec
        self.strategy_id = spec.strategy_id
        self.port = port
        self.guard = guard
        self.failures = 0
        """Callbacks that failed since one of a failing hook ended well."""
        self.has_failed = False
        """The last callback to be noted has failed; for whoever notes it to reset."""
        self._failing = FailingHooks()
        self.failing_rows = self._failing.rows
        """The hooks whose last callbacks failed."""
        self.is_frozen = False
        """True while it is paused or stopped by its errors: no market hook, tick or timer."""
        self.is_stopped = False
        """True while its errors have stopped it: nothing of it is called."""
        self.outcome = CallbackOutcome.OK
        """How the last callback that failed ended."""
        self.error = ""
        self.traceback = ""
        self.kept_values: tuple[Any, ...] | None = None
        """STATE_SCHEMA's values when they were looked at last."""
        self.get_kept: Callable[[Any], tuple[Any, ...]] = tuple
        """Reads STATE_SCHEMA's values from a state; set by ``watch``."""
        self.touched: dict[StrategyId, Runner] | None = None
        """Where it enters itself whenever its strategy runs; None: nobody asks."""
        self.context = Context(port)
        self.strategy = self._construct(strategy_class)
        self._on_event: Callable[[Context, Any], list[Intent]] = self.strategy.on_event
        self._handlers = self._hooks_within(guard)
        """The short way to the hooks, without ``on_event``; None where that must be called."""
        self.called: Handlers = _NO_HOOKS
        """The strategy's own table while its market hooks are called and that way is open."""
        self.is_warm = self.strategy.is_warm
        self.wants_ticks = self.strategy.wants(events.TickView)
        self.wants_orders = self.strategy.wants(events.OrderView)
        self.wants_fills = self.strategy.wants(events.FillView)
        self.takes_bars = self.takes_quotes = self.takes_trades = self.takes_ticks = False
        self._decide()

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """The feeds of the strategy, in the order of DATA."""
        return self.strategy.feeds

    def wants(self, view: type) -> bool:
        """Tell whether an event of this class would reach the strategy."""
        return self.strategy.wants(view)

    def loaded_event(self) -> InstanceLoaded:
        """Return the event that tells the kernel of the instance."""
        spec = self.spec
        feeds = (feed for feed in self.feeds if isinstance(feed, BarFeed))
        wanted = dict.fromkeys((feed.instrument_id, feed.timeframe_ns) for feed in feeds)
        return InstanceLoaded(
            spec.strategy_id,
            spec.strategy_type,
            spec.execution_id,
            spec.market,
            spec.mode,
            spec.limits,
            spec.config_hash,
            spec.file_hash,
            spec.actor,
            spec.held,
            type(self.strategy).ON_ERROR,
            self.port.instruments,
            msgspec.json.encode(spec.config, order="sorted").decode(),
            tuple(sorted(wanted)),
            heartbeat_steps(self.strategy.TICK_MINUTES) if self.wants_ticks else 0,
        )

    def freeze(self, *, is_paused: bool, has_error: bool) -> None:
        """Take in what the kernel says of the instance."""
        if self.is_stopped and not has_error:
            self.failing_rows.clear()
            self.failures = 0
        self.is_frozen = is_paused or has_error
        self.is_stopped = has_error
        self._decide()

    def set_warm(self) -> None:
        """All feeds have what they need: hooks are called from the next item on."""
        self.is_warm = True
        self._decide()

    def _decide(self) -> None:
        """Work out which market events are handed over."""
        runs = self.is_warm and not self.is_frozen
        self.takes_bars = runs and self.wants(events.BarView)
        self.takes_quotes = runs and self.wants(events.QuoteView)
        self.takes_trades = runs and self.wants(events.TradeView)
        self.takes_ticks = runs and self.wants_ticks
        hooks = self.strategy.handlers
        self.called = hooks if runs and hooks is not None else _NO_HOOKS

    def call(self, view: Any) -> bool:
        """Hand one event to the strategy; what it asks for goes to the port, what it raises stays
        here. Return whether how it ended is to be noted: it failed, ended a row of failures, or
        asked for too much.
        """
        port, handlers = self.port, self._handlers
        returned: Any = _NOTHING
        if self.touched is not None:
            self.touched[self.strategy_id] = self
        try:
            if handlers is not None:
                handler = handlers.get(view.__class__)
                if handler is not None:
                    handler(view)
                if not (port.is_touched or self.failing_rows):
                    return False
            else:
                returned = self._call_whole(view)
            if port.is_touched or returned:
                self._absorb(returned)
        except (Exception, SystemExit, StrategyTimeout) as error:  # noqa: BLE001 - isolation edge
            return self.has_raised(view, error)
        return self._is_to_note(view)

    def has_ended(self, view: Any) -> bool:
        """Take over what a callback asked for that a guard called itself (``call_each``), and ended
        well; return as ``call`` does.
        """
        try:
            if self.port.is_touched:
                self._absorb(_NOTHING)
        except Exception as error:  # noqa: BLE001 - isolation edge
            return self.has_raised(view, error)
        return self._is_to_note(view)

    def has_raised(self, view: Any, error: BaseException) -> bool:
        """The same for a callback that raised."""
        if not isinstance(error, TradingNotAllowed):
            return self._fail(view, error)
        self.context.absorb([])
        self.port.end_callback()
        return self._is_to_note(view)

    def _is_to_note(self, view: Any) -> bool:
        if self.failing_rows and self._failing.is_ended_by(view.__class__):
            self.failures = 0
            return True
        return self.port.refused > 0

    def _absorb(self, returned: Any) -> None:
        """Take over what the callback asked for."""
        if self.port.is_storming:
            raise StrategyError(_STORM)
        self.context.absorb(returned)
        self.port.end_callback()

    def watch(self, touched: dict[StrategyId, Runner]) -> None:
        """Enter the instance in ``touched`` from here on, whenever its strategy runs."""
        self.touched = touched
        keys = tuple(self.strategy.STATE_SCHEMA)
        self.get_kept = itemgetter(keys[0], *keys)  # of a single key it would give no tuple

    def changed_kept(self) -> str | None:
        """Return what STATE_SCHEMA keeps, as canonical JSON, if any value is another than at the
        last call; None if not, or if a value does not fit its schema (that is said once).
        """
        state: Any = self.strategy.state
        try:
            try:
                values = self.get_kept(state)
            except KeyError:  # one is gone: its default counts
                values = tuple([state.get(key) for key in self.strategy.STATE_SCHEMA])
            if values == self.kept_values:
                return None
            self.kept_values = tuple([_fixed(value) for value in values])
            kept = self.strategy.dump_state()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - isolation edge
            self.port.note(one_line("STATE_SCHEMA", error), Severity.WARNING)
            return None
        return msgspec.json.encode(kept, order="sorted").decode()

    def _hooks_within(
        self, guard: CallbackGuard | None
    ) -> Mapping[type, Callable[[Any], None]] | None:
        """Return the hooks as they are called: within the guard if there is one. It looks them up
        anew each time, because the strategy's own table changes (``Strategy.handlers``).
        """
        hooks = self.strategy.handlers
        if guard is None or hooks is None:
            return hooks
        return {view: partial(guard.call, self.strategy_id, HOOKS[view], hooks) for view in hooks}

    def _call_whole(self, view: Any) -> Any:
        """Call ``on_event`` that is the strategy's own, within the guard if there is one."""
        guard = self.guard
        if guard is None:
            return self._on_event(self.context, view)
        guard.enter(self.strategy_id, HOOKS[view.__class__])
        try:
            return self._on_event(self.context, view)
        finally:
            guard.leave()

    def render(self, now: int) -> RenderResult:
        """Ask the strategy for its widgets; it may neither trade nor change what is replayed."""
        if self.touched is not None:
            self.touched[self.strategy_id] = self
        try:
            widgets = self._draw()
        except (Exception, SystemExit, StrategyTimeout) as error:  # noqa: BLE001 - isolation edge
            return RenderResult(
                self.strategy_id, now, (), one_line("render", error), traceback_of(error)
            )
        return RenderResult(self.strategy_id, now, widgets)

    def _draw(self) -> tuple[Any, ...]:
        guard = self.guard
        if guard is None:
            return self.strategy.draw()
        guard.enter(self.strategy_id, "render")
        try:
            return self.strategy.draw()
        finally:
            guard.leave()

    def _construct(self, strategy_class: type[Strategy]) -> Strategy:
        try:
            strategy, dropped = self._begin(strategy_class)
        except (Exception, SystemExit, StrategyTimeout) as error:  # noqa: BLE001 - isolation edge
            raise LoadError(one_line("loading", error), traceback_of(error)) from None
        for sentence in dropped:
            self.port.note(sentence)
        return strategy

    def _begin(self, strategy_class: type[Strategy]) -> tuple[Strategy, list[str]]:
        """Make the strategy, within the guard; return it, and what of its kept state did
        not fit.
        """
        guard = self.guard
        if guard is not None:
            guard.enter(self.strategy_id, "setup")
        try:
            strategy = strategy_class(self.context, self.spec.config)
            dropped = strategy.load_state(self.spec.kept_state) if self.spec.kept_state else []
            strategy.begin()
        finally:
            if guard is not None:
                guard.leave()
        return strategy, dropped

    def _fail(self, view: Any, error: BaseException) -> bool:
        self.context.discard()
        self.port.drop_callback()
        self.failures += 1
        self.has_failed = True
        self._failing.failed(view.__class__)
        self.error = one_line(HOOKS[view.__class__], error)
        self.traceback = traceback_of(error)
        is_timeout = isinstance(error, StrategyTimeout)
        self.outcome = CallbackOutcome.TIMEOUT if is_timeout else CallbackOutcome.ERROR
        return True


def _fixed(value: Any) -> Any:
    """Return a value that does not change with the strategy's own."""
    return list(value) if isinstance(value, list) else value


def one_line(where: str, error: BaseException) -> str:
    """Say in one printable line what was raised, and where."""
    if isinstance(error, SystemExit):
        return f"{where}: sys.exit() was called; a strategy must return instead"
    text = _text_of(error)
    if isinstance(error, StrategyError | StrategyTimeout) and text:
        return printable(f"{where}: {text}")
    return printable(f"{where}: {type(error).__name__}: {text}")


def describe(where: str, error: BaseException, path: str) -> str:
    """Say in one line what was raised, and in which line of the strategy's file, if in any."""
    line = None
    for frame, number in tracebacks.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == path:
            line = number
    if isinstance(error, SyntaxError) and error.filename == path:
        line = error.lineno
    place = where if line is None else f"{where}, line {line}"
    return one_line(place, error)


def traceback_of(error: BaseException) -> str:
    """Return the newest frames of a traceback: printable, bounded, without locals."""
    lines = tracebacks.format_exception(type(error), error, error.__traceback__, -_TRACEBACK_FRAMES)
    clean = [printable(line, 1_000) for text in lines for line in text.splitlines()]
    text = "\n".join(clean)
    return text if len(text) <= MAX_TRACEBACK else "...\n" + text[-MAX_TRACEBACK:]


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - __str__ of a user's exception is user code
        return "(its message cannot be shown)"
