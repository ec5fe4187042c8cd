"""torch.version: which PyTorch's meanings these are; there is no CUDA."""

from __future__ import annotations

from nn.torch.settings import __version__ as __version__

cuda = None
hip = None
debug = False
git_version = "none"
