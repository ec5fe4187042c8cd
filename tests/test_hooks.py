"""Hooks of modules: what they see, what they may replace, and in which order they run."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.errors import GradientError

# ---- forward -----------------------------------------------------------------------------------


def test_hooks_see_and_may_replace_what_goes_in_and_out() -> None:
    double, log = nn.Identity(), []
    before = double.register_forward_pre_hook(lambda m, args: log.append(args))
    change = double.register_forward_pre_hook(lambda m, args: args[0] + 1)
    double.register_forward_pre_hook(lambda m, args: (args[0] * 10,))
    after = double.register_forward_hook(lambda m, args, out: out + args[0])
    assert double(1) == 40
    assert log == [(1,)]
    before.remove()
    before.remove()
    with change:
        pass
    after.remove()
    assert double(1) == 10
    assert log == [(1,)]


class Scaled(nn.Module):
    def forward(self, x: Any, factor: Any = 1) -> Any:
        if factor is None:
            raise ValueError("no factor")
        return x * factor


def test_hooks_with_kwargs_get_them_and_may_replace_them() -> None:
    module, seen = Scaled(), []
    module.register_forward_pre_hook(
        lambda m, args, kwargs: (args, {"factor": kwargs["factor"] + 1}), with_kwargs=True
    )
    module.register_forward_pre_hook(lambda m, args, kwargs: None, with_kwargs=True)
    module.register_forward_hook(
        lambda m, args, kwargs, out: seen.append((args, kwargs, out)), with_kwargs=True
    )
    assert module(3, factor=4) == 15
    assert seen == [((3,), {"factor": 5}, 15)]
    module.register_forward_pre_hook(lambda m, args, kwargs: args, with_kwargs=True)
    with pytest.raises(TypeError, match=r"returns None or \(args, kwargs\), not tuple"):
        module(3, factor=4)


def test_prepended_hooks_run_first() -> None:
    module, order = nn.Identity(), []
    for name, prepend in (("b", False), ("c", False), ("a", True)):
        module.register_forward_pre_hook(lambda m, a, n=name: order.append(n), prepend=prepend)
        module.register_forward_hook(
            lambda m, a, out, n=name: order.append(n.upper()), prepend=prepend
        )
    module(1)
    assert order == ["a", "b", "c", "A", "B", "C"]


def test_hooks_that_are_always_called_run_when_forward_fails() -> None:
    module, seen = Scaled(), []
    module.register_forward_hook(lambda m, args, out: seen.append("not called"))
    module.register_forward_hook(lambda m, args, out: seen.append(out), always_call=True)
    with pytest.raises(ValueError, match="no factor"):
        module(1, factor=None)
    assert seen == [None]
    assert module(1, factor=2) == 2
    assert seen == [None, "not called", 2]


def test_a_failing_hook_does_not_hide_the_first_error() -> None:
    module = Scaled()
    module.register_forward_hook(lambda m, args, out: 1 / 0, always_call=True)
    with (
        pytest.warns(UserWarning, match="a forward hook failed after forward had: ZeroDivision"),
        pytest.raises(ValueError, match="no factor"),
    ):
        module(1, factor=None)


# ---- backward ----------------------------------------------------------------------------------


class Pair(nn.Module):
    """Two inputs and two outputs."""

    def forward(self, x: Any, y: Any, note: str = "") -> Any:
        return x * y, x + y, note


def watched(module: nn.Module) -> list[Any]:
    seen: list[Any] = []
    module.register_full_backward_hook(
        lambda m, grad_input, grad_output: seen.append((grad_input, grad_output))
    )
    return seen


def values(gradients: Any) -> list[Any]:
    return [None if g is None else g.tolist() for g in gradients]


def test_backward_hooks_see_the_gradients_of_all_inputs_and_outputs() -> None:
    pair = Pair()
    seen = watched(pair)
    x, y = Tensor(2.0, requires_grad=True), Tensor(3.0, requires_grad=True)
    product, total, _ = pair(x, y)
    (product * 10 + total).backward()
    ((grad_input, grad_output),) = seen
    assert values(grad_input) == [31.0, 21.0]
    assert values(grad_output) == [10.0, 1.0, None]
    assert (x.grad.item(), y.grad.item()) == (31.0, 21.0)


def test_what_needs_no_gradient_is_none_and_an_unused_output_is_zero() -> None:
    pair = Pair()
    seen = watched(pair)
    x = Tensor(2.0, requires_grad=True)
    product, _, _ = pair(x, 3.0)
    product.backward()
    assert values(seen[0][0]) == [3.0, None]
    assert values(seen[0][1]) == [1.0, 0.0, None]
    with ag.no_grad():
        pair(x, 3.0)
    assert len(seen) == 1


def test_without_an_input_that_needs_a_gradient_the_hook_runs_at_the_outputs() -> None:
    layer = nn.Linear(2, 1, rng=0)
    seen = watched(layer)
    layer(Tensor([[1.0, 2.0]])).sum().backward()
    assert values(seen[0][0]) == [None]
    assert values(seen[0][1]) == [[[1.0]]]
    assert layer.weight.grad.tolist() == [[1.0, 2.0]]


def test_backward_hooks_may_replace_gradients() -> None:
    layer = nn.Linear(1, 1, bias=False, rng=0)
    with ag.no_grad():
        layer.weight[0, 0] = 5.0
    layer.register_full_backward_pre_hook(lambda m, grad_output: (grad_output[0] * 10,))
    layer.register_full_backward_hook(lambda m, grad_input, _: grad_input[0] + 1)
    x = Tensor([[2.0]], requires_grad=True)
    layer(x).sum().backward()
    assert layer.weight.grad.item() == 20.0
    assert x.grad.item() == 51.0


def test_backward_hooks_run_in_order_and_can_be_removed() -> None:
    module, order = nn.Identity(), []
    for name, prepend in (("b", False), ("a", True)):
        module.register_full_backward_pre_hook(lambda m, g, n=name: order.append(n), prepend)
        handle = module.register_full_backward_hook(
            lambda m, gi, go, n=name: order.append(n.upper()), prepend
        )
    x = Tensor(1.0, requires_grad=True)
    module(x).backward()
    handle.remove()
    module(x).backward()
    assert order == ["a", "b", "A", "B", "a", "b", "B"]


def test_gradients_seen_with_create_graph_can_be_differentiated() -> None:
    module = nn.Identity()
    seen = watched(module)
    x = Tensor(3.0, requires_grad=True)
    (dx,) = ag.grad(module(x) ** 3, x, create_graph=True)
    assert dx.item() == 27.0
    assert seen[0][0][0].requires_grad
    (ddx,) = ag.grad(dx, x)
    assert ddx.item() == 18.0


def test_complex_gradients_are_those_that_users_see() -> None:
    module = nn.Identity()
    seen = watched(module)
    z = Tensor(3 + 4j, requires_grad=True)
    (ag.abs(module(z)) ** 2).backward()
    assert seen[0][0][0].item() == z.grad.item() == 6 + 8j


def test_hooks_change_no_value_and_no_gradient() -> None:
    net = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Tanh(), nn.Linear(4, 2, rng=1))
    plain = copy.deepcopy(net)
    for module in net.modules():
        watched(module)
    x = np.random.default_rng(0).standard_normal((5, 3)).astype("f")
    for model in (net, plain):
        (model(Tensor(x, requires_grad=True)) ** 2).sum().backward()
    for mine, other in zip(net.parameters(), plain.parameters(), strict=True):
        np.testing.assert_array_equal(mine.grad, other.grad)


REFUSED: list[tuple[Callable[[Any], Any], str]] = [
    (lambda m: m.register_full_backward_hook(lambda m, gi, go: (gi[0], None)),
     r"a backward hook of Identity returned gradients of shapes \[\(2,\), None\] for \[\(2,\)\]"),
    (lambda m: m.register_full_backward_hook(lambda m, gi, go: Tensor([1.0])),
     r"shapes \[\(1,\)\] for \[\(2,\)\]"),
    (lambda m: m.register_full_backward_pre_hook(lambda m, go: 1.0),
     r"a backward pre-hook of Identity returned gradients of shapes \[\(\)\] for \[\(2,\)\]"),
]  # fmt: skip


@pytest.mark.parametrize(("register", "message"), REFUSED)
def test_a_replaced_gradient_must_fit(register: Any, message: str) -> None:
    module = nn.Identity()
    register(module)
    with pytest.raises(GradientError, match=message):
        module(Tensor([1.0, 2.0], requires_grad=True)).sum().backward()


def test_a_picture_and_a_replay_of_the_graph_call_no_hook() -> None:
    module = nn.Identity()
    seen = watched(module)
    x = Tensor(2.0, requires_grad=True, name="x")
    y = module(x) * 3
    assert ag.Graph(y).replay({"x": 5.0}) == 15.0
    assert "border" in str(ag.Graph(y))
    assert seen == []


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("write", ["part", "whole", "view"])
def test_what_a_hook_writes_to_its_gradient_flows_on(write: str, create_graph: bool) -> None:
    def hook(g: Tensor) -> None:
        if write == "part":
            g[:2] *= 0
        elif write == "whole":
            g *= Tensor([0.0, 0.0, 1.0])
        else:
            row = g.reshape(3, 1)[:2]
            row[...] = 0.0

    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 1
    y.register_hook(hook)
    (found,) = ag.grad((y * y).sum(), x, create_graph=create_graph)
    assert found.tolist() == [0.0, 0.0, 6.0]
    if create_graph:
        (second,) = ag.grad(found.sum(), x)
        assert second.tolist() == [0.0, 0.0, 2.0]
