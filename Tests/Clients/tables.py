#!/usr/bin/env python3
"""Reads reports and tables of a server that runs `tessera demo`, as scripts and data frames do.

    tables.py URL [--pandas]       for example http://127.0.0.1:8080/graphql

Wants Python alone; with pandas it also compares what `read_csv` and `read_json` make of a URL, and
without says that it does not, which --pandas forbids.
"""
import csv
import io
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

GRAPHQL = sys.argv[1]
BASE = GRAPHQL.removesuffix("/graphql")
CLUB = {
    "expiring-points": {"from": "2020-01-01", "to": "2040-01-01"},
    "renewals-due": {"from": "2020-01-01", "to": "2040-01-01"},
    "event-guests": {"event": "evt_1"},
    "churn-list": {"inactiveSince": "2030-01-01"},
}


def url(path, **parameters):
    query = urllib.parse.urlencode(parameters)
    return f"{BASE}{path}" + (f"?{query}" if query else "")


def get(address, headers={}):
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=60) as answer:
        return answer.headers, answer.read().decode()


def expect(found, wanted, what):
    if found != wanted:
        raise SystemExit(f"{what}: {found!r} instead of {wanted!r}")


def graphql(query):
    request = urllib.request.Request(
        GRAPHQL, json.dumps({"query": query}).encode(), {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=60))["data"]


def cell(value):
    """What a cell of CSV says of a value in JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


# Every report: its CSV, its lines and its array say the same.
_, text = get(url("/reports"))
reports = json.loads(text)["reports"]
row_counts = {}
for report in reports:
    name = report["name"]
    needs = CLUB.get(name, {})
    missing = [v["name"] for v in report["variables"] if v["required"] and v["name"] not in needs]
    expect(missing, [], f"{name}: what it needs")
    headers, text = get(url(report["urls"]["csv"], **needs))
    expect(headers["Content-Type"], "text/csv; charset=utf-8; header=present", name)
    expect(headers["Cache-Control"], "no-store", name)
    table = list(csv.reader(io.StringIO(text, newline="")))
    _, text = get(url(report["urls"]["ndjson"], **needs))
    lines = [json.loads(line) for line in text.splitlines()]
    _, text = get(url(report["urls"]["json"], shape="rows", **needs))
    expect(json.loads(text), lines, f"{name}: rows and lines")
    expect([list(line) for line in lines], [table[0]] * len(lines), f"{name}: columns")
    for row, line in zip(table[1:], lines, strict=True):
        for found, value in zip(row, line.values(), strict=True):
            if isinstance(value, float):
                expect(float(found), value, name)
            else:
                expect(found, cell(value), name)
    _, text = get(url(report["urls"]["json"], **needs))
    expect("errors" in json.loads(text), False, f"{name}: errors")
    row_counts[name] = len(lines)

# They say what the API says.
expect(row_counts["members"], graphql("{members{totalCount}}")["members"]["totalCount"], "members")
wanted = graphql("""{members(first: 1000, orderBy: [{joinedAt: ASC}],
    filter: {status: {eq: SUSPENDED}}) {nodes {memberNo}}}""")["members"]["nodes"]
_, text = get(url("/reports/members.csv", status="SUSPENDED"))
found = [row["memberNo"] for row in csv.DictReader(io.StringIO(text, newline=""))]
expect(found, [row["memberNo"] for row in wanted], "suspended members")

# Any query, by a header or by the path.
query = "{members(orderBy:[{memberNo:ASC}]){nodes{memberNo name tier{name}}}}"
_, by_path = get(url("/graphql.csv", query=query))
_, by_header = get(url("/graphql", query=query), {"Accept": "text/csv"})
expect(by_header, by_path, "the same table by header and by path")
expect(by_path.splitlines()[:2], ["memberNo,name,tier.name", "M100000,Finn Fletcher,Bronze"], "CSV")
_, text = get(url("/graphql.csv", query=query, excel=1))
expect(text[0], "\ufeff", "the byte order mark")
rows = [json.loads(line) for line in get(url("/graphql.ndjson", query=query))[1].splitlines()]
expect(rows[0], {"memberNo": "M100000", "name": "Finn Fletcher", "tier.name": "Bronze"}, "NDJSON")

# What is wrong is said as JSON, with a status that no reader overlooks.
for path, parameters in [
    ("/graphql.csv", {"query": "{members{totalCount}}"}), ("/reports/renewals-due.csv", {}),
    ("/reports/members.csv", {"status": "LOST"}),
]:
    try:
        get(url(path, **parameters))
        raise SystemExit(f"{path} {parameters} was answered")
    except urllib.error.HTTPError as error:
        expect(error.code, 400, path)
        expect(list(json.load(error)), ["errors"], path)

try:
    import pandas
except ImportError:
    if "--pandas" in sys.argv:
        raise
    print(f"ok: {len(reports)} reports, {sum(row_counts.values())} rows; pandas is not installed")
    raise SystemExit

frame = pandas.read_csv(url("/reports/members.csv"))
lines = pandas.read_json(url("/reports/members.ndjson"), lines=True)
wanted = graphql("""{members(first: 1000, orderBy: [{joinedAt: ASC}]) {nodes {
    memberNo name kind status lifecycleStage tier {name} homeChapter {name} joinedAt lastActiveAt}}}""")
wanted = pandas.json_normalize(wanted["members"]["nodes"])[list(frame.columns)]
pandas.testing.assert_frame_equal(frame, wanted)
for column in ["joinedAt", "lastActiveAt"]:
    for table in [wanted, lines]:
        table[column] = pandas.to_datetime(table[column], utc=True, format="mixed").astype("datetime64[ms, UTC]")
pandas.testing.assert_frame_equal(lines, wanted)
print(f"ok: {len(reports)} reports, {sum(row_counts.values())} rows, and pandas {pandas.__version__}")
