#!/usr/bin/env python3
"""Writes tests/golden/sizes: a network for pictures of any size, net.onnx, net_script.onnx (the older exporter) and net.pt2, and in
reference.pt what PyTorch gives for pictures of several sizes, "<height>x<width>.x" and ".y".

Needs torch and onnx.
"""
import contextlib
import io
import pathlib
import warnings

import torch
from torch import nn
from torch.nn import functional as F

from make_graph_golden import without_traces

out = pathlib.Path(__file__).parent.parent / "tests/golden/sizes"
warnings.filterwarnings("ignore")
SIZES = [(12, 12), (16, 24), (21, 9), (32, 12), (12, 30), (40, 40), (9, 19)]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.fc = nn.Linear(4, 4)
        self.out = nn.Conv2d(4, 2, 1)

    def forward(self, x):
        a = F.relu(self.conv1(x))
        b = F.relu(self.conv2(F.max_pool2d(a, 2)))
        gate = torch.sigmoid(self.fc(torch.flatten(F.adaptive_avg_pool2d(b, 1), 1)))
        b = b * gate.view(gate.size(0), 4, 1, 1)
        up = F.interpolate(b, size=a.shape[-2:], mode="bilinear", align_corners=False)
        return self.out(a + up).flatten(2).transpose(1, 2)


def main():
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(5)
    net = Net().eval()
    reference = {}
    with torch.no_grad():
        for height, width in SIZES:
            x = torch.randn(1, 1, height, width).round(decimals=2)
            reference[f"{height}x{width}.x"], reference[f"{height}x{width}.y"] = x, net(x).contiguous()
    torch.save(reference, out / "reference.pt")
    batch, height, width = (torch.export.Dim(name, min=low, max=4096) for name, low in (("batch", 1), ("height", 8), ("width", 8)))
    x = torch.randn(2, 1, 24, 40)
    shapes = ({0: batch, 2: height, 3: width},)
    torch.export.save(torch.export.export(net, (x,), dynamic_shapes=shapes), out / "net.pt2")
    with contextlib.redirect_stdout(io.StringIO()):
        for path, dynamo in ((out / "net.onnx", True), (out / "net_script.onnx", False)):
            kind = {"dynamic_shapes": shapes, "external_data": False} if dynamo else {
                "dynamic_axes": {"x": {0: "batch", 2: "height", 3: "width"}}, "opset_version": 17}
            torch.onnx.export(net, (x,), path, dynamo=dynamo, input_names=["x"], **kind)
            without_traces(path)
    print(sum(f.stat().st_size for f in out.iterdir()), "bytes")


if __name__ == "__main__":
    main()
