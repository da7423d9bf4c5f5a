# SPDX-License-Identifier: Apache-2.0
"""CPTS with coordinators of their own, and referrals put between them as rows:
what reads show is tested whatever the commands do."""
import hashlib
import os
import subprocess
import time
import uuid

import node as nodes
from cpts.v1 import actor_pb2, audit_pb2, audit_pb2_grpc, referral_pb2, referral_pb2_grpc
from cpts.v1 import sealed_pb2

TOOL = os.path.join(nodes.psql.SOURCE, "tests", "support", "certificates")
OFFER, CONTENT = b"o" * 1024, b"c" * 1024
UNIT = "78646"
CHAIN_TIMEOUT_S = 30
TERMINAL = ("CLOSED", "DECLINED", "REDIRECTED", "WITHDRAWN", "CANCELLED", "FAILED",
            "ENTERED_IN_ERROR")
CUSTODY = ("ACCEPTED", "SCHEDULED", "IN_PROGRESS", "CANCEL_REQUESTED", "REPORTED")


def actor(**changes):
    fields = {"rpps": nodes.rpps(1), "profession": "MEDECIN", "purpose": "PURPOSE_CARE"}
    return actor_pb2.Actor(**{**fields, **changes})


def agent_actor():
    return actor_pb2.Actor(function="agent de veille", purpose="PURPOSE_DESK")


def new_id():
    """A UUIDv7 of a counter: in order."""
    new_id.last += 1
    return str(uuid.UUID(int=(0x019000000000 + new_id.last) << 80 | 7 << 76 | 2 << 62
                         | new_id.last))


new_id.last = 0


def wrap_of(cpts_id, origin_id):
    return sealed_pb2.KeyWrap(cpts_id=cpts_id, key_serial=1, offer_key=b"a" * 80,
                              content_key=b"b" * 80, wrapped_by=origin_id, wrapped_by_serial=1,
                              signature=b"s" * 64).SerializeToString()


def literal(value):
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'::bytea"
    if isinstance(value, list):
        return "ARRAY[" + ",".join(literal(item) for item in value) + "]::uuid[]"
    if value is None:
        return "NULL"
    if isinstance(value, (bool, int)):
        return str(value).lower()
    return value if value.endswith(")") and "(" in value else "'" + value.replace("'", "''") + "'"


def insert(node, table, **row):
    columns = ", ".join(row)
    values = ", ".join(literal(value) for value in row.values())
    node.database.query(f"INSERT INTO cpts.{table} ({columns}) VALUES ({values});")


class Side:
    """A CPTS and whoever coordinates it."""

    def __init__(self, node, name, number, region=nodes.REGION):
        self.node, self.name = node, name
        self.cpts_id = node.operator.create(name=f"CPTS {name}", lead_region=region).id
        self._enter(f"user/{uuid.UUID(int=100 + number)}", "CPTS_COORDINATOR",
                    f"cpts:{self.cpts_id}")

    def _enter(self, path, role, scope):
        uri = f"spiffe://{nodes.TRUST_DOMAIN}/{path}"
        subprocess.run([TOOL, "leaf", self.node.folder, "ca", self.name, "2", f"URI:{uri}"],
                       check=True, timeout=60)
        self.node._grant(uri, role, scope)
        self.uri = uri
        self.client = connect(self.node, self.name)

    def close(self):
        self.client.close()


def connect(node, name):
    """A client that speaks with the services of referrals, too."""
    client = node.client(name)
    client.referral = referral_pb2_grpc.ReferralServiceStub(client.channel)
    client.audit = audit_pb2_grpc.AuditServiceStub(client.channel)
    return client


def ask(client, rpc, **fields):
    """A call of ReferralService."""
    request = getattr(referral_pb2, f"{rpc}Request")(**fields)
    return getattr(client.referral, rpc)(request, timeout=nodes.CALL_TIMEOUT_S)


