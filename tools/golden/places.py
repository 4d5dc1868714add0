"""PixelShuffle, PixelUnshuffle, argmax, argmin and cumsum."""

import torch
import torch.nn.functional as F


def cases(golden):
    x = torch.randn(2, 12, 4, 6)
    golden.add("x", x)
    golden.add("shuffle", F.pixel_shuffle(x, 2))
    golden.add("unshuffle", F.pixel_unshuffle(x, 2))
    golden.add("shuffle_plane", F.pixel_shuffle(x[1], 2))
    y = torch.randint(-3, 4, (3, 4, 5)).float()
    y[1, 2, 3] = y[1, 3, 3] = torch.nan
    golden.add("y", y)
    for dim in (0, 1, -1):
        golden.add(f"argmax_{dim}", y.argmax(dim))
        golden.add(f"argmin_{dim}", y.argmin(dim, keepdim=True))
        golden.add(f"cumsum_{dim}", y.cumsum(dim))
    golden.add("argmax_all", y.argmax())
    golden.add("integers", torch.randint(-9, 9, (3, 4)))
    golden.add("integers_argmax", golden.tensors["integers"].argmax(1))
    golden.add("integers_cumsum", golden.tensors["integers"].cumsum(0))
