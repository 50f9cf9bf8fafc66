"""The published `scores` table as other people's tools see it: opened with deltalake and Polars, without Stallmark.

Input: the folder in STALLMARK_PUBLISHED_DIR, published by two runs of the same date. Deliberately not here: whether the
scores are any good.
"""

import hashlib
import json
import os
from collections import defaultdict
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

TEXT = pl.String
REASONS = pl.List(pl.Struct({"code": pl.String, "contribution": pl.Float32}))

# DESIGN.md §6. `float` and `integer` mean any width; everything else is exact.
DOCUMENTED = {
    "content_id": TEXT,
    "content_type": TEXT,
    "seller_id": TEXT,
    "market": TEXT,
    "category": TEXT,
    "calibration": TEXT,
    "abuse": "float",
    "quality": "float",
    "expected_harm": "float",
    "forecast_method": TEXT,
    "labels_scored": "integer",
    "treatment": TEXT,
    "rank_multiplier": "float",
    "band": TEXT,
    "policy_ids": pl.List(pl.String),
    "shadow_policy_ids": pl.List(pl.String),
    "held_back_by": pl.List(pl.String),
    "reasons": REASONS,
    "coverage": "float",
    "model_version": TEXT,
    "policy_version": TEXT,
    "run_id": TEXT,
    "as_of": pl.Date,
    "expires_at": pl.Datetime("us", "UTC"),
}
TREATMENTS = {"allow", "label", "downrank", "no_recommend", "gate", "review", "hold", "escalate"}
CONTENT_TYPES = {"listing", "video", "live", "review", "comment"}


@pytest.fixture(scope="module")
def root() -> Path:
    folder = os.environ.get("STALLMARK_PUBLISHED_DIR")
    if not folder:
        pytest.fail("set STALLMARK_PUBLISHED_DIR to a folder that two runs of the same date were published to")
    return Path(folder)


@pytest.fixture(scope="module")
def manifest(root: Path) -> dict:
    return json.loads((root / "_published.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def versions(root: Path) -> list[pl.DataFrame]:
    return [pl.read_delta(str(root / "scores"), version=version) for version in (0, 1)]


def data_files(root: Path, version: int) -> dict[str, list[Path]]:
    """The files of a version by market, in the order of their names."""
    table = DeltaTable(str(root / "scores"), version=version)
    by_market = defaultdict(list)
    for uri in sorted(table.file_uris()):
        path = Path(uri.removeprefix("file://"))
        by_market[path.parent.name.removeprefix("market=")].append(path)
    return dict(sorted(by_market.items()))


def test_manifest_names_the_newest_version(root: Path, manifest: dict) -> None:
    assert manifest["format"] == 1
    assert set(manifest) == {"format", "run_id", "as_of", "published_at", "tables"}
    scores = manifest["tables"]["scores"]
    assert scores == {"version": 1, "path": "scores"}
    assert DeltaTable(str(root / scores["path"])).version() == 1


def test_schema_is_the_documented_one(versions: list[pl.DataFrame]) -> None:
    for frame in versions:
        schema = dict(frame.schema)
        missing = [name for name in DOCUMENTED if name not in schema]
        assert not missing, f"missing columns: {missing}"
        for name, expected in DOCUMENTED.items():
            got = schema.pop(name)
            if expected == "float":
                assert got.is_float(), f"{name} is {got}"
            elif expected == "integer":
                assert got.is_integer(), f"{name} is {got}"
            else:
                assert got == expected, f"{name} is {got}"
        assert schema, "no column p_<label>"
        assert all(name.startswith("p_") and dtype == pl.Float32 for name, dtype in schema.items()), schema


def test_partitions_and_comments(root: Path) -> None:
    table = DeltaTable(str(root / "scores"))
    assert table.metadata().partition_columns == ["as_of", "market"]
    fields = table.schema().fields
    assert all(field.nullable for field in fields)
    assert all(field.metadata.get("comment") for field in fields), "every column says what it means"


def test_rows_are_one_per_content(versions: list[pl.DataFrame], manifest: dict) -> None:
    for frame in versions:
        assert frame.height > 0
        assert frame["content_id"].null_count() == 0
        assert frame["content_id"].n_unique() == frame.height
        assert {str(day) for day in frame["as_of"].unique()} == {manifest["as_of"]}
        assert frame["run_id"].unique().to_list() == [manifest["run_id"]]
        assert set(frame["treatment"].unique()) <= TREATMENTS
        assert set(frame["content_type"].unique()) <= CONTENT_TYPES
        assert frame["market"].str.contains("^[A-Z]{2}$").all()
        assert frame["reasons"].list.len().max() <= 3


def test_probabilities_lie_between_0_and_1(versions: list[pl.DataFrame]) -> None:
    for frame in versions:
        names = [name for name in frame.columns if name.startswith("p_")]
        for name in [*names, "abuse", "quality", "rank_multiplier", "coverage"]:
            values = frame[name].drop_nulls()
            assert not values.is_nan().any(), f"{name} has NaN: undefined is null"
            assert values.is_between(0.0, 1.0).all(), f"{name} leaves [0, 1]"
        harm = frame["expected_harm"].drop_nulls()
        assert (harm >= 0.0).all() and harm.is_finite().all()


def test_a_rerun_gives_the_same_rows(versions: list[pl.DataFrame]) -> None:
    first, second = (frame.sort("content_id") for frame in versions)
    assert first.equals(second)


def test_a_rerun_gives_the_same_bytes_in_other_files(root: Path) -> None:
    first, second = (data_files(root, version) for version in (0, 1))
    assert list(first) == list(second)
    for market in first:
        hashes = [[hashlib.sha256(path.read_bytes()).hexdigest() for path in files[market]] for files in (first, second)]
        assert hashes[0] == hashes[1], f"market {market}"
        assert not {path.name for path in first[market]} & {path.name for path in second[market]}


def test_nothing_half_written_lies_about(root: Path) -> None:
    assert not [path for path in root.rglob("*.tmp")]
    referenced = {path.name for version in (0, 1) for files in data_files(root, version).values() for path in files}
    assert {path.name for path in root.glob("scores/as_of=*/market=*/*.parquet")} == referenced
