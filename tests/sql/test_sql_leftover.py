# SPDX-License-Identifier: Apache-2.0
"""Uploads that nobody finished and parked acts that are settled: deleted by the
clock given, and nothing else."""
import os
import sys
import unittest
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402
import referrals  # noqa: E402
from referrals import Referral  # noqa: E402

NOW = "2026-11-22 12:00:00Z"


class Leftover(unittest.TestCase):
    def setUp(self):
        self.database = psql.Database()
        self.addCleanup(self.database.drop)
        ids = []
        for _ in range(2):
            cpts_id, insertion = referrals.cpts("11")
            self.database.query(insertion)
            ids.append(cpts_id)
        self.author = ids[0]
        self.referral = Referral(origin=ids[0], destination=ids[1]).insert(self.database)

    def upload(self, recorded_at, complete=False):
        attachment = str(uuid.uuid4())
        key = f"'{self.referral.id}', '{attachment}'"
        self.database.query(
            "INSERT INTO cpts.referral_attachment (referral_id, attachment_id, author_id,"
            f" byte_count, sha256, chunk_count, complete, recorded_at) VALUES ({key},"
            f" '{self.author}', 1, sha256('x'), 1, {complete}, '{recorded_at}'); INSERT INTO"
            " cpts.referral_chunk (referral_id, attachment_id, chunk_index, chunk) VALUES"
            f" ({key}, 0, 'x');")
        return attachment

    def parked(self, resolved_at, referral=None):
        parked = str(uuid.uuid4())
        settled = (f"'DISCARDED', '{resolved_at}', '{uuid.uuid4()}'" if resolved_at
                   else "'', NULL, NULL")
        self.database.query(
            "INSERT INTO cpts.parked_act (parked_id, principal, command_id, content_hash, scope,"
            " referral_id, event, reason, refusal, expected_version, found_version, found_state,"
            " found_status, actor, parked_at, resolution, resolved_at, resolve_command_id) VALUES"
            f" ('{parked}', '{parked}', '{parked}', '', '*', '{referral or self.referral.id}',"
            " 'ACCEPT', '', 'STALE_VERSION', 1, 2, '', 'OPEN', '', '2020-01-01',"
            f" {settled});")
        return parked

    def purge(self, at=NOW, scope="*", row_max=64):
        return [int(count) for count in self.database.query(
            f"BEGIN; SELECT FROM set_config('app.scope', '{scope}', true);"
            f" SELECT uploads, acts FROM cpts.leftover_purge('{at}', 7, 5, {row_max}); COMMIT;",
            user="cpts_app")[-1]]

    def left(self, table, column):
        return {row[0] for row in self.database.query(f"SELECT {column} FROM cpts.{table};") if row}

    def test_leftover__upload_that_nobody_finished_goes_after_seven_days(self):
        old = self.upload("2026-11-15 11:59:59Z")
        kept = {self.upload("2026-11-15 12:00:01Z"), self.upload("2026-01-01Z", complete=True)}
        self.assertEqual(self.purge("2026-11-22 11:59:58Z"), [0, 0])
        self.assertIn(old, self.left("referral_chunk", "attachment_id"))
        self.assertEqual(self.purge(), [1, 0])
        for table in "referral_attachment", "referral_chunk":
            self.assertEqual(self.left(table, "attachment_id"), kept)

    def test_leftover__act_that_was_settled_goes_after_five_years(self):
        old = self.parked("2021-11-22 11:59:59Z")
        kept = {self.parked("2021-11-22 12:00:01Z"), self.parked(None)}
        self.assertEqual(self.purge("2026-11-22 11:59:58Z"), [0, 0])
        self.assertIn(old, self.left("parked_act", "parked_id"))
        self.assertEqual(self.purge(), [0, 1])
        self.assertEqual(self.left("parked_act", "parked_id"), kept)

    def test_leftover__act_of_a_referral_that_is_destroyed_goes_at_once(self):
        self.parked(None)
        self.database.query("UPDATE cpts.referral SET status = 'ABANDONED', custodian_id = NULL,"
                            " ended_at = now(), erased = true;")
        self.assertEqual(self.purge(), [0, 1])

    def test_leftover__batches_end(self):
        for _ in range(3):
            self.upload("2026-01-01Z")
        self.assertEqual([self.purge(row_max=2) for _ in range(3)], [[2, 0], [1, 0], [0, 0]])

    def test_leftover__only_the_server_itself_deletes(self):
        self.upload("2026-01-01Z")
        self.parked("2020-01-01Z")
        for scope in "read", "region:11", f"cpts:{self.author}", "":
            self.assertEqual(self.purge(scope=scope), [0, 0])
        self.assertEqual(self.purge(), [1, 1])


if __name__ == "__main__":
    psql.main()
