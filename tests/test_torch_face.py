"""nn.torch without PyTorch: its names, its refusals, what is saved, what changes in place."""

from __future__ import annotations

import copy
import importlib
import io
import operator
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn.torch as torch
from autograd.errors import AutogradError, InPlaceError
from autograd.extend import raw
from nn import keras
from nn.torch.refusals import OF_TENSORS, reason

# ---- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", torch.__all__)
def test_every_name_of_the_stub_is_there(name: str) -> None:
    assert getattr(torch, name) is not None or name == "newaxis"


@pytest.mark.parametrize("name", OF_TENSORS)
def test_a_method_that_is_not_there_says_what_to_write(name: str) -> None:
    with pytest.raises(AttributeError, match=f"Tensor has no '{name}': ") as caught:
        getattr(torch.ones(2), name)
    assert isinstance(caught.value, AutogradError)
    assert not hasattr(torch.ones(2), name)


@pytest.mark.parametrize(
    "name", ["histogramdd", "sparse_coo_tensor", "quantize_per_tensor", "lstm"]
)
def test_a_function_that_is_not_there_says_what_to_write(name: str) -> None:
    with pytest.raises(AttributeError, match=rf"nn\.torch has no '{name}': .*{reason(name)[:20]}"):
        getattr(torch, name)


@pytest.mark.parametrize("where", [torch.linalg, torch.special, torch.fft, torch.cuda, torch.jit])
def test_a_part_names_itself_where_it_lacks_a_name(where: Any) -> None:
    with pytest.raises(AttributeError, match=r"torch\..* has no 'gibberish'"):
        where.gibberish  # noqa: B018 - asking is what is tested


def test_functions_with_an_underscore_are_the_methods() -> None:
    x = torch.tensor([-1.0, 2.0])
    assert torch.relu_(x) is x
    assert x.tolist() == [0.0, 2.0]


# ---- refusals ------------------------------------------------------------------------------------

REFUSED = {
    "x.cuda()": "no device 'cuda'",
    "x.to('cuda:0')": "no device 'cuda:0'",
    "torch.zeros(2, device='cuda')": "all is computed on the CPU",
    "torch.device('gibberish')": "names no device",
    "torch.cuda.current_device()": "no GPU",
    "torch.zeros(2, dtype=torch.bfloat16)": "NumPy has no bfloat16",
    "x.mean(dim=5)": "dim 5 of a Tensor of 2 dimensions",
    "torch.arange(3).mean()": "use x.float()",
    "x @ x": "inner axes differ",
    "x @ x.double()": "one dtype",
    "x.mm(torch.ones(3))": "torch.matmul takes others",
    "x - (x > 0)": "booleans are not subtracted",
    "torch.arange(3) // 0": "divided by zero",
    "torch.tensor('text')": "data is of numbers",
    "torch.tensor([[1], [1, 2]])": "rows of equal length",
    "torch.zeros(2, gibberish=1)": "unexpected keyword 'gibberish'",
    "torch.from_numpy([1])": "use torch.tensor",
    "x[::-1]": "use torch.flip",
    "x[0.5]": "an index is of whole numbers",
    "x.gather(1, torch.tensor([[-1]]))": "there are 0 to 2",
    "x.squeeze(7)": "there are -2 to 1",
    "x.view(5)": "reshape",
    "torch.cat([])": "not empty",
    "torch.cat(x, x)": r"write torch.cat\(\[a, b\]\)",
    "torch.stack(x)": r"write torch.stack\(\[a, b\]\)",
    "torch.optim.Adam([x.requires_grad_()], learning_rate=1.0)": "it is spelled lr",
    "torch.optim.SGD([x.requires_grad_()], momentun=1.0)": "did you mean 'momentum'",
    "torch.maximum(x, 2)": r"write torch.tensor\(2\)",
    "x.requires_grad_().numpy()": "detach",
    "torch.linalg.lu(x, pivot=False)": "leave out pivot=False",
    "x.sum(dim=(0, 0))": "names an axis twice",
    "torch.multinomial(torch.zeros(3), 1)": "not all zero",
    "torch.randint(5, 3)": "size is a tuple",
    "torch.finfo(torch.int64)": "use torch.iinfo",
    "f'{x:.2f}'": "format its numbers",
    "torch.jit.load('f')": "cannot be run here",
    "torch.Tensor('text')": "holds numbers",
}


