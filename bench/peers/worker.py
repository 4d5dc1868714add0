"""One engine in a process of its own: prepares and runs networks at the driver's word.

    worker.py ENGINE FOLDER THREADS

Answers each line on stdin by one on stdout:

    version              ok VERSION
    prepare NET BATCH    ok                  the network, for the first BATCH of its pictures
    run MILLISECONDS     ok MINIMUM MEDIAN   calls until the time is over, after one that is not counted; seconds
    output FILE          ok                  writes the result of the last call as float32 rows

or by `error WHY`. A call goes from the input to the result, both in memory.
"""

import json
import os
import pathlib
import statistics
import sys
import time

import numpy

import engines


class Worker:
    def __init__(self, engine, folder):
        self.engine, self.folder = engine, folder

    def version(self):
        return self.engine.version

    def prepare(self, net, batch):
        x = numpy.fromfile(self.folder / f"{net}.pictures", numpy.float32)
        picture = json.loads((self.folder / f"{net}.json").read_text())["picture"]
        self.x = x.reshape(-1, *picture)[: int(batch)]  # lives as long as the engine may look at it
        self.call, self.result = self.engine.prepare(net, self.x)

    def run(self, milliseconds):
        self.call()
        times = []
        begin = now = time.perf_counter()
        while now - begin < float(milliseconds) / 1e3 or not times:
            self.call()
            previous, now = now, time.perf_counter()
            times.append(now - previous)
        return f"{min(times)} {statistics.median(times)}"

    def output(self, path):
        numpy.asarray(self.result(), numpy.float32).tofile(path)

    def answer(self, line):
        command, *arguments = line.split()
        try:
            return f"ok {getattr(self, command)(*arguments) or ''}".rstrip()
        except Exception as error:
            return f"error {type(error).__name__}: {error}".replace("\n", " ")


def main():
    name, folder, threads = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what engines print is not an answer
    folder = pathlib.Path(folder)
    worker = Worker(engines.ENGINES[name](folder, int(threads)), folder)
    for line in sys.stdin:
        print(worker.answer(line), file=answers)


if __name__ == "__main__":
    main()
