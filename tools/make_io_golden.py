#!/usr/bin/env python3
"""Writes small files of torch.save, safetensors and NumPy and what PyTorch reads from them into
tests/golden/io/.

expected.txt has a line per tensor: file, name, dtype, sizes ("2,3", "-" for none), and the bytes of
the values in row-major order as hex ("empty" for none, "unreadable" for kinds that we only list).
"""
import io
import json
import pathlib
import sys
from collections import OrderedDict

import numpy
import torch
from huggingface_hub import save_torch_state_dict
from safetensors.torch import save_file

out = pathlib.Path(__file__).parent.parent / "tests" / "golden" / "io"
out.mkdir(parents=True, exist_ok=True)
lines = []


def expect(file, tensors, unreadable=()):
    for name, tensor in tensors.items():
        dtype = str(tensor.dtype).removeprefix("torch.")
        if tensor.layout != torch.strided:
            dtype = f"{str(tensor.layout).removeprefix('torch.')} {dtype}"
        sizes = ",".join(map(str, tensor.shape)) or "-"
        if name in unreadable:
            values = "unreadable"
        else:
            plain = tensor.detach().contiguous().resolve_neg().clone()
            values = plain.reshape(-1).view(torch.uint8).numpy().tobytes().hex() or "empty"
        lines.append(f"{file}\t{name}\t{dtype}\t{sizes}\t{values}")


def save(file, content, tensors=None, unreadable=(), **options):
    torch.save(content, out / file, **options)
    expect(file, content if tensors is None else tensors, unreadable)


torch.manual_seed(1)
model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.Flatten(),
                            torch.nn.Linear(8, 3))
state = model.state_dict()
save("state_dict.pt", state)
for protocol in (2, 3, 4, 5):
    save(f"protocol{protocol}.pt", state, pickle_protocol=protocol)

base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
shared = torch.arange(6, dtype=torch.float32)
save("views.pt", {
    "transposed": base.permute(2, 0, 1),
    "slice": base[1, 1:, ::2],
    "expanded": torch.tensor([[1.0], [2.0]]).expand(2, 5),
    "overlapping": torch.arange(8.0).as_strided((3, 4), (2, 1)),
    "diagonal": torch.arange(9.0).reshape(3, 3).diagonal(),
    "channels_last": torch.arange(16.0).reshape(1, 2, 2, 4).to(memory_format=torch.channels_last),
    "tied_a": shared,
    "tied_b": shared.reshape(2, 3),
    "tail": shared[4:],
    "scalar": torch.tensor(7.5),
    "one_of_many": shared[3],
    "empty": torch.empty(0, 3),
    "parameter": torch.nn.Parameter(torch.ones(2)),
    "special": torch.tensor([float("nan"), float("inf"), -0.0]),
})

dtypes = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32,
          torch.int16, torch.int8, torch.uint8, torch.bool]
save("dtypes.pt", {str(d).removeprefix("torch."): torch.tensor([0, 1, 2, 100]).to(d)
                   for d in dtypes})

others = {
    "before": torch.ones(2),
    "float8_e4m3fn": torch.ones(2).to(torch.float8_e4m3fn),
    "uint16": torch.ones(2, dtype=torch.uint16),
    "complex64": torch.ones(2, dtype=torch.complex64),
    "quint8": torch.quantize_per_tensor(torch.ones(2), 0.5, 3, torch.quint8),
    "per_channel": torch.quantize_per_channel(torch.ones(2, 2), torch.tensor([0.5, 1.0]),
                                              torch.tensor([0, 1]), 0, torch.qint8),
    "coo": torch.eye(3).to_sparse(),
    "csr": torch.eye(3).to_sparse_csr(),
    "meta": torch.empty(2, 3, device="meta"),
    "neg": torch.complex(torch.ones(2), torch.ones(2)).conj().imag,
    "after": torch.zeros(3),
}
save("others.pt", others, unreadable=set(others) - {"before", "after"})

optimizer = torch.optim.Adam(model.parameters())
model(torch.ones(2, 1, 4, 4)).sum().backward()
optimizer.step()
save("checkpoint.pt", {"epoch": 3, "model_state_dict": model.state_dict(),
                       "optimizer_state_dict": optimizer.state_dict(), "loss": torch.tensor(0.5),
                       "config": {"lr": 0.1, "sizes": [1, 2], "name": None}}, model.state_dict())

many = OrderedDict((f"layer{i}.weight", torch.tensor([float(i)])) for i in range(60))
save("many.pt", many)

buffer = io.BytesIO()
torch.save(state, buffer)
(out / "buffer.bin").write_bytes(buffer.getvalue())  # the root is "archive"
expect("buffer.bin", state)

save("list.pt", [torch.ones(1), torch.zeros(2)], {"0": torch.ones(1), "1": torch.zeros(2)})
save("single.pt", torch.ones(2, 2), {"0": torch.ones(2, 2)})

