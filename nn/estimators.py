"""Networks as estimators of scikit-learn: pipelines, grid search and cross-validation take them.

Loaded when it is imported; needs scikit-learn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, Self

import numpy as np

from autograd.engine.generators import drawing_from
from autograd.errors import ArgumentTypeError, MissingPackageError
from autograd.extend import raw
from autograd.ops.activation.softmax import softmax
from nn.activation.piecewise_layers import ReLU
from nn.linear.layers import Linear
from nn.loss.classification_layers import CrossEntropyLoss
from nn.loss.layers import MSELoss
from nn.module.containers import Sequential
from nn.module.module import Module

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError:
    raise MissingPackageError(
        "nn.estimators stands on scikit-learn:  pip install scikit-learn"
    ) from None

__all__ = ["NeuralNetClassifier", "NeuralNetRegressor"]


class _NeuralNet(BaseEstimator):  # type: ignore[misc]
    """What both estimators share: the network is made at `fit`, for the data that it is given."""

    def __init__(
        self,
        module: Callable[[int, int], Module] | None = None,
        *,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        optimizer: Any = "adam",
        epochs: int = 100,
        batch_size: int = 32,
        validation_fraction: float = 0.0,
        callbacks: Sequence[Any] = (),
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.module = module
        self.hidden_layer_sizes = hidden_layer_sizes
        self.optimizer = optimizer
        self.epochs = epochs
        self.batch_size = batch_size
        self.validation_fraction = validation_fraction
        self.callbacks = callbacks
        self.random_state = random_state
        self.verbose = verbose

    def _made(self, features: int, outputs: int) -> Any:
        if self.module is None:
            hidden = self.hidden_layer_sizes
            sizes = [features, *(hidden if isinstance(hidden, Iterable) else [hidden])]
            layers = [layer for a, b in pairwise(sizes)
                      for layer in (Linear(a, b), ReLU())]  # fmt: skip
            return Sequential(*layers, Linear(sizes[-1], outputs))
        if isinstance(self.module, Module) or not callable(self.module):
            raise ArgumentTypeError(
                "module is a function (features, outputs) -> nn.Module, such as lambda n, k: "
                f"nn.Linear(n, k); got {type(self.module).__name__}. Sizes of layers are "
                "hidden_layer_sizes="
            )
        made = self.module(features, outputs)
        if not isinstance(made, Module):
            raise ArgumentTypeError(
                "module is a function (features, outputs) -> nn.Module, and it gave "
                f"{type(made).__name__}"
            )
        return made if hasattr(made, "fit") else Sequential(made)

    def _fit(self, X: Any, y: Any, outputs: int, loss: Any) -> Self:
        seed = check_random_state(self.random_state).randint(2**31)
        with drawing_from(seed):
            self.module_ = self._made(X.shape[1], outputs).double()
            self.module_.compile(self.optimizer, loss)
            self.history_ = self.module_.fit(
                X, y, epochs=self.epochs, batch_size=self.batch_size, verbose=self.verbose,
                validation_split=self.validation_fraction, callbacks=self.callbacks, rng=seed,
            ).history  # fmt: skip
        self.n_iter_ = len(self.history_["loss"])
        return self

    def _outputs(self, X: Any) -> Any:
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        return np.asarray(raw(self.module_.predict(X)))


class NeuralNetClassifier(ClassifierMixin, _NeuralNet):  # type: ignore[misc]
    """A network as a classifier of scikit-learn, trained on the cross-entropy in doubles.

    `module` is a function (features, classes) -> a module that gives logits; without one there are
    layers of ReLU units of `hidden_layer_sizes`. After `fit`, `module_` is the trained network,
    `history_` its losses by epoch, and `classes_` the labels.

    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = NeuralNetClassifier(epochs=30, random_state=0).fit(X, y)
    >>> model.predict_proba(X[:1]).shape, bool(model.score(X, y) > 0.9)
    ((1, 3), True)
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Make the network, and train it on (samples, features) and their labels."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        return self._fit(X, labels, max(2, len(self.classes_)), CrossEntropyLoss())

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class, in the order of `classes_`: (samples, classes)."""
        logits = self._outputs(X)[:, : len(self.classes_)]
        return np.asarray(raw(softmax(logits, axis=1)))

    def predict(self, X: Any) -> Any:
        """The label of the most probable class."""
        found = self._outputs(X)[:, : len(self.classes_)].argmax(axis=1)
        return self.classes_[found]


class NeuralNetRegressor(RegressorMixin, _NeuralNet):  # type: ignore[misc]
    """A network as a regressor of scikit-learn, trained on the mean squared error in doubles.

    `module` is a function (features, targets) -> a module; the rest is as in the classifier.

    >>> X = np.linspace(-1, 1, 50)[:, None]
    >>> model = NeuralNetRegressor(epochs=60, random_state=0).fit(X, X[:, 0] ** 2)
    >>> bool(model.score(X, X[:, 0] ** 2) > 0.5)
    True
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any) -> Self:
        """Make the network, and train it on (samples, features) and targets of one or more."""
        X, y = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True)
        self._is_flat = y.ndim == 1
        targets = y.reshape(len(y), -1).astype(np.float64)
        return self._fit(X, targets, targets.shape[1], MSELoss())

    def predict(self, X: Any) -> Any:
        """The targets, in the shape that `fit` was given them in."""
        found = self._outputs(X)
        return found[:, 0] if self._is_flat else found
