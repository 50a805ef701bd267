#!/usr/bin/env bash
# Compares durable writes with PostgreSQL 15: a points entry and the balance of its member in one
# transaction, by HTTP (club/queries/earn.graphql) and by pgbench, over the same rows and indexes,
# on the same disk, each acknowledged after it is synced.
#
#   Tests/Bench/compare-postgres.sh [options]
#     --members N         members, with ten points entries each (100000)
#     --connections LIST  connections of each block of rounds ("64 1")
#     --rounds N          rounds of a block (5)
#     --seconds N         seconds that each has in a round (4)
#     --loops N           event loops of Tessera (2)
#     --threads N         threads of wrk and of pgbench (2)
#     --dir DIR           where the data lies (a folder of its own under TMPDIR)
#     --binary FILE       tessera (built in release otherwise)
#
# The two take turns second by second, and with one connection a loop of append and fdatasync takes
# its turn, too: the ratios of a round say more than its figures. Wants Debian's postgresql-15, wrk,
# curl and python3; fetches nothing.
set -euo pipefail

. "$(dirname "$0")/library.sh"
members=100000 connections="64 1" rounds=5 seconds=4 loops=2 threads=2 dir="" binary=""
read_options "members connections rounds seconds loops threads dir binary" "$@"

postgres=/usr/lib/postgresql/15/bin
missing=""
[ -x $postgres/initdb ] || missing+=" postgresql-15"
[ -x $postgres/pgbench ] || command -v pgbench >/dev/null || missing+=" postgresql-15"
for tool in wrk curl python3; do
    command -v $tool >/dev/null || missing+=" $tool"
done
if [ -n "$missing" ]; then
    echo "compare-postgres.sh needs$missing (apt-get install$missing)" >&2
    exit 2
fi
PATH=$postgres:$PATH

database=""
finish_more() {
    [ -z "$database" ] || as_postgres pg_ctl -D "$work/pg" -m immediate -s stop
}
make_work "$dir"
chmod 755 "$work"

# PostgreSQL does not run as root.
as_postgres() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd / && runuser -u postgres -- env PATH="$PATH" "$@")
    else
        "$@"
    fi
}

[ -n "$binary" ] || binary=$(built)/tessera
"$(dirname "$binary")/Bench" data "$work/files" --members "$members" >&2

# Tessera
url=http://127.0.0.1:$port/graphql
serve "$binary" --schema "$here/club/schema" --data "$work/data" --import "$work/files" \
    --fsync always --loops "$loops"

# PostgreSQL: the same columns, keys and indexes. More memory than its defaults give it.
mkdir "$work/pg"
[ "$(id -u)" -ne 0 ] || chown postgres "$work/pg"
as_postgres initdb -D "$work/pg" -A trust -E UTF8 --no-locale >"$work/initdb.log"
as_postgres tee -a "$work/pg/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$work/pg'
max_connections = 200
shared_buffers = 512MB
max_wal_size = 4GB
synchronous_commit = on
fsync = on
CONF
as_postgres pg_ctl -D "$work/pg" -l "$work/pg/log" -s -w start
database=yes
sql() {
    as_postgres psql -h "$work/pg" -U "$(as_postgres whoami)" -d postgres -qAt "$@"
}
sql >/dev/null <<SQL
CREATE TABLE tier (id text PRIMARY KEY, name text NOT NULL);
INSERT INTO tier SELECT 'tier_' || n, 'tier ' || n FROM generate_series(1, 5) n;
CREATE TABLE member (
    id text PRIMARY KEY, version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(),
    name text NOT NULL, email text NOT NULL UNIQUE, phone text, joined_at timestamptz NOT NULL,
    city text NOT NULL, points_balance int NOT NULL, status text NOT NULL DEFAULT 'active',
    tier_id text NOT NULL REFERENCES tier);
INSERT INTO member (id, name, email, phone, joined_at, city, points_balance, tier_id)
    SELECT 'mem_' || n, 'Name of ' || n, 'm' || n || '@example.org', '+49 30 ' || n,
        now() - n * interval '1 minute', 'city ' || n % 97, n % 9973, 'tier_' || n % 5 + 1
    FROM generate_series(1, $members) n;
CREATE INDEX ON member (joined_at);
CREATE INDEX ON member (points_balance);
CREATE INDEX ON member (city, points_balance);
CREATE INDEX ON member (tier_id);
CREATE SEQUENCE entry_number;
CREATE TABLE points_entry (
    id text PRIMARY KEY DEFAULT 'pts_' || nextval('entry_number'), version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(),
    member_id text NOT NULL REFERENCES member, delta int NOT NULL, reason text NOT NULL,
    at timestamptz NOT NULL, balance int NOT NULL);
