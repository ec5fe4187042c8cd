"""Arrays and texts as a safetensors file, and back: what PyTorch's users exchange.

The small floats that NumPy has no dtype for (BF16, F8) are read as float32, which holds each of
them exactly. The format has no complex128: those stand in a file as float64 with a last axis of 2
(`torch.view_as_complex` reads them), and the metadata name them.
"""

from __future__ import annotations

import importlib
import io
import json
import stat
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from autograd.errors import ArgumentError, ArgumentTypeError
from autograd.system.files import write_file

__all__ = ["as_bytes", "check_ending", "from_bytes", "read", "write", "write_arrays"]

_LARGEST_HEADER = 100_000_000  # bytes, as in the library
_PAIRS = "chaingrad.complex128"  # of the metadata: the names of arrays that are pairs in the file
_SAME = {
    "BOOL": "bool", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4",
    "U64": "<u8", "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8", "C64": "<c8",
}  # fmt: skip
_ARCHIVE = b"PK\x03\x04"
_PICKLE = (
    "a pickle, which may run any program when it is loaded, and is not read here.\n  Convert it "
    "where it was written by safetensors.torch.save_file(model.state_dict(), path)"
)
_OTHERS = {  # what files of other kinds begin with
    **dict.fromkeys((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"), _PICKLE),
    _ARCHIVE: _PICKLE,
    b"\x89HDF": "an HDF5 file: model.load_weights(path) of nn.keras reads those of Keras",
    b"\x93NUM": "one array of NumPy: numpy.load(path) reads it",
    b"GGUF": "a GGUF file: convert it to safetensors",
}
_OF_PYTORCH = ("a pickle of PyTorch's", "which this is not")
_OTHER_ENDINGS = {  # what a name says that a file is
    **dict.fromkeys((".pt", ".pth", ".bin", ".ckpt", ".pkl", ".pickle"), _OF_PYTORCH),
    **dict.fromkeys((".h5", ".hdf5", ".keras"),
                    ("a file of Keras", "which model.save of nn.keras writes")),
    ".onnx": ("a model with its graph", "which autograd.onnx.export(..., path=...) writes"),
    ".npy": ("one array", "and there are several"),
    ".gguf": ("a file of llama.cpp", "which this is not"),
    ".json": ("a text", "which this is not"),
}  # fmt: skip
_HELD = {np.dtype(name).newbyteorder("=") for name in _SAME.values()}


def as_bytes(arrays: Mapping[str, Any], metadata: Mapping[str, str]) -> bytes:
    """What a file with these arrays holds; a dtype that has no place in one is an error."""
    held, pairs = {}, []
    for key, array in arrays.items():
        if array.dtype.newbyteorder("=") == np.complex128:
            pairs.append(key)
            array = np.stack((array.real, array.imag), axis=-1)
        elif array.dtype.newbyteorder("=") not in _HELD:
            raise ArgumentTypeError(
                f"safetensors files have no {array.dtype.name}, which {key!r} is; "
                f"save it as {'complex128' if array.dtype.kind == 'c' else 'float64'}"
            )
        held[key] = array
    texts = dict(metadata) | ({_PAIRS: json.dumps(pairs)} if pairs else {})
    content: bytes = importlib.import_module("safetensors.numpy").save(held, texts or None)
    return content


def write(path: Any, arrays: Mapping[str, Any], metadata: Mapping[str, str], what: str) -> Path:
    """Write arrays and texts to a file, whole or not at all; errors call it `what`."""
    return write_file(path, as_bytes(arrays, metadata), what)


def check_ending(path: Any, arrays_alone: bool = False) -> None:
    """Raise for a name that says a file of another kind; `.npz` may be where there are no texts."""
    ending = Path(path).suffix.lower()
    if ending in _OTHER_ENDINGS:
        kind, advice = _OTHER_ENDINGS[ending]
    elif ending == ".npz" and not arrays_alone:
        kind, advice = "arrays alone", "which have no place for the rest of a checkpoint"
    else:
        return
    raise ArgumentError(
        f"{Path(path).name!r} names {kind}, {advice}: write {Path(path).stem}.safetensors"
    )


def write_arrays(path: Any, arrays: Mapping[str, Any], what: str) -> Path:
    """Write arrays to a safetensors file, or where the name says so to one of NumPy's `.npz`."""
    check_ending(path, arrays_alone=True)
    if Path(path).suffix.lower() != ".npz":
        return write(path, arrays, {}, what)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, array in arrays.items():  # np.savez keeps some names for itself
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asanyarray(array), allow_pickle=False)
    return write_file(path, content.getvalue(), what)


def read(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The arrays and the texts of a file, of which no more is read than its header promises.

    A file that numpy.savez wrote is read too; it has no texts.
    """
    found = path.stat()
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        raise ArgumentError(f"{path} is no safetensors file, but a device, a pipe or a socket")
    with path.open("rb") as file:
        start = file.read(8)
        file.seek(0)
        if start.startswith(_ARCHIVE) and (arrays := _of_numpy(file, path)) is not None:
            return arrays, {}
        refuse_others(start, path)
        return _held(file, found.st_size, path)


def _of_numpy(file: BinaryIO, path: Path) -> dict[str, Any] | None:
    """The arrays that numpy.savez wrote; None if the archive is another's."""
    try:
        names = zipfile.ZipFile(file).namelist()
        file.seek(0)
        if "model.weights.h5" in names or "weights.npz" in names:
            raise ArgumentError(
                f"{path} is a model of Keras or nn.keras: model.load_weights(path) of nn.keras "
                "reads the weights of both, and keras.models.load_model(path) what was saved here"
            )
        if not all(name.endswith(".npy") for name in names):
            return None
        with np.load(file, allow_pickle=False) as held:
            return {name: held[name] for name in held.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, MemoryError) as error:
        raise ArgumentError(
            f"{path} is no archive of plain arrays, or is damaged: {error}"
        ) from None


def refuse_others(start: bytes, name: Any) -> None:
    """Raise for a file of another kind, told by its first 8 bytes, with how to bring it over."""
    if int.from_bytes(start, "little") <= _LARGEST_HEADER:
        return  # the length of a header, which may begin as a pickle does
    for kind, word in _OTHERS.items():
        if start.startswith(kind):
            raise ArgumentError(f"{name} is {word}")


def from_bytes(content: bytes, name: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """The arrays and the texts of what a file held; messages call it `name`.

    >>> from_bytes(as_bytes({"a": np.arange(3)}, {}), "a file")[0]
    {'a': array([0, 1, 2])}
    """
    return _held(io.BytesIO(content), len(content), name)


def _held(file: BinaryIO, size: int, name: Any) -> tuple[dict[str, Any], dict[str, str]]:
    try:
        metadata = _checked_header(file, size).get("__metadata__", {})
        file.seek(0)
        arrays = _arrays(file.read(), metadata)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - the library's own errors have no common base
        raise ArgumentError(f"{name} is no safetensors file, or is damaged: {error}") from None
    return arrays, metadata


def _checked_header(file: BinaryIO, there: int) -> dict[str, Any]:
    """The header of a file, if it speaks of as many bytes as there are."""
    size = int.from_bytes(file.read(8), "little")
    if size > min(there - 8, _LARGEST_HEADER):
        raise ArgumentError(f"its header would take {size:,} bytes, and the file has {there:,}")
    header: dict[str, Any] = json.loads(file.read(size))
    ends = [part["data_offsets"][1] for key, part in header.items() if key != "__metadata__"]
    expected = 8 + size + max(ends, default=0)
    if expected != there:
        raise ArgumentError(f"it should have {expected:,} bytes, and it has {there:,}")
    return header


def _arrays(content: bytes, metadata: Mapping[str, str]) -> dict[str, Any]:
    library: Any = importlib.import_module("safetensors")
    found = {
        key: _array(key, part["dtype"], part["data"]).reshape(part["shape"])
        for key, part in library.deserialize(content)
    }
    for key in json.loads(metadata.get(_PAIRS, "[]")):
        found[key] = np.ascontiguousarray(found[key]).view(np.complex128)[..., 0]
    return found


def _array(key: str, dtype: str, data: bytearray) -> np.ndarray:
    if dtype in _SAME:
        return np.frombuffer(data, np.dtype(_SAME[dtype]))
    if dtype == "BF16":  # the upper half of a float32
        return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    if dtype in _SMALL:
        table = np.array([_SMALL[dtype](byte) for byte in range(256)], np.float32)
        found: np.ndarray = table[np.frombuffer(data, np.uint8)]
        return found
    raise ArgumentError(
        f"{key!r} is {dtype}, which is not read here; where the file was written, convert it to "
        "BF16 or F32"
    )


def _float8(byte: int, exponent: int, bias: int, special: Callable[[int], float | None]) -> float:
    """The number that a byte of sign, exponent and mantissa is, or what is special about it."""
    known = special(byte)
    if known is not None:
        return known
    mantissa = 7 - exponent
    power, digits = (byte & 127) >> mantissa, (byte & ((1 << mantissa) - 1)) / (1 << mantissa)
    size = np.ldexp(digits + 1, power - bias) if power else np.ldexp(digits, 1 - bias)
    return float(-size if byte & 128 else size)


def _nan_at(*bytes_: int) -> Callable[[int], float | None]:
    return lambda byte: float("nan") if byte in bytes_ else None


def _as_ieee(byte: int) -> float | None:
    """Of 5 exponent bits, the largest are infinity and NaN."""
    if byte & 0x7C != 0x7C:
        return None
    return float("nan") if byte & 3 else (-np.inf if byte & 128 else np.inf)


# Micikevicius et al. 2022, "FP8 formats for deep learning"; FNUZ: no infinities, no negative zero
_SMALL: dict[str, Callable[[int], float]] = {
    "F8_E4M3": lambda byte: _float8(byte, 4, 7, _nan_at(0x7F, 0xFF)),
    "F8_E5M2": lambda byte: _float8(byte, 5, 15, _as_ieee),
    "F8_E4M3FNUZ": lambda byte: _float8(byte, 4, 8, _nan_at(0x80)),
    "F8_E5M2FNUZ": lambda byte: _float8(byte, 5, 16, _nan_at(0x80)),
    "F8_E8M0": lambda byte: float("nan") if byte == 255 else float(np.ldexp(1.0, byte - 127)),
}
