"""What looks like a secret is refused and never repeated; key files only their owner reads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tradetui.config.errors import ConfigError
from tradetui.config.reading import Document
from tradetui.config.secrets import check_key_file, refuse_secrets


def document(values: dict[str, Any]) -> Document:
    return Document(Path("config.toml"), values)


@pytest.mark.parametrize(
    "key",
    ["api_key", "apiKey", "SECRET", "secret-key", "x_password", "passphrase", "private_key",
     "token", "my_token", "mnemonic", "credentials"],
)  # fmt: skip
def test_a_key_that_is_named_like_a_secret_is_refused(key: str) -> None:
    for values in ({key: "hunter2"}, {"venues": [{"name": "x", key: "hunter2"}]}):
        with pytest.raises(ConfigError) as raised:
            refuse_secrets(document(values))
        assert "looks like a secret" in str(raised.value)
        assert key in str(raised.value)
        assert "hunter2" not in str(raised.value)


def test_a_private_key_is_one_under_any_name() -> None:
    pem = "-----BEGIN EC PRIVATE KEY-----\nabc"
    with pytest.raises(ConfigError, match="looks like a secret"):
        refuse_secrets(document({"notes": [pem]}))


@pytest.mark.parametrize(
    "values",
    [
        {"key_file": "keys/venue.key"},
        {"token": ""},
        {"secret": 5},
        {"tokens_per_day": "5"},
        {"keyboard": "us", "monkey": "yes"},
        {"api": {"url": "http://127.0.0.1"}},
    ],
)
def test_what_is_none_is_left_alone(values: dict[str, Any]) -> None:
    refuse_secrets(document(values))


def test_a_key_file_is_a_plain_file_that_only_its_owner_can_read(tmp_path: Path) -> None:
    path = tmp_path / "venue.key"
    assert "cannot be read (No such file" in check_key_file(path)
    path.write_text("k")
    path.chmod(0o644)
    assert check_key_file(path).endswith(f"mend it with: chmod 600 {path}")
    assert "(mode 0644)" in check_key_file(path)
    path.chmod(0o600)
    assert check_key_file(path) == ""
    link = tmp_path / "link"
    link.symlink_to(path)
    assert "is a symbolic link" in check_key_file(link)
    assert "is not a regular file" in check_key_file(tmp_path)


def test_a_key_file_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "venue.key"
    path.touch(mode=0o600)
    monkeypatch.setattr(os, "getuid", lambda: path.stat().st_uid + 1)
    assert check_key_file(path) == f"{path} belongs to user {path.stat().st_uid}, not to you"
