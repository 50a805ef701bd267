#!/bin/sh
# Groups ten million lines of the points ledger with Tessera and with DuckDB, the same rows in
# memory on both sides, in process, with as many threads as there are processors.
#
#   pip install duckdb
#   Tests/Bench/compare-duckdb.sh [MEMBERS]      1000000 if not given; ten lines a member
#
# PYTHON names the interpreter that has duckdb, DATA a folder to keep the rows in.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
members=${1:-1000000}
python=${PYTHON:-python3}

swift build -c release --product Bench
bench=$(swift build -c release --show-bin-path)/Bench

if [ -n "${DATA:-}" ]; then
    folder=$DATA
else
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
fi
if [ ! -e "$folder/pointsEntries.ndjson" ]; then
    "$bench" data "$folder" --members "$members"
fi

"$bench" group --data "$folder" | tee "$folder/tessera.txt"
"$python" "$here/compare-duckdb.py" "$folder" "$folder/tessera.txt"
