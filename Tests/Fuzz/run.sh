#!/usr/bin/env bash
# Feeds made-up bytes to the rooms that read what strangers send, and ends with 1 on any finding.
#
#   Tests/Fuzz/run.sh [SECONDS [TARGET...]]     20 seconds for each of all targets if not said
#
#   FuzzParser     lexer, parser and printer
#   FuzzValidator  validation against a fixed schema
#   FuzzSchema     building schemas, and printing them
#   FuzzJSON       reading and writing JSON
#   FuzzHTTP       requests on a connection, however they are cut
#
# libFuzzer with AddressSanitizer, both of the Swift toolchain. FuzzCanary has a planted fault and
# runs first: if it is not found within three minutes, nothing else here can be trusted. What was
# interesting stays in .build/fuzz/corpus and is where the next run begins; findings lie in
# .build/fuzz/findings, each one can be tried again with .build/fuzz/release/TARGET FILE.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
seconds=${1:-20}
targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] || targets=(FuzzParser FuzzValidator FuzzSchema FuzzJSON FuzzHTTP)
build=$root/.build/fuzz
canary_seconds=180

# A crash is libFuzzer's to report, and no sanitizer may attach to its own process in a container.
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0

mkdir -p "$build/findings"
for target in FuzzCanary "${targets[@]}"; do
    echo "== Building $target"
    if ! TESSERA_FUZZ=1 swift build --package-path "$root" --scratch-path "$build" -c release \
        --sanitize fuzzer --product "$target" >"$build/log" 2>&1; then
        cat "$build/log" >&2
        exit 1
    fi
done

# fuzz TARGET SECONDS CORPUS: one target from its seeds. Ends by itself, or is ended.
fuzz() {
    local dictionary=graphql
    case $1 in
    FuzzJSON) dictionary=json ;;
    FuzzHTTP) dictionary=http ;;
    esac
    timeout --kill-after=10 $(($2 + 60)) \
        "$build/release/$1" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 -max_len=4096 \
        -dict="$here/$dictionary.dict" -artifact_prefix="$build/findings/$1-" \
        -print_final_stats=1 -verbosity=1 "$3" "$here/Seeds/$1" </dev/null 2>&1
}

echo "== FuzzCanary"
corpus=$(mktemp -d)
trap 'rm -rf "$corpus"' EXIT
if fuzz FuzzCanary $canary_seconds "$corpus" >"$build/log" \
    || ! grep -q 'heap-buffer-overflow' "$build/log"; then
    tail -n 20 "$build/log" >&2
    echo "The planted fault was not found." >&2
    exit 1
fi
rm -f "$build"/findings/FuzzCanary-*
echo "the planted fault was found"

failed=()
for target in "${targets[@]}"; do
    echo "== $target, $seconds s"
    mkdir -p "$build/corpus/$target"
    if fuzz "$target" "$seconds" "$build/corpus/$target" >"$build/log"; then
        grep -E 'DONE|number_of_executed_units|peak_rss' "$build/log"
    else
        failed+=("$target")
        tail -n 60 "$build/log" >&2
        cp "$build/log" "$build/findings/$target.log"
    fi
done

if [ ${#failed[@]} -gt 0 ]; then
    echo "Findings in: ${failed[*]}; see $build/findings" >&2
    exit 1
fi
echo "== no findings"
