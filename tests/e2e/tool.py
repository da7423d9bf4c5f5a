# SPDX-License-Identifier: Apache-2.0
"""cptsctl, run against a node as a person would."""
import os
import subprocess

from node import BUILD

CPTSCTL = os.path.join(BUILD, "bin", "cptsctl")
TIMEOUT_S = 120


def write_profile(node, name="profile.ini", **changes):
    """A profile beside the node's files; changes: its keys, None = left out."""
    keys = {"address": f"127.0.0.1:{node.port}", "ca": "ca.pem", "certificate": "operator.pem",
            "key": "operator.key", **changes}
    with open(node.path(name), "w", encoding="utf-8") as file:
        file.write("[profile]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items()
                                            if value is not None))
    return node.path(name)


def cptsctl(profile, *words, timeout=TIMEOUT_S):
    return subprocess.run([CPTSCTL, *words, "--profile", profile], capture_output=True, text=True,
                          timeout=timeout, check=False)


def start(profile, *words):
    """Begins a command that does not end by itself."""
    return subprocess.Popen([CPTSCTL, *words, "--profile", profile], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
