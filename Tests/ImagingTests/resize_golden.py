"""Writes PillowGolden.swift: what Pillow's BILINEAR makes of the pattern that FrameResizeTests draws.

Run as `python3 resize_golden.py > PillowGolden.swift` with Pillow and NumPy installed.
"""

import numpy as np
import PIL
from PIL import Image

CASES = [
    ("reduced", (13, 7), None, (5, 3)),
    ("enlarged", (5, 4), None, (8, 9)),
    ("narrower and taller", (9, 3), None, (4, 5)),
    ("much reduced", (64, 48), None, (3, 3)),
    ("one pixel", (1, 1), None, (3, 2)),
    ("a region between pixels", (20, 10), (2.25, 1.5, 15.75, 7.25), (6, 5)),
]


def pattern(width, height):
    i = np.arange(width * height * 3, dtype=np.int64)
    return Image.fromarray(((i * i * 7 + i * 13 + 5) % 251).astype(np.uint8).reshape(height, width, 3))


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) % (1 << 64)
    return value


print(f"// Made by resize_golden.py with Pillow {PIL.__version__}; do not edit.")
print("import Imaging\n")
print("extension ResizeCase {\n  static let golden: [ResizeCase] = [")
for name, size, box, output in CASES:
    data = pattern(*size).resize(output, Image.BILINEAR, box=box).tobytes()
    x, y, right, bottom = box or (0, 0, *size)
    print(f'    ResizeCase(\n      name: "{name}", width: {size[0]}, height: {size[1]},')
    print(f"      region: Box(x: {x}, y: {y}, width: {right - x}, height: {bottom - y}),")
    print(f"      outputWidth: {output[0]}, outputHeight: {output[1]},\n      pixels: [")
    for start in range(0, len(data), 24):
        print("        " + ", ".join(str(b) for b in data[start : start + 24]) + ",")
    print("      ]),")
print("  ]\n")
large = pattern(400, 400).resize((256, 256), Image.BILINEAR).tobytes()
print(f"  /// FNV-1a of the 400×400 pattern at 256×256.\n  static let faceSizedHash: UInt64 = {fnv1a(large):#x}\n}}")
