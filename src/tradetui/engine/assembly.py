"""Builds the engine of one run from its configuration: the only place that puts one together."""

from __future__ import annotations

from dataclasses import dataclass, field

from tradetui.core.kernel import Kernel
from tradetui.core.sequencer import Sequencer
from tradetui.core.venue.models import VenueConfig
from tradetui.core.venue.venue import SimulatedVenue
from tradetui.domain.ids import RouteId, StrategyId
from tradetui.domain.steps import KernelConfig
from tradetui.engine.guard import CallbackGuard
from tradetui.engine.heartbeat import HeartbeatSchedule
from tradetui.engine.host import StrategyHost
from tradetui.engine.recovery import Opening
from tradetui.engine.reference_data import ReferenceData
from tradetui.engine.sinks import LogSink, Outbox, StepSink
from tradetui.engine.step_loop import StepLoop


@dataclass(frozen=True)
class RunPlan:
    """What a run is made of beside its feeds. ``run_code`` begins every client_order_id.

    ``simulated`` None: the simulated venue answers on every route (backtest, paper). ``opening`` is
    what an earlier run left, None to begin flat.
    """

    config: KernelConfig
    run_code: str
    seed: int = 0
    venue: VenueConfig = field(default_factory=VenueConfig)
    simulated: tuple[RouteId, ...] | None = None
    opening: Opening | None = None

    def simulated_routes(self) -> tuple[RouteId, ...]:
        """Return the routes on which the simulated venue answers."""
        if self.simulated is not None:
            return self.simulated
        return tuple(route.route_id for route in self.config.routes)


def build_loop(
    plan: RunPlan,
    *,
    is_virtual: bool,
    sink: StepSink | None,
    outbox: Outbox | None = None,
    guard: CallbackGuard | None = None,
    log: LogSink | None = None,
    reference: ReferenceData | None = None,
    check_every_step: bool = False,
) -> StepLoop:
    """Return the step loop of a new run; nothing has happened in it yet.

    ``is_virtual``: time is the data's own; False: the driver advances it. Raises CheckpointError
    when what it shall carry on is not of its configuration.
    """
    kernel = Kernel(plan.config)
    venue = SimulatedVenue(plan.venue)
    opening = plan.opening
    if opening is not None:
        kernel.restore(opening.kernel)
        if opening.venue:
            venue.restore(opening.venue)
            venue.change_settings(plan.venue)
    schedule = HeartbeatSchedule(is_virtual=is_virtual)
    host = StrategyHost(
        kernel,
        ReferenceData() if reference is None else reference,
        schedule,
        run_code=plan.run_code,
        seed=plan.seed,
        guard=guard,
        log=log,
    )
    loop = StepLoop(
        kernel,
        Sequencer(plan.config.source_priority),
        venue,
        host,
        schedule,
        is_virtual=is_virtual,
        simulated=plan.simulated_routes(),
        outbox=outbox,
        sink=sink,
        check_every_step=check_every_step,
    )
    if opening is not None:
        host.kept.texts = {StrategyId(key): text for key, text in opening.kept}
        loop.resume(opening.reports)
        host.recall(opening.memory)
    return loop
