"""A ResNet-18 of PyTorch, saved as safetensors, is ours when it is loaded; and the other way round.

Ours is `nn.models.ResNet18`; PyTorch's is written here, under torchvision's names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch

import nn
from autograd import Tensor

COUNT = "num_batches_tracked"


def resnet18(width: int, classes: int) -> Any:
    """The network of He, Zhang, Ren and Sun (2016); its own width is 64."""

    def norm(channels: int) -> Any:
        return torch.nn.BatchNorm2d(channels)

    def conv(inputs: int, outputs: int, size: int, stride: int) -> Any:
        return torch.nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False)

    class BasicBlock(torch.nn.Module):
        def __init__(self, inputs: int, outputs: int, stride: int) -> None:
            super().__init__()
            self.conv1 = conv(inputs, outputs, 3, stride)
            self.bn1 = norm(outputs)
            self.relu = torch.nn.ReLU(inplace=True)
            self.conv2 = conv(outputs, outputs, 3, 1)
            self.bn2 = norm(outputs)
            same = stride == 1 and inputs == outputs
            shortcut = torch.nn.Sequential(conv(inputs, outputs, 1, stride), norm(outputs))
            self.downsample = None if same else shortcut

        def forward(self, x: Any) -> Any:
            out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
            return self.relu(out + (x if self.downsample is None else self.downsample(x)))

    class ResNet(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = conv(3, width, 7, 2)
            self.bn1 = norm(width)
            self.relu = torch.nn.ReLU(inplace=True)
            self.maxpool = torch.nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
            inputs = width
            for number in range(1, 5):
                outputs = width << number - 1
                first = BasicBlock(inputs, outputs, 1 if number == 1 else 2)
                layer = torch.nn.Sequential(first, BasicBlock(outputs, outputs, 1))
                self.add_module(f"layer{number}", layer)
                inputs = outputs
            self.avgpool = torch.nn.AdaptiveAvgPool2d((1, 1))
            self.fc = torch.nn.Linear(inputs, classes)

        def forward(self, x: Any) -> Any:
            x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
            x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
            return self.fc(self.avgpool(x).reshape(x.shape[0], -1))

    return ResNet()


def agree(found: Any, wanted: Any, what: str, tolerance: float) -> None:
    """Equal to a tolerance relative to the largest element, however small it is."""
    theirs = wanted.detach().numpy()
    largest = float(np.max(np.abs(theirs)))
    assert found.shape == theirs.shape, what
    np.testing.assert_allclose(found, theirs, rtol=0, atol=tolerance * largest, err_msg=what)


class Setting:
    """A width, a precision, and how closely the two libraries agree in it."""

    def __init__(self, width: int, dtype: str, tolerance: float) -> None:
        self.width, self.dtype, self.tolerance = width, dtype, tolerance

    def ours(self) -> Any:
        return nn.models.ResNet18(10, width=self.width).to(self.dtype)

    def theirs(self) -> Any:
        return resnet18(self.width, 10).to(getattr(torch, self.dtype))

    def images(self, seed: int = 0) -> Any:
        drawn = np.random.default_rng(seed).standard_normal((4, 3, 64, 64))
        return drawn.astype(self.dtype)


SETTINGS = [
    pytest.param(Setting(64, "float32", 1e-4), id="ResNet-18 in float32"),
    pytest.param(Setting(8, "float64", 1e-9), id="narrow, in float64"),
]


@pytest.fixture(params=SETTINGS)
def setting(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def trained(setting: Setting) -> Any:
    """PyTorch's model with random scales and shifts, and statistics of three batches."""
    torch.manual_seed(0)
    model = setting.theirs()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "bn" in name or "downsample.1" in name:
                p.uniform_(0.5, 1.5)
        for seed in range(1, 4):
            model(torch.tensor(setting.images(seed)))
    return model


@pytest.fixture
def loaded(trained: Any, setting: Setting, tmp_path: Path) -> Any:
    """Ours, from the file that PyTorch's state was saved in."""
    safetensors.torch.save_file(trained.state_dict(), tmp_path / "theirs.safetensors")
    model = setting.ours()
    state = safetensors.numpy.load_file(tmp_path / "theirs.safetensors")
    model.load_state_dict(state, strict=True)
    return model


def test_the_states_have_the_same_names_shapes_and_dtypes_in_the_same_order(
    setting: Setting,
) -> None:
    ours = [(k, x.shape, str(x.dtype)) for k, x in setting.ours().state_dict().items()]
    theirs = [
        (k, tuple(x.shape), str(x.dtype).removeprefix("torch."))
        for k, x in setting.theirs().state_dict().items()
    ]
    assert ours == theirs
    assert len(ours) == 122


def test_a_loaded_model_gives_the_same_outputs(trained: Any, loaded: Any, setting: Setting) -> None:
    images = setting.images()
    trained.eval()
    loaded.eval()
    y = loaded(Tensor(images))
    assert y.dtype == setting.dtype
    agree(y.numpy(), trained(torch.tensor(images)), "outputs", setting.tolerance)


def test_a_loaded_model_trains_alike(trained: Any, loaded: Any, setting: Setting) -> None:
    """Outputs, gradients, and the statistics after the step."""
    images = setting.images()
    labels = np.arange(4)
    x, w = Tensor(images, requires_grad=True), torch.tensor(images, requires_grad=True)
    y, wanted = loaded(x), trained(w)
    agree(y.numpy(), wanted, "outputs", setting.tolerance)
    nn.functional.cross_entropy(y, labels).backward()
    torch.nn.functional.cross_entropy(wanted, torch.tensor(labels)).backward()
    agree(x.grad.numpy(), w.grad, "gradient of the images", setting.tolerance)
    for name, p in trained.named_parameters():
        g = loaded.get_parameter(name).grad.numpy()
        agree(g, p.grad, f"gradient of {name}", setting.tolerance)
    for name, buffer in trained.named_buffers():
        agree(loaded.get_buffer(name).numpy(), buffer, name, setting.tolerance)


def test_counters_of_batches_stay_integers_without_an_axis(loaded: Any, setting: Setting) -> None:
    """When loaded, when counted on, and when saved again."""

    def counters() -> list[Any]:
        return [x.numpy() for name, x in loaded.state_dict().items() if name.endswith(COUNT)]

    assert len(counters()) == 20
    for expected in (3, 4):
        for counter in counters():
            assert (counter.shape, counter.dtype) == ((), np.int64)
            assert counter == expected
        loaded(Tensor(setting.images()))


def test_what_we_have_trained_loads_in_pytorch(
    loaded: Any, setting: Setting, tmp_path: Path
) -> None:
    images = setting.images()
    loaded(Tensor(setting.images(5)))
    state = {name: x.numpy() for name, x in loaded.state_dict().items()}
    safetensors.numpy.save_file(state, tmp_path / "ours.safetensors")
    theirs = setting.theirs()
    read = safetensors.torch.load_file(tmp_path / "ours.safetensors")
    theirs.load_state_dict(read, strict=True)
    assert theirs.bn1.num_batches_tracked.dtype == torch.int64
    assert (theirs.bn1.num_batches_tracked.shape, theirs.bn1.num_batches_tracked.item()) == ((), 4)
    loaded.eval()
    theirs.eval()
    y = loaded(Tensor(images))
    agree(y.numpy(), theirs(torch.tensor(images)), "outputs", setting.tolerance)
