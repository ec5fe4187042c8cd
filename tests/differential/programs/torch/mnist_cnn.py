"""A small convolutional network for digits, a schedule, and a test loop."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset

rng = np.random.default_rng(1)


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, 1)
        self.conv2 = nn.Conv2d(4, 8, 3, 1)
        self.dropout1 = nn.Dropout(0.0)
        self.dropout2 = nn.Dropout2d(p=0.0)
        self.fc1 = nn.Linear(8 * 5 * 5, 16)
        self.fc2 = nn.Linear(16, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x), inplace=True)
        x = F.max_pool2d(x, 2)
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        x = self.fc2(x)
        output = F.log_softmax(x, dim=1)
        return output


def fill(model):
    for name, param in model.named_parameters():
        scale = 1.0 / max(1, np.prod(param.shape[1:])) ** 0.5
        with torch.no_grad():
            param.copy_(torch.from_numpy(rng.uniform(-scale, scale, tuple(param.shape))))


def train(model, device, train_loader, optimizer, epoch, log):
    model.train()
    for batch_idx, (data, target) in enumerate(train_loader):
        data, target = data.to(device), target.to(device)
        optimizer.zero_grad()
        output = model(data)
        loss = F.nll_loss(output, target)
        loss.backward()
        optimizer.step()
        if batch_idx % 2 == 0:
            log.append(loss.item())


def test(model, device, test_loader):
    model.eval()
    test_loss = 0
    correct = 0
    with torch.no_grad():
        for data, target in test_loader:
            data, target = data.to(device), target.to(device)
            output = model(data)
            test_loss += F.nll_loss(output, target, reduction="sum").item()
            pred = output.argmax(dim=1, keepdim=True)
            correct += pred.eq(target.view_as(pred)).sum().item()
    return test_loss / len(test_loader.dataset), correct


use_cuda = torch.cuda.is_available()
torch.manual_seed(1)
device = torch.device("cuda" if use_cuda else "cpu")
images = torch.from_numpy(rng.random((50, 1, 14, 14), dtype=np.float32))
labels = torch.from_numpy(rng.integers(0, 10, 50))
kwargs = {"num_workers": 1, "pin_memory": True} if use_cuda else {}
train_loader = DataLoader(TensorDataset(images, labels), batch_size=16, shuffle=False, **kwargs)
test_loader = DataLoader(TensorDataset(images, labels), batch_size=50)
model = Net().to(device)
fill(model)
optimizer = optim.Adadelta(model.parameters(), lr=1.0)
scheduler = StepLR(optimizer, step_size=1, gamma=0.7)
log, tests = [], []
for epoch in range(1, 4):
    train(model, device, train_loader, optimizer, epoch, log)
    tests.append(test(model, device, test_loader))
    scheduler.step()
results = {
    "log": log,
    "tests": tests,
    "lr": optimizer.param_groups[0]["lr"],
    "weights": model.state_dict(),
}
