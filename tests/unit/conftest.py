"""How hard property tests try: HYPOTHESIS_PROFILE=long tries ten times as much."""

from __future__ import annotations

import os

from hypothesis import settings

# No deadline: a busy machine is not a failing test.
settings.register_profile("short", deadline=None, max_examples=100)
settings.register_profile("long", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))
