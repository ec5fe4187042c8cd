"""The analytic side: slopes of all outputs along a direction, from vector-Jacobian products."""

from __future__ import annotations

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.numeric.function import FAILURES, Function, Recording, flat
from autograd.gradcheck.numeric.rounding import rounding_of_gradients
from autograd.sweep.differentiate import grad
from autograd.tensors.tensor import Tensor

__all__ = ["Analytic"]

_ROWS = 64  # outputs up to which the Jacobian is computed row by row
_CELLS = 4_000_000


class Analytic:
    """J d for any d: by J's rows where these are few, else as the derivative of <Jᵀu, d> by u.

    The second way differentiates the rules once more; where that fails, or disagrees with the
    first derivative, `mix` holds a few random weightings of the outputs, to be judged instead.
    """

    def __init__(self, function: Function, x: Array, rng: np.random.Generator, full: bool) -> None:
        self.function = function
        self.x = x
        self.recording = function.record(x)
        self.outputs = self.recording.value.size
        self.mix: Array | None = None
        self.matrix: Array | None = None
        self.draws = rng
        self.sizes: dict[bool, Array] = {}  # rows of NaN where nobody has asked yet
        few = self.outputs <= max(_ROWS, 2 * x.size if full else 0)
        if few and self.outputs * x.size <= _CELLS:
            self.matrix = self.rows(np.arange(self.outputs))
        elif not self._twice(rng):
            self.mix = rng.choice([-1.0, 1.0], (8, self.outputs))
            self.matrix = np.stack([self.recording.vjp(u) for u in self.mix])

    def rows(self, outputs: Array) -> Array:
        """Rows of the Jacobian."""
        found = np.empty((len(outputs), self.x.size))
        for row, i in enumerate(outputs):
            u = np.zeros(self.outputs)
            u[i] = 1.0
            found[row] = self.recording.vjp(u)
        if np.any(np.isnan(found)):
            vertical = self._vertical()
            rows = found[:, vertical]
            found[:, vertical] = np.where(np.isnan(rows), 0.0, rows)
        return found

    def _vertical(self) -> Array:
        """The inputs with an infinite slope, of which a cotangent of 0 makes NaN."""
        return np.isinf(self.recording.vjp(np.ones(self.outputs)))

    def along(self, d: Array) -> Array:
        """J d."""
        if self.matrix is not None:
            used = d != 0  # 0 · inf is no contribution
            return np.asarray(self.matrix[:, used] @ d[used])
        found = self._pushed(d)
        lost = np.flatnonzero(np.isnan(found))
        if 0 < lost.size <= _ROWS and not np.all(d):  # 0 · inf there too
            used = d != 0
            found[lost] = self.rows(lost)[:, used] @ d[used]
        return found

    def rounding(self, d: Array, outputs: Array | None = None, least: bool = False) -> Array:
        """The size of what cancels in J d at some outputs, or the `least` that it is.

        See `rounding.py`.
        """
        if self.matrix is None:
            of_u = Recording(self.u, self.pulled)
            found = rounding_of_gradients(of_u, d[None], self.draws, least=least)[0]
            return found if outputs is None else found[outputs]
        outputs = np.arange(len(self.matrix)) if outputs is None else outputs
        sizes = self.sizes.setdefault(least, np.full(self.matrix.shape, np.nan))
        new = np.unique(outputs[np.isnan(sizes[outputs, :1]).ravel()])
        if new.size:
            us = np.eye(self.outputs)[new] if self.mix is None else self.mix[new]
            still = self.matrix[new]
            sizes[new] = rounding_of_gradients(self.recording, us, self.draws, still, least)
        return np.asarray(sizes[outputs] @ np.abs(d))

    def _twice(self, rng: np.random.Generator) -> bool:
        """Record Jᵀu as a function of u; whether its derivative is J."""
        try:
            self.recording = self.function.record(self.x)
            zeros = self.recording.unflat(rng.choice([-1.0, 1.0], self.outputs))
            self.u = [Tensor(z, requires_grad=True) for z in zeros]
            self.pulled = self.recording.pull(self.u, create_graph=True)
            d = rng.choice([-1.0, 1.0], self.x.size)
            u = rng.choice([-1.0, 1.0], self.outputs)
            pushed = u * self._pushed(d)
            once = self.recording.vjp(u) * d
        except FAILURES:
            return False
        size = np.sum(np.abs(pushed)) + np.sum(np.abs(once))
        if np.any(np.isinf(once)):
            return True  # a vertical tangent: the sums cannot be compared
        return bool(np.abs(np.sum(pushed) - np.sum(once)) <= self.recording.rounding * size)

    def _pushed(self, d: Array) -> Array:
        parts = self.function.parts(d)
        pairs = [
            (g, v.astype(g.dtype))
            for g, v in zip(self.pulled, parts, strict=True)
            if g is not None and g.requires_grad
        ]
        found: tuple[object, ...] = (None,) * len(self.u)
        if pairs:
            found = grad(
                [g for g, _ in pairs],
                self.u,
                [v for _, v in pairs],
                retain_graph=True,
                allow_unused=True,
            )
        return np.concatenate(
            [
                flat(np.zeros(u.shape, u.dtype) if j is None else j)
                for u, j in zip(self.u, found, strict=True)
            ]
        )
