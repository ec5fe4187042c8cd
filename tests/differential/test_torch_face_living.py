"""nn.torch beside PyTorch: what shares memory there shows every later change here too."""

from __future__ import annotations

import gc

import pytest

from autograd.engine.views import living
from autograd.errors import AutogradError
from tests.differential.torch_face import compare, expressions, ours

VIEWS = """
x.view(-1); x.reshape(3,2); x.t(); x.T; x[0]; x[:,1]; x[0,1]; x[...,1:]; x[None]; x.unsqueeze(0);
x.transpose(0,1); x.permute(1,0); x.detach(); x.data; x.diagonal(); x.chunk(2)[1]; x.split(1)[0];
x.unbind(1)[2]; x.narrow(1,0,2); x.select(0,1); x.flatten(); x.expand(4,2,3); x.squeeze(); x[0][1:];
x.view(-1)[2:].view(2,2)[0]; list(x)[1]; x.flip(0); x.clone(); x[[0]]; x[b]; x.abs(); x*1; x.float()
"""
CHANGES = [
    "x.add_(1)", "x += 1", "x[0] = 7", "x[0, 1] = 7", "x.fill_(3)", "x.view(-1)[1] = 4",
    "x.t()[0] = 5", "x.copy_(y)", "x[x > 0] = 0", "x.data.mul_(2)", "x[1].zero_()",
]  # fmt: skip


@pytest.mark.parametrize("base", ["x", "x.clone()"])  # in an array, and in memory of its own
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("view", expressions(VIEWS))
def test_a_view_shows_what_its_base_holds(view: str, change: str, base: str) -> None:
    compare(f"x = {base}; q = {view}; {change}; (q, x)")


@pytest.mark.parametrize("change", ["q += 1", "q[...] = 4", "q.mul_(3)", "x.add_(1)"])
@pytest.mark.parametrize("view", ["x.view(-1)", "x[0]", "x.t()", "x.detach()"])
def test_other_views_see_what_is_written_to_one(view: str, change: str) -> None:
    compare(f"x = x.clone(); p = x[0]; w = x.view(6)[1:3]; q = {view}; {change}; (q, p, w, x)")


@pytest.mark.parametrize("optimizer", ["SGD", "Adam", "Adagrad"])
@pytest.mark.parametrize("count", [1, 2])
def test_views_of_parameters_show_steps(optimizer: str, count: int) -> None:
    made = f"ps = [torch.nn.Parameter(x.clone()), torch.nn.Parameter(y.clone())][:{count}]"
    compare(
        f"{made}; qs = [p.data for p in ps] + [p.detach().view(-1) for p in ps]; "
        "sum([(p * p).sum() for p in ps]).backward(); "
        f"torch.optim.{optimizer}(ps, lr=0.1).step(); qs"
    )


IN_THE_GRAPH = [
    "l = x.clone().requires_grad_(); a = l*2; q = a.view(-1); a.add_(1); q.sum().backward(); q",
    "l = x.clone().requires_grad_(); a = l*2; q = a[0]; a[1] = q; a.sum().backward(); (l.grad, a)",
    "p = torch.nn.Parameter(x.clone()); o = p.data; p.data = y; (o, p)",
    "p = torch.nn.Parameter(x.clone()); o = p.data; p.data = y.clone(); p.data = o; (o, p)",
    "m = torch.nn.Linear(2,2); s = m.state_dict(); m.weight.data.fill_(7); s['weight']",
    "x[0], x[1] = x[1], x[0]; x",
]


@pytest.mark.parametrize("program", IN_THE_GRAPH)
def test_programs_that_count_on_sharing(program: str) -> None:
    compare(program)


ARRAYS = [
    "a = np.zeros((2,3), np.float32); t = torch.from_numpy(a); {}; (a, t)",
    "a = np.zeros((2,3), np.float32); t = torch.as_tensor(a); v = t[0]; {}; (a, t, v)",
    "t = torch.zeros(2,3); a = t.numpy(); {}; (a, t)",
    "t = torch.zeros(2,3); v = t.view(-1); a = t.numpy(); {}; (a, t, v)",
    "t = torch.zeros(2,3).requires_grad_(); a = t.detach().numpy(); t = t.detach(); {}; (a, t)",
]
WRITES = [
    "t += 1", "t.add_(1)", "t[0] = 2", "t.view(-1)[1] = 3", "t.t()[0] = 4", "a += 1", "a[1] = 5",
    "a[0, 0] = 6; t.mul_(2)", "t.copy_(x)", "t[0] = 1; a[1] = 2; t.add_(1)",
]  # fmt: skip


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("program", ARRAYS)
def test_an_array_and_its_tensor_share_memory(program: str, write: str) -> None:
    compare(program.format(write))


def test_a_gradient_does_not_take_what_was_written_to_an_array_since() -> None:
    x = ours.ones(3, requires_grad=True)
    constant = ours.ones(3)
    y = (x * constant).sum()
    constant.numpy()
    constant.add_(1)
    with pytest.raises(RuntimeError, match="changed in place"):
        y.backward()


def test_dead_views_and_bases_are_not_kept() -> None:
    base = ours.zeros(4)
    for _ in range(5000):
        base[0]
    assert len(living[id(base)]) <= 128
    for _ in range(5000):
        ours.zeros(3).view(3)
    gc.collect()
    assert len(living) <= 3000


def test_every_error_is_what_pytorch_s_programs_catch() -> None:
    assert issubclass(AutogradError, RuntimeError)
