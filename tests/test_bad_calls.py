"""Bad calls: what every public callable says of an argument that makes no sense.

By default a part of all calls is made, drawn by a checksum; `BAD_CALLS=all` makes all of them.
"""

from __future__ import annotations

import contextlib
import gc
import io
import itertools
import os
import pickle
import re
import sys
import warnings
import zlib
from collections.abc import Callable, Iterator
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd import Tensor
from autograd.engine.checks import checks_of
from autograd.errors import AxisError, ShapeError
from nn import functional as F
from optim import lr_scheduler as lrs
from tests.bad_calls import BAD, Call, calls, forward_calls, judged

PART = 1 if os.environ.get("BAD_CALLS") == "all" else 4  # of how many calls one is made

# ---- what may be accepted ------------------------------------------------------------------------


class Explained(NamedTuple):
    """Values that are right for some parameters, though they are wrong for most."""

    why: str
    values: str  # separated by two blanks
    names: str = ".*"  # of parameters, as a regular expression
    annotations: str = ".*"


NUMERIC = r".*\b(int|float|Sizes|Size|Factor|Axis|Length|Lengths|Count|Rate|Decay|Probability)\b.*"
ARRAYS = (
    r"input.*|target.*|x|min|max|x1|x2|y|xs|v|w|h|n|s|b|data|weight.*|values|value|condition|mask|index|q|"
    r"indices|src|append|prepend|start|stop|step|low|high|mean|std|var|p|bias|.*_weight|.*_bias|"
    r"bias_v|fill_value|logits|rtol|tol|rcond|attn_mask|key_padding_mask|pos_weight|tensor.*|loss|"
    r"gradient|grad_outputs|outputs|primals|tangents|_random_samples|_weight|total_norm|repeats|"
    r"permutation|vec|matrix|array.*|running_.*|static_.|linear_.*|dataset|lengths|parameters|params"
)
SIGNED = (
    "a|b|alpha|axes|axis.?|beta.*|dim|base|correction|ddof|dx|init|k|margin|m[ia][nx]_val|mean|n|"
    "negative_slope|norm_type|offset|ord|p|padding|padding_idx|param|scale|shift|source|threshold|"
    "destination|start_dim|end|end_dim|lower|upper|val|value.*|padding_value|nan|posinf|neginf|"
    "rcond|divisor_override|ignore_index|fill|last_epoch|num_classes|min_delta|shape|step|tol|rtol|wrt|"
    "initial_lr|decimals|verbose|baseline|blank|max_.*|min_.*|k_proj.*|sampling_ratio"
)
EXPLAINED = [
    Explained("any number or Tensor is a value to begin with", ".*", "init|init_val|pred"),
    Explained("numbers, as in NumPy",
              "-1  0  -7  1.5  -0.5  nan  inf  -inf  True  []  (1,)  1j  10**30  Tensor with grad",
              "where|base|a|default|condlist|[fa]weights|to_end|to_begin|left|right|k|period|ddof"
              "|kth|obj"),
    Explained("a truth", ".*", "cov|full"),
    Explained("the number of a mode, as in NumPy", "0", "mode"),
    Explained("no axis is moved", "[]", "axes"),
    Explained("all axes", "None", "axes", "Axes"),
    Explained("left out", "None", annotations=r".*None.*|default None"),
    Explained("Any that may be None, as its docstring says", "None", r"bias_[kv]|running_.*|output_"
              r"size|in_proj_bias|out_proj_bias|permutation|rng|index|optimize|dtype|ord|axis|initial|metric|input_1"),
    Explained("0 and 1 count as False and True", "0  True", annotations=r".*\bbool\b.*"),
    Explained("any text is a name", "'x'  '0.5'", "name|kind|tensor_name|monitor|separator|"
              "file.*|pin_memory_device"),
    Explained("a whole or a finite number", "0  1.5  10**30", annotations=NUMERIC),
    Explained("one for every axis", "(1,)", annotations=NUMERIC),
    Explained("one for every axis, or of one axis", "0  1.5  (1,)", "kernel_size|stride|padding|"
              "ax[ei]s|dilation|output_.*|scale_factor|size|shape|pad_width|input_lengths|target_lengths"),
    Explained("no axes, no sizes", "[]", r"axis|shape|reps|shift|pad|out_features|padding|"
              "unflattened_size|indices_or_sections"),
    Explained("a number of either sign", "-1  -7  -0.5", SIGNED),
    Explained("an infinite number is a bound that is not there", "inf  -inf",
              "norm_type|p|ord|m[ia][nx]_val|threshold|max_norm|clip_value|[ar]tol|a|b|min_delta"),
    Explained("a value to fill with", "nan  inf  -inf",
              "value|value_at_zero|val|padding_value|nan|posinf|neginf"),
    Explained("numbers are arrays without axes, lists of them arrays",
              "-1  0  -7  1.5  -0.5  nan  inf  -inf  True  []  (1,)  1j  10**30  Tensor with grad",
              ARRAYS, r"Any.*|.*Array.*|.*Tensor.*|Dataset|an input"),
    Explained("a class can be called", "class", annotations=r".*(Callable|Factor|Average|Activation"
              r"|npt.DTypeLike|DType).*"),
    Explained("int is a dtype, or a class to be made or called", "class",
              "dtype|metrics?|loss|optimizer|custom_.*"),
    Explained("an order of a norm", "0  1.5", "ord"),
    Explained("the dtype of an array", "Tensor with grad", "type|from_"),
    Explained("samples that lie backwards, as in NumPy", "-1  -7  -0.5", "d"),
    Explained("a seed", "0  10**30", "rng|seed|generator"),
    Explained("what can be gone through", "generator  {}  []  (1,)", annotations=r".*Iterable.*"),
    Explained("one for each output", "generator", "grad_outputs"),
    Explained("has a length and items", "array of text  list of text  {}  []  (1,)",
              "dataset|data_source"),
    Explained("an empty container", "{}  []", "modules|parameters|tensors|transforms|callbacks|"
              "inputs|pad_width|metrics|loader"),
    Explained("a list for each parameter keeps what it is given", ".*", "values", ".*Iterable.*"),
    Explained("accepted as NumPy and PyTorch do, without effect", ".*",
              "optimize|multiprocessing_context"),
    Explained("numbers or keys of examples", "array of text  list of text  Tensor with grad",
              "sampler|batch_sampler"),
    Explained("has a length", "Tensor with grad", "data_source"),
    Explained("PyTorch's, which is not used", "generator", "data_source", r"Any \| None.*"),
    Explained("no numbers to shuffle", "[]", "indices", r"Sequence\[int\]"),
    Explained("examples, of numbers or text", "(1,)  array of text  list of text", "batch"),
    Explained("what is no array stays as it is", ".*", "data", "object"),
    Explained("looked at only where the metric depends on the loss", ".*", "loss"),
    Explained("truth is asked of them, as in NumPy", "True", "index|axes|axis|ord"),
    Explained("any text is a path", "'x'  '0.5'", "log_dir"),
    Explained("labels of any kind", "[]  array of text  list of text  Tensor with grad",
              "embeddings_metadata|class_names"),
    Explained("a list that findings are added to", "[]  list of text", "report"),
    Explained("nothing is asked of it", ".*", r"input_0", "Identity"),
    Explained("no boxes, or what chooses among them", "[]  Tensor with grad", "boxes.?|proposals|"
              "reference_boxes|rel_codes|anchors|scores|idxs"),
    Explained("a gradient of numbers", "'0.5'", "gradient"),
    Explained("axes, which a call looks at", "0  -1  -7  10**30  []  {}  (1,)  None",
              "(in|out)_axes"),
    Explained("learned: it has a gradient", "Tensor with grad",
              "value|alpha|beta|negative_slope|min_val|max_val|lambd|posinf|neginf|nan|delta|dx"),
    Explained("distances, as in NumPy", "0  -1  -7  1.5  -0.5  -inf  inf  nan  (1,)  []  1j", "dx"),
    Explained("a number to begin with", "-1  0  -7  1.5  -0.5  1j  10**30  []  (1,)  {}", "y0"),
]  # fmt: skip


