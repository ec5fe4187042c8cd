"""XOR, the way tutorials have it: add, compile, fit, predict."""

import numpy as np
from keras.layers import Dense
from keras.models import Sequential

rng = np.random.default_rng(20)
training_data = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
target_data = np.array([[0], [1], [1], [0]], "float32")

model = Sequential()
model.add(Dense(16, input_dim=2, activation="relu"))
model.add(Dense(1, activation="sigmoid"))
model.set_weights([rng.uniform(-0.5, 0.5, w.shape) for w in model.get_weights()])
model.compile(loss="mean_squared_error", optimizer="adam", metrics=["binary_accuracy"])
history = model.fit(training_data, target_data, epochs=20, verbose=0, shuffle=False)
results = {
    "loss": history.history["loss"],
    "accuracy": history.history["binary_accuracy"],
    "rounded": model.predict(training_data, verbose=0).round(),
    "weights": model.get_weights(),
}
