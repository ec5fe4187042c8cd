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
from autograd.viz.model.trees import (
    ARRANGED,
    added,
    asks_for_0,
    call,
    conjugate,
    constant,
    equals,
    is_fixed,
    is_guard,
    is_negative,
    is_number,
    literal,
    negative,
    product,
)

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
        tree = conjugate(tree, values)
    writer = Writer(names, arrays)
    written = writer.write(tree)
    return "" if writer.is_program or len(written) > _LONGEST else written


class _OfGradients(ast.NodeTransformer):
    """The cotangent as the conjugate of a gradient."""

    def visit_Name(self, node: ast.Name) -> Any:
        return call("conjugate", node) if node.id == "g" else node

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        if getattr(node.value, "id", "") == "g":
            return call("conjugate", node)
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
        self.as_written = op is None  # by a user, not by a rule
        self.reduces = op is not None and "keepdims" in op.params

    def value(self, node: ast.expr) -> Any:
        """The number of a part; None where it has none, and of what shall stay as it is written."""
        tree = ast.fix_missing_locations(ast.Expression(node))
        values = {} if self.as_written else self.values
        try:
            with np.errstate(all="ignore"):
                return evaluate_code(compile(tree, "<rule>", "eval"), values)
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
        return constant(self.values[node.id]) if node.id in self.literals else node

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        """The cotangent of an output that nothing depends on is 0."""
        text = ast.unparse(node)
        if text in self.names:
            return constant(self.values[text]) if text in self.literals else node
        if re.fullmatch(r"g\[\d+\]", text):
            return constant(0)
        node.value = self.visit(node.value)
        return (_part(node) or node) if self.arrays else node.value

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        node.operand = self.visit(node.operand)
        if isinstance(node.op, ast.USub):
            return negative(node.operand)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        left, right = self.visit(node.left), self.visit(node.right)
        node.left, node.right = left, right
        kind = type(node.op)
        if is_number(left) and is_number(right):
            return constant(self.value(node))
        if kind is ast.Mult and literal(left) == 0.5 and (whole := self._halves(right)):
            return whole
        if kind is ast.Mult:
            return node if self.as_written else product(left, right)
        if kind is ast.Add and asks_for_0(right) and self.is_never(right):
            return left  # a guard of a divisor
        if kind in (ast.Add, ast.Sub):
            return added(left, right, kind)
        if kind is ast.Div and literal(right) == 1:
            return left
        if kind is ast.Div and literal(left) == 0:
            return left
        if kind is ast.Div and is_negative(left):
            return negative(ast.BinOp(left.operand, ast.Div(), right))
        if kind is ast.Pow and literal(right) in (0, 1):
            return left if literal(right) else constant(1)
        if kind is ast.Pow and literal(right) == -1:
            return ast.BinOp(constant(1), ast.Div(), left)
        return node

    def _halves(self, node: Any) -> Any:
        """a · 1[p] of half of a · 1[p] + a · 1[q], where both say the same, as away from ties."""
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add):
            return None
        conditions = [_condition(node.left), _condition(node.right)]
        one, other = (None if c is None else self.value(c) for c in conditions)
        if one is None or other is None:
            return None
        return node.left if np.array_equal(one, other) else None

    # ---- functions -------------------------------------------------------------------------------

    def visit_Call(self, node: ast.Call) -> Any:
        node.args = [self.visit(a) for a in node.args]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        name = getattr(node.func, "id", "")
        if node.args and (literal(node.args[0]) == 0 or not self.arrays) and name in ARRANGED:
            return node.args[0]
        if any(k.arg == "axis" and ast.unparse(k.value) == "()" for k in node.keywords):
            return node.args[0]  # over no axes at all
        change = getattr(self, f"_of_{name}", None)
        return node if change is None else change(node)

    def _of_zeros_like(self, node: ast.Call) -> Any:
        return constant(0)

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        return _transposed(self.visit(node.value)) if node.attr == "mT" else node

    def _of_matrix_transpose(self, node: ast.Call) -> Any:
        return _transposed(node.args[0])

    def _of_conjugate(self, node: ast.Call) -> Any:
        return conjugate(node.args[0], self.values)

    def _of_array(self, node: ast.Call) -> Any:
        return node.args[0] if len(node.args) == 1 and is_number(node.args[0]) else node

    def _of_expand_dims(self, node: ast.Call) -> Any:
        """Axes that were summed over are kept in a formula: they have the length 1."""
        return node.args[0] if self.reduces else node

    def _of_where(self, node: ast.Call) -> Any:
        condition, then, other = node.args
        if isinstance(condition, ast.Constant) and not self.as_written:
            return then if condition.value else other
        if is_guard(condition, then, other):
            if self.is_never(condition):
                return other
            if self.is_always(condition):
                return then
        return node

    def _of_logical_or(self, node: ast.Call) -> Any:
        """Without what asks for NaN, where there is none."""
        left, right = node.args
        for one, other in ((left, right), (right, left)):
            if self._asks_nan(one) or (is_fixed(one) and self.is_never(one)):
                return other
        return node

    def _asks_nan(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Compare) and ast.dump(node.left) == ast.dump(
            node.comparators[0]
        ) and isinstance(node.ops[0], ast.NotEq) and self.is_never(node)  # fmt: skip

    def _of_logical_and(self, node: ast.Call) -> Any:
        left, right = node.args
        for one, other in ((left, right), (right, left)):
            if is_fixed(one) and self.is_always(one):
                return other
        return node

    def _of_logical_not(self, node: ast.Call) -> Any:
        inner = node.args[0]
        if isinstance(inner, ast.Compare):
            flipped: Any = _FLIPPED[type(inner.ops[0])]
            return self._if_same(node, ast.Compare(inner.left, [flipped()], inner.comparators))
        return node

    def _of_quotient(self, node: ast.Call) -> Any:
        """A quotient; 0 where it is 0 / 0."""
        above, below = node.args
        whole = self.visit(ast.BinOp(above, ast.Div(), below))
        divisor, found = self.value(below), self.value(node)
        if divisor is not None and np.all(divisor):
            return whole
        if found is not None and not np.any(found) and not np.any(divisor):
            return constant(0)
        nothing = self._if_same(node, call("where", equals(below, 0), constant(0), whole))
        return call("where", equals(below, 0), above, whole) if nothing is node else nothing

    def _of_power_slope(self, node: ast.Call) -> Any:
        base, exponent = node.args
        lower = self.visit_BinOp(ast.BinOp(exponent, ast.Sub(), constant(1)))
        slope = product(exponent, self.visit_BinOp(ast.BinOp(base, ast.Pow(), lower)))
        found = self._if_same(node, slope)
        if found is not node:
            return found
        return self._if_same(node, call("where", equals(exponent, 0), constant(0), slope))

    def _of_power_log(self, node: ast.Call) -> Any:
        log = call("log", node.args[0])
        found = self._if_same(node, log)
        if found is not node:
            return found
        return self._if_same(node, call("where", equals(node.args[0], 0), constant(0), log))

    def _of_ldexp(self, node: ast.Call) -> Any:
        return product(node.args[0], ast.BinOp(constant(2), ast.Pow(), node.args[1]))

    def _of_reshape(self, node: ast.Call) -> Any:
        """Into another shape than it has."""
        value = self.value(node.args[0])
        shape = self.value(node.args[1])
        return node.args[0] if value is not None and np.shape(value) == shape else node

    def _of_take_along_axis(self, node: ast.Call) -> Any:
        """Of a vector its elements at places."""
        return self._at_places(node) or node

    def _at_places(self, node: ast.Call) -> Any:
        value, places = (self.value(part) for part in node.args[:2])
        if value is None or np.ndim(value) != 1 or np.ndim(places) != 1:
            return None
        return ast.Subscript(node.args[0], node.args[1], ast.Load())

    def _of_one_less_square(self, node: ast.Call) -> Any:
        square = ast.BinOp(node.args[0], ast.Pow(), constant(2))
        return ast.BinOp(constant(1), ast.Sub(), square)

    def _of_gaussian(self, node: ast.Call) -> Any:
        square = ast.BinOp(node.args[0], ast.Pow(), constant(2))
        return call("exp", ast.UnaryOp(ast.USub(), square))

    def _of_clip(self, node: ast.Call) -> Any:
        """Without bounds that nothing reaches."""
        return self._if_same(node, node.args[0])

    def _of_maximum(self, node: ast.Call) -> Any:
        return self._if_same(node, node.args[0]) if is_number(node.args[1]) else node

    def _if_same(self, node: ast.expr, simpler: ast.expr) -> ast.expr:
        given, found = self.value(node), self.value(simpler)
        if given is None or found is None:
            return node
        return simpler if np.allclose(given, found, rtol=1e-6, atol=0, equal_nan=True) else node


