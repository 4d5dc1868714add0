#!/usr/bin/env python3
"""Writes tests/golden/tasks: the softmaxes of docs/softmax.md as ONNX files of opsets 11 and 13, by torch.onnx.export, with an
input and PyTorch's output of each in reference.pt, "<task>.x" and "<task>.y"; flat_11.onnx, a Softmax of opset 11 over several
dimensions, which no exporter writes.

Needs torch and onnx.
"""
import contextlib
import io
import pathlib
import warnings

import onnx
import torch
from onnx import TensorProto, helper
from torch import nn

from make_graph_golden import without_traces

out = pathlib.Path(__file__).parent.parent / "tests/golden/tasks"
warnings.filterwarnings("ignore")

# What the tutorial's three tasks end in: (1, classes); (1, classes, M, M); (1, classes, M, M) of an anchor-free detector and
# (N, classes) for the N anchors of an anchor-based one.
TASKS = {
    "classification": ((1, 10), -1),
    "segmentation": ((1, 4, 6, 6), 1),
    "detection_anchor_free": ((1, 4, 6, 6), 1),
    "detection_anchor_based": ((12, 4), -1),
}


def main():
    out.mkdir(parents=True, exist_ok=True)
    reference = {}
    for name, (shape, dim) in TASKS.items():
        torch.manual_seed(26)
        net, x = nn.Softmax(dim), torch.randn(shape)
        reference[f"{name}.x"], reference[f"{name}.y"] = x, net(x)
        for opset in (11, 13):
            path = out / f"{name}_{opset}.onnx"
            with contextlib.redirect_stdout(io.StringIO()):
                torch.onnx.export(net, (x,), path, dynamo=False, opset_version=opset, input_names=["logits"],
                                  output_names=["probabilities"])
            without_traces(path)
    x = torch.randn(2, 3, 4)
    reference["flat.x"], reference["flat.y"] = x, torch.softmax(x.flatten(1), 1).view(2, 3, 4)
    value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 3, 4])
    graph = helper.make_graph([helper.make_node("Softmax", ["x"], ["y"], axis=1)], "flat", [value("x")], [value("y")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6), out / "flat_11.onnx")
    torch.save(reference, out / "reference.pt")
    print(sum(f.stat().st_size for f in out.iterdir()), "bytes")


if __name__ == "__main__":
    main()
