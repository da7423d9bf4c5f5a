# SPDX-License-Identifier: Apache-2.0
"""A region cut off for thirty days, by the clock of all databases (libfaketime), working
each day, as the others do: it comes back and all agree."""
import unittest

import reach  # noqa: F401
import daemon
from fake_clock import FakeClockCluster
from psql import main
from voyage import Voyage

REGION = "11"
REGIONS = (REGION, "52")
DAYS = 30
COMMANDS_A_DAY = 8
SPAN = "SELECT extract(day FROM max(recorded_at) - min(recorded_at))::int FROM cpts.change_log;"


class Offline(Voyage):
    # The servers keep the machine's clock.
    expected_alarms = frozenset({"CLOCK_SKEW"})

    def test_offline__thirty_days_of_work_apart(self):
        cluster = FakeClockCluster(self.enterContext(daemon.folder()))
        self.addCleanup(cluster.stop)
        self.sail(regions=REGIONS)
        with self.traffic.running():
            self.wait_for_commands(COMMANDS_A_DAY)
        self.converge()
        self.fleet.proxies[REGION].refuse()
        for _ in range(DAYS):
            cluster.jump(days=1)
            with self.traffic.running():
                self.wait_for_commands(COMMANDS_A_DAY)
        self.assertIn("images_agree", self.violations())
        self.fleet.proxies[REGION].accept()
        self.judge_voyage(days=DAYS)
        for member in self.fleet.members:
            self.assertGreaterEqual(int(member.database.value(SPAN)), DAYS - 1, member.node)


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
