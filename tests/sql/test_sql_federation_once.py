# SPDX-License-Identifier: Apache-2.0
"""A commune that CPTS of two owners share is counted once nationally, whoever's territory came
last, and is told as a conflict; never parked."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402
import sync_wire  # noqa: E402
from sync_wire import Cpts, literal  # noqa: E402

LIVE = "'{EMERGENCE,LETTRE_INTENTION,PROJET_VALIDE,ACI_SIGNE}'"
DAY = "'2026-01-01'"


class Once(sync_wire.Case):
    """Each claims 01001 whole and half of 01002, communes of region 84."""

    def setUp(self):
        super().setUp()
        self.near, self.far = Cpts(self.below).create(), Cpts(self.above, "52").create()
        self.people = {code: int(count) for code, count in self.above.database.query(
            "SELECT code, population_count FROM cpts.territory_unit"
            " WHERE code IN ('01001', '01002', '01004');")}

    def covered(self, side=None):
        """Inhabitants of region 84 that the board counts."""
        rows = (side or self.above).call("coverage", "''", DAY, "NULL", LIVE)
        return next(int(row[8]) for row in rows if row[0] == "84")

    def claim(self, one, units, shares):
        one.command("cpts_territory_set", str(one.version), "'2022-01-01'",
                    literal("{" + ",".join(units) + "}"), literal("{" + ",".join(shares) + "}"),
                    one.side.reference)

    def test_once__shared_between_two_owners(self):
        alone = self.people["01001"] + self.people["01002"] / 2
        self.assertAlmostEqual(self.covered(), alone, delta=1)
        self.pair.carry(self.below, self.above)
        both = self.people["01001"] + self.people["01002"]
        self.assertAlmostEqual(self.covered(), both, delta=1)
        self.assertEqual(self.parked(self.above), [])

    def test_once__when_a_territory_changes_in_a_region(self):
        self.claim(self.near, ["01004"], ["1"])
        self.pair.carry(self.below, self.above)
        apart = self.people["01001"] + self.people["01002"] / 2 + self.people["01004"]
        self.assertAlmostEqual(self.covered(), apart, delta=1)
        self.claim(self.near, ["01001", "01002"], ["1", "1"])
        self.pair.carry(self.below, self.above)
        self.assertAlmostEqual(self.covered(), self.people["01001"] + self.people["01002"], delta=1)
        self.pair.carry(self.above, self.below)
        self.assertEqual(self.covered(self.below), self.covered())

    def test_once__both_are_told_of_the_conflict(self):
        self.pair.carry(self.below, self.above)
        rows = self.above.call("conflict_list", "'84'", "''", DAY, "'9999-12-31Z'", "false", "0",
                               "10")
        self.assertEqual([row[0] for row in rows], ["01001"])
        self.assertEqual(set(rows[0][10].strip("{}").split(",")), {self.near.id, self.far.id})
        self.assertEqual(set(rows[0][14].strip("{}").split(",")), {"11", "52"})


if __name__ == "__main__":
    psql.main()
