"""Binary: what its operations give for ordinary, special and broken numbers."""

import torch

FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 7.25, -7.25, 1e-40, 1e38, -1e38, float("inf"), float("-inf"), float("nan")]
INTEGERS = [0, 1, -1, 2, -2, 3, 7, -7, 2**62, -(2**63), 2**63 - 1]


def cases(golden):
    a, b = torch.meshgrid(torch.tensor(FLOATS), torch.tensor(FLOATS), indexing="ij")
    golden.add("float.a", a)
    golden.add("float.b", b)
    for name in ["sub", "div", "floor_divide", "remainder", "pow", "maximum", "minimum", "eq", "ne", "lt", "le", "gt", "ge"]:
        golden.add(f"float.{name}", getattr(torch, name)(a, b))
    for name in ["logical_and", "logical_or", "logical_xor"]:
        golden.add(f"float.{name}", getattr(torch, name)(a, b))
    p, q = torch.meshgrid(torch.tensor(INTEGERS), torch.tensor(INTEGERS), indexing="ij")
    golden.add("int.a", p)
    golden.add("int.b", q)
    for name in ["add", "sub", "mul", "maximum", "minimum", "eq", "ne", "lt", "le", "gt", "ge"]:
        golden.add(f"int.{name}", getattr(torch, name)(p, q))
    # PyTorch itself ends with SIGFPE where the quotient overflows.
    divisor = torch.where((q == 0) | ((q == -1) & (p == -(2**63))), 5, q)
    golden.add("int.divisor", divisor)
    golden.add("int.div", torch.div(p, divisor, rounding_mode="trunc"))
    golden.add("int.floor_divide", torch.floor_divide(p, divisor))
    golden.add("int.remainder", torch.remainder(p, divisor))
    exponent = q.clamp(0, 9)
    golden.add("int.exponent", exponent)
    golden.add("int.pow", torch.pow(p, exponent))
