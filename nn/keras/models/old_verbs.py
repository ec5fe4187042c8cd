"""Verbs that Keras has no more, for programs that say them: each is one of now, and warns."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

__all__ = ["TrainedByOldNames"]


def _warn(old: str, now: str) -> None:
    warnings.warn(f"{old} is gone from Keras: write {now}", DeprecationWarning, stacklevel=3)


class TrainedByOldNames:
    """fit_generator, predict_classes and the like, by what stands for them now."""

    fit: Any
    evaluate: Any
    predict: Any

    def fit_generator(
        self, generator: Any, steps_per_epoch: int | None = None, epochs: int = 1,
        verbose: Any = "auto", callbacks: Any = None, validation_data: Any = None,
        validation_steps: int | None = None, *args: Any, **kwargs: Any,
    ) -> Any:  # fmt: skip
        """fit, whose first argument may be a generator."""
        _warn("fit_generator", "fit(generator, ...)")
        kwargs |= dict(zip(("class_weight",), args, strict=False))
        return self.fit(
            generator, steps_per_epoch=steps_per_epoch, epochs=epochs, verbose=verbose,
            callbacks=callbacks, validation_data=validation_data,
            validation_steps=validation_steps, **kwargs,
        )  # fmt: skip

    def evaluate_generator(self, generator: Any, steps: int | None = None, **kwargs: Any) -> Any:
        """evaluate, whose first argument may be a generator."""
        _warn("evaluate_generator", "evaluate(generator, ...)")
        return self.evaluate(generator, steps=steps, **kwargs)

    def predict_generator(self, generator: Any, steps: int | None = None, **kwargs: Any) -> Any:
        """predict, whose first argument may be a generator."""
        _warn("predict_generator", "predict(generator, ...)")
        return self.predict(generator, steps=steps, **kwargs)

    def predict_classes(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """The class with the largest output; of one output, 0 or 1, in a column."""
        _warn(
            "predict_classes",
            "model.predict(x).argmax(axis=-1), or (model.predict(x) > 0.5) of one probability",
        )
        found = np.asarray(self.predict(x, *args, **kwargs))
        if found.shape[-1] > 1:
            return found.argmax(axis=-1)
        return (found > 0.5).astype("int32")

    def predict_proba(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """predict, of a model whose outputs are probabilities."""
        _warn("predict_proba", "predict(x)")
        return self.predict(x, *args, **kwargs)
