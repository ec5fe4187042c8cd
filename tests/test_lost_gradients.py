"""No gradient is lost without a word: lists of Tensors record, and what leaves the graph warns."""

from __future__ import annotations

import math
import operator
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.special

import autograd as ag
import nn
import optim
from autograd.engine.lazy_names import FACES
from autograd.engine.row import Op
from autograd.engine.samples import Sample
from autograd.errors import GradientLostWarning
from tests.by_op import by_op
from tests.test_ops import CASES, DIFFERENTIABLE, call, cotangents, is_inexact, outputs, wanted

ROWS = [  # samples of which an input can be written as a list of its rows
    case
    for case in DIFFERENTIABLE
    if any(0 < np.ndim(case.values[1].inputs[i]) and 0 < len(case.values[1].inputs[i]) < 9
           for i in wanted(*case.values))
]  # fmt: skip


def gradients(op: Op, sample: Sample, split: bool) -> list[Any]:
    """The gradients of a call, its inputs given whole, or as lists of their rows."""
    leaves = [
        ag.Tensor(x, requires_grad=True) if i in wanted(op, sample) else x
        for i, x in enumerate(sample.inputs)
    ]
    given = [
        list(x) if split and isinstance(x, ag.Tensor) and 0 < len(x.shape) and 0 < len(x) < 9 else x
        for x in leaves
    ]
    results = [y for y in outputs(call(op, sample, given)) if isinstance(y, ag.Tensor)]
    wrt = [x for x in leaves if isinstance(x, ag.Tensor)]
    grads = ag.grad(results, wrt, cotangents(results), allow_unused=True)
    return [None if g is None else g.numpy() for g in grads]


@by_op(("op", "sample"), ROWS)
def test_lists_of_tensors_record_as_the_tensors_joined(op: Op, sample: Sample) -> None:
    whole, rows = gradients(op, sample, False), gradients(op, sample, True)
    for g, expected in zip(rows, whole, strict=True):
        if expected is None:
            assert g is None
        else:  # but for the order of memory, in which rounding errors come
            np.testing.assert_allclose(g, expected, rtol=1e-12, atol=1e-13)


PUBLIC = {
    f"{space.__name__}.{name}": getattr(space, name)
    for space in (ag, ag.linalg, ag.random)
    for name in FACES.get(space.__name__, space.__all__)
    if callable(getattr(space, name))
    and not isinstance(getattr(space, name), type)
    and name != "stepper"  # which walks through a graph
}
MATRIX = np.array([[0.75, 0.5], [0.25, 0.875]])
CALLS: list[Callable[[Any], tuple[Any, ...]]] = [
    lambda x: (x,),
    lambda x: (x, x),
    lambda x: (x, 0),
    lambda x: (x, 1),
    lambda x: (MATRIX, x),
    lambda x: ("ij,jk", x, x),
]


def summed_gradient(function: Callable[..., Any], arguments: Any, x: ag.Tensor) -> Any:
    ag.manual_seed(0)
    with np.errstate(all="ignore"):
        results = function(*arguments)
        outs = results if isinstance(results, (tuple, list)) else [results]
        ys = [y for y in outs if isinstance(y, ag.Tensor) and y.requires_grad]
        return ag.grad(ys, x, [np.ones(y.shape) for y in ys])[0].numpy() if ys else None


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_function_takes_lists_of_tensors(name: str) -> None:
    """Where it takes the Tensor and gives a gradient, it does so for the list of its rows."""
    for arguments in CALLS:
        x = ag.Tensor(MATRIX, requires_grad=True)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                whole = summed_gradient(PUBLIC[name], arguments(x), x)
        except (TypeError, ValueError, IndexError, ZeroDivisionError, ag.errors.AutogradError):
            continue  # no call of this function
        if whole is not None:
            found = summed_gradient(PUBLIC[name], arguments(list(x)), x)
            np.testing.assert_allclose(found, whole, rtol=1e-12)


