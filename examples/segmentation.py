"""Which shape is it, pixel by pixel: a U-Net on coloured discs, squares and triangles in noise.

python -m examples.segmentation
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import nn
import optim
from examples.shared import in_onnxruntime, options_of, save

CLASSES = ("ground", "disc", "square", "triangle")
COLORS = ("#e2e8f0", "#1d4ed8", "#ea580c", "#0f766e")


def inside(kind: int, x: Any, y: Any) -> Any:
    """Whether points lie in a shape that is about as large as the circle of radius 1."""
    if kind == 1:
        return x * x + y * y < 1
    if kind == 2:
        return np.maximum(abs(x), abs(y)) < 0.9
    turns = (np.arange(3) * 2 + 1) * np.pi / 3
    return np.all([x * np.sin(t) + y * np.cos(t) < 0.62 for t in turns], axis=0)


def picture(size: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """An image (3, size, size) of shapes over a slope of colours, and the class of each pixel."""
    row, column = np.mgrid[:size, :size] / size
    first, second = rng.uniform(0, 1, (2, 3, 1, 1))
    angle = rng.uniform(0, 2 * np.pi)
    slope = (row - 0.5) * np.sin(angle) + (column - 0.5) * np.cos(angle) + 0.5
    image, mask = first + (second - first) * slope, np.zeros((size, size), np.int64)
    for _ in range(rng.integers(1, 5)):
        kind, turn = rng.integers(1, len(CLASSES)), rng.uniform(0, 2 * np.pi)
        radius, (across, down) = rng.uniform(0.1, 0.25), rng.uniform(0.1, 0.9, 2)
        x, y = (column - across) / radius, (row - down) / radius
        there = inside(
            kind, x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
        )
        color = rng.uniform(0, 1, (3, 1, 1))
        while abs(color - image.mean(axis=(1, 2), keepdims=True)).sum() < 0.6:
            color = rng.uniform(0, 1, (3, 1, 1))
        image, mask = np.where(there, color, image), np.where(there, kind, mask)
    noisy = image + rng.normal(0, 0.12, image.shape)
    return noisy.clip(0, 1).astype(np.float32), mask


def pictures(count: int, size: int, rng: np.random.Generator) -> tuple[Any, Any]:
    images, masks = zip(*(picture(size, rng) for _ in range(count)), strict=True)
    return np.stack(images), np.stack(masks)


def drawn(images: Any, masks: Any, called: Any) -> Any:
    """Images, what is there, and what is found."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    colors = ListedColormap(COLORS)
    figure, axes = nn.plot.figure(3, len(images), 1.35, 1.35)
    with nn.plot.style():
        rows = (
            ("image", images.transpose(0, 2, 3, 1)),
            ("what is there", masks),
            ("found", called),
        )
        for number, (title, shown) in enumerate(rows):
            for ax, one in zip(axes[number * len(images) :], shown, strict=False):
                ax.imshow(one, cmap=colors, vmin=-0.5, vmax=3.5, interpolation="nearest")
                ax.set(xticks=[], yticks=[])
                ax.grid(False)
                ax.spines[:].set_visible(False)
            axes[number * len(images)].set_ylabel(title)
        patches = [Patch(color=c, label=n) for c, n in zip(COLORS, CLASSES, strict=True)]
        figure.legend(handles=patches, loc="outside lower center", ncols=len(patches))
    return figure


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    options = options_of(
        __doc__,
        "segmentation",
        epochs=10,
        examples=3000,
        size=64,
        width=12,
        depth=3,
        batch=16,
        held_out=200,
        seed=0,
    ).parse_args(arguments)
    nn.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    x_train, y_train = pictures(options.examples, options.size, rng)
    x_test, y_test = pictures(options.held_out, options.size, rng)

    model = nn.models.UNet(len(CLASSES), 3, options.width, options.depth, batch_norm=True)
    model.summary((3, options.size, options.size))
    steps = options.epochs * -(-options.examples // options.batch)
    optimizer = optim.Adam(model.parameters(), lr=0.002)
    rates = optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=steps + 1)
    step = nn.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: rates.step())
    model.compile(optimizer, nn.CrossEntropyLoss(), ["mean_iou"], jit_compile=True)
    history = model.fit(x_train, y_train, epochs=options.epochs, batch_size=options.batch,
                        validation_data=(x_test, y_test), callbacks=[step])  # fmt: skip
    logits = model.predict(x_test, batch_size=options.batch)
    by_class = nn.metrics.IoU(average=None)(y_test, logits)
    found = {"iou": float(np.mean(by_class)), "dice": nn.metrics.Dice()(y_test, logits)}
    told = ", ".join(f"{name} {iou:.3f}" for name, iou in zip(CLASSES, by_class, strict=True))
    print(f"IoU {found['iou']:.3f} ({told}), Dice {found['dice']:.3f}")
    save(nn.plot.history(history), options.out, "segmentation_history")
    save(drawn(x_test[:8], y_test[:8], logits[:8].argmax(axis=1)), options.out, "segmentation")
    return found | {"onnx": in_onnxruntime(model, x_test[:5], options.out / "unet.onnx")}


if __name__ == "__main__":
    main()
