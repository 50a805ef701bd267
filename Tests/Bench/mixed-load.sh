#!/usr/bin/env bash
# What readers feel of writers: point queries at a fixed rate, from an open loop, on a quiet store,
# while mutations run at a fixed rate, and while snapshots are written besides.
#
#   Tests/Bench/mixed-load.sh [options]
#     --members N      members, with ten points entries each (100000)
#     --queries N      point queries a second (2000)
#     --mutations N    transactions of two mutations a second (3000)
#     --seconds N      seconds of each slice (5)
#     --rounds N       rounds of three slices (5)
#     --dir DIR        where the data lies (a folder of its own under TMPDIR)
#     --binaries DIR   the folder of tessera, Bench and Load (built in release otherwise)
#
# Times are in microseconds, from the moment that a request was due. Wants curl and python3.
set -euo pipefail

. "$(dirname "$0")/library.sh"
members=100000 queries=2000 mutations=3000 seconds=5 rounds=5 dir="" binaries=""
read_options "members queries mutations seconds rounds dir binaries" "$@"
need curl python3
make_work "$dir"
[ -n "$binaries" ] || binaries=$(built)
"$binaries/Bench" data "$work/files" --members "$members" >&2
serve "$binaries/tessera" --schema "$here/club/schema" --data "$work/data" \
    --import "$work/files" --snapshot-every 60m --snapshot-journal 100GB

request() {
    python3 -c 'import json, sys
print(json.dumps({"query": open(sys.argv[1]).read(), "variables": json.loads(sys.argv[2])}))' "$@"
}
query=$(request "$here/club/queries/q1.graphql" '{"id":"mem_{{member}}"}')
earn=$(request "$here/club/queries/earn.graphql" \
    '{"member":"mem_{{member}}","delta":5,"balance":777,"at":"2026-06-30T12:00:00Z"}')

load() {
    "$binaries/Load" --port "$port" --members "$members" --seconds "$seconds" "$@"
}
memory() {
    awk -v key="$1" '$1 == key ":" { printf "%d", $2 / 1024 }' "/proc/$server/status"
}

# slice KIND: the figures of the queries, and for the others those of the mutations.
slice() {
    local writer="" snapshots=""
    if [ "$1" != quiet ]; then
        load --rate "$mutations" --body "$earn" --connections 64 >"$work/mutations" &
        writer=$!
    fi
    if [ "$1" = snapshot ]; then
        (while sleep 0.2; do
            "$binaries/tessera" snapshot --data "$work/data" >>"$work/snapshots"
        done) &
        snapshots=$!
    fi
    load --rate "$queries" --body "$query" --connections 32 >"$work/queries"
    [ -z "$writer" ] || wait "$writer"
    [ -z "$snapshots" ] || { kill "$snapshots" && wait "$snapshots" || true; }
    awk -v kind="$1" '{ printf "%-10s %8d %6d %8d %8d %8d %8d %8d", kind, $2, $3, $4, $5, $6, $7, $8 }' \
        "$work/queries"
    [ "$1" = quiet ] || awk '{ printf "   | %8d %6d %8d %8d", $2, $3, $4, $6 }' "$work/mutations"
    echo
    awk -v kind="$1" '{ print kind, $6, $8 }' "$work/queries" >>"$work/all"
}

before=$(memory VmRSS)
echo "$members members, $((10 * members)) points entries; $queries queries/s, $mutations mutations/s"
printf '%-10s %8s %6s %8s %8s %8s %8s %8s   | %8s %6s %8s %8s\n' "" queries failed p50 p95 p99 \
    p99.9 max mutations failed p50 p99
for _ in $(seq "$rounds"); do
    for kind in quiet writing snapshot; do slice $kind; done
done
python3 - "$work/all" <<'PYTHON'
import statistics
import sys

figures = {}
for line in open(sys.argv[1]):
    kind, p99, longest = line.split()
    figures.setdefault(kind, []).append((int(p99), int(longest)))
medians = {kind: statistics.median(p99 for p99, _ in rows) for kind, rows in figures.items()}
longest = {kind: statistics.median(most for _, most in rows) for kind, rows in figures.items()}
print("\nmedian p99:", ", ".join(f"{kind} {value:.0f} µs" for kind, value in medians.items()))
print(f"writing / quiet: {medians['writing'] / medians['quiet']:.2f}")
print("median of the longest:", ", ".join(f"{k} {v / 1000:.1f} ms" for k, v in longest.items()))
PYTHON
echo "$(wc -l <"$work/snapshots") snapshots, the last: $(tail -n 1 "$work/snapshots")"
echo "memory: $before MB before, $(memory VmHWM) MB at most"
