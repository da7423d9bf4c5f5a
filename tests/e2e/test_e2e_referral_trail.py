# SPDX-License-Identifier: Apache-2.0
"""The audit trail end to end, erasure and retention, the stream, whom to ask, figures."""
import hashlib
import struct
import unittest
import uuid

import grpc

import referral_rows as rows
from node import CALL_TIMEOUT_S, REGION, Node, entry, outcome, psql, refusal, unit
from referral_rows import actor, agent_actor, ask, audit, note, refer, referral_pb2, trail

ZEROS = bytes(32)
NEED = "78517"
node = origin = destination = stranger = agent = analyst = operator = None


def setUpModule():
    global node, origin, destination, stranger, agent, analyst, operator
    node = Node("[retention]\nreferral_years = 5\n")
    node.operator = node.client("operator")
    origin, destination, stranger = (
        rows.Side(node, name, number)
        for number, name in enumerate(("origin", "destination", "stranger")))
    node.reread_roles(lambda: outcome(stranger.client.get, stranger.cpts_id) == "OK")
    agent, analyst, operator = (rows.connect(node, name)
                                for name in ("agent", "analyst", "operator"))


def tearDownModule():
    if node is not None:
        for closed in origin, destination, stranger, agent, analyst, operator, node.operator:
            closed.close()
        node.stop()


def get(side, referral_id, parts=()):
    return ask(getattr(side, "client", side), "GetReferral", referral_id=referral_id,
               actor=actor(), parts=parts)


def links(chain):
    found, after = [], 0
    while True:
        page = audit(operator, "ListAuditLinks", chain=chain, after_position=after, page_size=7)
        found += page.links
        if not page.links:
            return found
        after = page.links[-1].position


class Chain(unittest.TestCase):
    def test_trail__both_chains_hold_from_end_to_end(self):
        referral_id = refer(node, origin, [destination])
        for _ in range(10):
            get(origin, referral_id)
        count = rows.chained(node)
        heads = {head.chain: head for head in audit(operator, "GetAuditHead").heads}
        for chain in 1, 2:
            prev, found = ZEROS, links(chain)
            for number, link in enumerate(found, 1):
                self.assertEqual((link.position, link.prev_hash), (number, prev))
                prev = hashlib.sha256(prev + struct.pack(">q", number) + link.bytes).digest()
                self.assertEqual(link.hash, prev)
            self.assertEqual((heads[chain].position, heads[chain].hash), (len(found), prev))
        self.assertEqual(len(links(1)), count)

    def test_trail__two_servers_chain_each_read_once(self):
        referral_id = refer(node, origin, [destination])
        twin = node.twin()
        self.addCleanup(twin.stop)
        second = rows.connect(twin, "origin")
        self.addCleanup(second.close)
        for _ in range(20):
            get(origin, referral_id)
            get(second, referral_id)
        rows.chained(node)
        self.assertEqual(node.database.value(
            "SELECT count(*) = count(DISTINCT entry_id) AND count(*) = max(position)"
            " FROM cpts.audit_chain;"), "t")

    def test_trail__links_are_for_the_operator_and_heads_for_witnesses(self):
        for side in origin.client, agent, analyst:
            self.assertEqual(outcome(audit, side, "ListAuditLinks", chain=1),
                             "PERMISSION_DENIED/ROLE_NOT_ALLOWED")
        self.assertEqual(outcome(audit, origin.client, "GetAuditHead"),
                         "PERMISSION_DENIED/ROLE_NOT_ALLOWED")
        get(origin, refer(node, origin, [destination]))
        rows.chained(node)
        heads = audit(operator, "GetAuditHead").heads
        self.assertEqual([head.chain for head in heads], [1, 2])
        for witness in agent, analyst:
            self.assertEqual(audit(witness, "GetAuditHead").heads, heads)
        for fields in ({}, {"chain": 1, "after_position": -1}, {"chain": 1, "page_size": 1001}):
            self.assertIn(outcome(audit, operator, "ListAuditLinks", **fields),
                          ("INVALID_ARGUMENT/FIELD_INVALID", "INVALID_ARGUMENT/FIELD_REQUIRED"))


