#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""envelope_vectors.py STUBS: the known answers of tests/unit/vectors/envelope.json,
which the C gives, opened and verified by another implementation."""
import json
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [sys.argv.pop(1), os.path.join(HERE, "..", "support")]
import envelope  # noqa: E402
from cpts.v1 import referral_pb2, sealed_pb2  # noqa: E402
from nacl.exceptions import BadSignatureError  # noqa: E402
from nacl.public import PrivateKey  # noqa: E402
from nacl.signing import SigningKey  # noqa: E402

ORIGIN, DESTINATION = (f"0198c0de-0000-7000-8000-00000000000{letter}" for letter in "ab")
REFERRAL, ASSIGNMENT, NOTE = (f"0198c0de-0000-7000-8000-0000000000{letter * 2}"
                              for letter in "abc")
OFFER = "Femme, 50 ans environ, fièvre depuis deux jours".encode()
CONTENT = "Patiente fictive ; adresse fictive".encode()
WORDS = "Vue ce jour, traitement donné".encode()


def header():
    return referral_pb2.ReferralHeader(
        use_case="USE_CASE_SNP", urgency="URGENCY_WITHIN_24H", profession="MEDECIN",
        unit_code="92020", origin_id=ORIGIN, legal_basis="LEGAL_BASIS_PARTAGE",
        consent={"given_by": "PATIENT", "given_on": "2026-11-20", "form": "ORAL",
                 "scope": "soins non programmés"})


class Vectors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(os.path.join(HERE, "vectors", "envelope.json"), encoding="ascii") as file:
            cls.known = {name: value if name == "made_by" else bytes.fromhex(value)
                         for name, value in json.load(file).items()}
        cls.signing = SigningKey(cls.known["signing_seed"])

    def part(self, part, name):
        """The text of a part, with the origin's key and with the wrapped one."""
        known = self.known
        data = envelope.part_data(part, REFERRAL, ORIGIN)
        own = envelope.own_key(known["origin_secret"], part, REFERRAL)
        self.assertEqual(own, envelope.unwrap_key(known[f"wrapped_{name}_key"],
                                                  known["destination_secret"]))
        return envelope.unseal(known[name], own, data)

    def wrap(self):
        wrap = sealed_pb2.KeyWrap(cpts_id=DESTINATION, key_serial=2,
                                  offer_key=self.known["wrapped_offer_key"],
                                  content_key=self.known["wrapped_content_key"],
                                  wrapped_by=ORIGIN, wrapped_by_serial=1)
        wrap.content_key_sha256 = envelope.sha256(wrap.content_key)
        return wrap

    def test_vectors__parts_open(self):
        self.assertEqual(self.part(envelope.OFFER, "offer"), OFFER)
        self.assertEqual(self.part(envelope.CONTENT, "content"), CONTENT)
        self.assertEqual({len(self.known[name]) for name in ("offer", "content", "note")}, {1024})

    def test_vectors__a_changed_part_does_not_open(self):
        changed = bytearray(self.known["offer"])
        changed[200] ^= 1
        own = envelope.own_key(self.known["origin_secret"], envelope.OFFER, REFERRAL)
        with self.assertRaises(Exception):
            envelope.unseal(bytes(changed), own,
                            envelope.part_data(envelope.OFFER, REFERRAL, ORIGIN))

    def test_vectors__the_origin_signed(self):
        content = envelope.referral_input(REFERRAL, header(), 1, self.known["offer"],
                                          self.known["content"])
        envelope.verify(self.signing.verify_key, b"cpts.fr/referral/1", content,
                        self.known["referral_signature"])
        with self.assertRaises(BadSignatureError):
            envelope.verify(self.signing.verify_key, b"cpts.fr/referral/2", content,
                            self.known["referral_signature"])

    def test_vectors__the_wrap_is_signed(self):
        envelope.verify(self.signing.verify_key, b"cpts.fr/wrap/1",
                        envelope.wrap_input(REFERRAL, ASSIGNMENT, self.wrap(),
                                            self.known["offer"], self.known["content"]),
                        self.known["wrap_signature"])

    def test_vectors__the_note_opens_and_is_signed(self):
        known = self.known
        note = sealed_pb2.SealedNote(id=NOTE, ciphertext=known["note"], author_id=ORIGIN,
                                     key_serial=1)
        note.keys.add(cpts_id=DESTINATION, key_serial=2, key=known["wrapped_note_key"])
        envelope.verify(self.signing.verify_key, b"cpts.fr/note-signature/1",
                        envelope.note_input(REFERRAL, ASSIGNMENT, note), known["note_signature"])
        key = envelope.unwrap_key(known["wrapped_note_key"], known["destination_secret"])
        self.assertEqual(envelope.unseal(known["note"], key,
                                         envelope.note_data(REFERRAL, NOTE, ORIGIN)), WORDS)

    def test_vectors__keys_are_those_of_their_secrets(self):
        for name in ("origin_secret", "destination_secret"):
            self.assertEqual(len(bytes(PrivateKey(self.known[name]).public_key)), 32)


if __name__ == "__main__":
    unittest.main(verbosity=2)
