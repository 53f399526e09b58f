"""The console on the fixture, by itself: ``python -m tests.tui.standalone [--ascii] ...``.

For looking at it, and for the tests that need a real terminal.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from msgspec.structs import replace
from tests.tui.fixtures import FakeEngine, console, header, instances

from tradetui.tui.link import LinkDriver

HOSTILE = "\x1b]52;c;aGk=\x07\x1b[2J\x9b31m\u202e[bold]"
SECRET = "hunter2-the-api-key"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ascii", action="store_true")
    parser.add_argument("--marker", type=Path, help="written by the shutdown")
    parser.add_argument("--slow", type=float, default=0.0, help="seconds that the shutdown takes")
    parser.add_argument("--hostile", action="store_true")
    parser.add_argument("--crash", action="store_true", help="fail in a key handler")
    options = parser.parse_args()

    async def shutdown(cancel_entries: bool | None) -> None:
        await asyncio.sleep(options.slow)
        if options.marker:
            options.marker.write_text(f"{cancel_entries}\n")

    engine = FakeEngine()
    if options.hostile:
        row = replace(
            instances()[1], symbol=HOSTILE, account=HOSTILE, state_reason=HOSTILE, error=HOSTILE,
            strategy_type=HOSTILE, config_by=HOSTILE, currency=HOSTILE,
        )  # fmt: skip
        engine = FakeEngine(instances=(row,), header=header(account=HOSTILE, feed=HOSTILE))
    mono = "NO_COLOR" in os.environ
    app = console(
        engine,
        shutdown=shutdown,
        ascii_only=options.ascii or mono,
        mono=mono,
        driver_class=LinkDriver,
    )
    if options.crash:

        def broken(*_: object) -> None:
            local_secret = SECRET
            raise RuntimeError(f"failed with {len(local_secret)} characters")

        app.copy_to_clipboard = broken  # type: ignore[method-assign]
    app.run(mouse=False)
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
