"""Programs as people write them for PyTorch, run in both libraries from the same weights."""

from __future__ import annotations

import copy
import math
import warnings
from typing import Any

import numpy as np
import pytest
import torch as theirs

import nn.torch as ours

RNG = np.random.default_rng(0)
X = RNG.standard_normal((24, 6)).astype("float32")
LABELS = RNG.integers(0, 3, 24)
Y = (X @ RNG.standard_normal((6, 1)) + 0.1).astype("float32")
IMAGES = RNG.standard_normal((8, 1, 12, 12)).astype("float32")
TOKENS = RNG.integers(0, 11, (4, 9))


def filled(torch: Any, model: Any) -> Any:
    """A model with weights that are the same in both libraries."""
    rng = np.random.default_rng(1)
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.from_numpy((rng.standard_normal(tuple(p.shape)) * 0.3).astype("float32")))
    return model


def mlp(torch: Any) -> Any:
    nn = torch.nn

    class Net(nn.Module):
        def __init__(self, hidden: int = 16) -> None:
            super(Net, self).__init__()  # noqa: UP008 (as it was written once)
            self.fc1 = nn.Linear(6, hidden)
            self.bn = nn.BatchNorm1d(hidden)
            self.fc2 = nn.Linear(hidden, 3)

        def forward(self, x: Any) -> Any:
            x = torch.nn.functional.relu(self.bn(self.fc1(x)))
            return self.fc2(x)

    return filled(torch, Net())


def classify(torch: Any) -> Any:
    F = torch.nn.functional
    model = mlp(torch).to(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    data = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.tensor(LABELS))
    loader = torch.utils.data.DataLoader(data, batch_size=10, shuffle=False)
    losses = []
    for _ in range(4):
        model.train()
        total, correct = 0.0, 0
        for _, (x, y) in enumerate(loader):
            optimizer.zero_grad()
            out = model(x)
            loss = F.cross_entropy(out, y)
            loss.backward()
            optimizer.step()
            total += loss.item() * x.size(0)
            correct += (out.argmax(dim=1) == y).sum().item()
        scheduler.step()
        losses += [total, correct, scheduler.get_last_lr()[0]]
    model.eval()
    with torch.no_grad():
        pred = model(torch.from_numpy(X)).max(1, keepdim=True)[1]
        losses.append(pred.eq(torch.tensor(LABELS).view_as(pred)).sum().item())
    return losses, model


