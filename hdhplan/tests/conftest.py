"""Hypothesis is deterministic here: a run that was green stays green. Charts can be left blank."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "hdhplan",
    derandomize=True,
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("hdhplan")


@pytest.fixture(autouse=True, scope="session")
def _pages_of_all_processes(tmp_path_factory):
    """Keep the pages that several files look at where every process of a run finds them."""
    from hdhplan.tests import pages

    shared = "PYTEST_XDIST_WORKER" in os.environ
    base = tmp_path_factory.getbasetemp()
    pages.kept = (base.parent if shared else base) / "pages"


@pytest.fixture
def undrawn(monkeypatch):
    """Leave the sheets of charts blank: still named, described and told; their marks cost the time."""

    def blank(figure, width_in, height_in, titled=True):
        from matplotlib.figure import Figure

        return Figure(figsize=(width_in, height_in))

    monkeypatch.setattr("hdhplan.figures.drawing.compose", blank)
