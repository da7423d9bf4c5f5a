# SPDX-License-Identifier: Apache-2.0
"""Keys of CPTS and who vouches for them, made with PyNaCl: a federation root,
the key authority of each region, statements and revocations.

Needs the stubs, which node.py puts on the path: import node first."""
import base64  # noqa: F401
import time
import uuid

from cpts.v1 import key_pb2
from google.protobuf.timestamp_pb2 import Timestamp
from nacl.public import PrivateKey
from nacl.signing import SigningKey, VerifyKey  # noqa: F401

DAY_S = 86400
LABEL_AUTHORITY, LABEL_STATEMENT = b"cpts.fr/key-authority/1", b"cpts.fr/key-statement/1"
LABEL_AUTHORITY_REVOCATION = b"cpts.fr/key-authority-revocation/1"
LABEL_REVOCATION, LABEL_REQUEST = b"cpts.fr/key-revocation/1", b"cpts.fr/key-request/1"


def sign(key, label, content):
    """Ed25519 over the label, a zero byte and the content."""
    return key.sign(label + b"\0" + content).signature


def moment(seconds):
    return Timestamp(seconds=int(seconds))


class Keys:
    """The two key pairs of a CPTS under one serial."""

    def __init__(self, cpts_id, region, serial=1):
        self.cpts_id, self.region, self.serial = cpts_id, region, serial
        self.encryption, self.signing = PrivateKey.generate(), SigningKey.generate()

    def statement(self, **changes):
        """The KeyStatement, packed, with these fields in place of its own."""
        now = int(time.time())
        fields = {"cpts_id": self.cpts_id, "region": self.region, "serial": self.serial,
                  "encryption_key": bytes(self.encryption.public_key),
                  "signing_key": bytes(self.signing.verify_key),
                  "valid_from": moment(now - DAY_S), "valid_to": moment(now + 365 * DAY_S),
                  "devices": [{"device_id": str(uuid.uuid4()), "label": "poste d'essai"}]}
        return key_pb2.KeyStatement(**{**fields, **changes}).SerializeToString()


class Federation:
    """A root and the authorities that it certifies, one a region."""

    def __init__(self):
        self.root = SigningKey.generate()
        self.authorities = {}

    def root_text(self):
        return bytes(self.root.verify_key).hex() + "\n"

    def certificate(self, region, key, root=None, **changes):
        now = int(time.time())
        fields = {"region": region, "serial": 1, "signing_key": bytes(key.verify_key),
                  "valid_from": moment(now - 30 * DAY_S),
                  "valid_to": moment(now + 2 * 365 * DAY_S)}
        content = key_pb2.AuthorityStatement(**{**fields, **changes}).SerializeToString()
        return key_pb2.AuthorityCertificate(
            statement=content, signature=sign(root or self.root, LABEL_AUTHORITY, content))

    def authority(self, region):
        """The signing key of a region's authority and its certificate."""
        if region not in self.authorities:
            key = SigningKey.generate()
            self.authorities[region] = key, self.certificate(region, key)
        return self.authorities[region]

    def authority_revocation(self, region, root=None, **changes):
        """A SignedAuthorityRevocation of a region's first certificate."""
        fields = {"region": region, "serial": 1, "revoked_at": moment(time.time()),
                  "reason": key_pb2.KEY_REVOCATION_REASON_COMPROMISED}
        content = key_pb2.AuthorityRevocation(**{**fields, **changes}).SerializeToString()
        return key_pb2.SignedAuthorityRevocation(
            revocation=content,
            signature=sign(root or self.root, LABEL_AUTHORITY_REVOCATION, content))

    def successor(self, region, serial=2, **changes):
        """Another authority of the region, which stands for it from now on."""
        key = SigningKey.generate()
        self.authorities[region] = key, self.certificate(region, key, serial=serial, **changes)
        return self.authorities[region]

    def signed_again(self, signed, region):
        """The very same statement under the region's authority of now."""
        key, certificate = self.authority(region)
        return key_pb2.SignedKeyStatement(
            statement=signed.statement, authority=certificate,
            signature=sign(key, LABEL_STATEMENT, signed.statement))

    def statement(self, keys, authority=None, **changes):
        """A SignedKeyStatement; authority: who signs, in place of the region's own."""
        key, certificate = authority or self.authority(keys.region)
        content = keys.statement(**changes)
        return key_pb2.SignedKeyStatement(
            statement=content, signature=sign(key, LABEL_STATEMENT, content),
            authority=certificate)

    def revocation(self, keys, authority=None, **changes):
        """A SignedKeyRevocation of these keys."""
        key, certificate = authority or self.authority(keys.region)
        fields = {"cpts_id": keys.cpts_id, "region": keys.region, "serial": keys.serial,
                  "revoked_at": moment(time.time()),
                  "reason": key_pb2.KEY_REVOCATION_REASON_COMPROMISED}
        content = key_pb2.KeyRevocation(**{**fields, **changes}).SerializeToString()
        return key_pb2.SignedKeyRevocation(
            revocation=content, signature=sign(key, LABEL_REVOCATION, content),
            authority=certificate)
