"""Tensor's operators and methods: the functions of the op table themselves, with x first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeAlias, TypeVar

from autograd.engine.diagnose import is_complex
from autograd.engine.typed import Tensor
from autograd.engine.views import refuse_writes
from autograd.errors import DTypeError
from autograd.ops.activation import (
    learned,  # noqa: F401 (what activations take of Tensors)
    softmax,
)
from autograd.ops.activation import piecewise as activations
from autograd.ops.elementwise import (
    arithmetic,
    bitwise,
    compare,
    extremes,
    logistic,
    powers,
    rounding,
    signs,
    trigonometric,
)
from autograd.ops.elementwise import complex as complex_
from autograd.ops.elementwise import (
    exponential as elementwise,
)
from autograd.ops.fft import _short_time as short_time
from autograd.ops.indexing import combined, pad, put, scatter, take
from autograd.ops.product import products
from autograd.ops.reduction import (
    cumulative,
    differences,
    quantile,
    ranks,
    reduce,
    scattered,
    search,
    sort,
    statistics,
)
from autograd.ops.shape import axes, diagonals, join, rank, shape, splits
from autograd.ops.special import error_function as special
from autograd.tensors import assignment

__all__ = ["TensorMethods"]

R = TypeVar("R")
Compared: TypeAlias = Callable[[Any, Any], Tensor]


def _reflected(function: Callable[[Any, Any], R]) -> Callable[[Any, Any], R]:
    def reflected(self: Any, other: Any) -> R:
        return function(other, self)

    return reflected


def _compared(function: Compared) -> Compared:
    def compared(self: Any, other: Any) -> Any:
        try:
            return function(self, other)
        except DTypeError:
            if function.op.real_only and (is_complex(self) or is_complex(other)):  # type: ignore[attr-defined]
                raise
            return NotImplemented  # Python then answers for == and !=, and raises for the others

    return compared


def _unpacked(lengths: tuple[Any, ...]) -> Any:
    """`x.reshape(2, 3)` and `x.reshape((2, 3))` alike."""
    return lengths[0] if len(lengths) == 1 and not isinstance(lengths[0], int) else lengths


class TensorMethods:
    """Operators and methods, mixed into Tensor."""

    __slots__ = ()

    # ---- operators -----------------------------------------------------------------------------

    __add__ = arithmetic.add
    __radd__ = _reflected(arithmetic.add)
    __iadd__ = assignment.operator(arithmetic.add, "+")
    __sub__ = arithmetic.subtract
    __rsub__ = _reflected(arithmetic.subtract)
    __isub__ = assignment.operator(arithmetic.subtract, "-")
    __mul__ = arithmetic.multiply
    __rmul__ = _reflected(arithmetic.multiply)
    __imul__ = assignment.operator(arithmetic.multiply, "*")
    __truediv__ = arithmetic.divide
    __rtruediv__ = _reflected(arithmetic.divide)
    __itruediv__ = assignment.operator(arithmetic.divide, "/")
    __floordiv__ = rounding.floor_divide
    __rfloordiv__ = _reflected(rounding.floor_divide)
    __ifloordiv__ = assignment.operator(rounding.floor_divide, "//")
    __mod__ = rounding.remainder
    __rmod__ = _reflected(rounding.remainder)
    __imod__ = assignment.operator(rounding.remainder, "%")
    __divmod__ = rounding.divmod
    __rdivmod__ = _reflected(rounding.divmod)
    __pow__ = arithmetic.power
    __rpow__ = _reflected(arithmetic.power)
    __ipow__ = assignment.operator(arithmetic.power, "**")
    __matmul__ = products.matmul
    __rmatmul__ = _reflected(products.matmul)
    __imatmul__ = assignment.operator(products.matmul, "@")
    __neg__ = arithmetic.negative
    __pos__ = arithmetic.positive
    __abs__ = signs.abs
    __round__ = rounding.round
    __floor__ = rounding.floor
    __ceil__ = rounding.ceil
    __trunc__ = rounding.trunc
    __invert__ = bitwise.bitwise_invert
    __and__ = bitwise.bitwise_and
    __rand__ = _reflected(bitwise.bitwise_and)
    __iand__ = assignment.operator(bitwise.bitwise_and, "&")
    __or__ = bitwise.bitwise_or
    __ror__ = _reflected(bitwise.bitwise_or)
    __ior__ = assignment.operator(bitwise.bitwise_or, "|")
    __xor__ = bitwise.bitwise_xor
    __rxor__ = _reflected(bitwise.bitwise_xor)
    __ixor__ = assignment.operator(bitwise.bitwise_xor, "^")
    __lshift__ = bitwise.bitwise_left_shift
    __rlshift__ = _reflected(bitwise.bitwise_left_shift)
    __ilshift__ = assignment.operator(bitwise.bitwise_left_shift, "<<")
    __rshift__ = bitwise.bitwise_right_shift
    __rrshift__ = _reflected(bitwise.bitwise_right_shift)
    __irshift__ = assignment.operator(bitwise.bitwise_right_shift, ">>")
    # told to type checkers, which else take those of object: they are elementwise
    __eq__: ClassVar[Compared] = _compared(compare.equal)  # type: ignore[assignment]
    __ne__: ClassVar[Compared] = _compared(compare.not_equal)  # type: ignore[assignment]
    __lt__ = _compared(compare.less)
    __le__ = _compared(compare.less_equal)
    __gt__ = _compared(compare.greater)
    __ge__ = _compared(compare.greater_equal)
    __hash__ = object.__hash__  # by identity, although == is elementwise

    # ---- elementwise ---------------------------------------------------------------------------

    abs = signs.abs
    sign = signs.sign
    square = arithmetic.square
    pow = arithmetic.pow
    sqrt = powers.sqrt
    reciprocal = powers.reciprocal
    exp = elementwise.exp
    expm1 = elementwise.expm1
    log = elementwise.log
    log1p = elementwise.log1p
    log2 = elementwise.log2
    log10 = elementwise.log10
    sin = trigonometric.sin
    cos = trigonometric.cos
    tan = trigonometric.tan
    sinh = elementwise.sinh
    cosh = elementwise.cosh
    tanh = elementwise.tanh
    floor = rounding.floor
    ceil = rounding.ceil
    round = rounding.round
    trunc = rounding.trunc
    clip = clamp = extremes.clip
    maximum = extremes.maximum
    minimum = extremes.minimum
    conj = conjugate = complex_.conj
    erf = special.erf
    asin = trigonometric.asin
    acos = trigonometric.acos
    atan = trigonometric.atan
    isnan = compare.isnan
    isinf = compare.isinf
    isfinite = compare.isfinite
    sigmoid = logistic.sigmoid
    relu = activations.relu
    log_softmax = softmax.log_softmax
    softmax = softmax.softmax

    @property
    def real(self: Any) -> Tensor:
        """The real part, elementwise: of a real Tensor itself.

        >>> import autograd as ag
        >>> ag.Tensor([1 + 2j]).real
        Tensor([1.], dtype=float32)
        """
        return complex_.real(self)

    @real.setter
    def real(self: Any, value: Any) -> None:
        complex_.real(self)[...] = value

    @property
    def imag(self: Any) -> Tensor:
        """The imaginary part, elementwise: 0 of a real Tensor.

        >>> import autograd as ag
        >>> ag.Tensor([1 + 2j]).imag
        Tensor([2.], dtype=float32)
        """
        return complex_.imag(self)

    @imag.setter
    def imag(self: Any, value: Any) -> None:
        complex_.imag(self)[...] = value

    # ---- reductions and sorting ----------------------------------------------------------------

    sum = reduce.sum
    mean = reduce.mean
    prod = reduce.prod
    max = reduce.max
    min = reduce.min
    amax = reduce.amax
    amin = reduce.amin
    ptp = reduce.ptp
    logsumexp = reduce.logsumexp
    var = statistics.var
    std = statistics.std
    all = search.all
    any = search.any
    argmax = search.argmax
    argmin = search.argmin
    median = quantile.median
    quantile = quantile.quantile
    unique = search.unique
    count_nonzero = search.count_nonzero
    nonzero = search.nonzero
    kthvalue = ranks.kthvalue
    mode = ranks.mode
    aminmax = ranks.aminmax
    sum_to_size = ranks.sum_to_size
    allclose = search.allclose
    cumsum = cumulative.cumsum
    cummax = cumulative.cummax
    cummin = cumulative.cummin
    cumprod = cumulative.cumprod
    diff = differences.diff
    logcumsumexp = cumulative.logcumsumexp
    argsort = sort.argsort
    topk = sort.topk
    sort = sort.sort

    # ---- shape ---------------------------------------------------------------------------------

    def reshape(self: Any, *shape_: Any, order: Any = "C") -> Tensor:
        """The elements in another shape: `x.reshape(2, -1)` or `x.reshape((2, -1))`.

        One length may be -1. Another number of elements raises ShapeError. With order="F" they are
        read and placed column by column.

        >>> import autograd as ag
        >>> ag.arange(6).reshape(2, -1).shape
        (2, 3)
        """
        placed: Tensor = rank.in_order(self, _unpacked(shape_), order)
        return placed

    view = reshape

    def transpose(self: Any, *axes_: Any) -> Tensor:
        """The axes permuted, reversed when none are given; of several axes two are exchanged.

        An order that is no permutation raises ShapeError. `x.transpose(0, 1)` of a matrix, which
        PyTorch would exchange and NumPy would leave, raises ArgumentError.

        >>> import autograd as ag
        >>> ag.zeros(2, 3, 4).transpose(1, 0, 2).shape, ag.zeros(2, 3, 4).transpose(1, 2).shape
        ((3, 2, 4), (2, 4, 3))
        """
        if len(axes_) == 2 and not (axes_ in axes.TURNED and self.ndim == 2):
            return axes.transpose(self, *axes_)  # type: ignore[no-any-return]
        return axes.permute_dims(self, _unpacked(axes_) if axes_ else None)

    def permute(self: Any, *axes_: Any) -> Tensor:
        """The axes in another order (PyTorch's name).

        An order that is no permutation raises ShapeError.

        >>> import autograd as ag
        >>> ag.zeros(2, 3, 4).permute(1, 0, 2).shape
        (3, 2, 4)
        """
        return axes.permute_dims(self, _unpacked(axes_))

    def expand(self: Any, *shape_: Any) -> Tensor:
        """Broadcast to a shape, in which -1 keeps a length (PyTorch's name).

        A shape that the Tensor does not broadcast to raises ShapeError.

        >>> import autograd as ag
        >>> ag.zeros(2, 1).expand(3, -1, 4).shape
        (3, 2, 4)
        """
        lengths = tuple(_unpacked(shape_))
        own = (1,) * (len(lengths) - len(self.shape)) + self.shape
        wanted = tuple(o if n == -1 else n for n, o in zip(lengths, own, strict=False))
        return shape.broadcast_to(self, wanted)

    @property
    def T(self: Any) -> Tensor:
        """The axes reversed."""
        return axes.permute_dims(self, None)

    @property
    def mT(self: Any) -> Tensor:
        """The last two axes exchanged."""
        return axes.matrix_transpose(self)

    def flatten(self: Any, start_dim: Any = 0, end_dim: int = -1, *, order: Any = "C") -> Tensor:
        """The axes from start_dim to end_dim (inclusive) joined into one; 0-d becomes 1-d.

        `x.flatten("F")` and `x.flatten(order="F")` are NumPy's: all axes, column by column.

        >>> import autograd as ag
        >>> ag.arange(4).reshape(2, 2).flatten("F")
        Tensor([0, 2, 1, 3], dtype=int64)
        """
        if isinstance(start_dim, str):
            start_dim, order = 0, start_dim
        flat = rank.flatten(self, start_dim, end_dim)
        return flat if order == "C" else refuse_writes(rank.in_order(self, -1, order), "flatten")

    astype = shape.astype
    copy = clone = shape.copy
    broadcast_to = shape.broadcast_to
    swapaxes = axes.swapaxes
    moveaxis = axes.moveaxis
    flip = axes.flip
    roll = axes.roll
    unflatten = rank.unflatten
    ravel = rank.ravel
    squeeze = rank.squeeze
    unsqueeze = rank.unsqueeze
    expand_dims = rank.expand_dims
    repeat = pad.repeat
    tile = pad.tile
    split = splits.split_method
    chunk = splits.chunk
    unbind = join.unbind

    # ---- indexing and products -----------------------------------------------------------------

    take = take.take
    gather = scatter.gather
    masked_fill = scatter.masked_fill
    masked_select = scatter.masked_select
    index_select = scatter.index_select
    scatter_add = scatter.scatter_add
    scatter_reduce = scattered.scatter_reduce
    index_add = scatter.index_add
    index_copy = put.index_copy
    index_fill = put.index_fill
    index_put = put.index_put
    index_reduce = scattered.index_reduce
    masked_scatter = put.masked_scatter
    select_scatter = put.select_scatter
    slice_scatter = put.slice_scatter
    diagonal_scatter = put.diagonal_scatter
    unfold = combined.unfold
    scatter = scatter.scatter
    matmul = products.matmul
    dot = products.dot
    outer = products.outer
    trace = diagonals.trace
    diagonal = diagonals.diagonal
    diag_embed = diagonals.diag_embed
    stft = short_time.stft
    istft = short_time.istft
    tril = diagonals.tril
    triu = diagonals.triu
