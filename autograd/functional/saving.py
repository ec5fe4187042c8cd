"""What is saved for backward, kept in another form: by two hooks, in half precision, on disk."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from autograd.engine.modes import ModeChange, capturing, packers
from autograd.engine.operands import raw
from autograd.engine.outputs import wrap
from autograd.engine.packing import Packer
from autograd.engine.recorder import look_for_interceptors
from autograd.errors import MissingFileError, TraceError
from autograd.system.forks import forkable

__all__ = ["save_in_half", "save_on_disk", "saved_tensors_hooks"]

_opening = forkable(Lock())


class saved_tensors_hooks(ModeChange):
    """Have what ops save for backward packed by one hook and unpacked by another.

    A context manager and decorator, PyTorch's. `pack_hook` is called with each Tensor that an op
    in the block saves, and gives whatever is to be kept; `unpack_hook` is called with that whenever
    a rule needs it, and gives the Tensor again, of the same shape and dtype. What hooks compute is
    not recorded. Of nested blocks the innermost counts. The graph holds leaves and constants
    besides: what is won is the memory of results between. A compiled function runs eagerly in the
    block; in a function that is traced a block raises TraceError: a program plans its own memory.

    Shape: unpack gives what pack was given.

    >>> import autograd as ag
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> with ag.saved_tensors_hooks(lambda t: t.numpy().copy(), ag.Tensor):
    ...     y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    Tensor([2., 4.], dtype=float32)
    """

    __slots__ = ("_packer",)

    def __init__(self, pack_hook: Callable[[Any], Any], unpack_hook: Callable[[Any], Any]) -> None:
        self._packer = Packer("saved_tensors_hooks", pack_hook, unpack_hook, self._dress)
        super().__init__(packer=self._packer)

    @staticmethod
    def _dress(tensor: Any) -> Any:
        """A Tensor as hooks see it: a face has its own class."""
        return tensor

    def __enter__(self) -> None:
        if capturing() is not None:
            raise TraceError(
                "saved_tensors_hooks: in a function that is traced (compile, vmap, scan) there is "
                "nothing to pack: a program plans its own memory; open the block around its call"
            )
        with _opening:
            packers.append(self._packer)
            look_for_interceptors()
        super().__enter__()

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        with _opening:
            packers.remove(self._packer)
            look_for_interceptors()


def save_in_half() -> saved_tensors_hooks:
    """Keep what is saved for backward in half precision: half the memory, gradients to 3 digits.

    Floats beyond 65504, the largest of float16, and what is no float stays as it is.

    >>> import autograd as ag
    >>> x = ag.Tensor([0.3, 1e6], requires_grad=True)
    >>> with ag.functional.save_in_half():
    ...     y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    Tensor([6.e-01, 2.e+06], dtype=float32)
    """
    return saved_tensors_hooks(_halved, _widened)


def _halved(tensor: Any) -> Any:
    value = raw(tensor)
    dtype = value.dtype
    if dtype.kind != "f" or dtype.itemsize <= np.dtype(np.float16).itemsize:
        return value, dtype
    most = np.finfo(np.float16).max
    with np.errstate(all="ignore"):
        fits = np.all((np.abs(value) <= most) | ~np.isfinite(value))
        return (value.astype(np.float16) if fits else value), dtype


def _widened(kept: Any) -> Any:
    value, dtype = kept
    return wrap(value.astype(dtype, copy=False))


def save_on_disk(directory: str | os.PathLike[str] | None = None) -> saved_tensors_hooks:
    """Keep what is saved for backward in files of `directory`, by default the system's for such.

    A file goes when its graph does, or the process ends. Arrays below 4 KiB stay in memory.

    >>> import autograd as ag
    >>> x = ag.ones(5000).requires_grad_()
    >>> with ag.functional.save_on_disk():
    ...     y = (x * x).sum()
    >>> y.backward()
    >>> x.grad[:2]
    Tensor([2., 2.], dtype=float32)
    """
    folder = Path(tempfile.gettempdir() if directory is None else directory)
    if not folder.is_dir():
        raise MissingFileError(
            f"save_on_disk: there is no directory {str(folder)!r}; make it first"
        )
    return saved_tensors_hooks(lambda tensor: _File.of(raw(tensor), folder), _read)


_LEAST = 1 << 12


class _File:
    """An array in a file, which goes with it."""

    def __init__(self, value: Any, folder: Path) -> None:
        self.shape, self.dtype = value.shape, value.dtype
        handle, self.path = tempfile.mkstemp(".saved", "chaingrad-", folder)
        weakref.finalize(self, _remove, self.path)
        with os.fdopen(handle, "wb") as file:
            file.write(np.ascontiguousarray(value).data)

    @classmethod
    def of(cls, value: Any, folder: Path) -> Any:
        return cls(value, folder) if value.nbytes >= _LEAST else value


def _read(kept: Any) -> Any:
    if type(kept) is not _File:
        return wrap(kept)
    return wrap(np.fromfile(kept.path, kept.dtype).reshape(kept.shape))


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)
