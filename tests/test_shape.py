"""Joining, splitting, padding and turning: the laws and spellings beyond those of every op."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd as ag
from autograd.engine.samples import draw as values
from autograd.errors import ArgumentError, AxisError, DTypeError, ShapeError


def slope(y: ag.Tensor, x: ag.Tensor) -> Any:
    """The gradient of sum(c · y) for a fixed c, and c."""
    c = values(*y.shape, seed="c")
    (g,) = ag.grad((y * c).sum(), [x])
    return g.numpy(), c


# ---- joining and splitting -----------------------------------------------------------------------


def test_concat_without_an_axis_flattens() -> None:
    x, y = ag.Tensor(values(2, 2), requires_grad=True), ag.Tensor(values(3), requires_grad=True)
    z = ag.concat([x, y], axis=None)
    np.testing.assert_array_equal(z, np.concatenate([x.numpy(), y.numpy()], axis=None))
    (z * np.arange(7.0)).sum().backward()
    assert x.grad.tolist() == [[0.0, 1.0], [2.0, 3.0]]
    assert y.grad.tolist() == [4.0, 5.0, 6.0]


def test_stack_takes_python_numbers_without_widening() -> None:
    x = ag.Tensor(1.0, requires_grad=True)
    y = ag.stack([x, 2.0, x])
    assert y.dtype == np.float32
    y.sum().backward()
    assert x.grad.item() == 2.0


def test_stack_and_concat_are_reached_through_numpy() -> None:
    x, y = ag.Tensor([1.0, 2.0], requires_grad=True), np.array([3.0, 4.0], np.float32)
    for joined in (np.stack([x, y]), np.concatenate([y, x]), np.vstack([y, x]), np.hstack([x, y])):
        assert isinstance(joined, ag.Tensor)
        assert joined.requires_grad


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (lambda x: ag.split(x, 2, axis=1), lambda x: np.split(x, 2, axis=1)),
        (lambda x: ag.split(x, [1, 3], axis=-1), lambda x: np.split(x, [1, 3], axis=-1)),
        (lambda x: ag.split(x, [1, 2, 3], dim=1), lambda x: np.split(x, [1, 3], axis=1)),
        (lambda x: x.split([1, 2, 3], dim=-2), lambda x: np.split(x, [1, 3], axis=1)),
        (lambda x: x.split(4, 1), lambda x: np.split(x, [4], axis=1)),
        (lambda x: x.split(3, dim=1), lambda x: np.split(x, [3], axis=1)),
        (lambda x: x.split([4, 2], 1), lambda x: np.split(x, [4], axis=1)),
        (lambda x: x.split([1, 3], 1), lambda x: np.split(x, [1, 3], axis=1)),
        (lambda x: x.split(range(2, 6, 2), 1), lambda x: np.split(x, [2, 4], axis=1)),
        (lambda x: ag.split(x, np.array([2])), lambda x: np.split(x, [2])),
        (lambda x: ag.array_split(x, 4, axis=1), lambda x: np.array_split(x, 4, axis=1)),
        (lambda x: ag.array_split(x, 5), lambda x: np.array_split(x, 5)),
        (lambda x: ag.hsplit(x, 3), lambda x: np.hsplit(x, 3)),
        (lambda x: ag.vsplit(x, 3), lambda x: np.vsplit(x, 3)),
        (lambda x: ag.dsplit(x, [1]), lambda x: np.dsplit(x, [1])),
        (lambda x: ag.hsplit(x[0, :, 0], [4]), lambda x: np.hsplit(x[0, :, 0], [4])),
        (lambda x: ag.chunk(x, 4, dim=1), lambda x: np.split(x, [2, 4], axis=1)),
        (lambda x: ag.unbind(x, dim=1), lambda x: np.unstack(x, axis=1)),
    ],
)
def test_the_parts_of_a_split_are_numpys_and_each_pulls_back_to_its_place(
    mine: Any, theirs: Any
) -> None:
    x = ag.Tensor(values(3, 6, 2), requires_grad=True)
    parts, expected = mine(x), theirs(x.numpy())
    assert isinstance(parts, tuple)
    assert len(parts) == len(expected)
    for number, (part, other) in enumerate(zip(parts, expected, strict=True)):
        np.testing.assert_array_equal(part, other)
        marked = np.zeros(x.shape)
        theirs(marked)[number][...] = 1.0  # NumPy's parts are views
        (g,) = ag.grad(part.sum(), [x], retain_graph=True, allow_unused=True)
        np.testing.assert_array_equal(0.0 if g is None else g, marked)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: ag.split(x, 4), "6 elements along axis 0 make no 4 equal parts: x is \\(6,\\)"),
        (lambda x: ag.split(x, 0), "make no 0 equal parts"),
        (lambda x: ag.split(x, [4, 2]), "must be in ascending order"),
        (lambda x: ag.array_split(x, 0), "must be positive"),
        (lambda x: ag.chunk(x, 0), "chunks must be at least 1"),
        (lambda x: ag.flatten(x[None], 1, 0), "start_dim 1 comes after end_dim 0"),
        (lambda x: ag.unflatten(x, 0, (4, -1)), "has 6 elements, not \\(4, 1\\)"),
        (lambda x: ag.repeat(x, [1, 2]), "2 counts for the 6 slices of axis 0"),
        (lambda x: ag.concat([x, x[None]]), "xs\\[0\\] is \\(6,\\).*xs\\[1\\] is \\(1, 6\\)"),
        (lambda x: ag.split(x, 2, axis=1), "axis 1 is out of range: x has 1 axes"),
        (lambda x: ag.flatten(x, -2), "start_dim -2 is out of range: x has 1 axes"),
        (lambda x: ag.gather(x, 3, [0]), "axis 3 is out of range"),
        (lambda x: ag.roll(x, 1, axis=4), "x is \\(6,\\)"),
        (lambda x: ag.squeeze(x, 0), "x is \\(6,\\)"),
    ],
)
def test_what_does_not_fit_is_a_shape_error(call: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=f"(?s){message}"):
        call(ag.Tensor(np.arange(6.0)))


def test_dim_and_axis_together_are_refused() -> None:
    with pytest.raises(TypeError, match="two values for 'axis'"):
        ag.stack([ag.Tensor(1.0)], axis=0, dim=0)


def test_astype_without_copy_returns_the_tensor_itself() -> None:
    x = ag.Tensor([1.0], requires_grad=True)
    assert ag.astype(x, "float32", copy=False) is x
    assert ag.astype(x, "float32") is not x
    assert not ag.astype(x, "int64").requires_grad


# ---- padding -------------------------------------------------------------------------------------

MODES = [
    ("constant", {"constant_values": 2.0}), ("edge", {}), ("wrap", {}), ("reflect", {}),
    ("symmetric", {}), ("reflect", {"reflect_type": "odd"}), ("symmetric", {"reflect_type": "odd"}),
    ("linear_ramp", {"end_values": (1.0, -2.0)}), ("mean", {}), ("mean", {"stat_length": 2}),
]  # fmt: skip


@given(
    hnp.array_shapes(max_dims=2, max_side=4),
    st.data(),
    st.sampled_from(MODES),
)
def test_pad_agrees_with_numpy_and_its_gradient_is_the_transpose(
    shape: tuple[int, ...], data: Any, case: tuple[str, dict[str, Any]]
) -> None:
    mode, options = case
    width = data.draw(st.tuples(*[st.tuples(st.integers(0, 9), st.integers(0, 9))] * len(shape)))
    x = ag.Tensor(values(*shape), requires_grad=True)
    y = ag.pad(x, width, mode, **options)
    expected = np.pad(x.numpy(), width, mode, **options)
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-12)
    g, c = slope(y, x)

    def padded(z: Any) -> Any:
        return np.pad(z, width, mode, **options)

    # the map is affine: its columns are the differences that unit steps make
    origin = padded(np.zeros(shape))
    units = np.eye(x.size).reshape(-1, *shape)
    columns = np.array([np.sum(c * (padded(unit) - origin)) for unit in units])
    np.testing.assert_allclose(g.ravel(), columns, rtol=1e-11, atol=1e-11)


def test_pad_takes_a_width_by_axis() -> None:
    x = values(2, 3)
    np.testing.assert_array_equal(
        ag.pad(x, {-1: (1, 2)}, mode="edge"), np.pad(x, ((0, 0), (1, 2)), mode="edge")
    )


@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "symmetric", "wrap", "maximum"])
def test_pad_keeps_integers(mode: str) -> None:
    x = np.arange(6).reshape(2, 3)
    padded = ag.pad(ag.Tensor(x), 1, mode=mode)
    assert padded.dtype == x.dtype
    np.testing.assert_array_equal(padded, np.pad(x, 1, mode=mode))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((1, "mirror"), {}, ValueError, "the modes are constant, edge, .*'mirror'"),
        ((1, "edge"), {"constant_values": 1}, TypeError, '"edge" takes no constant_values'),
        ((-1,), {}, ValueError, "not be negative; cut x with a slice"),
        ((0.5,), {}, DTypeError, "must be integers, not float64"),
        ((1, "reflect"), {"reflect_type": "both"}, ValueError, 'must be "even" or "odd"'),
    ],
)
def test_bad_paddings_say_what_is_possible(
    arguments: Any, options: Any, error: Any, message: str
) -> None:
    with pytest.raises(error, match=message):
        ag.pad(ag.Tensor(np.ones((2, 2))), *arguments, **options)


def test_pads_that_no_number_can_fill_are_refused() -> None:
    with pytest.raises(ShapeError, match='axis 0 is empty; only mode "constant"'):
        ag.pad(np.ones((0, 2)), 1, mode="edge")
    with pytest.raises(DTypeError, match='mode "mean" needs floating numbers, x is int64'):
        ag.pad(np.arange(3), 1, mode="mean")


@pytest.mark.parametrize("said", [2, 3, [2, 4], [0, 6]])
def test_a_split_that_is_two_things_is_none(said: Any) -> None:
    """Six elements: two parts of three, or three of two; cut at 2 and 4, or parts of 2 and 4."""
    x = ag.arange(6)
    with pytest.raises(ArgumentError, match=r"write x\.split\(.*, dim=0\)") as caught:
        x.split(said)
    _, theirs, numpys = re.findall(r"\w+\.split\((?:[^()]|\([^()]*\))*\)", str(caught.value))
    scope = {"x": x, "ag": ag}
    sizes = [part.size for part in eval(theirs, scope)]  # noqa: S307 - what the message says to write
    assert sizes == ([said] * (6 // said) if isinstance(said, int) else said)
    parts = eval(numpys, scope)  # noqa: S307
    for part, expected in zip(parts, np.split(np.arange(6), said), strict=True):
        np.testing.assert_array_equal(part, expected)


@pytest.mark.parametrize("n", [0, -1])
def test_parts_of_no_size_are_refused(n: int) -> None:
    for call in (lambda: ag.arange(6).split(n), lambda: ag.split(ag.arange(6), n, dim=0)):
        with pytest.raises(ShapeError):
            call()
    with pytest.raises(ShapeError, match=r"the sizes \[1, 2\] do not add up to the length 6"):
        ag.split(ag.arange(6), [1, 2], dim=0)


AXES = range(-2, 2)


@pytest.mark.parametrize("shape", [(3, 3), (2, 3), (0, 2)])
@pytest.mark.parametrize("swap", [(i, j) for i in AXES for j in AXES])
def test_two_axes_of_a_matrix_are_exchanged_where_numpy_agrees(
    shape: tuple[int, int], swap: tuple[int, int]
) -> None:
    x = ag.Tensor(values(*shape))
    for transpose in (x.transpose, lambda *axes: ag.transpose(x, *axes)):
        if (swap[0] % 2, swap[1] % 2) == (0, 1):
            with pytest.raises(ArgumentError, match="of a matrix keeps it in NumPy and turns it"):
                transpose(*swap)
        else:
            expected = np.swapaxes(x.numpy(), *swap)
            np.testing.assert_array_equal(transpose(*swap), expected)
    with pytest.raises(AxisError):
        x.transpose(0, 2)


@pytest.mark.parametrize("ndim", [1, 3, 4])
def test_two_axes_of_other_tensors_are_exchanged(ndim: int) -> None:
    x = ag.Tensor(values(*range(2, 2 + ndim)), requires_grad=True)
    for i in range(-ndim, ndim):
        for j in range(-ndim, ndim):
            y = x.transpose(i, j)
            np.testing.assert_array_equal(y.numpy(), np.swapaxes(x.numpy(), i, j))
            np.testing.assert_array_equal(ag.transpose(x, i, j).numpy(), y.numpy())
    order = [*range(ndim)][::-1]
    for y in (
        x.transpose(),
        x.transpose(order),
        ag.transpose(x, order),
        ag.transpose(x, axes=order),
    ):
        np.testing.assert_array_equal(y.numpy(), x.numpy().T)
