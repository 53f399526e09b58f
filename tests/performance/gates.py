"""``make bench-console``: the console's gates, in a real terminal, at two sizes and under load."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from tests.performance.console import (
    LARGE,
    LOAD,
    PROGRAM,
    SMALL,
    at_rest,
    bars,
    key_times,
    start,
    warm_up,
)
from tests.performance.figures import Figure, print_figures
from tests.support.slow_line import SlowTerminal
from tests.support.terminal import Terminal

INSTANCES = 100
EVENTS = 1_000
FILLS = 100_000
SCREENS = "234567891"
"""The console is on the first when they begin: a key to where it is changes nothing."""
FULL_AFTER = 13 * 60
"""Seconds after which a replay at 10,000x has as many closed orders as are kept."""
SLOW_LINES = (9_600, 56_000, 1_000_000)
"""Bits a second."""


def percentile(values: list[float], share: float) -> float:
    """Return the value that ``share`` of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(int(len(ordered) * share + 0.999) - 1, 0)]


def heavy_config(folder: Path) -> Path:
    """Write a config of 100 instances on 1,000 events a second, from the one of twenty."""
    head, *_ = LOAD.read_text(encoding="utf-8").split("[[instances]]")
    markets = ("BTC/USDT", "ETH/USDT", "SOL/USDT", "XRP/USDT")
    kinds = ("ma_cross", "bollinger_reversion", "grid", "market_maker")
    text = head.replace("rate = 200", f"rate = {EVENTS}")
    for number in range(INSTANCES):
        mode = "active" if number % 4 == 3 else "observe"
        text += (
            f'\n[[instances]]\nid = "load-{number:03}"\nstrategy = "{kinds[number % 4]}"\n'
            f'account = "paper/main"\nmarket = "{markets[number % 4]}"\nmode = "{mode}"\n'
        )
    path = folder / "heavy.toml"
    path.write_text(text, encoding="utf-8")
    return path


def switch_times(terminal: Terminal, rounds: int = 3) -> list[float]:
    """Return the ms from each screen's key until the bytes of the first changed cell were there."""
    times = []
    for key in SCREENS * rounds:
        terminal.read_for(0.4)
        before, begun = terminal.cells(), time.perf_counter()
        terminal.press(key, pause=0.0)
        while (is_same := terminal.cells() == before) and time.perf_counter() - begun < 1.0:
            terminal.read(0.002)
        times.append(((time.perf_counter() if is_same else terminal.arrived) - begun) * 1e3)
    terminal.press("1", pause=0.5)
    return times


