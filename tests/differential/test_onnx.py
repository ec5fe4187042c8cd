"""Models that PyTorch writes as ONNX give its outputs and gradients, by both of its exporters."""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import autograd as ag

F = nn.functional


class Block(nn.Module):
    def __init__(self, i: int, o: int, stride: int) -> None:
        super().__init__()
        self.c1, self.b1 = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
        self.c2, self.b2 = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)
        same = stride == 1 and i == o
        down = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))
        self.down = nn.Identity() if same else down

    def forward(self, x: Any) -> Any:
        return torch.relu(self.b2(self.c2(torch.relu(self.b1(self.c1(x))))) + self.down(x))


class ResNet18(nn.Module):
    """Its layers, with an eighth of its channels."""

    def __init__(self) -> None:
        super().__init__()
        pool = nn.MaxPool2d(3, 2, 1)
        stem = nn.Conv2d(3, 8, 7, 2, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(), pool
        widths = [(8, 8, 1), (8, 16, 2), (16, 32, 2), (32, 64, 2)]
        blocks = [b for i, o, s in widths for b in (Block(i, o, s), Block(o, o, 1))]
        self.layers, self.fc = nn.Sequential(*stem, *blocks), nn.Linear(64, 10)

    def forward(self, x: Any) -> Any:
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(self.layers(x), 1), 1))


class LSTM(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.l = nn.LSTM(5, 8, 2, batch_first=True, bidirectional=True)
        self.o = nn.Linear(16, 3)

    def forward(self, x: Any) -> Any:
        return self.o(self.l(x)[0])


class GPT(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.e, self.p = nn.Embedding(20, 16), nn.Embedding(12, 16)
        self.q = nn.ModuleList([nn.Linear(16, 48) for _ in range(2)])
        self.o = nn.ModuleList([nn.Linear(16, 16) for _ in range(2)])
        self.n = nn.ModuleList([nn.LayerNorm(16) for _ in range(5)])
        self.m = nn.ModuleList(
            [nn.Sequential(nn.Linear(16, 64), nn.GELU(), nn.Linear(64, 16)) for _ in range(2)]
        )
        self.h = nn.Linear(16, 20, bias=False)

    def forward(self, i: Any) -> Any:
        b, t = i.shape
        x = self.e(i) + self.p(torch.arange(t))
        for k in range(2):
            heads = self.q[k](self.n[2 * k](x)).reshape(b, t, 3, 4, 4).permute(2, 0, 3, 1, 4)
            y = F.scaled_dot_product_attention(*heads, is_causal=True)
            x = x + self.o[k](y.transpose(1, 2).reshape(b, t, 16))
            x = x + self.m[k](self.n[2 * k + 1](x))
        return self.h(self.n[4](x))


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()

        def part(i: int, o: int) -> nn.Module:
            return nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU())

        self.a, self.b, self.d = part(1, 8), part(8, 16), part(24, 8)
        self.u, self.o = nn.ConvTranspose2d(16, 8, 2, 2), nn.Conv2d(8, 2, 1)

    def forward(self, x: Any) -> Any:
        a = self.a(x)
        b = self.b(F.max_pool2d(a, 2))
        wide = F.interpolate(b, scale_factor=2, mode="bilinear", align_corners=False)
        return self.o(self.d(torch.cat([a, self.u(b), wide[:, :8]], 1)))


MODELS = {
    "resnet18": (ResNet18, lambda: torch.randn(2, 3, 32, 32)),
    "lstm": (LSTM, lambda: torch.randn(2, 6, 5)),
    "gpt": (GPT, lambda: torch.randint(0, 20, (2, 9))),
    "unet": (UNet, lambda: torch.randn(2, 1, 16, 16)),
}


def made(name: str) -> tuple[Any, Any]:
    torch.manual_seed(0)
    kind, example = MODELS[name]
    model = kind()
    with torch.no_grad():
        for part in model.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.running_mean.normal_(0, 0.1)
                part.running_var.uniform_(0.5, 1.5)
        for p in model.parameters():
            p.add_(torch.randn_like(p) * 0.01)  # equal ones would be written once
    return model.eval(), example()


def written(model: Any, x: Any, dynamo: bool) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if dynamo:
            program = torch.onnx.export(model, (x,), dynamo=True, optimize=False, verbose=False)
            return bytes(program.model_proto.SerializeToString())
        file, keep = io.BytesIO(), torch.onnx.TrainingMode.PRESERVE
        torch.onnx.export(model, (x,), file, dynamo=False, do_constant_folding=False, training=keep)
        return file.getvalue()


def near(got: Any, wanted: Any) -> None:
    wanted = wanted.detach().numpy()
    assert np.abs(got - wanted).max() < 1e-5 * np.abs(wanted).max()


@pytest.mark.parametrize(
    ("name", "dynamo"),
    [*((name, False) for name in MODELS), ("gpt", True), ("unet", True)],  # seconds each
)
def test_a_model_of_pytorch_gives_its_outputs_and_gradients(name: str, dynamo: bool) -> None:
    theirs, x = made(name)
    ours = ag.onnx.load(written(theirs, x, dynamo))
    floats = x.is_floating_point()
    x.requires_grad_(floats)
    mine = ag.Tensor(x.detach().numpy().copy(), requires_grad=floats)
    wanted, got = theirs(x), ours(mine)
    near(got.detach().numpy(), wanted)
    # Positive, so that no gradient is a small difference of large sums.
    weights = 1 + np.cos(np.arange(got.size, dtype=np.float32)).reshape(got.shape) / 2
    (wanted * torch.from_numpy(weights)).sum().backward()
    (got * ag.Tensor(weights)).sum().backward()
    if floats:
        near(mine.grad.numpy(), x.grad)
    named = dict(ours.named_parameters())
    for key, parameter in theirs.named_parameters():
        if key in named and named[key].shape == tuple(parameter.shape):
            near(named.pop(key).grad.numpy(), parameter.grad)
        else:  # written as ONNX' own LSTM has it: gates in another order, under no name
            assert name == "lstm"
    assert name == "lstm" or not named
