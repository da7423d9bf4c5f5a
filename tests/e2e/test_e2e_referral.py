# SPDX-License-Identifier: Apache-2.0
"""Referrals as two CPTS drive them: every step of the table once, what follows
from it, and whom it is refused to."""
import time
import unittest
import uuid

from node import OTHER_REGION, Node, command, outcome, psql, referral_pb2, refusal
import referring
from referring import ACTOR, Case, events_of, state_of

node = operator = desk = None
origin = first = second = third = None
ILLEGAL = "FAILED_PRECONDITION/ILLEGAL_REFERRAL_ACT"


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


def row(table, referral_id, columns, more=""):
    return node.database.query(f"SELECT {columns} FROM cpts.{table}"
                               f" WHERE referral_id = '{referral_id}' {more};")


def clocks(referral_id):
    """Kinds of the armed clocks, sorted."""
    return sorted(kind for kind, in row("referral_clock", referral_id, "kind"))


def custodian(referral_id):
    return node.database.value(
        "SELECT coalesce(custodian_id::text, 'nobody') FROM cpts.referral"
        f" WHERE referral_id = '{referral_id}';")


def states(referral_id):
    """{destination: state}"""
    return {house: state for house, state in row("assignment", referral_id,
                                                 "destination_id, state")}


def overdue(case, house, level):
    """As if its clock had expired that many times."""
    node.database.query(f"UPDATE cpts.assignment SET overdue = {level} WHERE referral_id ="
                        f" '{case.id}' AND assignment_id = '{case.attempt(house)}';"
                        f"UPDATE cpts.referral_clock SET level = {level}"
                        f" WHERE referral_id = '{case.id}';")


def later():
    return {"scheduled_for": {"seconds": int(time.time()) + 86400}}


def walked(*steps, **header):
    """A case with `first`, after these steps: (event, party, fields)."""
    case = Case(origin, [first], **header)
    case.submit()
    version = 1
    for name, by, fields in steps:
        if fields == "note":
            fields = {"note": case.note(by, first)}
        version = case.act(name, by, first, version, **fields).version
    case.version = version
    return case


