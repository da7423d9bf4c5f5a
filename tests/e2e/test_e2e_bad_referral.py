# SPDX-License-Identifier: Apache-2.0
"""What is refused of a referral, each with its own reason and nothing stored."""
import datetime
import os
import unittest
import uuid

from node import Node, command, outcome, psql, refusal, stage
import referring
from referring import ACTOR, Case

node = operator = desk = None
origin = first = second = stranger = early = None
CONSENT = {"given_by": "PATIENT", "given_on": "2024-01-01", "form": "ORAL", "scope": "suivi"}


def setUpModule():
    global node, operator, desk, origin, first, second, stranger, early
    node = Node()
    operator, desk = node.client("operator"), node.client("agent")
    origin, first, second, stranger = referring.houses(node, operator, "origin", "first", "second",
                                                       "stranger")
    early, = referring.houses(node, operator, "early", stages=referring.SIGNED[:2])


def tearDownModule():
    if node is not None:
        for client in operator, desk, *(house.client for house in (origin, first, second, stranger,
                                                                   early)):
            client.close()
        node.stop()


class Refused(unittest.TestCase):
    def refused(self, wanted, function, *arguments, **named):
        before = node.fingerprint()
        self.assertEqual(outcome(function, *arguments, **named), wanted)
        self.assertEqual(node.fingerprint(), before, "refused, yet something was stored")


class Orders(Refused):
    def test_bad_referral__vital_urgency_says_whom_to_call(self):
        case = Case(origin, [first], urgency="URGENCY_VITAL")
        self.refused("FAILED_PRECONDITION/VITAL_URGENCY", case.submit)
        self.assertRegex(refusal(case.submit).message, "15 .*112")

    def test_bad_referral__each_field_of_the_order(self):
        tomorrow = (datetime.date.today() + datetime.timedelta(days=2)).isoformat()
        partage = {"legal_basis": "LEGAL_BASIS_PARTAGE"}
        for wanted, changes in (
                ("FAILED_PRECONDITION/LEGAL_BASIS_REQUIRED", {"legal_basis": 0}),
                ("FAILED_PRECONDITION/CONSENT_REQUIRED", partage),
                ("INVALID_ARGUMENT/FIELD_INVALID", {"consent": CONSENT}),
                ("INVALID_ARGUMENT/FIELD_REQUIRED",
                 {**partage, "consent": {**CONSENT, "given_by": ""}}),
                ("INVALID_ARGUMENT/FIELD_INVALID",
                 {**partage, "consent": {**CONSENT, "form": "TELEPATHY"}}),
                ("INVALID_ARGUMENT/DATE_IN_FUTURE",
                 {**partage, "consent": {**CONSENT, "given_on": tomorrow}}),
                ("INVALID_ARGUMENT/FIELD_REQUIRED", {"use_case": 0}),
                ("INVALID_ARGUMENT/FIELD_REQUIRED", {"urgency": 0}),
                ("INVALID_ARGUMENT/FIELD_REQUIRED", {"urgency": 9}),
                ("INVALID_ARGUMENT/UNKNOWN_UNIT", {"unit_code": "99999"}),
                ("INVALID_ARGUMENT/UNKNOWN_UNIT", {"unit_code": "75056"}),
                ("INVALID_ARGUMENT/UNKNOWN_PROFESSION", {"profession": "ASTROLOGUE"}),
                ("INVALID_ARGUMENT/FIELD_INVALID", {"speciality": "x" * 41}),
                ("INVALID_ARGUMENT/FINESS_INVALID", {"requester_finess": "1"}),
                ("INVALID_ARGUMENT/FIELD_REQUIRED", {"pathway_step": "SORTIE"}),
                ("INVALID_ARGUMENT/FIELD_REQUIRED", {"pathway_id": str(uuid.uuid4())}),
                ("PERMISSION_DENIED/WRONG_PARTY", {"origin_id": first.cpts_id})):
            with self.subTest(**changes):
                self.refused(wanted, Case(origin, [first], **changes).submit)

    def test_bad_referral__field_of_the_order_is_named(self):
        refused = refusal(Case(origin, [first], profession="ASTROLOGUE").submit)
        self.assertEqual((refused.field, refused.detail), ("header.profession", "ASTROLOGUE"))

    def test_bad_referral__who_acts_is_stated(self):
        case = Case(origin, [first])
        for actor in (None, {}, {"rpps": "12345678901", "profession": "INFIRMIER", "purpose": 1},
                      {"function": "coordination"}, {"function": "x" * 101, "purpose": 1},
                      {**ACTOR, "function": "coordination"}):
            with self.subTest(actor=actor):
                self.refused("INVALID_ARGUMENT/ACTOR_INVALID", case.submit, actor=actor)

    def test_bad_referral__ids_are_minted_and_new(self):
        case = Case(origin, [first])
        self.refused("INVALID_ARGUMENT/FIELD_INVALID", case.submit,
                     referral_id=str(uuid.uuid4()))
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED", case.submit, referral_id="")
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED", case.submit, command_id="")
        case.submit()
        self.refused("ALREADY_EXISTS/ID_TAKEN", case.submit)


