"""LightGBM, CatBoost and `benches/peer_tabular.rs` on one table, in turns: training time, scoring time and average precision.

The table has 500,000 rows, 40 features with missing values and 7.3 % positives; the first 400,000 rows train. Settings: LightGBM
200 rounds of 31 leaves, CatBoost 300 rounds of depth 6, both at rate 0.1; ours stand in peer_tabular.rs and were chosen on a split of the
400,000. Every side trains on two threads and scores on one; LightGBM and CatBoost score from whichever of float32 and float64 suits them.
Wall time decides on a quiet machine; CPU time stands beside it because a shared one is never quiet.
Usage: tabular.py OUR_PROGRAM FOLDER ROUNDS
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import catboost
import lightgbm
import numpy as np
from sklearn.metrics import average_precision_score

TRAIN = 400_000
THREADS = 2
PASSES = 3


def table():
    rng = np.random.default_rng(7)
    n, p = 500_000, 40
    x = rng.normal(size=(n, p)).astype(np.float64)
    x[:, 5] = np.exp(x[:, 5])
    x[:, 6] = rng.integers(0, 6, n)
    x[:, 7] = rng.integers(0, 24, n)
    x[:, 8] = rng.poisson(2, n)
    x[:, 9] = rng.beta(1, 8, n)
    z = (
        -3.9
        + 1.2 * np.tanh(x[:, 0] * x[:, 1])
        + 0.8 * (x[:, 2] > 0.7) * (x[:, 6] > 3)
        + 0.9 * np.sin(x[:, 3] * 2)
        + 0.7 * np.abs(x[:, 4])
        + 3.0 * x[:, 9] * (x[:, 8] > 2)
        + 0.5 * x[:, 10]
        + 0.3 * x[:, 11]
        - 0.4 * x[:, 12] * x[:, 13]
        + 0.2 * (x[:, 7] > 20)
    )
    y = rng.random(n) < 1 / (1 + np.exp(-z))
    for j in (0, 3, 9, 15, 20, 25):
        x[rng.random(n) < 0.2, j] = np.nan
    return x, y


def cpu(who=resource.RUSAGE_SELF):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def timed(work):
    wall, used = time.perf_counter(), cpu()
    out = work()
    return out, time.perf_counter() - wall, cpu() - used


def peer(fit, predict, x, y):
    model, wall, used = timed(lambda: fit(x[:TRAIN], y[:TRAIN]))
    best, scores = None, None
    for rows in (x[TRAIN:], x[TRAIN:].astype(np.float32)):
        for _ in range(PASSES):
            scores, *took = timed(lambda: predict(model, rows))
            best = took if best is None else min(best, took)
    return {
        "fit_s": wall,
        "fit_cpu_s": used,
        "score_ms": best[0] * 1e3,
        "score_cpu_ms": best[1] * 1e3,
        "ap": average_precision_score(y[TRAIN:], scores),
    }


def with_lightgbm(x, y):
    model = lightgbm.LGBMClassifier(n_estimators=200, num_leaves=31, learning_rate=0.1, n_jobs=THREADS, verbose=-1)
    return peer(model.fit, lambda m, rows: m.booster_.predict(rows, num_threads=1), x, y)


def with_catboost(x, y):
    model = catboost.CatBoostClassifier(
        iterations=300, depth=6, learning_rate=0.1, thread_count=THREADS, verbose=0, allow_writing_files=False
    )
    score = lambda m, rows: m.predict(rows, prediction_type="RawFormulaVal", thread_count=1)
    return peer(model.fit, score, x, y.astype(np.float64))


def with_ours(program, folder, y):
    """Our program trains on RAYON_NUM_THREADS threads, scores on one, and leaves the scores in a file."""
    environment = {**os.environ, "RAYON_NUM_THREADS": str(THREADS)}
    out = subprocess.run([program, str(folder)], check=True, stdout=subprocess.PIPE, env=environment).stdout
    scores = np.fromfile(folder / "scores.f64", "<f8")
    return {**json.loads(out), "ap": average_precision_score(y[TRAIN:], scores)}


def main():
    program, folder, rounds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    os.environ["OMP_NUM_THREADS"] = str(THREADS)
    folder.mkdir(parents=True, exist_ok=True)
    x, y = table()
    x.astype("<f4").tofile(folder / "features.f32")
    y.astype("u1").tofile(folder / "positive.u8")
    found = {"lightgbm": [], "catboost": [], "ours": []}
    for _ in range(rounds):
        found["lightgbm"].append(with_lightgbm(x, y))
        found["catboost"].append(with_catboost(x, y))
        found["ours"].append(with_ours(program, folder, y))
    print(f"tabular: {rounds} rounds")
    for name, results in found.items():
        medians = {key: statistics.median(result[key] for result in results) for key in results[0]}
        spread = f"fit {min(r['fit_s'] for r in results):.2f} to {max(r['fit_s'] for r in results):.2f} s"
        print(f"  {name}: " + ", ".join(f"{key} {value:.4g}" for key, value in medians.items()) + f"; {spread}")


if __name__ == "__main__":
    main()
