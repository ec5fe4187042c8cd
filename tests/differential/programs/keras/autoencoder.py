"""An autoencoder made of two models, with regularizers, constraints and a frozen part."""

import keras
import numpy as np
from keras import layers, regularizers

rng = np.random.default_rng(27)
encoder = keras.Sequential(
    [
        layers.Input((10,)),
        layers.Dense(
            5,
            activation="selu",
            kernel_regularizer=regularizers.l1_l2(l1=1e-3, l2=1e-3),
            activity_regularizer=regularizers.l1(1e-3),
            name="code",
        ),
    ],
    name="encoder",
)
decoder = keras.Sequential(
    [
        layers.Input((5,)),
        layers.Dense(7, activation="softplus", kernel_constraint="non_neg"),
        layers.Dense(10, activation="linear"),
    ],
    name="decoder",
)
image = keras.Input((10,))
autoencoder = keras.Model(image, decoder(encoder(image)))
autoencoder.set_weights([rng.uniform(-0.4, 0.6, w.shape) for w in autoencoder.get_weights()])
x = rng.random((30, 10), dtype="float32")
autoencoder.compile(optimizer="adagrad", loss="mae")
free = autoencoder.fit(x, x, epochs=4, batch_size=8, shuffle=False, verbose=0)
encoder.trainable = False
autoencoder.compile(optimizer=keras.optimizers.Nadam(1e-2, clipnorm=0.5), loss="huber")
kept = encoder.get_weights()
frozen = autoencoder.fit(x, x, epochs=4, batch_size=8, shuffle=False, verbose=0)
assert all(np.array_equal(a, b) for a, b in zip(kept, encoder.get_weights()))
results = {
    "free": free.history["loss"],
    "frozen": frozen.history["loss"],
    "code": encoder.predict(x, verbose=0),
    "decoder": decoder.get_weights(),
    "trainable": [len(autoencoder.trainable_weights), len(autoencoder.non_trainable_weights)],
    "losses": float(sum(autoencoder.losses)) if autoencoder.losses else 0.0,
}
results.pop("losses")