def put(a: ag.Tensor, x: ag.Tensor, key: Any = 0) -> None:
    a[key] = x


INTO_INTEGERS: dict[str, Callable[[Any, Any], Any]] = {
    "a[i] = x": put,
    "a[:] = x": lambda a, x: put(a, x, slice(None)),
    "a[mask] = x": lambda a, x: put(a, x, np.array([True, False, True])),
    "setitem": lambda a, x: ag.setitem(a, x, 0),
    "put_along_axis": lambda a, x: ag.put_along_axis(a, np.array([0]), x, 0),
    "scatter": lambda a, x: ag.scatter(a, 0, np.array([0]), x[None]),
    "pad": lambda a, x: ag.pad(a, 1, constant_values=x),
    "linear ramp": lambda a, x: ag.pad(a, 1, mode="linear_ramp", end_values=x),
    "full_like": ag.full_like,
    "+=": operator.iadd,
}


@pytest.mark.parametrize("kind", [int, bool])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", INTO_INTEGERS)
def test_integers_cannot_hold_what_has_a_gradient(name: str, dtype: str, kind: type) -> None:
    x = ag.Tensor([1.5], requires_grad=True, dtype=dtype)
    with pytest.raises(ag.errors.AutogradError, match=r"cannot hold|the result is float"):
        INTO_INTEGERS[name](ag.zeros(3, dtype=kind), x[0])


def objects(parts: list[Any]) -> Any:
    array = np.empty(len(parts), object)
    for i, part in enumerate(parts):
        array[i] = part
    return array


@pytest.mark.parametrize(
    "make",
    [ag.Tensor, ag.tensor, ag.asarray, lambda parts: ag.Tensor(objects(parts))],
    ids=["Tensor", "tensor", "asarray", "array of objects"],
)
def test_constructors_record_lists_of_tensors(make: Callable[[Any], Any]) -> None:
    x = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = make([x[0] * 2, x[2], x[0]])
    assert y.tolist() == [2.0, 3.0, 1.0]
    assert ag.grad(y.sum(), x)[0].tolist() == [3.0, 0.0, 1.0]


def test_nested_lists_mix_tensors_arrays_and_numbers() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    y = ag.Tensor([x, [x[1], 7], np.ones(2, np.float32)])
    assert y.tolist() == [[1.0, 2.0], [2.0, 7.0], [1.0, 1.0]]
    assert y.dtype == np.float32
    assert ag.grad(y.sum(), x)[0].tolist() == [1.0, 2.0]
    with pytest.raises(ag.errors.ShapeError, match="rows of equal length"):
        ag.Tensor([x, [x[0]]])


def test_a_slice_takes_a_list_of_tensors() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    y = ag.zeros(3)
    y[:2] = [x[1] * 2, x[0]]
    assert ag.grad(y.sum(), x)[0].tolist() == [1.0, 2.0]


