"""The windows of `benches/peer_windows.rs` as Polars group-bys over the same rows, which is what a notebook would write.

Each side starts from its own columns in memory, none of which holds anything added up: here a data frame of 32-bit columns. Making it is not
timed. Prints one line of JSON, name to microseconds a pass of twenty million rows, of the fastest ways (`FASTEST`); with `--report` five ways,
eager and lazy, with and without telling Polars that the rows are sorted by item, and checksums that must equal the Rust side's.
Threads: POLARS_MAX_THREADS. Usage: windows.py [--report] [MILLIONS_OF_ROWS]
"""

import json
import sys
import time

import numpy as np
import polars as pl

PASSES = 3
# The fastest of all ways with one thread and with two (see `--report`).
FASTEST = ("joined, lazy", "joined, lazy, sorted", "bucketed, lazy, sorted", "filtered, lazy, sorted")
SPANS = (1, 7, 28)
SUMS = ("views", "impressions", "clicks", "orders", "reports")
RATES = {"view_rate": ("views", "impressions", 0.3, 50.0), "report_rate": ("reports", "views", 0.0005, 1000.0), "order_rate": ("orders", "clicks", 0.03, 50.0)}


def splitmix(index):
    with np.errstate(over="ignore"):
        z = (index + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def rows(n):
    """One row an item and day: item, age in days, and five counters."""
    u = np.uint64
    days = 14 + (splitmix(np.arange(n // 14 + 1, dtype=u)) % u(30)).astype(np.int64)
    n_items = int(np.searchsorted(np.cumsum(days), n)) + 1
    days = days[:n_items]
    item = np.repeat(np.arange(n_items, dtype=np.int32), days)
    first = np.cumsum(days) - days
    k = np.arange(item.size) - np.repeat(first, days)
    bits = splitmix(u(1_000_000_000) + np.arange(item.size, dtype=u))
    views = bits % u(1000)
    clicks = views * ((bits >> u(10)) % u(256)) // u(1024)
    return pl.DataFrame(
        {
            "item": item,
            "age": (np.repeat(days, days) - k).astype(np.int32),
            "impressions": (views + (bits >> u(18)) % u(4096)).astype(np.uint32),
            "views": views.astype(np.uint32),
            "clicks": clicks.astype(np.uint32),
            "orders": (clicks * ((bits >> u(30)) % u(64)) // u(512)).astype(np.uint32),
            "reports": ((bits >> u(36)) % u(16) == 0).astype(np.uint32),
        }
    )


def rates():
    """(k + mean × strength) / (n + strength), k at most n, as our engine has it."""
    out = []
    for name, (k, n, mean, strength) in RATES.items():
        for d in SPANS:
            n_d = pl.col(f"{n}_{d}d").cast(pl.Float64)
            k_d = pl.min_horizontal(pl.col(f"{k}_{d}d").cast(pl.Float64), n_d)
            out.append(((k_d + mean * strength) / (n_d + strength)).cast(pl.Float32).alias(f"{name}_{d}d"))
    return out


def filtered(frame):
    sums = [pl.col(c).filter(pl.col("age") <= d).sum().alias(f"{c}_{d}d") for c in SUMS for d in SPANS]
    return frame.group_by("item").agg(sums).with_columns(rates())


def masked(frame):
    sums = [(pl.col(c) * (pl.col("age") <= d)).sum().alias(f"{c}_{d}d") for c in SUMS for d in SPANS]
    return frame.group_by("item").agg(sums).with_columns(rates())


def masked_first(frame):
    cells = [(pl.col(c) * (pl.col("age") <= d)).alias(f"{c}_{d}d") for c in SUMS for d in SPANS]
    frame = frame.select("item", *cells)
    return frame.group_by("item").agg(pl.all().sum()).with_columns(rates())


def joined(frame):
    """One group-by a span over the rows of the span, joined."""
    out = None
    for d in reversed(SPANS):
        part = frame.filter(pl.col("age") <= d).group_by("item").agg([pl.col(c).sum().alias(f"{c}_{d}d") for c in SUMS])
        out = part if out is None else out.join(part, on="item", how="left")
    return out.with_columns(rates())


def bucketed(frame):
    """Sums by item and bucket of age, then cumulative by item."""
    age = pl.col("age")
    bucket = pl.when(age <= 1).then(0).when(age <= 7).then(1).otherwise(2).cast(pl.Int8).alias("bucket")
    parts = frame.filter(age <= 28).with_columns(bucket).group_by("item", "bucket").agg([pl.col(c).sum() for c in SUMS])
    sums = [pl.col(c).filter(pl.col("bucket") <= i).sum().alias(f"{c}_{d}d") for c in SUMS for i, d in enumerate(SPANS)]
    return parts.group_by("item").agg(sums).with_columns(rates())


def main():
    is_report = "--report" in sys.argv
    millions = int(next((arg for arg in sys.argv[1:] if arg.isdigit()), 20))
    frame = rows(millions * 1_000_000)
    seconds, cpu, best = {}, {}, None
    for is_sorted in (False, True):
        data = frame.with_columns(pl.col("item").set_sorted()) if is_sorted else frame
        for way in (filtered, masked, masked_first, joined, bucketed):
            for mode in ("eager", "lazy"):
                name = f"{way.__name__}, {mode}{', sorted' if is_sorted else ''}"
                if not is_report and name not in FASTEST:
                    continue
                for _ in range(PASSES if is_report else 4 * PASSES):
                    start, cpu_start = time.perf_counter(), time.process_time()
                    out = way(data) if mode == "eager" else way(data.lazy()).collect()
                    took, cpu_took = time.perf_counter() - start, time.process_time() - cpu_start
                    seconds[name] = min(took, seconds.get(name, took))
                    cpu[name] = min(cpu_took, cpu.get(name, cpu_took))
                    if best is None or took < best[0]:
                        best = (took, out)
    if not is_report:
        print(json.dumps({"polars_group_by": best[0] * 2e13 / frame.height}))
        return
    out = best[1]
    sums = {f"b_{c}": float(out[c].cast(pl.Float64).sum()) for c in sorted(out.columns) if c != "item"}
    report = {
        "polars": pl.__version__,
        "rows": frame.height,
        "items": out.height,
        "threads": pl.thread_pool_size(),
        "seconds": best[0],
        "ns_per_row": best[0] * 1e9 / frame.height,
        "ways": dict(sorted(seconds.items(), key=lambda pair: pair[1])),
        "cpu_seconds": dict(sorted(cpu.items(), key=lambda pair: pair[1])),
        "checksums": sums,
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
