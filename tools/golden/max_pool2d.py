import torch
from torch import nn


def cases(golden):
    def case(name, kernel_size, shape, x=None, **options):
        module = nn.MaxPool2d(kernel_size, return_indices=True, **options)
        golden.case(name, module, torch.randn(shape) if x is None else x)
        arguments(golden, name, module)

    case("plain", 2, (2, 3, 6, 8))
    case("drops_the_rest", 2, (1, 2, 5, 7))
    case("odd", 3, (1, 2, 8, 7))
    case("overlap", 3, (2, 1, 9, 8), stride=2)
    case("stride_1", 2, (1, 1, 4, 5), stride=1)
    case("stride_3", 2, (1, 2, 8, 9), stride=3)
    case("rectangle", (2, 3), (1, 2, 7, 9), stride=(3, 1))
    case("padding", 3, (1, 2, 5, 6), padding=1)
    case("padding_pair", (2, 5), (1, 1, 5, 6), padding=(1, 2), stride=2)
    case("dilation", 2, (1, 2, 7, 6), dilation=2)
    case("dilation_pair", (3, 2), (1, 1, 9, 8), dilation=(2, 3), padding=1, stride=1)
    case("ceil", 2, (1, 2, 5, 7), ceil_mode=True)
    case("ceil_padding", 3, (1, 2, 6, 5), stride=2, padding=1, ceil_mode=True)
    case("one", 1, (1, 1, 1, 1))
    case("whole_plane", (4, 5), (2, 2, 4, 5))
    case("unbatched", 2, (3, 4, 5))
    case("empty_batch", 2, (0, 3, 4, 5))
    case("ties", 2, (1, 1, 6, 6), x=torch.randint(-1, 2, (1, 1, 6, 6)).float())
    case("outside", 2, (1, 1, 1, 3), padding=1, dilation=2)
    special = torch.randn(1, 1, 8, 8)
    special[0, 0, 0, 0] = float("nan")
    special[0, 0, 1, 1] = float("inf")
    special[0, 0, 2, 2] = special[0, 0, 3, 3] = float("nan")
    special[0, 0, 4:6, 4:6] = -float("inf")
    special[0, 0, 6, 6], special[0, 0, 6, 7], special[0, 0, 7, 6:8] = 0.0, -0.0, -1
    special[0, 0, 6, 4], special[0, 0, 6, 5], special[0, 0, 7, 4:6] = -0.0, 0.0, -1
    case("special", 2, None, x=special)
    case("special_overlap", 3, None, x=special, stride=2, padding=1)
    case("negative_padded", 3, None, x=torch.full((1, 1, 2, 2), -5.0), padding=1)
    ceil_sizes(golden, case)


def ceil_sizes(golden, case):
    """Where rounding up ends: a last window may not start in the right padding."""
    for n, (size, k, s, p, d) in enumerate([(2, 1, 2, 0, 1), (3, 2, 2, 1, 1), (5, 2, 4, 1, 1), (6, 2, 4, 1, 1),
                                            (4, 1, 3, 0, 1), (4, 3, 2, 0, 1), (4, 2, 2, 0, 2), (7, 3, 3, 0, 1)]):
        options = {"dilation": (1, d)} if d > 1 else {}
        case(f"ceil_{n}", (1, k), None, x=torch.arange(float(size)).view(1, 1, 1, size), stride=(1, s),
             padding=(0, p), ceil_mode=True, **options)
    case("ceil_beyond", 4, (1, 1, 3, 3), stride=4, ceil_mode=True)


def arguments(golden, name, module):
    def pair(value):
        return list(value) if isinstance(value, tuple) else [value, value]

    golden.add(f"{name}.arguments", torch.tensor(pair(module.kernel_size) + pair(module.stride) + pair(module.padding)
                                                 + pair(getattr(module, "dilation", 1)) + [int(module.ceil_mode)]))
