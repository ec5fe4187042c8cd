"""Notation: how the tree of a formula is written, tightly for arrays."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from autograd.engine.row import OPS
from autograd.viz.model.local import bar
from autograd.viz.model.numbers import number
from autograd.viz.model.trees import is_compound, is_identity, is_none, same

__all__ = ["Writer"]

_COMPARE, _SUM, _PRODUCT, _NEGATIVE, _POWER, _ATOM = range(6)  # how tightly a text binds
_RAISED = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_LOWERED = str.maketrans("0123456789−", "₀₁₂₃₄₅₆₇₈₉₋")
_SIGNS: dict[type, str] = {
    ast.Gt: ">", ast.GtE: "≥", ast.Lt: "<", ast.LtE: "≤", ast.Eq: "=", ast.NotEq: "≠",
}  # fmt: skip
_NAMES = {
    "log": "ln", "gammaln": "lnΓ", "digamma": "ψ", "i0": "I₀", "i1": "I₁", "maximum": "max",
    "minimum": "min", "gelu_slope": "gelu′", "cofactor": "cof", "power_slope": "power′",
    "power_log": "power ln", "conjugate": "conj", "sum": "Σ", "prod": "Π", "absolute": "abs",
    "put_diagonal": "diag", "concatenate": "concat", "nansum": "Σ", "expand_dims": "expand",
    "add_at": "scatter at", "add_along_axis": "scatter", "take_along_axis": "gather",
    "move_rows": "move", "linear_recurrence": "recurrence",
    "convolution_transposed": "convᵀ", "convolution": "conv", "convolution_weight": "correlate",
    "rint": "round", "imag": "Im", "real": "Re",
}  # fmt: skip
_AXES = {  # which positional arguments are axes
    "transpose": (1,), "expand_dims": (1,), "flip": (1,), "roll": (2,), "swapaxes": (1, 2),
    "moveaxis": (1, 2), "rot90": (2,), "take_along_axis": (2,), "cumsum": (1,), "concat": (1,),
}  # fmt: skip
_UNSAID = {  # what a formula leaves to the op itself
    "keepdims", "dtype", "lengths", "stride", "padding", "dilation", "groups", "sizes", "shape",
    "count", "axes", "windows", "rank", "disjoint",
}  # fmt: skip
_PROGRAMS = ("resample", "split", "unstack", "tensordot")  # said by what they are the transpose of


class Writer:
    """Writes a tree in the names of a picture; `is_program` where it is no formula."""

    def __init__(self, names: Mapping[str, str], arrays: bool) -> None:
        self.names = names
        self.arrays = arrays
        self.is_program = False
        self.gap = "" if arrays else " "
        self.times = "⊙" if arrays else " · "

    def write(self, node: Any) -> str:
        return self.part(node)[0]

    def part(self, node: Any) -> tuple[str, int]:
        """The text of a number or an array, and how tightly it binds."""
        if _is_condition(node):
            return f"1[{self.bare(node)}]", _ATOM
        write = getattr(self, f"_{type(node).__name__}", None)
        if write is None:
            self.is_program = True
            return ast.unparse(node), _ATOM
        found: tuple[str, int] = write(node)
        return found

    def at(self, node: Any, binds: int) -> str:
        """The text, in parentheses where it binds less than is asked for."""
        text, own = self.part(node)
        return text if own >= binds else f"({text})"

    def bare(self, node: Any) -> str:
        """A condition as words of logic."""
        if isinstance(node, ast.Compare):
            if isinstance(node.ops[0], ast.NotEq) and same(node.left, node.comparators[0]):
                return f"{self.at(node.left, _SUM)} is NaN"
            sign = _SIGNS[type(node.ops[0])]
            return f"{self.at(node.left, _SUM)} {sign} {self.at(node.comparators[0], _SUM)}"
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", "")
            if name in ("logical_and", "logical_or"):
                sign = "∧" if name == "logical_and" else "∨"
                return f" {sign} ".join(
                    f"({self.bare(a)})" if is_compound(a) else self.bare(a) for a in node.args
                )
            if name == "logical_not":
                return f"¬({self.bare(node.args[0])})"
        return self.part(node)[0]

    # ---- names and numbers -----------------------------------------------------------------------

    def _Name(self, node: ast.Name) -> tuple[str, int]:
        known = {"nan": "NaN", "inf": "∞", "Ellipsis": "…"}
        return self.names.get(node.id, known.get(node.id, node.id)), _ATOM

    def _Constant(self, node: ast.Constant) -> tuple[str, int]:
        value = node.value
        if value is Ellipsis:
            return "…", _ATOM
        if isinstance(value, bool):
            return str(int(value)), _ATOM
        if isinstance(value, complex):
            if value.real == 0:
                text = "" if abs(value.imag) == 1 else number(abs(value.imag))
                return (f"−{text}i", _NEGATIVE - 1) if value.imag < 0 else (f"{text}i", _ATOM)
            return number(value), _SUM
        return number(value), _ATOM

    def _List(self, node: Any) -> tuple[str, int]:
        return f"[{', '.join(self.part(e)[0] for e in node.elts)}]", _ATOM

    def _Tuple(self, node: Any) -> tuple[str, int]:
        return f"({', '.join(self.part(e)[0] for e in node.elts)})", _ATOM

    def _shape(self, node: Any) -> str:
        sizes = node.elts if isinstance(node, ast.Tuple) else [node]
        return "×".join(self.part(e)[0] for e in sizes) or "scalar"

    def _Subscript(self, node: ast.Subscript) -> tuple[str, int]:
        known = self.names.get(ast.unparse(node))
        if known is not None:
            return known, _ATOM
        if isinstance(node.value, ast.Call):  # one of several results of a function
            self.is_program = self.is_program or isinstance(node.slice, ast.Constant)
        return f"{self.at(node.value, _ATOM)}[{self._index(node.slice)}]", _ATOM

    def _index(self, node: Any) -> str:
        if getattr(getattr(node, "func", None), "id", "") == "array":
            return _mask(node) or self.part(node)[0]
        if isinstance(node, ast.Tuple):
            return ", ".join(map(self._index, node.elts))
        if isinstance(node, ast.Slice):
            ends = [self._index(end) if end else "" for end in (node.lower, node.upper)]
            return ":".join([*ends, *([self._index(node.step)] if node.step else [])])
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "slice":
            lower, upper, step = (
                "" if isinstance(a, ast.Constant) and a.value is None else self._index(a)
                for a in node.args
            )
            return f"{lower}:{upper}" + (f":{step}" if step else "")
        if isinstance(node, ast.Constant) and node.value is None:
            return "new"
        return self.part(node)[0]

    def _Attribute(self, node: ast.Attribute) -> tuple[str, int]:
        return f"{self.at(node.value, _ATOM)}ᵀ", _ATOM

    # ---- signs -----------------------------------------------------------------------------------

    def _UnaryOp(self, node: ast.UnaryOp) -> tuple[str, int]:
        if isinstance(node.op, ast.USub):
            return f"−{self.at(node.operand, _PRODUCT)}", _NEGATIVE - 1
        return f"¬{self.at(node.operand, _ATOM)}", _NEGATIVE

    def _BinOp(self, node: ast.BinOp) -> tuple[str, int]:
        left, right, gap = node.left, node.right, self.gap
        kind = type(node.op)
        if kind in (ast.Add, ast.Sub):
            sign, term = "+" if kind is ast.Add else "−", self.at(right, _SUM + 1)
            if term.startswith("−"):  # a + (−3 · b) is a − 3 · b
                sign, term = ("−", term[1:]) if kind is ast.Add else (sign, f"({term})")
            return f"{self.at(left, _SUM)}{gap}{sign}{gap}{term}", _SUM
        if kind is ast.Mult:
            return self._times(left, right), _PRODUCT
        if kind is ast.Div:
            return f"{self.at(left, _PRODUCT)}{gap}/{gap}{self.at(right, _PRODUCT + 1)}", _PRODUCT
        if kind is ast.MatMult:
            return f"{self.at(left, _PRODUCT)}·{self.at(right, _PRODUCT + 1)}", _PRODUCT
        if kind is ast.Pow:
            return self._power(left, right), _POWER
        if kind is ast.FloorDiv:
            return f"⌊{self.at(left, _PRODUCT)}{gap}/{gap}{self.at(right, _PRODUCT + 1)}⌋", _ATOM
        if kind is ast.Mod:
            return f"({self.at(left, _SUM)} mod {self.at(right, _SUM)})", _ATOM
        self.is_program = True
        return ast.unparse(node), _ATOM

    def _times(self, left: Any, right: Any) -> str:
        first, second = self.at(left, _PRODUCT), self.at(right, _PRODUCT + 1)
        if isinstance(left, ast.Constant) and isinstance(right, ast.Name) and not self.arrays:
            letter = second.rstrip("₀₁₂₃₄₅₆₇₈₉")
            if isinstance(left.value, (int, float)) and len(letter) == 1 and first.isdigit():
                return first + second
        scalar = isinstance(left, ast.Constant) or isinstance(right, ast.Constant)
        return f"{first}{'·' if self.arrays and scalar else self.times}{second}"

    def _power(self, base: Any, exponent: Any) -> str:
        raised = self.part(exponent)[0]
        if raised.lstrip("−").isdigit():
            return self.at(base, _ATOM) + raised.translate(_RAISED)
        if raised == "0.5":
            return f"√{self.at(base, _ATOM)}"
        return f"{self.at(base, _ATOM)}^{self.at(exponent, _ATOM)}"

    # ---- functions -------------------------------------------------------------------------------

    def _Call(self, node: ast.Call) -> tuple[str, int]:
        name = getattr(node.func, "id", "")
        special: Callable[[ast.Call], tuple[str, int]] | None = getattr(self, f"_f_{name}", None)
        if special is not None:
            return special(node)
        if name.endswith("_pull") or name in _PROGRAMS or not name:
            self.is_program = True
        return self._function(name, node)

    def _function(self, name: str, node: ast.Call) -> tuple[str, int]:
        options = {str(k.arg): k.value for k in node.keywords}
        places = [options[k] for k in ("axis", "axis1", "axis2") if k in options]
        if name not in ("fold", "unfold") and "axes" in options:
            places.append(options["axes"])
        own = _AXES.get(name, ())
        places += [node.args[i] for i in own if i < len(node.args)]
        if not places and name in OPS and OPS[name].defaults.get("axis") == -1:
            places.append(ast.UnaryOp(ast.USub(), ast.Constant(1)))
        given = [a for i, a in enumerate(node.args) if i not in own]
        while given and is_none(given[-1]):
            given.pop()
        args = ["–" if is_none(a) else self.part(a)[0] for a in given]
        for key, value in options.items():
            if key not in _UNSAID and not key.startswith("axis") and not is_none(value):
                flag = getattr(value, "value", None)
                args += (
                    [key]
                    if flag is True
                    else [f"{key} {self.part(value)[0]}"] * (flag is not False)
                )
        shown = _NAMES.get(name, name.replace("_", " "))
        return f"{shown}{'→'.join(filter(None, map(self._axes, places)))}({', '.join(args)})", _ATOM

    def _axes(self, node: Any) -> str:
        if isinstance(node, ast.Constant) and node.value is None:
            return ""
        parts = node.elts if isinstance(node, (ast.Tuple, ast.List)) else [node]
        return "".join(self.part(part)[0].translate(_LOWERED) for part in parts)

    def _f_where(self, node: ast.Call) -> tuple[str, int]:
        condition, then, other = node.args
        asked = self.bare(condition)
        if isinstance(condition, ast.Constant):
            asked = str(bool(condition.value)).lower()
        cases = f"{self.part(then)[0]} if {asked}, else {self.part(other)[0]}"
        return f"{{{cases}}}", _ATOM

    def _f_conjugate(self, node: ast.Call) -> tuple[str, int]:
        inner = node.args[0]
        text = self.part(inner)[0]
        is_short = isinstance(inner, ast.Name) or text in self.names.values()
        return (bar(text), _ATOM) if is_short else (f"conj({text})", _ATOM)

    def _f_absolute(self, node: ast.Call) -> tuple[str, int]:
        return f"|{self.part(node.args[0])[0]}|", _ATOM

    _f_abs = _f_absolute

    def _f_sqrt(self, node: ast.Call) -> tuple[str, int]:
        return f"√{self.at(node.args[0], _ATOM)}", _POWER

    def _f_isfinite(self, node: ast.Call) -> tuple[str, int]:
        return f"1[|{self.part(node.args[0])[0]}| < ∞]", _ATOM

    def _f_inv(self, node: ast.Call) -> tuple[str, int]:
        return f"{self.at(node.args[0], _ATOM)}⁻¹", _ATOM

    def _f_matmul(self, node: ast.Call) -> tuple[str, int]:
        left, right = node.args
        return f"{self.at(left, _PRODUCT)}·{self.at(right, _PRODUCT + 1)}", _PRODUCT

    def _f_reshape(self, node: ast.Call) -> tuple[str, int]:
        return f"reshape({self.part(node.args[0])[0]}, {self._shape(node.args[1])})", _ATOM

    def _f_shift(self, node: ast.Call) -> tuple[str, int]:
        """`prev₀(x)`: the elements before these along axis 0; in reverse those after them."""
        after = any(k.arg == "reverse" and k.value.value for k in node.keywords)  # type: ignore[attr-defined]
        rest = [k for k in node.keywords if k.arg != "reverse"]
        return self._function("next" if after else "prev", ast.Call(node.func, node.args, rest))

    def _f_masked_fill(self, node: ast.Call) -> tuple[str, int]:
        x, mask, value = node.args
        return f"{{{self.part(value)[0]} if {self.bare(mask)}, else {self.part(x)[0]}}}", _ATOM

    def _f_put_at(self, node: ast.Call) -> tuple[str, int]:
        """`(G at [1, :] in 4×3)`: zeros elsewhere."""
        options = {k.arg: k.value for k in node.keywords}
        place, shape = self._index(options["index"]), self._shape(options["shape"])
        return f"({self.part(node.args[0])[0]} at [{place}] in {shape})", _ATOM

    def _f_take(self, node: ast.Call) -> tuple[str, int]:
        """`G[:, indices]`: of axis 1."""
        place = self._taken(node)
        if not place:
            return self._function("take", node)
        return f"{self.at(node.args[0], _ATOM)}[{place}]", _ATOM

    def _f_add_at(self, node: ast.Call) -> tuple[str, int]:
        """`(G at [:, indices] in 4×3)`: what is named twice is added twice."""
        options = {k.arg: k.value for k in node.keywords}
        place = self._taken(node)
        if not place or "shape" not in options:
            return self._function("add_at", node)
        shape = self._shape(options["shape"])
        return f"({self.part(node.args[0])[0]} at [{place}] in {shape})", _ATOM

    def _f_add_along_axis(self, node: ast.Call) -> tuple[str, int]:
        """Of a vector `(G at [out₁] in 4)`."""
        shape = next((k.value for k in node.keywords if k.arg == "shape"), None)
        if not isinstance(shape, ast.Tuple) or len(shape.elts) != 1:
            return self._function("add_along_axis", node)
        place, size = self._index(node.args[1]), self._shape(shape)
        return f"({self.part(node.args[0])[0]} at [{place}] in {size})", _ATOM

    def _taken(self, node: ast.Call) -> str:
        """The index that takes indices along an axis; nothing of the elements of a flat array."""
        options = {k.arg: k.value for k in node.keywords}
        try:
            axis = ast.literal_eval(options["axis"])
        except (KeyError, ValueError):
            return ""
        if axis is None or "mode" in options:
            return ""
        own = self._index(node.args[1])
        ahead = [":"] * axis if axis >= 0 else ["…"]
        return ", ".join([*ahead, own, *([":"] * (-1 - axis))])

    def _f_setitem(self, node: ast.Call) -> tuple[str, int]:
        x, value = (self.part(a)[0] for a in node.args)
        return f"({x} with {value} at [{self._index(node.keywords[0].value)}])", _ATOM

    def _f_getitem(self, node: ast.Call) -> tuple[str, int]:
        return f"{self.at(node.args[0], _ATOM)}[{self._index(node.keywords[0].value)}]", _ATOM

    def _ordered(self, letter: str, key: str, node: ast.Call, least: int = 0) -> tuple[str, int]:
        order = next((k.value.value for k in node.keywords if k.arg == key), least)  # type: ignore[attr-defined]
        return f"{letter.format(order)}({self.part(node.args[0])[0]})", _ATOM

    def _f_polygamma(self, node: ast.Call) -> tuple[str, int]:
        text, binds = self._ordered("ψ⁽{}⁾", "n", node)
        head, rest = text.split("(", 1)
        return f"{head.translate(_RAISED)}({rest}", binds

    def _lowered(self, letter: str, node: ast.Call) -> tuple[str, int]:
        text, binds = self._ordered(f"{letter}{{}}", "n", node)
        head, rest = text.split("(", 1)
        return f"{head.translate(_LOWERED)}({rest}", binds

    def _f_bessel_i(self, node: ast.Call) -> tuple[str, int]:
        return self._lowered("I", node)

    def _f_bessel_j(self, node: ast.Call) -> tuple[str, int]:
        return self._lowered("J", node)

    def _f_bessel_y(self, node: ast.Call) -> tuple[str, int]:
        return self._lowered("Y", node)

    def _f_spherical_bessel(self, node: ast.Call) -> tuple[str, int]:
        return self._lowered("j", node)

    def _f_sinc_derivative(self, node: ast.Call) -> tuple[str, int]:
        text, binds = self._ordered("sinc⁽{}⁾", "order", node)
        text = text.replace("⁽1⁾", "′").replace("⁽2⁾", "″")
        head, rest = text.split("(", 1)
        return f"{head.translate(_RAISED)}({rest}", binds

    def _f_einsum(self, node: ast.Call) -> tuple[str, int]:
        """`(Σ_c G[a,c]·y[b,c])[a,b]`: the equation, and the order of the axes that are left."""
        (operands,), equation = node.args, node.keywords[0].value
        left, _, right = equation.value.split("->")[0], "", equation.value.split("->")[1]  # type: ignore[attr-defined]
        letters = left.split(",")
        summed = "".join(sorted(set(left) - set(right) - {","}))
        factors = [
            f"{self._operand(o)}[{','.join(each)}]" if each else self._operand(o)
            for o, each in zip(operands.elts, letters, strict=True)  # type: ignore[attr-defined]
        ]
        text = (f"Σ_{summed} " if summed else "") + "·".join(factors)
        return (f"({text})[{','.join(right)}]", _ATOM) if right else (f"({text})", _ATOM)

    def _operand(self, node: Any) -> str:
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "array":
            return "δ" if is_identity(node) else self.part(node)[0]
        return self.at(node, _ATOM)

    def _f_array(self, node: ast.Call) -> tuple[str, int]:
        if len(node.args) == 1 and not node.keywords:
            return self.part(node.args[0])
        return f"data {'×'.join(self.part(a)[0] for a in node.args)}", _ATOM


def _is_condition(node: Any) -> bool:
    name = getattr(getattr(node, "func", None), "id", "")
    return isinstance(node, ast.Compare) or name in ("logical_and", "logical_or", "logical_not")


def _mask(node: ast.Call) -> str:
    """A mask is no list of places."""
    text = ast.unparse(node.args[0])
    return text.lower() if "True" in text or "False" in text else ""
