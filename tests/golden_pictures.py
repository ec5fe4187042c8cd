"""The geometry of five pictures as it was looked at and found good.

After a change of the layout that was meant, look at the pictures, then write it anew with
`python -m tests.golden_pictures`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograd.viz import draw
from tests.graphs import affine, deep_network, network, recurrent, shared

__all__ = ["GOLDEN", "PICTURES", "geometry"]

GOLDEN = Path(__file__).parent / "golden"
PICTURES: dict[str, Callable[[], Any]] = {
    "affine": affine,
    "shared": shared,
    "network": network,
    "sigmoids": lambda: deep_network(3),
    "loop": lambda: recurrent(60),
}


def geometry(name: str) -> dict[str, Any]:
    """Places and sizes of all boxes and panels, and the ends of all lines."""
    scene = draw(PICTURES[name](), names={}).scene

    def rounded(*values: float) -> list[float]:
        return [round(value, 1) for value in values]

    return {
        "size": rounded(scene.width, scene.height),
        "boxes": {b.key: rounded(b.x, b.y, b.width, b.height) for b in scene.boxes},
        "panels": {p.key: rounded(p.x, p.y, p.width, p.height) for p in scene.panels},
        "lines": [[n.kind, *rounded(*n.points[0], *n.points[-1])] for n in scene.lines],
    }


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for each in PICTURES:
        text = json.dumps(geometry(each), indent=0, separators=(",", ":"))
        (GOLDEN / f"{each}.json").write_text(text + "\n")
