# SPDX-License-Identifier: Apache-2.0
"""What the nodes of a federation hold, and whether it is the same: computed here from
rows, by nothing that the product computes itself. Nothing lost, nothing twice, nobody
sees more than its scope.
"""
import hashlib
from dataclasses import dataclass, field

import reach  # noqa: F401
import daemon
from facts import decode

NO_HASH = "00" * 32
# What a node tells without a change of its own.
NO_COMMAND = "IMAGES_TO_TELL"
SENTENCES_MAX = 12
# By kind of aggregate: its head's table, the column with its id, and the tables of its
# rows. Every table of the schema is here or in LOCAL; test_federation_ledger.py looks.
KINDS = {
    "CPTS": ("cpts", "cpts_id", (
        "cpts", "cpts_stage", "cpts_territory", "cpts_population", "cpts_former", "cpts_correction",
        "cpts_identity", "cpts_document", "cpts_milestone", "cpts_filing", "cpts_clock",
        "cpts_mission", "cpts_mission_plan", "cpts_crisis", "cpts_member", "cpts_representative",
        "cpts_adhesion", "cpts_member_count", "cpts_indicator_target", "cpts_indicator_value",
        "cpts_capacity", "cpts_lead", "referral_opt_in")),
    "REFERRAL": ("referral", "referral_id", (
        "referral", "assignment", "referral_candidate", "referral_clock", "referral_content",
        "referral_note")),
    "ATTACHMENT": ("referral_attachment", "attachment_id", (
        "referral_attachment", "referral_chunk")),
    "PATHWAY": ("pathway", "pathway_id", ("pathway",)),
    "KEY": ("key_statement", "cpts_id", ("key_statement",)),
    "ZONING": ("unit_zoning", "region", ("unit_zoning",)),
}
# What everybody may see of a CPTS of another region.
PUBLIC = frozenset({"cpts", "cpts_former", "cpts_stage", "cpts_territory", "cpts_population",
                    "cpts_identity", "cpts_milestone", "cpts_capacity", "cpts_member_count",
                    "cpts_lead", "referral_opt_in"})
# Kinds that everybody has, and those that follow the referral in this column.
FOR_ALL = ("KEY", "ZONING")
FOLLOWS = {"ATTACHMENT": "referral_id"}
# Nobody has what is not whole but the node that it is brought to.
UPLOADED = "complete"
# When a node believed a row is its own affair; that it believes it no more is not.
OWN_COLUMNS = {"*": ("recorded_from", "recorded_to"), "cpts": ("created_at",)}
# Each node reckons it with its own reference data: the last digits may differ.
RECKONED = {"cpts_population": "population_count"}
RECKONED_DIGITS = 6
LOG = """SELECT local_position, origin_node, origin_position, epoch, aggregate_kind, aggregate_id,
    version, kind, actor, command_id, lead_region, encode(bytes, 'hex') AS bytes,
    encode(prev_hash, 'hex') AS prev_hash, encode(hash, 'hex') AS hash
    FROM cpts.change_log ORDER BY local_position"""
# Of its own chain, what came back to a node when its place in the log was passed, and what did not.
ASIDE = LOG.replace("local_position,", "").replace("cpts.change_log ORDER BY local_position",
                                                   "cpts.stray_change WHERE reason = 'GIVEN_BACK'")
LOST = """SELECT first_position, last_position, encode(w.hash, 'hex') AS hash
    FROM cpts.sync_withheld w JOIN cpts.node_self s ON s.name = w.origin_node"""


@dataclass
class Holding:
    """What one node holds. log: entries as dictionaries in the order of the node ·
    rows: {(kind, id): {(table, text of a row, is it believed no more)}} · aside: entries of its
    own that it lost and got back, but not into the log · lost: runs of its own chain that it has
    not in the log: {first position: (last, its hash)}"""
    node: str
    log: list = field(default_factory=list)
    rows: dict = field(default_factory=dict)
    aside: list = field(default_factory=list)
    lost: dict = field(default_factory=dict)

    @property
    def entries(self):
        return self.log + self.aside

    @property
    def region(self):
        return self.node.partition("/")[2]


def _row_query(kind, table, column):
    own = [*OWN_COLUMNS["*"], *OWN_COLUMNS.get(table, ())]
    body = "to_jsonb(t)" + "".join(f" - '{name}'" for name in own)
    if table in RECKONED:
        body = f"jsonb_set({body}, '{{{RECKONED[table]}}}', to_jsonb(round(" \
               f"t.{RECKONED[table]}::numeric, {RECKONED_DIGITS})))"
    return (f"SELECT '{kind}', '{table}', t.{column}, ({body})::text,"
            " coalesce(to_jsonb(t)->>'recorded_to' <> 'infinity', false)"
            f" FROM cpts.{table} t;")


