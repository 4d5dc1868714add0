#!/usr/bin/env python3
"""Writes every container of PyTorch with every element type and layout, and what PyTorch reads from
them, into tests/golden/containers/torch-VERSION/. Run it with each PyTorch whose files are to be
read; the committed folders are of 1.13 and 2.15.

expected.txt has a line per tensor, as that of make_io_golden.py.
"""
import io
import pathlib
import sys
from collections import OrderedDict

import torch
from torch import nn

version = ".".join(torch.__version__.split(".")[:2])
out = pathlib.Path(__file__).parent.parent / "tests/golden/containers" / f"torch-{version}"
out.mkdir(parents=True, exist_ok=True)
lines = []
old = {"_use_new_zipfile_serialization": False}


def expect(file, tensors, unreadable=()):
    for name, tensor in tensors.items():
        dtype = str(tensor.dtype)[len("torch."):]
        if tensor.layout != torch.strided:
            dtype = f"{str(tensor.layout)[len('torch.'):]} {dtype}"
        sizes = ",".join(map(str, tensor.shape)) or "-"
        if name in unreadable:
            values = "unreadable"
        else:
            plain = tensor.detach().contiguous().clone().reshape(-1)
            values = plain.view(torch.uint8).numpy().tobytes().hex() or "empty"
        lines.append(f"{file}\t{name}\t{dtype}\t{sizes}\t{values}")


def save(file, content, tensors=None, unreadable=(), **options):
    torch.save(content, str(out / file), **options)
    expect(file, content if tensors is None else tensors, unreadable)


dtypes = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32,
          torch.int16, torch.int8, torch.uint8, torch.bool]
by_dtype = {str(d)[len("torch."):]: torch.tensor([0, 1, 2, 100]).to(d) for d in dtypes}
base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
shared = torch.arange(6, dtype=torch.float64)
layouts = {
    "transposed": base.permute(2, 0, 1),
    "slice": base[1, 1:, ::2],
    "expanded": torch.tensor([[1.0], [2.0]]).expand(2, 5),
    "overlapping": torch.arange(8, dtype=torch.int64).as_strided((3, 4), (2, 1)),
    "diagonal": torch.arange(9.0).half().reshape(3, 3).diagonal(),
    "channels_last": torch.arange(16.0).reshape(1, 2, 2, 4).contiguous(
        memory_format=torch.channels_last),
    "tied_a": shared,
    "tied_b": shared.reshape(2, 3),
    "tail": shared[4:],
    "scalar": torch.tensor(7.5),
    "one_of_many": shared[3],
    "empty": torch.empty(0, 3),
    "bools": torch.tensor([[True, False], [False, True]]).t(),
    "special": torch.tensor([float("nan"), float("inf"), -0.0]),
}
others = {
    "before": torch.ones(2),
    "complex64": torch.ones(2, dtype=torch.complex64),
    "complex128": torch.ones(2, dtype=torch.complex128),
    "quint8": torch.quantize_per_tensor(torch.ones(2), 0.5, 3, torch.quint8),
    "per_channel": torch.quantize_per_channel(torch.ones(2, 2), torch.tensor([0.5, 1.0]),
                                              torch.tensor([0, 1]), 0, torch.qint8),
    "qint32": torch.quantize_per_tensor(torch.ones(2), 0.5, 3, torch.qint32),
    "coo": torch.eye(3).to_sparse(),
    "csr": torch.eye(3).to_sparse_csr(),
    "after": torch.zeros(3),
}
unreadable = set(others) - {"before", "after"}

for form, options in (("zip", {}), ("legacy", old)):
    save(f"{form}_dtypes.pt", by_dtype, **options)
    save(f"{form}_layouts.pt", {**layouts, "parameter": nn.Parameter(torch.ones(2))}, **options)
    save(f"{form}_others.pt", others, unreadable=unreadable, **options)
    save(f"{form}_list.pt", [torch.ones(1), torch.zeros(2)],
         {"0": torch.ones(1), "1": torch.zeros(2)}, **options)
    save(f"{form}_single.pt", torch.ones(2, 2), {"0": torch.ones(2, 2)}, **options)
    for protocol in (3, 4, 5):
        save(f"{form}_protocol{protocol}.pt", OrderedDict(layouts), pickle_protocol=protocol,
             **options)


