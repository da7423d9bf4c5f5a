# SPDX-License-Identifier: Apache-2.0
"""cptsctl with an outbox: a node that is away, comes back, and refuses."""
import json
import os
import stat
import unittest

from node import REGION, Node, entry, psql
from tool import cptsctl, write_profile

AWAY = "127.0.0.1:1"
node = client = None


def setUpModule():
    global node, client
    node = Node()
    client = node.client("operator")


def tearDownModule():
    if node is not None:
        client.close()
        node.stop()


class Outbox(unittest.TestCase):
    def setUp(self):
        box = self.id().rsplit(".", 1)[1]
        self.profile = write_profile(node, f"{box}.ini", outbox=box)
        self.offline = write_profile(node, f"{box}.away.ini", outbox=box, address=AWAY)
        self.box = node.path(box)
        self.cpts = client.create(name="CPTS", lead_region=REGION, territory=[],
                                  stages=[entry("EMERGENCE", "2020-01-15")])

    def fine(self, *words):
        done = cptsctl(self.profile, *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def refused(self, profile, words, reason, code):
        done = cptsctl(profile, *words)
        self.assertEqual((done.returncode, done.stdout), (code, ""))
        self.assertIn(reason, done.stderr)
        return done

    def states(self):
        listed = json.loads(self.fine("outbox", "list", "--json").stdout)
        return [(one["state"], one["reason"]) for one in listed]

    def rename(self, name, version):
        return ("cpts", "update", self.cpts.id, "--name", name, "--version", str(version))

    def test_outbox__what_was_commanded_while_the_node_was_away_arrives_in_order_and_once(self):
        kept = self.refused(self.offline, self.rename("Un", 1), "COMMAND_KEPT", 5)
        self.assertIn("cptsctl outbox send", kept.stderr)
        self.refused(self.offline, self.rename("Deux", 2), "COMMAND_KEPT", 5)
        self.refused(self.profile, self.rename("Trois", 3), "COMMAND_KEPT", 5)
        self.assertEqual(client.get(self.cpts.id).version, 1)
        self.assertEqual([state for state, _ in self.states()], ["NOT_SENT"] * 3)
        self.assertEqual(stat.S_IMODE(os.stat(self.box).st_mode), 0o600)
        sent = self.fine("outbox", "send")
        self.assertEqual(sent.stdout.count("ACCEPTED"), 3)
        self.assertIn("3 accepted, 0 refused, 0 left", sent.stderr)
        found = client.get(self.cpts.id)
        self.assertEqual((found.version, found.name), (4, "Trois"))
        self.assertIn("0 accepted", self.fine("outbox", "send").stderr)
        self.assertEqual(client.get(self.cpts.id).version, 4)

    def test_outbox__what_the_node_refused_stays_until_somebody_has_seen_to_it(self):
        self.refused(self.profile, self.rename("Un", 9), "STALE_VERSION", 7)
        self.assertEqual(self.states(), [("REJECTED", "STALE_VERSION")])
        (one,) = json.loads(self.fine("outbox", "list", "--state", "rejected", "--json").stdout)
        self.fine("outbox", "retry", one["commandId"])
        self.assertIn("REJECTED", self.fine("outbox", "send").stdout)
        self.fine("outbox", "forget", one["commandId"])
        self.assertEqual(self.states(), [])
        self.refused(self.profile, ("outbox", "forget", one["commandId"]), "COMMAND_NOT_FOUND", 3)
        self.assertEqual(client.get(self.cpts.id).version, 1)

    def test_outbox__a_node_that_stays_away_leaves_everything_where_it_is(self):
        self.refused(self.offline, self.rename("Un", 1), "COMMAND_KEPT", 5)
        self.refused(self.offline, ("outbox", "send"), "COMMAND_KEPT", 5)
        self.assertEqual(self.states(), [("NOT_SENT", "CONNECTION_FAILED")])

    def test_outbox__a_profile_without_a_box_says_so(self):
        bare = write_profile(node, "bare.ini")
        self.refused(bare, ("outbox", "list"), "outbox = FILE", 1)

    def test_outbox__a_file_that_others_may_read_is_refused(self):
        self.fine("outbox", "list")
        os.chmod(self.box, 0o644)
        self.refused(self.profile, self.rename("Un", 1), "LOCAL_FILE_INVALID", 7)
        self.assertEqual(client.get(self.cpts.id).version, 1)


if __name__ == "__main__":
    psql.main()
