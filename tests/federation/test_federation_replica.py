# SPDX-License-Identifier: Apache-2.0
"""`cptsctl replica` of a CPTS beside a regional node, and of one beside the national node:
brought up to date, cut off, read while the node is away, brought up to date again. What it
has is what the node has, row by row, of what the CPTS may see, and nothing else; and what the
node told is verified to its end."""
import json
import os
import signal
import unittest

import reach  # noqa: F401
import ledger
import tool
from coordinators import Referring
from proxy import Proxy
from psql import main
from racers import Manner
from voyage import Voyage, wait_until

REGION, SERVED = "11", "76"
PLACES = {REGION: 2, SERVED: 1}
COMMANDS = 40
QUIET = Manner(thread_count=1, resend_share=0.1, reuse_share=0.02)
# Codes of cptsctl: the node cannot be reached.
UNREACHABLE = 5
# A busy file is waited for 5 s each time.
BUSY_TIMES = 6


def plain(table, body):
    """A row as ledger.py compares it: without what is each store's own."""
    own = {*ledger.OWN_COLUMNS["*"], *ledger.OWN_COLUMNS.get(table, ())}
    row = {name: value for name, value in body.items() if name not in own}
    if table in ledger.RECKONED:
        name = ledger.RECKONED[table]
        row[name] = round(float(row[name]), ledger.RECKONED_DIGITS)
    return table, json.dumps(row, sort_keys=True)


class Copy:
    """A replica of a house, whose node is reached through a proxy."""

    def __init__(self, fleet, house):
        self.house = house
        self.proxy = Proxy(lambda: ("127.0.0.1", house.member.port))
        fleet.closing.callback(self.proxy.close)
        self.file = os.path.join(fleet.folder, f"{house.name}.replica")
        self.profile = os.path.join(fleet.folder, f"{house.name}.ini")
        pki = house.member.pki
        with open(self.profile, "w", encoding="ascii") as file:
            file.write(f"[profile]\naddress = 127.0.0.1:{self.proxy.port}\n"
                       f"ca = {pki}/ca.pem\ncertificate = {pki}/{house.name}.pem\n"
                       f"key = {pki}/{house.name}.key\nnode = {house.member.node}\n"
                       f"checkpoint_key = {house.member.signing.verify_key.encode().hex()}\n")

    def run(self, verb, *words):
        return tool.cptsctl(self.profile, "replica", verb, self.file, *words)

    def listed(self):
        """{(kind, id): what the list says}"""
        return {(one["kind"], one["id"]): one for one in self.read("list", "--json")}

    def read(self, verb, *words):
        """What it prints, which is JSON; asked again while the file is written for long."""
        for _ in range(BUSY_TIMES):
            done = self.run(verb, *words)
            if "another process writes to it" not in done.stderr:
                break
        if done.returncode != 0:
            raise AssertionError(f"replica {verb}: {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    def rows(self):
        """{id: rows}, of everything that is listed and told."""
        found = {}
        for key in {key for _, key in self.listed()}:
            rows = {plain(table, body)
                    for table, bodies in self.read("show", key).items()
                    for body in bodies}
            if rows:
                found[key] = rows
        return found

    def wanted(self):
        """The same, of the node: what its CPTS may see."""
        holding, mine, found = ledger.read(self.house.member), self.house.cpts_id, {}
        for (kind, key), rows in holding.rows.items():
            tables = ledger.KINDS[kind][2]
            if kind == "CPTS" and key != mine:
                tables = ledger.PUBLIC
            elif kind in ("REFERRAL", "ATTACHMENT"):
                row = ledger.head(rows, kind)
                order = row if kind == "REFERRAL" else ledger.head(
                    holding.rows["REFERRAL", row["referral_id"]], "REFERRAL")
                if mine not in order["parties"]:
                    continue
            found.setdefault(key, set()).update(
                plain(table, json.loads(text)) for table, text, _ in rows if table in tables)
        return found


class Replica(Voyage):
    def setUp(self):
        super().setUp()
        fleet = self.sail(manner=QUIET, regions=(REGION,))
        self.referring = Referring(self.traffic, PLACES)
        self.copies = [Copy(fleet, self.referring.houses[0]), Copy(fleet, self.referring.houses[2])]

    def work(self):
        with self.traffic.running(), self.referring.running():
            self.wait_for_commands(COMMANDS)
        self.referring.finish()
        self.converge()

    def sync(self, copy):
        done = copy.run("sync", "--json", "--timeout", "60")
        self.assertEqual(done.returncode, 0, "\n".join(
            (done.stderr, copy.run("status").stdout, copy.house.member.log()[-3000:])))
        said = json.loads(done.stdout)
        self.assertEqual((said["parkedCount"], said["alarmCount"]), (0, 0), said)
        return said

    def differences(self, copy):
        """What the copy has otherwise than its node, as a person can read it."""
        wanted, found = copy.wanted(), copy.rows()
        return [(key, name, sorted(rows)[:2])
                for key in sorted({*wanted, *found})
                for name, rows in (("missing", wanted.get(key, set()) - found.get(key, set())),
                                   ("too much", found.get(key, set()) - wanted.get(key, set())))
                if rows]

    def follow(self, copy):
        """Syncs until it is as its node is, and signed: that a referral arrived at another node
        is told a while after all of them have it."""
        found = []

        def is_same():
            said = self.sync(copy)
            found[:] = self.differences(copy)
            if said["signedPosition"] != said["originPosition"]:
                found.append(("unsigned", said))
            return not found
        try:
            wait_until(is_same, "the same as the node", self.converge_timeout_s)
        except AssertionError as failure:
            self.fail("\n".join(map(str, [copy.house.name, failure, *found])))

    def test_replica__has_what_its_node_has_also_after_it_was_cut_off(self):
        self.work()
        for copy in self.copies:
            self.follow(copy)
            copy.proxy.refuse()
        before = [copy.rows() for copy in self.copies]
        self.work()
        for copy, rows in zip(self.copies, before):
            self.assertEqual(copy.run("sync", "--timeout", "2").returncode, UNREACHABLE)
            self.assertEqual(copy.rows(), rows, "read while the node is away")
            self.assertNotEqual(self.differences(copy), [], "nothing happened meanwhile")
            copy.proxy.accept()
            self.follow(copy)
            self.assertIn(("CPTS", copy.house.cpts_id), copy.listed())
        self.judge_voyage(aggregates_of_copies=[len(copy.listed()) for copy in self.copies])

    def test_replica__follows_through_cuts(self):
        copy = self.copies[0]
        process = tool.start(copy.profile, "replica", "sync", copy.file, "--follow", "--quiet")
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        with self.traffic.running(), self.referring.running():
            for _ in range(4):
                self.wait_for_commands(COMMANDS // 4)
                copy.proxy.cut()
        self.referring.finish()
        self.converge()
        wait_until(lambda: not self.differences(copy), "the same as the node",
                   self.converge_timeout_s)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(tool.TIMEOUT_S), 0, process.stderr.read())
        self.judge_voyage()


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
