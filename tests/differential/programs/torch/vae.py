"""A variational autoencoder, with torch.distributions for the latent and a loss of two parts."""

import numpy as np
import torch
import torch.utils.data
from torch import nn, optim
from torch.distributions import Normal, kl_divergence
from torch.nn import functional as F

rng = np.random.default_rng(3)


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(30, 20)
        self.fc21 = nn.Linear(20, 4)
        self.fc22 = nn.Linear(20, 4)
        self.fc3 = nn.Linear(4, 20)
        self.fc4 = nn.Linear(20, 30)

    def encode(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        eps = torch.as_tensor(rng.standard_normal(tuple(std.shape))).type_as(std)
        return mu + eps * std

    def decode(self, z):
        h3 = F.relu(self.fc3(z))
        return torch.sigmoid(self.fc4(h3))

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, 30))
        z = self.reparameterize(mu, logvar)
        return self.decode(z), mu, logvar


def loss_function(recon_x, x, mu, logvar):
    BCE = F.binary_cross_entropy(recon_x, x.view(-1, 30), reduction="sum")
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return BCE + KLD


model = VAE().to("cpu")
for p in model.parameters():
    p.data = torch.tensor(rng.uniform(-0.2, 0.2, tuple(p.shape)), dtype=p.dtype)
optimizer = optim.Adam(model.parameters(), lr=1e-3)
data = torch.tensor(rng.random((40, 5, 6)), dtype=torch.float)
loader = torch.utils.data.DataLoader(data, batch_size=16)
losses = []
for _epoch in range(4):
    model.train()
    train_loss = 0
    for batch in loader:
        optimizer.zero_grad()
        recon_batch, mu, logvar = model(batch)
        loss = loss_function(recon_batch, batch, mu, logvar)
        loss.backward()
        train_loss += loss.item()
        optimizer.step()
    losses.append(train_loss / len(loader.dataset))

mu, logvar = model.encode(data.view(-1, 30))
q = Normal(mu, logvar.mul(0.5).exp())
prior = Normal(torch.zeros_like(mu), torch.ones_like(mu))
kl = kl_divergence(q, prior).sum(-1).mean()
likelihood = q.log_prob(torch.zeros(4)).sum(dim=1)
kl.backward()
results = {
    "losses": losses,
    "kl": kl,
    "likelihood": likelihood,
    "entropy": q.entropy().mean(0),
    "grad": model.fc22.weight.grad,
    "stddev": prior.stddev,
}
