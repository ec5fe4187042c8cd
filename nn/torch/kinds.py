"""The names of PyTorch's dtypes, some of which are Python's own."""

from __future__ import annotations

from nn.torch.dtypes import ALL

float32 = float = ALL["float32"]
float64 = double = ALL["float64"]
float16 = half = ALL["float16"]
bfloat16 = ALL["bfloat16"]
complex32 = chalf = ALL["complex32"]
complex64 = cfloat = ALL["complex64"]
complex128 = cdouble = ALL["complex128"]
uint8, uint16, uint32, uint64 = (ALL[f"uint{bits}"] for bits in (8, 16, 32, 64))
int8 = ALL["int8"]
int16 = short = ALL["int16"]
int32 = int = ALL["int32"]
int64 = long = ALL["int64"]
bool = ALL["bool"]
