#!/usr/bin/env python3
"""Writes small ONNX files of both exporters of PyTorch, and what the `onnx` package reads from them,
into tests/golden/onnx: NAME.onnx (and NAME.onnx.data), NAME.txt in the form of tests/io/onnx_text.h.
"""
import pathlib
import shutil
import struct
import sys

import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

out = pathlib.Path(__file__).parent.parent / "tests/golden/onnx"
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)

types = {"float": "float32", "double": "float64", "float8e4m3fn": "float8_e4m3fn",
         "float8e4m3fnuz": "float8_e4m3fnuz", "float8e5m2": "float8_e5m2",
         "float8e5m2fnuz": "float8_e5m2fnuz", "float8e8m0": "float8_e8m0fnu",
         "float4e2m1": "float4_e2m1"}
attribute_types = ["undefined", "f", "i", "s", "t", "g", "floats", "ints", "strings", "tensors",
                   "graphs", "sparse_tensor", "sparse_tensors", "tp", "type_protos"]
unreadable = {"string", "complex64", "complex128", "uint4", "int4", "float4_e2m1", "uint2", "int2"}


def type_name(number):
    name = TensorProto.DataType.Name(number).lower()
    return types.get(name, name)


def text_of_tensor(tensor, folder):
    name = type_name(tensor.data_type)
    text = f"{name} [{', '.join(map(str, tensor.dims))}] "
    if name in unreadable:
        return text + "unreadable"
    return text + numpy_helper.to_array(tensor, str(folder)).tobytes().hex()


def text_of_value(kind, value):
    tensor = value.type.tensor_type
    text = f"{kind} {value.name} {type_name(tensor.elem_type)}"
    if not tensor.HasField("shape"):
        return text + " no shape"
    dims = [str(d.dim_value) if d.HasField("dim_value") else d.dim_param or "?"
            for d in tensor.shape.dim]
    return f"{text} [{', '.join(dims)}]"


def text_of_attribute(a, folder):
    kind = attribute_types[a.type]
    hexed = lambda value: struct.pack(">f", value).hex()
    value = {"f": lambda: hexed(a.f), "i": lambda: str(a.i), "s": lambda: a.s.decode(),
             "t": lambda: text_of_tensor(a.t, folder),
             "floats": lambda: " ".join(map(hexed, a.floats)),
             "ints": lambda: " ".join(map(str, a.ints)),
             "strings": lambda: " ".join(s.decode() for s in a.strings)}.get(kind, lambda: "")()
    return f"  {a.name} {kind}" + (f" {value}" if value else " " if kind in "fist" else "")


def describe(name):
    model = onnx.load(str(out / f"{name}.onnx"), load_external_data=False)
    onnx.checker.check_model(str(out / f"{name}.onnx"))
    graph = model.graph
    lines = [f"ir {model.ir_version} producer {model.producer_name} graph {graph.name}"]
    opsets = {o.domain: o.version for o in model.opset_import}
    lines += [f"opset '{domain}' {opsets[domain]}" for domain in sorted(opsets)]
    constants = {tensor.name for tensor in graph.initializer}
    lines += [text_of_value("input", v) for v in graph.input if v.name not in constants]
    lines += [text_of_value("output", v) for v in graph.output]
    lines += [text_of_value("info", v) for v in graph.value_info]
    lines += [f"initializer {t.name} {text_of_tensor(t, out)}" for t in graph.initializer]
    for node in graph.node:
        lines.append(f"node '{node.name}' {node.op_type} ({', '.join(node.input)}) -> "
                     f"({', '.join(node.output)})")
        lines += [text_of_attribute(a, out) for a in node.attribute]
    (out / f"{name}.txt").write_text("\n".join(lines) + "\n")


class Net(nn.Module):
    """Convolution, norm, pool, a reshape that follows the batch, linear, softmax along channels."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3, padding=1)
        self.norm = nn.BatchNorm2d(3)
        self.head = nn.Linear(3 * 4, 8)

    def forward(self, x):
        y = torch.softmax(torch.relu(self.norm(self.conv(x))), dim=1)
        y = nn.functional.max_pool2d(y, 2)
        return self.head(y.reshape(y.shape[0], -1))


torch.manual_seed(1)
net = Net().eval()
image = torch.rand(2, 1, 4, 4)
for opset in (11, 13, 17):
    torch.onnx.export(net, (image,), str(out / f"script_{opset}.onnx"), dynamo=False,
                      opset_version=opset, input_names=["x"], output_names=["y"],
                      dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}})
for name, external in (("dynamo_inline", False), ("dynamo_external", True)):
    program = torch.onnx.export(net, (image,), dynamo=True, input_names=["x"], output_names=["y"],
                                dynamic_shapes={"x": {0: torch.export.Dim("batch")}})
    for node in program.model.graph:  # stack traces with paths of this machine
        node.metadata_props.clear()
    program.save(str(out / f"{name}.onnx"), external_data=external)

# Every element type, in raw_data and in the field of its numbers; initializers that are inputs too.
numbers = [0, 1, 2, 100]
initializers = []
for kind in sorted(TensorProto.DataType.values()):
    name = type_name(kind)
    if name == "undefined" or name.startswith("float6"):
        continue
    if name == "string":
        initializers.append(helper.make_tensor("string", kind, [4], ["a", "b", "", "d"]))
        continue
    values = [-5 if n == 100 and name in ("int8", "int16", "int32", "int64", "float32", "float16")
              else n if n < 100 or "4" not in name and "2" != name[-1] else 1 for n in numbers]
    typed = helper.make_tensor(f"{name}_numbers", kind, [2, 2], values)
    initializers.append(typed)
    if name not in unreadable:
        initializers.append(numpy_helper.from_array(numpy_helper.to_array(typed), f"{name}_raw"))
initializers.append(helper.make_tensor("empty", TensorProto.FLOAT, [0, 3], []))
initializers.append(helper.make_tensor("scalar", TensorProto.DOUBLE, [], [7.5]))
attributes = {"i": -3, "f": 0.1, "s": "text", "ints": [1, -2, 2 ** 40], "floats": [0.5, -1.0],
              "strings": ["a", "bc"],
              "t": helper.make_tensor("", TensorProto.INT64, [2], [5, -6])}
nodes = [helper.make_node("Custom", ["x", "", "scalar"], ["h", ""], domain="of.test", name="first",
                          **attributes),
         helper.make_node("Identity", ["h"], ["y"])]
value = helper.make_tensor_value_info
graph = helper.make_graph(
    nodes, "all", [value("x", TensorProto.FLOAT16, ["n", None, 3]),
                   value("scalar", TensorProto.DOUBLE, [])],
    [value("y", TensorProto.FLOAT, [])], initializers)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21),
                                                helper.make_opsetid("of.test", 1)], ir_version=11)
onnx.save(model, str(out / "all_types.onnx"))

for file in sorted(out.glob("*.onnx")):
    describe(file.stem)
print(f"wrote {len(list(out.iterdir()))} files with PyTorch {torch.__version__}, onnx "
      f"{onnx.__version__}, numpy {numpy.__version__}", file=sys.stderr)
