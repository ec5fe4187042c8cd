"""The methods of Tensor: PyTorch's functions themselves, with the Tensor first, and a few more."""

from __future__ import annotations

from typing import Any

import autograd
from autograd.extend import raw
from nn.torch import factors, inplace, linalg, questions
from nn.torch.functions import (
    activating,
    arithmetic,
    comparing,
    creating,
    drawing,
    elementwise,
    indexing,
    ordering,
    parts,
    products,
    putting,
    reducing,
    running,
    shaping,
    windowing,
)
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
    arithmetic: """add addcdiv addcmul arctan2 atan2 bitwise_and bitwise_left_shift bitwise_or
        bitwise_right_shift bitwise_xor clamp clamp_max clamp_min clip copysign div divide
        float_power floor_divide fmax fmin fmod gcd heaviside hypot igamma igammac lcm ldexp lerp
        logaddexp
        logaddexp2 maximum minimum mul multiply nextafter pow remainder sub subtract
        true_divide xlogy""",
    comparing: """allclose eq equal ge greater greater_equal gt is_nonzero isclose le less
        less_equal logical_and logical_or logical_xor lt ne not_equal""",
    reducing: """all amax amin aminmax any argmax argmin count_nonzero dist logsumexp max mean min
        nanmean nansum norm prod std sum var""",
    windowing: "istft stft",
    running: "cummax cummin cumprod cumsum diff logcumsumexp renorm",
    ordering: """argsort bincount histc histogram kthvalue median mode msort nanmedian nanquantile
        quantile sort topk unique unique_consecutive""",
    shaping: """adjoint broadcast_to expand expand_as flatten flip fliplr flipud moveaxis movedim
        permute ravel repeat repeat_interleave reshape roll rot90 squeeze swapaxes swapdims
        t tile transpose unflatten unsqueeze""",
    parts: """as_strided chunk diag diag_embed diagflat diagonal dsplit hsplit narrow narrow_copy
        select split split_with_sizes tensor_split tril triu unbind unfold unsafe_chunk
        unsafe_split unsafe_split_with_sizes vsplit""",
    indexing: "argwhere gather index_select masked_select nonzero take take_along_dim",
    putting: """diagonal_scatter index_add index_copy index_fill index_put index_reduce
        masked_fill masked_scatter put scatter scatter_add scatter_reduce select_scatter
        slice_scatter""",
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
        bitwise_right_shift bitwise_xor clamp clamp_max clamp_min clip copysign div divide
        float_power floor_divide fmod gcd heaviside hypot igamma igammac lcm ldexp lerp mul multiply
        nextafter pow remainder sub subtract true_divide xlogy""",
    comparing: """eq ge greater greater_equal gt le less less_equal logical_and logical_or
        logical_xor lt ne not_equal""",
    running: "cumprod cumsum renorm",
    parts: "tril triu",
    putting: """index_add index_copy index_fill index_put index_reduce masked_fill masked_scatter
        put scatter scatter_add scatter_reduce""",
    products: "addbmm addmm addmv addr baddbmm",
    activating: "celu relu selu threshold hardshrink",
}
_RESHAPING = ("squeeze", "swapaxes", "swapdims", "t", "transpose", "unsqueeze")


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
_IN_FRONT = {
    "sub": (autograd.subtract, arithmetic.minus), "pow": (autograd.power, arithmetic.raised),
    "truediv": (autograd.divide, arithmetic.over),
}  # fmt: skip
_COMPARED = {
    "eq": autograd.equal, "ne": autograd.not_equal, "lt": autograd.less,
    "le": autograd.less_equal, "gt": autograd.greater, "ge": autograd.greater_equal,
}  # fmt: skip


def getitem(self: Any, key: Any) -> Any:
    """x[key]: numbers first, then index arrays, as PyTorch takes them."""
    return autograd.Tensor.__getitem__(self, indexing.index_of(key, raw(self).shape))


def setitem(self: Any, key: Any, value: Any) -> None:
    """x[key] = value, which is cast to the dtype of x."""
    if isinstance(value, autograd.Tensor):
        value = cast(value, raw(self).dtype)
    autograd.Tensor.__setitem__(self, indexing.index_of(key, raw(self).shape), value)


_OWN = {
    "where": lambda self, condition, other: indexing.where(condition, self, other),
    "__getitem__": getitem, "__setitem__": setitem, "__hash__": autograd.Tensor.__hash__,
    "lu": factors.old_lu, "lu_solve": factors.old_lu_solve,
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
    found |= inplace.METHODS | inplace.OPERATORS | questions.METHODS
    found |= inplace.reshaping({name: getattr(shaping, name) for name in _RESHAPING})
    found |= {f"__{name}__": _operator(run) for name, run in _OPERATORS.items()}
    found |= {f"__r{name}__": _operator(run, True) for name, run in _OPERATORS.items()}
    met = _MET | _COMPARED
    found |= {f"__{name}__": arithmetic.met(op, NotImplemented) for name, op in met.items()}
    found |= {f"__r{name}__": arithmetic.back(op) for name, op in _MET.items()}
    found |= {f"__r{name}__": arithmetic.back(*ops) for name, ops in _IN_FRONT.items()}
    for name, method in (found | _OWN).items():
        setattr(Tensor, name, method)


_attach()
