"""How hypothesis looks for what breaks a property: always the same in a test, and for long where one asks for it."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

# The same examples each time, and no database: what passed here passes there.
settings.register_profile(
    "test",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=60,
    stateful_step_count=20,
    suppress_health_check=[HealthCheck.too_slow],
)
# Others each time, by --hypothesis-seed; `tools/campaign properties` sets how many.
settings.register_profile(
    "thorough",
    deadline=None,
    database=None,
    max_examples=int(os.environ.get("EDGEPROOF_EXAMPLES", "2000")),
    stateful_step_count=20,
    phases=[Phase.explicit, Phase.generate, Phase.target, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow],
)

# `pytest tests/properties --hypothesis-profile=thorough` takes the other one, after this.
settings.load_profile("test")
