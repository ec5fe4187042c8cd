"""Numbers of ONNX' tensors: their types, and where they are kept."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError, DTypeError, MissingFileError, UnsupportedError
from autograd.onnx.library import library

__all__ = ["array_of", "dtype_of", "held"]

_HELD = {np.dtype(c) for c in "?bBhHiIlLqQefdFD"}


def dtype_of(code: int) -> Any:
    """NumPy's type for ONNX' number of one."""
    try:
        return np.dtype(library("helper").tensor_dtype_to_np_dtype(code))
    except KeyError:
        raise DTypeError(f"{code} is not the number of one of ONNX' types") from None


def held(array: Any) -> Any:
    """A Tensor, or for types that it does not hold (texts, 8 bits and less) the array."""
    array = np.asarray(array)
    return ag.Tensor(array) if array.dtype in _HELD else array


def array_of(tensor: Any, folder: Path | None = None) -> Any:
    """The array of a TensorProto, whose numbers may lie in a file of the folder."""
    name, dims = tensor.name, list(tensor.dims)
    proto = library().TensorProto
    if any(n < 0 for n in dims):
        raise ArgumentError(f"tensor {name!r}: a length of {dims} is negative")
    if tensor.data_type not in proto.DataType.values() or tensor.data_type == proto.UNDEFINED:
        raise DTypeError(f"tensor {name!r}: {tensor.data_type} is not the number of a type")
    if tensor.data_location == proto.EXTERNAL:
        return _outside(tensor, folder)
    present = len(tensor.raw_data) + sum(
        len(getattr(tensor, kind))
        for kind in ("float_data", "int32_data", "int64_data", "double_data", "uint64_data")
    )  # a lower bound of how many there are, in quarters of a byte
    count = math.prod(dims)
    if count > 4 * (present + len(tensor.string_data)):
        raise ArgumentError(f"tensor {name!r} has the shape {dims}, and too few numbers for it")
    try:
        return np.array(library("numpy_helper").to_array(tensor))
    except (ValueError, TypeError, KeyError) as error:
        raise ArgumentError(f"tensor {name!r} of the shape {dims} is damaged: {error}") from error


def _real(folder: Path, location: str) -> Path:
    try:
        real = Path(os.path.realpath(folder / location))
        real.is_file()
    except (ValueError, OSError) as error:
        raise ArgumentError(f"{location[:60]!r} is no name of a file: {error.args[-1]}") from None
    return real


def _outside(tensor: Any, folder: Path | None) -> Any:
    """What lies in a file beside the model, and nowhere else."""
    name = tensor.name
    told = {entry.key: entry.value for entry in tensor.external_data}
    location = told.get("location", "")
    if folder is None:
        raise UnsupportedError(
            f"tensor {name!r} lies in the file {location!r} beside the model: load it by its path"
        )
    real = _real(folder, location)
    if not location or os.path.isabs(location) or not real.is_relative_to(folder.resolve()):
        raise ArgumentError(
            f"tensor {name!r} lies in {location!r}, outside of the model's folder: nothing is read"
        )
    if not real.is_file():
        raise MissingFileError(f"tensor {name!r} lies in {location!r}, which is not in the folder")
    dtype = dtype_of(tensor.data_type)
    count = math.prod(tensor.dims)
    try:
        start = int(told.get("offset", 0))
        length = int(told.get("length", count * dtype.itemsize))
    except ValueError:
        raise ArgumentError(f"tensor {name!r}: its place in {location!r} is no number") from None
    end = os.path.getsize(real)
    if start < 0 or length < 0 or start + length > end or length > count * dtype.itemsize:
        raise ArgumentError(
            f"tensor {name!r}: {length} bytes from {start} on are not what {location!r} has, "
            f"of {end}, or not what the shape {list(tensor.dims)} takes"
        )
    with real.open("rb") as file:
        file.seek(start)
        if dtype in _HELD and length == count * dtype.itemsize:  # as they are, without a copy
            return np.fromfile(file, dtype.newbyteorder("<"), count).reshape(list(tensor.dims))
        data = file.read(length)
    copy = library().TensorProto()
    copy.CopyFrom(tensor)
    copy.data_location = library().TensorProto.DEFAULT
    copy.ClearField("external_data")
    copy.raw_data = data
    return array_of(copy)
