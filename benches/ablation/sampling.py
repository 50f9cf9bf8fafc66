"""What sampling weights are worth where reviews are picked by suspicion: judged against the truth of generated marketplaces.

    benches/ablation/sampling.py [--stallmark PATH] [--seeds 1 20] [--content 6000] [--modes none calibration inverse_inclusion]

For each seed: a model learns from the decisions made before TRAIN_AS_OF, picked by an incumbent, policies and reports but for a small random and an
importance slice of known probability; the last night's scores of ALL items that were published later, reviewed or not, are held
against the truth. Log loss and average precision are means over the labels with at least --positives true violations among
those items. Needs polars (the environment that `make test` makes). A negative difference of log loss is a gain.
"""

import argparse
import datetime
import json
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

import polars

TRAIN_AS_OF = "2026-03-05"
SCORE_AS_OF = "2026-03-26"
# Small marketplaces: the labels that have 20 decisions of each kind, fewer folds and trees, no peers.
SETTINGS = [
    "train.min_positives=20",
    "train.min_negatives=20",
    "train.folds=3",
    "train.trees.rounds=40",
    "train.candidates.logistic_rows=0",
    "train.candidates.forest_rows=0",
]


def stallmark(binary, *arguments):
    done = subprocess.run([binary, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)}\n{done.stderr}")
    return done.stdout


def log_loss(rows):
    """Mean negative log likelihood of (p, truth)."""
    return -sum(math.log(max(p if y else 1 - p, 1e-15)) for p, y in rows) / len(rows)


def average_precision(rows):
    """Ties as one step."""
    rows = sorted(rows, key=lambda row: -row[0])
    positives = sum(y for _, y in rows)
    area, found, at = 0.0, 0, 0
    while at < len(rows):
        end = at
        while end < len(rows) and rows[end][0] == rows[at][0]:
            end += 1
        step = sum(y for _, y in rows[at:end])
        found += step
        area += step / positives * found / end
        at = end
    return area


def published_late(project):
    content = polars.read_parquet(f"{project}/tables/content.parquet", columns=["content_id", "published_at"])
    cut = datetime.datetime.fromisoformat(TRAIN_AS_OF).replace(tzinfo=datetime.timezone.utc)
    first = content.group_by("content_id").agg(polars.col("published_at").min())
    return set(first.filter(polars.col("published_at") >= cut)["content_id"])


def judge(binary, project, mode, least):
    """Per label with enough true violations: log loss, average precision, mean probability ÷ true rate."""
    models = f"{project}/models-{mode}"
    shutil.rmtree(models, ignore_errors=True)
    sets = [part for setting in [*SETTINGS, f"train.sampling_weights={mode}"] for part in ("--set", setting)]
    where = ["--project", project, "--set", f"models.path={models}"]
    stallmark(binary, "train", *where, "--as-of", TRAIN_AS_OF, "--json", *sets)
    scores = stallmark(binary, "score", *where, "--as-of", SCORE_AS_OF)
    shutil.rmtree(models)
    late = published_late(project)
    with open(f"{project}/truth/truth.jsonl") as file:
        truth = [row for row in map(json.loads, file) if row["kind"] == "content"]
    violated = {row["content_id"]: set(row["labels"]) for row in truth}
    by_label = {}
    for row in map(json.loads, scores.splitlines()):
        if row["content_id"] not in late:
            continue
        for key, p in row.items():
            if key.startswith("p_") and p is not None:
                by_label.setdefault(key[2:], []).append((p, key[2:] in violated[row["content_id"]]))
    found = {}
    for label, rows in by_label.items():
        positives = sum(y for _, y in rows)
        if positives >= least:
            found[label] = (log_loss(rows), average_precision(rows), sum(p for p, _ in rows) / positives)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stallmark", default=os.path.expanduser("~/.cache/stallmark/target/debug/stallmark"))
    parser.add_argument("--seeds", type=int, nargs=2, default=[1, 20], metavar=("FIRST", "LAST"))
    parser.add_argument("--content", type=int, default=6000)
    parser.add_argument("--positives", type=int, default=30)
    parser.add_argument("--modes", nargs="+", default=["none", "calibration", "inverse_inclusion"])
    parser.add_argument("--json", help="a file to add each seed's figures to, one JSON object a line; seeds in it are not run again")
    args = parser.parse_args()
    seeds = range(args.seeds[0], args.seeds[1] + 1)
    done = {}
    if args.json and os.path.exists(args.json):
        with open(args.json) as file:
            done = {row["seed"]: row for row in map(json.loads, file)}
    for seed in seeds:
        if seed in done:
            continue
        with tempfile.TemporaryDirectory() as scratch:
            project = f"{scratch}/synth"
            stallmark(args.stallmark, "synth", "--content", str(args.content), "--seed", str(seed), "--out", project)
            found = {mode: judge(args.stallmark, project, mode, args.positives) for mode in args.modes}
        labels = sorted(set.intersection(*(set(of) for of in found.values())))
        mean = {mode: [statistics.mean(found[mode][label][i] for label in labels) for i in range(3)] for mode in args.modes}
        done[seed] = {"seed": seed, "labels": len(labels), "mean": mean, "by_label": found}
        if args.json:
            with open(args.json, "a") as file:
                file.write(json.dumps(done[seed]) + "\n")
        print(f"seed {seed}: " + "; ".join(f"{m} {v[0]:.4f} {v[1]:.4f} {v[2]:.2f}" for m, v in mean.items()), file=sys.stderr, flush=True)
    report([done[seed] for seed in seeds], args.modes)


def report(rows, modes):
    print("| weights | log loss, median | worst | AP, median | worst | mean p ÷ rate, median |\n|---|---|---|---|---|---|")
    for mode in modes:
        loss, ap, ratio = zip(*(row["mean"][mode] for row in rows))
        print(f"| {mode} | {statistics.median(loss):.4f} | {max(loss):.4f} | {statistics.median(ap):.4f} | {min(ap):.4f} | {statistics.median(ratio):.2f} |")
    print("\n| against none | log loss, median | worst | better in | AP, median | worst | better in |\n|---|---|---|---|---|---|---|")
    for mode in modes:
        if mode == "none" or "none" not in modes:
            continue
        loss, ap = ([row["mean"][mode][i] - row["mean"]["none"][i] for row in rows] for i in (0, 1))
        print(f"| {mode} | {statistics.median(loss):+.4f} | {max(loss):+.4f} | {sum(d < 0 for d in loss)} of {len(loss)} "
              f"| {statistics.median(ap):+.4f} | {min(ap):+.4f} | {sum(d > 0 for d in ap)} of {len(ap)} |")


if __name__ == "__main__":
    main()
