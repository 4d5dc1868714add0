import torch
from torch import nn


def cases(golden):
    def case(name, output_size, shape):
        golden.case(name, nn.AdaptiveMaxPool2d(output_size, return_indices=True), torch.randn(shape))
        sides = output_size if isinstance(output_size, tuple) else (output_size, output_size)
        golden.add(f"{name}.output_size", torch.tensor([-1 if side is None else side for side in sides]))

    case("to_one", 1, (2, 3, 7, 7))
    case("overlaps", (3, 4), (1, 2, 5, 7))
    case("grows", 5, (1, 2, 2, 3))
    case("keeps_height", (None, 2), (1, 2, 3, 5))
    case("unbatched", (2, 2), (3, 5, 5))
    case("empty_batch", 2, (0, 3, 5, 5))
