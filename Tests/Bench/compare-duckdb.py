"""Asks DuckDB what `Bench group` asked Tessera, and prints both times.

compare-duckdb.py FOLDER TIMES: FOLDER holds what `Bench data` wrote, TIMES what `Bench group`
printed. All rows of each answer are fetched; the second of the rounds counts, the best is shown
beside it.
"""

import os
import sys
import time

import duckdb

ROUNDS = 6

QUESTIONS = {
    "month-utc": [
        "SELECT date_trunc('month', moment) AS month, sum(delta) FROM entries GROUP BY month"
    ],
    "month-oslo": [
        "SELECT epoch_ms(date_trunc('month', zoned)) AS month, sum(delta) FROM entries "
        "GROUP BY month"
    ],
    "tier": [
        "SELECT tierId, sum(delta) FROM entries JOIN members ON members.id = memberId "
        "GROUP BY tierId"
    ],
    "distinct": [
        "SELECT date_trunc('month', moment) AS month, reason, count(DISTINCT memberId) "
        "FROM entries GROUP BY month, reason"
    ],
    "q5": [
        "SELECT tierId, count(*), sum(pointsBalance) FROM members GROUP BY tierId",
        "SELECT date_trunc('month', moment) AS month, sum(delta) FROM entries GROUP BY month",
    ],
}


def load(folder):
    """The two tables in memory, with the types one would give them."""
    connection = duckdb.connect(config={"threads": os.cpu_count()})
    connection.execute("SET TimeZone = 'Europe/Oslo'")

    def read(name, columns):
        fields = ", ".join(f"'{field}': '{kind}'" for field, kind in columns.items())
        return (
            f"read_json('{folder}/{name}.ndjson', format = 'newline_delimited', "
            f"columns = {{{fields}}})"
        )

    source = read("members", {"id": "INTEGER", "tierId": "INTEGER", "pointsBalance": "INTEGER"})
    connection.execute(f"CREATE TABLE members AS SELECT * FROM {source}")
    source = read(
        "pointsEntries",
        {"id": "INTEGER", "memberId": "INTEGER", "delta": "INTEGER", "reason": "VARCHAR",
         "at": "VARCHAR", "balance": "INTEGER"},
    )
    reasons = connection.execute(f"SELECT DISTINCT reason FROM {source} ORDER BY reason").fetchall()
    names = ", ".join(f"'{reason}'" for (reason,) in reasons)
    connection.execute(f"CREATE TYPE reason AS ENUM ({names})")
    connection.execute(
        "CREATE TABLE entries AS SELECT id, memberId, delta, reason::reason AS reason, "
        "replace(\"at\", 'Z', '')::TIMESTAMP AS moment, \"at\"::TIMESTAMPTZ AS zoned, balance "
        f"FROM {source}"
    )
    return connection


def measure(connection, queries):
    """The rows of the answers, the second round and the best, in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        rows = sum(len(connection.execute(query).fetchall()) for query in queries)
        times.append((time.perf_counter() - start) * 1000)
    return rows, times[1], min(times)


def main():
    folder, times = sys.argv[1:]
    connection = load(folder)
    with open(times) as lines:
        ours = {parts[0]: parts[1:] for parts in map(str.split, lines) if parts}
    heading = ("question", "rows", "Tessera ms", "best", "DuckDB ms", "best", "DuckDB / Tessera")
    print("{:12}{:>8}{:>12}{:>10}{:>12}{:>10}{:>18}".format(*heading))
    for name, queries in QUESTIONS.items():
        rows, second, best = measure(connection, queries)
        if name not in ours:
            continue
        if int(ours[name][0]) != rows:
            sys.exit(f"{name}: {ours[name][0]} rows here, {rows} rows there")
        own_second, own_best = map(float, ours[name][1:])
        print(
            f"{name:12}{rows:>8}{own_second:>12.1f}{own_best:>10.1f}{second:>12.1f}{best:>10.1f}"
            f"{second / own_second:>18.1f}"
        )


if __name__ == "__main__":
    main()
