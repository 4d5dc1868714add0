"""The virtual environment that holds the peers."""

import subprocess
import sys

# The networks are PyTorch's; two of its own converters write ONNX.
BASE = (["torch", "torchvision", "numpy", "onnx", "onnxscript"], ["torch", "torchvision", "onnxscript"])

# What each engine and its converter need from PyPI, and the modules that show that it is there. What a package asks for
# but neither running nor converting touches is left out: ncnn asks for requests, litert-torch for transformers.
PACKAGES = {
    "MNN": (["--no-deps", "MNN"], ["MNN"]),
    "OpenVINO": (["--no-deps", "openvino"], ["openvino"]),
    "ONNX Runtime": (["--no-deps", "onnxruntime"], ["onnxruntime"]),
    "ncnn": (["--no-deps", "ncnn", "pnnx"], ["ncnn", "pnnx"]),
    "LiteRT": (
        ["--no-deps", "ai-edge-litert", "litert-torch", "litert-converter", "ai-edge-quantizer", "torchao", "absl-py"]
        + ["flatbuffers", "immutabledict", "jax", "jaxlib", "ml_dtypes", "opt_einsum", "rich", "scipy", "tqdm"],
        ["ai_edge_litert.interpreter", "litert_torch"],
    ),
    "PyTorch": BASE,
}


def last_line(text):
    return text.strip().rpartition("\n")[2]


def install(python, name, packages, modules):
    """Installs what is missing. Returns why that did not help, or nothing."""

    def probe():
        return subprocess.run([python, "-c", f"import {', '.join(modules)}"], capture_output=True, text=True)

    if probe().returncode == 0:
        return ""
    print(f"installing {name} from PyPI", file=sys.stderr)
    command = [python, "-m", "pip", "install", "-q", *packages]
    pip = subprocess.run(command, capture_output=True, text=True)
    result = probe()
    if result.returncode == 0:
        return ""
    return last_line(result.stderr if pip.returncode == 0 else pip.stderr)


def prepare(venv, engines):
    """Makes the environment where there is none. Returns why engines are absent."""
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    if why := install(python, "PyTorch", *BASE):
        sys.exit(f"compare: without PyTorch there are no networks: {why}")
    absent = {engine: install(python, engine, *PACKAGES[engine]) for engine in engines}
    return {engine: why for engine, why in absent.items() if why}
