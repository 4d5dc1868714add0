#!/usr/bin/env python3
"""Writes into tests/golden/load/ what PyTorch says and saves where names or shapes do not fit.

messages.json holds, for nets that tests/import/load_golden_test.cpp builds too, state dicts as lists
of names and shapes with the text of load_state_dict's error. The .pt files are state dicts of one net
as wrappers leave them, with tensors that count up by the formula of `fill`.

    python3 tools/make_load_golden.py        # PyTorch 2.15
"""
import json
import pathlib

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

out = pathlib.Path(__file__).parent.parent / "tests" / "golden" / "load"
out.mkdir(parents=True, exist_ok=True)


def block(channels, features):
    return nn.Sequential(nn.Conv2d(channels, features, 3), nn.BatchNorm2d(features), nn.ReLU())


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(block(1, 4), nn.MaxPool2d(2), block(4, 6))
        self.fc1 = nn.Linear(6, 5)
        self.fc2 = nn.Linear(5, 3, bias=False)


def fill(net):
    value = 0
    for tensor in net.state_dict().values():
        count = tensor.numel()
        tensor.copy_(torch.arange(value, value + count, dtype=torch.float64).reshape(tensor.shape))
        value += count
    return net


def as_list(state):
    return [[name, list(tensor.shape)] for name, tensor in state.items()]


messages = []


def message(case, change, strict=True):
    net = Net()
    state = dict(net.state_dict())
    change(state)
    try:
        net.load_state_dict(state, strict=strict)
        text = ""
    except RuntimeError as error:
        text = str(error)
    messages.append({"case": case, "strict": strict, "keys": as_list(state), "text": text})


def change_of(**changes):
    """Names with dots as __: a shape sets the tensor, None takes it away."""

    def change(state):
        for name, shape in changes.items():
            name = name.replace("__", ".")
            if shape is None:
                del state[name]
            else:
                state[name] = torch.zeros(shape)

    return change


message("all fits", change_of())
message("one missing", change_of(fc1__bias=None))
message("several missing", change_of(features__2__0__weight=None, features__0__1__running_mean=None,
                                     fc2__weight=None))
message("a missing counter is none", change_of(features__0__1__num_batches_tracked=None))
message("one unexpected", change_of(fc3__weight=[2, 2]))
message("unexpected in several modules",
        change_of(fc1__scale=[1], head__weight=[1], fc2__bias=[3], features__0__0__more=[1],
                  features__9__weight=[1], extra=[1], features__0__1__x__y=[1], a__b__c=[1]))
message("a size", change_of(fc1__weight=[5, 7]))
message("sizes of another rank", change_of(fc1__weight=[30], fc2__weight=[3, 5, 1, 1],
                                           features__0__0__bias=[]))
message("everything at once",
        change_of(fc1__weight=[5, 7], fc1__bias=None, other=[1], features__2__1__running_var=[7]))
message("everything at once, not strict",
        change_of(fc1__weight=[5, 7], fc1__bias=None, other=[1]), strict=False)
message("missing and unexpected, not strict", change_of(fc1__bias=None, other=[1]), strict=False)
message("nothing", lambda state: state.clear())


def wrapped_by_hand(state):
    for name in list(state):
        state["backbone." + name] = state.pop(name)


message("another front", wrapped_by_hand)
(out / "messages.json").write_text(json.dumps(messages, indent=1, ensure_ascii=False) + "\n")


class Lightning(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.model = net


def parts_wrapped():
    net = fill(Net())
    net.features = nn.DataParallel(net.features)
    net.fc1 = torch.compile(net.fc1)
    return net


for name, module in {
    "plain": fill(Net()),
    "data_parallel": nn.DataParallel(fill(Net())),
    "compiled": torch.compile(fill(Net())),
    "compiled_data_parallel": torch.compile(nn.DataParallel(fill(Net()))),
    "data_parallel_compiled": nn.DataParallel(torch.compile(fill(Net()))),
    "lightning": Lightning(fill(Net())),
    "lightning_compiled": Lightning(torch.compile(fill(Net()))),
    "averaged": AveragedModel(fill(Net())),
    "parts": parts_wrapped(),
}.items():
    torch.save(module.state_dict(), out / f"{name}.pt")

# Weight norm keeps two tensors for one, by the hooks of old and by parametrizations; of rows, of
# columns (dim=1) and of all values (dim=None). joined.pt has what PyTorch computes from them.
joined = {}
for name, dim in {"weight_norm": 0, "weight_norm_columns": 1, "weight_norm_all": None}.items():
    net = fill(Net())
    for layer in net.fc1, net.features[2][0]:
        torch.nn.utils.weight_norm(layer, dim=dim)
        with torch.no_grad():
            layer.weight_g.mul_(0.75)
    torch.save(net.state_dict(), out / f"{name}.pt")
    for layer in net.fc1, net.features[2][0]:
        torch.nn.utils.remove_weight_norm(layer)
    joined |= {f"{name}.{key}": tensor for key, tensor in net.state_dict().items()
               if key in ("fc1.weight", "features.2.0.weight")}
net = fill(Net())
torch.nn.utils.parametrizations.weight_norm(net.fc1)
with torch.no_grad():
    net.fc1.parametrizations.weight.original0.mul_(0.75)
torch.save(net.state_dict(), out / "parametrized.pt")
joined["parametrized.fc1.weight"] = net.fc1.weight.detach()
torch.save(joined, out / "joined.pt")
