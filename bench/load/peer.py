"""A peer of bench/load: loads a file and sums every tensor.

  peer.py torch|torch_copy|safetensors THREADS

Reads lines: `version`, or the path of a file. Answers `ok VERSION` or `ok SECONDS SUM PEAK`, the peak being the bytes of
resident memory, mapped pages of the file among them, above what the process had before.
"""

import pathlib
import re
import sys
import time

import safetensors
import torch
from safetensors.torch import load_file

LOADERS = {
    "torch": lambda path: torch.load(path, mmap=True),
    "torch_copy": torch.load,
    "safetensors": load_file,
}


def status(name):
    text = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(rf"{name}:\s*(\d+)", text).group(1)) * 1024


def load_and_sum(load, path):
    pathlib.Path("/proc/self/clear_refs").write_text("5")
    before = status("VmRSS")
    begin = time.perf_counter()
    total = sum(tensor.sum().item() for tensor in load(path).values())
    seconds = time.perf_counter() - begin
    return f"{seconds} {total} {status('VmHWM') - before}"


def main():
    kind, threads = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(threads)
    version = safetensors.__version__ if kind == "safetensors" else torch.__version__
    for line in sys.stdin:
        line = line.strip()
        print("ok", version if line == "version" else load_and_sum(LOADERS[kind], line), flush=True)


if __name__ == "__main__":
    main()
