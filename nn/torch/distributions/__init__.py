"""nn.torch.distributions: what may come out, how likely it is, and draws with gradients."""

from autograd.engine.lazy_names import attach as _attach
from autograd.engine.lazy_names import homes as _homes
from nn.torch.absent import refusing as _refusing

# Parameters are Tensors or numbers, checked by the constraints of each distribution.
_NAMES = tuple(_homes(f"{__file__.rpartition('.')[0]}.pyi"))
_found, __dir__, __all__ = _attach(__name__, unchecked=_NAMES)
_BY_HAND = "write its log_prob and rsample in a subclass of Distribution"
_TRANSFORM = "write _call, _inverse and log_abs_det_jacobian in a subclass of Transform"
_REFUSED = {
    **dict.fromkeys(
        (
            "ContinuousBernoulli", "GeneralizedPareto", "LKJCholesky", "VonMises", "Wishart",
        ),
        _BY_HAND,
    ),
    "LowRankMultivariateNormal": "write MultivariateNormal with W @ W.T + diag(d)",
    **dict.fromkeys(
        (
            "CatTransform", "CorrCholeskyTransform", "CumulativeDistributionTransform",
            "PositiveDefiniteTransform", "StackTransform",
        ),
        _TRANSFORM,
    ),
    **dict.fromkeys(
        ("biject_to", "transform_to", "constraint_registry"),
        "name the transform, such as ExpTransform() for positive numbers",
    ),
}  # fmt: skip
__getattr__ = _refusing("torch.distributions", _found, _REFUSED)
