"""The trail: where values left the graph while `tracing` was on, for `autograd.why`.

A node cannot tell who dropped it, so the places that drop one (detach, NumPy, `no_grad`, a cast to
integers, an op without a derivative) note it here, with the source line. Nothing is noted unless
`tracing` is on, and a new block of it starts a new trail. No graph is kept for it, but for the one
that backward was last called on.
"""

from __future__ import annotations

import sys
import warnings
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.callers import caller
from autograd.engine.modes import at_tracing, captures, capturing, current_mode
from autograd.engine.node import Node, next_number, topological
from autograd.errors import GradientLostWarning, UnsupportedError

__all__ = [
    "Exit",
    "choice",
    "computed",
    "decisions",
    "exits",
    "is_looked_at",
    "last_root",
    "new_trail",
    "note_decision",
    "note_exit",
    "note_read",
    "note_root",
    "seen",
    "step_capture",
    "trail_apart",
    "warn_lost",
    "written_outside",
]

PLAIN_VALUE = "a plain number or array"
_MOST = 1000  # the latest
_OURS = ("autograd", "nn", "optim")
# A warning names the line of a program, not one of the libraries that it calls...
_LIBRARIES = {*_OURS, "numpy", "scipy", "pandas", "sklearn", "matplotlib", "mpl_toolkits",
              "seaborn", "_pytest"}  # fmt: skip
# ... and none is due where a value is only looked at, or compared.
_LOOKS = ("matplotlib", "mpl_toolkits", "seaborn", "numpy.testing", "_pytest")


class Exit(NamedTuple):
    """One place where a value that has a gradient went on without it.

    It holds no graph alive: of what the value was computed from, it knows what is still there.
    """

    kind: str  # "detach", "NumPy", "no_grad", "integer" or "no derivative"
    what: str  # the op or method that did it
    where: str | None
    label: str  # of the node whose value it was
    module: str  # that the node was recorded in, or ""
    own: weakref.ref[Node]
    sources: weakref.WeakSet[Node]  # that node, and all that it was computed from


_exits: deque[Exit] = deque(maxlen=_MOST)
_roots: deque[Node] = deque(maxlen=1)
# When a Tensor that depends on a leaf told Python which way to go (an if, an int), and how.
decisions: deque[tuple[int, str]] = deque(maxlen=10 * _MOST)


def note_decision(tensor: Any, what: str) -> None:
    """Remember that Python goes on by the value of this Tensor: a replay cannot decide anew."""
    note_read(tensor, what)
    if tensor._node is not None or getattr(tensor, "_left", None) is not None:
        where = f" at {caller()}" if current_mode().traces else ""
        decisions.append((next_number(), f"{what} of {tensor._label()}{where}"))


def note_read(tensor: Any, what: str) -> None:
    """Tell a call that is being traced that Python has seen a value, and may decide by it."""
    if captures and (capture := capturing()):
        capture.read(tensor, what)


def written_outside(what: str, remember: Callable[[], Callable[[], None]] | None = None) -> None:
    """Tell a call that is being traced of what it does that is no part of a graph.

    `remember` notes what is there now, and returns what puts it back when the call is over.
    """
    if captures and (capture := capturing()):
        capture.refuse(what)
        if remember is not None:
            capture.undone.append(remember())


def step_capture() -> Any:
    """The call that is being traced here, if gradients and steps are part of it; else None."""
    if captures and (capture := capturing()) and capture.takes_steps:
        return capture
    return None


def choice(tensor: Any) -> Any:
    """The raw value of a condition or of indices, which a tape does not choose anew.

    A call that is being traced does: there it is a Tensor, and what follows from it is traced too.
    """
    if captures and capturing():
        return tensor.detach()
    note_decision(tensor, "the value")
    return tensor._value


def computed(
    function: Callable[..., Any], *values: Any, decides: bool = True, **options: Any
) -> Any:
    """What a plain function makes of arrays and of the values of Tensors: an array, or several.

    It stands for what is no op: labels that are checked, a running average. In a call that is being
    traced it is a node, which a replay computes anew, and its results are Tensors. `decides` says
    that a gradient's way depends on them, so that a tape cannot be replayed on other leaves.
    """
    if captures and (capture := capturing()):
        return capture.computed(partial(function, **options) if options else function, values)
    if decides:
        for value in values:
            if hasattr(value, "_value"):
                note_decision(value, "the value")
    return function(*[getattr(value, "_value", value) for value in values], **options)