class Recipients(Refused):
    def test_bad_referral__recipients_that_may_not_be_asked(self):
        case = Case(origin, [early])
        self.refused("FAILED_PRECONDITION/RECIPIENT_NOT_ELIGIBLE", case.submit)
        self.refused("FAILED_PRECONDITION/RECIPIENT_NOT_ELIGIBLE", Case(origin, [origin]).submit)
        case = Case(origin, [first], [first])
        self.refused("INVALID_ARGUMENT/RECIPIENT_REPEATED", case.submit)
        case = Case(origin, [], [first])
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED", case.submit)

    def test_bad_referral__recipient_that_nobody_knows(self):
        """It has a key and no dossier: one that was removed from the registry."""
        ghost, = referring.houses(node, operator, "ghost")
        self.addCleanup(ghost.client.close)
        node.database.query("DELETE FROM cpts.cpts_stage WHERE cpts_id = "
                            f"'{ghost.cpts_id}'; DELETE FROM cpts.cpts WHERE cpts_id = "
                            f"'{ghost.cpts_id}';")
        refused = refusal(Case(origin, [ghost]).submit)
        self.assertEqual((refused.reason, refused.detail), ("RECIPIENT_UNKNOWN", ghost.cpts_id))

    def test_bad_referral__eleven_recipients(self):
        case = Case(origin)
        case.destinations = [{"assignment_id": referring.minted(), "cpts_id": str(uuid.uuid4()),
                              "wrap": {}} for _ in range(11)]
        self.refused("INVALID_ARGUMENT/TOO_MANY_RECIPIENTS", case.submit)

    def test_bad_referral__cpts_that_has_ended_refers_nothing(self):
        gone, = referring.houses(node, operator, "gone")
        self.addCleanup(gone.client.close)
        operator.record(id=gone.cpts_id, stage=stage("NON_RENOUVELE"), effective_on="2025-06-01",
                        expected_version=operator.get(gone.cpts_id).version)
        self.refused("FAILED_PRECONDITION/CPTS_ENDED", Case(gone, [first]).submit)
        self.refused("FAILED_PRECONDITION/RECIPIENT_NOT_ELIGIBLE", Case(origin, [gone]).submit)


