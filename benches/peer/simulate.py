"""`policy simulate` beside Python Polars: two sets of 20 policies on the same published nights.

    simulate.py tables PROJECT OUT NIGHTS ROWS    a copy of PROJECT (trained on counterfeit, misleading_claim and false_discount) with
                                                  generated tables `scores` and `evidence`, and the two sets of policies
    simulate.py polars OUT                        what the candidate changes, by Polars: one line of JSON
    simulate.py compare OUT STALLMARK ROUNDS      both sides by turns: seconds, peak memory, and that they find the same

The values are drawn from plausible distributions, not scored. Both sides read the same Parquet files and give, for each set, what each
policy acts on, caps judged by night, the ruling of each item, and the swap set with its sums by segment. Neither has decisions, so that
nothing is said about precision. Deliberately not here: the recomputation of columns that were not kept.
"""

import datetime
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import polars as pl

MARKETS = {"ID": 0.35, "TH": 0.2, "VN": 0.2, "PH": 0.15, "MY": 0.06, "SG": 0.04}
TYPES = {"listing": 0.5, "video": 0.2, "review": 0.15, "comment": 0.1, "live": 0.05}
LABELS = {"counterfeit": ["listing"], "misleading_claim": ["listing", "video", "live"], "false_discount": ["listing"]}
SEVERITY = {"allow": 0, "label": 1, "downrank": 2, "no_recommend": 3, "gate": 4, "review": 5}
FACTOR = {"label": 1.0, "downrank": 0.5, "no_recommend": 0.0, "review": 1.0}
FIRST = datetime.date(2026, 2, 1)

# Label, condition, treatment, cap as a share of a market. The thresholds are sums of powers of two: 32 and 64 bits agree on them.
CONDITIONS = [
    ("counterfeit", "p_counterfeit >= {t}", "review", 0.0),
    ("misleading_claim", "p_misleading_claim >= {t}", "review", 0.0),
    ("false_discount", "p_false_discount >= {t}", "review", 0.0),
    ("counterfeit", "p_counterfeit >= {t} AND seller_strikes_active > 0", "no_recommend", 0.1),
    ("misleading_claim", "p_misleading_claim >= {t} AND seller_strikes_active > 0", "no_recommend", 0.1),
    ("false_discount", "p_false_discount >= {t} AND seller_strikes_active > 1", "no_recommend", 0.1),
    ("counterfeit", "p_counterfeit >= {t} AND day_views > 50", "downrank", 0.05),
    ("misleading_claim", "p_misleading_claim >= {t} AND day_views > 50", "downrank", 0.05),
    ("false_discount", "p_false_discount >= {t} AND day_views > 50", "downrank", 0.05),
    ("counterfeit", "expected_harm > 8 AND p_counterfeit > {t}", "review", 0.0),
    ("misleading_claim", "expected_harm > 8 AND p_misleading_claim > {t}", "review", 0.0),
    ("misleading_claim", "p_misleading_claim >= {t} AND tier = 'bronze'", "label", 0.0),
    ("counterfeit", "p_counterfeit >= {t} AND tier IN ('bronze', 'silver')", "label", 0.0),
    ("counterfeit", "p_counterfeit >= {t} AND category = 'watches'", "review", 0.0),
    ("misleading_claim", "p_misleading_claim >= {t} AND category IN ('beauty', 'health')", "review", 0.0),
    ("false_discount", "p_false_discount >= {t} AND day_orders > 2", "label", 0.0),
    ("counterfeit", "p_counterfeit >= {t} OR (p_false_discount >= {t} AND day_gmv > 100)", "downrank", 0.02),
    ("misleading_claim", "abuse >= {t} AND quality < 0.5", "downrank", 0.01),
    ("misleading_claim", "abuse >= {t} AND seller_violations_28d > 0", "no_recommend", 0.02),
    ("misleading_claim", "abuse BETWEEN {t} AND 0.96875 AND coverage < 0.5", "review", 0.0),
]
CURRENT = [0.5 + at % 4 * 0.0625 for at in range(20)]
CANDIDATE = [threshold + (0.125 if at % 3 == 0 else -0.0625 if at % 3 == 1 else 0) for at, threshold in enumerate(CURRENT)]


def policies(thresholds: list[float]) -> list[dict]:
    """The policies of a set."""
    return [
        {"id": f"policy_{at:02}", "label": label, "when": when.format(t=threshold), "treatment": treatment, "share": share}
        for at, ((label, when, treatment, share), threshold) in enumerate(zip(CONDITIONS, thresholds))
    ]


