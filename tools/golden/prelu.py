import torch
from torch import nn


def cases(golden):
    def case(name, x, parameters=1):
        module = nn.PReLU(parameters)
        nn.init.normal_(module.weight)
        golden.case(name, module, x)

    case("one", torch.randn(2, 3, 4, 5))
    case("channels", torch.randn(2, 3, 4, 5), 3)
    case("rows", torch.randn(4, 6), 6)
    case("sequence", torch.randn(2, 4, 7), 4)
    case("vector", torch.randn(9))
    case("empty_batch", torch.randn(0, 3, 2, 2), 3)
    case("one_pixel", torch.randn(3, 5, 1, 1), 5)
