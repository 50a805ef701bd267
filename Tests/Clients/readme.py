#!/usr/bin/env python3
"""Compares the examples of README.md with what a server that runs `tessera demo` answers.

    readme.py URL [--write]    for example http://127.0.0.1:8080/graphql

An example is a block of `graphql`, or of `sh` with one curl line, and behind it the answer in a
block of `json` or `csv`. With --write the answers are put into README.md instead. Wants Python
alone, and curl for the curl lines.
"""
import json
import pathlib
import re
import shlex
import subprocess
import sys
import urllib.error
import urllib.request

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"
BLOCK = r"((?:(?!```).)*)```"
EXAMPLE = re.compile(rf"```(graphql|sh)\n{BLOCK}\n\n```(json|csv)\n{BLOCK}", re.S)
WIDTH = 98


def ask(url, kind, text):
    if kind == "sh":
        words = shlex.split(text.replace("\\\n", " "))
        words = [word.replace("http://127.0.0.1:8080/graphql", url)
                 .replace("http://127.0.0.1:8080/", url.removesuffix("graphql")) for word in words]
        answer = subprocess.run(words, check=True, capture_output=True, timeout=20).stdout
    else:
        request = urllib.request.Request(url, json.dumps({"query": text}).encode(),
                                         {"Content-Type": "application/json"})
        try:
            answer = urllib.request.urlopen(request, timeout=20).read()
        except urllib.error.HTTPError as error:
            answer = error.read()
    return answer.decode().replace("\r\n", "\n")


def layout(value, indent=0, prefix=""):
    """JSON on one line where it fits, otherwise a line for each part."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or len(line) + indent + len(prefix) <= WIDTH:
        return prefix + line
    blanks = " " * (indent + 2)
    if isinstance(value, dict):
        parts = [layout(part, indent + 2, json.dumps(key) + ": ") for key, part in value.items()]
        opening, closing = "{", "}"
    else:
        parts = [layout(part, indent + 2) for part in value]
        opening, closing = "[", "]"
    inner = ",\n".join(blanks + part for part in parts)
    return f"{prefix}{opening}\n{inner}\n{' ' * indent}{closing}"


def main(url, writes):
    text = README.read_text()
    failures = count = 0

    def replace(match):
        nonlocal failures, count
        kind, question, form, shown = match.groups()
        count += 1
        answer = ask(url, kind, question)
        is_same = shown == answer
        if form == "json":
            is_same = json.loads(shown) == json.loads(answer)
            answer = layout(json.loads(answer)) + "\n"
        if writes:
            return f"```{kind}\n{question}```\n\n```{form}\n{answer}```"
        if not is_same:
            failures += 1
            print(f"README.md shows another answer to\n{question}\nthan\n{answer}")
        return match.group(0)

    written = EXAMPLE.sub(replace, text)
    if writes:
        README.write_text(written)
    if failures or not count:
        raise SystemExit(f"{failures} of {count} examples differ")
    print(f"ok: {count} examples of README.md")


if len(sys.argv) < 2:
    raise SystemExit(__doc__)
main(sys.argv[1], "--write" in sys.argv)
