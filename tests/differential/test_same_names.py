"""What has PyTorch's name does what PyTorch's does, stands in the table, or raises."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

import autograd as ag
from autograd.errors import AutogradError
from nn import functional as F
from tests.differential.same_names import ERRORS, PAGE, ROWS, Row, page

RNG = np.random.default_rng(0)
DATA: dict[str, Any] = {
    "x": RNG.permutation(24).reshape(6, 4).astype("float32") - 5,
    "v": RNG.normal(size=5).astype("float32"),
    "n": np.array([1, 2, 4]),
    "s": np.float32(0.5),
}
THEIRS = {"ag": torch, **{name: torch.tensor(a) for name, a in DATA.items()}}
OURS = {"ag": ag, "bool": bool, **{name: ag.Tensor(a) for name, a in DATA.items()}}


def plain(value: Any) -> Any:
    """Arrays, in tuples, with their dtypes."""
    if isinstance(value, (tuple, list)):
        return tuple(map(plain, value))
    return np.asarray(value.detach().numpy() if hasattr(value, "detach") else value)


def differ(one: Any, other: Any, dtypes: bool = True) -> bool:
    """Whether two results differ, up to rounding."""
    if isinstance(one, tuple) or isinstance(other, tuple):
        alike = isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other)
        return not alike or any(map(differ, one, other, itertools.repeat(dtypes)))
    return (
        one.shape != other.shape
        or not np.allclose(one, other, 1e-4, 1e-5, equal_nan=True)
        or (dtypes and one.dtype != other.dtype)
    )


def run(code: str, scope: dict[str, Any]) -> Any:
    return plain(eval(code, dict(scope)))  # noqa: S307 - the table's own code


# ---- the table -----------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore")  # PyTorch's about meshgrid, NumPy's about NaN
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.call)
def test_a_row_differs_and_pytorchs_can_be_written(row: Row) -> None:
    theirs = run(row.call, THEIRS)
    assert differ(run(row.call, OURS), theirs)
    assert not row.write or not differ(run(row.write, OURS), theirs)


@pytest.mark.parametrize("row", ERRORS, ids=lambda row: row.call)
def test_what_means_two_things_raises_and_pytorchs_can_be_written(row: Row) -> None:
    with pytest.raises(AutogradError):
        run(row.call, OURS)
    assert not differ(run(row.write, OURS), run(row.call, THEIRS))


def test_the_table_of_the_page_is_this_one() -> None:
    """Else `python -m tests.differential.same_names` writes it."""
    assert PAGE.read_text(encoding="utf-8") == page()


# ---- nothing else differs ------------------------------------------------------------------------

# Random, or of the state of the process.
UNCOMPARED = (
    "backward", "bernoulli", "data", "dropout", "empty", "enable_grad", "get_", "grad", "gumbel",
    "manual_seed", "no_grad", "normal", "numpy", "rand", "register", "retain", "rrelu", "set_",
    "uniform", "zero_grad", "from_numpy", "is_grad",
)  # fmt: skip
KNOWN = {name for row in (*ROWS, *ERRORS) for name in row.call.replace("(", ".").split(".")}
ARRAYS = {
    "vector": DATA["v"],
    "matrix": DATA["x"][:3] / 4,
    "stack": RNG.normal(size=(2, 3, 4)).astype("float32"),
}
ARGUMENTS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    *[((a,), {}) for a in (0, 1, -1, 2, 0.5, True, (0, 1), (1, 0), (1, 2), (2, 3), "same")],
    *[(pair, {}) for pair in ((0, 1), (1, 0), (1, 2), (0.2, 0.6), (0, True), ("same", "same"))],
    *[((), {"dim": a}) for a in (0, 1, -1, (0, 1))],
    *[((), {"dim": 0, "keepdim": True}), ((), {"dim": -1, "descending": True}), ((), {})],
    *[((2,), {"dim": 0}), ((2,), {"dim": -1}), ((), {"diagonal": 1}), ((), {"offset": 1})],
    *[((), {"shifts": 1, "dims": 0}), ((), {"dims": (0,)}), ((), {"min": -0.2, "max": 0.3})],
]


def named_alike() -> Iterator[tuple[str, Any, Any]]:
    """(name, theirs, ours) of all methods and functions of the same name."""
    for name in dir(ag.Tensor):
        if hasattr(ag.Tensor, name) and hasattr(torch.Tensor, name):
            yield f"Tensor.{name}", functools.partial(method, name), functools.partial(method, name)
    for ours, theirs in ((ag, torch), (F, torch.nn.functional)):
        for name in dir(ours):
            if callable(getattr(theirs, name, None)) and callable(getattr(ours, name)):
                yield f"{ours.__name__}.{name}", getattr(theirs, name), getattr(ours, name)


def method(name: str, x: Any, *args: Any, **kwargs: Any) -> Any:
    found = getattr(x, name)
    return found(*args, **kwargs) if callable(found) else found


PAIRS = [
    (name, theirs, ours)
    for name, theirs, ours in named_alike()
    if not (last := name.rpartition(".")[2]).startswith((*UNCOMPARED, "_")) and last not in KNOWN
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "theirs", "ours"), PAIRS, ids=[name for name, *_ in PAIRS])
def test_what_is_named_alike_does_the_same_or_raises(name: str, theirs: Any, ours: Any) -> None:
    """What is not in the table, of floating numbers: of integers dtypes are NumPy's."""
    for array in ARRAYS.values():
        for args, kwargs in ARGUMENTS:
            x, y = torch.tensor(array), ag.Tensor(array)
            try:
                wanted = plain(theirs(x, *[x if a == "same" else a for a in args], **kwargs))
                found = plain(ours(y, *[y if a == "same" else a for a in args], **kwargs))
            except Exception:  # noqa: BLE001 - one of the two raises: it is not silent
                continue
            if getattr(wanted, "dtype", np.dtype(float)).kind in "biufc":
                assert not differ(found, wanted, dtypes=False), (args, kwargs)
