"""Gallery: every widget a strategy can show, and every answer the risk gate can give.

A tour, not a way to earn money. Each tick it does the next of four things, so that within a few
minutes of market time you see an order allowed, one cut down (modify) and one rejected:

1. enter a small long with a stop and a target: allowed;
2. rest a buy far too large below the market: cut to the risk profile's limit;
3. withdraw that, and ask to *buy* to reduce a long position: rejected, that reduces nothing;
4. close the position.

Then it rests (`rest`), and places nothing while entries are not allowed.
"""

from tradetui.strategy import Strategy, bars

STEPS = ("enter", "too large", "senseless", "close")


class Gallery(Strategy):
    """Show everything once."""

    LABEL = "Gallery of widgets"
    TICK_MINUTES = 0.5
    DATA = {"bars": bars(setting="timeframe", warm=0)}
    CONFIG_SCHEMA = {
        "value": {
            "type": "float",
            "default": 25.0,
            "min": 0.0001,
            "max": 1000000.0,
            "unit": "quote currency",
            "help": "worth of the order that is allowed",
        },
        "oversize": {
            "type": "float",
            "default": 2000.0,
            "min": 0.0001,
            "max": 10000000.0,
            "unit": "quote currency",
            "help": "worth of the order that is cut; more than the profile allows for one order",
        },
        "below": {
            "type": "float",
            "default": 0.01,
            "min": 0.001,
            "max": 0.2,
            "unit": "of price",
            "help": "how far below the market that order rests",
        },
        "rest": {
            "type": "int",
            "default": 20,
            "min": 0,
            "max": 10000,
            "unit": "ticks",
            "help": "pause between two tours; 0 never rests",
        },
        "trade": {"type": "bool", "default": True, "help": "off: only show the widgets"},
        "style": {
            "type": "choice",
            "choices": ["lines", "pairs"],
            "default": "lines",
            "help": "how the line chart gets its points",
        },
        "note": {"type": "string", "default": "hello", "help": "a text of your own"},
        "marks": {
            "type": "list",
            "item": "float",
            "default": [1.0, 3.0, 2.0],
            "help": "numbers for the bar chart",
        },
        "timeframe": {
            "type": "choice",
            "choices": ["1m", "5m", "15m", "1h", "4h", "1d"],
            "default": "1m",
            "help": "length of the bars",
        },
    }

    def init(self):
        return {"step": 0, "rest": 0, "lines": []}

    def setup(self):
        self.bands = self.bars.bollinger(20)
        self.average = self.bars.ema(9)

    def on_tick(self, tick):
        self.plot("price", tick.price)
        if not self.cfg.trade or not self.may_go_on():
            return
        step = STEPS[self.state["step"] % len(STEPS)]
        self.state["step"] += 1
        self.signal("tour", step=True, number=(self.state["step"], ">", 0))
        if step == "enter":
            self.enter(
                "long", value=self.cfg.value, stop=tick.price * 0.95, target=tick.price * 1.05
            )
        elif step == "too large":
            price = tick.price * (1 - self.cfg.below)
            self.place("buy", self.cfg.oversize / price, "limit", price, reason="too large")
        elif step == "senseless":
            self.context.cancel_all_orders(reason="seen")
            self.place("buy", self.cfg.value / tick.price, reduce_only=True, reason="senseless")
        else:
            self.close(reason="end of the tour")
            self.state["rest"] = self.cfg.rest

    def may_go_on(self):
        """Count the pause down; while no entry can pass only the end of a tour is done."""
        if self.state["rest"]:
            self.state["rest"] -= 1
            return False
        can_enter = self.context.can_trade or self.context.mode == "observe"
        return can_enter or STEPS[self.state["step"] % len(STEPS)] == "close"

    def on_order(self, order):
        self.note(f"{order.id} {order.side} {order.status} {order.cause} {order.reason}".rstrip())

    def on_exit(self, trip):
        self.note(f"round trip {trip.net_pnl:+.4f}")
        self.log(f"round trip {trip.net_pnl:+.4f} after fees")

    def note(self, line):
        self.state["lines"] = [*self.state["lines"], line][-50:]

    def render(self):
        step = self.state["step"]
        prices = self.plots.get("price", [])
        pairs = {"price": prices}
        plain = {"close": self.bars.closes, "average": self.average.history}
        candles = self.bars.candles
        changes = [close - opened for _, opened, _, _, close in candles]
        return {
            "widgets": [
                {
                    "type": "candles",
                    "title": "candles",
                    "data": candles,
                    "lines": self.bands.histories,
                },
                {
                    "type": "line_chart",
                    "title": "line_chart",
                    "data": pairs if self.cfg.style == "pairs" else plain,
                },
                {"type": "metric", "label": "price", "value": prices[-1][1] if prices else None},
                {"type": "metric", "label": "note", "value": self.cfg.note},
                {"type": "metric", "label": "z", "value": self.bands.z, "decimals": 2},
                {
                    "type": "progress",
                    "label": "tour",
                    "value": step % len(STEPS),
                    "max": len(STEPS),
                    "text": f"next: {STEPS[step % len(STEPS)]}",
                },
                {
                    "type": "table",
                    "title": "table",
                    "columns": ["id", "side", "amount", "state"],
                    "rows": [[o.id, o.side, o.amount, o.word] for o in self.orders],
                },
                {"type": "bar_chart", "title": "bar_chart", "data": list(self.cfg.marks)},
                {
                    "type": "line_chart",
                    "title": "line_chart with bars",
                    "data": {"change": changes},
                    "bars": ["change"],
                },
                {"type": "histogram", "title": "histogram", "data": changes, "bins": 12},
                {"type": "text", "title": "text", "text": __doc__},
                {"type": "log", "title": "log", "lines": self.state["lines"]},
            ]
        }
