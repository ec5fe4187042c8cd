"""Every layer and loss of the tables beside PyTorch's of the same name, made by the same call."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import torch

import nn
from autograd import Tensor
from tests.differential.compare import agree, parameters_of, to_torch
from tests.layers import CASES
from tests.layers.case import SAME, Call, Case, flatten, rebuild

BOTH = [
    pytest.param(case, id=f"{n}-{case}") for n, case in enumerate(CASES) if case.torch is not None
]
FIXED = [p for p in BOTH if not p.values[0].random]
# What is made of modules takes over their parameters, and draws none.
DRAWING = [p for p in BOTH if not any(isinstance(a, nn.Module) for a in p.values[0].args)]
CLASSES = sorted({p.values[0].name for p in BOTH if p.values[0].torch == SAME})


def theirs_of(case: Case) -> Any:
    """PyTorch's layer, in double precision."""
    if case.torch != SAME:
        return case.torch(torch).double()
    kwargs = {name: to_torch(x) for name, x in case.kwargs.items()}
    return getattr(torch.nn, case.name)(*map(to_torch, case.args), **kwargs).double()


def pair(case: Case) -> tuple[Any, Any]:
    """Our layer, and PyTorch's with the same parameters and buffers, copied by name."""
    ours, theirs = case.make(), theirs_of(case)
    state = {name: torch.tensor(x.numpy()) for name, x in ours.state_dict().items()}
    theirs.load_state_dict(state, strict=True)
    return ours, theirs


def run_both(case: Case, training: bool) -> None:
    ours, theirs = pair(case)
    ours.train(training)
    theirs.train(training)
    arrays, positions = case.arrays(), case.differentiated()
    leaves = list(flatten(arrays))
    given = [Tensor(leaves[p], requires_grad=True) for p in positions]
    tensors = [to_torch(x) for x in leaves]
    for p in positions:
        tensors[p].requires_grad_()
    found = list(flatten(Call(ours, arrays, positions)(*given)))
    wanted = list(flatten(theirs(*rebuild(arrays, iter(tensors)))))
    assert len(found) == len(wanted)
    for number, (y, want) in enumerate(zip(found, wanted, strict=True)):
        agree(y.detach(), want, f"output {number}")
    weights = [np.random.default_rng(n).uniform(0.5, 1.5, y.shape) for n, y in enumerate(found)]
    total = sum((y * w).sum() for y, w in zip(found, weights, strict=True) if y.requires_grad)
    expected = sum(
        (y * to_torch(w)).sum() for y, w in zip(wanted, weights, strict=True) if y.requires_grad
    )
    assert hasattr(total, "backward") == hasattr(expected, "backward")
    if hasattr(total, "backward"):
        total.backward()
        expected.backward()
    for number, position in enumerate(positions):
        grads_agree(given[number].grad, tensors[position].grad, f"gradient of input {number}")
    for name, p in theirs.named_parameters():
        grads_agree(ours.get_parameter(name).grad, p.grad, f"gradient of {name}")
    for name, buffer in theirs.named_buffers():
        agree(ours.get_buffer(name), buffer, f"buffer {name}")


def grads_agree(found: Any, wanted: Any, what: str) -> None:
    """Equal, where no gradient and one of zeros count as equal."""
    if found is None or wanted is None:
        assert found is None or not np.any(found.numpy()), what
        assert wanted is None or not np.any(wanted.numpy()), what
    else:
        agree(found, wanted, what)


# What PyTorch's KLDivLoss, TransformerEncoder and convolution say of themselves when all is well.
pytestmark = [
    pytest.mark.filterwarnings("ignore:reduction. 'mean' divides the total loss"),
    pytest.mark.filterwarnings("ignore:enable_nested_tensor is True"),
    pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths"),
]


@pytest.mark.parametrize("case", FIXED)
def test_training_gives_pytorchs_outputs_gradients_and_buffers(case: Case) -> None:
    run_both(case, training=True)


@pytest.mark.parametrize("case", BOTH)
def test_evaluation_gives_pytorchs_outputs_gradients_and_buffers(case: Case) -> None:
    run_both(case, training=False)


@pytest.mark.parametrize("case", BOTH)
def test_the_repr_is_pytorchs(case: Case) -> None:
    if case.torch == SAME:
        theirs = repr(theirs_of(case).float())
        # what PyTorch calls the last map of its attention is about quantization
        theirs = theirs.replace("NonDynamicallyQuantizableLinear", "Linear")
        assert repr(case.make(dtype=np.float32)) == theirs


def initial_values(case: Case, count: int) -> dict[str, tuple[Any, Any]]:
    """Of each parameter all values in so many of our layers, and in as many of PyTorch's."""
    ours = [dict(case.make(seed).named_parameters()) for seed in range(count)]
    theirs = [dict(theirs_of(case).named_parameters()) for _ in range(count)]
    return {
        name: (
            np.concatenate([np.ravel(layer[name].numpy()) for layer in ours]),
            np.concatenate([layer[name].detach().numpy().ravel() for layer in theirs]),
        )
        for name in theirs[0]
    }


@pytest.mark.parametrize("case", DRAWING)
def test_initial_values_are_spread_as_pytorchs(case: Case) -> None:
    """Constants are equal; of random ones the spread and the reach, over some thousand draws."""
    torch.manual_seed(0)
    two = initial_values(case, 2)
    drawn = [name for name, (_, theirs) in two.items() if np.ptp(theirs)]
    for name in two.keys() - drawn:
        np.testing.assert_array_equal(*two[name])
    if not drawn:
        return
    fewest = min(len(two[name][1]) // 2 for name in drawn)
    many = initial_values(case, max(1, min(2000 // fewest, 4000 // len(drawn))))
    for name in drawn:
        ours, theirs = many[name]
        # a standard deviation over n draws is known to 1/√n or so; five of those
        slack = 5 / np.sqrt(len(theirs))
        assert np.std(ours) == pytest.approx(np.std(theirs), rel=slack), name
        assert abs(np.mean(ours) - np.mean(theirs)) < slack * np.std(theirs), name


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_is_made_with_pytorchs_arguments(name: str) -> None:
    """The same names in the same order with the same defaults; ours may have more, after these."""
    theirs = parameters_of(getattr(torch.nn, name).__init__)
    ours = parameters_of(getattr(nn, name).__init__)
    theirs.pop("inplace", None) if "inplace" not in ours else None
    assert dict(list(ours.items())[: len(theirs)]) == theirs
    assert list(ours)[: len(theirs)] == list(theirs)


FUNCTIONS = sorted(name for name in nn.functional.__all__ if hasattr(torch.nn.functional, name))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_takes_pytorchs_arguments(name: str) -> None:
    """As far as PyTorch's has a signature: those written in C++ have none."""
    theirs_function = getattr(torch.nn.functional, name)
    try:
        theirs = parameters_of(theirs_function)
    except ValueError:
        assert inspect.isbuiltin(theirs_function)
        return
    if not theirs:  # dispatched by boolean_dispatch
        return
    ours = parameters_of(getattr(nn.functional, name))
    assert list(ours)[: len(theirs)] == list(theirs)
    for parameter, default in theirs.items():
        assert ours[parameter] == default, parameter
