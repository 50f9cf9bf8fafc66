"""scikit-learn's side of the comparison of bootstrap intervals: 20 draws of average precision, ROC AUC, log loss and Brier score of five
labels over a million rows, clusters drawn with replacement; one line of JSON, microseconds of all five labels.

The rows and the truth are the same as in `peer_evaluate.rs`, which does 1,000 draws of the same and of the rates at a threshold.
Usage: evaluate.py [--report], which prints the metrics of all rows instead: they must agree with ours.
"""

import json
import sys
import time

import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

N_ROWS = 1_000_000
N_CLUSTERS = 100_000
N_LABELS = 5
DRAWS = 20
GAMMA = np.uint64(0x9E3779B97F4A7C15)


def mix(x):
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def uniform(stream):
    rows = np.arange(N_ROWS, dtype=np.uint64) + np.uint64(stream << 32)
    return (mix(rows * GAMMA) >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def label(j):
    p = uniform(1 + 2 * j) ** 2
    return p, uniform(2 + 2 * j) < 0.15 * p


def metrics(truth, p):
    return [
        average_precision_score(truth, p),
        roc_auc_score(truth, p),
        log_loss(truth, p),
        brier_score_loss(truth, p),
    ]


def main():
    clusters = (uniform(0) * N_CLUSTERS).astype(np.int64)
    labels = [label(j) for j in range(N_LABELS)]
    if "--report" in sys.argv:
        for p, truth in labels:
            print(json.dumps(metrics(truth, p)))
        return
    rng = np.random.default_rng(7)
    start = time.perf_counter()
    found = []
    order = np.argsort(clusters, kind="stable")
    sizes = np.bincount(clusters, minlength=N_CLUSTERS)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    for p, truth in labels:
        for _ in range(DRAWS):
            drawn = rng.integers(0, N_CLUSTERS, N_CLUSTERS)
            n = sizes[drawn]
            ends = np.cumsum(n)
            rows = order[np.repeat(starts[drawn] - (ends - n), n) + np.arange(ends[-1])]
            found.append(metrics(truth[rows], p[rows]))
    low, high = np.quantile(np.array(found).reshape(N_LABELS, DRAWS, 4), [0.025, 0.975], axis=1)
    took = (time.perf_counter() - start) * 1e6
    assert (low < high).all()
    print(json.dumps({"sklearn_20_draws": took}))


main()
