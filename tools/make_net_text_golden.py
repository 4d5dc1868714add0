#!/usr/bin/env python3
"""Writes tests/golden/net_text/: what print(model) gives for nets in the manner of many tutorials, and what they
answer with weights from a formula that the test repeats.

  python3 tools/make_net_text_golden.py           NAME.txt of each net, expected.pt
  python3 tools/make_net_text_golden.py --old     old/NAME.txt of those that an old PyTorch prints in other words

Written with torch 2.15 and, with --old, 1.13. The texts and the answers are checked in, so testing needs no torch.
"""

import pathlib
import sys
import warnings

import torch
from torch import nn
from torch.nn import functional as F

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from golden.models import formula, gain  # noqa: E402

FOLDER = ROOT / "tests" / "golden" / "net_text"
BATCH = 2
warnings.filterwarnings("ignore")


def fnv(name):
    """A number for a name, so that weights do not depend on the order of the state dict."""
    value = 2166136261
    for byte in name.encode():
        value = (value ^ byte) * 16777619 % 2**32
    return value % 1000000


def fill(net):
    for name, value in net.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        drawn = formula(tuple(value.shape), fnv(name))
        value.copy_(drawn + 1 if name.endswith("running_var") else drawn * gain(tuple(value.shape)))


NETS = {}  # name -> (class or function, input [C, H, W])


def net(channels=1, side=28):
    def add(build):
        NETS[build.__name__] = (build, (channels, side, side))
        return build

    return add


@net()
def sequential_mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 10))


@net()
def bare_sequential():
    """The caller flattens."""
    return nn.Sequential(nn.Linear(784, 24), nn.Tanh(), nn.Linear(24, 10), nn.LogSoftmax(dim=1))


@net()
class NeuralNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(28 * 28, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 10)
        )

    def forward(self, x):
        return self.linear_relu_stack(self.flatten(x))


@net()
class TutorialNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 5, 1)
        self.conv2 = nn.Conv2d(8, 12, 5, 1)
        self.fc1 = nn.Linear(4 * 4 * 12, 50)
        self.fc2 = nn.Linear(50, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2, 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2, 2)
        x = F.relu(self.fc1(x.view(-1, 4 * 4 * 12)))
        return F.log_softmax(self.fc2(x), dim=1)


@net()
class ExamplesNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 3, 1)
        self.conv2 = nn.Conv2d(6, 8, 3, 1)
        self.dropout1 = nn.Dropout(0.25)
        self.dropout2 = nn.Dropout(0.5)
        self.fc1 = nn.Linear(1152, 32)
        self.fc2 = nn.Linear(32, 10)

    def forward(self, x):
        x = F.relu(self.conv2(F.relu(self.conv1(x))))
        x = torch.flatten(self.dropout1(F.max_pool2d(x, 2)), 1)
        x = self.dropout2(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc2(x), dim=1)


@net()
class OldExamplesNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.conv2_drop = nn.Dropout2d()
        self.fc1 = nn.Linear(320, 50)
        self.fc2 = nn.Linear(50, 10)

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2_drop(self.conv2(x)), 2))
        x = F.relu(self.fc1(x.view(-1, 320)))
        return F.log_softmax(self.fc2(F.dropout(x, training=self.training)), dim=1)


