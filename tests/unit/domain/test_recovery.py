"""A checkpoint comes back from its bytes; one of a later version is told from one that is none."""

from __future__ import annotations

import msgspec
import pytest
from tests.support.records import record_of

from tradetui.domain.recovery import (
    CHECKPOINT_SCHEMA,
    CheckpointTooNewError,
    CheckpointUnreadableError,
    EngineCheckpoint,
    decode_checkpoint,
    encode_checkpoint,
)


def checkpoint(**more: object) -> EngineCheckpoint:
    made = record_of(EngineCheckpoint, is_full=True)
    fields = {"schema_version": CHECKPOINT_SCHEMA, **more}
    return msgspec.structs.replace(made, **fields)


def test_it_comes_back():
    assert decode_checkpoint(encode_checkpoint(checkpoint())) == checkpoint()


def test_one_of_a_later_version_is_named_even_when_its_fields_are_others():
    later = CHECKPOINT_SCHEMA + 1
    bodies = [encode_checkpoint(checkpoint(schema_version=later))]
    bodies.append(msgspec.msgpack.encode(["EngineCheckpoint", later, {"all": "new"}]))
    for body in bodies:
        with pytest.raises(CheckpointTooNewError, match=f"is of version {later}; this program"):
            decode_checkpoint(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xc1",
        msgspec.msgpack.encode([]),
        msgspec.msgpack.encode(["EngineCheckpoint"]),
        msgspec.msgpack.encode(["EngineCheckpoint", "9"]),
        msgspec.msgpack.encode(["Another", 9]),
        encode_checkpoint(checkpoint())[:-3],
    ],
)
def test_anything_else_is_refused(body):
    with pytest.raises(CheckpointUnreadableError, match="cannot be read"):
        decode_checkpoint(body)


def test_text_that_is_not_utf8_is_refused():
    body = encode_checkpoint(checkpoint()).replace(b"text", b"te\xffx")
    with pytest.raises(CheckpointUnreadableError, match="cannot be read"):
        decode_checkpoint(body)
