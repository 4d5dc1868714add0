"""The elementwise layers, exact to the last places, and PyTorch's float32 results for special values."""

import torch
import torch.nn.functional as F

FUNCTIONS = {
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "leaky_relu_steep": lambda x: F.leaky_relu(x, 0.25),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "silu": F.silu,
    "gelu": lambda x: 0.5 * x * torch.erfc(-x * 0.5**0.5) if x.dtype == torch.float64 else F.gelu(x),
    "elu": F.elu,
    "elu_steep": lambda x: F.elu(x, 2.5),
    "selu": F.selu,
    "celu": lambda x: F.celu(x, 0.5),
    "relu6": F.relu6,
    "hardtanh": F.hardtanh,
    "hardtanh_narrow": lambda x: F.hardtanh(x, -0.5, 0.25),
    "clamp": lambda x: torch.clamp(x, max=2),
    "hardsigmoid": F.hardsigmoid,
    "hardswish": F.hardswish,
    "softplus": lambda x: torch.log1p(torch.exp(x)) if x.dtype == torch.float64 else F.softplus(x),
    "softplus_beta": lambda x: F.softplus(x, 0.5, 2),
    "softsign": F.softsign,
    "mish": F.mish,
    "log_sigmoid": F.logsigmoid,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
}


def cases(golden):
    inf, nan = float("inf"), float("nan")
    special = torch.tensor([nan, inf, -inf, -0.0, 0, 100, -100, 1e-45, -1e-45, 3.4e38, -3.4e38, -88, -88.73, 88.73])
    ordinary = torch.cat([torch.randn(150), 5 * torch.randn(150), 1e-3 * torch.randn(20), torch.linspace(-9.5, 9.5, 77)])
    golden.add("special.x", special)
    golden.add("ordinary.x", ordinary)
    for name, function in FUNCTIONS.items():
        golden.add(f"special.{name}", function(special))
        x = ordinary.double()
        if name == "gelu_tanh":  # as a quotient: 1 + tanh(u) would lose the tail's digits
            u = (2 / torch.pi) ** 0.5 * (x + 0.044715 * x**3)
            golden.add(f"ordinary.{name}", (x / (1 + torch.exp(-2 * u))).float())
        else:
            golden.add(f"ordinary.{name}", function(x).float())
