"""saved_tensors_hooks: what is saved goes through two hooks, and gradients are the same."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.errors import (
    ArgumentTypeError,
    MissingFileError,
    MutationError,
    StateError,
    TraceError,
)
from autograd.functional import save_in_half, save_on_disk

X = np.linspace(0.5, 2.0, 6).reshape(2, 3)


class Log:
    """Hooks that count, and keep copies."""

    def __init__(self) -> None:
        self.packed: list[np.ndarray[Any, Any]] = []
        self.unpacked = 0

    def block(self) -> ag.saved_tensors_hooks:
        def pack(tensor: Any) -> Any:
            assert not tensor.requires_grad
            self.packed.append(tensor.numpy().copy())
            return len(self.packed) - 1

        def unpack(number: int) -> Any:
            self.unpacked += 1
            return ag.Tensor(self.packed[number])

        return ag.saved_tensors_hooks(pack, unpack)


def leaf(value: Any = X) -> Any:
    return ag.Tensor(np.array(value), requires_grad=True)


def into(x: Any) -> Any:
    """A product of what is written into a view."""
    y = x * 1.0
    y[0] = y[1] * x[0]
    y += x
    return (y * y).sum()


class Square(ag.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return 2 * x * g


PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "products": lambda x: (x * x * x).sum(),
    "an output": lambda x: ag.exp(x).sum(),
    "numbers of no axes": lambda x: x[0, 0] * x[0, 1] * x[0, 0],
    "a view": lambda x: (x.T @ x[:, :2] * x[0, 1]).sum(),
    "written into": into,
    "several outputs": lambda x: sum((part**3).sum() for part in ag.split(x, 3, axis=1)),
    "several inputs": lambda x: (ag.concat([x, x * x]) ** 2).sum(),
    "a joint rule": lambda x: ag.linalg.svd(x.T @ x + ag.eye(3))[1].sum(),
    "checkpoint": lambda x: (ag.checkpoint(lambda x: ag.sin(x * x))(x) * x).sum(),
    "a Function": lambda x: (Square.apply(x) * x).sum(),
    "forward mode": lambda x: ag.jvp(lambda x: x**3, (x,), (x * x,))[1].sum(),
    "vmap": lambda x: ag.vmap(lambda row: ag.tanh(row) @ row)(x).sum(),
    "compile": ag.compile(lambda x: (ag.sin(x) * x).sum()),
    "scan": lambda x: ag.scan(lambda c, row: (c * row, c.sum()), x[0], x)[1].sum(),
    "large arrays": lambda x: (ag.sin(ag.broadcast_to(x[:, :, None], (2, 3, 20000))) ** 2).sum(),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_first_and_second_gradients_are_the_same_through_hooks(name: str) -> None:
    f, log = PROGRAMS[name], Log()

    def derivatives() -> list[Any]:
        x = leaf()
        y = f(x)
        (g,) = ag.grad(y, x, create_graph=True)
        (h,) = ag.grad((g * g).sum(), x, retain_graph=True)
        y.backward()
        return [g.numpy(), h.numpy(), x.grad.numpy()]

    wanted = derivatives()
    with log.block():
        found = derivatives()
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(a, b)
    assert log.packed
    assert log.unpacked


def test_hooks_are_called_where_a_value_is_saved_and_where_it_is_read() -> None:
    log, x, w = Log(), leaf(), leaf()
    with log.block():
        y = x * w
        assert len(log.packed) == 2
        y = (y + 1.0).sum()  # which saves nothing
    outside = x * w
    assert len(log.packed) == 2
    assert log.unpacked == 0
    y.backward(retain_graph=True)
    y.backward()
    assert log.unpacked == 4
    (outside.sum() + y.detach()).backward()
    assert log.unpacked == 4


def test_the_innermost_block_counts() -> None:
    first, second, x = Log(), Log(), leaf()
    with first.block():
        y = x * x
        with second.block():
            z = y * y
        z = z * z
    assert (len(first.packed), len(second.packed)) == (4, 2)
    z.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 8 * X**7)


def test_it_decorates_too() -> None:
    log, x = Log(), leaf()
    log.block()(lambda: (x * x).sum())().backward()
    assert log.unpacked == 2


def test_what_hooks_compute_is_not_recorded_and_not_packed() -> None:
    x, calls = leaf(), []

    def pack(tensor: Any) -> Any:
        calls.append(1)
        assert not (tensor * x).requires_grad
        return tensor * 2

    with ag.saved_tensors_hooks(pack, lambda kept: kept * 0.5):
        y = (x * x).sum()
    y.backward()
    assert len(calls) == 2
    np.testing.assert_array_equal(x.grad.numpy(), 2 * X)


def test_a_pack_hook_that_writes_to_its_tensor_is_refused_and_changes_nothing() -> None:
    """As in PyTorch: the gradient would be of other numbers."""

    def pack(tensor: Any) -> Any:
        tensor *= 0
        return tensor

    x, told = leaf(), r"pack wrote into.*t \* 2 instead of t \*= 2"
    with ag.saved_tensors_hooks(pack, lambda t: t), pytest.raises(StateError, match=told):
        x * x
    np.testing.assert_array_equal(x.numpy(), X)


def test_kept_memory_that_was_written_to_since_is_an_error_and_a_copy_is_none() -> None:
    for pack, fails in ((lambda t: t, True), (lambda t: t.numpy().copy(), False)):
        x = leaf()
        with ag.saved_tensors_hooks(pack, lambda kept: ag.asarray(kept)):
            y = (x * x).sum()
        with ag.no_grad():
            x += 1
        if fails:
            with pytest.raises(MutationError, match="was changed in place"):
                y.backward()
        else:
            y.backward()
            np.testing.assert_array_equal(x.grad.numpy(), 2 * X)


@pytest.mark.parametrize(("block", "tolerance"), [("half", 2e-3), ("disk", 1e-6)])
def test_half_precision_and_files_give_gradients_of_a_network(
    block: str, tolerance: float, tmp_path: Path
) -> None:
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, rng=0), nn.GELU(), nn.Flatten(), nn.Linear(64, 3, rng=1)
    )
    images, labels = np.random.default_rng(0).normal(size=(64, 1, 6, 6)), np.arange(64) % 3

    def gradients() -> list[Any]:
        loss = nn.functional.cross_entropy(model(ag.Tensor(images, dtype="float32")), labels)
        assert bool([*tmp_path.iterdir()]) == bool(kept and block == "disk")
        loss.backward()
        found = [p.grad.numpy().copy() for p in model.parameters()]
        model.zero_grad()
        return found

    kept: list[Any] = []
    wanted = gradients()
    kept.append(save_in_half() if block == "half" else save_on_disk(tmp_path))
    with kept[0]:
        found = gradients()
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * np.abs(b).max())
    gc.collect()
    assert not list(tmp_path.iterdir())


def test_half_precision_keeps_what_it_cannot_hold() -> None:
    for value in ([1e6, np.inf, 1.0], [1 + 2j, 1e6, 0], [0.1, np.nan, 3.0]):
        x = leaf(np.array(value))
        with save_in_half():
            y = x * x
        y.backward(np.ones_like(np.array(value)))
        wanted = 2 * np.conj(np.array(value))
        np.testing.assert_allclose(x.grad.numpy(), wanted, rtol=1e-3)


def test_half_precision_halves_what_is_kept() -> None:
    def kept(block: Any) -> int:
        x = ag.ones((64, 1024)).requires_grad_()
        gc.collect()
        tracemalloc.start()
        with block:
            y = x
            for _ in range(10):
                y = ag.tanh(y)
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        y.sum().backward()
        return size

    whole = kept(ag.saved_tensors_hooks(lambda t: t, lambda t: t))
    assert kept(save_in_half()) < 0.65 * whole


@pytest.mark.parametrize(
    ("pack", "unpack", "message"),
    [
        (lambda t: t, lambda t: 3, "unpack returned int; return the Tensor that pack was given"),
        (lambda t: t, lambda t: t[0], r"unpack returned float64 of \(3,\), and pack was given"),
        (lambda t: t, lambda t: t.astype("float32"), "unpack returned float32 of"),
        (3, lambda t: t, "pack_hook must be a function, got 3"),
        (lambda t: t, None, "unpack_hook must be a function, got None"),
    ],
)
def test_wrong_hooks_say_so(pack: Any, unpack: Any, message: str) -> None:
    x = leaf()
    with pytest.raises(ArgumentTypeError, match=message):  # noqa: PT012
        with ag.saved_tensors_hooks(pack, unpack):
            y = (x * x).sum()
        y.backward()


@pytest.mark.parametrize("where", ["pack", "unpack"])
def test_an_error_of_a_hook_says_which_op_it_was_called_for(where: str) -> None:
    def fail(_: Any) -> Any:
        raise KeyError("mine")

    x, hooks = leaf(), [lambda t: t, lambda t: t]
    hooks[where == "unpack"] = fail
    with pytest.raises(KeyError, match="mine") as caught:  # noqa: PT012
        with ag.saved_tensors_hooks(*hooks):
            y = (x * x).sum()
        y.backward()
    assert any(f"in {where}, for what multiply save" in note for note in caught.value.__notes__)
    assert not ag.saved_tensors_hooks.__name__.startswith("_")
    assert (x * x).sum().requires_grad  # the block is closed


@pytest.mark.parametrize("way", [ag.compile, ag.vmap, lambda f: lambda x: ag.trace(f, x)])
def test_a_traced_function_refuses_a_block_inside(way: Any) -> None:
    def inside(x: Any) -> Any:
        with Log().block():
            return x * x

    with pytest.raises(TraceError, match="a program plans its own memory; open the block around"):
        way(inside)(leaf())


def test_a_directory_that_is_not_there_is_refused() -> None:
    with pytest.raises(MissingFileError, match="there is no directory"):
        save_on_disk("/nowhere/at/all")
