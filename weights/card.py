#!/usr/bin/env python3
"""Write the machine-readable card of a trained net.

usage: card.py FILE.pt [--test FOLDER] [--compare OTHER.pt ...]

Writes FILE.expected.json beside FILE.pt: the sha256 of the file and what PyTorch
answers, in float32, to two inputs that are made by formula. With --test the net is
also run on the 10,000 MNIST test pictures in FOLDER

    t10k-images-idx3-ubyte[.gz]   t10k-labels-idx1-ubyte[.gz]

and so are the nets given with --compare, which are only printed, not written.
Nothing is trained or chosen here: this is for the final report.
"""

import argparse
import hashlib
import json
import os

import torch

from train import MEAN, STD, Net, evaluate, normalise, read_pictures


def load(path):
    net = Net()
    net.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return net.eval()


def pattern():
    """Grey levels by formula, one channel of 28 x 28."""
    row, col = torch.arange(28).view(28, 1), torch.arange(28).view(1, 28)
    return (row * 28 + col) * 37 % 256


def bar():
    """A digit one: a vertical bar."""
    pixels = torch.zeros(28, 28, dtype=torch.long)
    pixels[4:24, 13:16] = 255
    return pixels


@torch.no_grad()
def answer(net, pixels):
    """Log-probabilities of a picture of grey levels 0..255, as decimal numbers."""
    out = net(normalise(pixels.to(torch.float32) / 255).view(1, 1, 28, 28))[0]
    return [float(f"{value:.9g}") for value in out.tolist()]


def describe(pixel):
    return {
        "shape": [1, 1, 28, 28],
        "pixel": pixel,
        "mean": MEAN,
        "std": STD,
        "normalised": "(pixel / 255 - mean) / std, in float32",
    }


def main():
    parser = argparse.ArgumentParser(description="Write the machine-readable card of a net.")
    parser.add_argument("file", help="the weights, .pt")
    parser.add_argument("--test", metavar="FOLDER", help="folder with the MNIST test files")
    parser.add_argument("--compare", nargs="*", default=[], metavar="OTHER", help="more nets")
    options = parser.parse_args()
    for path in [options.file, *options.compare]:
        if not os.path.isfile(path):
            parser.error(f"{path}: no such file")
    torch.set_num_threads(1)

    net = load(options.file)
    with open(options.file, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    correct = total = None
    if options.test:
        pictures, labels = read_pictures(options.test, "t10k")
        total = len(labels)
        for path in [options.file, *options.compare]:
            right, _ = evaluate(load(path), pictures, labels)
            correct = right if path == options.file else correct
            print(f"{path}: {right} of {total} test pictures, {100 * right / total:.2f} %")

    card = {
        "file": os.path.basename(options.file),
        "sha256": digest,
        "parameters": sum(p.numel() for p in net.parameters()),
        "pytorch": torch.__version__,
        "input": describe("((row * 28 + col) * 37) % 256"),
        "log_probabilities": answer(net, pattern()),
        "digit": {
            "label": 1,
            "input": describe("255 if 4 <= row <= 23 and 13 <= col <= 15 else 0"),
            "log_probabilities": answer(net, bar()),
        },
        "test_correct": correct,
        "test_total": total,
    }
    path = os.path.splitext(options.file)[0] + ".expected.json"
    with open(path + ".tmp", "w", encoding="utf-8") as file:
        json.dump(card, file, indent=2)
        file.write("\n")
    os.replace(path + ".tmp", path)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
