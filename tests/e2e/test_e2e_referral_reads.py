# SPDX-License-Identifier: Apache-2.0
"""Who sees what of a referral, when, and that every read leaves its trace."""
import concurrent.futures
import hashlib
import os
import unittest
import uuid

import referral_rows as rows
from node import REGION, Node, outcome, psql, refusal
from referral_rows import CONTENT, OFFER, actor, agent_actor, ask, note, refer, trail

NOT_FOUND = "NOT_FOUND/REFERRAL_NOT_FOUND"
NOT_FOR_PARTY = "PERMISSION_DENIED/CONTENT_NOT_FOR_PARTY"
BOTH = ["REFERRAL_PART_OFFER", "REFERRAL_PART_CONTENT"]
CHUNK = 524288
node = origin = destination = second = stranger = agent = None


def setUpModule():
    global node, origin, destination, second, stranger, agent
    node = Node()
    node.operator = node.client("operator")
    origin, destination, second, stranger = (
        rows.Side(node, name, number)
        for number, name in enumerate(("origin", "destination", "second", "stranger")))
    node.reread_roles(lambda: outcome(stranger.client.get, stranger.cpts_id) == "OK")
    agent = rows.connect(node, "agent")


def tearDownModule():
    if node is not None:
        for closed in origin, destination, second, stranger, agent, node.operator:
            closed.close()
        node.stop()


def get(side, referral_id, parts=(), who=None):
    client = getattr(side, "client", side)
    return ask(client, "GetReferral", referral_id=referral_id, actor=who or actor(), parts=parts)


def refused(side, referral_id, parts=()):
    return outcome(get, side, referral_id, parts)


def together(calls):
    """What calls give that are made at once, in their order."""
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [made.result() for made in [pool.submit(call) for call in calls]]


def stored(table, referral_id, more=""):
    return node.database.value(
        f"SELECT count(*) FROM cpts.{table} WHERE referral_id = '{referral_id}'{more};")


def names(enum, numbers):
    return [enum.Name(number).removeprefix("REFERRAL_EVENT_") for number in numbers]