def seen(x: Any, what: str = "the numbers") -> Any:
    """The numbers of an array or Tensor, by which Python goes on: a traced call notes it."""
    if not hasattr(x, "_value"):
        return np.asarray(x)
    note_decision(x, what)
    return np.asarray(x._value)


def note_exit(kind: str, node: Node | None, what: str) -> None:
    """Remember that the value of a node goes on without its gradient, if `tracing` is on.

    What this package does for itself, such as printing, is no exit of a user's.
    """
    if node is None or not current_mode().traces:
        return
    if kind in ("NumPy", "detach"):
        owner = sys._getframe(2).f_globals.get("__name__", "").partition(".")[0]
        if owner in _OURS:
            return
    module = repr(node.scope) if node.scope is not None else ""
    sources = weakref.WeakSet(topological([node]))
    _exits.append(Exit(kind, what, caller(), node.label(), module, weakref.ref(node), sources))


def warn_lost(node: Node | None, remedy: str, becomes: str = PLAIN_VALUE) -> None:
    """Warn, once a line, where a value that has a gradient goes on without it, unasked.

    Raise in a function that is being differentiated, whose result would be wrong by that.
    """
    if node is None or not current_mode().records:
        return
    frame = _program()
    if frame is None:
        return
    if becomes is PLAIN_VALUE and current_mode().depth:
        raise UnsupportedError(
            f"{_what(node)} is being differentiated and cannot become {becomes}: the gradient "
            "would be lost.\n  Arrays are not written into: build them from their parts, "
            "np.array([x, y]), np.concatenate or np.where, with the functions of autograd.numpy. "
            "np.sin(x) stands for math.sin(x); getval(x) of autograd.tracer is the plain value."
        )
    _warn_at(
        frame,
        f"{_what(node)} requires grad and becomes {becomes}: what is computed from that gets no "
        "gradient.\n  Stay in the graph with the functions of `autograd` (ag.stack joins Tensors), "
        f"or leave it on purpose: {remedy}.",
    )


def warn_constant(text: str) -> None:
    """Warn, at the line of the program, of what a gradient takes for a constant."""
    if (frame := _program()) is not None:
        _warn_at(frame, text)


def _warn_at(frame: FrameType, text: str) -> None:
    warnings.warn_explicit(
        text,
        GradientLostWarning,
        frame.f_code.co_filename,
        frame.f_lineno,
        registry=frame.f_globals.setdefault("__warningregistry__", {}),
    )


def is_looked_at() -> bool:
    """Whether it is for a plot, or for a test's comparison, that a value is wanted."""
    return _program() is None


def _program() -> FrameType | None:
    """Where the program is that called, past the libraries; None where these only look."""
    frame = sys._getframe(2)
    while frame.f_back is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith(_LOOKS):
            return None
        if module.partition(".")[0] not in _LIBRARIES:
            break
        frame = frame.f_back
    return frame


def _what(node: Node) -> str:
    """The user's name for a node, else what made it: the same words each time a line is run."""
    made = node.inputs[0].op.name if node.op.name == "output" else node.op.name
    return node.name or ("a Tensor" if node.is_leaf else f"the result of {made}")


def note_root(node: Node) -> None:
    """Remember what backward was called on, if `tracing` is on."""
    if current_mode().traces:
        _roots.append(node)


def exits() -> tuple[Exit, ...]:
    """The trail, the earliest exit first."""
    return tuple(_exits)


def last_root() -> Node | None:
    """What backward was last called on."""
    return _roots[-1] if _roots else None


def new_trail() -> None:
    """Forget all of it."""
    _exits.clear()
    _roots.clear()


@contextmanager
def trail_apart() -> Iterator[None]:
    """What is traced inside leaves the trail as it is."""
    before = tuple(_exits), tuple(_roots)
    try:
        yield
    finally:
        new_trail()
        _exits.extend(before[0])
        _roots.extend(before[1])


at_tracing.append(new_trail)
