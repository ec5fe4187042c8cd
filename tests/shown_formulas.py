"""A reader of formulas as pictures write them: `G⊙(1−h²)`, `Σ₀(x·y)`, `{G if x > 0, else 0}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.engine.row import OPS

__all__ = ["Unreadable", "formula_value"]

_RAISED, _PLAIN = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"
_LOWERED = "₀₁₂₃₄₅₆₇₈₉₋"
_CONDITIONS: dict[str, Callable[[Any, Any], Any]] = {
    "≤": np.less_equal, "≥": np.greater_equal, "<": np.less, ">": np.greater, "=": np.equal,
    "≠": np.not_equal,
}  # fmt: skip
_OPS = {  # what our ops are called in formulas
    "scatter": "add_along_axis", "scatter at": "add_at", "ln": "log", "lnΓ": "gammaln",
    "ψ": "digamma", "I₀": "i0", "I₁": "i1", "max": "maximum", "min": "minimum",
    "gelu′": "gelu_slope", "cof": "cofactor", "power′": "power_slope", "power ln": "power_log",
    "conj": "conj", "diag": "put_diagonal", "gather": "take_along_axis",
    "recurrence": "linear_recurrence", "round": "rint",
}  # fmt: skip


_INDICES = {"indices", "index", "n"}  # whole numbers


# the name, the axes below it, the order of a derivative above it
_FUNCTION = (
    rf"([IJYj][₀-₉]+|[A-Za-zΠψΓ][A-Za-z0-9 ᵀ]*?[′]?)((?:[{_LOWERED}→])*)"
    rf"(⁽[{_RAISED}]+⁾|″)?(?=\()"
)


_OPTIONS = "offset|fill|k|order|mode|scale|n|by|decimals|derivatives|alpha|beta|growth"
_WHOLE = {"k", "n", "offset", "derivatives", "growth"}


class Unreadable(Exception):
    """What is written is the name of a program, or not to be read."""


def formula_value(text: str, names: Mapping[str, Any], into: tuple[int, ...] = ()) -> Any:
    """The numbers that a formula stands for, given those of its names; `into` is its own shape."""
    reader = _Reader(text, names, into)
    with np.errstate(all="ignore"):
        value = reader.sum()
    if reader.rest():
        raise Unreadable(f"{text!r}: {reader.rest()!r} is left")
    return value


class Labelled:
    """Arrays with a letter for each axis, which are multiplied and summed; δ has no array."""

    def __init__(self, parts: list[tuple[Any, str]]) -> None:
        self.parts = parts

    @classmethod
    def of(cls, value: Any) -> Labelled:
        return value if isinstance(value, cls) else cls([(value, "")])

    def times(self, other: Labelled) -> Labelled:
        return Labelled(self.parts + other.parts)

    def product(self, letters: str, into: tuple[int, ...]) -> Any:
        known = {c: n for v, each in self.parts if v is not DELTA
                 for c, n in zip(each, np.shape(v), strict=True)}  # fmt: skip
        sizes = dict(zip(letters, into, strict=False)) | known
        values = [
            np.eye(next((known[c] for c in each if c in known), sizes.get(each[0], 1)))
            if v is DELTA else v
            for v, each in self.parts
        ]  # fmt: skip
        equation = ",".join(each for _, each in self.parts)
        return np.einsum(f"{equation}->{letters}", *values)


DELTA = object()  # whose size follows from its neighbours


class _Reader:
    def __init__(self, text: str, names: Mapping[str, Any], into: tuple[int, ...]) -> None:
        self.text, self.at, self.names, self.into = text, 0, names, into
        self.known = sorted(names, key=len, reverse=True)

    def rest(self) -> str:
        return self.text[self.at :].strip()

    def has(self, *signs: str) -> str:
        """Take one of these, if it comes next."""
        start = self.at
        while self.at < len(self.text) and self.text[self.at] == " ":
            self.at += 1
        for sign in signs:
            if self.text.startswith(sign, self.at):
                self.at += len(sign)
                return sign
        self.at = start
        return ""

    def must(self, sign: str) -> None:
        if not self.has(sign):
            raise Unreadable(f"{self.text!r}: no {sign!r} at {self.rest()!r}")

    def taken(self, pattern: str) -> Any:
        found = re.compile(pattern).match(self.text, self.at)
        if found and found.group():
            self.at = found.end()
            return found
        return None

    def skip(self) -> None:
        while self.text.startswith(" ", self.at):
            self.at += 1

    # ---- signs -----------------------------------------------------------------------------------

    def sum(self) -> Any:
        value = self.product()
        while sign := self.has("+", "−"):
            other = self.product()
            value = value + other if sign == "+" else value - other
        return value

    def product(self) -> Any:
        if self.has("−"):
            return -self.product()
        value = self.power()
        while sign := self.has("⊙", "·", "/"):
            other = self.power()
            if isinstance(value, Labelled) or isinstance(other, Labelled):
                value = Labelled.of(value).times(Labelled.of(other))
                continue
            if sign == "/":
                value = np.true_divide(value, other)
            elif sign == "·" and np.ndim(value) and np.ndim(other):
                value = np.matmul(value, other)
            else:
                value = value * other
        return value

    def power(self) -> Any:
        if self.has("√"):
            return np.sqrt(self.power())
        value = self.atom()
        while True:
            if self.has("ᵀ"):
                value = np.swapaxes(value, -1, -2)
            elif self.has("⁻¹"):
                value = np.linalg.inv(value)
            elif found := self.taken(f"[{_RAISED}]+"):
                value = value ** float(found.group().translate(str.maketrans(_RAISED, _PLAIN)))
            elif self.text.startswith("^", self.at):
                self.at += 1
                value = np.power(value, self.atom())
            elif letters := self.taken(r"\[([A-Za-z](?:,[A-Za-z])*)?\]"):
                value = Labelled([(value, (letters[1] or "").replace(",", ""))])
            elif self.text.startswith("[", self.at):
                value = value[self.index()]
            else:
                return value

    # ---- atoms -----------------------------------------------------------------------------------

    def atom(self) -> Any:
        self.skip()
        if self.text.startswith("1[", self.at):
            self.at += 2
            value = self.condition()
            self.must("]")
            return np.asarray(value, float)
        for make in (self.number, self.barred, self.function, self.named, self.enclosed):
            value = make()
            if value is not None:
                return value
        raise Unreadable(f"{self.text!r}: nothing is read at {self.rest()!r}")

    def number(self) -> Any:
        if found := self.taken(r"(\d+(?:\.\d+)?)(e−?\d+)?(i(?![\w\u0305]))?"):
            value = float((found[1] + (found[2] or "")).replace("−", "-"))
            if not found[3] and not self.text.startswith(("[", " "), self.at):
                for name in self.known:  # 2e
                    if len(name) == 1 and self.text.startswith(name, self.at):
                        self.at += 1
                        return value * self.names[name]
            return value * 1j if found[3] else value
        for sign, value in (("NaN", np.nan), ("∞", np.inf), ("true", True), ("false", False)):
            if self.has(sign):
                return value
        return None

    def barred(self) -> Any:
        found = self.taken("(?:.\u0305)+")
        return found and np.conj(self.names[found.group().replace("\u0305", "")])

    def named(self) -> Any:
        for name in self.known:
            if self.text.startswith(name, self.at):
                after = self.text[self.at + len(name) : self.at + len(name) + 1]
                if not (name[-1].isalnum() and re.match(r"[A-Za-z0-9_₀-₉]", after)):
                    self.at += len(name)
                    return self.names[name]
        if self.has("δ"):
            return DELTA
        return 1j if self.taken(r"i(?!\w)") else None

    def enclosed(self) -> Any:
        if self.has("|"):
            value = np.abs(self.sum())
            self.must("|")
        elif self.has("⌊"):
            value = np.floor(self.sum())
            self.must("⌋")
        elif self.has("{"):
            then = self.sum()
            self.must("if ")
            condition = self.condition()
            self.must(", else ")
            value = np.where(condition, then, self.sum())
            self.must("}")
        elif self.has("["):
            value = np.array(self.listed())
        elif self.has("("):
            self.taken(r"Σ_\w+ ")
            value = self.placed(self.sum())
            if self.has(","):
                value = (value, self.sum())
            self.must(")")
            if isinstance(value, Labelled):
                letters = self.taken(r"\[([A-Za-z](?:,[A-Za-z])*)\]")
                value = value.product(letters[1].replace(",", "") if letters else "", self.into)
        else:
            return None
        return value

    def listed(self) -> list[Any]:
        found = []
        while not self.has("]"):
            found.append(self.sum())
            self.has(",")
        return found

    def placed(self, value: Any) -> Any:
        """`(G at [1] in 4×3)` and `(G with 0 at [1])`."""
        if self.has("at "):
            index = self.index()
            self.must("in ")
            shape = self.shape()
            return OPS["put_at"].record(value, shape=shape, index=index)
        if self.has("with "):
            new = self.sum()
            self.must("at ")
            return OPS["setitem"].record(value, new, index=self.index())
        return value

    def shape(self) -> tuple[int, ...]:
        if self.has("scalar"):
            return ()
        self.skip()
        found = self.taken(r"−?\d+(?:×−?\d+)*")
        return tuple(int(n.replace("−", "-")) for n in found.group().split("×"))

    def index(self) -> Any:
        """`[1:3, …, new]`."""
        self.must("[")
        parts: list[Any] = []
        while not self.has("]"):
            self.skip()
            if self.has("…"):
                parts.append(Ellipsis)
            elif self.has("new"):
                parts.append(None)
            elif found := self.taken(r"−?\d*:−?\d*(?::−?\d*)?"):
                ends = found.group().replace("−", "-").split(":")
                parts.append(slice(*(int(e) if e else None for e in ends)))
            else:
                value = np.asarray(self.sum())
                value = value.astype(int) if value.dtype.kind == "f" else value
                parts.append(value if value.ndim else value[()])
            self.has(",")
        return tuple(parts)

    def condition(self) -> Any:
        value = self.comparison()
        while sign := self.has("∧", "∨"):
            other = self.comparison()
            value = np.logical_and(value, other) if sign == "∧" else np.logical_or(value, other)
        return value

    def comparison(self) -> Any:
        if self.has("¬("):
            value = np.logical_not(self.condition())
            self.must(")")
            return value
        start = self.at
        if self.has("("):
            try:
                value = self.condition()
                self.must(")")
                if self.text[self.at : self.at + 3].strip()[:1] not in (*_CONDITIONS, "+", "−"):
                    return value
            except Unreadable:
                pass
            self.at = start
        left = self.sum()
        if self.has("is NaN"):
            return np.not_equal(left, left)
        sign = self.has(*_CONDITIONS)
        return _CONDITIONS[sign](left, self.sum()) if sign else left

    # ---- functions -------------------------------------------------------------------------------

    def function(self) -> Any:
        start = self.at
        if self.taken("\\(∂"):
            raise Unreadable("a transpose that is named")
        found = self.taken(rf"(Σ)([{_LOWERED}]*)()(?=[( ])") or self.taken(_FUNCTION)
        if not found or found[1] in self.names:
            self.at = start
            return None
        name, axes, order = found[1], found[2], found[3]
        if name == "Σ" and not self.has("("):
            return self.reduced(np.sum, axes, [self.product()])
        if name != "Σ":
            self.must("(")
        args, flags = [], []
        while not self.has(")"):
            self.skip()
            if name == "reshape" and args:
                args.append(self.shape())
                continue
            if name in ("concat", "stack"):
                self.must("[")
                args = self.listed()
                continue
            flag = self.taken(r"([a-z][a-z_]+)(?=[,)])")
            if flag and flag[1] not in self.names:
                flags.append(flag[1])
            elif flag:
                args.append(self.names[flag[1]])
            elif option := self.taken(r"(mode) (\w+)"):
                flags.append((option[1], option[2]))
            elif option := self.taken(rf"({_OPTIONS}) (?=[−\w∞])"):
                flags.append((option[1], self.sum()))
            else:
                args.append(self.sum())
            self.has(",")
        return self.called(name, axes, order, args, flags)

    def reduced(self, function: Any, axes: str, args: list[Any]) -> Any:
        axis = self.axes(axes)
        value = np.asarray(args[0])
        return function(value, axis=axis or None, keepdims=True) if value.ndim else value

    def axes(self, text: str) -> tuple[int, ...]:
        plain = text.translate(str.maketrans(_LOWERED, _PLAIN))
        return tuple(map(int, re.findall(r"-?\d", plain)))

    def called(
        self, name: str, axes: str, order: str | None, args: list[Any], flags: list[Any]
    ) -> Any:
        if name in _REDUCTIONS:
            return self.reduced(_REDUCTIONS[name], axes, args)
        if order or re.fullmatch("[IJYj][₀-₉]+|sinc′|gelu′", name):
            return _of_order(name, order, args)
        axis, groups = self.axes(axes), [self.axes(part) for part in axes.split("→")]
        if name in ("prev", "next"):
            return self.recorded("shift", axis, args, [*flags, ("reverse", name == "next")])
        if name in _ARRANGED:
            return _ARRANGED[name](args, axis, groups)
        return self.recorded(_OPS.get(name, name.replace(" ", "_")), axis, args, flags)

    def recorded(self, name: str, axis: tuple[int, ...], args: list[Any], flags: list[Any]) -> Any:
        """One of our own ops, with its options."""
        op = OPS.get(name)
        if op is None or op.variadic:
            raise Unreadable(f"{name} is not read")
        options: dict[str, Any] = dict(
            flag if isinstance(flag, tuple) else (flag, True) for flag in flags
        )
        if name in ("add_along_axis", "add_at", "put_diagonal"):
            options["shape"] = self.into or (1,)
        if op.params[:1] == ("k",) and len(args) > 1:
            options["k"] = args.pop()
        options |= {k: int(options[k]) for k in _WHOLE & options.keys()}
        if "axis1" in op.params:
            both = ("axis1", "axis2") if len(axis) > 1 else ("axis2",)
            options |= dict(zip(both, axis, strict=False))
        elif axis:
            options["axis"] = axis[0] if len(axis) == 1 else axis
        elif op.defaults.get("axis") == -1:
            options["axis"] = None
        given = [
            np.asarray(a).astype(int) if p in _INDICES else a
            for a, p in zip(args, op.inputs, strict=False)
        ]
        return op.record(*map(np.asarray, given), **options)


def _rolled(args: list[Any], axis: tuple[int, ...], groups: Any) -> Any:
    shift = tuple(map(int, np.atleast_1d(args[1])))
    return np.roll(args[0], shift if len(shift) > 1 else shift[0], axis or None)


def _joined(name: str) -> Callable[..., Any]:
    return lambda args, axis, groups: OPS[name].record(*args, axis=(axis or (0,))[0])


_REDUCTIONS = {"Σ": np.sum, "mean": np.mean, "Π": np.prod}
_ARRANGED: dict[str, Callable[..., Any]] = {
    "Re": lambda args, axis, groups: np.real(args[0]),
    "Im": lambda args, axis, groups: np.imag(args[0]),
    "reshape": lambda args, axis, groups: np.reshape(*args),
    "swapaxes": lambda args, axis, groups: np.swapaxes(args[0], *axis),
    "moveaxis": lambda args, axis, groups: np.moveaxis(args[0], *groups),
    "transpose": lambda args, axis, groups: np.transpose(args[0], axis or None),
    "expand": lambda args, axis, groups: np.expand_dims(args[0], axis),
    "flip": lambda args, axis, groups: np.flip(args[0], axis or None),
    "rot90": lambda args, axis, groups: np.rot90(args[0], int(args[1]), axis),
    "roll": _rolled,
    "concat": _joined("concat"),
    "stack": _joined("stack"),
}


def _of_order(name: str, order: str | None, args: list[Any]) -> Any:
    """ψ⁽²⁾, I₃, sinc′, gelu′."""
    if name[0] in "JYj" and name[1:2] in _LOWERED:
        bessel = {"J": "bessel_j", "Y": "bessel_y", "j": "spherical_bessel"}[name[0]]
        n = int(name[1:].translate(str.maketrans(_LOWERED, _PLAIN)))
        return OPS[bessel].record(args[0], n=n)
    if name.startswith("I"):
        n = int(name[1:].translate(str.maketrans(_LOWERED, _PLAIN)))
        few = ("i0", "i1")
        return OPS[few[n]].record(args[0]) if n < 2 else OPS["bessel_i"].record(args[0], n=n)
    plain = (order or "1").translate(str.maketrans(_RAISED, _PLAIN)).replace("″", "2")
    n = int(re.sub(r"\D", "", plain))
    if name == "ψ":
        return OPS["polygamma"].record(args[0], n=n)
    if name.startswith("sinc"):
        return OPS["sinc_derivative"].record(args[0], order=n)
    return OPS["gelu_slope"].record(args[0])
