"""Images with channels last: convolutions, pooling, batch norm, upsampling; evaluate as a list."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(22)
x_train = rng.integers(0, 256, (50, 12, 12)).astype("float32") / 255
y_train = rng.integers(0, 4, 50)
x_train = np.expand_dims(x_train, -1)
y_onehot = keras.utils.to_categorical(y_train, 4)

model = keras.Sequential(
    [
        keras.Input(shape=(12, 12, 1)),
        layers.Conv2D(4, kernel_size=(3, 3), activation="relu", padding="same"),
        layers.BatchNormalization(),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Conv2D(6, 3, strides=2, padding="same", use_bias=False),
        layers.LeakyReLU(negative_slope=0.1),
        layers.ZeroPadding2D(1),
        layers.AveragePooling2D(2),
        layers.UpSampling2D(2),
        layers.DepthwiseConv2D(3, depth_multiplier=2),
        layers.Activation("tanh"),
        layers.GlobalAveragePooling2D(),
        layers.Dropout(0.0),
        layers.Dense(4, activation="softmax"),
    ]
)
model.set_weights(
    [rng.uniform(0.5, 1.0, w.shape) if w.ndim == 1 else rng.normal(0, 0.3, w.shape)
     for w in model.get_weights()]
)  # fmt: skip
model.compile(
    loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(1e-3), metrics=["accuracy"]
)
history = model.fit(
    x_train,
    y_onehot,
    batch_size=16,
    epochs=4,
    validation_split=0.2,
    shuffle=False,
    verbose=0,
)
score = model.evaluate(x_train, y_onehot, verbose=0)
assert isinstance(score, list)
results = {
    "loss": history.history["loss"],
    "val_loss": history.history["val_loss"],
    "val_accuracy": history.history["val_accuracy"],
    "score": score,
    "shapes": [list(layer.output.shape[1:]) for layer in model.layers],
    "moving": model.layers[1].get_weights(),
    "kernel": model.layers[0].kernel.shape,
    "predicted": model.predict(x_train[:5], verbose=0),
}