def lenet(torch: Any) -> Any:
    nn, F = torch.nn, torch.nn.functional

    class LeNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.features = nn.Sequential(
                nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2),
                nn.Conv2d(4, 6, kernel_size=3, bias=False), nn.BatchNorm2d(6), nn.ReLU(True),
            )  # fmt: skip
            self.classifier = nn.Linear(6 * 4 * 4, 10)

        def forward(self, x: Any) -> Any:
            x = self.features(x)
            x = x.view(x.size(0), -1)
            return F.log_softmax(self.classifier(x), dim=1)

    model = filled(torch, LeNet())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    x, y = torch.from_numpy(IMAGES), torch.arange(8)
    losses = []
    for _ in range(5):
        optimizer.zero_grad(set_to_none=True)
        loss = F.nll_loss(model(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses, model


def language_model(torch: Any) -> Any:
    nn, F = torch.nn, torch.nn.functional

    class Block(nn.Module):
        def __init__(self, n: int, heads: int) -> None:
            super().__init__()
            self.heads = heads
            self.attn = nn.Linear(n, 3 * n, bias=False)
            self.proj = nn.Linear(n, n)
            self.ln1, self.ln2 = nn.LayerNorm(n), nn.LayerNorm(n)
            self.mlp = nn.ModuleDict(
                {"up": nn.Linear(n, 4 * n), "act": nn.GELU(), "down": nn.Linear(4 * n, n)}
            )
            self.register_buffer("mask", torch.tril(torch.ones(16, 16)).view(1, 1, 16, 16))

        def forward(self, x: Any) -> Any:
            b, t, c = x.size()
            q, k, v = self.attn(self.ln1(x)).split(c, dim=2)
            q, k, v = (z.view(b, t, self.heads, c // self.heads).transpose(1, 2) for z in (q, k, v))
            att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
            att = att.masked_fill(self.mask[:, :, :t, :t] == 0, float("-inf"))
            y = F.softmax(att, dim=-1) @ v
            y = y.transpose(1, 2).contiguous().view(b, t, c)
            x = x + self.proj(y)
            return x + self.mlp["down"](self.mlp["act"](self.mlp["up"](self.ln2(x))))

    class GPT(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tok, self.pos = nn.Embedding(11, 16), nn.Embedding(16, 16)
            self.blocks = nn.ModuleList([Block(16, 4) for _ in range(2)])
            self.head = nn.Linear(16, 11, bias=False)
            self.tok.weight = self.head.weight

        def forward(self, idx: Any, targets: Any = None) -> Any:
            pos = torch.arange(0, idx.size(1), dtype=torch.long, device=idx.device)
            x = self.tok(idx) + self.pos(pos)
            for block in self.blocks:
                x = block(x)
            logits = self.head(x)
            loss = F.cross_entropy(
                logits.view(-1, logits.size(-1)), targets.reshape(-1), ignore_index=-1
            )
            return logits, loss

    model = filled(torch, GPT())
    decay = {p for n, p in model.named_parameters() if p.dim() >= 2}
    groups = [
        {"params": [p for p in model.parameters() if p in decay], "weight_decay": 0.1},
        {"params": [p for p in model.parameters() if p not in decay], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=1e-2, betas=(0.9, 0.95), fused=False)
    tokens = torch.from_numpy(TOKENS)
    losses = []
    for step in range(4):
        for group in optimizer.param_groups:
            group["lr"] = 1e-2 * (step + 1) / 4
        _, loss = model(tokens[:, :-1], tokens[:, 1:])
        model.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses, model


def variational(torch: Any) -> Any:
    nn = torch.nn
    Normal, kl = torch.distributions.Normal, torch.distributions.kl_divergence
    encoder, decoder = filled(torch, nn.Linear(6, 4)), filled(torch, nn.Linear(2, 6))
    both = list(encoder.parameters()) + list(decoder.parameters())
    optimizer = torch.optim.RMSprop(both, lr=1e-2)
    noise = torch.from_numpy(X[:, :2])
    losses = []
    for _ in range(4):
        mu, logvar = encoder(torch.from_numpy(X)).chunk(2, dim=1)
        q = Normal(mu, torch.exp(0.5 * logvar))
        z = mu + q.stddev * noise
        recon = nn.functional.mse_loss(decoder(z), torch.from_numpy(X), reduction="sum")
        loss = recon + kl(q, Normal(torch.zeros_like(mu), torch.ones_like(mu))).sum()
        loss += -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, nn.ModuleList([encoder, decoder])


def policy_gradient(torch: Any) -> Any:
    nn = torch.nn
    actor = filled(torch, nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3)))
    critic = filled(torch, nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 1)))
    optimizer = torch.optim.Adam([*actor.parameters(), *critic.parameters()], lr=3e-3, eps=1e-5)
    actions, returns = torch.from_numpy(LABELS), torch.from_numpy(Y[:, 0])
    losses = []
    for _ in range(4):
        dist = torch.distributions.Categorical(logits=actor(torch.from_numpy(X)))
        value = critic(torch.from_numpy(X)).flatten()
        advantage = (returns - value).detach()
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
        ratio = (dist.log_prob(actions) - dist.log_prob(actions).detach()).exp()
        clipped = torch.clamp(ratio, 1 - 0.2, 1 + 0.2)
        policy = torch.max(-advantage * ratio, -advantage * clipped).mean()
        loss = policy - 0.01 * dist.entropy().mean() + 0.5 * ((value - returns) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, nn.ModuleList([actor, critic])


def deep_q(torch: Any) -> Any:
    nn = torch.nn
    policy = filled(torch, nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3)))
    target = copy.deepcopy(policy)
    target.load_state_dict(policy.state_dict())
    target.eval()
    optimizer = torch.optim.AdamW(policy.parameters(), lr=1e-2, amsgrad=True)
    x, a = torch.from_numpy(X), torch.from_numpy(LABELS)
    losses = []
    for _ in range(4):
        q = policy(x).gather(1, a.unsqueeze(1))
        with torch.no_grad():
            best = target(x).max(1).values
        loss = nn.SmoothL1Loss()(q, (best * 0.9 + 0.5).unsqueeze(1))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_value_(policy.parameters(), 100)
        for p in policy.parameters():
            p.grad.data.clamp_(-1, 1)
        optimizer.step()
        now, then = policy.state_dict(), target.state_dict()
        for key in now:
            then[key] = now[key] * 0.1 + then[key] * 0.9
        target.load_state_dict(then)
        for old, new in zip(target.parameters(), policy.parameters(), strict=True):
            old.data.copy_(0.9 * old.data + 0.1 * new.data)
        losses.append(loss.item())
    return losses, target


def recurrent(torch: Any) -> Any:
    nn = torch.nn

    class CharRNN(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.emb, self.lstm = nn.Embedding(11, 6), nn.LSTM(6, 8, 2, batch_first=True)
            self.out = nn.Linear(8, 11)

        def forward(self, x: Any, hidden: Any) -> Any:
            y, hidden = self.lstm(self.emb(x), hidden)
            return self.out(y), hidden

        def init_hidden(self, n: int) -> Any:
            weight = next(self.parameters()).data
            return weight.new(2, n, 8).zero_(), weight.new_zeros(2, n, 8)

    model = filled(torch, CharRNN())
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adagrad(model.parameters(), lr=0.05)
    hidden = model.init_hidden(4)
    tokens, losses = torch.from_numpy(TOKENS), []
    for _ in range(4):
        hidden = tuple(h.detach() for h in hidden)
        model.zero_grad()
        out, hidden = model(tokens[:, :-1], hidden)
        loss = criterion(out.reshape(-1, 11), tokens[:, 1:].reshape(-1))
        loss.backward()
        optimizer.step()
        losses.append(loss.data.item())
    return losses, model


def adversarial(torch: Any) -> Any:
    nn = torch.nn

    def weights_init(m: Any) -> None:
        if m.__class__.__name__.find("Linear") != -1:
            m.weight.data.fill_(0.1)
            m.bias.data.fill_(0)

    g = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2, inplace=True), nn.Linear(8, 6), nn.Tanh())
    d = nn.Sequential(
        nn.Linear(6, 8), nn.LeakyReLU(0.2, inplace=True), nn.Linear(8, 1), nn.Sigmoid()
    )
    g, d = filled(torch, g), filled(torch, d)
    g.apply(weights_init)
    criterion = nn.BCELoss()
    opt_g = torch.optim.Adam(g.parameters(), lr=0.01, betas=(0.5, 0.999))
    opt_d = torch.optim.Adam(d.parameters(), lr=0.01, betas=(0.5, 0.999))
    real, z = torch.from_numpy(X), torch.from_numpy(X[:, :2])
    valid, fake = torch.ones(24, 1), torch.zeros(24, 1)
    losses = []
    for _ in range(3):
        d.zero_grad()
        made = g(z)
        loss_d = criterion(d(real), valid) + criterion(d(made.detach()), fake)
        loss_d.backward()
        opt_d.step()
        opt_g.zero_grad()
        loss_g = criterion(d(made), valid)
        loss_g.backward()
        opt_g.step()
        losses += [loss_d.item(), loss_g.item()]
    return losses, nn.ModuleList([g, d])


