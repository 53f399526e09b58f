"""What goes wrong in one seed: every rate drawn anew, so that each seed is another bad day."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields

from tradetui.domain.units import NANOS_PER_SECOND as SECOND


@dataclass
class Faults:
    """Rates are per mille of what they concern, times are ns."""

    request_loss: int = 0
    response_loss: int = 0
    not_sent: int = 0
    late: int = 0
    slow: int = 0
    garbage: int = 0
    venue_error: int = 0
    ambiguous: int = 0
    duplicate_fill: int = 0
    jitter: int = 0
    stream_loss: int = 0
    stream_stall: int = 0
    rate_limit: int = 0
    maintenance: int = 0
    filters: int = 0
    foreign: int = 0
    unsolicited: int = 0
    partial: int = 0
    paging: int = 0
    deposit: int = 0
    clock: int = 0
    skew: int = 0
    strategy: int = 0
    disk_stall: int = 0
    disk_slow: int = 0
    crash: int = 0
    operator: int = 0
    hostile_text: int = 0

    @classmethod
    def draw(cls, rng: random.Random) -> Faults:
        """Draw a seed's rates; each fault is absent in some seeds and heavy in others."""

        def some(most: int, of: int = 2) -> int:
            return rng.randint(1, most) if rng.randrange(of) == 0 else 0

        return cls(
            request_loss=some(300, 3),
            response_loss=some(300),
            not_sent=some(100, 3),
            late=some(200),
            slow=some(300),
            garbage=some(100, 3),
            venue_error=some(100, 3),
            ambiguous=some(100, 3),
            duplicate_fill=some(500),
            jitter=some(400),
            stream_loss=some(1_000, 3),
            stream_stall=some(30, 4),
            rate_limit=some(20, 4),
            maintenance=some(15, 5),
            filters=some(20, 4),
            foreign=some(60, 3),
            unsolicited=some(60, 3),
            partial=some(900),
            paging=rng.choice((0, 1, 2)),
            deposit=some(10, 4),
            clock=some(20, 4),
            skew=rng.choice((0, 0, 1, -1)) * rng.randint(0, 60) * SECOND,
            strategy=some(100, 4),
            disk_stall=some(30, 4),
            disk_slow=some(60, 4),
            crash=rng.choice((0, rng.randint(1, 12), rng.randint(12, 40))),
            operator=some(80),
            hostile_text=some(300, 4),
        )

    def heal(self) -> None:
        """From here on nothing goes wrong any more."""
        for field in fields(self):
            if field.name != "skew":
                setattr(self, field.name, 0)
