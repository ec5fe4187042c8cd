"""A public function says in its docstring what it does to shapes and dtypes, and it is so."""

from __future__ import annotations

import builtins
import importlib
import inspect
import math
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import errors
from autograd.engine.lazy_names import FACES
from autograd.engine.row import OPS, Op
from autograd.engine.samples import Sample
from autograd.errors import AutogradError, AxisError, DTypeError, ShapeError
from tests.by_op import of_all

NAMESPACES = (
    "autograd.ops.fft", "autograd.ops.linalg", "autograd.random", "autograd", "autograd.viz", "nn",
    "nn.functional",
    "nn.init", "nn.utils", "nn.utils.rnn", "nn.utils.parametrize", "nn.utils.parametrizations",
    "nn.data", "nn.metrics", "nn.vision", "optim", "optim.swa_utils", "optim.lr_scheduler",
)  # fmt: skip
OF_ARRAYS = {
    "autograd.ops.fft", "autograd.ops.linalg", "autograd.random", "autograd", "nn.functional",
    "nn.init", "nn.utils.rnn", "nn.vision",
}  # fmt: skip
# of these namespaces: what switches, checks, differentiates or draws
OTHERS = {
    "backward", "calculate_gain", "checking",
    "detect_anomaly", "doctor", "drawing_from", "enable_grad", "explain",
    "generator", "get_default_dtype", "get_num_threads", "grad", "gradcheck", "gradcheck_module",
    "gradgradcheck", "is_grad_enabled", "jvp", "keep_freed_memory", "manual_seed", "no_grad",
    "primitive", "profile", "prove", "safe_where", "set_default_dtype", "set_num_threads",
    "stepper", "why",
    "broadcast_shapes", "can_cast", "finfo", "iinfo", "isdtype", "result_type",  # of no arrays
    # functions from functions to functions, and what looks at a value
    "checkpoint", "compile", "deriv", "elementwise_grad", "grad_and_aux", "grad_named", "hessian",
    "hessian_tensor_product", "hessian_vector_product", "holomorphic_grad", "isinstance",
    "jacobian", "make_ggnvp", "make_hvp", "make_jvp", "make_jvp_reversemode", "make_vjp",
    "multigrad_dict", "tensor_jacobian_product", "type", "value_and_grad",
    "vector_jacobian_product",
}  # fmt: skip
# what the docstrings of autograd, nn.functional and nn.init explain once for all of their functions
STANDARD = {
    "axis", "device", "dim", "dtype", "inplace", "input", "keepdim", "keepdims", "reduction",
    "requires_grad", "rng", "target", "tensor", "training", "x", "xs", "y",
}  # fmt: skip


def functions() -> Iterator[tuple[str, str, Any]]:
    """(namespace, name, function) of everything public that is a function, once."""
    seen: set[int] = set()
    for path in NAMESPACES:
        module = importlib.import_module(path)
        for name in FACES.get(path, module.__all__):
            value = getattr(module, name)
            if callable(value) and not inspect.isclass(value) and id(value) not in seen:
                seen.add(id(value))
                yield path, name, value


def methods() -> Iterator[tuple[str, str, Any]]:
    """The methods and properties of Tensor that are no functions of `autograd` as well."""
    known = {id(value) for _, _, value in functions()}
    for name, value in inspect.getmembers_static(ag.Tensor):
        own = callable(value) or isinstance(value, property)
        if own and not name.startswith("_") and id(value) not in known:
            yield "Tensor", name, value


FUNCTIONS = [*functions(), *methods()]
NAMES = [f"{path.rpartition('.')[2]}.{name}" for path, name, _ in FUNCTIONS]
each = of_all(
    ("path", "name", "function"),
    [pytest.param(*row, id=name) for row, name in zip(FUNCTIONS, NAMES, strict=True)],
)


def prose(function: Any) -> str:
    return (inspect.getdoc(function) or "").partition(">>>")[0].strip()


