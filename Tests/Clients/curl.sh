#!/usr/bin/env bash
# curl against a server that runs `tessera demo`: what a person tries first, and what goes wrong.
#
#   curl.sh URL                for example http://127.0.0.1:8080/graphql
#
# Wants Debian's curl.
set -euo pipefail

url=${1:?usage: curl.sh URL}

# check WHAT WANTED CURL-ARGUMENT…: status, media type and body of an answer.
check() {
    local what=$1 wanted=$2 found
    shift 2
    found=$(curl -s -w '\n%{http_code} %{content_type}' "$@")
    if [ "$found" != "$wanted" ]; then
        printf '%s:\n  found  %s\n  wanted %s\n' "$what" "$found" "$wanted" >&2
        exit 1
    fi
    echo "ok: $what"
}

json='content-type: application/json'
response='accept: application/graphql-response+json'

check 'a POST' \
    '{"data":{"members":{"totalCount":400}}}
200 application/json; charset=utf-8' \
    "$url" -H "$json" -d '{"query":"{members{totalCount}}"}'

check 'a POST with the newer media type' \
    '{"data":{"members":{"totalCount":400}}}
200 application/graphql-response+json; charset=utf-8' \
    "$url" -H "$json" -H "$response" -d '{"query":"{members{totalCount}}"}'

check 'a GET' \
    '{"data":{"members":{"totalCount":400}}}
200 application/json; charset=utf-8' \
    -G "$url" -H 'accept: application/json' --data-urlencode 'query={members{totalCount}}'

check 'broken JSON' \
    '{"errors":[{"message":"The body is not JSON: the text ends inside a value at byte 32.","extensions":{"code":"BAD_REQUEST"}}]}
400 application/json; charset=utf-8' \
    "$url" -H "$json" -d '{"query":"{members{totalCount}}"'

check 'a document that does not parse' \
    '{"errors":[{"message":"Syntax Error: Expected Name, found <EOF>.","locations":[{"line":1,"column":21}],"extensions":{"code":"GRAPHQL_PARSE_FAILED","rule":"Syntax"}}]}
400 application/graphql-response+json; charset=utf-8' \
    "$url" -H "$json" -H "$response" -d '{"query":"{members{totalCount}"}'

check 'a field that does not exist, for a client that expects 200' \
    '{"errors":[{"message":"Cannot query field \"totalcount\" on type \"MemberConnection\". Did you mean \"totalCount\"?","locations":[{"line":1,"column":10}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED","rule":"FieldsOnCorrectType"}}]}
200 application/json; charset=utf-8' \
    "$url" -H "$json" -d '{"query":"{members{totalcount}}"}'

check 'a variable of the wrong type' \
    '{"errors":[{"message":"Variable \"$n\" has invalid value: Int cannot represent non-integer value: \"three\"","locations":[{"line":1,"column":7}],"extensions":{"code":"BAD_USER_INPUT","rule":"CoerceVariableValues"}}]}
400 application/graphql-response+json; charset=utf-8' \
    "$url" -H "$json" -H "$response" \
    -d '{"query":"query($n: Int!) { members(first: $n) { totalCount } }","variables":{"n":"three"}}'

check 'a body of another type' \
    '{"errors":[{"message":"The Content-Type \"text/plain\" is not supported.","extensions":{"code":"BAD_REQUEST","hint":"Send Content-Type: application/json, in UTF-8."}}]}
415 application/json; charset=utf-8' \
    "$url" -H 'content-type: text/plain' -d '{members{totalCount}}'

check 'an unknown path' \
    '{"errors":[{"message":"There is nothing at this path.","extensions":{"code":"BAD_REQUEST","hint":"GraphQL is at /graphql, reports at /reports, health at /health/live and /health/ready."}}]}
404 application/json; charset=utf-8' \
    "${url%/graphql}/nothing"

check 'readiness' \
    '{"status":"ok"}

200 application/json; charset=utf-8' \
    "${url%/graphql}/health/ready"
