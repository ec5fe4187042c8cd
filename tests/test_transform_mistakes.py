"""Transforms of functions, called as other libraries would have it: errors say what to write."""

from __future__ import annotations

import re
from typing import Any

import pytest

import autograd as ag
import autograd.numpy as anp
import nn
import nn.torch as torch
from autograd.errors import ArgumentTypeError, AutogradError, TraceError

NORM = nn.BatchNorm1d(2)

REFUSED_IN_A_BATCH: dict[str, tuple[Any, str]] = {
    "branch": (lambda x: x if x.sum() > 0 else -x, r"truth value(.|\n)*ag\.where"),
    "number": (lambda x: x * x.sum().item(), r"item\(\)(.|\n)*ag\.where"),
    "a quantile's q": (lambda x: ag.quantile(ag.arange(4.0), x[0] / 9), "the q of quantile"),
    "a percentile's q": (lambda x: ag.percentile(ag.arange(4.0), x[0]), "the q of quantile"),
    "nanquantile's q": (lambda x: ag.nanquantile(ag.arange(4.0), x[0] / 9), "nanquantile"),
    "PyTorch's q": (lambda x: torch.quantile(torch.arange(4.0), x[0] / 9), "the q of quantile"),
    "HIPS' places": (lambda x: x[anp.argmax(x)], "autograd.numpy.argmax(.|\\n)*to ops"),
    "HIPS' steps": (lambda x: x * anp.round(x), "autograd.numpy.round"),
    "HIPS' where": (lambda x: x[anp.where(x > 0)[0]], "the numbers"),
    "SciPy's numbers": (lambda x: ag.special.ellipk(x / 9), "scipy.special.ellipk"),
    "SciPy's keyword": (lambda x: ag.special.struve(1, x=x), "scipy.special.struve"),
    "batch norm": (lambda x: NORM(x[None, :, None].repeat(2, 2)), r"eval\(\).*GroupNorm"),
}


@pytest.mark.parametrize("name", REFUSED_IN_A_BATCH)
def test_what_differs_by_example_is_told_in_words_of_batches(name: str) -> None:
    f, says = REFUSED_IN_A_BATCH[name]
    with pytest.raises(TraceError, match=f"^vmap: .*{says}") as caught:
        ag.vmap(f)(ag.ones((3, 2)))
    assert not re.search(r"another turn|carry|that layer|in a program", str(caught.value))


@pytest.mark.parametrize("name", ["grad", "value_and_grad", "jacobian", "hessian", "laplacian"])
@pytest.mark.parametrize("x", [ag.ones(2), ag.ones(2).numpy(), (ag.ones(2), ag.ones(2))],
                         ids=["tensor", "array", "tuple"])  # fmt: skip
def test_arguments_given_at_once_are_told_to_come_after(name: str, x: Any) -> None:
    with pytest.raises(AutogradError, match=rf"{name}\(f\)\(x\)"):
        getattr(ag.functional, name)(lambda x: (x**2).sum(), x)


def test_checkpoint_of_arguments_at_once_is_told_to_take_them_after() -> None:
    with pytest.raises(AutogradError, match=r"checkpoint\(f\)\(x\)"):
        ag.checkpoint(lambda x: x * 2, ag.ones(2))


@pytest.mark.parametrize(("theirs", "ours"), [("in_dims", "in_axes"), ("out_dims", "out_axes")])
def test_the_axes_of_vmap_are_known_by_the_names_of_pytorch(theirs: str, ours: str) -> None:
    with pytest.raises(ArgumentTypeError, match=f"it is spelled {ours}"):
        ag.vmap(lambda x: x, **{theirs: 0})


def test_a_function_of_something_else_is_told_as_one_without_a_result_that_depends() -> None:
    w = ag.Tensor(1.0, requires_grad=True)
    for f in (lambda x: w * 2, lambda x: ag.tensor(2.0), lambda x: x.detach().sum()):
        with pytest.warns(UserWarning, match="independent of input") as told:
            assert ag.functional.grad(f)(ag.ones(2)).tolist() == [0.0, 0.0]
        assert told[0].filename == __file__


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_a_jacobian_of_whole_numbers_is_refused(mode: str) -> None:
    with pytest.raises(AutogradError, match=r"jacobian: f gave int64(.|\n)*return floats"):
        ag.functional.jacobian(lambda x: ag.argmax(x), mode=mode)(ag.ones(2))
