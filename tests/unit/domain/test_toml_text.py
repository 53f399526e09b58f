"""TOML that is not trusted: every failure is half a sentence, and none takes long."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tradetui.domain.toml_text import (
    MAX_KEY_PARTS,
    MAX_TOML_BYTES,
    TomlError,
    decode_toml,
    line_of_key,
    parse_toml,
    place_of_key,
)


def test_values_and_exact_numbers() -> None:
    text = decode_toml(b'[a]\nb = "\xc3\xa9"\nc = 0.1\n')
    assert parse_toml(text, parse_float=Decimal) == {"a": {"b": "é", "c": Decimal("0.1")}}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"x" * (MAX_TOML_BYTES + 1), "f: has more than 1,000,000 bytes; such a file is short"),
        (b"\xef\xbb\xbfa = 1", "f: begins with a byte order mark; save it as UTF-8 without BOM"),
        (b"a = 1\n\nb = '\xff'", "f, line 3: is not UTF-8; save the file as UTF-8"),
    ],
)
def test_bytes_that_are_no_text(data: bytes, says: str) -> None:
    with pytest.raises(TomlError) as caught:
        decode_toml(data)
    assert caught.value.of("f") == says


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a = 1\na = 2", "f: is not valid TOML: Cannot overwrite a value"),
        ("a = " + "9" * 5_000, "f: is not valid TOML: Exceeds the limit"),
        ("a = " + "[" * 100_000, "f: is nested too deeply"),
        ("a = " + "{a=" * 100_000, "f: is nested too deeply"),
        ("\n" + "a." * 450_000 + "a = 1", "f, line 2: is nested too deeply: a key of more than"),
        ("x = {" + '"a" . ' * 90_000 + "a = 1}", "f, line 1: is nested too deeply: a key of more"),
        ("a = '\x1b'", "f: is not valid TOML: "),
    ],
)
def test_texts_that_are_not_read(text: str, says: str) -> None:
    with pytest.raises(TomlError) as caught:
        parse_toml(text)
    assert caught.value.of("f").startswith(says)
    assert str(caught.value).isprintable()


def test_an_exact_number_that_does_not_fit_is_no_crash() -> None:
    with pytest.raises(TomlError, match="is not valid TOML"):
        parse_toml("a = 1e99999999999999999999", parse_float=Decimal)


@pytest.mark.parametrize(
    "text", ["a." * (MAX_KEY_PARTS - 1) + "a = 1", 'a = "' + ". " * 10_000 + '"', "a" * 900_000]
)
def test_what_is_only_long_is_not_refused_for_depth(text: str) -> None:
    try:
        parse_toml(text)
    except TomlError as error:
        assert "nested" not in str(error)


KEYS = """# why = "commented"
title = "x"
[keys]  # a table
why = ["w",
  "f2"]
"stop" = "x"
[keys.more]
late = 1
[[ "list" ]]
[keys.more."dotted one".by]
"""


@pytest.mark.parametrize(
    ("key", "table", "line"),
    [
        ("title", "", 2), ("why", "keys", 4), ("stop", "keys", 6), ("late", "keys", 0),
        ("late", "keys.more", 8), ("why", "", 0), ("none", "keys", 0),
        ("keys", "", 3), ("more", "keys", 7), ("list", "", 9), ("dotted one", "keys.more", 10),
        ("by", "keys.more", 0),
    ],
)  # fmt: skip
def test_the_line_of_a_key_is_found(key: str, table: str, line: int) -> None:
    assert line_of_key(KEYS, key, table) == line
    place = place_of_key("k.toml", KEYS, key, table)
    assert place == (f"k.toml, line {line}" if line else "k.toml")
