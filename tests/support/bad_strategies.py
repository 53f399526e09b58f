"""Strategies that do what no strategy should, and the world in which a healthy one trades."""

from __future__ import annotations

from pathlib import Path
from typing import Final

HEAD: Final = "from tradetui.strategy import Strategy, bars\n"
CLOSES: Final = (0, 9, 18, 6, -9, -14, 3, 22, 30, 12, -4, -21, -9, 5)
HOOKS: Final = (
    *("init", "setup", "on_start", "on_bar", "on_tick", "on_order", "on_fill", "on_exit"),
    *("on_timer", "on_stop", "render", "on_event"),
)

RAISES: Final = (
    HEAD
    + """
class Raises(Strategy):
    DATA = {"bars": bars("1m")}
    CONFIG_SCHEMA = {"where": {"type": "string", "default": ""}}
    count = 0
    def boom(self, where):
        if self.cfg.where == where:
            raise ValueError("boom \\x1b]52;c;QQ==\\x07[red]\\u202e\\ud800 " + "x" * 10_000)
    def init(self):
        self.boom("init")
        return {}
    def setup(self): self.boom("setup")
    def on_start(self):
        self.every("5m", name="t")
        self.boom("on_start")
    def on_event(self, ctx, event):
        self.boom("on_event")
        return super().on_event(ctx, event)
    def on_bar(self, bar):
        self.count += 1
        if self.count % 6 == 1:
            self.enter("long", amount=1, stop=bar.close * 0.5)
        elif self.count % 6 == 4:
            self.close()
        self.boom("on_bar")
    def on_tick(self, tick): self.boom("on_tick")
    def on_order(self, order): self.boom("on_order")
    def on_fill(self, fill): self.boom("on_fill")
    def on_exit(self, trip): self.boom("on_exit")
    def on_timer(self, name): self.boom("on_timer")
    def on_stop(self): self.boom("on_stop")
    def render(self):
        self.boom("render")
        return {"widgets": [{"type": "metric", "label": "x", "value": 1}]}
"""
)

SPINS: Final = (
    HEAD
    + """
class Spins(Strategy):
    DATA = {"bars": bars("1m")}
    def on_bar(self, bar):
        while True:
            try:
                pass
            except Exception:
                pass
"""
)

BLOCKS: Final = (
    HEAD
    + """
import time
class Blocks(Strategy):
    DATA = {"bars": bars("1m")}
    def on_bar(self, bar):
        time.sleep(60)
"""
)

SPAMS: Final = (
    HEAD
    + """
class Spams(Strategy):
    DATA = {"bars": bars("1m")}
    count = 0

    def on_bar(self, bar):
        self.count += 1
        for number in range(10_000 if self.count % 30 == 1 else 0):
            self.context.place_order("buy", 1, "limit", 1.0)
            self.log("line %d" % number, "alert")
            self.signal("s%d" % (number % 3), g=(1, ">", 2)) if number < 100 else None
"""
)

PRINTS: Final = (
    HEAD
    + """
import sys
class Prints(Strategy):
    DATA = {"bars": bars("1m")}
    def on_bar(self, bar):
        print("\\x1b]52;c;QQ==\\x07\\x1b[2J" + "x" * 100_000)
        print("\\x1b[2J\\x9b31m" + "y" * 100_000, file=sys.stderr)
        sys.stdout.flush()
"""
)

