"""torch.random: seeds and states of the default generator."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from nn.torch.functions.drawing import default_generator as default_generator
from nn.torch.functions.drawing import get_rng_state as get_rng_state
from nn.torch.functions.drawing import initial_seed as initial_seed
from nn.torch.functions.drawing import manual_seed as manual_seed
from nn.torch.functions.drawing import seed as seed
from nn.torch.functions.drawing import set_rng_state as set_rng_state


@contextlib.contextmanager
def fork_rng(devices: Any = None, enabled: bool = True, **options: Any) -> Iterator[None]:
    """Let random numbers go on, after a block, where they were before it."""
    state = get_rng_state()
    try:
        yield
    finally:
        if enabled:
            set_rng_state(state)
