# SPDX-License-Identifier: Apache-2.0
"""CPTS with their coordinators and published keys, and what they do to referrals."""
import os
import subprocess
import uuid

from node import REGION, TRUST_DOMAIN, command, entry, outcome, psql, referral_pb2, rpps
import envelope
import vouching

ACTOR = {"rpps": rpps(2), "profession": "MEDECIN_GENERALISTE", "purpose": "PURPOSE_CARE"}
DESK = {"function": "agent du pôle offre de soins", "purpose": "PURPOSE_DESK"}
SIGNED = (("EMERGENCE", "2020-01-15"), ("LETTRE_INTENTION", "2020-06-01"),
          ("PROJET_VALIDE", "2021-01-01"), ("ACI_SIGNE", "2021-06-01"))
COMMUNE = "78646"


def minted():
    """A UUIDv7; its time does not matter here."""
    made = bytearray(os.urandom(16))
    made[6], made[8] = made[6] & 0x0f | 0x70, made[8] & 0x3f | 0x80
    return str(uuid.UUID(bytes=bytes(made)))


def event(name):
    return referral_pb2.ReferralEvent.Value(f"REFERRAL_EVENT_{name}")


def state_of(answer):
    """'ACCEPTED', or the status of the referral when no assignment is meant."""
    if answer.state:
        return referral_pb2.AssignmentState.Name(answer.state).removeprefix("ASSIGNMENT_STATE_")
    return referral_pb2.ReferralStatus.Name(answer.status).removeprefix("REFERRAL_STATUS_")


def events_of(answer):
    return {referral_pb2.ReferralEvent.Name(number).removeprefix("REFERRAL_EVENT_")
            for number in answer.allowed_events}


class House:
    """A CPTS: its id, its keys, and a client of its coordinator."""

    def __init__(self, node, operator, name, stages=SIGNED, region=REGION):
        self.name = name
        self.cpts_id = operator.create(name=name, lead_region=region, territory=[],
                                       stages=[entry(*stage) for stage in stages]).id
        tool = os.path.join(psql.SOURCE, "tests", "support", "certificates")
        uri = f"spiffe://{TRUST_DOMAIN}/cpts/{self.cpts_id}"
        subprocess.run([tool, "leaf", node.folder, "ca", name, "2", f"URI:{uri}"], check=True,
                       timeout=60)
        node.database.file("sql/admin/principal_role_grant.sql", uri=uri, role="CPTS_COORDINATOR",
                           scope=f"cpts:{self.cpts_id}")
        self.client = node.client(name)
        self.keys = vouching.Keys(self.cpts_id, region)
        self.signed_keys = node.federation.statement(self.keys)

    def publish(self):
        self.client.keep("PublishKey", self.cpts_id, self.signed_keys)


def houses(node, operator, *names, **arguments):
    """Houses that the server knows, with their keys in the directory."""
    made = [House(node, operator, name, **arguments) for name in names]
    node.reread_roles(lambda: outcome(made[-1].client.get, made[-1].cpts_id) == "OK")
    for house in made:
        house.publish()
    return made


def header(origin, **changes):
    fields = {"use_case": "USE_CASE_SNP", "urgency": "URGENCY_WITHIN_24H",
              "unit_code": COMMUNE, "origin_id": origin.cpts_id,
              "legal_basis": "LEGAL_BASIS_ECHANGE"}
    return referral_pb2.ReferralHeader(**{**fields, **changes})


class Case:
    """A referral on its way: ids, sealed parts, and the versions seen last."""

    def __init__(self, origin, destinations=(), candidates=(), texts=None, **header_changes):
        self.origin = origin
        self.id = minted()
        self.header = header(origin, **header_changes)
        self.sealed = envelope.SealedReferral(origin.keys, self.header, referral_id=self.id,
                                              **(texts or {}))
        self.parts = self.sealed.parts
        self.version = 1
        self.destinations = [self.recipient(house) for house in destinations]
        self.candidates = [self.recipient(house) for house in candidates]

    def recipient(self, house, by=None):
        """A recipient with the keys wrapped for it by the origin, or by another one."""
        assignment_id = minted()
        made = self.sealed.wrap(assignment_id, house.keys, by and by.keys)
        return referral_pb2.Recipient(assignment_id=assignment_id, cpts_id=house.cpts_id, wrap=made)

    def hashes(self):
        """What wraps are signed over."""
        return envelope.sha256(self.parts.offer) + envelope.sha256(self.parts.content)

    def request(self, **changes):
        fields = {"referral_id": self.id, "header": self.header, "parts": self.parts,
                  "destinations": self.destinations, "candidates": self.candidates,
                  "actor": ACTOR}
        return command({**fields, **changes})

    def submit(self, **changes):
        return self.origin.client.refer("SubmitReferral", **self.request(**changes))

    def attempt(self, house):
        """Id of the attempt with that house."""
        return next(found.assignment_id for found in [*self.destinations, *self.candidates]
                    if found.cpts_id == house.cpts_id)

    def note(self, author, house, readers=None):
        """A sealed note about the attempt with house, for the other side."""
        if readers is None:
            readers = [house if author is self.origin else self.origin]
        return envelope.make_note(self.id, self.attempt(house), author.keys,
                                  [reader.keys for reader in readers], note_id=minted())

    def act(self, name, by, house, version, **fields):
        """A step of the attempt with house, by a house or by the client of a desk."""
        client = getattr(by, "client", by)
        return client.refer("ActOnReferral", **command({
            "referral_id": self.id, "assignment_id": self.attempt(house), "event": event(name),
            "expected_version": version, "actor": ACTOR if client is not by else DESK, **fields}))
