"""A variational autoencoder: two ways into the loss, and a sample between them."""

from __future__ import annotations

import numpy as np

import autograd as ag
import nn
from autograd.viz import Picture, draw

PIXELS, HIDDEN, CODE = 16, 12, 2


class Sample(nn.Module):
    """Draws a code of that mean and variance, from noise that is given."""

    def forward(self, mean: ag.Tensor, log_variance: ag.Tensor, noise: ag.Tensor) -> ag.Tensor:
        return mean + noise * ag.exp(log_variance / 2)


class Divergence(nn.Module):
    """How far codes of that mean and variance are from standard normal ones."""

    def forward(self, mean: ag.Tensor, log_variance: ag.Tensor) -> ag.Tensor:
        return (mean**2 + ag.exp(log_variance) - log_variance - 1).sum() / (2 * len(mean))


class VAE(nn.Module):
    """Guesses a mean and a variance, draws a code from them, and paints the picture again.

    Source: Kingma and Welling, Auto-encoding variational Bayes (2014).
    """

    def __init__(self, rng: np.random.Generator) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(PIXELS, HIDDEN, rng=rng), nn.Tanh())
        self.to_mean = nn.Linear(HIDDEN, CODE, rng=rng)
        self.to_log_variance = nn.Linear(HIDDEN, CODE, rng=rng)
        self.sample, self.divergence = Sample(), Divergence()
        self.decoder = nn.Sequential(
            nn.Linear(CODE, HIDDEN, rng=rng), nn.Tanh(), nn.Linear(HIDDEN, PIXELS, rng=rng)
        )

    def forward(self, x: ag.Tensor, noise: ag.Tensor) -> tuple[ag.Tensor, ag.Tensor]:
        h = self.encoder(x)
        mean, log_variance = self.to_mean(h), self.to_log_variance(h)
        mean.name, log_variance.name = "mean", "log_variance"
        painted = self.decoder(self.sample(mean, log_variance, noise))
        return painted, self.divergence(mean, log_variance)


def picture() -> Picture:
    """The two terms of the loss: how well it paints, and how far its codes are from normal ones."""
    rng = np.random.default_rng(0)
    images = ag.Tensor(rng.random(size=(8, PIXELS)) > 0.5, dtype="float32")
    noise = ag.Tensor(rng.normal(size=(8, CODE)), dtype="float32")
    painted, divergence = VAE(rng)(images, noise)
    rebuilt = nn.BCEWithLogitsLoss()(painted, images)
    loss = rebuilt + divergence / PIXELS
    return draw(loss, names=locals(), detail=0)
