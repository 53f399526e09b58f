"""Room on the disk that the journal is on."""

from __future__ import annotations

from typing import Protocol


class DiskRoom(Protocol):
    """Measures the free room, and holds a reserve of it that only the journal may use."""

    @property
    def where(self) -> str:
        """The folder, for a person."""
        ...

    def free(self) -> int | None:
        """Return the free bytes, None when they cannot be measured."""
        ...

    def lacking(self) -> int:
        """Return how many bytes of the free ones the reserve still needs; 0 when it is there."""
        ...

    def release(self) -> bool:
        """Give the reserve up to the journal; tell whether there was one."""
        ...

    def reserve(self) -> bool:
        """Set the reserve aside if it is not; tell whether it is there now."""
        ...
