"""The networks of models/ with weights and inputs from a formula that the test repeats, so that only results are
stored. Each class is written as its tutorial writes it."""

import numpy
import torch
from torch import nn
from torch.nn import functional as F

BATCH = 3


def formula(shape, seed):
    """Floats in [-0.5, 0.5) from a multiplicative hash of the index; exact in float32."""
    count = int(numpy.prod(shape, dtype=numpy.int64))
    index = numpy.arange(count, dtype=numpy.uint64) + numpy.uint64(seed * 1000003)
    hashed = (index * numpy.uint64(2654435761) % numpy.uint64(2**32)).astype(numpy.uint32)
    hashed ^= hashed >> numpy.uint32(15)
    hashed = (hashed.astype(numpy.uint64) * numpy.uint64(2246822519) % numpy.uint64(2**32)).astype(numpy.uint32)
    values = (hashed >> numpy.uint32(8)).astype(numpy.float32) * numpy.float32(2**-24) - numpy.float32(0.5)
    return torch.from_numpy(values).reshape(shape)


def gain(shape):
    """A power of two near 2·√(3 / fan_in), so that values stay of the size of the input."""
    fan_in = int(numpy.prod(shape[1:])) if len(shape) > 1 else 4
    return 2.0 ** round(numpy.log2(2 * (3 / fan_in) ** 0.5))


def fill(net):
    state = net.state_dict()
    for seed, (name, value) in enumerate(state.items(), start=1):
        if name.endswith("num_batches_tracked"):
            continue
        drawn = formula(tuple(value.shape), seed)
        if name.endswith("running_var"):
            value.copy_(drawn + 1)
        else:
            value.copy_(drawn * gain(tuple(value.shape)))


class TutorialNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 20, 5, 1)
        self.conv2 = nn.Conv2d(20, 50, 5, 1)
        self.fc1 = nn.Linear(4 * 4 * 50, 500)
        self.fc2 = nn.Linear(500, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2, 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2, 2)
        x = F.relu(self.fc1(x.view(-1, 4 * 4 * 50)))
        return F.log_softmax(self.fc2(x), dim=1)


class ExamplesNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, 1)
        self.conv2 = nn.Conv2d(32, 64, 3, 1)
        self.dropout1 = nn.Dropout(0.25)
        self.dropout2 = nn.Dropout(0.5)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.conv2(F.relu(self.conv1(x))))
        x = torch.flatten(self.dropout1(F.max_pool2d(x, 2)), 1)
        x = self.dropout2(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc2(x), dim=1)


class ExamplesNet2017(nn.Module):
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


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.feature_extractor = nn.Sequential(
            nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2),
            nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
            nn.Conv2d(16, 120, 5), nn.Tanh(),
        )
        self.classifier = nn.Sequential(nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10))

    def forward(self, x):
        return self.classifier(torch.flatten(self.feature_extractor(x), 1))


class QuickstartMlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(28 * 28, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)
        )

    def forward(self, x):
        return self.linear_relu_stack(self.flatten(x))


class BatchNormConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1 = nn.Sequential(nn.Conv2d(1, 16, 5, 1, 2), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2, 2))
        self.layer2 = nn.Sequential(nn.Conv2d(16, 32, 5, 1, 2), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2, 2))
        self.fc = nn.Linear(7 * 7 * 32, 10)

    def forward(self, x):
        x = self.layer2(self.layer1(x))
        return self.fc(x.reshape(x.size(0), -1))


def cases(golden):
    nets = {
        "mnist_convnet": (TutorialNet, 28),
        "pytorch_mnist": (ExamplesNet, 28),
        "pytorch_mnist_2017": (ExamplesNet2017, 28),
        "lenet5": (LeNet5, 32),
        "mlp": (QuickstartMlp, 28),
        "batch_norm_convnet": (BatchNormConvNet, 28),
    }
    for name, (build, side) in nets.items():
        net = build().eval()
        with torch.no_grad():
            fill(net)
            x = formula((BATCH, 1, side, side), 99) * 2
            golden.add(f"{name}.y", net(x))
            golden.add(f"{name}.y64", net.double()(x.double()))
            lines = "".join(f"{key} {list(value.shape)}\n" for key, value in net.state_dict().items())
            golden.add(f"{name}.state", torch.tensor(list(lines.encode()), dtype=torch.uint8))
            golden.add(f"{name}.parameters", torch.tensor(sum(p.numel() for p in net.parameters())))