class Steps(unittest.TestCase):
    def check(self, case, name, by, wanted, **fields):
        """Takes the step; asserts state, version + 1, and that a clock is armed."""
        if fields.pop("noted", False):
            fields["note"] = case.note(by, first)
        answer = case.act(name, by, first, case.version, **fields)
        self.assertEqual(state_of(answer), wanted)
        self.assertEqual(answer.version, case.version + 1)
        case.version = answer.version
        if answer.status in (1, 2):
            self.assertTrue(clocks(case.id), f"no clock after {name}")
        return answer

    def test_referral__submitted_is_delivered_where_the_node_serves_its_destination(self):
        case = Case(origin, [first], [second])
        answer = case.submit()
        self.assertEqual((answer.id, answer.version, state_of(answer)), (case.id, 1, "DELIVERED"))
        self.assertEqual(events_of(answer), {"WITHDRAW", "ENTER_IN_ERROR"})
        self.assertEqual(clocks(case.id), ["DECIDE", "WIDEN"])
        self.assertEqual(custodian(case.id), origin.cpts_id)

    def test_referral__the_loop_closes_from_question_to_acknowledgement(self):
        case = walked()
        self.check(case, "ASK_INFO", first, "INFO_REQUESTED", noted=True)
        self.assertEqual(clocks(case.id), ["ANSWER", "DECIDE"])
        self.check(case, "ANSWER_INFO", origin, "DELIVERED", noted=True)
        answer = self.check(case, "ACCEPT", first, "ACCEPTED")
        self.assertIn("SCHEDULE", events_of(answer))
        self.assertEqual(custodian(case.id), first.cpts_id)
        self.assertEqual(clocks(case.id), ["SCHEDULE"])
        self.check(case, "SCHEDULE", first, "SCHEDULED", **later())
        self.check(case, "SCHEDULE", first, "SCHEDULED",
                   scheduled_for={"seconds": int(time.time())})
        self.check(case, "NO_SHOW", first, "SCHEDULED")
        self.assertEqual(clocks(case.id), ["REBOOK"])
        self.check(case, "CANCEL_VISIT", first, "ACCEPTED")
        self.check(case, "START", first, "IN_PROGRESS")
        self.check(case, "REPORT", first, "REPORTED", noted=True)
        self.assertEqual(clocks(case.id), ["ACKNOWLEDGE"])
        answer = self.check(case, "DISPUTE", origin, "IN_PROGRESS", noted=True)
        self.check(case, "REPORT", first, "REPORTED", reason="NO_REPORT_IN_DMP")
        refused = refusal(case.act, "DISPUTE", origin, first, case.version,
                          note=case.note(origin, first))
        self.assertEqual((refused.reason, refused.detail.split()[0]),
                         ("ILLEGAL_REFERRAL_ACT", "REPORTED"))
        self.assertNotIn("DISPUTE", refused.detail)
        self.check(case, "ACKNOWLEDGE", origin, "CLOSED")
        self.assertEqual(row("referral", case.id, "status, version, ended_at IS NOT NULL"),
                         [["FULFILLED", "13", "t"]])
        self.assertEqual((clocks(case.id), custodian(case.id)), ([], "nobody"))
        self.assertEqual(len(row("referral_note", case.id, "note_id")), 4)

    def test_referral__cancelling_is_a_request_that_is_agreed_to_or_not(self):
        case = walked(("ACCEPT", first, {}))
        self.check(case, "REQUEST_CANCEL", origin, "CANCEL_REQUESTED", reason="NEED_OVER")
        self.check(case, "REFUSE_CANCEL", first, "ACCEPTED")
        self.check(case, "SCHEDULE", first, "SCHEDULED", **later())
        self.check(case, "REQUEST_CANCEL", origin, "CANCEL_REQUESTED")
        self.check(case, "REFUSE_CANCEL", first, "SCHEDULED")
        self.check(case, "REQUEST_CANCEL", origin, "CANCEL_REQUESTED")
        answer = self.check(case, "CONFIRM_CANCEL", first, "CANCELLED")
        self.assertEqual(answer.status, referral_pb2.REFERRAL_STATUS_TO_REASSIGN)
        self.assertEqual((clocks(case.id), custodian(case.id)), (["REASSIGN"], origin.cpts_id))

    def test_referral__report_overtakes_a_request_to_cancel(self):
        case = walked(("ACCEPT", first, {}), ("REQUEST_CANCEL", origin, {}))
        self.check(case, "REPORT", first, "REPORTED", noted=True)

    def test_referral__every_way_out_gives_custody_back(self):
        for name, by, steps, wanted, fields in (
                ("DECLINE", first, (), "DECLINED", {"reason": "CAPACITY"}),
                ("DECLINE", first, [("ACCEPT", first, {})], "DECLINED", {"reason": "CLINICAL"}),
                ("WITHDRAW", origin, (), "WITHDRAWN", {}),
                ("FAIL", first, [("ACCEPT", first, {})], "FAILED", {"reason": "PATIENT_LEFT"}),
                ("ENTER_IN_ERROR", origin, (), "ENTERED_IN_ERROR", {"reason": "DUPLICATE"})):
            with self.subTest(name=name, after=len(steps)):
                case = walked(*steps)
                self.check(case, name, by, wanted, **fields)
                self.assertEqual(row("referral", case.id, "status, custodian_id"),
                                 [["TO_REASSIGN", origin.cpts_id]])

    def test_referral__mistake_found_afterwards_is_a_flag(self):
        case = walked(("DECLINE", first, {"reason": "CAPACITY"}))
        self.check(case, "ENTER_IN_ERROR", origin, "DECLINED")
        self.assertEqual(row("assignment", case.id, "state, entered_in_error"),
                         [["DECLINED", "t"]])
        self.assertEqual(row("referral", case.id, "status, entered_in_error"),
                         [["TO_REASSIGN", "t"]])
        self.assertEqual(outcome(case.act, "ENTER_IN_ERROR", origin, first, case.version), ILLEGAL)

    def test_referral__silence_lets_the_origin_then_the_desk_recall(self):
        for by, level in (origin, 2), (desk, 3):
            case = walked(("ACCEPT", first, {}))
            overdue(case, first, level - 1)
            self.assertEqual(outcome(case.act, "RECALL", by, first, case.version), ILLEGAL)
            overdue(case, first, level)
            self.check(case, "RECALL", by, "FAILED")
            self.assertEqual(row("assignment", case.id, "reason"), [["DESTINATION_SILENT"]])

    def test_referral__desk_closes_what_nobody_acknowledges(self):
        case = walked(("ACCEPT", first, {}), ("REPORT", first, "note"))
        overdue(case, first, 3)
        self.assertEqual(outcome(case.act, "CLOSE_BY_DESK", origin, first, case.version),
                         "PERMISSION_DENIED/WRONG_PARTY")
        self.check(case, "CLOSE_BY_DESK", desk, "CLOSED")
        self.assertEqual(row("assignment", case.id, "reason"), [["UNACKNOWLEDGED"]])

    def test_referral__abandoned_by_its_origin_then_by_the_desk(self):
        for by, level in (origin, 0), (desk, 3):
            case = walked(("DECLINE", first, {"reason": "CAPACITY"}))
            node.database.query(f"UPDATE cpts.referral SET overdue = {level}"
                                f" WHERE referral_id = '{case.id}';")
            client = getattr(by, "client", by)
            answer = client.refer("ActOnReferral", **command({
                "referral_id": case.id, "expected_version": 2, "actor": ACTOR,
                "event": referring.event("ABANDON"), "reason": "NOBODY_FOUND"}))
            self.assertEqual(state_of(answer), "ABANDONED")
            self.assertEqual((clocks(case.id), custodian(case.id)), ([], "nobody"))


