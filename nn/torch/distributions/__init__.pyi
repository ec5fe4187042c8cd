# fmt: off
# isort: skip_file
"""The public names of nn.torch.distributions, and where each is defined."""

from nn.torch.distributions import (
    categorical as categorical, constraints as constraints, distribution as distribution, kl as kl,
    transforms as transforms,
)
from nn.torch.distributions.categorical import (
    Categorical as Categorical, Multinomial as Multinomial, OneHotCategorical as OneHotCategorical,
    OneHotCategoricalStraightThrough as OneHotCategoricalStraightThrough,
    RelaxedOneHotCategorical as RelaxedOneHotCategorical,
)
from nn.torch.distributions.discrete import (
    Bernoulli as Bernoulli, Binomial as Binomial, Geometric as Geometric,
    NegativeBinomial as NegativeBinomial, Poisson as Poisson, RelaxedBernoulli as RelaxedBernoulli,
)
from nn.torch.distributions.distribution import (
    Distribution as Distribution, ExponentialFamily as ExponentialFamily,
)
from nn.torch.distributions.gammas import (
    Beta as Beta, Chi2 as Chi2, Dirichlet as Dirichlet, FisherSnedecor as FisherSnedecor,
    Gamma as Gamma, InverseGamma as InverseGamma, StudentT as StudentT,
)
from nn.torch.distributions.kl import kl_divergence as kl_divergence, register_kl as register_kl
from nn.torch.distributions.location_scale import (
    Cauchy as Cauchy, Exponential as Exponential, Gumbel as Gumbel, HalfCauchy as HalfCauchy,
    HalfNormal as HalfNormal, Laplace as Laplace, Normal as Normal, Uniform as Uniform,
)
from nn.torch.distributions.multivariate import MultivariateNormal as MultivariateNormal
from nn.torch.distributions.by_transforms import (
    Kumaraswamy as Kumaraswamy, LogNormal as LogNormal, LogisticNormal as LogisticNormal,
    Pareto as Pareto, Weibull as Weibull,
)
from nn.torch.distributions.mixture import MixtureSameFamily as MixtureSameFamily
from nn.torch.distributions.transformed import (
    Independent as Independent, TransformedDistribution as TransformedDistribution,
)
from nn.torch.distributions.transforms import (
    AbsTransform as AbsTransform, AffineTransform as AffineTransform,
    ComposeTransform as ComposeTransform, ExpTransform as ExpTransform,
    IndependentTransform as IndependentTransform, LowerCholeskyTransform as LowerCholeskyTransform,
    PowerTransform as PowerTransform, ReshapeTransform as ReshapeTransform,
    SigmoidTransform as SigmoidTransform, SoftmaxTransform as SoftmaxTransform,
    SoftplusTransform as SoftplusTransform, StickBreakingTransform as StickBreakingTransform,
    TanhTransform as TanhTransform, Transform as Transform,
    identity_transform as identity_transform,
)
