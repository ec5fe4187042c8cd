"""python -m autograd.onnx."""

import importlib
import sys

if __name__ == "__main__":
    sys.exit(importlib.import_module("nn.onnx.command").main())
