#!/usr/bin/env python3
"""Writes tests/golden/classify: nets as ONNX files for `rushlight classify`, and what PyTorch says.

photo.png with photo.json, the class probabilities of photo.onnx (logits, 128 x 128) after torchvision's preset for
ImageNet; photo.png and small.png resized by Pillow, *.bin; digits.onnx, a net for rows of 784 values that ends in
Softmax, the same weights in digits.pth and print(model) in digits.txt; four_to_sixteen.pt2 and up_to_three.pt2, programs of
torch.export that take so many pictures at once.

Needs torch, torchvision and onnx.
"""
import contextlib
import io
import json
import pathlib
import warnings

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.export import Dim
from torch.export import export as export_program
from torchvision import transforms

from make_graph_golden import without_traces
from make_program_golden import save

out = pathlib.Path(__file__).parent.parent / "tests/golden/classify"
warnings.filterwarnings("ignore")


class Photo(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 8, 9, 8), nn.Linear(8, 24)

    def forward(self, x):
        return self.fc(torch.relu(self.conv(x)).mean((2, 3)))


def picture(width, height):
    y, x = np.mgrid[0:height, 0:width]
    planes = [127 + 120 * np.sin(x / 9 + y / 17), (x * 3 + y * 5) % 256, 40 + 200 * ((x // 7 + y // 11) % 2)]
    return Image.fromarray(np.stack(planes, -1).astype(np.uint8))


def export(net, x, name):
    with contextlib.redirect_stdout(io.StringIO()):
        torch.onnx.export(net, (x,), out / name, dynamo=False, dynamic_axes={"x": {0: "batch"}}, input_names=["x"],
                          opset_version=17)
    without_traces(out / name)


def main():
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(24)
    photo = Photo().eval()
    export(photo, torch.randn(1, 3, 128, 128), "photo.onnx")
    picture(200, 161).save(out / "photo.png", optimize=True)
    image = Image.open(out / "photo.png").convert("RGB")
    preset = transforms.Compose([transforms.Resize(146), transforms.CenterCrop(128), transforms.ToTensor(),
                                 transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    with torch.no_grad():
        probabilities = torch.softmax(photo(preset(image)[None]), 1)[0]
    (out / "photo.json").write_text(json.dumps([float(p) for p in probabilities]) + "\n")
    # Pillow 13 begins with the direction that shrinks more, older ones with the rows: here both do.
    picture(40, 30).save(out / "small.png", optimize=True)
    for name, width, height in (("photo", 37, 53), ("small", 50, 44), ("small", 20, 44)):
        levels = np.asarray(Image.open(out / f"{name}.png").resize((width, height), Image.BILINEAR))
        (out / f"{name}_{width}x{height}.bin").write_bytes(levels.transpose(2, 0, 1).tobytes())

    digits = nn.Sequential(nn.Linear(784, 6), nn.ReLU(), nn.Linear(6, 10), nn.Softmax(dim=1)).eval()
    export(digits, torch.randn(1, 784), "digits.onnx")
    torch.save(nn.Sequential(nn.Flatten(), *digits).state_dict(), out / "digits.pth")
    (out / "digits.txt").write_text(str(nn.Sequential(nn.Flatten(), *digits)) + "\n")

    # Programs of torch.export for 4 to 16 pictures at once of 28 to 40 pixels, and for up to 3 of 28.
    ranged = nn.Sequential(nn.Conv2d(1, 4, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 10)).eval()
    side = Dim("side", min=28, max=40)
    save(export_program(ranged, (torch.randn(5, 1, 32, 32),), dynamic_shapes=({0: Dim("rows", min=4, max=16), 2: side, 3: side},)),
         out / "four_to_sixteen.pt2")
    save(export_program(ranged, (torch.randn(2, 1, 28, 28),), dynamic_shapes=({0: Dim("rows", min=1, max=3)},)), out / "up_to_three.pt2")
    print(sum(f.stat().st_size for f in out.iterdir()), "bytes")


if __name__ == "__main__":
    main()