NUMBERS: Final = (
    HEAD
    + """
import decimal
NAN, INF = float("nan"), float("inf")
class Numbers(Strategy):
    DATA = {"bars": bars("1m")}
    tried = 0
    def on_bar(self, bar):
        place, wrong = self.context.place_order, []
        for amount in (NAN, INF, -INF, -1, 0, 1e30, 10**40, "1e400", "abc", "", "1,5", None, True,
                       [1], decimal.Decimal("NaN"), "9" * 5_000, 1e-30, "\\u0661"):
            wrong.append(lambda amount=amount: place("buy", amount))
        for price in (NAN, INF, -1, 0, 1e30, 10**40, "x", None, True):
            wrong.append(lambda price=price: place("buy", 1, "limit", price))
        wrong += [
            lambda: place("buy", 1, symbol="ETH/USDX"),
            lambda: place("up", 1),
            lambda: place("buy", 1, "magic"),
            lambda: place("buy", 1, "stop", stop=NAN),
            lambda: place("buy", 1, "trailing_stop", trail=-1),
            lambda: place("buy", 1, tif="gtd", expire=NAN),
            lambda: place("buy", 1, tif="gtd", expire=-(10**30)),
            lambda: place("sell", 1, role="stop_loss", parent="none"),
            lambda: place("buy", 1, oco="\\x1b[2J"),
            lambda: self.enter("long", risk=NAN, stop=NAN), lambda: self.enter("long", value=-1),
            lambda: self.signal("s", g=("a", "<", None)), lambda: self.plot("p", "text"),
            lambda: self.every("0s"),
            lambda: self.every(-5),
            lambda: self.at(10**40),
            lambda: self.after("x"),
            lambda: self.context.cancel_order("nope"), lambda: self.context.set_risk_flag("normal"),
            lambda: self.log("x", "loud"), lambda: self.state.update({object(): object()}),
        ]
        self.tried = 0
        for one in wrong:
            try:
                one()
            except Exception:
                self.tried += 1
        self.log(f"refused {self.tried} of {len(wrong)}")
"""
)

RETURNS: Final = (
    HEAD
    + """
import msgspec
class Loop(dict):
    def get(self, *a): raise SystemExit(3)
class Returns(Strategy):
    DATA = {"bars": bars("1m")}
    CONFIG_SCHEMA = {"what": {"type": "string", "default": ""}}
    def on_event(self, ctx, event):
        super().on_event(ctx, event)
        order = ctx.build_order("buy", 1, "limit", 1.0)
        return {
            "none": None, "number": 5, "text": "abc", "list": [1, None], "dict": {},
            "class": Strategy,
            "generator": (x for x in [order]),
            "float": [msgspec.structs.replace(order, quantity=1.5)],
            "huge": [msgspec.structs.replace(order, quantity=10**30)],
            "negative": [msgspec.structs.replace(order, quantity=-1, price=-1)],
            "nan": [msgspec.structs.replace(order, price=float("nan"))],
            "market": [msgspec.structs.replace(order, instrument_id="ETH/USDX.NOWHERE")],
            "twice": [order, order],
            "taken": [msgspec.structs.replace(order, client_order_id="tt0-0001")],
            "text id": [msgspec.structs.replace(order, client_order_id="\\x1b[2J\\ud800")],
        }[self.cfg.what]
"""
)

RENDERS: Final = (
    HEAD
    + """
class Evil:
    def __str__(self): raise SystemExit(1)
    __repr__ = __str__
    def __eq__(self, other): raise ValueError("eq")
    __hash__ = None
class Renders(Strategy):
    DATA = {"bars": bars("1m")}
    CONFIG_SCHEMA = {"what": {"type": "string", "default": ""}}
    TICK_MINUTES = 0.1
    def render(self):
        loop = []
        loop.append(loop)
        if self.cfg.what == "orders":
            self.context.place_order("buy", 1)
        if self.cfg.what == "spins":
            while True: pass
        return {
            "none": None, "text": "x", "loop": {"widgets": loop},
            "evil": {"widgets": [Evil(), {"type": Evil()}]},
            "big": {"widgets": [{"type": "text", "text": "x" * 50_000_000}] * 40},
            "long": {"widgets": [{"type": "line_chart", "data": [1.0] * 300_000}] * 40},
            "nan": {"widgets": [{"type": "metric", "label": "x", "value": float("nan")},
                                {"type": "progress", "value": float("inf")},
                                {"type": "candles", "data": [[float("nan")] * 5]},
                                {"type": "bar_chart", "data": {"a": 1e308, "b": -1e308}}]},
        }.get(self.cfg.what, {"widgets": []})
"""
)