def read(member):
    """What a node holds now, in one consistent read."""
    script = "BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL TimeZone = 'UTC';"
    for name, query in (("log", LOG), ("aside", ASIDE), ("lost", LOST)):
        script += f"SELECT '{name}', row_to_json(t) FROM ({query}) t;"
    for kind, (_, column, tables) in KINDS.items():
        script += "".join(_row_query(kind, table, column) for table in tables)
    found = Holding(member.node)
    for row in member.database.query(script + "COMMIT;"):
        if row[0] in ("log", "aside"):
            getattr(found, row[0]).append(daemon.json.loads(row[1]))
        elif row[0] == "lost":
            run = daemon.json.loads(row[1])
            found.lost[run["first_position"]] = run["last_position"], run["hash"]
        else:
            kind, table, key, text, closed = row
            found.rows.setdefault((kind, key), set()).add((table, text, closed))
    for key in [key for key in found.rows if key[0] in FOLLOWS]:
        row = head(found.rows[key], key[0])
        if row is not None and not row[UPLOADED]:
            del found.rows[key]
    return found


def digest(rows):
    """SHA-256 over the rows of an aggregate in their order as text."""
    return hashlib.sha256("\n".join(sorted("\t".join(row) for row in rows)).encode()).hexdigest()


def head(rows, kind):
    """The row that says who owns an aggregate; None when there is none."""
    table = KINDS[kind][0]
    heads = [daemon.json.loads(text) for name, text, _ in rows if name == table]
    return heads[0] if len(heads) == 1 else None


class Federation:
    """Holdings of all nodes, the national one first, and what should be where."""

    def __init__(self, holdings):
        self.nodes = {holding.node: holding for holding in holdings}
        self.national = holdings[0]
        self.enrolled = {holding.region: holding.node for holding in holdings[1:]}
        self.regions_of = self._lead_regions()

    def _lead_regions(self):
        found = {}
        for holding in self.nodes.values():
            for (kind, key), rows in holding.rows.items():
                if kind == "CPTS" and (row := head(rows, kind)) is not None:
                    found[key] = row["lead_region"]
        return found

    def keys(self):
        return sorted({key for holding in self.nodes.values() for key in holding.rows})

    def owner(self, key):
        """Name of the node that has the last word: what the newest epoch says."""
        kind = key[0]
        heads = [row for holding in self.nodes.values()
                 if (row := head(holding.rows.get(key, ()), kind)) is not None]
        if not heads or "owner_node" not in heads[0]:
            return self.national.node
        newest = max(heads, key=lambda row: (row["epoch"], row["version"]))
        return newest["owner_node"]

    def scope(self, key):
        """Which of a key's tables a region should have: {node: tables}."""
        kind, tables = key[0], KINDS[key[0]][2]
        wanted = {self.national.node: tables}
        for region, node in self.enrolled.items():
            if kind in FOR_ALL or region in self._parties(key):
                wanted[node] = tables
            elif kind == "CPTS":
                wanted[node] = tuple(table for table in tables if table in PUBLIC)
            else:
                wanted[node] = ()
        return wanted

    def _parties(self, key):
        kind, identifier = key
        if kind == "CPTS":
            return {self.regions_of.get(identifier)}
        rows = self.nodes[self.owner(key)].rows.get(key, ())
        row = head(rows, kind)
        if row is None:
            return set()
        if kind in FOLLOWS:
            return self._parties(("REFERRAL", row[FOLLOWS[kind]]))
        found = {row["origin_region"]}
        found |= {self.regions_of.get(party) for party in row.get("parties", ())}
        return found


def images_agree(federation):
    """Each node in scope has what the owner has, row by row; the others have nothing."""
    for key in federation.keys():
        owner = federation.owner(key)
        truth = federation.nodes[owner].rows.get(key, set())
        if not truth:
            yield f"lost: {key} is not at its owner {owner}"
        for node, tables in federation.scope(key).items():
            wanted = {row for row in truth if row[0] in tables}
            found = federation.nodes[node].rows.get(key, set())
            if digest(wanted) == digest(found):
                continue
            for name, rows in (("missing", wanted - found), ("too much", found - wanted)):
                for row in sorted(rows)[:2]:
                    yield f"{key} at {node}, owner {owner}: {name}: {row}"


