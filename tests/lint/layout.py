#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clang-format decides the layout of C."""
import os
import re
import subprocess

import tree

FAULT = re.compile(r"^(.*?):(\d+):\d+: (?:error|warning): ", re.MULTILINE)


def check(root):
    paths = tree.files(root, ".c", ".h")
    if not paths:
        return []
    style = os.path.join(root, ".clang-format")
    done = subprocess.run(
        ["clang-format", f"--style=file:{style}", "--dry-run", "--Werror", *paths],
        cwd=root, capture_output=True, text=True, check=False)
    faults = [f"{path}:{line}: not as clang-format lays it out"
              for path, line in FAULT.findall(done.stderr)]
    if done.returncode != 0 and not faults:
        faults = [f"clang-format failed: {done.stderr.strip()}"]
    return faults


if __name__ == "__main__":
    tree.run(check)
