"""A transformer block of Keras' layers, trained from a generator, evaluated in steps."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(28)
inputs = keras.Input((6,), dtype="int32")
x = layers.Embedding(12, 8)(inputs)
attended = layers.MultiHeadAttention(num_heads=2, key_dim=4)(x, x)
x = layers.LayerNormalization(epsilon=1e-6)(layers.add([x, attended]))
feed = layers.Dense(16, activation="gelu")(x)
feed = layers.Dense(8)(feed)
x = layers.LayerNormalization(epsilon=1e-6)(x + feed)
x = layers.Conv1D(5, 3, padding="causal", activation="swish")(x)
x = layers.GlobalMaxPooling1D()(x)
outputs = layers.Dense(3)(x)
model = keras.Model(inputs, outputs, name="transformer")
model.set_weights([rng.uniform(-0.5, 0.5, w.shape) for w in model.get_weights()])
schedule = keras.optimizers.schedules.ExponentialDecay(0.02, decay_steps=5, decay_rate=0.5)
model.compile(
    optimizer=keras.optimizers.AdamW(schedule, weight_decay=0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=[keras.metrics.SparseTopKCategoricalAccuracy(k=2, name="top2")],
)
tokens = rng.integers(0, 12, (32, 6))
labels = rng.integers(0, 3, 32)


def batches():
    while True:
        for i in range(0, 32, 8):
            yield tokens[i : i + 8], labels[i : i + 8]


history = model.fit(batches(), steps_per_epoch=4, epochs=4, verbose=0)
score = model.evaluate(batches(), steps=4, verbose=0)
results = {
    "loss": history.history["loss"],
    "top2": history.history["top2"],
    "score": score,
    "logits": model.predict(tokens, verbose=0),
    "rate": float(model.optimizer.learning_rate),
    "steps": int(model.optimizer.iterations),
}
