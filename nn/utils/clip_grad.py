"""Gradients that are too large, made smaller: all by one factor, or each element by itself.

Source: Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks (2013).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import numpy as np

from autograd import Tensor, asarray
from autograd.engine.diagnose import listed
from autograd.engine.dispatch import is_symbolic
from autograd.engine.dtypes import get_default_dtype
from autograd.engine.kinds import is_number, is_tensor
from autograd.engine.trail import computed, step_capture, written_outside
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError, GradientError, shown
from autograd.extend import raw
from autograd.tensors.inplace import replace, rewrite

Tensors: TypeAlias = Tensor | Iterable[Tensor]
BLOCK = 1 << 14  # elements at a time, so that what is computed on the way stays in cache


def clip_grad_norm_(
    parameters: Tensors,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Tensor:
    """Scale the gradients so that their norm, all taken as one vector, is at most `max_norm`.

    Returns the norm as it was. Parameters without gradient do not count. `norm_type` is the order
    p of the p-norm, above 0; `inf` takes the largest absolute value. A norm that is infinite or NaN
    makes all gradients 0 or NaN, or with `error_if_nonfinite` raises GradientError, with nothing
    changed.

    Source: Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks
    (2013).

    Shape: `parameters` of any shapes -> ().

    >>> import autograd as ag
    >>> import nn
    >>> w = ag.Tensor([1.0, 1.0], requires_grad=True)
    >>> (3 * w[0] + 4 * w[1]).backward()
    >>> nn.utils.clip_grad_norm_([w], max_norm=1.0)
    Tensor(5., dtype=float32)
    >>> w.grad
    Tensor([0.5999999 , 0.79999983], dtype=float32)
    """
    given = _listed(parameters)
    grads = _gradients(given)
    total = get_total_norm(grads, norm_type)
    if error_if_nonfinite and not np.isfinite(total.item()):
        names = [p.name or f"parameter {n}" for n, p in enumerate(given) if p.grad is not None]
        _refuse(total, grads, names)
    clip_grads_with_norm_(given, max_norm, total)
    return total


def get_total_norm(
    tensors: Tensors, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> Tensor:
    """The p-norm of several Tensors, all taken as one vector; 0 for none.

    `norm_type` is p. A norm that is infinite or NaN raises GradientError with `error_if_nonfinite`.

    Shape: `tensors` of any shapes -> ().

    >>> import autograd as ag
    >>> import nn
    >>> nn.utils.get_total_norm([ag.Tensor([1.0, 2.0]), ag.Tensor(2.0)])
    Tensor(3., dtype=float32)
    """
    given = _listed(tensors)
    order = float(norm_type)
    if not order > 0:
        raise ArgumentError(f"norm_type is the order of a norm, above 0 or inf, got {norm_type}")
    for t in given:
        if t.dtype.kind not in "fc":
            raise DTypeError(f"get_total_norm: a norm is taken of floating Tensors, got {t.dtype}")
    dtypes = [raw(t).real.dtype for t in given] or [get_default_dtype()]
    options = {"order": order, "dtype": np.result_type(*dtypes)}
    total = asarray(computed(_total_norm, *given, decides=False, **options))
    if error_if_nonfinite and not np.isfinite(total.item()):
        _refuse(total, given, [t.name or f"Tensor {n}" for n, t in enumerate(given)])
    return total


def clip_grads_with_norm_(parameters: Tensors, max_norm: float, total_norm: Any) -> None:
    """Scale the gradients by max_norm / total_norm, if the norm is the larger of the two.

    `parameters` are those of `clip_grad_norm_`; `total_norm` is what `get_total_norm` has found, a
    Tensor or a number.

    >>> import autograd as ag
    >>> import nn
    >>> w = ag.Tensor([2.0, 3.0], requires_grad=True)
    >>> w.sum().backward()
    >>> nn.utils.clip_grads_with_norm_(w, 1.0, total_norm=2.0)
    >>> w.grad
    Tensor([0.49999976, 0.49999976], dtype=float32)
    """
    if not is_number(total_norm) and not is_tensor(total_norm):
        raise ArgumentTypeError(
            f"clip_grads_with_norm_: total_norm is {shown(total_norm)}, not a number"
        )
    grads = _gradients(_listed(parameters))
    if step_capture() is not None:
        for grad in grads:
            new = computed(_scaled, grad, total_norm, decides=False, most=float(max_norm))
            replace(grad, new)
        return
    factor = float(_factor(np.float64(float(total_norm)), float(max_norm)))
    if not factor >= 1:  # NaN too
        _change(grads, lambda a: np.multiply(a, factor, out=a))


def _factor(total_norm: Any, most: float) -> Any:
    """What gradients are multiplied by, where it is below 1; in double precision."""
    wide = total_norm if hasattr(total_norm, "astype") else np.float64(total_norm)
    return most / (wide.astype(np.float64) + 1e-6)  # PyTorch's guard against a norm of 0


def _scaled(grad: Any, total_norm: Any, most: float) -> Any:
    factor = np.minimum(_factor(total_norm, most), 1.0)
    return grad * factor.astype(grad.real.dtype)


def _clipped(grad: Any, bound: float) -> Any:
    return np.clip(grad, -bound, bound)


def clip_grad_value_(parameters: Tensors, clip_value: float) -> None:
    """Clip every element of the gradients of the parameters to [-clip_value, clip_value].

    >>> import autograd as ag
    >>> import nn
    >>> w = ag.Tensor([1.0, -2.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> nn.utils.clip_grad_value_([w], 3.0)
    >>> w.grad
    Tensor([ 2., -3.], dtype=float32)
    """
    bound = float(clip_value)
    grads = _gradients(_listed(parameters))
    for grad in grads:
        if grad.dtype.kind == "c":
            raise DTypeError(
                "clip_grad_value_: complex numbers have no order to clip by, and a gradient is "
                f"{grad.dtype}; use clip_grad_norm_"
            )
    if step_capture() is not None:
        for grad in grads:
            replace(grad, computed(_clipped, grad, decides=False, bound=bound))
        return
    _change(grads, lambda a: np.clip(a, -bound, bound, out=a))


def _listed(tensors: Tensors) -> list[Tensor]:
    if step_capture() is None:
        written_outside("clipping of gradients, which works on arrays")
    if isinstance(tensors, Tensor):
        return [tensors]
    if callable(getattr(tensors, "parameters", None)):
        raise ArgumentTypeError(f"got a {type(tensors).__name__}; write model.parameters()")
    return listed("parameters", tensors, Tensor)


def _gradients(parameters: list[Tensor]) -> list[Tensor]:
    return [p.grad for p in parameters if p.grad is not None]


def _total_norm(*arrays: Any, order: float, dtype: Any) -> Any:
    found: Any = np.float64(0.0)
    if order == math.inf:
        for block in (block for array in arrays for block in _blocks(array)):
            found = np.maximum(found, np.max(np.abs(block)).astype(np.float64))
        return found.astype(dtype)
    for array in arrays:
        found = found + _power_sum(array, order)
    return (found ** (1 / order)).astype(dtype)


def _power_sum(array: Any, order: float) -> Any:
    """The sum of |x|^order; in double precision where single would overflow or vanish."""
    if is_symbolic(array):
        return _block_power_sum(np.abs(array).astype(np.float64), order)
    limits = np.finfo(array.dtype)
    with np.errstate(over="ignore", under="ignore"):
        total = sum(_block_power_sum(block, order) for block in _blocks(array))
        if not limits.tiny / limits.eps < total < math.inf:
            wide = np.result_type(array.dtype, np.float64)
            total = sum(_block_power_sum(b.astype(wide), order) for b in _blocks(array))
    return total


def _block_power_sum(block: Any, order: float) -> Any:
    if order == 2 and not is_symbolic(block):
        flat = block.view(block.real.dtype)
        return np.dot(flat, flat).astype(np.float64)
    magnitudes = np.abs(block)
    if order != 1:
        magnitudes **= order
    return np.sum(magnitudes).astype(np.float64)


def _blocks(array: Any) -> Iterator[Any]:
    """The elements in flat pieces that are not empty; without a copy where memory is in order."""
    if is_symbolic(array):
        return iter((array,) if array.size else ())
    flat = np.ravel(array, order="K")
    return (flat[start : start + BLOCK] for start in range(0, flat.size, BLOCK))


def _change(grads: list[Tensor], write: Callable[[Any], Any]) -> None:
    """Write to gradients where they lie; to a copy where something else refers to the memory."""
    for grad in {id(grad): grad for grad in grads}.values():  # once, where two parameters share it
        with np.errstate(invalid="ignore"):  # 0 · inf, after an infinite norm
            rewrite(grad, write)


def _refuse(total: Tensor, tensors: list[Tensor], names: list[str]) -> None:
    """Raise about a norm that is not finite, with the names of those that make it so."""
    counts = [int(np.sum(~np.isfinite(raw(t)))) for t in tensors]
    faults = [
        f"\n  {name}: {count} of {t.size} elements are not finite"
        for name, t, count in zip(names, tensors, counts, strict=True)
        if count
    ]
    raise GradientError(
        f"the total norm of the gradients is {total.item()}, so they cannot be clipped; nothing "
        f"was changed{''.join(faults) or ', though every element is finite: the norm overflows'}"
    )
