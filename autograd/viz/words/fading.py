"""Where a gradient fades on its way though no single op is to blame: the same one, many times."""

from __future__ import annotations

import numpy as np

from autograd.viz.model.model import Edge
from autograd.viz.model.numbers import number, rms
from autograd.viz.words.places import Finding

__all__ = ["FADED", "fading"]

_OFTEN = 3  # times that the same op comes
FADED = 1e-3  # of the gradient is left after all of them


def fading(way: list[Edge]) -> list[Finding]:
    """The op that takes most on a way in all, such as the sigmoids of a deep network."""
    gains: dict[str, list[tuple[float, Edge]]] = {}
    for edge in way:
        out = edge.target.outputs[0]
        before, after = rms(out.gradient), rms(edge.contribution)
        if before and after and out.shape == edge.source.shape:
            gains.setdefault(edge.target.op.name, []).append((after / before, edge))
    found: list[tuple[float, Finding]] = []
    for name, pairs in gains.items():
        whole = float(sum(np.log(gain) for gain, _ in pairs))
        if len(pairs) < _OFTEN or whole > np.log(FADED):
            continue
        mean, typical = number(np.exp(whole / len(pairs)), 2), pairs[len(pairs) // 2][1].target
        text = f"{name} passes on × {mean}, {len(pairs)} times: × {number(np.exp(whole), 2)} in all"
        short = f"vanishing: × {mean}, {len(pairs)} times"
        found.append((whole, Finding(text, "vanishes", typical.where, [typical], short)))
    return [finding for _, finding in sorted(found, key=lambda pair: pair[0])]
