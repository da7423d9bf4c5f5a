# SPDX-License-Identifier: Apache-2.0
"""Certificates: revocation takes effect on open connections, and the server's
own are taken anew without a restart."""
import os
import re
import shutil
import signal
import subprocess
import threading
import time
import unittest

from node import Node, outcome, psql


def serial_of(path):
    printed = subprocess.run(["openssl", "x509", "-in", path, "-noout", "-serial"], check=True,
                             capture_output=True, text=True, timeout=30).stdout
    return printed.strip().partition("=")[2]


class Certificates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node()

    @classmethod
    def tearDownClass(cls):
        cls.node.stop()

    def revoke(self, name):
        self.node.database.file("sql/admin/certificate_revoke.sql",
                                serial=serial_of(self.node.path(f"{name}.pem")),
                                principal="", reason="test")

    def test_revoked__refused_on_the_open_connection(self):
        agent, operator = self.node.client("agent"), self.node.client("operator")
        self.assertEqual(outcome(agent.list), "OK")
        self.revoke("agent")
        self.node.reread_roles(
            lambda: outcome(agent.list) == "UNAUTHENTICATED/CERTIFICATE_REVOKED")
        self.assertEqual(outcome(operator.list), "OK")
        again = self.node.client("agent")
        self.assertEqual(outcome(again.list), "UNAUTHENTICATED/CERTIFICATE_REVOKED")

    def test_reload__a_bad_pair_leaves_the_old_one_in_use(self):
        kept, key = self.node.path("kept.key"), self.node.path("server.key")
        shutil.copy2(key, kept)
        try:
            shutil.copyfile(self.node.path("operator.key"), key)
            self.node.process.send_signal(signal.SIGHUP)
            self.wait_for_log("the old certificates stay in use")
            self.assertEqual(outcome(self.node.client("operator").list), "OK")
        finally:
            shutil.copyfile(kept, key)
        self.node.process.send_signal(signal.SIGHUP)
        self.wait_for_log("certificates read again")
        self.assertEqual(outcome(self.node.client("operator").list), "OK")

    def test_expiry__is_warned_of_once_for_each_certificate(self):
        self.wait_for_log("the certificate expires in (1|2) days: renew it and send SIGHUP")
        warned = len(self.warnings())
        tool = os.path.join(psql.SOURCE, "tests", "support", "certificates")
        self.addCleanup(self.put_server_certificate, *self.keep_server_certificate())
        for days, words in ((20, "the certificate expires in (19|20) days"), (90, None)):
            subprocess.run([tool, "leaf", self.node.folder, "ca", "fresh", str(days),
                            "DNS:localhost", "IP:127.0.0.1"], check=True, timeout=60)
            self.put_server_certificate(self.node.read("fresh.pem"), self.node.read("fresh.key"))
            if words is not None:
                self.wait_for_log(words)
        self.assertEqual(len(self.warnings()), warned + 1)
        left = self.node.client("operator").node_status().certificate_not_after.seconds
        self.assertGreater(left - time.time(), 89 * 86400)

    def warnings(self):
        return [line for line in list(self.node.log) if "the certificate expires" in line]

    def keep_server_certificate(self):
        return self.node.read("server.pem"), self.node.read("server.key")

    def put_server_certificate(self, certificate, key):
        """Returns once the server goes by it."""
        for name, content in (("server.pem", certificate), ("server.key", key)):
            with open(self.node.path(name), "wb") as file:
                file.write(content)
        read = sum("certificates read again" in line for line in list(self.node.log))
        self.node.process.send_signal(signal.SIGHUP)
        for _ in range(3000):
            if sum("certificates read again" in line for line in list(self.node.log)) > read:
                return
            threading.Event().wait(0.01)
        self.fail(f"the certificate was not taken:\n{self.node.log_text()}")

    def wait_for_log(self, words):
        """The server answers a signal in its own time."""
        for _ in range(3000):
            if any(re.search(words, line) for line in list(self.node.log)):
                return
            threading.Event().wait(0.01)
        self.fail(f"the log never said {words!r}:\n{self.node.log_text()}")


if __name__ == "__main__":
    unittest.main()
