# SPDX-License-Identifier: Apache-2.0
"""What a broken session left unsigned is signed by the next, without anything new; and who
does not sign is late, over however many sessions."""
import json
import unittest

import reach  # noqa: F401
from frame_relay import Faithful, FrameRelay, kind_of
from psql import main
from tool import cptsctl, write_profile
from voyage import Voyage, wait_until

REGION = "11"
NODE = f"region/{REGION}"
COMMANDS = 6
HEAD = ("SELECT coalesce(max(origin_position), 0) FROM cpts.change_log"
        " WHERE origin_node = '{}';")
SIGNED = "SELECT coalesce(max(position), 0) FROM cpts.sync_checkpoint WHERE node = '{}';"


class Unsigned(Faithful):
    """Loses every signed point."""

    def pass_on(self, direction, frame):
        self.count(direction, kind_of(frame))
        return [] if kind_of(frame) == "checkpoint" else [frame]


class Signed(Voyage):
    expected_alarms = frozenset({"CHECKPOINT_LATE"})

    def number(self, member, query, node):
        return int(member.database.value(query.format(node)))

    def verified(self, member, node):
        """What an operator is told of the chain of a node."""
        member.grant("national", "OPERATOR", "*")
        profile = write_profile(member, ca="../pki/ca.pem", certificate="../pki/national.pem",
                                key="../pki/national.key")
        done = cptsctl(profile, "log", "verify", "--node", node, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_signed__a_chain_is_signed_to_its_end_after_a_break(self):
        self.sail(regions=(REGION,), start=False)
        relay = FrameRelay(self.fleet, REGION, Unsigned())
        self.addCleanup(relay.close)
        self.fleet.relay(REGION, relay.port)
        self.start()
        region, national = self.fleet.regions[REGION], self.fleet.national
        with self.traffic.running():
            self.wait_for_commands(COMMANDS)
        self.converge()
        heads = {node: self.number(member, HEAD, node.node)
                 for member, node in ((national, region), (region, national))}
        self.assertGreater(heads[region], 0)
        self.assertLess(self.number(national, SIGNED, NODE), heads[region])
        relay.manner = Faithful()
        self.fleet.proxies[REGION].cut()
        wait_until(lambda: self.number(national, SIGNED, NODE) == heads[region],
                   "signed end of what the region wrote", self.converge_timeout_s)
        for member in self.fleet.members:
            chain = self.verified(member, NODE)
            self.assertEqual((chain["signed"], chain["bad_checkpoint"]), (heads[region], 0))
        # Nothing came after it.
        self.assertEqual(self.number(region, HEAD, NODE), heads[region])
        self.judge_voyage()


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
