#!/usr/bin/env python3
"""Loads a file and sums every tensor, by rushlight, torch.load(mmap=True) and safetensors in turn. README.md explains.

  bench/load/load.py --worker build/release/bench/rushlight_load --python venv/bin/python
"""

import argparse
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench" / "peers"))

from report import machine, table  # noqa: E402
from rounds import Worker  # noqa: E402

# Name, blocks, width: the linear layers and norms of a BERT.
SIZES = {"2 MB": (1, 200), "500 MB": (10, 1024)}
WRITE = """
import sys, torch
from safetensors.torch import save_file
folder, name, blocks, width = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
state = {}
for block in range(blocks):
    for layer, (rows, columns) in {"query": (1, 1), "key": (1, 1), "value": (1, 1), "dense": (1, 1), "up": (4, 1), "down": (1, 4)}.items():
        state[f"{block}.{layer}.weight"] = torch.rand(rows * width, columns * width)
        state[f"{block}.{layer}.bias"] = torch.rand(rows * width)
    for norm in ["norm1", "norm2"]:
        state[f"{block}.{norm}.weight"], state[f"{block}.{norm}.bias"] = torch.rand(width), torch.rand(width)
torch.save(state, f"{folder}/{name}.pt")
save_file(state, f"{folder}/{name}.safetensors")
"""


def files(folder, python):
    """By size: the file of each format, written when it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    result = {}
    for size, (blocks, width) in SIZES.items():
        name = size.replace(" ", "")
        paths = {kind: folder / f"{name}.{kind}" for kind in ["pt", "safetensors"]}
        if not all(path.exists() for path in paths.values()):
            subprocess.run([python, "-c", WRITE, folder, name, str(blocks), str(width)], check=True)
        result[size] = paths
    return result


def rounds_of(engines, paths, rounds):
    """Milliseconds of every round and the most memory, by engine; each round begins with another."""
    seconds = {name: [] for name in engines}
    memory = {name: 0 for name in engines}
    sums = {}
    for index in range(rounds + 1):
        names = list(engines)
        for name in names[index % len(names) :] + names[: index % len(names)]:
            kind, worker = engines[name]
            took, total, peak = map(float, worker.ask(str(paths[kind])).split())
            sums.setdefault(kind, total)
            assert abs(total - sums[kind]) < 1e-5 * abs(total), f"{name}: sum {total}, another had {sums[kind]}"
            if index > 0:  # the first is to warm up
                seconds[name].append(took)
            memory[name] = max(memory[name], peak)
    return seconds, memory


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worker", default=ROOT / "build/release/bench/rushlight_load", type=pathlib.Path)
    parser.add_argument("--python", default=sys.executable, help="has torch and safetensors")
    parser.add_argument("--folder", default=ROOT / "build/load", type=pathlib.Path, help="of the files, 1 GB")
    parser.add_argument("--rounds", default=10, type=int)
    parser.add_argument("--threads", default=[1, 2], type=int, nargs="+", help="cores and threads of each engine")
    parser.add_argument("--sizes", default=list(SIZES), nargs="+", choices=SIZES)
    arguments = parser.parse_args()
    paths = files(arguments.folder, arguments.python)
    peer = [arguments.python, str(ROOT / "bench" / "load" / "peer.py")]
    print(f"{machine()}, {arguments.rounds} rounds; least and middle milliseconds, peak memory\n")
    rows = []
    for threads in arguments.threads:
        start = lambda name, command: Worker(name, command, threads, arguments.folder / f"{name}.log")  # noqa: E731
        ours = start("rushlight", [str(arguments.worker)])
        mapped = start("rushlight, mmap", [str(arguments.worker), "mmap"])
        torch, safetensors = start("torch", [*peer, "torch"]), start("safetensors", [*peer, "safetensors"])
        engines = {
            ".pt: rushlight": ("pt", ours),
            ".pt: rushlight, mmap": ("pt", mapped),
            f".pt: torch {torch.version}, mmap": ("pt", torch),
            ".safetensors: rushlight": ("safetensors", ours),
            ".safetensors: rushlight, mmap": ("safetensors", mapped),
            f".safetensors: safetensors {safetensors.version}": ("safetensors", safetensors),
        }
        for size in arguments.sizes:
            seconds, memory = rounds_of(engines, paths[size], arguments.rounds)
            middle = {name: statistics.median(values) for name, values in seconds.items()}
            names = list(engines)
            for index, name in enumerate(names):
                peer_of = names[index // 3 * 3 + 2]
                rows.append([
                    size, str(threads), name, f"{min(seconds[name]) * 1e3:.2f}", f"{middle[name] * 1e3:.2f}",
                    f"{memory[name] / 2**20:.1f} MiB", f"{middle[name] / middle[peer_of]:.2f}",
                ])  # fmt: skip
        for worker in [ours, mapped, torch, safetensors]:
            worker.close()
    print(table("file", ["threads", "engine", "least", "middle", "peak", "time / peer's"], rows))


if __name__ == "__main__":
    main()
