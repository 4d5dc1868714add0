"""Workers, and the rounds in which they run in turn."""

import os
import signal
import subprocess
import threading

ANSWER_SECONDS = 120  # after which a worker is given up


class WorkerError(Exception):
    pass


class Worker:
    """A process on cores of its own choice of threads. Between answers it is stopped, so that no pool of threads spins
    while another engine runs."""

    def __init__(self, name, command, threads, log):
        self.name, self.log = name, log
        cores = ",".join(str(core) for core in range(threads))
        environment = {key: value for key, value in os.environ.items() if not key.startswith("OPENBLAS_")}
        self.process = subprocess.Popen(
            ["taskset", "-c", cores, *command, str(threads)],
            env=environment | {"OMP_NUM_THREADS": str(threads)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log.open("w"),
            text=True,
            bufsize=1,
        )
        self.version = self.ask("version")

    def ask(self, line):
        try:
            self.process.send_signal(signal.SIGCONT)
            self.process.stdin.write(line + "\n")
            timer = threading.Timer(ANSWER_SECONDS, self.process.kill)
            timer.start()
            answer = self.process.stdout.readline()
            timer.cancel()
            self.process.send_signal(signal.SIGSTOP)
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise WorkerError(f"no answer, see {self.log}")
        status, _, rest = answer.strip().partition(" ")
        if status != "ok":
            raise WorkerError(rest)
        return rest

    def close(self):
        self.process.kill()
        self.process.wait()


def run_in_turn(workers, rounds, milliseconds):
    """Runs prepared workers, each round beginning with another. By name, the least and the middle seconds a call took:
    the minimum of the rounds' minima, the median of their medians."""
    answers = {worker.name: [] for worker in workers}
    for index in range(rounds):
        first = index % len(workers)
        for worker in workers[first:] + workers[:first]:
            answers[worker.name].append([float(word) for word in worker.ask(f"run {milliseconds}").split()])
    return {
        name: {"minimum": min(pair[0] for pair in pairs), "median": sorted(pair[1] for pair in pairs)[len(pairs) // 2]}
        for name, pairs in answers.items()
    }
