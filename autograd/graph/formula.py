"""The printed rule: the fourth reading of an op's own formula, so that a picture cannot lie.

A rule is run on symbols. A symbol carries its text and an example value, so that a rule may look at
shapes, and so that a test can hold the printed text against the number. The text is mathematics
that `evaluate` can read back: `g · (1 − out²)`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.engine.operands import raw
from autograd.engine.row import OPS, Op
from autograd.engine.rules import arguments

__all__ = [
    "Symbol", "as_python", "evaluate", "evaluate_code", "local_derivative", "printed_rules",
]  # fmt: skip

_COMPARE, _SUM, _PRODUCT, _NEGATIVE, _POWER, _ATOM = range(6)  # how tightly a text binds
_UFUNCS = {
    "add": ("+", _SUM), "subtract": ("−", _SUM), "multiply": ("·", _PRODUCT),
    "divide": ("/", _PRODUCT), "true_divide": ("/", _PRODUCT), "matmul": ("@", _PRODUCT),
    "floor_divide": ("//", _PRODUCT), "remainder": ("%", _PRODUCT), "power": ("**", _POWER),
    "equal": ("==", _COMPARE), "not_equal": ("!=", _COMPARE), "less": ("<", _COMPARE),
    "less_equal": ("<=", _COMPARE), "greater": (">", _COMPARE), "greater_equal": (">=", _COMPARE),
    "bitwise_and": ("&", _COMPARE), "bitwise_or": ("|", _COMPARE),
}  # fmt: skip
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_READ_BACK = {"·": "*", "−": "-", "ᵀ": ".mT"}


class Symbol:
    """A named quantity in a formula, with an example value."""

    __slots__ = ("binds", "text", "value")

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, text: str, value: Any, binds: int = _ATOM) -> None:
        self.text = text
        self.value = value
        self.binds = binds

    def __repr__(self) -> str:
        return self.text

    @property
    def mT(self) -> Symbol:
        return Symbol(_in_brackets(self, _ATOM) + "ᵀ", self.value.mT)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.value, name)  # shape, dtype, ndim, size, or a method
        if not callable(found):
            if isinstance(found, np.ndarray):
                return Symbol(f"{name}({self.text})", found)
            return found
        return lambda *args, **kwargs: _call(name, (self, *args), kwargs, found(*args, **kwargs))

    def __getitem__(self, index: Any) -> Symbol:
        return Symbol(f"{_in_brackets(self, _ATOM)}[{_index_text(index)}]", self.value[_raw(index)])

    def __neg__(self) -> Symbol:
        return Symbol("−" + _in_brackets(self, _NEGATIVE), -self.value, _NEGATIVE)

    def __invert__(self) -> Symbol:
        return Symbol("~" + _in_brackets(self, _ATOM), ~self.value, _NEGATIVE)

    def __abs__(self) -> Symbol:
        result: Symbol = _call("abs", (self,), {}, abs(self.value))
        return result

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        value = getattr(ufunc, method)(*map(_raw, inputs), **kwargs)
        name = ufunc.__name__
        if method != "__call__":
            return _call(f"{name}.{method}", inputs, kwargs, value)
        if name in _UFUNCS and not kwargs:
            sign, binds = _UFUNCS[name]
            return _infix(sign, binds, inputs[0], inputs[1], value)
        if name == "negative":
            return -inputs[0]
        return _call(name, inputs, kwargs, value)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        value = function(*map(_raw, args), **{k: _raw(v) for k, v in kwargs.items()})
        if function.__name__ in ("shape", "ndim", "size", "result_type", "iscomplexobj"):
            return value
        return _call(function.__name__, args, kwargs, value)

    def __autograd_op__(self, op: Op, inputs: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """One of our own ops met a symbol."""
        values = tuple(map(_raw, inputs))
        value = op.forward(*values, **{k: _raw(v) for k, v in params.items()})
        shown = {k: v for k, v in params.items() if v is not op.defaults.get(k)}
        args = (list(inputs),) if op.variadic else inputs
        return _call(op.name, args, shown, value)


def _operator(sign: str, binds: int, function: Callable[[Any, Any], Any]) -> tuple[Any, Any]:
    def forward(self: Symbol, other: Any) -> Any:
        return _infix(sign, binds, self, other, function(self.value, _raw(other)))

    def reflected(self: Symbol, other: Any) -> Any:
        return _infix(sign, binds, other, self, function(_raw(other), self.value))

    return forward, reflected


for _name, _sign, _binds in (
    ("add", "+", _SUM), ("sub", "−", _SUM), ("mul", "·", _PRODUCT), ("truediv", "/", _PRODUCT),
    ("matmul", "@", _PRODUCT), ("floordiv", "//", _PRODUCT), ("mod", "%", _PRODUCT),
    ("pow", "**", _POWER), ("and", "&", _COMPARE), ("or", "|", _COMPARE), ("eq", "==", _COMPARE),
    ("ne", "!=", _COMPARE), ("lt", "<", _COMPARE), ("le", "<=", _COMPARE), ("gt", ">", _COMPARE),
    ("ge", ">=", _COMPARE),
):  # fmt: skip
    import operator as _python

    _function = getattr(_python, f"{_name}_" if _name in ("and", "or") else _name)
    _forward, _reflected = _operator(_sign, _binds, _function)
    setattr(Symbol, f"__{_name}__", _forward)
    if _binds != _COMPARE or _name in ("and", "or"):
        setattr(Symbol, f"__r{_name}__", _reflected)


def _raw(value: Any) -> Any:
    """The numbers that a symbol stands for; of Tensors beside it, and in lists, too."""
    if type(value) is Symbol:
        return value.value
    if isinstance(value, (list, tuple)):
        parts = [_raw(v) for v in value]
        return value._make(parts) if hasattr(value, "_make") else type(value)(parts)
    return raw(value)


def _in_brackets(value: Any, binds: int) -> str:
    text = _text(value)
    own = value.binds if type(value) is Symbol else (_NEGATIVE if text[:1] == "−" else _ATOM)
    return text if own >= binds else f"({text})"


def _text(value: Any) -> str:
    if type(value) is Symbol:
        return value.text
    value = raw(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return repr(value).replace("-", "−")
    if isinstance(value, np.ndarray):
        if not value.size:
            return f"zeros({value.shape}, dtype={str(value.dtype)!r})"
        return f"array({value.tolist()!r})" if value.size <= 16 else f"array{value.shape}"
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, tuple):
        inside = ", ".join(map(_text, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, type) and issubclass(value, np.generic):
        value = np.dtype(value)
    if isinstance(value, (np.dtype, str)):
        return repr(str(value))
    return repr(value)


def _index_text(index: Any) -> str:
    if isinstance(index, tuple) and index:
        return ", ".join(map(_index_text, index)) + ("," if len(index) == 1 else "")
    if isinstance(index, slice):
        parts = ["" if p is None else str(p) for p in (index.start, index.stop)]
        step = "" if index.step is None else f":{index.step}"
        return f"{parts[0]}:{parts[1]}{step}"
    return "..." if index is Ellipsis else _text(index)


def _infix(sign: str, binds: int, left: Any, right: Any, value: Any) -> Any:
    if sign == "·" and _is_one(left):
        return _valued(right, value)
    if sign in ("·", "/") and _is_one(right):
        return _valued(left, value)
    if sign == "**" and isinstance(right, int) and not isinstance(right, bool) and right >= 0:
        raised = str(right).translate(_RAISED)
        return Symbol(_in_brackets(left, _ATOM) + raised, value, _POWER)
    if sign == "·" and type(left) is type(right) is Symbol and left.text == right.text:
        return Symbol(_in_brackets(left, _ATOM) + "²", value, _POWER)
    # the right operand of a left-associative sign needs brackets at equal binding; ** the left one
    of_left, of_right = (binds + 1, binds) if sign == "**" else (binds, binds + 1)
    if binds == _COMPARE:
        of_left = _SUM
    text = f"{_in_brackets(left, of_left)} {sign} {_in_brackets(right, of_right)}"
    return Symbol(text, value, binds)


def _valued(factor: Any, value: Any) -> Any:
    """What is left of a product with 1: a condition is a number now, so that two of them add."""
    return Symbol(factor.text, value, factor.binds) if type(factor) is Symbol else value


def _is_one(value: Any) -> bool:
    return (type(value) is Symbol and value.text == "1") or (type(value) is int and value == 1)


def _call(name: str, args: Any, kwargs: Mapping[str, Any], value: Any) -> Any:
    inside = [_text(a) for a in args] + [f"{k}={_text(v)}" for k, v in kwargs.items()]
    text = f"{name}({', '.join(inside)})"
    if isinstance(value, tuple):
        return tuple(Symbol(f"{text}[{i}]", v) for i, v in enumerate(value))
    return Symbol(text, value)


def printed_rules(
    op: Op, inputs: tuple[Any, ...], params: Mapping[str, Any], g: Any, out: Any
) -> dict[str, Symbol]:
    """The rule of every input as a Symbol: its text, and its value at these inputs.

    `inputs`, `g` and `out` are raw values. An input without a rule is left out.

    >>> import autograd as ag
    >>> import numpy as np
    >>> printed_rules(ag.OPS["tanh"], (np.float64(0.5),), {}, 1.0, 0.46)["x"]
    g · (1 − out²)
    """
    return _printed(op, inputs, params, _symbolic("g", g), out)


def local_derivative(
    op: Op, inputs: tuple[Any, ...], params: Mapping[str, Any], out: Any, g: Any = 1
) -> Any:
    """The rules of an elementwise op with the cotangent left away: ∂out/∂x as a Symbol.

    With another number for `g` the values are those for that cotangent.

    >>> import autograd as ag
    >>> import numpy as np
    >>> local_derivative(ag.OPS["multiply"], (np.ones(2), np.ones(2)), {}, np.ones(2))["x"]
    y
    """
    return _printed(op, inputs, params, Symbol("1", np.ones_like(out) * g), out)


def _printed(
    op: Op, inputs: tuple[Any, ...], params: Mapping[str, Any], g: Any, out: Any
) -> dict[str, Symbol]:
    names = [f"{op.inputs[0]}[{i}]" for i in range(len(inputs))] if op.variadic else op.inputs
    symbols = [
        Symbol(name, value) if isinstance(value, (np.ndarray, np.generic)) else value
        for name, value in zip(names, inputs, strict=False)
    ]
    is_own = OPS.get(op.name) is op
    try:
        found = _ruled(op, names, symbols, params, g, _symbolic("out", out))
    except Exception:
        if is_own:
            raise
        # a user's rule may do with numbers what no Symbol can
        found = _ruled(op, names, inputs, params, _number_of(g), out)
    if is_own:
        return {name: _as_symbol(result) for name, result in found.items()}
    return {name: _told(result) for name, result in found.items()}


def _told(result: Any) -> Symbol:
    """What a user's rule gave; where it is a plain number, the rule has no formula."""
    return result if type(result) is Symbol else Symbol("told_pull(g)", np.asarray(raw(result))[()])


