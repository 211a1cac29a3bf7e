"""Golden numbers for MetricsTests' SampleMetricsTests: Fréchet distance (numpy, scipy's matrix root) and precision and recall
by nearest neighbours (plain loops over numpy distances).

Run: python samples.py > ../MetricsTests/GoldenSamples.swift   (scipy 1.17.1, numpy 2.4.6)
The features come from a linear congruential generator that the Swift test repeats, so that no data has to be stored.
"""
import numpy as np
from scipy.linalg import sqrtm

CASES = [  # rows of the first and second table, features, shift, scale of the second, seed
    (40, 50, 4, 0.0, 1.0, 1), (60, 45, 12, 0.3, 0.7, 2), (30, 35, 40, 0.1, 1.2, 3)]


def draw(rows, width, seed):
    state, numbers = seed, []
    for _ in range(rows * width):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        numbers.append((state >> 40) / 2**24)
    x = np.array(numbers).reshape(rows, width)
    # Neighbouring features go together, so that the covariance is not a diagonal one.
    return x + 0.5 * np.roll(x, 1, axis=1)


def frechet(a, b):
    ca, cb = np.atleast_2d(np.cov(a, rowvar=False)), np.atleast_2d(np.cov(b, rowvar=False))
    root = sqrtm(ca @ cb)
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca) + np.trace(cb) - 2 * np.trace(root).real)


def inside(points, manifold, k):
    own = np.linalg.norm(manifold[:, None] - manifold[None], axis=2)
    radii = np.sort(own, axis=1)[:, k]  # Column 0 is the point itself.
    distances = np.linalg.norm(points[:, None] - manifold[None], axis=2)
    return float((distances <= radii[None]).any(axis=1).mean())


print("/// Made by `Tests/Golden/samples.py`.\nenum GoldenSamples {\n  static let cases: [SampleCase] = [")
for case in CASES:
    n, m, width, shift, scale, seed = case
    a, b = draw(n, width, seed), shift + scale * draw(m, width, seed + 100)
    print(f"    SampleCase(\n      first: {n}, second: {m}, width: {width}, shift: {shift}, scale: {scale}, seed: {seed},")
    print(f"      frechet: {frechet(a, b)!r},\n      precision: {inside(a, b, 3)!r},\n      recall: {inside(b, a, 3)!r}),")
print("  ]\n}")
