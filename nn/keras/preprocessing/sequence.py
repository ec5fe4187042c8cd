"""keras.preprocessing.sequence: sequences of one length."""

from __future__ import annotations

from nn.keras.identifiers import refused
from nn.keras.utils import pad_sequences

__all__ = ["TimeseriesGenerator", "make_sampling_table", "pad_sequences", "skipgrams"]

TimeseriesGenerator = refused(
    "preprocessing.sequence.TimeseriesGenerator",
    "make windows with numpy.lib.stride_tricks.sliding_window_view",
)
make_sampling_table = refused(
    "preprocessing.sequence.make_sampling_table", "compute the table with NumPy"
)
skipgrams = refused("preprocessing.sequence.skipgrams", "make the pairs of words in a loop")
