"""The text under an attribute is its meaning; anything else between ends that."""

from __future__ import annotations

from tradetui.config.comments import comments_of


class Declared:
    """A class with texts."""

    said: int = 1
    """What it is,
    over two lines."""
    bare: int = 2
    plain = 3
    """Of a plain one."""

    def method(self) -> None:
        """Not of an attribute."""

    last: str


def test_each_attribute_has_the_text_below_it() -> None:
    assert comments_of(Declared) == {
        "said": "What it is, over two lines.",
        "plain": "Of a plain one.",
    }
