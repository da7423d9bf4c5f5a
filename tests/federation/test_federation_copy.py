# SPDX-License-Identifier: Apache-2.0
"""A CPTS' own copy that follows one node, then another, and what of it is verified; and the
program to copy from."""
import json
import os
import sqlite3
import subprocess
import unittest

import reach  # noqa: F401
import fleet
from daemon import wait_until
from node import BUILD, CALL_TIMEOUT_S, Client
from psql import main
from test_federation_pair import At

REGION = "11"
CLERK = "cpts/0190a000-0000-7000-8000-00000000000c"
PROFILE = """[profile]
address = localhost:{port}
ca = {pki}/ca.pem
certificate = {pki}/{name}.pem
key = {pki}/{name}.key
"""
# Code of cptsctl: error.
REFUSED = 1
KEPT = """cptsctl: the profile has no checkpoint_key of {node}: its checkpoints are verified \
with the key that it told, kept from now on: {key}
"""


class Copy(unittest.TestCase):
    def setUp(self):
        self.fleet = self.enterContext(fleet.sailing(regions=(REGION,)))
        self.national, self.region = self.fleet.national, self.fleet.regions[REGION]
        self.fleet.join()
        for member in self.fleet.members:
            self.fleet.employ(CLERK, member)
        self.fleet.start()
        self.file = os.path.join(self.fleet.folder, "cpts.replica")

    def cptsctl(self, *words, member=None, **keys):
        """Of this CPTS; keys: more of its profile."""
        place, name = member or self.region, fleet.file_name(CLERK)
        profile = os.path.join(self.fleet.folder, "profile.ini")
        with open(profile, "w", encoding="ascii") as file:
            file.write(PROFILE.format(port=place.port, pki=place.pki, name=name))
            file.writelines(f"{key} = {value}\n" for key, value in keys.items())
        os.chmod(profile, 0o600)
        return subprocess.run(
            [os.path.join(BUILD, "bin", "cptsctl"), *words, "--profile", profile],
            capture_output=True, text=True, timeout=CALL_TIMEOUT_S * 3, check=False)

    def sync(self, member, keeps=False, **keys):
        """keeps: it says that it keeps the key that the node told."""
        done = self.cptsctl("replica", "sync", self.file, "--json", member=member, **keys)
        self.assertEqual(done.returncode, 0, done.stderr)
        told = self.key_of(member)
        self.assertEqual(done.stderr, KEPT.format(
            node=told["node"], key=told["checkpoint_key"]) if keeps else "")
        return json.loads(done.stdout)

    def key_of(self, member):
        """As the profile of who enrolled at that node has it."""
        return {"node": member.node, "checkpoint_key": member.signing.verify_key.encode().hex()}

    def verified(self, member, keeps=False, **keys):
        """Its node signs a moment after what it wrote."""
        found = [self.sync(member, keeps, **keys)]

        def is_signed():
            if found[-1]["signedPosition"] != found[-1]["originPosition"]:
                found.append(self.sync(member, **keys))
            return found[-1]["signedPosition"] == found[-1]["originPosition"]
        wait_until(is_signed, "its end signed")
        self.check_verified(found[-1])
        return found[-1]

    def check_verified(self, status):
        self.assertGreater(status["originPosition"], 0, status)
        self.assertEqual((status["signedPosition"], status["alarmCount"], status["parkedCount"]),
                         (status["originPosition"], 0, 0), status)

    def create(self, name):
        client = Client(At(self.region), fleet.file_name(self.region.node))
        try:
            return client.create(lead_region=REGION, name=name).id
        finally:
            client.close()

    def has(self, cpts_id):
        done = self.cptsctl("replica", "show", self.file, cpts_id)
        return done.returncode == 0 and cpts_id in done.stdout

    def test_copy__example_follows_and_reads(self):
        first, name = self.create("Premier"), fleet.file_name(CLERK)
        for port in (self.region.port, 1):
            done = subprocess.run(
                [os.path.join(BUILD, "example", "example_replica"), f"localhost:{port}",
                 *(os.path.join(self.region.pki, file)
                   for file in ("ca.pem", f"{name}.pem", f"{name}.key")), self.file],
                capture_output=True, text=True, timeout=CALL_TIMEOUT_S * 3, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(first, done.stdout)
            self.assertEqual(done.stderr == "", port != 1, done.stderr)

    def test_copy__another_node_takes_the_place_of_the_first(self):
        first, keys = self.create("Premier"), self.key_of(self.region)
        self.verified(self.region, **keys)
        wait_until(lambda: self.national.database.query(
            f"SELECT 1 FROM cpts.cpts WHERE cpts_id = '{first}';"), "stored above")
        status = self.sync(self.national, keeps=True, **keys)
        self.assertEqual((status["peer"], status["hasCheckpointKey"], status["alarmCount"]),
                         ("national", True, 0), status)
        self.assertTrue(self.has(first))
        second = self.create("Second")
        status = self.verified(self.region, **keys)
        self.assertEqual(status["peer"], "region/11")
        self.assertTrue(self.has(first) and self.has(second))

    def test_copy__its_nodes_signatures_are_verified_as_it_goes_on(self):
        self.create("Premier")
        status = self.verified(self.region, keeps=True)
        second, before = self.create("Second"), status["originPosition"]
        status = self.verified(self.region)
        self.assertGreater(status["originPosition"], before)
        self.assertTrue(self.has(second))
        self.assertIn(f"signed up to {status['signedPosition']}\n",
                      self.cptsctl("replica", "status", self.file).stdout)

    def test_copy__another_key_than_the_one_that_was_kept_is_an_alarm(self):
        self.create("Premier")
        self.verified(self.region, keeps=True)
        # As a node would that took this one's place with a key of its own.
        other = self.key_of(self.national)["checkpoint_key"]
        with sqlite3.connect(self.file) as copy:
            copy.execute("UPDATE self SET checkpoint_key = ?",
                         (bytes.fromhex(other) + self.region.node.encode(),))
        copy.close()
        second = self.create("Second")
        status = self.sync(self.region)
        self.assertEqual(status["alarmCount"], 1, status)
        self.assertLess(status["signedPosition"], status["originPosition"])
        self.assertTrue(self.has(second))

    def test_copy__a_wrong_key_is_an_alarm_and_loses_nothing(self):
        first, keys = self.create("Premier"), self.key_of(self.region)
        self.verified(self.region, **keys)
        wrong = {**keys, "checkpoint_key": self.key_of(self.national)["checkpoint_key"]}
        status = self.sync(self.region, **wrong)
        self.assertEqual((status["signedPosition"], status["alarmCount"]), (0, 1), status)
        second = self.create("Second")
        status = self.sync(self.region, **wrong)
        self.assertEqual((status["signedPosition"], status["position"]), (0, status["head"]))
        self.assertTrue(self.has(first) and self.has(second))
        self.assertIn("1 alarms", self.cptsctl("replica", "status", self.file).stdout)
        wait_until(lambda: (told := self.sync(self.region, **keys))["signedPosition"]
                   == told["originPosition"], "its end signed")

    def test_copy__a_key_that_is_none_is_refused(self):
        keys = self.key_of(self.region)
        for digits in (keys["checkpoint_key"][1:], "g" + keys["checkpoint_key"][1:]):
            done = self.cptsctl("replica", "sync", self.file,
                                **{**keys, "checkpoint_key": digits})
            self.assertEqual((done.returncode, done.stdout), (REFUSED, ""))
            self.assertIn("CONFIGURATION_INVALID", done.stderr)
            self.assertIn("checkpoint_key", done.stderr)
            self.assertFalse(os.path.exists(self.file))


if __name__ == "__main__":
    main()
