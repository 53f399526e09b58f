"""A recorded run at one step: the kernel as it was, and the replica that screens showed."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from tradetui.core.kernel import Kernel
from tradetui.core.state import KernelState
from tradetui.core.venue.models import read_settings
from tradetui.domain.control import InstanceLoaded
from tradetui.domain.enums import InstanceMode, Severity
from tradetui.domain.formatting import timestamp
from tradetui.domain.ids import StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.market_data import InstrumentUpdated
from tradetui.domain.replica import ReplicaChange, ReplicaSnapshot
from tradetui.domain.steps import StepRecord
from tradetui.engine.heartbeat import HeartbeatSchedule
from tradetui.engine.host import StrategyHost
from tradetui.engine.reference_data import ReferenceData
from tradetui.engine.rerun import Rerun
from tradetui.runtime.charts import ChartKeeper
from tradetui.runtime.header import RunCaption
from tradetui.runtime.ownerless import NOT_LOADED
from tradetui.runtime.pacer import Pacer
from tradetui.runtime.replica import LIST_LENGTH, ReplicaPublisher
from tradetui.runtime.telemetry import Telemetry
from tradetui.runtime.travel.beginnings import Beginning
from tradetui.runtime.travel.errors import TravelError
from tradetui.runtime.travel.marks import Mark
from tradetui.runtime.views import fill_view

EPOCH: Final = 10**12
"""Distance between the numbers of two moments' changes: who read one takes the other anew."""


@dataclass
class PassiveLoop:
    """A kernel that is fed from a record, in the shape of a step loop."""

    kernel: Kernel
    host: StrategyHost
    schedule: HeartbeatSchedule
    now: int = 0