def write_policies(folder: Path, thresholds: list[float]) -> None:
    folder.mkdir()
    for policy in policies(thresholds):
        text = (
            f'id = "{policy["id"]}"\nowner = "policy@example.org"\nreason = "To measure."\nlabels = ["{policy["label"]}"]\n'
            f'when = "{policy["when"]}"\ntreatment = "{policy["treatment"]}"\nmode = "live"\n'
        )
        (folder / f"{policy['id']}.toml").write_text(text + (f"[cap]\nmarket_share = {policy['share']}\n" if policy["share"] else ""))


def tables(project: Path, out: Path, nights: int, rows: int) -> None:
    """Writes the project."""
    import numpy as np

    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    shutil.copytree(project / "models", out / "models")
    text = (project / "stallmark.toml").read_text()
    start = text.find("[sources.decisions]")
    end = text.find("\n[sources.", start + 1)
    if start >= 0:
        text = text[:start] + (text[end + 1 :] if end >= 0 else "")
    (out / "stallmark.toml").write_text(text)
    write_policies(out / "policies", CURRENT)
    write_policies(out / "candidate", CANDIDATE)

    rng = np.random.default_rng(1)
    market = np.sort(rng.choice(list(MARKETS), rows, p=list(MARKETS.values())))
    content_type = rng.choice(list(TYPES), rows, p=list(TYPES.values()))
    seller = rng.integers(0, rows // 8 + 1, rows)
    fixed = pl.DataFrame({
        "content_id": [f"c{at * 2654435761 % 2**32:010x}{at:04x}" for at in range(rows)],
        "content_type": content_type,
        "seller_id": [f"s{at * 2654435761 % 2**32:010x}" for at in seller],
        "category": rng.choice(["beauty", "health", "watches", "women_fashion", "food", "baby", "electronics", "home"], rows),
        "market": market,
        "tier": rng.choice(["gold", "silver", "bronze"], rows // 8 + 1, p=[0.1, 0.3, 0.6])[seller],
        "seller_strikes_active": np.log1p(rng.poisson(0.3, rows // 8 + 1)).astype(np.float32)[seller],
        "seller_violations_28d": np.log1p(rng.poisson(0.1, rows // 8 + 1)).astype(np.float32)[seller],
    })
    logits = {label: rng.normal(-3.5, 1.6, rows) for label in LABELS}
    popularity = rng.lognormal(1.0, 1.5, rows)
    kept = "tier,language,currency,forecast_views,day_views,day_orders,day_gmv,seller_strikes_active,seller_violations_28d"
    for night in range(nights):
        views = rng.poisson(popularity)
        orders = rng.binomial(views, 0.02)
        scored = {}
        for label, types in LABELS.items():
            p = 1 / (1 + np.exp(-(logits[label] + rng.normal(0, 0.3, rows))))
            scored[f"p_{label}"] = np.where(np.isin(content_type, types), p, np.nan).astype(np.float32)
        known = {name: np.nan_to_num(p) for name, p in scored.items()}
        abuse = (1 - np.prod([1 - p for p in known.values()], axis=0)).astype(np.float32)
        whole = fixed.with_columns(
            **{name: pl.Series(p).fill_nan(None) for name, p in scored.items()},
            abuse=pl.Series(abuse), quality=pl.Series(rng.beta(5, 2, rows).astype(np.float32)),
            coverage=pl.Series(rng.beta(4, 2, rows).astype(np.float32)),
            expected_harm=pl.Series(sum(p.astype(np.float64) for p in known.values()) * views * 3),
            labels_scored=pl.Series(sum((~np.isnan(p)).astype(np.int32) for p in scored.values())),
            calibration=pl.lit("population"), treatment=pl.lit("allow"), model_version=pl.lit("0" * 12),
            day_views=pl.Series(views.astype(np.int64)), day_orders=pl.Series(orders.astype(np.int64)),
            day_gmv=pl.Series(orders * 12.5), currency=pl.lit("USD"), language=pl.lit("id"),
            forecast_views=pl.Series(popularity), **{"_kept_columns": pl.lit(kept)},
        )  # fmt: skip
        day = FIRST + datetime.timedelta(days=night)
        for of_market in whole.partition_by("market"):
            folder = f"as_of={day}/market={of_market['market'][0]}"
            for table, columns in COLUMNS.items():
                path = out / "out" / table / folder / "part-00000.parquet"
                path.parent.mkdir(parents=True)
                of_market.select(*columns).write_parquet(path, compression="zstd", row_group_size=131_072)
    write_logs(out / "out", nights)


COLUMNS = {
    "scores": {
        "content_id": "string", "content_type": "string", "seller_id": "string", "category": "string",
        **{f"p_{label}": "float" for label in LABELS}, "calibration": "string", "abuse": "float", "quality": "float",
        "expected_harm": "double", "labels_scored": "integer", "treatment": "string", "coverage": "float", "model_version": "string",
    },
    "evidence": {
        "content_id": "string", "_kept_columns": "string", "tier": "string", "language": "string", "currency": "string",
        "forecast_views": "double", "day_views": "long", "day_orders": "long", "day_gmv": "double", "seller_strikes_active": "float", "seller_violations_28d": "float",
    },
}  # fmt: skip


def write_logs(out: Path, nights: int) -> None:
    """The Delta logs of the files that are there, and `_published.json`."""
    for table, columns in COLUMNS.items():
        kinds = [*columns.items(), ("as_of", "date"), ("market", "string")]
        fields = [{"name": name, "type": kind, "nullable": True, "metadata": {}} for name, kind in kinds]
        meta = {
            "id": f"00000000-0000-0000-0000-{len(columns):012}", "name": table, "format": {"provider": "parquet", "options": {}},
            "schemaString": json.dumps({"type": "struct", "fields": fields}), "partitionColumns": ["as_of", "market"],
            "configuration": {}, "createdTime": 0,
        }  # fmt: skip
        actions = [{"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}, {"metaData": meta}]
        for path in sorted((out / table).rglob("*.parquet")):
            parts = path.relative_to(out / table).parts
            values = dict(part.split("=") for part in parts[:-1])
            add = {"path": "/".join(parts), "partitionValues": values, "size": path.stat().st_size, "modificationTime": 0, "dataChange": True}
            actions.append({"add": add})
        log = out / table / "_delta_log"
        log.mkdir()
        (log / f"{0:020}.json").write_text("\n".join(json.dumps(action) for action in actions) + "\n")
    named = {table: {"version": 0, "path": table} for table in COLUMNS}
    last = str(FIRST + datetime.timedelta(days=nights - 1))
    published = {"format": 1, "run_id": "0" * 16, "as_of": last, "published_at": f"{last}T00:00:00.000000Z", "tables": named}
    (out / "_published.json").write_text(json.dumps(published))


def one_night(out: Path, day: str) -> tuple[list[list[int]], pl.DataFrame]:
    """How much each policy acts on, by set, and the night's swap set."""
    read = sorted({*COLUMNS["scores"]} - {"model_version", "calibration", "labels_scored"})
    scores = pl.scan_parquet(out / "out/scores" / f"as_of={day}" / "**/*.parquet", hive_partitioning=True).select(*read, "market")
    evidence = pl.scan_parquet(out / "out/evidence" / f"as_of={day}" / "**/*.parquet", hive_partitioning=False)
    joined = scores.join(evidence.drop("_kept_columns", "language", "currency", "forecast_views"), on="content_id", how="left")
    sets = [policies(CURRENT), policies(CANDIDATE)]
    flags = [
        (pl.sql_expr(policy["when"])).fill_null(False).alias(f"{policy['id']}_{at}") for at, of in enumerate(sets) for policy in of
    ]
    night = joined.with_columns(flags).collect()
    by_market = night.group_by("market").agg(pl.len().alias("n"), *[pl.col(f"{p['id']}_{at}").sum() for at, of in enumerate(sets) for p in of])
    acts, rulings = [], []
    for at, of in enumerate(sets):
        names = [f"{policy['id']}_{at}" for policy in of]
        acts.append([int(by_market[name].sum()) for name in names])
        live = [
            (policy, name) for policy, name in zip(of, names)
            if not policy["share"] or not (by_market[name] > policy["share"] * by_market["n"]).any()
        ]  # fmt: skip
        severity = [pl.when(name).then(SEVERITY[policy["treatment"]]).otherwise(0).cast(pl.Int8) for policy, name in live]
        factor = [pl.when(name).then(FACTOR[policy["treatment"]]).otherwise(1.0).cast(pl.Float32) for policy, name in live]
        rulings += [pl.max_horizontal(severity).alias(f"treatment_{at}"), pl.min_horizontal(factor).alias(f"factor_{at}")]
    ruled = night.with_columns(rulings)
    before, after = pl.col("treatment_0"), pl.col("treatment_1")
    change = (
        pl.when((before == 0) & (after > 0)).then(pl.lit("newly_actioned")).when((before > 0) & (after == 0)).then(pl.lit("newly_freed"))
        .when(after > before).then(pl.lit("harsher")).when(after < before).then(pl.lit("milder"))
        .when(pl.col("factor_1") < pl.col("factor_0")).then(pl.lit("less_reach"))
        .when(pl.col("factor_1") > pl.col("factor_0")).then(pl.lit("more_reach"))
    )  # fmt: skip
    keep = ["content_id", "seller_id", "market", "tier", "category", "content_type", "day_views", "day_orders", "day_gmv"]
    touched = ruled.filter((before > 0) | (after > 0)).with_columns(change.alias("change"))
    return acts, touched.select(*keep, "treatment_0", "treatment_1", "change")


def by_polars(out: Path) -> dict:
    """What `policy simulate` says, by Polars, a night at a time."""
    days = sorted(path.name.split("=")[1] for path in (out / "out/scores").glob("as_of=*"))
    acts, touched = [[0] * len(CONDITIONS)] * 2, []
    for day in days:
        of_night, rows = one_night(out, day)
        acts = [[a + b for a, b in zip(*pair)] for pair in zip(acts, of_night)]
        touched.append(rows)
    rows = pl.concat(touched)
    sums = [pl.len().alias("item_nights"), pl.col("content_id").n_unique().alias("items"), pl.col("seller_id").n_unique().alias("sellers"),
            pl.col("day_views").sum().alias("views"), pl.col("day_orders").sum().alias("orders"), pl.col("day_gmv").sum().alias("gmv")]
    swap = rows.filter(pl.col("change").is_not_null())
    segments = swap.group_by("change", "market", "tier", "category", "content_type").agg(sums)
    changes = swap.group_by("change").agg(sums[:5]).sort("change")
    totals = [rows.filter(pl.col(f"treatment_{at}") > 0).select(sums[:3]).row(0) for at in (0, 1)]
    return {"acts": acts, "totals": totals, "segments": segments.height, "changes": [list(row) for row in changes.iter_rows()]}


def as_ours(told: dict) -> dict:
    """Our JSON in the peer's form."""
    keys = ("change", "item_nights", "items", "sellers", "views", "orders")
    total = ("item_nights", "items", "sellers")
    return {
        "acts": [[policy["acts"] for policy in told[name]] for name in ("current_policies", "policies")],
        "totals": [[told[name][key] for key in total] for name in ("current", "candidate")],
        "segments": len(told["segments"]),
        "changes": sorted([change[key] for key in keys] for change in told["changes"]),
    }


def measured(command: list[str]) -> tuple[float, float, dict]:
    """Seconds, processor seconds, peak memory in MiB and the JSON of a command."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    text = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, json.loads(text)


def compare(out: Path, stallmark: str, rounds: int) -> None:
    ours = [stallmark, "policy", "simulate", "--project", str(out), "--set", "policies.path=policies", "--candidate", str(out / "candidate"), "--json"]
    theirs = [sys.executable, __file__, "polars", str(out)]
    taken = {"polars": [], "stallmark": []}
    for _ in range(rounds):
        *numbers, found = measured(theirs)
        taken["polars"].append(numbers)
        *numbers, told = measured(ours)
        taken["stallmark"].append(numbers)
        if json.loads(json.dumps(found)) != as_ours(told):
            raise SystemExit(f"the two sides differ:\n{json.dumps(found)}\n{json.dumps(as_ours(told))}")
    print(f"{told['nights']} nights, {told['rows']:,} item-nights, 20 policies a set; both sides find the same")
    best = {name: [sorted(column)[len(column) // 2] for column in zip(*rows)] for name, rows in taken.items()}
    for name, (seconds, processor, peak) in best.items():
        print(f"{name:>10}: {seconds:8.2f} s, {processor:8.2f} s of processor time, peak {peak:8.0f} MiB (medians of {rounds})")
    ratios = [b / a for a, b in zip(best["polars"], best["stallmark"])]
    print("stallmark / polars: {:.2f} of the time, {:.2f} of the processor time, {:.2f} of the memory".format(*ratios))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["tables", project, out, nights, rows]:
            tables(Path(project), Path(out), int(nights), int(rows))
        case ["polars", out]:
            print(json.dumps(by_polars(Path(out))))
        case ["compare", out, stallmark, rounds]:
            compare(Path(out), stallmark, int(rounds))
        case _:
            raise SystemExit(__doc__)
