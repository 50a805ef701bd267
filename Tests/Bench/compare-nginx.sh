#!/usr/bin/env bash
# Compares Tessera with nginx: a member with tier, events and points (club/queries/q1.graphql) by
# HTTP, against nginx that answers the same POST with a constant body of the same size.
#
#   Tests/Bench/compare-nginx.sh [options]
#     --data DIR          rows to serve, with ids mem_1, mem_2, …; otherwise Bench makes them up
#     --schema DIR        their schema (Tests/Bench/club/schema)
#     --members N         size of the club that is made up (100000)
#     --connections LIST  connections of each block of rounds ("16 64")
#     --rounds N          rounds of a block (5)
#     --seconds N         seconds that each of the two has in a round (6)
#     --loops N           event loops of Tessera, worker processes of nginx (2)
#     --threads N         threads of wrk (2)
#
# The two take turns, second by second, so that other work on the machine meets both alike: the
# ratio of a round says more than its figures. Processor time is that of the server's processes,
# from /proc. Wants Debian's nginx-light, wrk and curl.
set -euo pipefail

. "$(dirname "$0")/library.sh"
data="" schema="$here/club/schema" members=100000
connections="16 64" rounds=5 seconds=6 loops=2 threads=2
read_options "data schema members connections rounds seconds loops threads" "$@"

PATH=$PATH:/usr/sbin
need nginx wrk curl
front=""
finish_more() {
    [ -z "$front" ] || { kill "$front" 2>/dev/null && wait "$front"; }
}
make_work

binaries=$(built)
if [ -z "$data" ]; then
    data=$work/data
    "$binaries/Bench" data "$data" --members "$members" >&2
fi

front_port=$((port + 1))
url=http://127.0.0.1:$port/graphql
serve "$binaries/tessera" --schema "$schema" --import "$data" --loops "$loops"

ask() {
    curl -s "$url" -H 'content-type: application/json' -d "$1"
}
members=$(ask '{"query":"{members{totalCount}}"}' | sed 's/[^0-9]//g')

# The median size of real answers, and that they are answers.
query=$(awk '{ gsub(/"/, "\\\""); printf "%s\\n", $0 }' "$here/club/queries/q1.graphql")
for _ in $(seq 201); do
    id=$(((RANDOM * 32768 + RANDOM) % members + 1))
    answer=$(ask "{\"query\":\"$query\",\"variables\":{\"id\":\"mem_$id\"}}")
    case "$answer" in
    '{"data":{"member":{"id":'*) printf '%s' "$answer" | wc -c ;;
    *)
        echo "no member in the answer for mem_$id: $answer" >&2
        exit 1
        ;;
    esac
done | sort -n >"$work/sizes"
size=$(sed -n 101p "$work/sizes")

# A parameter of nginx's configuration may have 4096 bytes, so the body is put together.
hundred=$(printf 'x%.0s' $(seq 100))
body=$(for _ in $(seq $((size / 100))); do printf '${hundred}'; done)
[ $((size % 100)) -eq 0 ] || body+=$(printf 'x%.0s' $(seq $((size % 100))))
cat >"$work/nginx.conf" <<CONF
worker_processes $loops;
daemon off;
pid $work/nginx.pid;
error_log $work/nginx.log;
events { worker_connections 1024; }
http {
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path $work/body;
    server {
        listen 127.0.0.1:$front_port;
        location / {
            default_type application/json;
            set \$hundred $hundred;
            return 200 "$body";
        }
    }
}
CONF
nginx -c "$work/nginx.conf" -e "$work/nginx.log" &
front=$!
until [ "$(curl -s "http://127.0.0.1:$front_port/" | wc -c)" -eq "$size" ]; do
    kill -0 "$front" 2>/dev/null || {
        cat "$work/nginx.log" >&2
        exit 1
    }
    sleep 0.1
done

# Processor time that a process and its children have had, in microseconds.
processor_time() {
    local pid total=0
    for pid in "$1" $(cat "/proc/$1/task/$1/children"); do
        total=$((total + $(sed 's/.*) //' "/proc/$pid/stat" | awk '{ print $12 + $13 }')))
    done
    echo $((total * 1000000 / $(getconf CLK_TCK)))
}

# slice PORT PID CONNECTIONS: requests, their microseconds and those of the server's processor in one
# second.
slice() {
    local before count duration errors
    before=$(processor_time "$2")
    read -r _ count duration errors < <(wrk -t "$threads" -c "$3" -d 1s \
        -s "$here/compare-nginx.lua" "http://127.0.0.1:$1" -- \
        "$members" "$here/club/queries/q1.graphql" | grep RESULT)
    if [ "$errors" -ne 0 ] || [ "$count" -eq 0 ]; then
        echo "$errors of $count requests failed" >&2
        return 1
    fi
    echo "$count $duration $(($(processor_time "$2") - before))"
}

# total: requests a second, and microseconds of the processor a request.
total() {
    awk '{ n += $1; t += $2; p += $3 } END { printf "%.0f %.2f", n / t * 1000000, p / n }' "$1"
}

median() {
    sort -n | awk '{ values[NR] = $1 } END { print values[int((NR + 1) / 2)] }'
}

echo "$members members, answers of $size bytes (median), $loops loops, $threads threads of wrk"
for each in $connections; do
    printf '\n%s connections\n%-8s %14s %14s %8s %18s %18s\n' "$each" round \
        "tessera req/s" "nginx req/s" ratio "tessera CPU µs" "nginx CPU µs"
    : >"$work/rounds"
    for round in $(seq "$rounds"); do
        : >"$work/own"
        : >"$work/other"
        for second in $(seq "$seconds"); do
            # Each goes first as often as the other.
            [ $((second % 2)) -eq 0 ] || slice "$port" "$server" "$each" >>"$work/own"
            slice "$front_port" "$front" "$each" >>"$work/other"
            [ $((second % 2)) -eq 1 ] || slice "$port" "$server" "$each" >>"$work/own"
        done
        echo "$(total "$work/own") $(total "$work/other")" | awk \
            '{ printf "%s %s %.3f %s %s\n", $1, $3, $1 / $3, $2, $4 }' >>"$work/rounds"
        tail -n 1 "$work/rounds" | awk -v r="$round" \
            '{ printf "%-8s %14s %14s %8s %17s %17s\n", r, $1, $2, $3, $4, $5 }'
    done
    for column in 1 2 3 4 5; do
        awk -v c=$column '{ print $c }' "$work/rounds" | median
    done | paste -s -d ' ' | awk \
        '{ printf "%-8s %14s %14s %8s %17s %17s\n", "median", $1, $2, $3, $4, $5 }'
done
awk '/VmRSS/ { printf "\nresident memory of tessera: %d MB\n", $2 / 1024 }' "/proc/$server/status"
