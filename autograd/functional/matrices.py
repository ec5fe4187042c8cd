"""Jacobians, Hessians and their products with vectors, whole by one batch of directions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd import core
from autograd.engine.modes import ModeChange, current_mode
from autograd.engine.mutation import owner_of
from autograd.engine.operands import faced, raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.row import OPS
from autograd.errors import ArgumentError, IntegerGradError
from autograd.functional.arguments import chosen
from autograd.functional.derivatives import _check_function, _named, _one, gradient
from autograd.functional.pulled import Pulled, filled, has_tensors
from autograd.functional.sparse import Sparse, Ways, is_scipy
from autograd.graph.pytree import flat, nested
from autograd.ops.shape.join import concat
from autograd.transforms.batching.batch import Batch
from autograd.transforms.vmap import end, vmap

__all__ = ["hessian", "hvp", "jacobian", "laplacian", "vhp"]

MODES = ("auto", "reverse", "forward")


def jacobian(
    f: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
    mode: str = "auto",
    sparsity: Any = None,
) -> Callable[..., Any]:
    """The function that gives the Jacobian of f by the arguments `argnums`.

    It is built as the value of f, and in it as the argument; each part has the shape of its value,
    and then that of its argument. `mode` is "reverse", rows by pullbacks, "forward", columns by
    tangents, or "auto": whichever are fewer. All of them are one batch. With `has_aux` f returns a
    pair, and the result is `(jacobian, aux)`.

    `sparsity` says where the Jacobian may be other than zero: an array of booleans, (M, N) for M
    numbers of f and N of the argument, or a sparse matrix of SciPy, which then is the result; or
    "detect", by all rows or columns at the first call. Columns or rows that have no place in
    common are one product (Curtis, Powell and Reid, 1974), and a product with a random vector
    checks that nothing is left out; `products` of the function tells how many the last call took.

    >>> import autograd as ag
    >>> ag.functional.jacobian(lambda x: x**2)(ag.Tensor([1.0, 3.0]))
    Tensor([[2., 0.],
            [0., 6.]], dtype=float32)
    """
    _check_function("jacobian", f)
    if mode not in MODES:
        raise ArgumentError(f"jacobian: mode is one of {', '.join(MODES)}, not {mode!r}")
    if sparsity is not None:
        return _sparse("jacobian", f, argnums, has_aux, Sparse("jacobian", sparsity, mode))

    def call(*args: Any, **kwargs: Any) -> Any:
        of_chosen, x = chosen("jacobian", f, argnums, args, kwargs)
        pulled = Pulled("jacobian", of_chosen, x, has_aux)
        for y in flat(pulled.value):
            if _dtype(y).kind not in "fc":
                raise IntegerGradError(
                    f"jacobian: f gave {_dtype(y)}, which has no derivative: return floats, and "
                    "what is beside them as a second result, with has_aux=True"
                )
        counts = [sum(np.size(raw(v)) for v in flat(part)) for part in (pulled.value, x)]
        is_forward = mode == "forward" or (mode == "auto" and counts[1] < counts[0])
        found = (
            _columns(pulled, x, pulled.value)
            if is_forward
            else pulled.shown(_rows(pulled, pulled.value))
        )
        return (found, pulled.aux) if has_aux else found

    return _named(call, f, "jacobian")


def _basis(value: Any) -> list[Any]:
    """For each leaf the containers of all, whose leaves are batches: the units of that leaf."""
    leaves = flat(value)
    found = []
    for k, leaf in enumerate(leaves):
        count = int(np.size(raw(leaf)))
        parts = [np.zeros((count, *np.shape(raw(y))), _dtype(y)) for y in leaves]
        parts[k] = np.eye(count, dtype=_dtype(leaf)).reshape(count, *np.shape(raw(leaf)))
        found.append(filled(value, parts))
    return found


def _dtype(leaf: Any) -> Any:
    return np.asarray(raw(leaf)).dtype


def _like(found: Any, leaf: Any) -> Any:
    """An array where an array was given."""
    if type(found) not in tensor_types:
        return found
    keeps = type(leaf) in tensor_types or found.requires_grad
    return faced((leaf,), found) if keeps else raw(found)


def _at_once(
    f: Callable[[Any], Any], by_formulas: bool = False, axis: int = 0
) -> Callable[[Any], Any]:
    """A function of many directions, by one batch; one by one where a Watch cannot see batches.

    `by_formulas` says that f does nothing but run rules that are formulas: it is given a Batch.
    """
    if not any(watch.sees_bodies for watch in current_mode().watches):
        return partial(_together, f, axis) if by_formulas else vmap(f, out_axes=axis)

    def call(units: Any) -> Any:
        found = [f(nested(lambda x: wrap(x[i]), units)) for i in range(len(flat(units)[0]))]  # noqa: B023
        parts = zip(*map(flat, found), strict=True)
        return filled(found[0], [OPS["stack"].record(*part, axis=axis) for part in parts])

    return call


def _together(f: Callable[[Any], Any], axis: int, units: Any) -> Any:
    """A function of a direction, run once on all that lie along the first axis of the units."""
    size = len(flat(units)[0])
    with ModeChange(watches=()):
        found = f(nested(Batch, units))
    owners: set[int] = set()

    def apart(y: Any) -> Any:
        """A result, in memory that none before it has: one cotangent may reach two parents."""
        y = end(y, axis, size)
        owner = id(owner_of(raw(y)))
        y = OPS["copy"].record(y) if owner in owners else y
        owners.add(owner)
        return y

    return nested(apart, found)


def _rows(pullback: Pulled, value: Any) -> Any:
    """Each part of the value, replaced by its rows."""
    rows, parts = _at_once(pullback, pullback.by_formulas), []
    for leaf, units in zip(flat(value), _basis(value), strict=True):
        shape, found = np.shape(raw(leaf)), rows(units)
        shaped = [_like(g.reshape((*shape, *g.shape[1:])), leaf) for g in flat(found)]
        parts.append(filled(found, shaped))
    return filled(value, parts)


def _columns(pulled: Pulled, x: Any, value: Any) -> Any:
    """Each part of the value, replaced by its columns: one for each number of x."""
    columns = _at_once(pulled.push, pulled.by_formulas, -1)
    parts = [flat(columns(units)) for units in _basis(x)]
    found = []
    for k, leaf in enumerate(flat(value)):
        shapes = [(*np.shape(raw(leaf)), *np.shape(raw(v))) for v in flat(x)]
        ends = [_like(p[k].reshape(s), leaf) for p, s in zip(parts, shapes, strict=True)]
        found.append(filled(x, ends))
    return filled(value, found)


def hessian(
    f: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
    sparsity: Any = None,
) -> Callable[..., Any]:
    """The function that gives the second derivatives of f, a real number: forward over reverse.

    It is built as the argument, and in it as the argument again. With `has_aux` f returns a pair,
    and the result is `(hessian, aux)`. `sparsity` is as in `jacobian`, (N, N) and symmetric: also
    an element whose mirror image alone can be told apart needs no product of its own (Coleman and
    Moré, 1984).

    >>> import autograd as ag
    >>> ag.functional.hessian(lambda x: (x**3).sum())(ag.Tensor([1.0, 2.0]))
    Tensor([[ 6.,  0.],
            [ 0., 12.]], dtype=float32)
    """
    _check_function("hessian", f)
    slope = gradient("hessian", f, argnums, has_aux)
    if sparsity is not None:
        return _sparse("hessian", slope, argnums, has_aux, Sparse("hessian", sparsity))
    return _named(jacobian(slope, argnums, has_aux, mode="forward"), f, "hessian")


def _sparse(
    what: str, f: Callable[..., Any], argnums: Any, has_aux: bool, sparse: Sparse
) -> Callable[..., Any]:
    """The Jacobian of f by its pattern; that of a gradient is symmetric."""

    def call(*args: Any, **kwargs: Any) -> Any:
        of_chosen, x = chosen(what, f, argnums, args, kwargs)
        pulled = Pulled(what, of_chosen, x, has_aux)
        found = sparse.matrix(_ways(pulled, x, what == "hessian"))
        call.products = sparse.products  # type: ignore[attr-defined]
        if not is_scipy(found):
            found = pulled.shown(_blocks(found, pulled.value, x))
        return (found, pulled.aux) if has_aux else found

    _named(call, f, what)
    call.products = 0  # type: ignore[attr-defined]
    return call


def _ways(pulled: Pulled, x: Any, is_symmetric: bool) -> Ways:
    """Products with the Jacobian from both sides, for rows of seeds."""

    def batch(run: Callable[[Any], Any], like: Any) -> Callable[[Any], Any]:
        def products(seeds: Any) -> Any:
            given = _at_once(run, pulled.by_formulas)(_cut(seeds, like))
            found = [_flat_rows(y, len(seeds)) for y in flat(given)]
            return found[0] if len(found) == 1 else concat(found, axis=1)

        return products

    value = pulled.value
    shape = (_size(value), _size(x))
    leaves = [flat(value), flat(x)]
    own = (*np.shape(raw(leaves[0][0])), *np.shape(raw(leaves[1][0])))
    is_one = len(leaves[0]) == len(leaves[1]) == 1
    rows = None if is_symmetric else batch(pulled, value)
    rounding = max(float(np.finfo(_dtype(leaf)).eps) for leaf in flat(leaves))
    return Ways(batch(pulled.push, x), rows, shape, (own,) if is_one else (), rounding)


def _size(value: Any) -> int:
    return sum(int(np.size(raw(leaf))) for leaf in flat(value))


def _flat_rows(y: Any, count: int) -> Any:
    size = int(np.size(raw(y))) // count if count else 0
    return y.reshape((count, size))


def _cut(seeds: Any, like: Any) -> Any:
    """Rows of numbers as batches of the leaves."""
    parts, start = [], 0
    for leaf in flat(like):
        stop = start + int(np.size(raw(leaf)))
        part = seeds[:, start:stop].astype(_dtype(leaf))
        parts.append(part.reshape(len(seeds), *np.shape(raw(leaf))))
        start = stop
    return filled(like, parts)


def _blocks(matrix: Any, value: Any, x: Any) -> Any:
    """A matrix as the parts of the value, and in them those of the argument."""
    found, top = [], 0
    for y in flat(value):
        below, left, parts = top + int(np.size(raw(y))), 0, []
        for v in flat(x):
            right = left + int(np.size(raw(v)))
            block = matrix[top:below, left:right].astype(_dtype(y))
            parts.append(_like(block.reshape((*np.shape(raw(y)), *np.shape(raw(v)))), v))
            left = right
        found.append(filled(x, parts))
        top = below
    return filled(value, found)


def _with_inputs(what: str, f: Callable[..., Any], inputs: Any, v: Any) -> tuple[Any, Any, Any]:
    """f of a tuple of inputs, these, and vectors like them (of one number it may be left out)."""
    _check_function(what, f)
    several = isinstance(inputs, tuple)
    given = inputs if several else (inputs,)
    of_chosen, x = chosen(what, f, tuple(range(len(given))), given, {})
    if v is None:
        if sum(np.size(raw(leaf)) for leaf in flat(x)) != 1:
            raise ArgumentError(
                f"{what}: v is left out for one number alone; give a vector like inputs"
            )
        v = nested(lambda leaf: np.ones_like(raw(leaf)), inputs)
    vectors = v if several else (v,)
    shapes = [[np.shape(raw(y)) for y in flat(part)] for part in (x, vectors)]
    if shapes[0] != shapes[1]:
        raise ArgumentError(f"{what}: v has the shapes of inputs, {shapes[0]}, and not {shapes[1]}")
    return of_chosen, x, vectors


def hvp(f: Callable[..., Any], inputs: Any, v: Any = None) -> tuple[Any, Any]:
    """The value of f, a real number, and its Hessian times a vector: forward over reverse.

    `inputs` are a Tensor or array, or a tuple of the arguments of f; v is a vector like them. The
    Hessian is never built. PyTorch's `torch.autograd.functional.hvp`.

    Shape: inputs and v the same -> () and the same.

    >>> import autograd as ag
    >>> x, v = ag.Tensor([1.0, 2.0]), ag.Tensor([1.0, 1.0])
    >>> ag.functional.hvp(lambda x: (x**3).sum(), x, v)
    (Tensor(9., dtype=float32), Tensor([ 6., 12.], dtype=float32))
    """
    of_chosen, x, vectors = _with_inputs("hvp", f, inputs, v)
    (_, value), (product, _), _ = core.pushed(_slope("hvp", of_chosen), x)(vectors)
    return value, product if isinstance(inputs, tuple) else product[0]


def _slope(what: str, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The function that gives the gradient of f, and its value."""

    def slope(x: Any) -> Any:
        pulled = Pulled(what, f, x)
        return pulled(_one(what, pulled.value)), pulled.value

    return slope


