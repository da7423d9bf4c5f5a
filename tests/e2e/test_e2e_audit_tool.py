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
        self.heads = self.node.path("heads.txt")

    def verify(self, *words):
        return cptsctl(self.profile, "audit", "verify", "--json", *words)

    def saved(self):
        """Heads of chains that have links; a read comes after them."""
        referral = self.submitted()
        self.fine(self.origin.refer("show", referral))
        rows.chained(self.node)
        self.fine(self.verify("--save", self.heads))
        self.fine(self.origin.refer("show", referral))
        rows.chained(self.node)

    def rewrite(self, last):
        """Writes the chain of reads anew, up to a position, as somebody who may do all would."""
        self.node.database.query(
            "CREATE TABLE cpts.kept AS SELECT * FROM cpts.audit_chain; DELETE FROM"
            f" cpts.audit_chain WHERE position > {last}; DO $$ DECLARE prev bytea :="
            " decode(repeat('00', 32), 'hex'); link record; BEGIN FOR link IN SELECT * FROM"
            " cpts.audit_chain ORDER BY position LOOP UPDATE cpts.audit_chain c SET prev_hash ="
            " prev, hash = sha256(prev || int8send(c.position) || cpts.audit_read_bytes(a)) FROM"
            " cpts.audit_read a WHERE a.entry_id = c.entry_id AND c.position = link.position"
            " RETURNING c.hash INTO prev; END LOOP; END $$;")

    def restore(self):
        self.node.database.query(
            "DELETE FROM cpts.audit_chain; INSERT INTO cpts.audit_chain SELECT * FROM cpts.kept;"
            " DROP TABLE cpts.kept;")

    def test_audit__chains_go_on_from_heads_kept_earlier(self):
        self.saved()
        said = cptsctl(self.profile, "audit", "verify", "--against", self.heads)
        self.assertIn("both chains go on from the heads of", self.fine(said))
        self.fine(self.verify("--against", self.heads, "--save", self.heads))
        self.fine(self.verify("--against", self.heads))

    def test_audit__chain_written_anew_holds_by_itself_but_not_against_its_head(self):
        self.saved()
        change = "UPDATE cpts.audit_read SET method = {} WHERE entry_id = (SELECT entry_id FROM" \
                 " cpts.audit_chain WHERE position = 1);"
        self.node.database.query(change.format("method || 'X'"))
        self.rewrite(1 << 40)
        try:
            alone, against = self.verify(), self.verify("--against", self.heads)
        finally:
            self.restore()
            self.node.database.query(change.format("left(method, -1)"))
        self.fine(alone)
        self.assertNotEqual(against.returncode, 0)
        self.assertIn("AUDIT_CHAIN_BROKEN", against.stderr)
        self.fine(self.verify("--against", self.heads))

    def test_audit__chain_that_was_shortened_does_not_go_on(self):
        self.saved()
        with open(self.heads, encoding="utf-8") as file:
            lines = [line.split() for line in file]
        for line in 0, 1:
            longer = [list(words) for words in lines]
            longer[line][1] = str(int(longer[line][1]) + 1000)
            self.write(longer)
            found = self.verify("--against", self.heads)
            self.assertNotEqual(found.returncode, 0)
            self.assertIn("AUDIT_CHAIN_BROKEN", found.stderr)

    def test_audit__file_without_heads_is_refused(self):
        for lines in [], [["reads", "1", "00" * 32]], [["reads", "x", "00" * 32]], [["reads"]]:
            self.write(lines)
            found = self.verify("--against", self.heads)
            self.assertEqual((found.returncode, found.stdout), (2, ""), found.stderr)

    def write(self, lines):
        with open(self.heads, "w", encoding="utf-8") as file:
            file.writelines(" ".join(words) + "\n" for words in lines)

    def test_audit__verify_counts_the_reads_that_wait(self):
        self.assertIn("reads not chained yet: ",
                      self.fine(cptsctl(self.profile, "audit", "verify")))
        rows.chained(self.node)
        self.assertEqual(json.loads(self.fine(self.verify()).splitlines()[0])["pending"], 0)

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
