"""The node tests that ship with the onnx package, and what a model gives beside them."""

from __future__ import annotations

import functools
import os
import warnings
from typing import Any

import numpy as np

import autograd as ag


@functools.cache
def cases() -> dict[str, list[Any]]:
    """The cases by the operator that they are of; "several" are those of function bodies."""
    import onnx
    from onnx.backend.test.loader import load_model_tests

    found: dict[str, list[Any]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for case in load_model_tests(kind="node"):
            model = case.model or onnx.load(os.path.join(case.model_dir, "model.onnx"))
            kinds = {node.op_type for node in model.graph.node}
            found.setdefault(kinds.pop() if len(kinds) == 1 else "several", []).append(
                (case, model)
            )
    return found


def data(case: Any, model: Any) -> list[tuple[list[Any], list[Any]]]:
    """Inputs and outputs of a case."""
    if case.data_sets is not None:
        return [tuple([_plain(v) for v in part] for part in one) for one in case.data_sets]
    folder = os.path.join(case.model_dir, "test_data_set_0")
    return [
        tuple(
            [
                _read(os.path.join(folder, f"{kind}_{i}.pb"), value.type)
                for i, value in enumerate(values)
            ]
            for kind, values in (("input", model.graph.input), ("output", model.graph.output))
        )
    ]


def _plain(value: Any) -> Any:
    from onnx import TensorProto, numpy_helper

    return numpy_helper.to_array(value) if isinstance(value, TensorProto) else value


def _read(path: str, kind: Any) -> Any:
    import onnx
    from onnx import numpy_helper

    proto, convert = {
        "tensor_type": (onnx.TensorProto, numpy_helper.to_array),
        "sequence_type": (onnx.SequenceProto, numpy_helper.to_list),
        "optional_type": (onnx.OptionalProto, numpy_helper.to_optional),
    }[kind.WhichOneof("value")]
    one = proto()
    with open(path, "rb") as file:
        one.ParseFromString(file.read())
    return convert(one)


def agree(got: Any, wanted: Any, rtol: float, atol: float) -> None:
    """Shapes, types and numbers are those that are wanted."""
    if wanted is None or isinstance(wanted, list):
        assert (got is None) == (wanted is None)
        assert wanted is None or len(got) == len(wanted)
        for a, b in zip(got or [], wanted or [], strict=True):
            agree(a, b, rtol, atol)
        return
    a = got.detach().numpy() if isinstance(got, ag.Tensor) else np.asarray(got)
    b = np.asarray(wanted)
    assert a.shape == b.shape
    if b.dtype.kind in "OUT":
        assert (a.astype(str) == b.astype(str)).all()
        return
    assert a.dtype == b.dtype
    if b.dtype.name in ("float16", "bfloat16"):
        # What is made of parts is rounded at each: two units in the last place.
        rtol = max(rtol, 2 * {"float16": 2.0**-10, "bfloat16": 2.0**-7}[b.dtype.name])
    if b.dtype.kind not in "fiubc" or b.dtype.itemsize == 1:
        a, b = a.astype(np.float32), b.astype(np.float32)
    np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)
