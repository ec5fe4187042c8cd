"""A replay on new leaves equals the function run again on them, or says that it cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.row import OPS, Op
from autograd.errors import ReplayError

F = nn.functional
# of ops that have no derivative
pytestmark = pytest.mark.filterwarnings("ignore::autograd.errors.GradientLostWarning")
WITH_SAMPLES = [pytest.param(op, id=name) for name, op in sorted(OPS.items()) if op.samples]


def replayed(f: Callable[..., Any], old: Any, new: Any) -> tuple[Any, Any]:
    """What f's graph, recorded at one value, gives at another (None: it refuses); and f there."""
    x = ag.Tensor(old, requires_grad=True)
    eager = f(ag.Tensor(new, requires_grad=True)).numpy()
    y = f(x)
    try:
        return ag.Graph(y).replay({x: np.asarray(new, x.dtype)}), eager
    except ReplayError:
        return None, eager


@pytest.mark.parametrize("op", WITH_SAMPLES)
def test_what_any_op_makes_of_a_leaf_is_made_anew_or_refused(op: Op) -> None:
    """Each output is used again as a factor: the integers and booleans come back as constants."""
    for sample in op.samples():
        for position, x in enumerate(sample.inputs):
            if x is None or np.asarray(x).dtype.kind != "f" or not np.size(x):
                continue

            def f(leaf: ag.Tensor, position: int = position, sample: Any = sample) -> ag.Tensor:
                inputs = [leaf if i == position else v for i, v in enumerate(sample.inputs)]
                found = op.record(*inputs, **sample.params)
                outs = found if isinstance(found, (tuple, list)) else (found,)
                total = ag.sum(leaf)
                for y in outs:
                    if isinstance(y, ag.Tensor):
                        total = total + ag.sum(leaf) * ag.sum(y * 1.0 if y.dtype == bool else y)
                return ag.real(total)

            other = np.asarray(x).ravel()[::-1].reshape(np.shape(x)) * 0.75
            try:
                with np.errstate(all="ignore"):
                    found, right = replayed(f, x, other)
            except (ValueError, ag.errors.AutogradError, np.linalg.LinAlgError):
                continue  # the other value is none that the op takes
            if found is not None:
                np.testing.assert_allclose(found, right, rtol=1e-9, err_msg=str(sample))


def pick(x: ag.Tensor) -> Any:
    return x * 2 if x.sum() > 0 else x * 3


REFUSED: dict[str, Callable[[ag.Tensor], Any]] = {
    "topk's indices": lambda x: x[ag.topk(x, 2)[1]] * x[0],
    "argmax as an index": lambda x: x[x.argmax()],
    "argmax as an integer": lambda x: x[int(x.argmax())],
    "argmax as an item": lambda x: x[x.argmax().item()],
    "argsort": lambda x: x[ag.argsort(x)] * ag.arange(3),
    "take": lambda x: ag.take(x, x.argmax()),
    "gather": lambda x: x.gather(0, ag.argsort(x)) * ag.arange(3),
    "mask as an index": lambda x: x[x > 0.5].sum(),
    "mask as a factor": lambda x: x * (x > 0.5),
    "mask beside a constant": lambda x: x * ((x > 0.5) & np.array([True, True, False])),
    "mask turned": lambda x: x * (~(x > 0.5)).reshape(3),
    "mask from a condition": lambda x: ag.where(x > 0.5, x, 0),
    "a sum of masks": lambda x: x * summed(x),
    "assigned to a constant": lambda x: x * noted(x),
    "assigned by a mask to a constant": lambda x: x * marked(x),
    "where with three tensors": lambda x: ag.where(x > 0.5, x, x * x),
    "masked_fill": lambda x: ag.masked_fill(x, x > 0.5, 0.0),
    "assignment by a mask": lambda x: assigned(x),
    "integers": lambda x: x * x.astype("int64"),
    "detached": lambda x: x * x.detach(),
    "straight through": lambda x: x + (ag.round(x) - x).detach(),
    "data": lambda x: x * (x.data * 2 + 1),
    "no_grad": lambda x: x * without(x),
    "if": pick,
    "while": lambda x: halved(x),
    "slice": lambda x: x[: x.argmax() + 1].sum(),
    "range": lambda x: sum((x[i] for i in range(x.argmax() + 1)), x[0]),
    "pseudo-labels": lambda x: F.cross_entropy(ag.stack([x, x * 2]), ag.stack([x, x]).argmax(1)),
    "embedding": lambda x: F.embedding(ag.argsort(x), x[:, None]) * ag.arange(3)[:, None],
    "a mask of attention": lambda x: F.scaled_dot_product_attention(
        x[:, None], x[:, None], x[:, None], attn_mask=(x[:, None] * x) <= x
    ),
    "nonzero's shape": lambda x: x / ag.nonzero(x > 0.5)[0].size,
    "argwhere's length under no_grad": lambda x: x / ag.no_grad(lambda y: len(ag.argwhere(y)))(
        ag.relu(x)
    ),
    "argwhere's length": lambda x: x / len(ag.argwhere(x > 0.5)),
    "flatnonzero's shape": lambda x: x / ag.flatnonzero(x > 0.5).shape[0],
    "unique's shape": lambda x: x / ag.unique(ag.round(x).detach()).size,
    "bincount's length": lambda x: x / len(ag.bincount(ag.argsort(x)[:2])),
    "a mask's count": lambda x: x / x[x > 0.5].size,
    "masked_select's count": lambda x: x / len(ag.masked_select(x, x > 0.5)),
    "allclose": lambda x: x * 3 if np.allclose(x, [0.1, 0.9, 0.4]) else x * 2,
    "array_equal": lambda x: x * 3 if np.array_equal([0, 2, 1], ag.argsort(x)) else x * 2,
    "in": lambda x: x * 3 if 0.9 in x else x * 2,
    "rule-less input": lambda x: ag.sum(x) * ag.floor_divide(x, 0.3).astype("int32"),
}  # fmt: skip


