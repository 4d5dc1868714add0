#!/usr/bin/env python3
"""Writes small programs of torch.export.save and what PyTorch reads from them, into
tests/golden/pt2/torch-VERSION/. Run it with each PyTorch whose layout is to be read; the committed
folders are of 2.6 (plain zip), 2.8 (weights in torch.save files) and 2.15 (raw records).

expected.txt has a line per fact, fields parted by tabs: file, `node` target name, the values' names;
`input` kind name fqn path; `output` kind value; `tensor` fqn dtype sizes hex values.
"""
import pathlib
import random
import sys

import torch
from torch import nn
from torch.export import Dim, export, save

version = ".".join(torch.__version__.split(".")[:2])
out = pathlib.Path(__file__).parent.parent / "tests/golden/pt2" / f"torch-{version}"
out.mkdir(parents=True, exist_ok=True)
lines = []


def values(tensor):
    plain = tensor.detach().contiguous().clone().reshape(-1)
    return plain.view(torch.uint8).numpy().tobytes().hex() or "empty"


def names(value):
    if value is None:
        return ["-"]
    if isinstance(value, (tuple, list)):
        return [name for item in value for name in names(item)]
    return [value.name]


def describe(file, program):
    for node in program.graph.nodes:
        if node.op != "call_function" or node.target.__name__ == "getitem":
            continue
        target = node.target
        overload = isinstance(target, torch._ops.OpOverload)
        target = f"torch.ops.{target}" if overload else f"_operator.{target.__name__}"
        lines.append("\t".join([file, "node", target, node.name]))
    for spec in program.graph_signature.input_specs:
        kind = spec.kind.name.lower().replace("constant_tensor", "tensor_constant")
        lines.append("\t".join([file, "input", kind, spec.arg.name, spec.target or "-"]))
    for spec in program.graph_signature.output_specs:
        lines.append("\t".join([file, "output", spec.kind.name.lower(), spec.arg.name]))
    for fqn, tensor in {**program.state_dict, **program.constants}.items():
        sizes = ",".join(map(str, tensor.shape)) or "-"
        dtype = str(tensor.dtype)[len("torch."):]
        lines.append("\t".join([file, "tensor", fqn, dtype, sizes, values(tensor)]))


def write(name, module, args, kwargs=None, **options):
    torch.manual_seed(1)
    program = export(module.eval(), args, kwargs, **options)
    for suffix, one in (("", program), ("_decomposed", program.run_decompositions())):
        for node in one.graph.nodes:
            node.meta.pop("stack_trace", None)  # paths of this machine
        save(one, str(out / f"{name}{suffix}.pt2"))
        describe(f"{name}{suffix}.pt2", one)


class Conv(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3, padding=1)
        self.norm = nn.BatchNorm2d(2)
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.norm(self.conv(x))), 2)
        return torch.log_softmax(self.fc(x.flatten(1)), 1)


class Mixed(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 3, bias=False)
        self.b = nn.Linear(3, 3, bias=False)
        self.b.weight = self.a.weight
        self.register_buffer("turned", torch.arange(6.).reshape(2, 3).t())
        self.register_buffer("hidden", torch.tensor([1.5, -2.0]), persistent=False)
        self.register_buffer("mask", torch.tensor([[True, False, True]]))
        self.register_buffer("scale", torch.tensor([1.0, 0.5, 0.25]).half())
        self.k = torch.tensor([[1, 2, 3]])

    def forward(self, x, pair, *, z):
        h = self.b(self.a(x)) + self.k * self.scale.float()
        one, two, three = h.split([1, 1, 1], 1)
        return {
            "h": h @ self.turned * self.hidden,
            "c": (one + z.sum(), torch.tensor(2.) * two),
            "n": h.view(x.size(0), -1).masked_fill((h == float("inf")) & self.mask, 0) + pair[0],
        }


class NoWeights(nn.Module):
    def forward(self, x):
        return (x.clamp(min=0), x.to(torch.float64), x.permute(0, 1))


random.seed(1)
torch.manual_seed(1)
write("conv", Conv(), (torch.randn(2, 1, 4, 4),))
batch = Dim("batch", min=1, max=64)
dynamic = {"x": {0: batch}, "pair": [{0: batch}, {0: batch}], "z": {0: batch}}
example = torch.randn(2, 3)
write("mixed", Mixed(), (example, [example, example]), {"z": example}, dynamic_shapes=dynamic)
write("no_weights", NoWeights(), (example,))
(out / "expected.txt").write_text("\n".join(lines) + "\n")
print(f"{out}: {len(lines)} facts", file=sys.stderr)