CHANGES: Final = (
    HEAD
    + """
class Changes(Strategy):
    DATA = {"bars": bars("1m")}
    CONFIG_SCHEMA = {"x": {"type": "int", "default": 1}}
    def attempts(self, bar):
        yield lambda: setattr(bar, "close", 1.0)
        yield lambda: bar.__setitem__("close", 1.0)
        yield lambda: self.config.__setitem__("x", 5)
        yield lambda: setattr(self.cfg, "x", 5)
        yield lambda: setattr(self.context.instrument(), "price_increment", 7)
        yield lambda: setattr(self.position, "quantity", 1e9)
        yield lambda: self.orders.append(None)
        yield lambda: self.orders[0].__setattr__("price", 1)
        yield lambda: self.context.get_account_info().__setitem__("budget", 1e12)
        yield lambda: setattr(self.context, "mode", "active")
        yield lambda: setattr(self, "bars", None)
        yield lambda: self.bars.closes.clear()
        yield lambda: self.bars.history.clear()
        yield lambda: self.bars.candles.clear()
        yield lambda: self.plots.clear()
    def on_bar(self, bar):
        for attempt in self.attempts(bar):
            try:
                attempt()
            except Exception:
                pass
        assert bar.close != 1.0 and self.cfg.x == 1
"""
)

HOGS: Final = (
    HEAD
    + """
held = []
while True:
    held.append(b"x" * (1 << 28))
class Hogs(Strategy):
    pass
"""
)

FILES: Final[dict[str, str]] = {
    "raises": RAISES,
    "spins": SPINS,
    "blocks": BLOCKS,
    "spams": SPAMS,
    "prints": PRINTS,
    "numbers": NUMBERS,
    "returns": RETURNS,
    "renders": RENDERS,
    "changes": CHANGES,
    "hogs": HOGS,
    "endless": HEAD + "while True:\n    pass\nclass A(Strategy):\n    pass\n",
    "syntax": "def (:\n",
    "imports": "import no_such_module\n" + HEAD + "class A(Strategy):\n    pass\n",
    "exits": HEAD + "class A(Strategy):\n    pass\nraise SystemExit(3)\n",
    "ends": HEAD + "import os\nclass A(Strategy):\n    pass\nos._exit(0)\n",
    "two": HEAD + "class A(Strategy):\n    pass\nclass B(Strategy):\n    pass\n",
    "schema": HEAD + "class A(Strategy):\n    CONFIG_SCHEMA = {'z': {'type': 'magic'}}\n",
}

CONFIG: Final = """\
[profile]
run_mode = "paper"
reporting_currency = "USDT"
[engine]
callback_hard = 0.2
[[accounts]]
id = "paper/main"
[[routes]]
id = "paper-main"
account = "paper/main"
venue = "FILE"
opening_cash = {{ USDT = 1000000 }}
[limits.default]
budget = 10000
[[feeds]]
kind = "replay"
venue = "FILE"
files = ["{prices}"]
"""


def instance(name: str, strategy: str, **config: object) -> str:
    """Return the table of an active instance."""
    table = (
        f'[[instances]]\nid = "{name}"\nstrategy = "{strategy}"\naccount = "paper/main"\n'
        'market = "BTC/USDT"\nmode = "active"\n'
    )
    values = ", ".join(f"{key} = {value!r}" for key, value in config.items())
    return table + (f"config = {{ {values} }}\n" if config else "")


GOOD: Final = instance("good", "ma_cross", fast=3, slow=5)


def prepare(home: Path, *instances: str, bars: int = 90) -> tuple[str, ...]:
    """Make a home with all the files, prices and a config; return the options that name it."""
    folder = home / "config" / "tradetui" / "strategies"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (folder / f"{name}.py").write_text(text)
    last, lines = 10_000, ["time,open,high,low,close,volume"]
    for number in range(bars):
        close = 10_000 + 10 * CLOSES[number % len(CLOSES)] + 7 * (number % 11)
        high, low = max(last, close) + 15, min(last, close) - 15
        lines.append(f"{1_600_000_020 + 60 * number},{last},{high},{low},{close},50.12345678")
        last = close
    prices = home / "btcusdt.csv"
    prices.write_text("\n".join(lines) + "\n")
    config = home / "config.toml"
    config.write_text(CONFIG.format(prices=prices) + "".join(instances))
    return ("--config", str(config), "--state", str(home / "folder"))
