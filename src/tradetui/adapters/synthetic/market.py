"""How one made-up price moves.

The log price (log odds for a contract between 0 and 1) takes normal steps whose variance follows a
GARCH(1,1) recursion (Bollerslev 1986), so that quiet and wild minutes cluster; a hidden regime adds
drift for tens of minutes; jumps come as a Poisson process; a weak pull towards the start keeps a
demo of weeks in sight of it. All randomness is from one seeded ``random.Random``: the same seed and
the same times give the same prices.

A feed may ask for thousands of quotes a second, so the draws that each of them takes are written
out here: ``random``'s own methods, for one mean and one deviation.
"""

from __future__ import annotations

import math
import random
from typing import Final

from tradetui.adapters.synthetic.catalogue import Character
from tradetui.domain.enums import InstrumentClass, OrderSide
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Quote, Trade
from tradetui.domain.units import NANOS_PER_SECOND

_YEAR_SECONDS: Final = 365.0 * 86_400.0
_GARCH_REACTION: Final = 0.08
_GARCH_MEMORY: Final = 0.90
_GARCH_REST: Final = 1.0 - _GARCH_REACTION - _GARCH_MEMORY
_VARIANCE_BOUNDS: Final = (0.1, 16.0)
_REGIME_SECONDS: Final = 1_200.0
_DRIFTS: Final = (-1.0, 0.0, 0.0, 1.0)
_DRIFT_OF_VOLATILITY: Final = 0.02
"""Drift of a trending regime per second, in standard deviations of a second."""

_JUMPS_AN_HOUR: Final = 0.4
_JUMP_DEVIATIONS: Final = 60.0
"""Size of a typical jump, in standard deviations of a second: about a minute's worth of 8."""

_PULL_PER_SECOND: Final = 1.0 / (20.0 * 86_400.0)
_BASIS_PULL: Final = 1.0 / 600.0
_LONGEST_STEP: Final = 60.0
_PREDICTION_BOUNDS: Final = (0.02, 0.98)
_SIZE_LOG_MEAN: Final = -0.5
"""Sizes are log-normal with a deviation of 1, so that their mean is the typical size."""

_SIZES: Final = 1_024
"""So many sizes are drawn at the start; every quote and trade takes one of them."""

_TWO_PI: Final = 2.0 * math.pi
_BUY, _SELL = OrderSide.BUY, OrderSide.SELL


