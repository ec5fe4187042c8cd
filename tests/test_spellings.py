"""Names of other libraries are answered with what to write here, from one table that is true."""

from __future__ import annotations

import contextlib
import copy
import importlib
import inspect
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.engine.lazy_names import FACES as PUBLIC
from autograd.engine.spellings.attributes import MODULE, TENSOR
from autograd.engine.spellings.keywords import RENAMED, UNNEEDED
from autograd.engine.spellings.names import NAMES
from autograd.errors import (
    ArgumentTypeError,
    AutogradError,
    AxisError,
    DTypeError,
    MissingAttributeError,
    MissingNameError,
)
from tests.bad_calls import NAMESPACES

X = ag.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
FACES = {"ag": ag, "nn": nn, "optim": optim, "np": np, "numpy": np, "autograd": ag}


# ---- the table is true ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(TENSOR))
def test_no_name_of_the_table_is_one_that_a_tensor_has(name: str) -> None:
    with pytest.raises(MissingAttributeError, match=rf"no attribute '{name}': \S") as caught:
        getattr(X, name)
    assert caught.value.name == name
    assert not hasattr(ag.Tensor, name)
    assert name not in dir(X)


@pytest.mark.parametrize("name", sorted(MODULE))
def test_no_name_of_the_table_is_one_that_a_module_has(name: str) -> None:
    with pytest.raises(MissingAttributeError, match=rf"no attribute '{name}': \S"):
        getattr(nn.Linear(1, 1), name)


@pytest.mark.parametrize(("face", "name"), [(f, n) for f in sorted(NAMES) for n in NAMES[f]])
def test_no_name_of_the_table_is_one_that_a_package_has(face: str, name: str) -> None:
    with pytest.raises(AttributeError, match=rf"no attribute '{name}': \S"):
        getattr(importlib.import_module(face), name)


SAID = [*TENSOR.values(), *MODULE.values(), *UNNEEDED.values()]
SAID += [text for table in NAMES.values() for text in table.values()]


def test_what_the_table_says_to_write_is_there() -> None:
    """Every dotted name of ours and of NumPy, and every attribute of x."""
    dotted = re.compile(r"\b(ag|nn|optim|np|numpy|autograd)\.([a-z_A-Z0-9.]+)")
    seen = 0
    for text in dict.fromkeys(SAID):
        for face, path in dotted.findall(text):
            if path.partition(".")[0] in ("keras", "torch"):
                continue  # faces, which see to their own names
            value: Any = FACES[face]
            for part in path.rstrip(".").split("."):
                value = _got(value, part)
            seen += 1
        for attribute in re.findall(r"\bx\.([a-z_A-Z]\w*)", text):
            assert hasattr(X, attribute), text
            seen += 1
    assert seen > 100


def _got(value: Any, name: str) -> Any:
    if not hasattr(value, name) and hasattr(value, "__path__"):
        return importlib.import_module(f"{value.__name__}.{name}")
    return getattr(value, name)


def keywords() -> set[str]:
    """The keywords of everything public."""
    found: set[str] = set()
    for path in (*NAMESPACES, "autograd.onnx"):
        module = importlib.import_module(path)
        for value in (getattr(module, name) for name in PUBLIC.get(path, module.__all__)):
            with contextlib.suppress(ValueError, TypeError):  # what is no function, or Python's own
                found |= set(inspect.signature(value).parameters)
    return found


def test_every_keyword_that_is_offered_is_one_of_ours() -> None:
    offered = {word for words in RENAMED.values() for word in words.split()}
    assert offered <= keywords()


# ---- what is asked for ---------------------------------------------------------------------------