def filled(write: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    return lambda x: write(np.zeros(3), x)


class Examples(nn.data.Dataset):
    def __init__(self, x: ag.Tensor) -> None:
        self.x = x

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> Any:
        return self.x[index] * 2


def compiled() -> nn.Sequential:
    model = nn.Sequential(nn.Linear(1, 1, rng=0))
    model.compile("sgd", "mse")
    return model


LEAVES: dict[str, Callable[[Any], Any]] = {
    "np.asarray": np.asarray,
    "np.array": np.array,
    "np.array of a list": lambda x: np.array([x[0], x[1]]),
    "np.array of rows": lambda x: np.array([x, x]),
    "np.sum of a list": lambda x: np.sum([x[0], x[1]]),
    "ndarray.dot": lambda x: np.ones(3).dot(x),
    "ndarray + list": lambda x: np.ones(2) + [x[0], x[1]],
    "a[i] = x": filled(lambda a, x: a.__setitem__(0, x[0] * 2)),
    "a[:] = x": filled(lambda a, x: a.__setitem__(slice(None), x)),
    "a.fill": filled(lambda a, x: a.fill(x[0])),
    "a.put": filled(lambda a, x: a.put([0], x[0])),
    "np.fill_diagonal": lambda x: np.fill_diagonal(np.zeros((3, 3)), x),
    "np.full": lambda x: np.full(3, x),
    "np.float64": lambda x: np.float64(x[0]),
    "np.vectorize": lambda x: np.vectorize(abs)(x),
    "np.fromiter": lambda x: np.fromiter(x, float),
    "np.r_": lambda x: np.r_[x, x],
    "np.ma.array": np.ma.array,
    "np.random": lambda x: np.random.default_rng(0).normal(x),
    "scipy.special.logsumexp": scipy.special.logsumexp,
    "scipy.linalg.norm": scipy.linalg.norm,
    "float": lambda x: float(x[0]),
    "complex": lambda x: complex(x[0]),
    "math": lambda x: math.exp(x[0]),
    "a leaf of parts": lambda x: ag.Tensor([x[0], x[1]], requires_grad=True),
    "unique": np.unique,
    "TensorDataset": nn.data.TensorDataset,
    "DataLoader": lambda x: nn.data.DataLoader((x, x)),
    "examples of a dataset": lambda x: next(iter(nn.data.DataLoader(Examples(x)))),
}


@pytest.mark.parametrize("leave", LEAVES.values(), ids=LEAVES)
def test_what_leaves_the_graph_unasked_warns(leave: Callable[[Any], Any]) -> None:
    x = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    with pytest.warns(GradientLostWarning, match="requires grad and becomes .*\n.*on purpose") as w:
        leave(x)
    assert {warning.filename for warning in w} == {__file__}


def test_training_on_what_requires_grad_warns() -> None:
    x = ag.Tensor([[1.0], [2.0]], requires_grad=True)
    with pytest.warns(GradientLostWarning, match="the result of multiply requires grad"):
        compiled().fit(x * 2, np.ones((2, 1)), verbose=0)


@pytest.mark.parametrize("leave", LEAVES.values(), ids=LEAVES)
def test_nothing_warns_where_no_gradient_is_lost(leave: Callable[[Any], Any]) -> None:
    leave(ag.Tensor([1.0, 2.0, 3.0]))
    with ag.no_grad():
        leave(ag.Tensor([1.0, 2.0, 3.0], requires_grad=True))


def test_what_is_asked_for_or_only_looked_at_does_not_warn() -> None:
    x = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    x.numpy(), x.tolist(), x[0].item(), x.detach(), int(x[0]), f"{x[0]:.2f}", repr(x)
    "%.2f" % x[0], "%d %g" % (1, x[0])  # noqa: UP031 - what a program may say
    np.testing.assert_allclose(x, [1.0, 2.0, 3.0])
    assert x == pytest.approx([1.0, 2.0, 3.0])
    assert np.allclose(x, x)


PLOTS: dict[str, Callable[[Any, Any], Any]] = {
    "plot": lambda axes, x: axes.plot(x, x),
    "scatter": lambda axes, x: axes.scatter(x, x, s=x, c=x),
    "hist": lambda axes, x: axes.hist(x, weights=x),
    "hist2d": lambda axes, x: axes.hist2d(x, x),
    "bar": lambda axes, x: axes.bar(x, x, bottom=x),
    "barh": lambda axes, x: axes.barh(x, x, xerr=x),
    "imshow": lambda axes, x: axes.imshow(x[:, None] * x, vmin=x.min(), vmax=x.max()),
    "contourf": lambda axes, x: axes.contourf(x, x, x[:, None] * x),
    "fill": lambda axes, x: axes.fill_between(x, x, x + 1, where=x > 1),
    "box": lambda axes, x: axes.boxplot([x, x]),
    "limits": lambda axes, x: axes.set(xlim=(x[0], x[2]), title=f"{x[1]:.2f}"),
    "3d": lambda axes, x: axes.figure.add_subplot(projection="3d").plot(x, x, x),
    "bars": lambda axes, x: axes.figure.add_subplot(projection="3d").bar3d(x, x, 0, 1, 1, x),
}


@pytest.mark.parametrize("requires_grad", [False, True])
@pytest.mark.parametrize("name", PLOTS)
def test_matplotlib_plots_tensors(name: str, requires_grad: bool) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    x = ag.Tensor([1.0, 2.0, 3.0], requires_grad=requires_grad)
    PLOTS[name](plt.figure().gca(), x * 1)
    plt.close("all")


def test_a_line_that_runs_often_warns_once() -> None:
    x = ag.Tensor(np.arange(5.0), requires_grad=True)
    buffer = np.zeros(5)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("default")
        for i in range(5):
            buffer[i] = x[i] * 2
    assert len(found) == 1
    assert "the result of multiply requires grad" in str(found[0].message)


def without_derivative() -> list[Any]:
    return [
        case for case in CASES
        if not case.values[0].differentiable
        and any(is_inexact(x) for x in case.values[1].inputs)
        and outputs(call(*case.values, case.values[1].inputs))
    ]  # fmt: skip


@by_op(("op", "sample"), without_derivative())
def test_an_op_without_a_derivative_says_so(op: Op, sample: Sample) -> None:
    tensors = [ag.Tensor(x, requires_grad=True) if is_inexact(x) else x for x in sample.inputs]
    with pytest.warns(GradientLostWarning, match=f"an input of {op.name}, which has no derivative"):
        call(op, sample, tensors)


def test_a_buffer_is_state_and_takes_no_part_in_the_graph() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    assert not nn.Buffer(x * 2).requires_grad
    assert nn.Parameter(x * 2).is_leaf


def looks() -> dict[str, Callable[[Any], Any]]:
    """What of ours takes numbers only to look at them, given a Tensor (4,) that requires grad."""
    p = nn.Parameter([1.0, 2.0])
    schedule = optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([p], lr=0.1))
    average = optim.swa_utils.AveragedModel(nn.Linear(2, 2))
    metrics = {
        name: lambda x, kind=kind: kind()(x, x)
        for name, kind in vars(nn.metrics).items()
        if isinstance(kind, type) and name in ("MeanSquaredError", "MeanAbsoluteError", "R2Score")
    }
    return metrics | {
        "plateau": lambda x: schedule.step(x[0]),
        "LBFGS": lambda x: optim.LBFGS([p], lr=0.1).step(lambda: (p * p).sum()),
        "swa": lambda x: average.update_parameters(average.module),
        "curves": lambda x: nn.plot.curves({"loss": x}),
        "curves of a list": lambda x: nn.plot.curves({"loss": [x[0], x[1]]}),
        "paths": lambda x: nn.plot.paths(
            lambda a, b: a * a + b * b, {"x": ag.stack([x, x], 1)}, xlim=(0, 4), ylim=(0, 4)
        ),
        "gradcheck": lambda x: ag.gradcheck(lambda t: (t * t).sum(), x),
        "clip": lambda x: nn.utils.clip_grad_norm_([p], 1.0),
        "explain": lambda x: ag.explain((x * x).sum(), x),
        "draw": lambda x: ag.viz.draw((x * x).sum()).svg(),
        "save": lambda x: pickle.dumps(x),
        "evaluate": lambda x: compiled().evaluate(x[:, None], x[:, None]),
        "predict": lambda x: compiled().predict(x[:, None] * 2),
        "normal": lambda x: ag.random.normal(x, x),
        "init": lambda x: nn.init.ones_(nn.Parameter([1.0])),
    }


@pytest.mark.parametrize("name", looks())
def test_our_own_functions_that_look_do_not_warn(name: str) -> None:
    import matplotlib

    matplotlib.use("Agg")
    looks()[name](ag.Tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True, dtype="float64"))
