"""Secrets do not belong into a config: what looks like one is refused, and never repeated."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any, Final

from tradetui.config.errors import ConfigError
from tradetui.config.reading import Document, Path_

_SECRET_KEY: Final = re.compile(
    r"(?i)(^|_|-)(api_?key|secret|secret_?key|api_?secret|password|passwd|passphrase|"
    r"private_?key|token|mnemonic|credentials?)($|_|-)"
)
_PEM: Final = "-----BEGIN "


def refuse_secrets(document: Document) -> None:
    """Raise ConfigError for a key that is named like a secret, or a value that is a private key."""
    stack: list[tuple[Path_, Any]] = [((), document.values)]
    while stack:
        place, value = stack.pop()
        if isinstance(value, dict):
            stack += [((*place, key), item) for key, item in value.items()]
        elif isinstance(value, list):
            stack += [((*place, number), item) for number, item in enumerate(value)]
        elif isinstance(value, str) and value and _is_secret(place, value):
            raise ConfigError(
                document.problem(
                    place,
                    "looks like a secret; remove it from this file, put it into one that only you "
                    "can read (chmod 600) and name that with key_file",
                )
            )


def check_key_file(path: Path) -> str:
    """Return what is wrong with a key file, in half a sentence; empty when nothing is."""
    try:
        status = path.lstat()
    except OSError as error:
        return f"{path} cannot be read ({error.strerror})"
    if stat.S_ISLNK(status.st_mode):
        return f"{path} is a symbolic link; name the real file"
    if not stat.S_ISREG(status.st_mode):
        return f"{path} is not a regular file"
    if status.st_uid != os.getuid():
        return f"{path} belongs to user {status.st_uid}, not to you"
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        return f"others can read {path} (mode {mode:04o}); mend it with: chmod 600 {path}"
    return ""


def _is_secret(place: Path_, value: str) -> bool:
    if value.startswith(_PEM):
        return True
    key = next((part for part in reversed(place) if isinstance(part, str)), "")
    return key != "key_file" and _SECRET_KEY.search(key) is not None
