import torch
from torch import nn


def cases(golden):
    def case(name, module, x):
        if module.affine:
            nn.init.normal_(module.weight)
            nn.init.normal_(module.bias)
        module.running_mean.normal_()
        module.running_var.uniform_(0.2, 3)
        golden.case(name, module, x)

    case("rank_2", nn.BatchNorm1d(5), torch.randn(3, 5))
    case("rank_3", nn.BatchNorm1d(4), torch.randn(2, 4, 7))
    case("rank_4", nn.BatchNorm2d(3), torch.randn(2, 3, 5, 3))
    case("no_affine", nn.BatchNorm2d(3, affine=False), torch.randn(1, 3, 2, 3))
    case("no_affine_1d", nn.BatchNorm1d(3, affine=False), torch.randn(4, 3))
    case("eps", nn.BatchNorm2d(2, eps=0.5), torch.randn(2, 2, 3, 3))
    case("empty_batch", nn.BatchNorm2d(2), torch.randn(0, 2, 3, 3))
    case("one_pixel", nn.BatchNorm2d(6), torch.randn(3, 6, 1, 1))
    case("large_mean", nn.BatchNorm2d(2), 1000 + torch.randn(1, 2, 3, 3))
