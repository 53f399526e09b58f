"""The wiring: the one package that knows every other.

Owns: ``main``, the entry point; ``wiring``, the door to each command; and seven rooms in which what
a command needs is put together. Each room imports only those before it:
``process`` (what holds whatever is run), ``profile`` (the config and the folder that are meant),
``recorded`` (what a journal holds), ``recovery`` (the past brought back at a start), ``run`` (a
running engine), ``commands`` (the shell's, and the rows they print), ``console`` (the screen).
May import: everything.
Never: a rule of trading or of money, a widget, what one package could do by itself.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from typing import Any, Final

from tradetui.bootstrap.process.held_signals import HELD_SIGNALS, release_signals
from tradetui.bootstrap.process.quick_imports import quick_imports

_LISTENING: Final = ("open_console", "open_travel", "run_headless")
"""The commands that take signals themselves."""


class _LateWiring:
    """Builds the wiring at the first use, so that ``--help`` loads nothing of it."""

    def __getattr__(self, name: str) -> Any:
        if name not in _LISTENING:
            release_signals()
        with quick_imports():
            from tradetui.bootstrap.wiring import Application

        return getattr(Application(), name)


def _write_any_character() -> None:
    """Write ``?`` for a character that the locale has not, in place of a failure."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def main() -> None:
    """Run the ``tradetui`` command."""
    signal.pthread_sigmask(signal.SIG_BLOCK, HELD_SIGNALS)
    with quick_imports():
        from tradetui.cli.main import cli
        from tradetui.cli.output import end_output

    # pydantic looks through every installed package for plugins: 75 ms that we have no use for.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    _write_any_character()
    try:
        cli(obj=_LateWiring())
    finally:
        end_output()
