#!/usr/bin/env python3
"""Reads a pack the way HAT does and prints what it holds: scripts/check_pack.py FOLDER

Needs python3-lmdb and python3-msgpack (Debian packages of these names). Exits 1 when a record is not as HAT expects it.
"""
import struct
import sys
from collections import Counter

import lmdb
import msgpack


def main(folder: str) -> int:
    env = lmdb.open(folder, readonly=True, lock=False)
    sizes: Counter = Counter()
    ids: Counter = Counter()
    with env.begin() as txn:
        count = int(txn.get(b"__len__"))
        for index in range(count):
            body = msgpack.unpackb(txn.get(str(index).encode("ascii")), raw=False)
            height, width = struct.unpack("=HH", body[:4])
            label = body[len(body) - height * width:]
            png = body[4:len(body) - height * width]
            if png[:8] != b"\x89PNG\r\n\x1a\n":
                print(f"record {index}: no PNG after the header")
                return 1
            png_width, png_height, depth, colour = struct.unpack(">IIBB", png[16:26])
            if (png_height, png_width, depth, colour) != (height, width, 8, 2):
                print(f"record {index}: label {height}x{width}, PNG {png_height}x{png_width}, {depth} bits, colour type {colour}")
                return 1
            sizes[(height, width)] += 1
            ids.update(label)
        keys = sorted(key.decode() for key, _ in txn.cursor() if not key.isdigit())
        stat = env.stat()
    print(f"{count} records, other keys {keys}, tree depth {stat['depth']}, {stat['entries']} entries")
    for (height, width), number in sorted(sizes.items()):
        print(f"{number} x {height}x{width}")
    print("label ids", sorted(ids))
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