def chains_hold(federation):
    """Local positions are 1..n. Of each origin no position comes twice or backwards, and
    the hash of each entry fits; a node has all of its own and the national one all of all, but
    for runs of its own that it lost and nobody brought in time."""
    for holding in federation.nodes.values():
        last, heads = 0, {}
        for row in holding.log:
            origin, position = row["origin_node"], row["origin_position"]
            if row["local_position"] != last + 1:
                yield f"{holding.node}: gap: {row['local_position']} comes after {last}"
            last = row["local_position"]
            before, hash_before = heads.get(origin, (0, NO_HASH))
            while origin == holding.node and before + 1 in holding.lost:
                before, hash_before = holding.lost[before + 1]
            is_whole = origin == holding.node or holding is federation.national
            if position <= before or (is_whole and position != before + 1):
                yield f"{holding.node}: {origin}'s {position} comes after {before}"
            if position == before + 1 and row["prev_hash"] != hash_before:
                yield f"{holding.node}: chain of {origin} broken before {position}"
            wanted = hashlib.sha256(bytes.fromhex(row["prev_hash"]) + position.to_bytes(8, "big") +
                                    bytes.fromhex(row["bytes"])).hexdigest()
            if row["hash"] != wanted:
                yield f"{holding.node}: {origin}'s {position} has a hash of something else"
            heads[origin] = position, row["hash"]


SAME_EVERYWHERE = ("epoch", "aggregate_kind", "aggregate_id", "version", "kind", "actor",
                   "command_id", "lead_region", "bytes", "prev_hash", "hash")


def entries_are_original(federation):
    """An entry is at every node as its origin made it, in its original bytes."""
    originals = {(row["origin_node"], row["origin_position"]): row
                 for holding in federation.nodes.values() for row in holding.entries
                 if row["origin_node"] == holding.node}
    for holding in federation.nodes.values():
        for row in holding.log:
            place = row["origin_node"], row["origin_position"]
            original = originals.get(place)
            if original is None:
                yield f"phantom: {holding.node} has {place}, which its origin has not"
                continue
            other = [name for name in SAME_EVERYWHERE if row[name] != original[name]]
            if other:
                yield f"{holding.node}: {place} differs from its origin in {other}"


def entries_arrived(federation):
    """Everything that a region made is at the national node; what the national node made
    about a CPTS of a region, or for everybody, is there. Nothing of another region is."""
    national = {(row["origin_node"], row["origin_position"]) for row in federation.national.log}
    for node, holding in federation.nodes.items():
        if holding is federation.national:
            continue
        for row in holding.log:
            place = row["origin_node"], row["origin_position"]
            if row["origin_node"] == node and place not in national:
                yield f"lost: {place} is not at the national node"
            if row["origin_node"] not in (node, federation.national.node):
                yield f"{node} has an entry of {row['origin_node']}"


def acknowledged_once(federation, histories):
    """What a client was told OK for is in the log of the node that said so, once, and at
    the national node, once. histories: {node: History}."""
    for node, history in histories.items():
        for name in {node, federation.national.node}:
            counts = {}
            for row in federation.nodes[name].entries:
                key = row["actor"], row["command_id"]
                counts[key] = counts.get(key, 0) + 1
            for operation in history.operations:
                count = counts.get((operation.principal, operation.command_id), 0)
                if operation.acknowledged and count != 1:
                    yield (f"{operation.method} {operation.command_id} acknowledged by {node} is "
                           f"{'lost' if count == 0 else f'there {count} times'} at {name}")


def versions_are_heard_of(federation):
    """No aggregate is newer than the log that explains it, and none older."""
    for holding in federation.nodes.values():
        newest = {}
        for row in holding.entries:
            if row["origin_node"] == holding.node:
                key = row["aggregate_kind"], row["aggregate_id"]
                newest[key] = max(newest.get(key, 0), row["version"])
        for key, version in newest.items():
            row = head(holding.rows.get(key, ()), key[0]) if key[0] in KINDS else None
            if row is not None and "owner_node" in row and row["owner_node"] == holding.node \
                    and row["version"] != version:
                yield f"{key} at its owner {holding.node} is {row['version']}, its log {version}"


def bytes_are_changes(federation):
    """The bytes of every entry are a change that names its command, if it is of one."""
    for row in federation.national.entries:
        if row["kind"] == NO_COMMAND:
            continue
        change = decode(row)
        if change is None or change.command_id != row["command_id"]:
            yield f"the bytes at {row['local_position']} are not of {row['command_id']}"


CHECKS = (images_agree, chains_hold, entries_are_original, entries_arrived, versions_are_heard_of,
          bytes_are_changes)


def violations(holdings, histories=None):
    """{name of the check: its sentences}, only those that have some."""
    federation = Federation(holdings)
    found = {check.__name__: list(check(federation)) for check in CHECKS}
    found["acknowledged_once"] = list(acknowledged_once(federation, histories or {}))
    return {name: sentences[:SENTENCES_MAX] for name, sentences in found.items() if sentences}
