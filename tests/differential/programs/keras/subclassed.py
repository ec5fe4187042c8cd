"""Layers and models as subclasses, a loss function of one's own, train_on_batch, saved weights."""

import os
import tempfile

import keras
import numpy as np
from keras import layers, ops

rng = np.random.default_rng(25)


class Linear(layers.Layer):
    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(
            shape=(input_shape[-1], self.units), initializer="random_normal", trainable=True
        )
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", trainable=True)

    def call(self, inputs):
        return ops.matmul(inputs, self.w) + self.b


class Block(keras.Model):
    def __init__(self):
        super().__init__()
        self.linear_1 = Linear(8)
        self.drop = layers.Dropout(0.0)
        self.out = layers.Dense(2, kernel_regularizer=keras.regularizers.l2(0.01))

    def call(self, inputs, training=False):
        x = ops.relu(self.linear_1(inputs))
        if training:
            x = self.drop(x, training=training)
        return self.out(x)


def weighted_mse(y_true, y_pred):
    return ops.mean(ops.square(y_pred - y_true) * ops.convert_to_tensor([1.0, 2.0]), axis=-1)


x = rng.random((24, 5), dtype="float32")
y = rng.random((24, 2), dtype="float32")
model = Block()
model(x[:1])
start = [rng.uniform(-0.5, 0.5, w.shape) for w in model.get_weights()]
model.set_weights(start)
model.compile(optimizer=keras.optimizers.SGD(0.1, momentum=0.9), loss=weighted_mse, metrics=["mae"])
batches = []
for _ in range(3):
    for i in range(0, 24, 8):
        batches.append(model.train_on_batch(x[i : i + 8], y[i : i + 8], return_dict=True)["loss"])
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "model.weights.h5")
    model.save_weights(path)
    before = model.predict(x, verbose=0)
    model.set_weights(start)
    model.load_weights(path)
assert np.array_equal(before, model.predict(x, verbose=0))
results = {
    "batches": [float(b) for b in batches],
    "test": [float(v) for v in model.test_on_batch(x, y)],
    "output": before,
    "trainable": len(model.trainable_weights),
    "weights": model.get_weights(),
}
