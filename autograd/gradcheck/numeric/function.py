"""A function of Tensors as a map from one real vector to another, with its vector-Jacobian product.

Everything that decides works on these vectors: the checked inputs end to end, complex numbers as
two reals each. The gradient of a complex input, d/dRe + i d/dIm (PyTorch's convention), is then a
plain real gradient, and no verdict needs to know about complex numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from autograd.engine.node import Node, topological
from autograd.engine.op import Array
from autograd.engine.operands import tensor_types
from autograd.engine.outputs import wrap
from autograd.errors import GradcheckError
from autograd.sweep.differentiate import grad
from autograd.tensors.tensor import Tensor

__all__ = ["FAILURES", "OPS_ON_THE_WAY", "Function", "Recording", "as_before", "flat"]

OPS_ON_THE_WAY = 256.0  # operations, each of which rounds once

# What functions and rules may raise, at a point outside their domain and wherever they are wrong.
FAILURES = (Exception,)


def flat(value: Any) -> Array:
    """All elements in one float64 vector; a complex one gives its real part, then its imaginary."""
    array = np.ravel(np.asarray(getattr(value, "_value", value)))
    if array.dtype.kind == "c":
        return array.astype(np.complex128).view(np.float64)
    return array.astype(np.float64)


def as_before(y: Any, is_complex: bool) -> Array:
    """The elements as those of an output that was complex at the point, or was not.

    What has become complex has left the domain where it was real, as roots of polynomials do.
    """
    array = np.ravel(np.asarray(getattr(y, "_value", y)))
    if array.dtype.kind == "c" and not is_complex:
        return np.where(array.imag == 0, array.real, np.nan).astype(np.float64)
    return flat(array.astype(np.complex128) if is_complex else array)


def _plain(y: Any) -> Tensor:
    """A Tensor of a face as one of the engine's, whose methods mean what they say here."""
    if type(y) is Tensor:
        return y
    plain: Tensor = wrap(y._value, y._node)
    plain._name = getattr(y, "_name", None)
    return plain


class Function:
    """f at its inputs: values by flat vectors, recordings to pull cotangents through."""

    def __init__(
        self,
        f: Callable[..., Any],
        values: Sequence[Any],
        positions: Sequence[int],
        names: Sequence[str],
    ) -> None:
        self.f = f
        self.base: Function | None = None  # the function of whose rules this one is the gradient
        self.values = list(values)
        self.positions = tuple(positions)
        self.names = tuple(names)  # of the checked inputs
        self.checked = [np.asarray(self.values[p]) for p in self.positions]
        sizes = [a.size * (2 if a.dtype.kind == "c" else 1) for a in self.checked]
        self.stops = np.cumsum([0, *sizes])
        self.x = np.concatenate([flat(a) for a in self.checked])
        self.complexes: list[bool] = []  # which outputs are, where f was run first
        self.raised: Exception | None = None  # by f itself, the last time that it did

    @property
    def size(self) -> int:
        """The number of real coordinates."""
        return int(self.stops[-1])

    def part(self, number: int, vector: Array) -> Array:
        """What a flat vector holds for one checked input, in that input's shape."""
        like = self.checked[number]
        piece = np.ascontiguousarray(vector[self.stops[number] : self.stops[number + 1]])
        if like.dtype.kind == "c":
            piece = piece.view(np.complex128)
        return piece.reshape(like.shape)

    def parts(self, vector: Array) -> list[Array]:
        return [self.part(number, vector) for number in range(len(self.positions))]

    def arguments(
        self, arrays: Sequence[Array], frozen: Collection[int] = ()
    ) -> tuple[list[Any], list[Tensor]]:
        """What f is called with (new Tensors each time), and those of it that are checked.

        The `frozen` ones of these need no gradient.
        """
        given = [Tensor(v) if isinstance(v, (np.ndarray, np.generic)) else v for v in self.values]
        leaves = []
        parts = zip(self.positions, arrays, self.names, strict=True)
        for number, (position, array, name) in enumerate(parts):
            leaf = wrap(array if array.ndim else array[()])
            leaf._name = name
            leaf.requires_grad_(number not in frozen)
            given[position] = leaf
            leaves.append(leaf)
        return given, leaves

    def outputs(self, given: Sequence[Any]) -> list[Tensor]:
        """What f returns that has a derivative, or the reason why nothing does."""
        try:
            result = self.f(*given)
        except Exception as error:
            self.raised = error
            raise
        results = list(result) if isinstance(result, (tuple, list)) else [result]
        if not results or any(y is None for y in results):
            raise GradcheckError("gradcheck: f returned nothing; it must return a Tensor")
        for y in results:
            if type(y) not in tensor_types:
                raise GradcheckError(
                    f"gradcheck: f returned {type(y).__name__}, not a Tensor: the value left the "
                    "graph for NumPy or Python, and its gradient is lost"
                )
        floating = [_plain(y) for y in results if y.dtype.kind in "fc"]
        if not floating:
            raise GradcheckError(
                f"gradcheck: f returned a Tensor of {results[0].dtype}, which has no derivative"
            )
        self.complexes = self.complexes or [y.dtype.kind == "c" for y in floating]
        return floating

    def __call__(self, x: Array) -> Array:
        """All output elements in one vector."""
        given, _ = self.arguments(self.parts(x.copy()))
        ys = self.outputs(given)
        if len(self.complexes) != len(ys):  # which is for others to say
            return np.concatenate([flat(y) for y in ys])
        pairs = zip(ys, self.complexes, strict=True)
        return np.concatenate([as_before(y, wide) for y, wide in pairs])

    def record(
        self,
        x: Array | None = None,
        arrays: Sequence[Array] | None = None,
        frozen: Collection[int] = (),
    ) -> Recording:
        """Run f and keep the graph; `arrays` gives the checked inputs in layouts of their own."""
        found = self.parts((self.x if x is None else x).copy()) if arrays is None else arrays
        given, leaves = self.arguments(list(found), frozen)
        return Recording(leaves, self.outputs(given))

    def gradient(self, cotangents: Sequence[Array]) -> Function:
        """(x, u) -> Jᵀu as a function of both: what the next order differentiates."""
        count = len(self.values)

        def gradient(*given: Any) -> tuple[Tensor, ...]:
            leaves = [given[p] for p in self.positions]
            pairs = [
                (y, u)
                for y, u in zip(self.outputs(given[:count]), given[count:], strict=True)
                if y.requires_grad
            ]
            found: list[Any] = [None] * len(leaves)
            tracked = [number for number, x in enumerate(leaves) if x.requires_grad]
            if pairs and tracked:
                gradients = grad(
                    [y for y, _ in pairs],
                    [leaves[number] for number in tracked],
                    [u for _, u in pairs],
                    create_graph=True,
                    allow_unused=True,
                )
                for number, g in zip(tracked, gradients, strict=True):
                    found[number] = g
            return tuple(
                Tensor(np.zeros(x.shape, x.dtype)) if g is None else g
                for x, g in zip(leaves, found, strict=True)
            )

        added = range(count, count + len(cotangents))
        names = [f"cotangent{number}" for number in range(len(cotangents))]
        if len(names) == 1:
            names = ["cotangent"]
        found = Function(
            gradient,
            [*self.values, *cotangents],
            [*self.positions, *added],
            [*self.names, *names],
        )
        found.base = self
        return found


