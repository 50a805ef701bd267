#!/usr/bin/env python3
"""Python's gql against a server that runs `tessera demo`.

    gql_client.py URL          for example http://127.0.0.1:8080/graphql

gql downloads the schema by introspection, checks each query against it before it is sent, and
reads the answers by the schema's types. Wants the PyPI package gql[requests], version 4.
"""
import sys

from gql import Client, GraphQLRequest, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.requests import RequestsHTTPTransport
from graphql import GraphQLError


def check(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"{what}:\n  found  {found}\n  wanted {wanted}")
    print(f"ok: {what}")


def ask(session, query, **variables):
    return session.execute(GraphQLRequest(query, variable_values=variables))


def main(url):
    transport = RequestsHTTPTransport(url=url)
    client = Client(transport=transport, fetch_schema_from_transport=True)
    with client as session:
        schema = client.schema
        check("the root type", schema.query_type.name, "Query")
        check("the members' type", str(schema.query_type.fields["member"].args["id"].type), "ID!")
        check("Member is a Node", schema.type_map["Node"] in schema.type_map["Member"].interfaces,
              True)

        counts = gql("{ members { totalCount } events { totalCount } }")
        check("the counts", session.execute(counts),
              {"members": {"totalCount": 400}, "events": {"totalCount": 46}})

        home = """
            query MemberHome($id: ID!, $status: EventStatus!) {
              member(id: $id) {
                name
                tier {
                  name
                  events(filter: { status: { eq: $status } }, orderBy: [{ startsAt: DESC }],
                         first: 1) {
                    nodes { title pointsHistory(first: 1) { nodes { delta member { id } } } }
                  }
                }
                pointsHistory(first: 1, orderBy: [{ at: DESC }]) {
                  totalCount
                  nodes { type delta member { id } }
                  pageInfo { hasNextPage }
                }
              }
            }"""
        check("a member with tier, events and points",
              ask(session, home, id="mem_7", status="FINISHED"),
              {"member": {
                  "name": "赵丽",
                  "tier": {"name": "Bronze", "events": {"nodes": [{
                      "title": "Gallery walk in Αθήνα",
                      "pointsHistory": {"nodes": [{"delta": 0, "member": {"id": "mem_94"}}]},
                  }]}},
                  "pointsHistory": {
                      "totalCount": 43,
                      "nodes": [{"type": "EXPIRE", "delta": -20, "member": {"id": "mem_7"}}],
                      "pageInfo": {"hasNextPage": True},
                  },
              }})

        seen = []
        page = """
            query Page($id: ID!, $after: String) {
              member(id: $id) {
                pointsHistory(first: 7, after: $after, orderBy: [{ at: DESC }]) {
                  nodes { id }
                  pageInfo { hasNextPage endCursor }
                }
              }
            }"""
        after = None
        while True:
            found = ask(session, page, id="mem_7", after=after)["member"]["pointsHistory"]
            seen += [entry["id"] for entry in found["nodes"]]
            after = found["pageInfo"]["endCursor"]
            if not found["pageInfo"]["hasNextPage"]:
                break
        check("all pages together", (len(seen), len(set(seen))), (43, 43))

        rename = """
            mutation Rename($id: ID!, $version: Int!, $name: String!) {
              updateMember(input: { id: $id, expectedVersion: $version, set: { name: $name } }) {
                member { id name version }
                userErrors { code path }
              }
            }"""
        read = "query($id: ID!) { member(id: $id) { name version } }"
        version = ask(session, read, id="mem_9")["member"]["version"]
        written = ask(session, rename, id="mem_9", version=version, name="Ångström 文")
        check("a mutation", written["updateMember"],
              {"member": {"id": "mem_9", "name": "Ångström 文", "version": version + 1},
               "userErrors": []})
        check("what was written is read", ask(session, read, id="mem_9"),
              {"member": {"name": "Ångström 文", "version": version + 1}})
        late = ask(session, rename, id="mem_9", version=version, name="x")["updateMember"]
        check("a change of what was read too long ago",
              [problem["code"] for problem in late["userErrors"]], ["VERSION_CONFLICT"])

        try:
            session.execute(gql("{ members { nodes { nickname } } }"))
            raise SystemExit("gql accepted a field that does not exist")
        except GraphQLError as error:
            found = error.message.startswith("Cannot query field 'nickname' on type 'Member'.")
            check("gql's own check", found, True)

    # Without the schema the same query reaches the server.
    with Client(transport=RequestsHTTPTransport(url=url)) as session:
        try:
            session.execute(gql("{ members { nodes { nickname } } }"))
            raise SystemExit("a field that does not exist was accepted")
        except TransportQueryError as error:
            problem = error.errors[0]
            check("the server's check", (problem["locations"], problem["extensions"]["code"]),
                  ([{"line": 4, "column": 7}], "GRAPHQL_VALIDATION_FAILED"))


if len(sys.argv) != 2:
    raise SystemExit(__doc__)
main(sys.argv[1])
