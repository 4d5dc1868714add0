#!/usr/bin/env python3
"""Writes checkpoints and whole modules as training scripts save them, and what PyTorch says is in
them, into tests/golden/checkpoint/.

expected.txt has a line per tensor: file and key ("gan.pt netG"; the key may be absent), name, dtype,
sizes ("2,3", "-" for none), and the bytes of the values in row-major order as hex ("empty" for none,
"unreadable" for kinds that are only listed).  Written with torch 2.15.0 and numpy 2.4.6.
"""
import argparse
import collections
import datetime
import enum
import functools
import pathlib
import random
import sys
import types
import warnings
from collections import OrderedDict

import numpy
import torch
from torch import nn

warnings.filterwarnings("ignore")
out = pathlib.Path(__file__).parent.parent / "tests" / "golden" / "checkpoint"
out.mkdir(parents=True, exist_ok=True)
lines = []


def expect(file, tensors, key="", unreadable=()):
    for name, tensor in tensors.items():
        dtype = str(tensor.dtype).removeprefix("torch.")
        sizes = ",".join(map(str, tensor.shape)) or "-"
        if name in unreadable:
            values = "unreadable"
        else:
            plain = tensor.detach().contiguous().clone()
            values = plain.reshape(-1).view(torch.uint8).numpy().tobytes().hex() or "empty"
        lines.append(f"{file}{' ' + key if key else ''}\t{name}\t{dtype}\t{sizes}\t{values}")


def save(file, content, tensors=None, **options):
    torch.save(content, out / file, **options)
    if tensors is not None:
        expect(file, tensors)


