"""What `compile` was told: optimizer, loss and metrics. Nothing else in nn trains with `optim`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import optim
from autograd import Tensor
from autograd import compile as compile_call
from autograd.engine.diagnose import listed
from autograd.errors import ArgumentError, ArgumentTypeError, StateError, shown
from nn.loss.names import loss_named
from nn.loss.reduction import Watched
from nn.module.module import Module
from nn.module.names import look_up
from nn.module.parameter import is_lazy
from nn.utils.clip_grad import clip_grad_norm_

__all__ = ["Compiled", "Jit", "step_down"]

# Keras' names, with Keras' numbers where they are not PyTorch's.
OPTIMIZERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "adadelta": (optim.Adadelta, {"lr": 0.001, "rho": 0.95, "eps": 1e-7}),
    "adafactor": (optim.Adafactor, {}),
    "adagrad": (optim.Adagrad, {"lr": 0.001, "initial_accumulator_value": 0.1, "eps": 1e-7}),
    "adam": (optim.Adam, {"eps": 1e-7}),
    "adamax": (optim.Adamax, {"lr": 0.001, "eps": 1e-7}),
    "adamw": (optim.AdamW, {"weight_decay": 0.004, "eps": 1e-7}),
    "lion": (optim.Lion, {}),
    "muon": (optim.Muon, {}),
    "nadam": (optim.NAdam, {"lr": 0.001, "eps": 1e-7}),
    "radam": (optim.RAdam, {}),
    "rmsprop": (optim.RMSprop, {"lr": 0.001, "alpha": 0.9, "eps": 1e-7}),
    "sgd": (optim.SGD, {"lr": 0.01}),
}


class Jit:
    """The parts of a training that run as plans, if they shall, each made once."""

    def __init__(self, is_on: bool) -> None:
        self.is_on = is_on
        self.takes_steps = is_on  # whether those of the optimizer are a part of plans
        self._made: dict[str, Any] = {}

    def __call__(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, compiled at the first time that this name is given."""
        if not self.is_on:
            return function
        if name not in self._made:
            self._made[name] = compile_call(function)
        found: Callable[..., Any] = self._made[name]
        return found


class Compiled:
    """What `compile` was told. A copy or a pickle of the model is not compiled."""

    def __init__(
        self,
        model: Module,
        optimizer: Any,
        loss: Any,
        metrics: Any,
        clip_norm: float | None,
        jit_compile: bool = False,
    ) -> None:
        if isinstance(optimizer, str):
            make, options = look_up("optimizer", optimizer, OPTIMIZERS)
            self._make: Any = partial(make, **options)
        elif isinstance(optimizer, optim.Optimizer) or (
            callable(optimizer) and not isinstance(optimizer, Module)
        ):
            self._make = optimizer
        else:
            raise ArgumentTypeError(
                "the optimizer must be a name, such as 'adam', an optimizer of the model's "
                "parameters, or a function that makes one of them, got "
                f"{type(optimizer).__name__}"
            )
        self._optimizer = optimizer if isinstance(optimizer, optim.Optimizer) else None
        if self._optimizer is not None:
            _check_owner(model, self._optimizer)
        self.model = model
        self.loss: Any = None if loss is None else loss_named(loss)
        self.metrics = _metrics(metrics, self.loss)
        self.clip_norm = clip_norm
        self.inputs: int | None = None  # how many the model has been given in training
        self.jit = Jit(jit_compile)
        self.reducer: Any = None  # of several processes that train together

    def __reduce__(self) -> Any:
        return _not_compiled, ()

    @property
    def optimizer(self) -> Any:
        if self._optimizer is None:
            if lazy := [name for name, p in self.model.named_parameters() if is_lazy(p)]:
                raise StateError(
                    f"{lazy[0]} has no shape yet, so there is no optimizer: begin the model with "
                    "nn.Input(shape), or call it once on data"
                )
            made = self._make(self.model.parameters())
            if not hasattr(made, "step"):
                raise ArgumentTypeError(
                    f"the function for the optimizer must give an optimizer; it gave {shown(made)}"
                )
            self._optimizer = made
        return self._optimizer

    def step(self, loss: Any) -> None:
        """Down the gradients of a loss."""
        step_down(self.model, self.optimizer, loss, self.clip_norm)

    def check_loss(self) -> None:
        if self.loss is None:
            raise StateError("there is no loss: name one, as in model.compile(loss='mse')")
        if getattr(self.loss, "reduction", None) == "none":
            raise ArgumentError(
                f"{type(self.loss).__name__} with reduction='none' gives no one number to train "
                "on; choose 'mean' or 'sum'"
            )

    def loss_of(self, output: Any, target: Any) -> tuple[Any, Any]:
        """The loss of a batch, and how much it counts in a mean (None: losses are summed).

        A loss that ends in one of nn's reductions counts by what that divided by. Another may be
        made of them, and counts so too if all divided by the same; else it is taken for a mean over
        the examples.
        """
        with Watched() as watched:
            loss = self.loss(output, target)
        if not isinstance(loss, Tensor):
            raise ArgumentTypeError(
                "the loss must be a function of output and target that gives a Tensor, in the "
                f"graph; it gave {shown(loss)}"
            )
        if loss is watched.result:
            return loss, watched.divisors[-1]
        divisors = watched.divisors
        if len(divisors) > 1:  # which have to be compared
            divisors = [d.item() if isinstance(d, Tensor) else d for d in divisors]
        same = {*divisors}
        count = same.pop() if len(same) == 1 else None
        return loss, len(target) if count is None else count


def step_down(model: Module, optimizer: Any, loss: Any, clip_norm: float | None) -> None:
    """What one writes by hand."""
    optimizer.zero_grad()
    loss.backward()
    if clip_norm is not None:
        clip_grad_norm_(model.parameters(), clip_norm)
    optimizer.step()


def _not_compiled() -> None:
    return None


def _metrics(metrics: Any, loss: Any) -> list[Any]:
    from nn import metrics as known

    single = isinstance(metrics, str) or callable(metrics)
    found = [
        known.get(metric, loss) for metric in ([metrics] if single else listed("metrics", metrics))
    ]
    names = [metric.name for metric in found]
    if twice := {name for name in names if names.count(name) > 1 or name == "loss"}:
        raise ArgumentError(f"two metrics are called {twice.pop()!r}: give one another name=")
    return found


def _check_owner(model: Module, optimizer: Any) -> None:
    own = set(map(id, model.parameters()))
    if not any(id(p) in own for group in optimizer.param_groups for p in group["params"]):
        raise ArgumentError(
            "the optimizer holds no parameter of this model: make it with model.parameters()"
        )
