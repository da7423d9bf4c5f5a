# SPDX-License-Identifier: Apache-2.0
"""Carries what one database tells of itself to another one, through the very statements that nodes
use (sql/query/federation_*.sql), without nodes."""
import os

import psql

ENTRY = ("5 8 4 1 2 3 10 9 11 12 14 13 6 17 15 16", "text bigint int text uuid int text bigint text"
         " uuid bytea int text bytea bytea bytea")
WITHHELD = ("7 8 16", "bigint bigint bytea")
IMAGE = ("1 2 3 4 5 6 7 8", "text uuid int int text text int boolean")
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


def columns(shape, rows):
    """A list of array literals, a column each, of rows of the shape of federation_read."""
    places, kinds = (part.split() for part in shape)
    return [array([row["n"] if place == "n" else row[int(place)] for row in rows], kind)
            for place, kind in zip(places, kinds)]


class Batch:
    """What a source told: entries, runs withheld, images with their rows."""

    def __init__(self, told):
        self.head = told[0]
        self.entries = [row for row in told if row[0] == "E"]
        self.withheld = [row for row in told if row[0] == "W"]
        self.images = [row for row in told if row[0] == "I"]
        self.rows = []
        number = 0
        for row in told:
            number += row[0] == "I"
            if row[0] == "R":
                self.rows.append({"n": number, **dict(enumerate(row))})

    @property
    def upto(self):
        return int(self.head[7])

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
        found = self.call("federation_apply", *values, *batch.image_arrays(), write=True)[0]
        return dict(zip(("stored", "absorbed", "newly_parked", "parked", "entries", "apart"),
                        map(int, found)))

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

    def carry(self, source, sink, changes=4096):
        """Everything that the sink does not have yet; the outcomes of its batches."""
        outcomes = []
        while True:
            batch = source.tell(sink, after=int(sink.cursor(source)[1]), changes=changes)
            if batch.upto == int(sink.cursor(source)[1]):
                return outcomes
            outcomes.append(sink.store(source, batch))
