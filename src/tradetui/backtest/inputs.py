"""Feeds the inputs of a recorded run into a step loop: prices and acts; all else follows anew.

What a recorded step is: market data and acts of the operator or the engine come from outside and
are fed again. Reports of the simulated venue, denials, timers and the end of a warm-up follow from
them and are made anew; the recorded ones only say when, where time was the wall's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from tradetui.backtest.bar_opens import BarOpens
from tradetui.backtest.errors import ReplayError
from tradetui.backtest.strategy_files import StrategyFiles, given_back, kept_text
from tradetui.domain.control import (
    CancelRequested,
    CloseRequested,
    InstanceLoaded,
    InstanceUnloaded,
    WarmupChanged,
)
from tradetui.domain.enums import Source
from tradetui.domain.envelope import Envelope, Unsequenced
from tradetui.domain.ids import StrategyId, is_shadow
from tradetui.domain.market_data import Bar, InstrumentUpdated, MarketItem, Quote, Trade
from tradetui.domain.reports import CashAdjusted, OutcomeUnknown, PositionSettled
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.steps import StepRecord
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.engine.errors import LoadError
from tradetui.engine.step_loop import StepLoop

LATE_NS: Final = 5 * NANOS_PER_SECOND
"""In wall time under changed rules: how late a due timer is delivered that the record has not."""

_MOMENTS: Final = 1_000
_TICKS: Final = (Trade, Quote)
_FROM_OUTSIDE: Final = (CashAdjusted, PositionSettled, OutcomeUnknown)
"""Reports that the simulated venue never makes."""

LimitsOf = Callable[[StrategyId, InstanceLimits], InstanceLimits]
"""Gives an instance's limits in the place of the recorded ones."""


