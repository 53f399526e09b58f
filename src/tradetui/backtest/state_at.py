"""The state of a recorded run at any step: the nearest checkpoint, and the steps after it."""

from __future__ import annotations

from tradetui.backtest.errors import ReplayError
from tradetui.backtest.recorded import RecordedRun, kernel_state_at
from tradetui.core.view import FilteredView
from tradetui.domain.explain import SeenMarket, SeenState
from tradetui.domain.ids import StrategyId
from tradetui.domain.instances import state_of
from tradetui.domain.words import state_words
from tradetui.engine.rerun import Rerun


def state_at(run: RecordedRun, seq_id: int) -> Rerun:
    """Return a kernel as it was after step ``seq_id`` (0 or the opening: before the first).

    Raises ReplayError where the record cannot be made again on the way there, PricesGoneError
    where it is no longer kept.
    """
    rerun = nearest(run, seq_id)
    for step in run.steps(rerun.seq_id + 1, seq_id):
        fault = rerun.apply(step)
        if fault is not None and fault.part == "failure":
            raise ReplayError(
                f"the state at step {seq_id} cannot be rebuilt: step {fault.seq_id} fails "
                f"({fault.now})"
            )
    return rerun


def nearest(run: RecordedRun, seq_id: int) -> Rerun:
    """Return a kernel at the newest checkpoint at or before a step, else at the run's beginning."""
    header = run.header
    infos = run.source.checkpoints(header.run_id)
    for info in reversed(infos):
        if header.opening_seq < info.seq_id <= seq_id:
            body = kernel_state_at(run.source, header.run_id, info.seq_id)
            return Rerun(header.kernel_config, body)
    return run.rerun()


def seen_at(run: RecordedRun, seq_id: int, strategy_id: StrategyId) -> SeenState | None:
    """Return what an instance saw in a step, before it answered; None if it did not run."""
    rerun = state_at(run, seq_id - 1)
    for step in run.steps(seq_id, seq_id):
        rerun.kernel.apply_event(step.event)
    return seen_by(rerun, strategy_id)


def seen_by(rerun: Rerun, strategy_id: StrategyId) -> SeenState | None:
    """Return what an instance sees of a kernel's state now; None if it does not run."""
    state = rerun.kernel.state
    instance = state.instances.get(strategy_id)
    if instance is None:
        return None
    view = FilteredView(rerun.kernel.view(), strategy_id)
    markets = []
    for key in instance.instruments:
        instrument = state.instruments[key]
        quote = view.quote(key)
        markets.append(
            SeenMarket(
                instrument,
                view.mark(key),
                view.mark_time(key),
                None if quote is None else quote.bid,
                None if quote is None else quote.ask,
                view.position(key),
                view.guard(key),
            )
        )
    status = view.status
    currency = state.instruments[instance.instrument_id].quote
    return SeenState(
        state.seq_id,
        strategy_id,
        state_of(status),
        state_words(status),
        tuple(markets),
        view.orders(),
        currency,
        view.cash(currency),
        view.budget(),
        view.budget_used(),
    )
