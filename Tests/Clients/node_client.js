// graphql-js, the reference implementation, against a server that runs `tessera demo`.
//
//     node_client.js URL         for example http://127.0.0.1:8080/graphql
//
// It builds a client's schema from the introspection, finds nothing wrong with it, and validates
// every query before it is sent. Wants Debian's nodejs and node-graphql.
'use strict';

const {
    buildClientSchema, buildSchema, getIntrospectionQuery, lexicographicSortSchema, parse,
    printSchema, validate, validateSchema,
} = require('/usr/share/nodejs/graphql');

const url = process.argv[2];

function check(what, found, wanted) {
    const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
    if (a !== b) throw new Error(`${what}:\n  found  ${a}\n  wanted ${b}`);
    console.log(`ok: ${what}`);
}

async function post(query, variables) {
    const response = await fetch(url, {
        method: 'POST',
        headers: {
            'content-type': 'application/json',
            accept: 'application/graphql-response+json, application/json;q=0.9',
        },
        body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, body: await response.json() };
}

async function ask(schema, query, variables) {
    check('a valid query', validate(schema, parse(query)).map((error) => error.message), []);
    const { status, body } = await post(query, variables);
    check('its status', status, 200);
    check('its errors', body.errors ?? [], []);
    return body.data;
}

async function main() {
    const introspection = await post(getIntrospectionQuery({
        descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true,
        schemaDescription: true, inputValueDeprecation: true,
    }));
    check('the status of the introspection', introspection.status, 200);
    check('the errors of the introspection', introspection.body.errors ?? [], []);
    const schema = buildClientSchema(introspection.body.data);
    check('errors of the schema', validateSchema(schema).map((error) => error.message), []);
    const text = printSchema(lexicographicSortSchema(schema));
    check(
        'the schema survives being printed',
        printSchema(lexicographicSortSchema(buildSchema(text))) === text, true);
    check('the type of mutations', schema.getMutationType()?.name, 'Mutation');

    const tables = schema.getPossibleTypes(schema.getType('Node'));
    check('tables without a description',
        tables.filter((type) => !type.description).map((type) => type.name), []);

    const { members } = await ask(schema, `
        query Members($filter: MemberFilter) {
          members(filter: $filter, first: 2, orderBy: [{ joinedAt: DESC }, { name: ASC }]) {
            totalCount
            aggregate { count }
            nodes { id __typename joinedAt tier { name events(first: 1) { nodes { title } } } }
            edges { cursor node { id } }
          }
        }`, { filter: { joinedAt: { lt: '2026-01-01T00:00:00Z' } } });
    check('the count', members.aggregate.count, members.totalCount);
    check('edges and nodes', members.edges.map((edge) => edge.node.id),
        members.nodes.map((node) => node.id));
    check('the filter', members.nodes.every((node) => node.joinedAt < '2026'), true);

    const { node, nodes } = await ask(schema, `
        query Nodes($id: ID!, $ids: [ID!]!) {
          node(id: $id) { __typename id ... on Member { name } }
          nodes(ids: $ids) { id }
        }`, { id: members.nodes[0].id, ids: [members.nodes[1].id, 'nothing'] });
    check('a node', [node.__typename, node.id], ['Member', members.nodes[0].id]);
    check('nodes', nodes, [{ id: members.nodes[1].id }, null]);

    const { loyaltyPrograms } = await ask(
        schema, '{ loyaltyPrograms(first: 1) { nodes { id } } }');
    const { createTier } = await ask(schema, `
        mutation Create($input: CreateTierInput!) {
          createTier(input: $input) {
            clientMutationId created tier { id version name multiplierBps }
            tierEdge { node { id } } userErrors { code message path } query { __typename }
          }
        }`, {
        input: {
            clientMutationId: 'c1', programId: loyaltyPrograms.nodes[0].id, code: 'TITAN',
            name: 'Titan', rank: 9, threshold: 99000, benefits: [],
        },
    });
    const { id } = createTier.tier;
    check('a new row', createTier, {
        clientMutationId: 'c1', created: true,
        tier: { id, version: 1, name: 'Titan', multiplierBps: 10000 },
        tierEdge: { node: { id } }, userErrors: [], query: { __typename: 'Query' },
    });
    const { updateTier } = await ask(schema, `
        mutation Update($id: ID!, $name: String) {
          updateTier(input: { id: $id, expectedVersion: 2, set: { name: $name } }) {
            tier { name } userErrors { code path }
          }
        }`, { id, name: null });
    check('user errors', updateTier, {
        tier: null,
        userErrors: [
            { code: 'CONFLICT', path: ['input', 'expectedVersion'] },
            { code: 'REQUIRED', path: ['input', 'set', 'name'] },
        ],
    });
    const { deleteTier } = await ask(schema, `
        mutation Delete($id: ID!) { deleteTier(input: { id: $id }) { deletedId } }`, { id });
    check('a row that is gone', deleteTier, { deletedId: id });

    const rejected = await post('{ members(first: "three") { totalCount } nothing }');
    check('the status of a bad query', rejected.status, 400);
    check('its codes', rejected.body.errors.map((error) => error.extensions.code),
        ['GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_VALIDATION_FAILED']);
    check('no data', 'data' in rejected.body, false);
}

main().catch((error) => {
    console.error(error.message);
    process.exit(1);
});
