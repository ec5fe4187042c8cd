"""What an optimizer keeps from step to step is never stale: it goes on as if made anew."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import optim
from autograd import Tensor
from autograd.errors import MutationError
from tests.optim_table import BY_NAME, Row, gradients, start, tensors

Change = Callable[[optim.Optimizer, list[Any]], Any]


def _assign(optimizer: Any, params: Any) -> None:
    for p in params:
        p.data = p.numpy() * 2


def _write(optimizer: Any, params: Any) -> None:
    with ag.no_grad():
        for p in params:
            p *= 3.0


def _freeze(optimizer: Any, params: Any) -> None:
    for p in params[::2]:
        p.requires_grad_(False)


def _thaw(optimizer: Any, params: Any) -> None:
    _freeze(optimizer, params)
    for p in params:
        p.requires_grad_()


def _grow(optimizer: Any, params: Any) -> None:
    more = tensors(start([p.shape for p in params], 7))
    optimizer.add_param_group({"params": more, "lr": 0.3})
    params += more


def _reload(optimizer: Any, params: Any) -> None:
    optimizer.load_state_dict(optimizer.state_dict())


def _rates(optimizer: Any, params: Any) -> None:
    for group in optimizer.param_groups:
        group["lr"] = 0.25


def _forget(optimizer: Any, params: Any) -> None:
    del optimizer.state[params[0]]


CHANGES: dict[str, Change] = {
    "values assigned": _assign,
    "values written": _write,
    "some frozen": _freeze,
    "frozen and thawed": _thaw,
    "a group more": _grow,
    "state loaded": _reload,
    "other rate": _rates,
    "state forgotten": _forget,
    "nothing": lambda optimizer, params: None,
}


def step_once(optimizer: Any, params: list[Any], number: int) -> None:
    for p, g in zip(params, gradients([p.shape for p in params], number), strict=True):
        p.grad = Tensor(g.astype(p.dtype)) if p.requires_grad else None
    optimizer.step()


def begun(row: Row) -> tuple[Any, list[Any]]:
    """An optimizer and its parameters, every other one of which lies in Fortran's order."""
    values = [np.asfortranarray(a) if n % 2 else a for n, a in enumerate(start(row.shapes))]
    params = tensors(values)
    return row.make(params), params


def anew(optimizer: Any) -> Any:
    """The same optimizer, with nothing kept from earlier steps but its state."""
    other = copy.copy(optimizer)
    other.state = defaultdict(dict)
    for p, entry in optimizer.state.items():
        other.state[p] = {
            name: Tensor(value.numpy()) if isinstance(value, Tensor) else value
            for name, value in entry.items()
        }
    return other


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("row", BY_NAME, ids=lambda row: row.name)
def test_an_optimizer_goes_on_as_one_that_is_made_anew_for_each_step(row: Row, change: str) -> None:
    (kept, mine), (fresh, theirs) = begun(row), begun(row)
    for number in range(4):
        if number == 2:
            CHANGES[change](kept, mine)
            CHANGES[change](fresh, theirs)
        fresh = anew(fresh)
        step_once(kept, mine, number)
        step_once(fresh, theirs, number)
        for p, q in zip(mine, theirs, strict=True):
            np.testing.assert_array_equal(p.numpy(), q.numpy())


@pytest.mark.parametrize("row", BY_NAME, ids=lambda row: row.name)
def test_what_looks_at_a_parameter_keeps_its_numbers(row: Row) -> None:
    optimizer, params = begun(row)
    step_once(optimizer, params, 0)
    seen = [look(p) for p in params for look in (Tensor.numpy, Tensor.detach, lambda p: p.data)]
    before = [np.array(each) for each in seen]
    step_once(optimizer, params, 1)
    for each, value in zip(seen, before, strict=True):
        np.testing.assert_array_equal(each, value)


def test_parameters_updated_together_stay_where_they_lie_unless_something_looks() -> None:
    params = tensors(start([(3,), (2, 2), (4,)]))
    optimizer = optim.Adam(params)
    step_once(optimizer, params, 0)
    places = [p.numpy().ctypes.data for p in params]
    looks = params[1].numpy()
    step_once(optimizer, params, 1)
    moved = [p.numpy().ctypes.data != place for p, place in zip(params, places, strict=True)]
    assert moved == [False, True, False]
    assert looks.ctypes.data == places[1]


def test_a_step_tells_every_graph_that_needs_an_old_value_by_its_name() -> None:
    params = tensors(start([(3,), (2, 2), (4,)]))
    params[2].name = None
    optimizer = optim.Adam(params)
    losses = [(p * p).sum() for p in params]
    step_once(optimizer, params, 0)
    for loss, label in zip(losses, ("p0", "p1", r"a Tensor of shape \(4,\)"), strict=True):
        with pytest.raises(MutationError, match=f"^{label} was changed in place"):
            loss.backward()