class Follow(unittest.TestCase):
    def test_referral__first_accept_wins_and_the_other_is_told(self):
        case = Case(origin, [first, second])
        case.submit()
        case.act("ACCEPT", second, second, 1)
        self.assertEqual(states(case.id), {first.cpts_id: "WITHDRAWN", second.cpts_id: "ACCEPTED"})
        self.assertEqual(row("assignment", case.id, "reason, version",
                             f"AND destination_id = '{first.cpts_id}'"), [["TAKEN", "2"]])
        refused = refusal(case.act, "ACCEPT", first, first, 1)
        self.assertEqual((refused.status, refused.reason), ("ABORTED", "STALE_VERSION"))
        self.assertEqual(refused.detail, "WITHDRAWN 2 -")
        self.assertEqual(clocks(case.id), ["SCHEDULE"])

    def test_referral__next_candidate_is_asked_when_the_last_attempt_ends(self):
        case = Case(origin, [first], [second, third])
        case.submit()
        case.act("DECLINE", first, first, 1, reason="CAPACITY")
        self.assertEqual(states(case.id), {first.cpts_id: "DECLINED", second.cpts_id: "DELIVERED"})
        self.assertEqual(clocks(case.id), ["DECIDE", "WIDEN"])
        case.act("DECLINE", second, second, 2, reason="CAPACITY")
        self.assertEqual(clocks(case.id), ["DECIDE"])
        answer = case.act("DECLINE", third, third, 3, reason="CAPACITY")
        self.assertEqual(answer.status, referral_pb2.REFERRAL_STATUS_TO_REASSIGN)
        self.assertEqual(clocks(case.id), ["REASSIGN"])

    def test_referral__what_the_origin_takes_back_goes_to_nobody_else(self):
        case = Case(origin, [first], [second])
        case.submit()
        answer = case.act("WITHDRAW", origin, first, 1)
        self.assertEqual(answer.status, referral_pb2.REFERRAL_STATUS_TO_REASSIGN)
        self.assertEqual(states(case.id), {first.cpts_id: "WITHDRAWN"})

    def widen(self, case, version):
        return origin.client.refer("WidenReferral", **command(
            {"referral_id": case.id, "expected_version": version, "actor": ACTOR}))

    def test_referral__widening_asks_one_more_until_somebody_accepts(self):
        case = Case(origin, [first], [second, third])
        case.submit()
        self.assertEqual(self.widen(case, 1).version, 2)
        self.assertEqual(states(case.id), {first.cpts_id: "DELIVERED", second.cpts_id: "DELIVERED"})
        case.act("ACCEPT", second, second, 2)
        self.assertEqual(outcome(self.widen, case, 3), ILLEGAL)
        case.act("DECLINE", second, second, 3, reason="CAPACITY")
        self.assertEqual(states(case.id)[third.cpts_id], "DELIVERED")
        self.assertEqual(outcome(self.widen, case, 4), "FAILED_PRECONDITION/NO_CANDIDATE_LEFT")

    def test_referral__decision_clock_pauses_once(self):
        case = walked()
        due = [row("referral_clock", case.id, "cpts.unix_us(fire_at)", "AND kind = 'DECIDE'")]
        for turn in range(2):
            case.act("ASK_INFO", first, first, 1 + 2 * turn, note=case.note(first, first))
            due.append(row("referral_clock", case.id, "cpts.unix_us(fire_at)",
                           "AND kind = 'DECIDE'"))
            case.act("ANSWER_INFO", origin, first, 2 + 2 * turn, note=case.note(origin, first))
        due.append(row("referral_clock", case.id, "cpts.unix_us(fire_at)", "AND kind = 'DECIDE'"))
        before, paused, paused_again, after = (int(found[0][0]) for found in due)
        self.assertGreater(paused, before + 600 * 10**6)
        self.assertLess(after, before + 60 * 10**6)
        self.assertEqual(paused_again, after)

    def test_referral__unroutable_is_recorded_and_waits_for_its_origin(self):
        case = Case(origin)
        answer = case.submit()
        self.assertEqual(state_of(answer), "TO_REASSIGN")
        self.assertEqual(row("referral", case.id, "unroutable, status"), [["t", "TO_REASSIGN"]])
        self.assertEqual(clocks(case.id), ["REASSIGN"])