INSERT INTO points_entry (member_id, delta, reason, at, balance)
    SELECT 'mem_' || (n % $members + 1), n % 200, 'purchase', now() - n * interval '1 second', n
    FROM generate_series(1, 10 * $members) n;
CREATE INDEX ON points_entry (member_id, at);
CREATE INDEX ON points_entry (at);
CREATE INDEX ON points_entry (member_id);
VACUUM ANALYZE;
CHECKPOINT;
SQL
cat >"$work/earn.sql" <<SQL
\\set member random(1, $members)
\\set delta random(1, 200)
\\set balance random(0, 100000)
BEGIN;
INSERT INTO points_entry (member_id, delta, reason, at, balance)
    VALUES ('mem_' || :member, :delta, 'purchase', '2026-06-30T12:00:00Z', :balance) RETURNING id;
UPDATE member SET points_balance = :balance, version = version + 1, updated_at = now()
    WHERE id = 'mem_' || :member RETURNING points_balance;
COMMIT;
SQL
chmod 644 "$work/earn.sql"

# tessera_slice CONNECTIONS: transactions and microseconds of one second.
tessera_slice() {
    local count duration errors
    read -r _ count duration errors _ < <(wrk \
        -t "$(($1 < threads ? $1 : threads))" -c "$1" -d 1s -s "$here/mutations.lua" \
        "http://127.0.0.1:$port" -- "$members" "$here/club/queries/earn.graphql" | grep RESULT)
    if [ "$errors" -ne 0 ] || [ "$count" -eq 0 ]; then
        echo "$errors of $count mutations failed" >&2
        return 1
    fi
    echo "$count $duration"
}

# postgres_slice CONNECTIONS: the same, without the time to connect.
postgres_slice() {
    as_postgres pgbench -h "$work/pg" -U "$(as_postgres whoami)" -d postgres -n -M prepared \
        -f "$work/earn.sql" -c "$1" -j "$(($1 < threads ? $1 : threads))" -T 1 2>/dev/null |
        awk '/^tps/ { printf "%.0f 1000000\n", $3 }'
}

append_slice() {
    echo "$(python3 "$here/append-sync.py" "$work" 1) 1000000"
}

rate() {
    awk '{ n += $1; t += $2 } END { printf "%.0f\n", n / t * 1000000 }' "$1"
}

median() {
    sort -n | awk '{ values[NR] = $1 } END { print values[int((NR + 1) / 2)] }'
}

# Both are warm before the first round.
tessera_slice 16 >/dev/null
postgres_slice 16 >/dev/null

echo "$members members, $((10 * members)) points entries; $loops loops, $threads threads of load"
for each in $connections; do
    printf '\n%s connection(s)\n%-8s %14s %14s %8s' "$each" round "tessera tx/s" "postgres tx/s" ratio
    [ "$each" -ne 1 ] || printf ' %16s %8s' "append+sync /s" ratio
    echo
    : >"$work/rounds"
    for round in $(seq "$rounds"); do
        : >"$work/own"
        : >"$work/other"
        : >"$work/raw"
        for second in $(seq "$seconds"); do
            # Each goes first as often as the other.
            [ $((second % 2)) -eq 0 ] || tessera_slice "$each" >>"$work/own"
            postgres_slice "$each" >>"$work/other"
            [ $((second % 2)) -eq 1 ] || tessera_slice "$each" >>"$work/own"
            [ "$each" -ne 1 ] || append_slice >>"$work/raw"
        done
        [ "$each" -eq 1 ] || echo "0 1" >"$work/raw"
        echo "$(rate "$work/own") $(rate "$work/other") $(rate "$work/raw")" | awk \
            '{ printf "%s %s %.2f %s %.2f\n", $1, $2, $1 / $2, $3, $3 ? $1 / $3 : 0 }' \
            >>"$work/rounds"
        tail -n 1 "$work/rounds" | awk -v r="$round" -v one="$((each == 1))" '{
            printf "%-8s %14s %14s %8s", r, $1, $2, $3
            if (one) printf " %16s %8s", $4, $5
            print "" }'
    done
    for column in 1 2 3 4 5; do
        awk -v c=$column '{ print $c }' "$work/rounds" | median
    done | paste -s -d ' ' | awk -v one="$((each == 1))" '{
        printf "%-8s %14s %14s %8s", "median", $1, $2, $3
        if (one) printf " %16s %8s", $4, $5
        print "" }'
done
awk '/VmRSS/ { printf "\nresident memory of tessera: %d MB\n", $2 / 1024 }' "/proc/$server/status"
