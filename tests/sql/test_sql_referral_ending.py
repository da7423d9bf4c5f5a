# SPDX-License-Identifier: Apache-2.0
"""cpts.referrals_follow(): what becomes of referrals when a CPTS ends, with and
without a successor; every one keeps a custodian and a clock."""
import os
import sys
import unittest
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402
import referrals  # noqa: E402
from referrals import Referral  # noqa: E402

FAIL, HAND_OVER, ACKNOWLEDGED = 23, 29, 17
DECIDE = ("DECIDE", "cpts.log_now() + interval '1 hour'", 0)
SCHEDULE = ("SCHEDULE", "cpts.log_now() + interval '1 hour'", 0)
REASSIGN = ("REASSIGN", "cpts.log_now() + interval '1 hour'", 0)
ACKNOWLEDGE = ("ACKNOWLEDGE", "cpts.log_now() + interval '1 hour'", 0)


class House(unittest.TestCase):
    """CPTS of this node, one of which ends."""

    def setUp(self):
        self.database = psql.Database()
        self.addCleanup(self.database.drop)
        self.origin, self.ended, self.heir, self.other = (self.cpts() for _ in range(4))

    def cpts(self, region="11"):
        cpts_id, insertion = referrals.cpts(region)
        self.database.query(insertion)
        return cpts_id

    def referral(self, **changes):
        wanted = {"origin": self.origin, "destination": self.ended, "clocks": (DECIDE,), **changes}
        return Referral(**wanted).insert(self.database)

    def stands(self, referral):
        """status, origin, custodian, overdue, version, parties."""
        return self.database.query(
            "SELECT status, origin_id, custodian_id, overdue, version, cardinality(parties)"
            f" FROM cpts.referral WHERE referral_id = '{referral.id}';")[0]

    def attempts(self, referral):
        return self.database.query(
            "SELECT destination_id, state, reason, overdue, former_id, wrap IS NOT NULL"
            f" FROM cpts.assignment WHERE referral_id = '{referral.id}'"
            " ORDER BY version, state DESC;")


