"""Programs in files: the structure as JSON, the numbers as safetensors. Loading runs no code.

Ops, functions, tuples and optimizers stand in a file by their names, and are looked up in the
tables of chaingrad: a file can name nothing else.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from autograd import tensor_files
from autograd.errors import ArgumentError, TraceError
from autograd.graph.call import Call
from autograd.program.decode import Decoder
from autograd.program.encode import Encoder

__all__ = ["load", "save"]

KEY = "chaingrad.program"
VERSION = 2
DAMAGES = (
    KeyError, ValueError, TypeError, IndexError, AttributeError, RecursionError, OverflowError
)  # fmt: skip


def save(program: Any, path: str | os.PathLike[str]) -> Path:
    """Write a program with what its places hold now."""
    encoder = Encoder(program.nodes)
    content = {
        "version": VERSION,
        "nodes": [encoder.node(node) for node in program.nodes],
        "outputs": [encoder.number[node] for node in program.outputs],
        "args": encoder(program.call.args),
        "kwargs": encoder(program.call.kwargs),
        "result": encoder(program.call.result),
        "names": list(program.names),
        "constants": encoder(program.constants),
        "guards": [
            [encoder.number[node], encoder(tuple(map(tuple, guards)))]
            for node, guards in program.call.guards.items()
        ],
        "presence": [[encoder(cell), list(seen)] for cell, seen in program.presence.items()],
    }
    content["schedules"] = [encoder.schedule(each) for each in encoder.schedules]  # which grow
    content["generators"] = [encoder.generator(each) for each in encoder.generators]
    content["optimizers"] = [encoder.optimizer(each) for each in encoder.optimizers]
    content["tensors"] = encoder.described()
    return tensor_files.write(path, encoder.arrays, {KEY: json.dumps(content)}, "the program")


def load(path: str | os.PathLike[str]) -> tuple[Any, ...]:
    """The parts of the program in a file, with Tensors and optimizers of its own."""
    try:
        arrays, metadata = tensor_files.read(Path(path))
        return _decoded(json.loads(metadata[KEY]), arrays)
    except DAMAGES as error:
        if isinstance(error, TraceError):
            raise
        raise ArgumentError(f"{path} holds no program, or is damaged: {error!r:.200}") from None


def _decoded(content: dict[str, Any], arrays: dict[str, Any]) -> tuple[Any, ...]:
    if content["version"] != VERSION:
        raise ArgumentError(f"a program of version {content['version']}, and this reads {VERSION}")
    decoder = Decoder(arrays, content["tensors"], content["optimizers"])
    decoder.add(content.get("schedules", ()), content.get("generators", ()))
    nodes = tuple(map(decoder.node, content["nodes"]))
    call = Call(decoder.missing, decoder(content["args"]), decoder(content["kwargs"]))
    call.result = decoder(content["result"])
    call.guards = {nodes[at]: decoder.guards(found) for at, found in content["guards"]}
    presence = {decoder(cell): (bool(a), b) for cell, (a, b) in content["presence"]}
    outputs = tuple(nodes[at] for at in content["outputs"])
    constants = decoder(content["constants"])
    names = content["names"]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ArgumentError("the names of its arguments are none")
    return call, nodes, outputs, presence, names, constants
