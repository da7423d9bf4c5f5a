# SPDX-License-Identifier: Apache-2.0
"""What became of referrals that were submitted: each is once at every node whose CPTS take
part, with all that was sealed, byte for byte, and with one chain of changes; nowhere else.
Beside ledger.py, which compares every row of every node."""
import json

import reach  # noqa: F401
from ledger import SENTENCES_MAX


def _bytes(text):
    return bytes.fromhex(text.removeprefix("\\x"))


class Whereabouts:
    """A referral at one node. rows: {table: its rows as dictionaries}"""

    def __init__(self, holding, sent):
        self.holding, self.sent, self.rows = holding, sent, {}
        keys = [("REFERRAL", sent.id), *(("ATTACHMENT", key) for key in sent.attachments)]
        for key in keys:
            for table, text, _ in holding.rows.get(key, ()):
                self.rows.setdefault(table, []).append(json.loads(text))
        self.log = [row for row in holding.entries if row["aggregate_id"] in
                    {sent.id, *sent.attachments}]

    def sealed(self):
        return [(_bytes(row["offer"]), _bytes(row["content"]))
                for row in self.rows.get("referral_content", ())]

    def attachment(self, key):
        chunks = [row for row in self.rows.get("referral_chunk", ()) if row["attachment_id"] == key]
        return b"".join(_bytes(row["chunk"]) for row in
                        sorted(chunks, key=lambda row: row["chunk_index"]))


def _of(one, federation, regions):
    """{node: Whereabouts} of those that should have it, and of those that should not."""
    wanted, others = {}, {}
    for node, holding in federation.items():
        is_party = not holding.region or holding.region in regions
        (wanted if is_party else others)[node] = Whereabouts(holding, one)
    return wanted, others


def is_there_once(one, wanted):
    """At each node, sealed as its origin sealed it, with the attachments that were taken."""
    parts = one.sealed.letter.parts
    for node, found in wanted.items():
        if len(found.rows.get("referral", ())) != 1:
            yield f"{one.id} is {len(found.rows.get('referral', ()))} times at {node}"
        if found.sealed() != [(parts.offer, parts.content)]:
            yield f"{one.id} at {node} is not sealed as it was"
        for key, attachment in one.attachments.items():
            if attachment.is_complete and found.attachment(key) != attachment.content:
                yield f"attachment {key} of {one.id} at {node}: " \
                      f"{len(found.attachment(key))} of {len(attachment.content)} bytes"


def is_nowhere_else(one, others):
    for node, found in others.items():
        if found.rows or found.log:
            yield f"{node} has {sorted(found.rows) or 'entries'} of {one.id}"


def has_one_chain(one, wanted, national):
    """One change a version, all of them at the national node; the others have the same, from
    the one with which they came in."""
    def changes(found):
        return [(row["version"], row["origin_node"], row["kind"], row["hash"])
                for row in found.log if row["aggregate_id"] == one.id]
    whole = sorted(changes(wanted[national]))
    rows = wanted[national].rows.get("referral") or [{"version": 0}]
    if [version for version, *_ in whole] != list(range(1, rows[0]["version"] + 1)):
        yield f"{one.id} at version {rows[0]['version']} has the changes {whole}"
    for node, found in wanted.items():
        some = sorted(changes(found))
        if not some or some != [change for change in whole if change[0] >= some[0][0]]:
            yield f"{one.id} at {node} has the changes {some}, the national node {whole}"


def violations(holdings, book):
    """{name: sentences} about what was submitted; and how many are at more than one node."""
    federation = {holding.node: holding for holding in holdings}
    national = holdings[0].node
    regions_of = {}
    for (kind, key), rows in holdings[0].rows.items():
        if kind == "CPTS":
            regions_of[key] = next(json.loads(text)["lead_region"] for table, text, _ in rows
                                   if table == "cpts")
    found = {"is_there_once": [], "is_nowhere_else": [], "has_one_chain": []}
    for one in book.submitted():
        heads = [json.loads(text) for table, text, _ in
                 holdings[0].rows.get(("REFERRAL", one.id), ()) if table == "referral"]
        parties = heads[0]["parties"] if heads else [one.origin.cpts_id]
        wanted, others = _of(one, federation, {regions_of[party] for party in parties})
        found["is_there_once"] += is_there_once(one, wanted)
        found["is_nowhere_else"] += is_nowhere_else(one, others)
        found["has_one_chain"] += has_one_chain(one, wanted, national)
    return {name: sentences[:SENTENCES_MAX] for name, sentences in found.items() if sentences}
