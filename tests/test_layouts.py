"""However arrays lie in memory, values, gradients and steps are those of contiguous arrays.

Every op on every sample, every layer of the tables, every optimizer: inputs and cotangents in each
layout of `layouts.py`. Compiled kernels run from the first element on here, and elementwise ops are
cut into blocks of a few elements.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor, kernels
from autograd.engine.row import OPS, Op
from autograd.engine.samples import Sample
from autograd.kernels.parallel import elementwise as kernel
from tests.layers import CASES
from tests.layers.case import Case, flatten, rebuild
from tests.layouts import LAYOUTS, plain_copy
from tests.test_ops import wanted

recorder = importlib.import_module("autograd.engine.recorder")
NAMES = list(LAYOUTS)
ROUNDINGS = 2e-5  # some hundred of float32, as sums go in another order

Array = Any


def _twins() -> Iterator[Callable[..., Any]]:
    for module in pkgutil.walk_packages(kernels.__path__, "autograd.kernels."):
        if not module.ispkg and ".compiled." not in module.name:
            for function in vars(importlib.import_module(module.name)).values():
                if inspect.isfunction(function) and "least" in function.__code__.co_freevars:
                    yield function


@pytest.fixture(autouse=True)
def _from_the_first_element(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let compiled kernels run whatever the size."""
    for function in _twins():
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        monkeypatch.setattr(cells["least"], "cell_contents", 1)


@pytest.fixture
def _in_blocks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    threads = ag.get_num_threads()
    ag.set_num_threads(1)
    for place, name, number in (
        (recorder, "LARGE", 128), (kernel, "LARGE", 128), (kernel, "HUGE", 128),
        (kernel, "BLOCK", 128),
    ):  # fmt: skip
        monkeypatch.setattr(place, name, number)
    yield
    ag.set_num_threads(threads)


def single(x: Any) -> Any:
    real = isinstance(x, np.ndarray) and x.dtype.kind == "f"
    return x.astype(np.float32) if real else x


def laid(x: Any, name: str) -> Any:
    return LAYOUTS[name](x.copy()) if isinstance(x, np.ndarray) and x.ndim else x


def cotangents(results: Sequence[Any], name: str) -> list[Array]:
    rng = np.random.default_rng(0)
    return [laid(rng.uniform(0.5, 1.5, y.shape).astype(y.dtype), name) for y in results]


def run(call: Callable[[], Any], leaves: Callable[[], Any], name: str, plain: bool) -> list[Any]:
    """All outputs of a call, and the gradients of its leaves by cotangents of a layout."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = [y for y in flatten(call()) if hasattr(y, "dtype")]
        recorded = [y for y in results if isinstance(y, Tensor) and y.requires_grad]
        seeds = cotangents(recorded, name)
        if plain:
            seeds = list(map(plain_copy, seeds))
        wrt = [x for x in leaves() if isinstance(x, Tensor) and x.requires_grad]
        found = ag.grad(recorded, wrt, seeds, allow_unused=True) if recorded else ()
    gradients = [None if g is None else g.numpy() for g in found]
    return [*(plain_copy(getattr(y, "_value", y)) for y in results), *gradients]


def check(found: Callable[[], list[Any]], expected: Callable[[], list[Any]]) -> None:
    """The same numbers but for roundings, or the same kind of error: some layouts hold others."""
    try:
        wanted = expected()
    except (ValueError, IndexError) as error:
        with pytest.raises(type(error)):
            found()
        return
    for a, b in zip(found(), wanted, strict=True):
        if a is None or b is None:
            assert a is b
            continue
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        scale = np.max(np.abs(b), initial=1.0, where=np.isfinite(b))
        np.testing.assert_allclose(a, b, rtol=0, atol=ROUNDINGS * scale)


# ---- ops -----------------------------------------------------------------------------------------


def check_op(op: Op, sample: Sample, name: str) -> None:
    positions, inputs = wanted(op, sample), [laid(single(x), name) for x in sample.inputs]

    def of(arrays: list[Any], plain: bool) -> list[Any]:
        given = [
            ag.asarray(x).requires_grad_() if i in positions and isinstance(x, np.ndarray) else x
            for i, x in enumerate(arrays)
        ]
        return run(lambda: op.record(*given, **sample.params), lambda: given, name, plain)

    contiguous = [plain_copy(x) if isinstance(x, np.ndarray) else x for x in inputs]
    check(lambda: of(inputs, False), lambda: of(contiguous, True))


def laid_out_samples(op: Op) -> Iterator[Sample]:
    """Those with an array that may lie in one way or another."""
    for sample in op.samples() if op.samples else ():
        if any(isinstance(x, np.ndarray) and x.size > 1 for x in sample.inputs):
            yield sample


@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
def test_an_op_gives_the_same_in_every_layout(op: Op) -> None:
    found = list(laid_out_samples(op))
    for number, sample in enumerate(found):
        for name in NAMES[number % 2 :: min(len(found), 2)]:  # two samples get them between them
            check_op(op, sample, name)


@pytest.mark.usefixtures("_in_blocks")
@pytest.mark.parametrize("op", [op for op in OPS.values() if op.elementwise], ids=lambda o: o.name)
def test_an_elementwise_op_gives_the_same_in_blocks_of_every_layout(op: Op) -> None:
    sample = next(iter(laid_out_samples(op)))
    for shapes in ((5, 53),) * 3, ((265, 1), (2,), (1, 1)):
        arrays = tuple(map(np.resize, sample.inputs, shapes))
        for name in NAMES:
            check_op(op, Sample(arrays, sample.params), name)


# ---- layers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "number"), list(zip(CASES, range(len(CASES)), strict=True)), ids=str
)
def test_a_layer_gives_the_same_in_every_layout(case: Case, number: int) -> None:
    positions = case.differentiated()

    def of(arrays: list[Any], name: str, plain: bool) -> list[Any]:
        layer = case.make(dtype=np.float32)
        given = [
            ag.asarray(x).requires_grad_(i in positions) if isinstance(x, np.ndarray) else x
            for i, x in enumerate(arrays)
        ]
        nn.manual_seed(7)
        inputs = rebuild(case.inputs(), iter(given))
        return run(lambda: layer(*inputs), lambda: (*given, *layer.parameters()), name, plain)

    for name in NAMES[number % 4 :: 4]:  # the rows of a layer get them all between them
        leaves = [laid(x, name) for x in flatten(case.arrays(np.float32))]
        contiguous = [plain_copy(x) if isinstance(x, np.ndarray) else x for x in leaves]
        check(partial(of, leaves, name, False), partial(of, contiguous, name, True))