class Entries(unittest.TestCase):
    def list(self, side, **fields):
        """Entries, but those of who listed them before."""
        fields = {"actor": actor(), **fields}
        return [entry for entry in audit(getattr(side, "client", side), "ListAuditEntries",
                                         **fields).entries if entry.what != "ListAuditEntries"]

    def test_trail__who_lists_the_trail_stands_in_it(self):
        referral_id = refer(node, origin, [destination])
        get(origin, referral_id)
        for client in destination.client, agent, stranger.client:
            outcome(audit, client, "ListAuditEntries", referral_id=referral_id, actor=agent_actor())
        found = audit(origin.client, "ListAuditEntries", referral_id=referral_id,
                      actor=actor()).entries
        self.assertEqual([(entry.what, entry.item_count, entry.actor) for entry in found],
                         [("ListAuditEntries", count, agent_actor()) for count in (0, 2, 1)]
                         + [("GetReferral", 1, actor())])
        self.assertEqual(found[0].principal, stranger.uri)

    def test_trail__nobody_lists_it_without_saying_who_and_why(self):
        for who in None, actor(purpose=0), actor(rpps="1"), actor(rpps=""):
            found = refusal(audit, origin.client, "ListAuditEntries", actor=who)
            self.assertEqual((found.status, found.reason), ("INVALID_ARGUMENT", "ACTOR_INVALID"))

    def test_trail__parties_see_who_read_their_referral(self):
        referral_id = refer(node, origin, [destination])
        get(destination, referral_id, ["REFERRAL_PART_OFFER"])
        for side in origin, destination, agent, operator:
            found = self.list(side, referral_id=referral_id)
            self.assertEqual([(read.what, list(read.parts), read.item_count) for read in found],
                             [("GetReferral", ["OFFER"], 1)])
            self.assertEqual((found[0].principal, found[0].actor), (destination.uri, actor()))
        self.assertEqual(outcome(self.list, stranger, referral_id=referral_id),
                         "NOT_FOUND/REFERRAL_NOT_FOUND")

    def test_trail__own_cpts_sees_its_own_reads_only(self):
        referral_id = refer(node, origin, [destination])
        get(origin, referral_id)
        get(destination, referral_id)
        found = self.list(destination, chain="AUDIT_CHAIN_READS")
        self.assertEqual({read.principal for read in found}, {destination.uri})

    def test_trail__pages_do_not_move_while_reads_come(self):
        referral_id = refer(node, origin, [destination])
        for _ in range(5):
            get(origin, referral_id)
        first = audit(origin.client, "ListAuditEntries", referral_id=referral_id, page_size=3,
                      actor=actor())
        get(destination, referral_id)
        last = audit(origin.client, "ListAuditEntries", referral_id=referral_id, page_size=3,
                     actor=actor(), page_token=first.next_page_token)
        self.assertEqual([len(first.entries), len(last.entries), last.next_page_token], [3, 2, ""])
        self.assertEqual({read.principal for read in [*first.entries, *last.entries]},
                         {origin.uri})


