# SPDX-License-Identifier: Apache-2.0
"""The directory of keys: published, rotated, revoked; what nobody vouches for is
refused by the node, and what a lying node tells is refused by the client."""
import hashlib
import json
import os
import struct
import time
import unittest
import uuid

import tool
from node import (OTHER_REGION, REGION, Node, key_pb2, outcome, psql, refusal,
                  vouching)

DAY_S = vouching.DAY_S
node = client = None


def setUpModule():
    global node, client
    node = Node()
    client = node.client("agent")


def tearDownModule():
    if node is not None:
        client.close()
        node.stop()


def make_cpts(region=REGION):
    maker = node.client("operator")
    try:
        return maker.create(lead_region=region).id
    finally:
        maker.close()


def publish(keys, **changes):
    return client.keep("PublishKey", keys.cpts_id, node.federation.statement(keys, **changes))


def published(region=REGION):
    """The keys of a new CPTS, published."""
    keys = vouching.Keys(make_cpts(region), region)
    publish(keys)
    return keys


def entries():
    """(position, cpts_id, serial, kind, entry) of the whole directory."""
    return node.database.query("SELECT position, cpts_id, serial, kind, encode(entry, 'hex')"
                               " FROM cpts.key_statement ORDER BY position;")


def rewrite(change):
    """Lets the node lie: the directory becomes what `change` makes of its entries
    (position, cpts_id, serial, kind, bytes), with a chain that holds."""
    rows = change([(int(p), c, int(s), k, bytes.fromhex(e)) for p, c, s, k, e in entries()])
    script, last = "BEGIN; DELETE FROM cpts.key_statement;", bytes(32)
    for position, (_, cpts_id, serial, kind, entry) in enumerate(rows, 1):
        digest = hashlib.sha256(last + struct.pack(">q", position) + entry).digest()
        keys = "sha256(''), sha256('')" if kind == "STATEMENT" else "NULL, NULL"
        script += (f"INSERT INTO cpts.key_statement (cpts_id, serial, kind, position, version,"
                   " lead_region, encryption_key, signing_key, valid_from, valid_to, entry,"
                   f" prev_hash, hash, recorded_at) VALUES ('{cpts_id}', {serial}, '{kind}',"
                   f" {position}, 1, '11', {keys}, '2020-01-01', '2040-01-01',"
                   f" '\\x{entry.hex()}', '\\x{last.hex()}', '\\x{digest.hex()}', now());")
        last = digest
    node.database.query(script + "COMMIT;")


def statement_entry(signed):
    return key_pb2.KeyEntry(statement=signed).SerializeToString()


class Directory(unittest.TestCase):
    def test_key__a_published_key_is_found_and_replayed(self):
        keys = vouching.Keys(make_cpts(), REGION)
        signed, command_id = node.federation.statement(keys), str(uuid.uuid4())
        done = client.keep("PublishKey", keys.cpts_id, signed, command_id=command_id)
        self.assertEqual((done.id, done.version, done.replayed), (keys.cpts_id, 1, False))
        again = client.keep("PublishKey", keys.cpts_id, signed, command_id=command_id)
        self.assertEqual((again.log_position, again.replayed), (done.log_position, True))
        found = client.ask_keys("GetKeys", questions=[{"cpts_id": keys.cpts_id}])
        self.assertEqual([(key.cpts_id, key.serial, key.statement) for key in found.keys],
                         [(keys.cpts_id, 1, signed)])
        self.assertEqual(found.head, client.ask_keys("GetDirectoryHead").head)

    def test_key__a_cpts_without_a_key_is_left_out(self):
        found = client.ask_keys("GetKeys", questions=[{"cpts_id": str(uuid.uuid4())}])
        self.assertEqual(list(found.keys), [])

    def test_key__the_directory_is_chained_in_order(self):
        published()
        last, position = bytes(32), 0
        page = client.ask_keys("ListKeyChanges", page_size=2)
        head = page.head
        while page.changes:
            for change in page.changes:
                position += 1
                self.assertEqual(change.position, position)
                last = hashlib.sha256(last + struct.pack(">q", position) + change.entry).digest()
                self.assertEqual(change.hash, last)
            page = client.ask_keys("ListKeyChanges", after_position=position, page_size=2)
        self.assertEqual((head.position, head.hash), (position, last))

    def test_key__a_rotation_and_a_revocation_follow_each_other(self):
        first = published()
        second = vouching.Keys(first.cpts_id, REGION, 2)
        self.assertEqual(publish(second).version, 2)
        revoked = client.keep("RevokeKey", first.cpts_id, node.federation.revocation(first))
        self.assertEqual(revoked.version, 3)
        found = client.ask_keys("GetKeys", questions=[{"cpts_id": first.cpts_id, "serial": 1},
                                                      {"cpts_id": first.cpts_id}])
        self.assertEqual([(key.serial, key.HasField("revocation")) for key in found.keys],
                         [(1, True), (2, False)])

    def test_key__a_coordinator_publishes_for_its_own_cpts(self):
        keys = vouching.Keys(make_cpts(), REGION)
        coordinator = node.client("coordinator")
        node.grant("CPTS_COORDINATOR", f"cpts:{keys.cpts_id}", coordinator,
                   lambda asked: outcome(asked.get, keys.cpts_id) == "OK")
        signed = node.federation.statement(keys)
        self.assertEqual(coordinator.keep("PublishKey", keys.cpts_id, signed).version, 1)
        coordinator.close()

    def test_key__each_change_is_in_the_log(self):
        keys = published()
        client.keep("RevokeKey", keys.cpts_id, node.federation.revocation(keys))
        self.assertEqual(node.database.query(
            "SELECT kind, version FROM cpts.change_log WHERE aggregate_kind = 'KEY'"
            f" AND aggregate_id = '{keys.cpts_id}' ORDER BY local_position;"),
            [["KEY_PUBLISHED", "1"], ["KEY_REVOKED", "2"]])


