"""Ready parametrizations: weight normalisation, spectral normalisation, orthogonal matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor, asarray
from autograd.engine.arguments import guard
from autograd.engine.diagnose import check_choice
from autograd.engine.trail import computed
from autograd.errors import ArgumentError, DTypeError, ShapeError
from autograd.extend import raw
from autograd.ops.shape.shape import normal_axis
from autograd.random import generator
from autograd.tensors.inplace import replace
from nn.module.module import Module
from nn.utils.parametrize import register_parametrization

__all__ = ["norm_except", "orthogonal", "power_method", "spectral_norm", "weight_norm"]


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """Make a weight magnitude times direction, g·v/‖v‖, with parameters for both.

    It is the weight of the `module` with that `name`. There is one magnitude for each slice along
    the axis `dim`, or for `None` one in all. They are `parametrizations.weight.original0` (g) and
    `original1` (v).

    Source: Salimans and Kingma, Weight normalization: a simple reparameterization to accelerate
    training of deep neural networks (2016).

    >>> import nn
    >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(20, 40))
    >>> layer.parametrizations.weight.original0.shape
    (40, 1)
    """
    register_parametrization(module, name, _WeightNorm(dim), unsafe=True)
    module.register_load_state_dict_pre_hook(_OlderNames(name))
    return module


class _OlderNames:
    """Lets a state load that was saved with `nn.utils.weight_norm`: weight_g and weight_v."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, module: Any, state_dict: Any, prefix: str, *_: Any) -> None:
        older = [f"{prefix}{self.name}{suffix}" for suffix in ("_g", "_v")]
        if all(key in state_dict for key in older):
            for number, key in enumerate(older):
                new = f"{prefix}parametrizations.{self.name}.original{number}"
                state_dict[new] = state_dict.pop(key)


def norm_except(weight: Any, dim: int | None) -> Any:
    """The norms of the slices along an axis, other axes kept; for None (or -1) of all, a scalar.

    Shape: `weight` (*, N, *) -> (1, ..., N, ..., 1) with N at `dim`, or ().

    >>> import autograd as ag
    >>> from nn.utils.parametrizations import norm_except
    >>> norm_except(ag.Tensor([[3.0, 4.0]]), 0)
    Tensor([[5.]], dtype=float32)
    """
    if dim is None or dim == -1:  # -1 is PyTorch's None here
        return ag.linalg.vector_norm(weight)
    dim = normal_axis(dim, weight.ndim)
    others = tuple(axis for axis in range(weight.ndim) if axis != dim)
    return ag.linalg.vector_norm(weight, axis=others, keepdims=True)


class _WeightNorm(Module):
    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, magnitude: Any, direction: Any) -> Any:
        return direction * (magnitude / norm_except(direction, self.dim))

    def right_inverse(self, weight: Any) -> tuple[Any, Any]:
        return norm_except(weight, self.dim), weight


# ---- spectral norm -------------------------------------------------------------------------------


def spectral_norm(
    module: Any,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
    rng: Any = None,
) -> Any:
    """Divide a weight by its largest singular value, which power iteration estimates.

    The axis `dim` (that of the outputs: 0, and 1 in transposed convolutions) makes the rows of the
    matrix, the others together its columns. In training each use of the weight of the `module` with
    that `name` makes `n_power_iterations` steps, with the vectors of the last use as start. A
    vector is divided by its norm, or by `eps` where that is larger.

    Source: Miyato, Kataoka, Koyama and Yoshida, Spectral normalization for generative adversarial
    networks (2018).

    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.utils.parametrizations.spectral_norm(nn.Linear(3, 3, rng=0), rng=0)
    >>> round(float(ag.linalg.norm(layer.weight.detach(), 2)), 2)
    1.0
    """
    weight = _weight(module, name)
    dim = output_axis(module) if dim is None else dim
    made = _SpectralNorm(weight, n_power_iterations, dim, eps, rng)
    return register_parametrization(module, name, made)


def output_axis(module: Any) -> int:
    """Which axis of a layer's weight its outputs are on."""
    return int(any(kind.__name__.startswith("ConvTranspose") for kind in type(module).__mro__))


def _weight(module: Any, name: str) -> Any:
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ArgumentError(f"{type(module).__name__} has no parameter or buffer {name!r}")
    return weight


def as_matrix(weight: Any, dim: int) -> Any:
    """The axis `dim` as rows, all others as columns."""
    if dim:
        weight = ag.moveaxis(weight, dim, 0)
    return ag.reshape(weight, (weight.shape[0], math.prod(weight.shape[1:])))