def why_accepted(call: Call, parameter: Any, bad: str) -> str | None:
    annotation = str(parameter.annotation)
    if hasattr(call.function, "op") and parameter.kind == parameter.POSITIONAL_ONLY:
        annotation = "an input"
    if call.name.endswith("()"):
        annotation = "Identity" if call.name == "nn.Identity()" else "an input"
    if parameter.default is None:
        annotation += " default None"
    for row in EXPLAINED:
        if (
            (row.values == ".*" or bad in row.values.split("  "))
            and re.fullmatch(row.names, parameter.name)
            and re.search(f"^({row.annotations})", annotation)
        ):
            return row.why
    return None


# ---- the fuzz ------------------------------------------------------------------------------------


def bad_calls() -> Iterator[tuple[Call, Any, str]]:
    for call in itertools.chain(calls(), forward_calls()):
        for parameter in call.parameters():
            for bad in BAD:
                drawn = zlib.crc32(f"{call.name} {parameter.name} {bad}".encode()) % PART == 0
                if drawn:
                    yield call, parameter, bad


def test_a_bad_call_says_what_is_wrong_with_which_argument() -> None:
    """Less than 1 % of the errors come from inside, and all that is accepted is explained."""
    counts = {"clear": 0, "raw": 0, "accepted": 0}
    raw, unexplained = [], []
    for call, parameter, bad in bad_calls():
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            kind, text = judged(call, parameter.name, bad)
        ag.set_grad_enabled(True)
        ag.set_default_dtype("float32")
        counts[kind] += 1
        shown = f"{call.name}({parameter.name}={bad})"
        if kind == "raw":
            raw.append(f"{shown}: {text[:100]}")
        if kind == "accepted" and why_accepted(call, parameter, bad) is None:
            unexplained.append(f"{shown}: {parameter.annotation}")
    assert sum(counts.values()) > 40_000 / PART
    assert not unexplained, "\n".join(unexplained)
    assert counts["raw"] < 0.01 * sum(counts.values()), "\n".join(raw)


