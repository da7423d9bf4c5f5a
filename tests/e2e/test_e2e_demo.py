# SPDX-License-Identifier: Apache-2.0
"""The demo data, loaded through the real API by cptsctl, comes out as published.

Counts: FCPTS and DGOS, see sql/reference/cpts_series.csv and deploy/demo/README.md.
"""
import csv
import json
import os
import subprocess
import unittest

import node as nodes
import psql
from desk_tool import Desk, settle
from tool import cptsctl, write_profile

DEMO = os.path.join(psql.SOURCE, "deploy", "demo")
ROWS = 1085
TIMEOUT_S = 300
# date: counts of EMERGENCE, LETTRE_INTENTION, PROJET_VALIDE, ACI_SIGNE, where published
STOCK = {
    "2022-02-14": (252, 196, 31, 233),
    "2023-02-15": (192, 157, 41, 391),
    "2024-02-01": (26, 137, 45, 530),
}
# date, stages: percent of the population covered, to within 3 points
COVERED = {
    ("2021-06-01", "ACI_SIGNE"): (134, 19),
    ("2022-06-01", "ACI_SIGNE"): (282, 36),
    ("2024-02-01", None): (738, 84),
}


class Demo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = nodes.Node()
        cls.profile = cls.node.path("profile.ini")
        with open(cls.profile, "w", encoding="utf-8") as file:
            file.write(f"[profile]\naddress = 127.0.0.1:{cls.node.port}\n"
                       f"ca = {cls.node.path('ca.pem')}\n"
                       f"certificate = {cls.node.path('operator.pem')}\n"
                       f"key = {cls.node.path('operator.key')}\n")
        cls.first = cls.cptsctl("import", os.path.join(DEMO, "cpts.csv"))

    @classmethod
    def tearDownClass(cls):
        cls.node.stop()

    @classmethod
    def cptsctl(cls, *arguments):
        return subprocess.run(
            [os.path.join(nodes.BUILD, "bin", "cptsctl"), *arguments, "--profile", cls.profile],
            capture_output=True, text=True, timeout=TIMEOUT_S, check=False)

    def coverage(self, date, stage=None):
        words = ["coverage", "--as-of", date, "--json"] + (["--stage", stage] if stage else [])
        result = self.cptsctl(*words)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def positions(self):
        return int(self.node.database.value("SELECT count(*) FROM cpts.change_log"))

    def variant(self, name, change):
        """A copy of the demo's first three rows, changed."""
        with open(os.path.join(DEMO, "cpts.csv"), encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))[:4]
        change(rows)
        path = self.node.path(name)
        with open(path, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        return path

    def test_import__all_rows_created(self):
        self.assertEqual(self.first.returncode, 0, self.first.stderr)
        self.assertIn(f"{ROWS} created", self.first.stdout + self.first.stderr)
        self.assertEqual(self.positions(), ROWS)

    def test_import__again_changes_nothing(self):
        again = self.cptsctl("import", os.path.join(DEMO, "cpts.csv"))
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn(f"0 created, {ROWS} there already", again.stdout + again.stderr)
        self.assertEqual(self.positions(), ROWS)

    def test_import__a_copy_under_another_name_changes_nothing(self):
        again = self.cptsctl("import", self.variant("copy.csv", lambda rows: None))
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn("0 created, 3 there already", again.stdout + again.stderr)

    def test_import__a_preview_of_what_is_there_sees_no_difference(self):
        preview = self.cptsctl("import", os.path.join(DEMO, "cpts.csv"), "--preview")
        self.assertEqual(preview.returncode, 0, preview.stdout + preview.stderr)
        self.assertIn(f"0 new, {ROWS} unchanged, 0 different, 0 refused", preview.stdout)

    def test_import__changed_row_is_refused(self):
        path = self.variant("changed.csv", lambda rows: rows[1].__setitem__(1, "CPTS autre"))
        result = self.cptsctl("import", path)
        self.assertEqual(result.returncode, 1)
        self.assertIn("COMMAND_ID_REUSED", result.stdout + result.stderr)
        self.assertEqual(self.positions(), ROWS)

    def test_import__dry_run_sends_nothing(self):
        path = self.variant("new.csv", lambda rows: rows[1].__setitem__(0, "new-key"))
        result = self.cptsctl("import", path, "--dry-run")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.positions(), ROWS)

    def test_stock__449_on_30_november_2019(self):
        self.assertEqual(self.coverage("2019-11-30")["projectCount"], 449)

    def test_stock__by_stage_as_published(self):
        for date, counts in STOCK.items():
            with self.subTest(date=date):
                answer = self.coverage(date)
                self.assertEqual(tuple(row["count"] for row in answer["stages"]), counts)
                self.assertEqual(answer["projectCount"], sum(counts))

    def test_covered__as_published(self):
        for (date, stage), (count, percent) in COVERED.items():
            with self.subTest(date=date, stage=stage):
                answer = self.coverage(date, stage)
                self.assertEqual(answer["projectCount"], count)
                share = 100 * answer["populationCovered"] / answer["populationTotal"]
                self.assertLess(abs(share - percent), 3)

    def test_answer__says_what_it_is(self):
        answer = self.coverage("2019-11-30")
        self.assertIs(answer["synthetic"], True)
        self.assertEqual(answer["asOf"], "2019-11-30")
        self.assertEqual(answer["targetCount"], 1000)
        self.assertEqual(answer["populationTotal"], 68350798)
        self.assertEqual(len(answer["stageSet"]), 4)
        self.assertEqual(sum(r["projectCount"] for r in answer["regions"]), 449)

    def test_board__says_synthetic(self):
        board = self.cptsctl("coverage", "--as-of", "2019-11-30")
        self.assertEqual(board.returncode, 0, board.stderr)
        for words in ("SYNTHETIC", "449", "1,000", "Licence Ouverte"):
            self.assertIn(words, board.stdout)

    def test_generator__gives_the_committed_file(self):
        path = self.node.path("generated.csv")
        for arguments in (["--output", path], ["--output", path, "--check"]):
            made = subprocess.run(["/usr/bin/python3", "-B", os.path.join(DEMO, "generate.py"),
                                   *arguments],
                                  capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
            self.assertEqual(made.returncode, 0, made.stdout + made.stderr)
        with open(path, "rb") as made, open(os.path.join(DEMO, "cpts.csv"), "rb") as committed:
            self.assertEqual(made.read(), committed.read())


class Contracts(unittest.TestCase):
    """Members, missions and results of three of them, twice."""

    @classmethod
    def setUpClass(cls):
        cls.node = nodes.Node()
        cls.addClassCleanup(cls.node.stop)
        cls.profile = write_profile(cls.node)
        report = cls.node.path("report.csv")
        cls.tool("import", os.path.join(DEMO, "cpts.csv"), "--report", report)
        cls.positions = []
        for _ in range(2):
            cls.made = subprocess.run(
                ["/usr/bin/python3", "-B", os.path.join(DEMO, "contracts.py"),
                 os.path.join(nodes.BUILD, "bin", "cptsctl"), report],
                env={**os.environ, "CPTS_PROFILE": cls.profile}, capture_output=True, text=True,
                timeout=TIMEOUT_S, check=True)
            cls.positions.append(cls.node.database.value("SELECT count(*) FROM cpts.change_log"))

    @classmethod
    def tool(cls, *words):
        done = cptsctl(cls.profile, *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def test_contracts__say_nothing_and_change_nothing_again(self):
        self.assertEqual((self.made.stdout, self.made.stderr), ("", ""))
        self.assertGreater(int(self.positions[0]), ROWS)
        self.assertEqual(self.positions[0], self.positions[1])

    def test_contracts__are_synthetic_on_every_board(self):
        for words, expected in (
                (("members", "composition"), "3 CPTS with members, 126 memberships"),
                (("funding", "board", "--year", "2025"), "2 eligible"),
                (("indicator", "board", "DEPISTAGE_SEIN", "2023"), "70.1")):
            with self.subTest(words=words):
                board = self.tool(*words)
                self.assertIn("SYNTHETIC DATA", board)
                self.assertIn(expected, board)


class Scene(unittest.TestCase):
    """A need of Malakoff, between CPTS Châtillon-Malakoff-Vanves and a neighbour."""

    @classmethod
    def setUpClass(cls):
        cls.node = nodes.Node()
        cls.addClassCleanup(cls.node.stop)
        cls.profile = write_profile(cls.node)
        cls.report = cls.node.path("report.csv")
        done = cptsctl(cls.profile, "import", cls.around(), "--report", cls.report)
        assert done.returncode == 0, done.stdout + done.stderr

    @classmethod
    def around(cls):
        """The rows of the demo in the Hauts-de-Seine."""
        with open(os.path.join(DEMO, "cpts.csv"), encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        path = cls.node.path("around.csv")
        with open(path, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *(row for row in rows if " 92" in " " + row[9])])
        return path

    def scene(self, *words):
        done = subprocess.run(
            ["/usr/bin/python3", "-B", os.path.join(DEMO, "scene.py"), words[0],
             os.path.join(nodes.BUILD, "bin", "cptsctl"), *words[1:]],
            env={**os.environ, "CPTS_PROFILE": self.profile}, capture_output=True, text=True,
            timeout=TIMEOUT_S, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def test_scene__ends_with_the_loop_closed(self):
        cast = [line.split() for line in self.scene("cast", self.report)]
        operator = self.node.client()
        players = settle(self.node, [
            Desk(self.node, operator, name, cpts_id=cpts_id, region=region)
            for name, (cpts_id, region) in zip(("origin", "neighbour"), cast)])
        operator.close()
        lines = self.scene("play", *(player.profile for player in players), cast[0][0])
        self.assertEqual([line.split()[0] for line in lines],
                         ["found", "submitted", "in", "accepted", "reported", "acknowledged"])
        self.assertIn("CLOSED", lines[-1])
        referral = lines[1].split()[1].rstrip(",")
        shown = players[0].refer("show", referral)
        self.assertIn("FULFILLED", shown.stdout)
        self.assertIn("SYNTHETIC", shown.stdout)


if __name__ == "__main__":
    unittest.main()
