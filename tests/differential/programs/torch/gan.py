"""A generator against a critic with a gradient penalty: two optimizers, detach, double backward."""

import numpy as np
import torch
import torch.autograd as autograd
import torch.nn as nn
from torch.autograd import Variable

rng = np.random.default_rng(7)
Tensor = torch.FloatTensor


def weights_init(m):
    classname = m.__class__.__name__
    if classname.find("Linear") != -1:
        m.weight.data.copy_(torch.from_numpy(rng.normal(0.0, 0.2, m.weight.shape)))
        m.bias.data.fill_(0)
    elif classname.find("BatchNorm") != -1:
        m.weight.data.copy_(torch.from_numpy(rng.normal(1.0, 0.02, m.weight.shape)))
        m.bias.data.fill_(0)


class Generator(nn.Module):
    def __init__(self):
        super(Generator, self).__init__()

        def block(in_feat, out_feat, normalize=True):
            layers = [nn.Linear(in_feat, out_feat)]
            if normalize:
                layers.append(nn.BatchNorm1d(out_feat, 0.8))
            layers.append(nn.LeakyReLU(0.2, inplace=True))
            return layers

        self.model = nn.Sequential(
            *block(3, 8, normalize=False), *block(8, 8), nn.Linear(8, 6), nn.Tanh()
        )

    def forward(self, z):
        img = self.model(z)
        return img.view(img.shape[0], *(1, 2, 3))


class Discriminator(nn.Module):
    def __init__(self):
        super(Discriminator, self).__init__()
        self.model = nn.Sequential(
            nn.Linear(6, 8),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(8, 8),
            nn.Softplus(),
            nn.Linear(8, 1),
        )

    def forward(self, img):
        img_flat = img.view(img.shape[0], -1)
        return self.model(img_flat)


def compute_gradient_penalty(D, real_samples, fake_samples):
    alpha = Tensor(rng.random((real_samples.size(0), 1, 1, 1)).astype(np.float32))
    interpolates = (alpha * real_samples + (1 - alpha) * fake_samples).requires_grad_(True)
    d_interpolates = D(interpolates)
    fake = Variable(Tensor(real_samples.shape[0], 1).fill_(1.0), requires_grad=False)
    gradients = autograd.grad(
        outputs=d_interpolates,
        inputs=interpolates,
        grad_outputs=fake,
        create_graph=True,
        retain_graph=True,
        only_inputs=True,
    )[0]
    gradients = gradients.view(gradients.size(0), -1)
    return ((gradients.norm(2, dim=1) - 1) ** 2).mean()


generator, discriminator = Generator(), Discriminator()
generator.apply(weights_init)
discriminator.apply(weights_init)
optimizer_G = torch.optim.Adam(generator.parameters(), lr=2e-3, betas=(0.5, 0.999))
optimizer_D = torch.optim.RMSprop(discriminator.parameters(), lr=2e-3)
d_losses, g_losses, penalties = [], [], []
for i in range(8):
    real_imgs = Variable(torch.from_numpy(rng.random((5, 1, 2, 3))).type(Tensor))
    optimizer_D.zero_grad()
    z = Variable(Tensor(rng.normal(0, 1, (5, 3)).tolist()))
    fake_imgs = generator(z)
    real_validity = discriminator(real_imgs)
    fake_validity = discriminator(fake_imgs.detach())
    gradient_penalty = compute_gradient_penalty(discriminator, real_imgs.data, fake_imgs.data)
    d_loss = -torch.mean(real_validity) + torch.mean(fake_validity) + 10 * gradient_penalty
    d_loss.backward()
    optimizer_D.step()
    for p in discriminator.parameters():
        p.data.clamp_(-0.5, 0.5)
    penalties.append(gradient_penalty.item())
    d_losses.append(d_loss.item())
    if i % 2 == 0:
        optimizer_G.zero_grad()
        fake_imgs = generator(z)
        g_loss = -torch.mean(discriminator(fake_imgs))
        g_loss.backward()
        optimizer_G.step()
        g_losses.append(g_loss.item())
results = {
    "d": d_losses,
    "g": g_losses,
    "penalties": penalties,
    "weights": discriminator.state_dict(),
    "images": fake_imgs,
}
