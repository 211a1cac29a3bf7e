#!/usr/bin/env python3
"""Writes Tests/ONNXTests/Exported/*.onnx and ExportedGolden.swift: small networks as both torch exporters write them.

usage: exported_networks.py, with torch, onnx and onnxscript

The weights are seeded and the input is a formula, so one golden output, torch's own, serves every export of a network:
by the TorchScript exporter (script) and by torch.export (dynamo), with constants folded (folded) and without (plain),
for a fixed batch of 2 (fixed), with the batch axis open (batch), and with rows and columns open too (open). Stack
traces and the long names of values are removed from the files.
"""
import itertools
import warnings
from pathlib import Path

import onnx
import torch
import torch.nn as nn
import torch.nn.functional as F

TESTS = Path(__file__).resolve().parents[1]
EXPORTED_BATCH, GOLDEN_BATCH, SIDES = 2, 3, (11, 14)
VARIANTS = {"fixed": (), "batch": (0,), "open": (0, 2, 3)}


class Padding(nn.Module):
    """Asymmetric padding, TensorFlow's "same" padding computed from the input, reflection, edges, and cropping."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 4, 3, stride=2), nn.Conv2d(4, 4, 3, stride=2, groups=4)

    def same(self, x, kernel, stride):
        rows, columns = (((n + stride - 1) // stride - 1) * stride + kernel - n for n in x.shape[2:])
        return F.pad(x, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2))

    def forward(self, x):
        x = F.relu6(self.first(F.pad(x, (0, 1, 2, 1))))
        x = self.second(self.same(x, 3, 2))
        x = F.pad(x, (1, 2, 0, 1), mode="reflect") + F.pad(x, (2, 1, 1, 0), mode="replicate")
        return F.pad(F.pad(x, (-1, 0, 0, -1)), (1, 0, 0, 2), value=0.5).mean((2, 3))


class Shapes(nn.Module):
    """Views with computed shapes, channel shuffling, permutations, chunks, splits, indices and broadcasts."""

    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Conv2d(3, 12, 3, padding=1), nn.Linear(30, 2)
        self.offset = nn.Parameter(torch.randn(1, 12, 1))

    def forward(self, x):
        x = torch.relu(self.first(x))
        n, c, h, w = x.shape
        x = x.view(n, 3, c // 3, h, w).transpose(1, 2).reshape(n, c, h, w)  # channel shuffle
        a, b, d = x.chunk(3, dim=1)
        x = torch.cat([b, a * d, d[:, :, : h // 2].repeat(1, 1, 3, 1)[:, :, :h]], dim=1)
        x = x.flatten(2) + self.offset.expand(n, -1, 1)
        y, z = x.view(x.size(0), c, h, -1).permute(0, 2, 3, 1).split([5, c - 5], dim=-1)
        y = torch.sigmoid(y.mean(dim=(1, 2), keepdim=True)).squeeze(2).squeeze(1)
        z = z.reshape(n * h, w, -1).mean(1).view(n, h, c - 5)
        z = torch.cat([z[:, 0], z[:, h - 1], z.unsqueeze(1).amax(2).flatten(1)[:, [0, 2, 5]]], dim=1)
        x = torch.stack([y, y * y], dim=1)
        x = torch.cat([x[:, 1], x[:, 0, -1:], x.mean(1)[:, ::2].unsqueeze(-1).expand(-1, -1, 2).reshape(n, -1)], dim=-1)
        return self.last(torch.cat([x[:, -11:], z, z[:, 1:3]], dim=-1))


class Sampling(nn.Module):
    """Interpolation to computed sizes, reductions, and a gate made of the mean."""

    def __init__(self):
        super().__init__()
        self.first, self.gate, self.last = nn.Conv2d(3, 6, 3, stride=2, padding=1), nn.Conv2d(6, 6, 1), nn.Conv2d(6, 2, 1)

    def forward(self, x):
        y = torch.relu(self.first(x))
        y = y * torch.sigmoid(self.gate(F.adaptive_avg_pool2d(y, 1)))
        up = F.interpolate(y, size=x.shape[2:], mode="bilinear", align_corners=False)
        up = up + F.interpolate(y, size=(x.size(2), x.size(3)), mode="nearest")
        double = F.interpolate(y, scale_factor=2, mode="bilinear", align_corners=True)
        half = F.interpolate(double, size=(double.size(2) // 2, double.size(3) // 2), mode="nearest")
        pooled = F.avg_pool2d(up, (2, 3)).flatten(2).mean(-1)
        return self.last(half).mean((2, 3)) * pooled.sum(1, keepdim=True) + up.mean(dim=(1, 2, 3)).view(-1, 1)


class Sequences(nn.Module):
    """Attention over places with the batch as the second axis, which views merge with the heads and take apart."""

    def __init__(self):
        super().__init__()
        self.first, self.parts, self.last = nn.Conv2d(3, 12, 3, stride=3), nn.Linear(12, 36), nn.Linear(12, 2)

    def forward(self, x):
        x = self.first(x).flatten(2).permute(2, 0, 1)
        n, places = x.size(1), x.shape[0]
        query, key, value = (p.reshape(places, n * 3, 4).transpose(0, 1) for p in self.parts(x).chunk(3, dim=-1))
        x = torch.softmax(query @ key.transpose(1, 2) / 2, dim=-1) @ value
        return self.last(x.transpose(0, 1).reshape(places, -1, 12).mean(0))


class Pooling(nn.Module):
    """Adaptive pooling to several rows and columns, which TorchScript exports for sizes it knows only."""

    variants = {"script": ("fixed",), "dynamo": ("fixed", "batch")}

    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Conv2d(3, 4, (6, 3)), nn.Linear(24, 2)

    def forward(self, x):
        x = self.first(x)
        x = F.adaptive_avg_pool2d(x, (3, 2)) + F.adaptive_max_pool2d(x, (3, 2))
        return self.last(torch.flatten(x, 1))


def wave(*shape):
    """The input: 2 sin(0.7 i) for the i-th value."""
    return (2 * torch.sin(torch.arange(torch.Size(shape).numel(), dtype=torch.float64) * 0.7)).float().reshape(shape)


def exported(network, exporter, is_folded, axes, path):
    x = wave(EXPORTED_BATCH, 3, *SIDES)
    if exporter == "script":
        open_axes = {axis: "nchw"[axis] for axis in axes}
        torch.onnx.export(
            network, (x,), str(path), input_names=["x"], output_names=["y"], opset_version=17, dynamo=False,
            do_constant_folding=is_folded, dynamic_axes={"x": open_axes} if axes else None)
    else:
        open_axes = {axis: torch.export.Dim.DYNAMIC for axis in axes}
        torch.onnx.export(
            network, (x,), str(path), input_names=["x"], output_names=["y"], dynamo=True, optimize=is_folded,
            external_data=False, verbose=False, dynamic_shapes=(open_axes,) if axes else None)
    model = onnx.load(path)
    path.unlink()
    return model


def shortened(model):
    """Without stack traces, shapes of intermediate values, and long names, none of which the importer reads."""
    graph, kept = model.graph, {"": "", "x": "x", "y": "y"}
    assert not model.functions, "the exporter left functions in the file"
    del model.metadata_props[:], graph.metadata_props[:], graph.value_info[:]

    def short(name):
        return kept.setdefault(name, f"v{len(kept)}")

    for item in [*graph.input, *graph.output, *graph.initializer]:
        del item.metadata_props[:]
        item.doc_string, item.name = "", short(item.name)
    for node in graph.node:
        del node.metadata_props[:]
        node.doc_string, node.name = "", ""
        node.input[:], node.output[:] = map(short, node.input), map(short, node.output)
    onnx.checker.check_model(model, full_check=True)
    return model


def main():
    folder = TESTS / "Exported"
    folder.mkdir(exist_ok=True)
    warnings.simplefilter("ignore")
    golden = []
    for kind in (Padding, Shapes, Sampling, Sequences, Pooling):
        torch.manual_seed(5)
        network = kind().eval()
        with torch.no_grad():
            values = network(wave(GOLDEN_BATCH, 3, *SIDES)).flatten().tolist()
        name = kind.__name__.lower()
        rows = [", ".join(f"{v:.7g}" for v in values[k : k + 8]) for k in range(0, len(values), 8)]
        golden.append(f'    "{name}": [\n' + "".join(f"      {row},\n" for row in rows) + "    ],\n")
        for exporter, is_folded, axes in itertools.product(("script", "dynamo"), (True, False), VARIANTS):
            if axes == "open" and is_folded:  # next to no constants are left to fold: as good as plain
                continue
            if axes not in getattr(kind, "variants", {exporter: VARIANTS})[exporter]:
                continue
            model = exported(network, exporter, is_folded, VARIANTS[axes], folder / "export.tmp")
            path = folder / f"{name}-{exporter}-{axes}-{'folded' if is_folded else 'plain'}.onnx"
            onnx.save(shortened(model), path)
    text = f"// Made by tooling/exported_networks.py with torch {torch.__version__.split('+')[0]}; do not edit.\n"
    text += "\n/// Torch's outputs of the networks in `Exported`.\nenum ExportedGolden {\n"
    text += f"  static let batch = {GOLDEN_BATCH}\n  static let sides = ({SIDES[0]}, {SIDES[1]})\n"
    text += "  static let outputs: [String: [Float]] = [\n" + "".join(golden) + "  ]\n}\n"
    (TESTS / "ExportedGolden.swift").write_text(text)


if __name__ == "__main__":
    main()
