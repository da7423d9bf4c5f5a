# SPDX-License-Identifier: Apache-2.0
"""cpts.referral_faults(): nothing for a referral that is well, and each fault named
when exactly that is broken. The history that it reads is the log's own bytes."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402
import referrals  # noqa: E402
from referrals import Referral  # noqa: E402

CLOCK = ("DECIDE", "cpts.log_now() + interval '1 hour'", 0)
DECLINE, ACCEPT = 8, 7
# Fault: what breaks a good referral, by {id}, {assignment}, {other} (another CPTS).
BROKEN = {
    "NO_CLOCK": "DELETE FROM cpts.referral_clock;",
    "CLOCK_LEFT": "INSERT INTO cpts.referral_clock (referral_id, assignment_id, kind, fire_at,"
                  " armed_at) VALUES (gen_random_uuid(), '{assignment}', 'DECIDE', now(), now());",
    "CUSTODIAN": "UPDATE cpts.referral SET custodian_id = '{other}';",
    "ASKS_ITSELF": "UPDATE cpts.assignment SET destination_id = (SELECT origin_id"
                   " FROM cpts.referral);",
    "STATUS": "UPDATE cpts.referral SET status = 'TO_REASSIGN';",
    "HOPS": "UPDATE cpts.referral SET hop_count = 1;",
    "VERSION_CHAIN": "UPDATE cpts.referral SET version = 3;",
    "COUNT_OF_DAY": "UPDATE cpts.referral SET created_at = created_at - interval '1 day';",
}


class Faults(unittest.TestCase):
    def setUp(self):
        self.database = psql.Database()
        self.addCleanup(self.database.drop)
        self.ids = []
        for _ in range(3):
            cpts_id, insertion = referrals.cpts()
            self.database.query(insertion)
            self.ids.append(cpts_id)

    def referral(self, **changes):
        wanted = {"origin": self.ids[0], "destination": self.ids[1], "clocks": (CLOCK,), **changes}
        return Referral(**wanted).insert(self.database)

    def told(self, referral, version, event):
        """An entry of the log about its assignment."""
        self.database.query(
            "BEGIN; SELECT FROM pg_advisory_xact_lock(cpts.log_lock_key());"
            " SELECT FROM cpts.log_begin('national');"
            f" SELECT FROM cpts.log_append('REFERRAL', '{referral.id}', {version}, 1,"
            " 'REFERRAL_ACTED', '11', '\\x0801'::bytea || cpts.wire_field(91, '\\x08'::bytea"
            f" || cpts.wire_varint({event}) || cpts.wire_field(2, '{referral.assignment}'::bytea)),"
            f" 'test', gen_random_uuid(), ''); UPDATE cpts.referral SET version = {version}"
            f" WHERE referral_id = '{referral.id}'; COMMIT;")

    def names(self):
        return [fault for fault, _ in referrals.faults(self.database)]

    def test_faults__none_when_all_is_well(self):
        self.referral()
        self.referral(state="ACCEPTED", taken=True)
        self.referral(destination="", status="TO_REASSIGN",
                      clocks=(("REASSIGN", "cpts.log_now() + interval '1 hour'", 0),))
        self.assertEqual(referrals.faults(self.database), [])

    def test_faults__each_is_named_when_that_is_broken(self):
        for fault, change in BROKEN.items():
            with self.subTest(fault=fault):
                database = self.database = psql.Database()
                self.addCleanup(database.drop)
                for cpts_id in self.ids:
                    database.query(referrals.cpts()[1])
                referral = self.referral()
                database.query(change.format(id=referral.id, assignment=referral.assignment,
                                             other=self.ids[2]))
                self.assertEqual(set(self.names()), {fault})

    def test_faults__state_that_came_back_after_its_end(self):
        referral = self.referral()
        self.told(referral, 2, DECLINE)
        self.assertEqual(self.names(), ["TERMINAL_LEFT"], "it was declined, and is not")

    def test_faults__step_after_the_end(self):
        referral = self.referral(destination="", status="TO_REASSIGN",
                                 clocks=(("REASSIGN", "cpts.log_now() + interval '1 h'", 0),))
        self.told(referral, 2, DECLINE)
        self.assertEqual(self.names(), [])
        self.told(referral, 3, ACCEPT)
        self.assertEqual(self.names(), ["TERMINAL_LEFT"])

    def test_faults__two_that_took_it(self):
        referral = self.referral(state="ACCEPTED", taken=True)
        self.database.query(
            "INSERT INTO cpts.assignment (referral_id, assignment_id, destination_id, version,"
            f" state, submitted_at, state_at) VALUES ('{referral.id}', gen_random_uuid(),"
            f" '{self.ids[2]}', 1, 'ACCEPTED', now(), now());")
        self.assertEqual(self.names(), ["CUSTODIAN"])

    def test_faults__one_that_was_asked_again(self):
        referral = self.referral()
        for _ in range(2):
            self.database.query(
                "INSERT INTO cpts.assignment (referral_id, assignment_id, destination_id, version,"
                f" state, submitted_at, state_at, ended_at) VALUES ('{referral.id}',"
                f" gen_random_uuid(), '{self.ids[2]}', 1, 'DECLINED', now(), now(), now());")
        self.assertEqual(self.names(), ["REDIRECT_CYCLE"])

    def test_faults__of_one_referral_only(self):
        good, bad = self.referral(), self.referral()
        self.database.query(f"DELETE FROM cpts.referral_clock WHERE referral_id = '{bad.id}';")
        for referral, count in ((good, "0"), (bad, "1")):
            self.assertEqual(self.database.value(
                f"SELECT count(*) FROM cpts.referral_faults('{referral.id}')"
                " WHERE fault <> 'COUNT_OF_DAY';"), count)

    def test_faults__operators_list_ends_with_a_status(self):
        self.database.file("sql/admin/referral_faults.sql")
        self.referral()
        self.database.query("DELETE FROM cpts.referral_clock;")
        with self.assertRaises(psql.SqlError):
            self.database.file("sql/admin/referral_faults.sql")

    def test_faults__wire_parts_read_what_protobuf_writes(self):
        self.assertEqual(self.database.query(
            "SELECT field_number, number, payload FROM cpts.wire_parts("
            "'\\x08ac02'::bytea || cpts.wire_field(2, 'abc') || cpts.wire_double(3, 1)"
            " || '\\x2d01000000'::bytea || cpts.wire_field(91, repeat('x', 300)::bytea));")[:4],
            [["1", "300", ""], ["2", "3", "\\x616263"], ["3", "", ""], ["5", "", ""]])


if __name__ == "__main__":
    psql.main()