class Redirects(unittest.TestCase):
    def redirect(self, case, by, house, version, **fields):
        client = getattr(by, "client", by)
        return client.refer("RedirectReferral", **command({
            "referral_id": case.id, "assignment_id": case.attempt(house),
            "expected_version": version, "actor": ACTOR, **fields}))

    def wrapped(self, case, by, house):
        recipient = case.recipient(house, by)
        case.destinations.append(recipient)
        return {"next": recipient, "sealed_sha256": case.hashes()}

    def test_referral__who_accepted_wraps_for_the_next_one(self):
        case = walked(("ACCEPT", first, {}))
        answer = self.redirect(case, first, first, 2, **self.wrapped(case, first, second))
        self.assertEqual((state_of(answer), answer.version), ("REDIRECTED", 3))
        self.assertEqual(states(case.id), {first.cpts_id: "REDIRECTED",
                                           second.cpts_id: "DELIVERED"})
        self.assertEqual(row("referral", case.id, "hop_count, custodian_id"),
                         [["1", origin.cpts_id]])
        case.act("ACCEPT", second, second, 3)
        refused = refusal(self.redirect, case, second, second, 4,
                          **self.wrapped(case, second, first))
        self.assertEqual((refused.reason, refused.detail), ("REDIRECT_CYCLE", first.cpts_id))
        self.assertEqual(
            outcome(self.redirect, case, second, second, 4, next={"cpts_id": origin.cpts_id}),
            "FAILED_PRECONDITION/REDIRECT_CYCLE")

    def test_referral__without_keys_it_is_a_proposal_for_the_origin(self):
        for by in first, desk:
            case = walked()
            answer = self.redirect(case, by, first, 1, next={"cpts_id": second.cpts_id})
            self.assertEqual(answer.status, referral_pb2.REFERRAL_STATUS_TO_REASSIGN)
            self.assertEqual(row("referral", case.id, "proposed_id, hop_count"),
                             [[second.cpts_id, "1"]])
            self.assertEqual(clocks(case.id), ["REASSIGN"])

    def test_referral__a_candidate_is_sealed_for_already(self):
        case = Case(origin, [first], [second, third])
        case.submit()
        self.redirect(case, first, first, 1, next={"cpts_id": third.cpts_id})
        self.assertEqual(states(case.id), {first.cpts_id: "REDIRECTED",
                                           third.cpts_id: "DELIVERED"})
        self.assertEqual(clocks(case.id), ["DECIDE", "WIDEN"])

    def test_referral__five_hops_are_one_too_many(self):
        case = walked(("ACCEPT", first, {}))
        node.database.query(
            f"UPDATE cpts.referral SET hop_count = 4 WHERE referral_id = '{case.id}';")
        before = node.fingerprint()
        self.assertEqual(
            outcome(self.redirect, case, first, first, 2, **self.wrapped(case, first, second)),
            "FAILED_PRECONDITION/REDIRECT_LIMIT")
        self.assertEqual(node.fingerprint(), before)

    def test_referral__wrap_of_one_that_had_not_accepted_is_refused(self):
        case = walked()
        self.assertEqual(
            outcome(self.redirect, case, first, first, 1, **self.wrapped(case, first, second)),
            "PERMISSION_DENIED/WRAP_NOT_YOURS")

    def test_referral__wrap_over_other_ciphertexts_is_refused(self):
        case, other = walked(("ACCEPT", first, {})), walked()
        request = {"next": other.recipient(second, first), "sealed_sha256": other.hashes()}
        self.assertEqual(outcome(self.redirect, case, first, first, 2, **request),
                         "FAILED_PRECONDITION/SIGNATURE_INVALID")
        other.id = other.sealed.id = case.id
        request["next"] = other.recipient(second, first)
        self.assertEqual(outcome(self.redirect, case, first, first, 2, **request),
                         "FAILED_PRECONDITION/NOT_SEALED_FOR_RECIPIENT")


