"""The softmaxes in other element types, and functions that are more than a layer."""

import torch
import torch.nn.functional as F


def cases(golden):
    x = 4 * torch.randn(3, 5, 4)
    golden.add("softmaxes.x", x)
    for dtype in [torch.float64, torch.float16, torch.bfloat16]:
        name = str(dtype).removeprefix("torch.")
        for dim in [0, 1, 2]:
            exact = x.to(dtype).double()  # PyTorch's own 16-bit log_softmax rounds on the way
            golden.add(f"softmaxes.softmax_{name}_{dim}", F.softmax(exact, dim).to(dtype))
            golden.add(f"softmaxes.log_softmax_{name}_{dim}", F.log_softmax(exact, dim).to(dtype))
    x, weight, bias = torch.randn(2, 4, 7, 6), torch.randn(6, 2, 3, 2), torch.randn(6)
    for name, value in [("x", x), ("weight", weight), ("bias", bias)]:
        golden.add(f"conv2d.{name}", value)
    arguments = {"stride": (2, 1), "padding": (1, 0), "groups": 2}
    golden.add("conv2d.y", F.conv2d(x, weight, bias, **arguments))
    golden.add("conv2d.y_no_bias", F.conv2d(x, weight, **arguments))
    mean, var, gamma, beta = torch.randn(4), torch.rand(4) + 0.5, torch.randn(4), torch.randn(4)
    for name, value in [("mean", mean), ("var", var), ("gamma", gamma), ("beta", beta)]:
        golden.add(f"batch_norm.{name}", value)
    golden.add("batch_norm.plain", F.batch_norm(x, mean, var))
    golden.add("batch_norm.weight", F.batch_norm(x, mean, var, gamma))
    golden.add("batch_norm.bias", F.batch_norm(x, mean, var, None, beta))
    golden.add("batch_norm.both", F.batch_norm(x, mean, var, gamma, beta, eps=0.1))
    golden.add("batch_norm.rank_3", F.batch_norm(x[:, :, 0], mean, var, gamma, beta))