class One(unittest.TestCase):
    def test_reads__origin_opens_what_it_sent(self):
        referral_id = refer(node, origin, [destination])
        answer = get(origin, referral_id, BOTH)
        self.assertEqual((answer.offer, answer.content), (OFFER, CONTENT))
        self.assertEqual(answer.seal.offer_sha256, hashlib.sha256(OFFER).digest())
        self.assertEqual(answer.referral.header.use_case, 1)
        self.assertEqual(answer.referral.origin_name, "CPTS origin")
        self.assertEqual([clock.kind for clock in answer.referral.clocks], [9])

    def test_reads__destination_opens_the_offer_and_only_once_custodian_the_content(self):
        before, after = (refer(node, origin, [destination], state)
                         for state in ("DELIVERED", "ACCEPTED"))
        answer = get(destination, before, BOTH[:1])
        self.assertEqual((answer.offer, answer.content), (OFFER, b""))
        self.assertEqual((answer.wrap.offer_key, answer.wrap.content_key), (b"a" * 80, b""))
        self.assertEqual(refused(destination, before, BOTH), NOT_FOR_PARTY)
        answer = get(destination, after, BOTH)
        self.assertEqual((answer.content, answer.wrap.content_key), (CONTENT, b"b" * 80))

    def test_reads__destination_that_is_through_opens_nothing(self):
        for state in rows.TERMINAL:
            with self.subTest(state=state):
                referral_id = refer(node, origin, [destination], state)
                self.assertEqual(len(get(destination, referral_id).referral.assignments), 1)
                for part in BOTH:
                    self.assertEqual(refused(destination, referral_id, [part]), NOT_FOR_PARTY)

    def test_reads__parallel_destination_does_not_open_what_another_accepted(self):
        referral_id = refer(node, origin, [destination, second], "ACCEPTED")
        self.assertEqual(refused(second, referral_id, BOTH), NOT_FOR_PARTY)

    def test_reads__destination_sees_its_own_attempt_only(self):
        referral_id = refer(node, origin, [destination, second])
        for side in destination, second:
            seen = get(side, referral_id).referral.assignments
            self.assertEqual([attempt.destination_id for attempt in seen], [side.cpts_id])
        self.assertEqual(len(get(origin, referral_id).referral.assignments), 2)

    def test_reads__other_cpts_and_regions_find_nothing(self):
        referral_id = refer(node, origin, [destination])
        abroad = refer(node, origin, [destination], origin_region="52")
        self.assertEqual(refused(stranger, referral_id), NOT_FOUND)
        self.assertEqual(refused(agent, abroad), NOT_FOUND)
        self.assertEqual(refused(origin, str(uuid.uuid4())), NOT_FOUND)

    def test_reads__desk_sees_where_it_stands_and_never_a_content(self):
        referral_id = refer(node, origin, [destination], "ACCEPTED")
        answer = get(agent, referral_id, who=agent_actor())
        self.assertEqual(answer.referral.party, rows.referral_pb2.PARTY_DESK)
        self.assertEqual((answer.offer, answer.content, answer.wrap.offer_key), (b"", b"", b""))
        for part in BOTH:
            self.assertEqual(refused(agent, referral_id, [part]), NOT_FOR_PARTY)

    def test_reads__nothing_is_opened_after_consent_is_withdrawn_or_erasure(self):
        for change, reason in ({"consent_withdrawn": True}, "CONSENT_WITHDRAWN"), (
                {"erased": True}, "REFERRAL_IS_ERASED"):
            referral_id = refer(node, origin, [destination], "ACCEPTED", **change)
            for side in origin, destination:
                with self.subTest(reason=reason, side=side.name):
                    self.assertEqual(get(side, referral_id).offer, b"")
                    self.assertEqual(refused(side, referral_id, BOTH),
                                     f"FAILED_PRECONDITION/{reason}")

    def test_reads__say_what_the_caller_may_do(self):
        referral_id = refer(node, origin, [destination], "DELIVERED")
        event = rows.referral_pb2.ReferralEvent
        allowed = {side.name: names(event, get(side, referral_id).referral.assignments[0]
                                    .allowed_events) for side in (origin, destination)}
        self.assertIn("WITHDRAW", allowed["origin"])
        self.assertNotIn("ACCEPT", allowed["origin"])
        self.assertIn("ACCEPT", allowed["destination"])
        self.assertNotIn("WITHDRAW", allowed["destination"])

    def test_reads__report_is_disputed_once(self):
        for count, may in (0, True), (1, False):
            referral_id = refer(node, origin, [destination], "REPORTED", a_dispute_count=count)
            allowed = get(origin, referral_id).referral.assignments[0].allowed_events
            self.assertEqual(rows.referral_pb2.REFERRAL_EVENT_DISPUTE in allowed, may)

    def test_reads__refuse_what_is_not_well_said(self):
        referral_id = refer(node, origin, [destination])
        for who, field in (None, "actor"), (actor(rpps="1"), "actor.rpps"), (
                actor(profession=""), "actor.profession"), (
                actor(function="x"), "actor.function"), (
                actor(purpose=0), "actor.purpose"), (
                actor(rpps="", profession=""), "actor.function"), (
                actor(rpps="", profession="", function="a\x1fb"), "actor.function"), (
                actor(rpps="", function="agent"), "actor.profession"):
            with self.subTest(field=field):
                error = refusal(ask, origin.client, "GetReferral", referral_id=referral_id,
                                actor=who)
                self.assertEqual((error.reason, error.field), ("ACTOR_INVALID", field))
        self.assertEqual(trail(node, referral_id), [])
        for parts in ([0], [7]):
            self.assertEqual(refused(origin, referral_id, parts), "INVALID_ARGUMENT/FIELD_INVALID")
        self.assertEqual(refused(origin, "x"), "INVALID_ARGUMENT/FIELD_INVALID")


