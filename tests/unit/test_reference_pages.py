"""The generated reference pages are what the code says."""

from __future__ import annotations

import pytest
from tests.generate_reference import PAGES, REFERENCE


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_is_up_to_date(name: str) -> None:
    assert (REFERENCE / name).read_text("utf-8") == PAGES[name](), "run: make docs"
