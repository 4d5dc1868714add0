"""Writes the networks in each engine's format, their pictures, and what PyTorch makes of these in float64.

    export.py FOLDER [--nets NET...] [--engines ENGINE...] [--batches N...] [--mnist DIR]

Converted files that are there already are kept. FOLDER/absent.json tells what could not be converted: engine -> net ->
why.
"""

import argparse
import json
import pathlib
import subprocess

import torch

import nets
import pictures


def input_of(name, batch):
    return torch.zeros(batch, *nets.input_shape(name))


def to_onnx(folder, name):
    target = folder / f"{name}.onnx"
    if target.exists():
        return
    torch.onnx.export(
        nets.make(name),
        (input_of(name, batch=2),),
        target,
        input_names=["x"],
        output_names=["y"],
        dynamic_shapes=({0: "batch"},),
        external_data=False,
        verbose=False,
    )


def to_mnn(folder, name):
    import _tools  # MNN.tools.mnnconvert, which wraps it, installs a package and reports its use

    to_onnx(folder, name)
    target = folder / f"{name}.mnn"
    if target.exists():
        return
    files = ["--modelFile", str(folder / f"{name}.onnx"), "--MNNModel", str(target)]
    _tools.mnnconvert(["mnnconvert", "-f", "ONNX", *files, "--bizCode", "peers"])
    if not target.exists():
        raise RuntimeError("mnnconvert wrote no file")


def to_ncnn(folder, name):
    import pnnx

    if (folder / f"{name}.ncnn.param").exists():
        return
    x = input_of(name, batch=1)
    traced = folder / f"{name}.torchscript"
    torch.jit.trace(nets.make(name), x).save(traced)
    shape = str(list(x.shape)).replace(" ", "")
    subprocess.run([pnnx.EXEC_PATH, traced, f"inputshape={shape}", "fp16=0"], check=True)


def to_litert(folder, name, batches):
    import litert_torch

    for batch in batches:
        target = folder / f"{name}.{batch}.tflite"
        if not target.exists():
            litert_torch.convert(nets.make(name), (input_of(name, batch),)).export(str(target))


def write_weights(folder, name):
    torch.save(nets.make(name).state_dict(), folder / f"{name}.pt")


def write_pictures(folder, name, mnist):
    x = pictures.make(nets.input_shape(name), mnist)
    x.tofile(folder / f"{name}.pictures")
    with torch.no_grad():
        expected = nets.make(name).double()(torch.from_numpy(x).double())
    expected.numpy().tofile(folder / f"{name}.expected")
    shapes = {"picture": x.shape[1:], "result": expected.shape[1:]}
    (folder / f"{name}.json").write_text(json.dumps(shapes))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--nets", nargs="+", default=list(nets.DIGIT_NETS))
    parser.add_argument("--engines", nargs="*", default=[])
    parser.add_argument("--batches", nargs="+", type=int, default=[1])
    parser.add_argument("--mnist", type=pathlib.Path)
    options = parser.parse_args()

    convert = {
        "MNN": to_mnn,
        "OpenVINO": to_onnx,
        "ONNX Runtime": to_onnx,
        "ncnn": to_ncnn,
        "LiteRT": lambda folder, name: to_litert(folder, name, options.batches),
        "PyTorch": lambda folder, name: None,
    }
    absent = {}
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.nets:
        if name in nets.LARGE_NETS:  # which we run from ONNX, too
            to_onnx(options.folder, name)
        write_weights(options.folder, name)
        write_pictures(options.folder, name, options.mnist)
        for engine in options.engines:
            try:
                convert[engine](options.folder, name)
            except Exception as error:
                absent.setdefault(engine, {})[name] = f"conversion: {type(error).__name__}: {error}".partition("\n")[0]
    (options.folder / "absent.json").write_text(json.dumps(absent, indent=1))


if __name__ == "__main__":
    main()
