"""Hypothesis is deterministic here: a run that was green stays green."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "hdhplan",
    derandomize=True,
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("hdhplan")
