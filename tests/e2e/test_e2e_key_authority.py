# SPDX-License-Identifier: Apache-2.0
"""A region's key authority that the root revokes: what it signed is not vouched for,
by the node and by the client, until its successor signs it again."""
import json
import os
import time
import unittest
import uuid

import tool
from node import REGION, Node, outcome, psql
import vouching
from referring import Case, House

node = operator = None


def setUpModule():
    global node, operator
    node = Node()
    operator = node.client("operator")


def tearDownModule():
    if node is not None:
        operator.close()
        node.stop()


class Authority(unittest.TestCase):
    def setUp(self):
        """Two CPTS whose keys the authority of now vouches for."""
        self.serial = getattr(Authority, "serial", 0) + 1
        Authority.serial = self.serial
        node.federation.successor(REGION, self.serial)
        self.houses = [House(node, operator, f"{name}{self.serial}") for name in ("a", "b")]
        node.reread_roles(lambda: outcome(self.houses[1].client.get,
                                          self.houses[1].cpts_id) == "OK")
        for house in self.houses:
            house.publish()
        self.origin, self.destination = self.houses

    def revoke(self, **fields):
        return operator.revoke_authority(
            node.federation.authority_revocation(REGION, serial=self.serial), **fields)

    def sign_again(self, house):
        signed = node.federation.signed_again(house.signed_keys, REGION)
        return house.client.keep("PublishKey", house.cpts_id, signed)

    def succeed(self):
        Authority.serial += 1
        node.federation.successor(REGION, Authority.serial)

    def submit(self):
        return outcome(Case(self.origin, [self.destination]).submit)

    def test_authority__what_it_signed_counts_until_revoked_and_once_signed_again(self):
        self.assertEqual(self.submit(), "OK")
        self.revoke()
        self.assertEqual(self.submit(), "FAILED_PRECONDITION/KEY_NOT_VOUCHED")
        self.succeed()
        self.sign_again(self.origin)
        self.assertEqual(self.submit(), "FAILED_PRECONDITION/KEY_NOT_VOUCHED")
        self.assertEqual(self.sign_again(self.destination).version, 2)
        self.assertEqual(self.submit(), "OK")

    def test_authority__it_signs_nothing_any_more(self):
        before = node.federation.authority(REGION)
        self.revoke()
        keys = vouching.Keys(self.origin.cpts_id, REGION, 2)
        signed = node.federation.statement(keys, before)
        self.assertEqual(outcome(operator_agent().keep, "PublishKey", keys.cpts_id, signed),
                         "FAILED_PRECONDITION/KEY_NOT_VOUCHED")
        self.succeed()
        self.assertEqual(outcome(operator_agent().keep, "PublishKey", keys.cpts_id,
                                 node.federation.statement(keys)), "OK")

    def test_authority__only_the_same_statement_is_signed_again_and_only_when_it_must(self):
        serial = "FAILED_PRECONDITION/KEY_SERIAL_NOT_NEXT"
        self.succeed()  # not revoked: there is nothing to sign again
        self.assertEqual(outcome(self.sign_again, self.origin), serial)
        self.revoke()
        other = vouching.Keys(self.origin.cpts_id, REGION)
        for signed in node.federation.statement(other), node.federation.statement(
                self.origin.keys, valid_to=vouching.moment(time.time() + 30 * 86400)):
            self.assertEqual(outcome(self.origin.client.keep, "PublishKey", self.origin.cpts_id,
                                     signed), serial)
        self.sign_again(self.origin)
        self.assertEqual(outcome(self.sign_again, self.origin), serial)

    def test_authority__another_server_and_a_restart_know_it_too(self):
        self.revoke()
        twin = node.twin()
        self.addCleanup(twin.stop)
        client = twin.client(self.origin.name)
        self.addCleanup(client.close)
        case = Case(self.origin, [self.destination])
        self.assertEqual(outcome(client.refer, "SubmitReferral", **case.request()),
                         "FAILED_PRECONDITION/KEY_NOT_VOUCHED")

    def test_authority__revoked_once_by_the_root_alone(self):
        command_id = str(uuid.uuid4())
        signed = node.federation.authority_revocation(REGION, serial=self.serial)
        first = operator.revoke_authority(signed, command_id=command_id)
        again = operator.revoke_authority(signed, command_id=command_id)
        self.assertEqual((again.log_position, again.replayed), (first.log_position, True))
        before = node.fingerprint()
        future = vouching.moment(time.time() + 86400)
        for wanted, signed in (
                ("FAILED_PRECONDITION/KEY_REVOKED", signed),
                ("FAILED_PRECONDITION/KEY_NOT_VOUCHED", node.federation.authority_revocation(
                    REGION, vouching.SigningKey.generate(), serial=self.serial + 9)),
                ("FAILED_PRECONDITION/KEY_NOT_VOUCHED", node.federation.authority_revocation(
                    REGION, serial=0)),
                ("FAILED_PRECONDITION/KEY_NOT_VOUCHED", node.federation.authority_revocation(
                    REGION, reason=0)),
                ("INVALID_ARGUMENT/DATE_IN_FUTURE", node.federation.authority_revocation(
                    REGION, serial=self.serial + 9, revoked_at=future)),
                ("INVALID_ARGUMENT/FIELD_REQUIRED", None)):
            with self.subTest(wanted=wanted):
                self.assertEqual(outcome(operator.revoke_authority, signed), wanted)
        self.assertEqual(node.fingerprint(), before)

    def test_authority__a_client_that_saw_the_key_before_and_one_that_did_not(self):
        profiles = [tool.write_profile(
            node, f"{uuid.uuid4()}.ini", certificate="agent.pem", key="agent.key",
            key_root="root.pub", key_memory=node.path(f"memory-{uuid.uuid4()}")) for _ in "ab"]
        show = "key", "show", self.origin.cpts_id
        self.assertEqual(tool.cptsctl(profiles[0], *show).returncode, 0)
        self.revoke()
        for profile in profiles:
            refused = tool.cptsctl(profile, *show)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("KEY_NOT_VOUCHED", refused.stderr)
        self.succeed()
        self.sign_again(self.origin)
        for profile in profiles:
            shown = tool.cptsctl(profile, *show)
            self.assertEqual(shown.returncode, 0, shown.stderr)

    def test_authority__a_node_that_keeps_quiet_about_it_does_not_gain_what_was_seen(self):
        profile = tool.write_profile(
            node, f"{uuid.uuid4()}.ini", certificate="agent.pem", key="agent.key",
            key_root="root.pub", key_memory=node.path(f"memory-{uuid.uuid4()}"))
        show = "key", "show", self.origin.cpts_id
        self.assertEqual(tool.cptsctl(profile, *show).returncode, 0)
        self.revoke()
        self.assertIn("KEY_NOT_VOUCHED", tool.cptsctl(profile, *show).stderr)
        kept = node.database.query("SELECT encode(entry, 'hex') FROM cpts.key_statement"
                                   " WHERE kind = 'AUTHORITY' ORDER BY position DESC LIMIT 1;")
        quiet = "UPDATE cpts.key_statement SET kind = '{}' WHERE encode(entry, 'hex') = '{}';"
        node.database.query(quiet.format("REVOCATION", kept[0][0]))
        try:
            self.assertIn("KEY_NOT_VOUCHED", tool.cptsctl(profile, *show).stderr)
        finally:
            node.database.query(quiet.format("AUTHORITY", kept[0][0]))