def own_optimizer(torch: Any) -> Any:
    class Heavy(torch.optim.Optimizer):
        def __init__(self, params: Any, lr: float = 0.01, momentum: float = 0.9) -> None:
            super().__init__(params, {"lr": lr, "momentum": momentum})

        @torch.no_grad()
        def step(self, closure: Any = None) -> Any:
            loss = None
            if closure is not None:
                with torch.enable_grad():
                    loss = closure()
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    grad = p.grad.data
                    state = self.state[p]
                    if len(state) == 0:
                        state["step"] = 0
                        state["buf"] = torch.zeros_like(p.data)
                    state["step"] += 1
                    state["buf"].mul_(group["momentum"]).add_(grad, alpha=1)
                    p.data.add_(state["buf"], alpha=-group["lr"])
                    p.data.addcdiv_(state["buf"], state["buf"].abs().sqrt().add_(1.0), value=-1e-3)
            return loss

    model = filled(torch, torch.nn.Linear(6, 1))
    optimizer = Heavy(model.parameters(), lr=0.02)
    losses = []
    for _ in range(5):
        loss = ((model(torch.from_numpy(X)) - torch.from_numpy(Y)) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    again = Heavy(model.parameters())
    again.load_state_dict(optimizer.state_dict())
    losses += [again.param_groups[0]["lr"], *(s["step"] for s in again.state.values())]
    return losses, model


def closure(torch: Any) -> Any:
    model = filled(torch, torch.nn.Linear(6, 1))
    optimizer = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=5, history_size=3)
    losses = []

    def again() -> Any:
        optimizer.zero_grad()
        loss = torch.nn.MSELoss()(model(torch.from_numpy(X)), torch.from_numpy(Y))
        loss.backward()
        return loss

    for _ in range(3):
        losses.append(optimizer.step(again).item())
    return losses, model


