# SPDX-License-Identifier: Apache-2.0
"""A CPTS' own copy that follows one node, then another; and the program to copy from."""
import json
import os
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


class Copy(unittest.TestCase):
    def setUp(self):
        self.fleet = self.enterContext(fleet.sailing(regions=(REGION,)))
        self.national, self.region = self.fleet.national, self.fleet.regions[REGION]
        self.fleet.join()
        for member in self.fleet.members:
            self.fleet.employ(CLERK, member)
        self.fleet.start()
        self.file = os.path.join(self.fleet.folder, "cpts.replica")

    def cptsctl(self, *words, member=None):
        """Of this CPTS: the exit code and what it printed."""
        place, name = member or self.region, fleet.file_name(CLERK)
        profile = os.path.join(self.fleet.folder, "profile.ini")
        with open(profile, "w", encoding="ascii") as file:
            file.write(PROFILE.format(port=place.port, pki=place.pki, name=name))
        os.chmod(profile, 0o600)
        done = subprocess.run(
            [os.path.join(BUILD, "bin", "cptsctl"), *words, "--profile", profile],
            capture_output=True, text=True, timeout=CALL_TIMEOUT_S * 3, check=False)
        return done.returncode, done.stdout + done.stderr

    def sync(self, member):
        code, text = self.cptsctl("replica", "sync", self.file, "--json", member=member)
        self.assertEqual(code, 0, text)
        return json.loads(text)

    def create(self, name):
        client = Client(At(self.region), fleet.file_name(self.region.node))
        try:
            return client.create(lead_region=REGION, name=name).id
        finally:
            client.close()

    def has(self, cpts_id):
        code, text = self.cptsctl("replica", "show", self.file, cpts_id)
        return code == 0 and cpts_id in text

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
        first = self.create("Premier")
        self.sync(self.region)
        wait_until(lambda: self.national.database.query(
            f"SELECT 1 FROM cpts.cpts WHERE cpts_id = '{first}';"), "stored above")
        self.assertEqual(self.sync(self.national)["peer"], "national")
        self.assertTrue(self.has(first))
        second = self.create("Second")
        status = self.sync(self.region)
        self.assertEqual(status["peer"], "region/11")
        self.assertTrue(self.has(first) and self.has(second))


if __name__ == "__main__":
    main()
