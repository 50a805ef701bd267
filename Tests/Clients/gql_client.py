#!/usr/bin/env python3
"""Python's gql against a server that runs `tessera demo`.

    gql_client.py URL          for example http://127.0.0.1:8080/graphql

gql downloads the schema by introspection, checks each query against it before it is sent, and
reads the answers by the schema's types. Wants the PyPI package gql[requests].
"""
import sys

from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.requests import RequestsHTTPTransport
from graphql import GraphQLError


def check(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"{what}:\n  found  {found}\n  wanted {wanted}")
    print(f"ok: {what}")


def main(url):
    transport = RequestsHTTPTransport(url=url)
    client = Client(transport=transport, fetch_schema_from_transport=True)
    with client as session:
        schema = client.schema
        check("the root type", schema.query_type.name, "Query")
        check("the members' type", str(schema.query_type.fields["member"].args["id"].type), "ID!")
        check("Member is a Node", schema.type_map["Node"] in schema.type_map["Member"].interfaces,
              True)

        counts = gql("{ members { totalCount } pointsEntries { totalCount } }")
        check("the counts", session.execute(counts),
              {"members": {"totalCount": 2000}, "pointsEntries": {"totalCount": 60000}})

        first = gql("""
            query First($count: Int!) {
              members(first: $count) { nodes { id __typename tier { id } } }
            }""")
        rows = session.execute(first, variable_values={"count": 3})["members"]["nodes"]
        check("three members", [row["__typename"] for row in rows], ["Member"] * 3)

        home = gql("""
            query MemberHome($id: ID!, $since: DateTime!) {
              member(id: $id) {
                id
                tier { id events(filter: { startsAt: { gte: $since } }, first: 2) {
                  nodes { id pointsHistory(first: 1) { nodes { member { id } } } } } }
                pointsHistory(first: 2, orderBy: [{ at: DESC }]) {
                  totalCount
                  nodes { id member { id } }
                  pageInfo { hasNextPage endCursor }
                }
              }
            }""")
        row = next(row for row in rows if row["tier"])
        variables = {"id": row["id"], "since": "2026-01-01T00:00:00Z"}
        member = session.execute(home, variable_values=variables)["member"]
        check("the member", member["id"], row["id"])
        check("its tier", member["tier"]["id"], row["tier"]["id"])
        history = member["pointsHistory"]
        check("whose points", {entry["member"]["id"] for entry in history["nodes"]}, {row["id"]})
        check("more points", history["pageInfo"]["hasNextPage"], history["totalCount"] > 2)

        seen = []
        page = gql("""
            query Page($id: ID!, $after: String) {
              member(id: $id) {
                pointsHistory(first: 7, after: $after, orderBy: [{ at: DESC }]) {
                  nodes { id }
                  pageInfo { hasNextPage endCursor }
                }
              }
            }""")
        after = None
        while True:
            variables = {"id": row["id"], "after": after}
            found = session.execute(page, variable_values=variables)["member"]["pointsHistory"]
            seen += [entry["id"] for entry in found["nodes"]]
            after = found["pageInfo"]["endCursor"]
            if not found["pageInfo"]["hasNextPage"]:
                break
        check("all pages together", (len(seen), len(set(seen))), (history["totalCount"],) * 2)

        try:
            session.execute(gql("{ members { nodes { nickname } } }"))
            raise SystemExit("a field that does not exist was accepted")
        except GraphQLError as error:
            found = error.message.startswith("Cannot query field 'nickname' on type 'Member'.")
            check("gql's own check", found, True)

    # Without the schema the same query reaches the server.
    with Client(transport=transport) as session:
        try:
            session.execute(gql("{ members { nodes { nickname } } }"))
            raise SystemExit("a field that does not exist was accepted")
        except TransportQueryError as error:
            problem = error.errors[0]
            check("the server's check", (problem["locations"], problem["extensions"]["code"]),
                  ([{"line": 3, "column": 7}], "GRAPHQL_VALIDATION_FAILED"))


if len(sys.argv) != 2:
    raise SystemExit(__doc__)
main(sys.argv[1])
