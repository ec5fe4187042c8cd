"""Functions cross between PyTorch and here with their gradients, to any order, and lose none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import autograd as ag
import nn
from autograd import interop
from autograd.errors import AutogradError


def doubles(*shape: int, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    return torch.tensor(rng.normal(size=shape), requires_grad=True)


OURS: dict[str, tuple[Any, Any, tuple[tuple[int, ...], ...]]] = {
    "elementwise": (lambda x: ag.tanh(x) * x, lambda x: torch.tanh(x) * x, ((3,),)),
    "0-d": (lambda x: x**3, lambda x: x**3, ((),)),
    "two": (lambda x, y: ag.exp(x) @ y, lambda x, y: torch.exp(x) @ y, ((2, 3), (3, 2))),
    "broadcast": (lambda x, y: x * y, lambda x, y: x * y, ((2, 3), (3,))),
    "unused": (lambda x, y: x * x, lambda x, y: x * x, ((2,), (3,))),
    "linear": (lambda x: 3 * x, lambda x: 3 * x, ((2, 2),)),
    "empty": (lambda x: x * 2, lambda x: x * 2, ((0, 3),)),
    "view": (lambda x: x.T[::-1], lambda x: x.T.flip(0), ((2, 3),)),
}  # fmt: skip


@pytest.mark.parametrize("name", OURS)
def test_our_function_there_is_the_same_function(name: str) -> None:
    ours, theirs, shapes = OURS[name]
    xs = [doubles(*shape, seed=i) for i, shape in enumerate(shapes)]
    crossed = interop.torch_function(ours)
    torch.testing.assert_close(crossed(*xs), theirs(*xs))
    if xs[0].numel():
        assert torch.autograd.gradcheck(crossed, xs)
        assert torch.autograd.gradgradcheck(crossed, xs)
    third = [x.detach().requires_grad_() for x in xs]
    for f in (crossed, theirs):
        y = f(*third).sum()
        for _ in range(2):
            if y.requires_grad:
                (y,) = torch.autograd.grad(y, third[0], create_graph=True, materialize_grads=True)
                y = y.sum()
        if f is crossed:
            found = y
    torch.testing.assert_close(found, y)


@pytest.mark.parametrize("name", OURS)
def test_their_function_here_passes_gradcheck_to_second_order(name: str) -> None:
    _, theirs, shapes = OURS[name]
    xs = [ag.Tensor(doubles(*s, seed=i).detach().numpy()) for i, s in enumerate(shapes)]
    if not xs[0].size:
        xs[0].requires_grad_()
        interop.from_torch(theirs)(*xs).sum().backward()
        assert xs[0].grad.shape == xs[0].shape
        return
    crossed = interop.from_torch(theirs)
    np.testing.assert_allclose(crossed(*xs).numpy(), OURS[name][0](*xs).numpy(), rtol=1e-12)
    assert ag.gradcheck(crossed, *xs).passed
    assert ag.gradcheck(crossed, *xs, order=2).passed


def test_structures_and_options_cross() -> None:
    @interop.torch_function
    def f(pair: Any, *, scale: float) -> Any:
        return {"sum": pair["a"] + pair["b"][0], "rest": [pair["a"] * scale, ag.argmax(pair["a"])]}

    x, y = doubles(3), doubles(3, seed=1)
    out = f({"a": x, "b": (y,)}, scale=2.0)
    assert out["rest"][1].dtype == torch.int64
    assert not out["rest"][1].requires_grad
    (out["sum"].sum() + out["rest"][0].sum()).backward()
    assert x.grad.tolist() == [3.0] * 3
    assert y.grad.tolist() == [1.0] * 3


def test_a_module_of_each_side_trains_inside_of_the_other() -> None:
    ours, theirs = nn.Linear(2, 2), torch.nn.Linear(2, 2)
    x = torch.ones(1, 2)
    interop.torch_function(ours)(theirs(x)).sum().backward()
    assert ours.weight.grad is not None
    assert theirs.weight.grad is not None
    theirs.weight.grad = None
    w = ag.Tensor([[1.0, 2.0]], requires_grad=True)
    interop.from_torch(theirs)(w).sum().backward()
    torch.testing.assert_close(torch.tensor(w.grad.numpy()), theirs.weight.detach().sum(0)[None])
    torch.testing.assert_close(theirs.weight.grad, torch.tensor([[1.0, 2.0], [1.0, 2.0]]))


def test_a_module_learns_from_data_that_need_no_gradient() -> None:
    """As the first of all modules does, and one that takes whole numbers always."""
    ours, head = nn.Embedding(3, 2), torch.nn.Linear(2, 1)
    head(interop.torch_function(ours)(torch.tensor([0, 2]))).sum().backward()
    expected = np.array([1.0, 0.0, 1.0])[:, None] * head.weight.detach().numpy()
    np.testing.assert_allclose(ours.weight.grad.numpy(), expected, rtol=1e-6)
    theirs, head = torch.nn.Embedding(3, 2), nn.Linear(2, 1)
    crossed = interop.from_torch(theirs)
    head(crossed(np.array([0, 2]))).sum().backward()
    expected = np.array([1.0, 0.0, 1.0])[:, None] * head.weight.numpy()
    np.testing.assert_allclose(theirs.weight.grad.numpy(), expected, rtol=1e-6)
    for p in theirs.parameters():
        p.requires_grad_(False)
    assert not crossed(np.array([0, 2])).requires_grad
    with torch.no_grad():
        assert not interop.torch_function(ours)(torch.tensor([0, 2])).requires_grad


def test_their_modules_take_and_give_what_they_do_there() -> None:
    torch.manual_seed(0)
    attend = torch.nn.MultiheadAttention(4, 2, batch_first=True)
    x = torch.randn(1, 3, 4)
    mask = np.triu(np.ones((3, 3), bool), 1)
    options = {"need_weights": False, "is_causal": False}
    out, weights = interop.from_torch(attend)(
        *[ag.Tensor(x.numpy())] * 3, attn_mask=mask, **options
    )
    expected, _ = attend(x, x, x, attn_mask=torch.tensor(mask), **options)
    assert weights is None
    np.testing.assert_allclose(out.numpy(), expected.detach().numpy(), rtol=1e-5)
    w = ag.Tensor([[1.0, 3.0], [4.0, 2.0]], requires_grad=True)
    top = interop.from_torch(lambda d: torch.max(d["x"][0], dim=1))({"x": [w]})
    assert top.indices.tolist() == [1, 0]
    top.values.sum().backward()
    assert w.grad.tolist() == [[0.0, 1.0], [1.0, 0.0]]
    pair = interop.torch_function(lambda x: (x * 2, None))(torch.ones(2))
    assert pair[1] is None
    with pytest.raises(AutogradError, match=r"not torch\.Tensor"):
        interop.from_torch(torch.sin)(torch.ones(2))


def test_random_numbers_of_the_backward_pass_are_those_of_the_call() -> None:
    torch.manual_seed(0)
    dropped = interop.from_torch(lambda x: torch.nn.functional.dropout(x, 0.5))
    x = ag.ones(64, requires_grad=True)
    y = dropped(x)
    after = torch.rand(1)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), y.numpy())
    torch.manual_seed(0)
    torch.nn.functional.dropout(torch.ones(64), 0.5)
    assert torch.equal(torch.rand(1), after), "a call draws what it draws in PyTorch"


def test_what_is_written_into_an_input_is_seen() -> None:
    x = doubles(3)
    h = x * 1
    y = interop.torch_function(ag.exp)(h)
    with torch.no_grad():
        h.zero_()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()
    y = interop.torch_function(ag.exp)(x)
    expected = y.detach().clone()
    y = y * 1
    with torch.no_grad():
        y.zero_()
    y.sum().backward()
    torch.testing.assert_close(x.grad, expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.complex128])
def test_dtypes_cross(dtype: Any) -> None:
    x = torch.tensor([1.0, 2.0], dtype=dtype, requires_grad=True)
    y = interop.torch_function(lambda x: ag.exp(x) * x)(x)
    assert y.dtype == dtype
    (found,) = torch.autograd.grad(y.abs().sum(), x)
    (expected,) = torch.autograd.grad((torch.exp(x) * x).abs().sum(), x)
    torch.testing.assert_close(found, expected)


def test_nothing_is_recorded_where_nothing_is_asked_for() -> None:
    f = interop.torch_function(lambda x: x * 2)
    with torch.no_grad():
        assert not f(doubles(2)).requires_grad
    assert not f(torch.ones(2)).requires_grad
    g = interop.from_torch(lambda x: x * 2)
    assert not g(ag.ones(2)).requires_grad


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: interop.torch_function(lambda x: 3)(torch.ones(2)), "gave a int"),
        (lambda: interop.torch_function(lambda x: x)(torch.ones(2).bfloat16()), "cannot be shared"),
        (lambda: interop.from_torch(lambda x: 3)(ag.ones(2)), "gave a int"),
        (lambda: interop.from_torch(lambda x: x)(["a"]), "not str"),
    ],
)  # fmt: skip
def test_what_cannot_cross_says_why(call: Any, message: str) -> None:
    with pytest.raises(AutogradError, match=message):
        call()


@pytest.mark.parametrize("made", [ag.compile, lambda f: lambda x: ag.trace(f, x)(x)])
def test_a_module_that_learns_is_not_in_a_program(made: Any) -> None:
    theirs = torch.nn.Linear(3, 2)
    f, x = interop.from_torch(theirs), ag.Tensor(np.ones((4, 3), "float32"))
    with pytest.raises(AutogradError, match=r"Linear has parameters.*\n.*requires_grad_\(False\)"):
        made(lambda x: (f(x) ** 2).sum())(x)
    right = (f(x) ** 2).sum().item()
    with ag.no_grad():
        assert made(lambda x: (f(x) ** 2).sum())(x).item() == right
    theirs.requires_grad_(False)
    assert made(lambda x: (f(x) ** 2).sum())(x).item() == right


def test_fit_trains_a_module_of_pytorch_inside_of_ours() -> None:
    theirs = torch.nn.Linear(3, 2)
    crossed = interop.from_torch(theirs)

    class Net(nn.Model):
        def __init__(self) -> None:
            super().__init__()
            self.own = nn.Linear(3, 3)

        def forward(self, x: Any) -> Any:
            return crossed(self.own(x))

    net = Net()
    net.compile("sgd", "mse")
    net.fit(np.ones((8, 3), "float32"), np.ones((8, 2), "float32"), epochs=1, verbose=0)
    assert theirs.weight.grad is not None
