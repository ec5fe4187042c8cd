"""The array API standard: every function is there, as it is specified, against array-api-strict."""

from __future__ import annotations

import array
import inspect
import itertools
from typing import Any

import array_api_strict as strict
import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

SPACES = {"": (ag, strict), "linalg.": (ag.linalg, strict.linalg), "fft.": (ag.fft, strict.fft)}
ITS_OWN = {"Device", "ArrayAPIStrictFlags"}  # of array-api-strict, and no part of the standard
NAMES = [
    f"{prefix}{name}"
    for prefix, (_, theirs) in SPACES.items()
    for name in theirs.__all__
    if name not in ITS_OWN and not name.endswith("_strict_flags")
]
DTYPES = [*ag.__array_namespace_info__().dtypes()]


def found(name: str) -> tuple[Any, Any]:
    """Our function, and theirs."""
    prefix, dot, last = name.rpartition(".")
    ours, theirs = SPACES[prefix + dot]
    return getattr(ours, last), getattr(theirs, last)


FUNCTIONS = [n for n in NAMES if inspect.isfunction(found(n)[1])]


def parameters(function: Any) -> dict[str, inspect.Parameter]:
    """Those of a function, with what an op takes beside its own."""
    form = getattr(getattr(function, "op", None), "form", None)
    more = inspect.signature(form).parameters if form is not None else {}
    return dict(inspect.signature(function).parameters) | {
        n: p for n, p in more.items() if n not in inspect.signature(function).parameters
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_the_standard_is_there(name: str) -> None:
    ours, theirs = found(name)
    assert callable(ours) == (callable(theirs) and not name.startswith("__array_api"))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_parameter_of_the_standard_is_there(name: str) -> None:
    ours, theirs = (parameters(function) for function in found(name))
    places = [p for p in ours.values() if p.kind <= p.POSITIONAL_OR_KEYWORD]
    is_open = any(p.kind is p.VAR_POSITIONAL for p in ours.values())
    for i, (word, parameter) in enumerate(theirs.items()):
        if parameter.kind is parameter.POSITIONAL_ONLY:
            assert i < len(places) or is_open
        elif parameter.kind is not parameter.VAR_POSITIONAL:
            assert word in ours
            default = ours[word].default
            same = default == parameter.default or (word, default) == ("norm", None)
            assert same or not isinstance(parameter.default, (bool, int, float, str, type(None)))


def test_the_namespace_of_a_tensor_is_autograd() -> None:
    x = Tensor([1.0])
    assert x.__array_namespace__() is ag is x.__array_namespace__(api_version="2024.12")
    assert ag.__array_api_version__ == strict.__array_api_version__
    with pytest.raises(ag.errors.ArgumentError, match="no version '2020\\.01' of the array API"):
        x.__array_namespace__(api_version="2020.01")


def test_a_tensor_has_every_attribute_of_a_strict_array() -> None:
    theirs = {n for n in dir(strict.ones(1)) if not n.startswith("_") or n.endswith("__")}
    assert {n for n in theirs if not hasattr(Tensor, n)} <= {"__getstate__", "__buffer__"}


def test_there_is_one_device() -> None:
    x = ag.ones(2, device="cpu")
    assert x.device == "cpu"
    assert x.to_device(x.device) is x
    assert ag.__array_namespace_info__().devices() == ["cpu"]
    for call in (
        lambda: ag.zeros(2, device="cuda"),
        lambda: ag.asarray([1.0], device="gpu"),
        lambda: x.to_device("cuda"),
        lambda: x.to_device("cpu", stream=1),
        lambda: ag.fft.fftfreq(3, device="cuda"),
        lambda: ag.__array_namespace_info__().dtypes(device="cuda"),
    ):
        with pytest.raises(ag.errors.AutogradError, match="all is done on the CPU"):
            call()


@pytest.mark.parametrize("wrap", [memoryview, bytearray, lambda a: array.array("d", a)])
def test_memory_of_python_is_read_and_shared(wrap: Any) -> None:
    data = wrap(np.array([1, 2, 3], np.uint8))
    x = ag.asarray(data)
    assert x.dtype == np.asarray(data).dtype
    assert x.tolist() == [1, 2, 3]
    assert np.shares_memory(ag.asarray(data, copy=False).numpy(), np.asarray(data))
    assert not np.shares_memory(ag.asarray(data, copy=True).numpy(), np.asarray(data))


def test_copies_are_made_or_refused_as_asked() -> None:
    a = np.arange(6.0).reshape(2, 3)
    shared = [np.shares_memory(ag.asarray(a, copy=c).numpy(), a) for c in (None, False, True)]
    assert shared == [True, True, False]
    w = ag.ones((2, 3), requires_grad=True)
    assert ag.asarray(w, copy=True).requires_grad
    assert ag.reshape(w, (6,), copy=True).requires_grad
    for call in (
        lambda: ag.asarray(a, dtype=ag.float32, copy=False),
        lambda: ag.asarray([1.0], copy=False),
        lambda: ag.reshape(ag.asarray(a).mT, (6,), copy=False),
    ):
        with pytest.raises(ag.errors.ArgumentError, match="needs a copy"):
            call()


# ---- questions about dtypes ----------------------------------------------------------------------


@pytest.mark.parametrize(("one", "other"), [*itertools.product(DTYPES, DTYPES)])
def test_promotion_is_that_of_the_standard(one: str, other: str) -> None:
    ours = ag.result_type(getattr(ag, one), ag.zeros(1, dtype=other))
    assert (ag.zeros(1, dtype=one) * ag.zeros(1, dtype=other)).dtype == ours
    try:
        theirs = strict.result_type(getattr(strict, one), getattr(strict, other))
    except TypeError:
        return  # what the standard leaves open is NumPy's
    assert ours == theirs._np_dtype


@pytest.mark.parametrize("dtype", DTYPES)
def test_limits_and_kinds(dtype: str) -> None:
    ours, theirs = getattr(ag, dtype), getattr(strict, dtype)
    for kind in ("bool", "signed integer", "unsigned integer", "integral", "real floating",
                 "complex floating", "numeric"):  # fmt: skip
        assert ag.isdtype(ours, kind) is strict.isdtype(theirs, kind)
        listed = ag.__array_namespace_info__().dtypes(kind=kind)
        assert {*listed} == {*strict.__array_namespace_info__().dtypes(kind=kind)}
    assert ag.isdtype(ours, ("bool", ours))
    assert not ag.isdtype(ours, ())
    for question in ("finfo", "iinfo"):
        try:
            wanted = getattr(strict, question)(theirs)
        except (TypeError, ValueError):
            with pytest.raises(ag.errors.DTypeError, match=f"{question}: {dtype} is no "):
                getattr(ag, question)(ours)
            continue
        limits = getattr(ag, question)(ag.zeros(1, dtype=ours))
        for field in limits._fields:
            given, right = getattr(limits, field), getattr(wanted, field)
            assert given == (right._np_dtype if field == "dtype" else right)
            assert field == "dtype" or type(given) in (int, float)
