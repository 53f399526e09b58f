"""Moving-average cross: follow the trend when the fast average passes the slow one.

Long when the fast average crosses above the slow one; out when it crosses back, or at the stop. The
stop is placed with the entry, a number of average true ranges away, and the size is chosen so that
a stop costs the part of the budget that you set. Long only, so that it also fits a spot account.
"""

from tradetui.strategy import Strategy, bars


class MaCross(Strategy):
    """Follow the trend by two moving averages."""

    LABEL = "Moving-average cross"
    # No `warm=`: the feed asks for as much history as the averages below need.
    DATA = {"bars": bars(setting="timeframe")}
    CONFIG_SCHEMA = {
        "fast": {
            "type": "int",
            "default": 10,
            "min": 2,
            "max": 200,
            "unit": "bars",
            "help": "length of the fast average",
        },
        "slow": {
            "type": "int",
            "default": 30,
            "min": 3,
            "max": 500,
            "unit": "bars",
            "help": "length of the slow average; more than fast",
        },
        "risk": {
            "type": "float",
            "default": 0.005,
            "min": 0.0001,
            "max": 0.05,
            "unit": "of budget",
            "help": "what a stopped trade may cost",
        },
        "stop_atr": {
            "type": "float",
            "default": 3.0,
            "min": 0.5,
            "max": 20.0,
            "unit": "ATR",
            "help": "distance of the stop",
        },
        "timeframe": {
            "type": "choice",
            "choices": ["1m", "5m", "15m", "1h", "4h", "1d"],
            "default": "1m",
            "help": "length of the bars",
        },
    }

    def setup(self):
        if self.cfg.fast >= self.cfg.slow:
            raise ValueError(f"fast ({self.cfg.fast}) must be less than slow ({self.cfg.slow})")
        self.fast = self.bars.sma(self.cfg.fast)
        self.slow = self.bars.sma(self.cfg.slow)
        self.atr = self.bars.atr(14)

    def on_bar(self, bar):
        # Right after the start there is no bar before to compare with.
        if self.fast.previous is None or self.slow.previous is None:
            return
        was_above = self.fast.previous > self.slow.previous
        if self.position:
            if self.signal("exit", fast=(self.fast.value, "<", self.slow.value)):
                self.close(reason="crossed back")
            return
        crossed = self.signal(
            "long",
            fast=(self.fast.value, ">", self.slow.value),
            was_below=not was_above,
            moving=(self.atr.value, ">", 0),
        )
        if crossed:
            distance = self.cfg.stop_atr * self.atr.value
            self.enter("long", risk=self.cfg.risk, stop=bar.close - distance)

    def on_exit(self, trip):
        self.log(f"{trip.side} {trip.amount:.8g} closed: {trip.net_pnl:+.2f} after fees")

    def render(self):
        return {
            "widgets": [
                {
                    "type": "candles",
                    "data": self.bars.candles,
                    "lines": {"fast": self.fast.history, "slow": self.slow.history},
                },
                {"type": "metric", "label": "fast", "value": self.fast.value},
                {"type": "metric", "label": "slow", "value": self.slow.value},
                {"type": "metric", "label": "ATR", "value": self.atr.value},
            ]
        }
