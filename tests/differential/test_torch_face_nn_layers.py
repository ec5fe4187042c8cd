"""nn.torch.nn beside torch.nn: every class, made and called alike, and every name."""

from __future__ import annotations

import copy
import inspect
import warnings
from typing import Any

import numpy as np
import pytest
import torch

import nn as plain
import nn.torch.nn as ours
from nn.torch.functions.creating import tensor
from nn.torch.nn.module import adopted
from nn.torch.tensor import Tensor
from tests.differential.compare import agree, to_torch
from tests.differential.test_layers import BOTH, theirs_of
from tests.layers.case import SAME, Case, flatten, rebuild

pytestmark = [
    pytest.mark.filterwarnings("ignore:reduction. 'mean' divides the total loss"),
    pytest.mark.filterwarnings("ignore:enable_nested_tensor is True"),
    pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths"),
    pytest.mark.filterwarnings("ignore:size_average and reduce args"),
]
SAME_CALLS = [p for p in BOTH if p.values[0].torch == SAME]


def to_face(x: Any) -> Any:
    """Arrays and modules of nn in the face."""
    if isinstance(x, plain.Module):
        return adopted(copy.deepcopy(x))
    if isinstance(x, tuple):
        return tuple(map(to_face, x))
    return tensor(x) if isinstance(x, np.ndarray) else x


def made(case: Case) -> Any:
    kwargs = {name: to_face(x) for name, x in case.kwargs.items()}
    return getattr(ours, case.name)(*map(to_face, case.args), **kwargs).double()


@pytest.mark.parametrize("case", SAME_CALLS)
def test_a_layer_is_what_it_is_there(case: Case) -> None:
    """State, shapes, dtypes, print; outputs and gradients of the face, in evaluation."""
    layer, other = made(case), theirs_of(case)
    assert isinstance(layer, ours.Module)
    for module in layer.modules():
        assert isinstance(module, ours.Module), type(module)
    state, wanted = layer.state_dict(), other.state_dict()
    assert list(state) == list(wanted)
    for key, value in wanted.items():
        assert type(state[key]) is Tensor
        assert tuple(state[key].shape) == tuple(value.shape), key
        assert str(state[key].dtype) == str(value.dtype), key
    assert [n for n, _ in layer.named_parameters()] == [n for n, _ in other.named_parameters()]
    assert all(type(p) is ours.Parameter for p in layer.parameters())
    assert repr(layer) == repr(other).replace("NonDynamicallyQuantizableLinear", "Linear")
    keys = layer.load_state_dict({k: tensor(v.numpy()) for k, v in wanted.items()})
    assert repr(keys) == "<All keys matched successfully>"
    compare_calls(case, layer.eval(), other.eval())


def compare_calls(case: Case, layer: Any, other: Any) -> None:
    arrays, positions = case.arrays(), case.differentiated()
    leaves = list(flatten(arrays))
    mine = [tensor(x) if isinstance(x, np.ndarray) else x for x in leaves]
    its = [to_torch(x) for x in leaves]
    for p in positions:
        mine[p].requires_grad_()
        its[p].requires_grad_()
    # what is changed in place may not be a leaf
    clones = [x.clone() if n in positions else x for n, x in enumerate(mine)]
    others = [x.clone() if n in positions else x for n, x in enumerate(its)]
    found = list(flatten(layer(*rebuild(arrays, iter(clones)))))
    wanted = list(flatten(other(*rebuild(arrays, iter(others)))))
    for number, (y, want) in enumerate(zip(found, wanted, strict=True)):
        if want is None:
            assert y is None
            continue
        assert type(y) is Tensor, (number, type(y))
        agree(y.detach(), want, f"output {number}")
        assert str(y.dtype) == str(want.dtype)
        assert y.requires_grad == want.requires_grad
    for mine_now, its_now in zip(clones, others, strict=True):
        if isinstance(its_now, torch.Tensor):  # changed in place, or not, alike
            agree(mine_now.detach(), its_now, "the input afterwards")
    total = sum((y * y).sum() for y in found if y is not None and y.requires_grad)
    expected = sum((y * y).sum() for y in wanted if y is not None and y.requires_grad)
    if isinstance(expected, torch.Tensor) and expected.isfinite():
        total.backward()
        expected.backward()
        for p in positions:
            a = np.zeros(1) if mine[p].grad is None else mine[p].grad.numpy()
            b = np.zeros(1) if its[p].grad is None else its[p].grad.numpy()
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-8)
        for name, p in other.named_parameters():
            q = layer.get_parameter(name).grad
            assert q is None or type(q) is Tensor
            if p.grad is not None:
                np.testing.assert_allclose(q.numpy(), p.grad.numpy(), rtol=1e-6, atol=1e-7)


# ---- how they are made ---------------------------------------------------------------------------

CLASSES = sorted({p.values[0].name for p in SAME_CALLS})


def order_of(kind: Any) -> list[str]:
    parameters = [*inspect.signature(kind.__init__).parameters.values()][1:]
    return [
        p.name for p in parameters
        if p.kind in (p.POSITIONAL_OR_KEYWORD, p.POSITIONAL_ONLY)
    ]  # fmt: skip


