"""A world in which every text that a person, a file or a strategy can bring is hostile."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Final

from tests.support.bad_strategies import instance, prepare

BAD: Final = "\x1b]52;c;QQ==\x07\x1b[2J\x9b31m\u202e\u2066[red]x[/]\r\n\x07=cmd()|\u200b\x7f"

STRATEGY: Final = r'''
"""Docstring \x1b]52;c;QQ==\x07 [red]doc[/]
second line"""

from tradetui.domain.intents import CancelOrder, NoOp
from tradetui.strategy import Strategy, bars

BAD = "\x1b]52;c;QQ==\x07\x1b[2J\x9b31m\u202e\u2066[red]x[/]\r\n\x00\x07=cmd()|"
BAD += "\ud800\u200b\x7f" + "é漢"
SOUND = BAD.replace("\ud800", "")


class Hostile(Strategy):
    LABEL = "=cmd() [red]label[/]"
    DATA = {"bars": bars("1m")}
    CONFIG_SCHEMA = {
        "word": {"type": "string", "default": "x", "unit": SOUND, "help": SOUND},
        "pick": {"type": "choice", "default": "a", "choices": ["a", "b"]},
    }
    STATE_SCHEMA = {"note": {"type": "string", "default": "x"}}

    def on_start(self):
        self.log(BAD, "alert")

    def on_bar(self, bar):
        self.n = getattr(self, "n", 0) + 1
        n = self.n
        self.log(BAD + str(n), "warning" if n % 2 else "info")
        try:
            odd = "\x1b[2J" if n == 11 else False
            self.signal(BAD, **{BAD: (bar.close, ">", 1e9), "g\x1b[2J": True, "t": odd})
        except Exception as e:
            self.log(f"signal: {e}", "error")
        for name in (BAD[:30], "p\x1b[2J", "q\u202e"):
            try:
                self.plot(name, bar.close)
            except Exception as e:
                if n < 4:
                    self.log(f"plot: {e}", "error")
        self.state["note"] = BAD.replace("\ud800", "")[:50] + str(n)
        if n in (3, 13, 40):
            self.enter("long", amount=2, stop=bar.close * 0.5, reason=BAD)
        if n in (8, 20):
            self.close(reason=BAD)
        if n == 9:
            self.enter("long", amount=1e9, reason=BAD)
        for m, key in ((4, "oco"), (5, "parent"), (6, "symbol"), (7, "role"), (10, "tif")):
            what = {key: BAD}
            if n == m:
                try:
                    self.context.place_order("buy", 1, "limit", bar.close * 0.9, reason=BAD, **what)
                except Exception as e:
                    self.log(f"place {what.keys()}: {e}", "error")
        if n == 12:
            self.context.cancel_order(BAD, BAD)
        if n == 15:
            self.every(60_000_000_000, name="t")
        if n == 16:
            self.state["note"] = BAD
        if n == 25:
            raise ValueError(BAD)

    def on_event(self, ctx, event):
        found = super().on_event(ctx, event)
        self.m = getattr(self, "m", 0) + 1
        made = []
        try:
            if self.m == 17:
                made = [CancelOrder(BAD, BAD)]
            if self.m == 18:
                base = ctx.build_order("buy", 0.1, "limit", 1.0)
                import msgspec
                made = [msgspec.structs.replace(base, client_order_id=BAD, reason=BAD)]
            if self.m == 19:
                base = ctx.build_order("buy", 0.1, "limit", 1.0)
                made = [msgspec.structs.replace(base, instrument_id=BAD, reason=BAD)]
            if self.m == 21:
                made = [NoOp(BAD)]
        except Exception as e:
            self.log(f"native: {e}", "error")
        return [*found, *made]

    def on_stop(self):
        self.log(BAD, "error")

    def render(self):
        rows = [[BAD, 1.0], ["x", BAD]]
        return {"widgets": [
            {"type": "metric", "title": BAD, "label": BAD, "value": BAD, "unit": BAD},
            {"type": "metric", "label": BAD, "value": 3},
            {"type": "text", "title": BAD, "text": BAD + "\nline two" + BAD},
            {"type": "log", "title": BAD, "lines": [BAD, BAD]},
            {"type": "table", "title": BAD, "columns": [BAD, "b"], "rows": rows},
            {"type": "bar_chart", "title": BAD, "data": {BAD: 3, "b": 2}},
            {"type": "line_chart", "title": BAD, "data": {BAD: [1, 2, 3, 2]}},
            {"type": "line_chart", "title": BAD, "data": self.plots},
            {"type": "candles", "title": BAD, "data": self.bars.candles, "lines": {BAD: [1, 2]}},
            {"type": "progress", "title": BAD, "label": BAD, "value": 0.5, "text": BAD},
            {"type": BAD},
            {"type": "metric", BAD: BAD},
            {"type": "table", "columns": [BAD], "rows": [[1, 2]]},
            BAD,
        ]}
'''

NAMES: Final = (
    *("\x1b]52;c;QQ==\x07", "a\nb", "\u202ex", "[red]x", "=cmd()", "x" * 200, "caf\udce9"),
)
ACTIVE: Final = (instance("bad", "hostile"), instance("good", "ma_cross", fast=3, slow=5))


def make(home: Path, bars: int) -> tuple[str, ...]:
    """Make the files of the world; return the options that name config and state folder."""
    place = prepare(home, *ACTIVE, bars=bars)
    own = home / "config" / "tradetui"
    (own / "themes").mkdir()
    (own / "strategies" / "hostile.py").write_text(STRATEGY)
    for name in NAMES:
        (own / "strategies" / f"{name}.py").write_text(STRATEGY)
        (own / "themes" / f"{name}.toml").write_text("[looks]\nbase = '\\u001b[2J'\n")
    return place


def spoil(database: Path) -> None:
    """Put hostile rows into a state.db, as another program could."""
    connection = sqlite3.connect(database)
    with connection:
        connection.execute(
            "INSERT INTO audit (time, actor, act, target, detail, done) VALUES (1, ?, ?, ?, ?, 1)",
            (BAD,) * 4,
        )
        for name, kind, account, market in (
            ("h1", "ma_cross", BAD[:60], BAD[:60]),
            ("h2", "hostile", "paper/main", "BTC/USDT"),
        ):
            connection.execute(
                "INSERT INTO instances (id, strategy_type, account, market, changed_by, mode) "
                "VALUES (?, ?, ?, ?, ?, 'observe')",
                (name, kind, account, market, BAD),
            )
        connection.execute(
            "INSERT INTO kill_switches (scope, key, state, actor, reason, time) "
            "VALUES ('strategy', 'h1', 'REDUCING', ?, ?, 1), ('instrument', ?, 'HALTED', ?, ?, 1)",
            (BAD,) * 5,
        )
        connection.execute(
            "INSERT INTO layouts VALUES (?, ?, 1), ('main', ?, 1)",
            (BAD[:60], json.dumps({"theme": BAD}), json.dumps({"theme": BAD, "sort": BAD})),
        )
        connection.execute(
            "INSERT INTO commands (time, actor, command) VALUES (1, ?, ?)",
            (BAD, json.dumps({"type": BAD})),
        )
        connection.execute("INSERT INTO meta VALUES ('restored', ?)", (BAD,))
    connection.close()