def audit(client, rpc, **fields):
    """A call of AuditService."""
    request = getattr(audit_pb2, f"{rpc}Request")(**fields)
    return getattr(client.audit, rpc)(request, timeout=nodes.CALL_TIMEOUT_S)


def is_custodian(state):
    return state in CUSTODY


def refer(node, origin, destinations, state="DELIVERED", **changes):
    """One referral with an attempt in that state for each destination. Changes that begin
    with a_ are of the attempts. Gives its id."""
    referral_id = new_id()
    over = state in TERMINAL
    of_attempt = {name[2:]: changes.pop(name) for name in list(changes) if name.startswith("a_")}
    custodian = (None if state == "CLOSED" else
                 destinations[0].cpts_id if is_custodian(state) else origin.cpts_id)
    row = {"referral_id": referral_id, "owner_node": "national", "epoch": 1, "version": 1,
           "status": ("FULFILLED" if state == "CLOSED" else "TO_REASSIGN" if over else "OPEN"),
           "use_case": "SNP", "urgency": "WITHIN_24H", "unit_code": UNIT,
           "origin_id": origin.cpts_id, "origin_region": nodes.REGION, "custodian_id": custodian,
           "parties": [origin.cpts_id, *(side.cpts_id for side in destinations)],
           "legal_basis": "ECHANGE", "key_serial": 1, "signature": b"s" * 64,
           "offer_hash": hashlib.sha256(OFFER).digest(),
           "content_hash": hashlib.sha256(CONTENT).digest(), "synthetic": True,
           "created_at": "now()", "updated_at": "now()",
           "ended_at": "now()" if state == "CLOSED" else None, **changes}
    insert(node, "referral", **row)
    insert(node, "referral_content", referral_id=referral_id, offer=OFFER, content=CONTENT)
    for side in destinations:
        insert(node, "assignment", **{
            "referral_id": referral_id, "assignment_id": new_id(), "destination_id": side.cpts_id,
            "version": 1, "state": state, "wrap": wrap_of(side.cpts_id, origin.cpts_id),
            "submitted_at": "now()", "state_at": "now()",
            "ended_at": "now()" if over else None, **of_attempt})
    insert(node, "referral_clock", referral_id=referral_id,
           assignment_id=str(uuid.UUID(int=0)), kind="REASSIGN",
           fire_at="(now() + interval '1 day')", armed_at="now()")
    return referral_id


def note(node, referral_id, author, event="ASK_INFO"):
    note_id = new_id()
    sealed = sealed_pb2.SealedNote(id=note_id, ciphertext=b"n" * 1024, author_id=author.cpts_id,
                                   key_serial=1, signature=b"s" * 64)
    attempt = node.database.value("SELECT assignment_id FROM cpts.assignment WHERE referral_id ="
                                  f" '{referral_id}' ORDER BY assignment_id LIMIT 1;")
    insert(node, "referral_note", referral_id=referral_id, note_id=note_id, assignment_id=attempt,
           event=event, author_id=author.cpts_id, note=sealed.SerializeToString(),
           recorded_at="now()")
    return note_id


def trail(node, referral_id):
    """(method, parts, items) of the reads of a referral, oldest first."""
    return [tuple(row) for row in node.database.query(
        "SELECT method, parts, item_count FROM cpts.audit_read"
        f" WHERE referral_id = '{referral_id}' ORDER BY entry_id;") if row]


def chained(node):
    """Waits for the server to have chained every read, and gives how many there are."""
    deadline = time.monotonic() + CHAIN_TIMEOUT_S
    while True:
        waiting, count = node.database.query(
            "SELECT (SELECT count(*) FROM cpts.audit_read) - (SELECT count(*) FROM"
            " cpts.audit_chain), (SELECT count(*) FROM cpts.audit_chain);")[0]
        if waiting == "0":
            return int(count)
        if time.monotonic() > deadline:
            raise AssertionError(f"{waiting} reads were not chained in {CHAIN_TIMEOUT_S} s")
