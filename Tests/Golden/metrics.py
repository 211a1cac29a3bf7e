"""Golden numbers for MetricsTests from scikit-learn, on random scores with many ties.

Run: python metrics.py > ../MetricsTests/GoldenMetrics.swift   (scikit-learn 1.9.1, scipy 1.17.1, numpy 2.4.6)
The scores come from a linear congruential generator that the Swift test repeats, so that no data has to be stored.
"""
import numpy as np
from scipy.optimize import brentq, minimize
from scipy.interpolate import interp1d
from sklearn import metrics
from sklearn.calibration import _sigmoid_calibration

CASES = [  # items, distinct scores, share of fakes, seed
    (40, 7, 0.5, 1), (500, 20, 0.84, 2), (1000, 1000, 0.2, 3), (3000, 64, 0.5, 4)]


def draw(count, levels, share, seed):
    state, numbers = seed, []
    for _ in range(3 * count):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        numbers.append((state >> 40) / 2**24)
    u = np.array(numbers).reshape(count, 3)
    labels = u[:, 0] < share
    raw = 0.6 * u[:, 1] + 0.2 * u[:, 2] + 0.2 * labels
    # The half keeps scores away from 0 and 1, where the logit is infinite.
    scores = (np.floor(raw * levels) + 0.5) / (levels + 1)
    return scores, labels


def calibration_error(scores, labels, bins=15):
    which = np.minimum((scores * bins).astype(int), bins - 1)
    return sum(abs(scores[which == b].sum() - labels[which == b].sum()) for b in range(bins)) / len(scores)


print("/// Made by `Tests/Golden/metrics.py`.\nenum GoldenMetrics {\n  static let cases: [GoldenCase] = [")
for case in CASES:
    scores, labels = draw(*case)
    decisions = scores >= 0.5
    fpr, tpr, _ = metrics.roc_curve(labels, scores)
    eer = brentq(lambda x: 1 - x - interp1d(fpr, tpr)(x), 0, 1)
    logits = np.log(scores) - np.log1p(-scores)
    a, b = _sigmoid_calibration(logits, labels)
    values = dict(
        precision=metrics.precision_score(labels, decisions), recall=metrics.recall_score(labels, decisions),
        f1=metrics.f1_score(labels, decisions), accuracy=metrics.accuracy_score(labels, decisions),
        balancedAccuracy=metrics.balanced_accuracy_score(labels, decisions),
        logLoss=metrics.log_loss(labels, scores), auc=metrics.roc_auc_score(labels, scores),
        averagePrecision=metrics.average_precision_score(labels, scores), equalErrorRate=eer,
        brierScore=metrics.brier_score_loss(labels, scores), calibrationError=calibration_error(scores, labels),
        plattSlope=-a, plattOffset=-b)
    text = ",\n      ".join(f"{k}: {float(v)!r}" for k, v in values.items())
    print(f"    GoldenCase(\n      count: {case[0]}, levels: {case[1]}, share: {case[2]}, seed: {case[3]},\n"
          f"      {text}),")
print("  ]\n}")
