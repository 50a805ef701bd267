# What the scripts of this folder share; they source it after `set -euo pipefail`.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
port=$((20000 + RANDOM % 20000))
work="" server=""

# usage: prints the comment at the top of the script, and ends it.
usage() {
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
    exit 2
}

# read_options "NAME…" "$@": each `--NAME VALUE` sets the variable NAME.
read_options() {
    local known=" $1 "
    shift
    while [ $# -gt 0 ]; do
        [[ $1 == --* && $known == *" ${1#--} "* && $# -gt 1 ]] || usage
        printf -v "${1#--}" '%s' "$2"
        shift 2
    done
}

# need TOOL…: ends the script when one of them is not there.
need() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || {
            echo "$(basename "$0") needs $tool" >&2
            exit 2
        }
    done
}

# make_work [DIR]: sets `work` to a new folder, inside DIR if that is given. It goes with the script,
# and so does the server; `finish_more`, where a script has that function, is called in between.
make_work() {
    work=$(mktemp -d ${1:+-p "$1"})
    trap finish EXIT
}
finish() {
    set +e
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server"; }
    ! declare -F finish_more >/dev/null || finish_more
    rm -rf "$work"
}

# built: builds everything in release, and prints the folder of the programs.
built() {
    swift build --package-path "$root" -c release >&2
    swift build --package-path "$root" -c release --show-bin-path
}

# serve PROGRAM ARGUMENTS…: starts a server on `port`, and returns when it is ready.
serve() {
    "$1" serve "${@:2}" --listen "127.0.0.1:$port" >"$work/tessera.log" 2>&1 &
    server=$!
    until curl -fs "http://127.0.0.1:$port/health/ready" >/dev/null; do
        kill -0 "$server" 2>/dev/null || {
            cat "$work/tessera.log" >&2
            exit 1
        }
        sleep 0.2
    done
}
