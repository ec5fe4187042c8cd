"""Windows that slide over images: convolution, pooling, unfolding, resampling."""
