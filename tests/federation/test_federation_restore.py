# SPDX-License-Identifier: Apache-2.0
"""A region, then the national node, comes back from an old backup: it is noticed, what it
lost comes back to it, and what it wrote as its old self is kept for people."""
import unittest

import reach  # noqa: F401
import ledger
import referral_ledger
from coordinators import Referring
from fleet import points
from psql import main
from voyage import Voyage, wait_until

REGION = "11"
REGIONS = (REGION, "52")
COMMANDS = 30
BINARY = "cptsd_failpoints"
# Where the region dies on its way back, and where the national node that gives.
TAKES = tuple(name for name in points("FAILPOINT") if name.startswith("restoring/"))
GIVES = ("session/after_send",)
HITS_MAX = 6
PLACES = {"11": 1, "52": 1, "76": 1}
WITHHELD = "SELECT count(*) FROM cpts.sync_withheld;"
EPOCH = "SELECT epoch FROM cpts.node_self;"
READ_ONLY = "SELECT read_only <> '' FROM cpts.node_self;"
FORKED = "SELECT command_id FROM cpts.forked_change;"


class Restore(Voyage):
    expected_alarms = frozenset({"FENCED", "RESTORED"})

    def setUp(self):
        super().setUp()
        self.sail(regions=REGIONS, binaries={"national": BINARY, f"region/{REGION}": BINARY})
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
        try:
            wait_until(lambda: self.epoch(member) > before
                       and member.database.value(READ_ONLY) == "f", f"new epoch of {member.node}",
                       self.converge_timeout_s)
        except AssertionError as failure:
            self.fail(f"{failure}; it was {before}, is {self.epoch(member)}\n{self.fleet.logs()}")

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

    def die(self, member, point, hits):
        """Dies there, once started; and comes again."""
        try:
            wait_until(member.has_ended, f"death of {member.node} at {point}",
                       self.converge_timeout_s)
        except AssertionError as failure:
            self.fail(f"{failure}; it came by {member.reached()}\n{self.fleet.logs()}")
        self.assertEqual(member.process.returncode, -9, (point, hits, member.log()[-2000:]))
        member.order()
        member.start()

    def test_restore__killed_on_the_way_back(self):
        deaths = [(self.region, name, 1) for name in TAKES]
        deaths += [(self.fleet.national, name, self.rng.randint(1, HITS_MAX)) for name in GIVES]
        self.assertGreater(len(TAKES), 0)
        self.rng.shuffle(deaths)
        for member, point, hits in deaths:
            copy, before = self.back_up(self.region), self.epoch(self.region)
            self.work()
            self.converge()
            with self.region.stopped():
                self.region.restore(copy)
                member.order(f"kill/{point} {hits}")
            self.die(member, point, hits)
            self.wait_restored(self.region, before)
        self.work()
        self.judge_voyage(deaths=len(deaths))
        self.assertEqual(self.region.database.query(FORKED), [])

    def test_restore__several_regions_give_back_what_only_they_saw(self):
        national = self.fleet.national
        referring = Referring(self.traffic, PLACES)
        copy, before = self.back_up(national), self.epoch(national)
        with referring.running(), self.traffic.running(*self.fleet.regions.values()):
            self.wait_for_commands(4 * COMMANDS)
            wait_until(lambda: min(self.shares(referring).values()) > 0,
                       "a referral that each region alone saw, and one of both",
                       self.converge_timeout_s)
        referring.finish()
        self.converge()
        lost = self.shares(referring)
        for region in self.fleet.regions.values():
            self.assertGreater(int(region.database.value(WITHHELD)), 0)
        with national.stopped():
            national.restore(copy)
        self.wait_restored(national, before)
        self.work()
        self.judge_voyage(epoch=self.epoch(national), referrals=len(referring.book.submitted()),
                          aside=len(ledger.read(national).aside), **lost)
        self.assertEqual(self.epoch(national), before + 1)
        self.assertEqual(referral_ledger.violations(self.holdings, referring.book), {})

    @staticmethod
    def shares(referring):
        """How many referrals each region, and both, saw."""
        shares = {"referrals of 11": 0, "referrals of 52": 0, "referrals of both": 0}
        for one in referring.book.submitted():
            regions = {one.origin.region} | {house.region for house in list(one.asked.values())}
            found = [region for region in ("11", "52") if region in regions]
            shares[f"referrals of {'both' if len(found) == 2 else found[0]}"] += 1
        return shares


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
