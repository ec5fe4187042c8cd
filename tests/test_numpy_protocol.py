"""NumPy's functions on Tensors: they record, or say why not; they never drop the gradient."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.errors import UnsupportedError
from tests.numeric import ATOL, RTOL, numeric_gradient

A = np.array([[0.5, 1.5, -0.7], [2.0, -1.2, 0.3]])
P = np.array([[0.5, 1.5, 0.7], [2.0, 1.2, 0.3]])
S = np.array([[2.0, 0.3], [-0.4, 1.5]])
V = np.array([1.0, -2.0, 0.5])

# each is run on arrays and on Tensors: same value, and a gradient that agrees with differences
RECORDED: dict[str, tuple[Callable[[Any], Any], np.ndarray[Any, Any]]] = {
    "add": (lambda x: np.add(x, V), A),
    "subtract": (lambda x: np.subtract(V, x), A),
    "multiply": (lambda x: np.multiply(x, x), A),
    "divide": (lambda x: np.divide(V, x), P),
    "true_divide": (lambda x: np.true_divide(x, P), A),
    "negative": (np.negative, A),
    "power": (lambda x: np.power(x, 3), A),
    "square": (np.square, A),
    "sqrt": (np.sqrt, P),
    "exp": (np.exp, A),
    "log": (np.log, P),
    "log1p": (np.log1p, P),
    "sin": (np.sin, A),
    "cos": (np.cos, A),
    "tanh": (np.tanh, A),
    "arctan2": (lambda x: np.arctan2(x, P), A),
    "absolute": (np.absolute, A),
    "abs": (np.abs, A),
    "maximum": (lambda x: np.maximum(x, 0.1), A),
    "minimum": (lambda x: np.minimum(x, V), A),
    "logaddexp": (lambda x: np.logaddexp(x, V), A),
    "where": (lambda x: np.where(A > 0, x, -2 * x), A),
    "clip": (lambda x: np.clip(x, -1.0, 1.0), A),
    "sum": (np.sum, A),
    "sum axis": (lambda x: np.sum(x, axis=0), A),
    "sum keepdims": (lambda x: np.sum(x, axis=(0, 1), keepdims=True), A),
    "mean": (lambda x: np.mean(x, axis=-1), A),
    "prod": (lambda x: np.prod(x, axis=1), A),
    "var": (lambda x: np.var(x, axis=0), A),
    "std": (lambda x: np.std(x, axis=1), A),
    "max": (lambda x: np.max(x, axis=1), A),
    "amax": (np.amax, A),
    "min": (lambda x: np.min(x, axis=0), A),
    "cumsum": (lambda x: np.cumsum(x, axis=1), A),
    "reshape": (lambda x: np.reshape(x, (3, 2)), A),
    "ravel": (np.ravel, A),
    "transpose": (np.transpose, A),
    "swapaxes": (lambda x: np.swapaxes(x, 0, 1), A),
    "moveaxis": (lambda x: np.moveaxis(x, 0, -1), A),
    "expand_dims": (lambda x: np.expand_dims(x, 1), A),
    "squeeze": (lambda x: np.squeeze(x[None]), A),
    "broadcast_to": (lambda x: np.broadcast_to(x, (4, 2, 3)), A),
    "concatenate": (lambda x: np.concatenate([x, 2 * x], axis=1), A),
    "concatenate mixed": (lambda x: np.concatenate([A, x]), A),
    "stack": (lambda x: np.stack([x, A, x], axis=1), A),
    "split": (lambda x: np.split(x, 3, axis=1)[1], A),
    "repeat": (lambda x: np.repeat(x, 2, axis=0), A),
    "tile": (lambda x: np.tile(x, 2), A),
    "flip": (lambda x: np.flip(x, axis=1), A),
    "roll": (lambda x: np.roll(x, 1, axis=1), A),
    "take": (lambda x: np.take(x, [0, 2, 0], axis=1), A),
    "take_along_axis": (lambda x: np.take_along_axis(x, np.array([[0], [2]]), axis=1), A),
    "sort": (lambda x: np.sort(x, axis=1), A),
    "diagonal": (np.diagonal, S),
    "trace": (np.trace, S),
    "tril": (np.tril, S),
    "matmul": (lambda x: np.matmul(x, A), S),
    "dot": (lambda x: np.dot(x, V), A),
    "tensordot": (lambda x: np.tensordot(x, A, axes=([0, 1], [0, 1])), A),
    "einsum": (lambda x: np.einsum("ij,kj->ik", x, x), A),
    "outer": (lambda x: np.outer(x, V), V),
    "linalg.inv": (np.linalg.inv, S),
    "linalg.det": (np.linalg.det, S),
    "linalg.norm": (np.linalg.norm, A),
    "linalg.solve": (lambda x: np.linalg.solve(x, S), S),
    "add.reduce": (np.add.reduce, A),
    "add.reduce axis": (lambda x: np.add.reduce(x, axis=1), A),
    "multiply.reduce": (lambda x: np.multiply.reduce(x, axis=1), A),
    "maximum.reduce": (lambda x: np.maximum.reduce(x, axis=None), A),
    "array + tensor": (lambda x: V + x, A),
    "array - tensor": (lambda x: V - x, A),
    "array * tensor": (lambda x: A * x, A),
    "array / tensor": (lambda x: V / x, P),
    "array ** tensor": (lambda x: P**x, A),
    "array @ tensor": (lambda x: A.T @ x, A),
    "scalar * tensor": (lambda x: np.float64(2.0) * x, A),
    "scalar - tensor": (lambda x: np.float64(2.0) - x, A),
    "0-d array * tensor": (lambda x: np.array(2.0) * x, A),
}


@pytest.mark.parametrize("name", RECORDED)
def test_numpy_functions_record(name: str) -> None:
    f, value = RECORDED[name]
    expected = f(value)
    weights = np.random.default_rng(0).uniform(0.5, 1.5, np.shape(expected))
    x = ag.Tensor(value, requires_grad=True)
    out = f(x)
    assert isinstance(out, ag.Tensor)
    assert out.requires_grad
    np.testing.assert_allclose(out.numpy(), expected, rtol=1e-13)
    out.backward(weights)
    assert x.grad is not None
    slopes = numeric_gradient(lambda v: float(np.sum(weights * f(v))), [value], 0)
    np.testing.assert_allclose(x.grad.numpy(), slopes, RTOL, ATOL)


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (np.shape, (2, 3)),
        (np.ndim, 2),
        (np.size, 6),
        (lambda x: np.allclose(x, A), True),
        (lambda x: np.array_equal(x, A), True),
        (lambda x: np.result_type(x, np.float32), np.dtype("float64")),
        (np.iscomplexobj, False),
        (lambda x: np.shares_memory(x, x), True),
    ],
)
def test_questions_about_a_tensor_are_answered(f: Callable[[Any], Any], expected: Any) -> None:
    answer = f(ag.Tensor(A, requires_grad=True))
    assert answer == expected
    assert not isinstance(answer, ag.Tensor)


@pytest.mark.parametrize(
    ("f", "expected"),
    [(np.zeros_like, 0.0), (np.ones_like, 1.0), (lambda x: np.full_like(x, 7.0), 7.0)],
)
@pytest.mark.parametrize("shape", [(), (2,), (0, 3)], ids=str)
def test_like_functions_make_tensors_outside_the_graph(
    f: Callable[[Any], Any], expected: float, shape: tuple[int, ...]
) -> None:
    out = f(ag.Tensor(np.ones(shape, np.float32), requires_grad=True))
    assert isinstance(out, ag.Tensor)
    assert not out.requires_grad
    assert out.shape == shape
    assert out.dtype == np.float32
    assert np.all(out.numpy() == expected)
    assert (out * 2).shape == shape


def test_numpy_on_an_outside_tensor_gives_a_tensor() -> None:
    out = np.exp(ag.Tensor(A))
    assert isinstance(out, ag.Tensor)
    assert not out.requires_grad


def test_a_numpy_scalar_stays_weak_only_if_python_is() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    assert (np.float32(2.0) * x).dtype == np.float32
    assert (np.float64(2.0) * x).dtype == np.float64
    (np.float64(2.0) * x).sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == np.float32
    assert x.grad.tolist() == [2.0, 2.0]


def test_broadcasting_from_the_left_operand() -> None:
    x = ag.Tensor(2.0, dtype="float64", requires_grad=True)
    out = A * x
    assert out.shape == (2, 3)
    out.sum().backward()
    assert x.grad is not None
    assert x.grad.item() == pytest.approx(A.sum(), rel=1e-14)


# ---- refused -------------------------------------------------------------------------------------


def into(array: Any, tensor: Any) -> None:
    array += tensor


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: np.busday_count(x, x), "np.busday_count has no recorded form for Tensors"),
        (lambda x: np.isnat(x), "np.isnat has no recorded form"),
        (lambda x: np.exp(x, out=np.zeros((2, 2))), "out= is an array, which keeps no gradient"),
        (lambda x: np.sum(x, out=np.zeros(())), "out= is an array, which keeps no gradient"),
        (lambda x: into(np.zeros((2, 2)), x), "out= is an array, which keeps no gradient"),
        (lambda x: np.histogram(x, weights=x), "np.histogram(weights=) has no recorded form"),
        (lambda x: np.polyfit([1.0, 2.0], x, 1, cov=True), "polyfit: rcond=, full= and cov="),
    ],
)
def test_what_is_not_recorded_raises_and_names_the_function(
    f: Callable[[Any], Any], message: str
) -> None:
    x = ag.Tensor(S, requires_grad=True)
    with pytest.raises(UnsupportedError, match=re.escape(message)) as caught:
        f(x)
    assert isinstance(caught.value, TypeError)
    assert x.tolist() == S.tolist()


def test_the_message_says_how_to_leave_the_graph() -> None:
    x = ag.Tensor(V, requires_grad=True)
    with pytest.raises(UnsupportedError, match=r"gradient would be lost(.|\n)*isnat\(x\.numpy"):
        np.isnat(x)
    np.sum(x.numpy())


def test_the_message_speaks_of_a_gradient_where_there_is_one() -> None:
    with pytest.raises(UnsupportedError) as caught:
        np.isnat(ag.Tensor(V))
    assert "gradient" not in str(caught.value)
    assert str(caught.value).endswith("or give it arrays: np.isnat(x.numpy()).")
    with pytest.raises(UnsupportedError, match="the gradient would be lost"):
        np.busday_count(V, ag.Tensor(V, requires_grad=True))


def test_numpys_files_are_written_of_tensors(tmp_path: Path) -> None:
    x = ag.Tensor(A, requires_grad=True)
    np.save(tmp_path / "x.npy", x * 2)
    np.savez(tmp_path / "x.npz", x, y=x.detach())
    np.savez_compressed(tmp_path / "z.npz", z=x)
    np.savetxt(tmp_path / "x.txt", x)
    assert np.array_equal(np.load(tmp_path / "x.npy"), A * 2)
    assert np.array_equal(np.load(tmp_path / "x.npz")["arr_0"], A)
    assert np.array_equal(np.load(tmp_path / "x.npz")["y"], A)
    assert np.array_equal(np.load(tmp_path / "z.npz")["z"], A)
    assert np.allclose(np.loadtxt(tmp_path / "x.txt"), A)


def test_an_error_of_the_op_itself_passes() -> None:
    x = ag.Tensor(A, requires_grad=True, name="x")
    with pytest.raises(ValueError, match="axis 5 is out of bounds"):
        np.sum(x, axis=5)
    with pytest.raises(ValueError, match=r"x is \(2, 3\)"):
        np.add(x, np.ones(4))


def test_every_public_function_that_shares_numpys_name_is_the_one_numpy_dispatches_to() -> None:
    """Not a list kept twice: what is public here and in NumPy is the same function."""
    x = ag.Tensor(P, requires_grad=True)
    for name in ("exp", "log", "sin", "tanh", "sqrt", "negative", "square"):
        ours, theirs = getattr(ag, name)(x), getattr(np, name)(x)
        assert ours.grad_fn.op is theirs.grad_fn.op
