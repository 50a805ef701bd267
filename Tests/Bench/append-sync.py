#!/usr/bin/env python3
"""Appends blocks to a file, each followed by fdatasync, as fast as one thread can.

    append-sync.py DIR SECONDS [BYTES]    for example append-sync.py /var/tmp 2 512

Prints how many there were in a second: what no journal with one writer and one waiting client can
surpass on that disk. Wants Python alone.
"""
import os
import sys
import tempfile
import time


def main(directory, seconds, byte_count):
    block = os.urandom(byte_count)
    descriptor, path = tempfile.mkstemp(dir=directory)
    os.unlink(path)
    offset = count = 0
    start = time.monotonic()
    end = start + seconds
    while time.monotonic() < end:
        os.pwrite(descriptor, block, offset)
        os.fdatasync(descriptor)
        offset += byte_count
        count += 1
    print(int(count / (time.monotonic() - start)))


if len(sys.argv) < 3:
    raise SystemExit(__doc__)
main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 512)
