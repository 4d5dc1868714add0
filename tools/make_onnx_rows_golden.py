#!/usr/bin/env python3
"""Writes tests/golden/onnx_rows: nets of many operators, and nets exported for one row, as ONNX by both of PyTorch's exporters,
and reference.pt with inputs of 3 rows and PyTorch's outputs, "<net>.x" and "<net>.y".

Needs torch, torchvision, onnx and onnxscript.
"""
import contextlib
import importlib.machinery
import importlib.util
import io
import pathlib
import shutil
import warnings

import torch
import torchvision
from torch import nn
from torch.nn import functional as F

here = pathlib.Path(__file__).parent
out = here.parent / "tests/golden/onnx_rows"
warnings.filterwarnings("ignore")


def other_script():
    loader = importlib.machinery.SourceFileLoader("make_graph_golden", str(here / "make_graph_golden.py"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


graphs = other_script()


def joined(*values):
    return torch.cat([value.flatten(1) for value in values], dim=1)


class Norms(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.rms = nn.LayerNorm((4, 5)), nn.RMSNorm(5)
        self.group, self.instance = nn.GroupNorm(2, 6), nn.InstanceNorm2d(6, affine=True)
        self.batch, self.batch1d = nn.BatchNorm2d(6), nn.BatchNorm1d(6)

    def forward(self, x):  # [N, 6, 4, 5]
        return joined(self.layer(x), self.rms(x), self.group(x), self.instance(x), self.batch(x), self.batch1d(x.flatten(2)),
                      F.normalize(x, dim=1))


class Pools(nn.Module):
    def forward(self, x):  # [N, 2, 7, 6]
        line = x.flatten(2)
        return joined(F.max_pool2d(x, 3, 2, 1), F.max_pool2d(x, 2, 2, ceil_mode=True), F.max_pool2d(x, 2, 1, dilation=2),
                      F.avg_pool2d(x, 3, 2, 1, count_include_pad=False), F.avg_pool2d(x, (2, 3), ceil_mode=True),
                      F.max_pool1d(line, 3, 2, 1), F.avg_pool1d(line, 4, 3), F.max_pool3d(x.unsqueeze(1), 2, 1),
                      F.adaptive_avg_pool2d(x, 1), x.amax((2, 3)), x.mean(1))


class Sizes(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2)
        self.line = nn.Conv1d(4, 3, 3, padding=1)

    def forward(self, x):  # [N, 4, 5, 6]
        return joined(self.up(x), self.line(x.flatten(2)), F.interpolate(x, scale_factor=2, mode="nearest"),
                      F.interpolate(x, size=(7, 9), mode="bilinear", align_corners=False),
                      F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True),
                      F.interpolate(x, size=(3, 4), mode="bicubic", align_corners=False), F.pixel_shuffle(x, 2),
                      F.pad(x, (1, 2, 3, 0)), F.pad(x, (2, 1, 1, 2), mode="reflect"), F.pad(x, (1, 0, 0, 2), mode="replicate"))


class Activations(nn.Module):
    def __init__(self):
        super().__init__()
        self.prelu = nn.PReLU(3)

    def forward(self, x):  # [N, 3, 4, 4]
        x = 3 * x
        return joined(self.prelu(x), F.elu(x, 0.7), F.selu(x), F.celu(x, 1.3), F.hardswish(x), F.hardsigmoid(x), F.mish(x),
                      F.softplus(x), F.softsign(x), F.silu(x), F.gelu(x), F.gelu(x, approximate="tanh"), F.relu6(x),
                      F.hardtanh(x, -0.3, 0.8), x.clamp(min=-0.5), F.leaky_relu(x, 0.2), F.logsigmoid(x), F.softmin(x, 2),
                      F.hardshrink(x), F.softshrink(x), F.threshold(x, 0.4, -2.0), torch.atan(x), torch.sinh(x), x.abs().log1p())


class Indices(nn.Module):
    def forward(self, x):  # [N, 6, 8]
        values, places = x.topk(3, dim=-1)
        mask = torch.ones(6, 8).tril(1)
        return joined(values, places.float(), x.argmax(1).float(), x.cumsum(2), x * mask, x.flip(2), x[:, 1:5:2, ::3],
                      x.repeat(1, 2, 1), x.gather(2, x[:, :, :4].argsort(-1)), torch.cat(x.chunk(4, 2)[1:3], 1),
                      x.index_select(1, torch.tensor([2, 0, 2])), torch.stack([x[:, 1], x[:, -1]], 2), torch.where(x > 0, x, x * x),
                      x.logsumexp(2), x.norm(dim=1), x.prod(2), (x % 0.7), torch.roll(x, 2, 2))


class Token(nn.Module):
    """A class token in front of patches, repeated for each picture of the batch."""

    def __init__(self):
        super().__init__()
        self.token, self.position = nn.Parameter(torch.randn(1, 1, 8)), nn.Parameter(torch.randn(1, 5, 8))
        self.patches, self.fc = nn.Conv2d(3, 8, 4, 4), nn.Linear(8, 3)

    def forward(self, x):  # [N, 3, 8, 8]
        n = x.shape[0]
        y = self.patches(x).reshape(n, 8, 4).permute(0, 2, 1)
        y = torch.cat([self.token.expand(n, -1, -1), y], dim=1) + self.position
        return self.fc(y[:, 0] + torch.zeros(n, 8))


def vision_transformer():
    """torchvision's ViT, a small one: its attention puts the batch behind the sequence."""
    net = torchvision.models.VisionTransformer(image_size=16, patch_size=8, num_layers=1, num_heads=2, hidden_dim=8, mlp_dim=12,
                                               num_classes=5)
    nn.init.normal_(net.heads.head.weight)
    return net


class Encoder(nn.Module):
    """PyTorch's transformer encoder, batch first and batch second, with a mask."""

    def __init__(self):
        super().__init__()
        self.first = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 12, batch_first=True, activation="gelu"), 1)
        self.second = nn.TransformerEncoderLayer(8, 4, 12, norm_first=True)
        self.register_buffer("mask", torch.triu(torch.full((5, 5), float("-inf")), 1))

    def forward(self, x):  # [N, 5, 8]
        x = self.first(x)
        return self.second(x.transpose(0, 1), src_mask=self.mask).mean(0)


