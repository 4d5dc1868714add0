#!/usr/bin/env python3
"""Writes into tests/golden/save/ what the safetensors library writes for tensors of all element
types, which our writer has to write to the byte."""
import pathlib

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
