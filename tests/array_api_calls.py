"""Calls of the array API standard's functions, for Tensors and for array-api-strict's arrays."""

from __future__ import annotations

import inspect
import itertools
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import array_api_strict as strict
import numpy as np

import autograd as ag

__all__ = ["CALLS", "DTYPES", "Call", "found", "same"]

DTYPES = [*ag.__array_namespace_info__().dtypes()]
SPACES = {"": (ag, strict), "linalg.": (ag.linalg, strict.linalg), "fft.": (ag.fft, strict.fft)}
_REALS = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.5, 1e-8, 1e30, np.inf, -np.inf, np.nan]
_PARTS = [0.0, -0.0, 1.0, -2.5, np.inf, -np.inf, np.nan]


class Call(NamedTuple):
    """A function's name with arguments: arrays stand for Tensors, or for strict's arrays."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def ours(self) -> Any:
        return found(self.name)[0](*_each(self.args, ag.asarray), **self._kwargs(ag))

    def theirs(self) -> Any:
        return found(self.name)[1](*_each(self.args, strict.asarray), **self._kwargs(strict))

    def _kwargs(self, space: Any) -> dict[str, Any]:
        named = {n: _each((v,), space.asarray)[0] for n, v in self.kwargs.items()}
        return named | ({"dtype": getattr(space, named["dtype"])} if "dtype" in named else {})

    def __str__(self) -> str:
        given = [*map(_told, self.args), *(f"{n}={_told(v)}" for n, v in self.kwargs.items())]
        return f"{self.name}({', '.join(given)})"


def found(name: str) -> tuple[Any, Any]:
    """Our function, and theirs."""
    prefix, dot, last = name.rpartition(".")
    ours, theirs = SPACES[prefix + dot]
    return getattr(ours, last), getattr(theirs, last)


def _each(values: Any, make: Any) -> Any:
    return [
        make(v.copy())
        if isinstance(v, np.ndarray)
        else _each(v, make)
        if isinstance(v, list) and any(isinstance(item, np.ndarray) for item in v)
        else v
        for v in values
    ]


def _told(value: Any) -> str:
    return f"{value.dtype}{value.shape}" if isinstance(value, np.ndarray) else repr(value)


def same(ours: Any, theirs: Any) -> bool:
    """Equal in dtype, shape and value: NaN where NaN is, and zeros of one sign."""
    if isinstance(theirs, (tuple, list)):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if not isinstance(theirs, strict._array_object.Array):
        return bool(ours == theirs)
    a, b = ours.numpy(), theirs._array
    if (a.dtype, a.shape) != (b.dtype, b.shape) or a.dtype.kind not in "fc":
        return a.dtype == b.dtype and np.array_equal(a, b)
    tol = 16 * float(np.finfo(a.dtype).eps)
    parts = [(a, b)] if a.dtype.kind == "f" else [(a.real, b.real), (a.imag, b.imag)]
    for p, q in parts:
        zeros = (p == 0) & (q == 0)
        signs = np.array_equal(np.signbit(p[zeros]), np.signbit(q[zeros]))
        if not signs or not np.allclose(p, q, rtol=tol, atol=tol, equal_nan=True):
            return False
    return True


# ---- arguments -----------------------------------------------------------------------------------


def line(dtype: str) -> np.ndarray[Any, Any]:
    """The special values of a dtype, and ordinary ones."""
    kind = np.dtype(dtype)
    if kind.kind == "b":
        return np.array([True, False])
    if kind.kind in "iu":
        info = np.iinfo(kind)
        return np.array([0, 1, 3, 7, info.max, *([-1, -7, info.min] if info.min else [])], kind)
    if kind.kind == "f":
        return np.array(_REALS, kind)
    return np.array([complex(a, b) for a in _PARTS for b in _PARTS], kind)


def matrix(dtype: str) -> np.ndarray[Any, Any]:
    return np.resize(line(dtype)[:5], (2, 3))


def small(dtype: str, *shape: int) -> np.ndarray[Any, Any]:
    """Small whole numbers, for sums of products."""
    return np.resize(np.array([1, 2, 0, 3, 1]), shape).astype(dtype)


def _functions(*names: str) -> list[str]:
    """The functions of the namespace whose arrays have these names."""
    chosen = []
    for name in strict.__all__:
        function = getattr(strict, name)
        if inspect.isfunction(function):
            parameters = inspect.signature(function).parameters.values()
            if tuple(p.name for p in parameters if p.kind is p.POSITIONAL_ONLY) == names:
                chosen.append(name)
    return chosen


_ELSEWHERE = {"empty_like", "full_like", "from_dlpack", "broadcast_to", "permute_dims"}
_PRODUCTS = {"matmul", "tensordot", "vecdot"}
_FLAGS = {
    "keepdims": {"keepdims": True}, "include_initial": {"axis": -1, "include_initial": True},
    "descending": {"axis": 0, "descending": True}, "correction": {"correction": 1.0}, "k": {"k": 1},
    "axis": {"axis": -1},
}  # fmt: skip


def of_one_array() -> Iterator[Call]:
    for name in _functions("x"):
        known = inspect.signature(getattr(strict, name)).parameters
        flags = [{}, *(options for flag, options in _FLAGS.items() if flag in known)]
        for dtype, options in itertools.product(DTYPES if name not in _ELSEWHERE else [], flags):
            for x in (line(dtype), matrix(dtype), line(dtype)[-1:].reshape(()), line(dtype)[:0]):
                yield Call(name, (x,), options)


def of_two_arrays() -> Iterator[Call]:
    for name in _functions("x1", "x2"):
        for one, other in itertools.product(DTYPES, DTYPES):
            x, y = line(one), line(other)
            if name in _PRODUCTS:
                options = {"axes": 2} if name == "tensordot" else {}
                columns = (3, 2) if name == "matmul" else (2, 3)
                yield Call(name, (small(one, 2, 3), small(other, *columns)), options)
            elif name in ("searchsorted", "isin"):
                yield Call(name, (np.sort(x), y), {})
                yield from [Call(name, (x, y[:2]), {"invert": True})] if name == "isin" else []
            else:
                y = y if "shift" not in name else np.array([0, 1, 3]).astype(other)
                yield Call(name, (x[:, None], y[None, :]), {})
                if one == other:
                    number = y[1 % len(y)].item()
                    yield from (Call(name, (x, number), {}), Call(name, (number, x), {}))


def of_creation() -> Iterator[Call]:
    for dtype in DTYPES:
        for name in ("zeros", "ones"):
            for shape in (3, (2, 3), (), (0, 2)):
                yield Call(name, (shape,), {"dtype": dtype})
            yield Call(name, (), {"shape": (2,), "dtype": dtype, "device": None})
        for args in ((5,), (1, 5, 2), (5, 0, -2), (5, 2), (0.0, 2.0, 1.0), (0.0, 2.0, 0.5)):
            yield Call("arange", args, {"dtype": dtype})
        for args in ((3,), (2, 3), (0,)):
            yield from (Call("eye", args, {"dtype": dtype, "k": k}) for k in (0, 1, -1, 5))
        for args in ((0, 1, 5), (1, 0, 1), (0, 1, 0), (0, 2j, 3)):
            yield Call("linspace", args, {"dtype": dtype})
            yield Call("linspace", args, {"dtype": dtype, "endpoint": False})
        for value in (1, True, 2.5, 1j):
            yield from (Call("full", (s, value), {"dtype": dtype}) for s in (2, (2, 3), ()))
        for data in (1, 1.5, True, [1, 2], [[True]], [1, 2.5], [], [1, 2j], [[1, 2], [3, 4]]):
            yield Call("asarray", (data,), {"dtype": dtype, "copy": None})


def of_arrangement() -> Iterator[Call]:
    for dtype, other in itertools.product(DTYPES, DTYPES):
        x, y = matrix(dtype), matrix(other)
        for axis in (0, 1, -1, None):
            yield Call("concat", ([x, y],), {"axis": axis})
        yield from (Call("stack", ([x, y],), {"axis": axis}) for axis in (0, -1))
        yield Call("where", (np.array([True, False, True]), x, y[:1]), {})
        yield Call("broadcast_arrays", (x, y[:1]), {})
        for name in ("sum", "prod", "cumulative_sum", "cumulative_prod"):
            yield Call(name, (x,), {"axis": 0, "dtype": other})
    for x in map(matrix, DTYPES):
        for name, args, options in _ARRANGED:
            yield Call(name, (x, *args), options)
        yield Call("diff", (x,), {"prepend": x[:, :1], "append": x[:, :1]})
        yield Call("clip", (x, x[:1], x[1:]), {})
        yield Call("meshgrid", (x[0], x[1, :2]), {"indexing": "ij"})
        yield Call("meshgrid", (x[0], x[1, :2]), {})
        flat = np.sort(x[0])[::-1].copy()
        sorter = np.argsort(flat)
        yield Call("searchsorted", (flat, x), {"side": "right", "sorter": sorter})


_AT = np.array([[1, 0], [2, 2]])
_ARRANGED: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("repeat", (2,), {}), ("repeat", (np.array([1, 2]),), {"axis": 0}),
    ("repeat", (3,), {"axis": 1}),
    ("take", (np.array([1, 0, 0]),), {"axis": 1}), ("take", (np.array([-1, 0]),), {"axis": -1}),
    ("take_along_axis", (_AT,), {"axis": 1}), ("take_along_axis", (_AT,), {}),
    ("tile", ((2,),), {}), ("tile", ((2, 1, 2),), {}), ("moveaxis", (0, 1), {}),
    ("moveaxis", ((0, 1), (1, 0)), {}), ("squeeze", (0,), {}), ("squeeze", (), {"axis": ()}),
    ("expand_dims", (), {"axis": 0}), ("expand_dims", (-1,), {}), ("expand_dims", (), {"axis": 7}),
    ("flip", (), {"axis": (0, 1)}), ("roll", (1,), {}), ("roll", ((1, 2),), {"axis": (0, 1)}),
    ("permute_dims", ((1, 0),), {}), ("permute_dims", (), {"axes": (0, 0)}),
    ("reshape", ((3, 2),), {}), ("reshape", ((-1,),), {"copy": True}),
    ("reshape", ((6,),), {"copy": False}), ("reshape", (), {"shape": (5,)}),
    ("unstack", (), {"axis": 1}), ("broadcast_to", ((4, 2, 3),), {}), ("tril", (), {"k": -1}),
    ("full_like", (1,), {}), ("clip", (1, 2), {}), ("clip", (), {"min": 1}),
    ("clip", (), {"max": 2}),
    ("diff", (), {"axis": 0}), ("diff", (), {"n": 2}), ("diff", (), {"n": 0}),
    ("max", (), {"axis": (0, 1)}), ("sum", (), {"axis": (0, 1), "keepdims": True}),
    ("count_nonzero", (), {"axis": (0, 1)}), ("argmax", (), {"axis": 7}), ("all", (), {"axis": ()}),
]  # fmt: skip


def of_linalg() -> Iterator[Call]:
    draw = np.random.default_rng(0)
    for dtype in ("float32", "float64", "complex64", "complex128"):

        def some(*shape: int) -> Any:
            parts = draw.normal(size=(2, *shape))
            return (parts[0] + 1j * parts[1] * (dtype[0] == "c")).astype(dtype)  # noqa: B023

        with np.errstate(all="ignore"):
            m, b, t, v = some(3, 3), some(2, 3, 3), some(3, 2), some(3)
            h = (m @ m.conj().T + np.eye(3)).astype(dtype)
        for name in ("det", "inv", "matrix_rank", "pinv", "slogdet", "svdvals", "trace",
                     "matrix_transpose", "diagonal", "matrix_norm", "vector_norm"):  # fmt: skip
            yield from (Call(f"linalg.{name}", (x,), {}) for x in (m, b, v))
        for name in ("cholesky", "eigvalsh", "eigh", "eigvals", "eig"):
            yield Call(f"linalg.{name}", (h,), {})
        for name, args, options in (
            ("cholesky", (h,), {"upper": True}), ("qr", (t,), {}),
            ("qr", (t,), {"mode": "complete"}),
            ("svd", (t,), {}), ("svd", (t,), {"full_matrices": False}), ("solve", (m, v), {}),
            ("solve", (b, t), {}), ("cross", (v, some(3)), {}), ("cross", (b, b), {"axis": 1}),
            ("outer", (v, some(4)), {}), ("matrix_power", (m, 3), {}),
            ("matrix_power", (m, -2), {}),
            ("matrix_power", (b, 0), {}), ("diagonal", (m,), {"offset": 1}),
            ("trace", (b,), {"offset": -1}), ("matrix_rank", (b,), {"rtol": 0.5}),
            ("pinv", (t,), {"rtol": 0.1}), ("tensordot", (b, m), {"axes": 1}),
            ("tensordot", (b, m), {"axes": ((1,), (0,))}), ("matmul", (b, t), {}),
            ("vecdot", (b, v), {}),
        ):  # fmt: skip
            yield Call(f"linalg.{name}", args, options)
        for order in (1, -1, 2, -2, np.inf, -np.inf, "fro", "nuc", 0, 3, 0.5):
            yield Call("linalg.matrix_norm", (b,), {"ord": order, "keepdims": True})
            yield Call("linalg.vector_norm", (b,), {"ord": order, "axis": 1})
            yield Call("linalg.vector_norm", (b,), {"ord": order, "axis": (0, 2)})
        for name in ("fft", "ifft", "hfft", "rfft", "irfft", "ihfft"):
            yield Call(f"fft.{name}", (b,), {"n": 4, "axis": 0})
            yield from (Call(f"fft.{name}", (b,), {"norm": n}) for n in ("ortho", "forward"))
        for name in ("fftn", "ifftn", "rfftn", "irfftn"):
            yield Call(f"fft.{name}", (b,), {})
            yield Call(f"fft.{name}", (b,), {"s": (2, 4), "axes": (0, 1), "norm": "ortho"})
        yield from (Call(f"fft.{name}", (b,), {"axes": 1}) for name in ("fftshift", "ifftshift"))
        for name in ("fftfreq", "rfftfreq"):
            yield from (Call(f"fft.{name}", (n,), {"d": 0.5, "dtype": dtype}) for n in (1, 4, 5))


def _by_function() -> dict[str, list[Call]]:
    found: dict[str, list[Call]] = {}
    for call in itertools.chain(
        of_one_array(), of_two_arrays(), of_creation(), of_arrangement(), of_linalg()
    ):
        found.setdefault(call.name, []).append(call)
    return found


with np.errstate(all="ignore"), warnings.catch_warnings():
    warnings.simplefilter("ignore")
    CALLS = _by_function()
