#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The files of sql/query: one statement each, documented, without SELECT *."""
import re

import tree

NOISE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:''|[^'])*'", re.DOTALL)
PARAMETER = re.compile(r"\$(\d+)")
SENTENCE = re.compile(r"-- [^\W\d_a-z].{8,}")
STAR = re.compile(r"\b(SELECT|RETURNING)\s+(\w+\.)?\*|,\s*\w+\.\*", re.IGNORECASE)


def header_of(text):
    """The comment lines at the top."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line)
    return lines


def check_file(path, text):
    problems = []
    header = header_of(text)
    if not header or not SENTENCE.match(header[0]):
        problems.append(f"{path}:1: the first line does not say what the statement does")
    code = NOISE.sub(" ", text)
    statements = [part for part in code.split(";") if part.strip()]
    if len(statements) != 1:
        problems.append(f"{path}:1: {len(statements)} statements, one is expected")
    if STAR.search(code):
        problems.append(f"{path}:1: SELECT * hides which columns are read")
    documented = set(PARAMETER.findall("\n".join(header)))
    used = set(PARAMETER.findall(code))
    for number in sorted(used - documented, key=int):
        problems.append(f"{path}:1: ${number} is not documented")
    for number in sorted(documented - used, key=int):
        problems.append(f"{path}:1: ${number} is documented and not used")
    return problems


def check(root):
    return [problem for path in tree.files(root, ".sql") if path.startswith("sql/query/")
            for problem in check_file(path, tree.read(root, path))]


if __name__ == "__main__":
    tree.run(check)
