"""What to write instead of formulas that lose digits: patterns over a graph's nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.engine.node import Node, constant_value

__all__ = ["advice_for"]

_EPSILON = 1e-3  # as large as what is added so that no logarithm is of 0
Matched = tuple[str, tuple[Node, ...]]  # what to write, and the nodes that it takes the place of
# What leaves numbers as they are, and moves them.
_MOVING = {
    "broadcast_to", "clip", "expand_dims", "getitem", "maximum", "minimum", "moveaxis",
    "permute_dims", "reshape", "squeeze", "take", "take_along_axis", "where",
}  # fmt: skip


def advice_for(node: Node, values: dict[Node, Any], graph: Any) -> str:
    """What to write where a node loses digits, or why it does; empty if nothing is known."""
    for each in graph.nodes:
        for text, members in _matches(each):
            if node in members:
                return text
    return _general(node, values)


def _matches(node: Node) -> Iterator[Matched]:
    for pattern in _PATTERNS.get(node.op.name, ()):
        if (found := pattern(node)) is not None:
            yield found


# ---- looking at nodes ----------------------------------------------------------------------------


def _number(x: Any) -> float | None:
    """The number that a constant input is, everywhere."""
    if type(x) is Node:
        if x.op.name == "cast" or x.op.name == "broadcast_to":
            return _number(x.inputs[0])
        if x.op.name != "constant" or not x.saved:
            return None
        x = x.saved[0]
    value = np.asarray(constant_value(x))
    if value.dtype.kind not in "fiub" or not value.size:
        return None
    first = value.flat[0]
    return float(first) if (value == first).all() else None


def _made(x: Any, *names: str) -> Node | None:
    """The node itself, if one of these ops made it; casts and moves are looked through."""
    while type(x) is Node and x.op.name in _MOVING | {"cast"} and x.op.name not in names:
        x = x.inputs[1 if x.op.name == "where" else 0]
    return x if type(x) is Node and x.op.name in names else None


def _squared(x: Any) -> Any:
    """What was squared, or None."""
    if (made := _made(x, "square", "power", "multiply")) is None:
        return None
    if made.op.name == "square":
        return made.inputs[0]
    first, second = made.inputs
    if made.op.name == "power":
        return first if _number(second) == 2 else None
    return first if first is second else None


def _averaged(x: Any) -> Any:
    """What the mean was taken of, or None."""
    if (made := _made(x, "mean", "divide", "multiply")) is None:
        return None
    if made.op.name == "mean":
        return made.inputs[0]
    total = next((_made(i, "sum") for i in made.inputs if _made(i, "sum") is not None), None)
    scaled = any(_number(i) is not None for i in made.inputs)
    return total.inputs[0] if total is not None and scaled else None


def _beside(node: Node, number: float) -> Any:
    """The other term of a sum of which one is this number."""
    first, second = node.inputs
    if _number(first) == number:
        return second
    return first if _number(second) == number else None


def _nodes(*found: Any) -> tuple[Node, ...]:
    return tuple(x for x in found if type(x) is Node)


# ---- the patterns --------------------------------------------------------------------------------


def _log(node: Node) -> Matched | None:
    x = node.inputs[0]
    if (total := _made(x, "add")) is not None:  # with what shall keep it from being 0
        small = [n for n in map(_number, total.inputs) if n is not None and abs(n) <= _EPSILON]
        if small and (soft := _made(total.inputs[0], "softmax", "sigmoid", "prod", "det")):
            x = soft
    if (soft := _made(x, "softmax")) is not None:
        return (
            "log of a softmax: log_softmax(x), or nn.functional.cross_entropy of the logits",
            _nodes(node, x, soft),
        )
    if (gate := _made(x, "sigmoid")) is not None:
        return (
            "log of a sigmoid: logsigmoid(x), or binary_cross_entropy_with_logits",
            _nodes(node, x, gate),
        )
    total = _made(x, "sum", "mean")
    if total is not None and (inner := _made(total.inputs[0], "exp")) is not None:
        less = " - log(n)" if total.op.name == "mean" else ""
        return f"log of a sum of exp: logsumexp(x){less}", _nodes(node, total, inner)
    if (quotient := _made(x, "divide")) is not None and (top := _made(quotient.inputs[0], "exp")):
        return (
            "log of a softmax: log_softmax(x), or nn.functional.cross_entropy of the logits",
            _nodes(node, quotient, top, quotient.inputs[1]),
        )
    if (product := _made(x, "prod")) is not None:
        return "log of a product: sum(log(x))", _nodes(node, product)
    if (det := _made(x, "det")) is not None:
        return "log of a determinant: linalg.slogdet(x)[1]", _nodes(node, det)
    return _log_of_sum(node, _made(x, "add", "subtract"))


def _log_of_sum(node: Node, x: Node | None) -> Matched | None:
    if x is None:
        return None
    base = {"log2": " / log(2)", "log10": " / log(10)"}.get(node.op.name, "")
    if x.op.name == "subtract":
        if _number(x.inputs[0]) != 1:
            return None
        if _made(x.inputs[1], "sigmoid"):
            return (
                "log of 1 - sigmoid(x): logsigmoid(-x), or binary_cross_entropy_with_logits",
                _nodes(node, *x.inputs, x),
            )
        return f"log(1 - x) loses what x has beside 1: log1p(-x){base}", _nodes(node, x)
    exps = [_made(term, "exp") for term in x.inputs]
    if all(exps):
        return "log of a sum of two exp: logaddexp(x, y)", _nodes(node, x, *exps)
    other = _beside(x, 1)
    if other is None:
        return None
    if (inner := _made(other, "exp")) is not None:
        return "log(1 + exp(x)): softplus(x), or logaddexp(x, 0)", _nodes(node, x, inner)
    return f"log(1 + x) loses what x has beside 1: log1p(x){base}", _nodes(node, x)


def _difference(node: Node) -> Matched | None:
    first, second = node.inputs
    one = _number(first)
    for kind, left, right in (("{0} - 1", first, second), ("1 - {0}", second, first)):
        if _number(right) != 1 or (found := _beside_one(left)) is None:
            continue
        text, instead = found
        sign = "" if left is first or kind == "{0} - 1" else instead[1]
        return f"{kind.format(text)} cancels: {sign or instead[0]}", _nodes(node, left)
    mean, square = _averaged(first), _squared(second)
    if mean is not None and square is not None and _squared(mean) is not None:
        return "mean(x**2) - mean(x)**2 cancels: var(x), which takes two passes", _nodes(node)
    if one is None and _squared(first) is not None and square is not None:
        return "x**2 - y**2 cancels: (x - y) * (x + y)", _nodes(node)
    if _made(first, "sqrt") is not None and _made(second, "sqrt") is not None:
        return "sqrt(x) - sqrt(y) cancels: (x - y) / (sqrt(x) + sqrt(y))", _nodes(node)
    if _made(first, "log") is not None and _made(second, "log") is not None:
        return "log(x) - log(y) cancels: log1p((x - y) / y)", _nodes(node)
    if _made(first, "exp") is not None and _made(second, "exp") is not None:
        return "exp(x) - exp(y) cancels: exp(y) * expm1(x - y)", _nodes(node)
    return None


def _sum_with_minus_one(node: Node) -> Matched | None:
    other = _beside(node, -1)
    if other is None or (found := _beside_one(other)) is None:
        return None
    return f"{found[0]} - 1 cancels: {found[1][0]}", _nodes(node, other)


_BESIDE_ONE = {  # what cancels with 1: f - 1, and 1 - f
    "exp": ("exp(x)", ("expm1(x)", "-expm1(x)")),
    "cos": ("cos(x)", ("-2 * sin(x / 2)**2", "2 * sin(x / 2)**2")),
    "erf": ("erf(x)", ("-erfc(x)", "erfc(x)")),
    "sigmoid": ("sigmoid(x)", ("-sigmoid(-x)", "sigmoid(-x)")),
    "tanh": ("tanh(x)", ("-2 * sigmoid(-2 * x)", "2 * sigmoid(-2 * x)")),
    "ndtr": ("ndtr(x)", ("-ndtr(-x)", "ndtr(-x)")),
    "cosh": ("cosh(x)", ("2 * sinh(x / 2)**2", "-2 * sinh(x / 2)**2")),
    "softmax": ("softmax(x)", ("-(the sum of the others)", "the sum of the others")),
    "exp2": ("exp2(x)", ("expm1(x * log(2))", "-expm1(x * log(2))")),
}
_SQUARES_BESIDE_ONE = {
    "tanh": ("tanh(x)**2", ("-1 / cosh(x)**2", "1 / cosh(x)**2")),
    "sin": ("sin(x)**2", ("-cos(x)**2", "cos(x)**2")),
    "cos": ("cos(x)**2", ("-sin(x)**2", "sin(x)**2")),
    "cosh": ("cosh(x)**2", ("sinh(x)**2", "-sinh(x)**2")),
}


def _beside_one(x: Any) -> tuple[str, tuple[str, str]] | None:
    if (squared := _squared(x)) is not None:
        made = _made(squared, *_SQUARES_BESIDE_ONE)
        if made is not None:
            return _SQUARES_BESIDE_ONE[made.op.name]
        return "x**2", ("(x - 1) * (x + 1)", "(1 - x) * (1 + x)")
    if (made := _made(x, *_BESIDE_ONE)) is not None:
        return _BESIDE_ONE[made.op.name]
    total = _made(root.inputs[0], "add") if (root := _made(x, "sqrt")) is not None else None
    if total is not None and _beside(total, 1) is not None:
        return "sqrt(1 + x)", ("x / (1 + sqrt(1 + x))", "-x / (1 + sqrt(1 + x))")
    if (power := _made(x, "power")) is not None:
        base = _made(power.inputs[0], "add")
        if base is not None and _beside(base, 1) is not None:
            return "(1 + x)**n", ("expm1(n * log1p(x))", "-expm1(n * log1p(x))")
    return None


def _root(node: Node) -> Matched | None:
    x = node.inputs[0]
    total = _made(x, "add")
    if total is not None and all(_squared(term) is not None for term in total.inputs):
        return "sqrt(x**2 + y**2): hypot(x, y)", _nodes(node, total, *total.inputs)
    if (total := _made(x, "sum")) is not None and _squared(total.inputs[0]) is not None:
        return "root of a sum of squares: linalg.norm(x)", _nodes(node, total, total.inputs[0])
    return None


def _quotient(node: Node) -> Matched | None:
    first, second = node.inputs
    if (top := _made(first, "exp")) is not None:
        below = _made(second, "sum")
        if below is not None and _made(below.inputs[0], "exp") is not None:
            return "exp(x) / sum(exp(x)): softmax(x)", _nodes(node, top, below, below.inputs[0])
    total = _made(second, "add")
    if total is None or (other := _beside(total, 1)) is None:
        return None
    if (inner := _made(other, "exp")) is None:
        return None
    if _number(first) == 1 or top is not None:
        return "1 / (1 + exp(-x)): sigmoid(x)", _nodes(node, total, inner, first)
    return None


def _power(node: Node) -> Matched | None:
    base = _made(node.inputs[0], "add")
    if base is not None and _beside(base, 1) is not None:
        return "(1 + x)**n: exp(n * log1p(x))", _nodes(node, base)
    return None


def _product(node: Node) -> Matched | None:
    if (inverse := _made(node.inputs[0], "inv")) is not None:
        return "inv(A) @ b: linalg.solve(A, b)", _nodes(node, inverse)
    return None


_PATTERNS: dict[str, tuple[Callable[[Node], Matched | None], ...]] = {
    "log": (_log,),
    "log2": (_log,),
    "log10": (_log,),
    "subtract": (_difference,),
    "add": (_sum_with_minus_one,),
    "sqrt": (_root,),
    "divide": (_quotient,),
    "power": (_power,),
    "matmul": (_product,),
}


def _general(node: Node, values: dict[Node, Any]) -> str:
    """Why an op loses digits by itself."""
    op = node.op.name
    if op in ("subtract", "add"):
        return (
            "nearly equal numbers cancel: rewrite it so that they do not, or compute it in float64"
        )
    if op in ("sum", "mean", "cumsum", "matmul", "vecdot", "linear", "einsum", "convolution"):
        return "terms cancel in a sum: subtract what they share first, or add up in float64"
    if op in ("sin", "cos", "tan"):
        return "the argument is large: reduce it modulo 2 pi where it has more digits"
    if op in ("exp", "exp2", "power", "sinh", "cosh"):
        return "the argument is large, or the result beyond the dtype: stay with its logarithm"
    if op in ("acos", "asin", "acosh", "atanh"):
        return "the argument is near 1: compute from 1 - x, or by atan2"
    if op in ("log", "log2", "log10"):
        return "the argument is near 1: log1p of what it is beside 1"
    if op in ("inv", "solve", "det", "cholesky", "pinv"):
        return "the matrix is ill-conditioned: scale it, or compute it in float64"
    if op == "cast":
        return f"cast to {node.dtype}, which has no more digits"
    return ""
