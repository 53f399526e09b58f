"""What a database of ours is, version by version: what was released is never edited, only added
to. See ``state_schema`` and ``journal_schema``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Migration:
    """The statements that lead from the version before to ``version``."""

    version: int
    statements: tuple[str, ...]


@dataclass(frozen=True)
class Schema:
    """What a file of ours is: its application id, and its migrations from nothing."""

    name: str
    application_id: int
    migrations: tuple[Migration, ...]

    @property
    def version(self) -> int:
        """The newest version, which this program writes."""
        return self.migrations[-1].version
