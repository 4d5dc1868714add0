#!/usr/bin/env python3
"""Train the tutorial's MNIST network and save its weights.

usage: train.py FOLDER [--seed N] [--epochs N] [--validate] [--out FILE] [--threads N]

FOLDER holds the MNIST training files, gzipped or not:
    train-images-idx3-ubyte[.gz]   train-labels-idx1-ubyte[.gz]
The test files are never opened here; card.py reads them for the final report.

The network (class Net) is the one of the PyTorch basic MNIST example: two 5x5
convolutions, two linear layers, 431,080 parameters. The input is N x 1 x 28 x 28,
(pixel / 255 - 0.1307) / 0.3081. What is saved is

    torch.save(net.state_dict(), FILE)

with contiguous float32 CPU tensors, first to a temporary place, then renamed.

--validate holds back 5,000 of the 60,000 pictures (the last 500 of every 6,000, so
that neighbours, often by the same writer, stay on one side), prints the accuracy on
them after every epoch and, at the end, on disturbed copies of them. Without it the
net is trained on all 60,000. Either way the net saved is the one after the last
epoch: no epoch is picked.

The recipe is in RECIPE below. All random numbers come from --seed, and one thread is
used unless --threads says otherwise, so a run can be repeated bit by bit on the same
processor with the same PyTorch version. Progress goes to stderr.
"""

import argparse
import gzip
import math
import os
import struct
import sys
import tempfile
import time

try:
    import numpy as np
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
except ImportError as error:
    sys.exit(f"train.py: needs PyTorch and numpy: {error}")

MEAN, STD = 0.1307, 0.3081

