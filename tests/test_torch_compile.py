"""torch.compile: a face of ag.compile, with the same parameters and results as the model."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import nn.torch as torch
from autograd.errors import TraceError

X = np.random.default_rng(0).standard_normal((5, 3)).astype("float32")


def network() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.ReLU(), torch.nn.Linear(4, 1)
    )


def test_a_compiled_module_trains_as_the_module_does() -> None:
    ends = []
    for make in (lambda m: m, torch.compile):
        model = network()
        run = make(model)
        optimizer = torch.optim.SGD(run.parameters(), lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            (run(torch.tensor(X)) ** 2).mean().backward()
            optimizer.step()
        ends.append([p.detach().numpy() for p in model.state_dict().values()])
    for one, other in zip(*ends, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_a_compiled_module_is_a_module_around_the_other() -> None:
    model = network()
    model.tag = "mine"
    compiled = torch.compile(model, mode="max-autotune", dynamic=False)
    assert isinstance(compiled, torch.nn.Module)
    assert compiled._orig_mod is model
    assert compiled(torch.tensor(X)).shape == (5, 1)
    assert compiled._planned.plan.plans
    assert compiled.tag == "mine"
    assert not hasattr(compiled, "nothing")
    assert next(iter(compiled.state_dict())) == "_orig_mod.0.weight"
    compiled.eval()
    assert not model.training


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_of_a_compiled_module_runs_its_own_parameters(copied) -> None:  # type: ignore[no-untyped-def]
    model = torch.compile(network().eval())
    before = model(torch.tensor(X)).detach().numpy()
    other = copied(model)
    with torch.no_grad():
        for p in other.parameters():
            p.zero_()
    np.testing.assert_array_equal(other(torch.tensor(X)).detach().numpy(), np.zeros((5, 1)))
    np.testing.assert_allclose(model(torch.tensor(X)).detach().numpy(), before, rtol=1e-6)


def test_what_no_plan_can_hold_runs_as_it_is_written() -> None:
    @torch.compile
    def by_sign(x: torch.Tensor) -> torch.Tensor:
        """Its own text."""
        return x.sin() if x.sum() > 0 else -x

    one = torch.tensor([1.0, 2.0])
    assert torch.equal(by_sign(one), one.sin())
    assert torch.equal(by_sign(-one), one)
    assert by_sign.__doc__ == "Its own text."
    assert by_sign.__name__ == "by_sign"
    with pytest.raises(TraceError):
        torch.compile(lambda x: x * x.item(), fullgraph=True)(one.sum())


def test_what_is_not_to_be_compiled_is_given_back() -> None:
    model = network()
    assert torch.compile(model, disable=True) is model
    assert torch.compile(backend="eager")(model) is model


def test_a_method_is_compiled_for_each_object() -> None:
    class Line(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.line = torch.nn.Linear(3, 2)

        @torch.compile
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.line(x)

    x = torch.tensor(X)
    for model in (Line(), Line()):
        assert torch.allclose(model(x), model.line(x))
