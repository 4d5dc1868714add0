#!/usr/bin/env python3
"""Writes tests/golden/programs: small nets exported by torch.export.save, as exported and after
run_decompositions() ("decomposed"), with a free batch or with that of the example ("fixed"), and
reference.pt with inputs and PyTorch's outputs for each net, "<net>.x0", "<net>.y0", …

Needs torch.
"""
import pathlib
import shutil
import warnings

import torch
from torch import nn
from torch.nn import functional as F

from make_graph_golden import NETS, randomize
from make_onnx_rows_golden import Recurrent

out = pathlib.Path(__file__).parent.parent / "tests/golden/programs"
warnings.filterwarnings("ignore")


class InPlace(nn.Module):
    """Tensors that are changed in place while views of them live."""

    def forward(self, x):
        y = x * 2
        left = y[:, :2]
        rows = y.view(y.shape[0], -1)
        left.relu_()
        y[:, 3].mul_(-1)
        a, b = y.chunk(2, dim=1)
        b.add_(a.abs())
        turned = y.transpose(1, 2)
        turned[..., 0] = 7
        z = y.clone()
        z.fill_(1)
        y.select(2, 1).copy_(rows[:, :4])
        return rows, turned * z.transpose(1, 2), a


class Signals(nn.Module):
    """Layers for one dimension, several inputs, a dict of outputs."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(2, 4, 3, padding=1, stride=2)
        self.up = nn.ConvTranspose1d(4, 2, 2, stride=2)
        self.norm = nn.BatchNorm1d(4)
        self.register_buffer("scale", torch.tensor([0.5, 2.0]))

    def forward(self, x, pair, *, factor):
        y = F.elu(self.norm(self.conv(x)))
        up = self.up(F.max_pool1d(y, 3, 1, 1))
        return {"up": up * self.scale[:, None] + pair[0], "mean": y.mean(-1) / pair[1], "sum": [y.sum((1, 2)) * factor]}


class Encoder(nn.Module):
    """Tokens, a class token, an attention with a mask, tied weights."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 8)
        self.token = nn.Parameter(torch.randn(1, 1, 8))
        self.layer = nn.TransformerEncoderLayer(8, 2, 12, batch_first=True, activation="gelu", norm_first=True)
        self.head = nn.Linear(8, 11, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, ids):
        x = self.embedding(ids)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], dim=1)
        mask = torch.triu(torch.full((x.shape[1], x.shape[1]), float("-inf")), diagonal=1)
        return self.head(self.layer(x, src_mask=mask))


class Window(nn.Module):
    """Shifted and padded pictures, places of the largest, masks."""

    def forward(self, x):
        y = torch.roll(F.pad(x, (1, 1, 1, 1), mode="reflect"), shifts=(1, -1), dims=(2, 3))
        y = torch.where(y > 0, y, y.flip(-1).masked_fill(y.abs() < 0.5, -1.0))
        best, place = y.flatten(2).max(dim=-1)
        return best.softmax(-1), place, F.interpolate(y, scale_factor=2, mode="bilinear", align_corners=False)


def nets():
    """Name, module, arguments, keyword arguments, free dimensions."""
    for name, (make, shape, free) in NETS.items():
        if name in ("convnet", "residual", "sizes", "segmentation", "attention"):
            yield name, make(), (torch.randn(shape),), {}, ({d: n for d, n in free.items()},)
    batch = {0: "batch"}
    yield "in_place", InPlace(), (torch.randn(2, 4, 3),), {}, (batch,)
    yield ("signals", Signals(), (torch.randn(2, 2, 6), (torch.randn(2, 2, 6), torch.rand(2, 4) + 1)),
           {"factor": torch.tensor(3)}, (batch, (batch, batch), {}))
    yield "encoder", Encoder(), (torch.randint(0, 11, (2, 5)),), {}, (batch,)
    yield "window", Window(), (torch.randn(2, 3, 5, 4),), {}, (batch,)
    yield "recurrent", Recurrent(), (torch.randn(2, 6, 5),), {}, (batch,)


def save(program, path):
    for node in program.graph.nodes:
        for note in ("stack_trace", "nn_module_stack", "torch_fn", "source_fn_stack"):
            node.meta.pop(note, None)  # paths of the machine
    torch.export.save(program, path)


def dims(free):
    if isinstance(free, tuple):
        return tuple(dims(one) for one in free)
    return {d: torch.export.Dim(name, min=1, max=512) for d, name in free.items()}


def main():
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    reference = {}
    torch.manual_seed(21)
    for name, net, args, kwargs, free in nets():
        net.eval()
        randomize(net)
        leaves = torch.utils._pytree.tree_leaves
        for i, x in enumerate(leaves((args, kwargs))):
            reference[f"{name}.x{i}"] = x.clone()
        with torch.no_grad():
            for i, y in enumerate(leaves(net(*args, **kwargs))):
                reference[f"{name}.y{i}"] = y.contiguous().clone()
        shapes = dims(free)
        if kwargs:
            shapes = dict(zip(("x", "pair", "factor"), shapes))
        for kind, dynamic in (("", shapes), ("_fixed", None)):
            program = torch.export.export(net, args, kwargs, dynamic_shapes=dynamic)
            save(program, out / f"{name}{kind}.pt2")
            if name != "recurrent":  # each step on its own, a megabyte
                save(program.run_decompositions(), out / f"{name}{kind}_decomposed.pt2")
    torch.save(reference, out / "reference.pt")
    print(sum(f.stat().st_size for f in out.iterdir()), "bytes")


if __name__ == "__main__":
    main()
