# SPDX-License-Identifier: Apache-2.0
"""Two databases, national and regional, and what one tells the other: after every exchange both
have the same, by digest and by row, however batches come."""
import os
import random
import sys
import unittest
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402
import test_sql_constraints as constraints  # noqa: E402
from sync_wire import Pair, literal  # noqa: E402

ACTOR = "spiffe://a/user/1"
UNITS = ("01001", "01002", "01004", "01005", "01006")


class Cpts:
    """A CPTS at its owner's, changed by the statements of commands."""

    def __init__(self, side, region="11"):
        self.side, self.region, self.version = side, region, 0
        self.id = str(uuid.UUID(int=random.getrandbits(128), version=4))

    def command(self, statement, *values):
        command_id = uuid.uuid4()
        rows = self.side.call(statement, literal(ACTOR), literal(command_id),
                              f"sha256('{command_id}')", literal(self.id), literal(self.side.node),
                              f"'{statement} {self.version}'::bytea", *values, write=True,
                              principal=ACTOR)
        assert rows[0][0] == "OK", rows
        self.version = int(rows[0][2])
        return command_id

    def create(self):
        self.command("cpts_create", literal(f"CPTS {self.id[:4]}"), literal(self.region), "true",
                     "''", "''", "'{EMERGENCE,LETTRE_INTENTION}'", "'{2020-01-01,2021-01-01}'",
                     "'{\"\",\"\"}'", "'{01001,01002}'", "'{1,0.5}'", "'infinity'", "'{}'", "'{}'",
                     "'{}'", "'{}'", "'2021-01-01'", self.side.reference)
        return self

    def rename(self):
        self.command("cpts_update", str(self.version), literal(f"CPTS {random.random()}"), "NULL",
                     literal(f"https://{random.random()}"))


class Exchange(unittest.TestCase):
    def setUp(self):
        random.seed(self.id())
        self.pair = Pair()
        self.addCleanup(self.pair.drop)
        self.above, self.below = self.pair.above, self.pair.below
        for side in (self.above, self.below):
            side.database.query(
                "INSERT INTO cpts.node (name, address, status)"
                " VALUES ('region/11', '', 'ENROLLED');"
                " INSERT INTO cpts.region_owner VALUES ('11', 'region/11', 1);")

    def check_same(self, source, sink, count=None):
        told, stored = source.digests(sink, True), sink.digests(source, False)
        self.assertEqual(told, stored)
        if count is not None:
            self.assertEqual(len(told), count)

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

    def record(self, side, kind, aggregate_id, event, version=1, region="11"):
        """An entry of the log, as the command has that changed the aggregate."""
        side.database.query(
            "BEGIN; SELECT FROM pg_advisory_xact_lock(cpts.log_lock_key());"
            f" SELECT FROM cpts.log_begin('{side.node}');"
            f" SELECT FROM cpts.log_append('{kind}', '{aggregate_id}', {version}, 1, '{event}',"
            f" '{region}', '{event}', '{ACTOR}', gen_random_uuid(), sha256('x')); COMMIT;")

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
            " WHERE c.relnamespace = 'cpts'::regnamespace AND c.relkind = 'r' AND NOT a.attisdropped"
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


if __name__ == "__main__":
    psql.main()
