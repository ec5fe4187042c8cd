"""A graph network: messages by gather, index_add and scatter, on a small graph."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter

rng = np.random.default_rng(13)


class GraphConvolution(Module):
    def __init__(self, in_features, out_features, bias=True):
        super(GraphConvolution, self).__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(torch.FloatTensor(in_features, out_features))
        if bias:
            self.bias = Parameter(torch.FloatTensor(out_features))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self):
        stdv = 1.0 / math.sqrt(self.weight.size(1))
        self.weight.data.uniform_(-stdv, stdv)
        assert self.weight.data.abs().max() <= stdv
        self.weight.data = torch.Tensor(rng.uniform(-stdv, stdv, self.weight.shape).tolist())
        if self.bias is not None:
            self.bias.data.fill_(stdv)

    def forward(self, input, adj):
        support = torch.mm(input, self.weight)
        output = torch.matmul(adj, support)
        if self.bias is not None:
            return output + self.bias
        return output

    def __repr__(self):
        return f"{self.__class__.__name__} ({self.in_features} -> {self.out_features})"


class GAT(Module):
    def __init__(self, d):
        super().__init__()
        self.a = Parameter(torch.from_numpy(rng.standard_normal((2 * d, 1))).float())

    def forward(self, h, edges):
        src, dst = edges
        e = F.leaky_relu(torch.cat([h[src], h[dst]], dim=-1) @ self.a, 0.2).squeeze(-1)
        e = torch.exp(e - e.max().detach())
        total = torch.zeros(h.size(0)).index_add_(0, dst, e)
        alpha = e / total[dst]
        out = torch.zeros_like(h)
        out = out.scatter_add(0, dst.unsqueeze(-1).expand(-1, h.size(1)), alpha[:, None] * h[src])
        return F.elu(out), alpha


n = 8
edges = torch.tensor(rng.integers(0, n, (2, 20)))
edges = torch.cat([edges, torch.arange(n).repeat(2, 1)], dim=1)
adj = torch.zeros(n, n)
adj[edges[0], edges[1]] = 1.0
degree = adj.sum(1)
norm = torch.diag(degree.pow(-0.5))
adj = norm @ adj @ norm
features = torch.eye(n)
labels = torch.LongTensor(rng.integers(0, 3, n).tolist())
idx_train = torch.LongTensor(range(6))


class GCN(Module):
    def __init__(self):
        super().__init__()
        self.gc1 = GraphConvolution(n, 5)
        self.gat = GAT(5)
        self.gc2 = GraphConvolution(5, 3)

    def forward(self, x, adj):
        x = F.relu(self.gc1(x, adj))
        x, self.alpha = self.gat(x, edges)
        x = F.dropout(x, 0.5, training=False)
        return F.log_softmax(self.gc2(x, adj), dim=1)


model = GCN()
optimizer = torch.optim.Adam(model.parameters(), lr=0.05, weight_decay=5e-4)
losses = []
for _ in range(10):
    model.train()
    optimizer.zero_grad()
    output = model(features, adj)
    loss = F.nll_loss(output[idx_train], labels[idx_train])
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
preds = output.max(1)[1].type_as(labels)
results = {
    "losses": losses,
    "alpha": model.alpha,
    "preds": preds,
    "accuracy": preds.eq(labels).double().sum() / len(labels),
    "order": torch.argsort(degree, descending=True, stable=True),
    "sorted": torch.sort(degree, 0)[0],
    "repr": len(repr(model)),
}
