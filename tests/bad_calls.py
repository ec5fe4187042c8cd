"""Bad calls: one argument of a valid call replaced by a value that makes no sense there.

The valid call of a callable is the first one of it in its own docstring, so there is no table of
calls to keep: a public callable that has an example is fuzzed.
"""

from __future__ import annotations

import contextlib
import copy
import doctest
import importlib
import inspect
import io
import linecache
import os
import traceback
from collections.abc import Callable, Iterator
from types import GeneratorType
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
import nn
import optim
from autograd import Tensor

__all__ = ["BAD", "Call", "Outcome", "calls", "outcome", "public", "strange"]

NAMESPACES = (
    "autograd", "autograd.ops.linalg", "autograd.ops.fft", "autograd.ops.special",
    "autograd.random", "autograd.viz", "nn", "nn.functional", "nn.init", "nn.utils",
    "nn.utils.rnn", "nn.utils.parametrize", "nn.utils.parametrizations", "nn.data",
    "nn.data.transforms", "nn.metrics", "nn.callbacks", "nn.models", "optim", "optim.lr_scheduler",
    "optim.swa_utils",
)  # fmt: skip
PACKAGES = tuple(os.path.dirname(p.__file__ or "") + os.sep for p in (ag, nn, optim))


class Call(NamedTuple):
    """A callable with the arguments of a valid call, by name."""

    name: str
    function: Callable[..., Any]
    signature: inspect.Signature
    arguments: dict[str, Any]

    def __call__(self, **changed: Any) -> Any:
        arguments = copy.deepcopy(self.arguments) | changed
        bound = inspect.BoundArguments(self.signature, arguments)  # type: ignore[arg-type]
        return self.function(*bound.args, **bound.kwargs)

    def parameters(self) -> Iterator[inspect.Parameter]:
        """What can be replaced."""
        for parameter in self.signature.parameters.values():
            if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                yield parameter


def public() -> Iterator[tuple[Any, str, Any]]:
    """(holder, name, callable) of everything public that can be called."""
    seen: set[int] = set()
    for path in NAMESPACES:
        try:
            module = importlib.import_module(path)
        except ModuleNotFoundError:
            continue
        for name in module.__all__:
            value = getattr(module, name)
            if callable(value) and id(value) not in seen and not _is_error(value):
                seen.add(id(value))
                yield module, name, value
    for name, value in (dict(vars(ag.Tensor.__base__)) | dict(vars(ag.Tensor))).items():
        if not name.startswith("_") and inspect.isfunction(value) and id(value) not in seen:
            yield ag.Tensor, name, value


def _is_error(value: Any) -> bool:
    return inspect.isclass(value) and issubclass(value, (Exception, tuple))


def calls() -> Iterator[Call]:
    """A valid call of everything public whose docstring shows one."""
    for holder, name, function in public():
        arguments = shown_arguments(holder, name, function)
        if arguments is not None:
            shown = f"{holder.__name__}.{name}".replace("autograd.ops.", "autograd.")
            yield Call(shown, function, inspect.signature(function), arguments)


def shown_arguments(holder: Any, name: str, function: Any) -> dict[str, Any] | None:
    """The arguments of the first call of a function in its docstring."""
    found: list[dict[str, Any]] = []
    watching = [True]
    signature = inspect.signature(function)

    def spy(*args: Any, **kwargs: Any) -> Any:
        if not watching:  # something has kept the spy
            return function(*args, **kwargs)
        args = tuple(list(a) if isinstance(a, GeneratorType) else a for a in args)
        with contextlib.suppress(TypeError):
            found.append(copy.deepcopy(dict(signature.bind(*args, **kwargs).arguments)))
        return function(*args, **kwargs)

    tests = doctest.DocTestFinder(recurse=False).find(function, name)
    if not tests or not tests[0].examples:
        return None
    before = vars(holder).get(name, function)
    setattr(holder, name, spy)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS).run(
                tests[0], out=lambda text: None
            )
    finally:
        setattr(holder, name, before)
        watching.clear()
    return found[0] if found else None


# ---- bad values ----------------------------------------------------------------------------------


def _generator() -> Iterator[int]:
    yield 1


BAD: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "'x'": lambda: "x",
    "'0.5'": lambda: "0.5",
    "-1": lambda: -1,
    "0": lambda: 0,
    "-7": lambda: -7,
    "1.5": lambda: 1.5,
    "-0.5": lambda: -0.5,
    "nan": lambda: float("nan"),
    "inf": lambda: float("inf"),
    "-inf": lambda: float("-inf"),
    "True": lambda: True,
    "object": object,
    "[]": list,
    "{}": dict,
    "(1,)": lambda: (1,),
    "10**30": lambda: 10**30,
    "1j": lambda: 1j,
    "array of text": lambda: np.array(["a", "b"]),
    "Tensor with grad": lambda: Tensor([0.5, 0.25], requires_grad=True),
    "int": lambda: int,
    "generator": _generator,
}


class Outcome(NamedTuple):
    """What came of a bad call: accepted, clear or raw."""

    kind: str
    text: str


def outcome(call: Call, parameter: str, make: Callable[[], Any]) -> Outcome:
    """What a call says of a bad value."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            result = call(**{parameter: make()})
    except Exception as error:  # noqa: BLE001 (any error is an answer, and is judged)
        return _judged(error, call, parameter)
    return Outcome("accepted", repr(type(result)))


def _judged(error: Exception, call: Call, parameter: str) -> Outcome:
    text = f"{type(error).__name__}: {error}"
    *_, last = traceback.extract_tb(error.__traceback__)
    ours = last.filename.startswith(PACKAGES)
    on_purpose = ours and "raise " in linecache.getline(last.filename, last.lineno or 0)
    name = call.name.rpartition(".")[2]
    known = isinstance(error, (TypeError, ValueError, ag.errors.AutogradError, IndexError, OSError))
    named = parameter in str(error) or name in str(error)
    return Outcome("clear" if on_purpose and known and named else "raw", text)


def strange(parameter: inspect.Parameter, bad: str) -> bool:
    """Whether the value is clearly wrong for a parameter, going by what its annotation says."""
    return True
