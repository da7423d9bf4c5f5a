# SPDX-License-Identifier: Apache-2.0
"""The tests of the federation can fail: each defect that is put into a node (MUTANT of
wire/failpoint.h) turns them red, for the reason it should."""
import os
import re
import unittest

import reach  # noqa: F401
import daemon
from cpts.v1 import federation_pb2
from fleet import points
from frame_relay import Faithful, FrameRelay
from proxy import UP
from psql import main
from voyage import Voyage, wait_until

REGION = "11"
REGIONS = (REGION,)
BINARY = "cptsd_failpoints"
COMMANDS = 12
# A defect is seen at once or never.
PATIENCE_S = 15


class LosesOne(Faithful):
    """Loses the n-th batch that has entries, and nothing else."""

    def __init__(self, direction, number):
        super().__init__()
        self._direction, self._left = direction, number
        self.happened = False

    def pass_on(self, direction, frame):
        batch = federation_pb2.SyncFrame.FromString(frame).batch
        if direction == self._direction and batch.entries and not self.happened:
            self._left -= 1
            if self._left == 0:
                self.happened = True
                return []
        return [frame]


class Mutants(Voyage):
    def put(self, name):
        binaries = {"national": BINARY, f"region/{REGION}": BINARY}
        self.sail(regions=REGIONS, binaries=binaries, start=False)
        for member in self.fleet.members:
            member.order(f"mutant/{name}")
        self.start()
        self.region, self.national = self.fleet.regions[REGION], self.fleet.national

    def work(self):
        with self.traffic.running():
            self.wait_for_commands(COMMANDS)

    def kill_at(self, member, point, name):
        """Under traffic, once; it comes back with its defect."""
        member.order(f"mutant/{name}", f"kill/{point} 2")
        with self.traffic.running():
            wait_until(member.has_ended, f"death of {member.node} at {point}")
            member.order(f"mutant/{name}")
            member.start()

    def assert_red(self):
        """The verdict fails: what is wrong."""
        self.converge_timeout_s = PATIENCE_S
        try:
            self.judge_voyage()
        except self.failureException as failure:
            print(f"  seen: {str(failure).splitlines()[0]}", flush=True)
            return
        self.fail("nobody saw the defect")

    def test_mutants__ack_before_commit(self):
        self.put("sink/ack_before_commit")
        lock = daemon.Session(self.national.database)
        self.addCleanup(lock.close)
        with self.traffic.running(self.region):
            self.wait_for_commands(COMMANDS)
            # Nothing can be committed there any more.
            lock.rows("SELECT pg_advisory_lock(cpts.log_lock_key())")
            early = wait_until(lambda: list(self.early_acknowledgements()), "an early ack")
            lock.rows("SELECT pg_advisory_unlock(cpts.log_lock_key())")
        print(f"  seen: {early[0]}", flush=True)

    def test_mutants__cursor_before_apply(self):
        self.put("store/cursor_before_apply")
        self.kill_at(self.national, "store/before_apply", "store/cursor_before_apply")
        self.assert_red()

    def test_mutants__gap_ignored(self):
        self.put("sink/gap_ignored")
        relay = FrameRelay(self.fleet, REGION, LosesOne(UP, 2))
        self.addCleanup(relay.close)
        self.fleet.relay(REGION, relay.port)
        with self.traffic.running():
            wait_until(lambda: relay.manner.happened, "a batch that was lost")
            self.wait_for_commands(COMMANDS)
        self.assert_red()

    def test_mutants__epoch_unchecked(self):
        self.put("store/epoch_unchecked")
        self.work()
        self.converge()
        with self.region.stopped():
            copy = self.region.back_up()
        self.work()
        self.converge()
        with self.region.stopped():
            self.region.restore(copy)
        self.work()
        self.assert_red()

    def test_mutants__each_in_the_sources_is_tried(self):
        with open(os.path.abspath(__file__), encoding="utf-8") as file:
            tried = set(re.findall(r'self\.put\("([a-z_/]+)"\)', file.read()))
        self.assertEqual(tried, set(points("MUTANT")))


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
