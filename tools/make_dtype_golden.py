#!/usr/bin/env python3
"""Writes tests/golden/dtype/: every element type in every container and layout, and what PyTorch makes of it.

  python3 tools/make_dtype_golden.py     once with PyTorch 2, once with 1.13, which writes its files alone

expected.txt (1.13: expected_1.13.txt) has a line per tensor as the file's own library reads it: file, name,
dtype, sizes ("2,3", "-" for none), bytes in row-major order as hex ("empty" for none), as in tests/golden/io.

negated.pt: lazy views. float8.pt, cast.pt and print.pt: the codes of the 8-bit floats, `to` between all types and `print` of the new ones.
"""

import pathlib
import sys
from unittest import mock

import torch

OLD = torch.__version__.startswith("1.")
OUT = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "dtype"

FLOATS = ["float32", "float64", "float16", "bfloat16"]
FLOATS8 = ["float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu"]
INTEGERS = ["int64", "int32", "int16", "int8", "uint8", "bool"]
UNSIGNED = ["uint64", "uint32", "uint16"]
TYPES = FLOATS + INTEGERS + ([] if OLD else FLOATS8 + UNSIGNED)
lines = []


def dtype_of(name):
    return getattr(torch, name)


def name_of(dtype):
    return str(dtype).replace("torch.", "")


def raw(count, dtype):
    """`count` elements of random bytes: NaNs, denormals and both ends of the integers among them."""
    if dtype == torch.bool:
        return torch.randint(0, 2, (count,)).to(torch.bool)
    size = torch.empty(0, dtype=dtype).element_size()
    return torch.randint(0, 256, (count * size,)).to(torch.uint8).view(dtype)


def layouts(dtype):
    """Views of four storages, the ways in which state dicts hold tensors."""
    base, flat, column = raw(12, dtype).reshape(2, 3, 2), raw(9, dtype), raw(2, dtype).reshape(2, 1)
    return {
        "contiguous": base,
        "transposed": base.permute(2, 0, 1),
        "slice": base[1, 1:, ::2],
        "offset": flat[4:],
        "tied": flat,
        "tied_again": flat.reshape(3, 3),
        "diagonal": flat.reshape(3, 3).diagonal(),
        "overlapping": flat.as_strided((3, 4), (2, 1)),
        "expanded": column.expand(2, 3),
        "channels_last": raw(8, dtype).reshape(1, 2, 2, 2).permute(0, 3, 1, 2),
        "scalar": flat[3],
        "empty": torch.empty((0, 3), dtype=dtype),
    }


def expect(file, tensors):
    for name, tensor in tensors.items():
        sizes = ",".join(map(str, tensor.shape)) or "-"
        # Bytes one by one: not every operation knows every type.
        plain = tensor.detach().resolve_neg().clone(memory_format=torch.contiguous_format)
        values = bytes(plain.reshape(-1).view(torch.uint8).tolist()).hex() or "empty"
        lines.append(f"{file}\t{name}\t{name_of(tensor.dtype)}\t{sizes}\t{values}")


def save(file, tensors, **options):
    torch.save(tensors, OUT / file, **options)
    expect(file, torch.load(OUT / file))


def containers():
    tensors = {f"{name}.{layout}": x for name in TYPES for layout, x in layouts(dtype_of(name)).items()}
    old = "_1.13" if OLD else ""
    save(f"zip{old}.pt", tensors)
    named = {name: x for name, x in tensors.items() if name.split(".")[0] in FLOATS + INTEGERS}
    save(f"legacy{old}.pt", named, _use_new_zipfile_serialization=False)
    if OLD:
        return
    # torch.save writes untyped storages in the legacy format too, and torch.load fails on them.
    untyped = {name: x for name, x in tensors.items() if name not in named}
    torch.save(untyped, OUT / "legacy_untyped.pt", _use_new_zipfile_serialization=False)
    expect("legacy_untyped.pt", untyped)
    with mock.patch("sys.byteorder", "big"):  # the note alone; torch.load then swaps what is written
        torch.save(named, OUT / "big_endian.pt")
    expect("big_endian.pt", torch.load(OUT / "big_endian.pt"))

    import numpy
    from safetensors.torch import load_file, save_file

    plain = ["contiguous", "scalar", "empty"]
    save_file({k: x.clone() for k, x in tensors.items() if k.split(".")[1] in plain}, OUT / "plain.safetensors")
    expect("plain.safetensors", load_file(OUT / "plain.safetensors"))

    arrays = {}
    for name in TYPES:
        if name in FLOATS8 + ["bfloat16"]:  # NumPy has them not
            continue
        base = tensors[f"{name}.contiguous"].numpy()
        swapped = numpy.array(base, dtype=base.dtype.newbyteorder(">"))
        arrays |= {f"{name}.c": base, f"{name}.fortran": numpy.asfortranarray(base), f"{name}.big": swapped,
                   f"{name}.fortran_big": numpy.asfortranarray(swapped), f"{name}.scalar": base[0, 0, 0],
                   f"{name}.empty": base[:0]}  # fmt: skip
    numpy.savez_compressed(OUT / "arrays.npz", **arrays)
    read = numpy.load(OUT / "arrays.npz")
    expect("arrays.npz", {k: torch.from_numpy(read[k].astype(read[k].dtype.newbyteorder("="))) for k in read.files})