RECIPE = {
    "batch": 64,
    "lr": 0.03,  # SGD with Nesterov momentum; peak of the schedule
    "momentum": 0.9,
    "weight_decay": 5e-4,  # weights only, not biases
    "warmup": 1.0,  # epochs of linear warm-up, then a cosine to zero
    "label_smoothing": 0.0,
    "ema": 0.999,  # decay per step of the weight average that is saved
    "calm": 0.3,  # last part of the run, in which the distortion fades ...
    "calm_to": 0.3,  # ... to this part of its strength
    # Distortion of the training pictures; every number is drawn anew for every picture.
    "rotate": 12.0,  # degrees, +-
    "scale": 0.15,  # log of the zoom, +-
    "aspect": 0.08,  # log of width against height, +-
    "shear": 0.2,  # +-
    "shift": 2.5,  # pixels, +-
    "elastic": 1.4,  # pixels, largest standard deviation of the elastic field
    "elastic_sigma": 4.0,  # pixels, smoothness of that field
    "stroke": 0.35,  # part of the pictures whose stroke is made thinner or thicker
}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 20, 5, 1)
        self.conv2 = nn.Conv2d(20, 50, 5, 1)
        self.fc1 = nn.Linear(4 * 4 * 50, 500)
        self.fc2 = nn.Linear(500, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(x, 2, 2)
        x = F.relu(self.conv2(x))
        x = F.max_pool2d(x, 2, 2)
        x = x.contiguous().view(-1, 4 * 4 * 50)
        x = F.relu(self.fc1(x))
        x = self.fc2(x)
        return F.log_softmax(x, dim=1)


def fail(message):
    sys.exit(f"{os.path.basename(sys.argv[0])}: {message}")


# --- data -------------------------------------------------------------------------------


def read_idx(folder, name):
    """The array in an idx file of unsigned bytes, gzipped or not."""
    for path, opener in ((f"{name}.gz", gzip.open), (name, open)):
        path = os.path.join(folder, path)
        if os.path.isfile(path):
            break
    else:
        fail(f"{folder}: neither {name}.gz nor {name} is there")
    try:
        with opener(path, "rb") as file:
            data = file.read()
        zero, kind, rank = struct.unpack_from(">HBB", data)
        shape = struct.unpack_from(f">{rank}I", data, 4)
        if zero != 0 or kind != 8 or len(data) != 4 + 4 * rank + math.prod(shape):
            raise ValueError("not an idx file of bytes, or cut short")
    except (OSError, EOFError, ValueError, struct.error) as error:
        fail(f"{path}: {error}")
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def read_pictures(folder, part):
    """Pictures (N x 1 x 28 x 28 float, 0..1) and labels of part "train" or "t10k"."""
    images = read_idx(folder, f"{part}-images-idx3-ubyte")
    labels = read_idx(folder, f"{part}-labels-idx1-ubyte")
    if images.ndim != 3 or images.shape[1:] != (28, 28) or labels.shape != images.shape[:1]:
        fail(f"{folder}: {part} pictures and labels do not fit")
    images = torch.from_numpy(images.astype(np.float32) / 255).unsqueeze(1)
    return images, torch.from_numpy(labels.astype(np.int64))


def normalise(pictures):
    return (pictures - MEAN) / STD


def held_back(count):
    """Mask of the validation pictures: the last 500 of every 6,000."""
    return torch.arange(count) % 6000 >= 5500


# --- distortion -------------------------------------------------------------------------


def uniform(count, limit):
    return (torch.rand(count) * 2 - 1) * limit


def smoothing_matrix(sigma):
    """28 x 12 matrix that makes coarse unit noise smooth, of unit variance, along one axis."""
    fine, coarse = torch.arange(28.0), torch.linspace(-3, 30, 12)
    matrix = torch.exp(-((fine[:, None] - coarse[None, :]) ** 2) / (2 * sigma * sigma))
    return matrix / matrix.norm(dim=1, keepdim=True)


def warp(pictures, angle, zoom_x, zoom_y, shear, shift_x, shift_y, field=None):
    """Rotate, zoom, shear and shift each picture; field (N x 28 x 28 x 2) adds pixels."""
    cos, sin = torch.cos(angle), torch.sin(angle)
    rows = [
        cos / zoom_x, (shear * cos - sin) / zoom_x, shift_x / 14,
        sin / zoom_y, (shear * sin + cos) / zoom_y, shift_y / 14,
    ]
    grid = F.affine_grid(torch.stack(rows, 1).view(-1, 2, 3), pictures.shape, align_corners=False)
    if field is not None:
        grid = grid + field / 14
    return F.grid_sample(pictures, grid, align_corners=False)


BLUR = torch.tensor([[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]).view(1, 1, 3, 3) / 16


def restroke(pictures, threshold, width):
    """Redraw the strokes: blur, then cut at threshold (of the maximum) with a soft edge."""
    soft = F.conv2d(pictures, BLUR, padding=1)
    soft = soft / soft.amax((1, 2, 3), keepdim=True).clamp_min(0.1)
    return ((soft - threshold.view(-1, 1, 1, 1)) / width.view(-1, 1, 1, 1) + 0.5).clamp(0, 1)


def distort(pictures, strength, smoothing):
    """A randomly distorted copy of each picture."""
    r, n = RECIPE, len(pictures)
    zoom, aspect = uniform(n, r["scale"] * strength), uniform(n, r["aspect"] * strength)
    amplitude = torch.rand(n, 1, 1, 1) * r["elastic"] * strength
    field = (smoothing @ torch.randn(n, 2, 12, 12) @ smoothing.T) * amplitude
    pictures = warp(
        pictures,
        uniform(n, math.radians(r["rotate"]) * strength),
        torch.exp(zoom + aspect),
        torch.exp(zoom - aspect),
        uniform(n, r["shear"] * strength),
        uniform(n, r["shift"] * strength),
        uniform(n, r["shift"] * strength),
        field.permute(0, 2, 3, 1),
    )
    threshold = 0.2 + 0.4 * torch.rand(n)
    redrawn = restroke(pictures, threshold, threshold * (0.6 + 1.4 * torch.rand(n)))
    return torch.where(torch.rand(n, 1, 1, 1) < r["stroke"] * strength, redrawn, pictures)


def disturbances(pictures):
    """Fixed disturbances for the validation report: (name, pictures)."""
    one, zero = torch.ones(len(pictures)), torch.zeros(len(pictures))

    def moved(angle=0.0, zoom=1.0, x=0.0, y=0.0):
        turn = zero + math.radians(angle)
        return warp(pictures, turn, one * zoom, one * zoom, zero, zero + x, zero + y)

    yield "shifted by 2 px right and down", moved(x=-2, y=-2)
    yield "shifted by 3 px left and up", moved(x=3, y=3)
    yield "80 % of the size", moved(zoom=0.8)
    yield "120 % of the size", moved(zoom=1.2)
    yield "turned by 15 degrees", moved(angle=15)
    yield "turned by -15 degrees", moved(angle=-15)
    yield "thin strokes", restroke(pictures, one * 0.6, one * 0.3)
    yield "thick strokes", restroke(pictures, one * 0.15, one * 0.3)


# --- training ---------------------------------------------------------------------------


@torch.no_grad()
def evaluate(net, pictures, labels):
    """Correct answers and mean negative log-likelihood."""
    net.eval()
    correct, loss = 0, 0.0
    for x, y in zip(pictures.split(500), labels.split(500)):
        out = net(normalise(x))
        correct += (out.argmax(1) == y).sum().item()
        loss += F.nll_loss(out, y, reduction="sum").item()
    return correct, loss / len(labels)


def smoothed_loss(log_probabilities, labels):
    epsilon = RECIPE["label_smoothing"]
    loss = F.nll_loss(log_probabilities, labels)
    return (1 - epsilon) * loss - epsilon * log_probabilities.mean() if epsilon else loss


def train(pictures, labels, epochs, validation=None, log=sys.stderr):
    """The averaged net after the last epoch."""
    r = RECIPE
    net, average = Net(), Net()
    average.load_state_dict(net.state_dict())
    net.to(memory_format=torch.channels_last)  # only for speed
    average.to(memory_format=torch.channels_last)
    weights = [p for p in net.parameters() if p.dim() > 1]
    biases = [p for p in net.parameters() if p.dim() == 1]
    groups = [{"params": weights}, {"params": biases, "weight_decay": 0.0}]
    optimizer = torch.optim.SGD(
        groups, r["lr"], momentum=r["momentum"], weight_decay=r["weight_decay"], nesterov=True
    )
    smoothing = smoothing_matrix(r["elastic_sigma"])
    per_epoch = len(pictures) // r["batch"]
    total, step, start = epochs * per_epoch, 0, time.time()
    for epoch in range(1, epochs + 1):
        net.train()
        order, running = torch.randperm(len(pictures)), 0.0
        for batch in order[: per_epoch * r["batch"]].view(per_epoch, -1):
            warm = (step + 1) / (r["warmup"] * per_epoch)
            rate = r["lr"] * min(warm, 0.5 * (1 + math.cos(math.pi * step / total)))
            for group in optimizer.param_groups:
                group["lr"] = rate
            left = (1 - step / total) / r["calm"] if r["calm"] else 1.0
            strength = r["calm_to"] + (1 - r["calm_to"]) * min(1.0, left)
            x = normalise(distort(pictures[batch], strength, smoothing))
            loss = smoothed_loss(net(x), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            decay = min(r["ema"], step / (step + 10))
            with torch.no_grad():
                torch._foreach_lerp_(list(average.parameters()), list(net.parameters()), 1 - decay)
            running += loss.item()
        line = f"epoch {epoch}/{epochs}  loss {running / per_epoch:.4f}"
        if validation:
            correct, nll = evaluate(average, *validation)
            count = len(validation[1])
            line += f"  validation {correct}/{count} = {100 * correct / count:.2f} %, nll {nll:.5f}"
        print(f"{line}  {time.time() - start:.0f} s", file=log, flush=True)
    return average


def save(net, path):
    """torch.save of the state dict, by way of a temporary folder beside the file."""
    plain = Net()
    for target, source in zip(plain.parameters(), net.parameters()):
        target.data.copy_(source.detach())  # back to the contiguous layout
    path = os.path.abspath(path)
    with tempfile.TemporaryDirectory(dir=os.path.dirname(path), prefix=".train-") as folder:
        # The name stays: torch.save writes it into the archive.
        temporary = os.path.join(folder, os.path.basename(path))
        torch.save(plain.state_dict(), temporary)
        os.replace(temporary, path)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description="Train the MNIST network of the PyTorch tutorial.")
    parser.add_argument("folder", help="folder with the MNIST training files (idx, gzipped or not)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=28)
    parser.add_argument("--validate", action="store_true", help="hold back 5,000 pictures")
    parser.add_argument("--out", default=os.path.join(here, "mnist_convnet.pt"), metavar="FILE")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    if options.epochs < 1 or options.threads < 1:
        parser.error("--epochs and --threads must be at least 1")
    if not os.path.isdir(os.path.dirname(os.path.abspath(options.out))):
        parser.error(f"{options.out}: no such folder")

    pictures, labels = read_pictures(options.folder, "train")
    validation = None
    if options.validate:
        back = held_back(len(labels))
        validation = pictures[back], labels[back]
        pictures, labels = pictures[~back], labels[~back]
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    count = len(labels)
    print(f"PyTorch {torch.__version__}, seed {options.seed}, {count} pictures", file=sys.stderr)
    net = train(pictures, labels, options.epochs, validation)
    save(net, options.out)
    if validation:
        for name, disturbed in disturbances(validation[0]):
            correct, _ = evaluate(net, disturbed, validation[1])
            percent = 100 * correct / len(disturbed)
            print(f"validation {name}: {percent:.2f} %", file=sys.stderr)
    print(f"saved {options.out}", file=sys.stderr)


if __name__ == "__main__":
    main()
