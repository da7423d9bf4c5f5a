# SPDX-License-Identifier: Apache-2.0
"""Rules of referrals that a caller could bend: what was signed stays as it was
signed, who left has no say, and no step silences a clock."""
import unittest

from node import Node, command, outcome, psql
import envelope
import referring
from referring import ACTOR, Case

CONSENT = {"given_by": "PATIENT", "given_on": "2024-01-01", "form": "WRITTEN",
           "scope": "suivi entre CPTS"}
LATER = {**CONSENT, "given_on": "2024-02-01", "form": "ORAL"}
DENIED = "PERMISSION_DENIED/WRONG_PARTY"
node = operator = desk = None
origin = first = second = third = None


def setUpModule():
    global node, operator, desk, origin, first, second, third
    node = Node()
    operator, desk = node.client("operator"), node.client("agent")
    origin, first, second, third = referring.houses(node, operator, "origin", "first", "second",
                                                    "third")


def tearDownModule():
    if node is not None:
        for client in operator, desk, origin.client, first.client, second.client, third.client:
            client.close()
        node.stop()


def row(table, case, columns, more=""):
    return node.database.query(f"SELECT {columns} FROM cpts.{table}"
                               f" WHERE referral_id = '{case.id}' {more};")


def clocks(case):
    return sorted(kind for kind, in row("referral_clock", case, "kind"))


def version_of(case):
    """Of the referral itself."""
    return int(row("referral", case, "version")[0][0])


def say(rpc, case, by, **fields):
    return by.client.refer(rpc, **command({"referral_id": case.id, "actor": ACTOR,
                                           "expected_version": version_of(case), **fields}))


def get(case, by, *parts):
    return by.client.refer("GetReferral", referral_id=case.id, actor=ACTOR,
                           parts=[f"REFERRAL_PART_{part}" for part in parts])


def submitted(*houses, **header):
    case = Case(origin, houses, **header)
    case.submit()
    return case


def reassign(case, *houses):
    recipients = [case.recipient(house) for house in houses]
    case.destinations += recipients
    return say("ReassignReferral", case, origin, destinations=recipients,
               sealed_sha256=case.hashes())


class Consents(unittest.TestCase):
    def check_signature(self, case, answer):
        """As a destination does: over the header as it was served."""
        header = envelope.canonical(answer.referral.header)
        signed = (envelope.raw(case.id) + envelope.number(answer.seal.key_serial)
                  + envelope.number(len(header)) + header
                  + answer.seal.offer_sha256 + answer.seal.content_sha256)
        origin.keys.signing.verify_key.verify(b"cpts.fr/referral/1\0" + signed,
                                              answer.seal.signature)

    def test_rule__a_later_consent_leaves_what_was_signed(self):
        for ground in ({}, {"legal_basis": "LEGAL_BASIS_PARTAGE", "consent": CONSENT}):
            with self.subTest(ground=ground):
                case = submitted(first, **ground)
                case.act("ACCEPT", first, first, 1)
                self.assertFalse(get(case, first).referral.HasField("later_consent"))
                say("RecordConsent", case, origin, consent=LATER)
                answer = get(case, first, "CONTENT")
                self.check_signature(case, answer)
                self.assertEqual(answer.referral.header.HasField("consent"), bool(ground))
                self.assertEqual((answer.referral.later_consent.form,
                                  answer.referral.later_consent.given_on), ("ORAL", "2024-02-01"))

    def test_rule__erasure_takes_the_later_consent_too(self):
        case = submitted(first)
        say("RecordConsent", case, origin, consent=LATER)
        case.act("DECLINE", first, first, 1, reason="CAPACITY")
        say("ActOnReferral", case, origin, event=referring.event("ABANDON"),
            reason="NOBODY_FOUND")
        say("EraseReferral", case, origin, reason="ERASURE_REASON_SENT_BY_MISTAKE")
        self.assertEqual(row("referral", case, "erased, later_consent IS NULL"), [["t", "t"]])

    def test_rule__who_declined_does_not_withdraw_the_consent(self):
        case = submitted(first, second)
        case.act("DECLINE", first, first, 1, reason="CAPACITY")
        before = node.fingerprint()
        self.assertEqual(outcome(say, "WithdrawConsent", case, first), DENIED)
        self.assertEqual(node.fingerprint(), before)
        case.act("ACCEPT", second, second, 1)
        self.assertEqual(outcome(say, "WithdrawConsent", case, first), DENIED)
        for by in second, origin:
            say("WithdrawConsent", case, by)
            self.assertEqual(row("referral", case, "consent_withdrawn"), [["t"]])
            say("RecordConsent", case, origin, consent=LATER)


if __name__ == "__main__":
    psql.main()
