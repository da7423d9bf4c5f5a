# SPDX-License-Identifier: Apache-2.0
"""A regional node as its operator installs it: with a token of the national node, by the
commands of deploy/regional.md and nothing else; and what becomes of it afterwards."""
import os
import signal
import subprocess
import unittest
import uuid

import reach  # noqa: F401
import daemon
import fleet as fleets
import psql
from daemon import run, wait_until
from fleet import NATIONAL, uri
from node import (BUILD, TRUST_DOMAIN, enrolment_pb2, enrolment_pb2_grpc, federation_desk_pb2,
                  federation_desk_pb2_grpc, outcome, service_account)
from psql import main
from voyage import TIMED_ALARM

REGION = "11"
NODE = f"region/{REGION}"
CPTSCTL = os.path.join(BUILD, "bin", "cptsctl")
CALL_TIMEOUT_S = 30
COMMAND_TIMEOUT_S = 60
PINNED = """SELECT name, address, encode(checkpoint_key, 'hex') AS key,
    encode(authority, 'hex') AS authority, pinned_at IS NOT NULL AS pinned FROM cpts.node"""
OWNER = f"SELECT node FROM cpts.region_owner WHERE region = '{REGION}';"
ALARMS = "SELECT alarm FROM cpts.federation_alarm WHERE cleared_at IS NULL;"
BEGUN = "a session with the node above has begun"
FAILED = "no session with the node above: "


def cptsctl(*words, data=None):
    done = subprocess.run([CPTSCTL, *words], input=data, capture_output=True, text=True,
                          timeout=COMMAND_TIMEOUT_S, check=False)
    if done.returncode != 0:
        raise AssertionError(f"cptsctl {' '.join(words)}: {done.stdout}{done.stderr}")
    return done.stdout


def read_pairs(path):
    with open(path, encoding="utf-8") as file:
        return dict(line.strip().split(" = ", 1) for line in file if " = " in line)


class At:
    """What node.Client wants to know of a member."""

    def __init__(self, member):
        self.port, self.pki = member.port, member.pki

    def read(self, name):
        with open(os.path.join(self.pki, name), "rb") as file:
            return file.read()


class National(fleets.Member):
    """The national node, with an enrolment port."""

    def __init__(self, folder_path):
        super().__init__(folder_path, NATIONAL)
        self.grant(NATIONAL, "NATIONAL_NODE", "*")
        account = service_account()
        authority = self.path("issuer.key")
        run("cp", os.path.join(self.pki, "ca.key"), authority)
        if account is not None:
            os.chown(authority, account.pw_uid, account.pw_gid)
        with open(self.path("cptsd.conf"), "a", encoding="utf-8") as config:
            config.write(f"[enrolment]\naddress = 127.0.0.1:0\n"
                         f"port_file = {self.path('enrolment-port')}\n"
                         f"issuer_certificate = {self.path('ca.pem')}\n"
                         f"issuer_key = {authority}\n")

    @property
    def enrolment_address(self):
        with open(self.path("enrolment-port"), encoding="ascii") as file:
            return f"127.0.0.1:{file.read().strip()}"

    def profile(self):
        """Of the national node's operator, which is the node itself here."""
        path = self.path("profile.ini")
        pem = os.path.join(self.pki, "national")
        with open(path, "w", encoding="ascii") as file:
            file.write(f"[profile]\naddress = 127.0.0.1:{self.port}\nca = {self.pki}/ca.pem\n"
                       f"certificate = {pem}.pem\nkey = {pem}.key\n")
        return path

    def desk(self, rpc, **fields):
        with self.channel(NATIONAL) as channel:
            stub = federation_desk_pb2_grpc.FederationDeskServiceStub(channel)
            return getattr(stub, rpc)(getattr(federation_desk_pb2, f"{rpc}Request")(
                command_id=str(uuid.uuid4()), node=NODE, **fields), timeout=CALL_TIMEOUT_S)


