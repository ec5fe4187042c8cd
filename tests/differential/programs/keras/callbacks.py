"""Callbacks: early stopping, schedules of the rate, one of one's own, class and sample weights."""

import keras
import numpy as np
from keras.callbacks import Callback, EarlyStopping, LearningRateScheduler, ReduceLROnPlateau
from keras.layers import Dense
from keras.models import Sequential

rng = np.random.default_rng(26)
x = rng.standard_normal((60, 6)).astype("float32")
y = (x[:, 0] + 0.3 * rng.standard_normal(60) > 0).astype("int32")


class Log(Callback):
    def on_train_begin(self, logs=None):
        self.losses, self.rates, self.batches = [], [], 0

    def on_train_batch_end(self, batch, logs=None):
        self.batches += 1

    def on_epoch_end(self, epoch, logs=None):
        self.losses.append(logs["loss"])
        self.rates.append(float(self.model.optimizer.learning_rate))


def step_decay(epoch, lr):
    return lr if epoch < 2 else lr * 0.5


def build():
    model = Sequential()
    model.add(Dense(8, input_shape=(6,), activation="relu", kernel_initializer="he_normal"))
    model.add(Dense(1, activation="sigmoid", bias_initializer="zeros"))
    model.set_weights([rng.uniform(-0.5, 0.5, w.shape) for w in model.get_weights()])
    return model


model = build()
model.compile(
    loss="binary_crossentropy",
    optimizer=keras.optimizers.Adam(learning_rate=0.05),
    metrics=["accuracy", keras.metrics.Precision(name="precision"), keras.metrics.AUC(name="auc")],
)
log = Log()
history = model.fit(
    x,
    y,
    epochs=8,
    batch_size=20,
    verbose=0,
    shuffle=False,
    validation_data=(x[:20], y[:20]),
    class_weight={0: 1.0, 1: 3.0},
    callbacks=[log, LearningRateScheduler(step_decay), EarlyStopping("val_loss", patience=2)],
)
weighted = build()
weighted.compile(loss="hinge", optimizer="sgd")
second = weighted.fit(
    x,
    2 * y - 1,
    sample_weight=rng.random(60),
    epochs=4,
    verbose=0,
    shuffle=False,
    callbacks=[ReduceLROnPlateau(monitor="loss", patience=0, min_delta=10.0)],
)
results = {
    "loss": history.history["loss"],
    "auc": history.history["val_auc"],
    "precision": history.history["precision"],
    "rates": log.rates,
    "batches": log.batches,
    "hinge": second.history["loss"],
    "rate": float(weighted.optimizer.learning_rate),
}
