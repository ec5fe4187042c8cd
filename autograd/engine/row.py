"""The row of an op: its forward, its rules, what they save; and the table of all ops."""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from autograd.engine.dtypes import HALVES, in_single
from autograd.engine.missing import nearest
from autograd.engine.rules import compact, linked, names_of
from autograd.engine.signature import Signature
from autograd.engine.typed import Array
from autograd.errors import OpDefinitionError

__all__ = [
    "COMPUTED", "CONSTANT", "DRAW", "INPUT", "LEAF", "OPS", "OUTPUT", "PARAMETER", "STATE", "WRITE",
    "Cotangents", "Op",
]  # fmt: skip

OPS: dict[str, Op] = {}  # every op, by name


class Op(Signature):
    """One operation. Immutable once defined; holds no state (`_keeps` only remembers answers)."""

    __slots__ = (
        "_keeps",
        "_pulls",
        "composite",
        "counts",
        "differentiable",
        "elementwise",
        "form",
        "formula",
        "forward",
        "hint",
        "joint",
        "joint_jvp",
        "learns",
        "linear",
        "links",
        "multilinear",
        "named",
        "narrow",
        "outputs",
        "pushes",
        "real_only",
        "record",
        "reference",
        "ruled",
        "rules",
        "samples",
        "saves",
        "ties",
        "views",
        "weighted",
        "wide",
    )

    def __init__(
        self,
        forward: Callable[..., Any],
        formula: str,
        rules: dict[str, Callable[..., Any]],
        *,
        joint: Callable[..., Any] | None = None,
        jvp: Mapping[str, Callable[..., Any]] | None = None,
        joint_jvp: Callable[..., Any] | None = None,
        outputs: int = 1,
        elementwise: bool = False,
        linear: bool = False,
        multilinear: bool = False,
        composite: bool = False,
        counts: bool = False,
        real_only: bool = False,
        samples: Any = None,
        reference: Any = None,
        hint: Callable[..., str] | None = None,
        ties: Callable[..., Any] | None = None,
        views: bool | Callable[..., bool] = False,
        wide: bool = False,
        weighted: bool = False,
    ) -> None:
        super().__init__(forward)
        self.weighted = weighted  # has weights, whose dtype integers beside them take
        self.wide = wide  # adds many terms up: numbers of half precision go in single
        self.narrow = forward
        self.forward = in_single(forward) if wide and not composite else forward
        self.formula = formula  # the picture's symbol for the op
        self.rules = rules
        self.outputs = outputs  # 1, or more; 0 when the number depends on the arguments
        self.elementwise = elementwise  # diagonal Jacobian: the vjp formula is the jvp formula
        self.linear = linear  # in all inputs that have rules together: the jvp is the op itself
        self.multilinear = multilinear  # in each input on its own: the jvp is a sum of the op
        self.composite = composite  # built from other ops, needs no rule
        self.counts = counts  # whether the shape of the output depends on the numbers
        self.real_only = real_only  # orders numbers, or has no complex form: complex ones raise
        self.samples = samples  # a callable that yields Sample objects for the generic tests
        self.reference = reference  # an independent implementation, or its dotted name
        self.ties = ties  # which outputs have values that coincide (see sweep/limits.py)
        self.hint = hint  # more to say about inputs whose shapes do not fit
        self.views = views  # whether the output is a window on an input's memory, or when
        self.differentiable = bool(rules or joint or composite)
        self.record: Callable[..., Any] = forward  # until the recorder takes its place
        self.form: Callable[..., Any] | None = None  # the call by NumPy's whole signature
        self.learns: frozenset[str] = frozenset()  # parameters that may be Tensors there
        self._keeps: dict[tuple[bool, ...], Any] = {}  # of `pack`, for inputs that need gradients
        self._read_rules(joint, jvp or {}, joint_jvp)

    def _read_rules(
        self,
        joint: Callable[..., Any] | None,
        jvp: Mapping[str, Callable[..., Any]],
        joint_jvp: Callable[..., Any] | None,
    ) -> None:
        shapes = tuple(f"{name}_shape" for name in self.inputs)
        layout = (*self.inputs, "out", *self.params, *shapes)
        if unknown := (self.rules.keys() | jvp.keys()) - set(self.inputs):
            which = f"the inputs are {', '.join(self.inputs)} (the parameters before the /)"
            none = f"no parameter stands before a /: write def {self.name}({min(unknown)}, /)"
            options = inspect.getfullargspec(Op.__init__).kwonlyargs
            raise OpDefinitionError(
                f"{self.name}: a rule for {', '.join(sorted(unknown))}, but "
                f"{which if self.inputs else none}{nearest(min(unknown), options)}"
            )
        self.joint = joint and (
            self._widened(joint), self._slots(joint, "the joint rule", (*layout, "needs"))
        )  # fmt: skip
        self.joint_jvp = joint_jvp and (  # of all tangents; it may give NotImplemented
            joint_jvp,
            self._slots(joint_jvp, "the joint jvp", layout, "t", "tangents"),
        )
        self.pushes = {
            name: (
                self._widened(rule),
                self._slots(rule, f"the jvp for {name}", layout, "t", "tangent"),
            )
            for name, rule in jvp.items()
        }
        self.pulls = tuple(
            (
                self._widened(self.rules[name]),
                compact(self._slots(self.rules[name], f"the rule for {name}", layout)),
            )
            if name in self.rules
            else (None, ())
            for name in self.inputs
        )
        self.saves = {name: frozenset(names_of(rule)[1:]) for name, rule in self.rules.items()}
        if joint:
            self.saves = dict.fromkeys(self.inputs, frozenset(names_of(joint)[1:]))
        ruled = [bool(joint) or name in self.rules for name in self.inputs]
        self.ruled = None if all(ruled) else tuple(ruled)  # whether an input has a rule; None: all
        self.named: frozenset[str] = frozenset().union(*self.saves.values())

    def _slots(
        self,
        rule: Callable[..., Any],
        what: str,
        layout: tuple[str, ...],
        first: str = "g",
        meaning: str = "cotangent",
    ) -> tuple[int, ...]:
        names = names_of(rule)
        if names[:1] != (first,):
            raise OpDefinitionError(f"{self.name}: {what} must take the {meaning} {first} first")
        for name in names[1:]:
            if name not in layout:
                raise OpDefinitionError(
                    f"{self.name}: {what} names {name!r}, which is none of {', '.join(layout)}"
                )
        return tuple(layout.index(name) for name in names[1:])

    def _widened(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        if not self.wide:
            return rule
        careful = in_single(rule, narrow=False)
        if self.elementwise:  # an input may be of half precision beside a wider one
            return careful

        @functools.wraps(rule)
        def pull(g: Any, *saved: Any) -> Any:
            first = g[0] if type(g) is tuple else g
            is_half = type(getattr(first, "dtype", None)) in HALVES  # as the output was
            return careful(g, *saved) if is_half else rule(g, *saved)

        return pull

    @property
    def pulls(self) -> tuple[tuple[Any, Any], ...]:
        """For each input its rule (or None), and the slots of what was saved for it."""
        return self._pulls

    @pulls.setter
    def pulls(self, pulls: tuple[tuple[Any, Any], ...]) -> None:
        self._pulls = pulls
        self.links = linked(pulls)

    def readable(self, inputs: Sequence[Any], out: Any, params: Iterable[Any]) -> tuple[Any, ...]:
        """All that a rule may read, in the order of its slots; `pack` keeps what rules name."""
        needs, shapes = (True,) * len(inputs), tuple(map(_shape, inputs))
        if self.variadic:
            return (tuple(inputs), out, *params, shapes, needs)
        left_out = len(self.inputs) - len(inputs)
        inputs, shapes = (*inputs, *(None,) * left_out), (*shapes, *((),) * left_out)
        return (*inputs, out, *params, *shapes, needs)

    def pack(
        self, needs: tuple[bool, ...], values: list[Any], out: Any, params: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """The tuple that the rules read: what those for the needed inputs name, else None."""
        if self.variadic:
            kept = tuple(values) if self.inputs[0] in self.named else None
            saved = (kept, out if "out" in self.named else None, *params)
            return (*saved, tuple([_shape(v) for v in values]), needs)
        keeps = self._keeps.get(needs)
        if keeps is None:
            keeps = self._keeps[needs] = self._what_is_kept(needs)
        dropped, out_too, shapes_too, needs_too = keeps
        inputs = values.copy()
        for position in dropped:
            inputs[position] = None
        if shapes_too:
            return (*inputs, out if out_too else None, *params, *[_shape(v) for v in values], needs)
        if needs_too:
            return (*inputs, out if out_too else None, *params, *[None] * len(inputs), needs)
        return (*inputs, out if out_too else None, *params)

    def _what_is_kept(self, needs: tuple[bool, ...]) -> tuple[tuple[int, ...], bool, bool, bool]:
        """The inputs that no rule needed here names; whether one names out, a shape, `needs`."""
        needed = [n for n, needs_grad in zip(self.inputs, needs, strict=True) if needs_grad]
        keep: frozenset[str] = frozenset().union(*[self.saves[name] for name in needed])
        dropped = tuple(i for i, name in enumerate(self.inputs) if name not in keep)
        shapes_too = any(f"{name}_shape" in keep for name in self.inputs)
        return dropped, "out" in keep, shapes_too, "needs" in keep

    def __repr__(self) -> str:
        return f"<op {self.name}: {self.formula}>"

    def __reduce__(self) -> tuple[Any, ...]:
        # an op is known by its name, also in a process that has not yet loaded its module
        return (_op_by_name, (self.name, self.forward.__module__))


def _op_by_name(name: str, module: str) -> Op:
    if name not in OPS:
        importlib.import_module(module)
    return _NODES.get(name) or OPS[name]


def _shape(value: Any) -> tuple[int, ...]:
    return getattr(value, "shape", ())


class Cotangents(dict[int, Any]):
    """Cotangents of an op with several outputs, by output number, while they come in."""

    def __add__(self, other: Cotangents) -> Cotangents:
        both = Cotangents(self)
        for index, g in other.items():
            both[index] = both[index] + g if index in both else g
        return both


def _leaf() -> Array:
    """A Tensor that the user made."""


def _output(x: Array, /, index: int) -> Array:
    """One of several outputs of an op."""
    return x[index]


LEAF = Op(_leaf, "leaf", {})
OUTPUT = Op(_output, "out", {"x": lambda g, index: Cotangents({index: g})})


# What else the graph of a call has for nodes (see graph/capture.py).


def _input(held: Any) -> Array:
    """What the call was given."""


def _parameter(held: Any) -> Array:
    """A Tensor that requires grad, read."""


def _state(held: Any) -> Array:
    """A buffer, or any Tensor that the call writes to, read."""


def _constant(held: Any) -> Array:
    """A Tensor or array that the call found, or made of numbers."""


def _draw(method: str, drawn: Callable[[], Array]) -> Array:
    """Random numbers."""


def _write(x: Array, /, held: Any) -> Array:
    """A Tensor's value after the call."""
    return x


def _computed(*inputs: Any, function: Callable[..., Any]) -> Any:
    """What a plain function makes of values."""
    return function(*inputs)


INPUT = Op(_input, "input", {})
PARAMETER = Op(_parameter, "parameter", {})
STATE = Op(_state, "state", {})
CONSTANT = Op(_constant, "constant", {})
DRAW = Op(_draw, "draw", {})
WRITE = Op(_write, "write", {})
COMPUTED = Op(_computed, "computed", {}, outputs=0)
WRITE.record, COMPUTED.record = _write, _computed
_NODES = {
    op.name: op for op in (LEAF, OUTPUT, INPUT, PARAMETER, STATE, CONSTANT, DRAW, WRITE, COMPUTED)
}