class Quantised(nn.Module):
    """Activations of 8 bits, weights of 8 bits by channel: QuantizeLinear and DequantizeLinear in ONNX."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 3, 3, padding=1)
        self.register_buffer("scales", torch.tensor([0.002, 0.003, 0.0025]))
        self.register_buffer("zeros", torch.zeros(3, dtype=torch.int32))

    def forward(self, x):  # [N, 2, 6, 5]
        x = torch.fake_quantize_per_tensor_affine(x, 0.02, 110, 0, 255)
        weight = torch.fake_quantize_per_channel_affine(self.conv.weight, self.scales, self.zeros, 0, -128, 127)
        x = F.relu(F.conv2d(x, weight, self.conv.bias, padding=1))
        return torch.fake_quantize_per_tensor_affine(x, 0.01, -128, -128, 127).flatten(1)


class Recurrent(nn.Module):
    """As nets that read lines of text have them: two LSTMs in both directions, a GRU, an RNN."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(5, 4, num_layers=2, bidirectional=True, batch_first=True)
        self.gru, self.rnn = nn.GRU(8, 3, bidirectional=True), nn.RNN(6, 4, nonlinearity="relu")

    def forward(self, x):  # [N, 6, 5]
        x, (_, cell) = self.lstm(x)
        x, hidden = self.gru(x.transpose(0, 1))
        y, last = self.rnn(x)
        return joined(y.transpose(0, 1), last.transpose(0, 1), hidden.transpose(0, 1), cell.transpose(0, 1))


# name, input, exported for one row too
NETS = {
    "norms": (Norms, (6, 4, 5), False),
    "pools": (Pools, (2, 7, 6), False),
    "sizes": (Sizes, (4, 5, 6), False),
    "activations": (Activations, (3, 4, 4), False),
    "indices": (Indices, (6, 8), False),
    "token": (Token, (3, 8, 8), True),
    "convnet": (graphs.ConvNet, (1, 28, 28), True),
    "attention": (graphs.Attention, (5, 8), True),
    "vit": (vision_transformer, (3, 16, 16), True),
    "encoder": (Encoder, (5, 8), True),
    "quantised": (Quantised, (2, 6, 5), True),
    "recurrent": (Recurrent, (6, 5), True),
}


def export(net, x, name, notes):
    """Both exporters, for any number of rows or for those of x."""
    free = name.endswith("dynamic")
    ways = {"dynamo": dict(dynamo=True, external_data=False),
            "script": dict(dynamo=False, input_names=["x"], opset_version=17)}
    if free:
        ways["dynamo"]["dynamic_shapes"] = ({0: torch.export.Dim("batch", min=1, max=512)},)
        ways["script"]["dynamic_axes"] = {"x": {0: "batch"}}
        ways["script_11"] = dict(ways["script"], opset_version=11)
    for way, options in ways.items():
        path = out / f"{name}_{way}.onnx"
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                torch.onnx.export(net, (x,), path, **options)
        except Exception as error:  # noqa: BLE001 - what an exporter cannot write
            path.unlink(missing_ok=True)
            notes.append(f"{path.name}: not exported: {str(error).strip().splitlines()[0][:100]}")


def main():
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    reference, notes = {}, []
    for name, (make, shape, fixed) in NETS.items():
        torch.manual_seed(21)
        net = make().eval()
        graphs.randomize(net)
        x = torch.randn(3, *shape)
        reference[f"{name}.x"] = x
        with torch.no_grad():
            reference[f"{name}.y"] = net(x).contiguous()
        if fixed:
            export(net, x[:1], f"{name}_static", notes)
        if name not in ("convnet", "attention"):
            export(net, x, f"{name}_dynamic", notes)
    for path in out.glob("*.onnx"):
        graphs.without_traces(path)
    torch.save(reference, out / "reference.pt")
    print(*notes, sep="\n")
    print(sum(f.stat().st_size for f in out.iterdir()), "bytes in", len(list(out.iterdir())), "files")


if __name__ == "__main__":
    main()