@net(3, 32)
class CifarNet(nn.Module):
    """One pool for both convolutions."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = torch.flatten(x, 1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


@net(1, 32)
class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.feature_extractor = nn.Sequential(
            nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2),
            nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
            nn.Conv2d(16, 24, 5), nn.Tanh(),
        )
        self.classifier = nn.Sequential(nn.Linear(24, 20), nn.Tanh(), nn.Linear(20, 10))

    def forward(self, x):
        return F.softmax(self.classifier(torch.flatten(self.feature_extractor(x), 1)), dim=1)


@net()
class TanhLeNet(nn.Module):
    """Tanh and average pooling as functions: what `activation` and `pool` are for."""

    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, kernel_size=5, padding=2)
        self.c3 = nn.Conv2d(6, 16, kernel_size=5)
        self.f5 = nn.Linear(400, 60)
        self.f6 = nn.Linear(60, 42)
        self.out = nn.Linear(42, 10)

    def forward(self, x):
        x = F.avg_pool2d(torch.tanh(self.c1(x)), 2)
        x = F.avg_pool2d(torch.tanh(self.c3(x)), 2)
        x = x.view(x.size(0), -1)
        return self.out(torch.tanh(self.f6(torch.tanh(self.f5(x)))))


@net()
class BlocksNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1 = nn.Sequential(nn.Conv2d(1, 4, 5, 1, 2), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2, 2))
        self.layer2 = nn.Sequential(nn.Conv2d(4, 8, 5, 1, 2), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2, 2))
        self.fc = nn.Linear(7 * 7 * 8, 10)

    def forward(self, x):
        x = self.layer2(self.layer1(x))
        return self.fc(x.reshape(x.size(0), -1))


@net()
class NormsBehind(nn.Module):
    """BatchNorms registered behind the convolutions, of equal channels; another eps."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(8, eps=1e-3)
        self.bn2 = nn.BatchNorm2d(8, momentum=None)
        self.fc1 = nn.Linear(8 * 7 * 7, 16)
        self.bn3 = nn.BatchNorm1d(16)
        self.fc2 = nn.Linear(16, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
        x = F.relu(self.bn3(self.fc1(torch.flatten(x, 1))))
        return self.fc2(x)


@net()
class ToolsBehind(nn.Module):
    """Pool, activation and dropout registered once, behind all, and used several times."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 3, padding=1)
        self.conv2 = nn.Conv2d(6, 8, 3, padding=1)
        self.fc1 = nn.Linear(8 * 7 * 7, 16)
        self.fc2 = nn.Linear(16, 10)
        self.relu = nn.LeakyReLU(0.1)
        self.maxpool = nn.MaxPool2d(kernel_size=2)
        self.dropout = nn.Dropout(0.5)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, x):
        x = self.maxpool(self.relu(self.conv1(x)))
        x = self.maxpool(self.relu(self.conv2(x)))
        x = self.dropout(self.relu(self.fc1(x.flatten(1))))
        return self.softmax(self.fc2(x))


@net()
class InOrder(nn.Module):
    """Every step registered where it runs."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(4, 6, 3)
        self.relu2 = nn.ReLU(inplace=True)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.flatten = nn.Flatten()
        self.fc1 = nn.Linear(6 * 12 * 12, 16)
        self.act = nn.Sigmoid()
        self.fc2 = nn.Linear(16, 10)
        self.out = nn.Softmax(dim=1)

    def forward(self, x):
        x = self.pool(self.relu2(self.conv2(self.relu1(self.conv1(x)))))
        return self.out(self.fc2(self.act(self.fc1(self.flatten(x)))))


@net(3, 32)
class SmallVgg(nn.Module):
    def __init__(self):
        super().__init__()
        layers, before = [], 3
        for width in [4, "M", 8, "M", 8, 8, "M"]:
            if width == "M":
                layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
            else:
                layers += [nn.Conv2d(before, width, kernel_size=3, padding=1), nn.ReLU(inplace=True)]
                before = width
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((2, 2))
        self.classifier = nn.Sequential(
            nn.Linear(32, 16), nn.ReLU(True), nn.Dropout(p=0.5), nn.Linear(16, 16), nn.ReLU(True), nn.Linear(16, 10)
        )

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


@net()
class ListOfLinears(nn.Module):
    """Equal modules of a ModuleList are printed as one."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(784, 16)
        self.hidden = nn.ModuleList([nn.Linear(16, 16) for _ in range(3)])
        self.last = nn.Linear(16, 10)

    def forward(self, x):
        x = F.relu(self.first(x.view(x.shape[0], -1)))
        for layer in self.hidden:
            x = F.relu(layer(x))
        return self.last(x)


class ConvBlock(nn.Module):
    def __init__(self, before, width, **arguments):
        super().__init__()
        self.conv = nn.Conv2d(before, width, bias=False, **arguments)
        self.bn = nn.BatchNorm2d(width)
        self.act = nn.SiLU()

    def forward(self, x):
        return self.act(self.bn(self.conv(x)))


@net()
class Blocks(nn.Module):
    """Blocks of a class of their own, dilated, strided and grouped; a global mean printed."""

    def __init__(self):
        super().__init__()
        self.stem = ConvBlock(1, 8, kernel_size=3, stride=2, padding=1)
        self.body = nn.Sequential(
            ConvBlock(8, 8, kernel_size=3, padding="same", dilation=2, groups=4),
            ConvBlock(8, 12, kernel_size=(3, 5), stride=(2, 1), padding=(1, 2)),
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(12, 10)

    def forward(self, x):
        return self.head(self.pool(self.body(self.stem(x))).flatten(1))


class Separable(nn.Module):
    def __init__(self, before, width):
        super().__init__()
        self.depthwise = nn.Conv2d(before, before, kernel_size=3, padding=1, groups=before)
        self.pointwise = nn.Conv2d(before, width, kernel_size=1)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))


@net()
class SeparableNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, stride=2)
        self.conv2 = Separable(8, 12)
        self.fc = nn.Linear(12 * 6 * 6, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1))


@net(3, 32)
class GlobalMean(nn.Module):
    """The mean over each plane as a function, no pools."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.conv2 = nn.Conv2d(8, 12, 3, stride=2, padding=1)
        self.fc = nn.Linear(12, 10)

    def forward(self, x):
        x = F.relu(self.conv2(F.relu(self.conv1(x))))
        return self.fc(x.mean(dim=(2, 3)))


@net()
def every_argument():
    return nn.Sequential(
        nn.Conv2d(1, 4, (5, 3), stride=(2, 1), padding=(1, 0), dilation=(1, 2)),
        nn.GELU(),
        nn.AvgPool2d(2, stride=1),
        nn.Conv2d(4, 6, 3, padding="same", groups=2, bias=False),
        nn.BatchNorm2d(6, affine=False, momentum=0.3),
        nn.LeakyReLU(negative_slope=0.2, inplace=True),
        nn.MaxPool2d((3, 2), stride=(2, 2), padding=(1, 0), dilation=1, ceil_mode=True),
        nn.Identity(),
        nn.AdaptiveAvgPool2d((4, None)),
        nn.GELU(approximate="tanh"),
        nn.Dropout2d(0.1),
        nn.Flatten(1, -1),
        nn.Linear(4 * 12 * 6, 10, bias=False),
        nn.Softmax(dim=-1),
    )


@net()
def unflattened():
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 98), nn.ReLU(), nn.Unflatten(1, (2, 7, 7)), nn.Conv2d(2, 4, 3), nn.ReLU(),
        nn.Flatten(), nn.Linear(100, 10),
    )


