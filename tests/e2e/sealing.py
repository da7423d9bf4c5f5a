# SPDX-License-Identifier: Apache-2.0
"""Sealed parts, wraps and notes as their signatures need them (proto/wire/envelope.h),
made with PyNaCl. Ciphertexts are random bytes of a size class: a server cannot tell.

Needs the stubs, which node.py puts on the path: import node first."""
import hashlib
import os
import struct
import uuid

from cpts.v1 import sealed_pb2
from vouching import sign

SIZE_CLASS, WRAPPED = 1024, 80
ABOUT_ALL = "00000000-0000-0000-0000-000000000000"


def number(value):
    return struct.pack(">I", value)


def identity(text):
    return uuid.UUID(text).bytes


def digest(data):
    return hashlib.sha256(data).digest()


def canonical(message):
    """The same bytes wherever it is packed (proto/wire/canonical.h)."""
    packed = b""
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            value = canonical(value)
        elif isinstance(value, str):
            value = value.encode()
        elif not isinstance(value, bytes):
            value = struct.pack(">q", int(value))
        packed += number(field.number) + number(len(value)) + value
    return packed


def minted():
    """A UUIDv7; its time does not matter here."""
    raw = bytearray(os.urandom(16))
    raw[6], raw[8] = raw[6] & 0x0f | 0x70, raw[8] & 0x3f | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


def parts(keys, referral_id, header, **changes):
    """SealedParts of a referral; changes are made after it was signed."""
    sealed = sealed_pb2.SealedParts(offer=os.urandom(SIZE_CLASS), content=os.urandom(SIZE_CLASS),
                                    key_serial=keys.serial)
    packed = canonical(header)
    sealed.signature = sign(keys.signing, b"cpts.fr/referral/1", identity(referral_id)
                            + number(keys.serial) + number(len(packed)) + packed
                            + digest(sealed.offer) + digest(sealed.content))
    for name, value in changes.items():
        setattr(sealed, name, value)
    return sealed


def hashes(sealed):
    """What wraps are signed over."""
    return digest(sealed.offer) + digest(sealed.content)


def wrap(keys, recipient, referral_id, assignment_id, over, **changes):
    """KeyWrap by the owner of keys for the owner of recipient, over those hashes."""
    made = sealed_pb2.KeyWrap(
        cpts_id=recipient.cpts_id, key_serial=recipient.serial, offer_key=os.urandom(WRAPPED),
        content_key=os.urandom(WRAPPED), wrapped_by=keys.cpts_id, wrapped_by_serial=keys.serial)
    made.content_key_sha256 = digest(made.content_key)
    made.signature = sign(keys.signing, b"cpts.fr/wrap/1", identity(referral_id)
                          + identity(assignment_id) + identity(made.cpts_id)
                          + number(made.key_serial) + digest(made.offer_key)
                          + digest(made.content_key) + over + identity(keys.cpts_id)
                          + number(keys.serial))
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def note(keys, readers, referral_id, assignment_id=ABOUT_ALL, **changes):
    """SealedNote by the owner of keys for those readers."""
    made = sealed_pb2.SealedNote(id=changes.pop("id", minted()), ciphertext=os.urandom(SIZE_CLASS),
                                 author_id=keys.cpts_id, key_serial=keys.serial,
                                 keys=[{"cpts_id": reader.cpts_id, "key_serial": reader.serial,
                                        "key": os.urandom(WRAPPED)} for reader in readers])
    made.signature = sign(
        keys.signing, b"cpts.fr/note-signature/1", identity(referral_id) + identity(assignment_id)
        + identity(made.id) + identity(made.author_id) + number(keys.serial)
        + digest(made.ciphertext) + number(len(made.keys))
        + b"".join(identity(key.cpts_id) + number(key.key_serial) + digest(key.key)
                   for key in made.keys))
    for name, value in changes.items():
        setattr(made, name, value)
    return made
