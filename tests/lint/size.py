#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long things may be. What must be longer stands in long_functions, one a
line: path, function, measure, its size and, after #, why. That list may only
shrink: a row that is no longer needed, or larger than the code, is a problem."""
import os

import functions
import tree

LIMITS = {"lines": 70, "parameters": 7, "nesting": 4, "complexity": 15}
TEST_FUNCTION_LINES = 40
C_FILE_LINES = 600
INSTALLED_HEADER_LINES = 250
LINE_CHARACTERS = 100
LONG_FUNCTIONS_MAX = 0

# SQL is not: a table's or a column's comment is one literal, however long.
MEASURED_ENDINGS = (".c", ".h", ".S", ".py", ".proto", ".sh", ".cmake", "CMakeLists.txt")
LONG_FUNCTIONS = "tests/lint/long_functions"


def read_exceptions(root):
    """{(path, function, measure): size} and the problems of the list itself."""
    exceptions = {}
    if not os.path.exists(os.path.join(root, LONG_FUNCTIONS)):
        return exceptions, []
    for row in tree.read(root, LONG_FUNCTIONS).splitlines():
        words = row.partition("#")[0].split()
        if words:
            path, function, measure, size = words
            exceptions[path, function, measure] = int(size)
    if len(exceptions) > LONG_FUNCTIONS_MAX:
        return exceptions, [f"{LONG_FUNCTIONS}:1: {len(exceptions)} rows, at most "
                            f"{LONG_FUNCTIONS_MAX}; the list may only shrink"]
    return exceptions, []


def limit_of(path, function, measure):
    is_test = path.startswith("tests/") and function.name.startswith("test_")
    return TEST_FUNCTION_LINES if measure == "lines" and is_test else LIMITS[measure]


def check_functions(root, path, exceptions):
    problems = []
    for function in functions.of(tree.read(root, path)):
        for measure in LIMITS:
            size = getattr(function, measure)
            limit = limit_of(path, function, measure)
            allowed = exceptions.pop((path, function.name, measure), None)
            where = f"{path}:{function.line}: {function.name}: {size} {measure}"
            if allowed is not None and size != allowed:
                problems.append(f"{where}, {LONG_FUNCTIONS} says {allowed}")
            elif allowed is not None and size <= limit:
                problems.append(f"{where} need no row in {LONG_FUNCTIONS}")
            elif allowed is None and size > limit:
                problems.append(f"{where}, at most {limit}")
    return problems


def check_file(root, path):
    problems = []
    lines = tree.read(root, path).splitlines()
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_CHARACTERS:
            problems.append(f"{path}:{number}: {len(line)} characters, at most {LINE_CHARACTERS}")
    limit = C_FILE_LINES if path.endswith(".c") else None
    if path.startswith("sdk/include/"):
        limit = INSTALLED_HEADER_LINES
    if limit is not None and len(lines) > limit:
        problems.append(f"{path}:1: {len(lines)} lines, at most {limit}")
    return problems


def check(root):
    exceptions, problems = read_exceptions(root)
    for path in tree.files(root, *MEASURED_ENDINGS):
        problems += check_file(root, path)
        if path.endswith((".c", ".h")):
            problems += check_functions(root, path, exceptions)
    for path, function, measure in exceptions:
        problems.append(f"{LONG_FUNCTIONS}:1: no {path} {function} {measure}")
    return problems


if __name__ == "__main__":
    tree.run(check)