def told_too(path: str, function: Any) -> str:
    """The prose, and that of the functions whose options it says it has."""
    module = None if path == "Tensor" else importlib.import_module(path)
    told, queue = "", [function]
    while queue:
        told += (text := prose(queue.pop()))
        others = [getattr(module, name, None) for name in re.findall(r"`(\w+)`", text)]
        queue += [other for other in others if callable(other) and prose(other) not in told]
    return told


# ---- what is there -------------------------------------------------------------------------------


@each
def test_the_first_paragraph_is_one_sentence(path: str, name: str, function: Any) -> None:
    first = prose(function).partition("\n\n")[0].replace("\n", " ")
    assert first.endswith(".")
    assert not re.search(r"[a-z0-9)][.?!] [A-Z]", first), first


@each
def test_it_shows_a_call(path: str, name: str, function: Any) -> None:
    assert isinstance(function, property) or ">>> " in (inspect.getdoc(function) or "")


@each
def test_shapes_are_told(path: str, name: str, function: Any) -> None:
    assert path not in OF_ARRAYS or name in OTHERS or "\nShape: " in prose(function)


@each
def test_every_parameter_is_told(path: str, name: str, function: Any) -> None:
    if not isinstance(function, property):
        parameters = set(inspect.signature(function).parameters) - STANDARD - {"self"}
        parameters = {p for p in parameters if not p.endswith("_")}  # `*shape_` of a method
        assert not {p for p in parameters if not re.search(rf"\b{p}\b", told_too(path, function))}


@each
def test_errors_that_are_named_are_the_packages_own(path: str, name: str, function: Any) -> None:
    for error in re.findall(r"\b(?<!numpy\.linalg\.)\w+Error\b", prose(function)):
        assert not hasattr(builtins, error)
        assert issubclass(getattr(errors, error), AutogradError)


def test_what_is_explained_once_is_explained() -> None:
    told = " ".join(
        importlib.import_module(m).__doc__ or "" for m in ("autograd", "nn.functional", "nn.init")
    )
    assert not {name for name in STANDARD if f"`{name}`" not in told}


# ---- that it is so -------------------------------------------------------------------------------


def table() -> Iterator[tuple[Op, Any]]:
    """The ops, each with the public function of its name that stands where it stands."""
    for path, _, function in FUNCTIONS:
        op = OPS.get(function.__name__) if path.startswith("autograd") else None
        if op and op.samples and function.__module__ == op.forward.__module__:
            yield op, function


TABLE = list(table())
every_op = pytest.mark.parametrize(("op", "function"), TABLE, ids=[op.name for op, _ in TABLE])


def reduced(shape: tuple[int, ...], params: dict[str, Any]) -> tuple[int, ...]:
    """A shape without `axis`."""
    return np.sum(np.zeros(shape), params.get("axis"), keepdims=params.get("keepdims", False)).shape


def asked(shape: tuple[int, ...], params: dict[str, Any]) -> tuple[int, ...]:
    """The parameter `shape`, with the length that is left open."""
    lengths = tuple(np.atleast_1d(params["shape"]).astype(int).tolist())
    rest = math.prod(shape) // max(1, -math.prod(lengths))
    return tuple(rest if n == -1 else n for n in lengths)


def resized(shape: tuple[int, ...], lengths: Any, axes: Any) -> tuple[int, ...]:
    """A shape with other lengths at some axes, where they are given."""
    new = list(shape)
    for axis, length in zip(axes or (), lengths or (), strict=False):
        new[axis] = new[axis] if length is None else length
    return tuple(new)


