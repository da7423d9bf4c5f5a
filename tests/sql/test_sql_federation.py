# SPDX-License-Identifier: Apache-2.0
"""Two databases, national and regional, and what one tells the other: after every exchange both
have the same, by digest and by row, however batches come."""
import os
import random
import sys
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402
import test_sql_constraints as constraints  # noqa: E402
import sync_wire  # noqa: E402
from sync_wire import Batch, Cpts, literal  # noqa: E402


class Exchange(sync_wire.Case):
    def test_federation__what_a_region_records_is_the_same_above(self):
        one, two = Cpts(self.below).create(), Cpts(self.below).create()
        for _ in range(3):
            one.rename()
        self.pair.carry(self.below, self.above)
        self.check_same(self.below, self.above, 2)
        two.rename()
        one.rename()
        self.pair.carry(self.below, self.above)
        self.check_same(self.below, self.above, 2)

    def insert(self, side, table, **changes):
        row = {**constraints.VALID[table], **changes}
        side.database.query(f"INSERT INTO cpts.{table} ({', '.join(row)})"
                            f" VALUES ({', '.join(row.values())});")

    def rows(self, side, table):
        """Rows of a table without what each node dates itself."""
        return side.database.query(
            "SELECT (to_jsonb(t) - '{recorded_from,created_at}'::text[] - CASE WHEN"
            " to_jsonb(t) ->> 'recorded_to' = 'infinity' THEN 'x' ELSE 'recorded_to' END)::text"
            f" FROM cpts.{table} t ORDER BY 1;")

    def test_federation__every_table_of_an_aggregate_is_in_the_catalogue(self):
        """Tables with the key of an aggregate; the others belong to the node alone."""
        found = self.above.database.query(
            "SELECT DISTINCT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relnamespace = 'cpts'::regnamespace AND c.relkind = 'r'"
            " AND NOT a.attisdropped"
            " AND a.attname IN ('cpts_id', 'referral_id', 'pathway_id', 'attachment_id')"
            " AND NOT EXISTS (SELECT FROM cpts.sync_table s WHERE s.table_name = c.relname)"
            " ORDER BY 1;")
        self.assertEqual([name for name, in found], ["audit_read", "parked_act"])

    def tables(self, kind):
        return [name for name, in self.above.database.query(
            f"SELECT table_name FROM cpts.sync_table WHERE aggregate_kind = '{kind}'"
            " ORDER BY rank;")]

    def test_federation__a_row_of_every_table_arrives(self):
        for source, sink, kinds in ((self.below, self.above, ("CPTS", "REFERRAL", "PATHWAY")),
                                    (self.above, self.below, ("KEY", "ZONING"))):
            wanted = {"owner_node": f"'{source.node}'", "origin_region": "'11'",
                      "lead_region": "'11'", "region": "'11'"}
            for kind in kinds:
                for table in self.tables(kind):
                    self.insert(source, table, **{
                        column: value for column, value in wanted.items()
                        if column in constraints.VALID[table]})
                self.record(source, kind, constraints.ID.strip("'") if kind != "ZONING" else
                            source.database.value("SELECT cpts.zoning_id('11');"), f"{kind}_MADE")
            outcomes = self.pair.carry(source, sink)
            self.assertEqual([one["parked"] for one in outcomes], [0], sink.database.query(
                "SELECT reason, detail FROM cpts.parked_aggregate;"))
            self.check_same(source, sink)
            for table in (name for kind in kinds for name in self.tables(kind)):
                with self.subTest(table=table):
                    found = self.rows(sink, table)
                    self.assertEqual(found, self.rows(source, table))
                    self.assertEqual(len(found), 1)

    def test_federation__batches_of_any_size_arrive_at_the_same(self):
        """Random commands of three CPTS; each image is told as of the end of its batch."""
        known = [Cpts(self.below).create() for _ in range(3)]
        for _ in range(24):
            random.choice(known).change()
        for changes in (1, 2, 3, 5, 100):
            batch = self.below.tell(self.above, after=int(self.above.cursor(self.below)[1]),
                                    changes=changes)
            versions = {row[2]: int(row[3]) for row in batch.entries}
            self.assertEqual({row[2]: int(row[3]) for row in batch.images}, versions)
            self.above.store(self.below, batch)
            for one, version in versions.items():
                self.assertEqual(self.above.database.value(
                    f"SELECT version FROM cpts.cpts WHERE cpts_id = '{one}';"), str(version))
        self.check_same(self.below, self.above, 3)
        self.assertEqual(self.above.database.value("SELECT count(*) FROM cpts.change_log;"), "27")

    def test_federation__repeated_and_late_batches_change_nothing(self):
        one = Cpts(self.below).create()
        for _ in range(6):
            one.change()
        first = self.below.tell(self.above, changes=3)
        self.above.store(self.below, first)
        self.pair.carry(self.below, self.above)
        before = [self.rows(self.above, table) for table in self.tables("CPTS")]
        for batch in (first, self.below.tell(self.above)):
            outcome = self.above.store(self.below, batch)
            self.assertEqual((outcome["stored"], outcome["absorbed"], outcome["entries"]),
                             (0, 1, 0))
        self.assertEqual([self.rows(self.above, table) for table in self.tables("CPTS")], before)
        self.check_same(self.below, self.above, 1)

    def test_federation__snapshot_then_the_log(self):
        """What the peer has no more goes; belief is the owner's where nothing was answered yet."""
        known = [Cpts(self.below).create() for _ in range(5)]
        for one in known:
            one.change()
        chunks, outcome = self.pair.snapshot(self.below, self.above)
        self.assertEqual((chunks, outcome["stored"], outcome["parked"]), (3, 5, 0))
        self.check_same(self.below, self.above, 5)
        created = "SELECT cpts_id, created_at FROM cpts.cpts ORDER BY 1;"
        self.assertEqual(self.above.database.query(created), self.below.database.query(created))
        known[0].change()
        self.assertEqual(len(self.pair.carry(self.below, self.above)), 1)
        self.check_same(self.below, self.above, 5)
        self.above.database.query("UPDATE cpts.cpts_stage SET stage = 'ACI_SIGNE';"
                                  " DELETE FROM cpts.cpts_territory;")
        self.assertEqual(self.pair.snapshot(self.below, self.above)[1]["stored"], 5)
        self.check_same(self.below, self.above, 5)

    def test_federation__snapshot_that_is_not_staged_whole_removes_nothing(self):
        """As when it was put in place already, by another session or a first try."""
        for _ in range(3):
            Cpts(self.below).create()
        self.pair.snapshot(self.below, self.above)
        cursor = self.above.cursor(self.below)
        head = Batch(self.below.call("federation_snapshot", "'region/11'", "'national'", "'*'",
                                     "NULL", "NULL", "2", "65536")).head
        for chunk_count in (1, 2):
            with self.assertRaises(psql.SqlError) as caught:
                self.pair.activate(self.below, self.above, uuid.uuid4(), chunk_count, head)
            self.assertEqual(caught.exception.sqlstate, "CPF02")
        self.check_same(self.below, self.above, 3)
        self.assertEqual(self.above.cursor(self.below), cursor)

    def test_federation__repair_brings_back_what_differs(self):
        one, other = Cpts(self.below).create(), Cpts(self.below).create()
        self.pair.carry(self.below, self.above)
        self.above.database.query(f"DELETE FROM cpts.cpts_stage WHERE cpts_id = '{one.id}';"
                                  f" UPDATE cpts.cpts SET name = 'x' WHERE cpts_id = '{one.id}';")
        told, stored = self.below.digests(self.above, True), self.above.digests(self.below, False)
        self.assertEqual([key for key in told if told[key] != stored[key]], [("CPTS", one.id)])
        outcome = self.above.store(self.below, self.below.fetch(self.above, ("CPTS", one.id)),
                                   "repair")
        self.assertEqual((outcome["stored"], outcome["entries"]), (1, 0))
        self.check_same(self.below, self.above, 2)
        self.assertEqual(self.above.cursor(self.below)[1], "2")
        other.rename()

    def test_federation__what_was_answered_stays_true(self):
        """Instants of belief are the sink's own: a name is what it was called here then."""
        one = Cpts(self.below).create()
        self.pair.carry(self.below, self.above)
        asked = ("SELECT coalesce((SELECT f.name FROM cpts.cpts_former f"
                 " WHERE f.cpts_id = c.cpts_id AND f.recorded_from <= '{0}'"
                 " AND f.recorded_to > '{0}'), c.name)"
                 " FROM cpts.cpts c WHERE c.created_at <= '{0}';")
        instants = []
        for _ in range(3):
            instants.append(self.above.database.value("SELECT cpts.log_instant();"))
            for _ in range(random.randint(1, 3)):
                one.rename()
            before = [self.above.database.query(asked.format(at)) for at in instants]
            self.pair.carry(self.below, self.above)
            self.assertEqual([self.above.database.query(asked.format(at)) for at in instants],
                             before)
        self.check_same(self.below, self.above, 1)

    def test_federation__a_command_is_known_after_a_hand_over(self):
        one = Cpts(self.below).create()
        command_id = one.rename()
        self.pair.carry(self.below, self.above)
        self.record(self.below, "CPTS", one.id, "OWNERSHIP_RELEASED", 3, epoch=2, before=(
            "UPDATE cpts.cpts SET owner_node = 'national', epoch = 2, version = 3;"))
        self.pair.carry(self.below, self.above)
        self.check_same(self.above, self.below)
        self.assertEqual(self.above.database.query("SELECT owner_node, epoch FROM cpts.cpts;"),
                         [["national", "2"]])
        answer = self.above.call(
            "cpts_update", literal(sync_wire.ACTOR), literal(command_id), f"sha256('{command_id}')",
            literal(one.id), "'national'", "'x'", "1", "'x'", "NULL", "NULL", write=True,
            principal=sync_wire.ACTOR)[0]
        self.assertEqual(answer[:3], ["REPLAYED", one.id, "2"])


if __name__ == "__main__":
    psql.main()
