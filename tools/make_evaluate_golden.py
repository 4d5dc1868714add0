#!/usr/bin/env python3
"""Trains the strangers' nets of tests/golden/evaluate/: small, each with another activation, pooling and
normalisation, which `rushlight evaluate` has to find from the weights and labelled pictures.

  python3 tools/make_evaluate_golden.py FOLDER [NAME…]     FOLDER holds MNIST's idx files, plain or .gz

Writes NAME.pth (state dict), NAME.txt (print(model)) and expected.json: what was true, and how many of the 9,500 test
pictures that evaluate reports PyTorch has right. Written with torch 2.15, seed 1, one thread.
"""

import gzip
import json
import pathlib
import sys

import torch
from torch import nn
from torch.nn import functional as F

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "evaluate"
EPOCHS = 3


def read(folder, name, offset):
    path = pathlib.Path(folder) / name
    data = path.read_bytes() if path.exists() else gzip.open(f"{path}.gz").read()
    return torch.frombuffer(bytearray(data), dtype=torch.uint8)[offset:]


def pictures(folder, stem):
    return read(folder, f"{stem}-images-idx3-ubyte", 16).view(-1, 1, 28, 28), read(
        folder, f"{stem}-labels-idx1-ubyte", 8
    ).long()


NORMALIZE = {
    "0.1307,0.3081": lambda x: (x / 255 - 0.1307) / 0.3081,
    "x/255": lambda x: x / 255,
    "±1": lambda x: (x / 255 - 0.5) / 0.5,
    "none": lambda x: x,
}


class TanhLeNet(nn.Module):
    """After LeCun et al.: tanh, average pooling; pictures from -1 to 1."""

    true = {"activation": "tanh", "pool": "avg", "normalize": "±1"}

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 60)
        self.fc2 = nn.Linear(60, 10)

    def forward(self, x):
        x = F.avg_pool2d(torch.tanh(self.conv1(x)), 2)
        x = F.avg_pool2d(torch.tanh(self.conv2(x)), 2)
        return self.fc2(torch.tanh(self.fc1(x.flatten(1))))


class SigmoidMlp(nn.Module):
    """As in a first course: one hidden layer of sigmoids over x / 255."""

    true = {"activation": "sigmoid", "normalize": "x/255"}

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(784, 40)
        self.output = nn.Linear(40, 10)

    def forward(self, x):
        return self.output(torch.sigmoid(self.hidden(x.view(-1, 784))))


class RawConvNet(nn.Module):
    """Fed with bytes as they are."""

    true = {"activation": "relu", "pool": "max", "normalize": "none"}

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3)
        self.bn1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 16, 3)
        self.bn2 = nn.BatchNorm2d(16)
        self.fc = nn.Linear(16 * 5 * 5, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
        return F.log_softmax(self.fc(x.flatten(1)), dim=1)


class GeluConvNet(nn.Module):
    true = {"activation": "gelu", "pool": "max", "normalize": "0.1307,0.3081"}

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 5)
        self.conv2 = nn.Conv2d(8, 16, 5)
        self.fc1 = nn.Linear(256, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = F.max_pool2d(F.gelu(self.conv1(x)), 2)
        x = F.max_pool2d(F.gelu(self.conv2(x)), 2)
        return self.fc2(F.gelu(self.fc1(x.flatten(1))))


class AvgReluNet(nn.Module):
    true = {"activation": "relu", "pool": "avg", "normalize": "0.1307,0.3081"}

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 12, 3, padding=1)
        self.fc1 = nn.Linear(12 * 7 * 7, 48)
        self.fc2 = nn.Linear(48, 10)

    def forward(self, x):
        x = F.avg_pool2d(F.relu(self.conv1(x)), 2)
        x = F.avg_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


NETS = {
    "tanh_lenet": TanhLeNet,
    "sigmoid_mlp": SigmoidMlp,
    "raw_convnet": RawConvNet,
    "gelu_convnet": GeluConvNet,
    "avg_relu_net": AvgReluNet,
}


def train(net, x, y):
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    steps = EPOCHS * (len(x) // 128)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=steps)
    for _ in range(EPOCHS):
        order = torch.randperm(len(x))
        for i in range(len(x) // 128):
            rows = order[i * 128 : (i + 1) * 128]
            loss = F.cross_entropy(net(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()


def main():
    torch.set_num_threads(1)
    x, y = pictures(sys.argv[1], "train")
    test_x, test_y = pictures(sys.argv[1], "t10k")
    counted = torch.ones(len(test_y), dtype=torch.bool)
    counted[:: len(test_y) // 500] = False
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / "expected.json"
    expected = json.loads(path.read_text()) if path.exists() else {}
    for name in sys.argv[2:] or NETS:
        build = NETS[name]
        torch.manual_seed(1)
        net = build()
        prepare = NORMALIZE[build.true["normalize"]]
        train(net.train(), prepare(x.float()), y)
        with torch.no_grad():
            answers = net.eval()(prepare(test_x.float())).argmax(1)
        correct = int((answers == test_y)[counted].sum())
        torch.save(net.state_dict(), FOLDER / f"{name}.pth")
        (FOLDER / f"{name}.txt").write_text(f"{net}\n")
        expected[name] = {**build.true, "correct": correct, "total": int(counted.sum())}
        print(name, expected[name], (FOLDER / f"{name}.pth").stat().st_size, "bytes")
    path.write_text(json.dumps(expected, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
