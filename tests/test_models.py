"""nn.models: the numbers of parameters of the papers, shapes, and that they learn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn
import optim
from autograd import Tensor
from autograd.errors import ShapeError

M = nn.models

COUNTS: dict[str, tuple[Any, int]] = {
    "LeNet5": (M.LeNet5, 61_706),
    "AlexNet": (M.AlexNet, 60_965_224),
    "VGG11": (M.VGG11, 132_863_336),
    "VGG13": (M.VGG13, 133_047_848),
    "VGG16": (M.VGG16, 138_357_544),
    "VGG19": (M.VGG19, 143_667_240),
    "GoogLeNet as torchvision's": (lambda: M.GoogLeNet(five=3), 6_624_904),
    # that of the paper, and for each of 7,280 channels two numbers of a norm in place of a bias
    "GoogLeNet": (M.GoogLeNet, 6_998_552 + 7_280),
    "ResNet18": (M.ResNet18, 11_689_512),
    "ResNet34": (M.ResNet34, 21_797_672),
    "ResNet50": (M.ResNet50, 25_557_032),
    "ResNet101": (M.ResNet101, 44_549_160),
    "ResNet152": (M.ResNet152, 60_192_808),
    "ResNet20": (M.ResNet20, 272_474),
    "MLP": (lambda: M.MLP([784, 256, 10]), 203_530),
    "UNet": (M.UNet, 31_030_658),  # 23 convolutions, of one channel, for two classes
}


@pytest.fixture
def unfilled(monkeypatch: pytest.MonkeyPatch) -> None:
    """No initial values: memory that nothing writes to costs nothing."""
    for name in ("kaiming_uniform_", "kaiming_normal_", "uniform_", "ones_", "zeros_"):
        monkeypatch.setattr(nn.init, name, lambda parameter, *_, **__: parameter)


@pytest.mark.parametrize("name", COUNTS)
def test_a_network_has_as_many_parameters_as_it_is_known_for(name: str, unfilled: None) -> None:
    make, count = COUNTS[name]
    assert sum(math.prod(p.shape) for p in make().parameters()) == count


SHAPES: dict[str, tuple[Any, tuple[int, ...], tuple[int, ...]]] = {
    "LeNet5": (M.LeNet5, (2, 1, 28, 28), (2, 10)),
    "LeNet5 of 1998": (lambda: M.LeNet5(activation="tanh", pool="avg"), (2, 1, 28, 28), (2, 10)),
    "ResNet18": (lambda: M.ResNet18(5, width=4), (2, 3, 64, 64), (2, 5)),
    "ResNet50": (lambda: M.ResNet50(5, width=4), (2, 3, 64, 64), (2, 5)),
    "ResNet20": (M.ResNet20, (2, 3, 32, 32), (2, 10)),
    "ResNet of digits": (
        lambda: M.ResNet((1, 1), 10, 8, channels=1, stem="cifar"), (2, 1, 28, 28), (2, 10)
    ),
    "GoogLeNet": (lambda: M.GoogLeNet(5), (2, 3, 64, 64), (2, 5)),
    "MLP": (lambda: M.MLP([4, 3, 2], "tanh", last="softmax"), (5, 4), (5, 2)),
    "UNet": (lambda: M.UNet(3, width=4, depth=3), (2, 1, 16, 24), (2, 3, 16, 24)),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_every_parameter_of_a_network_gets_a_gradient(name: str) -> None:
    make, shape, out = SHAPES[name]
    nn.manual_seed(0)
    model = make()
    y = model(Tensor(np.random.default_rng(0).normal(size=shape).astype("float32")))
    assert y.shape == out
    (y * Tensor(np.arange(y.size, dtype="float32").reshape(out))).sum().backward()
    for path, parameter in model.named_parameters():
        assert parameter.grad is not None, path
        assert np.isfinite(parameter.grad.numpy()).all(), path
    assert model.predict(np.zeros(shape)).shape == out


@pytest.mark.parametrize(("make", "shape"), [(M.AlexNet, (1, 3, 227, 227)),
                                             (M.VGG11, (1, 3, 32, 32))])  # fmt: skip
def test_the_large_ones_run(make: Any, shape: tuple[int, ...], unfilled: None) -> None:
    model = make(2)
    for parameter in model.parameters():
        nn.init.constant_(parameter, 1e-4)
    assert model.predict(np.ones(shape)).shape == (1, 2)


def test_the_names_are_torchvisions() -> None:
    keys = M.ResNet18(5, width=4).state_dict().keys()
    assert {"conv1.weight", "bn1.running_mean", "layer2.0.downsample.1.weight", "fc.bias"} <= keys
    keys = M.GoogLeNet(5).state_dict().keys()
    assert {"conv1.conv.weight", "inception3a.branch2.1.bn.weight", "fc.weight"} <= keys


XOR = ([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])


def test_a_perceptron_learns_what_a_line_separates_and_says_when_none_does() -> None:
    neuron = M.Perceptron(2)
    for labels in ([0, 0, 0, 1], [0, 1, 1, 1], [1, 1, 1, 0]):
        neuron.set([0, 0], 0)
        assert neuron.learn(XOR[0], labels) < 20
        assert neuron.predict(XOR[0]).ravel().tolist() == labels
    with pytest.raises(RuntimeError, match=r"after 50 epochs \d of 4 examples are wrong"):
        neuron.learn(*XOR, epochs=50)


def test_a_gpt_sees_only_what_came_before() -> None:
    nn.manual_seed(0)
    model = M.GPT(7, context=6, width=8, depth=2, heads=2)
    tokens = np.array([[1, 2, 3, 4, 5, 6]])
    changed = np.array([[1, 2, 3, 0, 0, 0]])
    first, second = model.predict(tokens), model.predict(changed)
    np.testing.assert_allclose(first[:, :3], second[:, :3], rtol=1e-5, atol=1e-7)
    assert not np.allclose(first[:, 3:], second[:, 3:])
    with pytest.raises(ShapeError, match="7 tokens, and the context is 6"):
        model(Tensor(np.zeros((1, 7), int)))
    with pytest.raises(ValueError, match="cannot be shared by 3 heads"):
        M.GPT(7, width=8, heads=3)


def test_a_gpt_learns_a_rhythm_and_goes_on_with_it() -> None:
    nn.manual_seed(0)
    model = M.GPT(4, context=8, width=16, depth=1, heads=2)
    text = np.arange(200) % 4
    x = np.stack([text[i : i + 8] for i in range(150)])
    y = np.stack([text[i + 1 : i + 9] for i in range(150)])

    def loss_of(output: Any, target: Any) -> Any:
        return nn.functional.cross_entropy(output.reshape(-1, 4), target.reshape(-1))

    model.compile(optim.Adam(model.parameters(), lr=0.01), loss_of)
    model.fit(x, y, epochs=8, verbose=0, rng=0)
    assert model.generate([2], 9, temperature=0).tolist() == [2, 3, 0, 1, 2, 3, 0, 1, 2, 3]
    drawn = model.generate([2], 9, temperature=0.1, rng=0)
    assert drawn.tolist() == [2, 3, 0, 1, 2, 3, 0, 1, 2, 3]
    with pytest.raises(ValueError, match="temperature must be at least 0"):
        model.generate([2], 1, temperature=-1)
    with pytest.raises(ValueError, match="begins with one token"):
        model.generate([], 1)
