"""The eigenvalues and eigenvectors of a general matrix, whose op is written as users write theirs.

Rule after Boeddeker et al. (2017, "On the computation of complex-valued gradients with application
to statistically optimum beamforming"). Eigenvectors have length 1; only functions that do not
depend on their phase have a gradient.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.core import defvjp, primitive

eig = primitive(np.linalg.eig)


def _pullback(ans: Any, x: Any) -> Any:
    values, vectors = ans
    n = vectors.shape[-1]
    gaps = values[..., None, :] - values[..., None] + np.eye(n)
    off = 1.0 / gaps * (1.0 - np.eye(n))

    def pull(g: Any) -> Any:
        of_values, of_vectors = g
        along = np.real(np.sum(of_vectors * vectors, axis=-2, keepdims=True))
        of_vectors = of_vectors - np.conj(vectors) * along
        turned = off * (np.swapaxes(vectors, -1, -2) @ of_vectors)
        inner = turned + of_values[..., None, :] * np.eye(n)
        inverse = np.swapaxes(np.linalg.inv(vectors), -1, -2)
        found = inverse @ inner @ np.swapaxes(vectors, -1, -2)
        return found if np.iscomplexobj(getattr(x, "_value", x)) else np.real(found)

    return pull


defvjp(eig, _pullback)
