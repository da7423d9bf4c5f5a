# SPDX-License-Identifier: Apache-2.0
"""`cptsctl enrolment` and `cptsctl enroll`, as an ARS, a CPTS and a person run them."""
import csv
import io
import json
import os
import stat
import subprocess
import unittest
import uuid

from node import CHECKPOINT_KEY, REGION, Node, psql
from tool import CPTSCTL, TIMEOUT_S, cptsctl, write_profile

node = operator = None
# What a new profile says of the node that enrolled.
NODE_LINES = f"\nnode = national\ncheckpoint_key = {CHECKPOINT_KEY.hex()}\n"


def setUpModule():
    global node, operator
    node = Node()
    operator = write_profile(node)


def tearDownModule():
    if node is not None:
        node.stop()


def make_token(*words):
    done = cptsctl(operator, "enrolment", "create", *(words or (
        f"user/{uuid.uuid4()}", "--role", "DGOS_ANALYST", "--scope", "read")), "--quiet")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def enroll(profile, token, *words, data=None, address=None):
    return subprocess.run(
        [CPTSCTL, "enroll", "--profile", profile, "--token", token, "--address",
         address or f"127.0.0.1:{node.enrolment_port}", *words], capture_output=True, text=True,
        timeout=TIMEOUT_S, check=False, input=data)


def new_profile():
    return node.path(f"home-{uuid.uuid4()}/deep/profile.ini")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def certificates():
    return int(node.database.query("SELECT count(*) FROM cpts.certificate;")[0][0])


