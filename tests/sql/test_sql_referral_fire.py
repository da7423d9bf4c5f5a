# SPDX-License-Identifier: Apache-2.0
"""referral_clock_find.sql and referral_clock_raise.sql as a server runs them: an
expiry has one effect, whoever fires it, at whatever time the clock shows."""
import os
import sys
import unittest
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402
import referrals  # noqa: E402
from referrals import NOBODY, Referral  # noqa: E402

OVERDUE, WIDEN = 28, 27
NODE = "spiffe://a/node/national"


def statement(name):
    with open(os.path.join(psql.SOURCE, "sql", "query", f"{name}.sql"), encoding="utf-8") as file:
        return file.read()


class Fire(unittest.TestCase):
    def setUp(self):
        self.database = psql.Database()
        self.addCleanup(self.database.drop)
        self.ids = []
        for region in ("11", "04", "11", "11"):
            cpts_id, insertion = referrals.cpts(region)
            self.database.query(insertion)
            self.ids.append(cpts_id)

    def referral(self, **changes):
        wanted = {"origin": self.ids[0], "destination": self.ids[1],
                  "clocks": (("DECIDE", "cpts.log_now() - interval '1 second'", 0),), **changes}
        return Referral(**wanted).insert(self.database)

    def found(self, node="national", at_most=64):
        """Due clocks: [referral, assignment, kind, level, fire_at, candidate]."""
        rows = self.database.query(
            "SELECT FROM set_config('app.scope', '*', false);"
            f" PREPARE q AS {statement('referral_clock_find')};"
            f" EXECUTE q('{node}', {at_most});", user="cpts_app")
        return [[*row[:5], row[6]] for row in rows if row and int(row[5]) <= 0]

    def fired(self, due, command_id=None, node="national", level=None):
        referral, assignment, kind, found_level, fire_at, candidate = due
        reached = 0 if kind == "WIDEN" else min(int(found_level) + 1, 3)
        rows = self.database.query(
            f"PREPARE q AS {statement('referral_clock_raise')}; BEGIN;"
            " SELECT FROM pg_advisory_xact_lock(cpts.log_lock_key());"
            f" SELECT FROM cpts.log_begin('{node}');"
            " SELECT FROM set_config('app.scope', '*', true);"
            f" SELECT FROM set_config('app.principal', '{NODE}', true);"
            f" EXECUTE q('{NODE}', '{command_id or uuid.uuid4()}', '', '{referral}', '{node}',"
            f" {self.bytes_of(kind, assignment)}, '{assignment}', '{kind}', {fire_at},"
            f" {reached if level is None else level}, {referrals.quoted(candidate or None)});"
            " COMMIT;", user="cpts_app")
        return [row[0] for row in rows if row][-1]

    @staticmethod
    def bytes_of(kind, assignment):
        """The change, as far as a history is read from it."""
        about = "" if assignment == NOBODY else (
            f" || cpts.wire_field(2, '{assignment}'::text::bytea)")
        event = WIDEN if kind == "WIDEN" else OVERDUE
        return f"cpts.wire_field(91, '\\x08'::bytea || cpts.wire_varint({event}){about})"

    def row(self, query):
        return self.database.query(f"SET TimeZone = 'UTC'; {query}")[0]

    def test_fire__expiry_raises_the_level_and_arms_the_next_one(self):
        referral = self.referral()
        [due] = self.found()
        self.assertEqual(self.fired(due), "OK")
        self.assertEqual(self.row(
            "SELECT r.version, r.status, r.overdue, a.version, a.state, a.overdue, k.level,"
            " k.fire_at = r.updated_at + interval '1 hour' FROM cpts.referral r"
            " JOIN cpts.assignment a USING (referral_id) JOIN cpts.referral_clock k"
            " USING (referral_id, assignment_id);"),
            ["2", "OPEN", "0", "2", "DELIVERED", "1", "1", "t"])
        self.assertEqual(referrals.steps(self.database, referral),
                         [(2, OVERDUE, referral.assignment)])
        self.assertEqual((self.found(), referrals.faults(self.database)), ([], []))

    def test_fire__expiry_has_one_effect_with_two_servers(self):
        referral = self.referral()
        [due] = self.found()
        self.assertEqual(self.fired(due), "OK")
        self.assertEqual(self.fired(due), "NOTHING", "the other server had found it, too")
        self.assertEqual(len(referrals.steps(self.database, referral)), 1)

    def test_fire__same_command_again_has_no_effect(self):
        command_id = str(uuid.uuid4())
        referral = self.referral()
        [due] = self.found()
        self.assertEqual(self.fired(due, command_id), "OK")
        self.database.query("UPDATE cpts.referral_clock SET level = 0, fire_at ="
                            f" timestamptz 'epoch' + {due[4]} * interval '1 microsecond';")
        self.assertEqual(self.fired(due, command_id), "NOTHING")
        self.assertEqual(len(referrals.steps(self.database, referral)), 1)

    def test_fire__daily_after_the_third_and_never_ends_it(self):
        referral = self.referral()
        for level in (1, 2, 3, 3, 3):
            [due] = self.found()
            self.assertEqual(self.fired(due), "OK")
            self.assertEqual(self.row("SELECT a.overdue, k.level, a.state, r.status FROM"
                                      " cpts.referral r JOIN cpts.assignment a USING (referral_id)"
                                      " JOIN cpts.referral_clock k USING (referral_id);"),
                             [str(level), str(level), "DELIVERED", "OPEN"])
            if level == 3:
                self.assertEqual(self.database.value(
                    "SELECT k.fire_at - r.updated_at FROM cpts.referral_clock k"
                    " JOIN cpts.referral r USING (referral_id);"), "1 day")
            self.database.query(
                "UPDATE cpts.referral_clock SET fire_at = now() - interval '3 days';")
        self.assertEqual(len(referrals.steps(self.database, referral)), 5)
        self.assertEqual(referrals.faults(self.database), [])

    def test_fire__own_clock_raises_the_referral(self):
        referral = self.referral(destination="", status="TO_REASSIGN",
                                 clocks=(("REASSIGN", "cpts.log_now() - interval '1 s'", 2),))
        [due] = self.found()
        self.assertEqual(self.fired(due), "OK")
        self.assertEqual(self.row("SELECT version, status, overdue FROM cpts.referral;"),
                         ["2", "TO_REASSIGN", "3"])
        self.assertEqual(referrals.steps(self.database, referral), [(2, OVERDUE, "")])
        self.assertEqual(referrals.faults(self.database), [])

    def test_fire__before_its_time_nothing_happens(self):
        self.referral(clocks=(("DECIDE", "cpts.log_now() + interval '1 hour'", 0),))
        self.assertEqual(self.found(), [])
        due = self.row("SELECT referral_id, assignment_id, kind, level, cpts.unix_us(fire_at), ''"
                       " FROM cpts.referral_clock;")
        self.assertEqual(self.fired(due), "NOTHING")
        self.assertEqual(self.row("SELECT version, overdue FROM cpts.assignment;"), ["1", "0"])

    def test_fire__clock_that_moved_or_stopped_is_left(self):
        for change in ("UPDATE cpts.referral_clock SET fire_at = fire_at + interval '1 second';",
                       "DELETE FROM cpts.referral_clock;"):
            with self.subTest(change=change):
                self.referral()
                due = self.found()[0]
                self.database.query(change)
                self.assertEqual(self.fired(due), "NOTHING")
                self.assertEqual(self.row("SELECT max(version) FROM cpts.referral;"), ["1"])
                self.database.query("DELETE FROM cpts.referral_clock;")

    def test_fire__of_another_owner_is_left(self):
        self.referral()
        self.assertEqual(self.found("region/11"), [])
        [due] = self.found()
        self.assertEqual(self.fired(due, node="region/11"), "NOTHING")

    def test_fire__level_that_was_not_found_is_refused(self):
        self.referral()
        [due] = self.found()
        self.assertEqual(self.fired(due, level=2), "NOTHING")

    def test_fire__late_ones_come_in_order_and_in_batches(self):
        times = {}
        for minutes in (5, 30, 1, 60):
            times[minutes] = self.referral(
                clocks=(("DECIDE", f"cpts.log_now() - interval '{minutes} minutes'", 0),)).id
        self.assertEqual([due[0] for due in self.found()],
                         [times[minutes] for minutes in (60, 30, 5, 1)])
        self.assertEqual([due[0] for due in self.found(at_most=2)], [times[60], times[30]])

    def test_fire__time_never_runs_back(self):
        """The machine's clock is set back: what is due by the log's stays due."""
        self.referral(clocks=(("DECIDE", "cpts.log_now() + interval '1 hour'", 0),))
        self.assertEqual(self.found(), [])
        self.database.query("UPDATE cpts.change_log SET recorded_at = now() + interval '2 hours';")
        [due] = self.found()
        self.assertEqual(self.fired(due), "OK")
        self.assertEqual(self.found(), [], "armed from the log's time on")
        self.assertEqual(self.row(
            "SELECT max(recorded_at) - now() > interval '2 hours', count(*) FROM cpts.change_log"
            " WHERE recorded_at > now() + interval '119 minutes';"), ["f", "2"])

    def test_fire__working_days_are_those_of_who_has_to_act(self):
        """Nobody works in La Réunion, the destination's region, for a week."""
        self.database.query("INSERT INTO cpts.non_working_day (region, day, label) SELECT '04',"
                            " (now() AT TIME ZONE 'Indian/Reunion')::date + n, 'x'"
                            " FROM generate_series(0, 6) n"
                            " ON CONFLICT DO NOTHING;")
        for kind, waits in (("DECIDE", "t"), ("ANSWER", "f")):
            with self.subTest(kind=kind):
                self.referral(urgency="PRIORITY", clocks=(
                    (kind, "cpts.log_now() - interval '1 second'", 0),))
                self.assertEqual(self.fired(self.found()[0]), "OK")
                self.assertEqual(self.database.value(
                    "SELECT fire_at > armed_at + interval '6 days' FROM cpts.referral_clock"
                    f" WHERE kind = '{kind}';"), waits)

    def test_fire__widen_asks_the_next_one_and_goes_on_while_there_are_more(self):
        referral = self.referral(
            candidates=self.ids[2:], clocks=(
                ("DECIDE", "cpts.log_now() + interval '1 hour'", 0),
                ("WIDEN", "cpts.log_now() - interval '1 second'", 0)))
        for count in (2, 3):
            [due] = self.found()
            self.assertEqual(self.fired(due), "OK")
            self.assertEqual(self.row(
                "SELECT count(*), count(*) FILTER (WHERE state = 'DELIVERED'), max(r.version),"
                " (SELECT count(*) FROM cpts.referral_clock WHERE kind = 'WIDEN'),"
                " (SELECT count(*) FROM cpts.referral_clock WHERE kind = 'DECIDE'),"
                " cardinality(max(r.parties)) FROM cpts.assignment a"
                " JOIN cpts.referral r USING (referral_id);"),
                [str(count), str(count), str(count), str(3 - count), str(count), str(count + 1)])
            self.database.query("UPDATE cpts.referral_clock SET fire_at = now() - interval '1 s'"
                                " WHERE kind = 'WIDEN';")
        self.assertEqual(referrals.steps(self.database, referral), [(2, WIDEN, ""), (3, WIDEN, "")])
        self.assertEqual(referrals.faults(self.database), [])

    def test_fire__widen_passes_over_who_may_not_receive(self):
        self.referral(candidates=self.ids[2:], clocks=(
            ("DECIDE", "cpts.log_now() + interval '1 hour'", 0),
            ("WIDEN", "cpts.log_now() - interval '1 second'", 0)))
        self.database.query(
            f"UPDATE cpts.cpts SET stage = 'DISSOUS' WHERE cpts_id = '{self.ids[2]}';")
        self.assertEqual(self.fired(self.found()[0]), "OK")
        self.assertEqual(self.row("SELECT destination_id FROM cpts.assignment WHERE version = 2;"),
                         [self.ids[3]])
        self.database.query("UPDATE cpts.referral_clock SET fire_at = now() - interval '1 second'"
                            " WHERE kind = 'WIDEN';")
        [due] = self.found()
        self.assertEqual(due[5], "", "nobody is left who may")
        self.assertEqual(self.fired(due), "NOTHING")
        self.assertEqual(self.found(), [])
        self.assertEqual(self.row("SELECT version FROM cpts.referral;"), ["2"])

    def test_fire__widen_stops_once_taken(self):
        self.referral(state="ACCEPTED", taken=True, candidates=self.ids[2:], clocks=(
            ("SCHEDULE", "cpts.log_now() + interval '1 hour'", 0),
            ("WIDEN", "cpts.log_now() - interval '1 second'", 0)))
        self.assertEqual(self.fired(self.found()[0]), "NOTHING")
        self.assertEqual(self.row("SELECT count(*), min(kind::text) FROM cpts.referral_clock;"),
                         ["1", "SCHEDULE"])

    def test_fire__widen_for_a_candidate_that_is_not_next_waits(self):
        self.referral(candidates=self.ids[2:], clocks=(
            ("DECIDE", "cpts.log_now() + interval '1 hour'", 0),
            ("WIDEN", "cpts.log_now() - interval '1 second'", 0)))
        [due] = self.found()
        self.assertEqual(self.fired([*due[:5], str(uuid.uuid4())]), "NOTHING")
        self.assertEqual(self.found(), [due])


if __name__ == "__main__":
    psql.main()
