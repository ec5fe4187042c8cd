"""Convolution by hand: three channels, padding, strides, pooling, and how many weights there are.

python -m examples.convolution_by_hand
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import nn
from autograd import Tensor
from examples.shared import options_of

IMAGE = np.array([
    [[0, 0, 0], [0, 1, 1], [0, 2, 1]],  # red
    [[0, 0, 0], [0, 2, 2], [0, 1, 0]],  # green
    [[0, 0, 0], [0, 0, 3], [0, 1, 0]],  # blue
], "float32")  # fmt: skip
KERNEL = np.array([
    [[0, 0, 0], [0, 0, 1], [0, 1, 0]],
    [[0, 2, 0], [0, 2, 0], [0, 2, 0]],
    [[1, 0, 0], [0, 2, 0], [0, 0, 1]],
], "float32")  # fmt: skip


def convolve(image: Any, kernel: Any, stride: int = 1) -> Any:
    """(C, H, W) with (C, k, k): every place of the kernel, one after the other."""
    k = kernel.shape[-1]
    rows, columns = ((n - k) // stride + 1 for n in image.shape[1:])
    out = np.zeros((rows, columns), image.dtype)
    for i in range(rows):
        for j in range(columns):
            window = image[:, i * stride : i * stride + k, j * stride : j * stride + k]
            out[i, j] = np.sum(window * kernel)
    return out


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    options_of(__doc__, "convolution_by_hand").parse_args(arguments)
    x, w = Tensor(IMAGE[None]), Tensor(KERNEL[None])
    F = nn.functional
    parts = [float(np.sum(IMAGE[c] * KERNEL[c])) for c in range(3)]
    found: dict[str, Any] = {"value": F.conv2d(x, w).item(), "parts": parts}
    print(f"red {parts[0]:g} + green {parts[1]:g} + blue {parts[2]:g} = {found['value']:g}")
    padded = {
        "zero": np.pad(IMAGE, ((0, 0), (1, 1), (1, 1))),
        "replicate": np.pad(IMAGE, ((0, 0), (1, 1), (1, 1)), mode="edge"),
    }
    for name, image in padded.items():
        by_hand = convolve(image, KERNEL)
        ours = F.conv2d(F.pad(x, (1, 1, 1, 1), "constant" if name == "zero" else name), w)
        found[name] = by_hand
        assert np.array_equal(ours.numpy()[0, 0], by_hand)
        print(f"{name} padding:\n{by_hand.astype(int)}")
    found["stride"] = convolve(padded["zero"], KERNEL, stride=2)
    assert np.array_equal(F.conv2d(x, w, stride=2, padding=1).numpy()[0, 0], found["stride"])
    print(f"zero padding, stride 2:\n{found['stride'].astype(int)}")
    plane = Tensor(np.arange(16, dtype="float32").reshape(1, 1, 4, 4))
    found["max"] = F.max_pool2d(plane, 2).numpy()[0, 0]
    found["average"] = F.avg_pool2d(plane, 2).numpy()[0, 0]
    print(f"0 to 15 in a square of 4, pooled by 2: max {found['max'].ravel()}, "
          f"average {found['average'].ravel()}")  # fmt: skip
    layer = nn.Conv2d(1, 64, 7)
    found["weights"] = sum(p.size for p in layer.parameters())
    print(f"64 kernels of 7·7 with their biases: (7·7 + 1)·64 = {found['weights']:,} parameters")
    return found


if __name__ == "__main__":
    main()
