# SPDX-License-Identifier: Apache-2.0
"""Sealing and opening as proto/wire/envelope.h describes it, written again with
PyNaCl and hashlib: to check the C with, and to send sealed referrals from tests.

Needs the stubs of tests/e2e on the path."""
import hashlib
import struct
import uuid

import nacl.bindings as sodium
from cpts.v1 import sealed_pb2
from google.protobuf.descriptor import FieldDescriptor
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.signing import SigningKey, VerifyKey
from nacl.utils import random

OFFER, CONTENT = 1, 2
NONCE, COMMITMENT, TAG = 24, 32, 16
OVERHEAD = NONCE + COMMITMENT + TAG
CHUNK_BYTES, STEP_BYTES = 524288, 65536


def number(value):
    return struct.pack(">I", value)


def raw(text):
    """The 16 bytes of an id."""
    return uuid.UUID(text).bytes


def sha256(content):
    return hashlib.sha256(content).digest()


def canonical(message):
    """The bytes of proto/wire/canonical.h."""
    parts = []
    for field, value in sorted(message.ListFields(), key=lambda item: item[0].number):
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            content = canonical(value)
        elif field.type == FieldDescriptor.TYPE_STRING:
            content = value.encode()
        elif field.type == FieldDescriptor.TYPE_BYTES:
            content = value
        else:
            content = struct.pack(">q", value)
        parts.append(number(field.number) + number(len(content)) + content)
    return b"".join(parts)


def own_key(secret_key, part, referral_id):
    return hashlib.blake2b(b"cpts.fr/own-key/1\0" + bytes([part]) + raw(referral_id),
                           key=bytes(secret_key), digest_size=32).digest()


def commitment(key, nonce):
    return hashlib.blake2b(b"cpts.fr/commitment/1\0" + nonce, key=key, digest_size=32).digest()


def seal(text, key, additional):
    size = 1024
    while len(text) > size - OVERHEAD - 1:
        size *= 2
    padded = (text + b"\x80").ljust(size - OVERHEAD, b"\0")
    nonce = random(NONCE)
    return nonce + commitment(key, nonce) + sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        padded, additional, nonce, key)


def unseal(ciphertext, key, additional):
    nonce, committed = ciphertext[:NONCE], ciphertext[NONCE:NONCE + COMMITMENT]
    if committed != commitment(key, nonce):
        raise ValueError("another key")
    padded = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
        ciphertext[NONCE + COMMITMENT:], additional, nonce, key)
    text = padded.rstrip(b"\0")
    if not text.endswith(b"\x80"):
        raise ValueError("no padding")
    return text[:-1]


def part_data(part, referral_id, origin_id):
    return b"cpts.fr/part/1\0" + bytes([part]) + raw(referral_id) + raw(origin_id)


def note_data(referral_id, note_id, author_id):
    return b"cpts.fr/note/1\0" + raw(referral_id) + raw(note_id) + raw(author_id)


def wrap_key(key, public_key):
    return SealedBox(PublicKey(bytes(public_key))).encrypt(key)


def unwrap_key(wrapped, secret_key):
    return SealedBox(PrivateKey(bytes(secret_key))).decrypt(wrapped)


def referral_input(referral_id, header, key_serial, offer, content):
    order = canonical(header)
    return (raw(referral_id) + number(key_serial) + number(len(order)) + order + sha256(offer)
            + sha256(content))


def wrap_input(referral_id, assignment_id, wrap, offer, content):
    return (raw(referral_id) + raw(assignment_id) + raw(wrap.cpts_id) + number(wrap.key_serial)
            + sha256(wrap.offer_key) + wrap.content_key_sha256 + sha256(offer) + sha256(content)
            + raw(wrap.wrapped_by) + number(wrap.wrapped_by_serial))


def note_input(referral_id, assignment_id, note):
    content = (raw(referral_id) + (raw(assignment_id) if assignment_id else bytes(16))
               + raw(note.id) + raw(note.author_id) + number(note.key_serial)
               + sha256(note.ciphertext) + number(len(note.keys)))
    for key in note.keys:
        content += raw(key.cpts_id) + number(key.key_serial) + sha256(key.key)
    return content


def sign(signing_key, label, content):
    return SigningKey(bytes(signing_key)).sign(label + b"\0" + content).signature


def verify(verify_key, label, content, signature):
    VerifyKey(bytes(verify_key)).verify(label + b"\0" + content, signature)


def make_wrap(place, keys, recipient, maker):
    """A KeyWrap. place: referral id, assignment id, offer, content; keys: of offer
    and content; recipient and maker: vouching.Keys."""
    wrap = sealed_pb2.KeyWrap(
        cpts_id=recipient.cpts_id, key_serial=recipient.serial,
        offer_key=wrap_key(keys[0], recipient.encryption.public_key),
        content_key=wrap_key(keys[1], recipient.encryption.public_key),
        wrapped_by=maker.cpts_id, wrapped_by_serial=maker.serial)
    wrap.content_key_sha256 = sha256(wrap.content_key)
    referral_id, assignment_id, offer, content = place
    wrap.signature = sign(maker.signing, b"cpts.fr/wrap/1",
                          wrap_input(referral_id, assignment_id, wrap, offer, content))
    return wrap


class SealedReferral:
    """A referral sealed by its origin (vouching.Keys): parts and, for each
    recipient, a wrap."""

    def __init__(self, origin, header, offer=b"offre", content=b"identite", referral_id=None):
        self.origin, self.header = origin, header
        self.id = referral_id or str(uuid.uuid4())
        self.keys = [own_key(origin.encryption, part, self.id) for part in (OFFER, CONTENT)]
        sealed = [seal(text, key, part_data(part, self.id, origin.cpts_id))
                  for part, text, key in zip((OFFER, CONTENT), (offer, content), self.keys)]
        self.parts = sealed_pb2.SealedParts(offer=sealed[0], content=sealed[1],
                                            key_serial=origin.serial)
        self.parts.signature = sign(
            origin.signing, b"cpts.fr/referral/1",
            referral_input(self.id, header, origin.serial, sealed[0], sealed[1]))

    def wrap(self, assignment_id, recipient, maker=None):
        return make_wrap((self.id, assignment_id, self.parts.offer, self.parts.content),
                         self.keys, recipient, maker or self.origin)


def make_note(referral_id, assignment_id, author, readers, text=b"note", note_id=None):
    """A SealedNote of an author for readers (vouching.Keys, each)."""
    note = sealed_pb2.SealedNote(id=note_id or str(uuid.uuid4()), author_id=author.cpts_id,
                                 key_serial=author.serial)
    key = random(32)
    note.ciphertext = seal(text, key, note_data(referral_id, note.id, author.cpts_id))
    for reader in (author, *readers):
        note.keys.add(cpts_id=reader.cpts_id, key_serial=reader.serial,
                      key=wrap_key(key, reader.encryption.public_key))
    note.signature = sign(author.signing, b"cpts.fr/note-signature/1",
                          note_input(referral_id, assignment_id, note))
    return note
