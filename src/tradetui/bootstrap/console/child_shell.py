"""The shell's commands for the console: each in a process of its own, beside the running engine.

What is printed is the shell's own, to the letter, and a command that reads a long journal takes
nothing of the engine's time.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tradetui.config.describing import settings
from tradetui.config.loading import LoadedConfig
from tradetui.tui.actions import Printed, SettingLine

PROGRAM: Final = (
    sys.executable,
    "-P",
    "-c",
    "import sys; sys.argv[0] = 'tradetui'; from tradetui.bootstrap import main; main()",
)
"""``-P``: nothing is imported from the folder that the console was started in."""
MOST_LINES: Final = 5_000
"""So many lines are shown; a person who wants more asks the shell."""
SECONDS: Final = 60.0
"""How long a command may take before it is ended."""


@dataclass(frozen=True)
class ChildShell:
    """Implements ``tui.actions.Shell`` for the config and the state folder of a running engine."""

    config: Path
    state: Path
    settings: tuple[SettingLine, ...] = ()
    program: tuple[str, ...] = PROGRAM
    seconds: float = SECONDS

    async def run(self, words: Sequence[str], columns: int) -> Printed:
        """Run a command as ``tradetui WORDS`` would; ``columns`` is how wide its tables may be.

        One that takes too long, or cannot be started, is a Printed with code 1 and the sentence.
        """
        place = ("--config", str(self.config), "--state", str(self.state))
        environment = {**os.environ, "TRADETUI_COLUMNS": str(columns)}
        try:
            process = await asyncio.create_subprocess_exec(
                *self.program,
                *place,
                *words,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=environment,
            )
        except OSError as error:
            return Printed(1, (), (f"the shell cannot be started: {error.strerror}",))
        try:
            async with asyncio.timeout(self.seconds):
                out, talk = await process.communicate()
        except TimeoutError:
            text = (
                f"it took more than {self.seconds:g} s and was ended; the shell has no such limit"
            )
            return Printed(1, (), (text,))
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        lines = out.decode("utf-8", "replace").splitlines()
        if len(lines) > MOST_LINES:
            rest = f"{len(lines) - MOST_LINES:,} more lines: `tradetui {' '.join(words)}` has all"
            lines = [*lines[:MOST_LINES], rest]
        said = tuple(talk.decode("utf-8", "replace").splitlines())
        return Printed(process.returncode or 0, tuple(lines), said)


def setting_lines(loaded: LoadedConfig, state: Path, keys: Path) -> tuple[SettingLine, ...]:
    """Return every setting that an engine runs with, and where each comes from.

    ``state`` is its state folder, ``keys`` the file of one's own keys, which need not be there.
    """
    has_own = keys.is_file()
    return (
        SettingLine("config file", str(loaded.found.path), loaded.found.origin),
        SettingLine("state folder", str(state), "where everything is kept"),
        SettingLine(
            "keymap", "own keys" if has_own else "as shipped", str(keys) if has_own else "default"
        ),
        *(SettingLine(**asdict(setting)) for setting in settings(loaded)),
    )
