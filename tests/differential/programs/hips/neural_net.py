"""A network for classes as a list of tuples of weights, trained by adam of misc.optimizers."""

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import grad
from autograd.misc import flatten
from autograd.misc.optimizers import adam, rmsprop, sgd
from autograd.scipy.special import logsumexp


def init_random_params(scale, layer_sizes, rs):
    return [
        (scale * rs.randn(m, n), scale * rs.randn(n))
        for m, n in zip(layer_sizes[:-1], layer_sizes[1:])
    ]


def neural_net_predict(params, inputs):
    for W, b in params:
        outputs = np.dot(inputs, W) + b
        inputs = np.tanh(outputs)
    return outputs - logsumexp(outputs, axis=1, keepdims=True)


def l2_norm(params):
    flattened, _ = flatten(params)
    return np.dot(flattened, flattened)


def log_posterior(params, inputs, targets, L2_reg):
    log_prior = -L2_reg * l2_norm(params)
    log_lik = np.sum(neural_net_predict(params, inputs) * targets)
    return log_prior + log_lik


def accuracy(params, inputs, targets):
    target_class = np.argmax(targets, axis=1)
    predicted_class = np.argmax(neural_net_predict(params, inputs), axis=1)
    return np.mean(predicted_class == target_class)


rs = npr.RandomState(0)
images = rs.rand(40, 6)
labels = np.eye(3)[rs.randint(0, 3, 40)]
start = init_random_params(0.3, [6, 5, 3], rs)
batch_size, num_batches = 16, 3


def objective(params, iter):
    idx = iter % num_batches
    at = slice(idx * batch_size, (idx + 1) * batch_size)
    return -log_posterior(params, images[at], labels[at], 1e-3)


objective_grad = grad(objective)
results = {}
seen = []


def perf(params, iter, gradient):
    if iter % 5 == 0:
        seen.append(-log_posterior(params, images, labels, 0.0))


for name, optimizer in (("adam", adam), ("sgd", sgd), ("rmsprop", rmsprop)):
    params = optimizer(objective_grad, start, step_size=0.01, num_iters=15, callback=perf)
    results[name] = [w for layer in params for w in layer]
    results[name + "_accuracy"] = accuracy(params, images, labels)
results["seen"] = seen