class Trace(unittest.TestCase):
    def test_reads__every_read_leaves_its_trace(self):
        referral_id = refer(node, origin, [destination], "DELIVERED")
        get(origin, referral_id)
        get(destination, referral_id, BOTH[:1])
        refused(destination, referral_id, BOTH)
        refused(stranger, referral_id)
        get(agent, referral_id, who=agent_actor())
        self.assertEqual(trail(node, referral_id), [
            ("GetReferral", "", "1"), ("GetReferral", "OFFER", "1"), ("GetReferral", "", "0"),
            ("GetReferral", "", "0"), ("GetReferral", "", "1")])

    def test_reads__trace_says_who_and_why(self):
        referral_id = refer(node, origin, [destination])
        get(destination, referral_id)
        self.assertEqual(node.database.query(
            "SELECT principal, scope, rpps, profession, function, purpose FROM cpts.audit_read"
            f" WHERE referral_id = '{referral_id}';")[0],
            [destination.uri, f"cpts:{destination.cpts_id}", actor().rpps, "MEDECIN", "", "CARE"])

    def test_reads__that_cannot_be_traced_give_nothing(self):
        referral_id = refer(node, origin, [destination])
        node.database.query("ALTER TABLE cpts.audit_read ADD CONSTRAINT audit_read_never"
                            " CHECK (false) NOT VALID;")
        try:
            self.assertNotEqual(refused(origin, referral_id, BOTH), "OK")
        finally:
            node.database.query("ALTER TABLE cpts.audit_read DROP CONSTRAINT audit_read_never;")
        self.assertEqual(get(origin, referral_id, BOTH).content, CONTENT)


class Notes(unittest.TestCase):
    def read(self, side, referral_id, **fields):
        return ask(side.client, "ListReferralNotes", referral_id=referral_id, actor=actor(),
                   **fields)

    def test_reads__notes_are_for_origin_and_their_destination(self):
        referral_id = refer(node, origin, [destination, second])
        ids = [note(node, referral_id, destination) for _ in range(3)]
        for side, wanted in (origin, ids), (destination, ids), (second, []):
            found = [found.note.id for found in self.read(side, referral_id).notes]
            self.assertEqual(found, wanted, side.name)
        self.assertEqual(outcome(self.read, stranger, referral_id), NOT_FOUND)
        self.assertEqual(trail(node, referral_id)[0], ("ListReferralNotes", "NOTES", "3"))

    def test_reads__notes_come_in_pages(self):
        referral_id = refer(node, origin, [destination])
        ids = [note(node, referral_id, destination) for _ in range(3)]
        first = self.read(origin, referral_id, page_size=2)
        last = self.read(origin, referral_id, page_size=2, page_token=first.next_page_token)
        self.assertEqual([found.note.id for found in [*first.notes, *last.notes]], ids)
        self.assertEqual(last.next_page_token, "")
        self.assertEqual(outcome(self.read, origin, referral_id, page_size=21),
                         "INVALID_ARGUMENT/FIELD_INVALID")

    def test_reads__notes_close_with_the_rest(self):
        for change, wanted in ({"state": "DECLINED"}, NOT_FOR_PARTY), (
                {"erased": True}, "FAILED_PRECONDITION/REFERRAL_IS_ERASED"), (
                {"consent_withdrawn": True}, "FAILED_PRECONDITION/CONSENT_WITHDRAWN"):
            referral_id = refer(node, origin, [destination], **change)
            self.assertEqual(outcome(self.read, destination, referral_id), wanted)


def attachment_id(referral_id, number=0):
    """Ids are of one referral only."""
    return str(uuid.uuid5(uuid.UUID(referral_id), str(number)))