# the rules that many docstrings tell in the same words
RULES: dict[str, Callable[[list[Any], dict[str, Any]], list[Any]]] = {
    "any -> the same": lambda shapes, _: [shapes[0]],
    "any -> the same, with `n` at `axis`": lambda shapes, params: [
        resized(shapes[0], [params["n"]], [params["axis"]])
    ],
    "any -> the same, with `s` at `axes`": lambda shapes, params: [
        resized(shapes[0], params["s"], params["axes"])
    ],
    "any -> twice the same": lambda shapes, _: [shapes[0]] * 2,
    "any -> `shape`": lambda shapes, params: [asked(shapes[0], params)],
    "broadcast -> their common shape": lambda shapes, _: [np.broadcast_shapes(*shapes)],
    "broadcast -> twice their common shape": lambda shapes, _: [np.broadcast_shapes(*shapes)] * 2,
    "any -> the same, or 1-D if `axis` is None": lambda shapes, params: [
        (math.prod(shapes[0]),) if params.get("axis") is None else shapes[0]
    ],
    "any -> the same without `axis`, or with length 1 there if `keepdims`": (
        lambda shapes, params: [reduced(shapes[0], params)]
    ),
}


def shape_rule(function: Any) -> str:
    """What the docstring says of shapes, up to the first stop."""
    text = " ".join(prose(function).partition("\nShape: ")[2].partition("\n\n")[0].split())
    return re.split(r"(?<!\.)[.;](?= |$)", text)[0]


def told_shapes(rule: str, shapes: list[Any], params: dict[str, Any]) -> list[Any] | None:
    """The shapes that come out by the rule; None where it is told in words of its own."""
    if rule.startswith("x and ") and rule.endswith(" -> that of x"):
        return [shapes[0]]
    if re.fullmatch(r"\(N,\) and (any|v) -> that of [xv]", rule):
        return [shapes[1]]
    common = re.sub(r"^[a-z, ]+ and [a-z]+ (?=broadcast)", "", rule)
    if common in RULES:
        return RULES[common](shapes, params)
    given, _, made = re.sub(r"(?<=[ ^])\w+ (?=\()", "", rule).partition(" -> ")
    made = given if made == "the same" else made
    listed = r"\([^`|\[]*\)(, \([^`|\[]*\))*"
    if not re.fullmatch(listed, given) or not re.fullmatch(listed, made) or ", ..." in rule:
        return None
    known: dict[str, int] = {}
    batches = []
    for pattern, shape in zip(patterns(given), shapes, strict=True):
        axes = [a for a in pattern if a != "..."]
        if len(shape) < len(axes) or (axes == pattern and len(shape) > len(axes)):
            return None  # such as a vector where matrices are told
        batches.append(shape[: len(shape) - len(axes)])
        known |= dict(zip(axes, shape[len(shape) - len(axes) :], strict=True))
    batch = np.broadcast_shapes(*batches)
    return [
        tuple(n for a in pattern for n in (batch if a == "..." else [evaluated(a, known)]))
        for pattern in patterns(made)
    ]


@every_op
def test_an_axis_out_of_range_raises_axis_error(op: Op, function: Any) -> None:
    sample = next(iter(op.samples()))
    if "axis" in inspect.signature(function).parameters:
        with pytest.raises(AxisError):
            outputs(op, function, sample._replace(params=sample.params | {"axis": 9}))


@every_op
def test_shapes_that_do_not_broadcast_raise_shape_error(op: Op, function: Any) -> None:
    if "broadcast -> their common shape" in shape_rule(function):
        sample = next(iter(op.samples()))
        arrays = [np.ones(2 + n, np.asarray(v).dtype) for n, v in enumerate(sample.inputs)]
        with pytest.raises(ShapeError):
            outputs(op, function, sample._replace(inputs=tuple(arrays)))


def patterns(text: str) -> list[list[str]]:
    """`(..., M, N), (N,)` as lists of the axes."""
    shapes = re.findall(r"\(((?:[^()]|\([^()]*\))*)\)", text.replace(" ", ""))
    return [re.findall(r"\.\.\.|[^,()]+(?:\([^()]*\))?", shape) for shape in shapes]


def evaluated(axis: str, known: dict[str, int]) -> int:
    """The length of an axis: a letter, a number, a sum, a product, or a minimum."""
    if found := re.fullmatch(r"min\((\w),(\w)\)", axis):
        return min(known[found[1]], known[found[2]])
    terms = [factors.split("·") for factors in axis.split("+")]
    return sum(math.prod(known[f] if f in known else int(f) for f in term) for term in terms)


