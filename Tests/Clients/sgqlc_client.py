#!/usr/bin/env python3
"""Python's sgqlc against a server that runs `tessera demo`.

    sgqlc_client.py URL        for example http://127.0.0.1:8080/graphql

sgqlc downloads the schema by introspection, makes Python types of it, and code of an operation; a
query made with the types is sent, and read back as objects. Wants the PyPI package sgqlc.
"""
import importlib
import pathlib
import subprocess
import sys
import tempfile

OPERATION = """
query First($count: Int!) {
  members(first: $count, orderBy: [{joinedAt: DESC}]) {
    totalCount
    nodes { id name tier { name } }
  }
}
"""


def check(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"{what}:\n  found  {found}\n  wanted {wanted}")
    print(f"ok: {what}")


def run(*words):
    subprocess.run([sys.executable, "-m", *words], check=True)


def main(url, folder):
    run("sgqlc.introspection", url, str(folder / "club_schema.json"))
    run("sgqlc.codegen", "schema", "--docstrings", str(folder / "club_schema.json"),
        str(folder / "club_schema.py"))
    (folder / "first.graphql").write_text(OPERATION)
    # With --schema the operation is also checked against it.
    run("sgqlc.codegen", "operation", "--schema", str(folder / "club_schema.json"),
        "club_schema", str(folder / "club_operations.py"), str(folder / "first.graphql"))

    sys.path.insert(0, str(folder))
    schema = importlib.import_module("club_schema")
    operations = importlib.import_module("club_operations")

    from sgqlc.endpoint.http import HTTPEndpoint
    from sgqlc.operation import Operation

    endpoint = HTTPEndpoint(url)
    check("the code has the types", schema.Member.name.name, "name")

    first = operations.Operations.query.first
    answer = endpoint(first, variables={"count": 3})
    check("no errors", answer.get("errors"), None)
    members = (first + answer).members
    check("the count", members.total_count, 400)
    check("three members", [type(node) for node in members.nodes], [schema.Member] * 3)

    operation = Operation(schema.Query)
    member = operation.member(id=members.nodes[0].id)
    member.id()
    member.name()
    member.points_history(first=2).nodes().id()
    answer = endpoint(operation)
    check("no errors", answer.get("errors"), None)
    member = (operation + answer).member
    check("the same member", (member.id, member.name), (members.nodes[0].id, members.nodes[0].name))

    refused = endpoint("{ members { nodes { nickname } } }")
    check("the server's check", refused["errors"][0]["extensions"]["code"],
          "GRAPHQL_VALIDATION_FAILED")


if len(sys.argv) != 2:
    raise SystemExit(__doc__)
with tempfile.TemporaryDirectory() as work:
    main(sys.argv[1], pathlib.Path(work))
