"""What the tests of the whole application share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.outside import Nursery


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """One for all tests of a worker: to open it takes as long as to start the program."""
    with Nursery() as opened:
        yield opened