MISSING: dict[str, tuple[Callable[[], Any], str]] = {
    "numel": (lambda: X.numel(), "'Tensor' object has no attribute 'numel': x.size"),
    "dim": (lambda: X.dim(), "'dim': x.ndim"),
    "cuda": (lambda: X.cuda(), "'cuda': all is done on the CPU, so leave it out"),
    "view_as": (lambda: X.view_as(X), "'view_as': x.reshape(y.shape)"),
    "add_": (lambda: X.add_(1), "'add_': x += v"),
    "angle": (lambda: X.angle(), "'angle': ag.angle(x)"),
    "Parameter": (lambda: nn.Parameter([1.0]).zero_(), "'Parameter' object has no attribute"),
    "module": (lambda: nn.Linear(1, 1).cuda(), "'Linear' object has no attribute 'cuda': all is"),
    "Variable": (lambda: ag.Variable(1.0), "'Variable': ag.Tensor(data, requires_grad=True)"),
    "mm": (lambda: ag.mm(X, X), "'mm': ag.matmul, or x @ y"),
    "misspelt": (lambda: ag.softmaxx, "no attribute 'softmaxx'; did you mean 'softmax'?"),
    "capitals": (lambda: nn.Batchnorm1D, "; did you mean 'BatchNorm1d'?"),
    "SDG": (lambda: optim.SDG, "; did you mean 'SGD'?"),
    "another room": (lambda: nn.SGD, "module 'nn' has no attribute 'SGD': there is optim.SGD"),
    "of onnx": (lambda: importlib.import_module("nn.onnx").export,
                "module 'nn.onnx' has no attribute 'export': there is autograd.onnx.export"),
    "layers": (lambda: nn.Linear(1, 1).layers, "'layers': list(model.children())"),
    "two rooms": (lambda: nn.relu, "there is autograd.relu and nn.functional.relu"),
    "of NumPy alone": (lambda: ag.histogram, "np.histogram of arrays, x.numpy(), computes it"),
    "Conv2D": (lambda: nn.Conv2D, "nn.Conv2d; with Keras' own meaning: from nn import keras"),
    "DataParallel": (lambda: nn.DataParallel, "'DataParallel': the model itself"),
    "torch.autograd": (lambda: ag.autograd, "'autograd': ag itself has grad, Function"),
    "jacrev": (lambda: ag.functional.jacrev, "'jacrev': jacobian(f, mode='reverse')"),
    "forward_ad": (lambda: importlib.import_module("nn.torch").autograd.forward_ad,
                   "'forward_ad': torch.func.jvp(f, (x,), (tangent,)) goes forward"),
    "linalg": (lambda: ag.linalg.svdd, "did you mean 'svd'?"),
    "a model": (lambda: nn.GPT, "'GPT': there is nn.models.GPT"),
    "a loader": (lambda: nn.DataLoader, "there is nn.data.DataLoader"),
    "summary": (lambda: nn.summary, "'summary': model.summary() of"),
    "a set that is not there": (lambda: nn.datasets.cifar10, "; it has read_idx, digits, "),
    "a beginning": (lambda: nn.init.xavier, "'xavier_normal_' or 'xavier_uniform_'?"),
}  # fmt: skip


@pytest.mark.parametrize(("ask", "message"), MISSING.values(), ids=MISSING)
def test_a_missing_name_says_what_to_write(ask: Callable[[], Any], message: str) -> None:
    with pytest.raises(MissingAttributeError, match=re.escape(message)) as caught:
        ask()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("from nn import Conv2D", "cannot import name 'Conv2D' from 'nn': nn.Conv2d; with Keras'"),
        ("from autograd import Variable", "'Variable' from 'autograd': ag.Tensor(data, "),
        ("from optim import SDG", "did you mean 'SGD'?"),
        ("from nn.functional import Linear", "there is nn.Linear"),
    ],
)
def test_a_name_that_is_imported_in_vain_says_it_too(line: str, message: str) -> None:
    with pytest.raises(MissingNameError, match=re.escape(message)):
        exec(line)  # noqa: S102


