"""Pictures of a graph: its values, its gradients, and the chain rule between them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from autograd.errors import DrawingError
from autograd.graph import Graph
from autograd.viz.model import build
from autograd.viz.picture import Picture

__all__ = ["DrawingError", "Picture", "draw"]


def draw(x: Any, names: Mapping[str, Any] | None = None) -> Picture:
    """Draw how a Tensor (or the outputs of a Graph) was computed, and the gradients back from it.

    The picture replays the graph and sweeps back over it with the cotangent 1, so it needs neither
    `backward()` nor a graph that was retained; no `.grad` changes, and hooks do not run. A Tensor
    is named by its `.name`, else by a variable in `names` (such as `locals()`; by default the
    caller's), else after its op. Raises BackwardError for a Tensor that does not require grad.

    >>> import autograd as ag
    >>> w = ag.Tensor(2.0, requires_grad=True, name="w")
    >>> y = w * 3 + 1
    >>> print(draw(y).text())
    tensor       made by   =  ∇
    y            + 1  ↩1   7  1
    └─ multiply  × 3  ↩2   6  1
       └─ w      param     2  3
    """
    if names is None:
        names = sys._getframe(1).f_locals
    graph = x if isinstance(x, Graph) else Graph(x)
    return Picture(build(graph, names))
