#!/usr/bin/env bash
# How fast a whole table leaves as CSV, what memory that takes, and what point queries at a fixed
# rate feel of it: rounds of two slices, one quiet and one while an export follows the other.
#
#   Tests/Bench/export-load.sh [options]
#     --members N      members, with ten points entries each, all of them exported (1000000)
#     --queries N      point queries a second (2000)
#     --seconds N      seconds of each slice (10)
#     --rounds N       rounds (3)
#     --dir DIR        where the data files lie (a folder of its own under TMPDIR)
#     --binaries DIR   the folder of tessera, Bench and Load (built in release otherwise)
#
# Times are in microseconds, from the moment that a request was due. Wants curl and python3.
set -euo pipefail

. "$(dirname "$0")/library.sh"
members=1000000 queries=2000 seconds=10 rounds=3 dir="" binaries=""
read_options "members queries seconds rounds dir binaries" "$@"
need curl python3
make_work "$dir"
[ -n "$binaries" ] || binaries=$(built)
"$binaries/Bench" data "$work/files" --members "$members" >&2
serve "$binaries/tessera" --schema "$here/club/schema" --import "$work/files"

point=$(python3 -c 'import json, sys
print(json.dumps({"query": open(sys.argv[1]).read(), "variables": {"id": "mem_{{member}}"}}))' \
    "$here/club/queries/q1.graphql")
table='{ pointsEntries { nodes { id at reason delta balance member { name tier { name } } } } }'

# export_once OUT: the whole table as CSV; into OUT bytes, seconds and the last status.
export_once() {
    curl -fsS -G "http://127.0.0.1:$port/graphql.csv" --data-urlencode "query=$table" \
        -o /dev/null -w '%{size_download} %{time_total} %{http_code}\n' >>"$1"
}
memory() {
    awk -v key="$1" '$1 == key ":" { printf "%d", $2 / 1024 }' "/proc/$server/status"
}

before=$(memory VmRSS)
echo 5 >"/proc/$server/clear_refs"
echo "$members members; $queries point queries a second"
for _ in 1 2 3; do export_once "$work/alone"; done
awk '{ printf "alone      %.0f MB in %.2f s: %.0f MB/s\n", $1 / 1e6, $2, $1 / 1e6 / $2 }' "$work/alone"

printf '%-10s %8s %6s %8s %8s %8s %8s %8s\n' "" queries failed p50 p95 p99 p99.9 max
for _ in $(seq "$rounds"); do
    for kind in quiet exporting; do
        exports=""
        if [ $kind = exporting ]; then
            (while export_once "$work/beside"; do :; done) &
            exports=$!
            sleep 0.5
        fi
        "$binaries/Load" --port "$port" --members "$members" --seconds "$seconds" \
            --rate "$queries" --body "$point" --connections 32 >"$work/queries"
        if [ -n "$exports" ]; then
            kill "$exports" && wait "$exports" || true
            pkill -P "$exports" || true
        fi
        awk -v kind=$kind '{ printf "%-10s %8d %6d %8d %8d %8d %8d %8d\n", kind, $2, $3, $4, $5, $6, $7, $8 }' \
            "$work/queries"
        awk -v kind=$kind '{ print kind, $6 }' "$work/queries" >>"$work/all"
    done
done
[ ! -s "$work/beside" ] || awk '{ printf "beside     %.0f MB in %.2f s: %.0f MB/s\n", $1 / 1e6, $2, $1 / 1e6 / $2 }' "$work/beside"
python3 - "$work/all" <<'PYTHON'
import statistics
import sys

figures = {}
for line in open(sys.argv[1]):
    kind, p99 = line.split()
    figures.setdefault(kind, []).append(int(p99))
medians = {kind: statistics.median(rows) for kind, rows in figures.items()}
print("median p99:", ", ".join(f"{kind} {value:.0f} µs" for kind, value in medians.items()))
print(f"exporting / quiet: {medians['exporting'] / medians['quiet']:.2f}")
PYTHON
echo "memory: $before MB before the exports, $(memory VmHWM) MB at most while they ran"
