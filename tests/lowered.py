"""The law of lowered programs: instruction by instruction they give what the program gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd.compiler.instruction import Lowered
from autograd.compiler.lower.evaluate import Reference
from autograd.compiler.lower.lower import lower
from tests.programs import assert_same, flat

__all__ = [
    "CALLED",
    "LAYER_CALLS",
    "ROUNDED",
    "assert_close",
    "assert_lowered",
    "called",
    "nudged",
    "rounding",
]

Arrays = list[Any]

# Ops that stay a call, with one of their samples at least, or whose gradients do.
CALLED = frozenset((
    "add_along_axis", "add_at", "append", "apply", "argmax_of_bins", "argpartition", "argsort",
    "argwhere", "attention", "attention_pull", "bands", "bessel_j", "bessel_y", "between",
    "bincount", "block", "cholesky", "choose", "cofactor", "cofactor_slope", "column_stack",
    "complex_order", "compress", "concat", "cond", "convolution", "convolution_transposed",
    "convolution_weight", "convolve", "copied_to_all", "corrcoef", "cov", "cross", "cummax",
    "cummin", "cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "delete", "det", "diag",
    "diagflat", "diagonal", "diff", "digitize", "dstack", "earlier", "ediff1d", "eig", "eigh",
    "eigvals", "eigvalsh", "einsum", "erfc_integral", "expm", "extract", "extreme_at", "fft",
    "fft2", "fftn", "fftshift", "flatnonzero", "fold", "frexp", "gamma_density", "gather_planes",
    "gathered_from_all", "getitem", "glu", "gradient", "gru", "gru_pull", "hermite", "hfft",
    "hstack", "hyp1f1", "ifft", "ifft2", "ifftn", "ifftshift", "igamma", "igammac", "ihfft",
    "insert", "interp", "intersect1d", "inv", "irfft", "irfft2", "irfftn", "iscomplex", "isin",
    "isreal", "jacobi", "laguerre", "linear_recurrence", "log_bands", "log_ndtr", "logcumsumexp",
    "lstm", "lstm_cell", "lstm_cell_pull", "lstm_pull", "lu", "masked_select", "masked_softmax",
    "matrix_norm", "matrix_power", "matrix_rank", "max_of_bins", "max_pool", "max_pool_indices",
    "max_pool_pull", "median", "modf", "move_rows", "nanargmax", "nanargmin", "nancumprod",
    "nancumsum", "nanmax", "nanmedian", "nanmin", "nanprod", "nanquantile", "nonzero", "norm",
    "normal_excess", "normal_hazard", "own_part", "pad", "partition", "pinv", "pivots_of", "poly",
    "polyadd", "polyder", "polydiv", "polyfit", "polyint", "polymul", "polysub", "polyval", "prod",
    "put_along_axis", "put_at", "put_diagonal", "qr", "quantile", "ranked", "ravel_multi_index",
    "real_if_close", "repeat", "resample", "resize", "rfft", "rfft2", "rfftn", "rnn", "rnn_pull",
    "roll", "roots", "scaled_bessel_i", "scaled_bessel_k", "scatter_planes", "searchsorted",
    "setdiff1d", "setitem", "setxor1d", "shift", "slogdet", "solve", "solve_triangular", "sort",
    "sort_complex", "spherical_bessel", "split", "stack", "summed_over_all", "svd", "svdvals",
    "take", "take_along_axis", "tensorinv", "tensorsolve", "topk", "trace", "transform",
    "transform_back", "trapezoid", "tril", "trim_zeros", "triu", "unfold", "union1d", "unique",
    "unstack", "unwrap", "vander", "vstack", "weighted_products", "weighted_spread", "weighted_sum",
    "window_spread", "window_sum", "zero_pad", "zeta",
))  # fmt: skip
# What layers call: kernels, checks of labels and rows, and what joins or picks arrays.
LAYER_CALLS = frozenset((
    "placed", "add_at", "add_at.pull", "all_bins", "argmax_of_bins", "attention", "attention.pull",
    "bincount", "check", "checked_labels", "checked_rows", "concatenate", "convolution",
    "convolution.pull", "convolution_transposed", "convolution_transposed.pull", "fold",
    "fold.pull", "getitem", "getitem.pull", "gru", "gru.pull", "inv", "is_triangle",
    "log_bands", "log_bands.pull", "lstm", "lstm.pull", "masked_softmax", "max_of_bins",
    "max_of_bins.pull", "max_pool", "max_pool.pull", "max_pool_indices", "move_rows",
    "move_rows.pull", "nonzero", "put_at", "put_at.pull", "resample", "resample.pull", "rnn",
    "rnn.pull", "setitem", "setitem.pull", "share", "slogdet", "stack", "states", "svd", "take",
    "take.pull", "take_along_axis", "take_along_axis.pull", "that_count", "tops", "unfold",
    "unfold.pull", "weighted_sum", "weighted_sum.pull", "window_sum", "window_sum.pull",
    "zero_pad",
))  # fmt: skip
# Ops whose fast kernels add up in another order than the formula that is read, and powers, for
# which NumPy has one way for its scalars and another for arrays.
ROUNDED = frozenset((
    "cond", "float_power", "logsumexp", "matrix_norm", "norm", "power", "power_slope",
    "standardize", "standardize_by", "standardize_pull", "std", "vdot", "vecdot", "vector_norm",
))  # fmt: skip


def called(lowered: Lowered) -> Counter[str]:
    """The functions that stay calls, and how often."""
    return Counter(i.name for i in lowered.instructions if i.kind == "call")


def numbers(structure: Any) -> Arrays:
    """The arrays of a result, with infinite and undefined numbers as 0."""
    found = (np.asarray(x) for x in flat(structure) if isinstance(x, (np.ndarray, np.generic)))
    return [np.where(np.isfinite(x), x, 0) if x.dtype.kind in "fc" else x for x in found]


def nudged(x: Any, rng: np.random.Generator) -> Any:
    """An argument whose floats are each off by one rounding."""
    value = getattr(x, "_value", x)
    if isinstance(x, (tuple, list)):
        return type(x)(nudged(part, rng) for part in x)
    if not isinstance(value, (np.ndarray, np.generic)) or value.dtype.kind != "f":
        return x
    if np.array_equal(value, np.rint(value)):
        return x  # targets of -1 and 1, which have no other rounding
    signs = rng.choice([-1.0, 1.0], np.shape(value))
    value = (value * (1 + signs * np.finfo(value.dtype).eps)).astype(value.dtype)
    return ag.Tensor(value, requires_grad=x.requires_grad) if isinstance(x, ag.Tensor) else value


def rounding(run: Callable[..., Any], args: Sequence[Any], right: Any) -> list[float]:
    """How far off each result may be: what roundings of the inputs do to it, and a few of its own.

    As in gradcheck the change is that of the call itself, on inputs that are off by one rounding.
    """
    right, bounds = numbers(right), []
    changes = [0.0] * len(right)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        moved = numbers(run(*(nudged(x, rng) for x in args)))
        for n, (a, b) in enumerate(zip(moved, right, strict=True)):
            if a.dtype.kind in "fc":
                changes[n] = max(changes[n], float(np.max(np.abs(a - b), initial=0.0)))
    for change, x in zip(changes, right, strict=True):
        own = np.finfo(x.dtype).eps * np.max(np.abs(x), initial=0.0) if x.dtype.kind in "fc" else 0
        bounds.append(16 * (change + float(own)))
    return bounds


def assert_close(found: Any, right: Any, bounds: Sequence[float]) -> None:
    """Alike in all but floats, which are within their bounds, and undefined at the same places."""
    pairs = [
        (a, b) for a, b in zip(flat(found), flat(right), strict=True)
        if isinstance(b, (np.ndarray, np.generic))
    ]  # fmt: skip
    for (a, b), bound in zip(pairs, bounds, strict=True):
        assert (np.shape(a), a.dtype) == (np.shape(b), b.dtype)
        np.testing.assert_allclose(a, b, rtol=0, atol=bound)


def assert_lowered(program: Any, args: Sequence[Any], exact: bool) -> Counter[str]:
    """A program that writes nothing, beside its instructions; the functions that these call."""
    right = program(*args)
    found = Reference(program)(*args)
    if exact:
        assert_same(found, right)
    else:
        assert_close(found, right, rounding(program, args, right))
    return called(lower(program))
