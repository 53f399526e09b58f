"""Verify a journal in a child process of the lowest priority, beside a running engine.

A whole check reads and hashes all that was ever written: in a process of its own it takes no time
from the engine's thread, and its memory goes with it.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from pathlib import Path
from typing import BinaryIO, Final

import tradetui
from tradetui.domain.text import printable
from tradetui.ports.journal import JournalError
from tradetui.storage.verify import Verification, verify_file

LOWEST: Final = 19
"""As nice as a process can be to the others."""
_START: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from tradetui.storage.verify_apart import serve; serve(sys.argv[2], sys.stdout.buffer)"
)
"""The child finds this package where we found it, and nothing in the folder it is started in."""


async def verify_apart(path: Path) -> Verification:
    """Check a whole journal as ``verify.verify_file`` does; an engine may write it meanwhile.

    Cancelled, it ends the child. Raises JournalError when the check could not be made at all: that
    says nothing of the journal.
    """
    try:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-c",
            _START,
            str(Path(tradetui.__file__).parents[1]),
            str(path),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # a ctrl-c is meant for the engine
        )
    except OSError as error:
        raise JournalError(f"{path}: not verified: no process for it ({error.strerror})") from error
    try:
        answer, said = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        lines = said.decode(errors="replace").strip().splitlines()
        why = printable(lines[-1]) if lines else "it said nothing"
        raise JournalError(
            f"{path}: not verified: the process for it ended with {child.returncode}: {why}"
        )
    found: Verification = pickle.loads(answer)
    return found


def serve(path: str, target: BinaryIO) -> None:
    """Verify what is asked for and write the answer: the child's part."""
    os.nice(LOWEST)
    pickle.dump(verify_file(Path(path)), target, protocol=pickle.HIGHEST_PROTOCOL)
