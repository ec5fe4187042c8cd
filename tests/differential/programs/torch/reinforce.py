"""Policy gradients: an actor and a critic, actions by Categorical, discounted returns."""

from collections import namedtuple

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.distributions import Categorical

rng = np.random.default_rng(5)
SavedAction = namedtuple("SavedAction", ["log_prob", "value"])
eps = np.finfo(np.float32).eps.item()


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine1 = nn.Linear(4, 16)
        self.action_head = nn.Linear(16, 2)
        self.value_head = nn.Linear(16, 1)
        self.saved_actions = []
        self.rewards = []

    def forward(self, x):
        x = F.relu(self.affine1(x))
        action_prob = F.softmax(self.action_head(x), dim=-1)
        return action_prob, self.value_head(x)


model = Policy()
for param in model.parameters():
    param.data = torch.from_numpy(rng.uniform(-0.5, 0.5, param.shape).astype(np.float32))
optimizer = optim.Adam(model.parameters(), lr=3e-2)


def select_action(state, action):
    state = torch.from_numpy(state).float()
    probs, state_value = model(state)
    m = Categorical(probs)
    assert m.sample().item() in (0, 1)
    model.saved_actions.append(SavedAction(m.log_prob(torch.tensor(action)), state_value))
    return m.entropy()


def finish_episode():
    R = 0
    policy_losses, value_losses, returns = [], [], []
    for r in model.rewards[::-1]:
        R = r + 0.99 * R
        returns.insert(0, R)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + eps)
    for (log_prob, value), R in zip(model.saved_actions, returns):
        advantage = R - value.item()
        policy_losses.append(-log_prob * advantage)
        value_losses.append(F.smooth_l1_loss(value, torch.tensor([R])))
    optimizer.zero_grad()
    loss = torch.stack(policy_losses).sum() + torch.stack(value_losses).sum()
    loss.backward()
    optimizer.step()
    del model.rewards[:]
    del model.saved_actions[:]
    return loss.item()


losses, entropies = [], []
for _episode in range(6):
    for _t in range(9):
        state = rng.standard_normal(4)
        entropies.append(select_action(state, int(rng.integers(2))).item())
        model.rewards.append(float(rng.random()))
    losses.append(finish_episode())
results = {"losses": losses, "entropies": entropies, "weights": model.state_dict()}