class Erasure(unittest.TestCase):
    def erase(self, side, referral_id, **fields):
        fields = {"command_id": str(uuid.uuid4()), "expected_version": 1,
                  "reason": "ERASURE_REASON_PATIENT_REQUEST", **fields}
        return ask(side.client, "EraseReferral", referral_id=referral_id, actor=actor(), **fields)

    def left(self, referral_id):
        return node.database.query(
            "SELECT " + ", ".join(f"(SELECT count(*) FROM cpts.{table} WHERE referral_id ="
                                  f" '{referral_id}'{more})" for table, more in (
                                      ("referral", ""), ("referral_content", ""),
                                      ("referral_note", ""), ("referral_chunk", ""),
                                      ("assignment", " AND wrap IS NOT NULL"))) + ";")[0]

    def test_trail__erasure_leaves_a_tombstone(self):
        referral_id = refer(node, origin, [destination], "CLOSED", legal_basis="PARTAGE",
                            consent=b"\x0a\x07PATIENT")
        note(node, referral_id, destination)
        rows.insert(node, "referral_chunk", referral_id=referral_id,
                    attachment_id=str(uuid.uuid4()), chunk_index=0, chunk=b"x")
        self.assertEqual(self.left(referral_id), ["1", "1", "1", "1", "1"])
        command_id = str(uuid.uuid4())
        answer = self.erase(origin, referral_id, command_id=command_id)
        self.assertEqual((answer.version, answer.replayed), (2, False))
        self.assertEqual(self.left(referral_id), ["1", "0", "0", "0", "0"])
        self.assertTrue(self.erase(origin, referral_id, command_id=command_id).replayed)
        self.assertEqual(outcome(self.erase, origin, referral_id, expected_version=2),
                         "FAILED_PRECONDITION/REFERRAL_IS_ERASED")
        self.assertTrue(get(origin, referral_id).referral.erased)
        self.assertEqual(audit(origin.client, "ListAuditEntries", referral_id=referral_id,
                               actor=actor(), chain=2).entries[0].what, "REFERRAL_ERASED")

    def test_trail__what_may_not_be_erased_stays(self):
        running = refer(node, origin, [destination], "ACCEPTED")
        over = refer(node, origin, [destination], "CLOSED")
        given_up = refer(node, origin, [destination], "DECLINED", status="ABANDONED",
                         custodian_id=None, ended_at="now()", a_accepted_at="now()",
                         a_reason="CAPACITY")
        for side, referral_id, fields, wanted in (
                (origin, running, {}, "FAILED_PRECONDITION/REFERRAL_IS_OPEN"),
                (origin, over, {"expected_version": 9}, "ABORTED/STALE_VERSION"),
                (destination, given_up, {}, "PERMISSION_DENIED/WRONG_PARTY"),
                (stranger, over, {}, "NOT_FOUND/REFERRAL_NOT_FOUND"),
                (origin, over, {"reason": "ERASURE_REASON_RETENTION"},
                 "INVALID_ARGUMENT/FIELD_INVALID"),
                (origin, over, {"expected_version": 0}, "INVALID_ARGUMENT/FIELD_REQUIRED")):
            with self.subTest(wanted=wanted):
                self.assertEqual(outcome(self.erase, side, referral_id, **fields), wanted)
                self.assertEqual(self.left(referral_id)[:2], ["1", "1"])

    def test_trail__who_held_it_at_the_end_may_erase(self):
        referral_id = refer(node, origin, [destination], "CLOSED", a_accepted_at="now()")
        self.assertEqual(self.erase(destination, referral_id).version, 2)
        self.assertEqual(self.left(referral_id), ["1", "0", "0", "0", "0"])

    def test_trail__time_that_is_over_is_purged_by_the_server(self):
        old = refer(node, origin, [destination], "CLOSED")
        young = refer(node, origin, [destination], "CLOSED")
        for referral_id, years in (old, 5), (young, 4):
            node.database.query("UPDATE cpts.referral SET ended_at = now() - interval"
                                f" '{years} years 1 day' WHERE referral_id = '{referral_id}';")
        for name, days in (old, 1), (young, 8):
            rows.insert(node, "referral_attachment", referral_id=name, author_id=origin.cpts_id,
                        attachment_id=str(uuid.uuid4()), byte_count=1, sha256=bytes(32),
                        chunk_count=1, recorded_at=f"(now() - interval '{days} days')")
        twin = node.twin()  # it purges when it starts
        self.addCleanup(twin.stop)
        twin.reread_roles(lambda: self.left(old)[1] == "0")
        self.assertEqual(self.left(young)[1], "1")
        twin.reread_roles(lambda: node.database.value(
            "SELECT count(*) FROM cpts.referral_attachment;") == "0")
        figures = ask(origin.client, "GetReferralStatistics", cpts_id=origin.cpts_id,
                      group_by="REFERRAL_GROUPING_DAY").rows
        for day in figures:
            self.assertEqual(day.submitted_count - day.purged_count,
                             day.open_count + day.to_reassign_count + day.fulfilled_count
                             + day.abandoned_count)
        self.assertGreater(sum(day.purged_count for day in figures), 0)


