import torch
from torch import nn


def cases(golden):
    def case(name, in_channels, out_channels, kernel_size, size, n=1, **options):
        shape = (in_channels, *size) if n is None else (n, in_channels, *size)
        golden.case(name, nn.Conv2d(in_channels, out_channels, kernel_size, **options), torch.randn(shape),
                    linear=True)

    case("plain", 1, 3, 5, (9, 8))
    case("channels", 3, 4, 3, (6, 5))
    case("no_bias", 2, 3, 3, (5, 5), bias=False)
    case("rectangle", 2, 3, (2, 3), (5, 6))
    case("stride", 2, 3, 3, (8, 9), stride=2)
    case("stride_pair", 1, 2, 3, (7, 9), stride=(3, 2))
    case("stride_beyond_kernel", 1, 2, 2, (7, 8), stride=3)
    case("padding", 2, 3, 3, (5, 4), padding=1)
    case("padding_pair", 1, 2, (3, 5), (3, 4), padding=(1, 3))
    case("padding_beyond_kernel", 1, 2, 2, (3, 2), padding=3)
    case("dilation", 2, 2, 3, (6, 7), dilation=2)
    case("dilation_pair", 1, 2, (2, 3), (7, 8), dilation=(3, 2), padding=(2, 1), stride=(1, 2))
    case("same", 2, 3, 3, (5, 6), padding="same")
    case("same_even", 2, 3, (2, 4), (5, 6), padding="same")
    case("same_dilated", 1, 2, (2, 3), (6, 5), padding="same", dilation=(3, 2))
    case("valid", 2, 3, 3, (5, 6), padding="valid")
    case("groups", 4, 6, 3, (4, 3), n=2, groups=2, padding=1)
    case("depthwise", 5, 5, 3, (4, 5), n=2, groups=5, padding=1)
    case("depthwise_stride", 3, 3, 3, (8, 7), groups=3, padding=1, stride=2)
    case("depthwise_multiplier", 2, 6, 3, (5, 4), groups=2, dilation=2, padding=(2, 1))
    case("pointwise", 5, 7, 1, (3, 4), n=3)
    case("pointwise_groups", 4, 6, 1, (3, 5), groups=2)
    case("pointwise_stride", 3, 4, 1, (5, 6), stride=2)
    case("pointwise_padding", 2, 3, 1, (2, 3), padding=1)
    case("one_window", 2, 3, (3, 4), (3, 4), n=3)
    case("unbatched", 2, 3, 3, (5, 4), n=None)
    case("empty_batch", 2, 3, 3, (5, 4), n=0)
