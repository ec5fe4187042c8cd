"""Wrong rules of complex numbers, named, and their repaired twins: small and large, both dtypes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd as ag
from autograd.engine.row import OPS
from autograd.gradcheck import gradcheck
from tests.twins import one, two


@pytest.fixture(autouse=True)
def _table_as_before() -> Iterator[None]:
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


class Twins(NamedTuple):
    wrong: Callable[[], Any]
    right: Callable[[], Any]
    shapes: tuple[tuple[int, ...], ...]
    said: str


TWINS: dict[str, Twins] = {}
SINE = np.sin, lambda g, x: g * np.cos(x)
CONJUGATE = "conjugate missing, or one too many"
UPSTREAM = "conjugate of the cotangent missing, or one too many"


def enter(name: str, wrong: Any, said: str, *shapes: Any, law: Any = SINE) -> None:
    """A wrong rule for each input in place of the right ones of a law."""
    forward, *right = law
    make = (two, one)[len(right) == 1]
    pairs = [lambda r=rules: (make(forward, *r) if make is two else make(*r, forward))
             for rules in (wrong if isinstance(wrong, tuple) else (wrong,), right)]  # fmt: skip
    TWINS[name] = Twins(*pairs, shapes or ((4,),), said)


def spoilt(change: Any) -> Any:
    return lambda g, x: change(g * np.cos(x))


# ---- what is said of any numbers, of complex ones ------------------------------------------------

for name, change, said, shape in (
    ("a sign", lambda a: -a, "sign flipped", (4,)),
    ("a factor", lambda a: 2 * a, "constant factor 2", (4,)),
    ("a turn by 90 degrees", lambda a: 1j * a, "constant factor -1j", (4,)),
    ("a turn by some", lambda a: (0.6 + 0.8j) * a, "constant factor 0.6-0.8j", (4,)),
    ("one percent", lambda a: 1.01 * a, "+1 %", (4,)),
    ("a mean for a sum", lambda a: a / 7, "1/N (N = 7", (7,)),
    ("nothing", lambda a: 0 * a, "all zero", (4,)),
    ("nothing for one", lambda a: a * (np.arange(4) != 2), "pattern: zero", (4,)),
    ("nothing for some", lambda a: a * (np.arange(4) > 1), "block of zeros", (4,)),
    ("a lost imaginary part", lambda a: a.real + 0j, "imaginary part of the gradient lost", (4,)),
    ("a lost real part", lambda a: 1j * a.imag, "real part of the gradient lost", (4,)),
    ("a conjugated result", np.conj, CONJUGATE, (4,)),
    ("a row", lambda a: a * np.array([[1], [-1], [1]]), "sign flipped, row 1 only", (3, 3)),
    ("a column", lambda a: a * np.array([1, 2, 1]), "factor 2, column 1 only", (3, 3)),
    ("a transpose", lambda a: np.swapaxes(a, 0, 1), "transposed", (3, 3)),
    ("a large transpose", lambda a: np.swapaxes(a, 0, 1), "transposed", (17, 17)),
    ("an end for another", lambda a: a[::-1], "reversed", (4,)),
    ("a shift", lambda a: np.roll(a, 1), "shifted by one", (7,)),
    ("a permutation", lambda a: a[np.array([2, 0, 3, 1])], "permuted", (4,)),
    ("a sign of many", lambda a: -a, "sign flipped", (300,)),
    ("a conjugate of many", np.conj, CONJUGATE, (300,)),
):  # fmt: skip
    enter(name, spoilt(change), said, shape)

# ---- conjugates, holomorphic or not --------------------------------------------------------------

enter("a conjugated slope", lambda g, x: g * np.conj(np.cos(x)), CONJUGATE)
enter("a conjugated cotangent", lambda g, x: np.conj(g) * np.cos(x), UPSTREAM)
enter("a conjugated cotangent of many", lambda g, x: np.conj(g) * np.cos(x), UPSTREAM, (300,))
enter("a lost conjugate", lambda g: g, UPSTREAM, law=(np.conj, lambda g: np.conj(g)))
enter(
    "a holomorphic square root", lambda g, out: g / np.conj(2 * out), CONJUGATE,
    law=(np.sqrt, lambda g, out: g / (2 * out)),
)  # fmt: skip
enter(
    "not holomorphic: half of it forgotten", lambda g, x: g * np.conj(x), "FAIL",
    law=(lambda x: x * np.conj(x), lambda g, x: g * np.conj(x) + np.conj(g) * np.conj(x)),
)  # fmt: skip

# ---- real losses of complex inputs, complex results of real ones ---------------------------------

enter(
    "a square of the modulus", lambda g, x: g * 2 * x, CONJUGATE,
    law=(lambda x: (x * np.conj(x)).real, lambda g, x: g * 2 * np.conj(x)),
)  # fmt: skip
enter(
    "a half of the modulus", lambda g, x, out: g * np.conj(x) / out / 2, "constant factor 0.5",
    law=(np.abs, lambda g, x, out: g * np.conj(x) / out),
)  # fmt: skip
enter(
    "an angle without its i", lambda g, x: g / x, "constant factor", law=(
        np.angle, lambda g, x: -1j * g / x),
)  # fmt: skip
enter(
    "a real part as an imaginary one", lambda g: 1j * g, "constant factor -1j",
    law=(lambda x: x.real, lambda g: g + 0j),
)  # fmt: skip
enter(
    "a loss of the modulus", lambda g, x: g * 4 * x * np.sum(np.abs(x) ** 2), CONJUGATE,
    law=(lambda x: np.sum(np.abs(x) ** 2) ** 2,
         lambda g, x: g * 4 * np.conj(x) * np.sum(np.abs(x) ** 2)),
)  # fmt: skip

# ---- several inputs, whole matrices --------------------------------------------------------------

enter(
    "swapped", (lambda g, x: g * x, lambda g, y: g * y), "swapped with the gradient of y",
    (4,), (4,), law=(lambda x, y: x * y, lambda g, y: g * y, lambda g, x: g * x),
)  # fmt: skip
enter(
    "a factor not transposed", (lambda g, y: g @ y, lambda g, x: x.T @ g), "transposed factor",
    (3, 3), (3, 3), law=(lambda x, y: x @ y, lambda g, y: g @ y.T, lambda g, x: x.T @ g),
)  # fmt: skip
enter(
    "a factor as in quantum mechanics", (lambda g, y: g @ np.conj(y.T), lambda g, x: x.T @ g),
    CONJUGATE, (3, 2), (2, 3),
    law=(lambda x, y: x @ y, lambda g, y: g @ y.T, lambda g, x: x.T @ g),
)  # fmt: skip
enter(
    "a row not summed", (lambda g: g, lambda g: g[:1]), "missing broadcast sum", (2, 3), (1, 3),
    law=(lambda x, y: x + y, lambda g: g, lambda g: g),
)  # fmt: skip
enter(
    "softmax without the sum", lambda g, out: g * out, "missing term", law=(
        lambda x: np.exp(x) / np.sum(np.exp(x)), lambda g, out: out * (g - np.sum(g * out))),
)  # fmt: skip

CASES = [(name, ("complex128", "complex64")[n % 2], n % 5) for n, name in enumerate(TWINS)]


def report(make: Callable[[], Any], twins: Twins, dtype: str, seed: int) -> Any:
    rng = np.random.default_rng(seed)
    inputs = [ag.Tensor((rng.normal(size=s) + 1j * rng.normal(size=s)).astype(dtype))
              for s in twins.shapes]  # fmt: skip
    return gradcheck(make(), *inputs, rng=seed, raise_exception=False)


@pytest.mark.parametrize(("name", "dtype", "seed"), CASES)
def test_a_wrong_rule_of_complex_numbers_is_caught_and_named(
    name: str, dtype: str, seed: int
) -> None:
    twins = TWINS[name]
    found = report(twins.wrong, twins, dtype, seed)
    assert not found
    assert twins.said in str(found), found


@pytest.mark.parametrize(("name", "dtype", "seed"), CASES)
def test_its_repaired_twin_is_not_blamed(name: str, dtype: str, seed: int) -> None:
    twins = TWINS[name]
    assert report(twins.right, twins, dtype, seed)
