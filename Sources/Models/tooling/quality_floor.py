#!/usr/bin/env python3
"""Derives the floor of face quality (`QualityFloor`): how a classifier's AUC falls as faces get small, blurred and dark.

    pip install numpy pillow
    quality_floor.py degrade CROPS SCORES -o DEGRADED     # SCORES: assay evaluate MODEL CROPS --part validation --scores
    assay evaluate MODEL DEGRADED --part all --scores degraded.csv
    quality_floor.py plot DEGRADED degraded.csv -o quality.svg

`degrade` takes crops of one data set, half of them real, and writes a crop set in which each stands once for every
degradation, which becomes the data set's name. `plot` prints a table and draws AUC over the measures of `FaceQuality`.
"""
import argparse
import csv
import json
import pathlib
import sys

import numpy as np
from PIL import Image, ImageFilter

SIDES = [12, 16, 20, 24, 32, 40, 56, 80]
BLURS = [1, 2, 3, 4, 6]
LUMAS = [4, 8, 12, 16, 24, 40]
NOISE = 2.0
# The part of the box that the classifier sees around it.
NETWORK_MARGIN = 0.1


def view(pixels, margin):
    """The classifier's part of a stored crop."""
    size = pixels.shape[0]
    side = round(size * (1 + NETWORK_MARGIN) / (1 + margin))
    start = (size - side) // 2
    return pixels[start : start + side, start : start + side]


def quality(pixels, margin):
    """Luma and sharpness as `FaceQuality` measures them, at 160 pixels."""
    crop = np.asarray(Image.fromarray(view(pixels, margin)).resize((160, 160), Image.BILINEAR), dtype=np.int64)
    luma = (77 * crop[..., 0] + 150 * crop[..., 1] + 29 * crop[..., 2]) / 256
    luma = luma.reshape(40, 4, 40, 4).mean((1, 3))
    inner = 4 * luma[1:-1, 1:-1] - luma[:-2, 1:-1] - luma[2:, 1:-1] - luma[1:-1, :-2] - luma[1:-1, 2:]
    return float(luma.mean()), float(np.abs(inner).mean() / (luma.std() + 1))


def degradations(pixels, margin, random):
    yield "as it is", pixels
    size = pixels.shape[0]
    box = size / (1 + margin)
    for side in SIDES:
        small = max(round(size * side / box), 3)
        image = Image.fromarray(pixels).resize((small, small), Image.BOX)
        yield f"side {side}", np.asarray(image.resize((size, size), Image.BILINEAR))
    for sigma in BLURS:
        # In pixels of a network input of 160.
        radius = sigma * view(pixels, margin).shape[0] / 160
        yield f"blur {sigma}", np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius)))
    mean = quality(pixels, margin)[0]
    for luma in LUMAS:
        dark = pixels * (luma / max(mean, luma)) + random.normal(0, NOISE, pixels.shape)
        yield f"luma {luma}", np.clip(np.round(dark), 0, 255).astype(np.uint8)


def degrade(options):
    source, target = pathlib.Path(options.crops), pathlib.Path(options.output)
    header = json.loads((source / "crops.json").read_text())
    size, margin = header["size"], header["contract"]["margin"]
    scored = {}
    for row in csv.DictReader(open(options.scores, newline="")):
        if row["dataset"] == options.data_set:
            scored[row["path"]] = row["label"]
    random = np.random.default_rng(1)
    wanted = set()
    for label in ("real", "fake"):
        paths = sorted(path for path, own in scored.items() if own == label)
        wanted.update(random.permutation(paths)[: options.count].tolist())
    pixels = np.memmap(source / "pixels.rgb", dtype=np.uint8, mode="r").reshape(-1, size, size, 3)
    target.mkdir(parents=True)
    (target / "crops.json").write_text(json.dumps(header))
    written = 0
    measures = {}
    with open(target / "index.jsonl", "w") as index, open(target / "pixels.rgb", "wb") as file:
        for line in open(source / "index.jsonl"):
            record = json.loads(line)
            if record["item"]["path"] not in wanted:
                continue
            for name, changed in degradations(np.array(pixels[record["index"]]), margin, random):
                copy = json.loads(line)
                copy["index"] = written
                copy["item"].update(dataset=name, path=f"{record['item']['path']}#{name}")
                index.write(json.dumps(copy) + "\n")
                file.write(changed.tobytes())
                measures.setdefault(name, []).append(quality(changed, margin))
                written += 1
    means = {name: np.mean(values, axis=0).tolist() for name, values in measures.items()}
    (target / "measures.json").write_text(json.dumps(means, indent=1))
    with open(target / "sources.jsonl", "w") as file:
        for line in open(target / "index.jsonl"):
            file.write(json.dumps({"path": json.loads(line)["item"]["path"], "crops": 1}) + "\n")
    print(f"{written} crops in {target}")


