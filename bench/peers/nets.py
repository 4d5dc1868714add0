"""The networks that are compared: those of models/ with the weights of the golden tests' formula, and large ones of
torchvision with random weights."""

import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))

from golden import models  # noqa: E402

# Name in models/registry.cpp -> PyTorch class, side of its pictures of digits.
DIGIT_NETS = {
    "mnist_convnet": (models.TutorialNet, 28),
    "batch_norm_convnet": (models.BatchNormConvNet, 28),
    "pytorch_mnist": (models.ExamplesNet, 28),
    "lenet5": (models.LeNet5, 32),
    "mlp": (models.QuickstartMlp, 28),
}


# Of torchvision.models, for pictures [3, 224, 224].
LARGE_NETS = ["resnet18", "mobilenet_v2"]

NETS = [*DIGIT_NETS, *LARGE_NETS]


def input_shape(name):
    """Of one picture: [C, H, W]."""
    if name in LARGE_NETS:
        return (3, 224, 224)
    side = DIGIT_NETS[name][1]
    return (1, side, side)


def make_large(name):
    import torchvision

    torch.manual_seed(0)
    net = getattr(torchvision.models, name)(weights=None)
    for layer in net.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):  # as if trained: nothing vanishes
            layer.running_mean.normal_(0, 0.1)
            layer.running_var.uniform_(0.5, 1.5)
    return net.eval()


def make(name):
    """The network in eval mode; the same weights in every run."""
    if name in LARGE_NETS:
        return make_large(name)
    net = DIGIT_NETS[name][0]().eval()
    with torch.no_grad():
        models.fill(net)
    return net