class Papers(unittest.TestCase):
    """From the root's revocation to the same key under a successor, by cptsctl."""

    def setUp(self):
        self.folder = node.path(f"papers-{uuid.uuid4()}")
        os.mkdir(self.folder)
        with open(self.path("passphrase"), "w", encoding="ascii") as file:
            file.write("une phrase de passe\n")
        self.profile = tool.write_profile(node, f"{uuid.uuid4()}.ini")

    def path(self, name):
        return os.path.join(self.folder, name)

    def run_tool(self, *words, code=0, store=None):
        locked = ["--store", self.path(store), "--passphrase-file",
                  self.path("passphrase")] if store else []
        done = tool.cptsctl(self.profile, "key", *words, *locked)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout

    def inspect(self, name):
        return json.loads(self.run_tool("inspect", self.path(name), "--root",
                                        self.path("root.pub"), "--json"))

    def certified(self, serial, *words):
        store = f"authority-{serial}"
        made = json.loads(self.run_tool("authority", REGION, "--json", store=store))
        self.run_tool("certify", REGION, made["signingKey"], "--serial", str(serial), "--out",
                      self.path(f"{store}.crt"), *words, store="root")

    def sign(self, serial, document, statement):
        self.run_tool("sign", self.path(document), "--certificate",
                      self.path(f"authority-{serial}.crt"), "--out", self.path(statement),
                      store=f"authority-{serial}")

    def test_authority__signs_a_statement_of_the_one_before_it_again(self):
        self.run_tool("root", "--out", self.path("root.pub"), store="root")
        self.certified(1)
        self.run_tool("generate", str(uuid.uuid4()), store="cpts")
        self.run_tool("request", "--region", REGION, "--out", self.path("request"), store="cpts")
        self.sign(1, "request", "first")
        self.certified(2, "--since", "2026-01-01")
        self.sign(2, "first", "second")
        first, second = self.inspect("first"), self.inspect("second")
        self.assertEqual((first, first["vouched"]), (second, True))
        with open(self.path("first"), encoding="ascii") as one, open(
                self.path("second"), encoding="ascii") as other:
            self.assertNotEqual(one.read(), other.read())

    def test_authority__is_revoked_by_the_root(self):
        self.run_tool("root", "--out", self.path("root.pub"), store="root")
        self.run_tool("revoke", REGION, "--serial", "1", "--reason", "COMPROMISED", "--out",
                      self.path("revocation"), store="root")
        said = self.inspect("revocation")
        self.assertEqual((said["kind"], said["region"], said["serial"], said["reason"],
                          said["vouched"]),
                         ("authority revocation", REGION, "1", "COMPROMISED", True))
        for words in (["--reason", "LOST"], ["--serial", "1"],
                      ["--serial", "1", "--reason", "LOST", "--certificate", "x"]):
            self.run_tool("revoke", REGION, *words, code=2, store="root")

    def test_authority__revocation_is_published(self):
        signed = node.federation.authority_revocation("93").SerializeToString()
        content = vouching.base64.encodebytes(signed).decode()
        with open(self.path("revocation"), "w", encoding="ascii") as file:
            file.write(f"-----BEGIN CPTS KEY AUTHORITY REVOCATION-----\n{content}"
                       "-----END CPTS KEY AUTHORITY REVOCATION-----\n")
        self.assertIn("Revoked the key authority of 93",
                      self.run_tool("publish", self.path("revocation")))
        listed = tool.cptsctl(tool.write_profile(node, f"{uuid.uuid4()}.ini", key_root="root.pub"),
                              "key", "list", "--plain").stdout
        self.assertIn("authority revocation", listed)


def operator_agent():
    """The ARS of the region, which publishes for its CPTS."""
    if not hasattr(operator_agent, "client"):
        operator_agent.client = node.client("agent")
    return operator_agent.client


if __name__ == "__main__":
    psql.main()
