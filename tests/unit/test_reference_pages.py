"""The generated reference pages are what the code says."""

from __future__ import annotations

import pytest
from tests.generate_reference import PAGES, REFERENCE


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_is_up_to_date(name: str) -> None:
    assert (REFERENCE / name).read_text("utf-8") == PAGES[name](), "run: make docs"


@pytest.mark.parametrize("folder", ["commands", "screens"])
def test_no_page_is_left_of_what_is_gone(folder: str) -> None:
    there = {f"{folder}/{path.name}" for path in (REFERENCE / folder).glob("*.md")}
    assert there == {name for name in PAGES if name.startswith(f"{folder}/")}
