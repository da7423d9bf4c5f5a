# SPDX-License-Identifier: Apache-2.0
"""A network that delays, slices, cuts, resets and half closes at random, under traffic at
every node: all agree in the end. BREAKS=n for longer runs."""
import os
import unittest

import reach  # noqa: F401
from psql import main
from voyage import Voyage
from weather import weathers

BREAKS = int(os.environ.get("BREAKS") or 24)
COMMANDS_BETWEEN = 3


class Chaos(Voyage):
    def test_chaos__all_agree_after_a_network_that_fails_at_random(self):
        fleet = self.sail()
        ways, counts = weathers(self.rng), {}
        with self.traffic.running():
            for _ in range(BREAKS):
                region, name = self.rng.choice(list(fleet.proxies)), self.rng.choice(list(ways))
                ways[name](fleet.proxies[region])
                counts[name] = counts.get(name, 0) + 1
                self.wait_for_commands(COMMANDS_BETWEEN)
                self.assertEqual(list(self.early_acknowledgements()), [])
        for proxy in fleet.proxies.values():
            proxy.mend()
            proxy.cut()
        self.judge_voyage(**counts, connections=sum(
            proxy.connection_count for proxy in fleet.proxies.values()))

    def test_chaos__regions_that_work_apart_agree_when_they_come_back(self):
        fleet = self.sail()
        for proxy in fleet.proxies.values():
            proxy.refuse()
        with self.traffic.running():
            self.wait_for_commands(60)
        self.assertIn("images_agree", self.violations())
        for proxy in fleet.proxies.values():
            proxy.accept()
        self.judge_voyage()


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
