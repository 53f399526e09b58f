"""Figures that pages state are those of the code: who changes one, changes both.

Each line is a page, a piece of its text and what fills the ``{}`` in it.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest
from tests.architecture import test_tidy as tidy
from tests.contracts.engine.golden import files
from tests.contracts.engine.test_planted import PLANTED

from tradetui.backtest import inputs as made_again
from tradetui.bootstrap.recovery import past, rebuilding
from tradetui.config.models import Config, JournalSection
from tradetui.core.risk import funds
from tradetui.engine import host, market
from tradetui.engine.loader import find
from tradetui.engine.loader.check import CheckLimits
from tradetui.runtime import checkpoints, course, pump
from tradetui.services import remote
from tradetui.storage import archive, journal_group, kill_slots, room, segment_file
from tradetui.strategy import check, context, feeds, plots, schema, signals, widget_types
from tradetui.tui import keyguard, link
from tradetui.tui.screens import main, older_fills, older_pages, reading

HOUSE: Final = Path(__file__).resolve().parents[2]
LIMITS: Final = CheckLimits()
GUARD: Final = keyguard.KeyTimes()
SECOND: Final = 1_000_000_000
API: Final = "docs/reference/strategy_api.md"
CONSOLE: Final = "docs/architecture/console.md"
JOURNAL: Final = "docs/architecture/journal.md"
RECOVERY: Final = "docs/architecture/recovery.md"
MIB: Final = 1 << 20


def gigabytes(count: int) -> str:
    """Write a size as the pages do: ``0.5 GB``, ``5 GB``."""
    return f"{count / 1e9:g} GB"


def whole(value: float) -> int:
    """Return a number that must be whole."""
    assert value == int(value)
    return int(value)


FIGURES: Final[list[tuple[str, str, tuple[object, ...]]]] = [
    (API, "the newest {:,} of each of {} names", (plots.MAX_POINTS, plots.MAX_SERIES)),
    (API, "Of more than {:,} points or {} rows or lines",
     (widget_types.MAX_POINTS, widget_types.MAX_ROWS)),
    (API, "at most {} widgets of {} series each",
     (widget_types.MAX_WIDGETS, widget_types.MAX_SERIES)),
    (API, "`bins` (2 to {}, default 20)", (widget_types.MAX_BINS,)),
    (API, "use {} s of processor time, sleep {} s and take {} GB",
     (LIMITS.cpu_seconds, whole(LIMITS.asleep_milliseconds / 1000), LIMITS.memory_bytes >> 30)),
    (API, "after {} s the check gives up", (whole(LIMITS.wall_milliseconds / 1000),)),
    (API, "a file | {:,} bytes |", (find.MAX_SOURCE_BYTES,)),
    (API, "`keep` of one | {}; {:,} |", (check.MAX_FEEDS, feeds.MAX_KEEP)),
    (API, "characters of a text | {}; {}; {} |",
     (schema.MAX_KEYS, schema.MAX_LIST, schema.MAX_STRING)),
    (API, "gates of a signal | {} |", (signals.MAX_GATES,)),
    (API, "asked for in one hook | {} |", (host.MAX_INTENTS,)),
    (API, "or ns, {} ms at the least", (whole(context.LEAST_INTERVAL / 1e6),)),
    (CONSOLE, "within {:.0f} ms of a dialog's opening, a repeat within {:.0f} ms",
     (GUARD.dialog * 1000, GUARD.repeat * 1000)),
    (CONSOLE, "({} bytes), which terminals", (len(link.QUESTION),)),
    (CONSOLE, "at most {} and {} characters", (link.KEY_FRAMES, link.KEY_BYTES)),
    (CONSOLE, "is waited for {:g} s and 1 s for each {} characters, and after three lost",
     (link.LOST_SECONDS, link.LOST_RATE)),
    (CONSOLE, "Two frames in a row that took more than {:g} s", (link.SLOW_SECONDS,)),
    (CONSOLE, "After {} frames under {:g} s", (link.QUICK_FRAMES, link.QUICK_SECONDS)),
    (CONSOLE, "drawn once a second, charts every {:g} s", (reading.SLOW_CHART_SECONDS,)),
    (CONSOLE, "(at most {} values", (course.LENGTH,)),
    (CONSOLE, "up to {:,} fills and {:,} of the others", (older_fills.MOST, older_pages.MOST)),
    (JOURNAL, "`journal.min_free` ({})", (gigabytes(JournalSection().min_free),)),
    (JOURNAL, "`journal.max_size` ({},", (gigabytes(JournalSection().max_size),)),
    (JOURNAL, "(`journal.reserve`, {} MB set aside", (whole(room.RESERVE_BYTES / MIB),)),
    (JOURNAL, "into segment files, {:,} at a time", (archive.ROWS_IN_SEGMENT,)),
    (JOURNAL, "blocks of {:,} rows", (segment_file.ROWS_IN_BLOCK,)),
    (JOURNAL, "is not answered within {} s", (whole(remote.WAIT_NS / SECOND),)),
    ("docs/architecture/storage.md", "{} slots, overwritten in place", (kill_slots.SLOTS,)),
    ("docs/architecture/runtime.md", "one commit every {} ms", (whole(pump.GROUP_NS / 1e6),)),
    ("docs/architecture/replay.md", "comes at most {} s late",
     (whole(made_again.LATE_NS / SECOND),)),
    (RECOVERY, "the newest {:,} bars of each market", (market.BARS_KEPT,)),
    (RECOVERY, "due after {:,} steps or a minute", (checkpoints.EVERY_STEPS,)),
    (RECOVERY, "one for each {:,} steps", (journal_group.KEPT_EVERY,)),
    (RECOVERY, "(more than {} s)", (whole(past.CLOCK_SLACK_NS / SECOND),)),
    ("docs/reference/simulated_venue.md", "with {:g} % to spare",
     (funds.MARKET_CUSHION_PPM / 10_000,)),
    ("docs/development/index.md",
     "(module {} lines with 300 as the norm, class {}, function {}, complexity 10, line 100)",
     (tidy.MAX_MODULE, tidy.MAX_CLASS, tidy.MAX_FUNCTION)),
    ("docs/testing/core.md", "There are {}, with", (len(files()),)),
]  # fmt: skip


@pytest.mark.parametrize(("page", "text", "values"), FIGURES)
def test_a_figure_is_that_of_the_code(page: str, text: str, values: tuple[object, ...]) -> None:
    whole_page = re.sub(r"\s+", " ", (HOUSE / page).read_text("utf-8"))
    assert text.format(*values) in whole_page


def test_what_is_said_in_words() -> None:
    assert (link.SLOW_FRAMES, link.LOST_FRAMES, main.SLOW_DRAW_SECONDS) == (2, 3, 1.0)
    assert (checkpoints.EVERY_NS, checkpoints.SHARE) == (60 * SECOND, 20)
    assert (rebuilding.UNWATCHED_NS, journal_group.NEWEST_KEPT) == (60 * SECOND, 3)
    assert len(PLANTED) + 3 == 26, "three have tests of their own"
    assert Config.model_fields["journal"].annotation is JournalSection
    pytest_options = tomllib.loads((HOUSE / "pyproject.toml").read_text())["tool"]["pytest"]
    assert pytest_options["ini_options"]["timeout"] == 120
