"""torch.onnx: models go out by `autograd.onnx.export`, under PyTorch's names for what it takes."""

from __future__ import annotations

import enum
import inspect
import os
from collections.abc import Mapping, Sequence
from typing import Any

from autograd.errors import ArgumentError, ArgumentTypeError
from nn.torch import refusals

__all__ = ["ONNXProgram", "TrainingMode", "export", "is_in_onnx_export"]

# How PyTorch writes its files, of which there is one way here.
_WAYS = {
    "artifacts_dir", "do_constant_folding", "dump_exported_program", "export_params",
    "external_data", "fallback", "keep_initializers_as_inputs", "optimize", "profile", "report",
    "verbose", "verify",
}  # fmt: skip


class TrainingMode(enum.Enum):
    """How a module is when it is exported."""

    EVAL = 0
    PRESERVE = 1
    TRAINING = 2


class ONNXProgram:
    """What `export` gives: the model, to be looked at, or written."""

    def __init__(self, model_proto: Any) -> None:
        self.model_proto = model_proto

    def save(self, destination: Any, **options: Any) -> None:
        """Write the model into a file, or into what is open for bytes."""
        content = self.model_proto.SerializeToString()
        if hasattr(destination, "write"):
            destination.write(content)
            return
        with open(destination, "wb") as file:
            file.write(content)


def export(
    model: Any,
    args: Any = (),
    f: Any = None,
    *,
    kwargs: Mapping[str, Any] | None = None,
    input_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    opset_version: int | None = None,
    dynamic_axes: Mapping[str, Any] | None = None,
    dynamo: bool = True,
    training: TrainingMode = TrainingMode.EVAL,
    **ways: Any,
) -> ONNXProgram | None:
    """Write a call of a model as an ONNX model, into `f`, a path or a file that is open.

    A module goes out as in `eval()`. Lengths of outputs follow from those of the inputs, whatever
    `dynamic_axes` says of them. The program comes back, but for `dynamo=False`.
    """
    from autograd.onnx import export as written

    if unknown := ways.keys() - _WAYS:
        raise ArgumentTypeError(
            f"torch.onnx.export got an unexpected keyword argument {min(unknown)!r}; lengths are "
            'named by dynamic_axes={"x": {0: "batch"}}'
        )
    stays = training is TrainingMode.PRESERVE and getattr(model, "training", False)
    if training is TrainingMode.TRAINING or stays:
        raise ArgumentError(
            "torch.onnx.export: a module goes out as in eval(); the loss and its gradients by "
            "autograd.onnx.export(model, x, train=True)"
        )
    examples = args if isinstance(args, tuple) else (args,)
    parameters = inspect.signature(getattr(model, "forward", model)).parameters
    if kwargs:
        examples = (*examples, *_by_place([*parameters][len(examples) :], kwargs))
    inputs = [*(input_names or ())]
    inputs += [*parameters][len(inputs) : len(examples)]
    outputs = [*(output_names or ())]
    axes = {n: a for n, a in (dynamic_axes or {}).items() if n not in outputs}
    is_path = isinstance(f, (str, os.PathLike))
    made = ONNXProgram(
        written(
            model, examples, path=f if is_path else None, opset=opset_version,
            dynamic_axes=axes, names=[*inputs, *outputs],
        )
    )  # fmt: skip
    if f is not None and not is_path:
        made.save(f)
    return made if dynamo else None


def _by_place(names: Sequence[str], given: Mapping[str, Any]) -> list[Any]:
    """Keyword arguments in the order of the call's parameters."""
    left = dict(given)
    found = [left.pop(name) for name in names[: len(left)] if name in left]
    if left:
        raise ArgumentError(
            f"torch.onnx.export: kwargs has {', '.join(left)}; inputs follow each other there, "
            f"first of {', '.join(names)}"
        )
    return found


def is_in_onnx_export() -> bool:
    """False: what is exported is a trace of what runs."""
    return False


def __getattr__(name: str) -> Any:
    raise refusals.missing("torch.onnx", name, "autograd.onnx.export writes models")
