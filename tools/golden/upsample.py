"""Upsample: name of the case -> arguments of F.interpolate; the test has the same list."""

import torch
import torch.nn.functional as F

CASES = {
    "nearest": {"scale_factor": 2},
    "nearest_size": {"size": (7, 4)},
    "nearest_scale": {"scale_factor": (1.7, 0.6)},
    "exact": {"size": (8, 3), "mode": "nearest-exact"},
    "exact_scale": {"scale_factor": (2.3, 0.7), "mode": "nearest-exact"},
    "bilinear": {"scale_factor": 2, "mode": "bilinear"},
    "bilinear_aligned": {"size": (9, 11), "mode": "bilinear", "align_corners": True},
    "bilinear_scale": {"scale_factor": (1.7, 0.6), "mode": "bilinear"},
    "bilinear_recomputed": {"scale_factor": (1.7, 0.6), "mode": "bilinear", "recompute_scale_factor": True},
    "bilinear_one": {"size": (1, 1), "mode": "bilinear", "align_corners": True},
    "bicubic": {"scale_factor": 2, "mode": "bicubic"},
    "bicubic_aligned": {"size": (3, 11), "mode": "bicubic", "align_corners": True},
    "bicubic_scale": {"scale_factor": (0.55, 1.9), "mode": "bicubic"},
}


def cases(golden):
    x = torch.randn(2, 3, 5, 6)
    golden.add("all.x", x)
    for name, arguments in CASES.items():
        golden.add(f"all.{name}", F.interpolate(x, **arguments))