@pytest.mark.parametrize("name", CLASSES)
def test_arguments_by_position_stand_where_they_stand_there(name: str) -> None:
    """Every option given by position, at its default: the layers are the same."""
    kind = getattr(torch.nn, name)
    case = next(p.values[0] for p in SAME_CALLS if p.values[0].name == name)
    order = order_of(kind)
    if not order or order[0] in ("args", "kwargs") or any(map(inspect.isclass, case.args)):
        return
    signature = inspect.signature(kind.__init__)
    given = dict(zip(order, case.args, strict=False)) | case.kwargs
    if given.keys() - set(order):
        return
    values = [given.get(p, signature.parameters[p].default) for p in order]
    if name.startswith("Transformer") or any(v is inspect.Parameter.empty for v in values):
        return
    theirs = kind(*map(to_torch, values))
    mine = getattr(ours, name)(*map(to_face, values))
    assert repr(mine) == repr(theirs).replace("NonDynamicallyQuantizableLinear", "Linear")
    assert list(mine.state_dict()) == list(theirs.state_dict())


TAKES_DEVICE = [
    n for n in CLASSES if "device" in inspect.signature(getattr(torch.nn, n)).parameters
]


@pytest.mark.parametrize("name", TAKES_DEVICE)
def test_device_and_dtype_are_taken(name: str) -> None:
    case = next(p.values[0] for p in SAME_CALLS if p.values[0].name == name)
    import nn.torch as face

    kwargs = {n: to_face(x) for n, x in case.kwargs.items()} | {"dtype": face.float64}
    layer = getattr(ours, name)(*map(to_face, case.args), device="cpu", **kwargs)
    floating = [p for p in layer.parameters() if p.is_floating_point()]
    assert all(p.dtype == face.float64 for p in floating)
    with pytest.raises(Exception, match="there is no device 'cuda"):
        getattr(ours, name)(*map(to_face, case.args), device="cuda", **kwargs)


# ---- names ---------------------------------------------------------------------------------------

NO_API = {"Any", "Callable", "Optional", "Union"}


def public(module: Any) -> list[str]:
    """The classes and functions that a module of PyTorch's shows, without what it imports."""
    found = []
    for name in dir(module):
        value = getattr(module, name)
        home = getattr(value, "__module__", "") or ""
        if name.startswith("_") or inspect.ismodule(value) or not callable(value):
            continue
        if home.startswith("torch") and name not in NO_API:
            found.append(name)
    return sorted(found)


def held(face: Any, module: Any, without: tuple[str, ...] = ()) -> None:
    rooms = (torch.nn.utils.rnn, torch.nn.utils.parametrize)  # whose list is shorter
    for name in module.__all__ if module in rooms else public(module):
        if name in without:
            continue
        if not hasattr(face, name):
            with pytest.raises(AttributeError, match="is not here: "):
                getattr(face, name)


def test_every_name_is_here_or_refused_by_name() -> None:
    from nn.torch import optim
    from nn.torch.utils import data

    held(ours, torch.nn)
    imported = ("Tensor", "DType", "ScalingType", "SwizzleType", "boolean_dispatch",
                "handle_torch_function", "has_torch_function", "has_torch_function_unary",
                "has_torch_function_variadic", "native_channel_shuffle")  # fmt: skip
    held(ours.functional, torch.nn.functional, imported)
    held(ours.init, torch.nn.init, ("Tensor",))
    held(ours.utils, torch.nn.utils)
    held(ours.utils.rnn, torch.nn.utils.rnn)
    held(ours.utils.parametrizations, torch.nn.utils.parametrizations, ("Tensor", "Module"))
    held(ours.utils.parametrize, torch.nn.utils.parametrize)
    held(optim, torch.optim)
    held(optim.lr_scheduler, torch.optim.lr_scheduler, ("Tensor", "Optimizer"))
    held(optim.swa_utils, torch.optim.swa_utils, ("Tensor", "Module", "LRScheduler", "Optimizer"))
    held(data, torch.utils.data)


METHODS_WITHOUT = {  # of Module: what has no meaning here
    "ipu", "xpu", "mtia", "to_empty", "T_destination", "dump_patches", "call_super_init",
}  # fmt: skip


def test_a_module_has_every_method() -> None:
    theirs = {n for n in dir(torch.nn.Module) if not n.startswith("_")}
    missing = {n for n in theirs if not hasattr(ours.Module, n)} - METHODS_WITHOUT
    assert not missing


def test_losses_broadcast_with_the_warning_of_there() -> None:
    x, y = np.arange(3.0).reshape(3, 1), np.arange(3.0)
    for name in ("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss"):
        with pytest.warns(UserWarning, match="Using a target size"):
            found = getattr(ours, name)()(tensor(x), tensor(y))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wanted = getattr(torch.nn, name)()(torch.tensor(x), torch.tensor(y))
        agree(found, wanted, name)