class Enrolling(unittest.TestCase):
    def setUp(self):
        node.restart(15)
        global operator
        operator = write_profile(node)

    def test_enroll__from_the_token_to_a_profile_that_works(self):
        profile = new_profile()
        done = enroll(profile, make_token())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("The node answers to it.", done.stdout)
        self.assertRegex(done.stdout, r"until 20\d\d-")
        key = profile.replace(".ini", ".key")
        self.assertEqual(stat.S_IMODE(os.stat(key).st_mode), 0o600)
        self.assertEqual(sorted(os.listdir(os.path.dirname(profile))),
                         ["profile-ca.pem", "profile.ini", "profile.key", "profile.pem"])
        self.assertIn(NODE_LINES, read(profile))
        self.assertEqual(cptsctl(profile, "regions").returncode, 0)
        doctor = cptsctl(profile, "doctor")
        self.assertEqual(doctor.returncode, 0, doctor.stdout)

    def test_enroll__a_cpts_of_its_ars(self):
        made = cptsctl(operator, "cpts", "create", "--name", "Essai", "--region", REGION,
                       "--stage", "EMERGENCE=2020-01-01", "--quiet")
        cpts_id = made.stdout.strip()
        agent = write_profile(node, "agent.ini", certificate="agent.pem", key="agent.key")
        done = cptsctl(agent, "enrolment", "create", f"cpts/{cpts_id}", "--role",
                       "CPTS_COORDINATOR", "--scope", f"cpts:{cpts_id}", "--json")
        token = json.loads(done.stdout)["token"]
        profile = new_profile()
        self.assertEqual(enroll(profile, "-", data=f"{token}\n").returncode, 0)
        done = cptsctl(profile, "cpts", "update", cpts_id, "--name", "Elle-même")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_copy(profile, cpts_id)

    def check_copy(self, profile, cpts_id):
        """A copy made with a new profile is verified, without anything that its CPTS did."""
        file, told = node.path("cpts.replica"), {}

        def is_signed():
            done = cptsctl(profile, "replica", "sync", file, "--json")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            told.update(json.loads(done.stdout))
            return told["signedPosition"] == told["originPosition"]
        node.wait_until(is_signed, "a signature of what was written last")
        self.assertGreater(told["originPosition"], 0)
        self.assertEqual((told["peer"], told["signedPosition"], told["alarmCount"]),
                         ("national", told["originPosition"], 0))
        self.assertIn("Elle-même", cptsctl(profile, "replica", "show", file, cpts_id).stdout)
        self.assertIn(f"signed up to {told['signedPosition']}\n",
                      cptsctl(profile, "replica", "status", file).stdout)

    def test_enroll__json_names_the_certificate(self):
        done = enroll(new_profile(), make_token(), "--json")
        told = json.loads(done.stdout)["certificate"]
        self.assertEqual(node.database.query("SELECT principal FROM cpts.certificate"
                                             f" WHERE serial = '{told['serial']}';"),
                         [[told["identity"]]])

    def test_enroll__a_given_authority_must_be_the_tokens(self):
        token, profile = make_token(), new_profile()
        done = enroll(profile, token, "--ca", node.path("foreign-ca.pem"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("does not hold the authority", done.stderr)
        self.assertFalse(os.path.exists(profile))
        self.assertEqual(enroll(profile, token, "--ca", node.path("ca.pem")).returncode, 0)

    def test_enroll__another_node_is_not_told_the_token(self):
        """The print of another authority: as if somebody stood in between."""
        words = make_token().split(".")
        words[3] = "A" * 43
        before = certificates()
        profile = new_profile()
        done = enroll(profile, ".".join(words))
        self.assertEqual(done.returncode, 4)
        self.assertIn("AUTHORITY_UNKNOWN", done.stderr)
        self.assertEqual(certificates(), before)
        self.assertEqual(os.listdir(os.path.dirname(profile)), [])

    def test_enroll__a_run_that_was_cut_off_goes_on(self):
        """The answer was lost: key and request are there, the certificate is not."""
        token, profile = make_token(), new_profile()
        self.assertEqual(enroll(profile, token, "--node", "127.0.0.1:1", "--quiet").returncode, 5)
        kept = {name for name in os.listdir(os.path.dirname(profile)) if name.endswith(".csr")}
        self.assertEqual(kept, {"profile.csr"})
        os.unlink(profile)
        os.unlink(profile.replace(".ini", ".pem"))
        before = certificates()
        done = enroll(profile, token)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(certificates(), before)
        self.assertFalse(os.path.exists(profile.replace(".ini", ".csr")))

    def test_enroll__words_that_cannot_be_meant(self):
        token, profile = make_token(), new_profile()
        for words in ((), ("--token", token), ("--address", "x:1"),
                      ("--token", "x", "--address", "x:1"), ("--renew", "--token", token)):
            with self.subTest(words=words):
                done = cptsctl(profile, "enroll", *words)
                self.assertEqual(done.returncode, 2, done.stderr)
        done = enroll(operator, token)
        self.assertEqual(done.returncode, 2)
        self.assertIn("is there already", done.stderr)

    def test_enroll__what_the_node_refuses_is_explained(self):
        profile, token = new_profile(), make_token()
        self.assertEqual(enroll(profile, token).returncode, 0)
        done = enroll(new_profile(), token)
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertIn("ENROLMENT_USED", done.stderr)
        self.assertIn("tell whoever sent it", done.stderr)
        done = enroll(new_profile(), make_token(), address="127.0.0.1:1")
        self.assertEqual(done.returncode, 5)

    def test_enroll__renewal_keeps_the_profile_and_the_identity(self):
        profile = new_profile()
        self.assertEqual(enroll(profile, make_token(), "--quiet").returncode, 0)
        before = read(profile)
        self.assertIn(NODE_LINES, before)
        done = cptsctl(profile, "enroll", "--renew", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(done.stdout)["certificate"]
        after = read(profile)
        self.assertNotEqual(before, after)
        self.assertIn(NODE_LINES, after)
        self.assertIn(f"certificate = profile-{told['serial'][:8]}.pem", after)
        key = os.path.join(os.path.dirname(profile), f"profile-{told['serial'][:8]}.key")
        self.assertEqual(stat.S_IMODE(os.stat(key).st_mode), 0o600)
        self.assertEqual(cptsctl(profile, "regions").returncode, 0)
        self.assertEqual(cptsctl(profile, "enroll", "--renew").returncode, 0)

    def test_enroll__a_renewal_without_a_certificate_changes_nothing(self):
        done = cptsctl(write_profile(node, "nobody.ini", certificate="nobody.pem",
                                     key="nobody.key"), "enroll", "--renew")
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("UNKNOWN_IDENTITY", done.stderr)


class Listing(unittest.TestCase):
    def test_enroll__the_list_and_its_forms(self):
        identity = f"user/{uuid.uuid4()}"
        done = cptsctl(operator, "enrolment", "create", identity, "--role", "ARS_AGENT",
                       "--scope", f"region:{REGION}", "--note", "Mme Test", "--hours", "1")
        self.assertIn("shown this once", done.stdout)
        rows = list(csv.DictReader(io.StringIO(
            cptsctl(operator, "enrolment", "list", "--state", "OPEN", "--csv").stdout)))
        row = next(row for row in rows if row["identity"] == identity)
        self.assertEqual((row["state"], row["roles"], row["scope"], row["note"]),
                         ("OPEN", "ARS_AGENT", f"region:{REGION}", "Mme Test"))
        done = cptsctl(operator, "enrolment", "revoke", row["id"], "--reason", "essai")
        self.assertEqual(done.returncode, 0, done.stderr)
        everything = json.loads(cptsctl(operator, "enrolment", "list", "--json").stdout)
        states = {one["id"]: one["state"] for one in everything["enrolments"]}
        self.assertEqual(states[row["id"]], "ENROLMENT_STATE_REVOKED")
        self.assertIn(identity, cptsctl(operator, "enrolment", "list").stdout)
        self.assertIn("\t", cptsctl(operator, "enrolment", "list", "--plain").stdout)

    def test_enroll__bad_words_of_enrolments(self):
        identity = f"user/{uuid.uuid4()}"
        for words in (("create", identity), ("create", identity, "--role", "OPERATOR"),
                      ("create", identity, "--scope", "*"),
                      ("create", identity, "--role", "OPERATOR", "--scope", "*", "--hours", "0"),
                      ("revoke", str(uuid.uuid4())), ("revoke", "x", "--reason", "y"),
                      ("list", "--state", "x")):
            with self.subTest(words=words):
                self.assertEqual(cptsctl(operator, "enrolment", *words).returncode, 2)
        done = cptsctl(operator, "enrolment", "create", identity, "--role", "OPERATOR", "--scope",
                       "read")
        self.assertEqual(done.returncode, 1)
        self.assertIn("SCOPE_NOT_OF_ROLE", done.stderr)

    def test_enroll__a_repeated_creation_says_what_to_do(self):
        words = ("enrolment", "create", f"user/{uuid.uuid4()}", "--role", "DGOS_ANALYST",
                 "--scope", "read", "--command-id", str(uuid.uuid4()))
        self.assertIn("cpts-enrol.1.", cptsctl(operator, *words).stdout)
        done = cptsctl(operator, *words)
        self.assertEqual(done.returncode, 0)
        self.assertNotIn("cpts-enrol.1.", done.stdout)
        self.assertIn("enrolment revoke", done.stderr)


if __name__ == "__main__":
    psql.main()
