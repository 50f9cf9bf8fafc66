#!/bin/bash
# Compares kernels with what Python users have: alternates the two sides of each pair for several rounds in one run, prints the
# medians and the ratio. Every side is a command that prints one line of JSON, name to microseconds.
# Usage: run.sh [ROUNDS]; `make bench-peer` builds first. Environment: OURS, the folder of the built bench programs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rounds=${1:-7}
work=${CARGO_TARGET_DIR:-$HOME/.cache/stallmark/target}/peer
venv=$work/venv
mkdir -p "$work"
if [ ! -e "$venv/.ready" ] || [ "$here/requirements.txt" -nt "$venv/.ready" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    touch "$venv/.ready"
fi
"$venv/bin/python" "$here/texts.py" "$work/texts.txt"

# The newest program of a bench target.
ours() { ls -t "${OURS:?the folder of the built bench programs}/$1"-* | grep -v '\.d$' | head -n 1; }

# The pairs: name | threads of either side | their command | our command. One line each.
pairs=(
    "text|1|$venv/bin/python $here/text.py $work/texts.txt|$(ours peer_text) $work/texts.txt"
    "windows-1-thread|1|$venv/bin/python $here/windows.py 20|$(ours peer_windows) 20"
    "windows-2-threads|2|$venv/bin/python $here/windows.py 20|$(ours peer_windows) 20"
    "evaluate|2|$venv/bin/python $here/evaluate.py|$(ours peer_evaluate) --run"
    "labels|1|$venv/bin/python $here/labels.py $work/texts.txt|$(ours peer_labels) $work/texts.txt"
)

for pair in "${pairs[@]}"; do
    IFS='|' read -r name threads theirs mine <<< "$pair"
    export OMP_NUM_THREADS=$threads OPENBLAS_NUM_THREADS=$threads POLARS_MAX_THREADS=$threads RAYON_NUM_THREADS=$threads
    : > "$work/$name.jsonl"
    for _ in $(seq "$rounds"); do
        $theirs >> "$work/$name.jsonl"
        $mine >> "$work/$name.jsonl"
    done
    "$venv/bin/python" "$here/report.py" "$name" "$work/$name.jsonl"
done
"$venv/bin/python" "$here/tabular.py" "$(ours peer_tabular)" "$work/tabular" "$rounds"
