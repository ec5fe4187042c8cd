"""A traced call as an ONNX model: what `torch.onnx.export` is there."""

from __future__ import annotations

import contextlib
import inspect
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import autograd.onnx.rows  # noqa: F401 - enters them
from autograd._version import __version__
from autograd.engine.modes import at_any_length
from autograd.errors import ArgumentError, ExportError
from autograd.onnx.custom import DOMAIN
from autograd.onnx.examples import examples_of
from autograd.onnx.library import library
from autograd.onnx.sizes import Size
from autograd.onnx.traces import Traces, traces_of
from autograd.onnx.writer import write_nodes
from autograd.system.files import place_of, write_file

__all__ = ["export"]

OLDEST, NEWEST = 17, 28  # opsets: that of LayerNormalization; what onnxruntime has released
IR = 10  # the oldest version of the file format in which nodes have metadata
LARGE = (1 << 31) - (1 << 24)  # bytes: a protobuf message holds no more
SMALL, ALIGNED = 1024, 4096  # bytes: what stays in the model; where runtimes may map a file


def export(
    model: Callable[..., Any],
    *examples: Any,
    path: str | os.PathLike[str] | None = None,
    opset: int | None = None,
    dynamic_axes: Mapping[Any, Any] | None = None,
    names: Sequence[str] | None = None,
    train: bool = False,
) -> Any:
    """Write a call of a model or function as an ONNX model, which other runtimes run.

    The call is traced on the `examples`, Tensors or arrays of any dtype; Python branches on their
    values raise. A tuple alone holds them, as in PyTorch; one that is itself an argument stands in
    another: `((h, c),)`. A module is exported as it is in `eval()`, unless `train`. Parameters and
    buffers are initialisers of their names, and nodes and they say which module and line they are
    from.

    `dynamic_axes` names axes that may have any length: `{"x": {0: "batch"}}`, or `{"x": [0]}`;
    inputs are known by the names of the parameters. `names` are those of the inputs, and then of
    the outputs, there. `train` gives the gradients as well: the model returns a loss, and the
    outputs are this, and the gradient of each parameter as "grad.NAME". `opset` is 17 to 28: the
    newest, unless the `onnx` that is here is older; older runtimes want older ones.

    The ModelProto is returned, and written to `path` if there is one; of more than 2 GB the weights
    are written to a file beside it, `path` with ".data" at its end.

    >>> import numpy as np
    >>> import autograd as ag, nn
    >>> from autograd.onnx import export
    >>> model = export(nn.Linear(2, 3), np.ones((4, 2), "float32"), dynamic_axes={0: {0: "n"}})
    >>> [node.op_type for node in model.graph.node], [x.name for x in model.graph.initializer]
    (['Gemm'], ['weight', 'bias'])
    """
    opset, examples = _opset(opset), examples_of(model, examples)
    with _in_eval(model, not train):
        function = _with_gradients(model) if train else model
        place = None if path is None else Path(path)

        def make() -> Any:
            traces = traces_of(function, examples, dynamic_axes, names)
            return _model(traces, opset, names, _title(model), place)

        made = _at_any_length(make) if dynamic_axes else make()
    if path is not None:
        write_file(path, made.SerializeToString(), "the model")
    return made


def _at_any_length(make: Callable[[], Any]) -> Any:
    """A model of layers as they run, or of their way that is the same at all lengths.

    Some have a faster one where lengths fit.
    """
    with contextlib.suppress(ExportError):
        return make()
    token = at_any_length.set(True)
    try:
        return make()
    finally:
        at_any_length.reset(token)


def _opset(opset: Any) -> int:
    here = library().defs.onnx_opset_version()
    newest = min(NEWEST, here)
    if opset is None:
        return newest
    if isinstance(opset, bool) or not isinstance(opset, int) or not OLDEST <= opset <= newest:
        reason = f", the newest of the onnx {library().__version__} that is here" * (here < NEWEST)
        raise ArgumentError(
            f"export: opset is {opset!r}; write one from {OLDEST} to {newest}{reason}"
        )
    return opset


@contextlib.contextmanager
def _in_eval(model: Any, wanted: bool) -> Iterator[None]:
    """A module as it predicts, for the time of a trace."""
    modules = list(model.modules()) if hasattr(model, "modules") else []
    before = [m.training for m in modules]
    try:
        if wanted:
            for m in modules:
                object.__setattr__(m, "training", False)
        yield
    finally:
        for m, mode in zip(modules, before, strict=True):
            object.__setattr__(m, "training", mode)


