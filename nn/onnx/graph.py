"""A graph of nodes that runs on Tensors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError, AutogradError, ShapeError
from autograd.extend import raw
from nn.onnx.budget import STEP, budget, bytes_of, spread
from nn.onnx.table import Call

__all__ = ["Expected", "Graph", "Step"]

# Inputs that say how, and not what: numbers of the file that stand here are not learned.
_STATIC = {
    "BatchNormalization": (3, 4), "Clip": (1, 2), "Dropout": (1,), "Pad": (2,), "Range": (0, 1, 2),
    "Resize": (1, 2), "Upsample": (1,), "OneHot": (2,), "QuantizeLinear": (1,),
    "DequantizeLinear": (1,), "QLinearConv": (1, 4, 6), "QLinearMatMul": (1, 4, 6),
}  # fmt: skip


@dataclass(frozen=True)
class Expected:
    """An input of a graph: its type's number, its lengths (names and None are free)."""

    name: str
    code: int | None = None
    shape: tuple[int | str | None, ...] | None = None
    optional: bool = False


@dataclass(frozen=True)
class Step:
    """A node: what it calls with which names, and how its results are named."""

    call: Call
    function: Callable[..., Any]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    widens: bool = False
    spreads: bool = False  # to the common shape of what it takes

    @property
    def label(self) -> str:
        """What errors and pictures call the node."""
        return self.call.name or (self.outputs[0] if self.outputs else self.call.op_type)

    @property
    def takes(self) -> set[str]:
        """The names that it reads, and those that the graphs in it read of what is around."""
        inside = (a.needs for a in self.call.attributes.values() if isinstance(a, Graph))
        return set(self.inputs).union(*inside)


@dataclass
class Graph:
    """Steps in their order; `arrays` are numbers of a subgraph's own."""

    inputs: list[Expected]
    outputs: list[str]
    steps: list[Step]
    arrays: dict[str, Any] = field(default_factory=dict)
    needs: set[str] = field(init=False)  # names of what is around
    ends: list[list[str]] = field(init=False)  # for each step, of what no one takes after it

    def __post_init__(self) -> None:
        own = {*self.arrays, *(i.name for i in self.inputs)}
        made: set[str] = set()
        last: dict[str, int] = {}
        self.needs = set()
        for k, step in enumerate(self.steps):
            self.needs |= step.takes - own - made
            made.update(step.outputs)
            last |= dict.fromkeys((*step.takes, *step.outputs), k)
        self.needs |= set(self.outputs) - own - made
        self.ends = [[] for _ in self.steps]
        for name in (made & last.keys()) - set(self.outputs):
            self.ends[last[name]].append(name)

    def run(self, values: dict[str, Any]) -> list[Any]:
        """The outputs, from what the names of inputs and of surrounding graphs stand for."""
        values = {**values, **self.arrays}
        bound = budget()
        for step, ends in zip(self.steps, self.ends, strict=True):
            alive = bound.alive
            made = _ran(step, values)
            bound.alive = alive - sum(map(bytes_of, made.values()))
            values.update(made)
            bound.alive += sum(bytes_of(values.pop(name, None)) for name in ends)
        return [values.get(name) for name in self.outputs]

    def static(self) -> set[str]:
        """The names that stand only where an operator is told how to work."""
        how: set[str] = set()
        what = set(self.outputs)
        for step in self.steps:
            told = _STATIC.get(step.call.op_type, ())
            for i, name in enumerate(step.inputs):
                (how if i in told else what).add(name)
        return how - what


def _ran(step: Step, values: dict[str, Any]) -> dict[str, Any]:
    call = step.call
    given = [values.get(name) if name else None for name in step.inputs]
    narrow = [v.dtype for v in given if isinstance(v, np.ndarray) and v.dtype.name == "bfloat16"]
    if narrow and step.widens:
        given = [_wide(v, narrow[0]) for v in given]

    def body(graph: Graph, inputs: list[Any]) -> list[Any]:
        if len(inputs) != len(graph.inputs):
            count = len(graph.inputs)
            raise ArgumentError(f"its graph takes {count} inputs, and is given {len(inputs)}")
        names = [i.name for i in graph.inputs]
        around = {name: values[name] for name in graph.needs if name in values}
        alive = budget().alive
        found = graph.run(around | dict(zip(names, inputs, strict=True)))
        budget().alive = alive  # who keeps results of a turn says so
        return found

    call = Call(call.op_type, call.name, call.opset, call.outputs, call.attributes, body)
    try:
        budget().took(STEP)
        if step.spreads:
            spread(*given)
        with ag.scope(step.label.replace(".", "_") or "_", call.op_type):
            found = step.function(call, *given)
        results = found if isinstance(found, tuple) else (found,)
        budget().took(sum(bytes_of(v) for v in results if not isinstance(v, list)))
    except AutogradError as error:
        if step.label in str(error.args[:1]):
            raise
        raise _told(step, error, type(error)) from error
    except (ValueError, IndexError, TypeError, KeyError, OverflowError, ZeroDivisionError) as error:
        raise _told(step, error, ShapeError) from error
    except (MemoryError, AttributeError, RuntimeError) as error:
        raise _told(step, error, ArgumentError) from error
    if narrow and step.widens:
        results = tuple(_narrow(v, narrow[0]) for v in results)
    if len(results) < len([name for name in step.outputs if name]):
        raise ArgumentError(
            f"the node {step.label!r} ({call.op_type}) gives {len(results)} results, "
            f"and has {len(step.outputs)} outputs"
        )
    return {n: v for n, v in zip(step.outputs, results, strict=False) if n}


def _wide(value: Any, dtype: Any) -> Any:
    """Numbers of 16 bits with 8 of exponent are computed with as float32."""
    narrow = isinstance(value, np.ndarray) and value.dtype == dtype
    return ag.Tensor(value.astype(np.float32)) if narrow else value


def _narrow(value: Any, dtype: Any) -> Any:
    wide = isinstance(value, ag.Tensor) and raw(value).dtype == np.float32
    return raw(value).astype(dtype) if wide else value


def _told(step: Step, error: Exception, kind: type[Exception]) -> Exception:
    said = f"the node {step.label!r} ({step.call.op_type}): {error}"
    try:
        return kind(said)
    except TypeError:
        return ArgumentError(said)
