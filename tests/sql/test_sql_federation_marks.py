# SPDX-License-Identifier: Apache-2.0
"""What a node stored without an entry of its log, told on to its own peers: repairs, snapshots, the
directory of other regions; once, and to nobody who told it."""
import hashlib
import os
import sys
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402
import sync_wire  # noqa: E402
from sync_wire import Cpts, Side, literal  # noqa: E402

REPLICA = "3f000000-0000-4000-8000-000000000001"
MARKS = "SELECT aggregate_id, position, peer FROM cpts.sync_mark ORDER BY 1;"
CARD = ("SELECT c.name, (SELECT count(*) FROM cpts.cpts_territory t WHERE t.cpts_id = c.cpts_id)"
        " FROM cpts.cpts c WHERE c.cpts_id = '{}';")


class Reader:
    """A replica of a CPTS: it reads, and that is all of it here."""

    def __init__(self, source, cpts_id=REPLICA):
        self.node, self.scope, self.source = f"cpts/{cpts_id}", f"cpts:{cpts_id}", source
        source.call("federation_acknowledged", literal(source.node), literal(self.node), "0")
        self.position = int(source.database.value("SELECT cpts.log_head();"))

    def read(self, **limits):
        batch = self.source.tell(self, after=self.position, **limits)
        self.position = batch.upto
        return batch


class Marks(sync_wire.Case):
    def setUp(self):
        super().setUp()
        self.other = Side("region/52", "region:52")
        self.addCleanup(self.other.database.drop)
        for side in (self.above, self.below, self.other):
            side.database.query(
                "INSERT INTO cpts.node (name, address, status)"
                " VALUES ('region/52', '', 'ENROLLED') ON CONFLICT DO NOTHING;")

    def told(self, batch):
        return sorted(row[2] for row in batch.images)

    def spoil(self, side, one):
        side.database.query(f"UPDATE cpts.cpts SET name = 'x' WHERE cpts_id = '{one.id}';"
                            f" DELETE FROM cpts.cpts_territory WHERE cpts_id = '{one.id}';")

    def test_marks__a_repair_above_reaches_another_region(self):
        one = Cpts(self.below).create()
        self.pair.carry(self.below, self.above)
        self.pair.carry(self.above, self.other)
        card = self.below.database.query(CARD.format(one.id))
        self.spoil(self.above, one)
        self.spoil(self.other, one)
        self.above.store(self.below, self.below.fetch(self.above, ("CPTS", one.id)), "repair")
        self.assertEqual(self.above.database.query(MARKS), [[one.id, "2", "region/11"]])
        outcomes = self.pair.carry(self.above, self.other)
        self.assertEqual([one["stored"] for one in outcomes], [1])
        self.assertEqual(self.other.database.query(CARD.format(one.id)), card)
        self.check_same(self.above, self.other)

    def test_marks__who_told_it_is_not_told(self):
        one = Cpts(self.below).create()
        self.pair.carry(self.below, self.above)
        self.above.store(self.below, self.below.fetch(self.above, ("CPTS", one.id)), "repair")
        batch = self.above.tell(self.below)
        self.assertEqual((batch.entries, batch.images), ([], []))
        self.assertEqual([row[7:9] for row in batch.withheld], [["1", "1"]])

    def test_marks__a_snapshot_reaches_a_replica_of_the_region(self):
        known = sorted(Cpts(self.above, "52").create().id for _ in range(3))
        replica = Reader(self.below)
        self.pair.snapshot(self.above, self.below)
        batch = replica.read()
        self.assertEqual((self.told(batch), batch.entries), (known, []))
        self.assertEqual({(row[7], row[8]) for row in batch.images}, {("0", "3")})
        self.assertEqual(replica.read().images, [])

    def test_marks__the_directory_of_others_reaches_a_replica(self):
        far = Cpts(self.above, "52").create()
        replica = Reader(self.below)
        self.pair.carry(self.above, self.below)
        self.assertEqual(self.told(replica.read()), [far.id])
        far.rename()
        self.pair.carry(self.above, self.below)
        self.assertEqual([row[2:4] for row in replica.read().images], [[far.id, "2"]])
        self.assertEqual(self.below.database.query(MARKS), [[far.id, "2", "national"]])

    def test_marks__what_has_an_entry_has_no_mark(self):
        Reader(self.below)
        Cpts(self.below).create()
        self.pair.carry(self.below, self.above)
        self.assertEqual(self.above.database.query(MARKS), [])
        self.assertEqual(self.above.database.value("SELECT cpts.log_head();"), "1")

    def test_marks__nobody_else_reads_no_mark(self):
        Cpts(self.above, "52").create()
        self.pair.carry(self.above, self.below)
        self.assertEqual(self.below.database.query(MARKS), [])
        self.assertEqual(self.below.database.value("SELECT cpts.log_head();"), "0")

    def test_marks__it_comes_to_rest(self):
        """Three nodes, each of which marks: all is told after one round, and nothing once more."""
        Reader(self.below)
        Reader(self.other)
        near, far = Cpts(self.below).create(), Cpts(self.above, "52").create()
        sides = [(self.below, self.above), (self.above, self.below), (self.above, self.other),
                 (self.other, self.above)]
        for source, sink in sides * 2:
            self.pair.carry(source, sink)
        heads = [side.database.value("SELECT cpts.log_head();")
                 for side in (self.above, self.below, self.other)]
        self.assertEqual([outcome for source, sink in sides
                          for outcome in self.pair.carry(source, sink)], [])
        # Each has both creations; the node above also what each of two says that it marked.
        self.assertEqual(heads, ["4", "2", "2"])
        self.assertEqual([[row[0] for row in side.database.query(MARKS)]
                          for side in (self.below, self.other)], [[far.id], [near.id]])

    def test_marks__an_older_one_told_again_changes_nothing(self):
        far = Cpts(self.above, "52").create()
        old = self.above.fetch(self.below, ("CPTS", far.id))
        old.images[0][8] = "3"
        far.rename()
        self.pair.carry(self.above, self.below)
        outcome = self.below.store(self.above, old, upto=2)
        self.assertEqual((outcome["stored"], outcome["absorbed"]), (0, 1))

    def test_marks__one_of_its_own_is_not_replaced(self):
        own = Cpts(self.below).create()
        self.pair.carry(self.below, self.above)
        batch = self.above.fetch(self.below, ("CPTS", own.id))
        batch.images[0][8] = "2"
        outcome = self.below.store(self.above, batch, upto=0)
        self.assertEqual((outcome["stored"], outcome["absorbed"]), (0, 1))

    def test_marks__a_fenced_node_adds_nothing_to_its_chain(self):
        far = Cpts(self.above, "52").create()
        Reader(self.below)
        self.below.database.query("INSERT INTO cpts.node_self (name, read_only)"
                                  " VALUES ('region/11', 'FENCED');")
        self.assertEqual([one["stored"] for one in self.pair.carry(self.above, self.below)], [1])
        self.assertEqual(self.below.database.query(MARKS), [])
        self.assertTrue(far.id)


