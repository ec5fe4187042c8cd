"""The special functions that stand in `autograd.special`, by PyTorch's names."""

from autograd.ops.special.bessel import i0 as modified_bessel_i0
from autograd.ops.special.bessel import i1 as modified_bessel_i1
from autograd.ops.special.cylinder import (
    bessel_j0,
    bessel_j1,
    bessel_y0,
    bessel_y1,
    spherical_bessel_j0,
)  # fmt: skip
from autograd.ops.special.error_function import xlog1py
from autograd.ops.special.hypergeometric import hyp1f1
from autograd.ops.special.incomplete import igamma, igammac
from autograd.ops.special.named_polynomials import (
    chebyshev_polynomial_t,
    chebyshev_polynomial_u,
    chebyshev_polynomial_v,
    chebyshev_polynomial_w,
    hermite_polynomial_h,
    hermite_polynomial_he,
    laguerre_polynomial_l,
    legendre_polynomial_p,
    shifted_chebyshev_polynomial_t,
    shifted_chebyshev_polynomial_u,
    shifted_chebyshev_polynomial_v,
    shifted_chebyshev_polynomial_w,
)  # fmt: skip
from autograd.ops.special.scaled_bessel import (
    i0e,
    i1e,
    modified_bessel_k0,
    modified_bessel_k1,
    scaled_modified_bessel_k0,
    scaled_modified_bessel_k1,
)  # fmt: skip
from autograd.ops.special.scaled_error import erfcx, log_ndtr
from autograd.ops.special.zeta import multigammaln, zeta

__all__ = [
    "bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1", "chebyshev_polynomial_t",
    "chebyshev_polynomial_u", "chebyshev_polynomial_v", "chebyshev_polynomial_w", "erfcx",
    "hermite_polynomial_h", "hermite_polynomial_he", "hyp1f1", "i0e", "i1e", "igamma", "igammac",
    "laguerre_polynomial_l", "legendre_polynomial_p", "log_ndtr", "modified_bessel_i0",
    "modified_bessel_i1", "modified_bessel_k0", "modified_bessel_k1", "multigammaln",
    "scaled_modified_bessel_k0", "scaled_modified_bessel_k1", "shifted_chebyshev_polynomial_t",
    "shifted_chebyshev_polynomial_u", "shifted_chebyshev_polynomial_v",
    "shifted_chebyshev_polynomial_w", "spherical_bessel_j0", "xlog1py", "zeta",
]  # fmt: skip
