"""What an op is: its forward, its rules, what they save, its samples; and the table of all ops.

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

The same formula is run on arrays, on Tensors (`create_graph`), and on symbols (the printed rule),
so it uses only operators, `np.*` and our own ops. For complex values rules are transposes without
conjugation (JAX's convention); the engine conjugates where gradients meet the user (PyTorch's).
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from autograd.engine.arguments import checked
from autograd.engine.diagnose import diagnose, for_reals, refuse_complex
from autograd.engine.dtypes import HALVES, in_single
from autograd.engine.recorder import (
    FAULTS,
    holds_tensor,
    joined,
    missing,
    operand,
    plain_types,
    recorder,
    required_inputs,
    tensor_types,
)
from autograd.engine.signature import Signature
from autograd.engine.typed import Array, defines
from autograd.errors import OpDefinitionError

__all__ = ["LEAF", "OPS", "OUTPUT", "Array", "Op", "composite", "op"]

OPS: dict[str, Op] = {}  # every op, by name


class Op(Signature):
    """One operation. Immutable once defined; holds no state (`_keeps` only remembers answers)."""

    __slots__ = (
        "_keeps",
        "_pulls",
        "composite",
        "counts",
        "elementwise",
        "formula",
        "forward",
        "hint",
        "joint",
        "linear",
        "links",
        "multilinear",
        "named",
        "narrow",
        "output",
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
    ) -> None:
        super().__init__(forward)
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
        self.ties = ties  # of the outputs: which of them has values that coincide (see limits.py)
        self.hint = hint  # more to say about inputs whose shapes do not fit
        self.views = views  # whether the output is a window on an input's memory, or when
        self.output = OUTPUT
        self.record: Callable[..., Any] = forward  # until the recorder takes its place
        self._keeps: dict[tuple[bool, ...], Any] = {}  # of `pack`, for inputs that need gradients
        self._read_rules(joint, jvp or {})

    def _read_rules(
        self, joint: Callable[..., Any] | None, jvp: Mapping[str, Callable[..., Any]]
    ) -> None:
        shapes = tuple(f"{name}_shape" for name in self.inputs)
        layout = (*self.inputs, "out", *self.params, *shapes)
        if unknown := (self.rules.keys() | jvp.keys()) - set(self.inputs):
            raise OpDefinitionError(
                f"{self.name}: a rule for {', '.join(sorted(unknown))}, but the inputs are "
                f"{', '.join(self.inputs)} (the parameters before the /)"
            )
        self.joint = joint and (
            self._widened(joint), self._slots(joint, "the joint rule", (*layout, "needs"))
        )  # fmt: skip
        for name, rule in jvp.items():
            self._slots(rule, f"the jvp for {name}", layout, "t", "tangent")
        self.pushes = {name: (self._widened(rule), _names(rule)[1:]) for name, rule in jvp.items()}
        self.pulls = tuple(
            (
                self._widened(self.rules[name]),
                _compact(self._slots(self.rules[name], f"the rule for {name}", layout)),
            )
            if name in self.rules
            else (None, ())
            for name in self.inputs
        )
        self.saves = {name: frozenset(_names(rule)[1:]) for name, rule in self.rules.items()}
        if joint:
            self.saves = dict.fromkeys(self.inputs, frozenset(_names(joint)[1:]))
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
        names = _names(rule)
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
        if self.outputs != 1:
            return careful

        @functools.wraps(rule)
        def pull(g: Any, *saved: Any) -> Any:
            is_half = type(getattr(g, "dtype", None)) in HALVES  # as the output was
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

    @property
    def differentiable(self) -> bool:
        return bool(self.rules or self.joint or self.composite)

    def pack(
        self, needs: tuple[bool, ...], values: list[Any], out: Any, params: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """The tuple that the rules read: what those for the needed inputs name, else None."""
        if self.variadic:
            _, out_too, _, _ = self._what_is_kept(())
            kept = tuple(values) if self.inputs[0] in self.named else None
            saved = (kept, out if out_too else None, *params)
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
        keep = self.named
        if not self.variadic:
            needed = [n for n, needs_grad in zip(self.inputs, needs, strict=True) if needs_grad]
            keep = frozenset().union(*[self.saves[name] for name in needed])
        dropped = tuple(i for i, name in enumerate(self.inputs) if name not in keep)
        shapes_too = any(f"{name}_shape" in keep for name in self.inputs)
        return dropped, "out" in keep, shapes_too, "needs" in keep

    @staticmethod
    def is_symbolic(value: Any) -> bool:
        return hasattr(type(value), "__autograd_op__")

    def untracked(self, inputs: tuple[Any, ...], params: dict[str, Any] | None = None) -> Any:
        """The op on raw arrays, which gives raw arrays; or on symbols, which give symbols."""
        params = params or {}
        for value in inputs:
            if hasattr(type(value), "__autograd_op__"):
                return value.__autograd_op__(self, inputs, params)
        if any(map(holds_tensor, inputs)):
            return self.record(*map(joined, inputs), **params)
        required = required_inputs(self)
        for place, value in enumerate(inputs):
            if value is None and place < required:
                raise missing(self, place)
        values = [None if v is None else operand(v, self) for v in inputs]
        if self.real_only:
            refuse_complex(self.name, (*values, *params.values()))
        try:
            return self.forward(*values, **params)
        except FAULTS as error:
            raise diagnose(self, error, inputs, params) from None

    def __repr__(self) -> str:
        return f"<op {self.name}: {self.formula}>"

    def __reduce__(self) -> tuple[Any, ...]:
        # an op is known by its name, also in a process that has not yet loaded its module
        return (_op_by_name, (self.name, self.forward.__module__))


def _op_by_name(name: str, module: str) -> Op:
    if name not in OPS:
        importlib.import_module(module)
    return {"leaf": LEAF, "output": OUTPUT}.get(name) or OPS[name]


def _names(rule: Callable[..., Any]) -> tuple[str, ...]:
    code = rule.__code__
    names: tuple[str, ...] = code.co_varnames[: code.co_argcount]
    return names


def _compact(slots: tuple[int, ...]) -> Any:
    """How the sweep calls a rule: no saved value (None), one (its number), several (a tuple)."""
    return None if not slots else slots[0] if len(slots) == 1 else slots


def hands_on(g: Any) -> Any:
    """The rule of an input that gets the cotangent as it is: the sweep need not call it."""
    return g


def linked(pulls: Iterable[tuple[Any, Any]]) -> Any:
    """Rules as the sweep goes through them: (rule, slots, the next of the kind or None).

    A loop over a tuple would make an iterator for every node.
    """
    link: Any = None
    for rule, slots in reversed(tuple(pulls)):
        same = rule is not None and rule.__code__.co_code == hands_on.__code__.co_code
        link = (hands_on if same else rule, slots, link)
    return link


def _shape(value: Any) -> tuple[int, ...]:
    return getattr(value, "shape", ())


@defines
def op(formula: str, /, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Define an op: decorate its forward with a formula, one rule per input, and its samples.

    The keywords that are names of inputs are rules; the others are those of `Op`.
    The decorated name becomes the function that runs the op and records it.
    """

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

    def define(function: Callable[..., Any]) -> Callable[..., Any]:
        new = Op(function, formula, {}, composite=True, **options)
        entered = checked(function, new.name)
        entered = in_single(entered) if new.wide else entered
        return _publish(new, _takes_lists(new, for_reals(entered) if new.real_only else entered))

    return define


