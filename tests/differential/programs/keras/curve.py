"""A curve through sigmoids, on inputs of one axis; gradient descent with a large rate."""

import keras
import numpy as np
from keras.layers import Dense
from keras.models import Sequential

rng = np.random.default_rng(21)
X = np.linspace(-1, 1, 100)
noise = rng.normal(0, 0.02, 100)
y_label = 0.5 * X**3 - 0.3 * X + 0.5 + noise
model = Sequential(
    [
        Dense(6, activation="sigmoid"),
        Dense(4, activation="sigmoid"),
        Dense(1, activation="sigmoid"),
    ]
)
model.build((None, 1))
model.set_weights([rng.uniform(-1, 1, w.shape).astype("float32") for w in model.get_weights()])
sgd = keras.optimizers.SGD(learning_rate=5.0)
model.compile(optimizer=sgd, loss="mse")
hist = model.fit(X, y_label, epochs=20, shuffle=False, verbose=0)
domain = np.linspace(-1, 1, 30)
results = {
    "loss": hist.history["loss"],
    "y": model.predict(domain, verbose=0),
    "params": model.count_params(),
    "rate": float(sgd.learning_rate),
    "epochs": hist.epoch,
}
