#!/usr/bin/env python3
"""Writes tests/golden/image: small pictures and the pixels that Pillow sees in them.

For each picture NAME.png or NAME.jpg there is NAME.pixels: width, height and channels, one byte
each, then the pixels. The PNG files are packed by this script, for Pillow cannot write every kind;
Pillow (12 or later) and NumPy read them back and write the JPEG files. Writes samples/8_photo.jpg
too: a picture of tools/draw_samples.py as a telephone held sideways stores it.

    python3 tools/make_image_golden.py
"""

import io
import pathlib
import struct
import zlib

import numpy
from PIL import Image

import draw_samples

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "image"
WIDTH, HEIGHT = 13, 9
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
MODES = {0: "L", 2: "RGB", 3: "RGB", 4: "LA", 6: "RGBA"}
MODES_WITH_TRNS = {0: "LA", 2: "RGBA", 3: "RGBA"}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pack_row(samples, depth):
    """The bytes of one row of samples."""
    if depth == 16:
        return b"".join(struct.pack(">H", s) for s in samples)
    bits = "".join(format(s, f"0{depth}b") for s in samples)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def filtered(rows, pixel_bytes):
    """The rows with the five filters in turn."""
    out = b""
    above = bytes(len(rows[0])) if rows else b""
    for number, row in enumerate(rows):
        kind = number % 5
        out += bytes([kind])
        for i, value in enumerate(row):
            left = row[i - pixel_bytes] if i >= pixel_bytes else 0
            corner = above[i - pixel_bytes] if i >= pixel_bytes else 0
            guess = [0, left, above[i], (left + above[i]) // 2, paeth(left, above[i], corner)][kind]
            out += bytes([(value - guess) & 255])
        above = row
    return out


def png(colour_type, depth, interlaced, palette=b"", transparency=b"", orientation=None):
    samples = SAMPLES[colour_type]
    top = min(2**depth, len(palette) // 3 or 2**depth)
    rng = numpy.random.default_rng(colour_type * 100 + depth)
    picture = rng.integers(0, top, (HEIGHT, WIDTH, samples))
    data = b""
    for x0, y0, dx, dy in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        part = picture[y0::dy, x0::dx]
        if part.size:
            rows = [pack_row(row.reshape(-1).tolist(), depth) for row in part]
            data += filtered(rows, max(1, samples * depth // 8))
    out = b"\x89PNG\r\n\x1a\n"
    out += chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colour_type, 0, 0, int(interlaced)))
    out += chunk(b"PLTE", palette) if palette else b""
    out += chunk(b"tRNS", transparency) if transparency else b""
    out += chunk(b"eXIf", exif(orientation)) if orientation else b""
    packed = zlib.compress(data, 9)
    out += chunk(b"IDAT", packed[:20]) + chunk(b"IDAT", packed[20:])
    return out + chunk(b"IEND", b"")


def exif(orientation):
    return b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)


def write(name, file, mode=None):
    (FOLDER / name).write_bytes(file)
    picture = Image.open(io.BytesIO(file))
    picture.load()
    if picture.mode.startswith("I"):
        pixels = (numpy.asarray(picture).astype(numpy.int64) >> 8).astype(numpy.uint8)
    else:
        pixels = numpy.asarray(picture.convert(mode or picture.mode))
    orientation = picture.getexif().get(0x0112, 1)
    if orientation != 1:
        from PIL import ImageOps

        pixels = numpy.asarray(ImageOps.exif_transpose(picture).convert(mode or picture.mode))
    pixels = pixels.reshape(pixels.shape[0], pixels.shape[1], -1)
    height, width, channels = pixels.shape
    (FOLDER / name).with_suffix(".pixels").write_bytes(bytes([width, height, channels]) + pixels.tobytes())


def write_png_files():
    palette = bytes(numpy.random.default_rng(1).integers(0, 256, 3 * 256).tolist())
    for colour_type, depths in {0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]}.items():
        for depth in depths:
            colours = palette[: 3 * min(2**depth, 11)] if colour_type == 3 else b""
            for interlaced in False, True:
                name = f"type{colour_type}_{depth}bit{'_interlaced' if interlaced else ''}.png"
                write(name, png(colour_type, depth, interlaced, colours), MODES[colour_type])
    write("type0_8bit_trns.png", png(0, 8, False, transparency=b"\0\x80"), "LA")
    write("type3_4bit_trns.png", png(3, 4, False, palette[:33], b"\0\x40\x80"), "RGBA")
    for orientation in range(1, 9):
        write(f"orientation{orientation}.png", png(0, 8, False, orientation=orientation), "L")


def write_jpeg_files():
    y, x = numpy.mgrid[0:21, 0:35]
    ring = numpy.clip(8 * numpy.abs(numpy.hypot(x - 17, (y - 10) * 1.3) - 9) - 10, 0, 40)
    colour = numpy.stack([60 + 4 * x + ring, 200 - 5 * y - ring, 90 + 2 * x + 2 * y], -1).clip(0, 255)
    colour = Image.fromarray(colour.astype(numpy.uint8))
    grey = colour.convert("L")
    settings = {
        "grey": (grey, {}),
        "grey_progressive": (grey, {"progressive": True}),
        "colour_444": (colour, {"subsampling": 0}),
        "colour_422": (colour, {"subsampling": 1}),
        "colour_420": (colour, {"subsampling": 2}),
        "colour_progressive": (colour, {"progressive": True, "subsampling": 2}),
        "colour_restarts": (colour, {"restart_marker_blocks": 2, "subsampling": 2}),
        "colour_rgb": (colour, {"keep_rgb": True, "subsampling": 0}),
        "exif_orientation6": (grey, {"exif": b"Exif\0\0" + exif(6)}),
    }
    for name, (picture, options) in settings.items():
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=90, **options)
        write(name + ".jpg", file.getvalue())


def write_photo():
    width, height, pixels = draw_samples.picture(**draw_samples.PHOTO)
    photo = Image.fromarray(numpy.array(pixels, numpy.uint8).reshape(height, width, 3))
    photo = photo.transpose(Image.Transpose.ROTATE_90)
    photo.save(draw_samples.FOLDER / "8_photo.jpg", quality=80, exif=b"Exif\0\0" + exif(6))


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    write_png_files()
    write_jpeg_files()
    write_photo()
