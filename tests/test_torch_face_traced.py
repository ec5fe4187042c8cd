"""nn.torch under vmap and in programs: the same as example by example, or an error, never others.

What Python would go by - how many there are, which bin - is told to a call that is traced.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn.torch as torch
from autograd.errors import TraceError

RNG = np.random.default_rng(1)
A, B = (RNG.normal(size=(2, 3, 4)).round(1) for _ in range(2))
J = RNG.integers(0, 3, (2, 3, 4))
EDGES = torch.tensor([-1.0, 0.5], dtype=torch.float64)

# Of a, j and b; those of the second table look at numbers, and say so.
SAME: dict[str, Callable[[Any, Any, Any], Any]] = {
    "median": lambda a, j, b: a.median(1)[0], "median's place": lambda a, j, b: a.median(1)[1],
    "median of all": lambda a, j, b: a.median(), "nanmedian": lambda a, j, b: a.nanmedian(1)[1],
    "cummax": lambda a, j, b: a.cummax(1)[0], "cummin's place": lambda a, j, b: a.cummin(0)[1],
    "bucketize": lambda a, j, b: torch.bucketize(a, EDGES),
    "searchsorted": lambda a, j, b: torch.searchsorted(a.sort()[0], b),
    "searchsorted in one": lambda a, j, b: torch.searchsorted(a[0].sort()[0], b),
    "isin": lambda a, j, b: torch.isin(j, torch.tensor([1, 2])),
    "nanquantile": lambda a, j, b: torch.nanquantile(a, 0.3),
    "fill_diagonal_": lambda a, j, b: (a * 1).fill_diagonal_(0.0),
    "unravel_index": lambda a, j, b: torch.unravel_index(j, (2, 2))[0],
    "heaviside": lambda a, j, b: torch.heaviside(a, b), "sign": lambda a, j, b: a.sign(),
    "digamma": lambda a, j, b: (a * (j > 1)).digamma(), "gcd": lambda a, j, b: torch.gcd(j, j + 1),
    "take_along_dim": lambda a, j, b: torch.take_along_dim(a, j, 0),
    "kthvalue": lambda a, j, b: a.kthvalue(2)[1], "mode": lambda a, j, b: j.mode()[1],
    "scatter": lambda a, j, b: a.scatter(0, j, b), "gather": lambda a, j, b: a.gather(0, j),
    "scatter_reduce": lambda a, j, b: a.scatter_reduce(0, j, b, "amax"),
    "index_reduce": lambda a, j, b: a.index_reduce(0, j[:, 0], b, "prod"),
    "index_copy": lambda a, j, b: a.index_copy(0, j[:, 0], b),
    "index_fill": lambda a, j, b: a.index_fill(0, j[:, 0], 2.0),
    "masked_scatter": lambda a, j, b: a.masked_scatter(b > 0, b),
    "symmetric": lambda a, j, b: torch.linalg.eigvalsh(a[:, :3]),
    "logdet": lambda a, j, b: torch.nan_to_num(torch.logdet(a[:, :3]), 0.0),
}  # fmt: skip
LOOKING: dict[str, Callable[[Any, Any, Any], Any]] = {
    "bincount": lambda a, j, b: torch.bincount(j.view(-1), minlength=3),
    "histc": lambda a, j, b: torch.histc(a, 4, -2, 2),
    "histogram": lambda a, j, b: torch.histogram(a, 4, range=(-2.0, 2.0))[0],
    "unique_consecutive": lambda a, j, b: torch.unique_consecutive(j),
    "nonzero": lambda a, j, b: torch.nonzero(j), "where": lambda a, j, b: torch.where(a > 0)[0],
    "unique": lambda a, j, b: torch.unique(a),
    "repeat_interleave": lambda a, j, b: a.repeat_interleave(j[0], 1),
    "indices repeated": lambda a, j, b: torch.repeat_interleave(j[0]),
    "tensor": lambda a, j, b: torch.tensor(a.sum()),
    "full": lambda a, j, b: torch.full((2,), a.sum()),
    "full_like": lambda a, j, b: torch.full_like(a, b.max()),
    "arange": lambda a, j, b: torch.arange(a.max()),
    "linspace": lambda a, j, b: torch.linspace(a.min(), a.max(), 3),
    "is_nonzero": lambda a, j, b: a * torch.is_nonzero(b[0, 0] > 0),
    "allclose": lambda a, j, b: a * torch.allclose(a, b),
}  # fmt: skip


def tensors(number: int | None = None) -> list[Any]:
    return [torch.from_numpy(np.array(x if number is None else x[number])) for x in (A, J, B)]


def same(found: Any, right: Any) -> None:
    np.testing.assert_allclose(found.numpy(), right.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", SAME)
def test_a_batch_is_what_each_example_gives(name: str) -> None:
    right = torch.stack([SAME[name](*tensors(k)) for k in range(2)])
    same(torch.vmap(SAME[name])(*tensors()), right)


@pytest.mark.parametrize("name", SAME)
def test_a_program_gives_it_on_other_numbers(name: str) -> None:
    program = ag.trace(SAME[name], *tensors(0))
    same(program(*tensors(1)), SAME[name](*tensors(1)))


@pytest.mark.parametrize("name", LOOKING)
def test_what_python_goes_by_is_told_or_found_anew(name: str) -> None:
    function = LOOKING[name]
    right = [function(*tensors(k)) for k in range(2)]
    try:
        found = torch.vmap(function)(*tensors())
    except TraceError:
        pass
    else:
        same(found, torch.stack(right))
    try:
        program = ag.trace(function, *tensors(0))
        found = program(*tensors(1))
    except TraceError:
        return
    same(found, right[1])
