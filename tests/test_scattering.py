"""What PyTorch has beside NumPy, over one table: gradients, batches, programs, ONNX.

Values, dtypes and errors beside PyTorch itself are in
tests/differential/test_torch_face_scattering.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.errors import AutogradError, TraceError
from autograd.functional import jvp, vjp

RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4))
PLACES = np.array([[0, 0, 1, 3], [2, 2, 2, 2]])
ROWS = np.array([2, 0, 2])
SIGNAL, WINDOW = RNG.normal(size=(2, 6)), np.hanning(6)[1:-1]
REDUCTIONS = ("sum", "prod", "mean", "amax", "amin")

# A name, a function of arrays, and its arrays.
CASES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    **{
        f"scatter_reduce {how}{'' if own else ' alone'}": (
            lambda x, src, how=how, own=own: ag.scatter_reduce(
                x, 1, PLACES, src, how, include_self=own
            ),
            (X, Y),
        )
        for how in REDUCTIONS
        for own in (True, False)
    },
    **{
        f"index_reduce {how}": (
            lambda x, src, how=how: ag.index_reduce(x, 0, ROWS, src, how),
            (X, Y),
        )
        for how in REDUCTIONS
    },
    "a product with zeros": (
        lambda x, src: ag.scatter_reduce(x, 1, PLACES, src, "prod"),
        (X * [1, 1, 0, 1], Y * [[0, 1, 1, 1], [0, 0, 1, 1], [1, 1, 1, 1]]),
    ),
    "index_add alpha": (lambda x, src: ag.index_add(x, 0, ROWS, src, alpha=2.5), (X, Y)),
    "index_fill": (lambda x, v: ag.index_fill(x, -1, [0, 2], v), (X, Y[0, 0])),
    "index_copy": (lambda x, src: ag.index_copy(x, 0, ROWS, src), (X, Y)),
    "index_put": (lambda x, v: ag.index_put(x, (ROWS, ROWS), v), (X, Y[0, :3])),
    "index_put accumulate": (
        lambda x, v: ag.index_put(x, (None, ROWS), v, accumulate=True),
        (X, Y[:, :3]),
    ),
    "masked_scatter": (lambda x, src: ag.masked_scatter(x, X > 0, src), (X, Y)),
    "select_scatter": (lambda x, src: ag.select_scatter(x, src, 1, -2), (X, Y[:, 0])),
    "slice_scatter": (lambda x, src: ag.slice_scatter(x, src, 1, 0, 4, 2), (X, Y[:, :2])),
    "diagonal_scatter": (lambda x, src: ag.diagonal_scatter(x, src, 1), (X, Y[:, 0])),
    "diag_embed": (lambda x: ag.diag_embed(x, -1, 0, 2), (X,)),
    "block_diag": (lambda x, y: ag.block_diag(x, y, x[0]), (X, Y)),
    "cartesian_prod": (lambda x, y: ag.cartesian_prod(x, y), (X[0], Y[:, 0])),
    "combinations": (lambda x: ag.combinations(x, 2, True), (X[0],)),
    "unfold": (lambda x: ag.unfold(x, 1, 2, 1), (X,)),
    "kthvalue": (lambda x: ag.kthvalue(x, 2, 0)[0], (X,)),
    "mode": (lambda x: ag.mode(x)[0], (X,)),
    "aminmax": (lambda x: ag.aminmax(x, axis=1)[1], (X,)),
    "cummax": (lambda x: ag.cummax(x, 1, return_indices=True)[0], (X,)),
    "sum_to_size": (lambda x: ag.sum_to_size(x, 3, 1), (X,)),
    **{
        f"cdist {p}": (lambda x, y, p=p: ag.cdist(x, y, p), (X, Y))
        for p in (1, 1.5, 2, 3.5, np.inf)
    },
    "cdist products": (lambda x, y: ag.cdist(x, y, 2.0, "use_mm_for_euclid_dist"), (X, Y)),
    "stft": (
        lambda x, w: ag.stft(x, 5, 3, 4, w, normalized=True, return_complex=False),
        (SIGNAL, WINDOW),
    ),
    "stft of both sides": (
        lambda x: ag.stft(x, 4, center=False, onesided=False, return_complex=False),
        (SIGNAL,),
    ),
    "istft": (
        lambda a, w: ag.istft(a[0] + 1j * a[1], 4, 1, window=w, length=5),
        (RNG.normal(size=(2, 3, 6)), WINDOW),
    ),
}  # fmt: skip


def rows() -> Any:
    return pytest.mark.parametrize("case", CASES)


@rows()
def test_derivatives_are_those_of_differences_to_second_order(case: str) -> None:
    function, inputs = CASES[case]
    leaves = [ag.Tensor(x, requires_grad=True) for x in inputs]
    assert ag.gradcheck(function, *leaves, order=2)


@rows()
@pytest.mark.filterwarnings("error::autograd.errors.GradientLostWarning")
def test_no_input_that_requires_grad_is_told_to_lose_it(case: str) -> None:
    function, inputs = CASES[case]
    assert function(*(ag.Tensor(x, requires_grad=True) for x in inputs)).requires_grad


@rows()
def test_forward_mode_is_the_transpose_of_reverse(case: str) -> None:
    function, inputs = CASES[case]
    tangents = tuple(np.cos(3 * np.asarray(x)) for x in inputs)
    value, pushed = jvp(function, inputs, tangents)
    weights = np.sin(np.arange(value.size) + 1.0).reshape(value.shape)
    pulled = vjp(function, *inputs)[1](weights)
    right = sum(float((g * t).sum()) for g, t in zip(pulled, tangents, strict=True))
    assert float((pushed * weights).sum()) == pytest.approx(right, rel=1e-9, abs=1e-9)


@rows()
def test_a_batch_is_what_each_example_gives(case: str) -> None:
    function, inputs = CASES[case]
    batch = [np.stack([x, x * 1.25 + 0.1 * (case != "a product with zeros")]) for x in inputs]
    found = ag.vmap(function)(*map(ag.Tensor, batch))
    right = np.stack([np.asarray(function(*[x[i] for x in batch])) for i in range(2)])
    np.testing.assert_allclose(found.numpy(), right, rtol=1e-12, atol=1e-12)


@rows()
def test_a_compiled_call_and_a_program_do_the_same_on_other_numbers(case: str) -> None:
    function, inputs = CASES[case]

    def loss(*xs: Any) -> Any:
        y = function(*xs)
        return (y * np.linspace(1, 2, y.size).reshape(y.shape)).sum()

    compiled, step = ag.compile(ag.value_and_grad(loss)), ag.value_and_grad(loss)
    program = ag.trace(function, *map(ag.Tensor, inputs))
    for shift in (0.0, 0.3):
        given = [ag.Tensor(x * (1 + shift)) for x in inputs]
        np.testing.assert_allclose(
            program(*given).numpy(), function(*given).numpy(), rtol=1e-12, atol=1e-12
        )
        found, right = compiled(*given), step(*given)
        np.testing.assert_allclose(found[0].numpy(), right[0].numpy(), rtol=1e-12)
        np.testing.assert_allclose(found[1].numpy(), right[1].numpy(), rtol=1e-11, atol=1e-12)


# ---- indices and masks that are inputs -----------------------------------------------------------

GIVEN: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    **{
        f"scatter_reduce {how}": (
            lambda x, i, src, how=how: ag.scatter_reduce(x, 1, i, src, how, include_self=False),
            (X, PLACES, Y),
        )
        for how in REDUCTIONS
    },
    "index_reduce": (lambda x, i, src: ag.index_reduce(x, 0, i, src, "amax"), (X, ROWS, Y)),
    "index_add": (lambda x, i, src: ag.index_add(x, 0, i, src, alpha=2), (X, ROWS, Y)),
    "index_fill": (lambda x, i: ag.index_fill(x, 0, i, 2.0), (X, ROWS)),
    "index_copy": (lambda x, i, src: ag.index_copy(x, 0, i, src), (X, ROWS, Y)),
    "scatter": (lambda x, i, src: ag.scatter(x, 1, i, src), (X, PLACES, Y)),
    "scatter a number": (lambda x, i: ag.scatter(x, 1, i, 1.0), (X, PLACES[:2])),
    "scatter_add": (lambda x, i, src: ag.scatter_add(x, 1, i, src), (X, PLACES[:2], Y)),
    "gather": (lambda x, i: ag.gather(x, 1, i), (X, PLACES[:2])),
    "masked_scatter": (lambda x, m, src: ag.masked_scatter(x, m, src), (X, X > 0, Y)),
    "kthvalue": (lambda x: ag.kthvalue(x, 2), (X,)),
    "mode": (lambda x: ag.mode(ag.round(x)), (X,)),
    "cummax": (lambda x: ag.cummax(x, 1, return_indices=True), (X,)),
    "cdist": (lambda x, y: ag.cdist(x, y), (X, Y)),
    "unfold": (lambda x: ag.unfold(x, 1, 2, 1), (X,)),
    "block_diag": (lambda x, y: ag.block_diag(x, y), (X, Y)),
}  # fmt: skip


def all_of(result: Any) -> list[Any]:
    return [y.numpy() for y in (result if isinstance(result, tuple) else (result,))]


def same(found: Any, right: Any) -> None:
    for y, wanted in zip(found, right, strict=True):
        assert y.dtype == wanted.dtype
        np.testing.assert_allclose(y, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", GIVEN)
def test_indices_are_inputs_of_programs_of_compiled_calls_and_of_vmap(case: str) -> None:
    function, inputs = GIVEN[case]
    other = [np.roll(x, 1, -1) for x in inputs]
    right = [all_of(function(*map(ag.Tensor, xs))) for xs in (inputs, other)]
    program, compiled = ag.trace(function, *map(ag.Tensor, inputs)), ag.compile(function)
    for xs, wanted in zip((inputs, other), right, strict=True):
        same(all_of(program(*map(ag.Tensor, xs))), wanted)
        same(all_of(compiled(*map(ag.Tensor, xs))), wanted)
    batch = [ag.Tensor(np.stack(pair)) for pair in zip(inputs, other, strict=True)]
    same(all_of(ag.vmap(function)(*batch)), [np.stack(pair) for pair in zip(*right, strict=True)])


@pytest.mark.parametrize("case", GIVEN)
def test_they_are_exported_to_onnx(case: str) -> None:
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    function, inputs = GIVEN[case]
    model = ag.onnx.export(function, *map(ag.Tensor, inputs))
    names = [x.name for x in model.graph.input]
    session = runtime.InferenceSession(model.SerializeToString())
    found = session.run(None, dict(zip(names, inputs, strict=True)))
    same(found, all_of(function(*map(ag.Tensor, inputs))))


# ---- bad input -----------------------------------------------------------------------------------

x = ag.Tensor(X)
BAD: dict[str, tuple[Callable[[], Any], str]] = {
    "index_fill of several": (lambda: ag.index_fill(x, 0, [0], [1.0, 2.0]), "one number"),
    "an index of rows of rows": (lambda: ag.index_copy(x, 0, [[0]], x[:1]), "1-D"),
    "index_copy of others": (lambda: ag.index_copy(x, 0, [0], x), r"\(1, 4\) of what it replaces"),
    "index_add of others": (lambda: ag.index_add(x, 0, [0], x), r"src \(1, 4\)"),
    "index_reduce of others": (lambda: ag.index_reduce(x, 0, [0], x, "amax"), r"src \(1, 4\)"),
    "an unknown reduction": (lambda: ag.scatter_reduce(x, 1, PLACES, x, "max"), "reduce"),
    "a short src": (lambda: ag.scatter_reduce(x, 1, PLACES, x[:, :2], "sum"), "no shorter"),
    "an index out of range": (lambda: ag.scatter_reduce(x, 1, PLACES + 9, x, "amax"), "out of"),
    "a mask of numbers": (lambda: ag.masked_scatter(x, [1], x), "mask must hold booleans"),
    "too few elements": (lambda: ag.masked_scatter(x, X == X, x[0]), "more places"),
    "a slice that is not there": (lambda: ag.select_scatter(x, x[0], 0, 3), "index 3"),
    "a slice of another shape": (lambda: ag.slice_scatter(x, x[:1], 0, 1), r"\(2, 4\)"),
    "a slice backwards": (lambda: ag.slice_scatter(x, x, step=-1), "at least 1"),
    "a diagonal of another length": (lambda: ag.diagonal_scatter(x, x[0]), r"\(3,\)"),
    "one axis twice": (lambda: ag.diagonal_scatter(x, x[0], 0, 1, 1), "axis1 and axis2"),
    "one new axis twice": (lambda: ag.diag_embed(x, 0, 1, 1), "axis1 and axis2"),
    "a block of three axes": (lambda: ag.block_diag(x[None]), "expected matrices"),
    "no vectors": (lambda: ag.cartesian_prod(x, x), "1-D"),
    "no arrays": (lambda: ag.cartesian_prod(), "at least one"),
    "a negative choice": (lambda: ag.combinations(x[0], -1), "must not be negative"),
    "a window that is too long": (lambda: ag.unfold(x, 1, 5, 1), "no windows of 5"),
    "a k that is too large": (lambda: ag.kthvalue(x, 5), "from 1 to 4"),
    "the mode of nothing": (lambda: ag.mode(x[:0], 0), "no elements"),
    "a size that does not broadcast": (lambda: ag.sum_to_size(x, 2, 4), "does not broadcast"),
    "rows of other lengths": (lambda: ag.cdist(x, x[:, :2]), "4 and 2 elements"),
    "a negative order": (lambda: ag.cdist(x, x, -1.0), "negative"),
    "a vector of distances": (lambda: ag.cdist(x[0], x), "expected rows"),
    "complex distances": (lambda: ag.cdist(x + 0j, x), "complex"),
    "a short signal": (lambda: ag.stft(x[0], 16, center=False), "the signal's 4 samples"),
    "a window of another length": (lambda: ag.stft(x[0], 4, window=np.ones(3)), "4 elements"),
    "half of what is complex": (lambda: ag.stft(x[0] + 0j, 4, onesided=True), "onesided"),
    "no steps": (lambda: ag.stft(x[0], 4, 0), "hop_length"),
    "padding by much": (lambda: ag.stft(x[0], 8, pad_mode="reflect"), "too much"),
    "an inverse of real numbers": (lambda: ag.istft(x, 4), "complex"),
    "other frequencies": (lambda: ag.istft(x + 0j, 12), "has 7 frequencies"),
    "samples that no window sees": (lambda: ag.istft(x + 0j, 4, 9), "unseen"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_lists_of_tensors_are_the_tensors_joined(case: str) -> None:
    function, arrays = CASES[case]
    xs = [ag.Tensor(x, requires_grad=True) for x in arrays]
    whole = ag.grad(ag.sum(function(*xs) ** 2), xs, allow_unused=True)
    lists = [list(x) if x.ndim else x for x in xs]
    found = ag.grad(ag.sum(function(*lists) ** 2), xs, allow_unused=True)
    for g, wanted in zip(found, whole, strict=True):
        np.testing.assert_allclose(0 if g is None else g, 0 if wanted is None else wanted, 1e-12)


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told_in_words(case: str) -> None:
    call, words = BAD[case]
    with pytest.raises(AutogradError, match=words):
        call()


@pytest.mark.parametrize("accumulate", [False, True])
def test_indices_of_a_traced_call_are_those_of_each_call(accumulate: bool) -> None:
    """By whole numbers and by a mask that follows from the input, as a plan and in a batch."""
    x, v = ag.Tensor(X), ag.Tensor(Y[0, :2])

    def by_index(x: Any, i: Any) -> Any:
        return ag.index_put(x, (i, i), v, accumulate=accumulate)

    def by_mask(x: Any) -> Any:
        return ag.index_put(x, (x > 0,), 9.0, accumulate=accumulate)

    put, masked = ag.compile(by_index), ag.compile(by_mask)
    for y, i in ((x, ag.Tensor([0, 1])), (-x, ag.Tensor([1, 2]))):
        np.testing.assert_array_equal(put(y, i).numpy(), by_index(y, i).numpy())
        np.testing.assert_array_equal(masked(y).numpy(), by_mask(y).numpy())
    np.testing.assert_array_equal(ag.vmap(by_mask)(x).numpy(), by_mask(x).numpy())


def test_a_batch_of_counts_has_the_length_that_is_asked_for() -> None:
    x, weights = ag.Tensor([[0, 1, 1], [2, 0, 3]]), ag.Tensor(Y[:2, :3], requires_grad=True)
    found = ag.vmap(lambda i, w: ag.bincount(i, w, minlength=4))(x, weights)
    np.testing.assert_allclose(
        found.numpy(), [np.bincount(i, w, 4) for i, w in zip(x.numpy(), Y[:2, :3], strict=True)]
    )
    assert ag.grad(found.sum(), weights)[0].tolist() == [[1.0] * 3] * 2
    with pytest.raises(TraceError, match="bincount follows from the numbers"):
        ag.vmap(ag.bincount)(x)
    with pytest.raises(TraceError, match="bincount follows from the numbers"):
        ag.vmap(lambda i: ag.bincount(i, minlength=3))(x)
