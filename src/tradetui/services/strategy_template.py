"""A small working strategy to begin with."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tradetui.domain.instances import STRATEGY_TYPE
from tradetui.domain.text import printable
from tradetui.services.errors import RefusedError, RuntimeProblemError, UserError

_TEMPLATE: Final = '''"""{label}: buy a dip below the average, sell on the way back.

A beginning: change it to what you mean.
"""

from tradetui.strategy import Strategy, bars


class {name}(Strategy):
    """Buy when the close is far below its average; leave at the average, or at the stop."""

    LABEL = "{label}"
    DATA = {{"bars": bars("1m")}}
    CONFIG_SCHEMA = {{
        "length": {{"type": "int", "default": 20, "min": 2, "max": 500, "unit": "bars",
                   "help": "length of the average"}},
        "z": {{"type": "float", "default": 2.0, "min": 0.1, "max": 10.0, "unit": "deviations",
              "help": "how far below the average a dip is"}},
        "risk": {{"type": "float", "default": 0.005, "min": 0.0001, "max": 0.05,
                 "unit": "of budget", "help": "what a stopped trade may cost"}},
    }}

    def setup(self):
        self.bands = self.bars.bollinger(self.cfg.length)
        self.atr = self.bars.atr(14)

    def on_bar(self, bar):
        if self.position:
            if self.signal("exit", back=(bar.close, ">=", self.bands.middle)):
                self.close(reason="back at the average")
            return
        if self.signal("long", z=(self.bands.z, "<", -self.cfg.z), moving=(self.atr.value, ">", 0)):
            self.enter("long", risk=self.cfg.risk, stop=bar.close - 3 * self.atr.value)

    def render(self):
        return {{
            "widgets": [
                {{"type": "candles", "data": self.bars.candles}},
                {{"type": "metric", "label": "z", "value": self.bands.z}},
                {{"type": "metric", "label": "ATR", "value": self.atr.value}},
            ]
        }}
'''


def new_strategy(folder: Path, name: str) -> Path:
    """Write the template as ``<folder>/<name>.py`` and return its path.

    Raises UserError for a name or a folder that is none, RefusedError when the file exists,
    RuntimeProblemError when it cannot be written.
    """
    if not STRATEGY_TYPE.fullmatch(name):
        raise UserError(
            f"{printable(name, 60)!r} is no name of a strategy: "
            "1 to 64 of a-z 0-9 _, a letter first"
        )
    path = folder / f"{name}.py"
    words = [word for word in re.split("_+", name) if word]
    text = _TEMPLATE.format(
        name="".join(word.capitalize() for word in words), label=" ".join(words).capitalize()
    )
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder}: is no folder; name another one with --folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise RefusedError(f"{path} exists; it was not touched") from error
    except OSError as error:
        raise RuntimeProblemError(f"{path}: cannot be written ({error.strerror})") from error
    return path
