# SPDX-License-Identifier: Apache-2.0
"""Nodes of the federation as an operator of the national one sees and handles them: their
enrolment, the hand-over of their region's records, suspension, and what waits for people.
The other node is told by its rows: what it has acknowledged, what of it is parked."""
import json
import os
import stat
import subprocess
import time
import unittest
import uuid

from node import OTHER_REGION, REGION, TRUST_DOMAIN, Node, federation_desk_pb2, psql, refusal
from tool import CPTSCTL, TIMEOUT_S, cptsctl, write_profile

NODE = f"region/{REGION}"
ADDRESS = "node.example:8443"
DEADLINE_S = 20
node = operator = profile = None


def setUpModule():
    global node, operator, profile
    node = Node()
    operator = node.client()
    profile = write_profile(node)


def tearDownModule():
    if node is not None:
        node.stop()


def certificate_request():
    return subprocess.run(
        ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-keyout", "/dev/null", "-subj", "/CN=x"], capture_output=True, check=True,
        timeout=60).stdout


def wish(**fields):
    return {"identity": f"node/{NODE}", "roles": ["REGION_NODE"], "scope": f"region:{REGION}",
            "node_address": ADDRESS, **fields}


def newcomer():
    return node.client(None, port=node.enrolment_port)


def enrol(token, key=bytes(32), **fields):
    return newcomer().enrol("Enroll", token=token, certificate_request=certificate_request(),
                            checkpoint_key=key, **fields)


def row(name=NODE):
    found = node.database.query(
        f"SELECT status, epoch, address, encode(checkpoint_key, 'hex') FROM cpts.node"
        f" WHERE name = '{name}';")
    return found[0] if found else None


