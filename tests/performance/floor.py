"""The floor: a moving-average strategy's arithmetic alone, measured in the same process."""

from __future__ import annotations

import gc
import random
import time
from collections import deque

FAST, SLOW = 10, 30


class SmaCross:
    """Two incremental moving averages: +1, -1 or 0 a close."""

    __slots__ = ("fast", "fast_sum", "slow", "slow_sum")

    def __init__(self) -> None:
        self.fast: deque[float] = deque()
        self.slow: deque[float] = deque()
        self.fast_sum = self.slow_sum = 0.0

    def update(self, close: float) -> int:
        """Take a close, return the side to be on."""
        fast, slow = self.fast, self.slow
        fast.append(close)
        self.fast_sum += close
        slow.append(close)
        self.slow_sum += close
        if len(fast) > FAST:
            self.fast_sum -= fast.popleft()
        if len(slow) > SLOW:
            self.slow_sum -= slow.popleft()
        elif len(slow) < SLOW:
            return 0
        distance = self.fast_sum / FAST - self.slow_sum / SLOW
        if distance > 1e-9:
            return 1
        return -1 if distance < -1e-9 else 0


def random_walk(count: int, seed: int) -> list[float]:
    """Return closes with two decimals."""
    source = random.Random(seed)
    closes, price = [], 100.0
    for _ in range(count):
        price = round(price * (1 + source.gauss(0, 0.0005)), 2)
        closes.append(price)
    return closes


def reference(closes: list[float]) -> tuple[int, float]:
    """Return what an engine must report; the last bar's order is not filled."""
    strategy, position, cash, fills = SmaCross(), 0, 1_000_000.0, 0
    for close in closes[:-1]:
        side = strategy.update(close)
        if side > 0 and not position:
            position, cash, fills = 10, cash - 10 * close, fills + 1
        elif side < 0 and position:
            position, cash, fills = 0, cash + 10 * close, fills + 1
    if closes:
        strategy.update(closes[-1])
    return fills, cash + position * closes[-1]


def floor_ns(count: int = 200_000, repeats: int = 5) -> float:
    """Return nanoseconds a bar of the strategy alone: the best of several runs."""
    closes = random_walk(count, seed=1)
    best = float("inf")
    for _ in range(repeats):
        gc.collect()
        start = time.perf_counter()
        reference(closes)
        best = min(best, (time.perf_counter() - start) / count * 1e9)
    return best
