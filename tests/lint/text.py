#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every file: its licence line, a base name of its own, no unfinished work."""
import re

import tree

LICENCE = "SPDX-License-Identifier: Apache-2.0"
LICENSED_ENDINGS = (".c", ".h", ".S", ".py", ".proto", ".sh", ".cmake", ".c.in", ".h.in", ".S.in",
                    "CMakeLists.txt")
LICENCE_WITHIN_LINES = 3

# Split, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK|T" r"BD)\b")
# Prose may speak of unfinished work; data is not ours.
PROSE_ENDINGS = (".md",)
UNREAD_ENDINGS = (".csv", ".png", ".ico", ".woff2", "package-lock.json")

# Names that tools prescribe, and migrations that carry one name thrice.
SHARED_NAMES = {"README.md", "CMakeLists.txt", "package.json", "package-lock.json",
                "tsconfig.json", "Makefile",
                # what people start: tests/run and tests/bench/run
                "run"}
SHARED_FOLDERS = ("sql/deploy/", "sql/verify/", "sql/revert/")


def is_script(text):
    return text.startswith("#!")


def check_licences(root, paths):
    problems = []
    for path in paths:
        text = tree.read(root, path)
        first_lines = "\n".join(text.splitlines()[:LICENCE_WITHIN_LINES])
        if (path.endswith(LICENSED_ENDINGS) or is_script(text)) and LICENCE not in first_lines:
            problems.append(f"{path}:1: no line `{LICENCE}`")
    return problems


def check_names(paths):
    first = {}
    problems = []
    for path in paths:
        name = path.rpartition("/")[2]
        if name.startswith(".") or name in SHARED_NAMES or path.startswith(SHARED_FOLDERS):
            continue
        if name in first:
            problems.append(f"{path}:1: {first[name]} has the same base name")
        first.setdefault(name, path)
    return problems


def check_words(root, paths):
    problems = []
    for path in paths:
        if path.endswith(PROSE_ENDINGS):
            continue
        for number, line in enumerate(tree.read(root, path).splitlines(), 1):
            match = UNFINISHED.search(line)
            if match:
                problems.append(f"{path}:{number}: unfinished: {match.group(0)}")
    return problems


def check(root):
    paths = [path for path in tree.files(root) if not path.endswith(UNREAD_ENDINGS)]
    return check_licences(root, paths) + check_names(paths) + check_words(root, paths)


if __name__ == "__main__":
    tree.run(check)
