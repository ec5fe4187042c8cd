"""PyTorch's own transformer layers with masks, positions by sines, a warm-up schedule."""

import math

import numpy as np
import torch
import torch.nn as nn
from torch.optim.lr_scheduler import LambdaLR

rng = np.random.default_rng(14)


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, dropout=0.0, max_len=50):
        super().__init__()
        self.dropout = nn.Dropout(p=dropout)
        pe = torch.zeros(max_len, d_model)
        position = torch.arange(0, max_len, dtype=torch.float).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2).float() * (-math.log(10000.0) / d_model))
        pe[:, 0::2] = torch.sin(position * div_term)
        pe[:, 1::2] = torch.cos(position * div_term)
        pe = pe.unsqueeze(0).transpose(0, 1)
        self.register_buffer("pe", pe)

    def forward(self, x):
        x = x + self.pe[: x.size(0), :]
        return self.dropout(x)


class TransformerModel(nn.Module):
    def __init__(self, ntoken, d_model, nhead, nhid, nlayers):
        super().__init__()
        self.pos_encoder = PositionalEncoding(d_model)
        encoder_layer = nn.TransformerEncoderLayer(d_model, nhead, nhid, dropout=0.0)
        self.encoder = nn.TransformerEncoder(encoder_layer, nlayers, enable_nested_tensor=False)
        self.decoder_layer = nn.TransformerDecoderLayer(
            d_model, nhead, nhid, dropout=0.0, activation="gelu", norm_first=True
        )
        self.embedding = nn.Embedding(ntoken, d_model)
        self.d_model = d_model
        self.out = nn.Linear(d_model, ntoken)
        self.out.weight = self.embedding.weight

    def forward(self, src, tgt):
        S, T = src.size(0), tgt.size(0)
        src_mask = torch.triu(torch.full((S, S), float("-inf")), diagonal=1)
        tgt_mask = nn.Transformer.generate_square_subsequent_mask(T)
        src = self.pos_encoder(self.embedding(src) * math.sqrt(self.d_model))
        tgt = self.pos_encoder(self.embedding(tgt) * math.sqrt(self.d_model))
        memory = self.encoder(src, mask=src_mask)
        return self.out(self.decoder_layer(tgt, memory, tgt_mask=tgt_mask))


model = TransformerModel(11, 8, 2, 16, 2)
for p in model.parameters():
    p.data.copy_(torch.from_numpy(rng.uniform(-0.3, 0.3, tuple(p.shape))))
optimizer = torch.optim.Adam(model.parameters(), lr=1.0, betas=(0.9, 0.98), eps=1e-9)
schedule = LambdaLR(
    optimizer,
    lr_lambda=lambda step: 8**-0.5 * min(max(step, 1) ** -0.5, max(step, 1) * 40**-1.5),
)
src = torch.from_numpy(rng.integers(0, 11, (6, 4)))
tgt = torch.from_numpy(rng.integers(0, 11, (5, 4)))
criterion = nn.CrossEntropyLoss(reduction="none")
losses, rates = [], []
for _ in range(6):
    optimizer.zero_grad()
    output = model(src, tgt[:-1])
    loss = criterion(output.reshape(-1, 11), tgt[1:].reshape(-1)).mean()
    loss.backward()
    optimizer.step()
    schedule.step()
    losses.append(loss.item())
    rates.append(schedule.get_last_lr()[0])

mha = nn.MultiheadAttention(8, 2, batch_first=True)
for p in mha.parameters():
    nn.init.constant_(p, 0.05)
q = torch.from_numpy(rng.standard_normal((2, 3, 8))).float()
pad = torch.tensor([[False, False, True], [False, False, False]])
attended, weights = mha(q, q, q, key_padding_mask=pad)
dots = nn.functional.scaled_dot_product_attention(q, q, q, is_causal=True)
results = {
    "losses": losses,
    "rates": rates,
    "pe": model.pos_encoder.pe.squeeze(),
    "attended": attended,
    "weights": weights,
    "dots": dots,
    "names": len(model.state_dict()),
}
