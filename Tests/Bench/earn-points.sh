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

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
members=2000 connections=64 seconds=5 rounds=3 dir="" binary=""
while [ $# -gt 0 ]; do
    case "$1" in
    --members) members=$2 ;;
    --connections) connections=$2 ;;
    --seconds) seconds=$2 ;;
    --rounds) rounds=$2 ;;
    --dir) dir=$2 ;;
    --binary) binary=$2 ;;
    *)
        sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
        exit 2
        ;;
    esac
    shift 2
done
if [ -z "$binary" ]; then
    swift build --package-path "$root" -c release --product tessera >&2
    binary=$(swift build --package-path "$root" -c release --show-bin-path)/tessera
fi
dir=${dir:-$(mktemp -d)}
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$binary" serve --schema "$root/schema" --data "$dir/data" --listen "127.0.0.1:$port" \
    >"$dir/log" 2>&1 &
server=$!
finish() {
    set +e
    kill "$server"
    wait "$server"
    rm -rf "$dir"
}
trap finish EXIT
until curl -fs "http://127.0.0.1:$port/health/ready" >/dev/null; do
    kill -0 "$server"
    sleep 0.1
done
program=$(python3 "$here/earn-points.py" "http://127.0.0.1:$port/graphql" "$members")
for _ in $(seq "$rounds"); do
    wrk -t 2 -c "$connections" -d "${seconds}s" -s "$here/earn-points.lua" \
        "http://127.0.0.1:$port" "$members" "$program" |
        awk '/^RESULT/ { printf "%d/s, half in %d us, 99 %% in %d us, %d failed\n",
            ($2 - $4) * 1e6 / $3, $5, $6, $4 }'
done
