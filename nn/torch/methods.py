"""The methods of Tensor: PyTorch's functions themselves, with the Tensor first, and a few more."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.engine.views import refuse_writes
from autograd.errors import ArgumentTypeError, DTypeError, ShapeError
from autograd.extend import raw
from nn.torch import devices, dtypes, inplace, linalg
from nn.torch.functions import (
    activating,
    arithmetic,
    creating,
    drawing,
    elementwise,
    indexing,
    ordering,
    products,
    reducing,
    shaping,
)
from nn.torch.functions.calling import axis_of, lengths
from nn.torch.promotion import cast
from nn.torch.tensor import Tensor

__all__ = ["NAMES"]

# Of each chapter the functions that are methods too; those in IN_PLACE also with an underscore.
NAMES = {
    elementwise: """abs absolute acos acosh angle arccos arccosh arcsin arcsinh arctan arctanh asin
        asinh atan atanh bitwise_not ceil clone conj conj_physical cos cosh deg2rad digamma erf erfc
        erfinv exp exp2 expm1 fix floor frac frexp i0 isfinite isinf isnan isneginf isposinf isreal
        lgamma log log10 log1p log2 logical_not logit mvlgamma nan_to_num neg negative
        positive rad2deg reciprocal resolve_conj resolve_neg round rsqrt sgn sigmoid sign
        signbit sin sinc sinh sqrt square tan tanh trunc""",
    arithmetic: """add addcdiv addcmul allclose arctan2 atan2 bitwise_and bitwise_left_shift
        bitwise_or bitwise_right_shift bitwise_xor clamp clamp_max clamp_min clip copysign div
        divide eq equal float_power floor_divide fmax fmin fmod gcd ge greater greater_equal gt
        heaviside hypot is_nonzero isclose lcm ldexp le lerp less less_equal logaddexp logaddexp2
        logical_and logical_or logical_xor lt maximum minimum mul multiply ne nextafter not_equal
        pow remainder sub subtract true_divide xlogy""",
    reducing: """all amax amin aminmax any argmax argmin count_nonzero cummax cummin cumprod cumsum
        diff dist logcumsumexp logsumexp max mean min nanmean nansum norm prod renorm std sum
        var""",
    ordering: """argsort bincount histc histogram kthvalue median mode msort nanmedian nanquantile
        quantile sort topk unique unique_consecutive""",
    shaping: """adjoint as_strided broadcast_to chunk diag diag_embed diagflat diagonal dsplit
        expand expand_as flatten flip fliplr flipud hsplit moveaxis movedim narrow narrow_copy
        permute ravel repeat repeat_interleave reshape roll rot90 select split split_with_sizes
        squeeze swapaxes swapdims t tensor_split tile transpose tril triu unbind unflatten unfold
        unsafe_chunk unsafe_split
        unsafe_split_with_sizes unsqueeze vsplit""",
    indexing: """argwhere diagonal_scatter gather index_add index_copy index_fill index_put
        index_select masked_fill masked_scatter masked_select nonzero put scatter scatter_add
        scatter_reduce select_scatter slice_scatter take take_along_dim""",
    products: """addbmm addmm addmv addr baddbmm bmm corrcoef cov cross dot ger inner kron matmul
        matrix_power mm mv outer trace vdot""",
    activating: "hardshrink log_softmax prelu relu softmax",
    creating: "new new_empty new_full new_ones new_tensor new_zeros",
    drawing: "bernoulli multinomial",
    linalg: """cholesky_inverse cholesky_solve det inverse logdet matrix_exp pinverse qr slogdet
        triangular_solve""",
}  # fmt: skip
IN_PLACE = {
    elementwise: """abs absolute acos acosh arccos arccosh arcsin arcsinh arctan arctanh asin asinh
        atan atanh bitwise_not ceil conj_physical cos cosh deg2rad digamma erf erfc erfinv exp exp2
        expm1 fix floor frac i0 lgamma log log10 log1p log2 logical_not logit mvlgamma nan_to_num
        neg negative rad2deg reciprocal round rsqrt sgn sigmoid sign sin sinc sinh sqrt square tan
        tanh trunc""",
    arithmetic: """add addcdiv addcmul arctan2 atan2 bitwise_and bitwise_left_shift bitwise_or
        bitwise_right_shift bitwise_xor clamp clamp_max clamp_min clip copysign div divide eq
        float_power floor_divide fmod gcd ge greater greater_equal gt heaviside hypot lcm ldexp le
        lerp less less_equal logical_and logical_or logical_xor lt mul multiply ne nextafter
        not_equal pow remainder sub subtract true_divide xlogy""",
    reducing: "cumprod cumsum renorm",
    shaping: "tril triu",
    indexing: """index_add index_copy index_fill index_put masked_fill masked_scatter put scatter
        scatter_add scatter_reduce""",
    products: "addbmm addmm addmv addr baddbmm",
    activating: "celu relu selu threshold hardshrink",
}
_RESHAPING = ("squeeze", "swapaxes", "swapdims", "t", "transpose", "unsqueeze")


# ---- questions -----------------------------------------------------------------------------------


def numel(input: Any) -> int:
    """The number of elements."""
    return int(raw(input).size)


def dim(self: Any) -> int:
    """The number of dimensions."""
    return int(raw(self).ndim)


def is_floating_point(input: Any) -> bool:
    """Whether numbers are real and floating."""
    return bool(raw(input).dtype.kind == "f")


def is_complex(input: Any) -> bool:
    """Whether numbers are complex."""
    return bool(raw(input).dtype.kind == "c")


def is_signed(self: Any) -> bool:
    """Whether numbers may be negative."""
    return bool(raw(self).dtype.kind in "ifc")


def is_same_size(input: Any, other: Any) -> bool:
    """Whether another Tensor has the same size."""
    return bool(input.shape == other.shape)


def is_contiguous(self: Any, memory_format: Any = None) -> bool:
    """Whether numbers lie in their order in memory."""
    return bool(np.asarray(raw(self)).flags.c_contiguous)


def stride(self: Any, dim: Any = None) -> Any:
    """How many elements lie between neighbours along each dimension."""
    array = np.asarray(raw(self))
    steps = tuple(step // array.itemsize for step in array.strides)
    return steps if dim is None else steps[axis_of(self, dim)]


def element_size(self: Any) -> int:
    """The bytes that one element takes."""
    return int(raw(self).itemsize)


def get_device(self: Any) -> int:
    """-1, which means the CPU."""
    return -1


def is_conj(input: Any) -> bool:
    """Whether numbers are to be conjugated when they are read: they are at once."""
    return False


is_neg = _no = is_conj


def detach(input: Any) -> Any:
    """The same numbers outside the graph."""
    return input.detach()


def data_ptr(self: Any) -> int:
    """Where the numbers lie in memory."""
    return int(np.asarray(raw(self)).ctypes.data)


# ---- the same numbers ----------------------------------------------------------------------------


def view(self: Any, *shape: Any) -> Any:
    """The elements in another shape, in which one length may be -1."""
    if len(shape) == 1 and isinstance(shape[0], dtypes.dtype):
        return _seen(self, shape[0].dtype)
    return autograd.reshape(self, lengths(shape, "view"))


def _seen(self: Any, kind: Any) -> Any:
    """The same bytes as numbers of another dtype."""
    if kind == raw(self).dtype:
        return self
    found = creating.from_numpy(np.ascontiguousarray(raw(self)).view(kind).copy())
    return refuse_writes(found, "view")


def view_as(self: Any, other: Any) -> Any:
    """The elements in the shape of another Tensor."""
    return autograd.reshape(self, tuple(other.shape))


def contiguous(self: Any, memory_format: Any = None) -> Any:
    """The Tensor itself, or a copy in the order of memory."""
    return self if is_contiguous(self) else autograd.copy(self)


def sum_to_size(self: Any, *size: Any) -> Any:
    """Summed to a size that broadcasts to its own."""
    wanted = lengths(size, "sum_to_size")
    ahead = self.ndim - len(wanted)
    if ahead < 0:
        raise ShapeError(f"sum_to_size: {tuple(self.shape)} does not sum to {wanted}")
    ones = (a + ahead for a, n in enumerate(wanted) if n == 1 and self.shape[a + ahead] != 1)
    axes = (*range(ahead), *ones)
    if not axes:
        return self
    total = autograd.sum(self, axis=axes, keepdims=True)
    return autograd.reshape(total, wanted)


def _same(self: Any, *args: Any, **kwargs: Any) -> Any:
    """The Tensor itself: there is one kind of memory."""
    return self


# ---- dtypes and devices --------------------------------------------------------------------------


def to(self: Any, *args: Any, **kwargs: Any) -> Any:
    """The same numbers of another dtype, device, or as another Tensor; itself where it is so."""
    args = (*args, *(kwargs[key] for key in ("device", "dtype", "other") if key in kwargs))
    kind = None
    for given in args:
        if isinstance(given, dtypes.dtype) or (isinstance(given, type) and given in _PYTHON):
            kind = dtypes.as_numpy(given)
        elif isinstance(given, autograd.Tensor):
            kind = raw(given).dtype
        elif isinstance(given, (str, devices.device)) or type(given) is int:
            devices.check_cpu(given)
        elif given is not None and not isinstance(given, bool):
            raise ArgumentTypeError(f"to: takes a dtype, a device or a Tensor, got {given!r:.80}")
    if kind is None or kind == raw(self).dtype:
        return autograd.copy(self) if kwargs.get("copy") else self
    return autograd.astype(self, kind)


_PYTHON = {float, int, bool, complex}


def _cast(name: str, kind: str) -> Any:
    def call(self: Any, memory_format: Any = None) -> Any:
        return cast(self, dtypes.ALL[kind].dtype)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"The same numbers as {kind}."
    return call


CASTS = {
    "float": "float32", "double": "float64", "half": "float16", "bfloat16": "bfloat16",
    "int": "int32", "long": "int64", "short": "int16", "char": "int8", "byte": "uint8",
    "bool": "bool", "cfloat": "complex64", "cdouble": "complex128",
}  # fmt: skip
KINDS = {
    "Float": "float32", "Double": "float64", "Half": "float16", "Int": "int32", "Long": "int64",
    "Short": "int16", "Char": "int8", "Byte": "uint8", "Bool": "bool",
}  # fmt: skip


def type_(self: Any, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The name of the old class, as "torch.FloatTensor"; or the numbers of another dtype."""
    if dtype is None:
        of = {kind: name for name, kind in KINDS.items()}
        return f"torch.{of.get(str(raw(self).dtype), 'Complex')}Tensor"
    if isinstance(dtype, str) or hasattr(dtype, "kind_of_tensor"):
        name = dtype if isinstance(dtype, str) else dtype.kind_of_tensor
        known = KINDS.get(name.removeprefix("torch.").removesuffix("Tensor"))
        if known is None:
            raise DTypeError(f"type: {dtype!r} names no dtype; write torch.float32")
        return cast(self, dtypes.ALL[known].dtype)
    return cast(self, dtypes.as_numpy(dtype))