class Choices(unittest.TestCase):
    def reassign(self, case, by, version, *houses, **fields):
        client = getattr(by, "client", by)
        recipients = [case.recipient(house) if by is origin else {"cpts_id": house.cpts_id}
                      for house in houses]
        over = {"sealed_sha256": case.hashes()} if by is origin else {}
        return client.refer("ReassignReferral", **command({
            "referral_id": case.id, "expected_version": version, "actor": ACTOR,
            "destinations": recipients, **over, **fields}))

    def test_referral__origin_chooses_again(self):
        case = walked(("DECLINE", first, {"reason": "CAPACITY"}))
        answer = self.reassign(case, origin, 2, second, third)
        self.assertEqual((answer.version, state_of(answer)), (3, "OPEN"))
        self.assertEqual(states(case.id)[third.cpts_id], "DELIVERED")
        self.assertEqual(clocks(case.id), ["DECIDE", "DECIDE"])

    def test_referral__who_declined_is_not_asked_again(self):
        case = walked(("DECLINE", first, {"reason": "CAPACITY"}))
        self.assertEqual(outcome(self.reassign, case, origin, 2, first),
                         "FAILED_PRECONDITION/REDIRECT_CYCLE")

    def test_referral__desk_proposes_when_the_origin_is_silent(self):
        case = walked(("DECLINE", first, {"reason": "CAPACITY"}))
        self.assertEqual(outcome(self.reassign, case, desk, 2, second), ILLEGAL)
        node.database.query(
            f"UPDATE cpts.referral SET overdue = 3 WHERE referral_id = '{case.id}';")
        answer = self.reassign(case, desk, 2, second)
        self.assertEqual(state_of(answer), "TO_REASSIGN")
        self.assertEqual(row("referral", case.id, "proposed_id"), [[second.cpts_id]])
        self.reassign(case, origin, 3, second)
        self.assertEqual(row("referral", case.id, "proposed_id IS NULL"), [["t"]])

    def test_referral__unroutable_finds_somebody_at_last(self):
        case = Case(origin)
        case.submit()
        self.reassign(case, origin, 1, first)
        self.assertEqual(row("referral", case.id, "unroutable, status"), [["f", "OPEN"]])


