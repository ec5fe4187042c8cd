"""ONNX models from anywhere, as modules that run and learn."""
