"""What of a picture is not in its scene, but would be if other modules were open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from autograd.viz.scene.scene import Box, Line, Panel

__all__ = ["Folding"]


@dataclass(eq=False, slots=True)
class Folding:
    """The boxes, panels and lines, drawn anywhere; and how it all hangs together, for the page."""

    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    stands_for: dict[str, str] = field(default_factory=dict)
