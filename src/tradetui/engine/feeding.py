"""Market data and time on their way to the strategies: feeds first, then the hooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tradetui.domain.control import WarmupChanged
from tradetui.domain.enums import Severity
from tradetui.domain.envelope import Envelope, Payload
from tradetui.domain.formatting import age
from tradetui.domain.ids import StrategyId
from tradetui.domain.market_data import Bar, DataGap, Quote, Trade
from tradetui.domain.timers import Heartbeat
from tradetui.engine.guard import CallbackGuard
from tradetui.engine.heartbeat import HeartbeatSchedule
from tradetui.engine.market import QUOTES, TRADES, BarSource, Desk, Market
from tradetui.engine.runner import Runner
from tradetui.strategy.events import BarView, GapView, TradeView
from tradetui.strategy.feeds import BarFeed, QuoteFeed


class Feeding:
    """Fills the feeds of every instance that a market item concerns, and calls it.

    All feeds of an instance are filled before its first hook is called. Until all are warm the
    hooks are not called; the item that makes them warm is followed by WarmupChanged, the next item
    is the first that a hook sees.
    """

    def __init__(
        self,
        market: Market,
        runners: dict[StrategyId, Runner],
        schedule: HeartbeatSchedule,
        call: Callable[[Runner, Any], None],
        note: Callable[[Runner, Any], None],
        followups: list[Payload],
        guard: CallbackGuard | None = None,
    ) -> None:
        self._market = market
        self._desks = market.desks
        self._runners = runners
        self._schedule = schedule
        self._call = call
        self._note = note
        self._followups = followups
        self._guard = guard

    def on_bar(self, envelope: Envelope, bar: Bar) -> None:
        """Take a closed bar: deliver it, and the longer bars that it closes."""
        desk = self._desks.get(envelope.instrument)
        if desk is None:
            return
        closed = bar.close_time
        length = closed - bar.open_time
        if (
            length != desk.base_ns or closed <= desk.last_close or bar.warmup_for is not None
        ) and not self._is_next(desk, bar, length):
            return
        desk.last_close = closed
        desk.append(bar)
        if desk.builders:
            longer = desk.add_bar(bar)
            if longer:
                self._deliver(desk, [bar, *longer])
                return
        for runner, push, feeds in desk.on_base_bars:
            if push is None:
                self._deliver_to(runner, feeds, [bar])
                continue
            view = push(bar)
            if runner.takes_bars:
                if runner.call(view):
                    self._note(runner, view)
            elif not runner.is_warm:
                self._check_warm(runner)

    def _is_next(self, desk: Desk, bar: Bar, length: int) -> bool:
        """Tell whether a bar that looks unusual is one of the market's own, and the next; a bar of
        history goes to its instance instead.
        """
        if bar.warmup_for is not None:
            self._warm_up(desk, bar)
            return False
        if length != desk.base_ns:
            self._learn_length(desk, length)
        return length == desk.base_ns and bar.close_time > desk.last_close

    def _deliver(self, desk: Desk, bars: list[Bar]) -> None:
        """Give several closed bars of one market to everyone who wants any of them."""
        key = desk.instrument.instrument_id
        for runner in desk.runners:
            feeds = [f for f in runner.feeds if isinstance(f, BarFeed) and f.instrument_id == key]
            self._deliver_to(runner, feeds, bars)

    def _deliver_to(self, runner: Runner, feeds: Any, bars: list[Bar]) -> None:
        """Fill all feeds first, so that each hook finds every feed up to date; then call."""
        views: list[BarView] = []
        for feed in feeds:
            for bar in bars:
                if bar.close_time - bar.open_time == feed.timeframe_ns:
                    views.append(feed.push(bar))
        if runner.takes_bars:
            for view in views:
                self._call(runner, view)
        elif views and not runner.is_warm:
            self._check_warm(runner)

    def _warm_up(self, desk: Desk, bar: Bar) -> None:
        """Put a bar of history into the feeds of the one instance that it is meant for."""
        runner = self._runners.get(bar.warmup_for) if bar.warmup_for is not None else None
        if runner is None:
            return
        length = bar.close_time - bar.open_time
        for feed in runner.feeds:
            if (
                isinstance(feed, BarFeed)
                and feed.timeframe_ns == length
                and feed.instrument_id == desk.instrument.instrument_id
                and (feed.last is None or feed.last.close_time < bar.close_time)
            ):
                feed.push(bar)
        self._check_warm(runner)

    def _check_warm(self, runner: Runner) -> None:
        if not runner.is_warm and runner.strategy.is_warm:
            runner.set_warm()
            self._followups.append(WarmupChanged(runner.strategy_id, is_warm=True))

    def _learn_length(self, desk: Desk, length: int) -> None:
        before = desk.cannot_make()
        desk.see(BarSource.BARS, length)
        for timeframe in desk.cannot_make():
            if timeframe not in before:
                for listener in desk.on_bars.get(timeframe, ()):
                    listener.runner.port.note(
                        f"{desk.instrument.symbol} comes in bars of {age(length)}: bars of "
                        f"{age(timeframe)} cannot be made of them",
                        Severity.ERROR,
                    )

    def on_trade(self, envelope: Envelope, trade: Trade) -> None:
        """Take a public trade."""
        desk = self._desks.get(envelope.instrument)
        if desk is None:
            return
        if desk.source <= TRADES and desk.series:
            self._derived(desk, desk.add_trade(envelope.event_time, trade))
        for runner, feeds in desk.on_trades:
            views: list[TradeView] = [feed.push(trade, envelope.event_time) for feed in feeds]
            if runner.takes_trades:
                for view in views:
                    self._call(runner, view)

    def on_quote(self, envelope: Envelope, quote: Quote) -> None:
        """Take a best bid and ask."""
        desk = self._desks.get(envelope.instrument)
        if desk is None:
            return
        if desk.source <= QUOTES and desk.series:
            self._derived(desk, desk.add_quote(envelope.event_time, quote))
        time, guard, note = envelope.event_time, self._guard, self._note
        for feeds, runners, is_shared in desk.on_quotes:
            if not is_shared:
                self._quote_to_all(runners[0], feeds, time, quote)
                continue
            view = feeds[0].view_of(quote, time)
            for feed in feeds:
                feed.take(view)
                feed.count += 1
            if guard is not None:
                guard.call_each(runners, "on_quote", view, note)
                continue
            for runner in runners:
                if runner.takes_quotes and runner.call(view):
                    note(runner, view)

    def _quote_to_all(
        self, runner: Runner, feeds: tuple[QuoteFeed, ...], time: int, quote: Quote
    ) -> None:
        """Fill all feeds of an instance for one market first, then call it for each."""
        views = [feed.push(quote, time) for feed in feeds]
        if runner.takes_quotes:
            for view in views:
                self._call(runner, view)

    def _derived(self, desk: Desk, bars: list[Bar]) -> None:
        """Deliver bars made of trades or quotes, and ask to be woken when the next one ends."""
        if bars:
            self._deliver(desk, bars)
        end = desk.next_end()
        if end is not None and end != desk.woken_for:
            desk.woken_for = end
            self._schedule.wake_at(end)

    def on_gap(self, envelope: Envelope, gap: DataGap) -> None:
        """Say that data were lost."""
        desk = self._desks.get(envelope.instrument)
        if desk is None:
            return
        symbol = desk.instrument.symbol
        view = GapView(symbol, gap.from_time, gap.to_time, gap.reason, envelope.event_time)
        for runner in desk.runners:
            if runner.wants(GapView) and not runner.is_frozen:
                self._call(runner, view)

    def on_heartbeat(self, envelope: Envelope, beat: Heartbeat) -> None:
        """End the bars whose time has come; tick the instances that are due."""
        for desk in self._market.desks.values():
            if desk.builders and desk.source is not BarSource.BARS:
                self._derived(desk, desk.pass_time(envelope.event_time))
        for strategy_id in beat.due:
            runner = self._runners.get(strategy_id)
            if runner is not None and runner.takes_ticks:
                self._call(runner, runner.context.tick(beat.number))
