#!/usr/bin/env python3
"""Writes into tests/golden/save/ what the safetensors library writes for tensors of all element
types, which our writer has to write to the byte; and statistics.pt with what its values are like."""
import json
import math
import pathlib
from fractions import Fraction

import torch
from safetensors.torch import save_file

out = pathlib.Path(__file__).parent.parent / "tests" / "golden" / "save"
out.mkdir(parents=True, exist_ok=True)

plain = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32,
         torch.int16, torch.int8, torch.uint8, torch.bool]
newer = [torch.uint16, torch.uint32, torch.uint64, torch.float8_e4m3fn, torch.float8_e5m2,
         torch.float8_e4m3fnuz, torch.float8_e5m2fnuz, torch.float8_e8m0fnu]


def tensors(dtypes):
    return {
        **{str(d).removeprefix("torch."): torch.tensor([0, 1, 2, 100]).to(d) for d in dtypes},
        "scalar": torch.tensor(7.5), "empty": torch.empty(0, 3), "odd": torch.ones(3).to(dtypes[-2]),
        "matrix": torch.arange(6.0).reshape(2, 3), "special": torch.tensor([float("nan"), -0.0]),
        "\u540d\u524d \"\\\n\x01\x7f": torch.ones(1),
    }


save_file(tensors(plain), out / "plain.safetensors", metadata={"format": "pt"})
save_file(tensors(plain + newer), out / "all.safetensors", metadata={"format": "pt"})


def statistics(tensor):
    """Minimum, maximum and exact mean of the finite values, and how many are not."""
    wide = tensor.to(torch.float64) if tensor.is_floating_point() else tensor
    values = [int(v) if isinstance(v, bool) else v for v in wide.reshape(-1).tolist()]
    finite = [v for v in values if math.isfinite(v)]
    return {"min": min(finite, default=None), "max": max(finite, default=None),
            "mean": float(sum(map(Fraction, finite)) / len(finite)) if finite else None,
            "nan": sum(math.isnan(v) for v in values), "inf": sum(math.isinf(v) for v in values)}


nan, inf = float("nan"), float("inf")
torch.manual_seed(1)
values = {
    "random": torch.randn(100, 200), "half": torch.randn(333).to(torch.float16),
    "bfloat": torch.randn(333).to(torch.bfloat16),
    "float8": torch.tensor([1.0, nan, 448.0, -3.5]).to(torch.float8_e4m3fn),
    "cancelling": torch.tensor([1e16, 1.0, -1e16, 1e-3], dtype=torch.float64),
    "broken": torch.tensor([nan, 2.0, -inf, inf, -1.0, nan]), "all_nan": torch.tensor([nan, nan]),
    "empty": torch.empty(0, 3), "denormal": torch.tensor([1e-45, -1e-45]),
    "int64": torch.tensor([2**63 - 1, 2**63 - 2, -2**63, 7]),
    "int8": torch.arange(-128, 128).to(torch.int8),
    "uint64": torch.tensor([2**64 - 1, 2**63, 3], dtype=torch.uint64),
    "bool": torch.tensor([True, False, True, True]), "scalar": torch.tensor(7.5),
}
torch.save(values, out / "statistics.pt")
(out / "statistics.json").write_text(
    json.dumps({name: statistics(tensor) for name, tensor in values.items()}, indent=1) + "\n")
