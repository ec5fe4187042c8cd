"""ONNX' operators on Tensors, a chapter a file; importing the room fills the table."""
