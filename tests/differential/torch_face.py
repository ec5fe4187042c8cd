"""How one expression is compared in PyTorch and in nn.torch: values, dtypes, shapes, errors."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch

import nn.torch as ours

F32 = np.array([[1.5, -2.0, 0.5], [0.25, 3.0, -1.0]], np.float32)
INPUTS: dict[str, Any] = {
    "x": F32,
    "y": np.array([[0.5, 2.0, -0.5], [1.25, -3.0, 4.0]], np.float32),
    "d": F32.astype(np.float64),
    "h": F32.astype(np.float16),
    "i": np.array([[3, -2, 1], [0, 5, -4]], np.int64),
    "j": np.array([[2, 3, 1], [4, 5, 2]], np.int64),
    "s": np.array([[3, -2, 1], [0, 5, -4]], np.int32),
    "u": np.array([[3, 2, 1], [0, 5, 4]], np.uint8),
    "b": np.array([[True, False, True], [False, False, True]]),
    "v": np.array([0.5, -1.5, 2.5], np.float32),
    "w": np.array([3, 1, 2], np.int64),
    "k": np.array([2, 0], np.int64),
    "n": np.float32(2.5),
    "e": np.float64(1.5),
    "m": np.int64(3),
    "o": np.zeros((0, 3), np.float32),
    "q": np.zeros((0,), np.float32),
    "c": np.array([[1 + 2j, -1j, 0.5], [2, 1j, -1 - 1j]], np.complex64),
    "t": np.arange(24, dtype=np.float32).reshape(2, 3, 4) - 11.5,
    "p": np.array([[0.2, 0.7, 0.5], [0.9, 0.1, 0.4]], np.float32),
    "a": np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -0.2], [0.5, -0.2, 2.0]], np.float32),
    "z": np.array([[1.0, np.nan, 3.0], [np.inf, -np.inf, 0.0]], np.float32),
}


OURS = (ours.Tensor, ours.nn.Parameter, ours.nn.Buffer)


class Failed:
    """That an expression raised."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def run(library: Any, expression: str, leaves: tuple[str, ...] = ()) -> Any:
    """What an expression, or the last of several statements, gives."""
    names = {name: library.from_numpy(np.array(a)) if np.ndim(a) else library.tensor(a)
             for name, a in INPUTS.items()}  # fmt: skip
    for name in leaves:
        names[name] = names[name].clone().requires_grad_()
    names |= {"torch": library, "np": np}
    *statements, last = expression.split("; ")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for statement in statements:
                exec(statement, names)  # noqa: S102 - written below, not by users
            return eval(last, names)  # noqa: S307
        except Exception as error:  # noqa: BLE001 - whatever it raises is compared
            return Failed(error)


def described(value: Any) -> Any:
    """A result without its library: dtype, shape and numbers, in tuples and lists."""
    if isinstance(value, (torch.Tensor, ours.Tensor)):
        assert not isinstance(value, ours.Tensor) or type(value) in OURS
        array = value.detach().resolve_conj().numpy()
        return (str(value.dtype), tuple(value.shape), array)
    if isinstance(value, (torch.Size, ours.Size)):
        return ("Size", *value)
    if isinstance(value, (tuple, list)):
        fields = getattr(value, "_fields", None)
        if fields is None and type(value).__module__.startswith("torch.return_types"):
            fields = tuple(n for n in dir(value) if n in ("values", "indices"))
        return (type(value) is list, *map(described, value))
    if isinstance(value, (torch.dtype, ours.dtype)) or hasattr(value, "type"):
        return str(value)
    return (type(value).__name__, value)


def equal(found: Any, wanted: Any, tolerance: float) -> None:
    """Two descriptions alike; floating numbers to a tolerance."""
    if isinstance(wanted, np.ndarray) and wanted.dtype.kind in "fc":
        np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance)
    elif isinstance(wanted, np.ndarray):
        np.testing.assert_array_equal(found, wanted)
    elif isinstance(wanted, tuple):
        assert isinstance(found, tuple)
        assert len(found) == len(wanted), (found, wanted)
        for f, w in zip(found, wanted, strict=True):
            equal(f, w, tolerance)
    elif isinstance(wanted, float):
        assert (
            found == wanted
            or (found != found and wanted != wanted)
            or (abs(found - wanted) <= tolerance * max(1, abs(wanted)))
        ), (found, wanted)
    else:
        assert found == wanted, (found, wanted)


def _lacks_it(error: BaseException) -> bool:
    """Whether PyTorch has no kernel for a dtype, which says nothing about a meaning."""
    return isinstance(error, NotImplementedError) or "implemented for" in str(error)


def compare(expression: str, leaves: tuple[str, ...] = (), tolerance: float = 3e-6) -> None:
    """One expression in both libraries: the same result, or an error in both."""
    wanted, found = run(torch, expression, leaves), run(ours, expression, leaves)
    if isinstance(wanted, Failed):
        if _lacks_it(wanted.error):
            return
        assert isinstance(found, Failed), f"PyTorch raises {wanted.error!r}, ours gives {found!r}"
        return
    if isinstance(found, Failed):
        raise AssertionError(f"PyTorch gives {wanted!r}") from found.error
    wanted, found = described(wanted), described(found)
    equal(found, wanted, 2e-3 if "float16" in str(wanted) else tolerance)


def expressions(table: str, between: str = ";") -> list[str]:
    """The expressions of a table, one after the other."""
    parts = " ".join(table.split("\n")).split(f"{between} ")
    return [part.strip().removesuffix(between.strip()).strip() for part in parts if part.strip()]


def faults(calls: list[str]) -> dict[str, str]:
    """The expressions that differ, each with what differs."""
    found = {}
    for call in calls:
        try:
            compare(call)
        except AssertionError as error:
            found[call] = str(error)[:200]
    return found