class Refused(unittest.TestCase):
    """Each with its reason, and nothing is stored."""

    def setUp(self):
        self.keys = vouching.Keys(make_cpts(), REGION)
        self.before = node.fingerprint()

    def assert_refused(self, reason, call, *arguments, **named):
        refused = refusal(call, *arguments, **named)
        self.assertEqual(f"{refused.status}/{refused.reason}", reason, refused)
        self.assertEqual(node.fingerprint(), self.before)
        return refused

    def publish(self, reason, signed, cpts_id=None):
        return self.assert_refused(reason, client.keep, "PublishKey",
                                   cpts_id or self.keys.cpts_id, signed)

    def test_key__another_root_vouches_for_nothing(self):
        stranger = vouching.Federation()
        self.publish("FAILED_PRECONDITION/KEY_NOT_VOUCHED", stranger.statement(self.keys))

    def test_key__a_certificate_of_another_root_is_none(self):
        key, _ = node.federation.authority(REGION)
        certificate = node.federation.certificate(REGION, key, vouching.SigningKey.generate())
        self.publish("FAILED_PRECONDITION/KEY_NOT_VOUCHED",
                     node.federation.statement(self.keys, (key, certificate)))

    def test_key__the_authority_of_another_region_vouches_for_nothing(self):
        other = node.federation.authority(OTHER_REGION)
        self.publish("FAILED_PRECONDITION/KEY_NOT_VOUCHED",
                     node.federation.statement(self.keys, other))
        self.publish("FAILED_PRECONDITION/KEY_NOT_VOUCHED",
                     node.federation.statement(self.keys, other, region=OTHER_REGION))

    def test_key__a_changed_statement_is_not_signed(self):
        signed = node.federation.statement(self.keys)
        signed.statement = self.keys.statement(serial=1, signing_key=bytes(range(32)))
        self.publish("FAILED_PRECONDITION/KEY_NOT_VOUCHED", signed)

    def test_key__an_expired_statement_or_authority_is_none(self):
        now = int(time.time())
        past = {"valid_from": vouching.moment(now - 10 * DAY_S),
                "valid_to": vouching.moment(now - DAY_S)}
        self.publish("FAILED_PRECONDITION/KEY_NOT_VOUCHED",
                     node.federation.statement(self.keys, **past))
        key, _ = node.federation.authority(REGION)
        certificate = node.federation.certificate(REGION, key, **past)
        self.publish("FAILED_PRECONDITION/KEY_NOT_VOUCHED",
                     node.federation.statement(self.keys, (key, certificate)))

    def test_key__serials_have_no_gap(self):
        refused = self.publish("FAILED_PRECONDITION/KEY_SERIAL_NOT_NEXT",
                               node.federation.statement(self.keys, serial=2))
        self.assertEqual(refused.detail, "0")

    def test_key__malformed_statements_are_none(self):
        for changes in ({"serial": 0}, {"signing_key": bytes(31)}, {"encryption_key": bytes(32)},
                        {"cpts_id": "x"}, {"valid_to": vouching.moment(4000000000)},
                        {"region": "ile"}):
            with self.subTest(**changes):
                self.publish("FAILED_PRECONDITION/KEY_NOT_VOUCHED",
                             node.federation.statement(self.keys, **changes))

    def test_key__the_request_names_the_cpts_that_was_signed_for(self):
        refused = self.publish("INVALID_ARGUMENT/FIELD_INVALID",
                               node.federation.statement(self.keys), str(uuid.uuid4()))
        self.assertEqual(refused.field, "id")
        self.publish("INVALID_ARGUMENT/FIELD_REQUIRED", None)

    def test_key__what_is_not_there_cannot_be_revoked(self):
        self.assert_refused("NOT_FOUND/KEY_NOT_PUBLISHED", client.keep, "RevokeKey",
                            self.keys.cpts_id, node.federation.revocation(self.keys))

    def test_key__a_revocation_needs_its_authority_and_a_reason(self):
        publish(self.keys)
        self.before = node.fingerprint()
        stranger = vouching.Federation().revocation(self.keys)
        for signed in (stranger, node.federation.revocation(self.keys, reason=0),
                       node.federation.revocation(self.keys, node.federation.authority("52"))):
            self.assert_refused("FAILED_PRECONDITION/KEY_NOT_VOUCHED", client.keep, "RevokeKey",
                                self.keys.cpts_id, signed)
        self.assert_refused("INVALID_ARGUMENT/DATE_IN_FUTURE", client.keep, "RevokeKey",
                            self.keys.cpts_id, node.federation.revocation(
                                self.keys, revoked_at=vouching.moment(time.time() + DAY_S)))

    def test_key__twice_is_once_too_often(self):
        publish(self.keys)
        client.keep("RevokeKey", self.keys.cpts_id, node.federation.revocation(self.keys))
        self.before = node.fingerprint()
        self.assert_refused("FAILED_PRECONDITION/KEY_REVOKED", client.keep, "RevokeKey",
                            self.keys.cpts_id, node.federation.revocation(self.keys))

    def test_key__questions_are_limited(self):
        for fields in ({}, {"questions": [{"cpts_id": self.keys.cpts_id}] * 33},
                       {"questions": [{"cpts_id": "x"}]},
                       {"questions": [{"cpts_id": self.keys.cpts_id, "serial": -1}]}):
            with self.subTest(**fields):
                self.assertEqual(outcome(client.ask_keys, "GetKeys", **fields),
                                 "INVALID_ARGUMENT/FIELD_INVALID")
        for fields in ({"after_position": -1}, {"page_size": 501}, {"page_size": -1}):
            self.assertEqual(outcome(client.ask_keys, "ListKeyChanges", **fields),
                             "INVALID_ARGUMENT/FIELD_INVALID")


