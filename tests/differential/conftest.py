"""Both libraries in one process, in double precision, warnings of PyTorch let through."""

from __future__ import annotations

import os

import pytest

# convolutions of few channels by oneDNN's code for AVX2 write beyond their memory in PyTorch 2.13,
# and the process dies (a residual block of Keras, without a line of ours)
os.environ.setdefault("ONEDNN_MAX_CPU_ISA", "AVX")

import torch


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
