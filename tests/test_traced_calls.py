"""The graph of a call: a replay gives what the call itself would give, or says that it cannot."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.engine.op import OPS, Op
from autograd.errors import BackwardError, DTypeError, ReplayError, ShapeError
from tests.layers import CASES
from tests.layers.case import Case, flatten, rebuild
from tests.optim_table import PUBLIC

F = nn.functional
pytestmark = pytest.mark.filterwarnings("ignore::autograd.errors.GradientLostWarning")
WITH_SAMPLES = [pytest.param(op, id=name) for name, op in sorted(OPS.items()) if op.samples]
ERRORS = (ValueError, TypeError, IndexError, ArithmeticError, ag.errors.AutogradError)


def arrays(structure: Any) -> list[Any]:
    """The results of a call, or the arrays among its arguments."""
    if isinstance(structure, dict):
        structure = tuple(structure.values())
    kinds = (ag.Tensor, np.ndarray, np.generic)
    found = [x for x in flatten(structure) if isinstance(x, kinds)]
    return [np.asarray(getattr(x, "_value", x)) for x in found]


def assert_same_bits(found: Any, right: Any) -> None:
    found, right = arrays(found), arrays(right)
    assert [(a.shape, a.dtype) for a in found] == [(a.shape, a.dtype) for a in right]
    for a, b in zip(found, right, strict=True):
        np.testing.assert_array_equal(a, b)


def tensors(structure: Any) -> Any:
    """The same nested arguments with Tensors in the place of arrays."""
    is_array = (np.ndarray, np.generic)
    leaves = [ag.Tensor(x) if isinstance(x, is_array) else x for x in flatten(structure)]
    return rebuild(structure, iter(leaves))


def other(x: Any) -> Any:
    """Other numbers that an op or a layer may be given in the place of these."""
    if not isinstance(x, (np.ndarray, np.generic)) or x.dtype == bool or not np.isfinite(x).all():
        return x  # a mask says where not to look
    turned = np.roll(x, 1, 0) if np.ndim(x) else x
    return (turned * 0.75).astype(x.dtype) if x.dtype.kind == "f" else turned


# ---- every op and every layer --------------------------------------------------------------------


BY_NUMBERS = {"poly", "polydiv", "polymul", "put_along_axis", "roots", "trim_zeros"}


@pytest.mark.parametrize("op", WITH_SAMPLES)
def test_any_op_is_run_again_on_other_inputs(op: Op) -> None:
    """Whatever their dtype: the indices of take, the labels of a loss, the condition of where."""
    for sample in op.samples():

        def f(*xs: Any, params: Any = sample.params) -> Any:
            return op.record(*xs, **params)

        new = tuple(map(other, sample.inputs))
        with np.errstate(all="ignore"):
            try:
                right = f(*tensors(new))
            except ERRORS:
                continue  # the other numbers are none that the op takes
            graph = ag.Graph(f, *sample.inputs)
            leaves = dict(zip(graph.inputs, arrays(new), strict=True))
            try:
                found = graph.replay(leaves)
            except ReplayError:
                assert op.name in BY_NUMBERS  # whose places, or shapes, Python looks at
                continue
        assert_same_bits(found, right)


LOOKED_AT = {  # whose targets or indices are read by Python
    "AdaptiveLogSoftmaxWithLoss", "CTCLoss", "MaxUnpool1d", "MultiLabelMarginLoss",
}  # fmt: skip


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_any_layer_is_called_again_with_other_inputs(case: Case, training: bool) -> None:
    """With draws made anew, and with what it writes to its buffers."""
    layer, twin = (case.make().train(training) for _ in range(2))
    inputs = tuple(case.arrays())
    new = rebuild(inputs, iter([other(x) for x in flatten(inputs)]))
    with np.errstate(all="ignore"):
        try:
            with ag.random.drawing_from(ag.random.generator(7)):
                right = twin(*tensors(new))
        except ERRORS:
            return  # the other numbers are none that the layer takes
        before = arrays(tuple(layer.buffers()))
        graph = ag.Graph(layer, *inputs)
        assert_same_bits(tuple(layer.buffers()), tuple(before))
        try:
            leaves = dict(zip(graph.inputs, arrays(new), strict=True))
            found = graph.replay(leaves, rng=7, update_state=True)
        except ReplayError:
            assert case.name in LOOKED_AT or "max_norm" in case.kwargs
            return
    assert_same_bits(found, right)
    assert_same_bits(tuple(layer.buffers()), tuple(twin.buffers()))


# ---- programs ------------------------------------------------------------------------------------


def draw(*shape: int, seed: int = 0, dtype: Any = np.float32) -> Any:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def whole(*shape: int, below: int = 4, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(0, below, shape)


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(3, 4, batch_first=True, rng=0)

    def forward(self, x: Any) -> Any:
        y, (h, c) = self.lstm(x)
        return {"last": y[:, -1], "states": [h, c]}


class Attending(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2, dropout=0.5, batch_first=True, rng=0)

    def forward(self, x: Any) -> Any:
        return self.attention(x, x, x)


class Counting(nn.Module):
    """Buffers that are written to in every way there is."""

    def __init__(self) -> None:
        super().__init__()
        for name in ("total", "rows", "latest", "calls"):
            self.register_buffer(name, ag.zeros(3) if name != "calls" else ag.Tensor(0))

    def forward(self, x: Any) -> Any:
        self.total += x.sum(axis=0)
        self.rows[1:] = x[0, 1:]
        self.latest.data = ag.mean(x.astype("float64"), axis=0)
        self.calls += 1
        return x - self.total / self.calls


def labels(count: int, seed: int) -> Any:
    return np.append(1, whole(count - 1, seed=seed))  # of which some do not count


def lookup(ids: Any, labels: Any, table: Any) -> Any:
    return F.cross_entropy(F.embedding(ids, table, padding_idx=0), labels, ignore_index=1)


def scaled(x: Any, *, key: Any, options: Any = None) -> Any:
    return (x * key[0]).sum() if options else x * key[0] + key[1]["bias"]


def chosen(x: Any) -> Any:
    best = ag.topk(x, 2, axis=1)
    return ag.where(x > 0, x, x * x), best, x[ag.arange(len(x)), x.argmax(axis=1)]


def in_place(x: Any) -> Any:
    y = ag.zeros(3)
    y[1:] = x[0, 1:] * 2
    y += 1
    copied = ag.Tensor(x)
    copied[0] = 5
    return y, copied


def unrolled(x: Any) -> Any:
    buffer, total = np.zeros(3, "float32"), 0.0
    for i in range(3):
        buffer[:] = i
        total = total + x * buffer
    return total


def gradient(x: Any, w: Any) -> Any:
    return ag.grad(ag.tanh(x @ w).sum(), w, create_graph=True)[0]


def along(x: Any, t: Any) -> Any:
    return ag.jvp(lambda y: y * ag.exp(y), (x,), (t,))


class Descending(nn.Module):
    """A step of training by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.model = mlp()

    def forward(self, x: Any, target: Any) -> Any:
        loss = F.mse_loss(self.model(x), target)
        weights = list(self.model.parameters())
        grads = ag.grad(loss, weights, create_graph=True)
        with ag.no_grad():
            for p, g in zip(weights, grads, strict=True):
                p -= 0.1 * g
        return loss