def _ruled(
    op: Op, names: Sequence[str], inputs: Sequence[Any], params: Mapping[str, Any], g: Any, out: Any
) -> dict[str, Any]:
    """What the rules of an op give for Symbols, or for numbers."""
    statics = {**op.defaults, **params}
    saved = op.readable(list(inputs), out, map(statics.get, op.params))
    if op.joint:
        rule, slots = op.joint
        results = inspect.unwrap(rule)(g, *arguments(slots, saved))
        return {n: r for n, r in zip(names, results, strict=False) if r is not None}
    return {
        name: op.rules[name](g, *arguments(slots, saved))
        for name, value, (_, slots) in zip(names, inputs, op.pulls, strict=False)
        if name in op.rules and value is not None
    }


def _number_of(g: Any) -> Any:
    return tuple(map(_number_of, g)) if isinstance(g, tuple) else g.value


def _symbolic(name: str, value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(Symbol(f"{name}[{i}]", v) for i, v in enumerate(value))
    return Symbol(name, value)


def _as_symbol(result: Any) -> Symbol:
    return result if type(result) is Symbol else Symbol(_text(result), result)


def evaluate(text: str, names: Mapping[str, Any]) -> Any:
    """The number that a printed rule stands for, given the values of its names.

    >>> evaluate("g · (1 − out²)", {"g": 2.0, "out": 0.5})
    1.5
    """
    return evaluate_code(compile(as_python(text), "<rule>", "eval"), names)


def as_python(text: str) -> str:
    """A printed rule as an expression of Python."""
    for sign, python in _READ_BACK.items():
        text = text.replace(sign, python)
    return re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: "**" + m.group().translate(_LOWERED), text)


def evaluate_code(code: Any, names: Mapping[str, Any]) -> Any:
    """The number that an expression of `as_python` stands for, compiled."""
    known = {"__builtins__": {}, "slice": slice, "Ellipsis": Ellipsis, **names}
    meant = {name: _meaning(name) for name in code.co_names if name not in known}
    return eval(code, {**meant, **known})  # noqa: S307


def _meaning(name: str) -> Any:
    """What a name in a printed rule means: our op of that name, else NumPy's function."""
    op = OPS.get(name)
    theirs: Any = getattr(np, name, None) or getattr(np.linalg, name, getattr)
    if op is None:
        return theirs  # getattr stands for the name of a method, which is never called
    if not op.variadic:
        return op.record
    return lambda xs, *args, **kwargs: (
        op.record(*xs, **kwargs) if isinstance(xs, list) else theirs(xs, *args, **kwargs)
    )