def type_as(self: Any, other: Any) -> Any:
    """The same numbers in the dtype of another Tensor."""
    return cast(self, raw(other).dtype)


def cuda(self: Any, device: Any = None, **kwargs: Any) -> Any:
    """Refused: there is no GPU."""
    devices.check_cpu("cuda" if device is None else device)
    return self


# ---- operators -----------------------------------------------------------------------------------


def _operator(function: Any, reflected: bool = False) -> Any:
    """An operator, which leaves to Python what is no number and no Tensor: `[0] * n`."""

    def call(self: Any, other: Any) -> Any:
        return function(self, other) if arithmetic.is_operand(other) else NotImplemented

    def back(self: Any, other: Any) -> Any:
        return function(other, self) if arithmetic.is_operand(other) else NotImplemented

    return back if reflected else call


_MET = {"add": autograd.add, "mul": autograd.multiply}
_OPERATORS = {
    "sub": arithmetic.minus, "pow": arithmetic.raised,
    "truediv": arithmetic.over, "floordiv": arithmetic.floor_divide, "mod": arithmetic.remainder,
    "matmul": products.matmul, "and": arithmetic.bitwise_and, "or": arithmetic.bitwise_or,
    "xor": arithmetic.bitwise_xor, "lshift": arithmetic.bitwise_left_shift,
    "rshift": arithmetic.bitwise_right_shift,
}  # fmt: skip
_COMPARED = {
    "eq": autograd.equal, "ne": autograd.not_equal, "lt": autograd.less,
    "le": autograd.less_equal, "gt": autograd.greater, "ge": autograd.greater_equal,
}  # fmt: skip


