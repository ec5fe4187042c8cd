"""What an op is given beside Tensors of the graph is kept as it was when the op was recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine import constants
from autograd.engine.row import OPS, Op
from autograd.engine.samples import Sample

DIFFERENTIABLE = [
    pytest.param(op, id=name)
    for name, op in sorted(OPS.items())
    if op.samples and op.differentiable and name != "border"  # which is handed leaves alone
]


class Frame:
    """An array of another library, whose arithmetic is its own: pandas' are like that."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self.data, dtype, copy=copy)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return NotImplemented


HANDED: dict[str, Callable[[Any], Any]] = {
    "array": lambda a: a,
    "asarray": ag.asarray,
    "frame": Frame,
    "view": lambda a: ag.asarray(a).reshape(a.shape),
}


def spoil(value: Any) -> None:
    """Write other numbers into every array of the user's."""
    if isinstance(value, (list, tuple)):
        for part in value:
            spoil(part)
    elif isinstance(value, np.ndarray) and value.flags.writeable:
        value[...] = ~value if value.dtype == bool else 0 if value.dtype.kind in "iu" else 0.123


def own(value: Any) -> Any:
    """A deep copy of arrays in tuples and lists."""
    if isinstance(value, (list, tuple)):
        return type(value)(own(part) for part in value) if type(value) in (list, tuple) else value
    return np.array(value) if isinstance(value, np.ndarray) else value


def gradients(op: Op, sample: Sample, leaf: int, hand: Any, spoils: bool) -> Any:
    """The value, the gradient of one input, and the replay, where the others are arrays."""
    arrays, params = [own(x) for x in sample.inputs], {k: own(v) for k, v in sample.params.items()}
    inputs = [
        ag.Tensor(x, requires_grad=True) if i == leaf else hand(x) if isinstance(x, np.ndarray)
        else x for i, x in enumerate(arrays)
    ]  # fmt: skip
    found = op.record(*inputs, **params)
    outs = [y for y in (found if isinstance(found, (tuple, list)) else [found])
            if getattr(y, "requires_grad", False)]  # fmt: skip
    if not outs:
        return None
    if spoils:
        spoil([x for i, x in enumerate(arrays) if i != leaf])
        spoil(list(params.values()))
    values = [y.tolist() for y in outs]
    replayed = ag.Graph(*outs).replay()
    replayed = [y.tolist() for y in (replayed if len(outs) > 1 else [replayed])]
    seeds = [ag.ones_like(y) for y in outs]
    (grad,) = ag.grad(outs, inputs[leaf], seeds, allow_unused=True)
    return values, None if grad is None else grad.tolist(), replayed


@pytest.mark.parametrize("hand", HANDED)
@pytest.mark.parametrize("op", DIFFERENTIABLE)
def test_gradient_and_replay_are_of_the_numbers_that_were_recorded(op: Op, hand: str) -> None:
    for sample in op.samples():
        if hand != "array" and len(sample.inputs) == 1:
            continue
        for leaf, x in enumerate(sample.inputs):
            if x is None or np.asarray(x).dtype.kind not in "fc":
                continue
            right = gradients(op, sample, leaf, HANDED["array"], spoils=False)
            found = gradients(op, sample, leaf, HANDED[hand], spoils=True)
            np.testing.assert_equal(found, right, err_msg=str(sample))


def test_one_buffer_in_a_loop() -> None:
    w, buffer = ag.Tensor([1.0, 1.0, 1.0], requires_grad=True), np.zeros(3, "float32")
    loss: Any = 0
    for i in range(3):
        buffer[:] = i
        loss = loss + (w * buffer).sum()
    loss.backward()
    assert w.grad is not None
    assert w.grad.tolist() == [3.0, 3.0, 3.0]


@pytest.mark.parametrize("size", [3, 20_000])
def test_a_cotangent_that_changes_after_a_recorded_backward(size: int) -> None:
    x, seed = ag.Tensor(np.full(size, 2.0), requires_grad=True), np.ones(size)
    (g,) = ag.grad(x * x, x, seed, create_graph=True)
    seed[:] = 9
    (h,) = ag.grad(g.sum(), x)
    assert h.tolist() == [2.0] * size
    np.testing.assert_array_equal(g.numpy(), 4.0)


def test_an_array_that_a_hook_returned_changes_afterwards() -> None:
    x, buffer = ag.Tensor([1.0, 2.0], requires_grad=True), np.ones(2)
    x.register_hook(lambda g: buffer)
    (g,) = ag.grad((x * x).sum(), x, create_graph=True)
    buffer[:] = 9
    assert g.tolist() == [1.0, 1.0]


