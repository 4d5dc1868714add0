"""Tensors and what print writes of each, as bytes."""

import torch


def cases(golden):
    inf, nan = float("inf"), float("nan")
    t = torch.tensor
    tensors = [
        t(3.0), t(2.5), t(-0.0), t(nan), t(7), t(True), t(1e-5), t([]), torch.zeros(0, 3), torch.zeros(2, 0, 3),
        torch.zeros(0, dtype=torch.int64), torch.zeros(2, 0, dtype=torch.bool), torch.zeros(0, dtype=torch.float64),
        t([1.0, 2, 3]), t([1.5, 2, 3]), t([0.0, 0]), t([-0.0, 1]), t([1.0, nan]), t([1.5, inf, -inf, nan]), t([nan, inf]),
        t([0.0321, 0.0871, 0.2369, 0.6439]), t([1000, 0.0]), t([1.0, 1000]), t([1.0, 1001]), t([1e8, 1e8]),
        t([1.1e8, 1e8]), t([1e-4, 1e-4]), t([9.9e-5, 1e-4]), t([1e-45, 3e38]), t([1e10, -inf, nan, 0]),
        t([0.00012345, 0.5]), t([123456.789]), t([99999.5, 100.25]), t([-1.0, 10, -100]), t([0.1, -0.25, 12.34567]),
        t([[1, 2], [3, 400]]), t([[True, False], [False, True]]), t([-5, 3], dtype=torch.int8),
        t([200], dtype=torch.uint8), t([1, -2], dtype=torch.int16), t([2**31 - 1], dtype=torch.int32), t([-(2**63), 1]),
        t([1.5, 2], dtype=torch.float64), t([1.5, 2], dtype=torch.float16), t([1.5, 2], dtype=torch.bfloat16),
        t([65504.0, 1], dtype=torch.float16), t([1e300, 1e-300], dtype=torch.float64), t([0.1, 1 / 3], dtype=torch.bfloat16),
        torch.randn(4, 5), torch.randn(2, 3, 4), torch.randn(2, 2, 2, 2), torch.randn(1, 1, 1, 1, 2), torch.randn(30),
        torch.randn(3, 17), torch.arange(40), torch.arange(40.0) * 1000, torch.randn(9, dtype=torch.float64),
        torch.randn(10, dtype=torch.float64), torch.randn(8, dtype=torch.float64), torch.arange(12, dtype=torch.int32),
        torch.arange(17, dtype=torch.int32), torch.arange(18, dtype=torch.int32), torch.arange(19, dtype=torch.int16),
        torch.arange(1000, dtype=torch.int16), torch.arange(1001, dtype=torch.int16), torch.arange(1001.0) / 7,
        small(1200, 7).view(30, 40), small(1400, 9).view(7, 200), small(1300, 5).view(10, 10, 13),
        small(1400, 5).view(2, 700), (small(2100, 3) == 0).view(3, 7, 100), small(1001, 200).to(torch.uint8),
        (small(1400, 9) * 100).view(7, 200).half(), 1e6 * torch.randn(3, 3), torch.zeros(1002).index_fill(0, t([500]), 1e9),
    ]
    for n, tensor in enumerate(tensors):
        golden.add(f"{n}.x", tensor)
        golden.add(f"{n}.text", t(list(str(tensor).encode()), dtype=torch.uint8))


def small(count, limit):
    return (torch.arange(count) % limit).to(torch.int8 if limit < 128 else torch.int16)