def test_a_name_of_nothing_is_an_attribute_error_and_no_more() -> None:
    for module in (ag, nn, optim, nn.functional):
        with pytest.raises(AttributeError, match=r"has no attribute 'zqx_wvutsr'$"):
            module.zqx_wvutsr  # noqa: B018
        assert not hasattr(module, "__wrapped__")
        with pytest.raises(ImportError):
            exec(f"from {module.__name__} import zqx_wvutsr")  # noqa: S102


KEYWORDS: dict[str, tuple[Callable[[], Any], str]] = {
    "lr": (lambda: optim.SGD([X], learning_rate=0.1), "SGD() got an unexpected keyword argument "
           "'learning_rate'; it is spelled lr"),
    "eps": (lambda: optim.Adam([X], epsilon=1e-8), "it is spelled eps"),
    "betas": (lambda: optim.Adam([X], beta_1=0.9), "betas=(0.9, 0.999) holds both"),
    "units": (lambda: nn.Linear(3, units=4), "it is spelled out_features"),
    "input_dim": (lambda: nn.Linear(input_dim=3, units=4), "it is spelled in_features"),
    "Dense": (lambda: nn.Dense(4, input_dim=3), "the size of the input is learned: leave it out"),
    "filters": (lambda: nn.Conv2d(1, filters=4, kernel_size=3), "it is spelled out_channels"),
    "device": (lambda: nn.Linear(3, 4, device="cpu"), "all is done on the CPU, so leave it out"),
    "of a function": (lambda: ag.zeros(3, device="cuda"), "all is done on the CPU"),
    "of tensor": (lambda: ag.tensor([1.0], device="cpu"), "so leave it out"),
    "of an op": (lambda: ag.softmax(X, out=X), "assign the result instead: y = f(x)"),
    "max": (lambda: X.max(dim=1), "PyTorch's max(dim=) gives values and indices; write axis= for "
            "the values, x.argmax(axis) for the indices"),
    "min": (lambda: ag.min(X, dim=1, keepdim=True), "x.argmin(axis) for the indices"),
    "sort": (lambda: X.sort(dim=1), "x.argsort(axis) for the indices"),
    "median": (lambda: X.median(dim=1), "the mean of two in the middle here"),
    "cummax": (lambda: ag.cummax(X, dim=1), "gives values and indices"),
    "std": (lambda: X.std(dim=1), "divides by N - 1; write correction=1 too"),
    "var": (lambda: ag.var(X, dim=1), "divides by N - 1; write correction=1 too"),
    "unbiased by place": (lambda: X.std(0, True), "the third argument is unbiased in PyTorch"),
    "keepdim by place": (lambda: X.sum(0, True), "write keepdims=True"),
    "of a method": (lambda: X.std(0, unbiased=False), "write correction=1, or 0"),
    "of to": (lambda: X.to(device="cpu"), "all is done on the CPU, so leave it out"),
    "rng": (lambda: ag.randn(3, generator=None), "it is spelled rng"),
    "misspelt": (lambda: nn.Linear(1, 1, bais=False), "did you mean 'bias'?"),
    "misspelt of an op": (lambda: ag.sum(X, axes=0), "it is spelled axis"),
    "of a function of nn": (lambda: nn.functional.dropout(X, rate=0.5), "it is spelled p"),
    "of gradcheck": (lambda: ag.gradcheck(ag.exp, X, eps=1e-6), "leave it out: steps and tol"),
    "of compile": (lambda: ag.compile(ag.exp, fullgraph=True), "leave it out: one whole plan"),
    "of jit": (lambda: ag.compile(ag.exp, static_argnums=0), "what is no array is known by its"),
    "of a composite": (lambda: nn.functional.mse_loss(X, X, size_average=True), "reduction='mean'"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "message"), KEYWORDS.values(), ids=KEYWORDS)
def test_an_unknown_keyword_says_what_it_is_called(call: Callable[[], Any], message: str) -> None:
    with pytest.raises((ArgumentTypeError, DTypeError), match=re.escape(message)):
        call()


