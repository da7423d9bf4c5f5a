# SPDX-License-Identifier: Apache-2.0
"""Ten thousand races of two accepts, one winner each; and of an accept against
a withdrawal.

  RACES=n  as many"""
import collections
import os
import unittest
import uuid

import sealing
from cast import CALL_TIMEOUT_S, Cast
from cpts.v1 import referral_pb2
from node import Refusal, grpc
from psql import main

RACES = 10000
WITHDRAWALS = 1000
AT_ONCE = 64
LOST = {"ILLEGAL_REFERRAL_ACT", "STALE_VERSION"}


def act(player, referral_id, assignment_id, event):
    return player.referrals.ActOnReferral.future(referral_pb2.ActOnReferralRequest(
        command_id=str(uuid.uuid4()), referral_id=referral_id, assignment_id=assignment_id,
        expected_version=1, event=referral_pb2.ReferralEvent.Value(f"REFERRAL_EVENT_{event}"),
        actor=player.actor), timeout=CALL_TIMEOUT_S)


def verdict_of(future):
    try:
        future.result()
        return "won"
    except grpc.RpcError as error:
        return Refusal(error).reason


class Race(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cast = Cast()

    @classmethod
    def tearDownClass(cls):
        cls.cast.close()

    def submit(self, destinations):
        """AT_ONCE referrals to these destinations; ids and assignments of each."""
        origin = self.cast.players[0]
        requests = [sealing.Sealed(origin).submit(destinations) for _ in range(AT_ONCE)]
        calls = [origin.referrals.SubmitReferral.future(request, timeout=CALL_TIMEOUT_S)
                 for request in requests]
        for call in calls:
            call.result()
        return [(request.referral_id, [d.assignment_id for d in request.destinations])
                for request in requests]

    def test_race__one_of_two_accepts_wins(self):
        first, second = self.cast.players[1:3]
        count, ends = int(os.environ.get("RACES") or RACES), collections.Counter()
        while sum(ends.values()) < count:
            races = [(act(first, referral, assignments[0], "ACCEPT"),
                      act(second, referral, assignments[1], "ACCEPT"))
                     for referral, assignments in self.submit([first, second])]
            ends.update(tuple(sorted(map(verdict_of, race))) for race in races)
        print(f"races={sum(ends.values())} {dict(ends)}")
        for end in ends:
            self.assertEqual(end.count("won"), 1, ends)
            self.assertTrue(set(end) - {"won"} <= LOST, ends)
        self.assertEqual(self.held(), sum(ends.values()))

    def test_race__accept_against_withdrawal(self):
        first, origin, ends = self.cast.players[3], self.cast.players[0], collections.Counter()
        while sum(ends.values()) < WITHDRAWALS:
            races = [(act(first, referral, assignments[0], "ACCEPT"),
                      act(origin, referral, assignments[0], "WITHDRAW"))
                     for referral, assignments in self.submit([first])]
            ends.update(tuple(map(verdict_of, race)) for race in races)
        print(f"accept against withdrawal: {dict(ends)}")
        for end in ends:
            self.assertEqual(end.count("won"), 1, ends)
            self.assertTrue(set(end) - {"won"} <= LOST, ends)

    def held(self):
        """Referrals that were submitted to two and have one that took it."""
        return int(self.cast.node.database.value(
            "SELECT count(*) FROM (SELECT a.referral_id FROM cpts.assignment a GROUP BY 1 HAVING "
            "count(*) = 2 AND count(*) FILTER (WHERE a.state = 'ACCEPTED') = 1 AND "
            "count(*) FILTER (WHERE a.state = 'WITHDRAWN' AND a.reason = 'TAKEN') = 1) one;"))


if __name__ == "__main__":
    main()
