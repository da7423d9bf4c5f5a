# SPDX-License-Identifier: Apache-2.0
"""A network that delays, slices, cuts, resets and half closes at random, under traffic at
every node: all agree in the end. BREAKS=n for longer runs."""
import os
import unittest

import reach  # noqa: F401
from proxy import DOWN, UP
from psql import main
from voyage import Voyage

BREAKS = int(os.environ.get("BREAKS") or 24)
COMMANDS_BETWEEN = 3
CUT_BYTES_MAX = 30_000


class Chaos(Voyage):
    # A signature that a network holds, or loses again and again, is late.
    expected_alarms = frozenset({"CHECKPOINT_LATE"})

    def breaks(self):
        """Ways to break a region's network, by name."""
        rng = self.rng
        return {
            "cut": lambda proxy: proxy.cut(),
            "reset": lambda proxy: proxy.reset(),
            "half closed up": lambda proxy: proxy.half_close(UP),
            "half closed down": lambda proxy: proxy.half_close(DOWN),
            "cut within a message up": lambda proxy: proxy.cut_after(
                rng.randrange(CUT_BYTES_MAX), UP, rng.random() < 0.5),
            "cut within a message down": lambda proxy: proxy.cut_after(
                rng.randrange(CUT_BYTES_MAX), DOWN, rng.random() < 0.5),
            "slow": lambda proxy: proxy.delay(0, 30),
            "sliced": lambda proxy: proxy.slice(rng.randint(1, 700)),
            "held": lambda proxy: proxy.hold(),
            "away": lambda proxy: proxy.refuse(),
            "mended": lambda proxy: proxy.mend(),
        }

    def test_chaos__all_agree_after_a_network_that_fails_at_random(self):
        fleet = self.sail()
        ways, counts = self.breaks(), {}
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