class Consents(unittest.TestCase):
    CONSENT = {"given_by": "PATIENT", "given_on": "2024-01-01", "form": "WRITTEN",
               "scope": "suivi entre CPTS"}

    def say(self, rpc, case, by, version, **fields):
        return by.client.refer(rpc, **command({"referral_id": case.id, "actor": ACTOR,
                                               "expected_version": version, **fields}))

    def test_referral__withdrawn_consent_stops_it_and_a_new_one_lets_it_go_on(self):
        case = Case(origin, [first], legal_basis="LEGAL_BASIS_PARTAGE", consent=self.CONSENT)
        case.submit()
        self.assertEqual(outcome(self.say, "WithdrawConsent", case, second, 1),
                         "NOT_FOUND/REFERRAL_NOT_FOUND")
        self.assertEqual(self.say("WithdrawConsent", case, first, 1).version, 2)
        self.assertEqual(outcome(case.act, "ACCEPT", first, first, 1),
                         "FAILED_PRECONDITION/CONSENT_WITHDRAWN")
        self.assertEqual(outcome(self.say, "RecordConsent", case, first, 2, consent=self.CONSENT),
                         "PERMISSION_DENIED/WRONG_PARTY")
        self.say("RecordConsent", case, origin, 2, consent=self.CONSENT)
        case.act("ACCEPT", first, first, 1)

    def test_referral__opt_in_opens_a_cpts_whose_contract_is_not_signed(self):
        early, = referring.houses(node, operator, "early", stages=referring.SIGNED[:3])
        self.addCleanup(early.client.close)
        self.assertEqual(outcome(Case(origin, [early]).submit),
                         "FAILED_PRECONDITION/RECIPIENT_NOT_ELIGIBLE")

        def opt(opted_in, version):
            return early.client.refer("SetReferralOptIn", **command(
                {"id": early.cpts_id, "expected_version": version, "use_case": "USE_CASE_SNP",
                 "opted_in": opted_in}))
        version = opt(True, early.client.get(early.cpts_id).version).version
        Case(origin, [early]).submit()
        self.assertEqual(outcome(opt, True, version), "FAILED_PRECONDITION/NOTHING_TO_CORRECT")
        opt(False, version)
        self.assertEqual(outcome(Case(origin, [early]).submit),
                         "FAILED_PRECONDITION/RECIPIENT_NOT_ELIGIBLE")