def _title(model: Any) -> str:
    return getattr(model, "__name__", type(model).__name__).strip("<>") or "model"


def _with_gradients(model: Any) -> Any:
    """The loss, and the gradients of it by the parameters, by name."""
    import autograd as ag

    if not hasattr(model, "named_parameters"):
        raise ArgumentError("export: train=True needs a module, whose parameters it can name")
    parameters = {n: p for n, p in model.named_parameters() if p.requires_grad}

    def step(*inputs: Any) -> Any:
        loss = model(*inputs)
        if getattr(loss, "shape", None) != ():
            raise ArgumentError("export: with train=True the model returns its loss, one number")
        slopes = ag.grad(loss, list(parameters.values()), allow_unused=True)
        pairs = zip(parameters, slopes, strict=True)
        return {"loss": loss, **{f"grad.{n}": g for n, g in pairs if g is not None}}

    step.__signature__ = inspect.signature(getattr(model, "forward", model))  # type: ignore[attr-defined]
    return step


def _model(traces: Traces, opset: int, names: Any, title: str, path: Path | None) -> Any:
    helper = library("helper")
    b, inputs, outputs = write_nodes(traces, opset, names)
    opsets = [helper.make_opsetid("", opset)]
    opsets += [helper.make_opsetid(DOMAIN, 1)] * bool(b.functions)
    graph = helper.make_graph(
        b.nodes, title,
        [_info(v.name, v.dtype, _dims(v.shape, own))
         for v, own in zip(inputs, traces.axes, strict=True)],
        [_info(n, v.dtype, [_called(s, traces) for s in v.shape]) for n, v in outputs],
    )  # fmt: skip
    made = helper.make_model(
        graph, producer_name="chaingrad", producer_version=__version__,
        opset_imports=opsets, functions=list(b.functions.values()),
        ir_version=max(IR, helper.find_min_ir_version_for(opsets[:1])),
    )  # fmt: skip
    is_large = sum(array.nbytes for _, array in b.initializers) > LARGE
    if is_large and path is not None:
        made.graph.initializer.extend(_beside(path, b.initializers))
    else:
        made.graph.initializer.extend(_tensor(*pair) for pair in b.initializers)
    for tensor in made.graph.initializer:
        _tell(tensor, b.readers.get(tensor.name))
    return made


def _tell(tensor: Any, reader: Any) -> None:
    """A tensor's module and line are those of the first node that reads it."""
    for entry in reader.metadata_props if reader is not None else ():
        if entry.key in ("module", "line"):
            tensor.metadata_props.add(key=entry.key, value=entry.value)


def _called(n: Any, traces: Traces) -> Any:
    """A length of an output: a number, the axis of an input that it is, or None."""
    if type(n) is not Size:
        return n
    own = zip(traces.symbols, zip(*traces.lengths, strict=True), strict=True)
    return next((symbol for symbol, values in own if values == n.values), None)


def _tensor(name: str, array: Any) -> Any:
    return library("numpy_helper").from_array(array, name)


def _beside(path: Path, arrays: Sequence[tuple[str, Any]]) -> Iterator[Any]:
    """The numbers, written to a file beside the model; small ones stay in it."""
    helper, proto = library("helper"), library().TensorProto
    place, _ = place_of(path.with_name(f"{path.name}.data"), "the model's weights")
    with place.open("wb") as file:
        for name, array in arrays:
            if array.nbytes < SMALL:
                yield _tensor(name, array)
                continue
            file.write(bytes(-file.tell() % ALIGNED))
            kind = helper.np_dtype_to_tensor_dtype(array.dtype)
            told = {"location": place.name, "offset": file.tell(), "length": array.nbytes}
            file.write(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).data)
            tensor = proto(
                name=name, dims=array.shape, data_type=kind, data_location=proto.EXTERNAL
            )
            for key, value in told.items():
                tensor.external_data.add(key=key, value=str(value))
            yield tensor


def _dims(shape: Any, symbols: Mapping[int, str]) -> list[Any]:
    return [symbols.get(a, n) for a, n in enumerate(shape)]


def _info(name: str, dtype: Any, shape: Any) -> Any:
    kind = library("helper").np_dtype_to_tensor_dtype(np.dtype(dtype))
    return library("helper").make_tensor_value_info(name, kind, shape)