class Watch(unittest.TestCase):
    def watch(self, client, who=None, **start):
        request = referral_pb2.WatchReferralsRequest(actor=who or actor(), **start)
        return client.referral.WatchReferrals(request, timeout=CALL_TIMEOUT_S)

    def until_bookmark(self, client, **start):
        stream, found = self.watch(client, **start), []
        for message in stream:
            if message.HasField("bookmark"):
                stream.cancel()
                return found
            found.append(message.change)

    def erased(self):
        referral_id = refer(node, origin, [destination], "CLOSED")
        ask(origin.client, "EraseReferral", command_id=str(uuid.uuid4()), actor=actor(),
            referral_id=referral_id, expected_version=1, reason=1)
        return referral_id

    def test_trail__parties_and_the_desk_are_told_and_nobody_else(self):
        referral_id = self.erased()
        for client, wanted in ((origin.client, True), (destination.client, True), (agent, True),
                               (stranger.client, False)):
            found = self.until_bookmark(client)
            self.assertEqual(referral_id in [change.referral_id for change in found], wanted)
            self.assertTrue(all(change.erased for change in found))

    def test_trail__stream_goes_on_and_tells_what_comes(self):
        first = self.until_bookmark(destination.client)
        before = first[-1].log_position if first else 0
        stream = self.watch(destination.client, after_position=before)
        self.assertTrue(next(stream).HasField("bookmark"))
        referral_id = self.erased()
        self.assertEqual(next(stream).change.referral_id, referral_id)
        stream.cancel()

    def test_trail__beginning_of_a_stream_leaves_its_trace(self):
        self.until_bookmark(stranger.client)
        self.assertEqual(node.database.query(
            "SELECT method FROM cpts.audit_read WHERE scope ="
            f" 'cpts:{stranger.cpts_id}' AND method = 'WatchReferrals' LIMIT 1;")[0],
            ["WatchReferrals"])

    def test_trail__stream_is_refused_to_others_and_for_bad_starts(self):
        with self.assertRaises(grpc.RpcError) as refused:
            next(self.watch(analyst))
        self.assertEqual(refused.exception.code(), grpc.StatusCode.PERMISSION_DENIED)
        for fields in {"after_position": -1}, {"who": actor(rpps="1")}:
            with self.assertRaises(grpc.RpcError) as refused:
                next(self.watch(origin.client, **fields))
            self.assertEqual(refused.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)


class Recipients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        stages = [entry("EMERGENCE", "2019-01-15"), entry("LETTRE_INTENTION", "2019-06-15"),
                  entry("PROJET_VALIDE", "2020-01-15"), entry("ACI_SIGNE", "2020-06-15")]
        make = node.operator.create
        cls.here = make(name="Ici", stages=stages, territory=[unit(NEED)]).id
        cls.near = make(name="Voisine", stages=stages, territory=[unit("78158")]).id
        cls.young = make(name="Jeune", stages=stages[:2], territory=[unit("78158", 0.5)]).id
        for cpts_id in cls.here, cls.near:
            node.database.query(
                "INSERT INTO cpts.key_statement (cpts_id, serial, kind, position, version,"
                " lead_region, encryption_key, signing_key, valid_from, valid_to, entry, prev_hash,"
                " hash, recorded_at) SELECT '" + cpts_id + "', 3, 'STATEMENT', p, 1, '11', k, k,"
                " now() - interval '1 day', now() + interval '1 day', 'e', k, sha256(k ||"
                " int8send(p) || 'e'), now() FROM (SELECT decode(repeat('01', 32), 'hex') AS k,"
                " 1 + (SELECT count(*) FROM cpts.key_statement) AS p) x;")

    def find(self, **fields):
        fields = {"unit_code": NEED, "use_case": "USE_CASE_SNP", **fields}
        return ask(origin.client, "FindRecipients", **fields)

    def test_trail__territory_comes_first_then_neighbours_by_distance(self):
        answer = self.find()
        found = {c.cpts_id: c for c in answer.candidates}
        self.assertEqual([c.cpts_id for c in answer.candidates[:2]], [self.here, self.near])
        self.assertFalse(answer.unroutable)
        self.assertEqual((found[self.here].reason, found[self.here].share), (2, 1.0))
        self.assertIn("territoire", found[self.here].reason_label)
        self.assertEqual((found[self.near].reason, found[self.near].key_serial), (4, 3))
        self.assertGreater(found[self.near].distance_km, 1)
        self.assertEqual((found[self.young].eligible, found[self.young].obstacle), (False, 1))

    def test_trail__usual_cpts_comes_first_and_the_one_that_asks_is_none(self):
        answer = self.find(usual_cpts_id=self.near, origin_id=self.here)
        self.assertEqual((answer.candidates[0].cpts_id, answer.candidates[0].reason),
                         (self.near, 1))
        self.assertEqual([c.obstacle for c in answer.candidates if c.cpts_id == self.here], [4])

    def test_trail__nobody_that_may_is_unroutable(self):
        node.database.query("UPDATE cpts.key_statement SET valid_to = now() - interval '1 hour';")
        try:
            answer = self.find()
        finally:
            node.database.query("UPDATE cpts.key_statement SET valid_to = now() + interval"
                                " '1 day';")
        self.assertTrue(answer.unroutable)
        self.assertEqual({c.obstacle for c in answer.candidates if c.cpts_id == self.here}, {3})

    def test_trail__questions_that_mean_nothing_are_refused(self):
        for fields, wanted in (({"unit_code": "99999"}, "UNKNOWN_UNIT"),
                               ({"unit_code": "75056"}, "UNKNOWN_UNIT"),
                               ({"unit_code": ""}, "UNKNOWN_UNIT"),
                               ({"use_case": 0}, "FIELD_REQUIRED"),
                               ({"limit": 21}, "FIELD_INVALID"),
                               ({"origin_id": "x"}, "FIELD_INVALID"),
                               ({"usual_cpts_id": str(uuid.uuid4())}, "CPTS_NOT_FOUND")):
            with self.subTest(fields=fields):
                self.assertEqual(refusal(self.find, **fields).reason, wanted)