def mlp() -> Any:
    return nn.Sequential(nn.Linear(3, 5, rng=0), nn.Tanh(), nn.Linear(5, 2, rng=1))


def image_net() -> Any:
    layers = nn.Conv2d(2, 3, 3, padding=1, rng=0), nn.BatchNorm2d(3), nn.ReLU(), nn.Dropout(0.5)
    return nn.Sequential(*layers, nn.MaxPool2d(2), nn.Flatten(), nn.Linear(12, 2, rng=0))


def learned(*shape: int) -> ag.Tensor:
    return ag.Tensor(draw(*shape, seed=9), requires_grad=True)


Program = tuple[Callable[[], Any], Callable[..., tuple[tuple[Any, ...], dict[str, Any]]]]


def called(*args: Any, **kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return args, kwargs


# what makes the function, and its arguments for a batch of n with numbers of a seed
PROGRAMS: dict[str, Program] = {
    "MLP": (mlp, lambda n, s: called(draw(n, 3, seed=s))),
    "convolution, batch norm, dropout": (
        image_net, lambda n, s: called(draw(n, 2, 4, 4, seed=s)),
    ),
    "embedding and cross-entropy": (
        lambda: lookup,
        lambda n, s: called(whole(n, below=6, seed=s), labels(n, s), table=learned(6, 4)),
    ),
    "LSTM": (Recurrent, lambda n, s: called(draw(n, 5, 3, seed=s))),
    "attention with dropout": (Attending, lambda n, s: called(draw(n, 5, 4, seed=s))),
    "GPT": (
        lambda: nn.models.GPT(7, 6, width=8, depth=1, heads=2, dropout=0.1),
        lambda n, s: called(whole(n, 5, below=7, seed=s)),
    ),
    "nested keyword inputs": (
        lambda: scaled,
        lambda n, s: called(draw(n, 3, seed=s), key=[draw(3, seed=s), {"bias": draw(n, 3)}]),
    ),
    "where, topk, argmax as an index": (lambda: chosen, lambda n, s: called(draw(n, 3, seed=s))),
    "in-place changes": (lambda: in_place, lambda n, s: called(draw(n, 3, seed=s))),
    "one buffer in a loop": (lambda: unrolled, lambda n, s: called(draw(n, 3, seed=s))),
    "buffers": (Counting, lambda n, s: called(draw(n, 3, seed=s))),
    "tangents": (lambda: along, lambda n, s: called(draw(n, 3, seed=s), draw(n, 3, seed=5))),
    "a step of descent": (Descending, lambda n, s: called(draw(n, 3, seed=s), draw(n, 2, seed=3))),
    "gradients": (lambda: gradient, lambda n, s: called(draw(n, 3, seed=s), learned(3, 2))),
}  # fmt: skip


@pytest.mark.parametrize("batch", [4, 3], ids=["same batch", "other batch"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_gives_what_the_call_gives(name: str, batch: int) -> None:
    make, arguments = PROGRAMS[name]
    (args, kwargs), (new_args, new_kwargs) = arguments(4, 0), arguments(batch, 1)
    f, twin = make(), make()
    for module in (f, twin):
        if isinstance(module, nn.Module):
            module(*args, **kwargs)  # draws and state of a call before
    if isinstance(f, nn.Module):
        f.load_state_dict(twin.state_dict())
    graph = ag.Graph(f, *args, **kwargs)
    leaves = dict(zip(graph.inputs, _given((new_args, new_kwargs)), strict=True))
    found = graph.replay(leaves, rng=3, update_state=True)
    with ag.random.drawing_from(ag.random.generator(3)):
        right = twin(*new_args, **new_kwargs)
    assert_same_bits(found, right)
    if isinstance(right, (tuple, dict)):
        assert type(found) is type(right)
    if isinstance(f, nn.Module):
        assert_same_bits(f.state_dict(), twin.state_dict())


def _given(structure: Any) -> Iterator[Any]:
    """The arrays among arguments, in order."""
    if isinstance(structure, dict):
        structure = tuple(structure.values())
    if isinstance(structure, (tuple, list)):
        for part in structure:
            yield from _given(part)
    elif isinstance(structure, (np.ndarray, ag.Tensor)):
        yield structure


def test_inputs_are_known_by_the_names_of_the_parameters() -> None:
    x, y = draw(2, 3), draw(2, 3, seed=1)
    graph = ag.Graph(scaled, x, key=[y, {"bias": x}])
    assert [node.name for node in graph.inputs] == ["x", "key[0]", "key[1]['bias']"]
    assert_same_bits(graph.replay({"key[0]": x, "key[1]['bias']": y}), x * x + y)
    several = ag.Graph(lambda a, *b: a * b[1], x, y, y)
    assert [node.name for node in several.inputs] == ["a", "b[0]", "b[1]"]
    assert [n.name for n in ag.Graph(mlp(), x).inputs] == ["x"]


def test_lists_take_the_dtype_of_the_input_and_tensors_are_keys_and_values() -> None:
    i, x = ag.Tensor([2, 0]), ag.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    graph = ag.Graph(lambda i, x: x[i] * 2, i, x)
    assert graph.replay({i: [1, 1]}).tolist() == [4.0, 4.0]
    assert graph.replay({"i": ag.Tensor([0, 1]), x: [5, 6, 7]}).tolist() == [10.0, 12.0]
    with pytest.raises(DTypeError, match="i is int64, the new value float64"):
        graph.replay({"i": [0.5, 1.0]})
    with pytest.raises(ShapeError, match="x: the nested lists differ in length"):
        graph.replay({"x": [[1], [2, 3]]})
    with pytest.raises(KeyError, match=r"'j' is no leaf of this graph \(leaves by name: i, x"):
        graph.replay({"j": 1})


def test_padding_may_lie_elsewhere_than_in_the_recording() -> None:
    layer = nn.Embedding(5, 2, padding_idx=0)
    for recorded, other in (([1, 2], [0, 3]), ([1, 0], [4, 2])):
        graph = ag.Graph(layer, np.array(recorded))
        assert_same_bits(graph.replay({"input": other}), layer(np.array(other)))


@pytest.mark.parametrize("weight", [None, [1.0, 2.0, 0.5]], ids=["plain", "weighted"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("loss", [F.cross_entropy, F.nll_loss], ids=["cross_entropy", "nll_loss"])
@pytest.mark.parametrize("ignored", [1, -1])
def test_labels_to_ignore_may_lie_elsewhere_than_in_the_recording(
    ignored: int, loss: Any, reduction: str, weight: Any
) -> None:
    options = {"weight": weight, "ignore_index": ignored, "reduction": reduction}
    x = draw(4, 3)
    for recorded, other in (([0, 2, 2, 0], [0, ignored, 2, ignored]), ([ignored, 0, 2, 2],) * 2):
        graph = ag.Graph(lambda x, t: loss(x, t, **options), x, np.array(recorded))
        assert_same_bits(graph.replay({"t": other}), loss(ag.Tensor(x), np.array(other), **options))
    with pytest.raises(ValueError, match="label 3 at target"):
        graph.replay({"t": [0, 3, 0, 0]})


def test_labels_to_ignore_that_nobody_named_are_refused_in_a_replay() -> None:
    graph = ag.Graph(F.cross_entropy, draw(2, 3), np.array([0, 1]))
    assert [node.op.name for node in graph.nodes][-1] == "mean"  # and no mask in the picture
    with pytest.raises(ReplayError, match=r"replay: cross_entropy has labels to ignore, -100, and"):
        graph.replay({"target": [0, -100]})


def test_labels_and_row_numbers_are_checked_again() -> None:
    graph = ag.Graph(F.cross_entropy, draw(2, 3), np.array([0, 1]))
    with pytest.raises(ValueError, match=r"label 7 at target\[1\] is out of range"):
        graph.replay({"target": [0, 7]})
    rows = ag.Graph(F.embedding, np.array([0, 1]), draw(3, 2))
    with pytest.raises(IndexError, match=r"input\[1\] is -1, out of range"):
        rows.replay({"input": [0, -1]})


def test_the_table_shows_inputs_parameters_draws_and_state() -> None:
    model = nn.Sequential(nn.BatchNorm1d(2, affine=False), nn.Dropout(0.5), nn.Linear(2, 1))
    graph = ag.Graph(model, draw(3, 2))
    rows = {tuple(line.split()[1:3]) + (line.split()[-1],) for line in str(graph).splitlines()}
    rows |= {tuple(line.split()[1:2] + line.split()[-1:]) for line in str(graph).splitlines()}
    assert {("input", "x"), ("draw", "dropout_mask()", "(Dropout)")} <= rows
    names = {(node.op.name, node.name) for node in graph}
    state = {"0.running_mean", "0.running_var", "0.num_batches_tracked"}
    assert {("state", n) for n in state} | {("write", n) for n in state} <= names
    assert {("parameter", "2.weight"), ("parameter", "2.bias")} <= names
    assert {n.name for n in graph.state} == {n.name for n in graph.writes} == state
    assert [n.name for n in graph.leaves] == ["2.weight", "2.bias"]
    assert len(graph.draws) == 1


def test_parameters_buffers_and_arrays_have_their_present_values() -> None:
    model, shift, array = mlp(), ag.Tensor([1.0, 2.0]), np.ones(2, "float32")
    graph = ag.Graph(lambda x: model(x) * array + shift, draw(4, 3))
    with ag.no_grad():
        model[0].weight *= 2
        shift += 1
    array[:] = 3
    x = draw(4, 3, seed=1)
    assert_same_bits(graph.replay({"x": x}), model(ag.Tensor(x)) * array + shift)
    assert {n.name for n in graph.leaves} == {"0.weight", "0.bias", "2.weight", "2.bias"}


def test_a_buffer_that_is_written_and_never_read_is_put_back() -> None:
    layer = nn.utils.parametrizations.spectral_norm(nn.Linear(3, 3, rng=0), rng=1)
    before = {name: buffer.tolist() for name, buffer in layer.named_buffers()}
    graph = ag.Graph(layer, draw(2, 3))
    assert {name: buffer.tolist() for name, buffer in layer.named_buffers()} == before
    assert sorted(node.name for node in graph.writes) == sorted(before)


def test_tracing_puts_back_what_the_call_wrote_and_says_what_it_would_write() -> None:
    model = Counting()
    graph = ag.Graph(model, np.ones((2, 3), "float32"))
    assert model.total.tolist() == [0.0] * 3
    assert int(model.calls) == 0
    graph.replay()
    assert int(model.calls) == 0
    written = {node.name: graph.values()[node].tolist() for node in graph.writes}
    assert written == {
        "total": [2.0] * 3, "rows": [0.0, 1.0, 1.0], "latest": [1.0] * 3, "calls": 1,
    }  # fmt: skip
    for calls in (1, 2):
        graph.replay(update_state=True)
        assert (int(model.calls), model.total.tolist()) == (calls, [2.0 * calls] * 3)


# ---- draws ---------------------------------------------------------------------------------------

DRAWS: dict[str, Callable[[Any], Any]] = {
    "dropout": lambda x: F.dropout(x),
    "dropout1d": lambda x: F.dropout1d(x),
    "alpha_dropout": lambda x: F.alpha_dropout(x, training=True),
    "feature_alpha_dropout": lambda x: F.feature_alpha_dropout(x, training=True),
    "rrelu": lambda x: F.rrelu(-x, training=True),
    "gumbel_softmax": lambda x: F.gumbel_softmax(x, hard=True),
    "fractional_max_pool2d": lambda x: F.fractional_max_pool2d(x[None], 2, output_ratio=0.7),
    "attention": lambda x: F.scaled_dot_product_attention(x, x, x, dropout_p=0.5),
    "rand": lambda x: x + ag.random.rand(4),
    "randn": lambda x: x + ag.random.randn(4, dtype="float64"),
    "randint": lambda x: x * ag.random.randint(9, shape=4),
    "randperm": lambda x: x[..., ag.random.randperm(4)],
    "normal": lambda x: ag.random.normal(x, ag.exp(x)),
    "uniform": lambda x: ag.random.uniform(x, x + 1),
    "bernoulli": lambda x: ag.random.bernoulli(ag.sigmoid(x)),
}


@pytest.mark.parametrize("name", DRAWS)
def test_draws_are_those_of_the_recording_or_made_anew(name: str) -> None:
    f, x, y = DRAWS[name], draw(3, 6, 4), draw(3, 6, 4, seed=1)
    with ag.random.drawing_from(ag.random.generator(5)):
        graph = ag.Graph(f, x)
    with ag.random.drawing_from(ag.random.generator(5)):
        recorded = f(ag.Tensor(y))
    with ag.random.drawing_from(ag.random.generator(6)):
        anew = f(ag.Tensor(y))
    assert graph.draws
    assert_same_bits(graph.replay({"x": y}), recorded)
    assert_same_bits(graph.replay({"x": y}, rng=6), anew)
    with pytest.raises(AssertionError):
        assert_same_bits(recorded, anew)


def test_a_draw_from_a_seed_of_its_own_stays_what_it_is() -> None:
    graph = ag.Graph(lambda x: F.dropout(x, rng=1), draw(4))
    assert_same_bits(graph.replay(rng=9), graph.replay())


# ---- what cannot be captured ---------------------------------------------------------------------

W = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True, name="w")
SHARED = np.zeros(3, "float32")


class Remembering(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.h: Any = None

    def forward(self, x: Any) -> Any:
        y = x if self.h is None else x + self.h
        self.h = y
        return y


def backward(x: Any) -> Any:
    (W * x).sum().backward()
    return x + W.grad


def stepped(x: Any) -> Any:
    W.grad = x.detach()
    optim.SGD([W], 0.1).step()
    return W * x


def clipped(x: Any) -> Any:
    W.grad = x.detach()
    return x * nn.utils.clip_grad_norm_([W], 1.0)


def measured(x: Any) -> Any:
    metric = nn.metrics.MeanSquaredError()
    metric.update_state(x, x * 2)
    return x * metric.result()


def written(x: Any) -> Any:
    y = x * SHARED
    SHARED[:] += 1
    return y


REFUSED: dict[str, tuple[Callable[[], Callable[..., Any]], str]] = {
    "an if": (lambda: lambda x: x * 2 if x.sum() > 0 else x * 3, "the truth value of the result"),
    "float": (lambda: lambda x: x * float(x.sum()), r"item\(\) of the result of sum"),
    "item": (lambda: lambda x: x * x[0].item(), r"item\(\) of the result of getitem"),
    "int": (lambda: lambda x: x[: int(x.argmax())].sum(), "the integer of the result of argmax"),
    "numpy": (lambda: lambda x: x * x.numpy().max(), r"numpy\(\) of x"),
    "asarray": (lambda: lambda x: x * np.asarray(x), r"numpy\(\) of x"),
    "tolist": (lambda: lambda x: x * sum(x.tolist()), r"tolist\(\) of x"),
    "a mask's count": (lambda: lambda x: x[x > 0].sum() / 3, "getitem"),
    "backward": (lambda: backward, r"gradients by backward\(\)"),
    "grad": (lambda: lambda x: ag.grad((W * x).sum(), W)[0], "gradients that are not recorded"),
    "initial values": (
        lambda: lambda x: x + nn.init.uniform_(ag.zeros(3)), "initial values, which nn.init"
    ),
    "an optimizer": (lambda: stepped, "a step of SGD, which works on arrays"),
    "clipping": (lambda: clipped, "clipping of gradients, which works on arrays"),
    "a metric": (lambda: measured, "a metric of x"),
    "a Tensor as an attribute": (Remembering, "another Tensor as h"),
    "an array": (lambda: written, "what NumPy wrote into an array"),
    "statistics in arrays": (
        lambda: lambda x: F.batch_norm(x[:, None], SHARED[:1], SHARED[1:2], training=True),
        "running statistics that are an array",
    ),
    "embedding's max_norm": (
        lambda: lambda x: F.embedding(ag.Tensor([0]), ag.Tensor([[3.0, 4.0]]), max_norm=1.0) + x[0],
        "the weight by max_norm",
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", REFUSED)
def test_what_no_graph_holds_is_refused_with_its_line(name: str) -> None:
    make, message = REFUSED[name]
    graph = ag.Graph(make(), np.array([1.0, 2.0, -3.0], "float32") * -1)
    with pytest.raises(ReplayError, match=rf"(?s){message}.* at .*\.py:\d+.*keep_choices"):
        graph.replay({"x": np.array([3.0, 1.0, 2.0], "float32")})
    W.grad = None


def test_the_same_way_is_gone_again_and_another_can_be_forced() -> None:
    graph = ag.Graph(lambda x: x * 2 if x.sum() > 0 else x * 3, np.ones(2))
    assert graph.replay({"x": [5.0, -4.0]}).tolist() == [10.0, -8.0]
    assert graph.replay({"x": [-1.0, -1.0]}, keep_choices=True).tolist() == [-2.0, -2.0]
    state = ag.Tensor([1.0])
    graph = ag.Graph(lambda x: x * 2 if state > 0 else x * 3, np.ones(2))
    assert graph.replay({"x": [5.0, 6.0]}).tolist() == [10.0, 12.0]
    state -= 2
    with pytest.raises(ReplayError, match="another value of what Python saw"):
        graph.replay()


def test_a_length_that_python_saw_is_seen_anew_for_another_shape() -> None:
    graph = ag.Graph(lambda x: x.sum() / len(x), np.ones(4))
    assert graph.replay({"x": np.full(7, 3.0)}) == 3.0
    unrolled = ag.Graph(lambda x: sum((x[i] * i for i in range(len(x))), x[0]), np.ones(4))
    with pytest.raises(ReplayError, match=r"where x is \(7,\), the call does other operations"):
        unrolled.replay({"x": np.ones(7)})
    w = ag.Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ShapeError, match=r"parameter.* is float32 \(2,\), the new value"):
        ag.Graph(lambda x: x * w, np.ones(2)).replay({w: np.ones(3)})


def test_values_are_those_of_all_nodes_for_inputs_of_the_same_shape() -> None:
    graph = ag.Graph(lambda x: ag.exp(x) * 2, np.ones(2))
    values = graph.values({"x": [0.0, 1.0]})
    assert values[graph.inputs[0]].tolist() == [0.0, 1.0]
    assert values[graph.nodes[1]].tolist() == [1.0, np.exp(1.0)]
    with pytest.raises(ShapeError, match=r"values: x is float64 \(2,\), the new value float64"):
        graph.values({"x": np.ones(3)})


def test_no_call_is_made_where_there_is_none() -> None:
    w = ag.Tensor([1.0], requires_grad=True)
    with pytest.raises(ReplayError, match="knows no random draws and no state"):
        ag.Graph(w * 2).replay(rng=1)
    with pytest.raises(TypeError, match="takes no key: it is no call"):
        ag.Graph(w * 2, key=1)
    with pytest.raises(BackwardError, match="returned no Tensor"):
        ag.Graph(lambda x: x, 3)
    with pytest.raises(ReplayError, match="while another call is being traced"):
        ag.Graph(lambda x: ag.Graph(lambda y: y * 2, x), np.ones(2))
    with pytest.raises(BackwardError, match="no output of the call requires grad"):
        ag.Graph(lambda x: x * 2, np.ones(2)).tape  # noqa: B018


def test_an_error_in_the_call_leaves_all_as_it_was() -> None:
    model = Counting()

    def f(x: Any) -> Any:
        model(x)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        ag.Graph(f, np.ones((2, 3), "float32"))
    assert int(model.calls) == 0
    assert ag.Graph(lambda x: x * 2, np.ones(2)).replay().tolist() == [2.0, 2.0]


# ---- beside other things -------------------------------------------------------------------------


def test_pictures_and_checks_read_the_tape_of_a_call() -> None:
    model = mlp()
    graph = ag.Graph(lambda x: (model(x) ** 2).sum(), draw(2, 3))
    assert graph.verify()
    assert "tanh" in ag.viz.draw(graph).svg()
    assert "paths" in str(ag.explain(graph, model[2].weight)) or ag.explain(graph, model[2].weight)
    assert [n.op.name for n in graph.tape] == [
        n.op.name for n in ag.Graph((model(ag.Tensor(draw(2, 3))) ** 2).sum())
    ]


def test_graphs_of_the_same_call_have_the_same_structure() -> None:
    model = image_net()
    one, two = (ag.Graph(model, draw(3, 2, 4, 4, seed=s)) for s in range(2))
    assert one.same_structure(two)
    assert not one.same_structure(ag.Graph(model, draw(2, 2, 4, 4)))
    assert not one.same_structure(ag.Graph(model.eval(), draw(3, 2, 4, 4)))


def test_ops_of_other_threads_are_no_part_of_the_call() -> None:
    y = ag.Tensor([1.0, 2.0])

    def f(x: Any) -> Any:
        thread = threading.Thread(target=lambda: y * 2 + 1)
        thread.start()
        thread.join()
        return x * 3

    assert [node.op.name for node in ag.Graph(f, np.ones(2))] == ["input", "multiply"]


def test_a_lazy_model_gets_its_parameters_by_the_first_traced_call() -> None:
    model = nn.Sequential(nn.LazyLinear(2), nn.LazyBatchNorm1d())
    graph = ag.Graph(model, draw(4, 3))
    assert [node.name for node in graph.leaves][:2] == ["0.weight", "0.bias"]
    x = draw(4, 3, seed=1)
    assert_same_bits(graph.replay({"x": x}), model(ag.Tensor(x)))


def test_a_graph_holds_no_value_of_the_call_that_it_does_not_need() -> None:
    import weakref

    inner: list[Any] = []

    def f(x: Any) -> Any:
        y = ag.exp(x)
        inner.append(weakref.ref(y._value))
        return y.sum()

    graph = ag.Graph(f, np.ones(5))
    assert inner[0]() is None
    assert graph.replay({"x": np.zeros(5)}) == 5.0


OPTIMIZERS = [*PUBLIC, "SGD with momentum", "AdamW with amsgrad", "one that steps by itself"]


class Heavy(optim.Optimizer):
    """A step of its own, which starts as that of all others does."""

    def step(self, closure: Any = None) -> Any:
        loss = super().step(closure)
        for p in self._all_params():
            self.state[p]["calls"] = self.state[p].get("calls", 0) + 1
        return loss

    def _arrays(self, group: Any) -> Any:
        return {}

    def _rule(self, group: Any, numbers: Any, fresh: Any) -> Any:
        return lambda p, g, state, scratch: np.subtract(p, g, out=p)


def optimizer_of(name: str, weights: list[Any]) -> Any:
    if name == "one that steps by itself":
        return Heavy(weights, {})
    name, _, options = name.partition(" with ")
    return getattr(optim, name)(weights, 0.1, **{options: 0.9 if options == "momentum" else True}
                                if options else {})  # fmt: skip


@pytest.mark.parametrize("steps_before", [0, 2])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_what_an_optimizer_writes_in_a_call_is_put_back(name: str, steps_before: int) -> None:
    """Weights and what it keeps, so that it goes on as one whose step was not traced."""

    def trained(traces: bool) -> tuple[Any, Any]:
        weights = [ag.Tensor(draw(2, 2, seed=i), requires_grad=True) for i in range(3)]
        optimizer = optimizer_of(name, weights)

        def step(x: Any) -> Any:
            def closure() -> Any:
                optimizer.zero_grad()
                loss = sum(((w * x - 1) ** 2).sum() for w in weights)
                loss.backward()
                return loss

            return optimizer.step(closure)

        for _ in range(steps_before):
            step(ag.ones((2, 2)))
        before = repr(optimizer.state_dict()), [w.tolist() for w in weights]
        if traces:
            ag.Graph(lambda x: [step(x), step(x)], np.full((2, 2), 2.0, "float32"))
            assert (repr(optimizer.state_dict()), [w.tolist() for w in weights]) == before
        step(ag.ones((2, 2)))
        return weights, optimizer.state_dict()

    (weights, state), (right, kept) = trained(True), trained(False)
    assert_same_bits(weights, right)
    assert repr(state) == repr(kept)


def test_gradients_are_after_a_traced_call_what_they_were_before() -> None:
    weight = ag.Tensor([1.0, 2.0], requires_grad=True)
    fresh, x = (ag.Tensor([3.0, 4.0], requires_grad=True) for _ in range(2))
    before = weight.grad = ag.Tensor([5.0, 5.0])

    def f(x: Any) -> Any:
        weight.grad = None
        y = (weight * fresh * x).sum()
        y.backward()
        return y

    ag.Graph(f, x)
    assert weight.grad is before
    assert fresh.grad is None
    assert x.grad is None
