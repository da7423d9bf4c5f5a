# SPDX-License-Identifier: Apache-2.0
"""RewrapReferral: who may seal a referral again, for whom, and what is refused."""
import unittest
import uuid

from node import Node, command, psql, outcome, referral_pb2, refusal
from cpts.v1 import change_pb2
import envelope
import referring
from referring import ACTOR, Case
import vouching

node = operator = desk = None
origin = first = second = stranger = None
NAMES = iter(f"house-{number}" for number in range(100))


def setUpModule():
    global node, operator, desk, origin, first, second, stranger
    node = Node()
    operator, desk = node.client("operator"), node.client("agent")
    origin, first, second, stranger = referring.houses(node, operator, "origin", "first", "second",
                                                       "stranger")


def tearDownModule():
    if node is not None:
        for client in operator, desk, *(one.client for one in (origin, first, second, stranger)):
            client.close()
        node.stop()


def row(table, case, columns, more=""):
    return node.database.query(f"SELECT {columns} FROM cpts.{table}"
                               f" WHERE referral_id = '{case.id}' {more};")


def merge(house, heir):
    versions = [operator.get(one.cpts_id).version for one in (house, heir)]
    operator.walk("MergeCpts", id=house.cpts_id, expected_version=versions[0],
                  successor_id=heir.cpts_id, successor_version=versions[1],
                  effective_on="2024-01-01")


def wrap(case, assignment_id, house, maker):
    """Keys for a house in an attempt; without one for the origin."""
    return envelope.make_wrap((case.id, assignment_id or str(uuid.UUID(int=0)), case.parts.offer,
                               case.parts.content), case.sealed.keys, house.keys, maker.keys)


def get(house, case, *parts):
    return house.client.refer("GetReferral", referral_id=case.id, actor=ACTOR,
                              parts=[f"REFERRAL_PART_{part}" for part in parts])


class Rewraps(unittest.TestCase):
    def setUp(self):
        self.house, self.heir = referring.houses(node, operator, next(NAMES), next(NAMES))
        self.addCleanup(self.house.client.close)
        self.addCleanup(self.heir.client.close)

    def case(self, by=None, to=None):
        case = Case(by or origin, [to or self.house])
        case.submit()
        self.attempt = case.destinations[0].assignment_id
        return case

    def rewrap(self, case, by, house, assignment_id="", **fields):
        """By default what is right; the version is read first."""
        maker = by if isinstance(by, referring.House) else origin
        sealed = fields.pop("wrap", None) or wrap(case, assignment_id, house, maker)
        version = row(*(("assignment", case, "version", f"AND assignment_id = '{assignment_id}'")
                        if assignment_id else ("referral", case, "version")))
        return getattr(by, "client", by).refer("RewrapReferral", **command({
            "referral_id": case.id, "actor": ACTOR, "sealed_sha256": case.hashes(),
            "expected_version": int(version[0][0]) if version else 1,
            "recipient": {"assignment_id": assignment_id, "cpts_id": house.cpts_id,
                          "wrap": sealed}, **fields}))

    def refused(self, wanted, *arguments, **named):
        before = node.fingerprint()
        self.assertEqual(outcome(self.rewrap, *arguments, **named), wanted)
        self.assertEqual(node.fingerprint(), before, "refused, yet something was stored")