class Sealed(Refused):
    def test_bad_referral__parts_that_are_not_what_was_signed(self):
        for wanted, field, value in (
                ("FAILED_PRECONDITION/SIGNATURE_INVALID", "offer", os.urandom(1024)),
                ("FAILED_PRECONDITION/SIGNATURE_INVALID", "content", os.urandom(2048)),
                ("FAILED_PRECONDITION/SIGNATURE_INVALID", "signature", bytes(64)),
                ("FAILED_PRECONDITION/SIGNATURE_INVALID", "signature", b""),
                ("FAILED_PRECONDITION/CONTENT_INVALID", "offer", os.urandom(1025)),
                ("INVALID_ARGUMENT/CONTENT_TOO_LARGE", "offer", bytes(131072)),
                ("INVALID_ARGUMENT/CONTENT_TOO_LARGE", "content", bytes(524288)),
                ("NOT_FOUND/KEY_NOT_PUBLISHED", "key_serial", 2)):
            with self.subTest(wanted=wanted, field=field):
                case = Case(origin, [first])
                setattr(case.parts, field, value)
                self.refused(wanted, case.submit)
        case = Case(origin, [first])
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED", case.submit, parts=None)
        case.header.speciality = "CARDIOLOGIE"
        self.refused("FAILED_PRECONDITION/SIGNATURE_INVALID", case.submit)

    def test_bad_referral__keys_that_are_not_wrapped_for_the_recipient(self):
        for wanted, change in (
                ("FAILED_PRECONDITION/NOT_SEALED_FOR_RECIPIENT",
                 lambda found: found.ClearField("wrap")),
                ("FAILED_PRECONDITION/NOT_SEALED_FOR_RECIPIENT",
                 lambda found: setattr(found.wrap, "cpts_id", second.cpts_id)),
                ("FAILED_PRECONDITION/NOT_SEALED_FOR_RECIPIENT",
                 lambda found: setattr(found.wrap, "key_serial", 2)),
                ("FAILED_PRECONDITION/NOT_SEALED_FOR_RECIPIENT",
                 lambda found: setattr(found.wrap, "content_key", b"")),
                ("FAILED_PRECONDITION/SIGNATURE_INVALID",
                 lambda found: setattr(found.wrap, "offer_key", bytes(80))),
                ("PERMISSION_DENIED/WRAP_NOT_YOURS",
                 lambda found: setattr(found.wrap, "wrapped_by", second.cpts_id)),
                ("FAILED_PRECONDITION/SIGNATURE_INVALID",
                 lambda found: setattr(found, "assignment_id", referring.minted()))):
            with self.subTest(wanted=wanted):
                case = Case(origin, [first])
                change(case.destinations[0])
                self.refused(wanted, case.submit)

    def test_bad_referral__largest_parts_are_taken_and_one_class_more_is_not(self):
        for offer, content, wanted in (
                (65536, 262144, "OK"),
                (131072, 262144, "INVALID_ARGUMENT/CONTENT_TOO_LARGE"),
                (65536, 524288, "INVALID_ARGUMENT/CONTENT_TOO_LARGE")):
            with self.subTest(offer=offer, content=content):
                case = Case(origin, [], texts={"offer": bytes(offer - 100),
                                               "content": bytes(content - 100)})
                case.destinations = [case.recipient(first)]
                self.assertEqual((len(case.parts.offer), len(case.parts.content)),
                                 (offer, content))
                self.assertEqual(outcome(case.submit), wanted)

    def test_bad_referral__key_that_was_revoked(self):
        lost, = referring.houses(node, operator, "lost")
        self.addCleanup(lost.client.close)
        lost.client.keep("RevokeKey", lost.cpts_id, node.federation.revocation(lost.keys))
        self.refused("FAILED_PRECONDITION/KEY_NOT_VOUCHED", Case(origin, [lost]).submit)
        self.refused("FAILED_PRECONDITION/KEY_NOT_VOUCHED", Case(lost, [first]).submit)


