"""Tensor.to: every pair of element types, on values at the borders of each."""

import torch

TYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16,
         torch.int8, torch.uint8, torch.bool]  # fmt: skip


def cases(golden):
    inf, nan = float("inf"), float("nan")
    floats = [0.0, -0.0, 0.5, -0.5, 1.5, -1.5, 255, 256, 300.7, -1, -129, 32767.5, 70000, 2147483520, 2147483648, 3e9,
              -2147483648, -2147483904, -3e9, 9.2e18, 9.3e18, -9.3e18, 1e-45, 1e-8, 65504, 65519.9, 65520, 3.3e38, inf, -inf, nan]  # fmt: skip
    doubles = [1e300, 1e-320, 3.4028235677973366e38, 3.4028235677973362e38, 2147483647.5, -2147483648.5,
               -2147483649, 1 + 2**-11 + 2**-40, 1 + 2**-8 + 2**-40, 9007199254740993]  # fmt: skip
    integers = [0, 1, -1, 127, 128, -128, -129, 255, 256, 32767, 32768, 65535, 65536, 2**24 + 1, 2**31 - 1, 2**31,
                -(2**31) - 1, 2**53 + 1, 2**62 + 1, 2**63 - 1, -(2**63), 2049, 65519, 65520]  # fmt: skip
    sources = {torch.float32: floats, torch.float64: floats + doubles, torch.float16: floats, torch.bfloat16: floats}
    for source in TYPES:
        x = torch.tensor(sources[source], dtype=source) if source in sources else torch.tensor(integers).to(source)
        for target in TYPES:
            name = f"{source}_to_{target}".replace("torch.", "")
            golden.add(f"{name}.x", x)
            golden.add(f"{name}.y", x.to(target))
