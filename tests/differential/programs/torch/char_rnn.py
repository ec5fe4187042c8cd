"""An LSTM and a GRU on characters, with hidden states carried along and packed sequences."""

import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

rng = np.random.default_rng(4)
text = "the quick brown fox jumps over the lazy dog " * 3
chars = sorted(set(text))
stoi = {ch: i for i, ch in enumerate(chars)}
data = torch.tensor([stoi[c] for c in text], dtype=torch.long)


class RNNModel(nn.Module):
    def __init__(self, rnn_type, ntoken, ninp, nhid, nlayers):
        super().__init__()
        self.drop = nn.Dropout(0.0)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = getattr(nn, rnn_type)(ninp, nhid, nlayers, dropout=0.0)
        self.decoder = nn.Linear(nhid, ntoken)
        self.init_weights()
        self.rnn_type, self.nhid, self.nlayers = rnn_type, nhid, nlayers

    def init_weights(self):
        initrange = 0.1
        nn.init.zeros_(self.decoder.bias)
        for p in self.parameters():
            if p.dim() > 1:
                p.data.copy_(torch.from_numpy(rng.uniform(-initrange, initrange, p.shape)))
            else:
                p.data.fill_(0.05)

    def forward(self, input, hidden):
        emb = self.drop(self.encoder(input))
        output, hidden = self.rnn(emb, hidden)
        decoded = self.decoder(output)
        return decoded.view(-1, decoded.size(2)), hidden

    def init_hidden(self, bsz):
        weight = next(self.parameters())
        if self.rnn_type == "LSTM":
            return (
                weight.new_zeros(self.nlayers, bsz, self.nhid),
                weight.new_zeros(self.nlayers, bsz, self.nhid),
            )
        return weight.new_zeros(self.nlayers, bsz, self.nhid)


def repackage_hidden(h):
    if isinstance(h, torch.Tensor):
        return h.detach()
    return tuple(repackage_hidden(v) for v in h)


def batchify(data, bsz):
    nbatch = data.size(0) // bsz
    data = data.narrow(0, 0, nbatch * bsz)
    return data.view(bsz, -1).t().contiguous()


results = {}
source = batchify(data, 4)
criterion = nn.CrossEntropyLoss()
for kind in ("LSTM", "GRU"):
    model = RNNModel(kind, len(chars), 6, 8, 2)
    hidden = model.init_hidden(4)
    losses = []
    lr = 2.0
    for i in range(0, source.size(0) - 1, 7):
        seq_len = min(7, len(source) - 1 - i)
        inputs = source[i : i + seq_len]
        targets = source[i + 1 : i + 1 + seq_len].view(-1)
        model.zero_grad()
        hidden = repackage_hidden(hidden)
        output, hidden = model(inputs, hidden)
        loss = criterion(output, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        for p in model.parameters():
            p.data.add_(p.grad, alpha=-lr)
        losses.append(loss.item())
    results[kind] = {"losses": losses, "decoder": model.decoder.weight.data}

sequences = [torch.tensor(rng.standard_normal((n, 3)), dtype=torch.float32) for n in (5, 3, 1)]
padded = pad_sequence(sequences, batch_first=True)
lengths = torch.tensor([len(s) for s in sequences])
rnn = nn.GRU(3, 4, batch_first=True, bidirectional=True)
for p in rnn.parameters():
    nn.init.constant_(p, 0.1)
packed = pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=True)
out, h_n = rnn(packed)
out, out_lengths = pad_packed_sequence(out, batch_first=True)
results["packed"] = {"out": out, "h": h_n, "lengths": out_lengths}
