"""A printed rule as mathematics: simplified at the values of the picture, and written in its names.

The rule is what the engine runs, so it guards against 0 / 0, counts NaN, and keeps the shapes of
arrays. What these guards do not do at the values at hand is left out; all else stays.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from autograd.engine.row import Op
from autograd.graph.formula import as_python, evaluate_code
from autograd.viz.model.notation import Writer

__all__ = ["mathematics"]

_LONGEST = 160  # characters of a rule; of longer ones the transpose of the derivative is named
_FLIPPED = {ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq,
            ast.NotEq: ast.Eq}  # fmt: skip


def mathematics(
    text: str,
    names: Mapping[str, str],
    values: Mapping[str, Any],
    op: Op | None = None,
    *,
    literals: Collection[str] = (),
    arrays: bool = False,
    conjugated: bool = False,
    gradient: bool = False,
) -> str:
    """The rule in the names of the picture; nothing where it is a program rather than a formula.

    `names` are of the op's own names (`x`, `xs[0]`, `out`, `g`), `values` the numbers that they
    have; those of `literals` are written as numbers. With `conjugated` it is the conjugate. A rule
    takes cotangents, whose conjugates are what users see as gradients: for `gradient` it is written
    in these.
    """
    tree: Any = ast.parse(as_python(text), mode="eval").body
    if gradient:
        tree = _OfGradients().visit(tree)
    tree = _Simplifier(names, values, op, literals, arrays).visit(tree)
    if conjugated or gradient:
        tree = _conjugate(tree, values)
    writer = Writer(names, arrays)
    written = writer.write(tree)
    return "" if writer.is_program or len(written) > _LONGEST else written


class _OfGradients(ast.NodeTransformer):
    """The cotangent as the conjugate of a gradient."""

    def visit_Name(self, node: ast.Name) -> Any:
        return _call("conjugate", node) if node.id == "g" else node

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        if getattr(node.value, "id", "") == "g":
            return _call("conjugate", node)
        return self.generic_visit(node)


class _Simplifier(ast.NodeTransformer):
    """Leaves out what a rule does not do at these values."""

    def __init__(
        self,
        names: Mapping[str, str],
        values: Mapping[str, Any],
        op: Op | None,
        literals: Collection[str],
        arrays: bool,
    ) -> None:
        self.arrays = arrays
        self.names = names
        self.values = values
        self.literals = literals
        self.reduces = op is not None and "keepdims" in op.params

    def value(self, node: ast.expr) -> Any:
        """The number of a part; None where it has none."""
        tree = ast.fix_missing_locations(ast.Expression(node))
        try:
            with np.errstate(all="ignore"):
                return evaluate_code(compile(tree, "<rule>", "eval"), self.values)
        except (ArithmeticError, AttributeError, LookupError, NameError, TypeError, ValueError):
            return None

    def is_never(self, condition: ast.expr) -> bool:
        found = self.value(condition)
        return found is not None and not np.any(found)

    def is_always(self, condition: ast.expr) -> bool:
        found = self.value(condition)
        return found is not None and bool(np.all(found))

    # ---- numbers ---------------------------------------------------------------------------------

    def visit_Name(self, node: ast.Name) -> Any:
        return _constant(self.values[node.id]) if node.id in self.literals else node

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        """The cotangent of an output that nothing depends on is 0."""
        text = ast.unparse(node)
        if text in self.names:
            return _constant(self.values[text]) if text in self.literals else node
        if re.fullmatch(r"g\[\d+\]", text):
            return _constant(0)
        node.value = self.visit(node.value)
        return node if self.arrays else node.value

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        node.operand = self.visit(node.operand)
        if isinstance(node.op, ast.USub):
            return _negative(node.operand)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        left, right = self.visit(node.left), self.visit(node.right)
        node.left, node.right = left, right
        kind = type(node.op)
        if _is_number(left) and _is_number(right):
            return _constant(self.value(node))
        if kind is ast.Mult:
            return _product(left, right)
        if kind is ast.Add and isinstance(right, ast.Compare) and self.is_never(right):
            return left  # a guard against a sum of 0
        if kind in (ast.Add, ast.Sub):
            return _sum(left, right, kind)
        if kind is ast.Div and _number(right) == 1:
            return left
        if kind is ast.Div and _number(left) == 0:
            return left
        if kind is ast.Div and _is_negative(left):
            return _negative(ast.BinOp(left.operand, ast.Div(), right))
        if kind is ast.Pow and _number(right) == 1:
            return left
        if kind is ast.Pow and _number(right) == -1:
            return ast.BinOp(_constant(1), ast.Div(), left)
        return node

    # ---- functions -------------------------------------------------------------------------------

    def visit_Call(self, node: ast.Call) -> Any:
        node.args = [self.visit(a) for a in node.args]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        name = getattr(node.func, "id", "")
        if node.args and (_number(node.args[0]) == 0 or not self.arrays) and name in _ARRANGED:
            return node.args[0]
        if any(k.arg == "axis" and ast.unparse(k.value) == "()" for k in node.keywords):
            return node.args[0]  # over no axes at all
        change = getattr(self, f"_of_{name}", None)
        return node if change is None else change(node)

    def _of_zeros_like(self, node: ast.Call) -> Any:
        return _constant(0)

    def _of_matrix_transpose(self, node: ast.Call) -> Any:
        return ast.Attribute(node.args[0], "mT", ast.Load())

    def _of_conjugate(self, node: ast.Call) -> Any:
        return _conjugate(node.args[0], self.values)

    def _of_array(self, node: ast.Call) -> Any:
        return node.args[0] if len(node.args) == 1 and _is_number(node.args[0]) else node

    def _of_expand_dims(self, node: ast.Call) -> Any:
        """Axes that were summed over are kept in a formula: they have the length 1."""
        return node.args[0] if self.reduces else node

    def _of_where(self, node: ast.Call) -> Any:
        condition, then, other = node.args
        if isinstance(condition, ast.Constant):
            return then if condition.value else other
        if _is_guard(condition, then, other):
            if self.is_never(condition):
                return other
            if self.is_always(condition):
                return then
        return node

    def _of_logical_or(self, node: ast.Call) -> Any:
        """Without what asks for NaN, where there is none."""
        left, right = node.args
        for one, other in ((left, right), (right, left)):
            if self._asks_nan(one) or (_is_fixed(one) and self.is_never(one)):
                return other
        return node

    def _asks_nan(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Compare) and ast.dump(node.left) == ast.dump(
            node.comparators[0]
        ) and isinstance(node.ops[0], ast.NotEq) and self.is_never(node)  # fmt: skip

    def _of_logical_and(self, node: ast.Call) -> Any:
        left, right = node.args
        for one, other in ((left, right), (right, left)):
            if _is_fixed(one) and self.is_always(one):
                return other
        return node

    def _of_logical_not(self, node: ast.Call) -> Any:
        inner = node.args[0]
        if isinstance(inner, ast.Compare):
            flipped: Any = _FLIPPED[type(inner.ops[0])]
            return ast.Compare(inner.left, [flipped()], inner.comparators)
        return node

    def _of_quotient(self, node: ast.Call) -> Any:
        """A quotient, where nothing is 0 / 0."""
        divisor = self.value(node.args[1])
        if divisor is None or not np.all(divisor):
            return node
        return self.visit(ast.BinOp(node.args[0], ast.Div(), node.args[1]))

    def _of_power_slope(self, node: ast.Call) -> Any:
        base, exponent = node.args
        lower = self.visit_BinOp(ast.BinOp(exponent, ast.Sub(), _constant(1)))
        return self._if_same(node, _product(exponent, ast.BinOp(base, ast.Pow(), lower)))

    def _of_power_log(self, node: ast.Call) -> Any:
        return self._if_same(node, _call("log", node.args[0]))

    def _of_one_less_square(self, node: ast.Call) -> Any:
        square = ast.BinOp(node.args[0], ast.Pow(), _constant(2))
        return ast.BinOp(_constant(1), ast.Sub(), square)

    def _of_gaussian(self, node: ast.Call) -> Any:
        square = ast.BinOp(node.args[0], ast.Pow(), _constant(2))
        return _call("exp", ast.UnaryOp(ast.USub(), square))

    def _of_clip(self, node: ast.Call) -> Any:
        """Without bounds that nothing reaches."""
        return self._if_same(node, node.args[0])

    def _of_maximum(self, node: ast.Call) -> Any:
        return self._if_same(node, node.args[0]) if _is_number(node.args[1]) else node

    def _if_same(self, node: ast.expr, simpler: ast.expr) -> ast.expr:
        given, found = self.value(node), self.value(simpler)
        if given is None or found is None:
            return node
        return simpler if np.allclose(given, found, rtol=1e-6, atol=0, equal_nan=True) else node


# ---- parts of a tree -----------------------------------------------------------------------------


def _constant(value: Any) -> Any:
    value = value.item() if isinstance(value, (np.generic, np.ndarray)) else value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    if isinstance(value, complex):
        if value.real == 0 and value.imag < 0:
            return ast.UnaryOp(ast.USub(), ast.Constant(-value.imag * 1j))
        value = value.real if value.imag == 0 else value
    return ast.Constant(value)


def _number(node: Any) -> Any:
    """The number of a literal; None of all else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float, complex)):
        return None if isinstance(node.value, bool) else node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _number(node.operand)
        return None if inner is None else -inner
    return None