@pytest.mark.parametrize("expression", REFUSED)
def test_bad_input_gets_a_sentence_with_what_to_write(expression: str) -> None:
    scope = {"torch": torch, "x": torch.ones(2, 3)}
    with pytest.raises((AutogradError, ValueError), match=REFUSED[expression]):
        eval(expression, scope)  # noqa: S307 - written above


# ---- in place ------------------------------------------------------------------------------------


def test_what_is_written_to_data_and_its_views_reaches_the_parameter() -> None:
    p = torch.zeros(2, 3, requires_grad=True)
    p.data[0] = 1.0
    p.data[:, 1].mul_(5)
    p.data += 1
    d = p.data
    d.view(-1)[5] = 7.0
    assert p.tolist() == [[2.0, 6.0, 2.0], [1.0, 1.0, 7.0]]
    assert p.requires_grad
    assert p.is_leaf


def test_a_leaf_that_requires_grad_is_changed_under_no_grad_alone() -> None:
    p = torch.ones(2, requires_grad=True)
    with pytest.raises(InPlaceError, match="leaf that requires grad"):
        p.add_(1)
    with torch.no_grad():
        p.add_(1)
    assert p.tolist() == [2.0, 2.0]


@pytest.mark.parametrize("name", ["unfold", "as_strided", "view_as_real"])
def test_what_is_a_view_in_pytorch_and_a_copy_here_refuses_to_be_written_to(name: str) -> None:
    x = torch.ones(4) if name != "view_as_real" else torch.ones(4) * 1j
    arguments = {"unfold": (0, 2, 1), "as_strided": ((2,), (1,)), "view_as_real": ()}[name]
    view = torch.view_as_real(x) if name == "view_as_real" else getattr(x, name)(*arguments)
    with pytest.raises(InPlaceError, match=name):
        view.zero_()


def test_a_function_may_write_to_its_inputs() -> None:
    class Put(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, value: Any) -> Any:
            x.data[0] = value
            return x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g, g[0]

    a = torch.ones(2, requires_grad=True)
    x, value = a * 1, torch.tensor(5.0, requires_grad=True)
    y = Put.apply(x, value)
    (y * torch.tensor([2.0, 3.0])).sum().backward()
    assert y.tolist() == x.tolist() == [5.0, 1.0]
    assert value.grad.item() == 2.0
    assert a.grad.tolist() == [2.0, 3.0]


# ---- saved and copied ----------------------------------------------------------------------------

CHECKPOINT = {
    "epoch": 3, "loss": 0.25, "name": "run", "best": None, "done": True,
    "model": {"0.weight": [[1.0, 2.0]], "0.bias": [0.5]}, "rng": [1, 2], "pair": (1, 2.5),
    "optimizer": {"state": {0: {"step": 4}}, "param_groups": [{"lr": 0.1, "params": [0]}]},
}  # fmt: skip


def with_tensors(tree: Any) -> Any:
    """Lists of floats as Tensors."""
    if isinstance(tree, dict):
        return {key: with_tensors(value) for key, value in tree.items()}
    is_numbers = isinstance(tree, list) and bool(np.ndim(tree)) and np.asarray(tree).dtype == float
    return torch.tensor(tree) if is_numbers else tree


def plain(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: plain(value) for key, value in tree.items()}
    return tree.tolist() if isinstance(tree, torch.Tensor) else tree


@pytest.mark.parametrize("to", ["path", "file"])
def test_a_checkpoint_comes_back_as_it_was_saved(to: str, tmp_path: Path) -> None:
    given = with_tensors(CHECKPOINT)
    target: Any = tmp_path / "checkpoint.pt" if to == "path" else io.BytesIO()
    torch.save(given, target)
    if to == "file":
        target.seek(0)
    found = torch.load(target, map_location="cpu", weights_only=True)
    assert plain(found) == CHECKPOINT
    assert type(found["model"]["0.bias"]) is torch.Tensor


