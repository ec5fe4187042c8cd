"""LeNet-5 on handwritten digits: convolutions, and what the first of them learned.

python -m examples.lenet
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import nn
import optim
from examples.shared import options_of, save


def main(arguments: Sequence[str] | None = None) -> dict[str, float]:
    options = options_of(__doc__, "lenet", epochs=5, examples=60_000, batch=64, seed=0).parse_args(
        arguments
    )
    nn.manual_seed(options.seed)
    (x_train, y_train), (x_test, y_test) = nn.datasets.mnist()
    x_train = x_train[: options.examples, None] / np.float32(255)
    y_train = y_train[: options.examples]
    x_test = x_test[:, None] / np.float32(255)

    model = nn.models.LeNet5()
    model.summary((1, 28, 28))
    steps = options.epochs * -(-len(x_train) // options.batch)
    optimizer = optim.Adam(model.parameters(), lr=0.002)
    rates = optim.lr_scheduler.OneCycleLR(optimizer, 0.005, total_steps=steps + 1)
    step = nn.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: rates.step())
    model.compile(optimizer, nn.CrossEntropyLoss(), ["accuracy"])
    history = model.fit(x_train, y_train, epochs=options.epochs, batch_size=options.batch,
                        validation_data=(x_test, y_test), callbacks=[step])  # fmt: skip
    scores = model.evaluate(x_test, y_test)
    print(f"test accuracy {scores['accuracy']:.2%}, loss {scores['loss']:.4f}")
    save(nn.plot.history(history), options.out, "lenet")
    first = model[0]
    save(nn.plot.filters(first), options.out, "filters")
    save(nn.plot.feature_maps(model, x_test[0], first), options.out, "maps")
    return scores


if __name__ == "__main__":
    main()
