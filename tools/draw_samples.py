#!/usr/bin/env python3
"""Draws samples/: digits as people bring them, for trying the program out and for its tests.

Only Python's standard library; the same files in every run. The label is a file name's first
character.

    python3 tools/draw_samples.py
"""

import math
import pathlib
import random
import struct
import zlib

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "samples"

# Each digit as strokes through points in a box of width 0.7 and height 1; y grows downwards.
STROKES = {
    0: [[(0.36, 0.02), (0.12, 0.18), (0.04, 0.52), (0.14, 0.87), (0.37, 0.98), (0.6, 0.82), (0.67, 0.48), (0.57, 0.14), (0.34, 0.03)]],
    1: [[(0.22, 0.22), (0.38, 0.04), (0.36, 0.4), (0.34, 0.98)]],
    2: [[(0.08, 0.22), (0.22, 0.05), (0.47, 0.04), (0.6, 0.22), (0.5, 0.46), (0.26, 0.74), (0.06, 0.95)], [(0.06, 0.95), (0.3, 0.91), (0.66, 0.94)]],
    3: [[(0.09, 0.12), (0.3, 0.02), (0.55, 0.1), (0.55, 0.32), (0.3, 0.46)], [(0.3, 0.46), (0.57, 0.54), (0.63, 0.76), (0.43, 0.95), (0.2, 0.96), (0.06, 0.84)]],
    4: [[(0.3, 0.04), (0.18, 0.34), (0.05, 0.6)], [(0.05, 0.6), (0.3, 0.59), (0.66, 0.57)], [(0.48, 0.3), (0.46, 0.6), (0.44, 0.98)]],
    5: [[(0.15, 0.05), (0.13, 0.24), (0.1, 0.44)], [(0.1, 0.44), (0.3, 0.38), (0.53, 0.48), (0.6, 0.7), (0.46, 0.91), (0.22, 0.97), (0.05, 0.88)], [(0.15, 0.05), (0.35, 0.05), (0.6, 0.03)]],
    6: [[(0.53, 0.03), (0.28, 0.2), (0.1, 0.5), (0.08, 0.8), (0.28, 0.98), (0.52, 0.9), (0.58, 0.7), (0.42, 0.54), (0.2, 0.6), (0.09, 0.76)]],
    7: [[(0.04, 0.07), (0.3, 0.07), (0.62, 0.05)], [(0.62, 0.05), (0.46, 0.36), (0.32, 0.66), (0.24, 0.98)]],
    8: [[(0.56, 0.13), (0.35, 0.02), (0.14, 0.14), (0.18, 0.33), (0.4, 0.48), (0.6, 0.68), (0.52, 0.92), (0.3, 0.98), (0.1, 0.87), (0.14, 0.66), (0.36, 0.46), (0.54, 0.32), (0.57, 0.14)]],
    9: [[(0.58, 0.24), (0.44, 0.05), (0.2, 0.07), (0.08, 0.28), (0.2, 0.48), (0.44, 0.44), (0.58, 0.2)], [(0.58, 0.2), (0.57, 0.5), (0.5, 0.98)]],
}


def smooth(points, steps=14):
    """A Catmull-Rom curve through the points."""
    ends = [points[0]] + points + [points[-1]]
    curve = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:]):
        for i in range(steps):
            t = i / steps
            curve.append(
                tuple(
                    0.5 * (2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t**2 + (3 * q - p - 3 * r + s) * t**3)
                    for p, q, r, s in zip(a, b, c, d)
                )
            )
    return curve + [points[-1]]


def draw(rng, digit, width, height, box, pen, shake=0.015, slant=0.1, rough=0.0):
    """Coverage 0..1 of each pixel by a digit; box = (left, top, height) in pixels."""
    left, top, size = box
    cover = [0.0] * (width * height)
    for stroke in STROKES[digit]:
        shaken = [(x + rng.gauss(0, shake), y + rng.gauss(0, shake)) for x, y in stroke]
        path = [(left + size * (x + slant * (0.5 - y)), top + size * y) for x, y in smooth(shaken)]
        radii = [pen / 2 * (1 + 0.15 * math.sin(0.35 * i + digit) + rng.gauss(0, rough)) for i in range(len(path))]
        for (x0, y0), (x1, y1), radius in zip(path, path[1:], radii):
            dx, dy = x1 - x0, y1 - y0
            length = dx * dx + dy * dy or 1e-9
            reach = radius + 1
            for y in range(max(0, int(min(y0, y1) - reach)), min(height, int(max(y0, y1) + reach) + 2)):
                for x in range(max(0, int(min(x0, x1) - reach)), min(width, int(max(x0, x1) + reach) + 2)):
                    t = min(1.0, max(0.0, ((x - x0) * dx + (y - y0) * dy) / length))
                    distance = math.hypot(x - x0 - t * dx, y - y0 - t * dy)
                    covered = min(1.0, max(0.0, radius + 0.5 - distance))
                    cover[y * width + x] = max(cover[y * width + x], covered)
    return cover


def paper(rng, width, height, colour, grain=0, shadow=0.0, vignette=0.0):
    """RGB of every pixel: a ground with grain, a shadow towards the lower right, dark corners."""
    pixels = []
    for y in range(height):
        for x in range(width):
            u, v = x / width - 0.5, y / height - 0.5
            light = 1 - shadow * (u + v + 1) / 2 - vignette * 2 * (u * u + v * v)
            noise = rng.randint(-grain, grain) if grain else 0
            pixels.append([c * light + noise for c in colour])
    return pixels