@pytest.mark.parametrize("dtype", ["float64", "float16", "int64", "int32", "bool", "uint8"])
@pytest.mark.parametrize("shape", [(), (0,), (2, 3)])
def test_a_tensor_comes_back_with_its_dtype_and_shape(dtype: str, shape: Any) -> None:
    x, file = torch.ones(shape, dtype=getattr(torch, dtype)), io.BytesIO()
    torch.save(x, file)
    found = torch.load(io.BytesIO(file.getvalue()))
    assert (found.dtype, found.shape) == (x.dtype, x.shape)
    assert torch.equal(found, x)


def test_whether_a_gradient_is_required_is_saved_too() -> None:
    file = io.BytesIO()
    torch.save([torch.ones(2, requires_grad=True), torch.ones(2)], file)
    found = torch.load(io.BytesIO(file.getvalue()))
    assert [x.requires_grad for x in found] == [True, False]


@pytest.mark.parametrize("start", [b"PK\x03\x04\x14\0", b"\x80\x02}q\x00.", b"\x80\x05}."])
def test_a_pickle_is_refused_by_name(start: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(start + bytes(64))
    with pytest.raises(AutogradError, match=r"is a pickle.*\n.*safetensors\.torch\.save_file"):
        torch.load(path)


@pytest.mark.parametrize("obj", [{"a": object()}, [lambda: 0], {(1, 2): torch.ones(1)}])
def test_what_a_file_cannot_hold_is_refused_with_its_place(obj: Any) -> None:
    with pytest.raises(AutogradError, match=r"save: .*obj"):
        torch.save(obj, io.BytesIO())


def test_two_tensors_of_one_name_are_never_saved_as_one() -> None:
    with pytest.raises(AutogradError, match="one name"):
        torch.save({"a.b": torch.ones(1), "a": {"b": torch.zeros(1)}}, io.BytesIO())


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy,
                                   lambda x: pickle.loads(pickle.dumps(x))])  # fmt: skip
def test_copies_are_tensors_of_the_face(again: Any) -> None:
    x = torch.ones(2, requires_grad=True)
    found = again(x)
    assert type(found) is torch.Tensor
    assert found.requires_grad
    assert found.tolist() == [1.0, 1.0]


# ---- one class -----------------------------------------------------------------------------------


def test_dtypes_are_numpys_under_other_names() -> None:
    for name in ("float32", "int64", "bool", "complex64", "uint8"):
        kind = getattr(torch, name)
        assert np.dtype(kind) == np.dtype(name) == kind
        assert hash(kind) == hash(np.dtype(name))
        assert pickle.loads(pickle.dumps(kind)) is kind
        assert ag.zeros(2, dtype=kind).dtype == name


def test_hooks_and_gradients_speak_the_face() -> None:
    seen: list[Any] = []
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    y.register_hook(seen.append)
    (g,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    assert {type(t) for t in (g, seen[0])} == {torch.Tensor}


DRAWS = (
    lambda: torch.randn(3),
    lambda: torch.zeros(3).normal_(),
    lambda: torch.rand(3),
    lambda: torch.randperm(9),
    lambda: torch.multinomial(torch.ones(9), 5),
)


@pytest.mark.parametrize("draw", DRAWS)
def test_random_numbers_come_again_with_their_seed_and_their_state(draw: Any) -> None:
    torch.manual_seed(3)
    first = draw()
    torch.manual_seed(3)
    assert torch.equal(draw(), first)
    state = torch.get_rng_state()
    second = draw()
    torch.set_rng_state(state)
    assert torch.equal(draw(), second)


def test_multinomial_draws_each_with_its_weight_and_none_twice() -> None:
    weights = torch.tensor([0.5, 0.25, 0.0, 0.25])
    generator = torch.Generator().manual_seed(0)
    drawn = raw(torch.multinomial(weights, 4000, replacement=True, generator=generator))
    counts = np.bincount(drawn, minlength=4) / 4000
    np.testing.assert_allclose(counts, raw(weights), atol=5 * 0.5 / np.sqrt(4000))
    for _ in range(20):
        one = torch.multinomial(weights, 3, generator=generator).tolist()
        assert sorted(one) == [0, 1, 3]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("add", (2, "t"), {"alpha": 2}),
        ("sub", (2, "t"), {"alpha": 2}),
        ("addcmul", (2, "t", "t"), {"value": 2}),
        ("addcdiv", (2, "t", "t"), {"value": 2}),
    ],
)
def test_a_factor_may_stand_where_older_programs_have_it(
    name: str, old: tuple[Any, ...], new: dict[str, Any]
) -> None:
    t = torch.tensor([1.0, 2.0])
    given = [t if each == "t" else each for each in old]
    wanted = getattr(torch, name)(t, *given[1:], **new)
    assert torch.equal(getattr(torch, name)(t, *given), wanted)
    assert torch.equal(getattr(t.clone(), f"{name}_")(*given), wanted)


