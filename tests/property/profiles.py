"""How many examples a property gets: few and always the same in the default suite, many on demand.

``HYPOTHESIS_PROFILE=many`` (``make properties``) takes ``MANY`` times as many, at random.
"""

from __future__ import annotations

import os
from typing import Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from tests.property.walker import ACT_LENGTH, BOUND, Case

MANY: Final = 50
"""How many times more examples `make properties` takes."""

IS_MANY: Final = os.environ.get("HYPOTHESIS_PROFILE") == "many"


def examples(few: int) -> settings:
    """Return the settings of a property that takes ``few`` examples by default."""
    return settings(
        max_examples=few * MANY if IS_MANY else few,
        derandomize=not IS_MANY,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def cases(acts: int = 40) -> st.SearchStrategy[Case]:
    """Draw cases of the generator of event streams: a long seed of numbers, cut into acts."""
    act = st.lists(st.integers(0, BOUND - 1), min_size=ACT_LENGTH, max_size=ACT_LENGTH).map(tuple)
    return st.builds(Case, act, st.lists(act, min_size=acts // 2, max_size=acts).map(tuple))