class Moment:
    """A run from one of its beginnings on; ``take`` moves it a step further.

    ``number`` tells moments apart. ``pacer`` gives the header its speed, ``charts`` are those that
    it goes on with.
    """

    def __init__(
        self,
        beginning: Beginning,
        number: int,
        pacer: Pacer,
        account: str,
        charts: ChartKeeper | None = None,
    ) -> None:
        header = beginning.header
        self._rerun = Rerun(header.kernel_config, beginning.opening)
        kernel = self._rerun.kernel
        schedule = HeartbeatSchedule(is_virtual=True)
        reference = ReferenceData()
        for instrument in kernel.state.instruments.values():
            reference.register(instrument)
        host = StrategyHost(kernel, reference, schedule, run_code=header.run_code)
        self.loop = PassiveLoop(kernel, host, schedule, kernel.state.now)
        self.telemetry = Telemetry()
        self.charts = ChartKeeper() if charts is None else charts
        self.publisher = ReplicaPublisher(
            self.loop,
            RunCaption(
                account,
                f"recorded {timestamp(header.created_time)[:16]}",
                venue=read_settings(header.venue) if header.venue else None,
            ),
            self.telemetry,
            self.charts,
            wall=lambda: self.loop.now,
            is_virtual=True,
            pacer=pacer,
        )
        self._header = header
        self._fills = deque(beginning.fills, LIST_LENGTH)
        self._epoch = number * EPOCH
        self._remember(beginning)
        self._records: dict[StrategyId, InstanceRecord] = {}
        for instance in kernel.state.instances.values():
            self._note_record(
                InstanceLoaded(
                    instance.strategy_id,
                    instance.strategy_type,
                    instance.execution_id,
                    instance.instrument_id,
                    instance.mode,
                    instance.limits,
                    "",
                    "",
                    "",
                )
            )
        for event in beginning.loads:
            if event.strategy_id in self._records:
                self._note_record(event)
        self.recent: list[StepRecord] = []
        """The newest steps that were taken, oldest first."""

    @classmethod
    def again(cls, mark: Mark, number: int, pacer: Pacer, account: str) -> Moment:
        """Return the moment that a mark was made of."""
        moment = cls(mark.beginning, number, pacer, account, mark.charts.copy())
        moment.publisher.closings = mark.closings.copy()
        moment.telemetry.steps = mark.steps
        moment.telemetry.errors.update(mark.errors)
        moment._records = dict(mark.records)
        moment.recent = list(mark.recent)
        return moment

    def mark(self, keep: int) -> Mark:
        """Return what it takes to begin again here, with the ``keep`` newest steps."""
        shown = replace(self.publisher.remember(), charts=())
        beginning = Beginning(
            self._header,
            self.loop.kernel.checkpoint(),
            shown,
            fills=tuple(self._fills),
            is_under_way=True,
        )
        return Mark(
            self.seq_id,
            beginning,
            self.charts.copy(),
            self.publisher.closings.copy(),
            tuple(self._records.items()),
            tuple(self.recent[-keep:]),
            self.telemetry.steps,
            tuple(self.telemetry.errors.items()),
        )

    def _remember(self, beginning: Beginning) -> None:
        """Show what was shown at the beginning: lists, tallies, candles."""
        publisher = self.publisher
        publisher.recall(beginning.shown, beginning.bars)
        if beginning.is_under_way:
            for strategy_id in self.state.instances:
                publisher.notes_of(strategy_id).goes_on = False
        publisher.preload_fills(beginning.fills)
        for instrument in self.state.instruments.values():
            self.charts.add_instrument(instrument)
        for text in beginning.notes:
            publisher.say(Severity.WARNING, text)

    @property
    def seq_id(self) -> int:
        """The step that the moment stands after."""
        return self._rerun.seq_id

    @property
    def state(self) -> KernelState:
        """The kernel's state, for reading."""
        return self.loop.kernel.state

    def take(self, step: StepRecord) -> None:
        """Take the next step.

        Raises TravelError, once it is taken, when it comes out otherwise than recorded; one may go
        on from there.
        """
        difference = self._rerun.apply(step)
        self.loop.now = max(self.loop.now, step.event.event_time)
        payload = step.event.payload
        if isinstance(payload, InstanceLoaded):
            self._note_record(payload)
        elif isinstance(payload, InstrumentUpdated):
            self.charts.add_instrument(payload.instrument)
        self.telemetry.note_step(step)
        self.publisher.note(step)
        for fill in step.result.fills:
            self._fills.append(fill_view(fill, str(self._header.run_id)))
        self.recent.append(step)
        if difference is not None:
            raise TravelError(
                f"step {difference.seq_id} ({difference.event_type}) comes out otherwise than "
                f"recorded: {difference.field or difference.part}; `tradetui replay --verify` "
                "says more"
            )

    def show(self, keep: int) -> None:
        """Publish what was taken; only the ``keep`` newest steps are remembered."""
        del self.recent[:-keep]
        instances = self.state.instances
        records = []
        for strategy_id in sorted(self._records):
            record, instance = self._records[strategy_id], instances.get(strategy_id)
            mode = InstanceMode.OFF if instance is None else instance.mode
            records.append(record if record.mode is mode else replace(record, mode=mode))
        self.publisher.set_records(tuple(records), NOT_LOADED)
        self.publisher.publish(force=True)

    def show_records(
        self, records: tuple[InstanceRecord, ...], problems: Mapping[StrategyId, str]
    ) -> None:
        """Publish rows of these records: also of instances that are not loaded, with what they hold
        and why they could not be loaded.
        """
        for strategy_id, text in problems.items():
            self.publisher.notes_of(strategy_id).load_error = text
        self.publisher.set_records(records)
        self.publisher.publish(force=True)

    def snapshot(self) -> ReplicaSnapshot:
        """Return everything as it was."""
        found = self.publisher.snapshot()
        return replace(found, number=self._epoch + found.number)

    def changes(self, after: int) -> tuple[ReplicaChange, ...] | None:
        """Return the changes after a number of this moment's; None for one of another's."""
        if not self._epoch <= after < self._epoch + EPOCH:
            return None
        found = self.publisher.changes(after - self._epoch)
        if found is None:
            return None
        return tuple(ReplicaChange(self._epoch + one.number, one.change) for one in found)

    def _note_record(self, event: InstanceLoaded) -> None:
        instrument = self.state.instruments.get(event.instrument_id)
        self._records[event.strategy_id] = InstanceRecord(
            strategy_id=event.strategy_id,
            strategy_type=event.strategy_type,
            account=event.execution_id,
            market=str(event.instrument_id) if instrument is None else instrument.symbol,
            mode=event.mode,
            config_json=event.config_json or "{}",
        )