class Net(nn.Module):
    """Parameters, buffers of both kinds, nested and shared modules, a parameter used twice."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.block = nn.Sequential(nn.BatchNorm2d(2), nn.ReLU(), nn.Conv2d(2, 2, 1, bias=False))
        self.again = self.conv
        self.scale = nn.Parameter(torch.full((2, 1, 1), 1.5))
        self.register_buffer("mean", torch.tensor([0.25]))
        self.register_buffer("scratch", torch.tensor([9.0]), persistent=False)
        self.register_buffer("nothing", None)
        self.sizes = [1, 2]
        self.factors = [0.5]
        self.names = ["a"]
        self.flag = True

    def forward(self, x):
        y = self.block(self.conv(x - self.mean) * self.scale)
        for size in self.sizes:
            y = y + size
        return y if self.flag else y * self.scratch


class Buffers(nn.Module):
    """Every element type and layout as buffers of one module."""

    def __init__(self, tensors):
        super().__init__()
        for name, tensor in tensors.items():
            self.register_buffer(f"of_{name}", tensor)

    def forward(self, x):
        return x


torch.manual_seed(1)
net = Net().eval()
state = net.state_dict()
checkpoint = {"epoch": 3, "model_state_dict": state, "lr": 0.1, "names": ["a", None],
              "optimizer": torch.optim.SGD(net.parameters(), 0.1, momentum=0.9).state_dict()}
for form, options in (("zip", {}), ("legacy", old)):
    save(f"{form}_checkpoint.pt", checkpoint, state, **options)
# A module of PyTorch's own classes: the stream holds their source too.
plain_net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3))
save("legacy_module.pt", plain_net, plain_net.state_dict(), **old)

image = torch.arange(25.0).reshape(1, 1, 5, 5)


# Names of a scripted module are those of its state_dict when it is loaded; a buffer that was not
# persistent stands in the file like any other.
def save_script(file, module, unreadable=(), **options):
    torch.jit.save(module, str(out / file), **options)
    expect(file, torch.jit.load(str(out / file)).state_dict(), unreadable)


class Attributes(nn.Module):
    """Tensors that are neither parameters nor buffers, in a module and in a dict and a list."""

    def __init__(self):
        super().__init__()
        self.anchors = torch.tensor([3.0])
        self.linear = nn.Linear(2, 1)
        self.levels = [torch.tensor([4.0])]
        self.by_name = {"a": torch.tensor([5.0])}
        self.device = torch.device("cpu")
        self.pair = (1, 2.5)
        self.offset = 1 + 2j

    def forward(self, x):
        return self.linear(x) + self.anchors + self.levels[0] + self.by_name["a"]


scripted = torch.jit.script(net)
save_script("scripted.pt", scripted, _extra_files={"notes.txt": "hello"})
save_script("traced.pt", torch.jit.trace(net, image))
save_script("attributes.pt", torch.jit.script(Attributes()))
for name, tensors in (("dtypes", by_dtype), ("layouts", layouts)):
    save_script(f"script_{name}.pt", torch.jit.script(Buffers(tensors)))
save_script("script_others.pt", torch.jit.script(Buffers(others)),
            {f"of_{name}" for name in unreadable})
newer = ["float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu",
         "uint16", "uint32", "uint64"]
newer = {name: torch.tensor([0.5, 1, 2]).to(getattr(torch, name)) for name in newer
         if hasattr(torch, name)}
if newer:
    save_script("script_newer_dtypes.pt", torch.jit.script(Buffers(newer)))
    save("legacy_newer_dtypes.pt", newer, **old)
# A frozen module has no parameters; its constants have no names. They stand in the order of their
# first use, of which the graph that is loaded has the reverse.
torch.jit.save(torch.jit.freeze(scripted), str(out / "frozen.pt"))
constants = [node.t("value") for node in torch.jit.load(str(out / "frozen.pt")).graph.nodes()
             if node.kind() == "prim::Constant" and node.hasAttribute("value")
             and node.kindOf("value") == "t"]
expect("frozen.pt", {str(i): constant for i, constant in enumerate(reversed(constants))})
buffer = io.BytesIO()
torch.jit.save(scripted, buffer)
(out / "scripted.bin").write_bytes(buffer.getvalue())
expect("scripted.bin", scripted.state_dict())

(out / "expected.txt").write_text("\n".join(lines) + "\n")
print(f"wrote {len(list(out.iterdir()))} files with PyTorch {torch.__version__}", file=sys.stderr)
