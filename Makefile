# make demo: generates a marketplace, trains, runs, and prints the ten worst items. make test: every test. Each does its own set-up.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
export CARGO_TARGET_DIR ?= $(HOME)/.cache/stallmark/target
VENV ?= $(HOME)/.cache/stallmark/venv
DEMO_DIR ?= demo
STALLMARK := $(CARGO_TARGET_DIR)/debug/stallmark

.PHONY: demo test lint bench bench-peer build models venv clean

build:
	cargo build --locked --bin stallmark

demo: build
	$(STALLMARK) demo --out $(DEMO_DIR)

# The test tools: nextest if it is missing, and the Python that reads the published tables as a stranger would.
venv: $(VENV)/.ready
$(VENV)/.ready: tests/python/requirements.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r tests/python/requirements.txt
	touch $@

test: venv build
	cargo nextest --version > /dev/null 2>&1 || cargo install --locked cargo-nextest
	STALLMARK_PYTHON=$(VENV)/bin/python cargo nextest run --locked --no-fail-fast
	cargo test --locked --doc --quiet

lint:
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings

# Builds the dependencies once more, in the bench profile (see CONTRIBUTING.md).
bench:
	cargo bench --locked --bench kernels

# The text kernels and the bootstrap against scikit-learn, the window engine against Polars, labels against fastText, and the trees against LightGBM and
# CatBoost, each in one alternating run.
bench-peer:
	cargo bench --locked --no-run --bench peer_text --bench peer_windows --bench peer_labels --bench peer_evaluate --bench peer_tabular
	OURS=$(CARGO_TARGET_DIR)/release/deps benches/peer/run.sh

# Retrains the shipped model from training_data/.
models: build
	$(STALLMARK) train --project training_data --as-of 2026-03-26 --promote

clean:
	rm -rf $(DEMO_DIR)
