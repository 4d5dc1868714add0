#!/usr/bin/env python3
"""Runs a PyTorch module once and stores what `rushlight verify MODEL REFERENCE` replays: its inputs, its outputs and every
value between.

    tools/export_reference.py torchvision.models:resnet18 --input 1,3,224,224 --export resnet18.onnx resnet18.npz
    rushlight verify resnet18.onnx resnet18.npz

In the file (.npz or .safetensors):
    input.0 …    output.0 …                 of the run
    module.layer1.0.conv1                   what a submodule gave when it was first called: state dicts' names
    pt2.conv2d_3                            what a node of the exported program gave
    onnx.getitem_6, onnx./fc/Gemm_output_0  what has the name of a value of the ONNX file
Also to be imported: `store_reference(net, inputs, "reference.npz", exports=["net.pt2"])`.

Needs torch 2.5 or later, for .safetensors the package of that name, for ONNX files onnx.
"""
import argparse
import contextlib
import importlib
import io
import pathlib
import sys
import warnings

import numpy as np
import torch
from torch.utils import _pytree as pytree


def tensors_of(tree):
    return [leaf for leaf in pytree.tree_leaves(tree) if isinstance(leaf, torch.Tensor)]


def run_with_modules(net, inputs):
    """The outputs, what each submodule gave when it was first called, and which submodule read which one's output."""
    values, reads, producers, handles = {}, {}, {}, []

    def seen(name):
        def hook(_, arguments, output):
            for tensor in tensors_of(arguments):
                reads.setdefault(name, producers.get(id(tensor)))
            if name not in values and isinstance(output, torch.Tensor):
                values[name] = output.detach().clone()
                producers[id(output)] = name
                kept.append(output)  # so that no other tensor gets its id

        return hook

    kept = []
    for name, module in net.named_modules():
        if name:
            handles.append(module.register_forward_hook(seen(name)))
    outputs = net(*inputs)
    for handle in handles:
        handle.remove()
    return outputs, values, reads


class Recorder(torch.fx.Interpreter):
    """Keeps what each node gives, as it is before anything writes to it in place."""

    def __init__(self, program):
        super().__init__(program)
        self.values = {}

    def run_node(self, node):
        result = super().run_node(node)
        if node.op == "call_function" and isinstance(result, torch.Tensor):
            self.values[node.name] = result.detach().clone()
        return result


def values_of_program(program, inputs):
    module = program.module()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        recorder = Recorder(module)
        recorder.run(*inputs)
    return recorder.values


def dynamic_shapes(inputs, dynamic_batch):
    if not dynamic_batch:
        return None
    batch = torch.export.Dim("batch")
    return tuple({0: batch} if isinstance(x, torch.Tensor) and x.dim() > 0 else None for x in inputs)


def export_program(net, inputs, path, dynamic_batch, decompose):
    program = torch.export.export(net, tuple(inputs), dynamic_shapes=dynamic_shapes(inputs, dynamic_batch))
    if decompose:
        program = program.run_decompositions()
    if path:
        torch.export.save(program, path)
    return program


def export_onnx(net, inputs, path, dynamic_batch, opset, modules, reads):
    """Writes the ONNX file and returns PyTorch's values under the names that it has for them."""
    import onnx

    names = [f"input_{i}" for i in range(len(inputs))]
    silent = contextlib.redirect_stdout(io.StringIO())
    with silent, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if opset is None:
            exported = torch.onnx.export(net, tuple(inputs), path, dynamo=True, external_data=False,
                                         dynamic_shapes=dynamic_shapes(inputs, dynamic_batch))
            return values_of_program(exported.exported_program, inputs)
        axes = {name: {0: "batch"} for name in names} if dynamic_batch else None
        torch.onnx.export(net, tuple(inputs), path, dynamo=False, opset_version=opset, input_names=names,
                          dynamic_axes=axes)
    own = [name for name, module in net.named_modules()
           if type(module).__module__.startswith("torch.nn.") and not any(module.children())]
    known = {name: modules[name] for name in own if name in modules}
    return values_of_scopes(onnx.load(path), net.state_dict(), known, reads)


def values_of_scopes(model, state_dict, modules, reads):
    """The older exporter calls a value after the submodules that it is computed in, "/layer1/layer1.0/conv1/Conv_output_0".
    The last of one of torch.nn's own is what the submodule gives; of a convolution that a BatchNorm was folded into, what that gives."""
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    followers = {before: name for name, before in reads.items() if before}
    last = {}
    for node in model.graph.node:
        scopes = node.name.strip("/").split("/")[:-1]
        name = ""
        for scope in scopes:
            name = scope if not name or scope.startswith(name + ".") else f"{name}.{scope}"
        if name in modules and node.output:
            last[name] = node
    values = {}
    for name, node in last.items():
        weight = state_dict.get(name + ".weight")
        if node.op_type == "Conv" and weight is not None:
            import onnx.numpy_helper

            written = onnx.numpy_helper.to_array(weights[node.input[1]]) if node.input[1] in weights else None
            if written is None or written.shape != weight.shape or not np.array_equal(written, weight.numpy()):
                name = followers.get(name)
        if name in modules:
            values[node.output[0]] = modules[name]
    return values


