# SPDX-License-Identifier: Apache-2.0
"""Nodes of the federation as an operator of the national one sees and handles them: their
enrolment, the hand-over of their region's records, suspension, and what waits for people.
The other node is told by its rows: what it has acknowledged, what of it is parked."""
import json
import os
import re
import stat
import subprocess
import unittest
import uuid

from node import (CHECKPOINT_KEY, OTHER_REGION, REGION, TRUST_DOMAIN, Node, entry,
                  federation_desk_pb2, psql, refusal, unit)
from tool import CPTSCTL, TIMEOUT_S, cptsctl, write_profile

NODE = f"region/{REGION}"
ADDRESS = "node.example:8443"
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


def print_of(path):
    """SHA-256 of a certificate."""
    done = subprocess.run(["openssl", "x509", "-in", path, "-noout", "-fingerprint", "-sha256"],
                          capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip().partition("=")[2].replace(":", "").lower()


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
        refused = refusal(operator.enrol, "CreateEnrolment", **wish(**fields))
        self.assertEqual(refused.reason, reason)
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
        token = operator.enrol("CreateEnrolment", **wish(identity="node/region/75",
                                                         scope="region:75")).token
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
                                                      "node-upstream.ini", "node.ini", "node.key",
                                                      "node.pem"])
        for name in ("node.key", "node-checkpoint.key"):
            self.assertEqual(stat.S_IMODE(os.stat(f"{folder}/{name}").st_mode), 0o600)
        with open(f"{folder}/node-checkpoint.key", encoding="ascii") as file:
            self.assertRegex(file.read(), r"^[0-9a-f]{64}\n$")
        with open(f"{folder}/node-upstream.ini", encoding="ascii") as file:
            pin = dict(line.strip().split(" = ") for line in file if " = " in line)
        self.assertEqual(pin, {"node": "national", "epoch": "1",
                               "checkpoint_key": CHECKPOINT_KEY.hex(),
                               "authority": print_of(node.path("ca.pem")), "own_epoch": "1"})
        self.assertEqual(
            re.findall(r"^(\w+) = (.*)$", done.stdout, re.MULTILINE),
            [("name", "region/76"), ("trust_domain", TRUST_DOMAIN),
             ("ca", f"{folder}/node-ca.pem"), ("certificate", f"{folder}/node.pem"),
             ("key", f"{folder}/node.key"), ("upstream", f"127.0.0.1:{node.port}"),
             ("checkpoint_key", f"{folder}/node-checkpoint.key"),
             ("upstream_pin", f"{folder}/node-upstream.ini")])
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
        node.wait_until(lambda: owner_of(self.own)[0] == NODE and owner_of(self.second)[0] == NODE,
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
        node.wait_until(lambda: owner_of(self.own)[0] == "national"
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
        node.wait_until(lambda: owner_of(self.own)[0] == NODE, "handed over again")
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


class Waiting(unittest.TestCase):
    """What waits for people, and how the federation fares."""

    def park(self, reason="EPOCH_STALE"):
        parked_id, aggregate_id = str(uuid.uuid4()), str(uuid.uuid4())
        node.database.query(
            "INSERT INTO cpts.parked_aggregate (parked_id, peer, aggregate_kind, aggregate_id,"
            " reason, detail, version, epoch, owner_node, lead_region, told, parked_at, last_at)"
            f" VALUES ('{parked_id}', '{NODE}', 'CPTS', '{aggregate_id}', '{reason}',"
            " 'essai', 3, 1,"
            f" '{NODE}', '{REGION}', '', now(), now());")
        return parked_id, aggregate_id

    def listed(self, **fields):
        return {one.id: one for one in
                operator.federate("ListParkedAggregates", **fields).aggregates}

    def test_federation_desk__parked_is_listed_asked_for_and_set_aside(self):
        parked_id, aggregate_id = self.park()
        one = self.listed()[parked_id]
        self.assertEqual((one.node, one.aggregate_id, one.reason, one.version_told,
                          one.version_here, one.retry_wanted),
                         (NODE, aggregate_id, "EPOCH_STALE", 3, 0, False))
        self.assertNotIn(parked_id, self.listed(node="region/52"))
        self.assertEqual(operator.federate("RetryParkedAggregate",
                                           parked_id=parked_id).aggregate_count, 1)
        self.assertTrue(self.listed()[parked_id].retry_wanted)
        done = cptsctl(profile, "federation", "parked", "--reject", parked_id, "--reason", "essai")
        self.assertEqual((done.returncode, done.stdout), (0, f"Set aside what {NODE} had sent\n"))
        self.assertNotIn(parked_id, self.listed())
        self.assertEqual(self.listed(with_rejected=True)[parked_id].rejected_reason, "essai")
        refused = refusal(operator.federate, "RejectParkedAggregate", parked_id=parked_id,
                          reason="encore")
        self.assertEqual(refused.reason, "PARKED_REJECTED")

    def test_federation_desk__what_is_asked_wrongly_changes_nothing(self):
        parked_id, _ = self.park()
        before = node.fingerprint()
        for rpc, fields, reason in (
                ("RetryParkedAggregate", {}, "FIELD_REQUIRED"),
                ("RetryParkedAggregate", {"parked_id": parked_id, "node": NODE}, "FIELD_REQUIRED"),
                ("RetryParkedAggregate", {"parked_id": "x"}, "FIELD_INVALID"),
                ("RetryParkedAggregate", {"parked_id": str(uuid.uuid4())}, "PARKED_NOT_FOUND"),
                ("RejectParkedAggregate", {"parked_id": parked_id}, "FIELD_REQUIRED"),
                ("RejectParkedAggregate", {"parked_id": parked_id, "reason": "x" * 201},
                 "FIELD_INVALID"),
                ("ListParkedAggregates", {"page_size": 501}, "FIELD_INVALID"),
                ("ListParkedAggregates", {"page_token": "x"}, "PAGE_TOKEN_INVALID"),
                ("ListFederationAlarms", {"page_size": -1}, "FIELD_INVALID"),
                ("ListFederationAlarms", {"before_id": -1}, "FIELD_INVALID"),
                ("ClearFederationAlarm", {}, "FIELD_INVALID"),
                ("ClearFederationAlarm", {"alarm_id": 999999}, "ALARM_NOT_FOUND"),
                ("GetFederationStatus", {"node": "region/98"}, "NODE_NOT_FOUND"),
                ("GetFederationStatus", {"node": "x"}, "FIELD_INVALID"),
                ("VerifyFederation", {"node": "region/98"}, "NODE_NOT_FOUND"),
                ("VerifyFederation", {"node": "x"}, "FIELD_INVALID"),
                ("ListLogLinks", {}, "FIELD_REQUIRED"),
                ("ListLogLinks", {"node": "x"}, "FIELD_INVALID"),
                ("ListLogLinks", {"node": "national", "after": -1}, "FIELD_INVALID"),
                ("ListLogLinks", {"node": "national", "count_max": 4097}, "FIELD_INVALID"),
                ("ListCheckpoints", {"node": "national", "after": -1}, "FIELD_INVALID")):
            with self.subTest(rpc=rpc, fields=fields):
                self.assertEqual(refusal(operator.federate, rpc, **fields).reason, reason)
        self.assertEqual(node.fingerprint(), before)
        self.assertFalse(self.listed()[parked_id].retry_wanted)

    def test_federation_desk__alarms_are_listed_and_cleared(self):
        node.database.query(
            "INSERT INTO cpts.federation_alarm (peer, alarm, aggregate, detail, first_at, last_at)"
            f" VALUES ('{NODE}', 'CHAIN_BROKEN', '', 'essai', now(), now()),"
            f" ('{NODE}', 'GAP', '', 'essai', now(), now());")
        page = operator.federate("ListFederationAlarms", page_size=1)
        self.assertEqual(page.alarms[0].alarm, "GAP")
        rest = operator.federate("ListFederationAlarms", page_size=1,
                                 before_id=page.next_before_id)
        self.assertEqual(rest.alarms[0].alarm, "CHAIN_BROKEN")
        alarm_id = str(page.alarms[0].id)
        cleared = cptsctl(profile, "federation", "alarms", "--clear", alarm_id)
        self.assertEqual(cleared.returncode, 0)
        shown = json.loads(cptsctl(profile, "federation", "alarms", "--json").stdout)
        self.assertNotIn(alarm_id, [one["id"] for one in shown["alarms"]])
        cleared = operator.federate("ListFederationAlarms", with_cleared=True).alarms[0]
        self.assertTrue(cleared.HasField("cleared_at"))
        self.assertIn("/user/", cleared.cleared_by)

    def test_federation_desk__a_chain_is_checked_where_it_is_asked_for(self):
        operator.create(lead_region=OTHER_REGION)
        done = cptsctl(profile, "log", "verify", "--node", "national", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        entries = json.loads(done.stdout)["entries"]
        self.assertEqual(entries, int(node.database.value(
            "SELECT count(*) FROM cpts.change_log WHERE origin_node = 'national';")))
        node.database.query("UPDATE cpts.change_log SET bytes = bytes || '\\x00'"
                            " WHERE origin_node = 'national' AND origin_position = 2;")
        done = cptsctl(profile, "log", "verify", "--node", "national")
        self.assertEqual(done.returncode, 7, done.stdout)
        self.assertIn("does not hold at position 2", done.stderr)
        node.database.query("UPDATE cpts.change_log SET bytes = substr(bytes, 1,"
                            " octet_length(bytes) - 1) WHERE origin_node = 'national'"
                            " AND origin_position = 2;")

    def test_federation_desk__status_in_every_form(self):
        for words in (("node", "list"), ("federation", "status"), ("federation", "parked"),
                      ("federation", "alarms")):
            for form in ((), ("--json",), ("--csv",), ("--plain",)):
                with self.subTest(words=words, form=form):
                    done = cptsctl(profile, *words, *form)
                    self.assertEqual(done.returncode, 0, done.stderr)
        for words in (("node", "suspend", NODE), ("node", "enroll", NODE), ("node", "enroll", "x",
                      "--address", "a:1"), ("node", "epoch", NODE, "--raise"),
                      ("federation", "parked", "--reject", str(uuid.uuid4())),
                      ("cpts", "move", str(uuid.uuid4()))):
            with self.subTest(words=words):
                self.assertEqual(cptsctl(profile, *words).returncode, 2)

    def test_federation_desk__shares_of_two_owners_are_a_conflict_and_counted_once(self):
        """Each owner keeps within 1; what the two have together is kept, and listed."""
        stages = [entry("EMERGENCE", "2020-01-15"), entry("LETTRE_INTENTION", "2020-06-01"),
                  entry("PROJET_VALIDE", "2021-01-01")]
        where = {"territory": [unit("44109", 0.7)], "stages": stages}
        first = operator.create(lead_region=OTHER_REGION, **where).id
        said = refusal(operator.create, lead_region=OTHER_REGION, **where)
        self.assertEqual(said.reason, "TERRITORY_SHARE_EXCEEDED")
        node.database.query(
            "INSERT INTO cpts.node (name, address, status) VALUES ('region/52', 'x:1', 'ENROLLED')"
            " ON CONFLICT DO NOTHING;"
            f" UPDATE cpts.cpts SET owner_node = 'region/52' WHERE cpts_id = '{first}';")
        second = operator.create(lead_region="53", **where).id
        answer = operator.ask_territory("ListConflicts", region=OTHER_REGION)
        found = next(one for one in answer.conflicts if one.unit_code == "44109")
        self.assertEqual({claim.cpts_id for claim in found.claimants}, {first, second})
        self.assertEqual({claim.lead_region for claim in found.claimants}, {OTHER_REGION, "53"})
        self.assertAlmostEqual(found.share_sum, 1.4)


if __name__ == "__main__":
    psql.main()
