# SPDX-License-Identifier: Apache-2.0
"""cptsctl audit: who read and did what, and whether both chains hold."""
import csv
import io
import json

from desk_tool import DeskTest
import psql
import referral_rows as rows
from node import rpps
from tool import cptsctl, write_profile


class Audit(DeskTest):
    def setUp(self):
        self.profile = write_profile(self.node)

    def verify(self):
        return cptsctl(self.profile, "audit", "verify", "--json")

    def test_audit__list_says_who_read_what_and_why(self):
        referral = self.submitted()
        self.fine(self.destination.refer("show", referral, "--open"))
        listed = self.fine(self.destination.run("audit", "list", "--referral", referral, "--csv"))
        read = [row for row in csv.DictReader(io.StringIO(listed))
                if row["what"] == "GetReferral"]
        self.assertEqual({(row["chain"], row["referral_id"], row["rpps"], row["purpose"])
                          for row in read}, {("READ", referral, rpps(2), "CARE")})
        self.assertIn(self.destination.cpts_id, read[0]["principal"])
        self.assertIn("SUBMIT", self.fine(
            self.origin.run("audit", "list", "--referral", referral, "--plain")))

    def test_audit__list_of_what_is_no_referral_of_mine_is_refused(self):
        self.refused(self.origin.run("audit", "list", "--referral", rows.new_id()),
                     "REFERRAL_NOT_FOUND", 3)

    def test_audit__verify_follows_both_chains_and_is_for_the_operator(self):
        self.fine(self.origin.refer("show", self.submitted()))
        rows.chained(self.node)
        found = [json.loads(line) for line in self.fine(self.verify()).splitlines()]
        self.assertEqual([one["chain"] for one in found], ["reads", "acts"])
        for one, table in zip(found, ("audit_chain", "change_log")):
            self.assertEqual(one["links"], int(self.node.database.value(
                f"SELECT count(*) FROM cpts.{table};")))
            self.assertEqual(len(one["hash"]), 64)
        refused = self.origin.run("audit", "verify")
        self.assertIn("ROLE_NOT_ALLOWED", refused.stderr)

    def test_audit__verify_finds_a_read_that_was_changed(self):
        self.fine(self.origin.refer("show", self.submitted()))
        rows.chained(self.node)
        self.fine(self.verify())
        change = ("UPDATE cpts.audit_read SET method = {} WHERE entry_id ="
                  " (SELECT min(entry_id) FROM cpts.audit_chain);")
        self.node.database.query(change.format("method || 'X'"))
        try:
            broken = self.verify()
        finally:
            self.node.database.query(change.format("left(method, -1)"))
        self.assertNotEqual(broken.returncode, 0)
        self.assertIn("cptsctl:", broken.stderr)
        self.fine(self.verify())


if __name__ == "__main__":
    psql.main()
