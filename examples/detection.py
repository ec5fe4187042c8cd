"""Which digits are there, and where: a single-shot detector on digits of MNIST on noisy canvases.

python -m examples.detection
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
import nn
import optim
from examples.shared import in_onnxruntime, options_of, save

COLORS = [
    "#fb7185", "#fb923c", "#facc15", "#a3e635", "#34d399", "#22d3ee", "#93c5fd", "#c4b5fd",
    "#f9a8d4", "#e2e8f0",
]  # fmt: skip


def placed(digits: Any, labels: Any, size: int, rng: np.random.Generator) -> tuple[Any, Any, Any]:
    """A canvas (3, size, size) with some digits, their boxes (M, 4) and labels (M), 0 as 10."""
    row, column = np.mgrid[:size, :size] / size
    first, second = rng.uniform(0, 0.5, (2, 3, 1, 1))
    canvas = first + (second - first) * (row + column) / 2
    boxes, classes = np.zeros((0, 4), np.float32), []
    for _ in range(rng.integers(1, 5)):
        chosen, side = rng.integers(len(digits)), int(rng.uniform(0.25, 0.6) * size)
        ink = ag.asarray(digits[chosen][None, None] / np.float32(255))
        ink = nn.functional.interpolate(ink, (side, side), mode="bilinear").numpy()[0, 0]
        x, y = rng.integers(0, size - side + 1, 2)
        box = nn.vision.masks_to_boxes(ink[None] > 0.3).numpy() + np.array([x, y, x + 1, y + 1])
        if len(boxes) and nn.vision.box_iou(box.astype(np.float32), boxes).numpy().max() > 0.02:
            continue  # one upon the other: this one stays away
        part = canvas[:, y : y + side, x : x + side]
        part += (rng.uniform(0.6, 1, (3, 1, 1)) - part) * ink
        boxes = np.concatenate([boxes, box.astype(np.float32)])
        classes.append(labels[chosen] or 10)
    noisy = canvas + rng.normal(0, 0.08, canvas.shape)
    return noisy.clip(0, 1).astype(np.float32), boxes, np.array(classes)


def scenes(count: int, part: Any, size: int, rng: np.random.Generator) -> tuple[Any, Any, Any]:
    images, boxes, labels = zip(*(placed(*part, size, rng) for _ in range(count)), strict=True)
    return np.stack(images), boxes, labels


def drawn(images: Any, found: Any, boxes: Any) -> Any:
    """Images, with what is there, dotted and white, and what is found."""
    figure, axes = nn.plot.figure(2, len(images) // 2, 2.1, 2.1)
    with nn.plot.style():
        for ax, image, seen, own in zip(axes, images, found, boxes, strict=True):
            ax.imshow(image.transpose(1, 2, 0), interpolation="nearest")
            ax.set(xticks=[], yticks=[])
            ax.grid(False)
            for box in own:
                framed(ax, box, "white", lw=0.8, ls=":")
            for box, score, label in zip(*(seen[n] for n in seen), strict=True):
                color = COLORS[label % 10]
                framed(ax, box, color, lw=1.6)
                told = f"{label % 10}  {score:.0%}"
                ax.text(box[0], box[1] - 2, told, color="#0f172a", fontsize=7,
                        bbox={"facecolor": color, "edgecolor": "none", "pad": 1.2})  # fmt: skip
    return figure


def framed(ax: Any, box: Any, color: str, **line: Any) -> None:
    from matplotlib.patches import Rectangle

    x1, y1, x2, y2 = box
    corner = (x1 - 0.5, y1 - 0.5)
    ax.add_patch(Rectangle(corner, x2 - x1, y2 - y1, fill=False, ec=color, **line))


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    options = options_of(
        __doc__,
        "detection",
        epochs=10,
        examples=3000,
        size=96,
        width=16,
        batch=16,
        held_out=200,
        seed=0,
    ).parse_args(arguments)
    nn.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    train, test = nn.datasets.mnist()
    x_train, *there = scenes(options.examples, train, options.size, rng)
    x_test, boxes, labels = scenes(options.held_out, test, options.size, rng)

    widths = [options.width * times for times in (1, 2, 4, 4)]
    model = nn.models.SSD(10, 3, widths, scales=(0.22, 0.36, 0.5))
    model.summary((3, options.size, options.size))
    y_train = model.targets(*there, x_train.shape[2:])
    steps = options.epochs * -(-options.examples // options.batch)
    optimizer = optim.Adam(model.parameters(), lr=0.002)
    rates = optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=steps + 1)
    step = nn.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: rates.step())
    model.compile(optimizer, nn.vision.multibox_loss, jit_compile=True)
    history = model.fit(x_train, y_train, epochs=options.epochs, batch_size=options.batch,
                        callbacks=[step])  # fmt: skip
    found = model.detect(x_test, batch_size=options.batch)
    true = [{"boxes": b, "labels": n} for b, n in zip(boxes, labels, strict=True)]
    scores = {
        "map_50": nn.metrics.MeanAveragePrecision(0.5)(true, found),
        "map": nn.metrics.MeanAveragePrecision()(true, found),
    }
    print(f"mAP@.5 {scores['map_50']:.3f}, mAP@.5:.95 {scores['map']:.3f}")
    save(nn.plot.history(history), options.out, "detection_history")
    sure = model.detect(x_test[:8], score_thresh=0.4)
    save(drawn(x_test[:8], sure, boxes[:8]), options.out, "detection")
    return scores | {"onnx": in_onnxruntime(model, x_test[:5], options.out / "ssd.onnx")}


if __name__ == "__main__":
    main()
