"""What is written to a view is written to its base, as in NumPy, or an error says what to write.

Ways to look at a Tensor, ways to write, and kinds of Tensors: all with all. Afterwards the base has
the numbers that NumPy's view gives, or an error was raised and nothing has changed.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from threading import Thread
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
import nn
from autograd.errors import AutogradError, InPlaceError
from autograd.tensors.assignment import change

START = np.arange(1.0, 17.0).reshape(4, 4)


class Look(NamedTuple):
    """A way to see a part of a Tensor, and the same of an array."""

    ours: Callable[[Any], Any]
    theirs: Callable[[Any], Any] | None = None  # None: the same; NumPy has no such view
    refuses: bool = False


def _first(rows: Any) -> Any:
    return next(iter(rows))


def _diagonal(a: Any) -> Any:
    return np.einsum("ii->i", a)  # which may be written to


LOOKS: dict[str, Look] = {
    "slice": Look(lambda x: x[1:3]),
    "row": Look(lambda x: x[2]),
    "column": Look(lambda x: x[:, 1]),
    "steps back": Look(lambda x: x[::-2, ::-1]),
    "new axis": Look(lambda x: x[None, 1:, None]),
    "ellipsis": Look(lambda x: x[..., -1]),
    "all": Look(lambda x: x[:]),
    "empty": Look(lambda x: x[2:2]),
    "element by ellipsis": Look(lambda x: x[1, 2, ...]),
    "nested": Look(lambda x: x[1:][0][1:]),
    "T": Look(lambda x: x.T),
    "row of T": Look(lambda x: x.T[1]),
    "mT": Look(lambda x: x.mT, lambda a: a.T),
    "transpose": Look(lambda x: x.transpose(1, 0)),
    "permute": Look(lambda x: x.permute(1, 0), lambda a: a.T),
    "swapaxes": Look(lambda x: x.swapaxes(0, -1)),
    "moveaxis": Look(lambda x: ag.moveaxis(x, 0, -1), lambda a: np.moveaxis(a, 0, -1)),
    "reshape": Look(lambda x: x.reshape(2, 8)),
    "view": Look(lambda x: x.view(-1), lambda a: a.reshape(-1)),
    "row of view": Look(lambda x: x.view(2, 2, -1)[1], lambda a: a.reshape(2, 2, -1)[1]),
    "ravel": Look(lambda x: x.ravel()),
    "unflatten": Look(lambda x: x.unflatten(0, (2, 2)), lambda a: a.reshape(2, 2, 4)),
    "squeeze": Look(lambda x: x[:1].squeeze()),
    "unsqueeze": Look(lambda x: x.unsqueeze(0), lambda a: a[None]),
    "expand_dims": Look(lambda x: ag.expand_dims(x, -1), lambda a: a[..., None]),
    "diagonal": Look(lambda x: x.diagonal(), _diagonal),
    "flip": Look(lambda x: x.flip(0), np.flipud),
    "einsum": Look(lambda x: ag.einsum("ij->ji", x), lambda a: a.T),
    "real": Look(lambda x: x.real),
    "row by iteration": Look(_first),
    "row by zip": Look(lambda x: list(zip(*x.reshape(2, 2, 4), strict=True))[1][0]),
    "unbind": Look(lambda x: x.unbind(1)[3], lambda a: a[:, 3]),
    "split": Look(lambda x: x.split(2)[1], lambda a: a[2:]),
    "chunk": Look(lambda x: x.chunk(2, 1)[0], lambda a: a[:, :2]),
    "np.transpose": Look(np.transpose),
    "np.split": Look(lambda x: np.split(x, 2)[0]),
    "data": Look(lambda x: x.data, lambda a: a[:]),
    "row of data": Look(lambda x: x.data[1], lambda a: a[1]),
    "data of T": Look(lambda x: x.T.data, lambda a: a.T),
    "T of data": Look(lambda x: x.data.T, lambda a: a.T),
    "view of data": Look(lambda x: x.data.view(-1), lambda a: a.reshape(-1)),
    "detach": Look(lambda x: x.detach(), lambda a: a[:]),
    "slice of detach": Look(lambda x: x.detach()[1:], lambda a: a[1:]),
    "copied by reshape": Look(lambda x: x.T.reshape(-1), refuses=True),
    "flatten": Look(lambda x: x.flatten(), refuses=True),
    "broadcast_to": Look(lambda x: ag.broadcast_to(x, (2, 4, 4)), refuses=True),
    "expand": Look(lambda x: x[:1].expand(4, -1), refuses=True),
    "too far": Look(lambda x: x.T.T.T.T.T.T.T.T.T.T, refuses=True),
}  # fmt: skip

# what stands on the left, and what is done to it; NumPy does the same by the same code
WAYS: dict[str, Callable[[Any], Any]] = {
    "+=": lambda v: operator.iadd(v, 1.0),
    "-= itself": lambda v: operator.isub(v, v),
    "*=": lambda v: operator.imul(v, 3.0),
    "/=": lambda v: operator.itruediv(v, 4.0),
    "**=": lambda v: operator.ipow(v, 2),
    "//=": lambda v: operator.ifloordiv(v, 3.0),
    "%=": lambda v: operator.imod(v, 4.0),
    "+= twice": lambda v: operator.imul(operator.iadd(v, 1.0), 2.0),
    "[...] =": lambda v: operator.setitem(v, ..., 7.0),
    "[mask] =": lambda v: operator.setitem(v, np.ones(v.shape, bool), 7.0),
    "[0] =": lambda v: operator.setitem(v, 0, 7.0) if v.ndim and v.size else None,
    "[[0, -1]] =": lambda v: operator.setitem(v, [0, -1], 7.0) if v.ndim and v.size else None,
    "[:1] +=": lambda v: _add_at(v, slice(0, 1)) if v.ndim else None,
    "[-1] *=": lambda v: _add_at(v, -1) if v.ndim and v.size else None,
    "[0][...] =": lambda v: operator.setitem(v[0, ...], ..., 7.0) if v.ndim and v.size else None,
}  # fmt: skip


def _add_at(v: Any, key: Any) -> None:
    v[key] += 10.0


class Kind(NamedTuple):
    """A Tensor to look at, and the mode in which it is written to."""

    make: Callable[[], Any]
    mode: Callable[[], AbstractContextManager[Any]]
    writes: bool = True
    writes_data: bool = True


def _layer() -> Any:
    layer = nn.Linear(4, 4, bias=False, dtype="float64")
    layer.weight.data = START
    return layer.weight


def _leaf() -> Any:
    return ag.Tensor(START, requires_grad=True)


KINDS: dict[str, Kind] = {
    "constant": Kind(lambda: ag.Tensor(START), ag.enable_grad),
    "constant, no_grad": Kind(lambda: ag.Tensor(START), ag.no_grad),
    "shared with an array": Kind(lambda: ag.asarray(START.copy()), ag.enable_grad),
    "leaf": Kind(_leaf, ag.enable_grad, writes=False),
    "leaf, no_grad": Kind(_leaf, ag.no_grad),
    "parameter": Kind(_layer, ag.enable_grad, writes=False),
    "parameter, no_grad": Kind(_layer, ag.no_grad),
    "result": Kind(lambda: _leaf() * 1.0, ag.enable_grad, writes_data=False),
    "result, no_grad": Kind(lambda: _leaf() * 1.0, ag.no_grad, writes_data=False),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", LOOKS)
def test_a_write_gives_what_numpy_gives_or_raises_and_changes_nothing(name: str, kind: str) -> None:
    look, way_of = LOOKS[name], KINDS[kind]
    detached = "data" in name or "detach" in name
    refused = look.refuses or not (way_of.writes_data if detached else way_of.writes)
    for way, write in WAYS.items():
        base = way_of.make()
        with way_of.mode():
            view = look.ours(base)
            try:
                write(view)
            except InPlaceError:
                assert refused, way
                np.testing.assert_array_equal(base.numpy(), START)
                continue
        expected = START.copy()
        shown = (look.theirs or look.ours)(expected)
        with np.errstate(invalid="ignore"):
            write(shown)
        assert not refused or np.array_equal(expected, START), way
        np.testing.assert_array_equal(base.numpy(), expected, err_msg=way)
        np.testing.assert_array_equal(view.numpy(), shown, err_msg=way)


@pytest.mark.parametrize("name", [name for name, look in LOOKS.items() if not look.refuses])
def test_gradients_flow_through_what_was_written(name: str) -> None:
    """As if the whole had been put together anew: by differences, and in a replay on new leaves."""
    if "data" in name or "detach" in name or name == "empty":
        return
    look = LOOKS[name].ours

    def written(x: Any, w: Any) -> Any:
        y = x * x
        view = look(y)
        view *= w
        y[0] += x[1]
        view = look(y)
        view[...] = view * view + x[0, 0]
        view += 1.0
        return (y * START).sum() + (view * w).sum()

    x, w = ag.Tensor(START / 9, requires_grad=True), ag.Tensor(1.5, True, dtype="float64")
    assert ag.gradcheck(written, START / 9, np.float64(1.5), layouts=False, probes=2)
    value = written(x, w)
    again = ag.Graph(written, START / 9, np.float64(1.5)).replay(
        {"x": START / 7, "w": np.float64(0.5)}
    )
    fresh = written(ag.Tensor(START / 7), ag.Tensor(np.float64(0.5)))
    assert again.item() == pytest.approx(fresh.item(), rel=1e-12)
    assert value.item() != pytest.approx(fresh.item())


def test_a_saved_value_that_was_changed_through_a_view_is_noted() -> None:
    for look in (lambda w: w[0], lambda w: w.T, lambda w: w.data.view(-1), lambda w: w.detach()):
        w = _leaf()
        loss = (w * w).sum()
        with ag.no_grad():
            view = look(w)
            view += 1.0
        with pytest.raises(ag.errors.MutationError):
            loss.backward()


def test_getitem_and_setitem_of_an_augmented_assignment_cost_one_write() -> None:
    y = _leaf() * 1.0
    y[:2] += 1.0
    assert [node.op.name for node in ag.Graph(y).nodes].count("setitem") == 1
    x = ag.zeros(4, 4)
    place = x._value.ctypes.data
    for i in range(4):
        x[i] += 1.0
        x[:, i] *= 2.0
        x[i][1] = 9.0
    assert x._value.ctypes.data == place


def test_parts_beside_each_other_may_be_written_in_turn() -> None:
    for base in (ag.Tensor(START), _leaf() * 1.0):
        a, b = base.chunk(2, 1)
        a *= 2.0
        b += a
        rows = list(base)
        for row in rows:
            row -= 1.0
        expected = START.copy()
        expected[:, :2] *= 2
        expected[:, 2:] += expected[:, :2]
        np.testing.assert_array_equal(base.numpy(), expected - 1)


def test_a_view_whose_base_has_changed_refuses() -> None:
    p = _leaf()
    row, flat = p[0].detach(), p.data.view(-1)
    with ag.no_grad():
        p *= 2.0
    for view in (row, flat):
        with pytest.raises(InPlaceError, match=r"has changed since its .* was taken(.|\n)*again"):
            view += 1.0
    assert p.tolist() == (2 * START).tolist()


def test_a_view_on_the_way_shows_what_was_written_through_it() -> None:
    x = ag.Tensor(START)
    turned = x.T
    row = turned[1]
    row[2] = 70.0
    turned[0] += 1.0
    assert turned.tolist() == x.T.tolist()
    assert x[2, 1].item() == 70.0
    whole = x.reshape(16)
    whole.data[0] = -1.0
    assert (whole[0].item(), x[0, 0].item()) == (-1.0, -1.0)


@pytest.mark.parametrize("kind", [int, bool])
@pytest.mark.parametrize("sign", ["iand", "ior", "ixor", "ilshift", "irshift", "imod", "ifloordiv",
                                  "iadd", "isub", "imul", "imatmul"])  # fmt: skip
def test_integers_and_masks_are_written_through_by_every_operator(sign: str, kind: Any) -> None:
    start, write = np.array([[1, 0, 3], [0, 5, 1], [1, 1, 0]]).astype(kind), getattr(operator, sign)
    other = np.array([[1, 2, 1], [3, 1, 1], [1, 1, 1]]).astype(kind)
    if sign == "imatmul" and kind is bool:
        return
    for look in (lambda a: a.T, lambda a: a[::-1], lambda a: a[:, :]):
        x, array = ag.Tensor(start), start.copy()
        try:
            write(look(array), other)
        except TypeError:
            with pytest.raises((TypeError, InPlaceError)):
                write(look(x), other)
            np.testing.assert_array_equal(x.numpy(), start)
            continue
        write(look(x), other)
        np.testing.assert_array_equal(x.numpy(), array)


def test_real_and_imaginary_parts_are_written_outside_the_graph() -> None:
    z = ag.Tensor([1 + 2j, 3 + 4j])
    z.real[0] = 5.0
    z.imag *= 10.0
    assert z.tolist() == [5 + 20j, 3 + 40j]
    y = ag.Tensor([1 + 2j], requires_grad=True) * 1
    with pytest.raises(InPlaceError, match=r"autograd.complex"):
        y.real[0] = 5.0


def test_a_view_that_alone_is_left_of_its_base_is_its_own() -> None:
    x = _leaf()
    y = (x * 2.0).reshape(2, 8)
    y += 1.0
    y[0, 0] = x[0, 0] * 10.0
    assert "setitem" in [node.op.name for node in ag.Graph(y).nodes]
    y.sum().backward()
    assert x.grad is not None
    assert x.grad[0, :2].tolist() == [10.0, 2.0]


def test_two_views_of_a_base_that_is_gone_never_part_in_silence() -> None:
    for order in (0, 1):
        y = _leaf() * 1.0
        row, detached = y[0], y.detach()
        del y
        first, second = (row, detached) if order else (detached, row)
        for view in (first, second):
            before = view.tolist()
            try:
                view += 1.0
            except InPlaceError:
                assert view.tolist() == before
        assert not (row.tolist()[0] == 2.0 and detached.tolist()[0][0] == 2.0)


def test_an_element_is_a_number_as_in_numpy() -> None:
    x = ag.Tensor([1.0, 2.0])
    e = x[0]
    e += 5.0
    e[...] = 7.0
    assert (e.item(), x.tolist()) == (7.0, [1.0, 2.0])
    x[1][...] = 3.0
    assert x.tolist() == [1.0, 3.0]


def test_change_is_what_methods_that_write_in_place_are_made_of() -> None:
    x = ag.Tensor(START)
    assert change(x[0], ag.zeros_like) is not x
    change(x.T[1], lambda v: v * 10)
    change(x[2, 3], lambda v: v + 100)  # an element too
    expected = START.copy()
    expected[0] = 0
    expected[:, 1] *= 10
    expected[2, 3] += 100
    np.testing.assert_array_equal(x.numpy(), expected)
    with pytest.raises(ag.errors.ShapeError, match="does not fit"):
        change(x[0], lambda v: v[:2])
    with pytest.raises(InPlaceError, match=r"the result is complex128 and .* is float64"):
        change(x[0], lambda v: v * 1j)
    with pytest.raises(InPlaceError, match=r"fill_ on .*, a leaf that requires grad"):
        change(_leaf(), ag.zeros_like, "fill_")


@pytest.mark.parametrize(
    "write",
    [
        lambda x: np.add(x, 1.0, out=x),
        lambda x: np.add(x[0], 1.0, out=x[0]),
        lambda x: np.add.at(x, 0, 1.0),
        lambda x: np.copyto(x, 1.0),
        lambda x: np.fill_diagonal(x, 0.0),
        lambda x: np.put(x, [0], 1.0),
        lambda x: np.sum(x, axis=0, out=x[0]),
        lambda x: x.fill(0.0),
        lambda x: x.T.put([0], 1.0),
    ],
)
def test_what_numpy_writes_into_an_array_it_writes_into_a_tensor(write: Any) -> None:
    array = START.copy()
    write(array)
    for x in (ag.Tensor(START), _leaf()):
        with ag.no_grad():
            write(x)
        np.testing.assert_array_equal(x.numpy(), array)


@pytest.mark.parametrize(
    "write",
    [
        lambda x: x.numpy().fill(0.0),
        lambda x: x[0].setflags(write=True),
        lambda x: np.random.default_rng(0).random(out=x[0]),
        lambda x: np.add(x.numpy(), 1.0, out=x.numpy()),
        lambda x: setattr(x[0], "data", np.zeros(4)),
        lambda x: setattr(x.T, "data", np.zeros((4, 4))),
    ],
)
def test_other_ways_of_numpy_to_write_raise_and_change_nothing(write: Any) -> None:
    for x in (ag.Tensor(START), _leaf()):
        with ag.no_grad(), pytest.raises((AutogradError, ValueError, AttributeError, TypeError)):
            write(x)
        np.testing.assert_array_equal(x.numpy(), START)


def test_an_initializer_fills_a_part() -> None:
    layer = nn.Linear(4, 4)
    before = layer.weight.tolist()
    nn.init.ones_(layer.weight[1:3])
    assert layer.weight[1:3].tolist() == [[1.0] * 4] * 2
    assert [layer.weight.tolist()[i] for i in (0, 3)] == [before[0], before[3]]


def test_a_history_of_detached_values_keeps_no_graph() -> None:
    import weakref

    x = _leaf()
    y = x * 2.0
    node, kept = weakref.ref(y._node), [y.detach(), y.data, y.detach()[0]]
    del y
    assert node() is None
    assert kept[2].tolist() == (2 * START[0]).tolist()


CUTS: list[Callable[[Any], Any]] = [
    lambda v: v[1:], lambda v: v[:, :1], lambda v: v[::-1], lambda v: v.T, lambda v: v[:2, 1:],
    lambda v: v.swapaxes(0, 1), lambda v: v[None][0], lambda v: v[...],
]  # fmt: skip
STROKES: list[Callable[[Any, float], Any]] = [
    lambda v, n: operator.iadd(v, n),
    lambda v, n: operator.imul(v, n),
    lambda v, n: operator.isub(v, v),
    lambda v, n: operator.setitem(v, (0, 0), n),
    lambda v, n: operator.setitem(v, slice(None, 1), n),
    lambda v, n: operator.setitem(v, ..., v[::-1, ::-1] * 1.0),
    lambda v, n: _add_at(v, -1),
    lambda v, n: _add_at(v, (slice(None), 0)),
    lambda v, n: _add_at(v[0], 0),
]


@pytest.mark.parametrize("kind", ["constant", "leaf, no_grad", "result", "shared with an array"])
@given(steps=st.lists(st.tuples(
    st.booleans(), st.integers(0, 4), st.integers(0, len(CUTS) - 1),
    st.integers(0, len(STROKES) - 1), st.integers(-3, 3)), max_size=12))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_to_whichever_view_the_base_is_numpys(kind: str, steps: Any) -> None:
    """Views of views that live on, some written to, some not: never another number, or an error."""
    base, array = KINDS[kind].make(), START.copy()
    views = [(base, array)]
    with KINDS[kind].mode():
        for cuts, which, cut, stroke, number in steps:
            mine, theirs = views[which % len(views)]
            if cuts:
                if min(theirs.shape) > 1 and np.array_equal(mine.numpy(), theirs):
                    views.append((CUTS[cut](mine), CUTS[cut](theirs)))
                continue
            before = base.numpy().copy()
            try:
                STROKES[stroke](mine, float(number))
            except InPlaceError:
                assert not np.array_equal(mine.numpy(), theirs)  # only what shows old numbers
                np.testing.assert_array_equal(base.numpy(), before)
                continue
            STROKES[stroke](theirs, float(number))
            np.testing.assert_array_equal(mine.numpy(), theirs)
            np.testing.assert_array_equal(base.numpy(), array)


def test_threads_that_write_to_rows_of_one_tensor_lose_nothing_in_silence() -> None:
    interval = sys.getswitchinterval()
    p, written = ag.Tensor(np.zeros((4, 50)), requires_grad=True), [0] * 4

    def work(k: int) -> None:
        for _ in range(100):
            with ag.no_grad(), suppress(InPlaceError):
                p[k] += 1
                written[k] += 1

    sys.setswitchinterval(1e-5)
    try:
        for _ in range(5):
            threads = [Thread(target=work, args=(k,)) for k in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        sys.setswitchinterval(interval)
    np.testing.assert_array_equal(p.numpy(), np.repeat([written], 50, 0).T)
