# SPDX-License-Identifier: Apache-2.0
"""A network namespace with one cable: what is inside is reached through it, and it can be
pulled. As root, where the machine allows."""
import subprocess

import reach  # noqa: F401
from daemon import run

OUTSIDE, INSIDE = "10.213.77.1", "10.213.77.2"
NAME_BYTES = 8


class Namespace:
    """inside: its address · within: what runs a program in it."""

    inside = INSIDE

    def __init__(self, name):
        """name: at most 8 letters, alone on the machine."""
        self.name, self._cable, self._other = name[:NAME_BYTES], f"o{name}"[:NAME_BYTES], \
            f"i{name}"[:NAME_BYTES]
        self.within = ("ip", "netns", "exec", self.name)
        run("ip", "netns", "add", self.name)
        try:
            run("ip", "link", "add", self._cable, "type", "veth", "peer", "name", self._other,
                "netns", self.name)
            run("ip", "addr", "add", f"{OUTSIDE}/30", "dev", self._cable)
            run(*self.within, "ip", "addr", "add", f"{INSIDE}/30", "dev", self._other)
            run(*self.within, "ip", "link", "set", "lo", "up")
            run(*self.within, "ip", "link", "set", self._other, "up")
            self.plug()
        except BaseException:
            self.close()
            raise

    def pull(self):
        """Nothing passes any more, and nobody is told."""
        run("ip", "link", "set", self._cable, "down")

    def plug(self):
        run("ip", "link", "set", self._cable, "up")

    def close(self):
        run("ip", "netns", "del", self.name)


def are_allowed():
    """Whether this machine lets us make them."""
    probe = subprocess.run(["unshare", "--net", "ip", "link", "add", "type", "veth"],
                           capture_output=True, check=False)
    return probe.returncode == 0
