# SPDX-License-Identifier: Apache-2.0
"""CPTS of every region that refer to one another: each has keys, and a coordinator who speaks
to the node of its region alone, takes what the node says is allowed, and sends what was not
answered again with the same command_id, as the outbox of a client does."""
import contextlib
import hashlib
import os
import random
import signal
import uuid

import reach  # noqa: F401
import fleet as fleets
import grpc
import node as nodes
import racers
import sealing
from cast import CARE
from cpts.v1 import key_pb2, key_pb2_grpc, referral_pb2, referral_pb2_grpc
from daemon import run, wait_until
from history import UNDECIDED, Operation
from node import TRUST_DOMAIN, entry, registry_pb2, registry_pb2_grpc
from racers import Load, Manner
from vouching import Keys

SIGNED = (("EMERGENCE", "2020-01-15"), ("LETTRE_INTENTION", "2020-06-01"),
          ("PROJET_VALIDE", "2021-01-01"), ("ACI_SIGNE", "2021-06-01"))
# How often each act is chosen before the others; what is not named is not done.
WEIGHTS = {"ACCEPT": 10, "SCHEDULE": 4, "START": 3, "REPORT": 8, "ACKNOWLEDGE": 12, "DECLINE": 2,
           "REDIRECT": 5, "ASK_INFO": 2, "ANSWER_INFO": 8, "RECALL": 8, "WITHDRAW": 1,
           "REQUEST_CANCEL": 1, "CONFIRM_CANCEL": 4, "REFUSE_CANCEL": 4, "DISPUTE": 2,
           "REASSIGN": 8, "ABANDON": 1}
REASONS = {"DECLINE": "CAPACITY", "REDIRECT": "BETTER_PLACED", "ABANDON": "NEED_OVER"}
NOTED = frozenset({"ASK_INFO", "ANSWER_INFO", "DISPUTE", "REPORT"})
# Urgent ones are told before the others.
URGENCIES = ("URGENCY_WITHIN_24H", "URGENCY_PRIORITY", "URGENCY_ROUTINE")
SUBMIT_SHARE, ATTACH_SHARE, INSIDE_SHARE = 0.25, 0.15, 0.4
OPEN_MAX = 8
CHUNK_BYTES = 524288
# Of one frame: parts of an image have no number, so that it is parked when one is repeated.
ATTACHMENT_SIZES = (300, 5000)
PAGE_SIZE = 50
HASTE = Manner(call_timeout_s=6.0, patience_s=8.0, resend_share=0.05, reuse_share=0)
# The time of clocks comes: of some referrals, at the node that owns them, under its log's lock.
DUE = """BEGIN; SELECT FROM pg_advisory_xact_lock(cpts.log_lock_key());
    UPDATE cpts.referral_clock k SET fire_at = now() FROM cpts.referral r
     WHERE r.referral_id = k.referral_id AND r.owner_node = '{node}' AND k.level < 3
       AND k.kind IN ('SCHEDULE', 'REPORT', 'REBOOK') AND k.referral_id::text ~ '[{digits}]$';
    COMMIT;"""


class Stubs:
    """Every method that a coordinator calls, over one connection."""

    def __init__(self, channel):
        for stub in (referral_pb2_grpc.ReferralServiceStub, key_pb2_grpc.KeyServiceStub,
                     registry_pb2_grpc.RegistryServiceStub):
            vars(self).update(vars(stub(channel)))


class Peer(racers.Peer):
    def stub(self, identity):
        key = identity, self.node.port
        if key not in self._channels:
            self._channels[key] = self.node.channel(identity)
        return Stubs(self._channels[key])


class House:
    """A CPTS at the node that serves it, and the certificate of its coordinator."""

    def __init__(self, member, region, number):
        self.member, self.region, self.actor = member, region, CARE
        self.name = f"cpts-{region}-{number}"
        with member.channel(fleets.file_name(member.node)) as channel:
            made = registry_pb2_grpc.RegistryServiceStub(channel).CreateCpts(
                registry_pb2.CreateCptsRequest(
                    command_id=str(uuid.uuid4()), name=f"CPTS {self.name}", lead_region=region,
                    synthetic=True, stages=[entry(*stage) for stage in SIGNED]),
                timeout=nodes.CALL_TIMEOUT_S)
        self.cpts_id = made.id
        self.uri = f"spiffe://{TRUST_DOMAIN}/cpts/{self.cpts_id}"
        self.keys = Keys(self.cpts_id, region)
        run(fleets.CERTIFICATES, "leaf", member.pki, "ca", self.name, "2", f"URI:{self.uri}")
        grant(member, self)

    def next_keys(self):
        """Keys of the next serial; it has them once they are published."""
        return Keys(self.cpts_id, self.region, self.keys.serial + 1)


