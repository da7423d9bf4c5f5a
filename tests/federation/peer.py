# SPDX-License-Identifier: Apache-2.0
"""A regional node that nobody here wrote: speaks FederationService.Sync from Python, well
or badly, with the region's certificate. It only tells; what it is told it passes over."""
import hashlib
import json
import queue
import time
import uuid
from dataclasses import dataclass, field

import reach  # noqa: F401
import grpc
from cpts.v1 import change_pb2, federation_pb2, federation_pb2_grpc
from fleet import file_name, uri
from nacl.signing import SigningKey
from node import Refusal

SESSION_TIMEOUT_S = 60
FEATURES = 7
CREDIT_CHANGES, CREDIT_BYTES = 65536, 64 * 1024 * 1024
SCHEMA = 1
NEVER_US = 2**63 - 1
NO_HASH = bytes(32)
END = None


def now_us():
    return time.time_ns() // 1000


@dataclass
class Author:
    """The chain of a node, as it would write it: entries, and images of its CPTS."""
    node: str
    signing: SigningKey
    entries: list = field(default_factory=list)
    versions: dict = field(default_factory=dict)
    head: bytes = NO_HASH
    epoch: int = 1

    @property
    def region(self):
        return self.node.partition("/")[2]

    def entry(self, cpts_id="", kind="CPTS_UPDATED", **changes):
        """The next entry of the chain; `changes` take the place of its own fields."""
        cpts_id = cpts_id or str(uuid.uuid4())
        version = self.versions[cpts_id] = self.versions.get(cpts_id, 0) + 1
        position = len(self.entries) + 1
        command_id = str(uuid.uuid4())
        change = change_pb2.Change(aggregate_id=cpts_id, actor=uri(self.node),
                                   command_id=command_id)
        change.cpts_updated.name = f"CPTS {version}"
        data = change.SerializeToString()
        made = federation_pb2.SyncEntry(
            position=position, origin_node=self.node, origin_position=position, epoch=1,
            aggregate_kind="CPTS", aggregate_id=cpts_id, version=version, kind=kind,
            actor=uri(self.node), command_id=command_id, content_hash=hashlib.sha256(data).digest(),
            schema_version=1, lead_region=self.region, bytes=data, prev_hash=self.head)
        made.recorded_at.FromMicroseconds(now_us())
        for name, value in changes.items():
            setattr(made, name, value)
        self.head = made.hash = hashlib.sha256(
            made.prev_hash + made.origin_position.to_bytes(8, "big") + made.bytes).digest()
        self.entries.append(made)
        return made

    def image(self, cpts_id, rows=(), head=None, **changes):
        """The whole of a CPTS at its version: its card, its first stage, more rows as pairs
        of table and dictionary. head: fields of the card in place of its own."""
        version = self.versions[cpts_id]
        card = {"cpts_id": cpts_id, "owner_node": self.node, "epoch": 1, "version": version,
                "name": f"CPTS {version}", "lead_region": self.region, "stage": "EMERGENCE",
                "stage_on": "2020-01-15", "synthetic": True, "finess": "", "website": "",
                "updated_at": "2026-01-01T00:00:00+00:00", "published": True,
                "publication_set": False, **(head or {})}
        stage = {"cpts_id": cpts_id, "version": 1, "stage": "EMERGENCE", "successor_id": None,
                 "lead_region": self.region, "valid_from": "2020-01-15", "valid_to": "infinity"}
        made = federation_pb2.SyncImage(
            aggregate_kind="CPTS", aggregate_id=cpts_id, version=version, epoch=1,
            owner_node=self.node, lead_region=self.region)
        for table, row in (("cpts", card), ("cpts_stage", stage), *rows):
            made.records.add(kind=table, rows=[json.dumps(row)], recorded_from_us=[now_us()],
                             recorded_to_us=[NEVER_US])
        for name, value in changes.items():
            setattr(made, name, value)
        return made

    def checkpoint(self, **changes):
        """Signs its head; what is changed is changed after the signature."""
        point = federation_pb2.SyncCheckpoint(node=self.node, position=len(self.entries),
                                              hash=self.head)
        signed_us = now_us()
        point.signed_at.FromMicroseconds(signed_us)
        text = (b"cpts-checkpoint-1\0" + self.node.encode() + b"\0" +
                point.position.to_bytes(8, "big") + signed_us.to_bytes(8, "big") + point.hash)
        point.signature = self.signing.sign(text).signature
        point.key_id = hashlib.sha256(self.signing.verify_key.encode()).digest()[:8]
        for name, value in changes.items():
            setattr(point, name, value)
        return point


