# SPDX-License-Identifier: Apache-2.0
"""Referrals and time as a running server lives it: clocks fire by themselves, and a
CPTS that ends passes its referrals on before its way out is in the log."""
import unittest

from node import (CALL_TIMEOUT_S, Node, change_pb2, command, entry, history_pb2, psql, refusal,
                  stage)
import referrals
from referrals import Referral

HOUR = "cpts.log_now() + interval '1 hour'"
SOON = "clock_timestamp() + interval '200 milliseconds'"
NOW = "cpts.log_now() - interval '1 second'"
ACI = [entry("EMERGENCE", "2020-01-15"), entry("LETTRE_INTENTION", "2020-09-01"),
       entry("PROJET_VALIDE", "2021-03-01"), entry("ACI_SIGNE", "2022-01-31")]
OVERDUE, WIDEN, FAIL, HAND_OVER = 28, 27, 23, 29
node = client = None


def setUpModule():
    global node, client
    node = Node()
    client = node.client("operator")


def tearDownModule():
    if node is not None:
        client.close()
        node.stop()


def cpts():
    """A CPTS that may receive, made by commands."""
    return client.create(stages=ACI, territory=[]).id


def referral(**changes):
    return Referral(**{"clocks": (("DECIDE", HOUR, 0),), **changes}).insert(node.database)


def version(cpts_id):
    return client.get(cpts_id).version


def log_kinds(since):
    return [kind for kind, in node.database.query(
        f"SELECT kind FROM cpts.change_log WHERE local_position > {since}"
        " ORDER BY local_position;")]


class Clocks(unittest.TestCase):
    def fired(self, made, event):
        """Once, and told in the log."""
        node.reread_roles(lambda: referrals.steps(node.database, made))
        self.assertEqual([step[1] for step in referrals.steps(node.database, made)], [event])

    def test_clocks__fire_by_themselves(self):
        origin, destination, other = cpts(), cpts(), cpts()
        late = referral(origin=origin, destination=destination, clocks=(("DECIDE", NOW, 0),))
        soon = referral(origin=origin, destination=destination, clocks=(("DECIDE", SOON, 0),))
        wide = referral(origin=origin, destination=destination, candidates=(other,),
                        clocks=(("DECIDE", HOUR, 0), ("WIDEN", SOON, 0)))
        for made, event in ((late, OVERDUE), (soon, OVERDUE), (wide, WIDEN)):
            self.fired(made, event)
        self.assertEqual(referrals.faults(node.database), [])

    def test_clocks__status_tells_how_late_they_fired(self):
        before = client.node_status().referral_clocks
        self.fired(referral(origin=cpts(), destination=cpts(), clocks=(("DECIDE", NOW, 0),)),
                   OVERDUE)
        node.reread_roles(
            lambda: client.node_status().referral_clocks.fired_count > before.fired_count)
        after = client.node_status().referral_clocks
        self.assertGreater(after.last_lateness_us, 1000000, "it was due a second ago")
        self.assertGreaterEqual(after.worst_lateness_us, after.last_lateness_us)
        self.assertEqual(after.next_fire_at.ToMicroseconds(), int(node.database.value(
            "SELECT cpts.unix_us(min(fire_at)) FROM cpts.referral_clock;")))

    def test_clocks__change_of_the_log_is_read_as_it_was_packed(self):
        made = referral(origin=cpts(), destination=cpts(), clocks=(("DECIDE", NOW, 2),))
        self.fired(made, OVERDUE)
        packed, actor = node.database.query(
            "SELECT encode(bytes, 'hex'), actor FROM cpts.change_log"
            f" WHERE aggregate_id = '{made.id}' AND version = 2;")[0]
        change = change_pb2.Change.FromString(bytes.fromhex(packed))
        acted = change.referral_acted
        self.assertEqual((change.aggregate_id, change.actor, acted.assignment_id, acted.level,
                          acted.clock, acted.event),
                         (made.id, actor, made.assignment, 3, 2, OVERDUE))
        self.assertTrue(actor.endswith("/node/national"), actor)


