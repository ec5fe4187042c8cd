"""Both libraries in one process, in double precision, warnings of PyTorch let through."""

from __future__ import annotations

import pytest
import torch


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
