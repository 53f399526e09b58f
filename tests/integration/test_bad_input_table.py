"""Each line of the bad inputs has a test from outside; this prints which."""

from __future__ import annotations

import importlib
import sys

from tests.support.numbered import LINES, proved

MODULES = ("test_bad_config", "test_bad_strategies", "test_bad_terminal", "test_bad_databases")


def load() -> None:
    for name in MODULES:
        importlib.import_module(f"tests.integration.{name}")


def test_no_line_is_left_out() -> None:
    load()
    missing = {number: text for number, text in LINES.items() if number not in proved}
    assert not missing


if __name__ == "__main__":
    load()
    for number, text in LINES.items():
        names = sorted({name.removeprefix("tests.integration.") for name in proved[number]})
        sys.stdout.write(f"{number:>2}  {text}\n" + "".join(f"      {name}\n" for name in names))