def averaged(torch: Any) -> Any:
    model = filled(torch, torch.nn.Linear(6, 1))
    ema = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.9)
    )
    shadow = {k: v.clone().detach() for k, v in model.state_dict().items()}
    optimizer = torch.optim.NAdam(model.parameters(), lr=0.05)
    losses = []
    for _ in range(4):
        loss = torch.nn.functional.l1_loss(model(torch.from_numpy(X)), torch.from_numpy(Y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        ema.update_parameters(model)
        for k, v in model.state_dict().items():
            shadow[k].mul_(0.9).add_(v, alpha=0.1)
        losses += [loss.item(), sum(v.sum().item() for v in shadow.values())]
    return losses, ema


def two_rates(torch: Any) -> Any:
    model = mlp(torch)
    for p in model.fc1.parameters():
        p.requires_grad = False
    optimizer = torch.optim.SGD(
        [{"params": filter(lambda p: p.requires_grad, model.parameters())}],
        lr=0.1, nesterov=True, momentum=0.5,
    )  # fmt: skip
    optimizer.add_param_group({"params": model.fc1.parameters(), "lr": 0.01})
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, [lambda e: 0.9**e, lambda e: 0.5**e])
    losses = []
    for epoch in range(4):
        if epoch == 2:
            model.fc1.requires_grad_(True)
        loss = torch.nn.CrossEntropyLoss(label_smoothing=0.1)(
            model(torch.from_numpy(X)), torch.from_numpy(LABELS)
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses += [loss.item(), *(g["lr"] for g in optimizer.param_groups)]
    return losses, model


PROGRAMS = [
    classify, lenet, language_model, variational, policy_gradient, deep_q, recurrent, adversarial,
    own_optimizer, closure, averaged, two_rates,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_a_program_gives_the_same(program: Any) -> None:
    (found, model), (wanted, other) = program(ours), program(theirs)
    np.testing.assert_allclose(found, wanted, rtol=2e-4, atol=2e-5)
    assert list(model.state_dict()) == list(other.state_dict())
    for key, value in other.state_dict().items():
        np.testing.assert_allclose(
            np.asarray(model.state_dict()[key]), value.numpy(), rtol=5e-3, atol=2e-4, err_msg=key
        )


RATES = {
    "StepLR": {"step_size": 3, "gamma": 0.3}, "MultiStepLR": {"milestones": [2, 5], "gamma": 0.3},
    "ExponentialLR": {"gamma": 0.9}, "CosineAnnealingLR": {"T_max": 5, "eta_min": 0.01},
    "CosineAnnealingWarmRestarts": {"T_0": 3, "T_mult": 2},
    "LambdaLR": {"lr_lambda": lambda e: 0.9**e},
    "MultiplicativeLR": {"lr_lambda": lambda e: 0.9},
    "LinearLR": {"start_factor": 0.5, "total_iters": 4},
    "ConstantLR": {"factor": 0.5, "total_iters": 3},
    "PolynomialLR": {"total_iters": 5, "power": 2.0},
    "OneCycleLR": {"max_lr": 0.5, "total_steps": 10},
    "CyclicLR": {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 3},
}  # fmt: skip


@pytest.mark.parametrize("name", RATES)
def test_a_schedule_gives_the_same_rates(name: str) -> None:
    def run(torch: Any) -> Any:
        p = torch.nn.Parameter(torch.ones(2))
        optimizer = torch.optim.SGD([p], lr=0.1, momentum=0.9)
        scheduler = getattr(torch.optim.lr_scheduler, name)(optimizer, **RATES[name])
        rates = [optimizer.param_groups[0]["lr"]]
        for _ in range(9):
            optimizer.step()
            scheduler.step()
            rates += [optimizer.param_groups[0]["lr"], scheduler.get_last_lr()[0]]
        return rates

    np.testing.assert_allclose(run(ours), run(theirs), rtol=1e-6)


OPTIMIZERS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {}), ("SGD", {"momentum": 0.9, "dampening": 0.1, "foreach": True}),
    ("SGD", {"momentum": 0.9, "nesterov": True, "maximize": True}), ("Adam", {}),
    ("Adam", {"amsgrad": True, "weight_decay": 0.1, "fused": False}),
    ("AdamW", {"betas": (0.8, 0.9)}), ("RMSprop", {"centered": True, "momentum": 0.5}),
    ("Adagrad", {"lr_decay": 0.1}), ("Adadelta", {}),
    ("Adamax", {}), ("NAdam", {}), ("RAdam", {}), ("ASGD", {}), ("Rprop", {}), ("Adafactor", {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options"), OPTIMIZERS)
def test_an_optimizer_has_the_same_steps_groups_and_state(name: str, options: Any) -> None:
    def run(torch: Any) -> Any:
        p = torch.nn.Parameter(torch.tensor([[1.0, -2.0], [0.5, 3.0]]))
        optimizer = getattr(torch.optim, name)([("p", p)], lr=torch.tensor(0.1).item(), **options)
        for _ in range(4):
            optimizer.zero_grad()
            (p**3).sum().backward()
            optimizer.step()
        return p.detach().numpy(), optimizer

    (a, mine), (b, its) = run(ours), run(theirs)
    np.testing.assert_allclose(a, b, rtol=1e-4)
    assert mine.param_groups[0].keys() == its.param_groups[0].keys()
    assert mine.defaults.keys() == its.defaults.keys()
    saved, wanted = mine.state_dict(), its.state_dict()
    assert saved.keys() == wanted.keys()
    assert saved["param_groups"][0].keys() == wanted["param_groups"][0].keys()
    assert saved["state"][0].keys() == wanted["state"][0].keys() if wanted["state"] else True
    mine.load_state_dict(saved)


def test_what_data_becomes_in_a_batch() -> None:
    rows = [
        (1, 2.0, np.float32(3), np.arange(2), "a", True, {"k": 1.5}, [1, 2]),
        (4, 5.0, np.float32(6), np.arange(2), "b", False, {"k": 2.5}, [3, 4]),
    ]

    def described(x: Any) -> Any:
        if hasattr(x, "dtype"):
            return str(x.dtype), x.tolist()
        if isinstance(x, dict):
            return {k: described(v) for k, v in x.items()}
        return type(x), [v if isinstance(v, str) else described(v) for v in x]

    mine = next(iter(ours.utils.data.DataLoader(rows, batch_size=2)))
    its = next(iter(theirs.utils.data.DataLoader(rows, batch_size=2)))
    assert described(mine) == described(its)


CALLS = [
    "len(D.DataLoader(range(10), 3)), len(D.DataLoader(range(10), 3, drop_last=True))",
    "[b.tolist() for b in D.DataLoader(range(7), 3)]", "[b for b in D.DataLoader(range(3), None)]",
    "[b.tolist() for b in D.DataLoader(range(7), batch_size=3, drop_last=True, num_workers=0)]",
    "[b for b in D.DataLoader(range(4), 2, collate_fn=lambda x: x)]",
    "[b.tolist() for b in D.DataLoader(range(4), batch_sampler=[[3, 1], [0]])]",
    "[b.tolist() for b in D.DataLoader(range(4), 2, sampler=[2, 0, 3])]",
    "D.DataLoader(range(4), 2, shuffle=True, sampler=[1])",
    "D.DataLoader(range(4), 2, batch_sampler=[[1]])", "D.DataLoader(range(4), 0)",
    "D.DataLoader(range(4), -1)", "D.DataLoader(range(4), num_workers=-1)",
    "list(D.BatchSampler(D.SequentialSampler(range(5)), 2, False))",
    "sorted(D.RandomSampler(range(5)))", "len(D.RandomSampler(range(5), True, 12))",
    "sorted(D.SubsetRandomSampler([4, 2]))", "len(list(D.WeightedRandomSampler([0.1, 0.9], 7)))",
    "D.WeightedRandomSampler([0.1], 0)",
    "sorted(len(s) for s in D.random_split(range(10), [0.7, 0.3]))",
    "[len(s) for s in D.random_split(range(10), [6, 4])]", "D.random_split(range(10), [6, 3])",
    "sorted(sum((list(s) for s in D.random_split(range(6), [2, 4])), []))",
    "list(D.Subset([5, 6, 7], [2, 0]))", "list(D.ConcatDataset([[1, 2], [3]]))",
    "D.ConcatDataset([[1, 2], [3]])[-1]", "len(D.ConcatDataset([[1, 2], [3]]))",
    "D.TensorDataset(torch.ones(2), torch.ones(3))", "D.TensorDataset(torch.ones(2))[1]",
    "D.Dataset()[0]", "len(D.Dataset())", "D.get_worker_info()",
    "len(D.TensorDataset(torch.ones(2)))",
    "sorted(b.item() for b in D.DataLoader(range(5), shuffle=True))",
    "D.default_collate([torch.ones(2), torch.zeros(2)])", "D.default_collate([object()])",
    "D.default_collate([[1, 2], [3]])", "D.StackDataset([1, 2], [3, 4])[1]",
    "[b.tolist() for b in D.DataLoader(D.ChainDataset([Stream(), Stream()]), 4)]",
    "D.DataLoader(Stream(), shuffle=True)", "(D.TensorDataset(torch.ones(2)) + [7])[2]",
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_data(call: str) -> None:
    def run(torch: Any) -> Any:
        data = torch.utils.data

        class Stream(data.IterableDataset):  # type: ignore[misc,name-defined]
            def __iter__(self) -> Any:
                return iter(range(3))

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found = eval(call, {"D": data, "torch": torch, "Stream": Stream})  # noqa: S307
            except Exception as error:  # noqa: BLE001 (whatever it is)
                return type(error).__mro__[-3].__name__
        return str(found).replace("torch.", "")

    assert run(ours) == run(theirs)