def package(name):
    """A module of another project: its classes are pickled by that name."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        module = sys.modules.setdefault(".".join(parts[:end]), types.ModuleType(parts[end - 1]))

    def member(cls):
        cls.__module__, cls.__qualname__ = name, cls.__name__
        setattr(module, cls.__name__, cls)
        return cls

    return member


torch.manual_seed(3)
random.seed(3)
numpy.random.seed(3)


def small(out_features=2):
    return nn.Sequential(OrderedDict(conv=nn.Conv2d(1, 2, 3), bn=nn.BatchNorm2d(2),
                                     fc=nn.Linear(2, out_features, bias=False)))


def trained(net, optimizer):
    for _ in range(2):
        optimizer.zero_grad()
        x = torch.rand(4, 1, 3, 3)
        net.fc(net.bn(net.conv(x)).flatten(1)).square().sum().backward()
        optimizer.step()


# A checkpoint with all that a training script may put beside the weights.
net = small()
adam = torch.optim.Adam(net.parameters(), lr=0.01)
trained(net, adam)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, 10)
save("training.pt", {
    "epoch": 12,
    "model_state_dict": net.state_dict(),
    "optimizer_state_dict": adam.state_dict(),
    "scheduler": schedule.state_dict(),
    "loss": torch.tensor(0.25),
    "best_acc": numpy.float64(0.9375),
    "top5": numpy.float32(0.5),
    "confusion": numpy.arange(4).reshape(2, 2),
    "empty": numpy.zeros(0),
    "history": collections.defaultdict(list, train=[0.5, 0.25]),
    "args": argparse.Namespace(arch="small", lr=0.01, path=pathlib.PurePosixPath("runs/1")),
    "when": datetime.datetime(2024, 2, 3, 12, 30, 5),
    "device": torch.device("cuda", 0),
    "dtype": torch.float16,
    "sizes": torch.Size([1, 28, 28]),
    "torch_rng": torch.get_rng_state(),
    "numpy_rng": numpy.random.get_state(),
    "generator": numpy.random.default_rng(1),
    "python_rng": random.getstate(),
    "classes": ["zero", "one"],
}, net.state_dict())

# Two nets and several copies: the user says which.
other = small(3)
save("gan.pt", {"netG": net.state_dict(), "netD": other.state_dict(), "epoch": 3})
expect("gan.pt", net.state_dict(), "netG")
expect("gan.pt", other.state_dict(), "netD")
save("ema.pt", {"state_dict": net.state_dict(), "state_dict_ema": other.state_dict(),
                "optimizer": adam.state_dict(), "arch": "small"})
expect("ema.pt", net.state_dict(), "state_dict")
expect("ema.pt", other.state_dict(), "state_dict_ema")
expect("ema.pt", {f"{i}.{k}": v for i, moments in adam.state_dict()["state"].items()
                  for k, v in moments.items()}, "optimizer.state")
save("nested.pt", {"checkpoint": {"model": {"state_dict": net.state_dict(), "step": 5}},
                   "meta": {"version": 1}}, net.state_dict())
save("mixed.pt", {"scale": torch.ones(2), "head": {"weight": torch.rand(2, 2), "steps": 3},
                  "layers": [torch.rand(2), {"bias": torch.rand(1)}]})
mixed = torch.load(out / "mixed.pt")
expect("mixed.pt", {"scale": mixed["scale"], "head.weight": mixed["head"]["weight"],
                    "layers.0": mixed["layers"][0], "layers.1.bias": mixed["layers"][1]["bias"]})
save("nested_list.pt", (mixed["scale"], [mixed["layers"][0], mixed["head"]["weight"]]),
     {"0": mixed["scale"], "1.0": mixed["layers"][0], "1.1": mixed["head"]["weight"]})

# Frameworks: their classes by their names.
lightning = package("pytorch_lightning.utilities.parsing")


@lightning
class AttributeDict(dict):
    pass


@package("pytorch_lightning.callbacks.model_checkpoint")
class ModelCheckpoint:
    pass


omega = package("omegaconf.dictconfig")
nodes = package("omegaconf.nodes")


@omega
class DictConfig:
    def __init__(self, content):
        self.__dict__["_content"] = {k: AnyNode(v) for k, v in content.items()}
        self.__dict__["_parent"] = None


@nodes
class AnyNode:
    def __init__(self, value):
        self._val = value


save("lightning.ckpt", {
    "epoch": 1, "global_step": 20, "pytorch-lightning_version": "1.9.5",
    "state_dict": {f"model.{k}": v for k, v in net.state_dict().items()},
    "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"total": {"ready": 2}}}},
    "callbacks": {ModelCheckpoint: {"best_model_score": torch.tensor(0.5), "best_k_models": {}},
                  "EMA{'decay': 0.9}": {"ema": other.state_dict()}},
    "optimizer_states": [adam.state_dict()], "lr_schedulers": [schedule.state_dict()],
    "hparams_name": "kwargs", "hyper_parameters": AttributeDict(lr=0.01, config=DictConfig({"width": 8})),
}, {f"model.{k}": v for k, v in net.state_dict().items()})
save("fairseq.pt", {
    "args": argparse.Namespace(arch="transformer", task="translation"),
    "cfg": DictConfig({"model": "transformer"}), "model": net.state_dict(), "criterion": None,
    "optimizer_history": [{"num_updates": 7, "lr_scheduler_state": {"best": None}}],
    "task_state": {}, "extra_state": {"metrics": OrderedDict(default=[(0, "loss", numpy.float32(1.5))])},
    "last_optimizer_state": adam.state_dict(),
}, net.state_dict())
save("stylegan.pt", {"g_ema": net.state_dict(), "latent_avg": torch.rand(3)})
expect("stylegan.pt", net.state_dict(), "g_ema")

# Whole modules.
models = package("models.yolo")


@package("models.common")
class Kind(enum.Enum):
    SMALL = 1


@models
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm_layer = functools.partial(nn.BatchNorm2d, eps=1e-6)
        self.conv = nn.Conv2d(2, 2, 1, bias=False)
        self.bn = self.norm_layer(2)
        self.act = nn.SiLU()
        self.activation = nn.functional.relu


@models
class Detect(nn.Module):
    def __init__(self):
        super().__init__()
        self.stride = torch.tensor([8.0, 16.0])
        self.register_buffer("anchors", torch.rand(2, 2))
        self.register_buffer("grid", torch.rand(3), persistent=False)
        self.m = nn.ModuleList([Block(), Block()])
        self.by_name = nn.ModuleDict({"a": nn.Linear(1, 2), "b": nn.Identity()})
        self.scales = nn.ParameterList([nn.Parameter(torch.rand(1)), nn.Parameter(torch.rand(2))])
        self.named = nn.ParameterDict({"left": nn.Parameter(torch.rand(1)), "right": nn.Parameter(torch.rand(1))})
        self.register_parameter("absent", None)
        self.empty_slot = None
        self.tied = nn.Linear(2, 2)
        self.tied_again = nn.Linear(2, 2)
        self.tied_again.weight = self.tied.weight
        self.same = self.tied
        self.config = {"depth": 0.33, "names": ["a", "b"]}


detect = Detect()
for protocol in (2, 3, 4, 5):
    save(f"module_protocol{protocol}.pt", detect, detect.state_dict(), pickle_protocol=protocol)
save("yolo.pt", {"epoch": -1, "best_fitness": numpy.array([0.5]), "model": detect.half(), "ema": None,
                 "updates": None, "optimizer": None, "date": "2024-02-03T12:30:05"}, detect.state_dict())
expect("yolo.pt", detect.m[1].state_dict(), "model.m.1")
save("parallel.pt", nn.DataParallel(small()), None)
expect("parallel.pt", torch.load(out / "parallel.pt", weights_only=False).state_dict())


@package("models.layers")
class Layers(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 3, bidirectional=True)
        self.attention = nn.MultiheadAttention(4, 2)
        self.encoder = nn.TransformerEncoderLayer(4, 2, 4)
        self.embedding = nn.EmbeddingBag(3, 2)
        self.group = nn.GroupNorm(1, 2, affine=False)
        self.instance = nn.InstanceNorm2d(2, affine=True, track_running_stats=True)
        self.prelu = nn.PReLU()
        self.weight_norm = torch.nn.utils.weight_norm(nn.Linear(2, 2))
        self.spectral_norm = torch.nn.utils.spectral_norm(nn.Linear(2, 2))
        self.pruned = nn.Linear(2, 2)
        torch.nn.utils.prune.l1_unstructured(self.pruned, "weight", 0.5)


from torch.nn.utils import prune  # noqa: E402,F401

layers = Layers()
save("layers.pt", layers, layers.state_dict())


# An object that holds a module and its optimizer, and a dict of a module and its state dict.
@package("training.loop")
class Trainer:
    def __init__(self, network, optimizer):
        self.network, self.optimizer, self.step = network, optimizer, 3


save("trainer.pt", Trainer(net, adam), net.state_dict())
save("both.pt", {"net": net, "state_dict": net.state_dict()}, net.state_dict())


# Tensors of many kinds beside one another.
@package("tensors.special")
class Special(torch.Tensor):
    pass


parameter = nn.Parameter(torch.rand(2))
with_state = nn.Parameter(torch.rand(2))
with_state.note = "frozen"
kinds = {
    "parameter": parameter, "with_state": with_state, "buffer": nn.Buffer(torch.rand(2)),
    "special": torch.rand(2).as_subclass(Special), "complex": torch.ones(1, dtype=torch.complex64),
    "meta": torch.empty(2, device="meta"), "tied": with_state, "number": 3, "last": torch.rand(1),
}
kinds["buffer"].note = "kept"
torch.save(kinds, out / "kinds.pt")
expect("kinds.pt", {k: v for k, v in kinds.items() if k != "number"}, unreadable=("special", "complex", "meta"))

(out / "expected.txt").write_text("\n".join(lines) + "\n")
