# SPDX-License-Identifier: Apache-2.0
"""Rules of referrals that a caller could bend: what was signed stays as it was
signed, who left has no say, and no step silences a clock."""
import time
import unittest
import uuid

from node import REGION, Node, command, outcome, psql, referral_pb2, refusal, stage
import envelope
import referring
import vouching
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
    return getattr(by, "client", by).refer(rpc, **command({"referral_id": case.id, "actor": ACTOR,
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

    def test_rule__a_new_consent_lets_widening_go_on(self):
        case = Case(origin, [first], [second])
        case.submit()
        say("WithdrawConsent", case, first)
        # As the clock leaves it that comes too late to a consent that was withdrawn.
        node.database.query(f"DELETE FROM cpts.referral_clock WHERE referral_id = '{case.id}'"
                            " AND kind = 'WIDEN';")
        say("RecordConsent", case, origin, consent=LATER)
        self.assertEqual(clocks(case), ["DECIDE", "WIDEN"])
        due = row("referral_clock", case, "fire_at", "AND kind = 'WIDEN'")
        say("RecordConsent", case, origin, consent=LATER)
        self.assertEqual(row("referral_clock", case, "fire_at", "AND kind = 'WIDEN'"), due)

    def test_rule__a_new_consent_widens_nothing_that_was_taken(self):
        case = Case(origin, [first], [second])
        case.submit()
        case.act("ACCEPT", first, first, 1)
        say("RecordConsent", case, origin, consent=LATER)
        self.assertEqual(clocks(case), ["SCHEDULE"])


class Visits(unittest.TestCase):
    def schedule(self, case, days, **fields):
        moment = {"seconds": int(time.time() + days * 86400)}
        return case.act("SCHEDULE", first, first, version_of(case), scheduled_for=moment, **fields)

    def accepted(self, urgency="WITHIN_24H"):
        case = submitted(first, urgency=f"URGENCY_{urgency}")
        case.act("ACCEPT", first, first, 1)
        return case

    def test_rule__a_visit_is_as_soon_as_the_need_is_urgent(self):
        for urgency, days in ("WITHIN_24H", 2), ("PRIORITY", 30), ("ROUTINE", 400):
            with self.subTest(urgency=urgency):
                case = self.accepted(urgency)
                before = node.fingerprint()
                refused = refusal(self.schedule, case, days + 0.1)
                self.assertEqual((refused.reason, refused.detail),
                                 ("VISIT_TOO_LATE", str(days * 24)))
                self.assertEqual(node.fingerprint(), before)
                self.schedule(case, days - 0.1)

    def test_rule__nobody_misses_a_visit_that_is_to_come(self):
        case = self.accepted()
        self.schedule(case, 1)
        before = node.fingerprint()
        self.assertEqual(outcome(case.act, "NO_SHOW", first, first, 3),
                         "FAILED_PRECONDITION/VISIT_NOT_YET")
        self.assertEqual(node.fingerprint(), before)
        self.schedule(case, 0)
        case.act("NO_SHOW", first, first, 4)

    def test_rule__moving_or_missing_a_visit_is_no_way_out_of_being_overdue(self):
        case = self.accepted()
        self.schedule(case, 0)
        node.database.query(
            f"UPDATE cpts.assignment SET overdue = 2 WHERE referral_id = '{case.id}';"
            f"UPDATE cpts.referral_clock SET level = 2 WHERE referral_id = '{case.id}';")
        for step in "NO_SHOW", "SCHEDULE", "SCHEDULE", "CANCEL_VISIT", "SCHEDULE":
            if step == "SCHEDULE":
                self.schedule(case, 1)
            else:
                case.act(step, first, first, version_of(case))
            self.assertEqual(row("assignment", case, "overdue"), [["2"]], step)
            self.assertEqual(row("referral_clock", case, "level"), [["2"]], step)
        case.act("RECALL", origin, first, version_of(case))


    def report_clock(self, case):
        return row("referral_clock", case, "kind, fire_at, level")[0]

    def aged(self, case, hours):
        """As if its first date had been set that many hours ago."""
        node.database.query("UPDATE cpts.assignment SET first_scheduled_at ="
                            f" now() - interval '{hours} h'"
                            f" WHERE referral_id = '{case.id}';")

    def test_rule__dates_put_the_report_off_until_the_limit_after_the_first_one(self):
        for urgency, limit, report in (("WITHIN_24H", 48, "24 h"), ("PRIORITY", 720, None)):
            with self.subTest(urgency=urgency):
                case = self.accepted(urgency)
                self.schedule(case, 1)
                self.aged(case, limit - 1)
                self.schedule(case, 1.9)
                due = node.database.value(
                    f"SELECT cpts.referral_fire_at('REPORT', '{urgency}', 0, '{REGION}',"
                    f" first_scheduled_at + interval '{limit} h') FROM cpts.assignment"
                    f" WHERE referral_id = '{case.id}';")
                self.assertEqual(self.report_clock(case), ["REPORT", due, "0"])
                if report:
                    self.assertEqual(node.database.value(
                        f"SELECT timestamptz '{due}' - first_scheduled_at = interval '48 h'"
                        f" + interval '{report}' FROM cpts.assignment"
                        f" WHERE referral_id = '{case.id}';"), "t")

    def test_rule__dates_put_nothing_off_after_that(self):
        case = self.accepted()
        self.schedule(case, 1)
        self.aged(case, 24 * 30)
        was = self.report_clock(case)[1]
        for step, days, kind in (("SCHEDULE", 1.9, "REPORT"), ("SCHEDULE", 0, "REPORT"),
                                 ("NO_SHOW", None, "REBOOK"), ("SCHEDULE", 1.9, "REPORT"),
                                 ("CANCEL_VISIT", None, "REBOOK"), ("SCHEDULE", 1, "REPORT")):
            if step == "SCHEDULE":
                self.schedule(case, days)
            else:
                case.act(step, first, first, version_of(case))
            self.assertEqual(self.report_clock(case), [kind, was, "0"], step)
        node.database.query("UPDATE cpts.referral_clock SET level = 1, fire_at = now()"
                            f" + interval '1 h' WHERE referral_id = '{case.id}';")
        was = self.report_clock(case)
        self.schedule(case, 1.9)
        self.assertEqual(self.report_clock(case), was)


class Ends(unittest.TestCase):
    def ended(self, name):
        """A CPTS of its own, and what ends it."""
        house, = referring.houses(node, operator, name)
        self.addCleanup(house.client.close)

        def end():
            operator.record(id=house.cpts_id, expected_version=operator.get(house.cpts_id).version,
                            stage=stage("DISSOUS"), effective_on="2024-01-01")
        return house, end

    def test_rule__a_mistake_that_is_asked_again_is_none(self):
        case = submitted(first)
        case.act("ENTER_IN_ERROR", origin, first, 1)
        self.assertEqual(row("referral", case, "entered_in_error"), [["t"]])
        reassign(case, second)
        self.assertEqual(row("referral", case, "status, entered_in_error"), [["OPEN", "f"]])
        case.act("ACCEPT", second, second, version_of(case))
        case.act("REPORT", second, second, version_of(case), note=case.note(second, second))
        case.act("ACKNOWLEDGE", origin, second, version_of(case))
        self.assertEqual(row("referral", case, "status, entered_in_error"), [["FULFILLED", "f"]])

    def test_rule__an_origin_that_ended_leaves_the_choice_to_the_desk(self):
        house, end = self.ended("ending-origin")
        case = Case(house, [first])
        case.submit()
        end()
        case.act("DECLINE", first, first, version_of(case), reason="CAPACITY")
        self.assertEqual(row("referral", case, "status, overdue"), [["TO_REASSIGN", "3"]])
        self.assertEqual(row("referral_clock", case, "kind, level"), [["REASSIGN", "3"]])
        say("ActOnReferral", case, desk, event=referring.event("ABANDON"), reason="NOBODY_FOUND",
            actor=referring.DESK)

    def test_rule__nobody_disputes_at_a_cpts_that_ended(self):
        house, end = self.ended("ending-destination")
        case = submitted(house)
        case.act("ACCEPT", house, house, 1)
        case.act("REPORT", house, house, 2, note=case.note(house, house))
        end()
        before = node.fingerprint()
        refused = refusal(case.act, "DISPUTE", origin, house, version_of(case),
                          note=case.note(origin, house))
        self.assertEqual((refused.reason, refused.detail),
                         ("RECIPIENT_NOT_ELIGIBLE", house.cpts_id))
        self.assertEqual(node.fingerprint(), before)
        case.act("ACKNOWLEDGE", origin, house, version_of(case))


class Parked(unittest.TestCase):
    def parked(self, case):
        return row("parked_act", case, "command_id, event, expected_version")

    def late(self, case, **fields):
        """Why an act from an outbox, which saw another version, was refused."""
        return refusal(case.act, "ACCEPT", first, first, 7, queued=True, **fields)

    def test_rule__a_command_id_is_of_one_act(self):
        case, other = submitted(first), submitted(first)
        same = str(uuid.uuid4())
        parked_id = self.late(case, command_id=same).detail.split()[-1]
        self.assertEqual(self.late(case, command_id=same).detail.split()[-1], parked_id)
        before = node.fingerprint()
        self.assertEqual(self.late(other, command_id=same).reason, "COMMAND_ID_REUSED")
        self.assertEqual(node.fingerprint(), before)
        self.assertEqual(self.parked(case), [[same, "ACCEPT", "7"]])
        self.assertEqual(self.parked(other), [])

    def test_rule__the_same_step_is_parked_once(self):
        case = submitted(first)
        found = {self.late(case).detail.split()[-1] for _ in range(3)}
        self.assertEqual((len(found), len(self.parked(case))), (1, 1))

    def test_rule__an_outbox_does_not_fill_the_list(self):
        case, full = submitted(first), submitted(first)
        self.late(full)
        node.database.query(
            "INSERT INTO cpts.parked_act (parked_id, principal, command_id, content_hash, scope,"
            " referral_id, event, reason, refusal, expected_version, found_version, found_state,"
            " found_status, actor, parked_at) SELECT gen_random_uuid(), principal,"
            " gen_random_uuid(), content_hash, scope, gen_random_uuid(), event, reason, refusal,"
            " expected_version, found_version, found_state, found_status, actor, parked_at"
            " FROM cpts.parked_act, generate_series(1, 500)"
            f" WHERE referral_id = '{full.id}';")
        self.addCleanup(node.database.query, "DELETE FROM cpts.parked_act;")
        self.assertEqual((self.late(case).reason, self.parked(case)), ("TOO_MANY_PARKED_ACTS", []))
        self.assertEqual(self.late(full).reason, "STALE_VERSION")


class Limits(unittest.TestCase):
    UNKNOWN = b"\xfa\x3e\xd0\x0f" + b"M" * 2000

    def refused(self, call, *arguments, **fields):
        before = node.fingerprint()
        found = refusal(call, *arguments, **fields)
        self.assertEqual(node.fingerprint(), before)
        return f"{found.reason} {found.field}"

    def padded(self, message):
        """With a field that nobody knows."""
        return type(message).FromString(message.SerializeToString() + self.UNKNOWN)

    def test_rule__fields_that_nobody_knows_are_not_kept(self):
        case = Case(origin, [first])
        case.destinations[0].wrap.CopyFrom(self.padded(case.destinations[0].wrap))
        self.assertEqual(self.refused(case.submit), "FIELD_INVALID destinations.wrap")
        case = Case(origin, [first])
        self.assertEqual(self.refused(case.submit, header=self.padded(case.header)),
                         "FIELD_INVALID header")
        case = submitted(first)
        self.assertEqual(self.refused(case.act, "ASK_INFO", first, first, 1,
                                      note=self.padded(case.note(first, first))),
                         "FIELD_INVALID note")
        consent = self.padded(referral_pb2.Consent(**CONSENT))
        self.assertEqual(self.refused(say, "RecordConsent", case, origin, consent=consent),
                         "FIELD_INVALID consent")

    def test_rule__notes_have_an_end(self):
        case = submitted(first)
        case.act("ASK_INFO", first, first, 1, note=case.note(first, first))
        node.database.query(
            "INSERT INTO cpts.referral_note SELECT (jsonb_populate_record(n, jsonb_build_object("
            "'note_id', gen_random_uuid()))).* FROM cpts.referral_note n, generate_series(1, 49)"
            f" WHERE n.referral_id = '{case.id}';")
        note = case.note(origin, first)
        self.assertEqual(self.refused(case.act, "ANSWER_INFO", origin, first, 2, note=note),
                         "TOO_MANY_NOTES note")

    def test_rule__the_log_holds_no_text_of_a_consent(self):
        case = submitted(first, legal_basis="LEGAL_BASIS_PARTAGE", consent=CONSENT)
        say("RecordConsent", case, origin, consent=LATER)
        entries = node.database.query(
            f"SELECT kind, position('{CONSENT['scope']}'::bytea IN bytes) FROM cpts.change_log"
            f" WHERE aggregate_id = '{case.id}' ORDER BY version;")
        self.assertEqual(entries, [["REFERRAL_SUBMITTED", "0"],
                                   ["REFERRAL_CONSENT_RECORDED", "0"]])
        self.assertEqual(get(case, first).referral.header.consent.scope, CONSENT["scope"])

    def test_rule__a_key_that_was_replaced_signs_nothing(self):
        house, = referring.houses(node, operator, "rekeyed")
        self.addCleanup(house.client.close)
        case = Case(house, [first])
        newer = vouching.Keys(house.cpts_id, REGION, 2)
        house.client.keep("PublishKey", house.cpts_id, node.federation.statement(newer))
        self.assertEqual(self.refused(case.submit).split()[0], "KEY_NOT_VOUCHED")
        house.keys = newer
        Case(house, [first]).submit()


if __name__ == "__main__":
    psql.main()
