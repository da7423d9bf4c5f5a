#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clang-tidy over every C file of a build tree: tidy.py SOURCE BUILD.

The compiler's own flags stay out (clang 14 refuses some of gcc's): only the
language, the include paths and the definitions are taken over."""
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

import tree

KEPT = re.compile(r"-(std=|I|D|isystem)")
FAULT = re.compile(r"^.*?:\d+:\d+: (?:error|warning): .*$", re.MULTILINE)


def kept_flags(command):
    words = shlex.split(command)
    flags = []
    for at, word in enumerate(words):
        if KEPT.match(word):
            flags += [word, words[at + 1]] if word in ("-I", "-D", "-isystem") else [word]
    return flags


def own_commands(root, build):
    """The compile commands of the C files that are the tree's own."""
    own = {os.path.join(root, path) for path in tree.files(root, ".c")}
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = json.load(file)
    commands = {}
    for entry in entries:
        path = os.path.realpath(os.path.join(entry["directory"], entry["file"]))
        if path in own:
            flags = kept_flags(entry["command"])
            commands[path] = {"file": path, "directory": entry["directory"],
                              "arguments": ["clang", *flags, "-c", path]}
    return list(commands.values())


def tidy(root, database, path):
    done = subprocess.run(
        ["clang-tidy", "--quiet", "-p", database, path],
        capture_output=True, text=True, check=False)
    faults = FAULT.findall(done.stdout)
    if done.returncode != 0 and not faults:
        faults = [f"{path}:1: clang-tidy failed: {done.stderr.strip()[:500]}"]
    return [fault.replace(root + os.sep, "") for fault in faults]


def check(root, build):
    root = os.path.realpath(root)
    commands = own_commands(root, build)
    if not commands:
        return [f"{build}: no compile command of a file below {root}"]
    with tempfile.TemporaryDirectory() as database:
        with open(os.path.join(database, "compile_commands.json"), "w", encoding="utf-8") as file:
            json.dump(commands, file)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = pool.map(lambda entry: tidy(root, database, entry["file"]), commands)
            faults = [fault for result in results for fault in result]
    return sorted(set(faults))


if __name__ == "__main__":
    tree.run(check, sys.argv[2] if len(sys.argv) > 2 else "build")
