import torch
from torch import nn

from golden.max_pool2d import arguments, ceil_sizes


def cases(golden):
    def case(name, kernel_size, shape, x=None, **options):
        module = nn.AvgPool2d(kernel_size, **options)
        golden.case(name, module, torch.randn(shape) if x is None else x, linear=True)
        arguments(golden, name, module)
        golden.add(f"{name}.more", torch.tensor([int(module.count_include_pad), module.divisor_override or 0]))

    case("plain", 2, (2, 3, 6, 8))
    case("odd", 3, (1, 2, 8, 7))
    case("overlap", 3, (2, 1, 9, 8), stride=2)
    case("rectangle", (2, 3), (1, 2, 7, 9), stride=(3, 1))
    case("padding", 3, (1, 2, 5, 6), padding=1)
    case("padding_excluded", 3, (1, 2, 5, 6), padding=1, count_include_pad=False)
    case("padding_pair", (2, 5), (1, 1, 5, 6), padding=(1, 2), stride=2)
    case("ceil", 2, (1, 2, 5, 7), ceil_mode=True)
    case("ceil_padding", 3, (1, 2, 6, 5), stride=2, padding=1, ceil_mode=True)
    case("ceil_padding_excluded", 3, (1, 2, 6, 5), stride=2, padding=1, ceil_mode=True, count_include_pad=False)
    case("divisor", 2, (1, 2, 4, 5), divisor_override=3)
    case("negative_divisor", 3, (1, 1, 4, 5), padding=1, divisor_override=-2)
    case("one", 1, (1, 1, 1, 1))
    case("whole_plane", (9, 11), (2, 2, 9, 11))
    case("unbatched", 2, (3, 4, 5))
    case("empty_batch", 2, (0, 3, 4, 5))
    ones = torch.ones(1, 1, 1, 4)
    for name, include in [("edge", True), ("edge_excluded", False)]:
        case(name, (1, 3), None, x=ones, stride=(1, 2), padding=(0, 1), ceil_mode=True, count_include_pad=include)
    special = torch.randn(1, 1, 4, 6)
    special[0, 0, 0, 0], special[0, 0, 0, 2], special[0, 0, 3, 5] = float("nan"), float("inf"), -float("inf")
    case("special", 2, None, x=special)
    ceil_sizes(golden, lambda name, *a, **k: k.pop("dilation", None) or case(name, *a, **k))
