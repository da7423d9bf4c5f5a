# SPDX-License-Identifier: Apache-2.0
"""Seals referrals with PyNaCl, from what proto/wire/envelope.h says byte by byte."""
import hashlib
import os
import secrets
import time
import uuid

from cast import CARE
from cpts.v1 import referral_pb2, sealed_pb2
from google.protobuf.timestamp_pb2 import Timestamp
from nacl import bindings
from nacl.public import PublicKey, SealedBox
from vouching import DAY_S, sign

SMALLEST_BYTES = 1024
OVERHEAD_BYTES = 72
UNIT = "78646"


def uuid7():
    """A UUID of version 7: milliseconds first."""
    number = int(time.time() * 1000) << 80 | secrets.randbits(80)
    number = number & ~(0xF000 << 64) | 0x7000 << 64
    return str(uuid.UUID(int=number & ~(0xC000 << 48) | 0x8000 << 48))


def raw(text):
    return uuid.UUID(text).bytes


def number(value):
    return value.to_bytes(4, "big")


def digest(content):
    return hashlib.sha256(content).digest()


def canonical(message):
    """The canonical bytes of a message (proto/wire/canonical.h)."""
    found = b""
    for field, value in sorted(message.ListFields(), key=lambda each: each[0].number):
        if field.message_type is not None:
            content = canonical(value)
        elif isinstance(value, str):
            content = value.encode()
        elif isinstance(value, bytes):
            content = value
        else:
            content = int(value).to_bytes(8, "big", signed=True)
        found += number(field.number) + number(len(content)) + content
    return found


def ciphertext(text, key, data):
    """Nonce, commitment, XChaCha20-Poly1305 of the padded text."""
    nonce = os.urandom(24)
    commitment = hashlib.blake2b(b"cpts.fr/commitment/1\0" + nonce, key=key,
                                 digest_size=32).digest()
    size = SMALLEST_BYTES
    while size < len(text) + 1 + OVERHEAD_BYTES:
        size *= 2
    padded = text + b"\x80"
    padded += bytes(size - OVERHEAD_BYTES - len(padded))
    return nonce + commitment + bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        padded, data, nonce, key)


def boxed(key, keys):
    """That key, for whoever has these keys."""
    return SealedBox(PublicKey(bytes(keys.encryption.public_key))).encrypt(key)


def now():
    return Timestamp(seconds=int(time.time()))


def tomorrow():
    return Timestamp(seconds=int(time.time()) + DAY_S)


class Sealed:
    """A referral of an origin, and the keys to make more wraps and notes for it."""

    def __init__(self, origin):
        self.origin, self.id = origin, uuid7()
        self.offer_key, self.content_key = os.urandom(32), os.urandom(32)
        self.parts = None

    def _part(self, which, text, key):
        data = (b"cpts.fr/part/1\0" + bytes([which]) + raw(self.id) + raw(self.origin.cpts_id))
        return ciphertext(text, key, data)

    def seal(self, header, offer=b"Essai : plaie simple", content=b"Patient synthetique"):
        parts = sealed_pb2.SealedParts(offer=self._part(1, offer, self.offer_key),
                                       content=self._part(2, content, self.content_key),
                                       key_serial=self.origin.keys.serial)
        head = canonical(header)
        signed = (raw(self.id) + number(parts.key_serial) + number(len(head)) + head +
                  digest(parts.offer) + digest(parts.content))
        parts.signature = sign(self.origin.keys.signing, b"cpts.fr/referral/1", signed)
        self.parts = parts
        return parts

    @property
    def hashes(self):
        """Of both ciphertexts: what wraps made later are signed over."""
        return digest(self.parts.offer) + digest(self.parts.content)

    def recipient(self, player, by=None):
        """A new attempt with that CPTS, sealed by the origin or by who had accepted."""
        by = by or self.origin
        made = referral_pb2.Recipient(assignment_id=uuid7(), cpts_id=player.cpts_id)
        wrap = sealed_pb2.KeyWrap(
            cpts_id=player.cpts_id, key_serial=player.keys.serial,
            offer_key=boxed(self.offer_key, player.keys),
            content_key=boxed(self.content_key, player.keys), wrapped_by=by.cpts_id,
            wrapped_by_serial=by.keys.serial)
        wrap.content_key_sha256 = digest(wrap.content_key)
        signed = (raw(self.id) + raw(made.assignment_id) + raw(wrap.cpts_id) +
                  number(wrap.key_serial) + digest(wrap.offer_key) + digest(wrap.content_key) +
                  self.hashes + raw(wrap.wrapped_by) +
                  number(wrap.wrapped_by_serial))
        wrap.signature = sign(by.keys.signing, b"cpts.fr/wrap/1", signed)
        made.wrap.CopyFrom(wrap)
        return made

    def header(self, **changes):
        fields = {"use_case": referral_pb2.USE_CASE_SNP, "urgency": referral_pb2.URGENCY_WITHIN_24H,
                  "profession": "MEDECIN_GENERALISTE", "unit_code": UNIT,
                  "origin_id": self.origin.cpts_id,
                  "legal_basis": referral_pb2.LEGAL_BASIS_ECHANGE}
        return referral_pb2.ReferralHeader(**{**fields, **changes})

    def submit(self, destinations, candidates=(), actor=CARE, **changes):
        """A whole SubmitReferralRequest; changes: fields of its header."""
        header = self.header(**changes)
        parts = self.seal(header)
        return referral_pb2.SubmitReferralRequest(
            command_id=str(uuid.uuid4()), referral_id=self.id, header=header, parts=parts,
            destinations=[self.recipient(each) for each in destinations],
            candidates=[self.recipient(each) for each in candidates], actor=actor)

    def note(self, author, assignment_id, readers, text=b"Essai"):
        """A sealed note of that author for these players."""
        key = os.urandom(32)
        note = sealed_pb2.SealedNote(id=uuid7(), author_id=author.cpts_id or self.origin.cpts_id,
                                     key_serial=author.keys.serial if author.keys else 1)
        data = b"cpts.fr/note/1\0" + raw(self.id) + raw(note.id) + raw(note.author_id)
        note.ciphertext = ciphertext(text, key, data)
        for reader in readers:
            note.keys.add(cpts_id=reader.cpts_id, key_serial=reader.keys.serial,
                          key=boxed(key, reader.keys))
        signed = (raw(self.id) + raw(assignment_id) + raw(note.id) + raw(note.author_id) +
                  number(note.key_serial) + digest(note.ciphertext) + number(len(note.keys)) +
                  b"".join(raw(k.cpts_id) + number(k.key_serial) + digest(k.key)
                           for k in note.keys))
        signer = author.keys or self.origin.keys
        note.signature = sign(signer.signing, b"cpts.fr/note-signature/1", signed)
        return note