def unit(vector: Any, eps: float) -> Any:
    """A vector by its norm, or by eps where that is smaller."""
    return vector / max(float(np.linalg.norm(vector)), eps)


def power_method(matrix: Any, v: Any, steps: int, eps: float) -> tuple[Any, Any]:
    """Estimates u, v of the first singular vectors, after one or more steps that start from v.

    Vectors are divided by their norm, or by `eps` where that is larger.

    Shape: `matrix` (M, N), v (N,) -> (M,), (N,).

    >>> import autograd as ag
    >>> from nn.utils.parametrizations import power_method
    >>> u, v = power_method(ag.Tensor([[2.0, 0.0], [0.0, 0.0]]), ag.Tensor([1.0, 1.0]), 1, 1e-12)
    >>> u, v
    (Tensor([1., 0.], dtype=float32), Tensor([1., 0.], dtype=float32))
    """
    for _ in range(steps):
        u = unit(matrix @ v, eps)
        v = unit(matrix.T @ u, eps)
    return u, v


class _SpectralNorm(Module):
    _u: Tensor
    _v: Tensor

    def __init__(
        self, weight: Any, n_power_iterations: int, dim: int, eps: float, rng: Any
    ) -> None:
        super().__init__()
        self.n_power_iterations = n_power_iterations
        self.dim = normal_axis(dim, weight.ndim)
        self.eps = eps
        if weight.ndim > 1:
            matrix = raw(as_matrix(weight.detach(), self.dim))
            v = generator(rng).standard_normal(matrix.shape[1]).astype(matrix.dtype)
            u, v = power_method(matrix, unit(v, eps), 15, eps)
            self.register_buffer("_u", asarray(u))
            self.register_buffer("_v", asarray(v))

    def forward(self, weight: Any) -> Any:
        if weight.ndim == 1:
            return weight / ag.maximum(ag.linalg.vector_norm(weight), self.eps)
        matrix = as_matrix(weight, self.dim)
        if self.training:  # new arrays: graphs that hold the old ones stay as they are
            options = {"steps": self.n_power_iterations, "eps": self.eps}
            u, v = computed(power_method, matrix, self._v, decides=False, **options)
            replace(self._u, u)
            replace(self._v, v)
        u, v = raw(self._u), raw(self._v)
        return weight / ag.sum(u * (matrix @ v))

    def right_inverse(self, weight: Any) -> Any:
        return weight


# ---- orthogonal ----------------------------------------------------------------------------------

_MAPS = ("matrix_exp", "cayley", "householder")


def orthogonal(
    module: Any,
    name: str = "weight",
    orthogonal_map: str | None = None,
    *,
    use_trivialization: bool = True,
    rng: Any = None,
) -> Any:
    """Make a weight of a module orthogonal: its columns orthonormal, or its rows if it is wide.

    The map from unconstrained numbers, `orthogonal_map`, is the exponential of a skew-symmetric A
    ("matrix_exp", the default of square weights), (I − A/2)⁻¹(I + A/2) ("cayley"), or a product of
    reflections ("householder"). With `use_trivialization` the result is multiplied with a fixed
    orthogonal matrix, so that it starts as the weight itself, made orthogonal; that is also what an
    assignment needs with the first two maps.

    Source: Lezcano-Casado, Trivializations for gradient-based optimization on manifolds (2019).

    Shape: the weight of that `name` is (..., M, N), and stays so.

    >>> import autograd as ag
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.utils.parametrizations.orthogonal(nn.Linear(2, 4))
    >>> w = layer.weight.detach()
    >>> np.round(w.mT @ w, 5) + 0.0
    Tensor([[1., 0.],
            [0., 1.]], dtype=float32)
    """
    weight = _weight(module, name)
    if weight.ndim < 2:
        raise ShapeError(f"orthogonal: {name} is {weight.shape}; it must be a matrix, or several")
    if weight.dtype.kind != "f":
        raise DTypeError(f"orthogonal: {name} is {weight.dtype}; it must be real")
    square = weight.shape[-1] == weight.shape[-2]
    chosen = orthogonal_map or ("matrix_exp" if square else "householder")
    check_choice("orthogonal_map", chosen, _MAPS)
    made = _Orthogonal(chosen, use_trivialization, rng)
    return register_parametrization(module, name, made, unsafe=True)


