"""A small residual network on pieces of clothing, with random crops and flips.

python -m examples.fashion_resnet
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import nn
import optim
from examples.shared import options_of, save
from nn.data import transforms


def main(arguments: Sequence[str] | None = None) -> dict[str, float]:
    options = options_of(
        __doc__, "fashion_resnet", epochs=8, examples=60_000, width=16, batch=64, seed=0
    ).parse_args(arguments)
    nn.manual_seed(options.seed)
    (x_train, y_train), (x_test, y_test) = nn.datasets.fashion_mnist()
    mean, deviation = np.float32(0.2860), np.float32(0.3530)  # of the training pixels
    x_train, x_test = ((x[:, None] / np.float32(255) - mean) / deviation for x in (x_train, x_test))
    x_train, y_train = x_train[: options.examples], y_train[: options.examples]

    model = nn.models.ResNet((1, 1, 1), 10, options.width, channels=1, stem="cifar")
    crop = transforms.RandomCrop(28, padding=2)
    flip = transforms.RandomHorizontalFlip()
    loader = nn.data.DataLoader(
        (x_train, y_train), options.batch, shuffle=True,
        transform=lambda x, rng: flip(crop(x, rng), rng),
    )  # fmt: skip
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    rates = optim.lr_scheduler.OneCycleLR(
        optimizer, 0.2, total_steps=options.epochs * len(loader) + 1
    )
    step = nn.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: rates.step())
    model.compile(optimizer, nn.CrossEntropyLoss(), ["accuracy"])
    model.summary((1, 28, 28))
    history = model.fit(loader, epochs=options.epochs, validation_data=(x_test, y_test),
                        callbacks=[step])  # fmt: skip
    scores = model.evaluate(x_test, y_test)
    print(f"test accuracy {scores['accuracy']:.2%}, loss {scores['loss']:.4f}")
    save(nn.plot.history(history), options.out, "fashion_resnet")
    return scores


if __name__ == "__main__":
    main()
