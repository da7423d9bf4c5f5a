# SPDX-License-Identifier: Apache-2.0
"""cptsctl doctor: with everything well, and with one thing broken at a time."""
import json
import os
import signal
import socket
import subprocess
import threading
import unittest

from node import CALL_TIMEOUT_S, Node, health_pb2, psql
from tool import cptsctl, write_profile

CHECKS = ["profile", "ca", "certificate", "key", "address", "tls", "health", "node", "identity",
          "clock", "server-certificate", "database", "reference", "log"]
CERTIFICATES = os.path.join(psql.SOURCE, "tests", "support", "certificates")
node = None


def setUpModule():
    global node
    node = Node()
    # The usual set lives two days, which the doctor warns of.
    for name, uri in (("lasting", "spiffe://cpts.test/user/00000000-0000-0000-0000-000000000003"),
                      ("stranger", "spiffe://cpts.test/user/00000000-0000-0000-0000-0000000000ff")):
        leaf("ca", name, 90, f"URI:{uri}")


def tearDownModule():
    if node is not None:
        node.stop()


def leaf(authority, name, days, *names):
    subprocess.run([CERTIFICATES, "leaf", node.folder, authority, name, str(days), *names],
                   check=True, timeout=60)


def certificate(name):
    return {"certificate": f"{name}.pem", "key": f"{name}.key"}


class Report:
    """What the doctor said of one profile."""

    def __init__(self, *words, profile=None, **changes):
        path = profile or write_profile(node, "doctor.ini", **{**certificate("lasting"), **changes})
        done = cptsctl(path, "doctor", "--json", *words)
        self.code, self.stderr = done.returncode, done.stderr
        self.report = json.loads(done.stdout)
        self.checks = {one["check"]: one for one in self.report["checks"]}

    def grade(self, name):
        return self.checks[name]["grade"]

    def first_failure(self):
        return next((name for name, one in self.checks.items() if one["grade"] == "fail"), None)