class _Orthogonal(Module):
    base: Tensor | None

    def __init__(self, orthogonal_map: str, use_trivialization: bool, rng: Any) -> None:
        super().__init__()
        self.orthogonal_map = orthogonal_map
        self.use_trivialization = use_trivialization
        self._rng = rng
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, x: Any) -> Any:
        is_wide = x.shape[-2] < x.shape[-1]
        x = x.mT if is_wide else x
        q = _reflected(x) if self.orthogonal_map == "householder" else self._turned(x)
        if self.use_trivialization:
            q = self.base @ q
        return q.mT if is_wide else q

    def _turned(self, x: Any) -> Any:
        """The first columns of a rotation, from the lower triangle of x."""
        rows, columns = x.shape[-2:]
        low = ag.tril(x)
        if rows != columns:
            zeros = np.zeros((*x.shape[:-1], rows - columns), x.dtype)
            low = ag.concat([low, zeros], axis=-1)
        skew = low - low.mT
        if self.orthogonal_map == "matrix_exp":
            return ag.linalg.expm(skew)[..., :columns]
        one = np.eye(rows, dtype=x.dtype)
        return ag.linalg.solve(one - skew / 2, one + skew / 2)[..., :columns]

    def right_inverse(self, q: Any) -> Any:
        value = raw(q)
        is_wide = value.shape[-2] < value.shape[-1]
        tall = np.swapaxes(value, -1, -2) if is_wide else value
        if not self.use_trivialization:
            if self.orthogonal_map != "householder":
                raise ArgumentError(
                    f"orthogonal: {self.orthogonal_map!r} cannot be inverted: nothing can be "
                    "assigned with use_trivialization=False"
                )
            found = _reflections(tall)
            return asarray(np.swapaxes(found, -1, -2) if is_wide else found)
        missing = (*tall.shape[:-1], tall.shape[-2] - tall.shape[-1])
        drawn = generator(self._rng).standard_normal(missing).astype(value.dtype)
        base = tall
        if missing[-1] or not _is_orthogonal(tall):
            base = _made_orthogonal(np.concatenate([tall, drawn], axis=-1))
        self.base = asarray(base.copy())
        start = np.zeros(value.shape, value.dtype)
        place = np.arange(min(value.shape[-2:]))
        start[..., place, place] = -1  # the signs that undo reflections along the axes
        return asarray(start)


def _is_orthogonal(q: Any) -> bool:
    near = 10 * q.shape[-2] * np.finfo(q.dtype).eps
    return bool(np.all(np.abs(np.swapaxes(q, -1, -2) @ q - np.eye(q.shape[-1])) <= near))


def _made_orthogonal(x: Any) -> Any:
    """Q of x = Q R, where the diagonal of R is not negative."""
    q, r = np.linalg.qr(x)
    signs = np.sign(np.einsum("...ii->...i", r))
    return (q * signs[..., None, :]).astype(x.dtype)


def _reflected(x: Any) -> Any:
    """H₁H₂…Hₖ, the first columns: v of each reflection I − 2vvᵀ/‖v‖² is below x's diagonal.

    On the diagonal v has 1. What x has there, ±1, is the sign of a column, and fixed. The product
    is I − V T⁻¹ Vᵀ, where T has the products of the vectors above its diagonal ‖v‖²/2.
    """
    rows, columns = x.shape[-2:]
    one = np.eye(rows, columns, dtype=x.dtype)
    v = ag.tril(x, -1) + one
    products = v.mT @ v
    square = np.eye(columns, dtype=x.dtype)
    triangle = ag.triu(products, 1) + products * square / 2
    q = one - v @ ag.linalg.solve(triangle, v[..., :columns, :].mT)
    signs = np.trunc(np.einsum("...ii->...i", raw(x)[..., :columns, :]))
    return q * np.expand_dims(signs, -2)


def _reflections(q: Any) -> Any:
    """The inverse of `_reflected`, for an orthogonal q; LAPACK's QR finds the vectors."""
    packed, factors = np.linalg.qr(q, mode="raw")
    found = np.swapaxes(packed, -1, -2).astype(q.dtype)
    diagonal = np.einsum("...ii->...i", found[..., : q.shape[-1], :])
    # a factor of 0 means no reflection, where v = (1, 0, ..., 0) would turn the sign
    diagonal[...] = np.sign(diagonal) * np.where(factors == 0, -1, 1)
    return found


guard(__name__, __all__)