def write(path, tensors):
    path = pathlib.Path(path)
    if path.suffix == ".safetensors":
        from safetensors.torch import save_file

        save_file({name: tensor.contiguous().clone() for name, tensor in tensors.items()}, path)
        return
    arrays = {name: (t.float() if t.dtype == torch.bfloat16 else t).numpy() for name, t in tensors.items()}
    with open(path, "wb") as file:
        np.savez(file, **arrays)


@torch.no_grad()
def store_reference(net, inputs, path, exports=(), opset=None, dynamic_batch=False, decompose=False, graph=True):
    """Runs `net` on `inputs`, writes `path`, and the files of `exports`, .pt2, .onnx or .pt (its state dict). With an
    `opset` ONNX files come from the older exporter. `graph=False` leaves out what torch.export cannot do."""
    net = net.eval()
    tensors = {f"input.{i}": x.clone() for i, x in enumerate(tensors_of(inputs))}
    outputs, modules, reads = run_with_modules(net, inputs)
    for i, y in enumerate(tensors_of(outputs)):
        tensors[f"output.{i}"] = y.detach().clone()
    tensors.update({f"module.{name}": value for name, value in modules.items()})
    programs = [path for path in exports if str(path).endswith(".pt2")]
    if programs or graph:
        program = export_program(net, inputs, programs[0] if programs else None, dynamic_batch, decompose)
        tensors.update({f"pt2.{name}": value for name, value in values_of_program(program, inputs).items()})
    for export in exports:
        if str(export).endswith(".onnx"):
            values = export_onnx(net, inputs, export, dynamic_batch, opset, modules, reads)
            tensors.update({f"onnx.{name}": value for name, value in values.items()})
        elif not str(export).endswith(".pt2"):
            torch.save(net.state_dict(), export)
    write(path, {name: value.detach().cpu() for name, value in tensors.items()})
    return tensors


def make_input(text):
    """"1,3,224,224" of normal numbers; "int64:1,16" of integers from 0 to 99."""
    dtype, _, sizes = text.rpartition(":")
    shape = [int(size) for size in sizes.replace("x", ",").split(",") if size]
    if dtype.startswith("int"):
        return torch.randint(0, 100, shape, dtype=getattr(torch, dtype))
    return torch.randn(shape, dtype=getattr(torch, dtype or "float32"))


def main():
    parser = argparse.ArgumentParser(description="Stores one run of a PyTorch module for `rushlight verify`.")
    parser.add_argument("module", metavar="PACKAGE.MODULE:FACTORY", help="what makes the module: torchvision.models:resnet18")
    parser.add_argument("reference", help="the file to write: .npz or .safetensors")
    parser.add_argument("--weights", help="a state dict, of torch.save or safetensors")
    parser.add_argument("--input", action="append", required=True, metavar="SIZES",
                        help="1,3,224,224, or int64:1,16 (0 to 99); one for each input")
    parser.add_argument("--seed", type=int, default=0, help="of weights and inputs (default: 0)")
    parser.add_argument("--export", action="append", default=[], metavar="FILE",
                        help="also write the net: .pt2, .onnx, or .pt for its state dict (may be repeated)")
    parser.add_argument("--opset", type=int, help="ONNX by the older exporter, for this opset")
    parser.add_argument("--dynamic-batch", action="store_true", help="export for any number of rows")
    parser.add_argument("--decompose", action="store_true", help="the .pt2 after run_decompositions()")
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    sys.path.insert(0, "")
    package, _, factory = arguments.module.partition(":")
    net = getattr(importlib.import_module(package), factory)()
    if arguments.weights:
        if arguments.weights.endswith(".safetensors"):
            from safetensors.torch import load_file as load
        else:
            load = torch.load
        net.load_state_dict(load(arguments.weights))
    inputs = tuple(make_input(text) for text in arguments.input)
    graph = any(not export.endswith((".pt", ".pth")) for export in arguments.export)
    tensors = store_reference(net, inputs, arguments.reference, arguments.export, arguments.opset,
                              arguments.dynamic_batch, arguments.decompose, graph)
    print(f"{arguments.reference}: {len(tensors)} tensors")


if __name__ == "__main__":
    main()
