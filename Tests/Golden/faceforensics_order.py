"""Measures the maps in Sources/Datasets/Readers/FaceForensicsOrder.json from the pictures themselves.

Run: python faceforensics_order.py PATH/ffpp-crops [VIDEO.mp4 ...]   (numpy, Pillow; ffmpeg and ffprobe for videos)
Prints the anchors of each method with their residuals, then for each original video the crops that look most like it.
"""
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 24  # columns and rows of the thumbnails that are compared
METHODS = ("Deepfakes", "Face2Face", "FaceSwap", "NeuralTextures")
TOLERANCE = 3.0  # positions by which a simplified map may differ


def normalised(rows):
    rows = rows - rows.mean(1, keepdims=True)
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-6)


def crops(folder):
    """Numbers N of roi_N.jpg in order, and normalised thumbnails."""
    numbers = sorted(int(re.findall(r"\d+", f.name)[0]) for f in folder.glob("roi_*.jpg"))
    rows = [np.asarray(Image.open(folder / f"roi_{n}.jpg").convert("RGB").resize((SIDE, SIDE), Image.BILINEAR),
                       np.float32).ravel() for n in numbers]
    return np.array(numbers), normalised(np.array(rows))


def simplified(x, y):
    """Douglas-Peucker: the points to keep."""
    keep, stack = {0, len(x) - 1}, [(0, len(x) - 1)]
    while stack:
        a, b = stack.pop()
        if b - a < 2:
            continue
        error = abs(np.interp(x[a:b + 1], [x[a], x[b]], [y[a], y[b]]) - y[a:b + 1])
        k = a + error.argmax()
        if error.max() > TOLERANCE:
            keep.add(k)
            stack += [(a, k), (k, b)]
    return sorted(keep)


def print_anchors(part, method, originals, others):
    (positions, reference), (numbers, rows) = originals, others
    similarity = np.where(abs(positions[None] / 2 - numbers[:, None]) < 30, rows @ reference.T, -1)
    # Reenactments keep the picture, swaps change the face: the latter match less well.
    sure = similarity.max(1) > (0.9 if method in ("Deepfakes", "FaceSwap") else 0.93)
    x, found = numbers[sure].astype(float), positions[similarity.argmax(1)[sure]].astype(float)
    offset = found - 2 * x
    y = 2 * x + [np.median(offset[max(0, k - 4):k + 5]) for k in range(len(offset))]
    kept = simplified(x, y)
    residual = abs(np.interp(x, x[kept], y[kept]) - found)
    plain = abs(x * (positions[-1] + 1) / (numbers[-1] + 1) - found)
    print(f"{part} {method}: {len(x)} matched, residual median {np.median(residual):.1f}, beyond 6: "
          f"{(residual > 6).sum()}, largest {residual.max():.1f}; proportion up to {np.percentile(plain, 99):.1f}")
    print("   ", [(int(x[k]), round(y[k])) for k in kept])


def frames(video, count=10, width=320):
    size = subprocess.run(["ffprobe", "-v", "0", "-select_streams", "v", "-show_entries",
                           "stream=width,height,duration", "-of", "csv=p=0", video],
                          capture_output=True, text=True, check=True).stdout.strip().split(",")
    height = round(int(size[1]) * width / int(size[0]) / 2) * 2
    filters = f"fps={count / float(size[2])},scale={width}:{height}"
    raw = subprocess.run(["ffmpeg", "-v", "0", "-i", video, "-vf", filters,
                          "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


def print_place(video, names, reference):
    """Slides windows of all face sizes over the frames; the best match of each crop counts."""
    best = np.full(len(names), -1.0)
    for frame in frames(video):
        for face in (40, 50, 62, 78, 97, 120, 150):
            scale = SIDE / face
            small = Image.fromarray(frame).resize(
                (int(frame.shape[1] * scale), int(frame.shape[0] * scale)), Image.BOX)
            pixels = np.asarray(small, np.float32)
            windows = np.lib.stride_tricks.sliding_window_view(pixels, (SIDE, SIDE), axis=(0, 1))
            rows = normalised(windows.transpose(0, 1, 3, 4, 2).reshape(-1, SIDE * SIDE * 3))
            best = np.maximum(best, (rows @ reference.T).max(0))
    top = best.argsort()[::-1][:3]
    print(Path(video).name, [(*names[k], round(float(best[k]), 3)) for k in top])


root = Path(sys.argv[1])
names, references = [], []
for part in ("train", "test"):
    originals = crops(root / part / "youtube")
    names += [(part, int(n)) for n in originals[0]]
    references.append(originals[1])
    for method in METHODS:
        print_anchors(part, method, originals, crops(root / part / method))
for video in sys.argv[2:]:
    print_place(video, names, np.concatenate(references))
