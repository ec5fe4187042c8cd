"""Living views: of a face that has them so, a view shows what its base holds now.

Views of a Tensor of autograd keep their numbers. PyTorch's show every later change of the memory
that they share, and its programs count on that. So the views of a face are noted with their base
as they are made; whoever writes to a base lets go of them first, so that they hold no memory which
would have to be copied, and has them taken anew after.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd.engine.modes import captures, capturing
from autograd.engine.views import View, living, living_views
from autograd.tensors import windows

__all__ = ["forget", "let_go", "shown_anew", "take_anew"]


def let_go(base: Any) -> list[Any]:
    """The living views of a Tensor that is about to be written to; they hold no memory now."""
    if id(base) not in living or (captures and capturing()):
        return []
    found = [view for view in living_views(base) if view._value is not None]
    for view in found:
        view._value = None
    return found


def take_anew(views: Iterable[Any]) -> None:
    """Let views that `let_go` found show what their base holds now."""
    for view in views:
        windows.refresh(view, View.of(view._origin), keep=False)


@contextmanager
def shown_anew(base: Any) -> Iterator[None]:
    """A block in which a Tensor is written to, and after which its living views show it."""
    views = let_go(base)
    try:
        yield
    finally:
        take_anew(views)


def forget(base: Any, shape: tuple[int, ...] | None = None) -> None:
    """Leave the views of a Tensor with what they show: it gets other memory, of another shape."""
    if id(base) in living and shape != np.shape(base._value):
        living.pop(id(base), None)
