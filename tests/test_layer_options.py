"""Options of layers are checked once, and what is set later counts from then on."""

from __future__ import annotations

import copy
import inspect
import pickle
import sys
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.errors import ArgumentTypeError, DTypeError

# a layer, its arguments, an option and another value of it
CHANGES: list[tuple[str, tuple[Any, ...], str, Any]] = [
    ("Conv2d", (3, 2, 3), "stride", 2),
    ("Conv2d", (3, 2, 3), "padding", "same"),
    ("Conv2d", (3, 2, 3), "padding", [2, 1]),
    ("Conv2d", (3, 2, 3), "dilation", (1, 2)),
    ("Conv2d", (3, 2, 3, 1, 1), "padding_mode", "reflect"),
    ("ConvTranspose2d", (3, 2, 3, 2), "stride", (3, 1)),
    ("ConvTranspose2d", (3, 2, 3, 2), "padding", 1),
    ("ConvTranspose2d", (3, 2, 3, 2), "output_padding", 1),
    ("MaxPool2d", (2, 2), "kernel_size", 3),
    ("MaxPool2d", (2, 2), "stride", np.array([1, 3])),
    ("MaxPool2d", (2, 2), "return_indices", True),
    ("AvgPool2d", (3, 2, 1), "count_include_pad", False),
    ("AvgPool2d", (3, 2, 1), "divisor_override", 5),
    ("LPPool2d", (2, 2), "norm_type", 3),
    ("LPPool2d", (2, 2), "kernel_size", 4),
    ("AdaptiveAvgPool2d", (3,), "output_size", (None, 4)),
    ("AdaptiveMaxPool2d", (3,), "return_indices", True),
    ("FractionalMaxPool2d", (2, 3), "output_size", 5),
    ("WeightedAvgPool2d", (2,), "stride", 1),
    ("Unfold", (2,), "dilation", 2),
    ("Fold", ((4, 2), 2), "output_size", (2, 4)),
    ("ReflectionPad2d", (1,), "padding", (0, 1, 2, 3)),
    ("ReflectionPad2d", (1,), "mode", "circular"),
    ("ConstantPad2d", (1, 5.0), "value", 7.0),
]
NAMES = [f"{name}.{option}" for name, _, option, _ in CHANGES]


def made(name: str, args: tuple[Any, ...]) -> tuple[Any, Any]:
    """A layer that has been called, and its input."""
    nn.manual_seed(0)
    draws = {"_random_samples": np.full((1, 3, 2), 0.3)} if "Fractional" in name else {}
    layer = getattr(nn, name)(*args, **draws)
    shape = (1, 12, 3) if name == "Fold" else (1, 3, 8, 8)
    x = ag.Tensor(np.random.default_rng(0).random(shape).astype(np.float32))
    layer(x)
    return layer, x


def outputs(layer: Any, x: Any) -> list[Any]:
    found = layer(x)
    return [part.tolist() for part in (found if isinstance(found, tuple) else (found,))]


def of_another(layer: Any, option: str, value: Any, x: Any) -> list[Any]:
    """What a layer gives that was never called before it had this value."""
    other = copy.copy(layer)
    other.__dict__ = layer._to_copy() | {option: value}
    return outputs(other, x)


@pytest.mark.parametrize(("name", "args", "option", "value"), CHANGES, ids=NAMES)
def test_a_layer_follows_an_option_that_is_set(
    name: str, args: tuple[Any, ...], option: str, value: Any
) -> None:
    layer, x = made(name, args)
    before = outputs(layer, x)
    twin = copy.deepcopy(layer)
    setattr(layer, option, value)
    assert outputs(layer, x) == of_another(twin, option, value, x) != before
    assert outputs(twin, x) == before
    assert outputs(pickle.loads(pickle.dumps(layer)), x) == outputs(layer, x)


def test_a_list_may_change_where_it_stands() -> None:
    layer, x = made("MaxPool2d", (2,))
    layer.stride = [2, 2]
    assert layer(x).shape == (1, 3, 4, 4)
    layer.stride[1] = 1
    assert layer(x).shape == (1, 3, 4, 7)


def test_what_a_layer_has_made_of_its_options_is_not_saved() -> None:
    called, _ = made("Conv2d", (3, 2, 3))
    state = called.__getstate__()
    assert state.keys() == nn.Conv2d(3, 2, 3).__getstate__().keys()


@pytest.mark.parametrize("stride", [1.5, (1.0, 1.0), "2", (True, 1)])
def test_an_option_that_is_set_to_no_such_thing_is_refused_by_the_call(stride: Any) -> None:
    layer, x = made("Conv2d", (3, 2, 3))
    layer.stride = stride
    with pytest.raises((DTypeError, ValueError), match="conv2d: stride must be"):
        layer(x)


