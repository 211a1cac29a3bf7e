"""Prints the golden numbers of SmoothingTests.swift: one-sided Clopper-Pearson bounds and normal quantiles by SciPy 1.17."""
from scipy.stats import beta, norm

for k, n, alpha in [(0, 10, .05), (10, 10, .05), (1, 10, .05), (9, 10, .001), (55, 100, .05), (990, 1000, .001),
                    (999, 1000, .001), (1000, 1000, .001), (600, 1000, .001), (99990, 100000, .001), (7, 1000, 1e-6)]:
    print((k, n, alpha, 0.0 if k == 0 else float(beta.ppf(alpha, k, n - k + 1))))
for p in [1e-12, .001, .02, .3, .5, .75, .975, .9931, 1 - 1e-9]:
    print((p, float(norm.ppf(p))))
