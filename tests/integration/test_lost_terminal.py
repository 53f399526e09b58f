"""A terminal that goes away without a signal, not being the controlling one (``setsid``)."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import time
from pathlib import Path

WITHIN = 30.0


def test_a_console_whose_terminal_went_away_ends_in_order(tmp_path: Path) -> None:
    main, side = os.openpty()
    command = [sys.executable, "-c", "from tradetui.bootstrap import main; main()", "demo"]
    environment = os.environ | {"TERM": "xterm-256color", "HOME": str(tmp_path)}
    console = subprocess.Popen(
        [*command, "--state", str(tmp_path / "state")],
        stdin=side, stdout=side, stderr=side, env=environment, start_new_session=True,
    )  # fmt: skip
    try:
        os.close(side)
        wait_for_a_frame(main)
        os.close(main)
        assert console.wait(WITHIN) == 0
    finally:
        console.kill()
        console.wait()


def wait_for_a_frame(main: int) -> None:
    """Read until the console has drawn its own screen."""
    seen, end = b"", time.monotonic() + WITHIN
    while b"data" not in seen and time.monotonic() < end:
        if select.select([main], [], [], 0.1)[0]:
            with contextlib.suppress(OSError):
                seen += os.read(main, 65_536)
    assert b"data" in seen