torch.serialization.set_crc32_options(False)
save("no_crc.pt", {"w": torch.arange(3.0)})
torch.serialization.set_crc32_options(True)
torch.utils.serialization.config.save.storage_alignment = 4096
save("aligned.pt", {"w": torch.arange(3.0)})
torch.utils.serialization.config.save.storage_alignment = 64


def save_safetensors(file, tensors, unreadable=(), **options):
    save_file(tensors, out / file, **options)
    content = (out / file).read_bytes()
    names = json.loads(content[8:8 + int.from_bytes(content[:8], "little")])
    expect(file, {name: tensors[name] for name in names if name != "__metadata__"}, unreadable)


save_safetensors("state_dict.safetensors", state, metadata={"note": "\u00e9\n"})
save_safetensors("dtypes.safetensors", {
    **{str(d).removeprefix("torch."): torch.tensor([0, 1, 2, 100]).to(d) for d in dtypes},
    "odd": torch.ones(3, dtype=torch.uint8), "scalar": torch.tensor(7.5),
    "empty": torch.empty(0, 3), "special": torch.tensor([float("nan"), float("inf"), -0.0]),
    "\u540d\u524d \"\\": torch.ones(1)})
other_dtypes = [torch.uint16, torch.uint32, torch.uint64, torch.complex64, torch.float8_e4m3fn,
                torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz,
                torch.float8_e8m0fnu]
others = {str(d).removeprefix("torch."): torch.ones(2).to(d) for d in other_dtypes}
save_safetensors("others.safetensors", {"after": torch.zeros(3), **others}, unreadable=others)

save_torch_state_dict(state, out, filename_pattern="sharded{suffix}.safetensors",
                      max_shard_size=200)
index = "sharded.safetensors.index.json"
expect(index, {name: state[name] for name in json.loads((out / index).read_text())["weight_map"]})


def plain(array):
    """A NumPy array as a tensor, its bytes in our order."""
    return torch.from_numpy(numpy.array(array, dtype=array.dtype.newbyteorder("=")))


arrays = {
    **{str(d).removeprefix("torch."): torch.tensor([0, 1, 2, 100]).to(d).numpy()
       for d in dtypes if d != torch.bfloat16},
    "big/float32": numpy.array([[1, 2], [3, 4]], ">f4"), "big/int16": numpy.array([1, 258], ">i2"),
    "big/float16": numpy.array([1, 2], ">f2"), "big/int64": numpy.array([1, 2**40], ">i8"),
    "fortran": numpy.asfortranarray(numpy.arange(24, dtype="f4").reshape(2, 3, 4)),
    "fortran big": numpy.asfortranarray(numpy.arange(6, dtype=">f8").reshape(2, 3)),
    "scalar": numpy.array(7.5, "f4"), "empty": numpy.zeros((0, 3), "f4"),
}
numpy.savez(out / "arrays.npz", **arrays)
expect("arrays.npz", {name: plain(array) for name, array in arrays.items()})
numpy.savez_compressed(out / "compressed.npz", **arrays)
expect("compressed.npz", {name: plain(array) for name, array in arrays.items()})
numpy.save(out / "fortran.npy", arrays["fortran"])
expect("fortran.npy", {"0": plain(arrays["fortran"])})
for version in [(1, 0), (2, 0), (3, 0)]:
    with open(out / f"version{version[0]}.npy", "wb") as file:
        numpy.lib.format.write_array(file, arrays["big/float32"], version)
    expect(f"version{version[0]}.npy", {"0": plain(arrays["big/float32"])})
others = {"uint16": numpy.ones(2, "u2"), "uint32": numpy.ones(2, "u4"),
          "uint64": numpy.ones(2, "u8"), "complex64": numpy.ones(2, "c8"),
          "complex128": numpy.ones(2, "c16")}
numpy.savez(out / "others.npz", after=numpy.zeros(3, "f4"), **others)
expect("others.npz", {"after": torch.zeros(3), **{k: plain(v) for k, v in others.items()}}, others)
# What PyTorch has no type for: their lines have NumPy's names.
strange = {"text": numpy.array(["ab", "c"]), "date": numpy.array(["2020-01-01"], "M8[D]"),
           "raw": numpy.zeros(2, "V2"), "long": numpy.ones(1, "f16"),
           "structured": numpy.zeros(2, [("x", "f4"), ("y", "i4", (2, 3))])}
numpy.savez(out / "strange.npz", plain=numpy.ones(1, "f4"), **strange)
expect("strange.npz", {"plain": torch.ones(1)})
for name, array in strange.items():
    dtype = name if name == "structured" else array.dtype.str
    lines.append(f"strange.npz\t{name}\t{dtype}\t{array.size}\tunreadable")
numpy.save(out / "objects.npy", numpy.array([{}, None], object))  # a pickle: refused

torch.save(model, out / "module.pt")  # a whole module: refused with advice
torch.save(state, out / "legacy.pt", _use_new_zipfile_serialization=False)

(out / "expected.txt").write_text("\n".join(lines) + "\n")
print(f"wrote {len(list(out.iterdir()))} files with PyTorch {torch.__version__}", file=sys.stderr)
