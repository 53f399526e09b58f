"""What the desks of one courier share: the kernel to read, the clocks, the reports given out."""

from __future__ import annotations

from tradetui.core.kernel import Kernel
from tradetui.core.state import KernelState
from tradetui.domain.envelope import SOURCE_OF, Payload, Unsequenced
from tradetui.domain.ids import InstrumentId
from tradetui.engine.courier.records import CourierSettings

_NO_INSTRUMENT = InstrumentId("")


class Edge:
    """One route's side of the house.

    Two clocks: ``now`` is the local monotonic one, for deadlines; the venue's own is known as a
    floor (the latest moment it has told) and as an estimate, ``offset`` beyond ``now``. The
    estimate is never ahead of the truth: a reading is at least as old as its way back took.
    """

    def __init__(self, kernel: Kernel, settings: CourierSettings) -> None:
        self._kernel = kernel
        self.settings = settings
        self.traits = settings.traits
        self.route_id = settings.route_id
        self.now = 0
        self.venue_floor = 0
        self.offset: int | None = None
        self.reports: list[Unsequenced] = []

    @property
    def state(self) -> KernelState:
        """The kernel's state, for reading: it may be ahead of what is durable, never behind."""
        return self._kernel.state

    @property
    def venue_now(self) -> int:
        """The venue's time as well as it is known; never ahead of the truth."""
        if self.offset is None:
            return self.venue_floor
        return max(self.venue_floor, self.now + self.offset)

    @property
    def dies_after(self) -> int:
        """How long (ns) after its timestamp a request may still take effect."""
        traits = self.traits
        return traits.recv_window + traits.processing + traits.margin

    def heard(self, venue_time: int) -> None:
        """Take note of a moment that the venue's clock has reached; 0: it did not say."""
        if not venue_time:
            return
        self.venue_floor = max(self.venue_floor, venue_time)
        if self.offset is None or venue_time - self.now > self.offset:
            self.offset = venue_time - self.now

    def emit(
        self,
        payload: Payload,
        instrument_id: InstrumentId = _NO_INSTRUMENT,
        event_time: int | None = None,
    ) -> None:
        """Give out a report to be sequenced; the driver puts its own time of ingest on it."""
        time = self.venue_now if event_time is None else event_time
        venue = self.settings.venue if instrument_id else ""
        self.reports.append(
            Unsequenced(time, time, SOURCE_OF[type(payload)], venue, instrument_id, payload)
        )