class Acts(Refused):
    def setUp(self):
        self.case = Case(origin, [first])
        self.case.submit()

    def act(self, name, by=None, version=1, **fields):
        return self.case.act(name, by or first, first, version, **fields)

    def test_bad_referral__steps_that_are_not_taken_here(self):
        for name in ("CREATE", "DISCARD", "SUBMIT", "DELIVER", "REDIRECT", "REASSIGN", "WIDEN",
                     "OVERDUE"):
            with self.subTest(name=name):
                self.refused("INVALID_ARGUMENT/FIELD_INVALID", self.act, name)
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED", self.act, "UNSPECIFIED")

    def test_bad_referral__what_the_step_needs_or_does_not_have(self):
        note = self.case.note(first, first)
        for wanted, name, fields in (
                ("INVALID_ARGUMENT/REFUSAL_REASON_REQUIRED", "DECLINE", {}),
                ("INVALID_ARGUMENT/UNKNOWN_REFUSAL_REASON", "DECLINE", {"reason": "MONDAY"}),
                ("INVALID_ARGUMENT/NOTE_REQUIRED", "ASK_INFO", {}),
                ("INVALID_ARGUMENT/NOTE_REQUIRED", "REPORT", {}),
                ("INVALID_ARGUMENT/FIELD_INVALID", "ACCEPT", {"note": note}),
                ("INVALID_ARGUMENT/FIELD_INVALID", "ACCEPT", {"reason": "CAPACITY"}),
                ("INVALID_ARGUMENT/FIELD_REQUIRED", "SCHEDULE", {}),
                ("INVALID_ARGUMENT/FIELD_INVALID", "SCHEDULE", {"scheduled_for": {"seconds": 1}}),
                ("INVALID_ARGUMENT/FIELD_INVALID", "ACCEPT",
                 {"scheduled_for": {"seconds": 4102444800}}),
                ("INVALID_ARGUMENT/FIELD_REQUIRED", "ACCEPT", {"expected_version": 0}),
                ("INVALID_ARGUMENT/ACTOR_INVALID", "ACCEPT", {"actor": None})):
            with self.subTest(name=name, wanted=wanted):
                self.refused(wanted, self.act, name, **fields)
        self.refused("INVALID_ARGUMENT/UNKNOWN_REFUSAL_REASON", self.act, "WITHDRAW", origin,
                     reason="TAKEN")

    def test_bad_referral__wrong_party_state_and_version(self):
        self.refused("PERMISSION_DENIED/WRONG_PARTY", self.act, "ACCEPT", origin)
        self.refused("PERMISSION_DENIED/WRONG_PARTY", self.act, "WITHDRAW", first)
        self.refused("PERMISSION_DENIED/WRONG_PARTY", self.act, "ACCEPT", desk)
        self.refused("NOT_FOUND/REFERRAL_NOT_FOUND", self.act, "ACCEPT", stranger)
        self.refused("FAILED_PRECONDITION/ILLEGAL_REFERRAL_ACT", self.act, "START")
        self.refused("ABORTED/STALE_VERSION", self.act, "ACCEPT", version=2)
        refused = refusal(self.act, "START")
        state, version, allowed = refused.detail.split()
        self.assertEqual((state, version), ("DELIVERED", "1"))
        self.assertEqual(set(allowed.split(",")),
                         {"ASK_INFO", "ACCEPT", "DECLINE", "REDIRECT", "FAIL"})

    def test_bad_referral__another_attempt_than_ones_own(self):
        case = Case(origin, [first, second])
        case.submit()
        self.refused("PERMISSION_DENIED/WRONG_PARTY", case.act, "ACCEPT", first, second, 1)
        self.refused("NOT_FOUND/ASSIGNMENT_NOT_FOUND", case.act, "ACCEPT", first, first, 1,
                     assignment_id=str(uuid.uuid4()))

    def test_bad_referral__note_of_another_or_for_nobody(self):
        note = self.case.note(second, first)
        self.refused("PERMISSION_DENIED/WRONG_PARTY", self.act, "ASK_INFO", note=note)
        note = self.case.note(first, first)
        note.ciphertext = os.urandom(1024)
        self.refused("FAILED_PRECONDITION/SIGNATURE_INVALID", self.act, "ASK_INFO", note=note)
        note = self.case.note(first, first, readers=[second])
        refused = refusal(self.act, "ASK_INFO", note=note)
        self.assertEqual((refused.reason, refused.detail),
                         ("NOT_SEALED_FOR_RECIPIENT", origin.cpts_id))
        note = self.case.note(first, first)
        self.act("ASK_INFO", note=note)
        self.act("ANSWER_INFO", origin, 2, note=self.case.note(origin, first))
        self.refused("ALREADY_EXISTS/ID_TAKEN", self.act, "ASK_INFO", version=3, note=note)

    def test_bad_referral__choices_without_keys_or_hashes(self):
        self.case.act("DECLINE", first, first, 1, reason="CAPACITY")
        fields = {"referral_id": self.case.id, "expected_version": 2, "actor": ACTOR,
                  "destinations": [self.case.recipient(second)]}
        refer = origin.client.refer
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED", refer, "ReassignReferral",
                     **command(fields))
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED", refer, "ReassignReferral",
                     **command({**fields, "destinations": []}))
        self.refused("FAILED_PRECONDITION/SIGNATURE_INVALID", refer, "ReassignReferral",
                     **command({**fields, "sealed_sha256": bytes(64)}))
        self.refused("PERMISSION_DENIED/WRAP_NOT_YOURS", desk.refer, "ReassignReferral",
                     **command({**fields, "sealed_sha256": self.case.hashes()}))
        self.refused("NOT_FOUND/REFERRAL_NOT_FOUND", stranger.client.refer, "WidenReferral",
                     **command({"referral_id": self.case.id, "expected_version": 2,
                                "actor": ACTOR}))


if __name__ == "__main__":
    psql.main()
