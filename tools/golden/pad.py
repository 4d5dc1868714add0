"""Pad: the test has the same list of pads and modes."""

import torch
import torch.nn.functional as F

CASES = [
    ((2, 4, 5), (1, 2), "constant", -1.5),
    ((2, 3, 4, 5), (1, 2, 3, 1), "reflect", None),
    ((2, 3, 4, 5), (1, 0, 0, 2), "replicate", None),
    ((2, 3, 4, 5), (5, 4, 0, 4), "circular", None),
    ((2, 3, 4, 5), (-1, 2, 1, -2), "constant", 0.0),
    ((2, 3, 4, 5), (-1, 2, 1, -2), "reflect", None),
    ((2, 3, 4, 5), (-3, 1, -1, 3), "circular", None),
    ((2, 3, 4, 5), (0, 0, 0, 0, 1, 1, 0, 3), "constant", 7.0),
    ((2, 2, 3, 4, 2), (1, 1, 2, 0, 1, 2), "reflect", None),
    ((3, 4), (3, 0), "replicate", None),
    ((3,), (-2, -1), "constant", 1.0),
    ((2, 3, 0), (1, 1), "constant", 2.0),
]


def cases(golden):
    for i, (shape, pad, mode, value) in enumerate(CASES):
        x = torch.randn(shape)
        golden.add(f"{i}.x", x)
        golden.add(f"{i}.y", F.pad(x, pad, mode, value))
