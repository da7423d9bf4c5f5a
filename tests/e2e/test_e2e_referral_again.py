# SPDX-License-Identifier: Apache-2.0
"""cptsctl sends what it sealed once more as the same bytes: it takes effect once."""
import os

from desk_tool import OFFER, DeskTest, desks
import psql


class Again(DeskTest):
    """What was sealed is sent again as the same bytes."""

    NAMES = ("origine", "destination", "voisine")
    ID = "0193f1a2-0000-7000-8000-0000000000%02d"

    def once(self, desk, number, verb, referral, *words):
        """Done, then sent again in both ways, then as a new command of that id."""
        command_id = self.ID % number
        seen = self.done(desk.refer("show", referral, "--json"))["referral"]
        version = (seen["assignments"][-1] if verb == "redirect" else seen)["version"]
        same = ("--command-id", command_id, "--version", str(version), "--json")
        done = self.done(desk.refer(verb, referral, *words, *same))
        self.assertFalse(done.get("replayed", False))
        before = self.node.fingerprint()
        kept = desk.path(f"sent/{command_id}.{verb}")
        for again in ((*words, *same), ("--again", kept, "--json")):
            answer = self.done(desk.refer(verb, referral, *again))
            self.assertEqual((answer["version"], answer["logPosition"], answer["replayed"]),
                             (done["version"], done["logPosition"], True))
        os.remove(kept)
        self.refused(desk.refer(verb, referral, *words, *same[:-1]), "COMMAND_ID_REUSED"
                     if verb == "rewrap" else "ILLEGAL_REFERRAL_ACT", 7)
        self.assertEqual(self.node.fingerprint(), before)

    def test_again__redirect_reassign_and_rewrap(self):
        referral, third = self.submitted(), self.desks[2]
        self.act(self.destination, "accept", referral)
        self.once(self.destination, 1, "rewrap", referral)
        self.once(self.destination, 2, "redirect", referral, "--to", third.cpts_id)
        self.act(third, "decline", referral, "--reason", "CAPACITY")
        fourth = desks(self.node, self.operator, "quatrieme")[0]
        self.once(self.origin, 3, "reassign", referral, "--to", fourth.cpts_id)
        self.assertIn(OFFER, self.fine(fourth.refer("show", referral, "--open")))

    def test_again__what_cannot_be_kept_is_not_sent(self):
        referral = self.submitted()
        self.act(self.destination, "accept", referral)
        before = self.node.fingerprint()
        blocked = self.destination.write("file", "")
        result = self.destination.refer("redirect", referral, "--to", self.desks[2].cpts_id,
                                        "--keep", f"{blocked}/sent")
        self.refused(result, "CONFIGURATION_INVALID", 1)
        self.assertEqual(self.node.fingerprint(), before)

    def test_again__of_another_referral_or_of_nothing(self):
        referral, other = self.submitted(), self.submitted()
        kept = self.origin.path(f"sent/{other}.submit")
        result = self.origin.refer("reassign", referral, "--again", kept)
        self.assertEqual(result.returncode, 1)
        self.assertIn("is of another referral", result.stderr)
        broken = self.origin.write("broken", "/cpts.v1.ReferralService/SubmitReferral\nxyz")
        for file, reason in ((broken, "MALFORMED_MESSAGE"),
                             (self.origin.write("none", "x"), "MALFORMED_MESSAGE")):
            self.refused(self.origin.refer("reassign", referral, "--again", file), reason, 1)
        self.assertEqual(self.origin.refer("reassign", referral, "--again",
                                           self.origin.path("gone")).returncode, 1)


if __name__ == "__main__":
    psql.main()
