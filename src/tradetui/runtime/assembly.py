"""Builds the engine of one run from its configuration."""

from __future__ import annotations

from dataclasses import dataclass, field

from tradetui.core.kernel import Kernel
from tradetui.core.sequencer import Sequencer
from tradetui.core.venue.models import VenueConfig
from tradetui.core.venue.venue import SimulatedVenue
from tradetui.domain.ids import RouteId, StrategyId
from tradetui.domain.instruments import Instrument
from tradetui.domain.steps import KernelConfig
from tradetui.engine.guard import CallbackGuard
from tradetui.engine.heartbeat import HeartbeatSchedule
from tradetui.engine.host import StrategyHost
from tradetui.engine.records import LogSink, Outbox, StepSink
from tradetui.engine.recovery import Opening
from tradetui.engine.reference_data import ReferenceData
from tradetui.engine.step_loop import StepLoop


@dataclass(frozen=True)
class RunPlan:
    """What a run is made of beside its feeds. ``run_code`` begins every client_order_id.

    ``simulated`` None: the simulated venue answers on every route (paper). ``opening`` is what an
    earlier run left, None to begin flat.
    """

    config: KernelConfig
    run_code: str
    seed: int = 0
    venue: VenueConfig = field(default_factory=VenueConfig)
    simulated: tuple[RouteId, ...] | None = None
    opening: Opening | None = None


def build_loop(
    plan: RunPlan,
    *,
    is_virtual: bool,
    sink: StepSink,
    guard: CallbackGuard | None = None,
    log: LogSink | None = None,
    outbox: Outbox | None = None,
) -> StepLoop:
    """Return the step loop of a new run; nothing has happened in it yet.

    Raises CheckpointError when what it shall carry on is not of its configuration.
    """
    kernel = Kernel(plan.config)
    venue = SimulatedVenue(plan.venue)
    opening = plan.opening
    if opening is not None:
        kernel.restore(opening.kernel)
        venue.restore(opening.venue)
        venue.change_settings(plan.venue)
    schedule = HeartbeatSchedule(is_virtual=is_virtual)
    host = StrategyHost(
        kernel,
        ReferenceData(),
        schedule,
        run_code=plan.run_code,
        seed=plan.seed,
        guard=guard,
        log=log,
    )
    simulated = plan.simulated
    if simulated is None:
        simulated = tuple(route.route_id for route in plan.config.routes)
    loop = StepLoop(
        kernel,
        Sequencer(plan.config.source_priority),
        venue,
        host,
        schedule,
        is_virtual=is_virtual,
        simulated=simulated,
        outbox=outbox,
        sink=sink,
    )
    if opening is not None:
        host.kept.texts = {StrategyId(key): text for key, text in opening.kept}
        loop.resume(opening.reports)
        host.recall(opening.memory)
    return loop


def register_all(loop: StepLoop, instruments: tuple[Instrument, ...], now: int) -> None:
    """Make the feeds' instruments known, as the first events of the run, at ``now``."""
    loop.now = max(loop.now, now)
    for instrument in instruments:
        loop.host.reference.register(instrument)
        loop.register(instrument)
