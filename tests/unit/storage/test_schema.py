"""The versions of both databases follow each other."""

from __future__ import annotations

from tradetui.storage.journal_schema import JOURNAL_SCHEMA
from tradetui.storage.state_schema import STATE_SCHEMA


def test_versions_are_without_gap() -> None:
    for schema in (STATE_SCHEMA, JOURNAL_SCHEMA):
        versions = [migration.version for migration in schema.migrations]
        assert versions == list(range(1, schema.version + 1))