class Many(sync_wire.Case):
    COUNT = 300

    def setUp(self):
        super().setUp()
        self.replica = Reader(self.below)
        self.above.database.query(
            "INSERT INTO cpts.cpts (cpts_id, owner_node, epoch, version, name, lead_region, stage,"
            " stage_on, synthetic, created_at, updated_at, published)"
            " SELECT ('4f000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'national', 1,"
            " 1, 'CPTS ' || n, '52', 'EMERGENCE', '2020-01-01', true, now(), now(), true"
            f" FROM generate_series(1, {self.COUNT}) n;")
        self.pair.snapshot(self.above, self.below, most=256)

    def test_marks__as_many_an_entry_as_a_batch_tells(self):
        counts = self.below.database.query(
            "SELECT position, count(*) FROM cpts.sync_mark GROUP BY 1 ORDER BY 1;")
        self.assertGreater(len(counts), 1)
        self.assertEqual([row[0] for row in counts],
                         [str(place) for place in range(1, len(counts) + 1)])
        self.assertLessEqual(max(int(row[1]) for row in counts), 256)
        self.assertEqual(sum(int(row[1]) for row in counts), self.COUNT)
        batches = [self.replica.read(changes=1) for _ in range(len(counts) + 1)]
        self.assertEqual([len(batch.images) for batch in batches],
                         [int(row[1]) for row in counts] + [0])

    def test_marks__the_entry_says_which(self):
        parts = self.below.database.query(
            "SELECT l.origin_position, l.aggregate_kind, l.kind, encode(l.bytes, 'hex'),"
            " string_agg(m.aggregate_kind || ' ' || m.aggregate_id || chr(10), ''"
            " ORDER BY m.aggregate_id), count(*), l.aggregate_id"
            " FROM cpts.change_log l JOIN cpts.sync_mark m ON m.position = l.local_position"
            " GROUP BY l.local_position ORDER BY 1;")
        derived = bytearray(hashlib.sha256(b"cpts.node\0region/11").digest()[:16])
        derived[6], derived[8] = derived[6] & 15 | 128, derived[8] & 63 | 128
        for position, (at, kind, event, packed, lines, count, node) in enumerate(parts, 1):
            self.assertEqual((at, kind, event), (str(position), "NODE", "IMAGES_TO_TELL"))
            self.assertEqual(node, str(uuid.UUID(bytes=bytes(derived))))
            number = int(count)
            number = bytes([number]) if number < 128 else bytes([number & 127 | 128, number >> 7])
            event = (b"\x0a\x08national\x10" + number + b"\x1a\x20"
                     + hashlib.sha256(lines.encode()).digest())
            self.assertEqual(packed, (b"\x08\x01\x12\x24" + node.encode() + b"\xfa\x07"
                                      + bytes([len(event)]) + event).hex())


if __name__ == "__main__":
    psql.main()
