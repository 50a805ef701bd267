#!/usr/bin/env bash
# Starts `tessera demo` on a free port, lets every client of this folder talk to it, and stops it.
#
#   Tests/Clients/run.sh [TESSERA]     the binary; otherwise the release build
#
# The exit code tells whether all of them were content. Wants Debian's curl, python3, nodejs and
# node-graphql, and the PyPI package gql[requests] 4 for $PYTHON (python3 if not set). The clients with
# generated code want sgqlc and ariadne-codegen for $CODEGEN_PYTHON: they do not bear gql's graphql-core
# beside them. Data frames want pandas for $PANDAS_PYTHON. Only if these are not set may the packages be
# missing; that is said.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=${PYTHON:-python3}
codegen_python=${CODEGEN_PYTHON:-$python}
tessera=${1:-$(swift build --package-path "$root" -c release --show-bin-path)/tessera}
work=$(mktemp -d)
server=""
finish() {
    set +e
    if [ -n "$server" ]; then
        kill "$server"
        wait "$server"
    fi
    rm -rf "$work"
}
trap finish EXIT

port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$tessera" demo --listen "127.0.0.1:$port" >"$work/log" 2>&1 &
server=$!
until curl -fs "http://127.0.0.1:$port/health/ready" >/dev/null; do
    kill -0 "$server" || {
        cat "$work/log" >&2
        exit 1
    }
    sleep 0.1
done

url=http://127.0.0.1:$port/graphql
for client in "bash curl.sh" "$python readme.py" "$python gql_client.py" "node node_client.js"; do
    echo "== ${client##* }"
    read -r command file <<<"$client"
    "$command" "$here/$file" "$url"
done

echo "== tables.py"
"${PANDAS_PYTHON:-$python}" "$here/tables.py" "$url" ${PANDAS_PYTHON:+--pandas}

left_out=""
if [ -n "${CODEGEN_PYTHON:-}" ] \
    || "$codegen_python" -c 'import sgqlc, ariadne_codegen' 2>/dev/null; then
    for file in sgqlc_client.py ariadne_codegen_client.py; do
        echo "== $file"
        "$codegen_python" "$here/$file" "$url"
    done
else
    left_out=", but sgqlc and ariadne-codegen are not installed and were left out"
fi

kill -TERM "$server"
wait "$server"
server=""
echo "== all clients are content, and the server has stopped with exit code 0$left_out"