class Joined(daemon.Daemon):
    """A region's node, configured with what `node join` prints."""

    def __init__(self, folder_path, national, name="joined", words=()):
        self.name, self.national, self.process = name, national, None
        self.pki = os.path.join(folder_path, "pki")
        self.program = os.path.join(folder_path, self.binary)
        self.folder = os.path.join(folder_path, self.name)
        self.prefix = ["/usr/bin/setpriv", "--pdeathsig=KILL"]
        self.database = psql.Database()
        token = cptsctl("node", "enroll", NODE, "--address", "127.0.0.1:4433", "--quiet",
                        "--profile", national.profile(), *words)
        said = cptsctl("node", "join", "--token", "-", "--address", national.enrolment_address,
                       "--profile", self.path("node.ini"), data=token)
        printed = said.partition("For the configuration of cptsd:\n")[2]
        with open(self.path("cptsd.conf"), "w", encoding="utf-8") as config:
            config.write(f"{printed}{fleets.SETTINGS}[listen]\naddress = 127.0.0.1:0\n"
                         f"port_file = {self.path('port')}\n[database]\n"
                         f"conninfo = {daemon.conninfo(self.database, 'cpts_app')}\n")
        self._hand_over(service_account())

    def pin(self):
        return read_pairs(self.path("node-upstream.ini"))

    def rewrite(self, name, before, after):
        """Replaces a text in one of its files."""
        with open(self.path(name), encoding="utf-8") as file:
            text = file.read()
        if before not in text:
            raise AssertionError(f"{name} does not say {before}")
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text.replace(before, after))

    def stop(self):
        self.process.terminate()
        self.process.wait(daemon.WAIT_TIMEOUT_S)

    def rows(self, query):
        return daemon.rows(self.database, query)

    def says(self, text, since=0):
        """Until its log has said that after so many characters."""
        wait_until(lambda: text in self.log()[since:], f"«{text}» in the region's log",
                   fleets.CONVERGE_TIMEOUT_S)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = folder = self.enterContext(daemon.folder())
        self.national = National(folder)
        self.addCleanup(self.national.drop)
        self.addCleanup(self.national.close)
        self.national.start()
        self.before_join()
        self.region = Joined(folder, self.national)
        self.addCleanup(self.region.database.drop)
        self.addCleanup(self.region.close)
        self.region.start()
        self.wait_owned(NODE)

    def before_join(self):
        """What there is while the national node serves the region."""

    def wait_owned(self, node):
        try:
            wait_until(lambda: self.national.database.query(OWNER) == [[node]],
                       f"region owned by {node}", fleets.CONVERGE_TIMEOUT_S)
        except AssertionError as failure:
            self.fail(f"{failure}\n{self.national.log()[-3000:]}\n{self.region.log()[-3000:]}")

    def alarms(self, member):
        return [alarm for alarm, in member.database.query(ALARMS) if alarm != TIMED_ALARM]

    def above(self):
        """What the region's database believes of the national node."""
        return next(row for row in self.region.rows(PINNED) if row["name"] == NATIONAL)