def assigned(x: ag.Tensor) -> ag.Tensor:
    y = x * 1
    y[x > 0.5] = 0.0
    return y


def summed(x: ag.Tensor) -> ag.Tensor:
    total = ag.Tensor([0, 0, 0])
    total += x > 0.5
    return total


def noted(x: ag.Tensor) -> ag.Tensor:
    out = ag.zeros(3)
    out[1:] = x.detach()[1:]
    return out


def marked(x: ag.Tensor) -> ag.Tensor:
    out = ag.zeros(3)
    out[x > 0.5] = 1.0
    return out


def without(x: ag.Tensor) -> ag.Tensor:
    with ag.no_grad():
        return ag.exp(x * 2) + 1


def halved(x: ag.Tensor) -> ag.Tensor:
    while x.sum() > 1:
        x = x / 2
    return x


@pytest.mark.parametrize("name", REFUSED)
def test_a_choice_that_came_back_as_a_constant_is_refused(name: str) -> None:
    found, _ = replayed(REFUSED[name], [0.1, 0.9, 0.4], [0.8, 0.2, -3.0])
    assert found is None


ANEW: dict[str, Callable[[ag.Tensor], Any]] = {
    "topk": lambda x: ag.topk(x, 2)[0] * ag.arange(2),
    "median": ag.median,
    "sort": lambda x: ag.sort(x) * ag.arange(3),
    "max": lambda x: ag.max(x) + ag.min(x),
    "maximum": lambda x: ag.maximum(x, 0.5),
    "relu": lambda x: ag.relu(x - 0.5),
    "clip": lambda x: ag.clip(x, 0.2, 0.5),
    "max_pool": lambda x: F.max_pool1d(x[None, None], 2, 1),
    "a constant mask": lambda x: x * np.array([True, False, True]),
    "a constant index": lambda x: x[ag.Tensor([2, 0])],
    "a constant detached": lambda x: x * ag.Tensor(3.0).detach(),
}


@pytest.mark.parametrize("name", ANEW)
def test_what_an_op_chooses_itself_is_chosen_anew(name: str) -> None:
    found, right = replayed(ANEW[name], [0.1, 0.9, 0.4], [0.8, 0.2, -3.0])
    assert found is not None
    np.testing.assert_array_equal(found, right)


def test_the_error_names_the_node_the_op_and_the_remedy() -> None:
    x = ag.Tensor([1.0, -2.0], requires_grad=True)
    with ag.tracing():
        y = x * (x > 0)
    message = r"multiply#\d+ at .*\.py:\d+ was given a constant that (.|\n)* by greater(.|\n)*keep_"
    graph = ag.Graph(y)
    with pytest.raises(ReplayError, match=message):
        graph.replay({x: [-1.0, 2.0]})
    assert graph.replay().tolist() == y.tolist()
    assert graph.replay({x: [-1.0, 2.0]}, keep_choices=True).tolist() == [-1.0, 0.0]
    with ag.tracing():
        z = pick(x)
    with pytest.raises(ReplayError, match=r"the truth value of .* at .*\.py:\d+ was asked for"):
        ag.Graph(z).replay({x: [3.0, 4.0]})


def test_a_decision_before_the_leaf_or_after_the_graph_is_none() -> None:
    old = ag.Tensor([1.0], requires_grad=True)
    assert old * 2 > 0
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    assert (y > 0).all()
    assert ag.Graph(y).replay({x: [2.0, 3.0]}).tolist() == [4.0, 6.0]


def test_a_mask_holds_no_graph_alive() -> None:
    import weakref

    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    node, kept = weakref.ref(y._node), [y > 1, y.detach(), y.argmax()]
    del y
    assert node() is None
    assert kept
