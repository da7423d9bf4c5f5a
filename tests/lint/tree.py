# SPDX-License-Identifier: Apache-2.0
"""What every lint script shares: the files of the tree, C text without its
comments, and how problems are reported."""
import os
import re
import sys

SKIPPED_FOLDERS = {"node_modules", "__pycache__"}


def files(root, *endings):
    """Paths below root, relative and sorted, that end with one of the endings.

    Hidden folders and build trees (build*, at the root) are left out."""
    found = []
    for folder, folders, names in os.walk(root):
        at_root = folder == root
        folders[:] = [
            name for name in folders
            if not name.startswith(".") and name not in SKIPPED_FOLDERS
            and not (at_root and name.startswith("build"))
        ]
        for name in names:
            if name.endswith(endings or ("",)):
                found.append(os.path.relpath(os.path.join(folder, name), root))
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read()


C_NOISE = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)


def c_code(text):
    """C text with comments and literals blanked, line numbers kept."""
    def blank(match):
        found = match.group(0)
        mark = " " if found.startswith("/") else "0"
        return mark + "\n" * found.count("\n")
    return C_NOISE.sub(blank, text)


def run(check, *arguments):
    """Runs check(root, ...) on argv[1], prints `path:line: problem` lines and
    exits 1 when there is one."""
    root = sys.argv[1] if len(sys.argv) > 1 else os.getcwd()
    if not os.path.exists(os.path.join(root, "CMakeLists.txt")):
        sys.exit(f"{root} is not the project's folder")
    problems = check(os.path.abspath(root), *arguments)
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problem(s)")
    sys.exit(1 if problems else 0)
