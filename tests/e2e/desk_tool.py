# SPDX-License-Identifier: Apache-2.0
"""CPTS as their coordinators meet them through cptsctl: a profile, a certificate,
own keys that the directory has, and texts to refer with."""
import json
import os
import subprocess
import unittest

from node import REGION, TRUST_DOMAIN, Node, entry, outcome, psql, rpps
from tool import CPTSCTL, TIMEOUT_S, write_profile
import vouching

PASSPHRASE = "une phrase d'essai assez longue"
SIGNED = (("EMERGENCE", "2020-01-15"), ("LETTRE_INTENTION", "2020-06-01"),
          ("PROJET_VALIDE", "2021-01-01"), ("ACI_SIGNE", "2021-06-01"))
COMMUNE = "78646"
OFFER = "Plaie du mollet à suturer, adulte, sans urgence vitale. SYNTHÉTIQUE."
CONTENT = "Mme SYNTHÈSE Exemple, née le 1er janvier 1950 (personne fictive)."


class PublicKeys:
    """What a statement has to say of keys that cptsctl made."""

    def __init__(self, cpts_id, region, shown):
        self.cpts_id, self.region, self.serial = cpts_id, region, int(shown["serial"])
        self.pair = bytes.fromhex(shown["encryptionKey"]), bytes.fromhex(shown["signingKey"])

    def statement(self):
        made = vouching.Keys(self.cpts_id, self.region, self.serial)
        return made.statement(encryption_key=self.pair[0], signing_key=self.pair[1])


class Desk:
    """One CPTS, made here unless it is there: cptsctl with its profile."""

    def __init__(self, node, operator, name, stages=SIGNED, cpts_id=None, region=REGION):
        self.node, self.name, self.region = node, name, region
        self.cpts_id = cpts_id or operator.create(
            name=name, lead_region=region, territory=[],
            stages=[entry(*stage) for stage in stages]).id
        uri = f"spiffe://{TRUST_DOMAIN}/cpts/{self.cpts_id}"
        tool = os.path.join(psql.SOURCE, "tests", "support", "certificates")
        subprocess.run([tool, "leaf", node.folder, "ca", name, "2", f"URI:{uri}"], check=True,
                       timeout=60)
        node.database.file("sql/admin/principal_role_grant.sql", uri=uri, role="CPTS_COORDINATOR",
                           scope=f"cpts:{self.cpts_id}")
        os.mkdir(node.path(name))
        self.write("passphrase", PASSPHRASE + "\n")
        self.profile = write_profile(
            node, f"{name}/profile.ini", ca="../ca.pem", certificate=f"../{name}.pem",
            key=f"../{name}.key", key_root="../root.pub", keystore="own.keys",
            passphrase_file="passphrase", rpps=rpps(2), profession="MEDECIN_GENERALISTE",
            purpose="care")

    def path(self, name):
        return os.path.join(self.node.path(self.name), name)

    def write(self, name, text):
        with open(self.path(name), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return self.path(name)

    def run(self, *words, text=None, **environment):
        return subprocess.run([CPTSCTL, *words, "--profile", self.profile], input=text, text=True,
                              capture_output=True, timeout=TIMEOUT_S, check=False,
                              env={**os.environ, **environment})

    def make_keys(self):
        """Own keys, and their public halves in the directory, vouched for."""
        made = self.run("key", "generate", self.cpts_id, "--json", "--store", self.path("own.keys"),
                        "--passphrase-file", self.path("passphrase"))
        if made.returncode != 0:
            raise AssertionError(made.stderr)
        keys = PublicKeys(self.cpts_id, self.region, json.loads(made.stdout))
        client = self.node.client(self.name)
        client.keep("PublishKey", self.cpts_id, self.node.federation.statement(keys))
        client.close()

    def refer(self, verb, *words, **environment):
        return self.run("referral", verb, *words, **environment)

    def submit_words(self, *recipients, **files):
        """The words of a plain submission."""
        offer = files.get("offer") or self.write("offer.txt", OFFER)
        content = files.get("content") or self.write("content.txt", CONTENT)
        words = ["--use-case", "snp", "--urgency", "within-24h", "--unit", COMMUNE,
                 "--legal-basis", "echange", "--offer", offer, "--content", content]
        for desk in recipients:
            words += ["--to", desk.cpts_id]
        return words


def desks(node, operator, *names):
    """Desks that the node knows, with keys."""
    return settle(node, [Desk(node, operator, name) for name in names])


def settle(node, made):
    """Waits until the node knows who they are, and gives them keys."""
    client = node.client(made[-1].name)
    node.reread_roles(lambda: outcome(client.get, made[-1].cpts_id) == "OK")
    client.close()
    for desk in made:
        desk.make_keys()
    return made


class DeskTest(unittest.TestCase):
    """A node with two CPTS; what is refused leaves everything as it was."""

    NAMES = ("origine", "destination")

    @classmethod
    def setUpClass(cls):
        cls.node = Node()
        cls.operator = cls.node.client()
        cls.desks = desks(cls.node, cls.operator, *cls.NAMES)
        cls.origin, cls.destination = cls.desks[:2]

    @classmethod
    def tearDownClass(cls):
        cls.operator.close()
        cls.node.stop()

    def fine(self, result):
        """Stdout of a command that has to succeed."""
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def done(self, result):
        """The answer of a command that has to succeed, run with --json."""
        return json.loads(self.fine(result))

    def refused(self, result, reason, code):
        self.assertIn(f"cptsctl: {reason}:", result.stderr)
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertEqual(result.stdout, "")

    def submitted(self, *recipients, **arguments):
        """A new referral of the origin: its id."""
        words = self.origin.submit_words(*(recipients or (self.destination,)))
        return self.done(self.origin.refer("submit", *words, *arguments.get("words", ()),
                                           "--json"))["id"]

    def act(self, desk, verb, referral, *words):
        """A step that has to succeed: the state after it."""
        answer = self.done(desk.refer(verb, referral, *words, "--json"))
        state = answer.get("state", "ASSIGNMENT_STATE_UNSPECIFIED")
        return answer["status"] if state == "ASSIGNMENT_STATE_UNSPECIFIED" else state