def _is_number(node: Any) -> bool:
    return _number(node) is not None


def _is_negative(node: Any) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


def _negative(node: Any) -> Any:
    if _is_negative(node):
        return node.operand
    return node if _number(node) == 0 else ast.UnaryOp(ast.USub(), node)


def _product(left: Any, right: Any) -> Any:
    """Signs first, no factor 1, 0 at once."""
    if _number(left) == 0 or _number(right) == 0:
        return _constant(0)
    if _is_negative(left) and _is_negative(right):
        return _product(left.operand, right.operand)
    if _is_negative(left):
        return _negative(_product(left.operand, right))
    if _is_negative(right):
        return _negative(_product(left, right.operand))
    if _number(left) == 1:
        return right
    if _number(right) == 1:
        return left
    if ast.dump(left) == ast.dump(right):
        return ast.BinOp(left, ast.Pow(), _constant(2))
    return ast.BinOp(left, ast.Mult(), right)


def _sum(left: Any, right: Any, kind: type) -> Any:
    if _number(right) == 0:
        return left
    if _number(left) == 0:
        return right if kind is ast.Add else _negative(right)
    if _is_negative(right):
        return ast.BinOp(left, ast.Sub() if kind is ast.Add else ast.Add(), right.operand)
    return ast.BinOp(left, kind(), right)