class Done(Rewraps):
    def test_rewrap__for_a_destination_after_a_merge(self):
        case = self.case()
        merge(self.house, self.heir)
        seen = get(self.heir, case, "OFFER")
        self.assertEqual((seen.wrap.cpts_id, seen.referral.assignments[0].to_rewrap,
                          seen.HasField("wrapped_at")), (self.house.cpts_id, True, False))
        clocks = row("referral_clock", case, "kind, fire_at, level")
        answer = self.rewrap(case, origin, self.heir, self.attempt)
        self.assertEqual((answer.version, referring.state_of(answer)), (3, "DELIVERED"))
        seen = get(self.heir, case, "OFFER")
        self.assertEqual((seen.wrap.cpts_id, seen.referral.assignments[0].to_rewrap,
                          seen.HasField("wrapped_at")), (self.heir.cpts_id, False, True))
        self.assertEqual(envelope.unwrap_key(seen.wrap.offer_key, self.heir.keys.encryption),
                         case.sealed.keys[0])
        self.assertEqual(seen.wrap.content_key, b"", "not before it accepted")
        self.assertEqual(row("referral_clock", case, "kind, fire_at, level"), clocks)
        self.assertEqual(referring.events_of(answer), {"WITHDRAW", "ENTER_IN_ERROR"})

    def test_rewrap__leaves_one_entry_that_names_whom_and_on_whose_behalf(self):
        case = self.case()
        merge(self.house, self.heir)
        sealed = wrap(case, self.attempt, self.heir, origin)
        answer = self.rewrap(case, origin, self.heir, self.attempt, wrap=sealed)
        packed = node.database.value(
            "SELECT encode(bytes, 'hex') FROM cpts.change_log"
            f" WHERE aggregate_id = '{case.id}' AND version = {answer.version};")
        change = change_pb2.Change.FromString(bytes.fromhex(packed))
        acted = change.referral_acted
        self.assertEqual((acted.event, acted.assignment_id, change.on_behalf.rpps),
                         (referral_pb2.REFERRAL_EVENT_REWRAP, self.attempt, ACTOR["rpps"]))
        self.assertEqual([(one.assignment_id, one.cpts_id, one.wrap_sha256) for one in acted.next],
                         [(self.attempt, self.heir.cpts_id,
                           envelope.sha256(sealed.SerializeToString()))])
        self.assertEqual(node.database.query(
            f"SELECT fault, detail FROM cpts.referral_faults('{case.id}')"
            " WHERE fault <> 'COUNT_OF_DAY';"), [])

    def test_rewrap__for_an_origin_by_who_accepted(self):
        case = self.case(by=self.house, to=first)
        case.act("ACCEPT", first, first, 1)
        merge(self.house, self.heir)
        seen = get(self.heir, case, "CONTENT")
        self.assertEqual((seen.HasField("wrap"), seen.referral.to_rewrap), (False, True))
        answer = self.rewrap(case, first, self.heir)
        self.assertEqual(answer.version, 4)
        seen = get(self.heir, case, "CONTENT")
        self.assertEqual((seen.wrap.cpts_id, seen.wrap.wrapped_by, seen.referral.to_rewrap),
                         (self.heir.cpts_id, first.cpts_id, False))
        self.assertEqual(envelope.unwrap_key(seen.wrap.content_key, self.heir.keys.encryption),
                         case.sealed.keys[1])
        self.assertEqual(get(first, case, "CONTENT").wrap.cpts_id, first.cpts_id)

    def test_rewrap__by_oneself_for_either_side(self):
        case = self.case()
        merge(self.house, self.heir)
        self.rewrap(case, self.heir, self.heir, self.attempt)
        other = self.case(by=self.heir, to=first)
        self.rewrap(other, self.heir, self.heir)
        self.assertEqual(get(self.heir, other, "OFFER").wrap.cpts_id, self.heir.cpts_id)

    def test_rewrap__for_the_key_that_followed_one_that_was_lost(self):
        case = self.case()
        old = self.house.keys
        self.house.keys = vouching.Keys(self.house.cpts_id, old.region, 2)
        self.house.client.keep("PublishKey", self.house.cpts_id,
                               node.federation.statement(self.house.keys))
        self.rewrap(case, origin, self.house, self.attempt)
        self.assertEqual(get(self.house, case, "OFFER").wrap.key_serial, 2)

    def test_rewrap__a_lost_answer_is_given_again(self):
        case = self.case()
        merge(self.house, self.heir)
        same = {"command_id": str(uuid.uuid4()), "expected_version": 2,
                "wrap": wrap(case, self.attempt, self.heir, origin)}
        done = self.rewrap(case, origin, self.heir, self.attempt, **same)
        before = node.fingerprint()
        again = self.rewrap(case, origin, self.heir, self.attempt, **same)
        self.assertEqual((again.replayed, again.version, again.log_position),
                         (True, done.version, done.log_position))
        self.assertEqual(node.fingerprint(), before)
        self.refused("ALREADY_EXISTS/COMMAND_ID_REUSED", case, origin, self.heir, self.attempt,
                     **{**same, "wrap": wrap(case, self.attempt, self.heir, origin)})

    def test_rewrap__erasure_takes_the_origins_keys_too(self):
        case = self.case(by=self.house, to=first)
        case.act("ACCEPT", first, first, 1)
        merge(self.house, self.heir)
        self.rewrap(case, first, self.heir)
        case.act("REPORT", first, first, 2, reason="NO_REPORT_IN_DMP")
        case.act("ACKNOWLEDGE", self.heir, first, 5)
        self.assertEqual(row("referral", case, "wrap IS NULL"), [["f"]])
        self.heir.client.refer("EraseReferral", **command({
            "referral_id": case.id, "actor": ACTOR, "expected_version": 6,
            "reason": "ERASURE_REASON_PATIENT_REQUEST"}))
        self.assertEqual(row("referral", case, "wrap IS NULL, erased"), [["t", "t"]])


