# SPDX-License-Identifier: Apache-2.0
"""What a CPTS still sees of a referral that another one took, or that it declined."""
import unittest

from node import CALL_TIMEOUT_S, Node, psql, referral_pb2
from cpts.v1 import audit_pb2, audit_pb2_grpc
from referring import ACTOR, Case, event, houses

CONSENT = {"given_by": "PATIENT", "given_on": "2026-01-02", "form": "ORAL", "scope": "suivi"}
node = origin = first = second = None


def setUpModule():
    global node, origin, first, second
    node = Node()
    origin, first, second = houses(node, node.client("operator"), "a", "b", "c")


def tearDownModule():
    if node is not None:
        node.stop()


def get(house, case, parts=()):
    return house.client.refer("GetReferral", referral_id=case.id, parts=parts,
                              actor=ACTOR).referral


def told(house, case):
    """(version, event, is about an attempt of which house) of what the stream tells."""
    request = referral_pb2.WatchReferralsRequest(actor=ACTOR, after_position=0)
    stream, found = house.client.referral.WatchReferrals(request, timeout=CALL_TIMEOUT_S), []
    houses_of = {case.attempt(one): one.name for one in (first, second)}
    for message in stream:
        if message.HasField("bookmark"):
            stream.cancel()
            return found
        if message.change.referral_id == case.id:
            found.append((message.change.version, message.change.event,
                          houses_of.get(message.change.assignment_id, "")))


def entries(house, case):
    stub = audit_pb2_grpc.AuditServiceStub(house.client.channel)
    request = audit_pb2.ListAuditEntriesRequest(referral_id=case.id, actor=ACTOR)
    return [entry for entry in stub.ListAuditEntries(request, timeout=CALL_TIMEOUT_S).entries
            if entry.what != "ListAuditEntries"]


def taken_by_second(**changes):
    case = Case(origin, [first, second], legal_basis="LEGAL_BASIS_PARTAGE",
                speciality="PSYCHIATRIE", consent=CONSENT, **changes)
    case.submit()
    return case


class Passed(unittest.TestCase):
    def check_little(self, seen):
        header = seen.header
        self.assertEqual((seen.custodian_id, header.speciality, header.unit_code, seen.version,
                          header.HasField("consent"), seen.reason, seen.origin_region),
                         ("", "", "", 0, False, "", ""))
        self.assertEqual([one.destination_id for one in seen.assignments], [first.cpts_id])
        self.assertEqual(seen.status, referral_pb2.REFERRAL_STATUS_OPEN)

    def test_passed__who_declined_sees_its_own_attempt_and_no_more(self):
        case = taken_by_second()
        self.assertEqual(get(first, case).header.speciality, "PSYCHIATRIE")
        case.act("DECLINE", first, first, 1, reason="CAPACITY")
        self.check_little(get(first, case))
        case.act("ACCEPT", second, second, 1)
        self.check_little(get(first, case))
        self.assertEqual(get(second, case).custodian_id, second.cpts_id)

    def test_passed__who_was_not_taken_sees_its_own_attempt_and_no_more(self):
        case = taken_by_second()
        case.act("ACCEPT", second, second, 1)
        self.check_little(get(first, case))

    def test_passed__stream_tells_of_ones_own_attempt_only(self):
        case = taken_by_second()
        case.act("ACCEPT", second, second, 1)
        case.act("START", second, second, 2)
        submit, accept, start = event("SUBMIT"), event("ACCEPT"), event("START")
        self.assertEqual(told(first, case), [(1, submit, ""), (2, 0, "")])
        self.assertEqual(told(second, case), [(1, submit, ""), (2, accept, "c"), (3, start, "c")])
        self.assertEqual(told(origin, case), told(second, case))

    def test_passed__trail_says_nothing_of_what_happens_elsewhere(self):
        case = taken_by_second()
        get(first, case)
        case.act("ACCEPT", second, second, 1)
        get(second, case, ["REFERRAL_PART_CONTENT"])
        get(origin, case)
        found = entries(first, case)
        self.assertEqual([one.what for one in found if one.chain == audit_pb2.AUDIT_CHAIN_READS],
                         ["GetReferral"])
        self.assertFalse([one for one in found if second.cpts_id in one.principal])
        self.assertTrue([one for one in entries(origin, case)
                         if second.cpts_id in one.principal])
        self.assertEqual(len([one for one in entries(second, case) if one.what == "GetReferral"]),
                         2)


if __name__ == "__main__":
    psql.main()
