"""Model: a module that trains itself, with Keras' verbs: compile, fit, evaluate, predict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd.engine.arguments import checked
from nn.training.trainable import Trainable

if TYPE_CHECKING:
    import os

    from autograd.viz.picture import Picture
    from nn.callbacks import Callback, History

Data: TypeAlias = Any  # arrays, a Dataset, a DataLoader


class Model(Trainable):
    """Base of models of your own that are trained by `fit`; Sequential is one.

    >>> import numpy as np
    >>> import nn
    >>> class Affine(nn.Model):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.linear = nn.Linear(1, 1, rng=0)
    ...
    ...     def forward(self, x):
    ...         return self.linear(x)
    >>> x = np.arange(4.0).reshape(4, 1)
    >>> model = Affine()
    >>> model.compile(optimizer="adam", loss="mse")
    >>> history = model.fit(x, 2 * x + 1, epochs=3, verbose=0)
    >>> sorted(history.history), len(history.history["loss"])
    (['loss'], 3)
    """

    @checked
    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        metrics: Iterable[Any] | Any = (),
        clip_norm: float | None = None,
        jit_compile: bool = False,
    ) -> None:
        """Say how to train: by names or objects.

        `optimizer` is a name ("adam": Keras' names with Keras' numbers), an optimizer of this
        model's parameters, or a function that makes one of them. `loss` is a name, an nn loss or a
        function of output and target. `metrics` are names, `nn.metrics` or functions of target and
        output. With `clip_norm` the norm of all gradients is cut to that before a step. With
        `jit_compile` whole steps, and outputs and losses, are computed by plans, one for each shape
        of a batch (see `autograd.compile`); all else that training does is as without.

        `'sparse_categorical_crossentropy'` and `'categorical_crossentropy'` take probabilities; a
        model that ends in logits takes `nn.CrossEntropyLoss()`.
        """
        from nn.training.compiled import Compiled

        self._compiled = Compiled(self, optimizer, loss, metrics, clip_norm, jit_compile)

    @property
    def optimizer(self) -> Any:
        """The optimizer of this model; it is made when the parameters are there."""
        return self._training().optimizer

    @checked
    def fit(
        self,
        x: Data,
        y: Data = None,
        *,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: bool | str | int = "auto",
        callbacks: Iterable[Callback] = (),
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        initial_epoch: int = 0,
        rng: Any = None,
    ) -> History:
        """Train on batches of (x, y), in a new order every epoch; returns the History.

        `x` and `y` are arrays whose first axis counts the examples; `x` may be a tuple of arrays,
        one for each argument of `forward`, a dict of them by argument, or a Dataset or DataLoader
        of (x, y). Floating numbers are cast to the model's dtype batch by batch. `batch_size` is 32
        by default. `validation_split` keeps the last part of the data, as it lies, for validation;
        `validation_data` is (x, y), a Dataset or a DataLoader. The order is drawn from `rng`, by
        default the generator of `nn.manual_seed`. `verbose` is 1 (a progress bar), 2 (a line an
        epoch), 0, or "auto". The loss of an epoch is what `evaluate` says about losses, of the
        outputs as they were.

        Ctrl-C stops between two operations: the model keeps what it has learned, and
        `model.history` the finished epochs. A loss that is not finite raises NaNError, with the
        step and the module where it began, before the weights are changed by it.
        """
        from nn.training.loop import fit

        return fit(
            self, x, y, batch_size=batch_size, epochs=epochs, verbose=verbose, callbacks=callbacks,
            validation_split=validation_split, validation_data=validation_data, shuffle=shuffle,
            initial_epoch=initial_epoch, rng=rng,
        )  # fmt: skip

    @checked
    def evaluate(
        self,
        x: Data,
        y: Data = None,
        *,
        batch_size: int | None = None,
        verbose: bool | str | int = 0,
    ) -> dict[str, float]:
        """The loss and the metrics over the data, by name, in evaluation mode.

        They are those that one batch of all the data would give: the mean of an nn loss counts
        weights and labels to ignore, its sum is summed. A loss of your own counts as the nn losses
        in it, if those divide by one number, else as a mean over the examples.
        """
        from nn.training.evaluation import evaluate

        return evaluate(self, x, y, batch_size=batch_size, verbose=verbose)

    @checked
    def predict(self, x: Data, *, batch_size: int | None = None) -> Any:
        """The outputs for all examples, as an array, in evaluation mode and without a graph.

        `x` is what `fit` takes; labels that a Dataset or DataLoader brings are left out, and the
        outputs come in the order of the examples. Several outputs come in the model's own form: a
        tuple or dict of arrays.
        """
        from nn.training.prediction import predict

        return predict(self, x, batch_size=batch_size)

    @checked
    def summary(
        self,
        input_shape: Sequence[int] | None = None,
        print_fn: Callable[[str], Any] | None = None,
    ) -> None:
        """Print a table of the layers: their output shapes and numbers of parameters.

        The shapes follow from `input_shape` (an example's, without the batch), an nn.Input, or the
        data that the model has seen; without any they are shown as "?".
        """
        from nn.training.summary import summary

        (print_fn or print)(summary(self, input_shape))

    def plot(
        self,
        to_file: str | os.PathLike[str] | None = None,
        input_shape: Sequence[int] | None = None,
    ) -> Picture:
        """A picture of one forward and backward pass; saved to a file if one is named.

        The example is made of zeros, of the `input_shape` given, declared or seen.
        """
        from nn.training.summary import plot

        return plot(self, to_file, input_shape)
