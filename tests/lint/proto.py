#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every service, RPC, message, field, oneof, enum and value of a .proto file has
a comment above it, or above the oneof of one member that stands on one line."""
import re

import tree

DECLARATION = re.compile(
    r"^(?P<kind>service|rpc|message|enum|oneof)\s+(?P<name>\w+)"
    r"|^(?P<value>[A-Z][A-Z0-9_]*)\s*=\s*-?\d+\s*[;\[]"
    r"|^(?:repeated\s+|optional\s+)?(?:map<[^>]*>|[\w.]+)\s+(?P<field>\w+)\s*=\s*\d+\s*[;\[]")
NOT_DECLARED = ("syntax", "package", "import", "option", "reserved")


def check_file(path, text):
    problems = []
    commented = False
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("//"):
            commented = True
            continue
        match = DECLARATION.match(stripped)
        if match and not stripped.startswith(NOT_DECLARED) and not commented:
            name = match.group("name") or match.group("value") or match.group("field")
            problems.append(f"{path}:{number}: {name} has no comment")
        commented = False
    return problems


def check(root):
    return [problem for path in tree.files(root, ".proto")
            for problem in check_file(path, tree.read(root, path))]


if __name__ == "__main__":
    tree.run(check)
