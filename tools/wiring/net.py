"""The list of nets that the files beside this one fill."""
from dataclasses import dataclass


@dataclass
class Net:
    name: str
    build: object
    input: tuple
    truth: dict | None  # None: a net that weights alone do not tell, to be refused
    keys: object = None  # changes the names of the state dict as the author's way of saving does


nets = []


def net(name, input=(1, 28, 28), truth=None, keys=None):
    """truth: what the state dict does not say, as option=value of the program; see models/wiring.h."""

    def add(build):
        nets.append(Net(name, build, input, truth, keys))
        return build

    return add
