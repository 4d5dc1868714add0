"""Add, Mul and Concat: several inputs."""

import torch


def cases(golden):
    for name, a, b in [
        ("equal", (3, 5), (3, 5)),
        ("vector", (4, 6), (6,)),
        ("column", (4, 6), (4, 1)),
        ("scalar", (2, 3), ()),
        ("scalars", (), ()),
        ("left", (3,), (2, 4, 3)),
        ("both", (2, 1, 4), (3, 1)),
        ("channels", (2, 3, 4, 5), (3, 1, 1)),
        ("gate", (2, 3, 4, 5), (2, 3, 1, 1)),
        ("alternating", (2, 1, 3, 1, 2), (1, 4, 1, 5, 1)),
        ("empty", (0, 3), (1, 3)),
        ("empty_inside", (2, 0, 3), (2, 1, 1)),
    ]:
        p, q = torch.randn(a), torch.randn(b)
        golden.add(f"{name}.a", p)
        golden.add(f"{name}.b", q)
        golden.add(f"{name}.add", p + q)
        golden.add(f"{name}.add_alpha", (p.double() + 0.75 * q.double()).float())
        golden.add(f"{name}.mul", p * q)
    for name, dim, shapes in [
        ("cat_0", 0, [(2, 3), (1, 3), (4, 3)]),
        ("cat_1", 1, [(2, 3), (2, 1), (2, 0)]),
        ("cat_middle", -2, [(2, 1, 3), (2, 4, 3), (2, 2, 3)]),
        ("cat_skips", 1, [(0,), (2, 3), (2, 2)]),
    ]:
        parts = [torch.randn(shape) for shape in shapes]
        for n, part in enumerate(parts):
            golden.add(f"{name}.x{n}", part)
        golden.add(f"{name}.dim", torch.tensor(dim))
        golden.add(f"{name}.y", torch.cat(parts, dim))
