import torch
from torch import nn


def cases(golden):
    def case(name, output_size, shape):
        golden.case(name, nn.AdaptiveAvgPool2d(output_size), torch.randn(shape), linear=True)
        sides = output_size if isinstance(output_size, tuple) else (output_size, output_size)
        golden.add(f"{name}.output_size", torch.tensor([-1 if side is None else side for side in sides]))

    case("to_one", 1, (2, 3, 7, 7))
    case("divides", (2, 3), (1, 2, 6, 6))
    case("overlaps", (3, 4), (1, 2, 5, 7))
    case("grows", 5, (1, 2, 2, 3))
    case("same", (4, 3), (1, 1, 4, 3))
    case("keeps_height", (None, 2), (1, 2, 3, 5))
    case("keeps_width", (2, None), (1, 2, 3, 5))
    case("unbatched", (2, 2), (3, 5, 5))
    case("empty_batch", 2, (0, 3, 5, 5))
    case("to_nothing", (0, 2), (1, 3, 5, 5))
    case("no_channels", 2, (1, 0, 5, 5))
    case("empty_plane", 1, (1, 2, 0, 4))
    case("large", (7, 3), (1, 1, 20, 31))
