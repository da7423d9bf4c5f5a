# SPDX-License-Identifier: Apache-2.0
"""The change log's own functions: positions, hash chain, wake-up."""
import hashlib
import os
import sys
import unittest
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402

BEGIN = ("SELECT 'lock' FROM (SELECT pg_advisory_xact_lock(cpts.log_lock_key())) l;"
         "SELECT 'head', cpts.log_begin('{node}');"
         "SELECT FROM set_config('app.scope', '{scope}', true),"
         " set_config('app.principal', 'p', true) AS p;")


def append(data="x", region="11"):
    return ("SELECT 'position', cpts.log_append('CPTS', gen_random_uuid(), 1, 1, 'CREATED',"
            f" '{region}', '{data}', 'p', '{uuid.uuid4()}', sha256('c'));")


class Log(unittest.TestCase):
    def setUp(self):
        self.database = psql.Database()
        self.addCleanup(self.database.drop)

    def run_transaction(self, *statements, node="national", scope="*", end="COMMIT", before=""):
        """Runs as cpts_app; gives {label: [values]} of what was answered."""
        rows = self.database.query(
            before + "BEGIN;" + BEGIN.format(node=node, scope=scope) + "".join(statements) + end
            + ";", user="cpts_app")
        answers = {}
        for row in rows:
            if row:
                answers.setdefault(row[0], []).append(row[-1])
        return answers

    def positions(self, *statements, **how):
        return [int(one) for one in self.run_transaction(*statements, **how).get("position", [])]

    def test_log__positions_follow_each_other_over_transactions(self):
        self.assertEqual(self.positions(append(), append()), [1, 2])
        self.assertEqual(self.positions(append()), [3])
        self.assertEqual(self.run_transaction()["head"], ["3"])

    def test_log__rolled_back_transaction_leaves_no_gap(self):
        self.positions(append())
        self.assertEqual(self.positions(append(), append(), end="ROLLBACK"), [2, 3])
        self.assertEqual(self.positions(append()), [2])

    def test_log__head_is_true_whatever_the_scope(self):
        self.positions(append(region="52"), append(region="11"))
        answers = self.run_transaction(append(region="11"), scope="region:11")
        self.assertEqual((answers["head"], answers["position"]), (["2"], ["3"]))

    def test_log__each_origin_has_its_own_positions_and_chain(self):
        self.positions(append("a"))
        self.positions(append("b"), append("c"), node="region/11")
        self.positions(append("d"))
        self.assertEqual(self.database.query(
            "SELECT local_position, origin_node, origin_position FROM cpts.change_log"
            " ORDER BY 1;"),
            [["1", "national", "1"], ["2", "region/11", "1"], ["3", "region/11", "2"],
             ["4", "national", "2"]])
        self.check_chain("national")
        self.check_chain("region/11")

    def check_chain(self, node):
        previous = bytes(32)
        for position, data, prev_hash, found in self.database.query(
                "SELECT origin_position, encode(bytes, 'hex'), encode(prev_hash, 'hex'),"
                f" encode(hash, 'hex') FROM cpts.change_log WHERE origin_node = '{node}'"
                " ORDER BY origin_position;"):
            self.assertEqual(prev_hash, previous.hex(), f"{node} {position}")
            previous = hashlib.sha256(previous + int(position).to_bytes(8, "big")
                                      + bytes.fromhex(data)).digest()
            self.assertEqual(found, previous.hex(), f"{node} {position}")

    def test_log__chain_goes_on_over_transactions(self):
        for data in "abc":
            self.positions(append(data), append(data * 100))
        self.check_chain("national")

    def test_log__outcome_of_the_command_is_stored_with_the_change(self):
        self.positions(append())
        self.assertEqual(self.database.query(
            "SELECT c.principal, c.version, c.log_position, c.content_hash = sha256('c')"
            " FROM cpts.command c JOIN cpts.change_log l ON l.local_position = c.log_position"
            " AND l.command_id = c.command_id AND l.actor = c.principal"
            " AND l.aggregate_id = c.aggregate_id;"), [["p", "1", "1", "t"]])

    def test_log__append_without_begin_fails(self):
        refused = self.database.refusal(
            "BEGIN; SELECT FROM set_config('app.scope', '*', true),"
            f" set_config('app.principal', 'p', true) AS p; {append()} COMMIT;", user="cpts_app")
        self.assertEqual(refused.sqlstate, "42704", refused)
        refused = self.database.refusal(
            "BEGIN;" + BEGIN.format(node="national", scope="*") + append() + "COMMIT; BEGIN;"
            "SELECT FROM set_config('app.scope', '*', true),"
            f" set_config('app.principal', 'p', true) AS p; {append()} COMMIT;", user="cpts_app")
        self.assertNotEqual(refused.sqlstate, "", "settings of an earlier transaction counted")

    def test_log__append_without_a_scope_is_refused(self):
        refused = self.database.refusal(
            "BEGIN;" + BEGIN.format(node="national", scope="") + append() + "COMMIT;",
            user="cpts_app")
        self.assertEqual(refused.sqlstate, "42501", refused)

    def test_log__recorded_time_never_stands_still(self):
        self.positions(append())
        self.database.query("UPDATE cpts.change_log SET recorded_at = now() + interval '1 day';")
        self.positions(append())
        self.assertEqual(self.database.value(
            "SELECT max(recorded_at) - min(recorded_at) = interval '1 microsecond'"
            " FROM cpts.change_log;"), "t")

    def test_log__an_answer_knows_the_last_entry_that_it_sees(self):
        """Not one that is recorded and not committed, whatever the scope sees."""
        self.positions(append())
        instant = "SELECT cpts.unix_us(recorded_at) FROM cpts.change_log WHERE local_position = {};"
        seen = "SELECT cpts.answer_instant_us({});"
        first = self.database.value(instant.format(1))
        writer = psql.Session(self.database.name)
        self.addCleanup(writer.end)
        writer.run("BEGIN;" + BEGIN.format(node="national", scope="*") + append())
        self.assertEqual(self.database.value(seen.format("NULL")), first)
        writer.run("COMMIT;")
        self.assertEqual(self.database.query(seen.format("'9999-12-31 00:00:00Z'"),
                                             user="cpts_app"),
                         [[self.database.value(instant.format(2))]])
        self.assertEqual(self.database.value(seen.format("'1970-01-01 00:00:01Z'")), "1000000")

    def test_log__an_empty_log_has_an_instant_that_stays(self):
        reference = "SELECT cpts.unix_us(max(loaded_at)) FROM cpts.reference_version;"
        self.assertEqual(self.database.value("SELECT cpts.answer_instant_us(NULL);"),
                         self.database.value(reference))

    def notifications(self, *statements, end="COMMIT"):
        answers = self.run_transaction(*statements, "SELECT FROM cpts.log_notify();",
                                       end=f"{end}; SELECT 'done'", before="LISTEN cpts_log;")
        self.assertIn("done", answers)
        return [text.split('payload "')[1].split('"')[0] for text in answers
                if text.startswith("Asynchronous notification")]

    def test_log__notify_wakes_once_and_only_after_an_append(self):
        self.assertEqual(self.notifications(), [])
        self.assertEqual(self.notifications(append(), append()), ["2"])
        self.assertEqual(self.notifications(append(), end="ROLLBACK"), [])
        self.assertEqual(self.notifications(append()), ["3"])

    def test_log__lock_admits_one_writer(self):
        holder = psql.Session(self.database.name, user="cpts_app")
        self.addCleanup(holder.end)
        holder.run("BEGIN;" + BEGIN.format(node="national", scope="*") + append())
        refused = self.database.refusal(
            "SET lock_timeout = '100ms'; BEGIN;" + BEGIN.format(node="national", scope="*"),
            user="cpts_app")
        self.assertEqual(refused.sqlstate, "55P03", refused)
        holder.end("COMMIT;")
        self.assertEqual(self.positions(append()), [2])


if __name__ == "__main__":
    psql.main()
