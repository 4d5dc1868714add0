"""LayerNorm, RMSNorm, GroupNorm and InstanceNorm2d."""

import torch
from torch import nn


def cases(golden):
    def case(name, module, x):
        for parameter in module.parameters():
            nn.init.normal_(parameter)
        if getattr(module, "running_mean", None) is not None:
            module.running_mean.normal_()
            module.running_var.uniform_(0.2, 3)
        golden.case(name, module, x)

    case("layer", nn.LayerNorm(13), torch.randn(3, 5, 13))
    case("layer_matrix", nn.LayerNorm([3, 7], eps=1e-3), 3 + torch.randn(2, 3, 7))
    case("layer_plain", nn.LayerNorm(6, elementwise_affine=False), torch.randn(4, 6))
    case("layer_no_bias", nn.LayerNorm(5, bias=False), torch.randn(5))
    case("layer_constant", nn.LayerNorm(9), torch.full((2, 9), 7.0))
    # The eps of float32, which is the default for float32 alone.
    case("rms", nn.RMSNorm(11, eps=2**-23), torch.randn(3, 2, 11))
    case("rms_eps", nn.RMSNorm([2, 3], eps=0.1, elementwise_affine=False), torch.randn(3, 2, 3))
    case("group", nn.GroupNorm(2, 6), torch.randn(2, 6, 5, 3))
    case("group_each", nn.GroupNorm(4, 4, affine=False), torch.randn(1, 4, 7))
    case("group_all", nn.GroupNorm(1, 6, eps=0.5), torch.randn(3, 6))
    case("instance", nn.InstanceNorm2d(3), torch.randn(2, 3, 5, 3))
    case("instance_affine", nn.InstanceNorm2d(3, affine=True), torch.randn(3, 4, 7))
    case("instance_tracked", nn.InstanceNorm2d(2, affine=True, track_running_stats=True), torch.randn(2, 2, 3, 5))
