"""Founds what earn-points.sh measures, through the mutations; prints the program's id.

    earn-points.py URL MEMBERS
"""
import http.client
import json
import sys
import urllib.parse

url = urllib.parse.urlsplit(sys.argv[1])
connection = http.client.HTTPConnection(url.hostname, url.port)


def run(field, input, selection):
    name = field[0].upper() + field[1:]
    query = f"mutation($input: {name}Input!) {{ {field}(input: $input) {{ {selection} " \
        "userErrors { code message path } } }"
    body = json.dumps({"query": query, "variables": {"input": input}})
    connection.request("POST", url.path, body, {"Content-Type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    payload = (answer.get("data") or {}).get(field)
    if not payload or payload["userErrors"]:
        raise SystemExit(json.dumps(answer))
    return payload


chapter = run("createChapter", {
    "code": "HQ", "name": "Club", "level": "UMBRELLA", "timezone": "Europe/Berlin",
    "currency": "EUR",
}, "chapter { id }")["chapter"]["id"]
program = run("createLoyaltyProgram", {
    "code": "CLUB", "name": "Club", "isDefault": True, "timezone": "Europe/Berlin",
    "expiryPolicy": "ROLLING", "expiryMonths": 24, "metric": "QUALIFYING_POINTS",
    "period": "CALENDAR_YEAR",
}, "loyaltyProgram { id }")["loyaltyProgram"]["id"]
for rank, threshold in enumerate([0, 1_000, 5_000, 100_000]):
    run("createTier", {
        "programId": program, "code": f"T{rank}", "name": f"Tier {rank}", "rank": rank,
        "threshold": threshold, "benefits": [],
    }, "tier { id }")
for number in range(int(sys.argv[2])):
    run("enrollMember", {
        "member": {"memberNo": f"M{100_000 + number}", "name": f"Member {number}"},
        "chapterId": chapter, "source": "WEB",
    }, "member { id }")
print(program)
