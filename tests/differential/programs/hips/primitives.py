"""Functions of one's own: primitive, defvjp, defjvp; mixtures by logsumexp; lists and dicts."""

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import grad, jacobian, make_jvp
from autograd.builtins import dict as adict
from autograd.builtins import isinstance as is_a
from autograd.builtins import list as alist
from autograd.builtins import tuple as atuple
from autograd.extend import defjvp, defvjp, primitive
from autograd.test_util import check_grads


@primitive
def logsumexp(x):
    max_x = np.max(x)
    return max_x + np.log(np.sum(np.exp(x - max_x)))


def logsumexp_vjp(ans, x):
    x_shape = x.shape
    return lambda g: np.full(x_shape, g) * np.exp(x - np.full(x_shape, ans))


defvjp(logsumexp, logsumexp_vjp)


@primitive
def scaled(x, y, power=2):
    return x * y**power


defvjp(
    scaled,
    lambda ans, x, y, power=2: lambda g: g * y**power,
    lambda ans, x, y, power=2: lambda g: g * power * x * y ** (power - 1),
)
defjvp(
    scaled,
    lambda g, ans, x, y, power=2: g * y**power,
    lambda g, ans, x, y, power=2: g * power * x * y ** (power - 1),
)


def example(y):
    z = y**2
    lse = logsumexp(z)
    return np.sum(lse)


rs = npr.RandomState(2)
at = rs.randn(6)
check_grads(example, modes=["rev"], order=2)(at)
check_grads(lambda x, y: np.sum(scaled(x, y, power=3)), order=2)(rs.rand(3), rs.rand(3))


def nested(x):
    d = adict({"a": x[:3], "b": alist([x[3], x[4] ** 2])})
    pair = atuple((d["a"], d["b"][1]))
    assert is_a(pair, tuple)
    return np.sum(np.sin(pair[0])) * pair[1] + d["b"][0]


K, D, N = 3, 2, 12
data = rs.randn(N, D)
params = {
    "log_pi": rs.randn(K),
    "means": rs.randn(K, D),
    "lower": 0.1 * rs.randn(K, D, D) + np.eye(D),
}


def mixture(params, data):
    proportions = params["log_pi"] - logsumexp(params["log_pi"])
    total = 0.0
    for n in range(N):
        terms = []
        for k in range(K):
            diff = np.dot(params["lower"][k].T, data[n] - params["means"][k])
            sign, logdet = np.linalg.slogdet(params["lower"][k])
            terms.append(proportions[k] + logdet - 0.5 * np.dot(diff, diff))
        total = total + logsumexp(np.array(terms))
    return total


gradient = grad(mixture)(params, data)
results = {
    "example": grad(example)(at),
    "second": jacobian(grad(example))(at),
    "power": grad(lambda y: np.sum(scaled(2.0, y, power=3)))(at),
    "jvp": make_jvp(lambda y: scaled(y, y))(at)(np.ones(6)),
    "nested": grad(nested)(at),
    "mixture": mixture(params, data),
    "gradient": gradient,
}
