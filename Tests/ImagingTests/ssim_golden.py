"""Prints what scikit-image's structural_similarity says of the patterns that StructuralSimilarityTests draws.

Run as `python3 ssim_golden.py` with scikit-image installed; made with 0.26.0.
"""

import numpy as np
import skimage
from skimage.metrics import structural_similarity


def pattern(width, height):
    i = np.arange(width * height * 3, dtype=np.int64)
    waves = 100 + 60 * np.sin(i / 29.0)
    return np.clip(np.floor(waves + i * 7 % 31), 0, 255).astype(np.uint8).reshape(height, width, 3)


def luma(picture):
    return picture.astype(np.float64) @ np.array([0.299, 0.587, 0.114])


def changed(picture, kind):
    i = np.arange(picture.size, dtype=np.int64).reshape(picture.shape)
    values = picture.astype(np.int64)
    if kind == "checked":
        values = values + np.where((i // 3) % 2 == 0, 6, -6)
    elif kind == "brighter":
        values = values + 25
    elif kind == "spotted":
        values = np.where((i // 3) % 97 == 0, 255, values)
    elif kind == "negative":
        values = 255 - values
    return np.clip(values, 0, 255).astype(np.uint8)


print("scikit-image", skimage.__version__)
for width, height in [(48, 40), (11, 11), (31, 17)]:
    for kind in ["checked", "brighter", "spotted", "negative"]:
        x = pattern(width, height)
        value = structural_similarity(
            luma(x), luma(changed(x, kind)), gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255
        )
        print(f'    ({width}, {height}, "{kind}", {value:.12f}),')
