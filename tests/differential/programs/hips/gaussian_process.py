"""A Gaussian process: kernels by broadcasting, the evidence by Cholesky, gradient ascent."""

import autograd.numpy as np
import autograd.numpy.random as npr
import autograd.scipy.stats.multivariate_normal as mvn
from autograd import grad, value_and_grad
from autograd.numpy.linalg import cholesky, solve


def unpack_params(params):
    mean = params[0]
    cov_params = params[2:]
    noise_scale = np.exp(params[1]) + 0.0001
    return mean, cov_params, noise_scale


def rbf_covariance(kernel_params, x, xp):
    output_scale = np.exp(kernel_params[0])
    lengthscales = np.exp(kernel_params[1:])
    diffs = np.expand_dims(x / lengthscales, 1) - np.expand_dims(xp / lengthscales, 0)
    return output_scale * np.exp(-0.5 * np.sum(diffs**2, axis=2))


def predict(params, x, y, xstar):
    mean, cov_params, noise_scale = unpack_params(params)
    cov_f_f = rbf_covariance(cov_params, xstar, xstar)
    cov_y_f = rbf_covariance(cov_params, x, xstar)
    cov_y_y = rbf_covariance(cov_params, x, x) + noise_scale * np.eye(len(y))
    pred_mean = mean + np.dot(solve(cov_y_y, cov_y_f).T, y - mean)
    pred_cov = cov_f_f - np.dot(solve(cov_y_y, cov_y_f).T, cov_y_f)
    return pred_mean, pred_cov


def log_marginal_likelihood(params, x, y):
    mean, cov_params, noise_scale = unpack_params(params)
    cov_y_y = rbf_covariance(cov_params, x, x) + noise_scale * np.eye(len(y))
    return mvn.logpdf(y, mean * np.ones(len(y)), cov_y_y)


def by_hand(params, x, y):
    mean, cov_params, noise_scale = unpack_params(params)
    L = cholesky(rbf_covariance(cov_params, x, x) + noise_scale * np.eye(len(y)))
    alpha = solve(L, y - mean)
    return -0.5 * np.dot(alpha, alpha) - np.sum(np.log(np.diag(L))) - len(y) / 2 * np.log(2 * np.pi)


rs = npr.RandomState(0)
X = np.linspace(-2, 2, 9).reshape(-1, 1)
y = np.sin(X[:, 0] * 2) + rs.randn(9) * 0.1
params = 0.1 * rs.randn(4)
objective = value_and_grad(lambda params: -log_marginal_likelihood(params, X, y))
values = []
for _ in range(10):
    value, gradient = objective(params)
    params = params - 0.01 * gradient
    values.append(value)
mean, cov = predict(params, X, y, np.reshape(np.linspace(-3, 3, 5), (5, 1)))
results = {
    "values": values,
    "params": params,
    "mean": mean,
    "cov": cov,
    "by_hand": by_hand(params, X, y),
    "grad": grad(by_hand)(params, X, y),
    "of_x": grad(log_marginal_likelihood, 1)(params, X, y),
}
