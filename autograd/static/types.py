"""The dtypes of the face, which are NumPy's."""

import numpy as np

float16, float32, float64 = (np.dtype(name) for name in ("float16", "float32", "float64"))
uint8, int32, int64 = (np.dtype(name) for name in ("uint8", "int32", "int64"))
bool = np.dtype("bool")
