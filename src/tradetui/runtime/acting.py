"""How acts of people become steps: most wait for the journal, what stops trading never does."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tradetui.domain.control import ControlPayload
from tradetui.engine.step_loop import StepLoop
from tradetui.runtime.act_checks import Refused
from tradetui.runtime.pump import Pump


class Acting:
    """Sequences control payloads; ``now`` gives their time (0: the loop's own)."""

    def __init__(self, loop: StepLoop, pump: Pump, now: Callable[[], int]) -> None:
        self._loop = loop
        self._pump = pump
        self._now = now

    @property
    def is_stalled(self) -> bool:
        """Tell whether the journal cannot be written now."""
        return self._pump.is_stalled

    async def control(self, *payloads: ControlPayload) -> None:
        """Sequence acts, in order, and wait until they are durable; raises Refused where they
        cannot be.
        """
        if self.is_stalled:
            raise Refused(
                "the journal cannot be written: nothing but a stop can be done until it recovers"
            )
        await self._pump.act(lambda: self._apply(payloads))

    async def engage(self, *payloads: ControlPayload) -> str:
        """Apply what stops trading at once, in order; return why it is not durable yet, empty when
        it is.
        """
        if await self._pump.engage(lambda: self._apply(payloads)):
            return ""
        return "the journal cannot be written" if self.is_stalled else "the journal is slow"

    def _apply(self, payloads: Sequence[ControlPayload]) -> None:
        for payload in payloads:
            self._loop.control(payload, self._now() or None)
