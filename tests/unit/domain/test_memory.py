"""What a run remembers comes back from its bytes, or is refused in half a sentence."""

from __future__ import annotations

import pytest
from tests.support.records import record_of

from tradetui.domain.memory import (
    NOTHING_SHOWN,
    NOTHING_WATCHED,
    EngineMemory,
    MemoryUnreadableError,
    ScreenMemory,
    decode_memory,
    encode_memory,
)


@pytest.mark.parametrize("kind", [EngineMemory, ScreenMemory])
@pytest.mark.parametrize("is_full", [True, False])
def test_it_comes_back(kind, is_full):
    memory = record_of(kind, is_full=is_full)
    assert decode_memory(encode_memory(memory), kind) == memory


def test_no_bytes_are_an_empty_memory():
    assert decode_memory(b"", EngineMemory) == NOTHING_WATCHED
    assert decode_memory(b"", ScreenMemory) == NOTHING_SHOWN


@pytest.mark.parametrize("body", [b"\xc1", b"\x93\x01", b"[]", encode_memory(NOTHING_SHOWN)])
def test_anything_else_is_refused(body):
    with pytest.raises(MemoryUnreadableError, match="cannot be read"):
        decode_memory(body, EngineMemory)


def test_text_that_is_not_utf8_is_refused():
    body = encode_memory(record_of(ScreenMemory, is_full=True))
    assert b"text" in body
    with pytest.raises(MemoryUnreadableError, match="cannot be read"):
        decode_memory(body.replace(b"text", b"te\xffx"), ScreenMemory)