class Lies(unittest.TestCase):
    """A node that swaps a key, takes one back or forks its directory."""

    def setUp(self):
        self.keys = published()
        self.memory = node.path(f"memory-{uuid.uuid4()}")
        self.profile = tool.write_profile(node, f"{uuid.uuid4()}.ini", certificate="agent.pem",
                                          key="agent.key", key_root="root.pub",
                                          key_memory=self.memory)
        self.truth = [(int(p), c, int(s), k, bytes.fromhex(e)) for p, c, s, k, e in entries()]

    def tearDown(self):
        rewrite(lambda rows: self.truth)

    def show(self, *words):
        return tool.cptsctl(self.profile, "key", "show", self.keys.cpts_id, *words)

    def assert_not_vouched(self, done):
        self.assertIn("KEY_NOT_VOUCHED", done.stderr, done)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def forget_head(self):
        """Only what was seen of keys is left: each wall is tried by itself."""
        with open(self.memory, encoding="ascii") as file:
            kept = [line for line in file if not line.startswith("head ")]
        with open(self.memory, "w", encoding="ascii") as file:
            file.writelines(kept)

    def swap(self, signed):
        """Puts another statement in the place of the one that was published."""
        def change(rows):
            return [(p, c, s, k, statement_entry(signed)) if c == self.keys.cpts_id else
                    (p, c, s, k, e) for p, c, s, k, e in rows]
        rewrite(change)

    def test_key__the_truth_is_believed(self):
        done = self.show("--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        self.assertEqual((said["cptsId"], said["signingKey"], said["vouched"]),
                         (self.keys.cpts_id, bytes(self.keys.signing.verify_key).hex(), True))

    def test_key__a_swapped_key_is_not_believed(self):
        swapped = vouching.Keys(self.keys.cpts_id, REGION)
        stranger = vouching.Federation()
        self.swap(stranger.statement(swapped))
        self.assert_not_vouched(self.show())
        key, _ = stranger.authority(REGION)
        _, certificate = node.federation.authority(REGION)
        self.swap(node.federation.statement(swapped, (key, certificate)))
        self.assert_not_vouched(self.show())

    def test_key__a_swapped_key_is_not_used_by_the_node_either(self):
        swapped = vouching.Keys(self.keys.cpts_id, REGION)
        self.swap(vouching.Federation().statement(swapped))
        node.process.terminate()
        node.process.wait(30)
        node.process.stderr.close()
        os.unlink(node.path("run/port"))
        node.log.clear()
        node._start()  # pylint: disable=protected-access
        global client
        client.close()
        client = node.client("agent")
        node.wait_until(lambda: "counts for nothing" in "".join(node.log), "a word about the key")

    def test_key__another_key_under_the_same_serial_is_not_believed(self):
        self.assertEqual(self.show().returncode, 0)
        self.swap(node.federation.statement(vouching.Keys(self.keys.cpts_id, REGION)))
        self.assertIn("another one than before", self.assert_not_vouched(self.show()))
        self.forget_head()
        self.assertIn("another key was seen", self.assert_not_vouched(self.show()))

    def test_key__a_lower_serial_than_seen_is_not_believed(self):
        publish(vouching.Keys(self.keys.cpts_id, REGION, 2))
        self.assertEqual(self.show().returncode, 0)
        rewrite(lambda rows: [row for row in rows if row[1:3] != (self.keys.cpts_id, 2)])
        self.assertIn("shorter than it was", self.assert_not_vouched(self.show()))
        self.forget_head()
        self.assertIn("higher serial", self.assert_not_vouched(self.show()))

    def test_key__a_key_that_was_taken_back_is_missed(self):
        self.assertEqual(self.show().returncode, 0)
        rewrite(lambda rows: [(p, c, s, k, e) if c != self.keys.cpts_id else
                              (p, str(uuid.uuid4()), s, k, e) for p, c, s, k, e in rows])
        self.forget_head()
        self.assertIn("not there any more", self.assert_not_vouched(self.show()))

    def test_key__a_directory_that_lost_its_end_is_noticed(self):
        published()
        self.assertEqual(self.show().returncode, 0)
        rewrite(lambda rows: rows[:-1])
        self.assertIn("shorter than it was", self.assert_not_vouched(self.show()))

    def test_key__a_directory_that_was_rewritten_is_noticed(self):
        self.assertEqual(self.show().returncode, 0)
        other = published()
        rewrite(lambda rows: rows[:-2] + rows[-1:] + rows[-2:-1])
        self.assertEqual([row[1] for row in entries()[-2:]], [other.cpts_id, self.keys.cpts_id])
        self.assertIn("does not go on", self.assert_not_vouched(self.show()))

    def test_key__a_directory_that_goes_on_is_followed(self):
        self.assertEqual(self.show().returncode, 0)
        published()
        self.assertEqual(self.show().returncode, 0)
        with open(self.memory, encoding="ascii") as file:
            lines = file.read().splitlines()
        head = client.ask_keys("GetDirectoryHead").head
        self.assertEqual(lines[:2], ["cpts-key-memory 1",
                                     f"head {head.position} {head.hash.hex()}"])

    def test_key__a_revocation_that_was_seen_is_not_forgotten(self):
        self.assertEqual(self.show().returncode, 0)
        client.keep("RevokeKey", self.keys.cpts_id, node.federation.revocation(self.keys))
        self.assert_not_vouched(self.show())
        rewrite(lambda rows: [row if row[1:4] != (self.keys.cpts_id, 1, "REVOCATION") else
                              (row[0], str(uuid.uuid4()), *row[2:]) for row in rows])
        self.forget_head()
        self.assertIn("revoked", self.assert_not_vouched(self.show()))

    def test_key__without_a_root_nothing_is_believed(self):
        self.profile = tool.write_profile(node, f"{uuid.uuid4()}.ini", certificate="agent.pem",
                                          key="agent.key", key_memory=self.memory)
        self.assert_not_vouched(self.show())

    def test_key__a_damaged_memory_is_not_taken_for_an_empty_one(self):
        with open(self.memory, "w", encoding="ascii") as file:
            file.write("cpts-key-memory 1\nnonsense\n")
        done = self.show()
        self.assertIn("CONFIGURATION_INVALID", done.stderr)


