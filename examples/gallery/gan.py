"""A step of a GAN: two losses, and one discriminator that both of them pull at."""

from __future__ import annotations

import numpy as np

import autograd as ag
import nn
from autograd.viz import Picture, draw


class GAN(nn.Module):
    """Points on a circle, forged and told apart.

    Source: Goodfellow et al., Generative adversarial networks (2014).
    """

    def __init__(self, rng: np.random.Generator) -> None:
        super().__init__()
        self.generator = nn.Sequential(
            nn.Linear(2, 8, rng=rng), nn.Tanh(), nn.Linear(8, 2, rng=rng)
        )
        self.discriminator = nn.Sequential(
            nn.Linear(2, 8, rng=rng), nn.LeakyReLU(0.2), nn.Linear(8, 1, rng=rng)
        )
        self.judge = nn.BCEWithLogitsLoss()

    def forward(self, noise: ag.Tensor, real: ag.Tensor) -> tuple[ag.Tensor, ag.Tensor]:
        """The loss of the discriminator, which sees the fakes detached, and of the generator."""
        yes, no = ag.ones((len(real), 1)), ag.zeros((len(real), 1))
        yes.name, no.name = "yes", "no"
        fake = self.generator(noise)
        still = fake.detach()
        fake.name, still.name = "fake", "fake, detached"
        loss_D = self.judge(self.discriminator(real), yes)
        loss_D = loss_D + self.judge(self.discriminator(still), no)
        loss_G = self.judge(self.discriminator(fake), yes)
        return loss_D, loss_G


def picture() -> Picture:
    """Both losses of one step, in one graph, with the networks closed."""
    rng = np.random.default_rng(0)
    noise = ag.Tensor(rng.normal(size=(8, 2)), dtype="float32")
    angle = rng.uniform(0, 2 * np.pi, size=8)
    real = ag.Tensor(np.stack([np.cos(angle), np.sin(angle)], axis=1), dtype="float32")
    loss_D, loss_G = GAN(rng)(noise, real)
    return draw(ag.Graph(loss_D, loss_G), names=locals(), detail=0)
