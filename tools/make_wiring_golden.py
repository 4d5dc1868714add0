#!/usr/bin/env python3
"""Writes nets of many kinds of tutorials and what PyTorch gives for them into tests/golden/wiring/, to try
models::infer_wiring on: nets.txt has those that were written before the inference was, holdout.txt those after. Weights and inputs are those of the formula in golden/models.py, so that names, shapes and
results are all there is to store:

  net NAME
  input C H W
  option NAME VALUE         what the state dict does not say of this net; nets to be refused have "refused" instead
  tensor NAME DTYPE SIZES SEED       SIZES "2,3", or "-" for a scalar
  same NAME FIRST           the tensor FIRST again, on the same storage
  y C                       then the output for three inputs, from float64
  0.1 0.2 …
"""
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from golden.models import BATCH, formula, gain  # noqa: E402
from wiring import holdout, named, refused, sequential  # noqa: E402
from wiring.net import nets  # noqa: E402


def fill(state):
    """The seed of each tensor, in the order of the state dict; a second name of a storage has its first."""
    seeds, first = {}, {}
    for seed, (name, value) in enumerate(state.items(), start=1):
        where = (value.data_ptr(), value.shape) if value.numel() else name
        if where in first:
            seeds[name] = first[where]
            continue
        first[where] = name
        seeds[name] = seed
        if value.is_floating_point():
            drawn = formula(tuple(value.shape), seed)
            value.copy_(drawn + 1 if name.endswith("running_var") else drawn * gain(tuple(value.shape)))
    return seeds


def lines(net):
    module = net.build().eval()
    state = module.state_dict()
    with torch.no_grad():
        seeds = fill(state)
        x = formula((BATCH, *net.input), 99) * 2
        module = module.double()
        y = module(x.double().flatten(1) if isinstance(module, torch.nn.Linear) else x.double())
    yield f"net {net.name}"
    yield f"input {' '.join(map(str, net.input))}"
    if net.truth is None:
        yield "refused"
    for option, value in (net.truth or {}).items():
        yield f"option {option} {value}"
    old = list(state)
    new = old if net.keys is None else net.keys(old)
    # `sorted` permutes the names, other functions change each in its place.
    pairs = [(name, name) for name in new] if set(new) == set(old) else zip(old, new)
    for key, name in pairs:
        if isinstance(seeds[key], str):
            yield f"same {name} {seeds[key]}"
        else:
            sizes = ",".join(map(str, state[key].shape)) or "-"
            yield f"tensor {name} {str(state[key].dtype).removeprefix('torch.')} {sizes} {seeds[key]}"
    yield f"y {y.shape[1]}"
    yield from (" ".join(f"{value:.9g}" for value in row) for row in y.tolist())


out = pathlib.Path(__file__).parent.parent / "tests" / "golden" / "wiring"
out.mkdir(parents=True, exist_ok=True)
for file, modules in {"nets.txt": [named, refused, sequential], "holdout.txt": [holdout]}.items():
    names = {module.__name__ for module in modules}
    chosen = [net for net in nets if net.build.__module__ in names]
    (out / file).write_text("".join(f"{line}\n" for net in chosen for line in [*lines(net), ""]))
    print(f"wrote {len(chosen)} nets into {file} with PyTorch {torch.__version__}", file=sys.stderr)
