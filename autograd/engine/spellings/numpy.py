"""What to write for functions of NumPy that have no recorded form."""

from __future__ import annotations

from autograd.engine.spellings.spread import spread

__all__ = ["NUMPY"]

NUMPY: dict[str, str] = spread(
    {
        "busday_count busday_offset is_busday datetime_as_string isnat": "Keep dates in arrays",
        "fromfunction": "Call the function with autograd.meshgrid's Tensors",
        "frombuffer fromfile fromstring fromregex genfromtxt loadtxt": "Read the numbers first",
        "array asanyarray ascontiguousarray asfortranarray require asarray_chkfinite": (
            "Write autograd.tensor(x) or autograd.asarray(x)"
        ),
        "frompyfunc vectorize": "Call the function with the Tensor: it takes arrays",
    }
)
