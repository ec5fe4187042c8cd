"""Backward hooks of modules: functions that see, and may replace, the gradients at its borders.

The Tensors that enter or leave a module go through an op that changes nothing; its rule hands all
their cotangents to the hooks at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import Tensor, asarray, is_grad_enabled
from autograd.engine.dispatch import is_symbolic
from autograd.errors import GradientError
from autograd.extend import Array, draw, op, raw, sample, samples

__all__ = ["BackwardCall"]

Gradients = tuple[Any, ...]


def d_border_xs(g: Gradients, pull: Callable[[Gradients], Gradients]) -> Gradients:
    return g if is_symbolic(g[0]) else pull(g)  # a printed rule calls no hook


def _unchanged(g: Gradients) -> Gradients:
    return g


@op(
    "x",
    joint=d_border_xs,
    outputs=0,
    linear=True,
    samples=samples(
        lambda: sample(draw(2, 3), draw(2, seed=1), pull=_unchanged),
        lambda: sample(draw(), pull=_unchanged),
    ),
    reference=lambda *xs, pull: xs,
)
def _border(*xs: Array, pull: Callable[[Gradients], Gradients]) -> tuple[Array, ...]:
    """The inputs themselves; `pull` takes the cotangents of all of them to new ones."""
    return xs


class BackwardCall:
    """One call of a module with backward hooks: what remembers grad_output until grad_input is in.

    Entries for what is no floating Tensor are None; those for one that needs no gradient are zero.
    """

    def __init__(self, module: Any, before: Sequence[Any], after: Sequence[Any]) -> None:
        self.module = module
        self.before = before  # hook(module, grad_output)
        self.after = after  # hook(module, grad_input, grad_output)
        self.grad_output: Gradients | None = None
        self.inputs = _Border(())
        self.outputs = _Border(())

    def enter(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments, their gradients led to the hooks."""
        self.inputs = _Border(args)
        return self.inputs.passed(args, self._pull_inputs)

    def leave(self, output: Any) -> Any:
        """The output, its gradients led to the hooks."""
        several = isinstance(output, tuple)
        outputs = output if several else (output,)
        self.outputs = _Border(outputs)
        passed = self.outputs.passed(outputs, self._pull_outputs)
        if not several:
            return passed[0]
        return type(output)(*passed) if hasattr(output, "_fields") else passed

    def _pull_outputs(self, g: Gradients) -> Gradients:
        shown = self.outputs.shown(g)
        for hook in self.before:
            shown = self._replaced("pre-hook", hook(self.module, shown), shown)
        self.grad_output = shown
        if not self.inputs.places:
            blank = (None,) * self.inputs.count
            for hook in self.after:
                self._replaced("hook", hook(self.module, blank, shown), blank)
            self.grad_output = None
        return self.outputs.hidden(shown, g)

    def _pull_inputs(self, g: Gradients) -> Gradients:
        if self.grad_output is None:  # the gradient came past the outputs, as in a double backward
            return g
        shown = self.inputs.shown(g)
        for hook in self.after:
            shown = self._replaced("hook", hook(self.module, shown, self.grad_output), shown)
        self.grad_output = None
        return self.inputs.hidden(shown, g)

    def _replaced(self, what: str, found: Any, old: Gradients) -> Gradients:
        """What a hook returned, as gradients that fit those that it was shown."""
        if found is None:
            return old
        new = found if isinstance(found, tuple) else (found,)
        shapes = [None if x is None else np.shape(x) for x in new]
        wanted = [None if x is None else x.shape for x in old]
        if shapes != wanted:
            raise GradientError(
                f"a backward {what} of {self.module._path or type(self.module).__name__} returned "
                f"gradients of shapes {shapes} for {wanted}"
            )
        return tuple(None if x is None else asarray(x) for x in new)


class _Border:
    """The values on one side of a module: where gradients are, where zeros, and where nothing."""

    def __init__(self, values: tuple[Any, ...]) -> None:
        records = is_grad_enabled()
        tensors = [(n, x) for n, x in enumerate(values) if isinstance(x, Tensor)]
        self.count = len(values)
        self.places = [n for n, x in tensors if records and x.requires_grad]
        self.blank = {n: (x.shape, x.dtype) for n, x in tensors if x.dtype.kind in "fc"}

    def passed(self, values: tuple[Any, ...], pull: Any) -> tuple[Any, ...]:
        """The values, those that need a gradient through the op whose rule calls `pull`."""
        if not self.places:
            return values
        through = _border(*(values[n] for n in self.places), pull=pull)
        found = dict(zip(self.places, through, strict=True))
        return tuple(found.get(n, x) for n, x in enumerate(values))

    def shown(self, g: Gradients) -> Gradients:
        """Cotangents as the gradients that users see: Tensors, conjugated."""
        found = {n: _conjugate(asarray(x)) for n, x in zip(self.places, g, strict=True)}
        zeros = {n: asarray(np.zeros(*s)) for n, s in self.blank.items() if n not in found}
        return tuple((found | zeros).get(n) for n in range(self.count))

    def hidden(self, shown: Gradients, like: Gradients) -> Gradients:
        """Gradients as cotangents again, raw where the sweep's are raw."""
        found = (_conjugate(shown[n]) for n in self.places)
        return tuple(found if any(isinstance(x, Tensor) for x in like) else map(raw, found))


def _conjugate(x: Any) -> Any:
    return np.conj(x) if x.dtype.kind == "c" else x
