# SPDX-License-Identifier: Apache-2.0
"""Frames that are lost, repeated, swapped; a session that ends at every message of each
kind, before and after it arrives."""
import unittest

import reach  # noqa: F401
from frame_relay import CutAt, Disorder, Faithful, FrameRelay
from proxy import DOWN, UP
from psql import main
from voyage import Voyage, wait_until

REGION = "11"
REGIONS = (REGION, "52")
# The first of each session, and those that repeat; which number of them is cut.
ONCE, OFTEN = ("hello", "resume"), ("batch", "ack", "checkpoint", "bookmark")
NUMBERS = (1, 3)
ROUNDS = 6
COMMANDS_BETWEEN = 6


class Frames(Voyage):
    # What a relay may lose or swap is a gap to who receives it.
    expected_alarms = frozenset({"GAP", "CHAIN_BROKEN", "CHECKPOINT_BAD"})

    def relayed(self, manner):
        relay = FrameRelay(self.fleet, REGION, manner)
        self.addCleanup(relay.close)
        self.fleet.relay(REGION, relay.port)
        return relay

    def test_frames__lost_repeated_swapped_and_cut_at_random(self):
        self.sail(regions=REGIONS)
        manner = Disorder(self.seed)
        self.relayed(manner)
        with self.traffic.running():
            for _ in range(ROUNDS):
                self.wait_for_commands(COMMANDS_BETWEEN)
            wait_until(lambda: all(manner.happened.values()), "every kind of disorder",
                       self.converge_timeout_s)
        manner.is_calm = True
        self.judge_voyage(**manner.happened)

    def test_frames__session_that_ends_at_every_message(self):
        self.sail(regions=REGIONS)
        relay = self.relayed(Faithful())
        cuts = [(direction, kind, number, passes) for direction in (UP, DOWN)
                for kind in (*ONCE, *OFTEN) for number in (NUMBERS if kind in OFTEN else (1,))
                for passes in (False, True)]
        self.rng.shuffle(cuts)
        with self.traffic.running():
            for cut in cuts:
                relay.manner = CutAt(*cut)
                self.fleet.proxies[REGION].cut()
                wait_until(lambda: relay.manner.happened, f"frame to cut at: {cut}",
                           self.converge_timeout_s)
        relay.manner = Faithful()
        self.judge_voyage(cuts=len(cuts))


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
