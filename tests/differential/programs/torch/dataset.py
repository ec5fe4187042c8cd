"""A Dataset and a collate function of one's own, samplers, splits, an embedding bag of texts."""

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import (
    BatchSampler,
    ConcatDataset,
    DataLoader,
    Dataset,
    SequentialSampler,
    Subset,
    WeightedRandomSampler,
    random_split,
)

rng = np.random.default_rng(8)


class Reviews(Dataset):
    def __init__(self, n):
        self.texts = [rng.integers(1, 20, rng.integers(2, 7)).tolist() for _ in range(n)]
        self.labels = [int(sum(t) % 2) for t in self.texts]

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, idx):
        if torch.is_tensor(idx):
            idx = idx.tolist()
        return {"text": torch.tensor(self.texts[idx]), "label": self.labels[idx], "score": 0.5}


def collate(batch):
    texts = pad_sequence([item["text"] for item in batch], batch_first=True, padding_value=0)
    labels = torch.tensor([item["label"] for item in batch], dtype=torch.float32)
    lengths = torch.LongTensor([len(item["text"]) for item in batch])
    return texts, labels, lengths


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 6, padding_idx=0)
        self.fc = nn.Sequential(nn.Linear(6, 5), nn.ReLU6(), nn.Linear(5, 1))

    def forward(self, text, lengths):
        embedded = self.embedding(text)
        mask = (text != 0).unsqueeze(-1)
        pooled = (embedded * mask).sum(dim=1) / lengths.unsqueeze(1)
        return self.fc(pooled).squeeze(1)


everything = Reviews(30)
train_set = Subset(everything, range(24))
valid_set = Subset(everything, range(24, 30))
model = Classifier()
with torch.no_grad():
    for p in model.parameters():
        p.copy_(torch.as_tensor(rng.uniform(-0.5, 0.5, size=tuple(p.size()))))
    model.embedding.weight[0].fill_(0)
criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(1.5))
optimizer = torch.optim.Adagrad(model.parameters(), lr=0.1)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=0)
losses = []
for _epoch in range(4):
    for text, label, lengths in DataLoader(train_set, batch_size=7, collate_fn=collate):
        optimizer.zero_grad()
        output = model(text, lengths)
        loss = criterion(output, label)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        total = 0.0
        for text, label, lengths in DataLoader(valid_set, 4, collate_fn=collate, num_workers=0):
            total += criterion(model(text, lengths), label).item() * label.size(0)
    plateau.step(total / len(valid_set))

both = ConcatDataset([train_set, valid_set])
numbers = DataLoader(
    [(i, float(i) / 2, np.float32(i)) for i in range(10)],
    batch_sampler=BatchSampler(SequentialSampler(range(10)), batch_size=4, drop_last=True),
)
weighted = WeightedRandomSampler([0.0, 1.0, 0.0], num_samples=5)
one, two = random_split(range(10), [7, 3], generator=torch.Generator().manual_seed(0))
results = {
    "losses": losses,
    "embedding": model.embedding.weight,
    "lr": [group["lr"] for group in optimizer.param_groups],
    "both": len(both),
    "numbers": [list(batch) for batch in numbers],
    "weighted": list(weighted),
    "split": sorted(list(one) + list(two)),
    "batch": next(iter(DataLoader([{"a": 1, "b": [2.0, 3.0]}] * 3, batch_size=3))),
}
