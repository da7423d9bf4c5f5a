# SPDX-License-Identifier: Apache-2.0
"""What a peer may not tell, and what cannot be stored: the aggregate is parked with its reason, an
alarm is up, and everything else of the batch is stored."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402
import sync_wire  # noqa: E402
from sync_wire import Cpts, literal  # noqa: E402


class Faults(sync_wire.Case):
    def setUp(self):
        super().setUp()
        self.one, self.other = Cpts(self.below).create(), Cpts(self.below).create()

    def told(self, **of_image):
        """What the region tells, with columns of the first CPTS's image as given."""
        batch = self.below.tell(self.above, after=int(self.above.cursor(self.below)[1]))
        image = next(row for row in batch.images if row[2] == self.one.id)
        for column, value in of_image.items():
            image[{"kind": 1, "version": 3, "epoch": 4, "owner": 5, "region": 6,
                   "since": 7}[column]] = value
        return batch

    def check_parked(self, batch, reason, words="", alarms=None):
        outcome = self.above.store(self.below, batch, words)
        self.assertEqual((outcome["parked"], outcome["newly_parked"]), (1, 1))
        self.assertEqual(self.parked(self.above), [[self.one.id, reason]])
        self.assertEqual(self.alarms(self.above), alarms or [reason])
        self.assertEqual(self.above.database.query("SELECT cpts_id FROM cpts.cpts;"),
                         [[self.other.id]])
        self.assertEqual(self.above.cursor(self.below)[1], str(batch.upto))

    def test_faults__another_owner_is_forged(self):
        self.check_parked(self.told(owner="region/52"), "ORIGIN_FORGED")

    def test_faults__another_region_is_out_of_scope(self):
        self.check_parked(self.told(region="52"), "OUT_OF_SCOPE")

    def test_faults__unknown_kind_is_kept_as_it_was_told(self):
        batch = self.told(kind="UNHEARD_OF")
        batch.entries[0][1] = "UNHEARD_OF"
        self.check_parked(batch, "KIND_UNKNOWN")
        self.assertEqual(self.above.database.value(
            "SELECT count(*) FROM cpts.change_log WHERE aggregate_kind = 'UNHEARD_OF';"), "1")

    def test_faults__unknown_table_parks_its_aggregate(self):
        batch = self.told()
        next(row for row in batch.rows if row["n"] == 1 and row[1] == "cpts_stage")[1] = "cpts_moon"
        if batch.images[0][2] != self.one.id:
            self.one, self.other = self.other, self.one
        self.check_parked(batch, "KIND_UNKNOWN")
        self.assertIn("cpts_moon",
                      self.above.database.value("SELECT told FROM cpts.parked_aggregate;"))

    def test_faults__rows_that_do_not_follow_are_not_applied(self):
        self.check_parked(self.told(since="4"), "NOT_APPLIED")

    def broken(self, old, new):
        batch = self.told()
        number = 1 + [row[2] for row in batch.images].index(self.one.id)
        row = next(row for row in batch.rows if row["n"] == number and row[1] == "cpts_stage")
        self.assertIn(old, row[18])
        row[18] = row[18].replace(old, new)
        return batch

    def test_faults__a_row_that_a_table_refuses_fails_all_and_alone_is_parked(self):
        batch = self.broken("EMERGENCE", "ELSEWHERE")
        with self.assertRaises(psql.SqlError) as caught:
            self.above.store(self.below, batch)
        self.assertEqual((caught.exception.sqlstate, caught.exception.constraint),
                         ("23514", "cpts_stage_stage_known"))
        self.assertEqual(self.above.cursor(self.below)[1], "0")
        self.check_parked(batch, "NOT_APPLIED", "singly")
        self.assertIn("23514",
                      self.above.database.value("SELECT detail FROM cpts.parked_aggregate;"))

    def test_faults__a_row_of_another_aggregate_is_forged(self):
        batch = self.broken(self.one.id, self.other.id)
        with self.assertRaises(psql.SqlError) as caught:
            self.above.store(self.below, batch)
        self.assertEqual(caught.exception.sqlstate, "CPF01")
        self.check_parked(batch, "ORIGIN_FORGED", "singly")

    def test_faults__no_json_is_parked_alone(self):
        self.check_parked(self.broken("{", "["), "NOT_APPLIED", "singly")

    def test_faults__parked_stays_parked_until_it_is_fetched(self):
        self.check_parked(self.told(since="4"), "NOT_APPLIED")
        self.one.rename()
        self.other.rename()
        outcome = self.above.store(self.below, self.told())
        self.assertEqual((outcome["stored"], outcome["newly_parked"], outcome["parked"]), (1, 0, 1))
        listed = self.above.call("federation_parked_list", "'national'", "''", "false", "NULL", "9")
        self.assertEqual([listed[0][place] for place in (1, 3, 4, 8, 12)],
                         ["region/11", self.one.id, "NOT_APPLIED", "0", "2"])
        self.above.call("federation_parked_retry", "'national'", literal(listed[0][0]), "''")
        wanted = self.above.call("federation_parked_wanted", "'national'", "'region/11'")
        self.assertEqual(wanted, [["CPTS", self.one.id]])
        outcome = self.above.store(self.below, self.below.fetch(self.above, *wanted), "repair")
        self.assertEqual((outcome["stored"], outcome["parked"]), (1, 0))
        self.assertEqual(self.alarms(self.above), [])
        self.check_same(self.below, self.above, 2)

    def test_faults__rejected_is_set_aside(self):
        self.check_parked(self.told(owner="region/52"), "ORIGIN_FORGED")
        parked_id = self.above.database.value("SELECT parked_id FROM cpts.parked_aggregate;")
        reject = ("federation_parked_reject", "'national'", literal(parked_id), "'seen'", "'me'")
        self.assertEqual(self.above.call(*reject), [["OK", "region/11"]])
        self.assertEqual(self.above.call(*reject), [["ALREADY_REJECTED", "region/11"]])
        self.assertEqual((self.parked(self.above), self.alarms(self.above)), ([], []))
        self.assertEqual(len(self.above.call("federation_parked_list", "'national'", "'region/11'",
                                             "true", "NULL", "9")), 1)

    def test_faults__what_a_former_owner_wrote_is_kept_for_people(self):
        self.pair.carry(self.below, self.above)
        self.record(self.above, "CPTS", self.one.id, "OWNERSHIP_TAKEN", 2, epoch=2, before=(
            "UPDATE cpts.cpts SET owner_node = 'national', epoch = 2, version = 2"
            f" WHERE cpts_id = '{self.one.id}';"))
        self.one.rename()
        self.other.rename()
        outcome = self.above.store(self.below, self.told())
        self.assertEqual((outcome["stored"], outcome["parked"]), (1, 1))
        self.assertEqual(self.parked(self.above), [[self.one.id, "EPOCH_STALE"]])
        name, told = self.above.database.query(
            "SELECT c.name, p.told FROM cpts.parked_aggregate p JOIN cpts.cpts c"
            " ON c.cpts_id = p.aggregate_id;")[0]
        self.assertIn("CPTS 0.", told)
        self.assertNotIn(name, told.split("cpts_former")[0])

    def test_faults__an_entry_in_anothers_name_is_kept_apart(self):
        batch = self.told()
        batch.entries[0][5] = "region/52"
        batch.refuse(batch.entries[0], "ORIGIN_FORGED")
        outcome = self.above.store(self.below, batch)
        self.assertEqual((outcome["entries"], outcome["apart"], outcome["stored"]), (1, 1, 2))
        self.assertEqual(self.above.database.query(
            "SELECT origin_node, reason FROM cpts.stray_change;"), [["region/52", "ORIGIN_FORGED"]])

    def test_faults__a_broken_chain_stops_neither_facts_nor_the_other_entries(self):
        batch = self.told()
        batch.refuse(batch.entries[0], "CHAIN_BROKEN")
        outcome = self.above.store(self.below, batch)
        self.assertEqual((outcome["entries"], outcome["apart"], outcome["stored"]), (1, 1, 2))
        self.assertEqual(self.above.database.query(
            "SELECT 'log', origin_position FROM cpts.change_log"
            " UNION ALL SELECT reason, origin_position FROM cpts.stray_change ORDER BY 2;"),
            [["CHAIN_BROKEN", "1"], ["log", "2"]])
        # The engine has told of it.
        self.assertEqual(self.alarms(self.above), [])

    def test_faults__what_is_known_is_no_stray_however_it_was_marked(self):
        self.pair.carry(self.below, self.above)
        batch = self.below.tell(self.above)
        for reason in ("CHAIN_BROKEN", "GAP"):
            batch.refuse(batch.entries[0], reason)
            outcome = self.above.store(self.below, batch)
            self.assertEqual((outcome["entries"], outcome["apart"]), (0, 0))
        self.assertEqual(self.alarms(self.above), [])

    def test_faults__what_the_chain_has_passed_is_not_added_to_the_log(self):
        batch = self.told()
        batch.refuse(batch.entries[0], "GAP")
        outcome = self.above.store(self.below, batch)
        self.assertEqual((outcome["entries"], outcome["apart"]), (1, 1))
        self.assertEqual(self.alarms(self.above), ["CHAIN_BROKEN"])

    def test_faults__the_last_signed_point_is_the_last_that_is_of_the_chain(self):
        self.pair.carry(self.below, self.above)
        self.assertEqual(self.above.cursor(self.below)[8], "0")
        stored = self.above.database.value(
            "SELECT cpts.unix_us(min(recorded_at)) FROM cpts.change_log;")
        self.assertEqual(self.above.cursor(self.below)[9], stored)
        hashes = [row[0] for row in self.above.database.query(
            "SELECT hash FROM cpts.change_log ORDER BY origin_position;")]
        key = "'\\x0102030405060708'"
        late = ("SELECT cleared_by = 'signed' FROM cpts.federation_alarm"
                " WHERE alarm = 'CHECKPOINT_LATE';")
        self.above.call("federation_alarm", "'national'", "'region/11'", "'CHECKPOINT_LATE'", "''",
                        "'2 after 0'")
        # Of another chain, beyond the end; then of this one.
        for position, chain, signed in ((2, hashes[0], "0"), (3, hashes[0], "0"),
                                        (1, hashes[0], "1")):
            self.above.call("federation_checkpoint_keep", "'national'", "'region/11'",
                            str(position), literal(chain), "5", f"'\\x{'00' * 64}'", key)
            self.assertEqual(self.above.cursor(self.below)[8], signed)
            self.assertEqual(self.above.database.value(late), "f")
        self.above.database.query("DELETE FROM cpts.sync_checkpoint WHERE position > 1;")
        self.above.call("federation_checkpoint_keep", "'national'", "'region/11'", "2",
                        literal(hashes[1]), "5", f"'\\x{'00' * 64}'", key)
        self.assertEqual(self.above.cursor(self.below)[8:10], ["2", "0"])
        self.assertEqual(self.above.database.value(late), "t")

    def test_faults__an_image_that_the_engine_refused_is_parked_with_its_reason(self):
        for reason in ("ORIGIN_FORGED", "OUT_OF_SCOPE"):
            with self.subTest(reason=reason):
                batch = self.told()
                batch.refuse(next(row for row in batch.images if row[2] == self.one.id), reason)
                self.check_parked(batch, reason)
                self.above.database.query(
                    "DELETE FROM cpts.parked_aggregate; DELETE FROM cpts.federation_alarm;"
                    " DELETE FROM cpts.change_log; DELETE FROM cpts.command;"
                    " DELETE FROM cpts.sync_cursor;"
                    f" DELETE FROM cpts.cpts WHERE cpts_id = '{self.other.id}';")

    def test_faults__a_fork_of_the_chain_is_kept_apart(self):
        self.pair.carry(self.below, self.above)
        batch = self.below.tell(self.above)
        batch.entries[1][16] = batch.entries[0][16]
        outcome = self.above.store(self.below, batch)
        self.assertEqual((outcome["entries"], outcome["apart"]), (0, 1))
        self.assertEqual(self.above.database.query("SELECT reason FROM cpts.stray_change;"),
                         [["FORKED"]])

    def test_faults__an_alarm_counts_and_is_taken_down(self):
        raised = ("federation_alarm", "'national'", "'region/11'", "'GAP'", "''", "'x'")
        self.assertEqual([self.above.call(*raised)[0][0] for _ in range(2)], ["1", "2"])
        listed = self.above.call("federation_alarm_list", "'national'", "''", "false", "9", "NULL")
        self.assertEqual(listed[0][1:6], ["region/11", "GAP", "", "x", "2"])
        clear = ("federation_alarm_clear", "'national'", listed[0][0], "'me'")
        self.assertEqual([self.above.call(*clear)[0][0] for _ in range(2)],
                         ["OK", "ALARM_NOT_FOUND"])
        self.assertEqual(self.alarms(self.above), [])


if __name__ == "__main__":
    psql.main()
