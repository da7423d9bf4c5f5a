# SPDX-License-Identifier: Apache-2.0
"""Whole requests of the property test, sealed as tests/support/envelope.py does."""
import secrets
import time
import uuid

from cast import CARE
import envelope
from cpts.v1 import referral_pb2
from google.protobuf.timestamp_pb2 import Timestamp

DAY_S = 86400
UNIT = "78646"


def uuid7():
    """A UUID of version 7: milliseconds first."""
    number = int(time.time() * 1000) << 80 | secrets.randbits(80)
    number = number & ~(0xF000 << 64) | 0x7000 << 64
    return str(uuid.UUID(int=number & ~(0xC000 << 48) | 0x8000 << 48))


def now():
    return Timestamp(seconds=int(time.time()))


def tomorrow():
    return Timestamp(seconds=int(time.time()) + DAY_S)


class Sealed:
    """A referral of an origin, with what more wraps and notes for it need."""

    def __init__(self, origin, **header):
        fields = {"use_case": referral_pb2.USE_CASE_SNP, "urgency": referral_pb2.URGENCY_WITHIN_24H,
                  "profession": "MEDECIN_GENERALISTE", "unit_code": UNIT,
                  "origin_id": origin.cpts_id, "legal_basis": referral_pb2.LEGAL_BASIS_ECHANGE}
        self.origin, self.id = origin, uuid7()
        self.header = referral_pb2.ReferralHeader(**{**fields, **header})
        self.letter = envelope.SealedReferral(origin.keys, self.header, referral_id=self.id)

    @property
    def hashes(self):
        """Of both ciphertexts: what wraps made later are signed over."""
        parts = self.letter.parts
        return envelope.sha256(parts.offer) + envelope.sha256(parts.content)

    def recipient(self, player, by=None):
        """A new attempt with that CPTS, sealed by the origin or by who had accepted."""
        made = referral_pb2.Recipient(assignment_id=uuid7(), cpts_id=player.cpts_id)
        made.wrap.CopyFrom(self.letter.wrap(made.assignment_id, player.keys,
                                            (by or self.origin).keys))
        return made

    def again(self, assignment_id, player, by):
        """Keys for that attempt once more; what has none of its own signs with the origin's."""
        made = referral_pb2.Recipient(assignment_id=assignment_id, cpts_id=player.cpts_id)
        made.wrap.CopyFrom(self.letter.wrap(assignment_id, player.keys,
                                            by.keys or self.origin.keys))
        return made

    def submit(self, destinations, candidates=(), actor=CARE):
        """A whole SubmitReferralRequest."""
        return referral_pb2.SubmitReferralRequest(
            command_id=str(uuid.uuid4()), referral_id=self.id, header=self.header,
            parts=self.letter.parts, destinations=[self.recipient(each) for each in destinations],
            candidates=[self.recipient(each) for each in candidates], actor=actor)

    def note(self, author, assignment_id, readers):
        """A sealed note; what has no keys of its own signs with the origin's."""
        keys = author.keys or self.origin.keys
        return envelope.make_note(
            self.id, assignment_id, keys,
            [reader.keys for reader in readers if reader.cpts_id != keys.cpts_id],
            note_id=uuid7())