def _transposed(node: ast.expr) -> ast.expr:
    """Transposed twice it is itself."""
    if isinstance(node, ast.Attribute) and node.attr == "mT":
        return node.value
    return ast.Attribute(node, "mT", ast.Load())


def _condition(node: Any) -> Any:
    """The condition that a term is multiplied by."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        node = node.right
    name = getattr(getattr(node, "func", None), "id", "")
    return node if isinstance(node, ast.Compare) or name.startswith("logical_") else None


def _part(node: ast.Subscript) -> Any:
    """One of the parts of `split` or `unstack` as the place that it has in the whole."""
    call, index = node.value, node.slice
    name = getattr(getattr(call, "func", None), "id", "")
    if not isinstance(call, ast.Call) or name not in ("split", "unstack"):
        return None
    options = {k.arg: k.value for k in call.keywords}
    at = ast.literal_eval(index)
    place: ast.expr = ast.Constant(at)
    if name == "split":
        cuts = [*getattr(options.get("indices_or_sections"), "elts", [])]
        lower = cuts[at - 1] if at else None
        place = ast.Slice(lower, cuts[at] if at < len(cuts) else None)
    axis = ast.literal_eval(options.get("axis", ast.Constant(0)))
    before: list[ast.expr] = [ast.Slice()] * axis if axis >= 0 else [ast.Constant(...)]
    after: list[ast.expr] = [ast.Slice()] * (-1 - axis)
    places = [*before, place, *after]
    whole = ast.Tuple(places, ast.Load()) if len(places) > 1 else place
    return ast.Subscript(call.args[0], whole, ast.Load())