def test_a_module_list_holds_none_in_the_place_of_a_module() -> None:
    blocks = torch.nn.ModuleList([torch.nn.Linear(1, 1), None])
    assert [*blocks][1] is None
    assert blocks[1] is None
    assert list(blocks.state_dict()) == ["0.weight", "0.bias"]
    assert len(list(blocks.modules())) == 2


@pytest.mark.parametrize(
    "name",
    [
        "cuda.amp",
        "utils._pytree",
        "utils.hooks",
        "utils.model_zoo",
        "distributions.normal",
        "utils.checkpoint",
    ],
)
def test_modules_are_imported_by_their_whole_names(name: str) -> None:
    assert importlib.import_module(f"nn.torch.{name}").__all__


def test_trees_come_back_as_they_were() -> None:
    tree = {"a": [1, (2, 3)], "b": (4,)}
    leaves, spec = torch.utils._pytree.tree_flatten(tree)
    assert leaves == [1, 2, 3, 4]
    assert spec.num_leaves == 4
    assert torch.utils._pytree.tree_unflatten(leaves, spec) == tree
    assert torch.utils._pytree.tree_map(lambda a, b: a + b, [1, (2,)], [3, (4,)]) == [4, (6,)]
    with pytest.raises(ValueError, match="1 leaves for 4 places"):
        torch.utils._pytree.tree_unflatten([1], spec)


def test_setting_volatile_warns_and_does_nothing() -> None:
    x = torch.ones(2)
    with pytest.warns(UserWarning, match="no_grad"):
        x.volatile = False
    assert x.volatile is False


def test_a_parameter_is_marked_by_attributes() -> None:
    p = torch.nn.Linear(2, 2).weight
    p.no_weight_decay, p.group = True, 3
    assert (p.no_weight_decay, p.group) == (True, 3)
    assert not hasattr(p, "other")
    with pytest.raises(AttributeError):
        p.shape = (1,)
    assert not hasattr(copy.deepcopy(p), "group")  # as there


@pytest.mark.parametrize("join", [np.concatenate, np.stack, np.vstack, np.hstack, np.column_stack])
def test_numpy_joins_tensors_to_an_array(join: Any) -> None:
    rows = [torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])]
    joined = join(rows)
    assert type(joined) is np.ndarray
    np.testing.assert_array_equal(joined, join([row.numpy() for row in rows]))
    rows[0].requires_grad_()
    assert join(rows).requires_grad  # nothing is lost where PyTorch raises


def test_one_process_answers_as_such() -> None:
    dist = torch.distributed
    assert not dist.is_initialized()
    assert (dist.get_rank(), dist.get_world_size()) == (0, 1)
    with pytest.raises(AutogradError, match="backend is 'mpi', 'gloo' or 'nccl', which all are"):
        dist.init_process_group("smoke")
    with pytest.raises(AttributeError, match="TCPStore"):
        dist.TCPStore  # noqa: B018


def test_processes_are_begun_by_the_starter_of_mpi_and_not_by_spawn() -> None:
    told: list[Any] = []
    torch.multiprocessing.spawn(lambda rank, x: told.append((rank, x)), args=(3,), nprocs=1)
    assert told == [(0, 3)]
    with pytest.raises(AutogradError, match=r"there is 1, and nprocs is 2\. Run  python -m autog"):
        torch.multiprocessing.spawn(print, nprocs=2)
    assert torch.multiprocessing.get_start_method is __import__("multiprocessing").get_start_method


