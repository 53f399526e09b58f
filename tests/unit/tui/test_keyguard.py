from __future__ import annotations

from tradetui.tui.keyguard import KeyGuard


def test_keys_at_a_hands_pace_pass() -> None:
    guard = KeyGuard()
    guard.note("j", 1.0)
    guard.note("o", 1.1)
    assert not guard.is_burst
    assert not guard.is_repeat


def test_another_key_on_the_heels_is_a_burst() -> None:
    guard = KeyGuard()
    guard.note("h", 1.0)
    guard.note("o", 1.01)
    assert guard.is_burst
    assert not guard.is_newest(1.0)
    assert guard.is_newest(1.01)


def test_the_same_key_too_soon_is_a_repeat_for_as_long_as_it_is_held() -> None:
    guard = KeyGuard()
    for at in (1.0, 1.05, 1.1):
        guard.note("o", at)
    assert guard.is_repeat
    guard.note("o", 1.4)
    assert not guard.is_repeat