def negated():
    """Lazy views, which say {'neg': True}."""
    tensors = {"imag": torch.complex(raw(4, torch.float32), raw(4, torch.float32)).conj().imag}
    for name in FLOATS + INTEGERS[:-1]:
        tensors[name] = torch._neg_view(raw(6, dtype_of(name)).reshape(2, 3).T)
    tensors["twice"] = torch._neg_view(torch._neg_view(torch.ones(2)))
    save("negated.pt", tensors)


def write(file, tensors):
    """As views of one storage per type: each storage costs 300 bytes of archive."""
    packed = {}
    for dtype in {x.dtype for x in tensors.values()}:
        group = {name: x for name, x in tensors.items() if x.dtype == dtype}
        parts = torch.cat([x.flatten() for x in group.values()]).split([x.numel() for x in group.values()])
        packed |= {name: part.view(x.shape) for (name, x), part in zip(group.items(), parts)}
    torch.save({name: packed[name] for name in tensors}, OUT / file)


def float8():
    """<type>.values: the floats of all 256 codes. <type>.codes: those of <type>.x, which are at and beside all ties."""
    tensors = {}
    for name in FLOATS8:
        dtype = dtype_of(name)
        values = torch.arange(256).to(torch.uint8).view(dtype).float()
        finite = values[values.isfinite()].double().abs().unique()
        beyond = torch.tensor([2.0, 1.5, 1.25, 1.0625]) * finite[-1]
        points = torch.cat([finite, (finite[1:] + finite[:-1]) / 2, finite[1:2] / 2, finite[1:2] / 4, beyond]).float()
        beside = [points, torch.nextafter(points, torch.tensor(0.0)), torch.nextafter(points, torch.tensor(1e38))]
        special = torch.tensor([0.0, 1e-45, 1e-40, 3.4e38, float("inf"), float("nan")])
        x = torch.cat([*beside, special])
        x = torch.cat([x, -x])
        tensors |= {f"{name}.values": values, f"{name}.x": x, f"{name}.codes": x.to(dtype).view(torch.uint8)}
    write("float8.pt", tensors)


def cast():
    """<source>_to_<target>.x, .y: pairs in which one is new. Values that fit: the rest differs between processors."""
    values = {
        "float": [0.0, -0.0, 0.5, -0.5, 1.5, 2.49, 17, 255, 256, 448, 500, 32767.5, 57344, 61440, 65504, 1e-3, 1e-8],
        "integer": [0, 1, 2, 17, 127, 128, 129, 255, 256, 449, 32767, 65535, 65536, 2**24 + 1, 2**31, 2**32 - 1,
                    2**53 + 1, 2**63 - 1, 2**63, 2**63 + 1025, 2**64 - 1],
    }  # fmt: skip
    tensors = {}
    new = FLOATS8 + UNSIGNED
    for source in TYPES:
        dtype = dtype_of(source)
        if source in FLOATS8:
            x = torch.arange(256).to(torch.uint8).view(dtype)
        elif dtype.is_floating_point:
            x = torch.tensor(values["float"], dtype=dtype)
        elif source == "bool":
            x = torch.tensor([True, False])
        else:
            bits = torch.iinfo(dtype).bits - (0 if source.startswith("u") else 1)
            x = torch.tensor([v % 2**bits for v in values["integer"]], dtype=dtype)
        for target in TYPES:
            if source == target or not {source, target} & set(new):
                continue
            fitting = x
            if dtype.is_floating_point and not dtype_of(target).is_floating_point and target != "bool":
                limit = torch.iinfo(dtype_of(target))
                inside = [float("nan") != v == v and limit.min <= v <= limit.max for v in x.double().tolist()]
                fitting = x[torch.tensor(inside)] if source not in FLOATS8 else torch.tensor(
                    [c for c in range(256) if inside[c]], dtype=torch.uint8).view(dtype)  # fmt: skip
            # Only zeros and ones of a type may come in the way of NaN != NaN: bytes tell.
            y = fitting.to(dtype_of(target))
            tensors |= {f"{source}_to_{target}.x": fitting, f"{source}_to_{target}.y": y}
    write("cast.pt", tensors)


def printed():
    """<n>.x and <n>.text: what print writes, as bytes."""
    tensors = []
    for name in FLOATS8:
        dtype = dtype_of(name)
        codes = torch.arange(256).to(torch.uint8).view(dtype)
        for x in [[1.0], [0.0, 1, 2], [0.5, 1.25, -3], [float("nan"), 4], [2.0**-7, 200.0], []]:
            tensors.append(torch.tensor(x).to(dtype))
        tensors += [codes, codes.reshape(32, 8), codes.repeat(5), codes[200], torch.empty((0, 2), dtype=dtype)]
    for name in UNSIGNED:
        dtype = dtype_of(name)
        most = torch.iinfo(dtype).max
        for x in [[0], [1, 2, 3], [most], [0, most, 17], list(range(40)), []]:
            tensors.append(torch.tensor(x, dtype=dtype))
        tensors += [torch.tensor(list(range(1100)), dtype=dtype).reshape(11, 100), torch.tensor(7, dtype=dtype)]
    texts = {}
    for n, x in enumerate(tensors):
        texts[f"{n}.x"] = x
        texts[f"{n}.text"] = torch.tensor(list(str(x).encode()), dtype=torch.uint8)
    write("print.pt", texts)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(3)
    containers()
    if not OLD:
        float8()
        cast()
        printed()
        negated()
    name = "expected_1.13.txt" if OLD else "expected.txt"
    (OUT / name).write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} tensors by PyTorch {torch.__version__}", file=sys.stderr)


if __name__ == "__main__":
    main()