def _takes_lists(new: Op, function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a composite have lists as inputs, as an op does: as Tensors where they hold such.

    So have data frames, and whatever else turns into an array.
    """
    count = None if new.variadic else len(new.inputs)

    def listed(x: Any) -> Any:
        if type(x) in plain_types or type(x) in tensor_types:
            return x
        if type(x) not in (list, tuple):
            return operand(x, new) if hasattr(type(x), "__array__") else x
        return joined(x) if holds_tensor(x) else operand(x, new)

    def call(*args: Any, **kwargs: Any) -> Any:
        for x in args:
            if type(x) not in plain_types and type(x) not in tensor_types:  # or it is a parameter
                inputs = [listed(x) for x in args[:count]]
                return function(*inputs, *args[len(inputs) :], **kwargs)
        return function(*args, **kwargs)

    return call


def _publish(new: Op, record: Callable[..., Any]) -> Callable[..., Any]:
    if new.name in OPS:
        raise OpDefinitionError(f"an op named {new.name!r} exists already")
    new.record = record
    if record is not new.forward:
        functools.update_wrapper(record, new.forward)
    record.op = new  # type: ignore[attr-defined]
    OPS[new.name] = new
    return record


class Cotangents(dict[int, Any]):
    """Cotangents of an op with several outputs, by output number, while they come in."""

    def __add__(self, other: Cotangents) -> Cotangents:
        both = Cotangents(self)
        for index, g in other.items():
            both[index] = both[index] + g if index in both else g
        return both


_OPTIONS = {
    "joint", "jvp", "outputs", "elementwise", "linear", "multilinear", "composite", "counts",
    "real_only", "samples", "reference", "hint", "ties", "views", "wide",
}  # fmt: skip

OUTPUT: Any = None


def _leaf() -> Array:
    """A Tensor that the user made."""


def _output(x: Array, /, index: int) -> Array:
    """One of several outputs of an op."""
    return x[index]


LEAF = Op(_leaf, "leaf", {})
OUTPUT = Op(_output, "out", {"x": lambda g, index: Cotangents({index: g})})
