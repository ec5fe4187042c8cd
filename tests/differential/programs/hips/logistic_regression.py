"""Logistic regression: the loss of labels, its gradient by grad, checked, and Newton's step."""

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import grad, hessian
from autograd.test_util import check_grads


def sigmoid(x):
    return 0.5 * (np.tanh(x / 2.0) + 1)


def logistic_predictions(weights, inputs):
    return sigmoid(np.dot(inputs, weights))


def training_loss(weights):
    preds = logistic_predictions(weights, inputs)
    label_probabilities = preds * targets + (1 - preds) * (1 - targets)
    return -np.sum(np.log(label_probabilities)) + 0.1 * np.dot(weights, weights)


inputs = np.array(
    [[0.52, 1.12, 0.77], [0.88, -1.08, 0.15], [0.52, 0.06, -1.30], [0.74, -2.49, 1.39]]
)
targets = np.array([True, True, False, True])

training_gradient_fun = grad(training_loss)
weights = np.array([0.0, 0.0, 0.0])
check_grads(training_loss, modes=["rev"])(weights)
losses = [training_loss(weights)]
for _ in range(50):
    weights -= training_gradient_fun(weights) * 0.01
losses.append(training_loss(weights))
H = hessian(training_loss)
for _ in range(4):
    weights = weights - np.linalg.solve(H(weights), training_gradient_fun(weights))
    losses.append(training_loss(weights))
npr.seed(0)
results = {
    "losses": losses,
    "weights": weights,
    "H": H(weights),
    "grad": grad(training_loss)(weights),
}
