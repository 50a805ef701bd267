#!/usr/bin/env python3
"""ariadne-codegen against a server that runs `tessera demo`.

    ariadne_codegen_client.py URL      for example http://127.0.0.1:8080/graphql

ariadne-codegen downloads the schema, checks a query against it and writes a typed client with
pydantic models, which then asks the query. Wants the PyPI package ariadne-codegen.
"""
import asyncio
import importlib
import pathlib
import subprocess
import sys
import tempfile

QUERIES = """
query FirstMembers($count: Int!, $filter: MemberFilter) {
  members(first: $count, filter: $filter, orderBy: [{joinedAt: DESC}]) {
    totalCount
    nodes { __typename id name joinedAt tier { name } }
  }
}

query OneNode($id: ID!) {
  node(id: $id) { __typename id ... on Member { name } }
}
"""

CONFIGURATION = """
[tool.ariadne-codegen]
remote_schema_url = "{url}"
queries_path = "queries.graphql"
target_package_name = "club_client"
"""


def check(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"{what}:\n  found  {found}\n  wanted {wanted}")
    print(f"ok: {what}")


async def ask(client, inputs):
    members = (await client.first_members(count=3)).members
    check("the count", members.total_count, 400)
    check("three members", [node.typename__ for node in members.nodes], ["Member"] * 3)

    chosen = members.nodes[0]
    filtered = inputs.MemberFilter.model_validate({"name": {"eq": chosen.name}})
    same = (await client.first_members(count=1000, filter_=filtered)).members
    check("a filter", {node.name for node in same.nodes}, {chosen.name})

    node = (await client.one_node(id=chosen.id)).node
    check("a node", (node.typename__, node.id, node.name), ("Member", chosen.id, chosen.name))


def main(url, folder):
    (folder / "pyproject.toml").write_text(CONFIGURATION.format(url=url))
    (folder / "queries.graphql").write_text(QUERIES)
    program = "from ariadne_codegen.main import main; main()"
    subprocess.run([sys.executable, "-c", program, "client"], check=True, cwd=folder)
    sys.path.insert(0, str(folder))
    package = importlib.import_module("club_client")
    inputs = importlib.import_module("club_client.input_types")
    asyncio.run(ask(package.Client(url=url), inputs))


if len(sys.argv) != 2:
    raise SystemExit(__doc__)
with tempfile.TemporaryDirectory() as work:
    main(sys.argv[1], pathlib.Path(work))
