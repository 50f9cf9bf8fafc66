# Sourced by each example's `run`: where the data is, and the program (STALLMARK_BIN, or built on the spot).
# An example goes to its own folder first.
root=$(cd ../.. && pwd)
export STALLMARK_REAL_DATA=${STALLMARK_REAL_DATA:-$root/../shared/data}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$HOME/.cache/stallmark/target}
stallmark() {
    if [ -z "${STALLMARK_BIN:-}" ]; then
        (cd "$root" && cargo build --locked --quiet --bin stallmark) && STALLMARK_BIN=$CARGO_TARGET_DIR/debug/stallmark
    fi
    "$STALLMARK_BIN" "$@"
}