@pytest.mark.parametrize("name", ["Conv2d", "MaxPool3d", "LSTM", "BatchNorm1d", "Linear"])
def test_an_argument_that_is_missing_is_one_of_the_class_that_was_called(name: str) -> None:
    with pytest.raises(ArgumentTypeError, match=rf"^{name}\(\) missing \d required"):
        getattr(nn, name)()


def test_a_function_of_one_rank_is_told_by_its_own_name() -> None:
    function = nn.functional.conv2d
    assert [*inspect.signature(function).parameters][:2] == ["input", "weight"]
    assert pickle.loads(pickle.dumps(function)) is function
    with pytest.raises(TypeError, match=r"^conv2d\(\) missing 1 required .* 'weight'$"):
        function(ag.ones((1, 1, 4, 4)))
    with pytest.raises(
        TypeError, match=r"^conv2d\(\) got an unexpected keyword argument 'size'; it takes "
    ):
        function(ag.ones((1, 1, 4, 4)), ag.ones((1, 1, 2, 2)), size=3)
    with pytest.raises(TypeError, match=r"^conv2d\(\) takes from 2 to 7 .* but 8 were given$"):
        function(*range(8))
    with pytest.raises(TypeError, match=r"^adaptive_avg_pool2d\(\) takes 2 .* but 3 were given$"):
        nn.functional.adaptive_avg_pool2d(*range(3))


CALLED: list[tuple[str, tuple[Any, ...]]] = [
    ("Conv2d", (3, 2, 3)),
    ("ConvTranspose2d", (3, 2, 3)),
    ("MaxPool2d", (2,)),
    ("AvgPool2d", (2,)),
    ("LPPool2d", (2, 2)),
    ("AdaptiveAvgPool2d", (3,)),
    ("Unfold", (2,)),
    ("ReflectionPad2d", (1,)),
]


@pytest.mark.parametrize(("name", "args"), CALLED, ids=[name for name, _ in CALLED])
def test_a_layer_is_at_its_kernel_in_at_most_25_python_calls(
    name: str, args: tuple[Any, ...]
) -> None:
    layer, x = made(name, args)
    files: list[str] = []

    def note(frame: Any, event: str, _: Any) -> None:
        if event == "call":
            files.append(frame.f_code.co_filename.replace("\\", "/"))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        layer(x)
    finally:
        sys.setprofile(before)
    kernels = ["/autograd/kernels/" in file for file in files]
    assert kernels.index(True) <= 25


def test_a_layer_of_the_users_own_may_have_a_rank() -> None:
    layer, x = made("Conv2d", (3, 2, 3))
    before = outputs(layer, x)
    layer.rank, layer.stride = 4, 1
    assert outputs(layer, x) == before


def test_a_layer_of_the_users_own_keeps_its_words() -> None:
    class Frame(nn.ZeroPad2d):
        """A frame."""

    assert Frame.__doc__ == "A frame."
    assert Frame(1)(ag.ones((1, 1, 1, 1))).sum().item() == 1


def test_an_option_that_is_taken_away_is_missed_by_the_call() -> None:
    layer, x = made("MaxPool2d", (2,))
    del layer.stride
    with pytest.raises(AttributeError, match="stride"):
        layer(x)


def test_an_option_may_be_computed() -> None:
    class Growing(nn.MaxPool2d):
        step = 1
        stride = property(lambda self: self.step, lambda self, value: None)

    layer, x = Growing(2), ag.ones((1, 1, 8, 8))
    assert layer(x).shape == (1, 1, 7, 7)
    layer.step = 2
    assert layer(x).shape == (1, 1, 4, 4)


def test_an_option_that_is_a_buffer_is_read_at_every_call() -> None:
    layer, x = made("ConstantPad2d", (1, 5.0))
    del layer.value
    layer.register_buffer("value", ag.asarray(5.0))
    layer(x)
    layer.load_state_dict({"value": np.asarray(9.0)})
    assert layer(x)[0, 0, 0, 0].item() == 9


@pytest.mark.parametrize("name", ["_options", "_function"])
def test_a_layer_of_the_users_own_may_have_names_of_the_base(name: str) -> None:
    layer, x = made("Conv2d", (3, 2, 3))
    setattr(layer, name, {"anything": 1})
    layer.stride = 2
    assert layer(x).shape == (1, 2, 3, 3)


def test_a_padding_that_is_set_is_refused_in_the_name_of_pad() -> None:
    layer, x = made("ConstantPad2d", (1, 5.0))
    layer.value = "five"
    with pytest.raises(DTypeError, match=r"^pad: value must be"):
        layer(x)
