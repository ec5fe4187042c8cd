"""Sequences of words: embeddings, recurrent layers stacked and both ways, at every step."""

import keras
import numpy as np
from keras.layers import GRU, LSTM, Bidirectional, Dense, Embedding, SimpleRNN, TimeDistributed
from keras.models import Sequential

rng = np.random.default_rng(23)
max_features, maxlen = 15, 7
sequences = [rng.integers(1, max_features, rng.integers(2, 12)).tolist() for _ in range(40)]
x = keras.utils.pad_sequences(sequences, maxlen=maxlen)
y = np.array([s[-1] % 2 for s in sequences])


def randomize(model):
    model.set_weights([rng.uniform(-0.4, 0.4, w.shape) for w in model.get_weights()])
    return model


classifier = Sequential()
classifier.add(keras.Input((maxlen,)))
classifier.add(Embedding(max_features, 5))
classifier.add(LSTM(6, return_sequences=True))
classifier.add(Bidirectional(GRU(4)))
classifier.add(Dense(1, activation="sigmoid"))
randomize(classifier)
classifier.compile(loss="binary_crossentropy", optimizer="rmsprop", metrics=["accuracy"])
history = classifier.fit(x, y, batch_size=16, epochs=5, verbose=0, shuffle=False)

tagger = Sequential(
    [
        keras.Input((None, 3)),
        SimpleRNN(5, return_sequences=True, activation="tanh"),
        GRU(4, return_sequences=True, reset_after=False),
        TimeDistributed(Dense(2, activation="softmax")),
    ]
)
randomize(tagger)
tagger.compile("sgd", "sparse_categorical_crossentropy")
steps = rng.standard_normal((10, 6, 3)).astype("float32")
tags = rng.integers(0, 2, (10, 6))
tagging = tagger.fit(steps, tags, epochs=4, verbose=0, shuffle=False)
results = {
    "padded": x,
    "loss": history.history["loss"],
    "accuracy": history.history["accuracy"],
    "tagging": tagging.history["loss"],
    "tags": tagger.predict(steps[:, :4], verbose=0),
    "shapes": [list(w.shape) for w in classifier.get_weights()],
}
