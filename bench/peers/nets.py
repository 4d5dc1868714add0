"""The networks that are compared: those of models/, with the weights of the golden tests' formula."""

import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))

from golden import models  # noqa: E402

# Name in models/registry.cpp -> PyTorch class, side of its pictures.
NETS = {
    "mnist_convnet": (models.TutorialNet, 28),
    "batch_norm_convnet": (models.BatchNormConvNet, 28),
    "pytorch_mnist": (models.ExamplesNet, 28),
    "lenet5": (models.LeNet5, 32),
    "mlp": (models.QuickstartMlp, 28),
}


def side(name):
    return NETS[name][1]


def make(name):
    """The network in eval mode; the same weights in every run."""
    net = NETS[name][0]().eval()
    with torch.no_grad():
        models.fill(net)
    return net
