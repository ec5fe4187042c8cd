"""The convolutional networks of the benchmarks, in the library whose `nn` is given."""

from __future__ import annotations

from typing import Any

__all__ = ["RESNET_STAGES", "block", "lenet", "resnet20", "vgg"]

RESNET_STAGES = ((16, 1), (32, 2), (64, 2))  # channels and first stride of three blocks each


def lenet(
    nn: Any,
    channels: tuple[int, int] = (6, 16),
    hidden: tuple[int, int] = (120, 84),
    size: int = 28,
) -> Any:
    """LeNet-5 on images of digits, with rectifiers and max pooling."""
    (few, many), (wide, narrow) = channels, hidden
    return nn.Sequential(
        nn.Conv2d(1, few, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(few, many, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(many * (size // 4 - 2) ** 2, wide), nn.ReLU(), nn.Linear(wide, narrow), nn.ReLU(),
        nn.Linear(narrow, 10),
    )  # fmt: skip


def resnet20(nn: Any, stages: tuple[tuple[int, int], ...] = RESNET_STAGES) -> Any:
    """The residual network of 20 layers for CIFAR-10."""

    def convolution(inputs: int, outputs: int, size: int, stride: int) -> Any:
        padding = size // 2
        return nn.Sequential(
            nn.Conv2d(inputs, outputs, size, stride, padding, bias=False), nn.BatchNorm2d(outputs)
        )

    class Block(nn.Module):
        """Two convolutions beside the input itself, or beside a convolution to its new size."""

        def __init__(self, inputs: int, outputs: int, stride: int) -> None:
            super().__init__()
            self.first = convolution(inputs, outputs, 3, stride)
            self.second = convolution(outputs, outputs, 3, 1)
            same = inputs == outputs and stride == 1
            self.beside = nn.Identity() if same else convolution(inputs, outputs, 1, stride)
            self.relu = nn.ReLU()

        def forward(self, x: Any) -> Any:
            return self.relu(self.second(self.relu(self.first(x))) + self.beside(x))

    channels = stages[0][0]
    layers = [convolution(3, channels, 3, 1), nn.ReLU()]
    for outputs, first in stages:
        for stride in (first, 1, 1):
            layers.append(Block(channels, outputs, stride))
            channels = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10))


def vgg(nn: Any, widths: tuple[int, int, int] = (64, 128, 256), size: int = 32) -> Any:
    """Three pairs of 3x3 convolutions, each pooled, and a linear layer."""
    layers, channels = [], 3
    for outputs in widths:
        for _ in range(2):
            layers += [nn.Conv2d(channels, outputs, 3, padding=1), nn.ReLU()]
            channels = outputs
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * (size // 8) ** 2, 10))


def block(library: Any, width: int, heads: int) -> Any:
    """A block of a transformer with causal attention, in any of the libraries."""
    nn = library.nn

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
            self.gelu = nn.GELU()

        def forward(self, x: Any) -> Any:
            n, t, _ = x.shape
            parts = self.qkv(self.ln1(x)).reshape(n, t, 3, heads, width // heads)
            q, k, v = (parts[:, :, i].swapaxes(1, 2) for i in range(3))
            out = library.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.proj(out.swapaxes(1, 2).reshape(n, t, width))
            return x + self.down(self.gelu(self.up(self.ln2(x))))

    return Block()