def getitem(self: Any, key: Any) -> Any:
    """x[key]: numbers first, then index arrays, as PyTorch takes them."""
    return autograd.Tensor.__getitem__(self, indexing.index_of(key, self.shape))


def setitem(self: Any, key: Any, value: Any) -> None:
    """x[key] = value, which is cast to the dtype of x."""
    if isinstance(value, autograd.Tensor):
        value = cast(value, raw(self).dtype)
    autograd.Tensor.__setitem__(self, indexing.index_of(key, self.shape), value)


_OWN = {
    "numel": numel, "nelement": numel, "dim": dim, "ndimension": dim, "view": view,
    "view_as": view_as, "reshape_as": view_as, "contiguous": contiguous, "to": to, "type": type_,
    "type_as": type_as, "cuda": cuda, "cpu": _same, "pin_memory": _same, "share_memory_": _same,
    "coalesce": _same, "to_dense": _same, "is_floating_point": is_floating_point,
    "is_complex": is_complex, "is_signed": is_signed, "is_same_size": is_same_size,
    "is_contiguous": is_contiguous, "stride": stride, "element_size": element_size,
    "get_device": get_device, "is_pinned": _no, "is_shared": _no, "is_inference": _no,
    "is_conj": is_conj, "is_neg": is_neg, "is_distributed": _no, "data_ptr": data_ptr,
    "sum_to_size": sum_to_size, "where": lambda self, condition, other: indexing.where(
        condition, self, other
    ), "__getitem__": getitem, "__setitem__": setitem, "__hash__": autograd.Tensor.__hash__,
    "cholesky": linalg.old_cholesky, "svd": linalg.old_svd,
    "polygamma": lambda self, n: elementwise.polygamma(n, self),
    "__neg__": elementwise.neg, "__abs__": elementwise.abs, "__invert__": elementwise.bitwise_not,
}  # fmt: skip


def _attach() -> None:
    found: dict[str, Any] = {}
    for chapter, names in NAMES.items():
        found |= {name: getattr(chapter, name) for name in names.split()}
    for chapter, names in IN_PLACE.items():
        for name in names.split():
            found[f"{name}_"] = inplace.changing(getattr(chapter, name), f"{name}_")
    found |= inplace.METHODS | inplace.OPERATORS
    found |= inplace.reshaping({name: getattr(shaping, name) for name in _RESHAPING})
    found |= {name: _cast(name, kind) for name, kind in CASTS.items()}
    found |= {f"__{name}__": _operator(run) for name, run in _OPERATORS.items()}
    found |= {f"__r{name}__": _operator(run, True) for name, run in _OPERATORS.items()}
    met = _MET | _COMPARED
    found |= {f"__{name}__": arithmetic.met(op, NotImplemented) for name, op in met.items()}
    found |= {f"__r{name}__": arithmetic.back(op) for name, op in _MET.items()}
    for name, method in (found | _OWN).items():
        setattr(Tensor, name, method)


_attach()
