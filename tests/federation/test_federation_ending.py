# SPDX-License-Identifier: Apache-2.0
"""A CPTS ends at its region's node. The referrals between regions in which it takes part are the
national node's, and go on without it there, as those inside the region do."""
import unittest

import reach  # noqa: F401
import fleet as fleets
import referrals
from fleet import NATIONAL
from node import Client, stage
from psql import main
from test_federation_pair import At
from voyage import wait_until

REGION = "11"
OTHER = "52"
STANDS = """SELECT r.referral_id, r.status, r.origin_id, r.owner_node, a.destination_id, a.state,
    a.reason FROM cpts.referral r JOIN cpts.assignment a USING (referral_id) ORDER BY 1;"""
KNOWN = "SELECT count(*) FROM cpts.cpts;"
REFERRALS = "SELECT count(*) FROM cpts.referral;"


class Ending(unittest.TestCase):
    def setUp(self):
        self.fleet = self.enterContext(fleets.sailing(regions=(REGION, OTHER)))
        self.fleet.join().start()
        self.national = self.fleet.national
        self.near, self.far = (self.fleet.regions[region] for region in (REGION, OTHER))
        self.client = Client(At(self.near), f"region-{REGION}")
        self.addCleanup(self.client.close)
        other = Client(At(self.far), f"region-{OTHER}")
        self.addCleanup(other.close)
        self.ends, self.heir = (self.client.create(lead_region=REGION).id for _ in range(2))
        self.there = other.create(lead_region=OTHER).id
        for member in self.fleet.members:
            self.wait_for(lambda: member.database.value(KNOWN) == "3", f"CPTS at {member.node}")
        self.asked = self.refer(self.there, self.ends, OTHER)
        self.asking = self.refer(self.ends, self.there, REGION)
        for member in self.fleet.members:
            self.wait_for(lambda: member.database.value(REFERRALS) == "2",
                          f"referrals at {member.node}")

    def wait_for(self, condition, what):
        try:
            return wait_until(condition, what, fleets.CONVERGE_TIMEOUT_S)
        except AssertionError as failure:
            self.fail(f"{failure}\n{self.fleet.logs()}")

    def refer(self, origin, destination, region):
        return referrals.Referral(
            origin=origin, destination=destination, region=region, node=NATIONAL,
            clocks=(("DECIDE", "cpts.log_now() + interval '9 hours'", 0),)).insert(
                self.national.database, across=True).id

    def check_everywhere(self, *wanted):
        """(referral, status, origin, destination, state, reason) at every node."""
        wanted = [[one[0], one[1], one[2], NATIONAL, *one[3:]] for one in sorted(wanted)]
        for member in self.fleet.members:
            self.wait_for(lambda: member.database.query(STANDS) == wanted,
                          f"{wanted} at {member.node}: {member.database.query(STANDS)}")
            self.assertEqual(member.database.query(
                "SELECT reason, detail FROM cpts.parked_aggregate;"), [])

    def test_ending__the_successor_of_a_merge_takes_its_place(self):
        self.client.walk("MergeCpts", id=self.ends, expected_version=1, successor_id=self.heir,
                         successor_version=1, effective_on="2024-01-01")
        self.check_everywhere(
            (self.asked, "OPEN", self.there, self.heir, "DELIVERED", ""),
            (self.asking, "OPEN", self.heir, self.there, "DELIVERED", ""))

    def test_ending__without_a_successor_after_a_cut(self):
        self.fleet.proxies[REGION].refuse()
        self.client.record(id=self.ends, expected_version=1, stage=stage("ABANDONNE"),
                           effective_on="2024-01-01")
        self.fleet.proxies[REGION].accept()
        self.check_everywhere(
            (self.asked, "TO_REASSIGN", self.there, self.ends, "FAILED", "DESTINATION_ENDED"),
            (self.asking, "OPEN", self.ends, self.there, "DELIVERED", ""))
        self.assertEqual(self.national.database.value(
            f"SELECT overdue FROM cpts.referral WHERE referral_id = '{self.asking}';"), "3")


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
