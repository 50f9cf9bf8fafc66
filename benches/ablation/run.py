"""What each group of features is worth: average precision with all of them, and without one group at a time.

    benches/ablation/run.py [--stallmark PATH] [--seeds 20] [--content 3000] [--real DIR] > docs/ablation.md

Figures are out of fold on training data only (dev files are not read). The real sets are the projects under examples/;
the synthetic marketplaces are `stallmark synth` with seeds 1, 2, …; for those the table gives the median and the worst of the
differences over the seeds. A positive difference is what the group adds.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
REAL = {"vispamreviews": "2026-01-04", "judol": "2026-01-04", "id_hate": "2026-01-04"}
SYNTH_AS_OF = "2026-03-26"


def train(binary, project, as_of, exclude, models, settings=()):
    """Mean average precision over the labels, out of fold."""
    command = [binary, "train", "--project", project, "--as-of", as_of, "--json", "--set", f"models.path={models}"]
    command += ["--set", "features.exclude=" + json.dumps(exclude)]
    for setting in settings:
        command += ["--set", setting]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    metrics = json.loads(done.stdout)["metrics"]
    return {m["label"]: m["average_precision"] for m in metrics}


def mean(values):
    return sum(values) / len(values)


def groups_of(binary):
    """The groups of the registry and of the default configuration, in the order of the documentation."""
    table = subprocess.run([binary, "schema", "features"], capture_output=True, text=True, check=True).stdout
    groups = []
    for line in table.splitlines():
        if line.startswith("## ") and line != "## Without a table or a column":
            groups.append(line[3:].strip())
    return groups


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stallmark", default=os.path.expanduser("~/.cache/stallmark/target/debug/stallmark"))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--content", type=int, default=3000)
    parser.add_argument("--real", default=str(ROOT.parent / "shared" / "data"))
    parser.add_argument("--only", nargs="*", help="real sets to run")
    parser.add_argument("--groups", nargs="*", help="groups to leave out, one at a time; all by default")
    args = parser.parse_args()
    binary = args.stallmark
    os.environ.setdefault("STALLMARK_REAL_DATA", args.real)
    groups = args.groups or groups_of(binary)
    with tempfile.TemporaryDirectory() as scratch:
        names = args.only if args.only is not None else list(REAL)
        if names:
            real(binary, groups, scratch, names)
        if args.seeds:
            synthetic(binary, groups, scratch, args)


def real(binary, groups, scratch, names):
    print("| without | " + " | ".join(names) + " |\n|---|" + "---|" * len(names))
    print("The real sets have texts, stars, categories and authors only: a group that is null there changes nothing.", file=sys.stderr)
    all_of = {n: mean(train(binary, ROOT / "examples" / n, REAL[n], [], f"{scratch}/{n}").values()) for n in names}
    print("| nothing (all features) | " + " | ".join(f"{all_of[n]:.4f}" for n in names) + " |", flush=True)
    for group in groups:
        row = []
        for n in names:
            got = mean(train(binary, ROOT / "examples" / n, REAL[n], [group], f"{scratch}/{n}-{group}").values())
            row.append(f"{got:.4f} ({all_of[n] - got:+.4f})")
        print(f"| {group} | " + " | ".join(row) + " |", flush=True)


def synthetic(binary, groups, scratch, args):
    """Differences of mean average precision by seed."""
    differences = {group: [] for group in groups}
    full = []
    for seed in range(1, args.seeds + 1):
        project = f"{scratch}/synth-{seed}"
        subprocess.run([binary, "synth", "--content", str(args.content), "--seed", str(seed), "--out", project], check=True,
                       capture_output=True)
        # Small marketplaces: the labels that have 20 decisions of each kind, and fewer trees.
        few = ["train.min_positives=20", "train.min_negatives=20", "train.trees.rounds=60"]
        base = train(binary, project, SYNTH_AS_OF, [], f"{project}/models-all", few)
        full.append(mean(base.values()))
        for group in groups:
            got = train(binary, project, SYNTH_AS_OF, [group], f"{project}/models-{group}", few)
            differences[group].append(mean(base.values()) - mean([got[label] for label in base]))
        print(f"seed {seed}: {full[-1]:.4f}", file=sys.stderr, flush=True)
    print(f"\n{args.seeds} synthetic marketplaces of {args.content} items; mean average precision with all features: median "
          f"{statistics.median(full):.4f}, worst {min(full):.4f}\n")
    print("| without | median loss | worst loss | seeds where the group helps |\n|---|---|---|---|")
    for group, values in differences.items():
        helped = sum(v > 0 for v in values)
        print(f"| {group} | {statistics.median(values):+.4f} | {min(values):+.4f} | {helped} of {len(values)} |")


if __name__ == "__main__":
    main()
