#!/usr/bin/env python3
"""Writes tests/golden/verify: a small residual net as residual.onnx, residual_17.onnx (the older exporter) and residual.pt2
with what tools/export_reference.py says of them, residual.npz; wrong.onnx, the same with one weight of a layer in the middle
changed; and chain.pt with chain.txt, its print(model), and chain.safetensors.

Needs torch, onnx, onnxscript and safetensors.
"""
import pathlib
import warnings

import onnx
import onnx.numpy_helper
import torch
from torch import nn

from export_reference import store_reference
from make_graph_golden import Residual, randomize, without_traces

out = pathlib.Path(__file__).parent.parent / "tests/golden/verify"
warnings.filterwarnings("ignore")


def change_a_weight(source, target, name, index):
    model = onnx.load(source)
    for tensor in model.graph.initializer:
        if tensor.name == name:
            values = onnx.numpy_helper.to_array(tensor).copy()
            values[index] += 0.01
            tensor.CopyFrom(onnx.numpy_helper.from_array(values, name))
    onnx.save(model, target)


def main():
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(25)
    with torch.no_grad():
        net = Residual().eval()
        randomize(net)
    x = (torch.randn(2, 3, 12, 12),)
    store_reference(net, x, out / "residual.npz", [out / "residual.pt2", out / "residual.onnx"])
    store_reference(net, x, out / "residual_17.npz", [out / "residual_17.onnx"], opset=17, graph=False)
    for path in out.glob("*.onnx"):
        without_traces(path)
    change_a_weight(out / "residual.onnx", out / "wrong.onnx", "a.0.weight", (2, 1, 1, 1))
    chain = nn.Sequential(nn.Conv2d(1, 2, 5), nn.Tanh(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(288, 10))
    store_reference(chain, (torch.randn(1, 1, 28, 28),), out / "chain.safetensors", [out / "chain.pt"], graph=False)
    (out / "chain.txt").write_text(f"{chain}\n")
    print(sum(f.stat().st_size for f in out.iterdir()), "bytes")


if __name__ == "__main__":
    main()