class Inputs:
    """Hands recorded inputs to ``loop``, one recorded step at a time.

    ``opens`` are the opens of the run's bars, None in wall time. ``is_changed`` tells that the loop
    works under other rules, so that its steps are not those of the record.
    """

    def __init__(
        self,
        loop: StepLoop,
        files: StrategyFiles,
        opens: BarOpens | None,
        *,
        limits_of: LimitsOf,
        is_changed: bool,
    ) -> None:
        self._loop = loop
        self._files = files
        self._opens = opens
        self._unloaded: dict[StrategyId, str] = {}
        self._limits_of = limits_of
        self._is_changed = is_changed
        self._reports: list[Envelope] = []
        """Recorded reports that have not been made anew: of the next item, or of time."""
        self._is_within_bar = False
        self._passed = -1
        """Up to which time recorded timers have come since the last price, in virtual time."""
        self.notes: list[str] = []

    def feed(self, step: StepRecord) -> None:
        """Feed a recorded step, if it is an input; raises ReplayError where that cannot be done."""
        event = step.event
        source = event.source
        if source is Source.BROKER_REPORT:
            self._report(event)
            return
        if self._reports:
            self._settle_reports(event)
        if source is Source.MARKET_DATA:
            self._passed = -1
            self._market(event)
        elif source is Source.CONTROL:
            self._act(event, step.result.opens)
        elif self._opens is not None:
            self._passed = event.event_time
        elif self._loop.schedule.next_due <= event.ingest_time:
            self._loop.advance(event.ingest_time)

    def end(self) -> None:
        """Say what of the end of the run could not be made anew."""
        if self._reports and not self._is_changed:
            self.notes.append(
                f"the last {len(self._reports)} recorded reports could not be made anew: what led "
                "to them (the open of a bar that never closed) is not in the journal"
            )

    # Prices.

    def _market(self, event: Envelope) -> None:
        payload: Any = event.payload
        loop = self._loop
        if isinstance(payload, Bar) and payload.warmup_for is not None:
            loop.warm_up(((event.instrument, payload),))
            return
        if self._opens is not None:
            for item in self._opens.take_before(
                event.event_time, is_tick=isinstance(payload, _TICKS)
            ):
                loop.ingest(item)
        elif self._is_changed and loop.schedule.next_due + LATE_NS <= event.ingest_time:
            loop.advance(loop.schedule.next_due)
        if isinstance(payload, InstrumentUpdated):
            loop.now = max(loop.now, event.ingest_time)
            loop.host.reference.register(payload.instrument)
        item = MarketItem(event.event_time, event.venue, event.instrument, payload)
        loop.ingest(item, event.ingest_time)

    # Acts.

    def _act(self, event: Envelope, opens: int) -> None:
        payload: Any = event.payload
        loop = self._loop
        if self._opens is not None:
            for item in self._opens.take_count(opens):
                loop.ingest(item)
            if self._opens.shown < opens and not self._is_within_bar:
                self._is_within_bar = True
                self.notes.append(
                    "the run ended within a bar: the journal has bars when they close, so that "
                    "what the last one's open did to orders cannot be made again"
                )
        if isinstance(payload, WarmupChanged):
            return
        while not loop.pass_time(self._passed + 1, _MOMENTS):
            pass
        loop.now = max(loop.now, event.event_time)
        if isinstance(payload, InstanceLoaded):
            self._load(payload)
        elif isinstance(payload, InstanceUnloaded):
            self._unload(payload)
        elif isinstance(payload, CloseRequested):
            self._close(payload)
        elif (
            isinstance(payload, CancelRequested)
            and self._is_changed
            and payload.client_order_id not in loop.kernel.state.orders
        ):
            self.notes.append(
                f"the cancel of {payload.client_order_id} was left out: no such order"
            )
        else:
            loop.control(payload)

    def _load(self, event: InstanceLoaded) -> None:
        kept = given_back(self._loop.host, self._unloaded, event.strategy_id)
        spec, strategy_class = self._files.load(event, kept)
        spec = msgspec.structs.replace(
            spec, limits=self._limits_of(event.strategy_id, event.limits)
        )
        try:
            self._loop.load_instance(spec, strategy_class)
        except LoadError as error:
            if event.strategy_id in self._loop.host.running_instances:
                raise ReplayError(str(error)) from error
            self.notes.append(str(error))

    def _unload(self, event: InstanceUnloaded) -> None:
        host = self._loop.host
        if event.strategy_id in host.running_instances:
            self._unloaded[event.strategy_id] = kept_text(host, event.strategy_id)
        self._loop.unload_instance(
            event.strategy_id, event.actor, event.reason, keep_orders=event.keep_orders
        )

    def _close(self, event: CloseRequested) -> None:
        """Close what is held now: under other rules that may be more, less or nothing."""
        state, host = self._loop.kernel.state, self._loop.host
        held = [
            key
            for key, position in state.positions.items()
            if key[0] == event.strategy_id and position.quantity and not is_shadow(key[1])
        ]
        count = len(held) if self._is_changed else len(event.order_ids)
        if not count:
            self.notes.append(f"the close of {event.strategy_id} was left out: it holds nothing")
            return
        ids = tuple(host.order_ids.next_id() for _ in range(count))
        self._loop.control(msgspec.structs.replace(event, order_ids=ids))

    # Reports.

    def _report(self, event: Envelope) -> None:
        payload = event.payload
        if isinstance(payload, _FROM_OUTSIDE):
            self._loop.report(
                Unsequenced(
                    event.event_time,
                    event.ingest_time,
                    event.source,
                    event.venue,
                    event.instrument,
                    payload,
                    event.idempotency_key,
                )
            )
        elif not self._is_changed and event.seq_id >= self._loop.sequencer.next_seq:
            self._reports.append(event)

    def _settle_reports(self, event: Envelope) -> None:
        """Let time pass in the venue where recorded reports came with time, not with an item."""
        waiting, self._reports = self._reports, []
        if self._opens is not None:
            return
        for report in waiting:
            is_of_item = (
                event.source is Source.MARKET_DATA and report.event_time == event.event_time
            )
            if not is_of_item and report.seq_id >= self._loop.sequencer.next_seq:
                self._loop.advance(report.ingest_time)
