"""The child process of the check: runs an unknown strategy file where it can do no harm.

Started by ``check`` with ``main(arguments)``; the source comes on standard input. Says on
its own descriptor which stage it has reached, so that the parent knows where it ended if it does
not come back.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable
from typing import Any

import msgspec

from tradetui.domain.enums import Guard, InstanceMode, InstrumentClass, Severity
from tradetui.domain.ids import (
    ClientOrderId,
    Currency,
    InstrumentId,
    RouteId,
    StrategyId,
    client_order_id,
    instrument_id,
)
from tradetui.domain.instruments import Instrument
from tradetui.domain.intents import CancelOrder, NoOp, PlaceOrder, ReplaceOrder, SetRiskFlag, Signal
from tradetui.domain.market_data import Bar, Quote
from tradetui.domain.orders import Order, Position
from tradetui.engine.heartbeat import CadenceError, heartbeat_steps
from tradetui.engine.loader.check import CheckReport, ChildMessage
from tradetui.engine.loader.find import SourceError
from tradetui.engine.loader.module import class_of, import_source
from tradetui.engine.runner import describe
from tradetui.strategy import Context, Strategy
from tradetui.strategy.check import check_class
from tradetui.strategy.feeds import BarFeed
from tradetui.strategy.positions import PositionView, position_view
from tradetui.strategy.schema import fill_defaults

_BUDGET = 10_000 * 10**8


def main(arguments: list[str]) -> None:
    """Check the strategy on standard input; ``arguments`` are those of ``check``."""
    descriptor, memory, cpu = (int(text) for text in arguments[:3])
    path, name, class_name, config = arguments[3:7]
    source = sys.stdin.buffer.read()

    def say(stage: str, report: CheckReport | None = None) -> None:
        os.write(descriptor, msgspec.json.encode(ChildMessage(stage, report)) + b"\n")

    say("starting the check")
    limit_process(memory, cpu)
    given = None if not config else msgspec.json.decode(config, type=dict[str, Any])
    say("done", check_source(source, path, name, class_name, say, given))
    # Whatever the file has left running (threads, exit handlers) is not waited for.
    os._exit(0)


def limit_process(memory: int, cpu: int) -> None:
    """Bound what this process may use from now on: memory, processor time, no files, no
    core dump.
    """
    for kind, soft, hard in (
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, cpu, cpu + 1),
    ):
        try:
            resource.setrlimit(kind, (soft, hard))
        except (ValueError, OSError):
            # A platform without this limit (macOS has no RLIMIT_AS): the wall time still holds.
            continue


def check_source(
    source: bytes,
    path: str,
    name: str,
    class_name: str,
    say: Callable[[str], None],
    config: dict[str, Any] | None = None,
) -> CheckReport:
    """Go through the stages, and report the first thing that is wrong in one sentence.

    The instance is made with ``config``, None: with the defaults of CONFIG_SCHEMA.
    """
    stage = "importing the file"
    try:
        say(stage)
        kind = class_of(import_source(source, path, name), class_name)
        stage = "checking its declarations"
        say(stage)
        problems = check_class(kind)
        if problems:
            return CheckReport(problems[0])
        steps = heartbeat_steps(kind.TICK_MINUTES)
        which = "default" if config is None else "instance's"
        stage = f"making an instance with the {which} config"
        say(stage)
        port = TrialPort()
        strategy = kind(Context(port), fill_defaults(kind.CONFIG_SCHEMA, config or {}))
        strategy.begin()
        port.is_loading = False
        stage = "calling render() before the first event"
        say(stage)
        strategy.draw()
    except (SourceError, CadenceError) as problem:
        return CheckReport(str(problem))
    except MemoryError:
        return CheckReport(f"{stage}: asks for more memory than a strategy may have")
    except BaseException as error:  # noqa: BLE001 - whatever user code raises becomes a sentence
        return CheckReport(describe(stage, error, path))
    return CheckReport("", steps, _feeds_of(strategy))


def _feeds_of(strategy: Strategy) -> tuple[str, ...]:
    return tuple(
        f"{feed.name}: {feed.kind} {feed.timeframe if isinstance(feed, BarFeed) else ''}".strip()
        for feed in strategy.feeds
    )


class TrialPort:
    """A market without prices and an account without orders, for one look at a strategy."""

    account_id = "check"
    client_id = "tt-check"
    run_id = "trial"
    mode = InstanceMode.OBSERVE
    can_trade = False
    run_seed = 1
    strategy_id = StrategyId("check")

    def __init__(self) -> None:
        self.is_loading = True
        self._counter = 0
        self._instruments: dict[str, Instrument] = {}
        self.market: InstrumentId = self.instrument("BTC/USD").instrument_id

    def now(self) -> int:
        return 0

    def instrument(self, symbol: str | None = None) -> Instrument:
        wanted = "BTC/USD" if symbol is None else symbol
        known = self._instruments.get(wanted)
        if known is not None:
            return known
        if not self.is_loading:
            raise KeyError(symbol)
        base, _, quote = wanted.partition("/")
        made = Instrument(
            instrument_id(wanted, "CHECK"),
            wanted,
            "CHECK",
            InstrumentClass.SPOT,
            Currency(base),
            Currency(quote or "USD"),
            8,
            8,
            1,
            1,
        )
        self._instruments[wanted] = made
        return made

    def mark(self, instrument_id: InstrumentId) -> int | None:
        return None

    def mark_time(self, instrument_id: InstrumentId) -> int | None:
        return None

    def quote(self, instrument_id: InstrumentId) -> Quote | None:
        return None

    def position(self, instrument_id: InstrumentId) -> Position:
        return Position(self.strategy_id, RouteId("check"), instrument_id)

    def own_position(self) -> PositionView:
        return position_view(self.position(self.market), self.instrument(), None, self)

    def guard(self, instrument_id: InstrumentId) -> Guard:
        return Guard.FLAT

    def orders(self) -> tuple[Order, ...]:
        return ()

    def order(self, client_order_id: ClientOrderId) -> Order | None:
        return None

    def cash(self, currency: Currency) -> int:
        return _BUDGET

    def budget(self) -> int:
        return _BUDGET

    def budget_used(self) -> int:
        return 0

    def next_order_id(self) -> ClientOrderId:
        self._counter += 1
        return client_order_id("check", self._counter)

    def emit(self, intent: PlaceOrder | CancelOrder | ReplaceOrder | SetRiskFlag | NoOp) -> None:
        """Nothing is ever sent from a check."""

    def record_signal(self, signal: Signal) -> int:
        return 0

    def log(self, severity: Severity, text: str) -> None:
        """Nothing is shown of a check."""

    def schedule(self, name: str, *, at: int, every: int | None = None) -> None:
        """No time passes in a check."""

    def unschedule(self, name: str) -> None:
        """No time passes in a check."""

    def subscribe(self, instrument_id: InstrumentId) -> None:
        self.instrument(instrument_id.rpartition(".")[0])

    def recent_bars(
        self, instrument_id: InstrumentId, timeframe_ns: int, count: int
    ) -> tuple[Bar, ...]:
        return ()
