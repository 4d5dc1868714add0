import torch
from torch.nn import ConvTranspose2d


def cases(golden):
    def case(name, module, x):
        golden.case(name, module, x, linear=True)

    case("plain", ConvTranspose2d(3, 5, 3), torch.randn(2, 3, 4, 7))
    case("up", ConvTranspose2d(4, 3, 2, stride=2), torch.randn(1, 4, 5, 3))
    case("stride", ConvTranspose2d(2, 3, (3, 5), stride=(2, 3), padding=(1, 2), output_padding=(1, 2)), torch.randn(2, 2, 5, 4))
    case("groups", ConvTranspose2d(4, 6, 3, stride=2, groups=2, bias=False), torch.randn(1, 4, 3, 5))
    case("depthwise", ConvTranspose2d(3, 3, 4, stride=2, padding=1, groups=3), torch.randn(1, 3, 4, 4))
    case("dilation", ConvTranspose2d(2, 2, 3, dilation=(2, 3), padding=1), torch.randn(2, 2, 4, 3))
    case("cut", ConvTranspose2d(1, 2, 3, padding=2), torch.randn(1, 1, 4, 5))
    case("unbatched", ConvTranspose2d(2, 3, 2), torch.randn(2, 3, 3))
    case("empty", ConvTranspose2d(2, 3, 2), torch.randn(0, 2, 3, 3))
    case("one", ConvTranspose2d(2, 3, 1), torch.randn(1, 2, 1, 1))
