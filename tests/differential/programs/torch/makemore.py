"""Characters from counts and a small network by hand: indexing, one-hot, batch norm by formulas."""

import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(12)
words = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "harper", "luna"]
chars = sorted(list(set("".join(words))))
stoi = {s: i + 1 for i, s in enumerate(chars)}
stoi["."] = 0
itos = {i: s for s, i in stoi.items()}
V = len(itos)

N = torch.zeros((V, V), dtype=torch.int32)
for w in words:
    chs = ["."] + list(w) + ["."]
    for ch1, ch2 in zip(chs, chs[1:]):
        N[stoi[ch1], stoi[ch2]] += 1
P = (N + 1).float()
P /= P.sum(1, keepdim=True)
log_likelihood, n = 0.0, 0
for w in words:
    chs = ["."] + list(w) + ["."]
    for ch1, ch2 in zip(chs, chs[1:]):
        log_likelihood += torch.log(P[stoi[ch1], stoi[ch2]])
        n += 1

block_size = 3
X, Y = [], []
for w in words:
    context = [0] * block_size
    for ch in w + ".":
        X.append(context)
        Y.append(stoi[ch])
        context = context[1:] + [stoi[ch]]
X, Y = torch.tensor(X), torch.tensor(Y)
C = torch.from_numpy(rng.standard_normal((V, 4)).astype(np.float32))
W1 = torch.from_numpy(rng.standard_normal((12, 10)).astype(np.float32)) * (5 / 3) / (12**0.5)
W2 = torch.from_numpy(rng.standard_normal((10, V)).astype(np.float32)) * 0.01
b2 = torch.zeros(V)
bngain = torch.ones((1, 10))
bnbias = torch.zeros((1, 10))
bnmean_running = torch.zeros((1, 10))
parameters = [C, W1, W2, b2, bngain, bnbias]
for p in parameters:
    p.requires_grad = True
lossi = []
for i in range(15):
    ix = torch.tensor(rng.integers(0, X.shape[0], (16,)))
    Xb, Yb = X[ix], Y[ix]
    emb = C[Xb]
    embcat = emb.view(emb.shape[0], -1)
    hprebn = embcat @ W1
    bnmeani = hprebn.mean(0, keepdim=True)
    bnstdi = hprebn.std(0, keepdim=True)
    hpreact = bngain * (hprebn - bnmeani) / bnstdi + bnbias
    with torch.no_grad():
        bnmean_running = 0.9 * bnmean_running + 0.1 * bnmeani
    h = torch.tanh(hpreact)
    logits = h @ W2 + b2
    loss = F.cross_entropy(logits, Yb)
    for p in parameters:
        p.grad = None
    loss.backward()
    lr = 0.1 if i < 10 else 0.01
    for p in parameters:
        p.data += -lr * p.grad
    lossi.append(loss.log10().item())

# the same loss, forwards and backwards by hand
logit_maxes = logits.max(1, keepdim=True).values
counts = (logits - logit_maxes).exp()
probs = counts * counts.sum(1, keepdims=True) ** -1
logprobs = probs.log()
by_hand = -logprobs[range(16), Yb].mean()
dlogits = F.softmax(logits, 1)
dlogits[range(16), Yb] -= 1
dlogits /= 16
xenc = F.one_hot(X[:4, 2], num_classes=V).float()
results = {
    "nll": -log_likelihood / n,
    "counts": N,
    "lossi": torch.tensor(lossi).view(-1, 5).mean(1),
    "C": C,
    "running": bnmean_running,
    "by_hand": by_hand,
    "dlogits": dlogits,
    "xenc": xenc.sum(0),
    "likeliest": [itos[i] for i in P.argmax(dim=1).tolist()]
    == [itos[int(row.max(0)[1])] for row in P],
}
results["likeliest"] = int(results["likeliest"])
