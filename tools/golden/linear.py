import torch
from torch import nn


def cases(golden):
    def case(name, in_features, out_features, *leading, bias=True):
        golden.case(name, nn.Linear(in_features, out_features, bias), torch.randn(*leading, in_features),
                    linear=True)

    case("plain", 7, 5, 3)
    case("no_bias", 9, 4, 3, bias=False)
    case("vector", 6, 3)
    case("rank_4", 5, 3, 2, 1, 4)
    case("one_feature", 1, 1, 2)
    case("empty_batch", 3, 2, 0)
    case("no_inputs", 0, 3, 2)
    case("no_outputs", 3, 0, 2)
    case("wide", 33, 17, 5)
    case("tall", 16, 2, 19)