class Replay(unittest.TestCase):
    def test_referral__same_command_gives_the_first_outcome(self):
        case = Case(origin, [first])
        request = case.request()
        once = origin.client.refer("SubmitReferral", **request)
        again = origin.client.refer("SubmitReferral", **request)
        self.assertEqual((again.replayed, again.log_position), (True, once.log_position))
        step = command({"referral_id": case.id, "assignment_id": case.attempt(first),
                        "event": referring.event("ACCEPT"), "expected_version": 1, "actor": ACTOR})
        once = first.client.refer("ActOnReferral", **step)
        again = first.client.refer("ActOnReferral", **step)
        self.assertEqual((again.replayed, again.version), (True, once.version))
        step["actor"] = {**ACTOR, "purpose": "PURPOSE_COORDINATION"}
        self.assertEqual(outcome(first.client.refer, "ActOnReferral", **step),
                         "ALREADY_EXISTS/COMMAND_ID_REUSED")

    def test_referral__act_from_an_outbox_that_comes_too_late_is_parked(self):
        case = walked(("ACCEPT", first, {}))
        late = command({"referral_id": case.id, "assignment_id": case.attempt(first),
                        "event": referring.event("WITHDRAW"), "expected_version": 1,
                        "reason": "NEED_OVER", "actor": ACTOR, "queued": True})
        refused = refusal(origin.client.refer, "ActOnReferral", **late)
        state, version, allowed, parked_id = refused.detail.split()
        self.assertEqual((refused.reason, state, version), ("STALE_VERSION", "ACCEPTED", "2"))
        self.assertIn("REQUEST_CANCEL", allowed.split(","))
        self.assertEqual(refusal(origin.client.refer, "ActOnReferral", **late).detail.split()[3],
                         parked_id)
        listed = origin.client.refer("ListParkedActs", actor=ACTOR).acts
        found, = (act for act in listed if act.id == parked_id)
        self.assertEqual((found.expected_version, found.found_version, found.refusal,
                          found.actor.rpps), (1, 2, "STALE_VERSION", ACTOR["rpps"]))
        self.assertEqual(list(first.client.refer("ListParkedActs", actor=ACTOR).acts), [])
        resolve = command({"id": parked_id, "resolution": "PARKED_RESOLUTION_DISCARDED",
                           "actor": ACTOR})
        self.assertFalse(origin.client.refer("ResolveParkedAct", **resolve).replayed)
        self.assertTrue(origin.client.refer("ResolveParkedAct", **resolve).replayed)
        resolve["command_id"] = str(uuid.uuid4())
        self.assertEqual(outcome(origin.client.refer, "ResolveParkedAct", **resolve),
                         "FAILED_PRECONDITION/PARKED_ACT_RESOLVED")
        self.assertEqual(node.database.query(
            "SELECT method, rpps, item_count FROM cpts.audit_read WHERE scope ="
            f" 'cpts:{origin.cpts_id}' AND method ~ 'Parked' ORDER BY entry_id DESC LIMIT 2;"),
            [["ResolveParkedAct/DISCARDED", ACTOR["rpps"], "1"],
             ["ListParkedActs", ACTOR["rpps"], str(len(listed))]])

    def test_referral__versions_of_a_referral_have_no_gap_in_the_log(self):
        case = walked(("ACCEPT", first, {}), ("SCHEDULE", first, later()),
                      ("REPORT", first, "note"), ("ACKNOWLEDGE", origin, {}))
        self.assertEqual(node.database.query(
            "SELECT version, kind FROM cpts.change_log WHERE aggregate_kind = 'REFERRAL'"
            f" AND aggregate_id = '{case.id}' ORDER BY local_position;"),
            [["1", "REFERRAL_SUBMITTED"]] + [[str(n), "REFERRAL_ACTED"] for n in range(2, 6)])


