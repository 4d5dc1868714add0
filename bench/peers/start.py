#!/usr/bin/env python3
"""How long programs take from exec to their first result, and the memory they need at most. README.md says how.

    bench/peers/start.py [--venv DIR] [--folder DIR] [--rounds N] ...

Beside `rushlight classify PICTURE` run the smallest programs that load a network and run it once on a picture that
needs no decoding: one in Python for each peer, one in C++ for each whose wheel holds a library with a C interface.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys

import environment
import report
from compare import HERE, ROOT, TOLERANCE, difference, read

NET = "mnist_convnet"
PICTURE_BYTES = 4 * 28 * 28

# The interpreter, NumPy, the engine, one run. engines.py is what the comparison of speeds uses, too.
PROGRAM = f"""
import pathlib, sys
sys.path.insert(0, {str(HERE)!r})
import engines, numpy
name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
x = numpy.fromfile(folder / "start.f32", numpy.float32).reshape(1, 1, 28, 28)
call, result = engines.ENGINES[name](folder, 1).prepare("{NET}", x)
call()
print(*result().ravel(), sep="\\n")
"""

# Engine -> its library below site-packages, and the network's file.
LIBRARIES = {
    "OpenVINO": ("openvino/libs/libopenvino_c.so.*", f"{NET}.onnx"),
    "ONNX Runtime": ("onnxruntime/capi/libonnxruntime.so.*", f"{NET}.onnx"),
    "LiteRT": ("ai_edge_litert/libLiteRt.so", f"{NET}.1.tflite"),
}


def parse_options():
    parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    add = parser.add_argument
    add("--build", metavar="DIR", type=pathlib.Path, default=ROOT / "build/release", help="of rushlight and bench")
    add("--folder", metavar="DIR", type=pathlib.Path, default=ROOT / "build/peers/nets", help="of compare.py's nets")
    add("--picture", metavar="FILE", type=pathlib.Path, default=ROOT / "samples/7_ink_on_paper.png", help="for us")
    add("--rounds", metavar="N", type=int, default=50, help="in which each program starts once")
    add("--core", metavar="N", type=int, default=1, help="that all run on")
    venv = os.environ.get("RUSHLIGHT_PEERS_VENV", ROOT / "build/peers/venv")
    add("--venv", metavar="DIR", type=pathlib.Path, default=venv, help="of the peers; or $RUSHLIGHT_PEERS_VENV")
    options = parser.parse_args()
    for needed in ("rushlight", "bench/native_start", "bench/rushlight_start", "bench/time_start"):
        if not (options.build / needed).exists():
            parser.error(f"no {options.build / needed}: README.md says how to build it")
    if not (options.folder / f"{NET}.pictures").exists():
        parser.error(f"no {options.folder / NET}.pictures: compare.py makes it")
    return options


class Program:
    def __init__(self, name, kind, command, checked=True):
        self.name, self.kind, self.command, self.checked = name, kind, [str(part) for part in command], checked
        self.milliseconds, self.mebibytes = [], []

    def check(self, expected):
        """Why its results cannot be used, or nothing."""
        done = subprocess.run(self.command, capture_output=True, text=True)
        if done.returncode != 0:
            return environment.last_line(done.stderr) or f"exit code {done.returncode}"
        lines = done.stdout.splitlines()[-len(expected) :]
        if self.checked and not difference([float(line) for line in lines], expected) < TOLERANCE:
            return "its results differ"
        return ""

    def start(self, timer):
        """From exec until it has ended; all of them end with their result."""
        done = subprocess.run([timer, *self.command], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"start: {self.name}, {self.kind}: {done.stderr.strip()}")
        milliseconds, kibibytes = done.stdout.split()
        self.milliseconds.append(float(milliseconds))
        self.mebibytes.append(int(kibibytes) / 1024)

    def row(self):
        least, middle = min(self.milliseconds), statistics.median(self.milliseconds)
        return [f"{self.name}, {self.kind}", f"{least:.1f}", f"{middle:.1f}", f"{max(self.mebibytes):.1f}"]


def programs(options):
    """All programs, and for engines without one the reason."""
    python = options.venv.absolute() / "bin" / "python"
    folder, build = options.folder.absolute(), options.build.absolute()
    picture = folder / "start.f32"
    picture.write_bytes((folder / f"{NET}.pictures").read_bytes()[:PICTURE_BYTES])
    yield Program(report.US, "`classify`, a PNG", [build / "rushlight", "classify", options.picture], checked=False)
    yield Program(report.US, "C++", [build / "bench/rushlight_start", folder / f"{NET}.pt", picture])
    for engine, (library, network) in LIBRARIES.items():
        for found in options.venv.glob(f"lib/python*/site-packages/{library}"):
            command = [build / "bench/native_start", engine, found.absolute(), folder / network, picture]
            yield Program(engine, "C++, its C interface", command)
    yield Program("Python", "`-c pass`", [python, "-c", "pass"], checked=False)
    for engine in environment.PACKAGES:
        yield Program(engine, "Python", [python, "-c", PROGRAM, engine, folder])


def main():
    options = parse_options()
    os.sched_setaffinity(0, {options.core})
    os.environ |= {"OMP_NUM_THREADS": "1"}
    expected = read(options.folder / f"{NET}.expected", "d")[:10]
    usable, absent = [], []
    for program in programs(options):
        print(f"{program.name}, {program.kind}", file=sys.stderr)
        if why := program.check(expected):  # and the files are in memory from here on
            absent.append(report.absence(program.name, why, [program.kind]))
        else:
            usable.append(program)
    for _ in range(options.rounds):
        for program in usable:
            program.start(options.build / "bench/time_start")
    columns = ["minimum, ms", "median, ms", "peak memory, MiB"]
    print(f"{report.machine()}. {options.rounds} rounds.\n")
    print(report.table("program", columns, [program.row() for program in usable]))
    for line in absent:
        print(line)


if __name__ == "__main__":
    main()
