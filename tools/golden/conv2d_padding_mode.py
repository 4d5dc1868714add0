import torch
from torch import nn


def cases(golden):
    def case(name, in_channels, out_channels, kernel_size, size, n=1, **options):
        shape = (in_channels, *size) if n is None else (n, in_channels, *size)
        golden.case(name, nn.Conv2d(in_channels, out_channels, kernel_size, **options), torch.randn(shape),
                    linear=True)

    case("reflect", 2, 3, 3, (5, 4), n=2, padding=2, padding_mode="reflect")
    case("replicate", 2, 3, (2, 3), (5, 4), n=2, padding=(3, 1), padding_mode="replicate")
    case("circular", 2, 2, 3, (5, 4), padding=(2, 4), stride=2, padding_mode="circular")
    case("reflect_same", 2, 3, (2, 4), (5, 6), padding="same", padding_mode="reflect")
    case("circular_depthwise", 3, 3, 3, (5, 4), n=2, padding=1, groups=3, padding_mode="circular")
    case("replicate_unbatched", 2, 3, 3, (5, 4), n=None, padding=1, padding_mode="replicate")
    case("reflect_nothing", 1, 2, 3, (5, 4), padding_mode="reflect")
