"""vmap of every op: what it gives for a batch is what the op gives for each example."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.operands import raw
from autograd.engine.row import OPS, Op
from autograd.engine.samples import Sample
from autograd.errors import AutogradError, TraceError
from autograd.functional import grad, jvp, vjp

SIZE = 3

# What these give follows from numbers of an example: their shapes, or what Python does.
LOOKS = """
nonzero argwhere flatnonzero unique bincount masked_select put_along_axis compress extract
trim_zeros choose real_if_close polyfit union1d intersect1d setdiff1d setxor1d nanquantile
nanmedian polydiv polymul roots
"""
# Of these, what gives as many for every example is given.
COUNTS = """
compress extract choose polyfit union1d intersect1d setdiff1d setxor1d nanquantile nanmedian
"""
# Ops that run on one example after the other, some of them where several inputs have examples.
LOOPS = """
argmax_of_bins bincount border complex_order computed digitize getitem gru lstm lstm_cell
max_of_bins move_rows rnn standardize standardize_pull weighted_products weighted_spread
weighted_sum
all_gather all_reduce all_to_all broadcast_from gather_to reduce_scatter reduce_to scatter_from
copied_to_all gathered_from_all own_part summed_over_all
"""
SAMPLED = [op for op in OPS.values() if op.samples]


def several(x: Any) -> Any:
    """Three examples like x, which differ."""
    value = np.asarray(x)
    if value.dtype.kind in "fc":
        return np.stack([value * (1 + i / 16) for i in range(SIZE)])
    return np.stack([np.roll(value.reshape(-1), i).reshape(value.shape) for i in range(SIZE)])


def is_array(x: Any) -> bool:
    return isinstance(x, (np.ndarray, np.generic))


def choices(inputs: tuple[Any, ...]) -> list[tuple[int, ...]]:
    """Which inputs have an axis of examples: each alone, and all."""
    arrays = [k for k, x in enumerate(inputs) if is_array(x)]
    alone = [(k,) for k in arrays]
    return [*alone, tuple(arrays)] if len(arrays) > 1 else alone


def one_by_one(run: Any, inputs: list[Any], chosen: tuple[int, ...]) -> list[Any]:
    found = [run(*[x[i] if k in chosen else x for k, x in enumerate(inputs)]) for i in range(SIZE)]
    found = [y if isinstance(y, (tuple, list)) else [y] for y in found]
    return [np.stack([np.asarray(y) for y in column]) for column in zip(*found, strict=True)]


def batches(run: Any, inputs: tuple[Any, ...], chosen: tuple[int, ...]) -> tuple[list[Any], Any]:
    """Inputs, of which those chosen are batches, and what each example gives."""
    given = [several(x) if k in chosen else x for k, x in enumerate(inputs)]
    try:
        return given, one_by_one(run, given, chosen)
    except (AutogradError, ValueError):  # the sample allows no other numbers
        given = [np.stack([x] * SIZE) if k in chosen else x for k, x in enumerate(inputs)]
        return given, one_by_one(run, given, chosen)


@pytest.mark.parametrize("op", SAMPLED, ids=lambda op: op.name)
def test_a_batch_is_what_each_example_gives(op: Op) -> None:
    for sample in op.samples():  # type: ignore[misc]
        for chosen in choices(sample.inputs):
            _compare(op, sample, chosen)


def _compare(op: Op, sample: Sample, chosen: tuple[int, ...]) -> None:
    def run(*inputs: Any) -> Any:
        return op.record(*inputs, **sample.params)

    with np.errstate(all="ignore"):
        inputs, wanted = batches(run, sample.inputs, chosen)
        axes = tuple(0 if k in chosen else None for k in range(len(inputs)))
        given = [ag.Tensor(x) if is_array(x) else x for x in inputs]
        mapped = ag.vmap(run, axes)
        try:
            found = mapped(*given)
        except TraceError:
            assert op.name in LOOKS.split()
            return
    assert not mapped.looped.keys() - {*LOOPS.split()}
    parts = found if isinstance(found, (tuple, list)) else [found]
    for y, want in zip(parts, wanted, strict=True):
        assert (y.shape, y.dtype) == (want.shape, want.dtype)
        tolerance = 1e-12 if want.dtype.itemsize > 4 else 1e-5
        told = f"{sample}, batches of {chosen}"
        np.testing.assert_allclose(y.numpy(), want, rtol=tolerance, atol=1e-12, err_msg=told)


@pytest.mark.parametrize("name", sorted({*LOOKS.split()} - {*COUNTS.split()}))
def test_what_goes_by_numbers_of_an_example_says_so(name: str) -> None:
    """For one of its samples at least: others give what each example gives, see above."""
    said = 0
    for sample in OPS[name].samples():

        def run(*inputs: Any, params: Any = sample.params) -> Any:
            return OPS[name].record(*inputs, **params)

        for chosen in choices(sample.inputs):
            axes = tuple(0 if k in chosen else None for k in range(len(sample.inputs)))
            stacked = [
                np.stack([x] * SIZE) if k in chosen else x for k, x in enumerate(sample.inputs)
            ]
            with np.errstate(all="ignore"):
                try:
                    ag.vmap(run, axes)(*[ag.Tensor(x) if is_array(x) else x for x in stacked])
                except TraceError:
                    said += 1
    assert said


@pytest.mark.parametrize("op", [o for o in SAMPLED if o.differentiable], ids=lambda o: o.name)
def test_a_batch_of_gradients_is_the_gradient_of_each_example(op: Op) -> None:
    """And so is the gradient of a batch, whose examples have nothing to do with each other."""
    for sample in op.samples():  # type: ignore[misc]
        by = [k for k, x in enumerate(sample.inputs) if is_array(x) and x.dtype.kind in "fc"]
        if by:
            _compare_gradients(op, sample, by)


def _compare_gradients(op: Op, sample: Sample, by: list[int]) -> None:
    def values(*inputs: Any) -> list[Any]:
        found = op.record(*inputs, **sample.params)
        parts = found if isinstance(found, (tuple, list)) else [found]
        return [y for y in parts if raw(y).dtype.kind in "fc"]

    def slopes(*inputs: Any) -> Any:
        def of_floats(*xs: Any) -> Any:
            given = list(inputs)
            for k, x in zip(by, xs, strict=True):
                given[k] = x
            return values(*given)

        ys, pull = vjp(of_floats, *[inputs[k] for k in by])
        return pull([np.ones_like(raw(y)) for y in ys])

    with np.errstate(all="ignore"):
        inputs, wanted = batches(slopes, sample.inputs, tuple(by))
        axes = tuple(0 if k in by else None for k in range(len(inputs)))
        given = [ag.Tensor(x) if is_array(x) else x for x in inputs]
        leaves = [given[k].requires_grad_() for k in by]
        try:
            found = ag.vmap(slopes, axes)(*given)
            ends = [y for y in ag.vmap(values, axes)(*given) if y.requires_grad]
        except TraceError:
            assert op.name in LOOKS.split()
            return
        ones = [np.ones_like(raw(y)) for y in ends]
        whole = ag.grad(ends, leaves, ones, allow_unused=True) if ends else [None] * len(leaves)
    for y, g, want in zip(found, whole, wanted, strict=True):
        assert (y.shape, y.dtype) == (want.shape, want.dtype)
        # the conjugate, of complex numbers: PyTorch's gradient, where vjp is JAX's
        turned = np.zeros_like(want) if g is None else np.conj(g.numpy())
        for given_so in (raw(y), turned):
            np.testing.assert_allclose(given_so, want, rtol=1e-9, atol=1e-12, err_msg=str(sample))


SEVERAL = [op for op in SAMPLED if op.differentiable and (op.variadic or len(op.inputs) > 1)]


@pytest.mark.parametrize("op", SEVERAL, ids=lambda op: op.name)
def test_derivatives_by_one_input_know_the_others_of_their_example(op: Op) -> None:
    """A rule may compute with constants alone, and they are not those of the first example."""
    for sample in list(op.samples())[:4]:  # type: ignore[misc]
        floats = [k for k, x in enumerate(sample.inputs) if is_array(x) and x.dtype.kind in "fc"]
        for k in floats if len(floats) > 1 else ():
            _compare_derivatives(op, sample, k, tuple(floats))


def _compare_derivatives(op: Op, sample: Sample, by: int, floats: tuple[int, ...]) -> None:
    def values(*inputs: Any) -> list[Any]:
        found = op.record(*inputs, **sample.params)
        parts = found if isinstance(found, (tuple, list)) else [found]
        return [y for y in parts if raw(y).dtype.kind in "fc"]

    def both(*given: Any) -> Any:
        inputs = [ag.Tensor(x) if is_array(x) else x for x in given]

        def of_one(x: Any) -> Any:
            return values(*inputs[:by], x, *inputs[by + 1 :])

        ys, pull = vjp(of_one, inputs[by])
        _, pushed = jvp(of_one, (inputs[by],), (np.ones_like(raw(inputs[by])),))
        return [*pull([np.ones_like(raw(y)) for y in ys]), *pushed]

    with np.errstate(all="ignore"):
        inputs, wanted = batches(both, sample.inputs, floats)
        axes = tuple(0 if k in floats else None for k in range(len(inputs)))
        try:
            found = ag.vmap(both, axes)(*[ag.Tensor(x) if is_array(x) else x for x in inputs])
        except TraceError:
            assert op.name in LOOKS.split()
            return
    for y, want in zip(found, wanted, strict=True):
        np.testing.assert_allclose(raw(y), want, rtol=1e-9, atol=1e-12, err_msg=str(sample))


NETS: dict[str, tuple[Any, tuple[int, ...]]] = {
    "lstm": (lambda: nn.LSTM(3, 4, num_layers=2, bidirectional=True), (5, 2, 3)),
    "gru": (lambda: nn.GRU(3, 4), (5, 2, 3)),
    "rnn": (lambda: nn.RNN(3, 4), (5, 2, 3)),
    "layer norm": (lambda: nn.Sequential(nn.Linear(3, 6), nn.LayerNorm(6), nn.GELU()), (4, 3)),
    "group norm": (lambda: nn.Sequential(nn.Conv2d(2, 4, 3), nn.GroupNorm(2, 4)), (2, 2, 6, 6)),
    "instance norm": (lambda: nn.InstanceNorm2d(2, affine=True), (2, 2, 4, 4)),
    "batch norm": (lambda: nn.BatchNorm2d(2).eval(), (2, 2, 4, 4)),
    "attention": (lambda: nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0), (4, 2, 8)),
    "pooling": (lambda: nn.Sequential(nn.Conv2d(2, 2, 3), nn.AvgPool2d(2)), (2, 2, 6, 6)),
}


@pytest.mark.parametrize("name", NETS)
def test_gradients_of_each_example_of_a_layer_run_as_one(name: str) -> None:
    make, shape = NETS[name]
    nn.manual_seed(0)
    model = make()
    parameters = {n: ag.Tensor(p.numpy(), dtype="float64") for n, p in model.named_parameters()}
    x = ag.Tensor(np.random.default_rng(0).normal(size=(SIZE, *shape)))

    def loss(parameters: Any, x: Any) -> Any:
        y = nn.utils.functional_call(model, parameters, (x,))
        return ((y[0] if isinstance(y, tuple) else y) ** 2).sum()

    each = ag.vmap(grad(loss), in_axes=(None, 0))
    found = each(parameters, x)
    assert not each.looped
    for i in range(SIZE):
        for path, g in grad(loss)(parameters, x[i]).items():
            np.testing.assert_allclose(found[path].numpy()[i], g.numpy(), 1e-9, 1e-9)


@pytest.mark.parametrize("name", ["matrix_rank", "pinv"])
def test_a_parameter_that_has_examples_makes_each_run_by_itself(name: str) -> None:
    matrix, function = ag.Tensor(np.diag([1.0, 0.1, 0.01])), getattr(ag.linalg, name)
    bounds = np.array([0.5, 0.05, 0.001, 0.0])
    mapped = ag.vmap(lambda bound: function(matrix, bound))
    wanted = np.stack([function(matrix, bound) for bound in bounds])
    np.testing.assert_allclose(mapped(ag.Tensor(bounds)), wanted, rtol=1e-12)
    assert name in mapped.looped
