"""A line through points, with gradients taken and weights moved by hand."""

import numpy as np
import torch

rng = np.random.default_rng(0)
X = torch.from_numpy(rng.standard_normal((100, 2)).astype(np.float32))
true_w = torch.tensor([2.0, -3.4])
true_b = 4.2
noise = torch.tensor(rng.normal(0, 0.01, 100), dtype=torch.float32)
y = torch.matmul(X, true_w) + true_b + noise
y = y.reshape((-1, 1))

w = torch.full((2, 1), 0.01, requires_grad=True)
b = torch.zeros(1, requires_grad=True)


def data_iter(batch_size, features, labels):
    num_examples = len(features)
    indices = list(range(num_examples))
    for i in range(0, num_examples, batch_size):
        batch = torch.tensor(indices[i : min(i + batch_size, num_examples)])
        yield features[batch], labels[batch]


def squared_loss(y_hat, y):
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def sgd(params, lr, batch_size):
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size
            param.grad.zero_()


losses = []
for epoch in range(3):
    for features, labels in data_iter(12, X, y):  # the last batch has 4
        loss = squared_loss(torch.mm(features, w) + b, labels).sum()
        loss.backward()
        sgd([w, b], 0.03, len(features))
    with torch.no_grad():
        train_l = squared_loss(X.mm(w) + b, y)
        losses.append(float(train_l.mean()))
        assert f"{float(train_l.mean()):.3f}" == f"{train_l.mean():.3f}"

for step in range(5):  # the same with .data, as older programs have it
    out = X @ w + b
    loss = ((out - y) ** 2).mean()
    loss.backward()
    w.data -= 0.1 * w.grad.data
    b.data.sub_(b.grad.data, alpha=0.1)
    w.grad.data.zero_()
    b.grad = None

results = {"losses": losses, "w": w, "b": b.data, "size": w.size(0), "error": true_w - w.view(-1)}
