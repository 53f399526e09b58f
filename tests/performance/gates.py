"""``make bench-console``: the console's gates, in a real terminal, at two sizes and under load."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.performance.console import LARGE, LOAD, SMALL, at_rest, bars, key_times, start, warm_up
from tests.performance.figures import Figure, print_figures
from tests.support.terminal import Terminal

INSTANCES = 100
EVENTS = 1_000
FILLS = 100_000
SCREENS = "123456789"


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
    """Return the ms from each screen's key to the first changed cell."""
    times = []
    for key in SCREENS * rounds:
        terminal.read_for(0.4)
        before, begun = terminal.cells(), time.perf_counter()
        terminal.press(key, pause=0.0)
        while terminal.cells() == before and time.perf_counter() - begun < 1.0:
            terminal.read(0.002)
        times.append((time.perf_counter() - begun) * 1e3)
    terminal.press("1", pause=0.5)
    return times


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
        Figure(f"heavy_cpu_{name}", load_cpu, "%", note="screen and engine", target="<= 8"),
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
    """Measure how memory grows in a replay at 1,000x: after a warm-up, per hour of the data."""
    source = bars(folder / "long-1m.csv", 200_000)
    terminal, _ = start(LARGE, "demo", "--replay", str(source), "--speed", "1000")
    terminal.read_for(seconds / 2)
    before, begun = terminal.rss_mb(), time.perf_counter()
    terminal.read_for(seconds)
    slope = (terminal.rss_mb() - before) / (time.perf_counter() - begun) * 600
    rss = terminal.rss_mb()
    terminal.close()
    return [
        Figure("rss_replay", rss, "MB", target="<= 100"),
        Figure("rss_slope", slope, "MB per 10 min", note="replay at 1,000x, 200x50"),
    ]


def main() -> None:
    """Measure everything, or one of the groups."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["small", "large", "filter", "memory"])
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the memory run")
    options = parser.parse_args()
    sys.stderr.write("measuring; quiet machines only: other work shows in every figure\n")
    warm_up()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="tradetui-bench-") as name:
        folder = Path(name)
        for group, size in (("small", SMALL), ("large", LARGE)):
            if options.only in (None, group):
                figures += at_size(size, folder)
        if options.only in (None, "filter"):
            figures += filtering()
        if options.only in (None, "memory"):
            figures += memory(folder, options.seconds)
    print_figures(figures)


if __name__ == "__main__":
    main()
