# SPDX-License-Identifier: Apache-2.0
"""Random commands on referrals: legal and not, by the right party and the
wrong one, stale, lost, repeated, delayed, several at once.

What is known of a referral is what answers said, so that it is often out of
date, as it is for people."""
import collections
import random
import threading
import time
import uuid

import plain
import psql
import sealing
from cast import CALL_TIMEOUT_S
from cpts.v1 import referral_pb2
from node import Refusal, grpc

# Shares of all commands, out of 1,000.
LOST, DOUBLED, DELAYED, REUSED = 30, 40, 40, 10
WRONG_PARTY, STALE, ANY_EVENT = 60, 60, 250
SUBMITTED = 120
# A lost answer: the caller gives up long before one can come back, or shortly before.
LOST_TIMEOUTS_S = (0.0005, 0.002, 0.004)
# Referrals that are worked on at a time; fewer means more races.
POOL = 48
# How often a step is chosen beside the others, which have 4: what ends a referral
# early is rare, so that many get far.
WEIGHTS = {"ENTER_IN_ERROR": 1, "FAIL": 1, "WITHDRAW": 1, "DECLINE": 2, "REDIRECT": 2,
           "ACCEPT": 12, "REPORT": 8, "ACKNOWLEDGE": 8, "CONFIRM_CANCEL": 2,
           "REWRAP": 1}
USUAL_WEIGHT = 4
# Assignments that are candidates still, out of 100 choices of one.
UNASKED = 5
# Out of 100 referrals nobody touches these until their clocks have run.
SILENT = 12
REASONS = {"DECLINE": "CAPACITY", "FAIL": "OTHER", "ABANDON": "OTHER"}
NOTES = ("ASK_INFO", "ANSWER_INFO", "REPORT", "DISPUTE")
OWN_RPC = ("REDIRECT", "DELIVER", "OVERDUE")

Attempt = collections.namedtuple(
    "Attempt", "command rpc actor referral assignment event expected began_ns ended_ns code reason"
    " version position replayed detail")


class Known:
    """A referral as its callers know it."""

    def __init__(self, referral_id, origin, sealed):
        self.id, self.origin, self.sealed = referral_id, origin, sealed
        self.assignments, self.candidates, self.unasked = {}, [], set()
        self.version, self.status = 1, "OPEN"
        self.is_silent = False
        self.delayed = []


class Hand(threading.Thread):
    """Lets time pass: moves clocks forward until they are due, some at a time. What
    fires is what the server fires."""

    PERIOD_S = 0.5
    DUE = ("UPDATE cpts.referral_clock k SET fire_at = now() WHERE (k.referral_id, k.assignment_id,"
           " k.kind) IN (SELECT referral_id, assignment_id, kind FROM cpts.referral_clock"
           " TABLESAMPLE BERNOULLI (4) WHERE fire_at > now() LIMIT 40);")

    def __init__(self, database):
        super().__init__()
        self._session = psql.Session(database.name)
        self._over = threading.Event()

    def run(self):
        while not self._over.wait(self.PERIOD_S):
            self._session.run(self.DUE)

    def stop(self):
        self._over.set()
        self.join()
        self._session.end()


