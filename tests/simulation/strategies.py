"""Strategies of several kinds, all of which act at random on trades, and one that misbehaves."""

from __future__ import annotations

from typing import Any, ClassVar

from tradetui.strategy import Strategy, trades
from tradetui.strategy.errors import StrategyTimeout


class Actor(Strategy):
    """Acts with some chance on each trade of its market."""

    DATA = {"tape": trades()}
    CHANCE: ClassVar[float] = 0.4
    trouble: ClassVar[int] = 0
    """Per mille of calls that go wrong; set by the world."""

    def on_market_trade(self, trade: Any) -> None:
        roll = self.rng.random() * 1_000
        if roll < Actor.trouble:
            self.misbehave(int(roll) % 4)
        elif self.rng.random() < self.CHANCE:
            self.act(trade.price)

    def act(self, price: float) -> None:
        raise NotImplementedError

    def misbehave(self, how: int) -> None:
        if how == 0:
            raise ValueError("planned")
        if how == 1:
            raise StrategyTimeout
        if how == 2:
            for _ in range(30):
                self.context.place_order("buy", 0.001)
        else:
            self.context.place_order("buy", float("nan"))

    def amount(self) -> float:
        return self.rng.randint(1, 40) / 100


class Taker(Actor):
    """Buys and sells at market."""

    def act(self, price: float) -> None:
        if self.position and self.rng.random() < 0.5:
            self.close()
        else:
            self.context.place_order("buy", self.amount())


class Maker(Actor):
    """Rests below and above, and takes back."""

    def act(self, price: float) -> None:
        orders = self.context.get_open_orders()
        if orders and self.rng.random() < 0.5:
            self.context.cancel_order(self.rng.choice(orders))
        elif self.position and self.rng.random() < 0.5:
            limit = price * (1 + self.rng.randint(0, 4) / 1_000)
            self.context.place_order(
                "sell", self.position.amount / 2, "limit", limit, role="exit", reduce_only=True
            )
        else:
            limit = price * (1 - self.rng.randint(0, 4) / 1_000)
            self.context.place_order(
                "buy", self.amount(), "limit", limit, post_only=self.rng.random() < 0.3
            )


class Bracketer(Actor):
    """Enters with a stop and a target."""

    def act(self, price: float) -> None:
        if self.position and self.rng.random() < 0.2:
            self.close()
            return
        self.enter(
            "long",
            amount=self.amount(),
            stop=price * (1 - self.rng.randint(1, 6) / 1_000),
            target=price * (1 + self.rng.randint(1, 6) / 1_000),
            limit=price * 1.001 if self.rng.random() < 0.5 else None,
        )


class Replacer(Actor):
    """Keeps moving its orders."""

    CHANCE: ClassVar[float] = 0.6

    def act(self, price: float) -> None:
        orders = [o for o in self.context.get_open_orders() if o.type == "limit"]
        if orders and self.rng.random() < 0.7:
            limit = price * (1 - self.rng.randint(0, 4) / 1_000)
            amount = self.amount() if self.rng.random() < 0.5 else None
            self.context.replace_order(self.rng.choice(orders), price=limit, amount=amount)
        elif self.position and self.rng.random() < 0.5:
            self.close()
        else:
            tif = self.rng.choice(("gtc", "ioc"))
            self.context.place_order("buy", self.amount(), "limit", price * 0.999, tif=tif)


class Watcher(Actor):
    """Thinks in observe; nothing of it may leave the house."""

    def act(self, price: float) -> None:
        self.enter("long", amount=self.amount())


KINDS = {
    "taker": (Taker, "BTC/USD.VEN"),
    "maker": (Maker, "BTC/USD.VEN"),
    "bracketer": (Bracketer, "ETH/USD.VEN"),
    "replacer": (Replacer, "ETH/USD.VEN"),
    "watcher": (Watcher, "BTC/USD.VEN"),
}