def wait_for(condition, what):
    """The server looks twice a second."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        node.check_alive()
        if time.monotonic() > deadline:
            raise AssertionError(f"not in {DEADLINE_S} s: {what}\n{node.log_text()}")
        time.sleep(0.05)


def acknowledge(name=NODE):
    """The other node has stored everything."""
    node.database.query(
        "INSERT INTO cpts.sync_cursor (peer, acknowledged_position, acknowledged_at)"
        f" VALUES ('{name}', cpts.log_head(), now()) ON CONFLICT (peer) DO UPDATE"
        " SET acknowledged_position = excluded.acknowledged_position;")


def owner_of(cpts_id):
    return node.database.query("SELECT owner_node, epoch, version FROM cpts.cpts"
                               f" WHERE cpts_id = '{cpts_id}';")[0]


def owner_of_referral(referral_id):
    return node.database.query("SELECT owner_node, epoch, version FROM cpts.referral"
                               f" WHERE referral_id = '{referral_id}';")[0]


class Naming(unittest.TestCase):
    def refused(self, reason, **fields):
        before = node.fingerprint()
        self.assertEqual(refusal(operator.enrol, "CreateEnrolment", **wish(**fields)).reason, reason)
        self.assertEqual(node.fingerprint(), before)

    def test_federation_desk__a_node_is_its_region_with_an_address(self):
        self.refused("FIELD_REQUIRED", node_address="")
        for address in ("node.example", "node.example:0", "node.example:65536", ":8443",
                        "node example:8443", "-x:1", "x..y:1", "[::1:1", "1.2.3.256:1"):
            with self.subTest(address=address):
                self.refused("FIELD_INVALID", node_address=address)
        self.refused("FIELD_INVALID", identity="node/national")
        self.refused("FIELD_INVALID", identity="node/region/")
        self.refused("SCOPE_NOT_OF_ROLE", scope=f"region:{OTHER_REGION}")
        self.refused("SCOPE_NOT_OF_ROLE", roles=["REGION_NODE", "ARS_AGENT"])
        self.refused("SCOPE_NOT_OF_ROLE", roles=["ARS_AGENT"])

    def test_federation_desk__nobody_else_has_what_a_node_has(self):
        person = f"user/{uuid.uuid4()}"
        self.refused("SCOPE_NOT_OF_ROLE", identity=person, node_address="")
        self.refused("FIELD_INVALID", identity=person, roles=["ARS_AGENT"])
        token = operator.enrol("CreateEnrolment", identity=person, roles=["ARS_AGENT"],
                               scope=f"region:{REGION}").token
        refused = refusal(enrol, token)
        self.assertEqual((refused.reason, refused.field), ("FIELD_INVALID", "checkpoint_key"))

    def test_federation_desk__an_ars_names_no_node(self):
        refused = refusal(node.client("agent").enrol, "CreateEnrolment", **wish())
        self.assertEqual(refused.reason, "OUT_OF_SCOPE")

    def test_federation_desk__a_node_signs_checkpoints(self):
        token = operator.enrol("CreateEnrolment", **wish(identity="node/region/75", scope="region:75")).token
        for key, reason in ((b"", "FIELD_REQUIRED"), (bytes(31), "FIELD_INVALID"),
                            (bytes(33), "FIELD_INVALID")):
            with self.subTest(key=len(key)):
                self.assertEqual(refusal(enrol, token, key).reason, reason)
        self.assertIsNone(row("region/75"))

    def test_federation_desk__joining_leaves_what_the_server_wants(self):
        made = cptsctl(profile, "node", "enroll", "region/76", "--address", "127.0.0.1:8443",
                       "--quiet")
        self.assertEqual(made.returncode, 0, made.stderr)
        folder = node.path("joined")
        done = subprocess.run(
            [CPTSCTL, "node", "join", "--profile", f"{folder}/node.ini", "--token", "-",
             "--address", f"127.0.0.1:{node.enrolment_port}"], input=made.stdout,
            capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(os.listdir(folder)), ["node-ca.pem", "node-checkpoint.key",
                                                      "node.ini", "node.key", "node.pem"])
        for name in ("node.key", "node-checkpoint.key"):
            self.assertEqual(stat.S_IMODE(os.stat(f"{folder}/{name}").st_mode), 0o600)
        with open(f"{folder}/node-checkpoint.key", encoding="ascii") as file:
            self.assertRegex(file.read(), r"^[0-9a-f]{64}\n$")
        shown = subprocess.run(["openssl", "x509", "-in", f"{folder}/node.pem", "-noout", "-text"],
                               capture_output=True, text=True, check=True, timeout=60).stdout
        self.assertIn(f"URI:spiffe://{TRUST_DOMAIN}/node/region/76, IP Address:127.0.0.1", shown)
        self.assertIn("TLS Web Server Authentication, TLS Web Client Authentication", shown)
        self.assertEqual(row("region/76")[:3], ["ENROLLED", "1", "127.0.0.1:8443"])
        self.assertEqual(node.database.query("SELECT role, scope FROM cpts.principal_role WHERE"
                                             " principal LIKE '%/node/region/76';"),
                         [["REGION_NODE", "region:76"]])


class HandingOver(unittest.TestCase):
    """In one order: enrolled, handed over, suspended, let in again."""

    @classmethod
    def setUpClass(cls):
        cls.own = operator.create().id
        cls.second = operator.create().id
        cls.other = operator.create(lead_region=OTHER_REGION).id
        cls.token = operator.enrol("CreateEnrolment", **wish(replaces=True)).token

    def kinds(self, aggregate_id):
        return [kind for kind, in node.database.query(
            f"SELECT kind FROM cpts.change_log WHERE aggregate_id = '{aggregate_id}'"
            " ORDER BY local_position;")]

    def test_federation_desk__1_nothing_changes_hands_before_it_has_caught_up(self):
        enrol(self.token, bytes(range(32)))
        self.assertEqual(row(), ["ENROLLED", "1", ADDRESS, bytes(range(32)).hex()])
        self.assertEqual(owner_of(self.own)[0], "national")
        self.assertEqual(operator.update(id=self.own, expected_version=1, name="Avant",
                                         update_mask={"paths": ["name"]}).version, 2)
        listed = {one.name: one for one in operator.federate("ListNodes").nodes}
        self.assertEqual(listed[NODE].state, federation_desk_pb2.NODE_STATE_ENROLLED)

    def test_federation_desk__2_then_its_records_are_its_own(self):
        acknowledge()
        wait_for(lambda: owner_of(self.own)[0] == NODE and owner_of(self.second)[0] == NODE,
                 "handed over")
        self.assertEqual(owner_of(self.own), [NODE, "2", "3"])
        self.assertEqual(owner_of(self.other)[0], "national")
        self.assertEqual(self.kinds(self.own), ["CPTS_CREATED", "CPTS_UPDATED",
                                                "OWNERSHIP_RELEASED"])
        self.assertEqual(node.database.query("SELECT node, epoch FROM cpts.region_owner"
                                             f" WHERE region = '{REGION}';"), [[NODE, "2"]])
        for call in (lambda: operator.update(id=self.own, expected_version=3, name="Non",
                                             update_mask={"paths": ["name"]}),
                     operator.create):
            said = refusal(call)
            self.assertEqual((said.reason, said.detail), ("NOT_OWNER", f"{NODE} {ADDRESS}"))
        listed = {one.name: one for one in operator.federate("ListNodes").nodes}
        self.assertEqual((listed[NODE].state, listed[NODE].pending_count, listed[NODE].cpts_count),
                         (federation_desk_pb2.NODE_STATE_OWNER, 2, 2))

    def test_federation_desk__3_suspended_they_come_back_at_once(self):
        for fields, reason in (({"node": "region/98"}, "NODE_NOT_FOUND"),
                               ({"node": "national"}, "FIELD_INVALID"),
                               ({"node": ""}, "FIELD_REQUIRED"),
                               ({"reason": ""}, "FIELD_REQUIRED"),
                               ({"reason": "x" * 201}, "FIELD_INVALID")):
            with self.subTest(fields=fields):
                before = node.fingerprint()
                refused = refusal(operator.federate, "SuspendNode",
                                  **{"node": NODE, "reason": "essai", **fields})
                self.assertEqual(refused.reason, reason)
                self.assertEqual(node.fingerprint(), before)
        command_id = str(uuid.uuid4())
        done = operator.federate("SuspendNode", node=NODE, reason="essai", command_id=command_id)
        self.assertEqual(done.version, 3)
        again = operator.federate("SuspendNode", node=NODE, reason="essai", command_id=command_id)
        self.assertEqual((again.replayed, again.log_position), (True, done.log_position))
        refused = refusal(operator.federate, "SuspendNode", node=NODE, reason="essai")
        self.assertEqual(refused.reason, "NODE_ALREADY_SUSPENDED")
        wait_for(lambda: owner_of(self.own)[0] == "national"
                 and owner_of(self.second)[0] == "national", "taken back")
        self.assertEqual(owner_of(self.own), ["national", "3", "4"])
        self.assertEqual(self.kinds(self.own)[-1], "OWNERSHIP_TAKEN")
        self.assertEqual(row()[0], "SUSPENDED")
        self.assertEqual(operator.update(id=self.own, expected_version=4, name="Repris",
                                         update_mask={"paths": ["name"]}).version, 5)
        operator.create()

    def test_federation_desk__4_let_in_again_once_it_has_caught_up(self):
        self.assertEqual(operator.federate("ResumeNode", node=NODE).version, 1)
        refused = refusal(operator.federate, "ResumeNode", node=NODE)
        self.assertEqual(refused.reason, "NODE_NOT_SUSPENDED")
        self.assertEqual(owner_of(self.own)[0], "national")
        acknowledge()
        wait_for(lambda: owner_of(self.own)[0] == NODE, "handed over again")
        self.assertEqual(owner_of(self.own)[:2], [NODE, "4"])

    def test_federation_desk__5_an_epoch_fences_the_one_before(self):
        said = refusal(operator.federate, "RaiseNodeEpoch", node=NODE, expected_epoch=7,
                       reason="essai")
        self.assertEqual((said.reason, said.detail), ("NODE_EPOCH_STALE", "1"))
        done = cptsctl(profile, "node", "epoch", NODE, "--raise", "--reason", "essai", "--json")
        self.assertEqual(json.loads(done.stdout)["version"], 2, done.stderr)
        self.assertEqual(cptsctl(profile, "node", "epoch", NODE).stdout, "2\n")

    def test_federation_desk__6_a_new_machine_has_the_next_epoch(self):
        token = operator.enrol("CreateEnrolment", **wish(replaces=True)).token
        enrol(token)
        self.assertEqual(row()[:2], ["ENROLLED", "3"])


if __name__ == "__main__":
    psql.main()
