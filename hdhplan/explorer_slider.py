"""A slider that hides nothing: what a browser sends past its ends is refused aloud, not cut off."""

from __future__ import annotations

from ipywidgets import FloatSlider
from traitlets import validate


class Slider(FloatSlider):
    """A slider whose value is taken as it comes; the explorer's session judges it."""

    @validate("value")
    def _validate_value(self, proposal: dict) -> float:
        return proposal["value"]
