#!/usr/bin/env bash
# Kills a server that writes, again and again, and looks for what was lost or doubled.
#
#   Tests/Crash/run.sh [N] [options]
#     N                   kills (200)
#     --binary FILE       tessera (built in release otherwise)
#     --dir DIR           where the data lies (a folder of its own under TMPDIR)
#     --clients N         clients that write (8)
#     --seed N            of the moments of the kills (from the clock; printed)
#
# Snapshots run every 0.3 s. One kill in four hits a server that is starting. After each, all that
# was acknowledged must be there once, and what was under way once or not at all; every client then
# sends its last mutation again with the same key. Wants python3.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
kills=200 binary="" dir="" clients=8 seed=$(date +%s)
while [ $# -gt 0 ]; do
    case "$1" in
    --binary) binary=$2 && shift ;;
    --dir) dir=$2 && shift ;;
    --clients) clients=$2 && shift ;;
    --seed) seed=$2 && shift ;;
    [0-9]*) kills=$1 ;;
    *)
        sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
        exit 2
        ;;
    esac
    shift
done
command -v python3 >/dev/null || {
    echo "run.sh needs python3" >&2
    exit 2
}

export SWIFT_BACKTRACE=enable=no
if [ -z "$binary" ]; then
    cd "$root"
    swift build -c release --product tessera >&2
    binary=$(swift build -c release --show-bin-path)/tessera
fi
work=$(mktemp -d ${dir:+-p "$dir"})
status=0
python3 "$here/crash.py" "$binary" "$work" "$kills" "$clients" "$seed" || status=$?
# What a fault has left is kept to be looked at.
[ $status -ne 0 ] || rm -rf "$work"
exit $status
