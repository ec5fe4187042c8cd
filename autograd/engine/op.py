"""How an op is defined: by its forward, its rules, what they save, and its samples.

An op is written like a row of a table (see `autograd/ops/`)::

    @op("x · y", x=lambda g, y: g * y, y=lambda g, x: g * x, samples=...)
    def multiply(x: Array, y: Array, /) -> Array:
        return x * y

Positional-only arguments are the inputs; all others are static parameters. There is one rule per
input: the vector-Jacobian product, which takes the cotangent `g` of the output to the input's.
**The names of a rule's parameters say what backward needs**, and nothing else is kept alive:

    g            the cotangent of the output (a tuple if the op has several outputs)
    out          the output
    x, y, ...    the value of an input
    axis, ...    a static parameter
    x_shape      the shape of the input x, when its value is not needed
    needs        (joint rules) which inputs need a cotangent, a tuple of booleans

Forward mode takes its rules from what the op declares (see `autograd/transforms/forward_mode.py`);
an op that is neither elementwise nor linear in anything may write them, as
`jvp={"x": lambda t, out: ...}`: one for each input, from the tangent `t` of that input to what it
adds to the tangent of the output.

Un-broadcasting is not a rule's business: a rule may return anything that broadcasts with its
input's shape, larger or smaller, and the engine sums or expands it.

The same formula is run on arrays, on Tensors (`create_graph`), and on symbols (the printed rule;
`autograd/engine/dispatch.py` says what ops give way to), so it uses only operators, `np.*` and our
own ops. For complex values rules are transposes without conjugation (JAX's convention); the engine
conjugates where gradients meet the user (PyTorch's).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable
from typing import Any

from autograd.engine.arguments import checked
from autograd.engine.diagnose import for_reals
from autograd.engine.dispatch import is_symbolic, symbol_in
from autograd.engine.dtypes import ORDINARY, in_single
from autograd.engine.operands import holds_tensor, joined, operand, plain_types, tensor_types
from autograd.engine.recorder import recorder
from autograd.engine.row import OPS, Op
from autograd.engine.typed import Array, defines
from autograd.errors import OpDefinitionError

__all__ = ["OPS", "Array", "composite", "form_of", "op"]

_OPTIONS = {
    "joint", "joint_jvp", "jvp", "outputs", "elementwise", "linear", "multilinear", "composite",
    "counts", "real_only", "samples", "reference", "hint", "ties", "views", "weighted", "wide",
}  # fmt: skip


@defines
def op(formula: str, /, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Define an op: decorate its forward with a formula, one rule per input, and its samples.

    The keywords that are names of inputs are rules; the others are those of `Op`.
    The decorated name becomes the function that runs the op and records it.
    """
    _check_formula("op", formula)

    def define(forward: Callable[..., Any]) -> Callable[..., Any]:
        rules = {name: options[name] for name in options if name not in _OPTIONS}
        others = {name: options[name] for name in options if name in _OPTIONS}
        new = Op(forward, formula, rules, **others)
        return _publish(new, recorder(new))

    return define


@defines
def composite(
    formula: str, /, **options: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function that is made of other ops, and so needs no rule, in the table."""
    _check_formula("composite", formula)

    def define(function: Callable[..., Any]) -> Callable[..., Any]:
        new = Op(function, formula, {}, composite=True, **options)
        entered = checked(function, new.name)
        entered = in_single(entered) if new.wide else entered
        entered = for_reals(entered) if new.real_only else entered
        return _publish(new, _entered(new, function, _takes_lists(new, entered)))

    return define


def form_of(
    function: Any, learns: Iterable[str] = ()
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate the form of an op: its calls with what NumPy's function takes beside, or with
    Tensors for the parameters that it `learns`.
    """

    def attach(form: Callable[..., Any]) -> Callable[..., Any]:
        function.op.form, function.op.learns = form, frozenset(learns)
        return form

    return attach


def _check_formula(name: str, formula: Any) -> None:
    if not isinstance(formula, str):
        raise OpDefinitionError(f'{name} begins with a formula, @{name}("x²", ...); got {formula}')


def _takes_lists(new: Op, function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a composite have lists as inputs, as an op does: as Tensors where they hold such.

    So have data frames, and whatever else turns into an array.
    """
    count = None if new.variadic else len(new.inputs)

    def listed(x: Any) -> Any:
        if type(x) in plain_types or type(x) in tensor_types:
            return x
        if type(x) not in (list, tuple):
            return operand(x, new) if hasattr(type(x), "__array__") and not is_symbolic(x) else x
        if symbol_in(x) is not None:
            return x  # the ops that it comes to give way
        return joined(x) if holds_tensor(x) else operand(x, new)

    def call(*args: Any, **kwargs: Any) -> Any:
        for x in args:
            if type(x) not in plain_types and type(x) not in tensor_types:  # or it is a parameter
                inputs = [listed(x) for x in args[:count]]
                return function(*inputs, *args[len(inputs) :], **kwargs)
        return function(*args, **kwargs)

    return call


def _entered(
    new: Op, function: Callable[..., Any], careful: Callable[..., Any]
) -> Callable[..., Any]:
    """The function itself where all inputs are arrays or Tensors of ordinary numbers."""
    most = math.inf if new.variadic else len(new.inputs)

    def call(*args: Any, **kwargs: Any) -> Any:
        if not kwargs and len(args) <= most:
            for x in args:
                value = x._value if type(x) in tensor_types else x
                if type(value) not in _ARRAYS or type(value.dtype) not in ORDINARY:
                    break
            else:
                return function(*args)
        return careful(*args, **kwargs)

    return call


_ARRAYS = plain_types - {bool, int, float, complex}


def _publish(new: Op, record: Callable[..., Any]) -> Callable[..., Any]:
    if new.name in OPS:
        raise OpDefinitionError(f"an op named {new.name!r} exists already")
    new.record = record
    if record is not new.forward:
        functools.update_wrapper(record, new.forward)
    record.op = new  # type: ignore[attr-defined]
    OPS[new.name] = new
    return record
