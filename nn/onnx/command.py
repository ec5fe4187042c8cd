"""python -m autograd.onnx: a model looked at, drawn and run, without writing a program."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError, AutogradError, MissingFileError
from nn.onnx.load import ONNXModel, load
from nn.onnx.reading import model_of, unsupported

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 is success, 1 that operators are missing, 2 that something is wrong."""
    given = _parser().parse_args(arguments)
    try:
        return int(_COMMANDS[given.command](given))
    except AutogradError as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m autograd.onnx", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (
        ("check", "operators, those that are missing, shapes, parameters"),
        ("draw", "the graph of a call as an SVG file"),
        ("run", "the outputs for inputs from .npy files"),
    ):
        one = commands.add_parser(name, help=what)
        one.add_argument("model", help="the ONNX file")
        one.add_argument("--trusted", action="store_true", help="no bounds on what a run takes")
        if name != "check":
            one.add_argument(
                "--input", action="append", default=[], metavar="[NAME=]FILE.npy",
                help="an input, in the order of the model's inputs or by name",
            )  # fmt: skip
            one.add_argument(
                "-o", "--output", help="where to write: an .svg, or an .npz of outputs"
            )
    return parser


def _check(given: Any) -> int:
    model, _ = model_of(given.model)
    missing = unsupported(given.model)
    opsets = ", ".join(f"{o.domain or 'ai.onnx'} {o.version}" for o in model.opset_import)
    print(f"opset       {opsets}")
    counts = Counter(node.op_type for node in model.graph.node)
    for name, count in sorted(counts.items()):
        print(f"operator    {name} x {count}")
    for label, op in missing.items():
        print(f"missing     {op} (node {label!r})")
    if missing:
        return 1
    loaded = load(given.model)
    for i in loaded._graph.inputs:
        print(f"input       {i.name} {_told(i.shape)}")
    for name in loaded.outputs:
        print(f"output      {name}")
    total = 0
    for name, parameter in loaded.named_parameters():
        print(f"parameter   {name} {_told(parameter.shape)}")
        total += parameter.size
    nodes = len(model.graph.node)
    print(f"{nodes} node{'s' * (nodes != 1)}, {total:,} parameters: every operator is supported")
    return 0


def _told(shape: Any) -> str:
    if shape is None:
        return "of any shape"
    return f"({', '.join('?' if n is None else str(n) for n in shape)})"


def _inputs(model: ONNXModel, told: list[str]) -> dict[str, Any]:
    """The inputs from files, by name or in their order."""
    found: dict[str, Any] = {}
    left = list(model.inputs)
    for entry in told:
        name, _, path = entry.rpartition("=")
        name = name or next((n for n in left if n not in found), "")
        if not name:
            raise ArgumentError(f"the model takes {len(left)} inputs; {entry!r} is one too many")
        try:
            found[name] = np.load(path, allow_pickle=False)
        except FileNotFoundError:
            raise MissingFileError(f"there is no file {path!r}") from None
        except (ValueError, EOFError, OSError) as error:
            raise ArgumentError(f"{path!r} is no .npy file: {error}") from error
    needed = (i.name for i in model._graph.inputs if not i.optional)
    if missing := [name for name in needed if name not in found]:
        raise ArgumentError(
            f"the model needs the inputs {', '.join(missing)} as well: "
            f"--input {missing[0]}=FILE.npy"
        )
    return found


def _example(model: ONNXModel) -> dict[str, Any]:
    """Zeros in the shapes of the inputs; free lengths are 1."""
    from nn.onnx.tensors import dtype_of

    return {
        i.name: np.zeros(
            [n if isinstance(n, int) else 1 for n in i.shape or ()], dtype_of(i.code or 1)
        )
        for i in model._graph.inputs
    }


def _draw(given: Any) -> int:
    model = load(given.model, given.trusted)
    found = model(**(_inputs(model, given.input) if given.input else _example(model)))
    one = next((v for v in _tuple(found) if getattr(v, "requires_grad", False)), None)
    if one is None:
        raise ArgumentError("no output depends on a parameter: there is no graph to draw")
    path = given.output or f"{given.model.removesuffix('.onnx')}.svg"
    with open(path, "w", encoding="utf-8") as file:
        file.write(ag.viz.draw(one).svg())
    print(path)
    return 0


def _run(given: Any) -> int:
    model = load(given.model, given.trusted)
    with ag.no_grad():
        found = _tuple(model(**_inputs(model, given.input)))
    named = dict(zip(model.outputs, found, strict=True))
    arrays: dict[str, Any] = {
        n: v.numpy() if isinstance(v, ag.Tensor) else v for n, v in named.items()
    }
    if given.output:
        np.savez(given.output, **arrays)
        print(given.output)
        return 0
    for name, value in arrays.items():
        print(name)
        print(value)
    return 0


def _tuple(found: Any) -> tuple[Any, ...]:
    return found if isinstance(found, tuple) else (found,)


_COMMANDS = {"check": _check, "draw": _draw, "run": _run}