class Walls(unittest.TestCase):
    """The second wall: row-level security, without the server."""
    TABLES = ("referral", "assignment", "referral_clock", "referral_note")

    def seen(self, case, scope):
        """Tables in which that scope sees something of the case."""
        setting = f"SELECT FROM set_config('app.scope', '{scope}', true);"
        counts = node.database.query(
            f"BEGIN; {setting}" + "".join(
                f"SELECT '{table}', count(*) FROM cpts.{table} WHERE referral_id = '{case.id}';"
                for table in self.TABLES) + "ROLLBACK;", user="cpts_app")
        return {found[0] for found in counts if len(found) == 2 and found[1] != "0"}

    def test_referral__only_its_parties_see_it_and_the_desk_never_a_content(self):
        case = walked(("ASK_INFO", first, "note"))
        without_content = set(self.TABLES[:3])
        for scope, wanted in ((f"cpts:{origin.cpts_id}", set(self.TABLES)),
                              (f"cpts:{first.cpts_id}", set(self.TABLES)),
                              (f"cpts:{second.cpts_id}", set()), ("region:11", without_content),
                              (f"region:{OTHER_REGION}", set()), ("read", set()),
                              ("public", set()), ("", set())):
            with self.subTest(scope=scope):
                self.assertEqual(self.seen(case, scope), wanted)

    def call(self, scope, call):
        """Columns of what a function gives that scope, or the SQLSTATE of its refusal."""
        script = (f"BEGIN; SELECT FROM set_config('app.scope', '{scope}', true);"
                  f" SELECT 'given', p.* FROM cpts.{call} p; ROLLBACK;")
        try:
            rows = node.database.query(script, user="cpts_app")
        except psql.SqlError as error:
            return error.sqlstate
        return next(row[1:] for row in rows if row[:1] == ["given"])

    def test_referral__database_gives_sealed_parts_to_their_parties_only(self):
        asked, taken = walked(), walked(("ACCEPT", first, {}))
        me = f"cpts:{first.cpts_id}"
        for case, scope, wanted in (
                (asked, f"cpts:{origin.cpts_id}", "both"), (asked, me, "offer"),
                (taken, me, "both"), (taken, f"cpts:{second.cpts_id}", ""),
                (taken, "region:11", ""), (taken, f"region:{OTHER_REGION}", ""),
                (taken, "*", ""), (taken, "read", ""), (taken, "", "")):
            with self.subTest(scope=scope, state=case is taken):
                offer, content = self.call(scope, f"sealed_parts('{case.id}', true, true)")
                self.assertEqual((offer != "", content != ""),
                                 (wanted in ("both", "offer"), wanted == "both"))
        self.assertEqual(self.call(me, f"sealed_parts('{taken.id}', false, false)"), ["", ""])

    def test_referral__sealed_parts_go_only_when_it_is_over_and_by_who_may(self):
        taken = walked(("ACCEPT", first, {}))
        over = walked(("ACCEPT", first, {}), ("REPORT", first, "note"),
                      ("ACKNOWLEDGE", origin, {}))
        for case, scope, wanted in (
                (taken, f"cpts:{origin.cpts_id}", "42501"), (taken, "*", "42501"),
                (over, f"cpts:{second.cpts_id}", "42501"), (over, "region:11", "42501"),
                (over, "", "42501"), (over, f"cpts:{first.cpts_id}", ["t"]),
                (over, f"cpts:{origin.cpts_id}", ["t"]), (over, "*", ["t"])):
            with self.subTest(scope=scope, over=case is over):
                self.assertEqual(self.call(scope, f"sealed_parts_erase('{case.id}')"), wanted)

    def test_referral__command_of_another_scope_changes_nothing_even_called_directly(self):
        case = walked()
        before = node.fingerprint()
        found = node.database.query(
            "BEGIN; SELECT FROM pg_advisory_xact_lock(cpts.log_lock_key());"
            "SELECT FROM cpts.log_begin('national');"
            f"SELECT FROM set_config('app.scope', 'cpts:{second.cpts_id}', true);"
            "SELECT a.outcome FROM cpts.referral_consent('x', gen_random_uuid(), sha256(''),"
            f" '{case.id}', 'national', '', 1, NULL) a; COMMIT;", user="cpts_app")
        self.assertIn(["REFERRAL_NOT_FOUND"], found)
        self.assertEqual(node.fingerprint(), before)


class Nodes(unittest.TestCase):
    def test_referral__another_node_delivers_to_the_cpts_that_it_owns(self):
        away, = referring.houses(node, operator, "away", region=OTHER_REGION)
        self.addCleanup(away.client.close)
        region = node.client("region")
        self.addCleanup(region.close)
        node.database.query(f"UPDATE cpts.cpts SET owner_node = 'region/11'"
                            f" WHERE cpts_id = '{away.cpts_id}';")
        case = Case(origin, [away])
        self.assertEqual(state_of(case.submit()), "SUBMITTED")
        self.assertEqual(clocks(case.id), ["DELIVER"])
        request = command({"referral_id": case.id, "assignment_id": case.attempt(away),
                           "expected_version": 1})
        national = node.client("national")
        self.addCleanup(national.close)
        self.assertEqual(outcome(national.refer, "DeliverAssignment", **request),
                         "NOT_FOUND/REFERRAL_NOT_FOUND")
        self.assertEqual(state_of(region.refer("DeliverAssignment", **request)), "DELIVERED")
        self.assertEqual(clocks(case.id), ["DECIDE"])

    def test_referral__reasons_have_labels_and_sources(self):
        reasons = origin.client.refer("ListReferralReasons", event=referring.event("DECLINE"))
        self.assertIn("CAPACITY", [reason.code for reason in reasons.reasons])
        self.assertTrue(all(reason.label and reason.source for reason in reasons.reasons))


if __name__ == "__main__":
    psql.main()