class Ending(House):
    def follow(self, successor=None, scope=None):
        """As a transaction of the CPTS's own scope."""
        rows = self.database.query(
            f"BEGIN; UPDATE cpts.cpts SET stage = '{'FUSIONNE' if successor else 'DISSOUS'}'"
            f" WHERE cpts_id = '{self.ended}'; SET LOCAL ROLE cpts_app;"
            " SELECT FROM pg_advisory_xact_lock(cpts.log_lock_key());"
            " SELECT FROM cpts.log_begin('national');"
            f" SELECT FROM set_config('app.scope', '{scope or 'cpts:' + self.ended}', true);"
            " SELECT FROM set_config('app.principal', 'spiffe://a/b', true);"
            f" SELECT array_to_string(cpts.referrals_follow('{self.ended}',"
            f" {referrals.quoted(successor)}, 'spiffe://a/b', '{uuid.uuid4()}', ''), ',');"
            " COMMIT;")
        self.assertEqual(referrals.faults(self.database), [])
        return ([row[0] for row in rows if row] or [""])[-1]

    def test_ending__destination_without_successor_returns_to_its_origin(self):
        for state, taken, clock in (("DELIVERED", False, DECIDE), ("ACCEPTED", True, SCHEDULE)):
            referral = self.referral(state=state, taken=taken, clocks=(clock,))
        self.assertEqual(self.follow(), "REFERRAL - RETURNED - - 2")
        self.assertEqual(self.stands(referral),
                         ["TO_REASSIGN", self.origin, self.origin, "0", "2", "2"])
        self.assertEqual(self.attempts(referral),
                         [[self.ended, "FAILED", "DESTINATION_ENDED", "0", "", "t"]])
        self.assertEqual(referrals.steps(self.database, referral), [(2, FAIL, referral.assignment)])
        self.assertEqual(self.database.query(
            "SELECT DISTINCT kind FROM cpts.referral_clock;"), [["REASSIGN"]])

    def test_ending__next_candidate_is_asked_at_once(self):
        referral = self.referral(candidates=(self.ended, self.other))
        self.assertEqual(self.follow(), "REFERRAL - RETURNED - - 1")
        self.assertEqual(self.stands(referral)[:3], ["OPEN", self.origin, self.origin])
        self.assertEqual(self.attempts(referral)[-1][:2], [self.other, "DELIVERED"])

    def test_ending__other_attempt_goes_on(self):
        referral = self.referral()
        self.database.query(
            "INSERT INTO cpts.assignment (referral_id, assignment_id, destination_id, version,"
            f" state, submitted_at, state_at) VALUES ('{referral.id}', gen_random_uuid(),"
            f" '{self.other}', 1, 'DELIVERED', now(), now()); INSERT INTO cpts.referral_clock"
            " (referral_id, assignment_id, kind, fire_at, armed_at) SELECT referral_id,"
            " assignment_id, 'DECIDE', now(), now() FROM cpts.assignment"
            f" WHERE destination_id = '{self.other}';")
        self.follow()
        self.assertEqual(self.stands(referral)[0], "OPEN")
        self.assertEqual(self.database.value("SELECT count(*) FROM cpts.referral_clock;"), "1")

    def test_ending__report_waits_for_its_origin(self):
        referral = self.referral(state="REPORTED", taken=True, clocks=(ACKNOWLEDGE,))
        self.assertEqual(self.follow(), "REFERRAL - RETURNED - - 1")
        self.assertEqual(self.stands(referral)[:3], ["OPEN", self.origin, self.origin])
        self.assertEqual(self.attempts(referral)[0][1], "REPORTED")
        self.assertEqual(referrals.steps(self.database, referral),
                         [(2, HAND_OVER, referral.assignment)])

    def test_ending__what_it_asked_for_goes_to_the_desk_and_on(self):
        active = self.referral(origin=self.ended, destination=self.other)
        waiting = self.referral(origin=self.ended, destination="", status="TO_REASSIGN",
                                clocks=(REASSIGN,))
        self.assertEqual(self.follow(), "REFERRAL - TO_DESK - - 2")
        self.assertEqual(self.stands(active), ["OPEN", self.ended, self.ended, "3", "2", "2"])
        self.assertEqual(self.attempts(active)[0][:4], [self.other, "DELIVERED", "", "3"])
        self.assertEqual(self.stands(waiting)[0::3], ["TO_REASSIGN", "3"])
        self.assertEqual(self.database.query("SELECT DISTINCT level FROM cpts.referral_clock;"),
                         [["3"]])
        self.assertEqual(referrals.steps(self.database, active), [(2, HAND_OVER, "")])

    def test_ending__successor_takes_the_place_of_a_destination(self):
        for state, taken, clock in (("DELIVERED", False, DECIDE), ("ACCEPTED", True, SCHEDULE)):
            referral = self.referral(state=state, taken=taken, clocks=(clock,))
        self.assertEqual(self.follow(self.heir), "REFERRAL - HANDED_OVER - - 2")
        self.assertEqual(self.stands(referral), ["OPEN", self.origin, self.heir, "0", "2", "3"])
        self.assertEqual(self.attempts(referral),
                         [[self.heir, "ACCEPTED", "", "0", self.ended, "t"]])
        self.assertEqual(self.database.query("SELECT kind FROM cpts.referral_clock ORDER BY 1;"),
                         [["DECIDE"], ["SCHEDULE"]])
        self.assertEqual(self.database.value(
            "SELECT count(*) FROM cpts.change_log WHERE position("
            f"'{self.heir}'::bytea IN bytes) > 0;"), "2", "the log names the successor")

    def test_ending__successor_is_the_origin_now_and_who_signed_is_kept(self):
        self.heir = self.cpts("52")
        referral = self.referral(origin=self.ended, destination=self.other)
        self.assertEqual(self.follow(self.heir), "REFERRAL - HANDED_OVER - - 1")
        self.assertEqual(self.stands(referral), ["OPEN", self.heir, self.heir, "0", "2", "3"])
        self.assertEqual(self.database.query("SELECT signer_id, origin_region FROM cpts.referral;"),
                         [[self.ended, "52"]])
        self.assertEqual(self.database.value(
            "SELECT lead_region FROM cpts.change_log WHERE version = 2 AND aggregate_id ="
            f" '{referral.id}';"), "52", "the region that has to know from now on")

    def test_ending__origin_that_merges_into_its_destination_asks_itself_no_more(self):
        for state, clock, reason in (("DELIVERED", DECIDE, "FAILED"),
                                     ("ACCEPTED", SCHEDULE, "FAILED"),
                                     ("REPORTED", ACKNOWLEDGE, "CLOSED")):
            with self.subTest(state=state):
                referral = self.referral(origin=self.ended, destination=self.heir, state=state,
                                         taken=state != "DELIVERED", clocks=(clock,))
                self.assertIn("REFERRAL - HANDED_OVER - - 1,REFERRAL - RETURNED - - 1",
                              self.follow(self.heir))
                self.assertEqual(self.attempts(referral)[0][:3],
                                 [self.heir, reason, "CPTS_MERGED"])
                closed = reason == "CLOSED"
                self.assertEqual(self.stands(referral),
                                 ["FULFILLED", self.heir, "", "0", "3", "2"] if closed else
                                 ["TO_REASSIGN", self.heir, self.heir, "0", "3", "2"])
                self.assertEqual(referrals.steps(self.database, referral),
                                 [(2, HAND_OVER, ""),
                                  (3, ACKNOWLEDGED if closed else FAIL, referral.assignment)])

    def test_ending__origin_that_merges_into_its_destination_asks_the_next_candidate(self):
        for state, taken, asked in (("DELIVERED", False, True), ("ACCEPTED", True, False)):
            with self.subTest(state=state):
                referral = self.referral(origin=self.ended, destination=self.heir, state=state,
                                         taken=taken, candidates=(self.other,))
                self.follow(self.heir)
                self.assertEqual(self.stands(referral)[0], "OPEN" if asked else "TO_REASSIGN")
                self.assertEqual(len(self.attempts(referral)), 2 if asked else 1)

    def test_ending__successor_of_the_origin_is_no_candidate_any_more(self):
        referral = self.referral(origin=self.ended, destination=self.other,
                                 candidates=(self.heir,))
        self.follow(self.heir)
        self.assertEqual(self.database.value("SELECT count(*) FROM cpts.referral_candidate;"), "0")
        self.assertEqual(self.stands(referral)[0], "OPEN")

    def test_ending__scope_that_may_not_change_the_cpts_moves_nothing(self):
        referral = self.referral()
        for scope in ("cpts:" + self.heir, "cpts:" + self.origin, "region:52", "read"):
            with self.subTest(scope=scope), self.assertRaises(psql.SqlError) as it:
                self.follow(self.heir, scope=scope)
            self.assertIn("not in scope", str(it.exception))
        self.assertEqual(self.stands(referral)[4], "1")

    def test_ending__successor_that_is_already_asked_is_not_asked_twice(self):
        for origin, asked in ((self.heir, None), (self.origin, self.heir)):
            with self.subTest(asked=asked):
                referral = self.referral(origin=origin)
                if asked:
                    self.database.query(
                        "INSERT INTO cpts.assignment (referral_id, assignment_id, destination_id,"
                        " version, state, submitted_at, state_at) VALUES"
                        f" ('{referral.id}', gen_random_uuid(), '{asked}', 1, 'DELIVERED', now(),"
                        " now()); INSERT INTO cpts.referral_clock (referral_id, assignment_id,"
                        " kind, fire_at, armed_at) SELECT referral_id, assignment_id, 'DECIDE',"
                        f" now(), now() FROM cpts.assignment WHERE destination_id = '{asked}';")
                self.assertEqual(self.follow(self.heir), "REFERRAL - RETURNED - - 1")
                self.assertEqual(self.stands(referral)[0], "OPEN" if asked else "TO_REASSIGN")

    def test_ending__successor_that_ended_itself_takes_nothing(self):
        referral = self.referral()
        self.database.query("UPDATE cpts.cpts SET stage = 'DISSOUS'"
                            f" WHERE cpts_id = '{self.heir}';")
        self.assertEqual(self.follow(self.heir), "REFERRAL - RETURNED - - 1")
        self.assertEqual(self.stands(referral)[0], "TO_REASSIGN")

    def test_ending__what_is_over_or_another_nodes_is_left(self):
        self.referral(node="region/11")
        over = self.referral(state="DELIVERED")
        self.database.query(
            f"UPDATE cpts.assignment SET state = 'DECLINED', ended_at = now() WHERE referral_id ="
            f" '{over.id}'; UPDATE cpts.referral SET status = 'ABANDONED', ended_at = now(),"
            f" custodian_id = NULL WHERE referral_id = '{over.id}';"
            f" DELETE FROM cpts.referral_clock WHERE referral_id = '{over.id}';")
        self.assertEqual(self.follow(), "")
        self.assertEqual(self.database.query("SELECT DISTINCT version FROM cpts.referral;"),
                         [["1"]])

    def test_ending__of_another_region_is_reached_from_a_regions_scope(self):
        referral = self.referral(region="52")
        self.assertEqual(self.follow(scope="region:11"), "REFERRAL - RETURNED - - 1")
        self.assertEqual(self.stands(referral)[0], "TO_REASSIGN")


