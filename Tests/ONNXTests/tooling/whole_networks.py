#!/usr/bin/env python3
"""Whole networks against ONNX Runtime: this project's own, torchvision's and timm's, with random weights.

usage: whole_networks.py [--runner .build/release/DevTools] [NAME…]

Needs torch, torchvision, timm, onnx and onnxruntime. Build the runner first: swift build -c release --product
DevTools. Our networks are run here and, written as ONNX and checked by the ONNX checker, by ONNX Runtime. The
others are exported by torch with a dynamic batch, read and run here, then written again and run by ONNX Runtime. Errors
are relative: the largest difference over the largest value. Ends with 1 when one is not below 1e-4.
"""
import argparse
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

RUNNER = Path(__file__).resolve().parents[3] / ".build/release/DevTools"
LIMIT = 1e-4
BATCH = 4
# Name in the catalogue: side of the input.
OURS = {
    "paper-cnn": 256,
    "paper-cnn+residual+width=2": 256,
    "paper-cnn+se": 256,
    "paper-cnn+cbam+depth=2": 256,
    "paper-cnn+ensemble=3": 256,
    "meso-inception-4": 256,
    "residual-cooccurrence": 256,
    "resnet-18": 224,
    "resnet-50": 256,
    "xception": 299,
    "efficientnet-b0": 224,
    "efficientnet-b4": 380,
}
# Name: package, its name there, side of the input, opset.
THEIRS = {
    "torchvision resnet18": ("torchvision", "resnet18", 224, 17),
    "torchvision resnet50": ("torchvision", "resnet50", 224, 11),
    "torchvision mobilenet_v3_small": ("torchvision", "mobilenet_v3_small", 224, 17),
    "torchvision mobilenet_v3_large": ("torchvision", "mobilenet_v3_large", 224, 11),
    "torchvision efficientnet_b0": ("torchvision", "efficientnet_b0", 224, 17),
    "timm efficientnet_b4": ("timm", "efficientnet_b4", 320, 17),
    "timm xception": ("timm", "legacy_xception", 299, 17),
    "torchvision densenet121": ("torchvision", "densenet121", 224, 13),
    "torchvision shufflenet_v2_x1_0": ("torchvision", "shufflenet_v2_x1_0", 224, 17),
    "torchvision inception_v3": ("torchvision", "inception_v3", 299, 17),
    "torchvision regnet_y_400mf": ("torchvision", "regnet_y_400mf", 224, 17),
    "torchvision convnext_tiny": ("torchvision", "convnext_tiny", 224, 17),
}


def made_elsewhere(package, name, size):
    """The network with random weights and plausible running statistics, in evaluation mode."""
    import timm
    import torch
    import torchvision

    torch.manual_seed(1)
    network = getattr(torchvision.models, name)(weights=None) if package == "torchvision" else timm.create_model(name)
    norms = [m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for module in norms:
        torch.nn.init.uniform_(module.weight, 0.5, 1.5)
        torch.nn.init.normal_(module.bias, std=0.1)
        module.momentum = 1.0
    for module in network.modules():
        if isinstance(module, torch.nn.Linear) and not module.weight.any():
            torch.nn.init.xavier_uniform_(module.weight)
    network.train()
    with torch.no_grad():  # One pass in training mode gives statistics that keep the activations in range.
        network(torch.from_numpy(pictures(8, size, seed=3)))
    return network.eval()


def pictures(count, size, seed):
    """Coarse blotches with fine noise: of white noise alone, deep layers see next to nothing but rounding errors."""
    random = np.random.default_rng(seed)
    coarse = random.standard_normal((count, 3, 8, 8), np.float32)
    repeats = -(-size // 8)
    large = coarse.repeat(repeats, axis=2).repeat(repeats, axis=3)[:, :, :size, :size]
    return np.ascontiguousarray(large + 0.3 * random.standard_normal(large.shape, np.float32))


def export(name, path):
    import torch

    package, builder, size, opset = THEIRS[name]
    torch.onnx.export(
        made_elsewhere(package, builder, size), torch.rand(1, 3, size, size), str(path), opset_version=opset,
        dynamo=False, input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "n"}, "y": {0: "n"}})


def run_here(runner, network, x, folder, copy):
    x.tofile(folder / "x")
    shape = ",".join(map(str, x.shape))
    done = subprocess.run(
        [runner, "run", network, shape, folder / "x", folder / "y", copy], capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip() or f"the runner ended with {done.returncode}")
    first = [int(n) for n in done.stdout.splitlines()[0].split(",")]
    return np.fromfile(folder / "y.0", np.float32).reshape(first)


def run_there(path, x):
    session = onnxruntime.InferenceSession(str(path))
    return session.run(None, {session.get_inputs()[0].name: x})[0]


def error(found, wanted):
    return float(np.abs(found - wanted).max() / np.abs(wanted).max()) if found.shape == wanted.shape else float("inf")


def compare(runner, name, folder):
    """Errors of this engine, and of ONNX Runtime on what is written here, both beside the other's result."""
    size = OURS[name] if name in OURS else THEIRS[name][2]
    x = pictures(BATCH, size, seed=2)
    original, copy = folder / "model.onnx", folder / "copy.onnx"
    if name in THEIRS:
        export(name, original)
    here = run_here(runner, original if name in THEIRS else name, x, folder, copy)
    onnx.checker.check_model(str(copy), full_check=True)
    there = run_there(original if name in THEIRS else copy, x)
    return error(here, there), error(run_there(copy, x), there)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runner", default=RUNNER)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of networks; all of them when none is given")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    names = arguments.names or [*OURS, *THEIRS]
    failed = 0
    print(f"{'network':34} {'run here':>9} {'written here':>13}   relative to ONNX Runtime")
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            try:
                errors = compare(arguments.runner, name, Path(folder))
                good = all(e < LIMIT for e in errors)
                print(f"{name:34} {errors[0]:9.1e} {errors[1]:13.1e}   {'' if good else 'TOO LARGE'}", flush=True)
            except Exception as problem:  # Whatever one network meets, the others are compared too.
                good = False
                print(f"{name:34} {problem}", flush=True)
            failed += not good
    print(f"{len(names) - failed} of {len(names)} below {LIMIT}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
