"""The table of operators out: `python docs/make_onnx_out.py` writes docs/onnx_out.md."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import nn
from autograd.control.cond import COND
from autograd.control.scan import SCAN
from autograd.control.while_loop import WHILE
from autograd.engine.op import OPS
from autograd.errors import AutogradError
from autograd.onnx import export
from autograd.onnx.table import REFUSED

TEXT = """# Operators out

With which of ONNX's operators `autograd.onnx.export` writes each op, in single precision and the
newest opset, for the first of its samples that can be; `make docs` makes the table. In double
precision, at other shapes and where a model trains, others may take part: runtimes lack many in
float64. A matrix that has no inverse, or is not positive definite, is an error here and gives NaN
or ∞ there.
"""
CONTROL = {COND: "If", SCAN: "Scan", WHILE: "Loop"}
_FACES = ("keras", "torch", "tensorboard", "imports", "__main__")


def everything() -> None:
    """Import all that defines an op."""
    for module in pkgutil.walk_packages(nn.__path__, "nn."):
        if not any(face in module.name for face in _FACES):
            importlib.import_module(module.name)


def written(name: str) -> str:
    """The operators that an op is written with, for its first sample that can be."""
    refusals = []
    for sample in OPS[name].samples():
        arrays = [None if x is None else np.asarray(x) for x in sample.inputs]
        arrays = [x if x is None or x.dtype != float else x.astype(np.float32) for x in arrays]
        there = [k for k, x in enumerate(arrays) if x is not None]
        try:
            model = export(_call(name, arrays, there, sample.params), *[arrays[k] for k in there])
        except AutogradError as error:
            refusals.append(str(error).split(": ", 2)[-1])
            continue
        return _listed(sorted({*_kinds(model.graph)} - {"Identity"})) or "`Identity`"
    return f"not exported: {(refusals or ['there is no sample'])[0]}"


def _call(name: str, arrays: list[Any], there: list[int], params: Any) -> Callable[..., Any]:
    def call(*xs: Any) -> Any:
        given = list(arrays)
        for k, x in zip(there, xs, strict=True):
            given[k] = x
        return OPS[name].record(*given, **params)

    return call


def _kinds(graph: Any) -> Iterator[str]:
    for node in graph.node:
        yield node.op_type
        for attribute in node.attribute:
            yield from _kinds(attribute.g)


def table() -> str:
    """A line for each op that is written, then those that are not, with the reason."""
    everything()
    lines = ["| op | operators |", "|---|---|"]
    for name in sorted(OPS):
        if name not in REFUSED and _is_ours(name):
            lines.append(f"| `{name}` | {written(name)} |")
    lines += [f"| `{op.name}` of control flow | `{kind}` |" for op, kind in CONTROL.items()]
    lines += ["", "| not exported | why |", "|---|---|"]
    reasons: dict[str, list[str]] = {}
    for name, reason in sorted(REFUSED.items()):
        reasons.setdefault(reason, []).append(name)
    lines += [f"| {_listed(names)} | {reason} |" for reason, names in reasons.items()]
    return "\n".join(lines)


def _is_ours(name: str) -> bool:
    module = inspect.unwrap(OPS[name].forward).__module__
    return module.partition(".")[0] in ("autograd", "nn")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    place = Path(__file__).with_name("onnx_out.md")
    place.write_text(f"{TEXT}\n{table()}\n", encoding="utf-8")