def vhp(f: Callable[..., Any], inputs: Any, v: Any = None) -> tuple[Any, Any]:
    """The value of f, a real number, and a vector times its Hessian: reverse over reverse.

    The arguments are those of `hvp`, and so is the product where the Hessian is symmetric.

    Shape: inputs and v the same -> () and the same.

    >>> import autograd as ag
    >>> x, v = ag.Tensor([1.0, 2.0]), ag.Tensor([1.0, 1.0])
    >>> ag.functional.vhp(lambda x: (x**3).sum(), x, v)[1]
    Tensor([ 6., 12.], dtype=float32)
    """
    of_chosen, x, vectors = _with_inputs("vhp", f, inputs, v)
    pulled = Pulled("vhp", _slope("vhp", of_chosen), x)
    product = pulled((vectors, np.zeros_like(raw(pulled.value[1]))))
    return pulled.value[1], product if isinstance(inputs, tuple) else product[0]


def laplacian(f: Callable[..., Any], argnums: int = 0) -> Callable[..., Any]:
    """The function that gives the sum of the second derivatives of f, a real number, by `argnums`.

    Shape: of the argument any -> ().

    >>> import autograd as ag
    >>> ag.functional.laplacian(lambda x: (x**3).sum())(ag.Tensor([1.0, 2.0]))
    Tensor(18., dtype=float32)
    """
    _check_function("laplacian", f)

    def call(*args: Any, **kwargs: Any) -> Any:
        of_chosen, x = chosen("laplacian", f, argnums, args, kwargs)
        pulled = Pulled("laplacian", gradient("laplacian", of_chosen), x)

        def along(unit: Any) -> Any:
            pairs = zip(flat(pulled.push(unit)), flat(unit), strict=True)
            return sum((a * b).sum() for a, b in pairs)

        each = _at_once(along, pulled.by_formulas)
        total: Any = sum(each(units).sum() for units in _basis(x))
        return total if has_tensors(x) or total.requires_grad else raw(total)

    return _named(call, f, "laplacian")
