# SPDX-License-Identifier: Apache-2.0
"""The national node behind a cable that is pulled: no FIN, no RST, packets just vanish. In a
network namespace where the machine allows, else through proxies that pass nothing on."""
import os
import unittest

import reach  # noqa: F401
import namespace
from psql import main
from voyage import Voyage

REGIONS = ("11", "52")
PORT = 4430
PULLS = 3
COMMANDS_APART = 30


class Network(Voyage):
    def cable(self):
        """Two functions: pull and plug. Starts the fleet on it."""
        if not namespace.are_allowed():
            print("  no network namespaces here: proxies instead", flush=True)
            self.sail(regions=REGIONS)
            proxies = self.fleet.proxies.values()
            return (lambda: [proxy.hold() for proxy in proxies],
                    lambda: [proxy.release() for proxy in proxies])
        space = namespace.Namespace(f"c{os.getpid() % 1000000}")
        self.addCleanup(space.close)
        self.sail(regions=REGIONS, upstream=f"{space.inside}:{PORT}",
                  settings="bookmark_ms = 200\nredial_max_ms = 400\nsilence_max_ms = 1500\n"
                           "upstream_name = localhost\n",
                  national={"address": f"{space.inside}:{PORT}", "within": space.within})
        return space.pull, space.plug

    def test_network__regions_work_on_while_the_cable_is_pulled(self):
        pull, plug = self.cable()
        regions = self.fleet.regions.values()
        with self.traffic.running(*regions):
            self.wait_for_commands(COMMANDS_APART)
        self.converge()
        for _ in range(PULLS):
            pull()
            with self.traffic.running(*regions):
                self.wait_for_commands(COMMANDS_APART)
            self.assertIn("images_agree", self.violations())
            plug()
            self.converge()
        self.judge_voyage(pulls=PULLS)


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
