# SPDX-License-Identifier: Apache-2.0
"""Carries what one database tells of itself to another one, through the very statements that nodes
use (sql/query/federation_*.sql), without nodes."""
import os
import random
import unittest
import uuid

import psql

ACTOR = "spiffe://a/user/1"

ENTRY = ("5 8 4 1 2 3 10 9 11 12 14 13 6 17 15 16", "text bigint int text uuid int text bigint text"
         " uuid bytea int text bytea bytea bytea")
WITHHELD = ("7 8 16", "bigint bigint bytea")
AGAIN = ("again", "boolean")
IMAGE = ("1 2 3 4 5 6 7 public", "text uuid int int text text int boolean")
OUTCOME = ("stored", "absorbed", "newly_parked", "parked", "entries", "apart")
ROW = ("n 1 7 8 18", "int text bigint bigint text")


def statement(name):
    path = os.path.join(psql.SOURCE, "sql", "query", f"{name}.sql")
    with open(path, encoding="utf-8") as file:
        return file.read()


def literal(value):
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"


def array(values, kind):
    def item(value):
        return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
    return literal("{" + ",".join(item(value) for value in values) + "}") + f"::{kind}[]"


# What is not a column itself: the image of a row, and what column 8 says of an image.
PLACES = {"n": lambda row: row["n"], "public": lambda row: int(row[8]) & 1,
          "again": lambda row: int(row[8]) >> 1}


def columns(shape, rows):
    """A list of array literals, a column each, of rows of the shape of federation_read."""
    places, kinds = (part.split() for part in shape)
    return [array([PLACES[place](row) if place in PLACES else row[int(place)] for row in rows],
                  kind) for place, kind in zip(places, kinds)]


class Batch:
    """What a source told: entries, runs withheld, images with their rows."""

    def __init__(self, told):
        self.head = told[0]
        self.entries = [row for row in told if row[0] == "E"]
        self.withheld = [row for row in told if row[0] == "W"]
        self.images = [row for row in told if row[0] == "I"]
        self.rows, self.refused = [], []
        number = 0
        for row in told:
            number += row[0] == "I"
            if row[0] == "R":
                self.rows.append({"n": number, **dict(enumerate(row))})

    @property
    def upto(self):
        return int(self.head[7])

    def refuse(self, row, reason):
        """As the engine marks an entry or an image."""
        self.refused.append((row, reason))

    def refusals(self, rows):
        """An array of the reasons for these rows, empty for most."""
        return array([next((why for one, why in self.refused if one is row), "")
                      for row in rows], "text")

    def kinds(self):
        return sorted({row[1] for row in self.rows})

    def image_arrays(self):
        return columns(IMAGE, self.images) + columns(ROW, self.rows)


class Side:
    """A node as far as its database goes."""

    def __init__(self, node, scope):
        self.node, self.scope = node, scope
        self.database = psql.Database()
        self.reference = self.database.value("SELECT max(version) FROM cpts.reference_version;")

    def call(self, name, *values, user="cpts_app", write=False, principal="p"):
        """Rows of a statement; values are literals of SQL."""
        script = f"PREPARE s AS\n{statement(name)};\nBEGIN ISOLATION LEVEL REPEATABLE READ;\n"
        if write:
            script = (f"PREPARE s AS\n{statement(name)};\nBEGIN;\n"
                      "SELECT FROM (SELECT pg_advisory_xact_lock(cpts.log_lock_key())) l;\n"
                      f"SELECT FROM cpts.log_begin('{self.node}');\n")
        script += ("SELECT FROM set_config('app.scope', '*', true) AS a,"
                   f" set_config('app.principal', {literal(principal)}, true) AS b;\n")
        rows = self.database.query(
            script + f"EXECUTE s({', '.join(values)});\n"
            + ("SELECT FROM cpts.log_notify();\n" if write else "") + "COMMIT;\n", user=user)
        return [row for row in rows if row]

    def tell(self, peer, name="federation_read", after=0, changes=4096, size=64 << 20):
        return Batch(self.call(name, literal(self.node), literal(peer.node), literal(peer.scope),
                               str(after), str(changes), str(size)))

    def fetch(self, peer, *aggregates):
        """Whole images of (kind, id)."""
        return Batch(self.call(
            "federation_fetch", literal(self.node), literal(peer.node), literal(peer.scope),
            array([kind for kind, _ in aggregates], "text"),
            array([one for _, one in aggregates], "uuid")))

    def cursor(self, peer):
        return self.call("federation_cursor", literal(self.node), literal(peer.node))[0]

    def store(self, peer, batch, words="", upto=None):
        """Applies a batch as cptsd would; what became of it."""
        last = (batch.entries or batch.withheld or [None])[-1]
        position, chain = self.cursor(peer)[4:6]
        if batch.entries or batch.withheld:
            last = max(batch.entries + batch.withheld, key=lambda row: int(row[8]))
            position, chain = last[8], last[16]
        values = [literal(self.node), literal(peer.node),
                  literal(peer.scope), literal(words), "1",
                  str(batch.upto if upto is None else upto), str(batch.head[8]),
                  "sha256('')", "1", str(position), literal(chain)]
        values += columns(ENTRY, batch.entries) + columns(WITHHELD, batch.withheld)
        values += batch.image_arrays() + [batch.refusals(batch.entries),
                                          batch.refusals(batch.images)]
        values += columns(AGAIN, batch.images)
        found = self.call("federation_apply", *values, write=True)[0]
        return dict(zip(OUTCOME, map(int, found)))

    def digests(self, peer, as_source):
        """{(kind, id): (version, digest)} of all buckets."""
        rows = self.call("federation_digest_buckets", literal(self.node), literal(peer.node),
                         literal(peer.scope), str(as_source).lower(), array(range(256), "int"))
        return {(row[1], row[2]): (row[3], row[4]) for row in rows}


