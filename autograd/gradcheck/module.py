"""gradcheck of a model: parameters and inputs by name, in train and eval mode, nothing changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd.errors import ArgumentError, GradcheckError
from autograd.gradcheck.check import gradcheck, refuse_unknown
from autograd.gradcheck.report.merge import merged, shown
from autograd.gradcheck.report.report import Report
from autograd.random import generator
from autograd.tensors.tensor import Tensor

__all__ = ["gradcheck_module"]


def gradcheck_module(
    model: Any,
    *inputs: Any,
    loss: Callable[[Any], Any] | None = None,
    raise_exception: bool = True,
    modes: Sequence[str] = ("train", "eval"),
    **options: Any,
) -> Report:
    """Check the gradients of a model's parameters and floating inputs, in train and eval mode.

    `model(*inputs)` returns Tensors, nested in tuples, lists or dicts if it likes; `loss`, a
    function of what the model returns, is checked in their place. Findings name the parameters by
    dotted path (`encoder.0.weight`). With `modes=("eval",)` train mode is left out. `options` are
    those of `gradcheck`.

    Random numbers from the default generator (dropout) are the same in every evaluation. Parameters
    that do not require grad are left out, with a note. Nothing of the model is changed: evaluations
    run on other arrays, lent to its parameters and buffers, and the training flags, the random
    state, and buffers that the model replaces are put back.

    >>> import autograd as ag
    >>> import nn
    >>> model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh())
    >>> bool(gradcheck_module(model, ag.Tensor([[0.5, -1.0]])))
    True
    """
    if not all(hasattr(model, name) for name in ("named_parameters", "train", "eval")):
        raise GradcheckError(
            f"gradcheck_module: expected a module with named_parameters(), train() and eval(), got "
            f"{type(model).__name__}; for a function use gradcheck(f, x)"
        )
    refuse_unknown("gradcheck_module", options, "loss", "raise_exception", "modes")
    if not modes or not set(modes) <= {"train", "eval"}:
        raise ArgumentError(f"gradcheck_module: modes are 'train' and 'eval', got {modes!r}")
    parameters = {name: p for name, p in model.named_parameters() if p.requires_grad}
    frozen = [name for name, p in model.named_parameters() if not p.requires_grad]
    given = [Tensor(p._value, name=name) for name, p in parameters.items()]
    given += _named(model, inputs)
    reports, notes = [], []
    if frozen:
        notes.append(f"frozen, and not checked: {', '.join(frozen)}")
    for mode in modes:
        name = f"{type(model).__name__} in {mode} mode"
        run = _Run(model, list(parameters.values()), loss, name)
        with _mode(model, mode == "train"):
            reports.append((name, gradcheck(run, *given, raise_exception=False, **options)))
        notes += [f"{mode} mode: {note}" for note in run.notes()]
    extra = ["*inputs", *(["loss=..."] if loss else []), *([shown(options)] if options else [])]
    report = merged(reports, notes, f"gradcheck_module(model, {', '.join(extra)})")
    return report.raise_() if raise_exception else report


class _Run:
    """The model as a function of its parameters and inputs, the same at every call."""

    def __init__(
        self,
        model: Any,
        parameters: Sequence[Any],
        loss: Callable[[Any], Any] | None,
        name: str,
    ) -> None:
        self.model = model
        self.parameters = parameters
        self.loss = loss
        self.random = generator().bit_generator.state
        self.updated: dict[str, bool] = {}  # whether the model writes to a buffer, by name
        self.__name__ = name

    def __call__(self, *given: Any) -> Any:
        count = len(self.parameters)
        with _replayed(self.random), _lent(self.parameters, given[:count]), self._own_buffers():
            output = self.model(*given[count:])
            found = tuple(_tensors(output if self.loss is None else self.loss(output)))
        return found[0] if len(found) == 1 else found

    def notes(self) -> list[str]:
        """What became of the buffers."""
        kept = [name for name, written in self.updated.items() if not written]
        put_back = [name for name, written in self.updated.items() if written]
        lines = [f"buffers written by the model, and restored: {', '.join(put_back)}"]
        unchanged = [f"buffers unchanged: {', '.join(kept)}"]
        return (lines if put_back else []) + (unchanged if kept else [])

    @contextmanager
    def _own_buffers(self) -> Iterator[None]:
        """Let the model write to copies of its buffers, and put the buffers themselves back."""
        buffers = dict(self.model.named_buffers()) if hasattr(self.model, "named_buffers") else {}
        values = {name: buffer._value for name, buffer in buffers.items()}
        for buffer in buffers.values():
            buffer._value = buffer._value.copy()
        try:
            yield
        finally:
            for name, now in list(self.model.named_buffers()) if buffers else ():
                if name not in buffers:
                    continue
                written = now.numpy().tobytes() != np.asarray(values[name]).tobytes()
                self.updated[name] = self.updated.get(name, False) or written
                if now is not buffers[name]:
                    path, _, attribute = name.rpartition(".")
                    setattr(self.model.get_submodule(path), attribute, buffers[name])
            for name, buffer in buffers.items():
                buffer._value = values[name]


@contextmanager
def _lent(parameters: Sequence[Any], given: Sequence[Tensor]) -> Iterator[None]:
    """Parameters take the values and places in the graph of other Tensors for a while."""
    own = [(p._value, p._node) for p in parameters]
    try:
        for parameter, other in zip(parameters, given, strict=True):
            parameter._value, parameter._node = other._value, other._node
        yield
    finally:
        for parameter, (value, node) in zip(parameters, own, strict=True):
            parameter._value, parameter._node = value, node


@contextmanager
def _replayed(state: Mapping[str, Any]) -> Iterator[None]:
    """Start the default generator at a state, and put it back there afterwards."""
    bits = generator().bit_generator
    bits.state = state
    try:
        yield
    finally:
        bits.state = state


@contextmanager
def _mode(model: Any, training: bool) -> Iterator[None]:
    """Train or eval mode, and the flag of each module as it was afterwards."""
    modules = [m for _, m in model.named_modules()] if hasattr(model, "named_modules") else [model]
    flags = [getattr(module, "training", True) for module in modules]
    (model.train if training else model.eval)()
    try:
        yield
    finally:
        for module, flag in zip(modules, flags, strict=True):
            module.training = flag


def _tensors(output: Any) -> Iterator[Any]:
    """What the model returned, without the tuples, lists and dicts around it."""
    if isinstance(output, Mapping):
        output = tuple(output.values())
    if not isinstance(output, (tuple, list)):
        yield output
        return
    for part in output:
        yield from _tensors(part)


def _named(model: Any, inputs: Sequence[Any]) -> list[Any]:
    """The inputs, with the names that `forward` has for those that have none of their own."""
    import inspect  # late: it takes long to load

    try:
        formal = list(inspect.signature(getattr(model, "forward", model)).parameters.values())
    except (TypeError, ValueError):  # built-in functions have no signature
        formal = []
    named: list[Any] = []
    for position, x in enumerate(inputs):
        name = getattr(x, "name", None)
        if name is None:
            known = position < len(formal) and formal[position].kind not in (
                inspect.Parameter.VAR_POSITIONAL,
                inspect.Parameter.VAR_KEYWORD,
            )
            name = formal[position].name if known else f"input{position}"
        floating = getattr(getattr(x, "dtype", None), "kind", "") in ("f", "c")
        named.append(Tensor(x, name=name) if floating or isinstance(x, float) else x)
    return named
