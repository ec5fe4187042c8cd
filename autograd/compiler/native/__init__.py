"""A schedule in native code: a tape of kernels that one call runs, cut where Python has a part."""
