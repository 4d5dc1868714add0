"""Unary, Reduce, Where, Take, Cast and MatMul: the functions of tensors that graphs are made of."""

import torch

FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -2.5, 3.7, 1e-40, 1e38, -88.0, 100.0, float("inf"), float("-inf"), float("nan")]


def cases(golden):
    x = torch.cat([torch.tensor(FLOATS), torch.randn(40) * 3])
    golden.add("unary.x", x)
    for name in ["neg", "abs", "sign", "reciprocal", "floor", "ceil", "round", "logical_not", "isnan"]:
        golden.add(f"unary.{name}", getattr(torch, name)(x))
    for name in ["sqrt", "rsqrt", "exp", "log", "log1p", "erf", "sin", "cos"]:
        golden.add(f"unary.{name}", getattr(torch, name)(x.double()).float())
    n = torch.tensor([0, 5, -5, 2**63 - 1, -(2**63)])
    golden.add("unary_int.x", n)
    for name in ["neg", "abs", "sign", "logical_not"]:
        golden.add(f"unary_int.{name}", getattr(torch, name)(n))

    x = torch.randn(2, 3, 4, 5)
    special = torch.tensor([[1.0, float("nan"), 3.0], [float("inf"), -1.0, float("-inf")], [-0.0, 0.0, -0.0]])
    golden.add("reduce.x", x)
    golden.add("reduce.special", special)
    for name in ["sum", "mean", "amax", "amin"]:
        for dims in [(), (0,), (3,), (2, 3), (0, 2), (1, 3), (0, 1, 2, 3)]:
            shown = "".join(map(str, dims)) or "all"
            y = getattr(torch, name)(x.double(), dim=dims, keepdim=len(dims) == 2).float()
            golden.add(f"reduce.{name}_{shown}", y)
        golden.add(f"reduce.{name}_special", getattr(torch, name)(special, dim=(1,)))
    golden.add("reduce.prod_3", x.double().prod(3).float())
    k = torch.randint(-9, 9, (3, 4))
    golden.add("reduce_int.x", k)
    golden.add("reduce_int.sum", k.sum(1))
    golden.add("reduce_int.amax", k.amax(0))
    golden.add("reduce_int.prod", k.prod(1))

    condition = torch.randn(2, 1, 3) > 0
    a, b = torch.randn(4, 1), torch.randn(3)
    golden.add("where.condition", condition)
    golden.add("where.a", a)
    golden.add("where.b", b)
    golden.add("where.y", torch.where(condition, a, b))

    table = torch.randn(3, 5, 2)
    index = torch.tensor([[0, 4, 2], [2, 2, 1]])
    golden.add("take.table", table)
    golden.add("take.index", index)
    golden.add("take.y0", torch.nn.functional.embedding(index.clamp(max=2), table[:, :, 0]))
    golden.add("take.y1", table[:, index])

    for name, p, q in [
        ("matrices", (3, 4), (4, 5)),
        ("batch", (2, 3, 4), (2, 4, 5)),
        ("heads", (2, 3, 7, 4), (2, 3, 4, 7)),
        ("repeated", (2, 1, 3, 4), (5, 4, 2)),
        ("row", (4,), (2, 4, 5)),
        ("column", (2, 3, 4), (4,)),
        ("dot", (6,), (6,)),
        ("nothing", (2, 3, 0), (2, 0, 4)),
        ("shared", (2, 3, 4), (4, 5)),
    ]:
        a, b = torch.randn(p), torch.randn(q)
        golden.add(f"matmul_{name}.a", a)
        golden.add(f"matmul_{name}.b", b)
        golden.add(f"matmul_{name}.y64", torch.matmul(a.double(), b.double()))
        golden.add(f"matmul_{name}.abs", torch.matmul(a.double().abs(), b.double().abs()).float())
