"""Permute, Transpose, Slice, Select, Split, Expand: elements in another order or number."""

import torch


def cases(golden):
    x = torch.arange(2 * 3 * 4 * 5, dtype=torch.float32).view(2, 3, 4, 5)
    golden.add("x", x)
    for dims in [(0, 2, 3, 1), (3, 2, 1, 0), (0, 1, 3, 2), (1, 0, 2, 3), (0, 2, 1, 3), (0, 1, 2, 3)]:
        golden.add(f"permute_{''.join(map(str, dims))}", x.permute(dims))
    for a, b in [(0, 1), (1, -1), (2, 3), (1, 1)]:
        golden.add(f"transpose_{a}_{b}", x.transpose(a, b))
    for dim, start, end, step in [(1, 1, 3, 1), (3, 0, 5, 2), (2, -3, -1, 1), (0, 1, 2**63 - 1, 1), (1, 2, 1, 1), (3, -99, 99, 3)]:
        golden.add(f"slice_{dim}_{start}_{end}_{step}", torch.ops.aten.slice.Tensor(x, dim, start, end, step))
    for dim, index in [(0, 1), (1, -1), (3, 2)]:
        golden.add(f"select_{dim}_{index}", x.select(dim, index))
    for i, part in enumerate(x.split([1, 0, 3], 2)):
        golden.add(f"split_{i}", part)
    for i, part in enumerate(x.chunk(2, -1)):
        golden.add(f"chunk_{i}", part)
    column = torch.tensor([[[1.0]], [[2.0]], [[3.0]]])
    golden.add("column", column)
    golden.add("expand", column.expand(2, -1, 4, 5))
    # Squares of the transposition that are cut off on both sides.
    wide = torch.arange(2 * 37 * 18, dtype=torch.float32).view(2, 37, 18)
    golden.add("wide", wide)
    golden.add("wide_transposed", wide.transpose(1, 2))
