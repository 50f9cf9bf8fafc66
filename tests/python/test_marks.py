"""The published `sellers` table and the rank multiplier, as enforcement and recommendation teams read them: without Stallmark.

Input: the folder in STALLMARK_PUBLISHED_DIR, published by two runs of the same date with the built-in [marks] and
[score.multiplier]. docs/seller_marks.md and docs/ranking.md say what is checked here.
"""

import hashlib
import json
import os
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

FACTORS = {"allow": 1.0, "label": 1.0, "downrank": 0.5, "no_recommend": 0.0, "gate": 0.05, "review": 1.0, "hold": 0.0, "escalate": 1.0}
BANDS = {"good", "fair", "poor", "severe", "unscored"}


@pytest.fixture(scope="module")
def root() -> Path:
    folder = os.environ.get("STALLMARK_PUBLISHED_DIR")
    if not folder:
        pytest.fail("set STALLMARK_PUBLISHED_DIR to a folder that two runs of the same date were published to")
    return Path(folder)


@pytest.fixture(scope="module")
def tables(root: Path) -> dict:
    return json.loads((root / "_published.json").read_text(encoding="utf-8"))["tables"]


@pytest.fixture(scope="module")
def sellers(root: Path, tables: dict) -> pl.DataFrame:
    return pl.read_delta(str(root / "sellers"), version=tables["sellers"]["version"])


@pytest.fixture(scope="module")
def scores(root: Path, tables: dict) -> pl.DataFrame:
    return pl.read_delta(str(root / "scores"), version=tables["scores"]["version"])


def test_every_seller_of_a_scored_item_has_one_row(sellers: pl.DataFrame, scores: pl.DataFrame) -> None:
    assert sellers["seller_id"].n_unique() == sellers.height > 0
    scored = scores.drop_nulls("seller_id").group_by("seller_id").agg(pl.len().alias("n"))
    joined = scored.join(sellers.select("seller_id", "items_scored"), on="seller_id", how="left")
    assert (joined["n"] == joined["items_scored"]).all()
    assert sellers["items_scored"].sum() == joined["n"].sum()


def test_every_column_says_what_it_means(root: Path, tables: dict) -> None:
    table = DeltaTable(str(root / "sellers"), version=tables["sellers"]["version"])
    assert table.metadata().partition_columns == ["as_of", "market"]
    assert all(field.metadata.get("comment") for field in table.schema().fields)


def test_rates_have_their_n_and_lie_within_their_interval(sellers: pl.DataFrame) -> None:
    labels = [name.removeprefix("rate_") for name in sellers.columns if name.startswith("rate_")]
    assert labels
    for label in labels:
        n, k, rate, low, high = (sellers[f"{column}_{label}"] for column in ("n", "violating", "rate", "lower", "upper"))
        assert (k <= n).all()
        assert (low < rate).all() and (rate < high).all() and low.min() >= 0.0 and high.max() <= 1.0
        # Of whom nothing was decided, the rate is that of the tier.
        undecided = sellers.filter(n == 0)
        assert (undecided[f"rate_{label}"] == undecided[f"peers_{label}"]).all()


def test_points_and_health_follow_from_strikes(sellers: pl.DataFrame) -> None:
    assert (sellers["points"] >= sellers["active_strikes"]).all(), "no label weighs less than a point"
    assert ((sellers["active_strikes"] > 0) == sellers["next_expiry"].is_not_null()).all()
    assert (sellers["points_expiring"].fill_null(0) <= sellers["points"]).all()
    without_excess = (1000 - 20 * sellers["points"]).clip(0)
    assert (sellers["health"] <= without_excess).all() and sellers["health"].is_between(0, 1000).all()
    few = sellers.filter((pl.col("items_decided") < 5) & (pl.col("health") >= 800))
    assert set(few["health_band"].unique()) <= {"unproven"}


def test_the_multiplier_can_be_computed_from_the_published_scores(scores: pl.DataFrame) -> None:
    assert set(scores["band"].unique()) <= BANDS | {"limited", "withheld"}
    both = scores.drop_nulls(["abuse", "quality"]).filter(pl.col("policy_ids").list.len() == 0)
    quality, abuse = both["quality"].cast(pl.Float64), both["abuse"].cast(pl.Float64)
    factor = both["treatment"].replace_strict(FACTORS, return_dtype=pl.Float64)
    expected = ((quality * (1.0 - abuse)).clip(0.1) * factor).cast(pl.Float32)
    assert both.height > 0 and (both["rank_multiplier"] == expected).all()
    neither = scores.filter(pl.col("abuse").is_null() & pl.col("quality").is_null())
    assert (neither["rank_multiplier"] <= 0.5).all()


def test_a_rerun_gives_the_same_bytes(root: Path) -> None:
    def digests(version: int) -> list[str]:
        uris = DeltaTable(str(root / "sellers"), version=version).file_uris()
        return sorted(hashlib.sha256(Path(uri.removeprefix("file://")).read_bytes()).hexdigest() for uri in uris)

    assert digests(0) == digests(1)