class Elsewhere(House):
    """The CPTS ended at its region's node, and the referrals are this node's."""

    def setUp(self):
        super().setUp()
        self.database.query(f"UPDATE cpts.cpts SET owner_node = 'region/11'"
                            f" WHERE cpts_id = '{self.ended}';")

    def end(self, successor=None):
        """As its image says, which is stored."""
        stage = "FUSIONNE" if successor else "DISSOUS"
        self.database.query(
            f"UPDATE cpts.cpts SET stage = '{stage}' WHERE cpts_id = '{self.ended}';"
            " INSERT INTO cpts.cpts_stage (cpts_id, version, stage, successor_id, lead_region,"
            f" valid_from, recorded_from) VALUES ('{self.ended}', 2, '{stage}',"
            f" {referrals.quoted(successor)}, '11', '2021-01-01', now());")
        return self.note()

    def note(self):
        """Which CPTS of these are noted."""
        self.database.query(
            "SELECT set_config('app.log_node', 'national', false);"
            f" SELECT cpts.ending_enqueue('{{{self.ended},{self.heir},{self.other}}}');")
        return [row[0] for row in self.database.query(
            "BEGIN; SET LOCAL ROLE cpts_app; SELECT FROM set_config('app.scope', '*', true);"
            " SELECT aggregate_id FROM cpts.ownership_find('national', 9, 0)"
            " WHERE step = 'FOLLOW' AND kind = 'CPTS'; COMMIT;") if row]

    def step(self, scope="*"):
        rows = self.database.query(
            "BEGIN; SELECT FROM pg_advisory_xact_lock(cpts.log_lock_key());"
            " SET LOCAL ROLE cpts_app; SELECT FROM cpts.log_begin('national');"
            f" SELECT FROM set_config('app.scope', '{scope}', true);"
            " SELECT FROM set_config('app.principal', 'spiffe://a/b', true);"
            f" SELECT cpts.ending_follow('spiffe://a/b', '{uuid.UUID(int=7)}', sha256(''),"
            f" '{self.ended}'); COMMIT;")
        self.assertEqual(referrals.faults(self.database), [])
        return [row[0] for row in rows if row][-1]

    def test_elsewhere__its_place_goes_to_the_successor(self):
        asked = self.referral()
        asking = self.referral(origin=self.ended, destination=self.other)
        self.assertEqual(self.end(self.heir), [self.ended])
        self.assertEqual([self.step(), self.step(), self.note()], ["OK", "NOTHING", []])
        self.assertEqual(self.attempts(asked)[0][0], self.heir)
        self.assertEqual(self.stands(asking)[1], self.heir)
        self.assertEqual(referrals.steps(self.database, asking), [(2, HAND_OVER, "")])

    def test_elsewhere__without_a_successor_once_and_no_more(self):
        asked, reported = self.referral(), self.referral(state="REPORTED", taken=True,
                                                         clocks=(ACKNOWLEDGE,))
        asking = self.referral(origin=self.ended, destination=self.other)
        self.assertEqual(self.end(), [self.ended])
        self.assertEqual([self.step(), self.note()], ["OK", []])
        self.assertEqual(self.stands(asked)[0], "TO_REASSIGN")
        self.assertEqual(self.stands(reported)[2], self.origin)
        self.assertEqual(self.stands(asking)[3:5], ["3", "2"])

    def test_elsewhere__a_referral_that_comes_later_follows_too(self):
        first = self.referral(origin=self.ended, destination=self.other)
        self.end()
        self.step()
        later = self.referral()
        self.assertEqual(self.note(), [self.ended])
        self.assertEqual([self.step(), self.note()], ["OK", []])
        self.assertEqual((self.stands(first)[3], self.stands(later)[0]), ("3", "TO_REASSIGN"))

    def test_elsewhere__what_is_another_nodes_or_of_a_live_cpts_is_not_noted(self):
        self.referral(node="region/11")
        self.referral(origin=self.other, destination=self.heir)
        self.assertEqual([self.note(), self.end()], [[], []])
        self.assertEqual(self.step(), "NOTHING")

    def test_elsewhere__live_again_before_the_step_stays_as_it_is(self):
        referral = self.referral()
        self.end()
        self.database.query("UPDATE cpts.cpts SET stage = 'ACI_SIGNE'"
                            f" WHERE cpts_id = '{self.ended}';")
        self.assertEqual(self.step(), "NOTHING")
        self.assertEqual(self.stands(referral)[4], "1")

    def test_elsewhere__only_the_node_itself(self):
        self.referral()
        self.end()
        with self.assertRaises(psql.SqlError) as it:
            self.step(scope="region:11")
        self.assertIn("by the node itself", str(it.exception))


if __name__ == "__main__":
    psql.main()
