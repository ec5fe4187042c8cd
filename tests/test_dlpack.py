"""Memory is shared with other libraries by DLPack, and no gradient is lost by that in silence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn.torch as torch_face
from autograd.errors import AutogradError, ConversionError

DTYPES = [*"?bBhHiIqQefdFD"]
ARRAYS: dict[str, np.ndarray] = {
    "0-d": np.array(2.0), "empty": np.zeros((0, 3)), "matrix": np.arange(6.0).reshape(2, 3),
    "transposed": np.arange(6.0).reshape(2, 3).T, "every second": np.arange(9.0)[::2],
}  # fmt: skip


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("face", [ag, torch_face], ids=["autograd", "nn.torch"])
def test_memory_is_shared_in_both_directions(name: str, face: Any) -> None:
    array = ARRAYS[name].copy(order="K")
    there = face.from_dlpack(array)
    assert type(there) is face.Tensor
    back = np.from_dlpack(there)
    assert (back.shape, back.dtype) == (array.shape, array.dtype)
    assert back.strides == array.strides or not array.size
    if array.size and array.ndim:  # one number is a value of its own
        assert np.shares_memory(back, array)
    np.testing.assert_array_equal(back, array)


@pytest.mark.parametrize("at", [np.s_[::-1], np.s_[::2, ::-1], np.s_[::-1, 1:]])
def test_memory_that_runs_backwards_is_copied(at: Any) -> None:
    """PyTorch ends the whole process over a negative stride."""
    x = ag.asarray(np.arange(12.0).reshape(4, 3)[at])
    there = np.from_dlpack(x)
    assert min(there.strides) > 0
    np.testing.assert_array_equal(there, x.numpy())
    with pytest.raises(ConversionError, match="runs backwards in memory"):
        x.__dlpack__(copy=False)


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes_stay(dtype: str) -> None:
    x = ag.asarray(np.ones(3, dtype))
    assert np.from_dlpack(x).dtype == x.dtype == ag.from_dlpack(x).dtype


def test_a_copy_is_made_where_it_is_asked_for() -> None:
    array = np.arange(3.0)
    assert not np.shares_memory(ag.from_dlpack(array, copy=True).numpy(), array)
    assert np.shares_memory(ag.from_dlpack(array, copy=False).numpy(), array)
    assert not np.shares_memory(np.from_dlpack(ag.asarray(array), copy=True), array)


def test_read_only_memory_is_copied_for_who_cannot_be_told_of_it() -> None:
    """A consumer of the first version of the protocol has no flag for memory not to be written."""
    x = ag.asarray(np.broadcast_to(np.float32(1.0), (2, 3)))
    assert repr(x.__dlpack__()).startswith("<capsule")
    assert not np.from_dlpack(x).flags.writeable
    with pytest.raises(ConversionError, match="readonly"):
        x.__dlpack__(copy=False)


@pytest.mark.parametrize("leaf", [True, False])
def test_a_gradient_is_not_lost_in_silence(leaf: bool) -> None:
    w = ag.Tensor([1.0], requires_grad=True)
    x = w if leaf else w * 2
    with pytest.raises(ConversionError, match=r"requires grad, and.*\n.*x\.detach\(\)"):
        np.from_dlpack(x)
    assert np.from_dlpack(x.detach()).tolist() == x.tolist()


class Elsewhere:
    """An array on a device, or of a dtype, that cannot be shared."""

    def __dlpack_device__(self) -> tuple[int, int]:
        return 2, 0

    def __dlpack__(self, **options: Any) -> Any:
        raise BufferError("on a GPU")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ag.from_dlpack([1.0]), "a list has no __dlpack__.*ag.tensor"),
        (lambda: ag.from_dlpack(Elsewhere()), r"cannot be shared.*\n.*bring it to the CPU"),
        (lambda: ag.from_dlpack(np.ones(2, ">f4")), "native byte order"),
        (lambda: ag.from_dlpack(np.ones(2), device="cuda"), "there is the CPU alone"),
        (lambda: torch_face.to_dlpack, "give the tensor itself"),
    ],
)
def test_what_cannot_be_shared_says_why(call: Any, message: str) -> None:
    with pytest.raises(AutogradError, match=f"(?s){message}"):
        call()


def test_a_value_that_leaves_a_compiled_call_is_seen() -> None:
    def f(x: Any) -> Any:
        return x * float(np.from_dlpack(x.detach()).sum())

    with pytest.raises(AutogradError, match="Python sees __dlpack__ of x"):
        ag.trace(f, ag.Tensor([1.0, 2.0]))