class Tool(unittest.TestCase):
    """From the root to the directory, as operator, authority and CPTS do it."""

    refused = 7

    def run_tool(self, *words, code=0):
        done = tool.cptsctl(self.profile, "key", *words)
        self.assertEqual(done.returncode, code, done)
        return done

    def setUp(self):
        self.cpts_id = make_cpts()
        self.folder = node.path(f"tool-{uuid.uuid4()}")
        os.mkdir(self.folder)
        with open(self.path("passphrase"), "w", encoding="ascii") as file:
            file.write("une phrase de passe\n")
        os.environ["CPTS_KEY_PASSPHRASE_FILE"] = self.path("passphrase")
        self.profile = tool.write_profile(
            node, f"{uuid.uuid4()}.ini", certificate="agent.pem", key="agent.key",
            key_root="root.pub", key_memory=self.path("memory"), keystore=self.path("cpts.keys"))

    def tearDown(self):
        del os.environ["CPTS_KEY_PASSPHRASE_FILE"]

    def path(self, name):
        return os.path.join(self.folder, name)

    def certified(self):
        """An authority's store, certified by the node's root."""
        made = self.run_tool("authority", REGION, "--store", self.path("authority.keys"), "--json")
        public = vouching.VerifyKey(bytes.fromhex(json.loads(made.stdout)["signingKey"]))

        class Key:  # the certificate is of the public half only
            verify_key = public
        certificate = node.federation.certificate(REGION, Key)
        content = vouching.base64.encodebytes(certificate.SerializeToString()).decode()
        with open(self.path("authority.crt"), "w", encoding="ascii") as file:
            file.write(f"-----BEGIN CPTS KEY CERTIFICATE-----\n{content}"
                       "-----END CPTS KEY CERTIFICATE-----\n")

    def vouch(self):
        """Request and statement of the last key of the store."""
        self.run_tool("request", "--region", REGION, "--out", self.path("request"))
        self.run_tool("sign", self.path("request"), "--store", self.path("authority.keys"),
                      "--certificate", self.path("authority.crt"), "--out", self.path("statement"))
        self.run_tool("publish", self.path("statement"))

    def test_key__a_key_is_made_vouched_for_rotated_and_revoked(self):
        self.certified()
        self.run_tool("generate", self.cpts_id)
        self.vouch()
        shown = json.loads(self.run_tool("show", self.cpts_id, "--json").stdout)
        self.run_tool("rotate")
        self.vouch()
        again = json.loads(self.run_tool("show", self.cpts_id, "--json").stdout)
        self.assertEqual((shown["serial"], again["serial"]), ("1", "2"))
        self.assertNotEqual(shown["fingerprint"], again["fingerprint"])
        self.run_tool("revoke", self.cpts_id, "--serial", "2", "--reason", "lost", "--store",
                      self.path("authority.keys"), "--certificate", self.path("authority.crt"),
                      "--out", self.path("revocation"))
        self.run_tool("publish", self.path("revocation"))
        said = self.run_tool("show", self.cpts_id, code=self.refused).stderr
        self.assertIn("KEY_NOT_VOUCHED", said)
        listed = self.run_tool("list", "--cpts", self.cpts_id, "--plain").stdout.splitlines()
        self.assertEqual([line.split("\t")[2] for line in listed],
                         ["statement", "statement", "revocation"])

    def test_key__a_store_is_locked_backed_up_and_restored(self):
        self.run_tool("generate", self.cpts_id)
        self.assertEqual(os.stat(self.path("cpts.keys")).st_mode & 0o777, 0o600)
        self.run_tool("backup", self.path("copy"))
        os.unlink(self.path("cpts.keys"))
        self.run_tool("restore", self.path("copy"))
        self.run_tool("request", "--region", REGION, "--out", self.path("request"))
        with open(self.path("passphrase"), "w", encoding="ascii") as file:
            file.write("une autre phrase\n")
        self.assertIn("KEY_STORE_INVALID", self.run_tool("rotate", code=self.refused).stderr)
        os.chmod(self.path("cpts.keys"), 0o644)
        self.assertIn("others may read it", self.run_tool("rotate", code=self.refused).stderr)

    def test_key__nothing_is_overwritten(self):
        self.run_tool("generate", self.cpts_id)
        with open(self.path("cpts.keys"), "rb") as file:
            before = file.read()
        said = self.run_tool("generate", self.cpts_id, code=self.refused).stderr
        self.assertIn("KEY_STORE_INVALID", said)
        with open(self.path("cpts.keys"), "rb") as file:
            self.assertEqual(file.read(), before)

    def test_key__no_private_key_is_with_the_node(self):
        self.certified()
        self.run_tool("generate", self.cpts_id)
        self.vouch()
        with open(self.path("cpts.keys"), "rb") as file:
            store = file.read()
        self.assertNotIn(store[60:92].hex(), "".join(row[4] for row in entries()))


if __name__ == "__main__":
    psql.main()