def test_a_program_for_many_processes_is_one_for_one() -> None:
    from nn.torch.nn.parallel import DistributedDataParallel

    dist = torch.distributed
    model = torch.nn.Linear(2, 1)
    assert not isinstance(model, DistributedDataParallel)
    dist.init_process_group("gloo", init_method="env://")
    try:
        ddp = DistributedDataParallel(model)
        ddp(torch.ones(3, 2)).sum().backward()
        assert model.weight.grad.tolist() == [[3.0, 3.0]]
        assert isinstance(ddp, torch.nn.Module)
        assert [*ddp.state_dict()] == ["module.weight", "module.bias"]
        x = torch.ones(2)
        assert dist.all_reduce(x, op=dist.ReduceOp.SUM, group=dist.group.WORLD) is None
        assert dist.all_reduce(x, async_op=True).wait()
        found = [torch.zeros(2)]
        assert dist.all_gather(found, x) is None
        assert type(found[0]) is torch.Tensor
        assert found[0].tolist() == [1.0, 1.0]
    finally:
        dist.destroy_process_group()


@pytest.mark.parametrize("sign", [operator.add, operator.sub, operator.mul, operator.truediv])
@pytest.mark.parametrize("scalar", [np.float64(2), np.float32(2), np.sqrt(4.0)])
@pytest.mark.parametrize("x", [torch.ones(2), torch.tensor(1.0), torch.arange(1, 3)])
def test_a_scalar_of_numpy_s_is_a_number(sign: Any, scalar: Any, x: Any) -> None:
    assert sign(x, scalar).dtype is torch.float32
    assert sign(scalar, x).dtype is torch.float32
    assert torch.equal(sign(scalar, x), sign(float(scalar), x))


def test_gradients_are_of_the_class_of_what_they_belong_to() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (recorded,) = ag.grad((x**3).sum(), x, create_graph=True)
    plain = ag.grad(lambda v: (v**2).sum())(torch.tensor([1.0, 2.0]))
    assert type(recorded) is type(plain) is torch.Tensor
    assert type(ag.grad(lambda v: (v**2).sum())(ag.Tensor([1.0, 2.0]))) is ag.Tensor


def test_a_tensor_of_chaingrad_is_brought_by_as_tensor_with_its_graph() -> None:
    x = ag.Tensor([[1.0, 3.0], [2.0, 0.0]], requires_grad=True)
    brought = torch.as_tensor(x)
    assert type(brought) is torch.Tensor
    assert type(x) is ag.Tensor
    brought.max(1).values.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[0.0, 1.0], [1.0, 0.0]]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("relu6", "there is torch.nn.functional.relu6"),
        ("Linear", "there is torch.nn.Linear"),
        ("softmx", "did you mean 'softmax'"),
        ("qqq", "dir"),
    ],
)
def test_an_unknown_name_is_answered_by_the_nearest(name: str, said: str) -> None:
    with pytest.raises(AttributeError, match=said):
        getattr(torch, name)


def test_a_layer_of_keras_is_a_module_once_it_has_seen_an_input() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), keras.layers.Dense(2))
    x = torch.ones(5, 3)
    assert type(model(x)) is torch.Tensor
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = model[1].kernel.numpy().copy()
    model(x).sum().backward()
    optimizer.step()
    assert (model[1].kernel.numpy() != before).all()


@pytest.mark.parametrize("shape", [(), (2,), (2, 3), (1, 2, 3)])
def test_completion_offers_what_is_there_of_any_tensor(shape: Any) -> None:
    offered = dir(torch.zeros(shape))
    assert {"softmax", "transpose", "mH", "T"} <= set(offered)
    assert not {"to_sparse", "as_strided_", "storage"} & set(offered)
    assert "cuda" not in dir(ag.zeros(shape))
    assert not {"predict_classes", "fit_generator"} & set(dir(torch.nn.Linear(1, 1)))
