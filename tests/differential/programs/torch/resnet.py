"""A residual network with batch norm, momentum, a cosine schedule, a checkpoint taken up again."""

import os
import tempfile

import numpy as np
import torch
import torch.backends.cudnn as cudnn
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

rng = np.random.default_rng(6)


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, in_planes, planes, stride=1):
        super(BasicBlock, self).__init__()
        self.conv1 = nn.Conv2d(
            in_planes, planes, kernel_size=3, stride=stride, padding=1, bias=False
        )
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, kernel_size=3, stride=1, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_planes != self.expansion * planes:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_planes, self.expansion * planes, 1, stride=stride, bias=False),
                nn.BatchNorm2d(self.expansion * planes),
            )

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += self.shortcut(x)
        return F.relu(out)


class ResNet(nn.Module):
    def __init__(self, block, num_blocks, num_classes=10):
        super().__init__()
        self.in_planes = 4
        self.conv1 = nn.Conv2d(3, 4, kernel_size=3, stride=1, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.layer1 = self._make_layer(block, 4, num_blocks[0], stride=1)
        self.layer2 = self._make_layer(block, 8, num_blocks[1], stride=2)
        self.linear = nn.Linear(8 * block.expansion, num_classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                n = m.kernel_size[0] * m.kernel_size[1] * m.out_channels
                m.weight.data = torch.from_numpy(
                    rng.normal(0, (2.0 / n) ** 0.5, m.weight.size()).astype("f")
                )
            elif isinstance(m, nn.BatchNorm2d):
                m.weight.data.fill_(1)
                m.bias.data.zero_()
        with torch.no_grad():
            self.linear.weight.copy_(torch.tensor(rng.normal(0, 0.1, (num_classes, 8))))
            self.linear.bias.zero_()

    def _make_layer(self, block, planes, num_blocks, stride):
        strides = [stride] + [1] * (num_blocks - 1)
        layers = []
        for stride in strides:
            layers.append(block(self.in_planes, planes, stride))
            self.in_planes = planes * block.expansion
        return nn.Sequential(*layers)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.layer2(self.layer1(out))
        out = F.avg_pool2d(out, out.size()[2:])
        out = out.view(out.size(0), -1)
        return self.linear(out)


device = "cuda" if torch.cuda.is_available() else "cpu"
net = ResNet(BasicBlock, [1, 1]).to(device)
if device == "cuda":
    net = torch.nn.DataParallel(net)
    cudnn.benchmark = True
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=6)
inputs = torch.from_numpy(rng.standard_normal((10, 3, 8, 8)).astype(np.float32))
targets = torch.from_numpy(rng.integers(0, 10, 10))


def train(epochs):
    net.train()
    losses = []
    for _ in range(epochs):
        for i in range(0, 10, 4):
            optimizer.zero_grad()
            outputs = net(inputs[i : i + 4])
            loss = criterion(outputs, targets[i : i + 4])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        scheduler.step()
    return losses


first = train(2)
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "ckpt.pth")
    state = {
        "net": net.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "acc": 93.5,
        "epoch": 2,
    }
    torch.save(state, path)
    second = train(2)
    checkpoint = torch.load(path, map_location=device)
net.load_state_dict(checkpoint["net"])
optimizer.load_state_dict(checkpoint["optimizer"])
scheduler.load_state_dict(checkpoint["scheduler"])
again = train(checkpoint["epoch"])
assert np.allclose(again, second, atol=1e-6)
net.eval()
with torch.inference_mode():
    outputs = net(inputs)
    _, predicted = outputs.max(1)
    correct = predicted.eq(targets).sum().item()
results = {
    "losses": first + second,
    "correct": correct,
    "mean": net.bn1.running_mean,
    "batches": net.bn1.num_batches_tracked,
    "outputs": outputs,
    "lrs": scheduler.get_last_lr(),
    "acc": checkpoint["acc"],
}