class Driver:
    """Sends commands from several threads until as many were sent as wanted."""

    def __init__(self, cast, seed, count):
        self.cast, self.seed, self.count = cast, seed, count
        self.attempts, self.known, self.pool = [], {}, []
        self.failures = []
        self._sent = 0
        self._lock = threading.Lock()

    def run(self, threads):
        hand = Hand(self.cast.node.database)
        hand.start()
        workers = [threading.Thread(target=self._work, args=(number,)) for number in
                   range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        hand.stop()
        if self.failures:
            raise self.failures[0]

    def _work(self, number):
        rng = random.Random(f"{self.seed}/{number}")
        try:
            while not self.failures and self._take():
                self._step(rng)
        except Exception as failure:  # pylint: disable=broad-except
            self.failures.append(failure)

    def _take(self):
        with self._lock:
            self._sent += 1
            return self._sent <= self.count

    def _step(self, rng):
        if len(self.pool) < POOL or rng.randrange(1000) < SUBMITTED:
            self._submit(rng)
            return
        known = rng.choice(self.pool)
        if known.delayed and rng.random() < 0.5:
            self._send(rng, known, *known.delayed.pop(rng.randrange(len(known.delayed))))
            return
        made = self._command(rng, known)
        if made is None:
            self._submit(rng)
        elif rng.randrange(1000) < DELAYED:
            known.delayed.append(made)
        else:
            self._send(rng, known, *made)

    # What is asked.

    def _submit(self, rng):
        players = rng.sample(self.cast.players, 5)
        origin, others = players[0], players[1:]
        asked = rng.choice((1, 1, 2, 3))
        sealed = sealing.Sealed(origin, urgency=rng.choice((2, 3, 4)))
        request = sealed.submit(others[:asked], others[asked:asked + rng.choice((0, 0, 1, 2))],
                                origin.actor)
        known = Known(request.referral_id, origin, sealed)
        known.is_silent = rng.randrange(100) < SILENT
        known.candidates = [c.cpts_id for c in request.candidates]
        known.unasked = {c.assignment_id for c in request.candidates}
        for recipient in (*request.destinations, *request.candidates):
            known.assignments[recipient.assignment_id] = [recipient.cpts_id, "DELIVERED", 1]
        self._send(rng, known, origin, "SubmitReferral", request)
        self.known[known.id] = known
        self.pool.append(known)
        if len(self.pool) > 2 * POOL:
            self._retire(rng)

    def _retire(self, rng):
        """Leaves referrals alone, the finished ones first."""
        with self._lock:
            over = [k for k in self.pool if k.status in ("FULFILLED", "ABANDONED")]
            for known in over or rng.sample(self.pool, len(self.pool) // 4):
                self.pool.remove(known)

    def _command(self, rng, known):
        if known.status == "TO_REASSIGN" and rng.random() < 0.7:
            return self._whole(rng, known)
        if known.candidates and rng.random() < 0.05:
            return known.origin, "WidenReferral", referral_pb2.WidenReferralRequest(
                command_id=str(uuid.uuid4()), referral_id=known.id,
                expected_version=self._version(rng, known.version), actor=known.origin.actor)
        assignment_id = self._assignment(rng, known)
        destination, state, version = known.assignments[assignment_id]
        event, party = self._event(rng, known, state)
        if event is None:
            return None
        player = self._player(rng, known, destination, party)
        if event == "REWRAP":
            return player, "RewrapReferral", self._rewrap(rng, known, assignment_id, player)
        if event == "REDIRECT":
            return self._redirect(rng, known, assignment_id, player)
        request = referral_pb2.ActOnReferralRequest(
            command_id=str(uuid.uuid4()), referral_id=known.id, assignment_id=assignment_id,
            expected_version=self._version(rng, version),
            event=referral_pb2.ReferralEvent.Value(f"REFERRAL_EVENT_{event}"),
            reason=REASONS.get(event, ""), actor=player.actor)
        if event in NOTES:
            request.note.CopyFrom(self._sealed_note(known, player, assignment_id, destination))
        if event == "SCHEDULE":
            request.scheduled_for.CopyFrom(rng.choice((sealing.now, sealing.tomorrow))())
        return player, "ActOnReferral", request

    def _sealed_note(self, known, author, assignment_id, destination):
        """For both sides; a desk, which has no keys, signs with another's."""
        sides = {known.origin.cpts_id, destination}
        readers = [p for p in self.cast.players if p.cpts_id in sides]
        return known.sealed.note(author, assignment_id, readers)

    @staticmethod
    def _assignment(rng, known):
        """One of those that were asked, nearly always; the active ones first."""
        every = list(known.assignments)
        if rng.randrange(100) < UNASKED:
            return rng.choice(every)
        asked = [a for a in every if a not in known.unasked] or every
        active = [a for a in asked if known.assignments[a][1] in plain.ACTIVE]
        return rng.choice(active if active and rng.random() < 0.8 else asked)

    @staticmethod
    def _event(rng, known, state):
        rows = [(event, party) for (event, party), (sources, _) in plain.STEPS.items()
                if event not in ("DELIVER", "OVERDUE") and party != plain.S
                and (state in sources or rng.randrange(1000) < ANY_EVENT)]
        if known.is_silent:
            rows = [row for row in rows if row[1] == plain.R or row[0] == "RECALL"]
        weights = [WEIGHTS.get(event, USUAL_WEIGHT) for event, _ in rows]
        return rng.choices(rows, weights)[0] if rows else (None, None)

    def _player(self, rng, known, destination, party):
        if rng.randrange(1000) < WRONG_PARTY:
            return rng.choice([*self.cast.players, *self.cast.desks.values()])
        if party == plain.R:
            return self.cast.desks[known.origin.region]
        wanted = known.origin.cpts_id if party == plain.O else destination
        return next(p for p in self.cast.players if p.cpts_id == wanted)

    @staticmethod
    def _version(rng, version):
        return max(1, version - rng.randint(1, 3)) if rng.randrange(1000) < STALE else version

    def _rewrap(self, rng, known, assignment_id, player):
        destination, _, version = known.assignments[assignment_id]
        target = next(p for p in self.cast.players if p.cpts_id == destination)
        return referral_pb2.RewrapReferralRequest(
            command_id=str(uuid.uuid4()), referral_id=known.id,
            expected_version=self._version(rng, version), actor=player.actor,
            sealed_sha256=known.sealed.hashes,
            recipient=known.sealed.again(assignment_id, target, player))

    def _redirect(self, rng, known, assignment_id, player):
        target = rng.choice(self.cast.players)
        _, state, version = known.assignments[assignment_id]
        request = referral_pb2.RedirectReferralRequest(
            command_id=str(uuid.uuid4()), referral_id=known.id, assignment_id=assignment_id,
            expected_version=self._version(rng, version), actor=player.actor)
        if state == "ACCEPTED" and player.cpts_id:
            request.next.CopyFrom(known.sealed.recipient(target, by=player))
            request.sealed_sha256 = known.sealed.hashes
            known.assignments[request.next.assignment_id] = [target.cpts_id, "DELIVERED", 1]
            known.unasked.add(request.next.assignment_id)
        else:
            request.next.cpts_id = target.cpts_id
        return player, "RedirectReferral", request

    def _whole(self, rng, known):
        version = self._version(rng, known.version)
        if rng.random() < 0.4:
            desk = self.cast.desks[known.origin.region]
            player = rng.choice((known.origin, known.origin, desk))
            return player, "ActOnReferral", referral_pb2.ActOnReferralRequest(
                command_id=str(uuid.uuid4()), referral_id=known.id, expected_version=version,
                event=referral_pb2.REFERRAL_EVENT_ABANDON, reason=REASONS["ABANDON"],
                actor=player.actor)
        target = rng.choice(self.cast.players)
        recipient = known.sealed.recipient(target, by=known.origin)
        known.assignments[recipient.assignment_id] = [target.cpts_id, "DELIVERED", 1]
        return known.origin, "ReassignReferral", referral_pb2.ReassignReferralRequest(
            command_id=str(uuid.uuid4()), referral_id=known.id, expected_version=version,
            destinations=[recipient], sealed_sha256=known.sealed.hashes, actor=known.origin.actor)

    # How it is sent, and what becomes of it.

    def _send(self, rng, known, player, rpc, request):
        chance = rng.randrange(1000)
        if chance < LOST:
            self._call(known, player, rpc, request, rng.choice(LOST_TIMEOUTS_S))
            if rng.random() < 0.5:
                known.delayed.append((player, rpc, request))
            else:
                self._call(known, player, rpc, request)
        elif chance < LOST + DOUBLED:
            call = getattr(player.referrals, rpc)
            pair = [call.future(request, timeout=CALL_TIMEOUT_S) for _ in range(2)]
            for future in pair:
                self._note(known, player, rpc, request, future.result)
        elif chance < LOST + DOUBLED + REUSED:
            self._call(known, player, rpc, request)
            self._reuse(known, player, rpc, request)
        else:
            self._call(known, player, rpc, request)

    def _reuse(self, known, player, rpc, request):
        """The id of that command with another content."""
        other = type(request).FromString(request.SerializeToString())
        if rpc == "SubmitReferral":
            other.actor.purpose = 2
        else:
            other.expected_version += 1
        self._call(known, player, rpc, other)

    def _call(self, known, player, rpc, request, timeout=CALL_TIMEOUT_S):
        call = getattr(player.referrals, rpc)
        self._note(known, player, rpc, request, lambda: call(request, timeout=timeout))

    def _note(self, known, player, rpc, request, ask):
        assignment = (request.recipient.assignment_id if rpc == "RewrapReferral"
                      else getattr(request, "assignment_id", ""))
        event = rpc if rpc != "ActOnReferral" else referral_pb2.ReferralEvent.Name(request.event)
        fields = (request.command_id, rpc, player.uri, known.id, assignment, event,
                  getattr(request, "expected_version", 0), time.monotonic_ns())
        try:
            answer = ask()
        except grpc.RpcError as error:
            refused = Refusal(error)
            self.attempts.append(Attempt(*fields, time.monotonic_ns(), refused.status,
                                         refused.reason, 0, 0, False, refused.detail))
            self._learn_refusal(known, assignment, refused)
            return
        self.attempts.append(Attempt(*fields, time.monotonic_ns(), "OK", "", answer.version,
                                     answer.log_position, answer.replayed, ""))
        self._learn(known, assignment, answer)

    @staticmethod
    def _learn(known, assignment, answer):
        known.status = referral_pb2.ReferralStatus.Name(answer.status)[len("REFERRAL_STATUS_"):]
        known.version = max(known.version, answer.version)
        known.unasked.discard(assignment)
        if assignment in known.assignments:
            state = referral_pb2.AssignmentState.Name(answer.state)[len("ASSIGNMENT_STATE_"):]
            known.assignments[assignment][1:] = [state, answer.version]

    @staticmethod
    def _learn_refusal(known, assignment, refused):
        """The detail of a refusal by state: state, version, acts allowed."""
        words = refused.detail.split(" ")
        if refused.reason not in ("STALE_VERSION", "ILLEGAL_REFERRAL_ACT") or len(words) < 2:
            return
        known.unasked.discard(assignment)
        if assignment in known.assignments:
            known.assignments[assignment][1:] = [words[0], int(words[1])]
        else:
            known.status, known.version = words[0], int(words[1])


