"""ONNX models as modules: parameters by name, nodes run one after another on Tensors."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError, ShapeError
from autograd.extend import raw
from nn.module.module import Module
from nn.module.parameter import Parameter
from nn.onnx.budget import bounded, bytes_of
from nn.onnx.graph import Graph
from nn.onnx.reading import ReadModel, read
from nn.onnx.tensors import dtype_of, held

__all__ = ["ONNXModel", "load"]


# How exporters name constants and running statistics; and, of single numbers, what they lift.
_FIXED = re.compile(r"(^|[/_.:])const(ant)?([/_.:\d]|$)|(^|\.)running_(mean|var)$", re.IGNORECASE)
_LIFTED = re.compile(r"(val|scalar|_?onnx)[_:]", re.IGNORECASE)


def _learned(name: str, array: Any) -> bool:
    """Whether numbers of a file are learned, as far as their type and their name tell."""
    lifted = array.ndim == 0 and _LIFTED.match(name)
    return array.dtype.kind == "f" and not _FIXED.search(name) and not lifted


class _Part(Module):
    """What a dotted name of a parameter has before its last dot."""


class ONNXModel(Module):
    """An ONNX model as a module; its inputs go in their order, or by name.

    Numbers of floating types that the file keeps are parameters, under their names there, with
    `_` for what a name may not have; other numbers, and what is constant by its place or by its
    name, are buffers. `inputs` and `outputs` are the
    names of what goes in and comes out.
    """

    def __init__(self, model: ReadModel, trusted: bool = False) -> None:
        super().__init__()
        self.trusted = trusted
        self.inputs = [i.name for i in model.graph.inputs]
        self.outputs = list(model.graph.outputs)
        self._graph: Graph = model.graph
        self._again = model.again
        self._places: dict[str, tuple[Module, str]] = {}
        self._others: dict[str, Any] = {}
        static = model.graph.static()
        for name, array in model.arrays.items():
            self._keep(name, held(array), static)

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in super().__getstate__().items() if k != "_graph"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self.__dict__["_graph"] = self._again.graph()

    def _keep(self, name: str, value: Any, static: set[str]) -> None:
        if not isinstance(value, ag.Tensor):
            self._others[name] = value
            return
        owner: Module = self
        *path, last = _path(name)
        for step in path:
            step = _free(owner, step, part=True)
            if step not in owner._modules:
                setattr(owner, step, _Part())
            owner = getattr(owner, step)
        last = _free(owner, last)
        if _learned(name, raw(value)) and name not in static:
            setattr(owner, last, Parameter(value))
        else:
            owner.register_buffer(last, value)
        self._places[name] = owner, last

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The outputs of the model: one, or a tuple of them."""
        given = self._given(args, kwargs)
        values: dict[str, Any] = {n: getattr(owner, a) for n, (owner, a) in self._places.items()}
        values |= self._others
        values |= given
        known = len(self._again.model) + sum(map(bytes_of, values.values()))
        with bounded(float("inf") if self.trusted else known):
            found = self._graph.run(values)
        return found[0] if len(found) == 1 else tuple(found)

    def _given(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        names = self.inputs
        if len(args) > len(names):
            raise ArgumentTypeError(
                f"the model takes {len(names)} inputs ({', '.join(names)}); got {len(args)}"
            )
        given = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name not in names or name in given:
                why = "twice" if name in given else f"which is none of {', '.join(names)}"
                raise ArgumentTypeError(f"the model was given the input {name!r}, {why}")
            given[name] = value
        missing = [i.name for i in self._graph.inputs if i.name not in given and not i.optional]
        if missing:
            raise ArgumentTypeError(f"the model needs the inputs {', '.join(missing)} as well")
        return {i.name: _checked(i, given.get(i.name)) for i in self._graph.inputs}

    def extra_repr(self) -> str:
        """What goes in and what comes out."""
        return f"{', '.join(self.inputs)} -> {', '.join(self.outputs)}"


def _path(name: str) -> list[str]:
    steps = [
        "".join(c if c.isalnum() or c == "_" else "_" for c in step) for step in name.split(".")
    ]
    return [step or "_" for step in steps]


def _free(owner: Module, name: str, part: bool = False) -> str:
    """A name that is free there; for a part, or taken by a part already."""
    while not (part and isinstance(owner._modules.get(name), _Part)) and hasattr(owner, name):
        name += "_"
    return name


def _checked(expected: Any, value: Any) -> Any:
    """An input as the model takes it, or an error that says what does not fit."""
    if value is None or (isinstance(value, (list, tuple)) and expected.code is None):
        return value
    if not isinstance(value, ag.Tensor):
        value = held(np.asarray(value))
    name = expected.name
    if expected.code is not None:
        wanted, got = dtype_of(expected.code), raw(value).dtype
        kinds = {wanted.kind, got.kind}
        if kinds != {"f"} and wanted != got and not kinds <= set("OUTS"):
            raise DTypeError(f"the input {name!r} is of {wanted.name}; got {got.name}")
    if expected.shape is None:
        return value
    shape = raw(value).shape
    fits = len(shape) == len(expected.shape) and all(
        not isinstance(n, int) or n == m for n, m in zip(expected.shape, shape, strict=True)
    )
    if not fits:
        told = ", ".join(str(n) if n is not None else "?" for n in expected.shape)
        raise ShapeError(f"the input {name!r} has the shape ({told}); got {shape}")
    return value


def load(model: Any, trusted: bool = False) -> ONNXModel:
    """An ONNX model as a module, whose outputs can be differentiated.

    `model` is a path, the bytes of a file, or an `onnx.ModelProto`. Numbers that lie in files
    beside the model are read from its folder, and from nowhere else. Errors: operators that are
    not in the table are named, with their nodes; what is damaged, too deep or too large is refused.
    A run may take 1 GiB, and more by what the file and the inputs hold: each of their bytes allows
    for 512 at one time, and for 16,384 in all. `trusted` takes these bounds away.
    """
    found = read(model)
    if not found.graph.outputs:
        raise ArgumentError("the model has no outputs")
    return ONNXModel(found, trusted)
