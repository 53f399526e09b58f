"""Check numbers of rows: how an alteration on the disk is found that SQLite would not see."""

from __future__ import annotations

from typing import Final

CHECK_PRIME: Final = 2_147_483_647


def check_number(text: str) -> int:
    """Return the check number of a row's text, as the triggers compute it.

    A polynomial over the characters modulo a prime (Rabin's fingerprint): any one changed character
    changes it. It lets a flipped bit be noticed that SQLite itself would not see, and stays right
    when another process edits the row, because the trigger is in the database.
    """
    value = len(text) % CHECK_PRIME
    for char in text:
        value = (value * 1_114_111 + ord(char) + 1) % CHECK_PRIME
    return value


def check_sql(expression: str) -> str:
    """Return the SQL expression that computes ``check_number`` of a text expression."""
    return (
        f"(WITH RECURSIVE line(t) AS (SELECT {expression}), step(i, h) AS ("
        f"SELECT 0, (SELECT length(t) % {CHECK_PRIME} FROM line) UNION ALL "
        f"SELECT i + 1, (h * 1114111 + unicode(substr((SELECT t FROM line), i + 1, 1)) + 1) "
        f"% {CHECK_PRIME} FROM step WHERE i < (SELECT length(t) FROM line)) "
        f"SELECT h FROM step ORDER BY i DESC LIMIT 1)"
    )


def line_sql(columns: tuple[str, ...], prefix: str) -> str:
    """Return the SQL expression that computes ``row_line`` of a row's columns."""
    return " || char(31) || ".join(f"coalesce({prefix}{name}, '')" for name in columns)


def row_line(values: tuple[object, ...]) -> str:
    """Return the text of a row over which its check number is taken."""
    return chr(31).join("" if value is None else str(value) for value in values)
