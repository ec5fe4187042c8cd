"""PyTorch's functions, a chapter a file: of autograd's ops, with PyTorch's arguments and dtypes."""
