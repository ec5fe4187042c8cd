"""Settings and modes of the whole program: gradients, dtypes, threads; what has no meaning here."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

import autograd
from autograd.errors import ArgumentError
from nn.torch.devices import CPU, check_cpu
from nn.torch.dtypes import as_numpy, of
from nn.torch.functions import creating
from nn.torch.promotion import promote
from nn.torch.promotion import result_dtype as met
from nn.torch.questions import KINDS
from nn.torch.sizes import Size
from nn.torch.tensor import Tensor

__version__ = "2.13.0+chaingrad"  # of the PyTorch whose meanings these are
inf, nan, pi, e = float("inf"), float("nan"), np.pi, np.e
newaxis = None
strided = "torch.strided"
preserve_format, contiguous_format, channels_last, channels_last_3d = (
    f"torch.{name}"
    for name in ("preserve_format", "contiguous_format", "channels_last", "channels_last_3d")
)


def inference_mode(mode: Any = True) -> Any:
    """Do not record, or do so again: a context manager and a decorator."""
    if callable(mode):
        return autograd.no_grad(mode)
    return autograd.no_grad() if mode else contextlib.nullcontext()


def is_inference_mode_enabled() -> bool:
    """Whether nothing is recorded."""
    return not autograd.is_grad_enabled()


def is_inference(input: Any) -> bool:
    """Whether a Tensor was made in inference mode: it can be used anywhere here."""
    return False


# ---- dtypes --------------------------------------------------------------------------------------


def set_default_tensor_type(t: Any, /) -> None:
    """Set the default dtype by an old class, as torch.DoubleTensor or its name."""
    name = t if isinstance(t, str) else getattr(t, "kind_of_tensor", str(t))
    kind = KINDS.get(name.removeprefix("torch.").removesuffix("Tensor"))
    if kind is None:
        raise ArgumentError(f"set_default_tensor_type: {t!r} is not here; use set_default_dtype")
    autograd.set_default_dtype(kind)


def promote_types(type1: Any, type2: Any) -> Any:
    """The dtype that two dtypes meet in."""
    return of(promote(as_numpy(type1), as_numpy(type2)))


def result_type(tensor1: Any, tensor2: Any) -> Any:
    """The dtype that two Tensors or numbers meet in."""
    return of(met((tensor1, tensor2)))


def can_cast(from_: Any, to: Any) -> bool:
    """Whether numbers keep their kind when they are cast: only booleans may become others."""
    order = "biufc"
    a, b = as_numpy(from_).kind, as_numpy(to).kind
    a, b = a.replace("u", "i"), b.replace("u", "i")
    return order.index(a) <= order.index(b)


# ---- what is accepted, and changes nothing -------------------------------------------------------

_set: dict[str, Any] = {"deterministic": False, "warn": False, "precision": "highest"}


def get_default_device() -> Any:
    """The CPU."""
    return CPU


def set_default_device(device: Any) -> None:
    """The CPU is all that can be asked for."""
    check_cpu(device)


def set_num_threads(int: int, /) -> None:
    """How many threads compute."""
    autograd.set_num_threads(int)


def get_num_interop_threads() -> int:
    """How many ops run beside each other: one."""
    return 1


def set_num_interop_threads(int: int, /) -> None:
    """Accepted: ops run one after the other."""


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Accepted: results are the same in every run."""
    _set["deterministic"] = mode


def are_deterministic_algorithms_enabled() -> bool:
    """What was set."""
    return bool(_set["deterministic"])


def set_float32_matmul_precision(precision: str) -> None:
    """Accepted: products are of full precision."""
    _set["precision"] = precision


def get_float32_matmul_precision() -> str:
    """What was set."""
    return str(_set["precision"])


def set_flush_denormal(mode: bool) -> bool:
    """Not done: False says so."""
    return False


def set_warn_always(b: bool, /) -> None:
    """Accepted: warnings go by Python's own filters."""


def typename(obj: Any, /) -> str:
    """The name of an object's class."""
    if isinstance(obj, autograd.Tensor):
        return str(obj.type())  # type: ignore[attr-defined]
    return f"{type(obj).__module__}.{type(obj).__qualname__}"


def is_storage(obj: Any, /) -> bool:
    """No: there are no storages."""
    return False


def is_warn_always_enabled() -> bool:
    """No."""
    return False


def is_autocast_enabled(device_type: Any = None) -> bool:
    """No: nothing is cast by itself."""
    return False


def get_device(input: Any) -> int:
    """-1, which means the CPU."""
    return -1


# ---- old classes ---------------------------------------------------------------------------------


class _Kind(type):
    """The old classes of Tensors of one dtype: `FloatTensor(2, 3)`, `LongTensor([1, 2])`."""

    kind_of_tensor: str

    def __call__(cls, *data: Any) -> Any:
        wanted = of(np.dtype(KINDS[cls.__name__.removesuffix("Tensor")]))
        if not data or all(isinstance(n, int) for n in data):
            return creating.empty(*(data or (0,)), dtype=wanted)
        if isinstance(data[0], Size):
            return creating.empty(data[0], dtype=wanted)
        return creating.tensor(data[0], dtype=wanted)

    def __instancecheck__(cls, obj: Any) -> bool:
        return isinstance(obj, Tensor) and obj.type() == cls.kind_of_tensor  # type: ignore[attr-defined]


def _kind(name: str, kind: str) -> Any:
    doc = f"A Tensor of {kind}, of a size or of numbers."
    where = {"__doc__": doc, "__module__": "nn.torch", "kind_of_tensor": f"torch.{name}Tensor"}
    return _Kind(f"{name}Tensor", (), where)


FloatTensor, DoubleTensor, HalfTensor, IntTensor, LongTensor = (
    _kind(name, KINDS[name]) for name in ("Float", "Double", "Half", "Int", "Long")
)
ShortTensor, CharTensor, ByteTensor, BoolTensor = (
    _kind(name, KINDS[name]) for name in ("Short", "Char", "Byte", "Bool")
)
