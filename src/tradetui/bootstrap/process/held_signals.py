"""The signals that wait until somebody can take them, so that no start is cut in two."""

from __future__ import annotations

import signal
from typing import Final

HELD_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP)
"""They wait from the first line of ``main`` on."""


def release_signals() -> None:
    """Let the signals come, also those that waited."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD_SIGNALS)
