"""Items as they come together, of feeds that can say and of those that cannot."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any

from tradetui.ports.market_data import batches_of, one_by_one


class Single:
    """Hands over one at a time; notes when it was closed."""

    is_closed = False

    async def items(self) -> AsyncIterator[Any]:
        try:
            yield "one"
            yield "two"
        finally:
            self.is_closed = True


class Several(Single):
    async def batches(self) -> AsyncGenerator[Sequence[Any], None]:
        yield ("one", "two")


async def test_a_feed_that_cannot_say_gives_one_at_a_time() -> None:
    feed: Any = Single()
    assert [list(batch) async for batch in batches_of(feed)] == [["one"], ["two"]]


async def test_a_feed_that_can_says() -> None:
    feed: Any = Several()
    assert [list(batch) async for batch in batches_of(feed)] == [["one", "two"]]


async def test_what_is_given_up_ends_its_source() -> None:
    feed: Any = Single()
    batches = one_by_one(feed.items())
    assert list(await anext(batches)) == ["one"]
    await batches.aclose()
    assert feed.is_closed


async def test_what_is_no_generator_needs_no_end() -> None:
    class Plain:
        def __aiter__(self) -> Plain:
            return self

        async def __anext__(self) -> Any:
            raise StopAsyncIteration

    assert [batch async for batch in one_by_one(Plain())] == []
