"""Trees of formulas: numbers, signs, products and conjugates in them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = [
    "ARRANGED",
    "added",
    "asks_for_0",
    "call",
    "conjugate",
    "constant",
    "equals",
    "is_compound",
    "is_fixed",
    "is_guard",
    "is_identity",
    "is_negative",
    "is_none",
    "is_number",
    "literal",
    "negative",
    "product",
    "same",
]


def constant(value: Any) -> Any:
    value = value.item() if isinstance(value, (np.generic, np.ndarray)) else value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    if isinstance(value, complex):
        if value.real == 0 and value.imag < 0:
            return ast.UnaryOp(ast.USub(), ast.Constant(-value.imag * 1j))
        value = value.real if value.imag == 0 else value
    return ast.Constant(value)


def literal(node: Any) -> Any:
    """The number of a literal; None of all else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float, complex)):
        return None if isinstance(node.value, bool) else node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = literal(node.operand)
        return None if inner is None else -inner
    return None


def is_number(node: Any) -> bool:
    return literal(node) is not None


def is_negative(node: Any) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


def negative(node: Any) -> Any:
    if is_negative(node):
        return node.operand
    return node if literal(node) == 0 else ast.UnaryOp(ast.USub(), node)


def product(left: Any, right: Any) -> Any:
    """Signs first, no factor 1, 0 at once."""
    if literal(left) == 0 or literal(right) == 0:
        return constant(0)
    if is_negative(left) and is_negative(right):
        return product(left.operand, right.operand)
    if is_negative(left):
        return negative(product(left.operand, right))
    if is_negative(right):
        return negative(product(left, right.operand))
    if literal(left) == 1:
        return right
    if literal(right) == 1:
        return left
    if type(left) is type(right) and ast.dump(left) == ast.dump(right):
        return ast.BinOp(left, ast.Pow(), constant(2))
    return ast.BinOp(left, ast.Mult(), right)


def added(left: Any, right: Any, kind: type) -> Any:
    if literal(right) == 0:
        return left
    if literal(left) == 0:
        return right if kind is ast.Add else negative(right)
    if is_negative(right):
        return ast.BinOp(left, ast.Sub() if kind is ast.Add else ast.Add(), right.operand)
    return ast.BinOp(left, kind(), right)


def call(name: str, *args: Any) -> Any:
    return ast.Call(ast.Name(name, ast.Load()), list(args), [])


def equals(node: Any, value: Any) -> Any:
    return ast.Compare(node, [ast.Eq()], [constant(value)])


def asks_for_0(node: Any) -> bool:
    equal = isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq)
    return equal and literal(node.comparators[0]) == 0


def is_fixed(node: Any) -> bool:
    """A condition on literals and limits alone, which holds for all elements or for none."""
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return names <= {"min", "max", "inf", "nan"}


def is_guard(condition: Any, then: Any, other: Any) -> bool:
    """Whether a case is there for 0 / 0, for NaN or for infinity, not for mathematics."""
    equal = any(isinstance(n, (ast.Eq, ast.NotEq)) for n in ast.walk(condition))
    names = {getattr(n, "id", "") for part in (condition, then, other) for n in ast.walk(part)}
    return equal or bool(names & {"nan", "inf"})


def conjugate(node: Any, values: Mapping[str, Any]) -> Any:
    """The conjugate, as far inside as it goes; of real numbers they themselves."""

    def again(part: Any) -> Any:
        return conjugate(part, values)

    if isinstance(node, ast.BinOp):
        left, right = again(node.left), again(node.right)
        is_product = isinstance(node.op, ast.Mult)
        return product(left, right) if is_product else ast.BinOp(left, node.op, right)
    if isinstance(node, ast.UnaryOp):
        return negative(again(node.operand)) if is_negative(node) else node
    if isinstance(node, ast.List):
        return ast.List([again(part) for part in node.elts], node.ctx)
    if isinstance(node, ast.Attribute):
        return ast.Attribute(again(node.value), node.attr, node.ctx)
    if isinstance(node, ast.Constant):
        return constant(np.conj(literal(node))) if is_number(node) else node
    if isinstance(node, ast.Compare) or is_real(node, values):
        return node
    if isinstance(node, ast.Call) and (name := getattr(node.func, "id", "")):
        if name == "conjugate":
            return node.args[0]
        if name in ("absolute", "abs", "real", "imag"):
            return node
        if name in _THROUGH:
            return ast.Call(node.func, [again(node.args[0]), *node.args[1:]], node.keywords)
        if name == "where":
            return ast.Call(node.func, [node.args[0], *map(again, node.args[1:])], node.keywords)
        if name in ("einsum", "tensordot", "solve", "matmul", "cross", "concatenate"):
            return ast.Call(node.func, [again(a) for a in node.args], node.keywords)
    return call("conjugate", node)


ARRANGED = {  # of one number it is that number, of zeros zeros
    "expand_dims", "reshape", "transpose", "sum", "mean", "flip", "matrix_transpose", "put_at",
    "swapaxes", "moveaxis", "roll", "rot90", "getitem", "prod", "concat", "stack", "diagonal",
}  # fmt: skip
_THROUGH = ARRANGED | {
    "sign", "exp", "cos", "sin", "cosh", "sinh", "tril", "triu", "inv", "cumsum", "cumprod",
    "add_at", "add_along_axis", "take", "take_along_axis", "put_diagonal", "shift", "zero_pad",
    "trace", "expm", "masked_fill",
}  # fmt: skip


def is_real(node: Any, values: Mapping[str, Any]) -> bool:
    """Whether all that a part is made of is real, the cotangent too."""
    names = [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in values]
    if any(isinstance(n, ast.Constant) and isinstance(n.value, complex) for n in ast.walk(node)):
        return False
    return bool(names) and not any(map(is_complex, (values[name] for name in names)))


def is_complex(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return any(map(is_complex, value))
    return bool(np.iscomplexobj(value)) if value is not None else False


def same(left: ast.AST, right: ast.AST) -> bool:
    return ast.dump(left) == ast.dump(right)


def is_none(node: Any) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def is_compound(node: Any) -> bool:
    return getattr(getattr(node, "func", None), "id", "") in ("logical_and", "logical_or")


def is_identity(node: ast.Call) -> bool:
    try:
        rows = ast.literal_eval(node.args[0])
    except ValueError:
        return False
    pairs = [(bool(v), i == j) for i, row in enumerate(rows) for j, v in enumerate(row)]
    return len(rows) > 1 and all(v is wanted for v, wanted in pairs)
