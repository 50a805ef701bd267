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
    '{"data":{"members":{"totalCount":2000}}}
200 application/json; charset=utf-8' \
    "$url" -H "$json" -d '{"query":"{members{totalCount}}"}'

check 'a POST with the newer media type' \
    '{"data":{"members":{"totalCount":2000}}}
200 application/graphql-response+json; charset=utf-8' \
    "$url" -H "$json" -H "$response" -d '{"query":"{members{totalCount}}"}'

check 'a GET' \
    '{"data":{"members":{"totalCount":2000}}}
200 application/json; charset=utf-8' \
    -G "$url" -H 'accept: application/json' --data-urlencode 'query={members{totalCount}}'
