"""Pictures of a graph: its values, its gradients, and the chain rule between them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from autograd.engine.diagnose import check_choice
from autograd.errors import ArgumentError, DrawingError
from autograd.viz.model.costs import cost_notes
from autograd.viz.model.model import build
from autograd.viz.model.subject import graph_of, recorded_of
from autograd.viz.picture import STYLES, Picture
from autograd.viz.stepping import Stepper, stepper
from autograd.viz.words.explain import Explanation, explain
from autograd.viz.words.why import Reason, why

__all__ = [
    "DrawingError",
    "Explanation",
    "Picture",
    "Reason",
    "Stepper",
    "draw",
    "explain",
    "stepper",
    "why",
]


def draw(
    x: Any,
    *args: Any,
    names: Mapping[str, Any] | None = None,
    style: str = "auto",
    detail: str | int = "auto",
    grads: bool = True,
) -> Picture:
    """Draw how something was computed, and the gradients back from it.

    `x` is a Tensor, a Graph, or a function (such as a model) that is called with `args`; of a
    compiled function the picture has a panel for each kernel of the plan that ran last. The
    picture replays the graph and sweeps back over it with the cotangent 1, so it needs neither
    `backward()` nor a graph that was retained; no `.grad` changes, and hooks do not run. A Tensor
    is named by its `.name`, else by a variable in `names` (such as `locals()`; by default the
    caller's), else after its op.

    `style` is "math" (the chain rule in numbers, for scalars), "tower" (for networks), "profile"
    (a tower with microseconds and kept bytes) or "auto". `detail` is "full", a depth down to which
    modules are open, or "auto": above some 150 boxes, what repeats is shown once, elementwise
    chains fold, and modules close; the title says so. Without `grads` only the forward pass is
    shown. Raises BackwardError for a Tensor that does not require grad.

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
    check_choice("style", style, STYLES)
    if detail not in ("auto", "full") and not (isinstance(detail, int) and detail >= 0):
        raise ArgumentError(f"detail must be 'auto', 'full' or a depth from 0 up, got {detail!r}")
    model = build(graph_of(x, args), names, recorded_of(x))
    notes = cost_notes(model) if style == "profile" else None
    return Picture(model, style, detail, grads, notes)


def __dir__() -> list[str]:
    return __all__
