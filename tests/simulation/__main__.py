"""``python -m tests.simulation``: run seeds, or replay one with its story."""

from __future__ import annotations

import sys

from tests.simulation.campaign import main

sys.exit(main())