def ink(rng, pixels, cover, colour, gaps=0.0):
    """The drawing laid on the paper; chalk leaves gaps."""
    for pixel, covered in zip(pixels, cover):
        if covered > 0:
            covered *= 1 - gaps * rng.random()
            light = (pixel[0] + 60) / (255 + 60) if colour[0] < 128 else 1
            for i in range(3):
                pixel[i] += (colour[i] * light - pixel[i]) * covered
    return [tuple(min(255, max(0, round(c))) for c in pixel) for pixel in pixels]


def png(width, height, rows, colour_type):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    channels = {0: 1, 2: 3, 6: 4}[colour_type]
    packed = b""
    above = bytes(width * channels)
    for row in rows:
        # The filter "up" packs grounds well.
        packed += b"\2" + bytes((a - b) & 255 for a, b in zip(row, above))
        above = row
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(packed, 9))
        + chunk(b"IEND", b"")
    )


def picture(digit, seed, size, box, pen, ground, colour, grain=0, shadow=0.0, vignette=0.0, gaps=0.0, rough=0.0):
    """Width, height and the RGB pixels of a drawn or photographed digit."""
    rng = random.Random(seed)
    width, height = size
    cover = draw(rng, digit, width, height, box, pen, rough=rough)
    pixels = paper(rng, width, height, ground, grain, shadow, vignette)
    return width, height, ink(rng, pixels, cover, colour, gaps)


def save(name, width, height, pixels):
    flat = [c for pixel in pixels for c in pixel]
    channels = len(pixels[0])
    step = width * channels
    rows = [bytes(flat[i : i + step]) for i in range(0, len(flat), step)]
    if channels == 3 and all(r == g == b for r, g, b in pixels):
        rows = [row[::3] for row in rows]
        channels = 1
    (FOLDER / name).write_bytes(png(width, height, rows, {1: 0, 3: 2, 4: 6}[channels]))


def save_transparent(name, digit, seed, size, box, pen, colour):
    width, height = size
    cover = draw(random.Random(seed), digit, width, height, box, pen)
    save(name, width, height, [(*(colour if c > 0 else (0, 0, 0)), round(255 * c)) for c in cover])


WHITE, BLACK = (255, 255, 255), (0, 0, 0)
PAPER, BLUE = (244, 241, 232), (28, 42, 120)

OPAQUE = {
    "0_chalk_on_board.png": dict(digit=0, seed=1, size=(200, 200), box=(50, 30, 140), pen=11, ground=(38, 62, 50), colour=(232, 232, 222), grain=3, gaps=0.55, rough=0.15),
    "1_thin_pen.png": dict(digit=1, seed=2, size=(300, 300), box=(100, 50, 190), pen=1.6, ground=WHITE, colour=BLACK),
    "2_large.png": dict(digit=2, seed=3, size=(900, 700), box=(240, 80, 540), pen=40, ground=WHITE, colour=BLACK),
    "3_thick_marker.png": dict(digit=3, seed=4, size=(240, 240), box=(50, 35, 170), pen=38, ground=WHITE, colour=(20, 20, 20)),
    "4_off_centre.png": dict(digit=4, seed=5, size=(320, 240), box=(228, 132, 92), pen=8, ground=WHITE, colour=BLACK),
    "5_red_pen.png": dict(digit=5, seed=6, size=(180, 220), box=(40, 40, 140), pen=9, ground=(250, 250, 244), colour=(206, 34, 40)),
    "7_ink_on_paper.png": dict(digit=7, seed=8, size=(220, 220), box=(60, 40, 140), pen=10, ground=PAPER, colour=BLUE, grain=2),
    "9_paper_in_shadow.png": dict(digit=9, seed=10, size=(200, 220), box=(55, 40, 140), pen=9, ground=PAPER, colour=(50, 50, 60), grain=3, shadow=0.45),
    "4_chalk_on_slate.png": dict(digit=4, seed=11, size=(180, 180), box=(40, 30, 120), pen=8, ground=(58, 60, 66), colour=(225, 228, 230), grain=4, gaps=0.5, rough=0.1, vignette=0.3),
    "3_small.png": dict(digit=3, seed=12, size=(16, 20), box=(4, 3, 14), pen=2, ground=WHITE, colour=BLACK),
    "6_grey_pencil.png": dict(digit=6, seed=13, size=(200, 200), box=(60, 40, 120), pen=5, ground=(240, 238, 232), colour=(130, 130, 134), grain=4, rough=0.1),
    "0_light_on_dark_screen.png": dict(digit=0, seed=14, size=(280, 280), box=(75, 40, 200), pen=18, ground=BLACK, colour=WHITE),
}

# A photograph, saved as JPEG by tools/make_image_golden.py.
PHOTO = dict(digit=8, seed=15, size=(480, 360), box=(150, 60, 230), pen=15, ground=(226, 219, 204), colour=(36, 38, 70), grain=6, shadow=0.35, vignette=0.35)


def main():
    FOLDER.mkdir(exist_ok=True)
    for name, settings in OPAQUE.items():
        save(name, *picture(**settings))
    save_transparent("6_transparent_dark_ink.png", 6, 7, (200, 200), (60, 30, 140), 12, (16, 16, 40))
    save_transparent("8_transparent_white_ink.png", 8, 9, (200, 200), (60, 30, 140), 12, WHITE)


if __name__ == "__main__":
    main()