def auc(labels, logits):
    """AUC and half of its 95 % interval (Hanley and McNeil 1982)."""
    ranks = np.empty(len(logits))
    ranks[np.argsort(logits, kind="stable")] = np.arange(1, len(logits) + 1)
    fakes, reals = labels.sum(), len(labels) - labels.sum()
    area = (ranks[labels == 1].sum() - fakes * (fakes + 1) / 2) / (fakes * reals)
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (fakes - 1) * (one - area**2) + (reals - 1) * (two - area**2)
    return area, 1.96 * (spread / (fakes * reals)) ** 0.5


def plot(options):
    measures = json.loads((pathlib.Path(options.degraded) / "measures.json").read_text())
    sets = {}
    for row in csv.DictReader(open(options.scores, newline="")):
        sets.setdefault(row["dataset"], []).append((row["label"] == "fake", float(row["logit"])))
    results = {}
    print(f"{'':10} {'crops':>6} {'AUC':>6} {'±':>6} {'luma':>6} {'sharpness':>9}")
    for name, rows in sets.items():
        labels, logits = np.array([r[0] for r in rows]).astype(int), np.array([r[1] for r in rows])
        results[name] = auc(labels, logits)
        luma, sharpness = measures[name]
        print(f"{name:10} {len(rows):6} {results[name][0]:6.3f} {results[name][1]:6.3f} {luma:6.1f} {sharpness:9.4f}")
    panels = [
        ("side of the face, pixels", [(float(s), f"side {s}") for s in SIDES]),
        ("sharpness, by blurring", [(measures[f"blur {b}"][1], f"blur {b}") for b in BLURS]),
        ("mean luma, 0 to 255", [(float(v), f"luma {v}") for v in LUMAS]),
    ]
    width, height, left, gap = 300, 240, 52, 18
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + 3 * (width + gap)}" height="{height + 78}" '
        'font-family="sans-serif" font-size="12" fill="#222"><rect width="100%" height="100%" fill="#fff"/>'
    ]

    def y(value):
        return 24 + (1 - (value - 0.4) / 0.6) * height

    out.append(f'<text x="{left}" y="15">AUC of the classifier on degraded DFDC validation crops, 95 % intervals</text>')
    for number, (title, points) in enumerate(panels):
        start = left + number * (width + gap)
        points = sorted(points)
        low, high = np.log(points[0][0] * 0.85), np.log(points[-1][0] * 1.18)
        for tick in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
            out.append(
                f'<line x1="{start}" x2="{start + width}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" stroke="#ddd"/>')
            if number == 0:
                out.append(f'<text x="{start - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:.1f}</text>')
        base = results["as it is"][0]
        out.append(
            f'<line x1="{start}" x2="{start + width}" y1="{y(base):.1f}" y2="{y(base):.1f}" stroke="#888" '
            'stroke-dasharray="4 3"/>')
        path = []
        for value, name in points:
            x = start + (np.log(value) - low) / (high - low) * width
            area, half = results[name]
            path.append(f"{x:.1f},{y(area):.1f}")
            out.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y(area - half):.1f}" y2="{y(area + half):.1f}" stroke="#1f5fa8"/>'
                f'<circle cx="{x:.1f}" cy="{y(area):.1f}" r="3.5" fill="#1f5fa8"/>')
            label = f"{value:.0f}" if value >= 1 else f"{value:.3f}"
            out.append(f'<text x="{x:.1f}" y="{height + 42}" text-anchor="middle">{label}</text>')
        out.append(f'<polyline points="{" ".join(path)}" fill="none" stroke="#1f5fa8"/>')
        out.append(f'<text x="{start + width / 2}" y="{height + 64}" text-anchor="middle">{title}</text>')
    out.append("</svg>")
    pathlib.Path(options.output).write_text("\n".join(out) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("degrade")
    command.add_argument("crops")
    command.add_argument("scores")
    command.add_argument("-o", "--output", required=True)
    command.add_argument("--data-set", default="dfdc")
    command.add_argument("--count", type=int, default=300, help="crops of each class")
    command.set_defaults(run=degrade)
    command = commands.add_parser("plot")
    command.add_argument("degraded")
    command.add_argument("scores")
    command.add_argument("-o", "--output", required=True)
    command.set_defaults(run=plot)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    sys.exit(main())
