"""ScaledDotProductAttention: the test has the same list of options by name."""

import torch
import torch.nn.functional as F


def cases(golden):
    def case(name, query, key, value, mask=None, **options):
        inputs = {"query": torch.randn(query), "key": torch.randn(key), "value": torch.randn(value)}
        for kind, x in inputs.items():
            golden.add(f"{name}.{kind}", x)
        if mask is not None:
            golden.add(f"{name}.mask", mask)
            options["attn_mask"] = mask if mask.dtype == torch.bool else mask.double()
        doubles = [x.double() for x in inputs.values()]
        golden.add(f"{name}.y", F.scaled_dot_product_attention(*doubles, **options).float())

    case("plain", (2, 3, 5, 8), (2, 3, 7, 8), (2, 3, 7, 4))
    case("causal", (1, 2, 6, 4), (1, 2, 6, 4), (1, 2, 6, 4), is_causal=True)
    case("causal_wide", (2, 3, 4), (2, 5, 4), (2, 5, 4), is_causal=True)
    case("causal_tall", (2, 5, 4), (2, 3, 4), (2, 3, 4), is_causal=True)
    case("scale", (2, 4, 8), (2, 3, 8), (2, 3, 8), scale=0.75)
    hidden = torch.rand(2, 1, 5, 7) < 0.5
    hidden[0, 0, 2] = False
    case("hidden", (2, 3, 5, 8), (2, 3, 7, 8), (2, 3, 7, 4), mask=hidden)
    case("added", (2, 3, 5, 8), (2, 3, 7, 8), (2, 3, 7, 4), mask=torch.randn(5, 7))
    case("repeated", (2, 3, 5, 8), (1, 3, 7, 8), (2, 1, 7, 4))
    case("grouped", (2, 6, 5, 8), (2, 2, 7, 8), (2, 2, 7, 8), enable_gqa=True)
    case("matrices", (5, 8), (7, 8), (7, 8))