class Doctor(unittest.TestCase):
    def assertFails(self, report, name, code, finding):
        """That check is the first that fails, and says so, with what to do."""
        self.assertEqual((report.first_failure(), report.code), (name, code), report.report)
        self.assertIs(report.report["healthy"], False)
        self.assertRegex(report.checks[name]["finding"], finding)
        self.assertNotEqual(report.checks[name]["advice"], "")
        self.assertEqual(report.stderr, "")

    def test_doctor__all_is_well(self):
        report = Report()
        self.assertEqual((report.code, report.stderr), (0, ""), report.report)
        self.assertIs(report.report["healthy"], True)
        self.assertEqual(list(report.checks), CHECKS)
        warned = [name for name in CHECKS if report.grade(name) != "ok"]
        self.assertEqual(warned, ["server-certificate"], "the usual set lives two days")
        self.assertEqual(report.report["node"]["node"], "national")
        self.assertIn("OPERATOR, scope *", report.checks["identity"]["finding"])
        self.assertIn("PostgreSQL 15", report.checks["database"]["finding"])

    def test_doctor__lines_for_people_and_programs(self):
        path = write_profile(node, "doctor.ini", **certificate("lasting"))
        shown = cptsctl(path, "doctor")
        self.assertEqual((shown.returncode, shown.stderr), (0, ""))
        self.assertRegex(shown.stdout, r"(?m)^ok +tls +TLSv1\.3 .* 127\.0\.0\.1$")
        self.assertRegex(shown.stdout, r"(?m)^warn +server-certificate .*\n +next: Have ")
        quiet = cptsctl(path, "doctor", "--quiet").stdout
        self.assertEqual(len(quiet.splitlines()), 2, quiet)
        plain = cptsctl(path, "doctor", "--plain").stdout
        self.assertEqual([line.split("\t")[1] for line in plain.splitlines()], CHECKS)

    def test_doctor__no_profile(self):
        report = Report(profile=node.path("absent.ini"))
        self.assertFails(report, "profile", 1, "absent.ini.*No such file")
        self.assertTrue(all(report.grade(name) == "skip" for name in CHECKS[1:]))

    def test_doctor__profile_without_a_key(self):
        self.assertFails(Report(key=None), "profile", 1, "does not say key")

    def test_doctor__files_that_are_not_there_or_are_none(self):
        for changes, name in (({"ca": "absent.pem"}, "ca"), ({"ca": "cptsd.conf"}, "ca"),
                              ({"certificate": "absent.pem"}, "certificate"),
                              ({"certificate": "cptsd.conf"}, "certificate"),
                              ({"key": "absent.key"}, "key"), ({"key": "cptsd.conf"}, "key")):
            with self.subTest(**changes):
                report = Report(**changes)
                self.assertFails(report, name, 1, "No such file|holds no PEM")
                self.assertEqual(report.grade("tls"), "skip")
                self.assertEqual(report.grade("address"), "ok")

    def test_doctor__key_of_another_certificate(self):
        report = Report(key="operator.key")
        self.assertFails(report, "key", 1, "operator.key is not the key of .*lasting.pem")

    def test_doctor__key_that_everybody_reads(self):
        os.chmod(node.path("lasting.key"), 0o644)
        report = Report()
        os.chmod(node.path("lasting.key"), 0o600)
        self.assertEqual((report.code, report.grade("key")), (0, "warn"))

    def test_doctor__certificate_that_has_expired(self):
        report = Report(**certificate("expired"))
        self.assertFails(report, "certificate", 1, "expired.pem expired 1 days ago")
        self.assertEqual(report.grade("tls"), "fail", "the node refuses it too")
        self.assertIn("expired", report.checks["tls"]["advice"])

    def test_doctor__certificate_that_ends_soon(self):
        report = Report(**certificate("operator"))
        self.assertEqual((report.code, report.grade("certificate")), (0, "warn"))
        self.assertRegex(report.checks["certificate"]["finding"], "for 1 days more")

    def test_doctor__certificate_without_an_identity(self):
        report = Report(**certificate("no-uri"))
        self.assertFails(report, "certificate", 1, "not exactly one spiffe://")
        self.assertEqual(Report(**certificate("two-uris")).first_failure(), "certificate")

    def test_doctor__certificate_of_another_authority(self):
        leaf("foreign-ca", "foreign-lasting", 90, "URI:spiffe://cpts.test/node/national")
        report = Report(**certificate("foreign-lasting"))
        self.assertFails(report, "tls", 4, "handshake failed")

    def test_doctor__wrong_authority_for_the_server(self):
        report = Report(ca="foreign-ca.pem")
        self.assertFails(report, "tls", 4, "the server's certificate: .*")
        self.assertIn("`ca` must be", report.checks["tls"]["advice"])

    def test_doctor__name_that_is_not_in_the_certificate(self):
        report = Report(server_name="elsewhere.example")
        self.assertFails(report, "tls", 4, "not for elsewhere.example but for localhost 127.0.0.1")
        self.assertIn("server_name", report.checks["tls"]["advice"])

    def test_doctor__nobody_at_the_address(self):
        report = Report(address="127.0.0.1:1")
        self.assertFails(report, "address", 5, "127.0.0.1 port 1: Connection refused")
        self.assertEqual(report.grade("node"), "skip")

    def test_doctor__one_of_two_addresses(self):
        report = Report(address=f"127.0.0.1:1,127.0.0.1:{node.port}")
        self.assertEqual((report.code, report.grade("address")), (0, "warn"), report.report)
        self.assertEqual(report.grade("tls"), "ok")

    def test_doctor__address_that_is_none(self):
        self.assertFails(Report(address="localhost"), "address", 5, "is not an address")
        self.assertFails(Report(address="no.such.host.invalid:1"), "address", 5, "invalid port 1: ")

    def test_doctor__what_listens_there_is_not_a_node(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            def answer():
                with listener.accept()[0]:
                    pass
                with listener.accept()[0] as connection:
                    connection.sendall(b"220 mail.example ESMTP\r\n")
            thread = threading.Thread(target=answer, daemon=True)
            thread.start()
            report = Report("--timeout", "5", address=f"127.0.0.1:{listener.getsockname()[1]}")
            thread.join(60)
        self.assertFails(report, "tls", 4, "handshake failed")

    def test_doctor__identity_without_a_role(self):
        report = Report(**certificate("stranger"))
        self.assertFails(report, "node", 4, "UNKNOWN_IDENTITY")
        self.assertEqual((report.grade("health"), report.grade("identity")), ("ok", "skip"))


class Away(unittest.TestCase):
    """What happens to a node of its own."""

    def test_doctor__database_that_does_not_answer(self):
        other = Node()
        try:
            name = other.database.name
            psql.psql("postgres", f"ALTER DATABASE {name} ALLOW_CONNECTIONS false;"
                      f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                      f"WHERE datname = '{name}';")
            caller = other.client("operator")
            other.wait_until(lambda: caller.health.Check(
                health_pb2.HealthCheckRequest(), timeout=CALL_TIMEOUT_S).status
                == health_pb2.HealthCheckResponse.NOT_SERVING, "the server's own word")
            caller.close()
            path = write_profile(other)
            report = Report("--timeout", "10", profile=path)
            self.assertEqual((report.first_failure(), report.code), ("health", 5), report.report)
            self.assertEqual((report.grade("tls"), report.grade("node")), ("ok", "fail"))
            self.assertIn("database", report.checks["health"]["advice"])
            psql.psql("postgres", f"ALTER DATABASE {name} ALLOW_CONNECTIONS true;")
        finally:
            other.process.send_signal(signal.SIGKILL)
            other.process.wait(60)
            other._clear()


if __name__ == "__main__":
    psql.main()