def _call(name: str, *args: Any) -> Any:
    return ast.Call(ast.Name(name, ast.Load()), list(args), [])


def _is_fixed(node: Any) -> bool:
    """A condition on literals and limits alone, which holds for all elements or for none."""
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return names <= {"min", "max", "inf", "nan"}


def _is_guard(condition: Any, then: Any, other: Any) -> bool:
    """Whether a case is there for 0 / 0, for NaN or for infinity, not for mathematics."""
    equal = any(isinstance(n, (ast.Eq, ast.NotEq)) for n in ast.walk(condition))
    names = {getattr(n, "id", "") for part in (condition, then, other) for n in ast.walk(part)}
    return equal or bool(names & {"nan", "inf"})


def _conjugate(node: Any, values: Mapping[str, Any]) -> Any:
    """The conjugate, as far inside as it goes; of real numbers they themselves."""
    again = lambda part: _conjugate(part, values)  # noqa: E731
    if isinstance(node, ast.BinOp):
        left, right = again(node.left), again(node.right)
        is_product = isinstance(node.op, ast.Mult)
        return _product(left, right) if is_product else ast.BinOp(left, node.op, right)
    if isinstance(node, ast.UnaryOp):
        return _negative(again(node.operand)) if _is_negative(node) else node
    if isinstance(node, ast.List):
        return ast.List([again(part) for part in node.elts], node.ctx)
    if isinstance(node, ast.Attribute):
        return ast.Attribute(again(node.value), node.attr, node.ctx)
    if isinstance(node, ast.Constant):
        return _constant(np.conj(node.value)) if _is_number(node) else node
    if isinstance(node, ast.Compare) or _is_real(node, values):
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
    return _call("conjugate", node)


_ARRANGED = {  # of one number it is that number, of zeros zeros
    "expand_dims", "reshape", "transpose", "sum", "mean", "flip", "matrix_transpose", "put_at",
    "swapaxes", "moveaxis", "roll", "rot90", "getitem", "prod", "concat", "stack", "diagonal",
}  # fmt: skip
_THROUGH = _ARRANGED | {
    "sign", "exp", "cos", "sin", "cosh", "sinh", "tril", "triu", "inv", "cumsum", "cumprod",
    "add_at", "add_along_axis", "take", "take_along_axis", "put_diagonal", "shift", "zero_pad",
    "trace", "expm", "masked_fill",
}  # fmt: skip


def _is_real(node: Any, values: Mapping[str, Any]) -> bool:
    """Whether all that a part is made of is real, the cotangent too."""
    names = [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in values]
    if any(isinstance(n, ast.Constant) and isinstance(n.value, complex) for n in ast.walk(node)):
        return False
    return bool(names) and not any(map(_is_complex, (values[name] for name in names)))


def _is_complex(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return any(map(_is_complex, value))
    return bool(np.iscomplexobj(value)) if value is not None else False
