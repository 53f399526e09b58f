"""Market maker: rest a buy below and a sell above the middle, and earn the difference.

Needs quotes (best bid and ask); on bars alone it waits. Both prices move with the market and lean
against what is held: the more it holds, the lower both sit. It never holds more than `inventory`
is worth, every position has a stop, and after a loss it rests. Sells only what it holds, so that it
fits a spot account.
"""

from tradetui.strategy import Strategy, minutes, quotes, seconds


class MarketMaker(Strategy):
    """Quote both sides of the market."""

    LABEL = "Market maker"
    DATA = {"quotes": quotes(keep=200)}
    CONFIG_SCHEMA = {
        "half_spread": {
            "type": "float",
            "default": 0.001,
            "min": 0.0001,
            "max": 0.05,
            "unit": "of price",
            "help": "distance of each order from the middle; must exceed the maker fee",
        },
        "tolerance": {
            "type": "float",
            "default": 0.0003,
            "min": 0.00001,
            "max": 0.05,
            "unit": "of price",
            "help": "how far an order may be from where it should be before it is moved",
        },
        "refresh": {
            "type": "int",
            "default": 20,
            "min": 1,
            "max": 3600,
            "unit": "seconds",
            "help": "the least time between two moves of an order; venues and limits count orders",
        },
        "value": {
            "type": "float",
            "default": 100.0,
            "min": 1.0,
            "max": 1000000.0,
            "unit": "quote currency",
            "help": "worth of one order",
        },
        "inventory": {
            "type": "float",
            "default": 500.0,
            "min": 1.0,
            "max": 10000000.0,
            "unit": "quote currency",
            "help": "the most it may hold",
        },
        "stop": {
            "type": "float",
            "default": 0.01,
            "min": 0.001,
            "max": 0.2,
            "unit": "of entry price",
            "help": "distance of the stop below the average entry",
        },
        "rest": {
            "type": "int",
            "default": 15,
            "min": 0,
            "max": 1440,
            "unit": "minutes",
            "help": "no new orders for so long after a loss",
        },
    }
    STATE_SCHEMA = {"rest_until": {"type": "time", "default": 0}}

    def setup(self):
        # The prices and orders at which there was nothing to do, and until when.
        self.settled = None
        self.due = None

    def on_quote(self, quote):
        if quote.time < self.state["rest_until"]:
            return
        orders = self.orders
        # Amounts change all the time, prices and orders seldom; and from a moment on an order that
        # is off its price may be moved.
        is_due = self.due is not None and quote.time >= self.due
        if not is_due and self.settled == (quote.bid, quote.ask, orders):
            return
        self.settled = None
        middle = quote.mid
        if middle is None:
            return
        held = self.position.quantity * middle
        # 0 when flat, 1 when full: both orders move down by as much of the half spread.
        lean = min(held / self.cfg.inventory, 1.0)
        half = middle * self.cfg.half_spread
        # Never through the other side: these orders are to make, not to take.
        bid = min(middle - half * (1 + lean), quote.bid)
        ask = max(middle + half * (1 - lean), quote.ask)
        self.settled = quote.bid, quote.ask, orders
        self.due = None
        if self.is_free(orders, "buy", bid):
            self.settled = None
            if self.may_enter():
                value = min(self.cfg.value, max(self.cfg.inventory - held, 0.0))
                amount = self.context.suggest_order_amount(price=middle, value=value)
                self.rest("buy", bid, amount)
        if self.is_free(orders, "sell", ask):
            self.rest("sell", ask, min(self.position.amount, self.cfg.value / middle))

    def may_enter(self):
        """Tell whether a buy can do something: an order that would be refused is not placed."""
        return self.context.can_trade or self.context.mode == "observe"

    def is_free(self, orders, side, price):
        """Tell whether a side has no order; one that is off its price is taken away."""
        for order in orders:
            if order.side == side and not order.is_protective:
                is_off = abs(order.price - price) > price * self.cfg.tolerance
                if is_off:
                    old = order.created_time + seconds(self.cfg.refresh)
                    self.due = old if self.due is None else min(self.due, old)
                    if self.now >= old and order.status == "Accepted":
                        self.cancel(order, reason="moved")
                return False
        return True

    def rest(self, side, price, amount):
        """Place an order that waits for its price."""
        if amount:
            self.settled = None
            reduces = side == "sell"
            self.place(side, amount, "limit", price, post_only=True, reduce_only=reduces)

    def on_fill(self, fill):
        """Keep one stop under the whole position."""
        if not self.position:
            return
        price = self.position.entry_price * (1 - self.cfg.stop)
        stops = [order for order in self.orders if order.role == "stop_loss"]
        if not stops:
            self.protect(stop=price)
        elif not stops[-1].is_replacing and stops[-1].is_open:
            self.context.replace_order(stops[-1], amount=self.position.amount, stop=price)

    def on_exit(self, trip):
        if trip.net_pnl < 0:
            self.state["rest_until"] = self.now + minutes(self.cfg.rest)
            self.settled = None
            self.context.cancel_all_orders(reason="rest after a loss")
        self.plot("net", trip.net_pnl)

    def render(self):
        if self.quotes.last is None:
            return {"widgets": [{"type": "text", "text": "waiting for quotes of this market"}]}
        spread = self.quotes.spread
        middle = self.quotes.mid
        points = {
            "bid": [[quote.time, quote.bid or None] for quote in self.quotes.history],
            "ask": [[quote.time, quote.ask or None] for quote in self.quotes.history],
        }
        held = self.position.quantity * (middle or 0.0)
        return {
            "widgets": [
                {"type": "line_chart", "data": points},
                {"type": "metric", "label": "spread", "value": spread},
                {
                    "type": "progress",
                    "label": "inventory",
                    "value": held,
                    "max": self.cfg.inventory,
                },
                {"type": "metric", "label": "state", "value": self.doing()},
                {
                    "type": "table",
                    "title": "orders",
                    "columns": ["side", "price", "amount", "state"],
                    "rows": [[o.side, o.price, o.remaining, o.word] for o in self.orders],
                },
                {"type": "bar_chart", "title": "round trips", "data": self.trips()},
            ]
        }

    def doing(self):
        """Say in words whether it quotes."""
        left = self.state["rest_until"] - self.now
        if left > 0:
            return f"rests {left // minutes(1) + 1} min after a loss"
        return "quotes" if self.may_enter() else "exits only"

    def trips(self):
        """Net result of the last round trips, by number."""
        results = [value for _, value in self.plots.get("net", [])][-10:]
        return [[str(number + 1), value] for number, value in enumerate(results)]
