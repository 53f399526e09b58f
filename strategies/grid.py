"""Grid: buy a little at each level below, sell it again one level up.

The grid is laid around the price of the moment it starts. Each level that is bought is sold one
level higher, and bought again when it has been sold. If the price falls through the floor (a number
of levels below the lowest), everything is sold and the grid is laid anew after a pause. Long only.
"""

from tradetui.strategy import Strategy, bars, minutes


class Grid(Strategy):
    """Earn the swings of a market that goes sideways."""

    LABEL = "Grid"
    TICK_MINUTES = 1.0
    DATA = {"bars": bars(setting="timeframe")}
    CONFIG_SCHEMA = {
        "levels": {
            "type": "int",
            "default": 5,
            "min": 1,
            "max": 20,
            "help": "buy orders below the price",
        },
        "step": {
            "type": "float",
            "default": 0.005,
            "min": 0.0005,
            "max": 0.1,
            "unit": "of price",
            "help": "distance of two levels; must exceed twice the fee",
        },
        "value": {
            "type": "float",
            "default": 100.0,
            "min": 0.0001,
            "max": 1000000.0,
            "unit": "quote currency",
            "help": "worth of one level",
        },
        "floor": {
            "type": "int",
            "default": 3,
            "min": 1,
            "max": 50,
            "unit": "levels",
            "help": "how far below the lowest level everything is sold",
        },
        "pause": {
            "type": "int",
            "default": 60,
            "min": 1,
            "max": 10080,
            "unit": "minutes",
            "help": "how long to wait after that",
        },
        "timeframe": {
            "type": "choice",
            "choices": ["1m", "5m", "15m", "1h", "4h", "1d"],
            "default": "1m",
            "help": "length of the bars",
        },
    }
    # The middle of the grid outlives a reload: the orders that rest belong to it.
    STATE_SCHEMA = {
        "middle": {"type": "float", "default": 0.0, "min": 0.0},
        "resume_at": {"type": "time", "default": 0},
    }

    def level(self, number):
        """Price of a level; 0 is the middle, below it the numbers are negative."""
        return self.state["middle"] * (1 + self.cfg.step * number)

    def on_tick(self, tick):
        if self.now < self.state["resume_at"]:
            return
        if not self.state["middle"]:
            self.state["middle"] = tick.price
        lowest = self.level(-self.cfg.levels - self.cfg.floor)
        if self.signal("floor", price=(tick.price, "<", lowest)):
            self.leave()
            return
        # A grid that the price has left upwards, with nothing bought, moves up with it.
        if not self.position and tick.price > self.level(1):
            self.context.cancel_all_orders(reason="grid moves up")
            self.state["middle"] = tick.price
            return
        self.lay(tick.price)

    def lay(self, price):
        """Place what is missing: a buy at every free level below, a sell above every one bought."""
        buys = [order.price for order in self.orders if order.side == "buy"]
        for number in range(1, self.cfg.levels + 1):
            wanted = self.level(-number)
            is_free = all(abs(wanted - resting) > wanted * self.cfg.step / 2 for resting in buys)
            if wanted < price and is_free and not self.is_bought(number):
                amount = self.context.suggest_order_amount(price=wanted, value=self.cfg.value)
                if amount:
                    self.place("buy", amount, "limit", wanted, reason=f"level {-number}")
        self.offer(price)

    def offer(self, price):
        """Sell what was bought and is not on offer yet."""
        offered = sum(order.remaining for order in self.orders if order.side == "sell")
        missing = self.position.amount - offered
        lot = self.cfg.value / price
        if missing >= lot / 2:
            # What was bought last came from the lowest level, so it leaves one level above that.
            bought = max(1, round(self.position.amount / lot))
            target = max(self.level(1 - bought), price * (1 + self.cfg.step / 2))
            self.place("sell", missing, "limit", target, reduce_only=True, reason="level up")

    def is_bought(self, number):
        """Whether a level's worth is in the position already: they fill from the top down."""
        lot = self.cfg.value / self.level(-number)
        return self.position.amount > lot * (number - 0.5)

    def leave(self):
        """Below the floor: sell everything and lay a new grid after the pause."""
        self.close(reason="below the floor")
        self.state["middle"] = 0.0
        self.state["resume_at"] = self.now + minutes(self.cfg.pause)
        self.log(f"below the floor: out for {self.cfg.pause} minutes", level="warning")

    def render(self):
        middle = self.state["middle"]
        rows = [
            [order.side, order.price, order.remaining, order.word]
            for order in sorted(self.orders, key=lambda order: -(order.price or 0))
        ]
        lines = {}
        if middle:
            count = len(self.bars)
            numbers = range(-self.cfg.levels, 1)
            lines = {f"{number}": [self.level(number)] * count for number in numbers[-8:]}
        return {
            "widgets": [
                {"type": "candles", "data": self.bars.candles, "lines": lines},
                {"type": "metric", "label": "middle", "value": middle or None},
                {"type": "metric", "label": "held", "value": self.position.quantity},
                {
                    "type": "table",
                    "title": "orders",
                    "columns": ["side", "price", "amount", "state"],
                    "rows": rows,
                },
            ]
        }
