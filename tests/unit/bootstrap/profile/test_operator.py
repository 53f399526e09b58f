"""Whose name the audit gets: that of the account, which no variable can change."""

from __future__ import annotations

import os
import pwd

import pytest

from tradetui.bootstrap.profile.operator import operator


def test_the_name_is_the_accounts_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named = operator()
    for variable in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(variable, "somebody-else")
    assert operator() == named
    assert pwd.getpwnam(named).pw_uid == os.getuid()