# ---- the sentences -------------------------------------------------------------------------------

X = Tensor([[1.0, 2.0]])
MASKED = np.ma.array([1.0, 2.0], mask=[False, True])
ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError


def weights() -> list[Tensor]:
    return [Tensor([1.0], requires_grad=True)]


def trained(optimizer: Any, loss: Any) -> None:
    model = nn.Sequential(nn.Linear(1, 1))
    model.compile(optimizer, loss)
    model.fit(np.ones((2, 1), "float32"), np.ones((2, 1), "float32"), verbose=0)


def momentum() -> Any:
    return optim.SGD(weights(), 0.1, momentum=0.9)


def sgd() -> Any:
    return optim.SGD(weights())


def model() -> Any:
    made = nn.Sequential(nn.Linear(2, 1))
    made.compile("sgd", "mse")
    return made


SAYINGS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: nn.Linear(None, 2), TypeError,
     "Linear: in_features must be a whole number, got None"),
    (lambda: nn.Linear(-3, 2), ValueError, "Linear: in_features must not be negative, got -3"),
    (lambda: nn.Linear(True, 2), TypeError, "Linear: in_features must be a whole number, got True"),
    (lambda: nn.Linear(2, 10**30), ValueError, "Linear: out_features is too large, got 1000"),
    (lambda: nn.Linear(2, 2, bias="False"), TypeError,
     "Linear: bias must be True or False, got 'False'"),
    (lambda: nn.Linear(2, 2, dtype="float7"), TypeError,
     "Linear: dtype must be a dtype such as 'float32' or None, got 'float7'"),
    (lambda: nn.Linear(2, 2, rng="x"), TypeError,
     "Linear: rng must be a numpy.random.Generator or a whole number that seeds one or None"),
    (lambda: nn.Linear(2, 2, rng=-1), ValueError, "Linear: rng must not be negative, got -1"),
    (lambda: nn.Conv2d(3, 4, "35"), TypeError,
     "Conv2d: kernel_size must be a whole number or a sequence of whole numbers, got '35'"),
    (lambda: nn.Conv2d(3, 4, ()), ValueError, "Conv2d: kernel_size must not be empty, got ()"),
    (lambda: nn.BatchNorm1d(3, eps=-1), ValueError, "BatchNorm1d: eps must not be negative, got"),
    (lambda: nn.BatchNorm1d(3, eps=np.nan), ValueError, "eps must be a finite number, got nan"),
    (lambda: optim.SGD(weights(), lr=np.inf), ValueError,
     "SGD: lr must be a finite number, got inf"),
    (lambda: optim.SGD(weights(), maximize="False"), TypeError,
     "SGD: maximize must be True or False, got 'False'"),
    (lambda: optim.lr_scheduler.ExponentialLR(sgd(), -5), ValueError,
     "ExponentialLR: gamma must not be negative, got -5"),
    (lambda: optim.lr_scheduler.StepLR(sgd(), 1, gamma="x"), TypeError,
     "StepLR: gamma must be a number, got 'x'"),
    (lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(2, 1), -1), ValueError,
     "TransformerEncoder: num_layers must not be negative, got -1"),
    (lambda: nn.TransformerEncoder(None, 1), TypeError,
     "TransformerEncoder: encoder_layer must be an nn.Module, got None"),
    (lambda: nn.Embedding(4, 2, padding_idx=1.5), TypeError,
     "Embedding: padding_idx must be a whole number or None, got 1.5"),
    (lambda: nn.Dropout("0.5"), TypeError, "Dropout: p must be a number, got '0.5'"),
    (lambda: nn.Dropout(1.5), ValueError, "Dropout: p is a probability, from 0 to 1, got 1.5"),
    (lambda: model().fit(X, X[:, :1], epochs=-1), ValueError, "fit: epochs must not be negative"),
    (lambda: model().fit(X, X[:, :1], shuffle="no"), TypeError, "fit: shuffle must be True or F"),
    (lambda: F.threshold(X, 2.0, "x"), TypeError, "threshold: value must be a number, got 'x'"),
    (lambda: F.conv2d(X, X, stride="1"), TypeError, "conv2d: stride must be a whole number or"),
    (lambda: F.conv2d(X, X, bias=object()), TypeError, "conv2d: bias must be a Tensor, an array"),
    (lambda: ag.where(X > 0, X, None), TypeError,
     "where: y must be a Tensor, an array or numbers, got None"),
    (lambda: ag.masked_fill(X, X > 0, None), TypeError, "masked_fill: value must be a Tensor"),
    (lambda: ag.masked_fill(X, np.array(["a"]), 0.0), TypeError, "expected numbers, got an array"),
    (lambda: ag.masked_select(X, [1, 0]), TypeError, "masked_select: mask must hold booleans"),
    (lambda: ag.set_default_dtype(None), TypeError,
     "set_default_dtype: dtype must be a dtype such as 'float32', got None"),
    (lambda: X.astype(None), TypeError, "astype: dtype must be a dtype such as"),
    (lambda: ag.isclose(X, X, atol=X), TypeError, "isclose: atol must be a number, got Tensor"),
    (lambda: nn.Linear(2, 1)(None), TypeError,
     "linear: x must be a Tensor, an array or numbers, got None     in Linear"),
    (lambda: nn.Flatten()(None), TypeError, "Flatten: x must be a Tensor or an array, got None"),
    (lambda: nn.MSELoss()("a", X), TypeError, "mse_loss: input must be a Tensor, an array or num"),
    (lambda: ag.take(X, 1.9), TypeError, "take: indices must be whole numbers, got 1.9"),
    (lambda: ag.index_select(X, 0, [0.5]), TypeError, "index_select: index must be whole numbers"),
    (lambda: ag.sum(X, axis=1.5), TypeError,
     "sum: axis must be a whole number, a sequence of whole numbers or None, got 1.5"),
    (lambda: ag.sum(X, keepdims="x"), TypeError, "sum: keepdims must be True or False, got 'x'"),
    (lambda: ag.softmax(1.5), TypeError, "softmax: x must be a Tensor or an array, got 1.5"),
    (lambda: ag.sum(X, axis=10**30), ValueError, "sum: axis is too large, got 1000000"),
    (lambda: ag.repeat(X, -1), ValueError, "repeat: repeats must not be negative, got -1"),
    (lambda: ag.einsum(3, X), TypeError, "einsum: subscripts must be a string, or each operand"),
    (lambda: ag.arange(0, 1, 0), ValueError, "arange: start, stop and step must be finite number"),
    (lambda: ag.random.bernoulli("x"), TypeError, "bernoulli: p is a probability"),
    (lambda: ag.linalg.cond(ag.eye(2), []), TypeError, "cond: p must be a number, a string or"),
    (lambda: ag.linalg.matrix_norm(ag.eye(2), ord=[]), TypeError, "ord must be a number, a str"),
    (lambda: Tensor([1.0], requires_grad="yes"), TypeError,
     "Tensor: requires_grad must be True or False, got 'yes'"),
    (lambda: setattr(Tensor([1.0]), "name", 3), TypeError, "name must be a string or None, got 3"),
    (lambda: nn.Buffer([1.0], persistent="no"), TypeError, "Buffer: persistent must be True or"),
    (lambda: nn.init.uniform_(Tensor([1.0]), 2.0, 1.0), ValueError, "a must not be greater than"),
    (lambda: nn.utils.parameters_to_vector([1]), TypeError, "parameters must be Tensors; among th"),
    (lambda: nn.utils.clip_grad_norm_([1], 1.0), TypeError, "parameters must be Tensors; among th"),
    (lambda: nn.utils.clip_grad_norm_(1, 1.0), TypeError, "parameters must be an iterable, got 1"),
    (lambda: nn.utils.rnn.invert_permutation([0.5]), ValueError, "permutation must be whole num"),
    (lambda: nn.data.transforms.Normalize(0.0, -1.0), ValueError, "std must be positive and fini"),
    (lambda: nn.data.transforms.Normalize(np.inf, 1.0), ValueError, "mean must be finite, got in"),
    (lambda: optim.lr_scheduler.MultiStepLR(sgd(), ["1"]), TypeError, "milestones must be whole"),
    (lambda: F.linear_cross_entropy(X, 1.0, [0]), ShapeError, "linear_weight is a number"),
    (lambda: nn.LSTMCell(2, 2)(X, X), TypeError, "LSTMCell: hx must be the pair (h, c), got Tens"),
    (lambda: nn.Conv2d(1, 1, 2, padding=1, padding_mode="reflect")([1.0]), ShapeError, "conv2d: "),
    (lambda: nn.Fold(2, np.array([1, 2], "m8[s]")), TypeError, "Fold: kernel_size must be a whole"),
    (lambda: nn.Linear(2, 2, bias=ENDLESS), TypeError, "bias must be True or False, got [[[[[[[.."),
    (lambda: nn.Linear(2, Unprintable()), TypeError, "out_features must be a whole number, got <U"),
    (lambda: ag.zeros(2, dtype=","), TypeError, "zeros: dtype must be a dtype such as 'float32'"),
    (lambda: X.to(","), TypeError, "',' is not a dtype; use for example 'float32' or np.int64"),
    (lambda: F.relu(ENDLESS), TypeError, "must be a Tensor, an array or numbers, got [["),
    (lambda: ag.exp(ENDLESS), ShapeError, "a Tensor needs rows of equal length"),
    (lambda: ag.tensor(np), TypeError, "tensor: data must be a Tensor, an array or numbers, got <"),
    (lambda: X + MASKED, TypeError, "add: a Tensor has no mask; fill the masked array first"),
    (lambda: ag.erf(np.array([None])), TypeError, "erf: expected numbers, got an array of object"),
    (lambda: ag.arange(0, (1, 2)), ShapeError, "arange: start, stop and step must be numbers, wit"),
    (lambda: ag.linalg.matrix_transpose([1.0]), ShapeError, "matrix_transpose: x is (1,); it nee"),
    (lambda: ag.trace(ag.eye(2), axis1=2**40), ValueError, "trace: axis1 is too large, got 10995"),
    (lambda: ag.backward(weights()[0] * 1, slice(1)), TypeError, "gradient must be a Tensor, an"),
    (lambda: optim.Adam(np.array(1.0)), TypeError, "parameters must be an iterable, got array(1.)"),
    (lambda: nn.utils.clip_grads_with_norm_(weights(), 1.0, (1, 2)), TypeError,
     "clip_grads_with_norm_: total_norm is (1, 2), not a number"),
    (lambda: trained("sgd", lambda output, target: 0.5), TypeError, "gives a Tensor, in the graph; "
     "it gave 0.5"),
    (lambda: trained(lambda parameters: 3, "mse"), TypeError, "must give an optimizer; it gave 3"),
    (lambda: trained(nn.Linear(1, 1), "mse"), TypeError, "the optimizer must be a name, such as"),
    (lambda: F.linear_cross_entropy(X, ag.eye(2), [0], linear_bias=ag.eye(2)), ShapeError,
     "linear_bias is (2, 2), and linear_weight (2, 2): expected (2,)"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "message"), SAYINGS, ids=[row[2] for row in SAYINGS])
