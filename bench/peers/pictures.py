"""The pictures that all engines see: MNIST's test digits, or strokes of a soft pen where there is no MNIST."""

import gzip
import pathlib

import numpy

COUNT = 512  # digits; of large pictures there are 8
MEAN, STD = 0.1307, 0.3081  # of MNIST's training pixels


def mnist(folder):
    """The first COUNT test digits, grey levels in [0, 1]."""
    path = pathlib.Path(folder) / "t10k-images-idx3-ubyte"
    data = path.read_bytes() if path.exists() else gzip.decompress(path.with_suffix(".gz").read_bytes())
    header = numpy.frombuffer(data, ">i4", 4)
    if list(header[[0, 2, 3]]) != [2051, 28, 28] or header[1] < COUNT:
        raise ValueError(f"{path}: not {COUNT} or more pictures of 28x28 in MNIST's format")
    pixels = numpy.frombuffer(data, numpy.uint8, COUNT * 28 * 28, offset=16)
    return pixels.reshape(COUNT, 28, 28) / 255


def bezier(a, b, c, d, t):
    return a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t**2 * (1 - t) + d * t**3


def strokes():
    """COUNT different pairs of curves drawn by a soft pen, grey levels in [0, 1]."""
    random = numpy.random.default_rng(0)
    t = numpy.linspace(0, 1, 24)[:, None]
    row, column = numpy.mgrid[0:28, 0:28]
    pictures = numpy.zeros((COUNT, 28, 28))
    for picture in pictures:
        curves = [bezier(*random.uniform(4, 24, (4, 2)), t) for _ in range(2)]
        points = numpy.concatenate(curves)  # [48, 2]
        distance = (row[..., None] - points[:, 0]) ** 2 + (column[..., None] - points[:, 1]) ** 2
        picture[:] = numpy.exp(-distance.min(axis=-1) / 2)
    return pictures


def make(shape, folder=None):
    """[COUNT, 1, side, side] of float32, normalised, the digit in the middle; for larger shapes [8, C, H, W] of noise."""
    if shape[0] != 1:
        return numpy.random.default_rng(0).standard_normal((8, *shape), numpy.float32)
    side = shape[1]
    margin = (side - 28) // 2
    grey = numpy.pad(mnist(folder) if folder else strokes(), ((0, 0), (margin, margin), (margin, margin)))
    return ((grey - MEAN) / STD).astype(numpy.float32)[:, None]
