"""A small net whose matrix products have weights of half size: what `.half()` and `.bfloat16()` make of them."""

import copy

import torch
from torch import nn


def cases(golden):
    # A convolution whose window is its image is a matrix product too; the first one is not.
    net = nn.Sequential(
        nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Conv2d(3, 37, 4), nn.ReLU(), nn.Flatten(), nn.Linear(37, 21), nn.ReLU(),
        nn.Linear(21, 5),
    ).eval()
    matrices = ["2.weight", "5.weight", "7.weight"]
    with torch.no_grad():
        # Subnormal and vanishing halves, ties, what only one of the two types holds.
        hard = [3e-8, 2.9e-8, 6.1e-5, 5.97e-8, 8.94e-8, 1 + 2**-11, 1 + 3 * 2**-11, 1 + 2**-8, 1 + 3 * 2**-8, 1e-30, 1e-40]
        net[5].weight[0, : len(hard)] = torch.tensor(hard)
    x = torch.randn(4, 1, 6, 6)
    with torch.no_grad():
        golden.add("x", x)
        for key, value in net.state_dict().items():
            golden.add(f"float32.{key}", value)
        golden.add("float32.y64", copy.deepcopy(net).double()(x.double()))
        for name, convert in [("float16", torch.Tensor.half), ("bfloat16", torch.Tensor.bfloat16)]:
            rounded = copy.deepcopy(net)
            for key, value in rounded.state_dict().items():
                if key in matrices:
                    value.copy_(convert(value).float())
                    golden.add(f"{name}.{key}", value)
            golden.add(f"{name}.y64", rounded.double()(x.double()))
