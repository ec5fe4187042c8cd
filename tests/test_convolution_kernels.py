"""The two ways to the gradient of a convolution by its input: they give the same numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.kernels import convolution
from autograd.kernels.convolution import Along, convolve_transposed

AXIS = st.tuples(  # size of the kernel, stride, dilation, padding, places of the output
    st.integers(1, 4), st.integers(1, 3), st.integers(1, 2), st.integers(0, 3), st.integers(1, 5)
)


@given(
    axes=st.lists(AXIS, min_size=1, max_size=3), channels=st.integers(1, 4),
    more=st.integers(1, 3), groups=st.integers(1, 2), batch=st.integers(1, 3),
    wide=st.booleans(), seed=st.integers(0, 99),
)  # fmt: skip
def test_scattered_taps_are_the_turned_convolution(
    axes: Any, channels: int, more: int, groups: int, batch: int, wide: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    along = [Along(-padding, stride, dilation, size, places)
             for size, stride, dilation, padding, places in axes]  # fmt: skip
    lengths = [
        max(1, a.start + (a.places - 1) * a.stride + (a.size - 1) * a.dilation + 1 + int(wide))
        for a in along
    ]
    outputs = groups * (channels + more)
    g = rng.normal(size=(batch, outputs, *(a.places for a in along)))
    weight = rng.normal(size=(outputs, channels, *(a.size for a in along)))
    found = []
    for scattered in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(convolution, "is_faster", lambda *_, way=scattered: way)
            found.append(convolve_transposed(g, weight, lengths, along, groups))
    assert found[0].shape == (batch, groups * channels, *lengths)
    np.testing.assert_allclose(found[1], found[0], rtol=1e-12, atol=1e-12)