class Session:
    """One session with the national node, as that region. Use as a context."""

    def __init__(self, fleet, author, **hello):
        self.author = author
        name = file_name(author.node)
        self._channel = fleet.national.channel(name)
        self._sent = queue.Queue()
        self._call = federation_pb2_grpc.FederationServiceStub(self._channel).Sync(
            iter(self._sent.get, END), timeout=SESSION_TIMEOUT_S)
        self.sent_upto = 0
        self.hello = hello

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._sent.put(END)
        self._call.cancel()
        self._channel.close()

    def send(self, **frame):
        self._sent.put(federation_pb2.SyncFrame(**frame))

    def send_packed(self, frame):
        """A frame as it is, for what this protocol's messages would not make."""
        self._sent.put(federation_pb2.SyncFrame.FromString(frame))

    def next(self, *kinds):
        """The next frame of one of these kinds; others are passed over. Raises
        grpc.RpcError when the session ends first."""
        while True:
            frame = next(self._call)
            kind = frame.WhichOneof("frame")
            if kind in kinds:
                return getattr(frame, kind)
            if kind == "batch" and frame.batch.upto and not frame.batch.more:
                self.send(ack=federation_pb2.SyncAck(
                    position=frame.batch.upto, credit_changes=len(frame.batch.entries),
                    credit_bytes=frame.ByteSize()))

    def begin(self):
        """Hellos and resumes; afterwards it tells. What the other one asks for besides is a
        snapshot: an empty one is given."""
        author = self.author
        self.send(hello=self.own_hello())
        theirs = self.next("hello")
        resume = self.next("resume")
        kind = 1 if theirs.cursor.epoch else 2
        self.send(resume=federation_pb2.SyncResume(
            kind=kind, position=theirs.cursor.position, epoch=author.epoch,
            scope_hash=theirs.cursor.scope_hash or self.scope_hash(), known_position=0,
            known_hash=NO_HASH))
        self.sent_upto = theirs.cursor.position
        if kind == 2:
            self.send(snapshot=federation_pb2.SyncSnapshot(
                snapshot_id=str(uuid.uuid4()), chunk=0, position=0, epoch=author.epoch,
                scope_hash=self.scope_hash(), origin_position=0, origin_hash=NO_HASH,
                sha256=hashlib.sha256(b"").digest(), last=True, chunk_count=1))
        return resume

    @staticmethod
    def scope_hash():
        return hashlib.sha256(b"everything").digest()

    def own_hello(self):
        author = self.author
        frame = federation_pb2.SyncHello(
            node=author.node, epoch=author.epoch, protocol_min=1, protocol_max=1,
            features=FEATURES, software="peer.py", head_position=len(author.entries),
            head_hash=author.head, credit_changes=CREDIT_CHANGES, credit_bytes=CREDIT_BYTES)
        frame.cursor.schema_version = SCHEMA
        frame.time.GetCurrentTime()
        for name, value in self.hello.items():
            setattr(frame, name, value)
        return frame

    def tell(self, entries, images, **changes):
        """A batch in one piece, after what was told before."""
        after = self.sent_upto
        self.sent_upto = after + len(entries)
        fields = {"after": after, "upto": self.sent_upto, "head": len(self.author.entries),
                  "entries": entries, "images": images, **changes}
        self.send(batch=federation_pb2.SyncBatch(**fields))

    def wait_stored(self, position=None):
        """Until everything told, or up to a position, is acknowledged."""
        wanted = self.sent_upto if position is None else position
        while self.next("ack").position < wanted:
            pass
        return wanted


def how_it_ended(session):
    """The error with which the other side ends the session."""
    try:
        while True:
            session.next("end")
    except grpc.RpcError as error:
        return Refusal(error)
