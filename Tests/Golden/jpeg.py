"""Golden pixels for DatasetsTests: a small picture after a round trip through libjpeg, 4:2:0.

Run: python jpeg.py > ../DatasetsTests/GoldenJPEG.swift   (Pillow 13.0.0)
All three channels move together, so the colour differences are flat and the way they are enlarged does not matter.
"""
import io
import textwrap

import numpy as np
from PIL import Image

SIDE = 16
y, x = np.mgrid[0:SIDE, 0:SIDE]
wave = (x * 37 + y * y * 11 + x * y * 5) % 97
picture = np.stack([wave + 90, wave + 60, wave + 40], axis=-1).astype(np.uint8)

print("/// Made by `Tests/Golden/jpeg.py`: the red channel of its picture after libjpeg, row by row.\n"
      "enum GoldenJPEG {\n  static let red: [Int: [UInt8]] = [")
for quality in (30, 75, 95):
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality, subsampling=2)
    decoded = np.asarray(Image.open(buffer).convert("RGB"))[:, :, 0].ravel()
    text = textwrap.fill(", ".join(map(str, decoded)) + ",", 112, initial_indent="      ", subsequent_indent="      ")
    print(f"    {quality}: [\n{text}\n    ],")
print("  ]\n}")
