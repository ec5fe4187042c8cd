"""The functional API: three inputs, a layer shared, two outputs with losses of their own."""

import keras
import numpy as np
from keras import Model, layers

rng = np.random.default_rng(24)
title = keras.Input(shape=(8,), name="title")
body = keras.Input(shape=(8,), name="body")
tags = keras.Input(shape=(3,), name="tags")
shared = layers.Dense(6, activation="elu", name="shared")
one, two = shared(title), shared(body)
both = layers.concatenate([one, two, tags])
mixed = layers.Add()([one, two]) * 0.5
gate = layers.Dense(6, activation="hard_sigmoid")(both)
x = layers.Multiply()([mixed, gate])
x = layers.LayerNormalization()(x + one)
x = layers.Reshape((2, 3))(x)
x = layers.Permute((2, 1))(x)
x = layers.Flatten()(x)
priority = layers.Dense(1, name="priority")(x)
department = layers.Dense(4, activation="softmax", name="department")(both)
model = Model(inputs=[title, body, tags], outputs=[priority, department])
model.set_weights([rng.uniform(-0.5, 0.5, w.shape) for w in model.get_weights()])
model.compile(
    optimizer=keras.optimizers.RMSprop(1e-2),
    loss={
        "priority": keras.losses.MeanSquaredError(),
        "department": keras.losses.SparseCategoricalCrossentropy(),
    },
    loss_weights={"priority": 1.0, "department": 0.2},
    metrics={"department": ["accuracy"]},
)
data = {
    "title": rng.random((33, 8), dtype="float32"),
    "body": rng.random((33, 8), dtype="float32"),
    "tags": rng.random((33, 3), dtype="float32"),
}
targets = {
    "priority": rng.random((33, 1), dtype="float32"),
    "department": rng.integers(0, 4, (33, 1)),
}
history = model.fit(data, targets, epochs=4, batch_size=10, verbose=0, shuffle=False)
outputs = model.predict([data["title"], data["body"], data["tags"]], verbose=0)
inner = Model(model.inputs, both)
results = {
    "loss": history.history["loss"],
    "priority": history.history["priority_loss"],
    "accuracy": history.history["department_accuracy"],
    "outputs": outputs,
    "inner": inner.predict(list(data.values()), verbose=0),
    "evaluated": model.evaluate(data, targets, verbose=0, return_dict=True)["loss"],
    "names": len({layer.name for layer in model.layers}),
}
