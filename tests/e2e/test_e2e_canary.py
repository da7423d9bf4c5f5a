# SPDX-License-Identifier: Apache-2.0
"""Plaintext is with the two CPTS and nowhere else: words that stand in an offer, a
content, notes and an attachment are looked for in every table, in the WAL, in the
logs and in the memory of the server, and nothing of the content's ciphertext or
keys leaves the server before somebody accepted."""
import base64
import csv
import json
import os
import re
import time
import uuid

from desk_tool import DeskTest
import psql
import referring
from node import REGION, refusal, referral_pb2

SETTLE_S = 10
# Rows hold whole attachments in hexadecimal.
csv.field_size_limit(64 << 20)
# What the address sanitizer keeps book in is larger, mostly never touched, and holds no text.
LARGEST_BYTES = 4 << 30


def forms(word):
    """A word as bytes, in hexadecimal (as bytea is shown), and in each shift of Base64."""
    raw = word.encode()
    shifts = [base64.b64encode(bytes(shift) + raw)[4 if shift else 0:-4] for shift in range(3)]
    return [raw, raw.hex().encode(), raw.hex().upper().encode(), *shifts]


def memory_of(pid):
    """Everything that a process has in its memory, region by region: what a core
    dump of it would hold."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps:
        regions = [re.match(r"([0-9a-f]+)-([0-9a-f]+) r", line) for line in maps]
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for region in filter(None, regions):
            begin, end = (int(text, 16) for text in region.groups())
            if end - begin > LARGEST_BYTES:
                continue
            try:
                memory.seek(begin)
                yield memory.read(end - begin)
            except (OSError, ValueError, OverflowError):
                continue


class Canary(DeskTest):
    """A referral on its whole way through cptsctl, with a word in each sealed text."""

    NAMES = ("canari-origine", "canari-destination")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.begun = time.time()
        cls.words = {kind: f"canari{uuid.uuid4().hex}{kind}" for kind in (
            "offer", "content", "question", "answer", "report", "file", "filename")}
        cls.database = cls.node.database
        # Pages in the WAL are compressed by default: nothing would be found there.
        cls.database.query("ALTER SYSTEM SET wal_compression = off;")
        cls.database.query("SELECT pg_reload_conf();")
        # Keeps the WAL from now on, whatever others do to the cluster meanwhile.
        cls.keeper = psql.Session("postgres")
        cls.keeper.run("SELECT pg_create_physical_replication_slot("
                       f"'canari{uuid.uuid4().hex}', true, true);")
        cls.control = f"temoin{uuid.uuid4().hex}"
        cls.database.query("CREATE TABLE cpts.control (word text);"
                           f"INSERT INTO cpts.control VALUES ('{cls.control}');")
        cls._walk()

    @classmethod
    def tearDownClass(cls):
        cls.keeper.end()
        cls.database.query("ALTER SYSTEM RESET wal_compression;")
        cls.database.query("SELECT pg_reload_conf();")
        super().tearDownClass()

    @classmethod
    def _run(cls, desk, verb, *words):
        done = desk.refer(verb, *words)
        if done.returncode != 0:
            raise AssertionError(f"{verb}: {done.stderr}")
        return done.stdout

    @classmethod
    def _walk(cls):
        """Submitted, asked, answered, accepted, reported, acknowledged; opened by both."""
        origin, destination, words = cls.origin, cls.destination, cls.words
        file = origin.write(words["filename"] + ".txt", words["file"] * 4)
        submitted = cls._run(origin, "submit", *origin.submit_words(
            destination, offer=origin.write("o.txt", words["offer"] * 30),
            content=origin.write("c.txt", words["content"] * 30)), "--attach", file, "--json")
        cls.id = json.loads(submitted)["id"]

        def note(desk, kind):
            return "--note", desk.write(f"{kind}.txt", words[kind])
        cls._run(destination, "ask", cls.id, *note(destination, "question"))
        cls._run(origin, "answer", cls.id, *note(origin, "answer"))
        cls._run(destination, "accept", cls.id)
        cls.opened = cls._run(destination, "show", cls.id, "--open", "--json")
        cls._run(destination, "report", cls.id, *note(destination, "report"))
        cls.read = cls._run(origin, "show", cls.id, "--open", "--json")
        cls._run(origin, "acknowledge", cls.id)

    def assert_absent(self, content, where):
        for kind, word in self.words.items():
            for form in forms(word):
                self.assertFalse(form in content, f"{kind} is in {where}")

    def test_canary__both_sides_read_the_words(self):
        for kind in ("offer", "content"):
            self.assertIn(self.words[kind], self.opened)
        for kind in ("question", "answer", "report"):
            self.assertIn(self.words[kind], self.read)

    def test_canary__no_table_has_them(self):
        tables = [name for name, in self.database.query(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(relname)"
            " FROM pg_stat_user_tables ORDER BY 1;")]
        found = False
        for table in tables:
            rows = "\n".join("\t".join(row) for row in self.database.query(
                f"SELECT t::text FROM {table} t;")).encode()
            self.assert_absent(rows, table)
            found = found or self.control.encode() in rows
        self.assertTrue(found, "the search finds nothing at all")
        self.assertEqual(self.database.value(
            f"SELECT count(*) FROM cpts.referral_content WHERE referral_id = '{self.id}';"), "1")

    def test_canary__no_wal_has_them(self):
        self.database.query("SELECT pg_switch_wal();")
        folder = os.path.join(self.database.value("SHOW data_directory;"), "pg_wal")
        found = False
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            try:
                if len(name) != 24 or os.stat(path).st_mtime < self.begun - SETTLE_S:
                    continue
                with open(path, "rb") as file:
                    content = file.read()
            except FileNotFoundError:  # older than what is kept
                continue
            self.assert_absent(content, f"WAL {name}")
            found = found or self.control.encode() in content
        self.assertTrue(found, "the search finds nothing at all")

    def test_canary__no_log_has_them(self):
        log = "".join(self.node.log).encode()
        self.assertIn(b"ready: node", log)
        self.assert_absent(log, "the server's log")
        folder = os.path.dirname(self.database.value("SHOW data_directory;"))
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if os.path.isfile(path) and "log" in name:
                with open(path, "rb") as file:
                    self.assert_absent(file.read(), f"PostgreSQL's {name}")

    def test_canary__the_memory_of_the_server_has_none(self):
        found = False
        for content in memory_of(self.node.process.pid):
            self.assert_absent(content, "the server's memory")
            found = found or self.node.path("root.pub").encode() in content
        self.assertTrue(found, "the search finds nothing at all")


class BeforeAcceptance(DeskTest):
    """What a destination is given before it accepts, byte by byte."""

    NAMES = ("avant-origine", "avant-destination")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.houses = referring.houses(cls.node, cls.operator, "avant-a", "avant-b")

    @classmethod
    def tearDownClass(cls):
        for house in cls.houses:
            house.client.close()
        super().tearDownClass()

    def ask(self, rpc, **fields):
        return self.houses[1].client.refer(rpc, actor=referring.ACTOR, **fields)

    def answers(self, case):
        """Everything that the destination can be told of the referral."""
        yield self.ask("GetReferral", referral_id=case.id)
        yield self.ask("GetReferral", referral_id=case.id, parts=[referral_pb2.REFERRAL_PART_OFFER])
        yield self.ask("ListReferrals", worklist=referral_pb2.WORKLIST_INBOX)
        yield self.ask("ListReferralNotes", referral_id=case.id)

    def test_canary__nothing_of_the_content_leaves_before_acceptance(self):
        origin, destination = self.houses
        case = referring.Case(origin, [destination])
        case.submit()
        secret = (case.parts.content, case.destinations[0].wrap.content_key)
        for answer in self.answers(case):
            for content in secret:
                self.assertNotIn(content, answer.SerializeToString())
        both = [referral_pb2.REFERRAL_PART_OFFER, referral_pb2.REFERRAL_PART_CONTENT]
        for parts in (both, both[1:]):
            refused = refusal(self.ask, "GetReferral", referral_id=case.id, parts=parts)
            self.assertEqual(f"{refused.status}/{refused.reason}",
                             "PERMISSION_DENIED/CONTENT_NOT_FOR_PARTY")
        case.act("ACCEPT", destination, destination, 1)
        given = self.ask("GetReferral", referral_id=case.id, parts=both).SerializeToString()
        for content in secret:
            self.assertIn(content, given)

    def test_canary__the_desk_of_the_ars_is_given_nothing(self):
        origin, destination = self.houses
        case = referring.Case(origin, [destination])
        case.submit()
        agent = self.node.client("agent")
        secret = (case.parts.offer, case.parts.content, case.destinations[0].wrap.offer_key,
                  case.destinations[0].wrap.content_key)
        answer = agent.refer("GetReferral", referral_id=case.id, actor=referring.DESK)
        self.assertEqual(answer.referral.origin_region, REGION)
        for content in secret:
            self.assertNotIn(content, answer.SerializeToString())
        for part in (referral_pb2.REFERRAL_PART_OFFER, referral_pb2.REFERRAL_PART_CONTENT):
            refused = refusal(agent.refer, "GetReferral", referral_id=case.id, actor=referring.DESK,
                              parts=[part])
            self.assertEqual(refused.reason, "CONTENT_NOT_FOR_PARTY", refused)
        agent.close()


if __name__ == "__main__":
    psql.main()