class Refused(Rewraps):
    def test_rewrap__who_may_not(self):
        case = self.case()
        merge(self.house, self.heir)
        attempt = self.attempt
        self.refused("NOT_FOUND/REFERRAL_NOT_FOUND", case, stranger, self.heir, attempt)
        self.refused("PERMISSION_DENIED/ROLE_NOT_ALLOWED", case, desk, self.heir, attempt)
        self.refused("PERMISSION_DENIED/WRAP_NOT_YOURS", case, origin, self.heir, attempt,
                     wrap=wrap(case, attempt, self.heir, first))
        self.refused("PERMISSION_DENIED/WRONG_PARTY", case, self.heir, origin)
        case.act("ACCEPT", self.heir, self.house, 2)
        self.rewrap(case, self.heir, origin)

    def test_rewrap__another_attempt_than_ones_own(self):
        case = Case(origin, [first, second])
        case.submit()
        self.refused("PERMISSION_DENIED/WRONG_PARTY", case, first, second, case.attempt(second))
        self.refused("NOT_FOUND/ASSIGNMENT_NOT_FOUND", case, origin, first, str(uuid.uuid4()))

    def test_rewrap__sealed_for_another_or_over_something_else(self):
        case, other = self.case(), Case(origin, [first])
        merge(self.house, self.heir)
        attempt, sealed = self.attempt, "FAILED_PRECONDITION/NOT_SEALED_FOR_RECIPIENT"
        self.refused(sealed, case, origin, first, attempt)
        self.assertEqual(refusal(self.rewrap, case, origin, first, attempt).detail,
                         self.heir.cpts_id)
        self.refused(sealed, case, origin, self.heir, attempt,
                     recipient={"assignment_id": attempt, "cpts_id": self.heir.cpts_id})
        self.refused(sealed, case, origin, self.heir, attempt,
                     recipient={"assignment_id": attempt, "cpts_id": self.heir.cpts_id,
                                "wrap": wrap(case, attempt, first, origin)})
        stale = vouching.Keys(self.heir.cpts_id, "11", 7)
        self.heir.keys, kept = stale, self.heir.keys
        self.refused(sealed, case, origin, self.heir, attempt)
        self.heir.keys = kept
        invalid = "FAILED_PRECONDITION/SIGNATURE_INVALID"
        self.refused(invalid, case, origin, self.heir, attempt,
                     wrap=wrap(case, str(uuid.uuid4()), self.heir, origin))
        self.refused(invalid, case, origin, self.heir, attempt, sealed_sha256=bytes(64))
        over = wrap(other, attempt, self.heir, origin)
        self.refused(invalid, case, origin, self.heir, attempt, wrap=over)

    def test_rewrap__signed_over_the_parts_of_another_referral(self):
        case, other = self.case(), Case(origin, [first])
        attempt = self.attempt
        sealed = envelope.make_wrap((case.id, attempt, other.parts.offer, other.parts.content),
                                    other.sealed.keys, self.house.keys, origin.keys)
        self.refused("FAILED_PRECONDITION/NOT_SEALED_FOR_RECIPIENT", case, origin, self.house,
                     attempt, wrap=sealed, sealed_sha256=other.hashes())

    def test_rewrap__state_version_and_consent(self):
        case = self.case()
        attempt = self.attempt
        self.refused("ABORTED/STALE_VERSION", case, origin, self.house, attempt,
                     expected_version=9)
        self.refused("ABORTED/STALE_VERSION", case, origin, origin, expected_version=9)
        origin.client.refer("WithdrawConsent", **command({
            "referral_id": case.id, "actor": ACTOR, "expected_version": 1}))
        self.refused("FAILED_PRECONDITION/CONSENT_WITHDRAWN", case, origin, self.house, attempt)
        self.refused("FAILED_PRECONDITION/CONSENT_WITHDRAWN", case, origin, origin)
        case.act("WITHDRAW", origin, self.house, 1)
        illegal = "FAILED_PRECONDITION/ILLEGAL_REFERRAL_ACT"
        self.refused(illegal, case, origin, self.house, attempt)
        origin.client.refer("ActOnReferral", **command({
            "referral_id": case.id, "actor": ACTOR, "expected_version": 3,
            "event": referring.event("ABANDON"), "reason": "NOBODY_FOUND"}))
        self.refused(illegal, case, origin, origin)

    def test_rewrap__each_field(self):
        case = self.case()
        for wanted, changes in (
                ("ACTOR_INVALID", {"actor": None}), ("FIELD_REQUIRED", {"recipient": None}),
                ("FIELD_REQUIRED", {"expected_version": 0}),
                ("FIELD_INVALID", {"referral_id": "x"}),
                ("FIELD_REQUIRED", {"sealed_sha256": b"x"}),
                ("FIELD_INVALID", {"recipient": {"cpts_id": "x"}}),
                ("FIELD_INVALID", {"recipient": {"cpts_id": self.house.cpts_id,
                                                 "assignment_id": "x"}})):
            with self.subTest(changes=changes):
                self.refused(f"INVALID_ARGUMENT/{wanted}", case, origin, self.house, self.attempt,
                             **changes)
        self.refused("INVALID_ARGUMENT/FIELD_INVALID", case, origin, self.house, self.attempt,
                     command_id="x")

    def test_rewrap__is_no_plain_step(self):
        case = self.case()
        before = node.fingerprint()
        self.assertEqual(outcome(case.act, "REWRAP", origin, self.house, 1),
                         "INVALID_ARGUMENT/FIELD_INVALID")
        self.assertEqual(node.fingerprint(), before)


if __name__ == "__main__":
    psql.main()
