"""Pictures of a graph: its values, its gradients, and the chain rule between them."""

from __future__ import annotations

import difflib
import sys
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd.engine.arguments import spelled
from autograd.engine.diagnose import check_choice
from autograd.errors import ArgumentError, DrawingError
from autograd.system.memory import uncollected
from autograd.viz.model.attempt import Failure, mark_failure
from autograd.viz.model.costs import COSTS, Costs
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


@spelled
def draw(
    x: Any,
    *args: Any,
    names: Mapping[str, Any] | None = None,
    style: str = "auto",
    detail: str | int = "auto",
    grads: bool = True,
    by: str | None = None,
) -> Picture:
    """Draw how something was computed, and the gradients back from it.

    `x` is a Tensor or a list of some, a Graph, or a function (such as a model) that is called with
    `args`; of a compiled function the picture has a panel for each kernel of the plan that ran
    last. A call that raises is drawn as far as it came, with the op that failed, and warns. The
    picture replays the graph and sweeps back over it with the cotangent 1, so it needs neither
    `backward()` nor a graph that was retained; no `.grad` changes, and hooks do not run. A Tensor
    is named by its `.name`, else by a variable in `names` (such as `locals()`; by default the
    caller's), else after its op.

    `style` is "math" (the chain rule in numbers, for scalars), "tower" (for networks), "shapes" (a
    tower of names and shapes alone, a line each), "profile" (a tower with microseconds and kept
    bytes, and a bar for the share of each op `by` "time", "bytes" or "FLOPs") or "auto". `detail`
    is "full", a depth down to which modules are open, or "auto": above some 150 boxes, what repeats
    is shown once, elementwise chains fold, and modules close; the title says so. Without `grads`
    only the forward pass is shown. Raises BackwardError for a Tensor that does not require grad.

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
        names = sys._getframe(2).f_locals  # of who called, around what checks keywords
    if not isinstance(names, Mapping):
        raise ArgumentError(
            "names must be a mapping of names to Tensors, such as locals(), got "
            f"{type(names).__name__}"
        )
    check_choice("style", style, STYLES)
    if by is not None:
        check_choice("by", by, COSTS)
        if style != "profile":
            raise ArgumentError(f'by={by!r} says what a profile counts: write style="profile" too')
    _check_detail(detail)
    found = graph_of(x, args)
    failure = found if isinstance(found, Failure) else None
    graph = found.graph if isinstance(found, Failure) else found
    with uncollected():
        model = build(graph, names, recorded_of(x))
    if failure is not None:
        mark_failure(model, failure)
        warnings.warn(model.note, stacklevel=3)  # the line that calls what checks arguments
    costs = Costs(model, by or "time") if style == "profile" else None
    return Picture(model, style, detail, grads and failure is None, costs)


def _check_detail(detail: Any) -> None:
    is_depth = isinstance(detail, (int, np.integer)) and not isinstance(detail, bool)
    if detail in ("auto", "full") if isinstance(detail, str) else is_depth and detail >= 0:
        return
    near = difflib.get_close_matches(str(detail), ("auto", "full"), 1, 0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ArgumentError(f"detail must be 'auto', 'full' or a depth from 0 up, got {detail!r}{hint}")


def __dir__() -> list[str]:
    return __all__