def grant(member, house):
    """The node knows the coordinator of the house, from its next look at the roles on."""
    member.database.file("sql/admin/principal_role_grant.sql", uri=house.uri,
                         role="CPTS_COORDINATOR", scope=f"cpts:{house.cpts_id}")
    member.send(signal.SIGHUP)


class Sent:
    """A referral that was sent, or may have been: what its origin knows about it."""

    def __init__(self, origin, sealed):
        self.origin, self.sealed, self.id = origin, sealed, sealed.id
        # By id of the attempt: whom it asks.
        self.asked = {}
        self.attachments = {}
        self.is_submitted = False

    def recipient(self, house, by=None):
        made = self.sealed.recipient(house, by)
        self.asked[made.assignment_id] = house
        return made


class Book:
    """All that was sent. Any thread."""

    def __init__(self):
        # By id, and by the command that submits it.
        self.sent, self.commands = {}, {}

    def submitted(self):
        return [one for one in list(self.sent.values()) if one.is_submitted]


class Coordinator(racers.Client):
    """The thread of one house: submits, looks at its lists, takes a step that is allowed."""

    def __init__(self, load, number, house, book, houses):
        self.house, self.book, self.houses = house, book, houses
        super().__init__(load, number)
        self.peers = [Peer(node) for node in load.nodes]
        self.open_count, self.waiting = 0, []

    def identify(self, _):
        return self.house.name, self.house.uri, (self.house.region,)

    def ask(self, method, request):
        """A read, or None while its node does not answer."""
        with contextlib.suppress(grpc.RpcError):
            return getattr(self.peers[0].stub(self.identity), method)(
                request, timeout=self.manner.call_timeout_s)
        return None

    def step(self):
        if self.rng.random() < ATTACH_SHARE:
            self.attach()
        super().step()

    # What to ask for.

    def make(self):
        made = None
        if self.open_count < OPEN_MAX and self.rng.random() < SUBMIT_SHARE:
            made = self.submission()
        made = made or self.act() or self.submission()
        method, request, known = made
        request.command_id = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        operation = Operation(self.principal, method, request.command_id,
                              request.SerializeToString())
        if method == "SubmitReferral":
            self.book.commands[operation.command_id] = known
        return operation, request, known

    def others(self):
        return [house for house in self.houses if house is not self.house]

    def submission(self):
        near = [house for house in self.others() if house.region == self.house.region]
        asked = (near if near and self.rng.random() < INSIDE_SHARE else
                 self.rng.sample(self.others(), 1 + (self.rng.random() < 0.2)))
        sealed = sealing.Sealed(self.house, urgency=self.rng.choice(URGENCIES))
        sent = Sent(self.house, sealed)
        request = sealed.submit([], actor=CARE)
        request.destinations.extend(sent.recipient(house) for house in asked)
        left = [house for house in self.others() if house not in asked]
        if left and self.rng.random() < 0.2:
            request.candidates.append(sent.recipient(self.rng.choice(left)))
        self.book.sent[sent.id] = sent
        return "SubmitReferral", request, sent

    def settle(self, operation, request):
        super().settle(operation, request)
        if not self.is_decided(operation):
            self.waiting.append((operation, request))

    def learn(self, operation, request, known):
        if operation.method == "SubmitReferral" and operation.acknowledged:
            known.is_submitted = True

    def act(self):
        """A step of one of its referrals; None when there is none to take."""
        choices = []
        for worklist in ("WORKLIST_INBOX", "WORKLIST_OUTBOX", "WORKLIST_TO_REASSIGN"):
            answer = self.ask("ListReferrals", referral_pb2.ListReferralsRequest(
                actor=CARE, worklist=worklist, page_size=PAGE_SIZE))
            rows = [row.referral for row in answer.rows] if answer is not None else []
            if worklist == "WORKLIST_OUTBOX":
                self.open_count = len(rows)
            for row in rows:
                choices += self.choices(row)
        if not choices:
            return None
        row, attempt, event = self.rng.choices(
            choices, [WEIGHTS[event] for _, _, event in choices])[0]
        sent = self.book.sent[row.id]
        if event == "REASSIGN":
            return self.reassign(row, sent)
        if event == "REDIRECT":
            return self.redirect(row, attempt, sent)
        return self.simple(row, attempt, sent, event)

    def choices(self, row):
        """(referral, attempt or None, event) of what the node allows."""
        for attempt in (None, *row.assignments):
            for number in (attempt or row).allowed_events:
                event = referral_pb2.ReferralEvent.Name(number).removeprefix("REFERRAL_EVENT_")
                if event in WEIGHTS:
                    yield row, attempt, event

    def simple(self, row, attempt, sent, event):
        request = referral_pb2.ActOnReferralRequest(
            referral_id=row.id, assignment_id=attempt.id if attempt else "",
            expected_version=(attempt or row).version, event=f"REFERRAL_EVENT_{event}",
            reason=REASONS.get(event, ""), actor=CARE)
        if event in NOTED:
            readers = [sent.origin, sent.asked[attempt.id]]
            request.note.CopyFrom(sent.sealed.note(self.house, attempt.id, readers))
        if event == "SCHEDULE":
            request.scheduled_for.CopyFrom(sealing.now())
        return "ActOnReferral", request, sent

    def redirect(self, row, attempt, sent):
        request = referral_pb2.RedirectReferralRequest(
            referral_id=row.id, assignment_id=attempt.id, expected_version=attempt.version,
            reason=REASONS["REDIRECT"], actor=CARE)
        house = self.rng.choice([one for one in self.others() if one is not sent.origin])
        if attempt.state == referral_pb2.ASSIGNMENT_STATE_ACCEPTED:
            request.next.CopyFrom(sent.recipient(house, by=self.house))
            request.sealed_sha256 = sent.sealed.hashes
        else:
            request.next.cpts_id = house.cpts_id
        return "RedirectReferral", request, sent

    def reassign(self, row, sent):
        house = self.rng.choice(self.others())
        return "ReassignReferral", referral_pb2.ReassignReferralRequest(
            referral_id=row.id, expected_version=row.version, actor=CARE,
            destinations=[sent.recipient(house)], sealed_sha256=sent.sealed.hashes), sent

    # Attachments have no command_id: a chunk that is sent again changes nothing.

    def attach(self):
        mine = [one for one in self.book.submitted()
                if one.origin is self.house and not one.attachments]
        if mine:
            one, size = self.rng.choice(mine), self.rng.choice(ATTACHMENT_SIZES)
            one.attachments[sealing.uuid7()] = Attachment(random.Random(
                self.rng.random()).randbytes(size))
            self.upload(one)

    def upload(self, one):
        """@return whether everything of it is there, or refused for good."""
        for key, attachment in one.attachments.items():
            for index in range(attachment.chunk_count):
                if attachment.is_decided:
                    break
                self.put(one, key, attachment, index)
        return all(attachment.is_decided for attachment in one.attachments.values())

    def put(self, one, key, attachment, index):
        try:
            answer = self.peers[0].stub(self.identity).PutAttachmentChunk(
                chunk_request(one, key, attachment, index), timeout=self.manner.call_timeout_s)
            attachment.is_complete = answer.complete
        except grpc.RpcError as error:
            if error.code().name not in UNDECIDED:
                attachment.refusal = nodes.Refusal(error)

    def finish_all(self):
        """What a client's outbox would still hold is sent until it is decided."""
        for operation, request in self.waiting:
            if not self.is_decided(operation):
                self.send_to(self.peers[0], operation, request)
        mine = [one for one in self.book.submitted() if one.origin is self.house]
        return (all(self.is_decided(operation) for operation, _ in self.waiting)
                and all([self.upload(one) for one in mine]))


