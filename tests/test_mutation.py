"""In-place changes: Tensors are values, and a gradient is right or an error."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine import mutation
from autograd.errors import InPlaceError, MutationError, ShapeError

IN_PLACE = {
    "+": operator.iadd,
    "-": operator.isub,
    "*": operator.imul,
    "/": operator.itruediv,
    "**": operator.ipow,
}


def leaf(data: Any, name: str | None = None) -> ag.Tensor:
    return ag.Tensor(np.array(data, float), requires_grad=True, name=name)


def gradient(x: ag.Tensor) -> Any:
    assert x.grad is not None
    return x.grad.tolist()


def assign(x: ag.Tensor, key: Any, value: Any) -> None:
    x[key] = value


# ---- on a result: a new node ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sign", "expected"),
    [("+", [2, 4]), ("-", [2, 4]), ("*", [6, 12]), ("/", [2 / 3, 4 / 3]), ("**", [6, 192])],
)
def test_an_operator_on_a_result_rebinds_it_and_keeps_the_gradient(
    sign: str, expected: list[float]
) -> None:
    x = leaf([1.0, 2.0])
    y = x * x
    same = y
    y = IN_PLACE[sign](y, 3.0)
    assert same is y
    y.sum().backward()
    np.testing.assert_allclose(gradient(x), expected, rtol=1e-14)


def test_what_was_computed_before_keeps_the_old_value() -> None:
    x = leaf([1.0, 2.0])
    y = x * x
    z = y * y  # saves y's old value
    y += 100.0
    (z + y).sum().backward()  # x⁴ + x² + 100
    np.testing.assert_array_equal(gradient(x), [6.0, 36.0])


def test_assignment_into_a_result_cuts_and_links_gradients() -> None:
    x, v = leaf([1.0, 2.0, 3.0]), leaf(5.0)
    y = x * x
    y[1] = v * 2
    assert y.tolist() == [1.0, 10.0, 9.0]
    (y * [1.0, 10.0, 100.0]).sum().backward()
    assert gradient(x) == [2.0, 0.0, 600.0]
    assert gradient(v) == 20.0


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (0, 7.0), (slice(1, None), [7.0, 8.0]), (..., 0.0), ([0, 2], [1.0, 2.0]), (-1, 3.0),
        (np.array([True, False, True]), 5.0), (slice(0, 0), 1.0), ([], 1.0),
        (slice(None, None, -1), [1, 2, 3]),
    ],
    ids=str,
)  # fmt: skip
def test_assignment_agrees_with_numpy(key: Any, value: Any) -> None:
    x = leaf([1.0, 2.0, 3.0])
    expected, weights = np.array([1.0, 4.0, 9.0]), np.array([1.0, 10.0, 100.0])
    y = x * x
    y[key] = value
    expected[key] = value
    kept = np.ones(3)
    kept[key] = 0.0
    assert y.tolist() == expected.tolist()
    (y * weights).sum().backward()
    np.testing.assert_array_equal(gradient(x), np.array([2.0, 4.0, 6.0]) * kept * weights)


def test_assigning_a_tensor_in_the_graph_puts_a_constant_into_the_graph() -> None:
    v, out = leaf(3.0), ag.Tensor(np.zeros(2))
    out[1] = v * v
    assert out.requires_grad
    assert not out.is_leaf
    out.sum().backward()
    assert gradient(v) == 6.0


def test_an_operator_with_a_tensor_in_the_graph_does_too() -> None:
    v, total = leaf([1.0, 2.0]), ag.Tensor(np.zeros(2))
    for _ in range(3):
        total += v * v
    total.sum().backward()
    assert gradient(v) == [6.0, 12.0]


def test_a_name_survives_an_in_place_change() -> None:
    y = leaf([1.0]) * 2
    y.name = "y"
    y += 1.0
    assert y.name == "y"
    assert y.grad_fn is not None
    assert y.grad_fn.name == "y"


# ---- on a leaf -----------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", IN_PLACE)
def test_a_leaf_that_requires_grad_refuses_operators(sign: str) -> None:
    x = leaf([1.0, 2.0], name="x")
    message = (
        rf"x {'[*]' * len(sign) if '*' in sign else '[' + sign + ']'}= v on x, a leaf(.|\n)*no_grad"
    )
    with pytest.raises(InPlaceError, match=message):
        IN_PLACE[sign](x, 2.0)
    assert x.tolist() == [1.0, 2.0]


def test_a_leaf_that_requires_grad_refuses_assignment() -> None:
    x = leaf([1.0, 2.0], name="x")
    with pytest.raises(InPlaceError, match=r"x\[i\] = v on x, a leaf that requires grad"):
        x[0] = 3.0
    assert x.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("data", [2.0, [1.0, 2.0]], ids=["0-d", "1-d"])
@pytest.mark.parametrize("sign", IN_PLACE)
def test_a_leaf_changes_in_place_under_no_grad(sign: str, data: Any) -> None:
    x = leaf(data)
    expected = IN_PLACE[sign](np.array(data), 3.0)
    with ag.no_grad():
        y = IN_PLACE[sign](x, 3.0)
    assert y is x
    assert x.requires_grad
    assert x.is_leaf
    np.testing.assert_array_equal(x.numpy(), expected)
    (x * x).sum().backward()  # and the new value counts
    np.testing.assert_array_equal(gradient(x), 2 * expected)


def test_assignment_to_a_leaf_under_no_grad() -> None:
    x, c = leaf([1.0, 2.0]), leaf(5.0)
    with ag.no_grad():
        x[1] = c
    assert x.tolist() == [1.0, 5.0]
    assert x.is_leaf
    c = leaf(1.0)
    with ag.no_grad():
        c[()] = 7.0
    (c * c).backward()
    assert gradient(c) == 14.0


def test_a_constant_is_changed_by_assignment() -> None:
    c = ag.Tensor([1, 2, 3])
    c[1] = 7
    c[ag.Tensor([0, 2])] = 0
    assert c.tolist() == [0, 7, 0]
    c += 1
    assert c.tolist() == [1, 8, 1]
    d = ag.Tensor(1.0)
    d[()] = 2.0
    d *= 3
    assert d.item() == 6.0


# ---- refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize("requires_grad", [False, True])
def test_a_copy_that_a_view_had_to_make_refuses_and_says_what_to_write(requires_grad: bool) -> None:
    x = ag.Tensor(np.ones((2, 3)), requires_grad=requires_grad)
    for copied, name in ((x.T.reshape(-1), "reshape"), (x.flatten(), "flatten")):
        with pytest.raises(
            InPlaceError, match=rf"result of {name}(.|\n)*base\[i\] = base\[i\] \+ v"
        ):
            copied += 1.0
        with pytest.raises(InPlaceError, match=rf"result of {name}(.|\n)*base\[i, j\] = v"):
            copied[0] = 1.0
    assert x.tolist() == [[1.0] * 3] * 2


@pytest.mark.parametrize(
    "key", [([0, 1],), (slice(None), [0, 1]), (np.array([[True] * 3] * 2),)], ids=str
)
def test_a_selection_by_indices_is_a_copy_and_may_change(key: Any) -> None:
    x = leaf(np.ones((2, 3)))
    chosen = x[key if len(key) > 1 else key[0]]
    chosen *= 3.0
    chosen.sum().backward()
    assert x.tolist() == [[1.0] * 3] * 2
    assert x.grad is not None
    assert x.grad.sum().item() == 3.0 * chosen.size


def test_an_in_place_result_must_fit() -> None:
    x = leaf([1.0, 2.0], name="x")
    y = x * 1.0
    with pytest.raises(ShapeError, match=r"x \+= v: the result is \(3, 2\) and does not fit"):
        y += np.ones((3, 2))
    with ag.no_grad(), pytest.raises(ShapeError, match=r"does not fit x, which is \(2,\)"):
        x += np.ones((3, 2))
    n = ag.Tensor([1, 2], name="n")
    with pytest.raises(InPlaceError, match=r"x \*= v: the result is float64 and n is int64"):
        n *= 0.5
    assert n.tolist() == [1, 2]


def test_a_lower_precision_stays() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    with ag.no_grad():
        x += np.ones(2)
    assert x.dtype == np.float32
    y = x * 1
    y += np.ones(2)
    assert y.dtype == np.float32
    y.sum().backward()
    assert gradient(x) == [1.0, 1.0]


def test_assignment_errors_name_the_op_and_the_shapes() -> None:
    c = ag.Tensor([1.0, 2.0, 3.0])
    with pytest.raises(ShapeError, match=r"setitem: .*\(2,\)"):
        c[:] = [1.0, 2.0]
    with pytest.raises(IndexError, match="setitem: index 5 is out of bounds"):
        c[5] = 1.0


# ---- stale gradients -----------------------------------------------------------------------------

CHANGES: dict[str, Callable[[ag.Tensor], Any]] = {
    "operator": lambda w: operator.iadd(w, 1.0),
    "item": lambda w: assign(w, 0, 9.0),
    "all items": lambda w: assign(w, ..., 9.0),
    "data": lambda w: setattr(w, "data", [7.0, 8.0]),
}
SAVING: dict[str, Callable[[ag.Tensor], ag.Tensor]] = {
    "itself": lambda w: w * w,
    "a reshape of it": lambda w: w.reshape((2, 1)) * w.reshape((1, 2)),
    "a slice of it": lambda w: w[:1] * w[:1],
    "a view of a view": lambda w: w[::-1].reshape((2, 1))[1:] * w[0],
    "its broadcast": lambda w: ag.broadcast_to(w, (3, 2)) * ag.broadcast_to(w, (3, 2)),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("saving", SAVING)
def test_backward_needing_a_changed_value_raises(saving: str, change: str) -> None:
    w = leaf([1.0, 2.0], name="w")
    loss = SAVING[saving](w).sum()
    with ag.no_grad():
        CHANGES[change](w)
    with pytest.raises(MutationError, match=r"w was changed in place after \w+ had saved it"):
        loss.backward()
    assert w.grad is None


def test_the_message_names_module_line_and_remedy() -> None:
    w = leaf([1.0, 2.0], name="w")
    with ag.tracing(), ag.scope("encoder"), ag.scope("0", "Linear"):
        y = w * w
    z = w * w
    with ag.no_grad():
        w += 1.0
    with pytest.raises(
        MutationError, match=r"multiply had .* in encoder\.0 \(Linear\) at .*\.py:\d+"
    ):
        y.sum().backward()
    with pytest.raises(
        MutationError, match=r"to see the line\)(.|\n)*Call backward before the change"
    ):
        z.sum().backward()


def test_a_0d_parameter_keeps_the_old_value_for_old_graphs() -> None:
    w = leaf(3.0)
    y = w * w
    with ag.no_grad():
        w += 10.0
    y.backward()
    assert gradient(w) == 6.0  # as a NumPy scalar cannot change, the graph has the right one


def test_changing_a_constant_that_a_graph_needs_is_never_silently_wrong() -> None:
    w, c = leaf([1.0, 2.0]), ag.Tensor(np.array([3.0, 4.0]), name="c")
    loss = (w * c).sum()
    c[0] = 50.0
    try:
        loss.backward()
    except MutationError as error:
        assert "c was changed in place after multiply" in str(error)  # noqa: PT017
    else:
        assert gradient(w) == [3.0, 4.0]


def test_grad_and_create_graph_see_changes_too() -> None:
    w = leaf([1.0, 2.0])
    (dw,) = ag.grad((w * w * w).sum(), w, create_graph=True)
    with ag.no_grad():
        w *= 2.0
    with pytest.raises(MutationError):
        ag.grad(dw.sum(), w)


# ---- no false alarm ------------------------------------------------------------------------------


def test_what_backward_does_not_need_may_change() -> None:
    w, v = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    loss = ((w + v) * 3.0).sum()  # saves neither
    with ag.no_grad():
        w += 1.0
        v[0] = 0.0
    loss.backward()
    assert gradient(w) == [3.0, 3.0]


def test_another_tensor_may_change() -> None:
    w, v = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    loss = (w * w).sum()
    with ag.no_grad():
        v += 1.0
    loss.backward()
    assert gradient(w) == [2.0, 4.0]


def test_another_row_may_change() -> None:
    w = leaf([[1.0, 2.0], [3.0, 4.0]])
    loss = (w[0] * w[0]).sum()
    with ag.no_grad():
        w[1] = 0.0
    loss.backward()
    assert gradient(w) == [[2.0, 4.0], [0.0, 0.0]]


def test_a_branch_that_is_not_walked_may_be_stale() -> None:
    w, v = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    loss = (w * w + v * v).sum()
    with ag.no_grad():
        v += 1.0
    (dw,) = ag.grad(loss, w, retain_graph=True)
    assert dw.tolist() == [2.0, 4.0]
    with pytest.raises(MutationError):
        ag.grad(loss, v)


def test_what_lies_below_the_inputs_of_grad_may_be_stale() -> None:
    w = leaf([1.0, 2.0])
    y = w * w
    loss = (y * 3.0).sum()
    with ag.no_grad():
        w += 1.0
    assert ag.grad(loss, y, retain_graph=True)[0].tolist() == [3.0, 3.0]
    with pytest.raises(MutationError):
        ag.grad(loss, w)


def test_a_graph_recorded_after_the_change_is_right() -> None:
    w = leaf([1.0, 2.0])
    stale = (w * w).sum()
    with ag.no_grad():
        w += 1.0
    (w * w).sum().backward()
    assert gradient(w) == [4.0, 6.0]
    with pytest.raises(MutationError):
        stale.backward()


def test_a_training_loop_updates_in_place() -> None:
    rng = np.random.default_rng(0)
    inputs, true = rng.normal(size=(20, 3)), np.array([1.0, -2.0, 0.5])
    w, bias = leaf(np.zeros(3)), leaf(0.0)
    for _ in range(200):
        error = (w * inputs).sum(axis=1) + bias - (inputs @ true + 3.0)
        (error * error).sum().backward()
        with ag.no_grad():
            for p in (w, bias):
                p -= 0.01 * p.grad
                p.zero_grad()
    np.testing.assert_allclose(w.numpy(), true, atol=1e-6)
    assert bias.item() == pytest.approx(3.0, abs=1e-6)


def test_the_notes_of_changes_do_not_pile_up() -> None:
    x = leaf(np.ones(5000))
    kept = x[:3] * x[1:4]
    for i in range(5000):
        with ag.no_grad():
            x[i] = 2.0
    assert max(map(len, mutation._changes.values())) < 2000
    with pytest.raises(MutationError):
        kept.sum().backward()


def test_a_dead_arrays_address_is_forgotten() -> None:
    """Memory is used again: a new array where a changed one lay has not been changed."""
    x = leaf(np.ones(1000))
    for _ in range(50):
        c = ag.Tensor(np.ones(1000))
        c[0] = 2.0
        y = x * np.ones(1000)
        del c
        (y * ag.Tensor(np.ones(1000))).sum().backward()
    assert gradient(x)[0] == 50.0