def without_screen(folder: Path) -> list[Figure]:
    """Measure both loads with no screen at all: what is left is the engine and its journal."""
    figures = []
    for name, config in (("load", LOAD), ("heavy", heavy_config(folder))):
        state = ("--config", str(config), "--state", str(folder / f"headless-{name}"))
        process = psutil.Popen(
            [PROGRAM, "run", "--headless", *state],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        time.sleep(10)
        before, begun = process.cpu_times(), time.perf_counter()
        time.sleep(10)
        after = process.cpu_times()
        used = after.user + after.system - before.user - before.system
        cpu = used / (time.perf_counter() - begun) * 100
        process.terminate()
        process.wait(20)
        figures.append(Figure(f"{name}_cpu_headless", cpu, "%", note="the same load, no screen"))
    return figures


def over_slow_lines(folder: Path, count: int = 12) -> list[Figure]:
    """Measure keys over shaped lines with 200 ms each way: until the row they mark is marked."""
    figures = []
    for bits in SLOW_LINES:
        terminal = SlowTerminal(
            [PROGRAM, "demo", "--state", str(folder / f"slow-{bits}")],
            bytes_per_second=bits // 10,
            delay=0.2,
            env={"LANG": "C.UTF-8"},
        )
        terminal.wait_for(lambda text: "\n>" in text, 30)
        terminal.read_for(8)
        times = []
        for number in range(count):
            terminal.read_for(1.0 + number % 5 * 0.2)
            before, begun = marked(terminal), time.perf_counter()
            terminal.press("jk"[number % 2], pause=0)
            while marked(terminal) == before and time.perf_counter() - begun < 8:
                terminal.read(0.01)
            times.append((time.perf_counter() - begun) * 1e3)
        terminal.close()
        figures.append(Figure(f"key_p90_{bits}", percentile(times, 0.9), "ms", note="floor 400"))
    return figures


def marked(terminal: SlowTerminal) -> str:
    """Return the row of the instances table that is selected."""
    return next((line for line in terminal.text().splitlines() if line.startswith(">")), "")


def at_size(size: tuple[int, int], folder: Path) -> list[Figure]:
    """Measure the demo paused and running, and the heavy load, at one size."""
    name = f"{size[0]}x{size[1]}"
    held, _ = start(size, "demo", "--replay", str(bars(folder / "BTC_USD-1m.csv")))
    held.wait_for("BTC", 20)
    held.press(";")
    held.read_for(2)
    idle_bytes, idle_cpu = at_rest(held, 6)
    held.close()
    demo, _ = start(size, "demo", "--state", str(folder / f"demo-{name}"))
    demo.wait_for("ACTIVE", 20)
    demo.read_for(2)
    demo_bytes, demo_cpu = at_rest(demo, 6)
    switches = switch_times(demo)
    demo.close()
    args = ("--config", str(heavy_config(folder)), "--state", str(folder / f"heavy-{name}"))
    heavy, _ = start(size, *args)
    heavy.wait_for("ACTIVE", 60)
    heavy.read_for(5)
    load_bytes, load_cpu = at_rest(heavy, 8)
    keys = key_times(heavy, 20)
    heavy_switches = switch_times(heavy, rounds=1)
    heavy.close()
    return [
        Figure(f"paused_bytes_{name}", idle_bytes, "B/s", target="<= 300"),
        Figure(f"paused_cpu_{name}", idle_cpu, "%", target="<= 1"),
        Figure(f"demo_bytes_{name}", demo_bytes, "B/s", target="<= 35,000"),
        Figure(f"demo_cpu_{name}", demo_cpu, "%", target="<= 8"),
        Figure(f"switch_p90_{name}", percentile(switches, 0.9), "ms", target="<= 60"),
        Figure(f"heavy_bytes_{name}", load_bytes, "B/s", target="<= 35,000"),
        Figure(f"heavy_cpu_{name}", load_cpu, "%", note="beside heavy_cpu_headless", target="<= 8"),
        Figure(f"heavy_key_p50_{name}", percentile(keys, 0.5), "ms"),
        Figure(f"heavy_key_p90_{name}", percentile(keys, 0.9), "ms", target="<= 40"),
        Figure(f"heavy_switch_p90_{name}", percentile(heavy_switches, 0.9), "ms", target="<= 60"),
    ]


def filtering() -> list[Figure]:
    """Measure a filter over a list of 100,000 fills: the first letter, and each that follows."""
    from tests.tui.fixtures import FakeEngine

    from tradetui.tui.widgets import lists, record_lists

    snapshot = FakeEngine().snapshot()
    one = snapshot.fills[0]
    instruments = {view.instrument_id: view for view in snapshot.instruments}
    fills = [type(one)(**{**as_fields(one), "price": one.price + i}) for i in range(FILLS)]
    cache: record_lists.RowCache = {}
    content = record_lists.fills_content(fills, instruments, cache, masked=False)
    times = []
    for pattern in ("b", "bt", "btc", "!eth", "~6[0-9]+", "zzz"):
        begun = time.perf_counter()
        lists.filtered(content, pattern)
        times.append((time.perf_counter() - begun) * 1e3)
    return [
        Figure("filter_first", times[0], "ms", note=f"{FILLS:,} fills", target="<= 100"),
        Figure("filter_next_worst", max(times[1:]), "ms", target="<= 100"),
    ]


def as_fields(record: object) -> dict[str, object]:
    """Return a record's values by name."""
    names: tuple[str, ...] = record.__struct_fields__  # type: ignore[attr-defined]
    return {name: getattr(record, name) for name in names}


def memory(folder: Path, seconds: float) -> list[Figure]:
    """Measure how memory grows in a replay at 10,000x, minute by minute; the slope is that of the
    second half.
    """
    source = bars(folder / "long-1m.csv", max(200_000, int(seconds * 180)))
    terminal, _ = start(LARGE, "demo", "--replay", str(source), "--speed", "10000")
    begun, course = time.perf_counter(), [terminal.rss_mb()]
    while (left := begun + seconds - time.perf_counter()) > 0:
        terminal.read_for(min(left, seconds / 10))
        course.append(terminal.rss_mb())
        sys.stderr.write(f"{time.perf_counter() - begun:5.0f} s: {course[-1]:.1f} MB\n")
    terminal.close()
    slope = (course[-1] - course[len(course) // 2]) / (seconds / 2) * 600
    is_full = seconds / 2 >= FULL_AFTER
    note = "of the second half" + ("" if is_full else ": lists still fill, see --seconds")
    return [
        Figure("rss_replay", course[-1], "MB", note="replay at 10,000x, 200x50"),
        Figure("rss_slope", slope, "MB per 10 min", note=note),
    ]


def main() -> None:
    """Measure everything, or one of the groups."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", choices=["small", "large", "headless", "slow", "filter", "memory"]
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=120.0,
        help=f"length of the memory run; its slope is that of full lists from {2 * FULL_AFTER} on",
    )
    options = parser.parse_args()
    sys.stderr.write("measuring; quiet machines only: other work shows in every figure\n")
    warm_up()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="tradetui-bench-") as name:
        folder = Path(name)
        for group, size in (("small", SMALL), ("large", LARGE)):
            if options.only in (None, group):
                figures += at_size(size, folder)
        if options.only in (None, "headless"):
            figures += without_screen(folder)
        if options.only in (None, "slow"):
            figures += over_slow_lines(folder)
        if options.only in (None, "filter"):
            figures += filtering()
        if options.only in (None, "memory"):
            figures += memory(folder, options.seconds)
    print_figures(figures)


if __name__ == "__main__":
    main()
