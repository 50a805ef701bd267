#!/usr/bin/env bash
# earnPoints with all its effects over HTTP, each acknowledged after it is on the disk: lot, entry,
# account, tier, activity, audit and idempotency key.
#
#   Tests/Bench/earn-points.sh [options]
#     --members N      members who earn (2000)
#     --connections N  clients at the same time (64)
#     --seconds N      seconds of each round (5)
#     --rounds N       rounds (3)
#     --dir DIR        where the data lies (a folder of its own under TMPDIR)
#     --binary FILE    tessera (built in release otherwise)
#
# Prints mutations a second, and the latency of half and of 99 % of them in microseconds. Wants wrk,
# curl and python3.
set -euo pipefail

. "$(dirname "$0")/library.sh"
members=2000 connections=64 seconds=5 rounds=3 dir="" binary=""
read_options "members connections seconds rounds dir binary" "$@"
need wrk curl python3
make_work "$dir"
[ -n "$binary" ] || binary=$(built)/tessera
serve "$binary" --schema "$root/schema" --data "$work/data"
program=$(python3 "$here/earn-points.py" "http://127.0.0.1:$port/graphql" "$members")
for _ in $(seq "$rounds"); do
    wrk -t 2 -c "$connections" -d "${seconds}s" -s "$here/earn-points.lua" \
        "http://127.0.0.1:$port" "$members" "$program" |
        awk '/^RESULT/ { printf "%d/s, half in %d us, 99 %% in %d us, %d failed\n",
            ($2 - $4) * 1e6 / $3, $5, $6, $4 }'
done
