"""Who acts: the person whose name stands in the audit behind every act."""

from __future__ import annotations

import os
import pwd


def operator() -> str:
    """Return the login name of this process's user, whatever the environment says."""
    return pwd.getpwuid(os.getuid()).pw_name