class Attachments(unittest.TestCase):
    def put(self, side, referral_id, whole, index, **changes):
        attachment = {"id": attachment_id(referral_id), "byte_count": len(whole),
                      "sha256": hashlib.sha256(whole).digest(),
                      "chunk_count": -(-len(whole) // CHUNK), **changes}
        return ask(side.client, "PutAttachmentChunk", referral_id=referral_id, actor=actor(),
                   attachment=attachment, chunk_index=index,
                   chunk=whole[index * CHUNK:(index + 1) * CHUNK])

    def take(self, side, referral_id, index):
        return ask(side.client, "GetAttachmentChunk", referral_id=referral_id, actor=actor(),
                   attachment_id=attachment_id(referral_id), chunk_index=index)

    def test_reads__attachment_is_read_when_it_is_whole(self):
        whole = bytes(range(256)) * 4096 + b"end"
        referral_id = refer(node, origin, [destination], "ACCEPTED")
        for index in (2, 0, 0):
            self.assertFalse(self.put(origin, referral_id, whole, index).complete)
        self.assertEqual(outcome(self.take, destination, referral_id, 0),
                         "NOT_FOUND/ATTACHMENT_NOT_FOUND")
        answer = self.put(origin, referral_id, whole, 1)
        self.assertEqual((answer.complete, answer.stored_chunk_count), (True, 3))
        self.assertTrue(self.put(origin, referral_id, whole, 1).complete)
        for side in origin, destination:
            found = b"".join(self.take(side, referral_id, index).chunk for index in range(3))
            self.assertEqual(found, whole)
        self.assertEqual(get(destination, referral_id).attachments[0].byte_count, len(whole))

    def test_reads__attachment_with_another_hash_is_dropped(self):
        whole = b"x" * (CHUNK + 1)
        referral_id = refer(node, origin, [destination])
        self.put(origin, referral_id, whole, 0, sha256=b"h" * 32)
        self.assertEqual(outcome(self.put, origin, referral_id, whole, 1, sha256=b"h" * 32),
                         "INVALID_ARGUMENT/ATTACHMENT_HASH_MISMATCH")
        self.assertEqual(node.database.value(
            f"SELECT count(*) FROM cpts.referral_chunk WHERE referral_id = '{referral_id}';"), "0")

    def test_reads__attachment_is_for_those_who_may_have_the_content(self):
        delivered = refer(node, origin, [destination])
        for side, wanted in (destination, NOT_FOR_PARTY), (stranger, NOT_FOUND):
            self.assertEqual(outcome(self.put, side, delivered, b"x", 0), wanted)
        self.put(origin, delivered, b"x", 0)
        self.assertEqual(outcome(self.take, destination, delivered, 0), NOT_FOR_PARTY)

    def test_reads__attachments_have_limits(self):
        referral_id = refer(node, origin, [destination])
        for number in range(5):
            self.put(origin, referral_id, b"x", 0, id=attachment_id(referral_id, number + 1))
        self.assertEqual(outcome(self.put, origin, referral_id, b"x", 0),
                         "RESOURCE_EXHAUSTED/TOO_MANY_ATTACHMENTS")
        self.assertEqual(outcome(self.put, origin, referral_id, b"xy", 0,
                                 id=attachment_id(referral_id, 1)),
                         "ALREADY_EXISTS/ATTACHMENT_DIFFERS")
        for changes in ({"byte_count": 10500001}, {"byte_count": 0}, {"chunk_count": 2},
                        {"sha256": b"h"}, {"id": "x"}):
            with self.subTest(changes=changes):
                self.assertEqual(outcome(self.put, origin, referral_id, b"x", 0, **changes),
                                 "INVALID_ARGUMENT/FIELD_INVALID")

    def test_reads__an_attachment_is_of_one_referral(self):
        """Its entry in the log goes by its id."""
        first, second = refer(node, origin, [destination]), refer(node, stranger, [destination])
        self.put(origin, first, b"x", 0)
        for side, referral_id in ((stranger, second),
                                  (origin, refer(node, origin, [destination]))):
            self.assertEqual(outcome(self.put, side, referral_id, b"x", 0,
                                     id=attachment_id(first)), "ALREADY_EXISTS/ATTACHMENT_DIFFERS")
            self.assertEqual(stored("referral_attachment", referral_id), "0")
        self.put(origin, first, b"x", 0)

    def test_reads__attachments_put_at_once_keep_their_limit(self):
        referral_id = refer(node, origin, [destination])
        found = together([lambda number=number: outcome(
            self.put, origin, referral_id, b"x", 0, id=attachment_id(referral_id, number + 1))
                          for number in range(24)])
        self.assertEqual(found.count("OK"), 5)
        self.assertEqual(stored("referral_attachment", referral_id), "5")

    def test_reads__last_chunks_put_at_once_make_it_whole(self):
        whole = os.urandom(CHUNK * 3 + 1)
        for _ in range(4):
            referral_id = refer(node, origin, [destination])
            found = together([lambda index=index: self.put(origin, referral_id, whole, index)
                              for index in range(4)])
            self.assertEqual([one.complete for one in found].count(True), 1)
            self.assertEqual(stored("referral_attachment", referral_id, " AND complete"), "1")

    def test_reads__chunk_is_not_replaced_by_other_bytes(self):
        referral_id = refer(node, origin, [destination])
        whole, other = b"a" * (CHUNK + 1), b"b" * (CHUNK + 1)
        fields = {"sha256": hashlib.sha256(other).digest()}
        self.put(origin, referral_id, whole, 0, **fields)
        self.assertEqual(outcome(self.put, origin, referral_id, other, 0, **fields),
                         "ALREADY_EXISTS/ATTACHMENT_DIFFERS")
        self.assertEqual(stored("referral_chunk", referral_id), "1")

    def test_reads__what_is_over_takes_no_attachment(self):
        for state, fields in ("CLOSED", {}), ("WITHDRAWN", {
                "status": "ABANDONED", "custodian_id": None, "ended_at": "now()"}):
            referral_id = refer(node, origin, [destination], state, **fields)
            self.assertEqual(outcome(self.put, origin, referral_id, b"x", 0),
                             "FAILED_PRECONDITION/REFERRAL_IS_OVER")
            self.assertEqual(stored("referral_attachment", referral_id), "0")

    def test_reads__uploads_that_were_begun_have_a_limit(self):
        mine = rows.Side(node, "uploads", 190)
        self.addCleanup(mine.close)
        node.reread_roles(lambda: outcome(mine.client.get, mine.cpts_id) == "OK")
        whole = b"x" * (CHUNK + 1)
        for number in range(20):
            if number % 5 == 0:
                referral_id = refer(node, mine, [destination])
            self.put(mine, referral_id, whole, 1, id=attachment_id(referral_id, number + 1))
        referral_id = refer(node, mine, [destination])
        self.assertEqual(outcome(self.put, mine, referral_id, whole, 1),
                         "RESOURCE_EXHAUSTED/TOO_MANY_OPEN_UPLOADS")
        node.database.query("UPDATE cpts.referral_attachment SET recorded_at = now() - interval"
                            f" '8 days' WHERE author_id = '{mine.cpts_id}';")
        self.put(mine, referral_id, whole, 1)


class Worklists(unittest.TestCase):
    def setUp(self):
        self.here = rows.Side(node, f"here{id(self)}", 200 + Worklists.count)
        Worklists.count += 1
        node.reread_roles(lambda: outcome(self.here.client.get, self.here.cpts_id) == "OK")
        self.addCleanup(self.here.close)

    count = 0

    def ids(self, side, name, **fields):
        client = getattr(side, "client", side)
        answer = ask(client, "ListReferrals", actor=actor(), worklist=f"WORKLIST_{name}",
                     page_size=500, **fields)
        return [row.referral.id for row in answer.rows]

    def test_reads__inbox_has_what_waits_for_me(self):
        waiting = [refer(node, origin, [self.here], state) for state in
                   ("DELIVERED", "ACCEPTED", "SCHEDULED", "IN_PROGRESS", "CANCEL_REQUESTED")]
        asked = refer(node, origin, [self.here], "INFO_REQUESTED")
        refer(node, origin, [self.here], "CLOSED")
        refer(node, origin, [destination], "DELIVERED")
        self.assertEqual(self.ids(self.here, "INBOX"), waiting)
        self.assertEqual(self.ids(self.here, "INBOX", states=["ASSIGNMENT_STATE_INFO_REQUESTED"]),
                         [asked])
        self.assertEqual(self.ids(self.here, "INBOX", use_case="USE_CASE_PARCOURS"), [])

    def test_reads__pages_of_the_inbox_stay_in_order(self):
        ids = [refer(node, origin, [self.here]) for _ in range(5)]
        seen, token = [], ""
        for _ in range(3):
            page = ask(self.here.client, "ListReferrals", actor=actor(), page_size=2,
                       worklist="WORKLIST_INBOX", page_token=token)
            seen += [row.referral.id for row in page.rows]
            token = page.next_page_token
        self.assertEqual((seen, token), (ids, ""))
        self.assertEqual(outcome(ask, self.here.client, "ListReferrals", actor=actor(),
                                 worklist="WORKLIST_OUTBOX", page_token=page.next_page_token
                                 or "x"), "INVALID_ARGUMENT/PAGE_TOKEN_INVALID")

    def test_reads__outbox_has_mine_with_their_attempts(self):
        here = self.here
        mine = [refer(node, here, [destination, second]), refer(node, here, [second], "DECLINED")]
        refer(node, here, [destination], "CLOSED")
        answer = ask(here.client, "ListReferrals", actor=actor(), worklist="WORKLIST_OUTBOX")
        self.assertEqual([row.referral.id for row in answer.rows], mine)
        self.assertEqual([len(row.referral.assignments) for row in answer.rows], [2, 0])
        self.assertTrue(answer.synthetic)
        self.assertEqual(self.ids(here, "TO_REASSIGN"), mine[1:])

    def test_reads__overdue_is_seen_by_both_and_at_level_3_by_the_desk(self):
        here = self.here
        late = {level: refer(node, here, [destination], "ACCEPTED", a_overdue=level)
                for level in range(4)}
        self.assertEqual(self.ids(here, "OVERDUE"), [late[1], late[2], late[3]])
        self.assertTrue({late[1], late[3]} <= set(self.ids(destination, "OVERDUE")))
        self.assertTrue({late[1], late[3]} <= set(self.ids(agent, "OVERDUE")))
        found = self.ids(agent, "DESK")
        self.assertIn(late[3], found)
        self.assertNotIn(late[2], found)

    def test_reads__desk_of_the_region_has_what_nobody_chooses_for(self):
        waits = refer(node, self.here, [destination], "DECLINED", overdue=3)
        abroad = refer(node, self.here, [destination], "DECLINED", overdue=3, origin_region="52")
        for name in "TO_REASSIGN", "DESK":
            found = self.ids(agent, name)
            self.assertIn(waits, found)
            self.assertNotIn(abroad, found)

    def test_reads__lists_of_the_other_kind_of_caller_are_refused(self):
        for side, name in (origin, "DESK"), (agent, "INBOX"), (agent, "OUTBOX"):
            self.assertEqual(outcome(self.ids, side, name), "PERMISSION_DENIED/WRONG_PARTY")
        for fields in ({"states": ["ASSIGNMENT_STATE_CLOSED"]}, {"states": [99]},
                       {"use_case": 99}):
            self.assertEqual(outcome(self.ids, origin, "INBOX", **fields),
                             "INVALID_ARGUMENT/FIELD_INVALID")

    def test_reads__list_leaves_one_trace_with_its_count(self):
        for _ in range(3):
            refer(node, origin, [self.here])
        self.ids(self.here, "INBOX")
        self.assertEqual(node.database.query(
            "SELECT method, item_count FROM cpts.audit_read"
            f" WHERE scope = 'cpts:{self.here.cpts_id}';"), [["ListReferrals/INBOX", "3"]])


class Successor(unittest.TestCase):
    def test_reads__order_is_shown_as_signed_after_its_origin_merged(self):
        """Its successor is the origin, and whoever checks the signature finds who signed."""
        for signer, shown, successor in ((stranger.cpts_id, stranger.cpts_id, origin.cpts_id),
                                         (None, origin.cpts_id, "")):
            with self.subTest(signer=signer):
                found = get(origin, refer(node, origin, [destination], signer_id=signer)).referral
                self.assertEqual((found.header.origin_id, found.successor_id), (shown, successor))
                self.assertEqual(found.party, 1)


if __name__ == "__main__":
    psql.main()