def test_the_sentence_names_the_argument_the_value_and_what_is_allowed(
    call: Callable[[], Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=re.escape(message)):
        call()


def test_what_is_shown_of_a_value_is_one_line() -> None:
    with pytest.raises(TypeError) as caught:
        nn.save("a.safetensors", nn.Sequential(nn.ReLU()))  # type: ignore[arg-type]
    assert str(caught.value) == "save: path must be a string or a path, got Sequential"


@pytest.mark.parametrize(
    "call",
    [
        lambda: ag.sum(X, axis=2),
        lambda: X.mean(axis=-3),
        lambda: ag.stack([X, X], axis=5),
        lambda: ag.cumsum(X, axis=2),
        lambda: ag.cumprod(X, axis=2),
        lambda: ag.cummax(X, 2),
        lambda: ag.logcumsumexp(X, 2),
        lambda: ag.sort(X, axis=2),
        lambda: ag.topk(X, 1, axis=2),
        lambda: ag.take_along_axis(X, [[0]], axis=2),
        lambda: ag.median(X, axis=2),
        lambda: ag.unstack(X, axis=2),
        lambda: ag.glu(X, axis=7),
        lambda: ag.expand_dims(X, 5),
        lambda: ag.gather(X, 4, [[0]]),
        lambda: F.softmax(X, 3),
    ],
)
def test_an_axis_out_of_range_is_a_shape_error_and_an_index_error(call: Callable[[], Any]) -> None:
    for kind in (AxisError, ShapeError, IndexError, ValueError):
        with pytest.raises(kind):
            call()


def test_whole_numbers_and_booleans_of_every_library_are_such() -> None:
    two, yes = np.int64(2), np.bool_(True)
    assert nn.Linear(two, np.array(3), bias=yes).weight.shape == (3, 2)
    assert nn.Linear(Tensor(2), 3, bias=1).weight.shape == (3, 2)
    assert nn.Conv2d(1, 1, np.array([2, 2])).weight.shape == (1, 1, 2, 2)
    assert nn.Conv2d(1, 1, [1, 2], padding="same").padding == "same"
    assert ag.sum(X, axis=np.int64(0), keepdims=1).shape == (1, 2)
    for lr in (1, np.float32(0.5), np.array(0.5), Tensor(0.5)):
        optim.SGD(weights(), lr=lr)


class Whole:
    """A whole number of some other library."""

    def __index__(self) -> int:
        return 2


SAME: dict[type, list[Callable[[Any], Any]]] = {
    int: [np.int16, np.array, Tensor, lambda n: IntEnum("One", {"n": n}).n],  # type: ignore[attr-defined]
    float: [np.float32, np.float64, np.array, Tensor],
    bool: [int, np.int64, np.bool_, np.array, Tensor],
    str: [np.str_, lambda text: StrEnum("One", {"text": text}).text],  # type: ignore[attr-defined]
    tuple: [list, np.array, lambda items: [np.array(i) for i in items]],
    list: [tuple, np.array, lambda items: [Tensor(i) for i in items]],
}


def same_calls() -> Iterator[tuple[Call, str, Any]]:
    """Arguments of valid calls in NumPy's numbers, arrays and lists."""
    for call in calls():
        for name, value in call.arguments.items():
            numbers = value if isinstance(value, (list, tuple)) else [0]
            if all(type(n) in (int, float) for n in numbers) and name != "index":
                for same in SAME.get(type(value), []):
                    yield call, name, same(value)


def test_arguments_may_be_numbers_arrays_and_lists_of_every_library() -> None:
    for call, name, value in same_calls():
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                call(**{name: value})
        except (TypeError, ValueError) as error:
            pytest.fail(f"{call.name}({name}={value!r}): {error}")
        finally:
            ag.set_default_dtype("float32")
    assert nn.Linear(Whole(), Whole()).weight.shape == (2, 2)  # type: ignore[arg-type]
    for reduced in (ag.sum, ag.mean, ag.max, ag.logsumexp, ag.std, ag.median, ag.linalg.norm):
        assert reduced(ag.ones((2, 2, 3)), axis=[0, 1]).shape == (3,)
    assert len(nn.Transformer(2, 1, 0, 0).encoder.layers) == 0
    for make in (lrs.CosineAnnealingLR, lambda o, n: lrs.CyclicLR(o, 0.1, 1.0, n, n)):
        rates = [make(momentum(), n).optimizer for n in (20, 20.0, np.float32(20))]
        assert len({optimizer.param_groups[0]["lr"] for optimizer in rates}) == 1
    assert repr(nn.Linear(np.int64(2), np.int64(3))).startswith("Linear(in_features=2, out_f")
    assert ag.linalg.norm(ag.eye(2), 2, np.int64(1)).shape == (2,)  # type: ignore[arg-type]


def test_checks_keep_no_tensors_and_no_number_of_another_type() -> None:
    x = Tensor(np.ones((2, 2)), requires_grad=True)
    before = sys.getrefcount(x)
    ag.stack((x, x))
    ag.concat((x, x))
    ag.jvp(ag.exp, (x,), (x,))
    nn.utils.rnn.pad_sequence((x, x))
    gc.collect()
    assert sys.getrefcount(x) == before
    ag.sum(x, axis=(0, 1))
    with pytest.raises(ValueError, match="sum: axis must be a whole number, a sequence of whole"):
        ag.sum(x, axis=(0.0, 1.0))  # type: ignore[arg-type]


def test_a_layer_of_a_user_takes_what_it_likes() -> None:
    class Mine(nn.Linear):
        def __init__(self, num_layers: int, kernel_size: str) -> None:
            super().__init__(num_layers, 1)

    assert Mine(2, "any").in_features == 2
    with pytest.raises(ValueError, match="Linear: in_features must not be negative, got -1"):
        Mine(-1, "any")


def test_functions_of_users_have_no_checks() -> None:
    def forward(x: Any, stride: int = 1) -> Any:
        return x

    assert checks_of(forward) == {}


def test_a_checked_function_can_be_pickled() -> None:
    for function in (F.mse_loss, F.conv2d, ag.zeros, nn.init.uniform_):
        assert pickle.loads(pickle.dumps(function)) is function


def test_an_error_from_inside_a_layer_of_a_user_stays_what_it_was() -> None:
    class Broken(nn.Module):
        def forward(self, x: Any) -> Any:
            return x.no_such_attribute

    with pytest.raises(AttributeError, match="no_such_attribute"):
        nn.Sequential(Broken())(None)
