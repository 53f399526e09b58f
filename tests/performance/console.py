"""The console, measured from outside in a real pseudo-terminal."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.performance.figures import Figure
from tests.support.terminal import Terminal

PROGRAM = str(Path(sys.executable).with_name("tradetui"))
LOAD = Path(__file__).with_name("load.toml")
LARGE, SMALL = (200, 50), (80, 24)
START_CELLS, PAINTED_CELLS = 20, 200
"""Cells that show: of the start page, and of the console."""


def start(size: tuple[int, int], *args: str) -> tuple[Terminal, float]:
    """Start the program and return it with the ms to the first frame: the start page."""
    cols, rows = size
    terminal = Terminal([PROGRAM, *args], cols=cols, rows=rows, env={"LANG": "C.UTF-8"})
    first = painted_ms(terminal, START_CELLS)
    return terminal, first


def painted_ms(terminal: Terminal, cells: int) -> float:
    """Wait until so many cells show; return the ms since the start of the program."""
    while terminal.painted() < cells and terminal.read(0.005):
        pass
    return (time.perf_counter() - terminal.started) * 1e3


def at_rest(terminal: Terminal, seconds: float) -> tuple[float, float]:
    """Return bytes a second and per cent of one CPU over a while."""
    received, cpu = terminal.received, terminal.cpu_seconds()
    terminal.read_for(seconds)
    return (terminal.received - received) / seconds, (terminal.cpu_seconds() - cpu) / seconds * 100


def key_times(terminal: Terminal, count: int) -> list[float]:
    """Return the ms from each of ``count`` keys (j, k in turn) until the bytes of the first changed
    cell were there.
    """
    times = []
    for number in range(count):
        terminal.read_for(0.3)
        before, began = terminal.cells(), time.perf_counter()
        terminal.press("jk"[number % 2], pause=0.0)
        while (is_same := terminal.cells() == before) and time.perf_counter() - began < 1.0:
            terminal.read(0.002)
        times.append(((time.perf_counter() if is_same else terminal.arrived) - began) * 1e3)
    return times


def bars(path: Path, count: int = 2_000) -> Path:
    """Write a file of bars to replay, and to hold."""
    rows = ["ts_ms,open,high,low,close,volume"]
    for i in range(count):
        price = 100 + i % 37
        at = 1_600_000_000_000 + i * 60_000
        rows.append(f"{at},{price},{price + 3},{price - 2},{price + 1},5")
    path.write_text("\n".join(rows) + "\n")
    return path


def warm_up() -> None:
    """Let Python keep its compiled modules, as an installed program has them."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run([PROGRAM, "strategies", "list"], check=True, capture_output=True)
    subprocess.run(
        [sys.executable, "-c", "import tradetui.bootstrap.console.opening"],
        check=True,
        capture_output=True,
    )


def measure() -> list[Figure]:
    """Measure start, rest, load, keys and memory; takes about a minute."""
    warm_up()
    with tempfile.TemporaryDirectory(prefix="tradetui-bench-") as folder:
        state = Path(folder)
        firsts, consoles = [], []
        for number in range(3):
            demo, first = start(LARGE, "demo", "--state", str(state / f"demo{number}"))
            firsts.append(first)
            consoles.append(painted_ms(demo, PAINTED_CELLS))
            demo.read_for(5 if number == 2 else 0.5)
            if number < 2:
                demo.close()
        rss = demo.rss_mb()
        demo.close()
        held, _ = start(LARGE, "demo", "--replay", str(bars(state / "BTC_USD-1m.csv")))
        held.read_for(3)
        held.press(";")
        held.read_for(2)
        idle_bytes, idle_cpu = at_rest(held, 8)
        held.close()
        args = ("--config", str(LOAD), "--state", str(state / "load"))
        loaded, _ = start(LARGE, *args)
        loaded.read_for(10)
        load_bytes, load_cpu = at_rest(loaded, 10)
        keys = sorted(key_times(loaded, 30))
        loaded.close()
    return [
        Figure("first_frame", statistics.median(firsts), "ms", target="<= 500"),
        Figure("console", statistics.median(consoles), "ms", note="the start page gives way"),
        Figure("idle_cpu", idle_cpu, "%", target="<= 1"),
        Figure("idle_bytes", idle_bytes, "B/s", target="<= 300"),
        Figure("load_cpu", load_cpu, "%", target="<= 8"),
        Figure("load_bytes", load_bytes, "B/s", target="<= 35,000"),
        Figure("key_p90", keys[int(len(keys) * 0.9) - 1], "ms", target="<= 40"),
        Figure("rss", rss, "MB", target="<= 100"),
        Figure("help", help_ms(), "ms", target="<= 150"),
    ]


def help_ms() -> float:
    """Return the best ms of several runs of ``--help``."""
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        subprocess.run([PROGRAM, "--help"], check=True, capture_output=True)
        best = min(best, (time.perf_counter() - began) * 1e3)
    return best