class Ending(unittest.TestCase):
    def setUp(self):
        self.origin, self.ended, self.heir = cpts(), cpts(), cpts()
        self.asked = referral(origin=self.origin, destination=self.ended, state="ACCEPTED",
                              taken=True, clocks=(("SCHEDULE", HOUR, 0),))
        self.own = referral(origin=self.ended, destination=self.origin)
        self.head = node.database.value("SELECT cpts.log_head();")

    def closed(self, answer):
        return [(item.type, item.kind, item.id, item.count) for item in answer.closed
                if item.type == "REFERRAL"]

    def test_ending__way_out_returns_and_passes_on_before_it_is_recorded(self):
        answer = client.record(id=self.ended, expected_version=version(self.ended),
                               stage=stage("DISSOUS"), effective_on="2024-01-01")
        self.assertEqual(self.closed(answer),
                         [("REFERRAL", "RETURNED", "", 1), ("REFERRAL", "TO_DESK", "", 1)])
        self.assertEqual(log_kinds(self.head),
                         ["REFERRAL_ACTED", "REFERRAL_ACTED", "CPTS_STAGE_RECORDED"])
        self.assertEqual([step[1] for step in referrals.steps(node.database, self.asked)], [FAIL])
        self.assertEqual([step[1] for step in referrals.steps(node.database, self.own)],
                         [HAND_OVER])
        self.assertEqual(referrals.faults(node.database), [])

    def test_ending__merge_hands_over_to_the_successor(self):
        answer = client.walk("MergeCpts", id=self.ended, expected_version=version(self.ended),
                             successor_id=self.heir, successor_version=version(self.heir),
                             effective_on="2024-01-01")
        self.assertEqual(self.closed(answer), [("REFERRAL", "HANDED_OVER", "", 2)])
        self.assertEqual(log_kinds(self.head),
                         ["REFERRAL_ACTED", "REFERRAL_ACTED", "CPTS_MERGED", "CPTS_ABSORBED"])
        self.assertEqual(node.database.query(
            "SELECT destination_id, former_id, custodian_id FROM cpts.assignment"
            f" JOIN cpts.referral USING (referral_id) WHERE referral_id = '{self.asked.id}';"),
            [[self.heir, self.ended, self.heir]])
        self.assertEqual(referrals.faults(node.database), [])

    def test_ending__refused_way_out_touches_no_referral(self):
        self.assertEqual(refusal(client.record, id=self.ended, expected_version=99,
                                 stage=stage("DISSOUS"), effective_on="2024-01-01").reason,
                         "STALE_VERSION")
        self.assertEqual(log_kinds(self.head), [])
        self.assertEqual(referrals.steps(node.database, self.asked), [])

    def test_ending__correction_does_not_bring_them_back(self):
        client.record(id=self.ended, expected_version=version(self.ended), stage=stage("DISSOUS"),
                      effective_on="2024-01-01")
        head = node.database.value("SELECT cpts.log_head();")
        self.correct(*ACI)
        self.assertEqual(log_kinds(head), ["CPTS_STAGES_CORRECTED"])
        self.assertEqual(len(referrals.steps(node.database, self.asked)), 1)

    def test_ending__way_out_that_a_correction_brings_passes_them_on(self):
        self.correct(*ACI, entry("DISSOUS", "2024-01-01"))
        self.assertEqual(log_kinds(self.head),
                         ["REFERRAL_ACTED", "REFERRAL_ACTED", "CPTS_STAGES_CORRECTED"])
        self.assertEqual(referrals.faults(node.database), [])

    def correct(self, *stages):
        client.history.CorrectStages(history_pb2.CorrectStagesRequest(**command(
            {"id": self.ended, "expected_version": version(self.ended), "stages": stages,
             "reason": "recorded by mistake"})), timeout=CALL_TIMEOUT_S)


if __name__ == "__main__":
    psql.main()
