# SPDX-License-Identifier: Apache-2.0
"""Two databases, national and regional, and what one tells the other: after every exchange both have
the same, by digest and by row, however batches come."""
import os
import random
import sys
import unittest
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402
import sync_wire  # noqa: E402
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
                "INSERT INTO cpts.node (name, address, status) VALUES ('region/11', '', 'ENROLLED');"
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


if __name__ == "__main__":
    psql.main()