class Figures(unittest.TestCase):
    def figures(self, client, **fields):
        return ask(client, "GetReferralStatistics", **fields)

    def test_trail__own_figures_are_shown_and_others_small_ones_are_not(self):
        here = node.operator.create(name="Chiffres", lead_region=REGION).id
        side = type("Side", (), {"cpts_id": here})()
        for state, fields in ("CLOSED", {"a_accepted_at": "now()"}), ("DECLINED", {
                "a_reason": "CAPACITY"}), ("DELIVERED", {}), (
                "DELIVERED", {"entered_in_error": True}):
            refer(node, side, [destination], state, **fields)
        row = self.figures(agent, cpts_id=here).rows[0]
        self.assertEqual((row.submitted_count, row.fulfilled_count, row.to_reassign_count,
                          row.open_count, row.attempt_count, row.accepted_count,
                          row.declined_capacity_count, row.acceptance_share),
                         (3, 1, 1, 1, 3, 1, 1, 0.5))
        for client in analyst, stranger.client, operator:  # nothing was released
            answer = self.figures(client, cpts_id=here)
            self.assertEqual((list(answer.rows), answer.threshold_count, answer.period),
                             ([], 11, ""))

    def test_trail__loops_left_open_are_a_debt(self):
        side = type("Side", (), {"cpts_id": node.operator.create(name="Dette",
                                                                    lead_region=REGION).id})()
        referral_id = refer(node, side, [destination], "DELIVERED", a_overdue=1)
        node.database.query(
            "UPDATE cpts.assignment SET state_at = now() - interval '9 days' WHERE referral_id ="
            f" '{referral_id}'; UPDATE cpts.referral_clock SET kind = 'DECIDE', level = 1,"
            " assignment_id = (SELECT a.assignment_id FROM cpts.assignment a WHERE a.referral_id ="
            f" '{referral_id}') WHERE referral_id = '{referral_id}';")
        row = self.figures(agent, cpts_id=side.cpts_id).rows[0]
        self.assertEqual(row.overdue_count, 1)
        self.assertGreater(row.debt_days, 8)

    def test_trail__periods_and_groups_that_mean_nothing_are_refused(self):
        for fields, wanted in (({"region": "98"}, "UNKNOWN_REGION"),
                               ({"from": "2026-02-30"}, "FIELD_INVALID"),
                               ({"from": "2015-01-01", "to": "2026-01-01"}, "FIELD_INVALID"),
                               ({"group_by": 99}, "FIELD_INVALID"), ({"use_case": 99},
                                                                    "FIELD_INVALID"),
                               ({"cpts_id": str(uuid.uuid4())}, "CPTS_NOT_FOUND")):
            with self.subTest(fields=fields):
                self.assertEqual(refusal(self.figures, analyst, **fields).reason, wanted)


if __name__ == "__main__":
    psql.main()