class Pair:
    """The national node and a regional one, each with a database."""

    def __init__(self, region="11"):
        self.above = Side("national", "*")
        self.below = Side(f"region/{region}", f"region:{region}")
        self.region = region

    def drop(self):
        self.above.database.drop()
        self.below.database.drop()

    def snapshot(self, source, sink, most=2):
        """Everything anew, in chunks; gives how many, and what became of it."""
        snapshot_id, chunk, last, first = uuid.uuid4(), 0, ("NULL", "NULL"), None
        while True:
            told = Batch(source.call("federation_snapshot", literal(source.node),
                                     literal(sink.node), literal(sink.scope), *last, str(most),
                                     str(64 << 20)))
            first = first or told.head
            if not told.images:
                break
            images = told.image_arrays()
            del images[6]  # since which version: a snapshot is whole
            sink.call("federation_stage", literal(sink.node), literal(source.node),
                      literal(snapshot_id), str(chunk), first[7], *images,
                      told.refusals(told.images))
            last = tuple(map(literal, told.images[-1][1:3]))
            chunk += 1
        return chunk, self.activate(source, sink, snapshot_id, chunk, first)

    @staticmethod
    def activate(source, sink, snapshot_id, chunk_count, head):
        found = sink.call(
            "federation_activate", literal(sink.node), literal(source.node), literal(source.scope),
            "''", literal(snapshot_id), str(chunk_count), "1", head[7], head[7], "sha256('')", "1",
            head[8], literal(head[16]), write=True)[0]
        return dict(zip(OUTCOME, map(int, found)))

    def carry(self, source, sink, changes=4096):
        """Everything that the sink does not have yet; the outcomes of its batches."""
        outcomes = []
        while True:
            batch = source.tell(sink, after=int(sink.cursor(source)[1]), changes=changes)
            if batch.upto == int(sink.cursor(source)[1]):
                return outcomes
            outcomes.append(sink.store(source, batch))


class Cpts:
    """A CPTS at its owner's, changed by the statements of commands."""

    def __init__(self, side, region="11"):
        self.side, self.region, self.version = side, region, 0
        self.id = str(uuid.UUID(int=random.getrandbits(128), version=4))

    def command(self, statement, *values):
        command_id = uuid.uuid4()
        rows = self.side.call(statement, literal(ACTOR), literal(command_id),
                              f"sha256('{command_id}')", literal(self.id), literal(self.side.node),
                              f"'{statement} {command_id}'::bytea", *values, write=True,
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
        return self.command("cpts_update", str(self.version), literal(f"CPTS {random.random()}"),
                            "NULL", literal(f"https://{random.random()}"))

    def settle(self):
        """Another territory, from a random date on."""
        units = random.sample(("01001", "01002", "01004", "01005", "01006", "01007"), 3)
        self.command("cpts_territory_set", str(self.version),
                     f"'2022-01-{random.randint(1, 28):02}'", literal("{" + ",".join(units) + "}"),
                     "'{0.1,0.1,0.1}'", self.side.reference)

    def count(self):
        self.command("capacity_record", str(self.version), "'{2026-01-05}'", "'{PLACES}'",
                     "'{\"\"}'", f"'{{{random.randint(0, 99)}}}'")

    def change(self):
        random.choice((self.rename, self.settle, self.count))()


class Case(unittest.TestCase):
    """A national node, and one of region 11, which is enrolled."""

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

    def record(self, side, kind, aggregate_id, event, version=1, region="11", epoch=1, before=""):
        """An entry of the log, as the command has that changed the aggregate (before: SQL)."""
        side.database.query(
            "BEGIN; SELECT FROM pg_advisory_xact_lock(cpts.log_lock_key());"
            f" SELECT FROM cpts.log_begin('{side.node}'); {before}"
            f" SELECT FROM cpts.log_append('{kind}', '{aggregate_id}', {version}, {epoch},"
            f" '{event}', '{region}', '{event}', '{ACTOR}', gen_random_uuid(), sha256('x'));"
            " COMMIT;")

    def parked(self, side):
        return side.database.query(
            "SELECT aggregate_id, reason FROM cpts.parked_aggregate WHERE rejected_at IS NULL"
            " ORDER BY 2;")

    def alarms(self, side):
        return [row[0] for row in side.database.query(
            "SELECT alarm FROM cpts.federation_alarm WHERE cleared_at IS NULL ORDER BY 1;")]
