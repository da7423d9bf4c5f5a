# SPDX-License-Identifier: Apache-2.0
"""A region, then the national node, comes back from an old backup: it is noticed, what it
lost comes back to it, and what it wrote as its old self is kept for people."""
import unittest

import reach  # noqa: F401
from psql import main
from voyage import Voyage, wait_until

REGION = "11"
REGIONS = (REGION, "52")
COMMANDS = 30
EPOCH = "SELECT epoch FROM cpts.node_self;"
READ_ONLY = "SELECT read_only <> '' FROM cpts.node_self;"
FORKED = "SELECT command_id FROM cpts.forked_change;"


class Restore(Voyage):
    expected_alarms = frozenset({"FENCED", "RESTORED"})

    def setUp(self):
        super().setUp()
        self.sail(regions=REGIONS)
        self.region = self.fleet.regions[REGION]

    def work(self, *members):
        with self.traffic.running(*members):
            self.wait_for_commands(COMMANDS)

    def back_up(self, member):
        self.work()
        self.converge()
        with member.stopped():
            copy = member.back_up()
        return copy

    def epoch(self, member):
        return int(member.database.value(EPOCH))

    def wait_restored(self, member, before):
        wait_until(lambda: self.epoch(member) > before
                   and member.database.value(READ_ONLY) == "f", f"new epoch of {member.node}",
                   self.converge_timeout_s)

    def test_restore__region_gets_back_what_it_lost(self):
        copy, before = self.back_up(self.region), self.epoch(self.region)
        self.work()
        self.converge()
        with self.region.stopped():
            self.region.restore(copy)
        self.wait_restored(self.region, before)
        self.work()
        self.judge_voyage(epoch=self.epoch(self.region))
        self.assertEqual(self.region.database.query(FORKED), [])

    def test_restore__what_a_region_wrote_as_its_old_self_is_kept(self):
        copy, before = self.back_up(self.region), self.epoch(self.region)
        self.work()
        self.converge()
        self.fleet.proxies[REGION].refuse()
        with self.region.stopped():
            self.region.restore(copy)
        old = self.traffic.fork(self.region.node)
        self.work(self.region)
        written = {operation.command_id for operation in old.operations if operation.acknowledged}
        self.fleet.proxies[REGION].accept()
        self.wait_restored(self.region, before)
        kept = {row[0] for row in self.region.database.query(FORKED)}
        self.assertEqual(written - kept, set(), "written as the old self, and in nobody's hands")
        self.traffic.histories[self.region.node] = self.traffic.before_fork
        self.judge_voyage(forked=len(kept))

    def test_restore__national_node_gets_back_what_the_regions_have(self):
        national = self.fleet.national
        copy, before = self.back_up(national), self.epoch(national)
        self.work(*self.fleet.regions.values())
        self.converge()
        with national.stopped():
            national.restore(copy)
        self.wait_restored(national, before)
        self.work()
        self.judge_voyage(epoch=self.epoch(national))


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