@net()
def prelu_convnet():
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, stride=2), nn.PReLU(4), nn.Flatten(), nn.Linear(676, 12), nn.PReLU(), nn.Linear(12, 10)
    )


@net()
def data_parallel():
    return nn.DataParallel(TutorialNet())


@net()
class LitModel(nn.Module):
    """As a Lightning module: the loss is registered too."""

    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(nn.Flatten(), nn.Linear(784, 16), nn.ReLU(), nn.Linear(16, 10))
        self.loss = nn.CrossEntropyLoss()

    def forward(self, x):
        return self.model(x)


@net()
class MissingModule(nn.Module):
    """A module that is None."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 16)
        self.register_module("norm", None)
        self.fc2 = nn.Linear(16, 10)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


@net()
class FullyConvolutional(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 4, 3, stride=2), nn.ReLU(), nn.Conv2d(4, 8, 3, stride=2), nn.ReLU(), nn.Conv2d(8, 10, 6)
        )

    def forward(self, x):
        return self.features(x).squeeze(-1).squeeze(-1)


# Those that a chain of layers cannot be, or of layers that are not known: texts alone.


class BasicBlock(nn.Module):
    def __init__(self, before, width):
        super().__init__()
        self.conv1 = nn.Conv2d(before, width, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(width)
        self.shortcut = nn.Sequential()


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(28, 32, batch_first=True)
        self.fc = nn.Linear(32, 10)


def refused():
    return {
        "residual": nn.Sequential(nn.Conv2d(1, 4, 3), BasicBlock(4, 4), nn.Flatten(), nn.Linear(4 * 676, 10)),
        "lstm": Lstm(),
        "transposed": nn.Sequential(nn.ConvTranspose2d(1, 4, 3), nn.ReLU()),
        "lazy": nn.Sequential(nn.Flatten(), nn.LazyLinear(10)),
        "script": torch.jit.script(nn.Sequential(nn.Flatten(), nn.Linear(784, 10))),
    }


def write(folder, name, text):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.txt").write_text(text + "\n")


def write_old():
    for name, (build, _) in NETS.items():
        text = str(build())
        if (FOLDER / f"{name}.txt").read_text() != text + "\n":
            write(FOLDER / "old", name, text)


def main():
    if "--old" in sys.argv[1:]:
        return write_old()
    tensors = {}
    for name, (build, shape) in NETS.items():
        model = build().eval()
        write(FOLDER, name, str(model))
        with torch.no_grad():
            fill(model)
            x = formula((BATCH, *shape), 99) * 2
            given = x.flatten(1) if name == "bare_sequential" else x
            tensors[f"{name}.y"] = model(given)
            tensors[f"{name}.y64"] = model.double()(given.double())
            tensors[f"{name}.input"] = torch.tensor([1, *shape])
    for name, model in refused().items():
        write(FOLDER / "refused", name, str(model))
    torch.save(tensors, FOLDER / "expected.pt")


if __name__ == "__main__":
    main()
