# SPDX-License-Identifier: Apache-2.0
"""clock_raise.sql and clock_find.sql as a server runs them: a clock that is due
is raised once, whoever asks and however often."""
import os
import sys
import unittest
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402

CPTS, CLOCK = str(uuid.uuid4()), str(uuid.uuid4())
SETUP = f"""
INSERT INTO cpts.cpts (cpts_id, owner_node, epoch, version, name, lead_region, stage, stage_on,
    synthetic, created_at, updated_at)
  VALUES ('{CPTS}', 'national', 1, 1, 'x', '11', 'ACI_SIGNE', '2020-01-01', true, now(), now());
INSERT INTO cpts.cpts_clock (cpts_id, version, clock_id, kind, mission, due_on, lead_region,
    valid_from, recorded_from)
  VALUES ('{CPTS}', 1, '{CLOCK}', 'ACI_END', '', current_date - 1, '11', '2020-01-01', now());
"""


def statement(name):
    with open(os.path.join(psql.SOURCE, "sql", "query", f"{name}.sql"), encoding="utf-8") as file:
        return file.read()


class Clocks(unittest.TestCase):
    def setUp(self):
        self.database = psql.Database()
        self.addCleanup(self.database.drop)
        self.database.query(SETUP)

    def found(self, node="national"):
        rows = self.database.query(
            "SELECT FROM set_config('app.scope', '*', false);"
            f" PREPARE q AS {statement('clock_find')};"
            f" EXECUTE q('{node}', 10);", user="cpts_app")
        return [row for row in rows if row]

    def raised(self, command_id=None, node="national"):
        """What one server's transaction answers."""
        rows = self.database.query(
            f"PREPARE q AS {statement('clock_raise')}; BEGIN;"
            " SELECT FROM pg_advisory_xact_lock(cpts.log_lock_key());"
            " SELECT FROM cpts.log_begin('national');"
            " SELECT FROM set_config('app.scope', '*', true);"
            " SELECT FROM set_config('app.principal', 'spiffe://a/b', true);"
            f" EXECUTE q('spiffe://a/b', '{command_id or uuid.uuid4()}', '', '{CPTS}', '{node}',"
            f" '', '{CLOCK}'); COMMIT;", user="cpts_app")
        return [row[0] for row in rows if row][-1]

    def log(self):
        return self.database.value("SELECT count(*) FROM cpts.change_log;")

    def test_clocks__due_one_is_raised_once(self):
        self.assertEqual(len(self.found()), 1)
        self.assertEqual(self.raised(), "OK")
        self.assertEqual(self.raised(), "NOTHING", "another server that found it too")
        self.assertEqual((self.log(), self.found()), ("1", []))
        self.assertEqual(self.database.query(
            f"SELECT c.version, k.raised_at < 'infinity' FROM cpts.cpts c JOIN cpts.cpts_clock k"
            f" USING (cpts_id) WHERE cpts_id = '{CPTS}';"), [["2", "t"]])

    def test_clocks__same_command_again_has_no_effect(self):
        command_id = str(uuid.uuid4())
        self.assertEqual(self.raised(command_id), "OK")
        self.database.query("UPDATE cpts.cpts_clock SET raised_at = 'infinity';")
        self.assertEqual(self.raised(command_id), "NOTHING")
        self.assertEqual(self.log(), "1")

    def test_clocks__other_ones_are_left(self):
        for change in ("due_on = (now() AT TIME ZONE 'Europe/Paris')::date + 1",
                       "valid_to = current_date - 2", "recorded_to = now()"):
            with self.subTest(change=change):
                self.database.query(f"UPDATE cpts.cpts_clock SET {change};")
                self.assertEqual((self.raised(), self.log(), self.found()), ("NOTHING", "0", []))
                self.database.query(
                    "UPDATE cpts.cpts_clock SET due_on = current_date - 1, valid_to = 'infinity',"
                    " recorded_to = 'infinity';")

    def test_clocks__of_another_owner_are_left(self):
        self.assertEqual(self.found("region/11"), [])
        self.assertEqual((self.raised(node="region/11"), self.log()), ("NOTHING", "0"))

    def test_clocks__rules_are_loaded_with_their_confidence(self):
        self.assertEqual(self.database.query(
            "SELECT kind, count(*), min(months), max(months), min(confidence) FROM cpts.clock_rule"
            " GROUP BY kind ORDER BY kind;"),
            [["ACI_END", "1", "60", "60", "contract"],
             ["ACI_RENEWAL_NOTICE", "1", "54", "54", "not_sourced"],
             ["MISSION_DEPLOYED", "4", "18", "24", "published"],
             ["MISSION_START", "4", "6", "12", "published"],
             ["TACIT_VALIDATION", "1", "2", "2", "law"]])

    def test_clocks__functions_stop_and_start_what_they_say(self):
        """clock_stop() keeps the clock with its end; clock_start() raises what is late."""
        self.database.query(
            "BEGIN; SELECT FROM cpts.log_begin('national');"
            f" SELECT FROM cpts.clock_stop('{CPTS}', 2, '11', '2021-05-01', '{{ACI_END}}', NULL);"
            f" SELECT FROM cpts.clock_start('{CPTS}', 2, '11', '2021-05-01',"
            f" ARRAY['{uuid.uuid4()}', '{uuid.uuid4()}']::uuid[], '{{ACI_END,ACI_END}}',"
            " '{\"\",\"\"}', ARRAY[current_date - 1, current_date + 400]); COMMIT;")
        self.assertEqual(self.database.query(
            "SELECT version, valid_to, recorded_to = 'infinity', raised_at < 'infinity'"
            " FROM cpts.cpts_clock ORDER BY version, due_on, valid_to;"),
            [["1", "infinity", "f", "f"], ["2", "2021-05-01", "t", "f"],
             ["2", "infinity", "t", "t"], ["2", "infinity", "t", "f"]])


if __name__ == "__main__":
    psql.main()
