# SPDX-License-Identifier: Apache-2.0
"""deploy/regional.md, command by command: what an integrator of a region types, from the
database to a restored backup, makes a node of the federation."""
import json
import os
import random
import re
import signal
import socket
import subprocess
import unittest
import uuid

import reach  # noqa: F401
import daemon
import psql
from daemon import run, wait_until
from fleet import CONVERGE_TIMEOUT_S
from node import BUILD, TRUST_DOMAIN, Client, outcome, service_account
from psql import main
from test_federation_enrolled import NATIONAL, At, National, cptsctl

NODE = "region/52"
PAGE = os.path.join(psql.SOURCE, "deploy", "regional.md")
BLOCK_TIMEOUT_S = 240
PORTS_TRIED = 50
# What the page says once, and what stands in the place of systemd and of the account.
PRELUDE = """set -euo pipefail
cd {source}
PATH={build}/bin:/usr/lib/postgresql/15/bin:$PATH
account={account}
chown() {{ command chown "${{@/#cpts:/$account:}}"; }}
systemctl() {{
  case $1 in
    enable | start)
      setsid {become} cptsd --config "$etc/cptsd.conf" </dev/null >/dev/null 2>>"$state/log" &
      echo $! >"$state/pid" ;;
    stop) kill "$(cat "$state/pid")"; tail --pid="$(cat "$state/pid")" -s 0.05 -f /dev/null ;;
  esac
}}
"""


def blocks():
    """The commands of the page, without those of the machine."""
    with open(PAGE, encoding="utf-8") as file:
        found = re.findall(r"^```sh( \w+)?\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)
    return [text for kind, text in found if not kind], \
        [text for kind, text in found if kind == " values"]


def free_port():
    """Below those that the kernel gives away: it is listened on a while later."""
    for port in random.sample(range(20000, 32000), PORTS_TRIED):
        with socket.socket() as found:
            try:
                found.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")


class Manual(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(daemon.folder())
        self.national = National(folder)
        self.addCleanup(self.national.drop)
        self.addCleanup(self.national.close)
        self.national.start()
        self.state, self.etc = os.path.join(folder, "state"), os.path.join(folder, "etc")
        self.port = free_port()
        self.operator = f"spiffe://{TRUST_DOMAIN}/user/{uuid.uuid4()}"
        run(os.path.join(psql.SOURCE, "tests", "support", "certificates"), "leaf",
            self.national.pki, "ca", "clerk", "2", f"URI:{self.operator}")
        token = cptsctl("node", "enroll", NODE, "--address", f"127.0.0.1:{self.port}", "--quiet",
                        "--profile", self.national.profile())
        account = service_account()
        become = "" if account is None else \
            f"setpriv --reuid={account.pw_uid} --regid={account.pw_gid} --clear-groups"
        values = {"region": "52", "here": f"127.0.0.1:{self.port}",
                  "listen": f"127.0.0.1:{self.port}", "etc": self.etc, "state": self.state,
                  "enrolment": self.national.enrolment_address, "operator": self.operator,
                  "backups": os.path.join(folder, "backups"), "token": token.strip(),
                  "CPTS_PROFILE": self.profile(folder)}
        name = "root" if account is None else account.pw_name
        self.prelude = PRELUDE.format(source=psql.SOURCE, build=BUILD, account=name, become=become)
        self.prelude += "".join(f"export {name}='{value}'\n" for name, value in values.items())
        self.values = values
        self.addCleanup(self.end)

    def profile(self, folder):
        """Of the region's operator, at the region's node."""
        path, pem = os.path.join(folder, "clerk.ini"), os.path.join(self.national.pki, "clerk")
        with open(path, "w", encoding="ascii") as file:
            file.write(f"[profile]\naddress = 127.0.0.1:{self.port}\n"
                       f"ca = {self.national.pki}/ca.pem\ncertificate = {pem}.pem\n"
                       f"key = {pem}.key\n")
        return path

    def run_block(self, text):
        known = f'[ ! -e "{self.state}/postgres/cluster.env" ] || . "{self.state}/postgres/' \
                'cluster.env"\n'
        done = subprocess.run(["bash", "-c", self.prelude + known + text], capture_output=True,
                              text=True, timeout=BLOCK_TIMEOUT_S, check=False)
        self.assertEqual(done.returncode, 0, f"{text}\n{done.stdout}{done.stderr}{self.log()}")
        return done.stdout

    def log(self):
        try:
            with open(os.path.join(self.state, "log"), encoding="utf-8") as file:
                return file.read()[-3000:]
        except FileNotFoundError:
            return ""

    def end(self):
        try:
            with open(os.path.join(self.state, "pid"), encoding="ascii") as file:
                os.kill(int(file.read()), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            pass
        run(os.path.join(psql.SOURCE, "deploy", "cluster"), "stop",
            os.path.join(self.state, "postgres"))

    def wait(self, condition, what):
        try:
            wait_until(condition, what, CONVERGE_TIMEOUT_S)
        except AssertionError as failure:
            self.fail(f"{failure}\n{self.log()}\n{self.national.log()[-3000:]}")

    def client(self):
        node = At(self.national)
        node.port = self.port
        client = Client(node, "clerk")
        self.addCleanup(client.close)
        return client

    def is_served(self):
        client = self.client()
        return outcome(client.list) == "OK"

    def names(self):
        return {name for name, in self.national.database.query(
            f"SELECT name FROM cpts.cpts WHERE owner_node = '{NODE}';")}

    def knows(self, cpts_id):
        client = self.client()
        return outcome(client.get, cpts_id) == "OK"

    def test_manual__the_page_from_the_database_to_a_restore(self):
        commands, (values,) = blocks()
        self.assertEqual(len(commands), 7)
        self.assertEqual(set(re.findall(r"^(\w+)=", values, re.MULTILINE))
                         - set(self.values), set())
        database, enrolment, operator, start, watching, backup, restore = commands
        for block in (database, enrolment, operator, start):
            self.run_block(block)
        self.wait(lambda: self.national.database.query(
            "SELECT node FROM cpts.region_owner WHERE region = '52';") == [[NODE]], "hand-over")
        self.wait(self.is_served, "the operator at the node")
        self.client().create(lead_region="52", name="CPTS avant")
        self.wait(lambda: self.names() == {"CPTS avant"}, "the record at the national node")
        report = json.loads(self.run_block(watching).partition("\n}\n")[0] + "\n}")
        self.check_report(report)
        self.run_block(backup)
        later = self.client().create(lead_region="52", name="CPTS après").id
        self.wait(lambda: "CPTS après" in self.names(), "the record after the backup")
        self.run_block(restore)
        self.wait(lambda: self.knows(later), "what was written after the backup")
        self.wait(lambda: self.national.database.value(
            f"SELECT epoch FROM cpts.node WHERE name = '{NODE}';") == "2", "the next epoch")
        self.assertEqual(self.national.database.query(
            "SELECT reason FROM cpts.parked_aggregate;"), [])

    def check_report(self, report):
        """The page names what to alert on: it is what there is."""
        with open(PAGE, encoding="utf-8") as file:
            section = file.read().partition("Alert on:")[2].partition("\n\n")[0]
        peer, = report["nodes"]
        self.assertEqual(peer["node"], NATIONAL)
        for word in re.findall(r"`(\w+)`", section):
            self.assertIn(word, {**peer, **peer.get("sent", {})}, f"{word}: {report}")


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