class SyntheticMarket:
    """The price, the quote and the trades of one instrument."""

    def __init__(
        self,
        instrument: Instrument,
        character: Character,
        seed: int,
        start: int,
        leader: SyntheticMarket | None = None,
    ) -> None:
        self.instrument = instrument
        self.character = character
        self._leader = leader
        self._time = start
        self._rng = random.Random(f"{seed}:{instrument.instrument_id}")
        self.chance = self._rng.random
        """Draw a number in [0, 1) from the market's own randomness."""
        self._second_normal: float | None = None
        """Normal draws are made in pairs: the one that was not asked for yet."""
        self._sigma = character.volatility / math.sqrt(_YEAR_SECONDS)
        self._variance = self._deviation = 1.0
        """Of a second's move, in those of a quiet second; the deviation is the root of it."""
        self._drift = 0.0
        self._buys = 0.5
        """Which part of the trades buys."""
        self._regime_left = 0.0
        self._basis = 0.0
        self._is_prediction = instrument.instrument_class is InstrumentClass.PREDICTION
        self._anchor = self._to_level(character.start_price)
        self.level = self._anchor
        """Log price, or log odds."""
        self._trades = 0
        self._tick = instrument.price_increment
        self._top = instrument.price_max
        self._price_power = 10**instrument.price_scale
        self._size_power = 10**instrument.size_scale
        self._lot = instrument.size_increment
        self._spread = character.spread
        self._sizes = self._drawn_sizes()
        self._jumps_a_second = _JUMPS_AN_HOUR / 3_600.0

    def _to_level(self, price: float) -> float:
        return math.log(price / (1.0 - price)) if self._is_prediction else math.log(price)

    def price_of(self, level: float) -> float:
        """Return the price at a level."""
        if not self._is_prediction:
            return math.exp(level)
        low, high = _PREDICTION_BOUNDS
        return min(max(1.0 / (1.0 + math.exp(-level)), low), high)

    def go_on_from(self, price: int) -> None:
        """Stand at a price (at the instrument's scale) that was seen before."""
        self.level = self._to_level(price / 10**self.instrument.price_scale)
        if self._leader is not None:
            self._basis = self.level - self._leader.level

    def advance_to(self, now: int) -> None:
        """Let time pass until ``now`` (ns UTC), for the market that this one follows too."""
        leader = self._leader
        if leader is not None:
            leader.advance_to(now)
        seconds = (now - self._time) / NANOS_PER_SECOND
        if now > self._time:
            self._time = now
        while seconds > 0.0:
            step = seconds if seconds < _LONGEST_STEP else _LONGEST_STEP
            if leader is None:
                self._move(step)
            else:
                self._follow(leader, step)
            seconds -= step

    def _follow(self, leader: SyntheticMarket, seconds: float) -> None:
        noise = self._normal() * self._sigma * math.sqrt(seconds)
        self._basis += 0.2 * noise - self._basis * min(seconds * _BASIS_PULL, 1.0)
        self.level = leader.level + self._basis

    def _move(self, seconds: float) -> None:
        self._regime_left -= seconds
        if self._regime_left <= 0.0:
            self._regime_left = self._rng.expovariate(1.0 / _REGIME_SECONDS)
            direction = self._rng.choice(_DRIFTS)
            self._drift = direction * _DRIFT_OF_VOLATILITY
            self._buys = 0.5 + 0.3 * math.tanh(direction)
        z = self._second_normal
        if z is None:
            z = self._normal()
        else:
            self._second_normal = None
        shock = z * self._deviation
        change = self._sigma * (shock * math.sqrt(seconds) + self._drift * seconds)
        if self.chance() < self._jumps_a_second * seconds:
            change += self._normal() * _JUMP_DEVIATIONS * self._sigma
        change += (self._anchor - self.level) * seconds * _PULL_PER_SECOND
        self.level += change
        variance = _GARCH_REST + _GARCH_REACTION * shock * shock + _GARCH_MEMORY * self._variance
        low, high = _VARIANCE_BOUNDS
        self._variance = low if variance < low else high if variance > high else variance
        self._deviation = math.sqrt(self._variance)

    def to_tick(self, price: float) -> int:
        """Return a price on the tick, at least one tick and within the instrument's bounds."""
        tick, top = self._tick, self._top
        ticks = int(price * self._price_power / tick + 0.5) or 1
        return min(ticks * tick, top - tick) if top is not None else ticks * tick

    def quote(self) -> Quote:
        """Return a quote about the price now."""
        tick, top, power = self._tick, self._top, self._price_power
        mid = self.price_of(self.level) if self._is_prediction else math.exp(self.level)
        wide = mid * self._spread * self._deviation
        ticks = int(wide * power / tick + 0.5) or 1
        middle = (int(mid * power / tick + 0.5) or 1) * tick if top is None else self.to_tick(mid)
        bid = middle - (ticks // 2) * tick
        if bid < tick:
            bid = tick
        ask = bid + ticks * tick
        if top is not None and ask > top - tick:
            ask = top - tick
            bid = min(bid, ask - tick)
        draw, sizes = self.chance, self._sizes
        return Quote(bid, sizes[int(draw() * _SIZES)], ask, sizes[int(draw() * _SIZES)])

    def trade(self, quote: Quote) -> Trade:
        """Return a trade that takes a part of a quote."""
        if self.chance() < self._buys:
            price, most, side = quote.ask, quote.ask_quantity, _BUY
        else:
            price, most, side = quote.bid, quote.bid_quantity, _SELL
        size = self._sizes[int(self.chance() * _SIZES)]
        self._trades += 1
        return Trade(price, size if size < most else most, side, f"sim-{self._trades}")

    def wait(self, mean_seconds: float) -> float:
        """Draw the time to the next event of a Poisson process."""
        return -math.log(1.0 - self.chance()) * mean_seconds

    def _drawn_sizes(self) -> tuple[int, ...]:
        """Draw the sizes of quotes and trades."""
        lot, typical, draw = self._lot, self.character.typical_size, self._rng.lognormvariate
        units = [typical * draw(_SIZE_LOG_MEAN, 1.0) for _ in range(_SIZES)]
        return tuple([(int(one * self._size_power / lot) or 1) * lot for one in units])

    def _normal(self) -> float:
        """Draw from the standard normal distribution, by Box and Muller's method (1958)."""
        z = self._second_normal
        if z is not None:
            self._second_normal = None
            return z
        angle = self.chance() * _TWO_PI
        radius = math.sqrt(-2.0 * math.log(1.0 - self.chance()))
        self._second_normal = math.sin(angle) * radius
        return math.cos(angle) * radius
