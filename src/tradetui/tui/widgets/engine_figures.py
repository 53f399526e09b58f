"""The engine's own figures as lists: queues, lag, the journal, and how long callbacks take."""

from __future__ import annotations

from typing import Final

from tradetui.domain import formatting
from tradetui.domain.enums import InstanceState
from tradetui.domain.pages import DiagnosticsPage
from tradetui.domain.text import printable
from tradetui.tui.widgets.header import latency
from tradetui.tui.widgets.instance_columns import Cell
from tradetui.tui.widgets.lists import ListColumn, ListContent, ListRow

_BAD: Final = "REJECT"
"""How what should not be is drawn."""

Figure = tuple[str, str, str, str]
"""Its name, its value, what it means, and how the value is drawn."""

_FIGURE_COLUMNS: Final = (
    ListColumn("WHAT", 22),
    ListColumn("VALUE", 14, right=True),
    ListColumn("NOTE", 0),
)


def _size(value: int | None) -> str:
    return "?" if value is None else f"{formatting.count(value // 1_000_000)} MB"


def _growth(page: DiagnosticsPage) -> str:
    if page.journal_growth is None:
        return "how it grows is not known yet"
    return f"{_size(page.journal_growth)} a day; {_days('its cap in', page.days_to_cap)}"


def _days(what: str, days: int | None) -> str:
    return "" if days is None else f"{what} {formatting.counted(days, 'day')}"


def _edge(page: DiagnosticsPage) -> str:
    """Say what became of items that feeds gave out of order, or that cannot be."""
    late, malformed, moved = (
        formatting.count(one) for one in (page.late, page.malformed, page.reordered)
    )
    return f"too late {late}, malformed {malformed}; put in order {moved}"


def _verified(page: DiagnosticsPage) -> tuple[str, str, str]:
    """Say when the whole journal was verified last, beside the engine, and what that came to."""
    if page.verified_at is None:
        return "not yet", "a start verifies from its checkpoint on", "base"
    when = formatting.timestamp(page.verified_at)[5:16]
    if page.journal_faults:
        return when, f"DAMAGED: {formatting.counted(page.journal_faults, 'fault')}", _BAD
    return when, f"{formatting.counted(page.verified_steps, 'step')}, sound", "base"


def figures_content(page: DiagnosticsPage) -> ListContent:
    """Return the engine's own figures."""
    figures = (*_steps(page), *_journal(page), *_failures(page), _memory(page))
    rows = tuple(
        ListRow(name, "", (Cell(name), Cell(value, look), Cell(note, "dim")))
        for name, value, note, look in figures
    )
    return ListContent(_FIGURE_COLUMNS, rows, "")


def _counted(name: str, number: int, note: str, *, is_bad: bool = False) -> Figure:
    return name, formatting.count(number), note, _BAD if is_bad else "base"


def _steps(page: DiagnosticsPage) -> tuple[Figure, ...]:
    """Say how much the engine takes, and what became of what it did not."""
    rate = "?" if page.steps_per_second is None else formatting.count(page.steps_per_second)
    depth = f"{formatting.count(page.queue_depth)} of {formatting.count(page.queue_capacity)}"
    unusable = page.late + page.malformed
    return (
        _counted("steps", page.steps, f"{rate} a second"),
        ("event lag", latency(page.event_lag), "between a market's time and its step", "base"),
        ("queue", depth, f"policy {printable(page.queue_policy, 40)}", "base"),
        _counted("deepest queue", page.queue_deepest, "since the start"),
        _counted("lost items", page.drops, "no room in the queue", is_bad=page.drops > 0),
        _counted("conflated quotes", page.conflated, "only the newest counts"),
        _counted("dropped at the edge", unusable, _edge(page), is_bad=unusable > 0),
    )


def _journal(page: DiagnosticsPage) -> tuple[Figure, ...]:
    """Say what waits for the journal, how it grows, and what room it has."""
    full = _days("full in", page.days_to_full) or "when it is full is not known yet"
    return (
        _counted("journal waits", page.journal_waits, "steps not durable yet"),
        ("commit p50", micros(page.commit_p50), "one group of steps to the disk", "base"),
        ("commit p99", micros(page.commit_p99), "one in a hundred takes longer", "base"),
        ("journal size", _size(page.journal_size), _growth(page), "base"),
        ("journal verified", *_verified(page)),
        ("disk free", _size(page.disk_free), full, "base"),
    )


def _failures(page: DiagnosticsPage) -> tuple[Figure, ...]:
    """Say what strategies and orders did that they should not."""
    failures, timeouts = page.transition_failures, page.timeouts
    unable = "orders told to do what they cannot"
    return (
        _counted("transition failures", failures, unable, is_bad=failures > 0),
        _counted("invalid attempts", page.invalid_attempts, "orders that cannot be"),
        _counted("slow callbacks", page.slow_callbacks, "over the soft budget"),
        _counted("timeouts", timeouts, "over the hard budget", is_bad=timeouts > 0),
    )


def _memory(page: DiagnosticsPage) -> Figure:
    memory = "?" if page.memory is None else f"{page.memory // 1_000_000} MB"
    return "memory", memory, "resident", "base"


_CALLBACK_COLUMNS: Final = (
    ListColumn("INSTANCE", 12),
    ListColumn("STATE", 9),
    ListColumn("CALLS", 11, right=True),
    ListColumn("P50", 10, right=True),
    ListColumn("P95", 10, right=True),
    ListColumn("P99", 10, right=True),
    ListColumn("LONGEST", 10, right=True),
    ListColumn("ERRORS", 6, right=True),
)


def callbacks_content(page: DiagnosticsPage) -> ListContent:
    """Return how long the callbacks of each instance take, the slowest first."""
    rows = []
    for line in sorted(page.callbacks, key=lambda one: (-one.p99, one.strategy_id)):
        look = "state_ERROR" if line.state is InstanceState.ERROR else "base"
        cells = (
            Cell(line.strategy_id),
            Cell(line.state.value, look),
            Cell(formatting.count(line.callbacks)),
            Cell(micros(line.p50)),
            Cell(micros(line.p95)),
            Cell(micros(line.p99)),
            Cell(micros(line.highest)),
            Cell(formatting.count(line.errors), _BAD if line.errors else "base"),
        )
        rows.append(ListRow(line.strategy_id, line.strategy_id, cells))
    return ListContent(_CALLBACK_COLUMNS, tuple(rows), "no instance is loaded")


def micros(nanos: int) -> str:
    """Write a duration in whole microseconds."""
    return f"{formatting.count(nanos // 1_000)} us"
