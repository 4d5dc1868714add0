#!/usr/bin/env python3
"""Writes tests/golden/tasks/resnet18.onnx: torchvision's ResNet-18 as torch.onnx.export writes it, for its picture, with zeros that
a node makes in the place of its 11 million weights.

Needs torch, torchvision, onnx and onnxscript.
"""
import contextlib
import io
import pathlib
import warnings

import onnx
import torch
import torchvision
from onnx import TensorProto, helper

from make_graph_golden import without_traces

out = pathlib.Path(__file__).parent.parent / "tests/golden/tasks/resnet18.onnx"
warnings.filterwarnings("ignore")


def without_weights(model):
    graph, small, makers = model.graph, [], []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT:
            small.append(tensor)
            continue
        sizes = f"{tensor.name}.sizes"
        small.append(helper.make_tensor(sizes, TensorProto.INT64, [len(tensor.dims)], tensor.dims))
        makers.append(helper.make_node("ConstantOfShape", [sizes], [tensor.name]))
    nodes = makers + list(graph.node)
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(small)
    graph.node.extend(nodes)
    return model


def main():
    net = torchvision.models.resnet18().eval()
    with contextlib.redirect_stdout(io.StringIO()):
        torch.onnx.export(net, (torch.randn(1, 3, 224, 224),), out, dynamo=True, external_data=False, input_names=["x"])
    onnx.save(without_weights(onnx.load(out)), out)
    without_traces(out)
    print(out.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
