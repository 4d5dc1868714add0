import torch
from torch import nn


def cases(golden):
    write(golden, nn.Softmax)


def write(golden, layer):
    for name, shape, dim in [
        ("row", (7,), 0),
        ("scalar", (), -1),
        ("one", (1,), 0),
        ("matrix_0", (5, 3), 0),
        ("matrix_1", (5, 13), 1),
        ("rank_3_0", (3, 4, 5), 0),
        ("rank_3_1", (3, 4, 5), 1),
        ("rank_3_2", (3, 4, 5), -1),
        ("rank_4_1", (1, 3, 6, 11), 1),
        ("rank_4_2", (2, 3, 4, 3), -2),
        ("rank_5", (2, 1, 3, 2, 2), 2),
        ("long_row", (2, 203), 1),
        ("wide_columns", (2, 3, 131), 1),
        ("empty", (0,), 0),
        ("no_rows", (0, 3), 1),
        ("no_columns", (2, 0), 1),
        ("nothing", (2, 0, 3), 0),
    ]:
        module = layer(dim=dim)
        golden.case(name, module, 3 * torch.randn(shape))
        golden.add(f"{name}.dim", torch.tensor(dim))
    large = 50 * torch.randn(20, 10)
    golden.case("large", layer(dim=1), large)
    golden.add("large.dim", torch.tensor(1))
    for n, row in enumerate(rows()):
        x = torch.tensor(row)
        golden.case(f"special_{n}", layer(dim=0), x)
        golden.add(f"special_{n}.dim", torch.tensor(0))


def rows():
    inf, nan, largest = float("inf"), float("nan"), torch.finfo(torch.float32).max
    yield from [[1.0, 2, 3], [1.0, -inf, 2], [1, nan, 2], [nan, -inf], [1, inf, 2], [inf, inf], [inf, -inf], [inf, nan]]
    yield from [[-inf, -inf], [-inf], [inf], [nan], [1e38, 1e38], [largest, -largest], [-1e38, -1e38, -2e38]]
    yield from [[1000.0, 0], [104.0, 0], [103.97, 0], [103.0, 0], [100.0, 0], [90.0, 0], [88.0, 0], [87.0, 0]]
    yield from [[-0.0, 0.0], [1e-45, 2e-45, 0], [-1000.0, -1001], [1.5] * 10, [-7.0]]