class Recording:
    """One run of a Function, and sweeps through its graph."""

    def __init__(self, leaves: Sequence[Tensor], outputs: Sequence[Tensor]) -> None:
        self.leaves = list(leaves)
        self.outputs = list(outputs)
        self.unused: set[int] = set()  # inputs that no sweep has reached

    @property
    def value(self) -> Array:
        return np.concatenate([flat(y) for y in self.outputs])

    @property
    def precision(self) -> Array:
        """The machine epsilon of each output element."""
        return np.concatenate(
            [np.full(flat(y).size, float(np.finfo(y.dtype).eps)) for y in self.outputs]
        )

    @property
    def rounding(self) -> float:
        """How far apart rounding may take two ways to the same gradient, relative to its size.

        Some operations' worth in the coarsest dtype on the way, such as a float32 cast inside; and
        as many as a sum along the longest axis has terms, which NumPy may add one after the other.
        """
        specs = (node.spec for node in self._nodes() if type(node.spec) is tuple)
        longest = max((max(shape, default=1) for shape, _ in specs), default=1)
        return (OPS_ON_THE_WAY + longest) * self.coarsest

    @property
    def coarsest(self) -> float:
        """The machine epsilon of the coarsest dtype on the way."""
        kinds = {node.dtype for node in self._nodes() if not isinstance(node.spec, list)}
        return max((float(np.finfo(kind).eps) for kind in kinds), default=0.0)

    def _nodes(self) -> list[Node]:
        return topological(y._node for y in self.outputs if y._node is not None)

    @property
    def size(self) -> int:
        """How many numbers all results on the way have."""
        specs = (node.spec for node in self._nodes() if not node.is_leaf)
        return sum(math.prod(spec[0]) if type(spec) is tuple else 1 for spec in specs)

    def unflat(self, u: Array) -> list[Array]:
        """One cotangent per output, from a flat vector."""
        found, start = [], 0
        for y in self.outputs:
            wide = y.dtype.kind == "c"
            stop = start + y.size * (2 if wide else 1)
            piece = np.ascontiguousarray(u[start:stop], np.float64)
            piece = piece.view(np.complex128) if wide else piece
            found.append(piece.reshape(y.shape).astype(y.dtype))
            start = stop
        return found

    def pull(self, cotangents: Sequence[Any], create_graph: bool = False) -> list[Any]:
        """The gradient of each leaf (None where the outputs do not depend on it)."""
        pairs = [(y, u) for y, u in zip(self.outputs, cotangents, strict=True) if y.requires_grad]
        tracked = [number for number, leaf in enumerate(self.leaves) if leaf.requires_grad]
        found: list[Any] = [None] * len(self.leaves)
        if pairs and tracked:
            gradients = grad(
                [y for y, _ in pairs],
                [self.leaves[number] for number in tracked],
                [u for _, u in pairs],
                retain_graph=True,
                create_graph=create_graph,
                allow_unused=True,
            )
            for number, gradient in zip(tracked, gradients, strict=True):
                found[number] = gradient
        self.unused = {i for i, g in enumerate(found) if g is None}
        return found

    def flat_gradient(self, found: Sequence[Any]) -> Array:
        return np.concatenate(
            [
                flat(np.zeros(leaf.shape, leaf.dtype) if g is None else g)
                for leaf, g in zip(self.leaves, found, strict=True)
            ]
        )

    def vjp(self, u: Array) -> Array:
        """Jᵀu as a flat vector."""
        return self.flat_gradient(self.pull(self.unflat(u)))
