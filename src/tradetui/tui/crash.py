"""What is printed when the program fails: the error and where it came through, no values."""

from __future__ import annotations

import traceback
from typing import Final

from tradetui.domain.text import printable

_FRAMES: Final = 12


def crash_lines(error: BaseException | None) -> list[str]:
    """Return the error with its newest frames (file, line, function); no source, no locals.

    The message of the error is bounded and made printable; arguments of calls are not in it.
    """
    if error is None:
        return ["tradetui: failed, the cause is not known"]
    lines = ["tradetui: a fault in the program; please report the lines below."]
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    lines += [
        f"  {printable(frame.filename, 200)}:{frame.lineno} in {frame.name}" for frame in frames
    ]
    lines.append(f"{type(error).__name__}: {printable(str(error), 300)}")
    return lines
