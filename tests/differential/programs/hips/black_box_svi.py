"""Variational inference: a Gaussian by the reparameterisation of its draws, entropy, densities."""

import autograd.numpy as np
import autograd.numpy.random as npr
import autograd.scipy.stats.multivariate_normal as mvn
import autograd.scipy.stats.norm as norm
from autograd import grad
from autograd.misc.optimizers import adam
from autograd.scipy.special import expit, gammaln
from autograd.scipy.stats import beta, dirichlet, gamma, poisson, t


def black_box_variational_inference(logprob, D, num_samples):
    def unpack_params(params):
        mean, log_std = params[:D], params[D:]
        return mean, log_std

    def gaussian_entropy(log_std):
        return 0.5 * D * (1.0 + np.log(2 * np.pi)) + np.sum(log_std)

    rs = npr.RandomState(0)

    def variational_objective(params, t):
        mean, log_std = unpack_params(params)
        samples = rs.randn(num_samples, D) * np.exp(log_std) + mean
        lower_bound = gaussian_entropy(log_std) + np.mean(logprob(samples, t))
        return -lower_bound

    gradient = grad(variational_objective)
    return variational_objective, gradient, unpack_params


def log_density(x, t):
    mu, log_sigma = x[:, 0], x[:, 1]
    sigma_density = norm.logpdf(log_sigma, 0, 1.35)
    mu_density = norm.logpdf(mu, 0, np.exp(log_sigma))
    return sigma_density + mu_density


objective, gradient, unpack_params = black_box_variational_inference(log_density, 2, 50)
init = np.concatenate([-1 * np.ones(2), -1 * np.ones(2)])
values = []
params = adam(
    gradient,
    init,
    step_size=0.1,
    num_iters=12,
    callback=lambda p, t, g: values.append(np.sum(g**2)),
)
x = np.array([0.2, 0.7, 0.4])
densities = {
    "norm": grad(lambda x: np.sum(norm.logcdf(x) + norm.pdf(x, 0.1, 2.0) + norm.logsf(x)))(x),
    "beta": grad(lambda a: np.sum(beta.logpdf(x, a, 2.5)))(1.5 + x),
    "gamma": grad(lambda a: np.sum(gamma.logpdf(x, a)))(1.5 + x),
    "poisson": grad(lambda mu: np.sum(poisson.logpmf(np.array([0, 1, 4]), mu)))(1.5 + x),
    "t": grad(lambda df: np.sum(t.logpdf(x, df, 0.1, 2.0)))(1.5 + x),
    "dirichlet": grad(lambda alpha: dirichlet.logpdf(x / np.sum(x), alpha))(1.5 + x),
    "expit": grad(lambda x: np.sum(expit(x) * gammaln(x)))(x),
    "entropy": mvn.entropy(np.zeros(2), np.eye(2)),
}
results = {"params": params, "values": values, "densities": densities}
