"""Weights from files of Keras: `.weights.h5`, and the one inside a `.keras` archive.

There a layer is found by its place: `layers/dense_1` is the second Dense of a model's layers,
`blocks/conv2d` the first Conv2D in the list `self.blocks`, and a layer that is reached twice stands
where it comes first. Its variables are `vars/0`, `vars/1`, ...; those of layers inside of a layer
of Keras' own, such as the cell of an LSTM, stand in groups of it.
"""

from __future__ import annotations

import importlib
import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import Any

from autograd.errors import MissingPackageError, ShapeError, StateDictError
from nn.keras.base.layer import Layer
from nn.keras.base.weights import UNTRACKED
from nn.keras.naming import snake

__all__ = ["is_hdf5", "load"]

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_INSIDE = "model.weights.h5"  # of a .keras archive
# Groups within a layer, in the order of its weights
_PARTS = (
    "forward_layer", "backward_layer", "query_dense", "key_dense", "value_dense", "output_dense",
    "cell", "cells", "layer",
)  # fmt: skip


def is_hdf5(filepath: Any) -> bool:
    """Whether a file is one of Keras' with weights."""
    if zipfile.is_zipfile(filepath):
        with zipfile.ZipFile(filepath) as archive:
            return _INSIDE in archive.namelist()
    with open(filepath, "rb") as file:
        return file.read(8) == _SIGNATURE


def load(model: Any, filepath: Any, skip_mismatch: bool = False) -> None:
    """Take the weights of a file that Keras has written; nothing is changed if some do not fit."""
    try:
        h5py = importlib.import_module("h5py")
    except ImportError:
        raise MissingPackageError(
            f"{filepath} is a file of Keras, which h5py reads:  pip install h5py"
        ) from None
    source: Any = filepath
    if zipfile.is_zipfile(filepath):
        with zipfile.ZipFile(filepath) as archive:
            source = io.BytesIO(archive.read(_INSIDE))
    try:
        with h5py.File(source, "r") as file:
            pairs = [*_pairs(file, model, "", set())]
    except OSError as error:
        raise StateDictError(f"{filepath} is no HDF5 file, or is damaged: {error}") from None
    given = {id(v) for v, _, _ in pairs}
    if missing := [v for v in model.weights if id(v) not in given]:
        raise StateDictError(
            f"{filepath} has no {missing[0].path} of {model.name}: it is of another model"
        )
    fitting = [(v, array) for v, array, _ in pairs if v.shape == array.shape]
    if len(fitting) < len(pairs) and not skip_mismatch:
        v, array, where = next((v, a, w) for v, a, w in pairs if v.shape != a.shape)
        raise ShapeError(
            f"{filepath}: {where} is {array.shape}, and {v.path} of {model.name} is {v.shape}: "
            "they are of another model"
        )
    for v, array in fitting:
        v.assign(array)


def _pairs(group: Any, layer: Any, where: str, seen: set[int]) -> Iterator[tuple[Any, Any, str]]:
    """Each weight of a layer, what the file has for it, and where."""
    if id(layer) in seen or group is None:
        return
    seen.add(id(layer))
    if _is_keras_own(layer):
        arrays = [*_arrays(group, where)]
        own = layer.weights
        if len(arrays) != len(own):
            raise StateDictError(
                f"{where or 'the file'} has {len(arrays)} weights, and the layer {layer.name} has "
                f"{len(own)}: they are of another model"
            )
        for v, (array, place) in zip(own, arrays, strict=True):
            yield v, array, place
        return
    yield from zip(layer._own_weights, *_columns(_variables(group, where)), strict=False)
    for name, child in _children(layer):
        inside = f"{where}/{name}".lstrip("/")
        if isinstance(child, Layer):
            yield from _pairs(_group(group, name), child, inside, seen)
            continue
        yield from _held_pairs(_group(group, name), child, inside, seen)


def _held_pairs(
    group: Any, container: Any, where: str, seen: set[int]
) -> Iterator[tuple[Any, Any, str]]:
    """The same for the layers in a list or dict, and in those inside of it."""
    counts: Counter[str] = Counter()
    for each in container.values() if isinstance(container, dict) else container:
        if not isinstance(each, (Layer, list, tuple, dict)):
            continue
        kind = _kind(each)
        name = f"{kind}_{counts[kind]}" if counts[kind] else kind
        counts[kind] += 1
        pairs = _pairs if isinstance(each, Layer) else _held_pairs
        yield from pairs(_group(group, name), each, f"{where}/{name}", seen)


def _kind(held: Any) -> str:
    if not isinstance(held, Layer):
        return "container"
    cls = type(held)
    return "functional" if cls.__name__ == "Model" and _is_model(held) else snake(cls.__name__)


def _is_keras_own(layer: Any) -> bool:
    """Whether the file tells of the layer as a whole, by Keras' own parts of it."""
    return not _is_model(layer) and type(layer).__module__.startswith("nn.keras.")


def _is_model(layer: Any) -> bool:
    return hasattr(layer, "_all_layers")


def _children(layer: Any) -> list[tuple[str, Any]]:
    """The layers in a layer or model of one's own by attribute, in alphabetical order, as Keras."""
    found = {n: c for n, c in layer.named_children() if isinstance(c, Layer) and n.isidentifier()}
    found |= {n: v for n, v in vars(layer).items() if isinstance(v, (list, tuple, dict))}
    if _is_model(layer):
        found["layers"] = layer.layers
    names = sorted(found, key=lambda name: (name.startswith("_"), name))
    if _is_model(layer) and layer._nodes is not None:
        names = ["layers"]
    return [(name, found[name]) for name in names if name not in UNTRACKED]


def _group(group: Any, name: str) -> Any:
    return None if group is None or name not in group else group[name]


def _variables(group: Any, where: str) -> list[tuple[Any, str]]:
    held = _group(group, "vars")
    names = [] if held is None else sorted(held, key=int)
    return [(held[name][()], f"{where}/vars/{name}".lstrip("/")) for name in names]


def _columns(rows: list[tuple[Any, str]]) -> list[list[Any]]:
    return [[row[i] for row in rows] for i in range(2)]


def _arrays(group: Any, where: str) -> Iterator[tuple[Any, str]]:
    """All variables in a group: its own, then those of its parts."""
    yield from _variables(group, where)
    parts = [n for n in group if n != "vars" and hasattr(group[n], "keys") and "seed" not in n]
    for name in sorted(parts, key=_place):
        yield from _arrays(group[name], f"{where}/{name}")


def _place(name: str) -> tuple[Any, ...]:
    known = name.lstrip("_")
    stem, _, number = known.rpartition("_")
    at = _PARTS.index(known) if known in _PARTS else len(_PARTS)
    return (at, stem, int(number)) if number.isdigit() else (at, known, 0)