@every_op
def test_shapes_are_as_told(op: Op, function: Any) -> None:
    rule = shape_rule(function)
    for sample in op.samples():
        told = told_shapes(rule, input_shapes(sample), defaults(function) | sample.params)
        if told is not None:
            assert [np.shape(v) for v in outputs(op, function, sample)] == told, (rule, str(sample))


def test_most_shapes_are_told_in_checked_words() -> None:
    first = [(function, next(iter(op.samples()))) for op, function in TABLE]
    told = [told_shapes(shape_rule(f), input_shapes(s), defaults(f) | s.params) for f, s in first]
    assert len(told) - told.count(None) > 2 / 3 * len(TABLE)


def defaults(function: Any) -> dict[str, Any]:
    parameters = inspect.signature(function).parameters
    return {n: p.default for n, p in parameters.items() if p.default is not p.empty}


def input_shapes(sample: Sample) -> list[tuple[int, ...]]:
    return [np.shape(v) for v in sample.inputs if v is not None]


def outputs(op: Op, function: Any, sample: Sample, dtype: str = "float64") -> list[Any]:
    """What comes out where the floating inputs are of a dtype."""
    inputs = [ag.Tensor(cast(v, dtype)) if isinstance(v, np.ndarray) else v for v in sample.inputs]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if op.variadic:
            result = op.record(*inputs, **sample.params)
        elif function is op.record or takes_places(function):
            result = function(*inputs, **sample.params)
        else:  # where other parameters may stand between
            result = function(**dict(zip(op.inputs, inputs, strict=False)), **sample.params)
    return list(result) if isinstance(result, tuple) else [result]


def takes_places(function: Any) -> bool:
    kinds = [p.kind for p in inspect.signature(function).parameters.values()]
    return kinds[0] is inspect.Parameter.POSITIONAL_ONLY


def cast(value: Any, dtype: str) -> Any:
    """A floating array in another dtype; of integers those from 1 on, which suit every op."""
    if value.dtype.kind != "f":
        return value
    if dtype == "bool":
        return value > 0
    return (np.round(np.abs(value)) + 1 if "int" in dtype else value).astype(dtype)


def floating(op: Op) -> list[Sample]:
    """A sample whose numbers are floating arrays, beside the integers of an index."""
    found = [s for s in op.samples() if not any(np.iscomplexobj(v) for v in s.inputs)]
    return [s for s in found if any(np.asarray(v).dtype.kind == "f" for v in s.inputs)][:1]


def told_dtype(text: str, given: str) -> str | None:
    """The dtype that comes out, or its beginning; None for an error. In silence it stays."""
    if f"{KINDS.get(given, given)} raise" in text.replace("raises", "raise"):
        return None
    for words, kind in (("gives complex numbers", "complex"), ("gives real numbers", "float")):
        if words in text:
            return kind
    for fixed in ("bool", "int64", "uint8", "float64"):
        if f"gives {fixed}" in text:
            return "complex128" if (fixed, given) == ("float64", "complex64") else fixed
    if given == "complex64" and "complex numbers give real ones" in text:
        return "float32"
    if given in ("int8", "int64") and "integers give floats" in text:
        return "float"
    return "int64" if given == "int8" and "in int64" in text else given


KINDS = {"complex64": "complex numbers", "bool": "booleans"}


@every_op
def test_dtypes_are_as_told(op: Op, function: Any) -> None:
    text = " ".join(prose(function).lower().split())
    for sample in floating(op):
        for given in ("int64", "int8", "bool", "float16", "float32", "complex64"):
            told = told_dtype(text, given)
            try:
                made = {v.dtype.name for v in outputs(op, function, sample, given)}
            except DTypeError:
                assert told is None, given
            except np.linalg.LinAlgError:
                continue
            else:
                assert told is not None, given
                # of several outputs of different dtypes it is told in words
                assert told == "bool" or len(made) > 1 or made.pop().startswith(told), given
