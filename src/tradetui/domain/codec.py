"""How records become bytes: msgpack in the journal, JSON for export.

The contract with a second implementation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

import msgspec

from tradetui.domain.steps import JournalHeader, StepRecord

CODEC_VERSION: Final = 1

GENESIS: Final = bytes(32)
"""The hash before the header of every run."""

_step_encoder: Final = msgspec.msgpack.Encoder()
_step_decoder: Final = msgspec.msgpack.Decoder(StepRecord)
_header_decoder: Final = msgspec.msgpack.Decoder(JournalHeader)


def encode(record: msgspec.Struct) -> bytes:
    """Encode any record as msgpack.

    The same record always gives the same bytes.
    """
    return _step_encoder.encode(record)


def decode_step(data: bytes) -> StepRecord:
    """Decode a journal row's body; raises msgspec.DecodeError or ValidationError on anything
    else.
    """
    try:
        return _step_decoder.decode(data)
    except UnicodeDecodeError as error:  # the one error that msgspec lets through as it is
        raise msgspec.DecodeError(f"its text is not UTF-8 ({error.reason})") from error


def decode_header(data: bytes) -> JournalHeader:
    """Decode a journal's header; raises msgspec.DecodeError or ValidationError on anything else."""
    try:
        return _header_decoder.decode(data)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(f"its text is not UTF-8 ({error.reason})") from error


def digest(record: msgspec.Struct) -> str:
    """Return the SHA-256 of a record's bytes, in hex."""
    return hashlib.sha256(encode(record)).hexdigest()


encode_step: Final = _step_encoder.encode
"""``encode`` without a call in between, for the path that every step takes."""


def chain(previous: bytes, body: bytes) -> bytes:
    """Return the hash that links a stored row to the one before it: SHA-256 over both."""
    return hashlib.sha256(previous + body).digest()


def chain_all(previous: bytes, bodies: Iterable[bytes]) -> list[bytes]:
    """Return the hash of each row of a sequence, as ``chain`` links them one by one."""
    sha256 = hashlib.sha256
    hashes = []
    for body in bodies:
        previous = sha256(previous + body).digest()
        hashes.append(previous)
    return hashes
