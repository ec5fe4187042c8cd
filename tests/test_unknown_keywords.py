"""A keyword that a public function does not have is told with the one that was meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.errors import ArgumentTypeError


def leaf() -> Any:
    return ag.Tensor([1.0, 2.0], requires_grad=True)


def square(x: Any) -> Any:
    return (x * x).sum()


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "Tensor": (lambda: ag.Tensor(1.0, require_grad=True), "did you mean 'requires_grad'"),
    "tensor": (lambda: ag.tensor(1.0, require_grad=True), "did you mean 'requires_grad'"),
    "backward": (lambda: square(leaf()).backward(retain_grph=True), "did you mean 'retain_graph'"),
    "ag.backward": (lambda: ag.backward(square(leaf()), create_grap=True), "'create_graph'"),
    "register_hook": (lambda: leaf().register_hook(hok=print), "did you mean 'hook'"),
    "requires_grad_": (lambda: leaf().requires_grad_(require_grad=True), "'requires_grad'"),
    "profile": (lambda: ag.profile(by="op"), r"p\.table\(by='module'\) of a profile takes it"),
    "odeint": (
        lambda: ag.odeint(lambda t, y: y, 1.0, [0.0, 1.0], args=(1,)),
        "give by place, after the others, what the function takes besides",
    ),
    "detect_anomaly": (lambda: ag.detect_anomaly(checknan=True), "did you mean 'check_nan'"),
    "safe_where": (lambda: ag.safe_where(func=square), "did you mean 'function'"),
    "vmap": (lambda: ag.vmap(square, inaxes=0), "did you mean 'in_axes'"),
    "hessian": (lambda: ag.functional.hessian(square, argnum=0), "did you mean 'argnums'"),
    "compile": (lambda: ag.compile(square, chek="always"), "did you mean 'check'"),
    "replay": (lambda: ag.Graph(square(leaf())).replay(leafs={}), "did you mean 'leaves'"),
    "values": (lambda: ag.Graph(square(leaf())).values(leafs={}), "did you mean 'leaves'"),
    "draw": (lambda: ag.viz.draw(square(leaf()), styl="x"), "did you mean 'style'"),
    "Linear": (lambda: nn.Linear(2, 3, biass=False), "did you mean 'bias'"),
    "parameters": (lambda: nn.Linear(2, 3).parameters(recurs=False), "did you mean 'recurse'"),
    "state_dict": (lambda: nn.Linear(2, 3).state_dict(prefx=""), "did you mean 'prefix'"),
    "load_state_dict": (lambda: nn.Linear(2, 3).load_state_dict({}, strickt=False), "'strict'"),
    "train": (lambda: nn.Linear(2, 3).train(mod=True), "did you mean 'mode'"),
    "register_buffer": (
        lambda: nn.Linear(2, 3).register_buffer("b", None, persist=True), "'persistent'"
    ),
    "zero_grad": (lambda: optim.SGD([leaf()], lr=1).zero_grad(set_none=True), "'set_to_none'"),
    "add_param_group": (
        lambda: optim.SGD([leaf()], lr=1).add_param_group(group={}), "it takes param_group",
    ),
    "Adam": (lambda: optim.Adam([leaf()], learning_rate=1), "it is spelled lr"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_misspelled_keyword_is_told_with_the_right_one(name: str) -> None:
    call, words = WRONG[name]
    with pytest.raises(ArgumentTypeError, match=rf"unexpected keyword argument(.|\n)*{words}"):
        call()


def test_a_type_error_from_inside_stays_what_it_was() -> None:
    with pytest.raises(TypeError, match="a Tensor holds numbers"):
        ag.Tensor(object())
    with pytest.raises(TypeError) as caught:
        leaf().register_hook(hook=3)
    assert "unexpected" not in str(caught.value)
    assert np.isfinite(ag.Tensor(data=1.0, requires_grad=True).item())