class Attachment:
    def __init__(self, content):
        self.content = content
        self.chunk_count = -(-len(content) // CHUNK_BYTES)
        self.is_complete, self.refusal = False, None

    @property
    def is_decided(self):
        return self.is_complete or self.refusal is not None

    def chunk(self, index):
        return self.content[index * CHUNK_BYTES:(index + 1) * CHUNK_BYTES]


def chunk_request(one, key, attachment, index):
    return referral_pb2.PutAttachmentChunkRequest(
        referral_id=one.id, actor=CARE, chunk_index=index, chunk=attachment.chunk(index),
        attachment={"id": key, "byte_count": len(attachment.content),
                    "sha256": hashlib.sha256(attachment.content).digest(),
                    "chunk_count": attachment.chunk_count})


class Referring:
    """Houses of every region of a fleet, and their coordinators' work on it."""

    def __init__(self, traffic, places, manner=HASTE):
        """places: {region: how many houses}; a region without a node is the national one's."""
        self.fleet, self.traffic, self.manner = traffic.fleet, traffic, manner
        self.book, self._run = Book(), 0
        self.houses = [House(self.fleet.regions.get(region, self.fleet.national), region, number)
                       for region, count in places.items() for number in range(count)]
        self.coordinators = []
        for house in self.houses:
            self.publish(house, house.keys)
        self.wait_known()

    def publish(self, house, keys):
        """The directory is the national node's: it is handed on there."""
        request = key_pb2.PublishKeyRequest(
            command_id=str(uuid.uuid4()), id=house.cpts_id,
            statement=self.fleet.vouchers.statement(keys))
        with house.member.channel(house.name) as channel:
            stub = key_pb2_grpc.KeyServiceStub(channel)
            wait_until(lambda: nodes.outcome(stub.PublishKey, request, timeout=10) == "OK",
                       f"keys of {house.name}", fleets.CONVERGE_TIMEOUT_S)
        house.keys = keys

    def wait_known(self):
        """Until every node has the newest keys of all."""
        wanted = sum(house.keys.serial for house in self.houses)
        for member in self.fleet.members:
            wait_until(lambda one=member: one.database.value(
                "SELECT count(*) FROM cpts.key_statement;") == str(wanted),
                f"keys at {member.node}", fleets.CONVERGE_TIMEOUT_S)

    def rotate(self, house):
        """Seals and signs with new keys from now on; what was sealed for the old ones stays."""
        self.publish(house, house.next_keys())

    def let_clocks_run(self, rng):
        """The time of some clocks comes, at whoever owns the referral."""
        digits = "".join(rng.sample("0123456789abcdef", 6))
        for member in self.fleet.members:
            member.database.query(DUE.format(node=member.node, digits=digits))

    @contextlib.contextmanager
    def running(self):
        """Every coordinator works until the block ends."""
        self._run += 1
        with contextlib.ExitStack() as stack:
            for house in self.houses:
                def coordinator(load, number, house=house):
                    made = Coordinator(load, number, house, self.book, self.houses)
                    self.coordinators.append(made)
                    return made
                stack.enter_context(Load(
                    [house.member], f"{self.fleet.seed}/{self._run}/{house.name}",
                    Manner(**{**vars(self.manner), "thread_count": 1}), None,
                    self.traffic.histories[house.member.node], coordinator))
            yield

    def finish(self):
        """Sends what was not decided until it is, as every outbox would by now."""
        for one in self.coordinators:
            one.peers = [Peer(node) for node in one.load.nodes]
        wait_until(lambda: all([one.finish_all() for one in self.coordinators]),
                   "decisions about all that was sent", fleets.CONVERGE_TIMEOUT_S)
        for one in self.coordinators:
            one.peers[0].close()
        for operation in self.operations():
            if operation.method == "SubmitReferral" and operation.acknowledged:
                self.book.commands[operation.command_id].is_submitted = True

    def operations(self):
        principals = {house.uri for house in self.houses}
        return [operation for history in self.traffic.histories.values()
                for operation in list(history.operations) if operation.principal in principals]

    def counts(self):
        """{method and answer: how often}."""
        found = {}
        for operation in self.operations():
            for attempt in operation.attempts:
                answer = attempt.reason or attempt.code
                key = f"{operation.method} {answer}{' replayed' if attempt.replayed else ''}"
                found[key] = found.get(key, 0) + 1
        return dict(sorted(found.items()))
