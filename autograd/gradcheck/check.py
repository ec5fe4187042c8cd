"""gradcheck: run both derivatives on the same inputs and lay them side by side."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.differentiate import grad
from autograd.errors import GradcheckError
from autograd.gradcheck.numeric import slope
from autograd.gradcheck.report import Entry, Report
from autograd.op import Array
from autograd.tensor import Tensor

__all__ = ["gradcheck"]

_REPEAT = 100.0  # rounding errors that two runs of the same f may differ by


def gradcheck(
    f: Callable[..., Any],
    *inputs: Any,
    wrt: int | Sequence[int] | None = None,
    order: int = 1,
    eps: float | None = None,
    rng: int | np.random.Generator = 0,
    raise_exception: bool = True,
) -> Report:
    """Compare the gradients that f's graph gives with central differences, element by element.

    f takes the inputs, as Tensors where they are numbers, and returns a Tensor or several. Every
    floating and complex input is checked, or those at the positions `wrt`; they are promoted to
    double precision for both derivatives, and copied, so that f cannot change the caller's. Where
    f has several output elements, the gradient of one random weighting of them (from `rng`) is
    checked. `order=2` also checks the gradient of the gradient, and so on. `eps` is the relative
    step of the differences (see `numerical_jacobian`).

    An element fails if the two differ by more than ten times the estimated error of the numeric
    one: truncation, from the difference of two step sizes, and round-off. No fixed tolerance hides
    an error. The Report is true if nothing failed; a failure raises GradcheckError with the report
    as its text, unless `raise_exception` is False. What cannot be checked at all always raises it.

    >>> import autograd as ag
    >>> print(gradcheck(lambda x: (x**3).sum(), ag.Tensor([1.0, 2.0], dtype="float64")))
    gradcheck: 2 of 2 elements agree
    """
    positions = _positions(inputs, wrt)
    labels = {p: _label(f, inputs, p) for p in positions}
    notes = _notes(inputs, labels)
    values = [_value(x) for x in inputs]
    generator = np.random.default_rng(rng)
    entries: list[Entry] = []
    function = _Function(f, positions, "f")
    for level in range(1, order + 1):
        weights = function.weights(values, generator)
        if sum(c.size for c in weights) > 1:
            what = "f" if level == 1 else f"the derivative of order {level - 1}"
            size = sum(c.size for c in weights)
            notes.append(f"{what} has {size} elements: checked one random weighting of them")
        entries += _compare(function, values, weights, labels, level, eps)
        function = _Function(function.gradient(weights), positions, "the gradient")
    report = Report(tuple(entries), tuple(notes))
    if raise_exception and not report:
        raise GradcheckError(str(report))
    return report


class _Function:
    """f from raw values to raw values and to gradients; says why where it cannot be checked."""

    def __init__(self, f: Callable[..., Any], positions: Sequence[int], what: str) -> None:
        self.f = f
        self.positions = positions
        self.what = what

    def leaves(self, values: Sequence[Any]) -> list[Any]:
        """The arguments of f: Tensors, of which those that are checked require grad."""
        given = [Tensor(v) if isinstance(v, np.ndarray) else v for v in values]
        for p in self.positions:
            given[p].requires_grad_()
        return given

    def outputs(self, given: Sequence[Any]) -> list[Tensor]:
        """What f returns that has a derivative, or the reason why nothing does."""
        result = self.f(*given)
        results = list(result) if isinstance(result, (tuple, list)) else [result]
        if not results or any(y is None for y in results):
            raise GradcheckError("gradcheck: f returned nothing; it must return a Tensor")
        for y in results:
            if not isinstance(y, Tensor):
                raise GradcheckError(
                    f"gradcheck: f returned {type(y).__name__}, not a Tensor: the value left the "
                    "graph for NumPy or Python, and its gradient is lost"
                )
        floating = [y for y in results if y.dtype.kind in "fc"]
        if not floating:
            raise GradcheckError(
                f"gradcheck: f returned a Tensor of {results[0].dtype}, which has no derivative"
            )
        return floating

    def raw(self, values: list[Any]) -> Array:
        """All output elements in one vector."""
        return np.concatenate([np.ravel(y.numpy()) for y in self.outputs(self.leaves(values))])

    def weights(self, values: list[Any], generator: np.random.Generator) -> list[Array]:
        """One weight per output element, after checking that f can be differentiated here."""
        outputs = self.outputs(self.leaves(values))
        if not sum(y.size for y in outputs):
            raise GradcheckError(f"gradcheck: nothing to check: the result of {self.what} is empty")
        first = self.raw(values)
        if not np.all(np.isfinite(first)):
            raise GradcheckError(
                f"gradcheck: {self.what} is not finite at these inputs "
                f"({_first_bad(outputs)}); differences need finite values"
            )
        noise = _REPEAT * np.finfo(first.dtype).eps * np.abs(first)
        if np.any(np.abs(self.raw(values) - first) > noise):
            raise GradcheckError(
                f"gradcheck: {self.what} gave two values for the same inputs; fix its random "
                "numbers (a seed, or eval mode)"
            )
        if first.size == 1 and outputs[0].dtype.kind == "f":
            return [np.ones(y.shape, y.dtype) for y in outputs]
        return [_random(y, generator) for y in outputs]

    def gradient(
        self, weights: Sequence[Array], create_graph: bool = True
    ) -> Callable[..., tuple[Tensor, ...]]:
        """The gradient of the weighted outputs, as a function of the same inputs."""

        def gradient(*given: Any) -> tuple[Tensor, ...]:
            leaves = [given[p] for p in self.positions]
            pairs = [
                (y, c) for y, c in zip(self.outputs(given), weights, strict=True) if y.requires_grad
            ]
            found: tuple[Any, ...] = (None,) * len(leaves)
            if pairs:
                found = grad(
                    [y for y, _ in pairs],
                    leaves,
                    [c for _, c in pairs],
                    create_graph=create_graph,
                    allow_unused=True,
                )
            return tuple(
                Tensor(np.zeros(x.shape, x.dtype)) if g is None else g
                for x, g in zip(leaves, found, strict=True)
            )

        return gradient


def _compare(
    function: _Function,
    values: list[Any],
    weights: Sequence[Array],
    labels: dict[int, str],
    level: int,
    eps: float | None,
) -> list[Entry]:
    analytic = function.gradient(weights, create_graph=False)(*function.leaves(values))
    c = np.concatenate([np.ravel(weight) for weight in weights])
    entries = []
    for position, g in zip(function.positions, analytic, strict=True):
        for index in np.ndindex(g.shape):
            found = slope(lambda v: _parts(function.raw(v), c), values, position, index, eps)
            entries.append(
                Entry(
                    labels[position] + (f"[{', '.join(map(str, index))}]" if index else ""),
                    level,
                    g.numpy()[index].item(),
                    found.value.sum().item(),
                    float(found.error.sum()),
                )
            )
    return entries


def _parts(outputs: Array, weights: Array) -> Array:
    """Re(conj(c) y), element by element: its sum is the real function that is differentiated."""
    return np.real(np.conj(weights) * outputs)


def _random(y: Tensor, generator: np.random.Generator) -> Array:
    """Weights of size 0.5 to 1.5 and of either sign, so that no output is lost."""

    def real() -> Array:
        return generator.uniform(0.5, 1.5, y.shape) * generator.choice([-1.0, 1.0], y.shape)

    weights = real() + 1j * real() if y.dtype.kind == "c" else real()
    return np.asarray(weights).astype(y.dtype)


def _first_bad(outputs: Sequence[Tensor]) -> str:
    number, y = next((n, y) for n, y in enumerate(outputs) if not np.all(np.isfinite(y.numpy())))
    index = tuple(int(i) for i in np.argwhere(~np.isfinite(y.numpy()))[0])
    place = f"output {number}" if len(outputs) > 1 else "the output"
    return f"{place}{list(index) if index else ''} is {y.numpy()[index]}"


def _value(x: Any) -> Any:
    """A copy of an input that f may use as it likes; floating values in double precision."""
    if isinstance(x, (Tensor, np.ndarray, np.generic, float, complex)):
        array = np.array(getattr(x, "_value", x))
        kind = array.dtype.kind
        return array.astype(np.result_type(array.dtype, np.float64)) if kind in "fc" else array
    return x


def _positions(inputs: Sequence[Any], wrt: int | Sequence[int] | None) -> list[int]:
    """Which inputs to check, or the reason why there are none."""
    kinds = [getattr(getattr(_value(x), "dtype", None), "kind", "") for x in inputs]
    if wrt is None:
        positions = [p for p, kind in enumerate(kinds) if kind in ("f", "c")]
        if not positions:
            shown = ", ".join(_kind_of(x) for x in inputs) or "none at all"
            raise GradcheckError(
                f"gradcheck: no floating input to check (the inputs are {shown}); "
                "pass a float or a Tensor of floats"
            )
    else:
        positions = [wrt] if isinstance(wrt, int) else list(wrt)
    for p in positions:
        if not 0 <= p < len(inputs):
            raise GradcheckError(f"gradcheck: wrt names input {p}; there are {len(inputs)}")
        if kinds[p] not in ("f", "c"):
            raise GradcheckError(
                f"gradcheck: input {p} is {_kind_of(inputs[p])}, which has no derivative; "
                "make it floating, or leave it out of wrt"
            )
    if all(np.size(_value(inputs[p])) == 0 for p in positions):
        shapes = ", ".join(str(np.shape(inputs[p])) for p in positions)
        raise GradcheckError(f"gradcheck: nothing to check: the inputs are empty, {shapes}")
    for p in positions:
        if not np.all(np.isfinite(_value(inputs[p]))):
            raise GradcheckError(
                f"gradcheck: input {p} holds NaN or infinity; no slope exists there"
            )
    return positions


def _kind_of(x: Any) -> str:
    dtype = getattr(x, "dtype", None)
    return type(x).__name__ if dtype is None else f"{type(x).__name__} of {dtype}"


def _label(f: Callable[..., Any], inputs: Sequence[Any], position: int) -> str:
    """What to call an input: its own name, else f's name for it."""
    name = getattr(inputs[position], "name", None)
    if isinstance(name, str):
        return name
    try:
        formal = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):  # built-in functions have none
        formal = []
    if position < len(formal) and formal[position].kind is not inspect.Parameter.VAR_POSITIONAL:
        return formal[position].name
    return f"input{position}"


def _notes(inputs: Sequence[Any], labels: dict[int, str]) -> list[str]:
    low = [
        f"{label} ({inputs[p].dtype})"
        for p, label in labels.items()
        if getattr(inputs[p], "dtype", None) in (np.float16, np.float32, np.complex64)
    ]
    return [f"computed in double precision: {', '.join(low)}"] if low else []
