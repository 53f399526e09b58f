"""Which program this is: its version and the hash of the code that decides."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Final

import tradetui

DECIDING: Final = ("core", "domain", "engine")
"""The packages that decide what a step comes to."""
_SHOWN: Final = 8


@functools.cache
def this_program() -> str:
    """Return what a journal calls the program that writes it: ``0.1.0 (5f3a90c1)``.

    Two builds of one version that decide by other code have other hashes; without its sources a
    build is known by its version alone.
    """
    folder = Path(tradetui.__file__).parent
    digest = code_hash(folder)
    return f"{tradetui.__version__} ({digest})" if digest else tradetui.__version__


def code_hash(folder: Path) -> str:
    """Return the start of the SHA-256 of the deciding sources below ``folder``, in hex; empty where
    there are none.
    """
    digest = hashlib.sha256()
    count = 0
    for package in DECIDING:
        for path in sorted((folder / package).rglob("*.py")):
            body = path.read_bytes()
            digest.update(f"{path.relative_to(folder).as_posix()} {len(body)}\n".encode())
            digest.update(body)
            count += 1
    return digest.hexdigest()[:_SHOWN] if count else ""
