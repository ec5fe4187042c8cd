"""Operators that ONNX itself defines by others run as these.

Which nodes a body has may depend on the types of the inputs, which are known once the node runs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import UnsupportedError
from autograd.extend import raw
from autograd.onnx.library import library
from nn.onnx.table import Call

__all__ = ["BODIES", "body"]

# What is run by its body; the tests hold it to be right, as for the rows.
BODIES = {
    "": (
        "Attention", "CausalConvWithState", "CenterCropPad", "LinearAttention",
        "NegativeLogLikelihoodLoss", "RotaryEmbedding", "SoftmaxCrossEntropyLoss", "SwiGLU",
    ),
    "ai.onnx.preview": ("FlexAttention",),
}  # fmt: skip


def body(reader: Any, node: Any, attributes: Any, opset: int, depth: int) -> Any:
    """The function that runs a node by its definition in ONNX, or None."""
    domain = "" if node.domain == "ai.onnx" else node.domain
    if node.op_type not in BODIES.get(domain, ()):
        return None
    defs = library("defs")
    try:
        schema = defs.get_schema(node.op_type, opset, domain)
    except defs.SchemaError:
        return None
    made: dict[Any, Any] = {}
    plain = library().NodeProto()
    plain.CopyFrom(node)
    del plain.attribute[:]
    for a in node.attribute:  # those of a function's body may name the function's
        if not a.ref_attr_name:
            plain.attribute.append(a)
        elif a.name in attributes:
            plain.attribute.append(library("helper").make_attribute(a.name, attributes[a.name]))

    def run(call: Call, *given: Any) -> Any:
        types = tuple(_type(v) for v in given)
        if types not in made:
            proto = _definition(schema, plain, opset, types)
            taken = {n: a.default_value for n, a in schema.attributes.items()}
            values = {
                n: reader.value(a, set(), depth, reader.opsets)
                for n, a in taken.items()
                if a.name and n not in attributes
            }
            made[types] = reader.function(proto, {**values, **attributes}, depth + 1)
            if reader.missing:
                raise UnsupportedError(f"its definition needs {', '.join(reader.missing.values())}")
        return made[types](call, *given)

    return run


def _type(value: Any) -> bytes:
    """The type of a value, as ONNX asks for it."""
    proto = library().TypeProto()
    if value is not None and not isinstance(value, list):
        array = raw(value)
        code = library("helper").np_dtype_to_tensor_dtype(np.dtype(array.dtype))
        proto = library("helper").make_tensor_type_proto(code, array.shape)
    return bytes(proto.SerializeToString())


def _definition(schema: Any, node: Any, opset: int, types: tuple[bytes, ...]) -> Any:
    proto = library().FunctionProto()
    if schema.has_function:
        proto.CopyFrom(schema.function_body)
        return proto
    versions = [v for v in schema.context_dependent_function_opset_versions if v <= opset]
    version = max(versions or schema.context_dependent_function_opset_versions)
    data = schema.get_context_dependent_function_with_opset_version(
        version, node.SerializeToString(), list(types)
    )
    proto.ParseFromString(data)
    return proto
