#!/usr/bin/env python3
"""Compares rushlight with other engines on the same networks, pictures and cores. README.md says how.

    bench/peers/compare.py [--mnist DIR] [--json FILE] ...
"""

import argparse
import array
import json
import os
import pathlib
import subprocess
import sys

import environment
import report
import rounds

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NETS = ["mnist_convnet", "batch_norm_convnet", "pytorch_mnist", "lenet5", "mlp"]
LARGE_NETS = ["resnet18", "mobilenet_v2"]
LARGEST_BATCH = 512  # pictures.COUNT; of large nets' pictures there are 8
LEAST_BATCH_FOR_TWO_THREADS = 64  # of digits
TOLERANCE = 1e-3  # of |Δ| / (1 + |y|)


def parse_options():
    parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    add = parser.add_argument
    engines = list(environment.PACKAGES)
    add("--engines", nargs="+", metavar="ENGINE", choices=engines, default=engines, help="besides rushlight")
    add("--nets", nargs="+", metavar="NET", default=NETS, help="of nets.py; also " + ", ".join(LARGE_NETS))
    add("--batches", nargs="+", metavar="N", type=int, default=[1, 8, 64, 512], help="pictures in a call")
    add("--threads", nargs="+", metavar="N", type=int, default=[1, 2], help="and as many cores, from core 0 on")
    add("--rounds", metavar="N", type=int, default=15, help="in which each engine has its turn")
    add("--milliseconds", metavar="N", type=float, default=10, help="of a turn")
    add("--mnist", metavar="DIR", type=pathlib.Path, help="folder of MNIST's idx files, plain or gzipped")
    add("--json", metavar="FILE", type=pathlib.Path, help="write all figures there")
    worker = ROOT / "build/release/bench/rushlight_worker"
    add("--worker", metavar="PROGRAM", type=pathlib.Path, default=worker, help="our side")
    add("--folder", metavar="DIR", type=pathlib.Path, default=ROOT / "build/peers/nets", help="of the converted nets")
    venv = os.environ.get("RUSHLIGHT_PEERS_VENV", ROOT / "build/peers/venv")
    add("--venv", metavar="DIR", type=pathlib.Path, default=venv, help="of the peers; or $RUSHLIGHT_PEERS_VENV")
    options = parser.parse_args()
    if not options.worker.exists():
        parser.error(f"no {options.worker}: README.md says how to build it")
    if not all(1 <= batch <= LARGEST_BATCH for batch in options.batches):
        parser.error(f"--batches: expected 1 to {LARGEST_BATCH}")
    return options


def read(path, kind):
    values = array.array(kind)
    values.frombytes(path.read_bytes())
    return values


def difference(y, expected):
    """The largest |Δ| / (1 + |y|)."""
    return max(abs(a - b) / (1 + abs(b)) for a, b in zip(y, expected))


class Comparison:
    """What was measured, and what could not be."""

    def __init__(self, options):
        self.options = options
        self.python = options.venv.absolute() / "bin" / "python"
        self.folder = options.folder.absolute()
        self.versions = {}
        self.cells = []
        self.absent = {}  # (engine, why) -> where

    def miss(self, engine, why, where):
        self.absent.setdefault((engine, why), []).append(where)

    def set_up(self):
        """Peers that can be used."""
        absent = environment.prepare(self.options.venv.absolute(), self.options.engines)
        for engine, why in absent.items():
            self.miss(engine, why, "everywhere")
        return [engine for engine in self.options.engines if engine not in absent]

    def export(self, engines):
        """Converts the networks. Returns what could not be: engine -> net -> why."""
        command = [self.python, HERE / "export.py", self.folder, "--nets", *self.options.nets]
        command += ["--engines", *engines, "--batches", *map(str, self.options.batches)]
        if self.options.mnist:
            command += ["--mnist", self.options.mnist]
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / "export.log"
        print(f"converting the networks, see {log}", file=sys.stderr)
        if subprocess.run(command, stdout=log.open("w"), stderr=subprocess.STDOUT).returncode != 0:
            sys.exit(f"compare: the networks could not be written, see {log}")
        return json.loads((self.folder / "absent.json").read_text())

    def start(self, engines, threads):
        workers = []
        for engine in [report.US, *engines]:
            command = [self.python, HERE / "worker.py", engine, self.folder]
            if engine == report.US:
                command = [self.options.worker, self.folder]
            try:
                worker = rounds.Worker(engine, command, threads, self.folder / f"{engine}.log")
            except rounds.WorkerError as error:
                self.miss(engine, str(error), f"{threads} threads")
            else:
                workers.append(worker)
                self.versions[engine] = worker.version
        return workers

    def prepare(self, worker, net, batch):
        """Prepares a worker for a cell. Returns the difference of its result from what is expected."""
        worker.ask(f"prepare {net} {batch}")
        worker.ask("run 0")
        output = self.folder / "output.f32"
        worker.ask(f"output {output}")
        y, expected = read(output, "f"), read(self.folder / f"{net}.expected", "d")
        result = difference(y, expected)
        if not result < TOLERANCE:
            raise rounds.WorkerError(f"its result differs by {result:.2g}")
        return result

    def measure(self, workers, net, threads, batch, unconverted):
        """One cell: a network, a number of threads and a batch."""
        where = f"{net}, {report.column(threads, batch)}"
        print(where, file=sys.stderr)
        differences = {}
        for worker in workers:
            try:
                if why := unconverted.get(worker.name, {}).get(net):
                    raise rounds.WorkerError(why)
                differences[worker.name] = self.prepare(worker, net, batch)
            except rounds.WorkerError as error:
                self.miss(worker.name, str(error), where)
        ready = [worker for worker in workers if worker.name in differences]
        seconds = rounds.run_in_turn(ready, self.options.rounds, self.options.milliseconds)
        engines = {name: seconds[name] | {"difference": differences[name]} for name in differences}
        self.cells.append({"net": net, "threads": threads, "batch": batch, "engines": engines})

    def run(self):
        engines = self.set_up()
        unconverted = self.export(engines)
        for threads in self.options.threads:
            workers = self.start(engines, threads)
            try:
                for net in self.options.nets:
                    for batch in self.options.batches:
                        if threads == 1 or batch >= LEAST_BATCH_FOR_TWO_THREADS or net in LARGE_NETS:
                            self.measure(workers, net, threads, batch, unconverted)
            finally:
                for worker in workers:
                    worker.close()

    def figures(self):
        return {
            "machine": report.machine(),
            "versions": self.versions,
            "cells": self.cells,
            "absent": [{"engine": engine, "why": why, "where": where} for (engine, why), where in self.absent.items()],
        }


def main():
    comparison = Comparison(parse_options())
    comparison.run()
    figures = comparison.figures()
    print(report.markdown(figures))
    if comparison.options.json:
        comparison.options.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
