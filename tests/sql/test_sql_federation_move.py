# SPDX-License-Identifier: Apache-2.0
"""A CPTS that another region leads takes its referrals along at the move itself: the new region
sees all of them, and each is owned by the node of all who take part, else by the national one."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402
import referrals  # noqa: E402
import sync_wire  # noqa: E402
from sync_wire import Cpts, Side, literal  # noqa: E402

FIND = """BEGIN; SET LOCAL ROLE cpts_app; SELECT FROM set_config('app.scope', '*', true);
SELECT step, kind, aggregate_id, epoch, node FROM cpts.ownership_find('{0}', 100, 0)
 WHERE step IN ('RELEASE', 'CONFIRM'); COMMIT;"""
STEP = """BEGIN; SELECT FROM pg_advisory_xact_lock(cpts.log_lock_key());
SET LOCAL ROLE cpts_app; SELECT FROM set_config('app.scope', '*', true);
SELECT FROM set_config('app.principal', 'x', true); SELECT FROM cpts.log_begin('{0}');
SELECT cpts.ownership_step('x', gen_random_uuid(), sha256(''), '{3}', '{0}', 'x', '{1}', '{2}', {4},
  '{5}'); COMMIT;"""
ROUNDS = 12


class Move(sync_wire.Case):
    """Two regions with nodes; the national one serves the others."""

    def setUp(self):
        super().setUp()
        self.other = Side("region/52", "region:52")
        self.addCleanup(self.other.database.drop)
        self.sides = (self.above, self.below, self.other)
        for side in self.sides:
            for region in ("11", "52"):
                side.database.query(
                    f"INSERT INTO cpts.node (name, address, status) VALUES ('region/{region}', '',"
                    " 'ENROLLED') ON CONFLICT DO NOTHING;"
                    f" INSERT INTO cpts.region_owner VALUES ('{region}', 'region/{region}', 1)"
                    " ON CONFLICT DO NOTHING;")
        self.moved, self.near = Cpts(self.below).create(), Cpts(self.below).create()
        self.far = Cpts(self.other, "52").create()
        self.third = Cpts(self.above, "84").create()
        self.carry()
        self.outward = self.refer(self.above, self.moved, self.third)
        self.inward = self.refer(self.above, self.third, self.moved, "84")
        self.inside = self.refer(self.below, self.moved, self.near)
        self.across = self.refer(self.above, self.moved, self.far)
        self.carry()

    def refer(self, side, origin, destination, region="11"):
        referral = referrals.Referral(origin=origin.id, destination=destination.id, region=region,
                                      node=side.node).insert(side.database)
        side.database.query(
            f"SELECT cpts.sync_scope_add('{referral.id}', 1, '{region}',"
            f" '{{{origin.id},{destination.id}}}');")
        return referral.id

    def carry(self):
        for _ in range(2):
            for side in self.sides[1:]:
                self.pair.carry(side, self.above)
                self.pair.carry(self.above, side)

    def settle(self):
        """Every node does what there is to do about owners, until there is nothing."""
        for _ in range(ROUNDS):
            found = [(side, row) for side in self.sides for row in side.database.query(
                FIND.format(side.node)) if row]
            if not found:
                return
            for side, (step, kind, aggregate, epoch, node) in found:
                side.database.query(STEP.format(side.node, step, kind, aggregate, epoch, node))
            self.carry()
        self.fail("owners do not come to rest")

    def owners(self, side):
        return dict(side.database.query("SELECT referral_id, owner_node FROM cpts.referral;"))

    def test_move__referrals_go_along(self):
        self.assertEqual(set(self.owners(self.other)), {self.across})
        self.moved.command("lead_region_set", str(self.moved.version), literal("52"))
        self.carry()
        self.settle()
        self.assertEqual(self.other.database.query(
            f"SELECT owner_node FROM cpts.cpts WHERE cpts_id = '{self.moved.id}';"),
            [["region/52"]])
        wanted = {self.outward: "national", self.inward: "national", self.inside: "national",
                  self.across: "region/52"}
        self.assertEqual(self.owners(self.other), wanted)
        self.assertEqual(self.owners(self.above), wanted)
        for side in self.sides:
            self.assertEqual(self.parked(side), [])
        self.check_same(self.above, self.other)
        self.check_same(self.other, self.above)

    def test_move__its_history_goes_along(self):
        self.moved.command("lead_region_set", str(self.moved.version), literal("52"))
        self.carry()
        self.settle()
        for side in self.sides:
            self.assertEqual(side.database.query(
                "SELECT region FROM cpts.cpts_lead WHERE recorded_to = 'infinity'"
                " ORDER BY valid_from;"), [["11"], ["52"]])

    def test_move__nothing_is_told_twice(self):
        self.moved.command("lead_region_set", str(self.moved.version), literal("52"))
        self.carry()
        self.settle()
        heads = [side.database.value("SELECT cpts.log_head();") for side in self.sides]
        self.carry()
        self.assertEqual([side.database.value("SELECT cpts.log_head();") for side in self.sides],
                         heads)


if __name__ == "__main__":
    psql.main()
