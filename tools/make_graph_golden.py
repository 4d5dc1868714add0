#!/usr/bin/env python3
"""Writes tests/golden/graphs: small nets exported by torch.onnx.export, by torch.export ("dynamo") and by the older exporter
("script"), and reference.pt with an input and PyTorch's output for each, "<net>.x" and "<net>.y".

Needs torch, onnx and onnxscript.
"""
import contextlib
import io
import pathlib
import shutil
import warnings

import onnx
import torch
from torch import nn
from torch.nn import functional as F

out = pathlib.Path(__file__).parent.parent / "tests/golden/graphs"
warnings.filterwarnings("ignore")


class ConvNet(nn.Module):
    """The tutorial's, with fewer channels."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 4, 5), nn.Conv2d(4, 6, 5)
        self.fc1, self.fc2 = nn.Linear(96, 20), nn.Linear(20, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(-1, 96)
        return F.log_softmax(self.fc2(F.relu(self.fc1(x))), dim=1)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
        self.a = nn.Sequential(nn.Conv2d(4, 4, 3, 1, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU(inplace=True),
                               nn.Conv2d(4, 4, 3, 1, 1, bias=False), nn.BatchNorm2d(4))
        self.fc = nn.Linear(4, 5)

    def forward(self, x):
        x = self.stem(x)
        x = F.relu(x + self.a(x))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


class Sizes(nn.Module):
    """Shapes computed from sizes, of the batch and of the picture."""

    def forward(self, x):
        n, c, h, w = x.shape
        y = x.view(n, c, h * w).transpose(1, 2)
        y = torch.cat([y[:, : h * w // 2], y[:, h * w // 2 :] * 2], dim=1)
        return y.reshape(n, h, w, c).permute(0, 3, 1, 2).mean((2, 3))


class Segmentation(nn.Module):
    """The tutorial's second task: a softmax along the channels of a picture."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, x):
        return F.softmax(self.conv(x), dim=1)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.proj = nn.Linear(8, 24), nn.Linear(8, 8)

    def forward(self, x):
        n, length, width = x.shape
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        q, k, v = (t.view(n, length, 2, 4).transpose(1, 2) for t in (q, k, v))
        a = torch.softmax(q @ k.transpose(-2, -1) / 2.0, dim=-1)
        return self.proj((a @ v).transpose(1, 2).reshape(n, length, width))


NETS = {
    "convnet": (ConvNet, (2, 1, 28, 28), {0: "batch"}),
    "residual": (Residual, (2, 3, 20, 20), {0: "batch"}),
    "sizes": (Sizes, (2, 3, 4, 6), {0: "batch", 2: "height", 3: "width"}),
    "segmentation": (Segmentation, (2, 3, 6, 5), {0: "batch", 2: "height", 3: "width"}),
    "attention": (Attention, (2, 5, 8), {0: "batch"}),
}


def randomize(net):
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            nn.init.normal_(module.weight)
            nn.init.normal_(module.bias)


def without_traces(path):
    """The same file without the exporter's notes, which hold paths of the machine."""
    model = onnx.load(path)
    graph = model.graph
    for part in [model, graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer]:
        part.ClearField("metadata_props")
        part.doc_string = ""
    onnx.save(model, path)


def main():
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    reference = {}
    for name, (make, shape, free) in NETS.items():
        torch.manual_seed(20)
        net = make().eval()
        randomize(net)
        x = torch.randn(shape)
        reference[f"{name}.x"] = x
        with torch.no_grad():
            reference[f"{name}.y"] = net(x).contiguous()
        with contextlib.redirect_stdout(io.StringIO()):
            torch.onnx.export(net, (x,), out / f"{name}_dynamo.onnx", dynamo=True, external_data=False,
                              dynamic_shapes=({d: torch.export.Dim(n, min=1, max=512) for d, n in free.items()},))
            torch.onnx.export(net, (x,), out / f"{name}_script.onnx", dynamo=False, dynamic_axes={"x": free},
                              input_names=["x"], opset_version=17)
            torch.onnx.export(net, (x,), out / f"{name}_script_11.onnx", dynamo=False, dynamic_axes={"x": free},
                              input_names=["x"], opset_version=11)
    for path in out.glob("*.onnx"):
        without_traces(path)
    torch.save(reference, out / "reference.pt")
    print(sum(f.stat().st_size for f in out.iterdir()), "bytes")


if __name__ == "__main__":
    main()
