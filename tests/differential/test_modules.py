"""The module system beside PyTorch's: one program, run with either library, logs the same."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import torch

import autograd as ag
import nn
from tests.differential.compare import parameters_of

LAZY = sorted(name for name in nn.__all__ if name.startswith("Lazy") and name != "LazyModuleMixin")

METHODS = {  # PyTorch's methods that have a meaning here, and take the same arguments
    "Module": (
        "add_module", "apply", "buffers", "children", "double", "eval", "extra_repr", "float",
        "get_buffer", "get_extra_state", "get_parameter", "get_submodule", "half",
        "load_state_dict", "modules", "named_buffers", "named_children", "named_modules",
        "named_parameters", "parameters", "register_buffer", "register_forward_hook",
        "register_forward_pre_hook", "register_full_backward_hook",
        "register_full_backward_pre_hook", "register_load_state_dict_post_hook",
        "register_load_state_dict_pre_hook", "register_module", "register_state_dict_post_hook",
        "register_state_dict_pre_hook", "requires_grad_", "set_extra_state", "set_submodule",
        "train", "type", "zero_grad",
    ),
    "Sequential": ("append", "extend", "insert", "pop"),
    "ModuleList": ("append", "extend", "insert", "pop"),
    "ModuleDict": ("clear", "items", "keys", "pop", "update", "values"),
    "ParameterList": ("append", "extend"),
    "ParameterDict": (
        "clear", "copy", "fromkeys", "get", "items", "keys", "pop", "popitem", "setdefault",
        "update", "values",
    ),
}  # fmt: skip
PAIRS = [(kind, method) for kind, methods in METHODS.items() for method in methods]


@pytest.mark.parametrize(("kind", "method"), PAIRS)
def test_a_method_has_pytorchs_defaults(kind: str, method: str) -> None:
    theirs = parameters_of(getattr(getattr(torch.nn, kind), method))
    theirs.pop("memo", None)  # of named_modules: its own, for recursion
    ours = parameters_of(getattr(getattr(nn, kind), method))
    assert list(ours.values())[: len(theirs)] == list(theirs.values())


@pytest.mark.parametrize("kind", METHODS)
def test_no_public_method_of_pytorch_is_unknown(kind: str) -> None:
    """But those of devices, of compilation, and of what PyTorch itself gave up."""
    left_out = {
        "bfloat16", "compile", "cpu", "cuda", "ipu", "mtia", "register_backward_hook",
        "share_memory", "to_empty", "xpu",
    }  # fmt: skip
    theirs = {
        name
        for name, member in inspect.getmembers(getattr(torch.nn, kind), callable)
        if not name.startswith("_")
    }
    assert theirs - set(dir(getattr(nn, kind))) <= left_out | {"call_super_init"}


@pytest.mark.parametrize("name", LAZY)
def test_a_lazy_class_is_made_with_pytorchs_arguments(name: str) -> None:
    theirs = parameters_of(getattr(torch.nn, name).__init__)
    ours = parameters_of(getattr(nn, name).__init__)
    assert dict(list(ours.items())[: len(theirs)]) == theirs
    assert list(ours)[: len(theirs)] == list(theirs)


class Ours:
    nn = nn

    @staticmethod
    def tensor(values: Any, requires_grad: bool = False) -> Any:
        return ag.Tensor(np.array(values, float), requires_grad=requires_grad)


class Theirs:
    nn = torch.nn

    @staticmethod
    def tensor(values: Any, requires_grad: bool = False) -> Any:
        return torch.tensor(values, dtype=torch.float64, requires_grad=requires_grad)


def model(lib: Any) -> Any:
    """Nested containers, shared modules, parameters, and buffers of both kinds."""
    net = lib.nn.Module()
    shared = lib.nn.Linear(2, 2)
    net.body = lib.nn.Sequential(shared, lib.nn.ReLU(), shared)
    net.blocks = lib.nn.ModuleList([lib.nn.Linear(2, 2), lib.nn.Linear(2, 2), lib.nn.Tanh()])
    net.heads = lib.nn.ModuleDict({"a": lib.nn.Linear(2, 1, bias=False), "b": lib.nn.Identity()})
    net.scales = lib.nn.ParameterList([lib.tensor([1.0]), lib.tensor([2.0, 3.0])])
    net.shifts = lib.nn.ParameterDict({"x": lib.tensor([1.0]), "y": lib.tensor([2.0])})
    net.register_buffer("mean", lib.tensor([0.0]))
    net.register_buffer("cache", lib.tensor([0.0]), persistent=False)
    net.register_parameter("none", None)
    return net.double()


def test_names_keys_and_walks_are_pytorchs() -> None:
    logs = []
    for lib in (Ours, Theirs):
        net, order = model(lib), []
        net.apply(lambda m, order=order: order.append(type(m).__name__))
        logs.append(
            [
                list(net.state_dict()),
                list(net.body.state_dict(prefix="p.")),
                [n for n, _ in net.named_modules()],
                [n for n, _ in net.named_modules(remove_duplicate=False)],
                [n for n, _ in net.named_children()],
                [n for n, _ in net.named_parameters()],
                [n for n, _ in net.named_parameters(remove_duplicate=False)],
                [n for n, _ in net.named_buffers()],
                [tuple(p.shape) for p in net.parameters()],
                order,
            ]
        )
    assert logs[0] == logs[1]


def test_containers_print_as_pytorchs() -> None:
    texts = []
    for lib in (Ours, Theirs):
        net = model(lib)
        del net.scales, net.shifts  # their parameters are described in chaingrad's own words
        texts.append(repr(net))
    assert texts[0] == texts[1]


def test_sequential_does_pytorchs_arithmetic() -> None:
    logs = []
    for lib in (Ours, Theirs):
        net = lib.nn.Sequential(lib.nn.ReLU(), lib.nn.Tanh(), lib.nn.Sigmoid())
        log = [repr(net * 2), repr(net + net), repr(net[1:]), repr(net[-1])]
        del net[0]
        net.insert(1, lib.nn.ELU())
        net.append(lib.nn.SELU())
        log += [repr(net), repr(net.pop(1)), repr(net)]
        logs.append(log)
    assert logs[0] == logs[1]


def gradients(found: Any) -> list[Any]:
    return [None if g is None else np.asarray(g.detach()).tolist() for g in found]


def run_hooks(lib: Any, needs: tuple[bool, bool]) -> list[Any]:
    """What every kind of hook saw, and the gradients that came out."""

    class Pair(lib.nn.Module):  # type: ignore[name-defined, misc]
        def forward(self, x: Any, y: Any, *, scale: float = 1.0) -> Any:
            return x * y * scale, x + y

    pair, log = Pair(), []
    pair.register_forward_pre_hook(lambda m, args: log.append(("pre", len(args))))
    pair.register_forward_pre_hook(
        lambda m, args, kwargs: (args, {"scale": kwargs["scale"] * 2}), with_kwargs=True
    )
    pair.register_forward_hook(
        lambda m, args, kwargs, out: log.append(("after", kwargs["scale"])), with_kwargs=True
    )
    pair.register_forward_hook(lambda m, args, out: (out[0] * 10, out[1]), prepend=True)
    pair.register_full_backward_pre_hook(
        lambda m, go: log.append(("grad_output", gradients(go))) or (go[0] * 2, go[1])
    )
    pair.register_full_backward_hook(
        lambda m, gi, go: log.append(("grad_input", gradients(gi), gradients(go)))
    )
    if any(needs):
        pair.register_full_backward_hook(
            lambda m, gi, go: tuple(None if g is None else g + 1 for g in gi)
        )
    x, y = (lib.tensor([1.0, 2.0], needs[0]), lib.tensor([3.0, 5.0], needs[1]))
    w = lib.tensor(2.0, True)
    product, total = pair(x * 1, y * 1, scale=3.0)
    ((product * w).sum() + total.sum()).backward()
    log += [gradients([x.grad, y.grad, w.grad])]
    return log


@pytest.mark.parametrize("needs", [(True, True), (True, False), (False, True)])
def test_hooks_see_what_pytorchs_see(needs: tuple[bool, bool]) -> None:
    assert run_hooks(Ours, needs) == run_hooks(Theirs, needs)


def test_states_cross_over_strictly_or_not() -> None:
    ours, theirs = model(Ours), model(Theirs)
    ours.load_state_dict({k: v.numpy() for k, v in theirs.state_dict().items()})
    for key, value in ours.state_dict().items():
        np.testing.assert_array_equal(value, theirs.state_dict()[key])
    partial = {"mean": [5.0], "extra": [1.0]}
    found = ours.load_state_dict(partial, strict=False)
    wanted = theirs.load_state_dict({k: torch.tensor(v) for k, v in partial.items()}, strict=False)
    assert found == tuple(wanted)
