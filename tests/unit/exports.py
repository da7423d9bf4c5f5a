#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""exports.py NM LIBRARY HEADER...: the library exports the functions that the
headers mark CPTS_API, and nothing else."""
import re
import subprocess
import sys

DECLARED = re.compile(r"^CPTS_API\b[^;{]*?\b(cpts_\w+)\s*\(", re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def declared(paths):
    names = set()
    for path in paths:
        with open(path, encoding="utf-8") as file:
            names.update(DECLARED.findall(COMMENT.sub("", file.read())))
    return names


def exported(nm, library):
    done = subprocess.run([nm, "-D", "--defined-only", library], capture_output=True, text=True,
                          check=True)
    rows = (line.split() for line in done.stdout.splitlines())
    return {row[2].split("@")[0] for row in rows if row[1] != "A"}


def main(nm, library, *headers):
    wanted, found = declared(headers), exported(nm, library)
    for name in sorted(wanted - found):
        print(f"declared, not exported: {name}")
    for name in sorted(found - wanted):
        print(f"exported, not declared: {name}")
    print(f"{len(wanted)} functions declared, {len(found)} exported")
    return 0 if wanted and wanted == found else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