class Enrolled(Case):
    def test_enrolled__it_knows_who_is_above_without_its_operator(self):
        pin = self.region.pin()
        self.assertEqual(pin["checkpoint_key"],
                         self.national.signing.verify_key.encode().hex())
        self.assertEqual(self.above(), {
            "name": NATIONAL, "address": f"127.0.0.1:{self.national.port}",
            "key": pin["checkpoint_key"], "authority": pin["authority"], "pinned": True})
        own = [row["key"] for member in (self.national, self.region)
               for row in daemon.rows(member.database, PINNED) if row["name"] == NODE]
        self.assertEqual(len(own), 2)
        self.assertEqual(own[0], own[1])
        wait_until(lambda: self.region.database.query(
            f"SELECT 1 FROM cpts.sync_checkpoint WHERE node = '{NATIONAL}' LIMIT 1;"),
            "a checkpoint of the national node")
        self.assertEqual((self.alarms(self.national), self.alarms(self.region)), ([], []))

    def test_enrolled__another_key_later_is_refused_and_an_alarm(self):
        key = self.region.pin()["checkpoint_key"]
        self.region.stop()
        self.region.rewrite("node-upstream.ini", key, "ab" * 32)
        before = len(self.region.log())
        self.region.start()
        self.region.says(BEGUN, before)
        self.assertEqual(self.above()["key"], key)
        self.assertEqual(self.alarms(self.region), ["UPSTREAM_CHANGED"])
        self.region.says("UPSTREAM_CHANGED", before)

    def test_enrolled__another_authority_is_not_dialled(self):
        self.region.stop()
        with open(self.region.path("node-ca.pem"), encoding="ascii") as file:
            right = file.read()
        with open(os.path.join(self.region.pki, "foreign-ca.pem"), encoding="ascii") as file:
            foreign = file.read()
        self.region.rewrite("node-ca.pem", right, foreign)
        before = len(self.region.log())
        self.region.start()
        self.assertEqual(self.alarms(self.region), ["UPSTREAM_CHANGED"])
        self.region.rewrite("node-ca.pem", foreign, foreign + right)
        self.region.send(signal.SIGHUP)
        self.region.says(BEGUN, before)

    def test_enrolled__suspension_ends_the_session_and_resumption_brings_it_back(self):
        self.national.desk("SuspendNode", reason="Essai")
        before = len(self.region.log())
        self.region.says(FAILED + "NODE_SUSPENDED")
        wait_until(lambda: f"the session with {NODE} is over: NODE_SUSPENDED"
                   in self.national.log(), "the end of the session in the national log")
        self.wait_owned(NATIONAL)
        self.national.desk("ResumeNode")
        self.region.says(BEGUN, before)
        self.wait_owned(NODE)

    def test_enrolled__another_machine_takes_its_place(self):
        """With an empty database and another key: it gets back what the former one wrote, and
        the points that the former key signed still verify."""
        other = Joined(self.folder, self.national, "other", ["--replaces"])
        self.addCleanup(other.database.drop)
        self.addCleanup(other.close)
        self.assertEqual(other.pin()["own_epoch"], "2")
        before = len(self.region.log())
        other.start()
        other.says(BEGUN)
        self.assertNotIn("NODE_FENCED", other.log())
        keys = self.national.database.query(
            f"SELECT count(*) FROM cpts.checkpoint_key WHERE node = '{NODE}';")
        self.assertEqual(keys, [["2"]])
        self.region.send(signal.SIGHUP)
        self.region.says(FAILED, before)

    def renew(self, *words):
        return subprocess.run([CPTSCTL, "node", "renew", "--profile", self.region.path("node.ini"),
                               *words], capture_output=True, text=True, check=False,
                              timeout=COMMAND_TIMEOUT_S)

    def certificate(self, name="node.pem"):
        return run("openssl", "x509", "-in", self.region.path(name), "-noout", "-serial",
                   "-ext", "subjectAltName")

    def is_pair(self):
        """The key is the certificate's."""
        return (run("openssl", "x509", "-in", self.region.path("node.pem"), "-noout", "-pubkey")
                == run("openssl", "pkey", "-in", self.region.path("node.key"), "-pubout"))

    def test_enrolled__its_certificate_is_renewed_without_a_restart(self):
        first, process = self.certificate(), self.region.process.pid
        self.assertIn("Nothing to do before 20", self.renew().stdout)
        self.assertEqual(self.certificate(), first)
        owner = os.stat(self.region.path("node.key"))
        done = self.renew("--now")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        second = self.certificate()
        self.assertNotEqual(second.splitlines()[0], first.splitlines()[0])
        self.assertEqual(second.splitlines()[1:], first.splitlines()[1:])
        self.assertIn(f"URI:{uri(NODE)}, IP Address:127.0.0.1", second)
        after = os.stat(self.region.path("node.key"))
        self.assertEqual((after.st_mode, after.st_uid), (owner.st_mode, owner.st_uid))
        self.assertTrue(self.is_pair())
        before = len(self.region.log())
        self.region.send(signal.SIGHUP)
        self.region.says("certificates read again", before)
        wait_until(lambda: self.national.log().count(f"a session with {NODE} begins") > 1,
                   "a session with the new certificate")
        self.assertEqual(self.region.process.pid, process)
        ends = self.national.database.value(
            "SELECT count(*) FROM cpts.certificate WHERE principal LIKE '%/node/region/11';")
        self.assertEqual(ends, "2")

    def test_enrolled__a_renewal_that_was_cut_off_goes_on(self):
        for name in ("node.key", "node.pem"):
            run("cp", self.region.path(name), self.region.path(f"former-{name}"))
        self.assertEqual(self.renew("--now", "--quiet").returncode, 0)
        run("mv", self.region.path("node.pem"), self.region.path("node.pem.next"))
        run("mv", self.region.path("former-node.pem"), self.region.path("node.pem"))
        self.assertFalse(self.is_pair())
        self.assertIn("Nothing to do", self.renew().stdout)
        self.assertTrue(self.is_pair())
        run("cp", self.region.path("node.key"), self.region.path("node.key.next"))
        self.assertEqual(self.renew("--now", "--quiet").returncode, 0)
        self.assertTrue(self.is_pair())
        self.assertEqual([name for name in os.listdir(self.region.folder) if "next" in name], [])

    def test_enrolled__suspended_it_gets_no_certificate(self):
        first = self.certificate()
        self.national.desk("SuspendNode", reason="Essai")
        done = self.renew("--now")
        self.assertEqual(done.returncode, 4)
        self.assertIn("NODE_SUSPENDED", done.stderr)
        self.assertEqual(self.certificate(), first)
        self.assertTrue(self.is_pair())

    def test_enrolled__a_node_gets_no_certificate_on_behalf_of_others(self):
        """Nor may it name anybody: what it does is its own."""
        run("cp", self.region.path("node.pem"), self.region.path("node.key"), self.region.pki)
        metadata = (("cpts-on-behalf", f"spiffe://{TRUST_DOMAIN}/user/{uuid.uuid4()}"),
                    ("cpts-on-behalf-roles", "ARS_AGENT"),
                    ("cpts-on-behalf-scope", f"region:{REGION}"))
        requests = (enrolment_pb2.RenewCertificateRequest(command_id=str(uuid.uuid4())),
                    enrolment_pb2.CreateEnrolmentRequest(
                        command_id=str(uuid.uuid4()), identity=f"user/{uuid.uuid4()}",
                        roles=["ARS_AGENT"], scope=f"region:{REGION}"))
        with self.national.channel("node") as channel:
            stub = enrolment_pb2_grpc.EnrolmentServiceStub(channel)
            for request, call in zip(requests, (stub.RenewCertificate, stub.CreateEnrolment)):
                self.assertEqual(outcome(call, request, metadata=metadata, timeout=CALL_TIMEOUT_S),
                                 "PERMISSION_DENIED/ROLE_NOT_ALLOWED")


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
