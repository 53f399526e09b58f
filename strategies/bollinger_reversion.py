"""Bollinger reversion: buy far below the average while the longer trend is up, sell at the average.

Two timeframes: entries on the fast one, the trend from the slow one. Each entry carries its stop,
and after a loss the strategy keeps out of the market for a while; that moment is in STATE_SCHEMA,
so that neither a reload nor a restart forgets it.
"""

from tradetui.strategy import Strategy, bars, minutes


class BollingerReversion(Strategy):
    """Fade the lower band in an uptrend."""

    LABEL = "Bollinger reversion"
    DATA = {"fast": bars(setting="timeframe"), "slow": bars(setting="trend_timeframe")}
    CONFIG_SCHEMA = {
        "period": {
            "type": "int",
            "default": 20,
            "min": 5,
            "max": 200,
            "unit": "bars",
            "help": "length of the bands",
        },
        "z": {
            "type": "float",
            "default": 2.0,
            "min": 0.5,
            "max": 5.0,
            "unit": "deviations",
            "help": "how far below the average an entry is",
        },
        "trend": {
            "type": "int",
            "default": 20,
            "min": 2,
            "max": 200,
            "unit": "bars",
            "help": "length of the average that says whether the trend is up",
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
            "default": 2.5,
            "min": 0.5,
            "max": 20.0,
            "unit": "ATR",
            "help": "distance of the stop",
        },
        "cooldown": {
            "type": "int",
            "default": 30,
            "min": 0,
            "max": 1440,
            "unit": "minutes",
            "help": "no entry for so long after a loss",
        },
        "timeframe": {
            "type": "choice",
            "choices": ["1m", "5m", "15m", "1h", "4h", "1d"],
            "default": "1m",
            "help": "length of the bars of the bands",
        },
        "trend_timeframe": {
            "type": "choice",
            "choices": ["1m", "5m", "15m", "1h", "4h", "1d"],
            "default": "15m",
            "help": "length of the bars of the trend",
        },
    }
    STATE_SCHEMA = {"cool_until": {"type": "time", "default": 0}}

    def setup(self):
        self.bands = self.fast.bollinger(self.cfg.period)
        self.atr = self.fast.atr(14)
        self.trend = self.slow.ema(self.cfg.trend)

    def on_bar(self, bar):
        if bar.feed != "fast":
            return
        self.plot("z", self.bands.z)
        if self.position:
            # The stop rests already; here is the other way out.
            if self.signal("exit", z=(self.bands.z, ">=", 0)):
                self.close(reason="back at the average")
            return
        wanted = self.signal(
            "long",
            z=(self.bands.z, "<", -self.cfg.z),
            trend=(bar.close, ">", self.trend.value),
            moving=(self.atr.value, ">", 0),
            cooled=self.now >= self.state["cool_until"],
        )
        if wanted:
            distance = self.cfg.stop_atr * self.atr.value
            self.enter("long", risk=self.cfg.risk, stop=bar.close - distance)

    def on_exit(self, trip):
        if trip.net_pnl < 0:
            self.state["cool_until"] = self.now + minutes(self.cfg.cooldown)
        self.log(f"{trip.side} {trip.amount:.8g} closed: {trip.net_pnl:+.2f} after fees")

    def render(self):
        return {
            "widgets": [
                {"type": "candles", "data": self.fast.candles, "lines": self.bands.histories},
                {"type": "line_chart", "title": "z", "data": self.plots.get("z", [])},
                {"type": "metric", "label": "z", "value": self.bands.z, "decimals": 2},
                {"type": "metric", "label": "trend", "value": self.trend.value},
                {"type": "metric", "label": "ATR", "value": self.atr.value},
            ]
        }