def test_keywords_of_pytorch_that_mean_the_same_are_understood() -> None:
    for name in ("sum", "mean", "amax", "amin", "argmax", "softmax", "cumsum", "argsort"):
        function, method = getattr(ag, name), getattr(X, name)
        expected = function(X, axis=1).tolist()
        assert function(X, dim=1).tolist() == method(dim=1).tolist() == expected
    assert X.std(dim=1, correction=0).tolist() == X.std(1).tolist()
    assert X.tril(diagonal=-1).tolist() == ag.tril(X, -1).tolist()
    assert ag.diag(X, diagonal=1).tolist() == [2.0]
    assert X.roll(shifts=1, dims=1).tolist() == [[2.0, 1.0], [4.0, 3.0]]
    assert X.flip(dims=(0,)).tolist() == [[3.0, 4.0], [1.0, 2.0]]


def test_a_type_error_from_inside_is_left_alone() -> None:
    class Wrong(nn.Linear):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            raise TypeError("my own")

    with pytest.raises(TypeError, match=r"^my own$"):
        Wrong(in_features=1, out_features=1)
    with pytest.raises(ArgumentTypeError, match="it is spelled out_features"):
        Wrong(in_features=1, units=1)


def test_what_a_subclass_or_a_module_has_takes_the_place_of_the_hint() -> None:
    class Named(ag.Tensor):
        def numel(self) -> int:
            return self.size

    assert Named([1.0, 2.0]).numel() == 2
    assert "numel" in dir(Named([1.0]))

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.save, self.get_weights = nn.Linear(1, 1), 3
            self.register_buffer("load_weights", ag.zeros(1))

        def cuda(self) -> str:
            return "mine"

    net = Net()
    assert net.cuda() == "mine"
    assert net.get_weights == 3
    assert {*net.state_dict()} == {"save.weight", "save.bias", "load_weights"}


# ---- calls of PyTorch that nothing else can mean -------------------------------------------------


def test_size_is_the_number_of_elements_and_pytorchs_method() -> None:
    x = ag.zeros(2, 3, 4)
    assert x.size == 24
    assert isinstance(x.size, int)
    assert (x.size(), x.size(0), x.size(-1), x.size(dim=1)) == ((2, 3, 4), 2, 4, 3)
    assert (ag.Tensor(1.0).size, ag.Tensor(1.0).size()) == (1, ())
    assert ag.zeros(0, 3).size(1) == 3
    for twin in (copy.deepcopy(x.size), pickle.loads(pickle.dumps(x.size))):
        assert (type(twin), twin) == (int, 24)
    assert (f"{x.size:,}", repr(x.size), np.zeros(x.size).shape) == ("24", "24", (24,))
    with pytest.raises(AxisError, match=r"size: axis 3 of a Tensor of shape \(2, 3, 4\)"):
        x.size(3)


def test_randint_takes_a_shape_in_second_place() -> None:
    ag.manual_seed(0)
    x = ag.randint(5, (3, 2))
    assert (x.shape, x.dtype) == ((3, 2), np.int64)
    assert ag.randint(5, [4]).shape == (4,)
    ag.manual_seed(0)
    assert ag.randint(0, 5, (3, 2)).tolist() == x.tolist()
    with pytest.raises(DTypeError, match=r"high is a whole number, got \(3,\)"):
        ag.randint(0, (3,), (2,))


@pytest.mark.parametrize("lengths", [(3, 4), (2, 3, 4)])
def test_a_tensor_of_lengths_names_what_makes_one(lengths: tuple[int, ...]) -> None:
    shape = ", ".join(map(str, lengths))
    with pytest.raises(
        DTypeError, match=re.escape(f"write ag.empty({shape}) or ag.zeros({shape})")
    ):
        ag.Tensor(*lengths)  # type: ignore[arg-type]


@pytest.mark.parametrize("device", ["cpu", "cuda", "cuda:0", "mps"])
def test_a_device_is_answered(device: str) -> None:
    with pytest.raises(AutogradError, match="all is done on the CPU, so leave the device out"):
        X.to(device)
