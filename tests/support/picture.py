"""Turn a captured screen into an SVG picture for the documentation.

``tmux capture-pane -e -p | python -m tests.support.picture TITLE > docs/pictures/console.svg``
"""

from __future__ import annotations

import io
import re
import sys

from rich.ansi import AnsiDecoder
from rich.console import Console


def picture(screen: str, title: str) -> str:
    """Return an SVG of a screen with its escape sequences."""
    # One decoder for all: tmux says a colour once, also where it goes on in the next line.
    lines = list(AnsiDecoder().decode(screen.rstrip("\n")))
    width = max(line.cell_len for line in lines)
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True)
    for line in lines:
        console.print(line, no_wrap=True, overflow="crop", end="\n")
    svg = console.export_svg(title=title)
    # No font from elsewhere: whoever looks has a monospaced one.
    return re.sub(r"@font-face \{.*?\n    \}", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    sys.stdout.write(picture(sys.stdin.read(), sys.argv[1] if len(sys.argv) > 1 else "tradetui"))
