# SPDX-License-Identifier: Apache-2.0
"""cptsctl watch against a real server, which is killed and started again."""
import json
import os
import signal
import threading
import unittest

from node import CALL_TIMEOUT_S, OTHER_REGION, REGION, Node, Twin, creation, psql, stage
from tool import cptsctl, start, write_profile

WRITES = 120
END_TIMEOUT_S = 60
node = profile = None


def setUpModule():
    global node, profile
    node = Node()
    profile = write_profile(node)


def tearDownModule():
    if node is not None:
        node.stop()


def head():
    return int(node.database.value("SELECT coalesce(max(local_position), 0) FROM cpts.change_log;"))


def create_many(count, server=None, **fields):
    client = (server or node).client()
    futures = [client.registry.CreateCpts.future(creation(**fields), timeout=CALL_TIMEOUT_S)
               for _ in range(count)]
    positions = [future.result().log_position for future in futures]
    client.close()
    return positions


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def positions_of(text):
    """Positions of the changes among lines of JSON."""
    return [int(one["change"]["logPosition"]) for one in objects(text) if "change" in one]


class Output(unittest.TestCase):
    def test_follow__json_is_one_object_a_line(self):
        create_many(3)
        done = cptsctl(profile, "watch", "--json", "--until-bookmark")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(positions_of(done.stdout), list(range(1, head() + 1)))
        self.assertEqual(int(objects(done.stdout)[-1]["bookmark"]["logPosition"]), head())

    def test_follow__lines_for_people_say_what_happened(self):
        client = node.client()
        made = client.create(name="CPTS à voir", lead_region=REGION)
        client.record(id=made.id, expected_version=1, stage=stage("LETTRE_INTENTION"),
                      effective_on="2021-03-01")
        client.close()
        done = cptsctl(profile, "watch", "--after", str(made.log_position - 1),
                       "--until-bookmark")
        self.assertEqual(done.returncode, 0, done.stderr)
        created, recorded = done.stdout.splitlines()
        self.assertRegex(created, rf"^20\S+Z {made.log_position} CPTS_CREATED {made.id} version 1 "
                                  r'region 11 name "CPTS à voir" EMERGENCE 2020-01-15 1 units')
        self.assertRegex(recorded, "CPTS_STAGE_RECORDED .* LETTRE_INTENTION 2021-03-01$")
        self.assertIn(f"up to date at position {head()}", done.stderr)

    def test_follow__plain_and_region_and_count(self):
        begin = head()
        create_many(2, lead_region=REGION)
        wanted = create_many(2, lead_region=OTHER_REGION)
        done = cptsctl(profile, "watch", "--after", str(begin), "--region", OTHER_REGION,
                       "--count", "1", "--plain")
        self.assertEqual(done.returncode, 0, done.stderr)
        line, = done.stdout.splitlines()
        self.assertEqual(line.split("\t")[:2], ["change", str(min(wanted))])

    def test_follow__from_now_shows_nothing_old(self):
        done = cptsctl(profile, "watch", "--from-now", "--until-bookmark", "--json")
        self.assertEqual((done.returncode, positions_of(done.stdout)), (0, []))

    def test_follow__refusals_have_their_exit_code(self):
        for words, code, reason in ((["--after", str(head() + 9)], 1, "POSITION_AHEAD"),
                                    (["--region", "99"], 1, "UNKNOWN_REGION"),
                                    (["--after", "x"], 2, "not a log position"),
                                    (["--after", "1", "--from-now"], 2, "only one of"),
                                    (["--count", "0"], 2, "not a number"),
                                    (["--position-file", node.path("ca.pem")], 1,
                                     "not a log position")):
            with self.subTest(words=words):
                done = cptsctl(profile, "watch", *words)
                self.assertEqual((done.returncode, done.stdout), (code, ""))
                self.assertIn(reason, done.stderr)

    def test_follow__who_has_no_role_is_told(self):
        nobody = write_profile(node, "nobody.ini", certificate="nobody.pem", key="nobody.key")
        done = cptsctl(nobody, "watch")
        self.assertEqual((done.returncode, done.stdout), (4, ""))
        self.assertIn("UNKNOWN_IDENTITY", done.stderr)

    def test_follow__gives_up_in_time(self):
        nowhere = write_profile(node, "nowhere.ini", address="127.0.0.1:1")
        done = cptsctl(nowhere, "watch", "--timeout", "0.5")
        self.assertEqual((done.returncode, done.stdout), (5, ""))
        self.assertIn("CONNECTION_FAILED", done.stderr)


class Position(unittest.TestCase):
    def test_follow__a_position_file_goes_on_where_it_ended(self):
        path = node.path("kept.position")
        create_many(5)
        first = cptsctl(profile, "watch", "--position-file", path, "--count", "3", "--json")
        self.assertEqual(first.returncode, 0, first.stderr)
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), "3\n")
        rest = cptsctl(profile, "watch", "--position-file", path, "--until-bookmark", "--json")
        self.assertEqual(positions_of(first.stdout + rest.stdout), list(range(1, head() + 1)))
        self.assertEqual(os.listdir(os.path.dirname(path)).count("kept.position.new"), 0)

    def test_follow__a_position_that_cannot_be_kept_is_said(self):
        done = cptsctl(profile, "watch", "--position-file", "/nonexistent/position")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot be kept", done.stderr)

    def test_follow__interrupt_says_where_to_go_on(self):
        create_many(2)
        for number in (signal.SIGINT, signal.SIGTERM):
            process = start(profile, "watch", "--json")
            seen = [process.stdout.readline() for _ in range(head())]
            process.send_signal(number)
            _, said = process.communicate(timeout=END_TIMEOUT_S)
            self.assertEqual((process.returncode, len(positions_of("".join(seen)))), (0, head()))
            self.assertIn(f"go on with --after {head()}\n", said)


class Resume(unittest.TestCase):
    def follow(self, disturb, address=None, writer=None):
        """Watches while it is written and `disturb` is called in between."""
        begin = head()
        words = write_profile(node, "follow.ini", address=address or f"127.0.0.1:{node.port}")
        process = start(words, "watch", "--after", str(begin), "--json", "--count", str(3 * WRITES))
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(process.stdout), daemon=True)
        reader.start()
        for turn in range(3):
            create_many(WRITES, writer)
            if turn < 2:
                disturb()
        process.wait(END_TIMEOUT_S)
        reader.join(END_TIMEOUT_S)
        process.stdout.close()
        said = process.stderr.read()
        process.stderr.close()
        self.assertEqual(process.returncode, 0, said)
        self.assertEqual(positions_of("".join(lines)), list(range(begin + 1, head() + 1)))

    def test_follow__killed_server_every_position_once(self):
        self.follow(lambda: node.restart(signal.SIGKILL))

    def test_follow__stopped_server_every_position_once(self):
        self.follow(lambda: node.restart(signal.SIGTERM))

    def test_follow__the_other_of_two_servers_takes_over(self):
        twin = Twin(node)
        try:
            self.follow(lambda: node.restart(signal.SIGKILL), writer=twin,
                        address=f"127.0.0.1:{node.port},127.0.0.1:{twin.port}")
            self.follow(lambda: twin.restart(signal.SIGTERM),
                        address=f"127.0.0.1:{node.port},127.0.0.1:{twin.port}")
        finally:
            twin.stop()


if __name__ == "__main__":
    psql.main()
