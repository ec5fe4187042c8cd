"""Bad calls: one argument of a valid call replaced by a value that makes no sense there.

The valid call of a callable is the first one of it in its own docstring, so there is hardly a table
to keep: a public callable that shows an example is fuzzed. `MORE` are those that show none.
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
from autograd.engine.lazy_names import FACES
from tests.layers import CASES
from tests.layers.case import Case

__all__ = ["BAD", "Call", "calls", "forward_calls", "judged", "public"]

NAMESPACES = (
    "autograd.random", "autograd", "autograd.ops.fft", "autograd.ops.linalg", "autograd.viz", "nn",
    "nn.functional",
    "nn.init", "nn.utils", "nn.utils.rnn", "nn.utils.parametrize", "nn.utils.parametrizations",
    "nn.data", "nn.data.transforms", "nn.metrics", "nn.callbacks", "nn.models", "nn.vision",
    "optim", "optim.lr_scheduler", "optim.swa_utils",
)  # fmt: skip
PACKAGES = tuple(os.path.dirname(p.__file__ or "") + os.sep for p in (ag, nn, optim))


class Call(NamedTuple):
    """A callable with the arguments of a valid call, by name."""

    name: str
    function: Callable[..., Any]
    signature: inspect.Signature
    arguments: dict[str, Any]

    def __call__(self, **changed: Any) -> Any:
        arguments = copy.deepcopy({n: v for n, v in self.arguments.items() if n not in changed})
        bound = inspect.BoundArguments(self.signature, arguments | changed)  # type: ignore[arg-type]
        with ag.enable_grad():  # whatever `set_grad_enabled` was called with before
            return self.function(*bound.args, **bound.kwargs)

    def parameters(self) -> Iterator[inspect.Parameter]:
        """What can be replaced."""
        for parameter in self.signature.parameters.values():
            if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                yield parameter


def bound(name: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Call:
    """A Call, written like the call."""
    signature = inspect.signature(function)
    return Call(name, function, signature, dict(signature.bind(*args, **kwargs).arguments))


# ---- valid calls ---------------------------------------------------------------------------------


def public() -> Iterator[tuple[Any, str, Any]]:
    """(holder, name, callable) of everything public that can be called."""
    seen: set[int] = set()
    for path in NAMESPACES:
        module = importlib.import_module(path)
        for name in FACES.get(path, module.__all__):
            value = getattr(module, name)
            if callable(value) and id(value) not in seen and not _is_result_or_error(value):
                seen.add(id(value))
                yield module, name, value


def _is_result_or_error(value: Any) -> bool:
    return inspect.isclass(value) and issubclass(value, (Exception, tuple, dict, list))


def calls() -> Iterator[Call]:
    """A valid call of everything public whose docstring shows one, or that needs no argument."""
    for holder, name, function in public():
        full = f"{holder.__name__}.{name}".replace(".ops.", ".")
        if full in MORE:
            yield MORE[full](full, function)
        if full in MORE or full in UNTRIED:
            continue
        arguments = shown_arguments(holder, name, function)
        if arguments is None and "nn.models" not in full:
            with contextlib.suppress(TypeError):  # it needs an argument
                arguments = dict(inspect.signature(function).bind().arguments)
        if arguments is not None:
            yield Call(full, function, inspect.signature(function), arguments)
    yield from method_calls()


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
    before = getattr(holder, name)
    setattr(holder, name, spy)
    try:
        runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
        with contextlib.redirect_stdout(io.StringIO()):
            runner.run(tests[0], out=lambda text: None, clear_globs=False)
    finally:
        setattr(holder, name, before)
        watching.clear()
    return found[0] if found else None


def _tensor() -> Tensor:
    return Tensor([[1.0, 2.0]], requires_grad=True)


def _weight() -> list[Tensor]:
    return [Tensor([1.0], requires_grad=True)]


MORE: dict[str, Callable[[str, Any], Call]] = {
    "autograd.backward": lambda name, f: bound(name, f, Tensor(1.0, requires_grad=True)),
    "autograd.random.bernoulli": lambda name, f: bound(name, f, 0.5),
    "autograd.grad": lambda name, f: bound(name, f, x := Tensor(1.0, requires_grad=True), x),
    "autograd.gradcheck": lambda name, f: bound(name, f, ag.exp, _tensor()),
    "autograd.numerical_grad": lambda name, f: bound(name, f, ag.sum, Tensor([1.0])),
    "autograd.numerical_jacobian": lambda name, f: bound(name, f, ag.exp, Tensor([1.0])),
    "nn.callbacks.CSVLogger": lambda name, f: bound(name, f, "log.csv"),
    "nn.callbacks.LearningRateScheduler": lambda name, f: bound(name, f, lambda epoch, lr: lr),
    "nn.callbacks.ModelCheckpoint": lambda name, f: bound(name, f, "weights.safetensors"),
    "nn.data.Subset": lambda name, f: bound(name, f, [np.arange(3.0)], [0]),
    "nn.data.transforms.OneHot": lambda name, f: bound(name, f, 3),
    "nn.data.transforms.RandomCrop": lambda name, f: bound(name, f, 2),
    "nn.data.transforms.RandomShift": lambda name, f: bound(name, f, 1),
    "nn.metrics.FunctionMetric": lambda name, f: bound(name, f, max),
    "optim.lr_scheduler.LRScheduler": lambda name, f: bound(name, Constant, optim.SGD(_weight())),
}
UNTRIED = {
    "autograd.viz.draw", "autograd.viz.stepper", "autograd.viz.explain", "autograd.viz.why",
    "autograd.doctor", "autograd.stepper", "autograd.explain",
    "autograd.why",  # they look into the caller's frame
    "autograd.while_loop",  # another start may never end
    "autograd.keep_freed_memory", "autograd.set_num_threads",  # of the whole process
    "nn.load", "nn.load_checkpoint", "nn.save", "nn.save_checkpoint",  # of files
}  # fmt: skip


class Constant(optim.lr_scheduler.LRScheduler):
    def get_lr(self) -> list[float]:
        return self.base_lrs


def method_calls() -> Iterator[Call]:
    """Calls of methods of Tensors and models."""
    x = _tensor()
    for name, args in {
        "backward": (), "requires_grad_": (), "to": ("float64",), "item": (), "zero_grad": (),
        "register_hook": (abs,), "astype": ("float64",), "clip": (0.5, 1.5),
    }.items():  # fmt: skip
        start: Any = Tensor(1.0, requires_grad=True) if name in ("backward", "item") else x
        yield bound(f"Tensor.{name}", getattr(start, name), *args)
    data = np.ones((4, 1), "float32")
    model = nn.Sequential(nn.Linear(1, 1, rng=0))
    yield bound("Model.compile", model.compile, "sgd", "mse")
    model.compile("sgd", "mse")
    yield bound("Model.fit", model.fit, data, data, verbose=0)
    yield bound("Model.evaluate", model.evaluate, data, data)
    yield bound("Model.predict", model.predict, data)


def forward_calls() -> Iterator[Call]:
    """A call of an instance of every layer and loss, its inputs by number."""
    first: dict[str, Case] = {}
    for case in CASES:
        if all(isinstance(x, np.ndarray) for x in case.inputs()):
            first.setdefault(case.name, case)
    for name, case in first.items():
        arrays = [Tensor(x) for x in case.arrays(np.float32)]
        parameters = [
            inspect.Parameter(f"input_{number}", inspect.Parameter.POSITIONAL_ONLY)
            for number in range(len(arrays))
        ]
        by_name = {p.name: x for p, x in zip(parameters, arrays, strict=True)}
        layer = case.make(dtype=np.float32)
        yield Call(f"nn.{name}()", layer, inspect.Signature(parameters), by_name)


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
    "list of text": lambda: ["a", "b"],
    "Tensor with grad": lambda: Tensor([0.5, 0.25], requires_grad=True),
    "class": lambda: int,
    "generator": _generator,
}


def judged(call: Call, parameter: str, bad: str) -> tuple[str, str]:
    """What came of a bad call: accepted, clear or raw; and what it said."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            result = call(**{parameter: BAD[bad]()})
    except Exception as error:  # noqa: BLE001 (any error is an answer, and is judged)
        kind = "clear" if is_clear(error, call, parameter) else "raw"
        return kind, f"{type(error).__name__}: {error}"
    return "accepted", type(result).__name__


def is_clear(error: Exception, call: Call, parameter: str) -> bool:
    """Whether it was raised on purpose, and names the callable or the parameter."""
    if not isinstance(error, ag.errors.AutogradError):
        return False
    *_, last = traceback.extract_tb(error.__traceback__)
    line = linecache.getline(last.filename, last.lineno or 0)
    if not last.filename.startswith(PACKAGES) or "raise " not in line:
        return False
    names = {parameter, call.name.rpartition(".")[2].removesuffix("()")}
    names |= {"dim": {"axis"}, "keepdim": {"keepdims"}}.get(parameter, set())
    if call.name.endswith("()"):  # a layer's forward says which function did not like its input
        return True
    return any(name in str(error) for name in names)