LABELS = np.array([0, 2, 1])
CLASSES: dict[str, Callable[[Any, Any], Any]] = {
    "cross_entropy": nn.functional.cross_entropy,
    "nll_loss": lambda x, t: nn.functional.nll_loss(ag.log_softmax(x, axis=1), t),
    "multi_margin_loss": nn.functional.multi_margin_loss,
    "index": lambda x, t: x[np.arange(3), t].sum(),
    "take_along_axis": lambda x, t: ag.take_along_axis(x, t[:, None], 1).sum(),
    "gather": lambda x, t: x.gather(1, t[:, None]).sum(),
    "where": lambda x, t: ag.where(t[:, None] > 0, x * x, x).sum(),
    "put": lambda x, t: (ag.setitem(x, 0.0, (slice(None), t)) * x).sum(),
    "list": lambda x, t: (x[[0, 1], t[:2]] ** 2).sum(),
    "embedding": lambda x, t: (nn.functional.embedding(t, x) ** 2).sum(),
}


@pytest.mark.parametrize("hand", ["array", "asarray"])
@pytest.mark.parametrize("name", CLASSES)
def test_labels_and_indices_that_change_afterwards(name: str, hand: str) -> None:
    def gradient(changes: bool) -> Any:
        x = ag.Tensor(np.arange(9.0).reshape(3, 3), requires_grad=True)
        labels = LABELS.copy()
        given = labels if hand == "array" or name == "where" else ag.asarray(labels)
        loss = CLASSES[name](x, given)
        if changes:
            labels[:] = 1
        loss.backward()
        return None if x.grad is None else x.grad.tolist()

    assert gradient(changes=True) == gradient(changes=False)


LOSSES = {
    name: getattr(nn.functional, name)
    for name in (
        "binary_cross_entropy",
        "binary_cross_entropy_with_logits",
        "huber_loss",
        "kl_div",
        "l1_loss",
        "mse_loss",
        "poisson_nll_loss",
        "smooth_l1_loss",
        "soft_margin_loss",
    )
}


@pytest.mark.parametrize("hand", HANDED)
@pytest.mark.parametrize("name", LOSSES)
def test_targets_that_change_afterwards(name: str, hand: str) -> None:
    def gradient(changes: bool) -> Any:
        x = ag.Tensor([[0.2, 0.3], [0.4, 0.6]], requires_grad=True)
        target = np.ones((2, 2), "float32")
        loss = LOSSES[name](x, HANDED[hand](target))
        if changes:
            target[:] = 0.25
        loss.backward()
        return None if x.grad is None else x.grad.tolist()

    assert gradient(changes=True) == gradient(changes=False)


def test_a_leaf_that_was_made_of_an_array_has_memory_of_its_own() -> None:
    array = np.array([1.0, 2.0])
    w = ag.from_numpy(array).requires_grad_()
    loss = (w * w).sum()
    array[:] = 0.0
    loss.backward()
    assert w.grad is not None
    assert w.grad.tolist() == [2.0, 4.0]
    p = ag.Tensor([1.0, 2.0], requires_grad=True)
    p.grad = array
    array[:] = 7.0
    assert p.grad.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("make", [nn.CrossEntropyLoss, nn.NLLLoss, nn.BCEWithLogitsLoss])
def test_a_module_has_its_weights_for_itself(make: Any) -> None:
    weight = np.array([1.0, 2.0], "float32")
    loss = make(weight)
    weight[:] = 0.0
    assert loss.weight.tolist() == [1.0, 2.0]


def test_asarray_shows_what_is_written_to_the_array() -> None:
    array = np.array([1.0, 2.0])
    x = ag.asarray(array)
    array[0] = 5.0
    assert x.tolist() == [5.0, 2.0]


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128", "bool", "int16"])
def test_a_large_array_is_copied_again_only_when_its_numbers_differ(dtype: str) -> None:
    array = np.ones((300, 300), dtype)
    first, again = constants.kept(array), constants.kept(array)
    assert first is again
    assert not np.shares_memory(first, array)
    array[17, 3] = 0
    other = constants.kept(array)
    assert other is not first
    assert (first.all(), bool(other[17, 3])) == (True, False)
    array = array.astype(dtype)
    del first, again, other
    assert constants.kept(array) is not None


def test_the_sign_of_zero_and_nan_are_numbers_too() -> None:
    array = np.zeros(1 << 15)
    first = constants.kept(array)
    array[5] = -0.0
    assert constants.kept(array) is not first
    array[5] = np.nan
    second = constants.kept(array)
    assert constants.kept(array) is second


def test_copies_and_notes_go_when_their_arrays_do() -> None:
    before = len(constants.shared), len(constants._copies)
    array = np.ones((300, 300))
    x, w = ag.asarray(array), ag.Tensor(1.0, requires_grad=True)
    y = (w * x).sum() + (w * array).sum()
    assert (len(constants.shared), len(constants._copies)) != before
    del array, x, y
    assert (len(constants.shared), len(constants._copies)) == before


def test_what_broadcasting_repeats_is_copied_once() -> None:
    wide = np.broadcast_to(np.arange(3.0), (10_000, 3))
    assert constants.kept(wide).strides == wide.strides


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_copy_has_the_layout_of_the_array(order: Any) -> None:
    array = np.array(np.ones((3, 4, 5)), order=order)
    assert constants.kept(array).strides == array.strides
