# SPDX-License-Identifier: Apache-2.0
"""What a node was told without an entry of its log is told on, long before digests are compared:
a repair at the national node to another region, a snapshot and the directory to a replica of a
CPTS at its region."""
import os
import unittest
import uuid

import reach  # noqa: F401
import fleet
import tool
from daemon import run, wait_until
from node import TRUST_DOMAIN, Client
from psql import main
from test_federation_pair import At

NAME = "SELECT name FROM cpts.cpts WHERE cpts_id = '{}';"
OPERATOR = f"spiffe://{TRUST_DOMAIN}/user/{uuid.UUID(int=79)}"


class Marks(unittest.TestCase):
    def setUp(self):
        self.fleet = self.enterContext(fleet.sailing(regions=("11", "52")))
        self.national = self.fleet.national
        self.near, self.far = (self.fleet.regions[region] for region in ("11", "52"))

    def certify(self, member, name, uri, role, scope):
        run(fleet.CERTIFICATES, "leaf", member.pki, "ca", name, "2", f"URI:{uri}")
        member.database.file("sql/admin/principal_role_grant.sql", uri=uri, role=role, scope=scope)

    def client(self, member, certificate):
        client = Client(At(member), certificate)
        self.addCleanup(client.close)
        return client

    def create(self, region, name):
        return self.client(self.fleet.regions[region], f"region-{region}").create(
            lead_region=region, name=name).id

    def wait_named(self, member, cpts_id, name):
        try:
            wait_until(lambda: member.database.query(NAME.format(cpts_id)) == [[name]],
                       f"{name} at {member.node}", fleet.CONVERGE_TIMEOUT_S)
        except AssertionError:
            self.fail(self.fleet.logs())

    def test_marks__a_repair_at_the_national_node_is_seen_at_the_other_region(self):
        self.certify(self.national, "operator", OPERATOR, "OPERATOR", "*")
        self.fleet.join().start()
        cpts_id = self.create("11", "CPTS vraie")
        for member in self.national, self.far:
            self.wait_named(member, cpts_id, "CPTS vraie")
        for member in self.national, self.far:
            member.database.query(f"UPDATE cpts.cpts SET name = 'x' WHERE cpts_id = '{cpts_id}';")
        profile = os.path.join(self.fleet.folder, "operator.ini")
        with open(profile, "w", encoding="utf-8") as file:
            file.write(f"[profile]\naddress = 127.0.0.1:{self.national.port}\n" + "".join(
                f"{key} = {os.path.join(self.national.pki, name)}\n" for key, name in (
                    ("ca", "ca.pem"), ("certificate", "operator.pem"), ("key", "operator.key"))))
        done = tool.cptsctl(profile, "federation", "verify", "--node", "region/11", "--repair")
        self.assertIn(done.returncode, (0, 7), done.stderr)
        self.wait_named(self.national, cpts_id, "CPTS vraie")
        self.wait_named(self.far, cpts_id, "CPTS vraie")

    def replica(self, cpts_id):
        """Starts to follow region 11 as a CPTS; its file."""
        self.certify(self.near, "cpts", f"spiffe://{TRUST_DOMAIN}/cpts/{cpts_id}",
                     "CPTS_COORDINATOR", f"cpts:{cpts_id}")
        profile = os.path.join(self.fleet.folder, "replica.ini")
        with open(profile, "w", encoding="utf-8") as file:
            file.write(f"[profile]\naddress = 127.0.0.1:{self.near.port}\n" + "".join(
                f"{key} = {os.path.join(self.near.pki, name)}\n" for key, name in (
                    ("ca", "ca.pem"), ("certificate", "cpts.pem"), ("key", "cpts.key"))))
        path = os.path.join(self.fleet.folder, "cpts.replica")
        wait_until(lambda: tool.cptsctl(profile, "replica", "sync", path).returncode == 0,
                   "a first copy", fleet.CONVERGE_TIMEOUT_S)
        follower = tool.start(profile, "replica", "sync", path, "--follow", "--quiet")
        self.addCleanup(follower.communicate)
        self.addCleanup(follower.terminate)
        self.profile = profile
        return path

    def listed(self, path):
        return tool.cptsctl(self.profile, "replica", "list", path, "--plain").stdout

    def wait_listed(self, path, cpts_id):
        wait_until(lambda: cpts_id in self.listed(path), f"{cpts_id} in the replica",
                   fleet.CONVERGE_TIMEOUT_S)

    def test_marks__the_directory_is_seen_by_a_replica_of_the_region(self):
        self.fleet.join().start()
        own = self.create("11", "CPTS de la région")
        path = self.replica(own)
        self.wait_listed(path, own)
        far = self.create("52", "CPTS d'ailleurs")
        self.wait_named(self.near, far, "CPTS d'ailleurs")
        self.wait_listed(path, far)

    def test_marks__a_snapshot_at_the_region_is_seen_by_its_replica(self):
        self.fleet.join().start()
        own, far = self.create("11", "CPTS de la région"), self.create("52", "CPTS d'ailleurs")
        self.wait_named(self.near, far, "CPTS d'ailleurs")
        path = self.replica(own)
        self.wait_listed(path, far)
        with self.near.stopped():
            self.near.database.query("UPDATE cpts.sync_cursor SET scope_hash = '\\x00'"
                                     " WHERE peer = 'national';"
                                     " UPDATE cpts.cpts SET name = 'x' WHERE lead_region = '52';")
        self.wait_named(self.near, far, "CPTS d'ailleurs")
        wait_until(lambda: "CPTS d'ailleurs" in tool.cptsctl(
            self.profile, "replica", "show", path, far).stdout, "its name in the replica",
            fleet.CONVERGE_TIMEOUT_S)


if __name__ == "__main__":
    main()
