# SPDX-License-Identifier: Apache-2.0
"""Trajectories: the published totals give the figures that are expected of
them, and a registry's series counts what the coverage board counts."""
import csv
import datetime
import io
import json
import os
import random
import subprocess
import unittest

from node import (BUILD, CALL_TIMEOUT_S, OTHER_REGION, REGION, Node, entry, psql, refusal,
                  stage, trajectory_pb2, unit)

REGISTRY = trajectory_pb2.TRAJECTORY_SOURCE_REGISTRY
LIVE = ("EMERGENCE", "LETTRE_INTENTION", "PROJET_VALIDE", "ACI_SIGNE")
# One more than what a calendar of the test may be behind the server's.
FUTURE_S = 3600
node = client = None


def setUpModule():
    global node, client
    node = Node()
    client = node.client("operator")


def tearDownModule():
    if node is not None:
        client.close()
        node.stop()


def ask(**fields):
    return client.trajectory.GetTrajectory(trajectory_pb2.GetTrajectoryRequest(**fields),
                                           timeout=CALL_TIMEOUT_S)


def registry(**fields):
    return ask(source=REGISTRY, **fields)


class Published(unittest.TestCase):
    """Answers computed by another program from cpts_series.csv."""

    @classmethod
    def setUpClass(cls):
        cls.answer = ask(as_of="2026-11-22")

    def test_trajectory__line_announces_the_target(self):
        linear = self.answer.linear
        self.assertEqual((linear.point_count, linear.reason, linear.target_reached_on),
                         (12, "", "2026-06-26"))
        self.assertAlmostEqual(linear.rmse, 91.0911, 3)
        self.assertAlmostEqual(linear.per_month, 92.055675 / 12, 3)

    def test_trajectory__logistic_flattens_below_it_and_fits_better(self):
        logistic = self.answer.logistic
        self.assertEqual((logistic.point_count, logistic.target_reached_on), (12, ""))
        self.assertAlmostEqual(logistic.rmse, 36.1795, 3)
        self.assertAlmostEqual(logistic.plateau, 793.3491, 2)
        self.assertAlmostEqual(logistic.plateau_high - logistic.plateau, 54.488, 1)
        self.assertEqual(self.answer.better_fit, trajectory_pb2.PROJECTION_MODEL_LOGISTIC)

    def test_trajectory__points_are_the_file_with_its_marks(self):
        with open(os.path.join(psql.SOURCE, "sql", "reference", "cpts_series.csv"),
                  encoding="utf-8", newline="") as file:
            wanted = [(row["date"], int(row["count"]), row["publisher"], row["confidence"],
                       row["source"], row["date_precision"])
                      for row in csv.DictReader(file) if row["stage"] == "all_projects"]
        found = [(point.date, point.project_count, point.published.publisher,
                  point.published.confidence, point.published.source,
                  point.published.date_precision) for point in self.answer.points]
        self.assertEqual(found, wanted)
        self.assertEqual([point.date for point in self.answer.points if not point.is_fitted],
                         ["2021-01-15"])

    def test_trajectory__stages_are_the_publishers_own(self):
        by_date = {point.date: [one.count for one in point.stages]
                   for point in self.answer.points}
        self.assertEqual(by_date["2022-02-14"], [252, 196, 31, 233])
        self.assertEqual(by_date["2019-11-01"], [])

    def test_trajectory__target_distance_and_pace(self):
        target = self.answer.target
        self.assertEqual((target.target_count, target.project_count, target.counted_on,
                          target.missing_count, target.target_on),
                         (1000, 800, "2025-11-05", 200, "2027-12-31"))
        days = (datetime.date(2027, 12, 31) - datetime.date(2026, 11, 22)).days
        self.assertAlmostEqual(target.needed_per_month, 200 / (days / (365.25 / 12)), 3)
        days = (datetime.date(2025, 11, 5) - datetime.date(2024, 12, 31)).days
        self.assertAlmostEqual(target.recent_per_month, -21 / (days / (365.25 / 12)), 3)

    def test_trajectory__intervals_hold_their_count(self):
        for projection in self.answer.linear, self.answer.logistic:
            dates = [point.date for point in projection.points]
            self.assertEqual((dates[0], dates[-1], dates), ("2025-12-01", "2031-11-22",
                                                            sorted(set(dates))))
            for point in projection.points:
                self.assertLess(point.low, point.count)
                self.assertLess(point.count, point.high)

    def test_trajectory__other_definitions(self):
        answer = ask(as_of="2026-11-22", stages=[stage("ACI_SIGNE")])
        self.assertEqual((len(answer.points), answer.points[-1].project_count), (17, 700))
        answer = ask(as_of="2026-11-22", stages=[stage(name) for name in LIVE[1:]])
        self.assertEqual([point.project_count for point in answer.points], [403, 809])
        self.assertEqual((answer.points[1].is_fitted, answer.linear.reason),
                         (False, "NOT_ENOUGH_POINTS"))

    def test_trajectory__few_points_give_a_reason_and_no_number(self):
        for count, from_date, reasons in ((4, "2023-02-01", ("", "NOT_ENOUGH_POINTS")),
                                          (3, "2024-01-01", ("NOT_ENOUGH_POINTS",) * 2),
                                          (0, "2026-01-01", ("NOT_ENOUGH_POINTS",) * 2)):
            answer = ask(as_of="2026-11-22", **{"from": from_date})
            with self.subTest(count=count):
                self.assertEqual(len(answer.points), count)
                self.assertEqual((answer.linear.reason, answer.logistic.reason), reasons)
                self.assertEqual(answer.linear.HasField("rmse"), reasons[0] == "")
                self.assertFalse(answer.logistic.HasField("rmse"))
                self.assertFalse(answer.logistic.HasField("plateau"))
                self.assertEqual(list(answer.logistic.points), [])
                self.assertEqual(answer.HasField("target"), count > 0)

    def test_trajectory__region_as_published(self):
        answer = ask(as_of="2026-11-22", region="52")
        self.assertEqual([(point.date, point.project_count) for point in answer.points],
                         [("2026-02-02", 43)])
        self.assertFalse(answer.HasField("target"))


class Registry(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """CPTS with random histories; the seed is said."""
        seed = int(os.environ.get("CPTS_TEST_SEED", random.randrange(2 ** 32)))
        print(f"CPTS_TEST_SEED={seed}")
        cls.random = random.Random(seed)
        for index in range(40):
            day = datetime.date(2018, 1, 1) + datetime.timedelta(cls.random.randrange(1500))
            stages = []
            for name in LIVE[:cls.random.randrange(1, 5)]:
                stages.append(entry(name, day.isoformat()))
                day += datetime.timedelta(cls.random.randrange(1, 400))
            if cls.random.random() < 0.3:
                stages.append(entry("ABANDONNE", day.isoformat()))
            client.create(stages=stages, territory=[unit("78646", 0.01)],
                          lead_region=REGION if index % 3 else OTHER_REGION)

    def test_trajectory__counts_what_the_board_counts_on_each_date(self):
        for fields in ({}, {"region": REGION}, {"stages": [stage("ACI_SIGNE")]}):
            answer = registry(as_of="2024-05-05", step=self.random.randrange(1, 4), **fields)
            self.assertGreater(len(answer.points), 3)
            for index, point in enumerate(answer.points):
                board = client.cover(as_of=point.date, **fields)
                with self.subTest(date=point.date, **fields):
                    self.assertEqual(point.project_count, board.project_count)
                    self.assertEqual([(one.stage, one.count) for one in point.stages],
                                     [(one.stage, one.count) for one in board.stages])
                    if not fields.get("region"):
                        self.assertEqual(
                            [(one.region, one.project_counts[index]) for one in answer.regions],
                            [(one.region, one.project_count) for one in board.regions])

    def test_trajectory__region_has_no_regions_and_no_inequality(self):
        answer = registry(region=REGION)
        self.assertEqual((len(answer.regions), answer.HasField("heterogeneity")), (0, False))
        self.assertFalse(answer.HasField("target"))
        self.assertTrue(registry(region=REGION, target_count=10).HasField("target"))

    def test_trajectory__points_are_the_first_days_of_their_step(self):
        wanted = {1: ["2023-11-15", "2023-12-01", "2024-01-01", "2024-02-01", "2024-02-10"],
                  2: ["2023-11-15", "2024-01-01", "2024-02-10"],
                  3: ["2023-11-15", "2024-01-01", "2024-02-10"]}
        for step, dates in wanted.items():
            answer = registry(step=step, as_of="2024-02-10", **{"from": "2023-11-15"})
            self.assertEqual([point.date for point in answer.points], dates)
        answer = registry(as_of="2024-02-01", **{"from": "2024-02-01"})
        self.assertEqual([point.date for point in answer.points], ["2024-02-01"])

    def test_trajectory__inequality_is_of_the_rates(self):
        answer = registry(as_of="2024-05-05")
        rates = [one.per_million for one in answer.regions]
        people = [one.population_total for one in answer.regions]

        def gini(weights):
            difference = sum(a * b * abs(x - y) for x, a in zip(rates, weights)
                             for y, b in zip(rates, weights))
            total = sum(weights)
            return difference / (2 * total * sum(x * a for x, a in zip(rates, weights)))
        found = answer.heterogeneity
        self.assertAlmostEqual(found.gini, gini([1] * 18), 3)
        self.assertAlmostEqual(found.gini_population, gini(people), 3)
        self.assertEqual(found.highest.per_million, max(rates))
        self.assertEqual(found.lowest.per_million, min(rates))

    def test_trajectory__knows_what_was_known(self):
        before = registry(as_of="2024-05-05")
        early = registry(as_of="2024-05-05", known_at={"seconds": 946684800})
        self.assertEqual(sum(point.project_count for point in early.points), 0)
        self.assertEqual(early.linear.reason, "NOT_ENOUGH_POINTS")
        client.create(stages=[entry("EMERGENCE", "2018-01-01")])
        again = registry(as_of="2024-05-05", known_at=before.known_at)
        self.assertEqual(again.SerializeToString(deterministic=True),
                         before.SerializeToString(deterministic=True))
        self.assertEqual(registry(as_of="2024-05-05").points[-1].project_count,
                         before.points[-1].project_count + 1)

    def test_trajectory__synthetic_is_said(self):
        self.assertTrue(registry().synthetic)
        self.assertTrue(any("SYNTHETIC" in note for note in registry().notes))
        self.assertFalse(ask().synthetic)


class BadInput(unittest.TestCase):
    def test_trajectory__bad_input_is_refused(self):
        ahead = datetime.datetime.now().timestamp() + FUTURE_S
        for wanted, fields in (
                ("UNKNOWN_REGION region", {"region": "98"}),
                ("FIELD_INVALID source", {"source": 3}),
                ("FIELD_INVALID source", {"source": -1}),
                ("FIELD_INVALID step", {"step": 4}),
                ("FIELD_INVALID stages", {"stages": [stage("DISSOUS")]}),
                ("FIELD_INVALID stages", {"stages": [stage("EMERGENCE"), stage("ACI_SIGNE")]}),
                ("FIELD_INVALID known_at", {"known_at": {"seconds": 1600000000}}),
                ("KNOWN_AT_IN_FUTURE known_at",
                 {"source": REGISTRY, "known_at": {"seconds": int(ahead)}}),
                ("FIELD_INVALID as_of", {"as_of": "2024-02-30"}),
                ("FIELD_INVALID from", {"from": "2024-13-01"}),
                ("FIELD_INVALID from", {"from": "2024-02-02", "as_of": "2024-02-01"}),
                ("FIELD_INVALID from", {"source": REGISTRY, "from": "1950-01-01"}),
                ("FIELD_INVALID target_count", {"target_count": -1}),
                ("FIELD_INVALID target_count", {"target_count": 100001}),
                ("FIELD_INVALID target_on", {"target_on": "soon"}),
                ("FIELD_INVALID target_on", {"target_on": "2024-02-01", "as_of": "2024-02-01"}),
                ("FIELD_INVALID target_on", {"target_on": "2074-02-02", "as_of": "2024-02-01"}),
                ("FIELD_INVALID until", {"until": "2024-02-01", "as_of": "2024-02-01"}),
                ("FIELD_INVALID until", {"until": "2074-02-02", "as_of": "2024-02-01"})):
            with self.subTest(**fields):
                refused = refusal(ask, **fields)
                self.assertEqual(f"{refused.status}/{refused.reason} {refused.field}",
                                 f"INVALID_ARGUMENT/{wanted}")
        node.check_alive()

    def test_trajectory__known_at_is_never_in_the_future(self):
        ahead = {"seconds": int(datetime.datetime.now().timestamp()) + FUTURE_S}
        made = client.create().id
        for read in (lambda: client.get(made, known_at=ahead), lambda: client.list(known_at=ahead),
                     lambda: client.cover(known_at=ahead)):
            refused = refusal(read)
            self.assertEqual((refused.status, refused.reason, refused.field),
                             ("INVALID_ARGUMENT", "KNOWN_AT_IN_FUTURE", "known_at"))


class Tool(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.profile = node.path("profile.ini")
        with open(cls.profile, "w", encoding="utf-8") as file:
            file.write(f"[profile]\naddress = 127.0.0.1:{node.port}\nca = {node.path('ca.pem')}\n"
                       f"certificate = {node.path('operator.pem')}\n"
                       f"key = {node.path('operator.key')}\n")

    def cptsctl(self, *arguments):
        return subprocess.run(
            [os.path.join(BUILD, "bin", "cptsctl"), "trajectory", *arguments, "--profile",
             self.profile], capture_output=True, text=True, timeout=CALL_TIMEOUT_S, check=False)

    def test_trajectory__json_has_both_projections_at_the_top(self):
        done = self.cptsctl("--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        answer = json.loads(done.stdout)
        self.assertAlmostEqual(answer["linear"]["rmse"], 91.1, 1)
        self.assertAlmostEqual(answer["logistic"]["rmse"], 36.2, 1)
        self.assertAlmostEqual(answer["logistic"]["plateau"], 793.3, 1)

    def test_trajectory__csv_is_a_line_a_point(self):
        done = self.cptsctl("--csv", "--until", "2026-12-31", "--to", "2026-11-22")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = list(csv.DictReader(io.StringIO(done.stdout)))
        self.assertEqual([line["series"] for line in lines],
                         ["published"] * 13 + ["linear"] * 14 + ["logistic"] * 14)
        self.assertEqual((lines[8]["date"], lines[8]["count"], lines[8]["aci_signe"],
                          lines[8]["publisher"], lines[8]["synthetic"]),
                         ("2022-07-27", "733", "", "FCPTS", "false"))

    def test_trajectory__board_says_source_and_numbers(self):
        done = self.cptsctl()
        for words in ("published counts", "91.1", "36.2", "flattens at 793",
                      "Fits better (AICc): logistic", "200 missing"):
            self.assertIn(words, done.stdout)
        done = self.cptsctl("--source", "registry", "--plain")
        self.assertIn("registry\t", done.stdout)
        self.assertIn("Gini between regions", self.cptsctl("--source", "registry").stdout)

    def test_trajectory__wrong_words_are_told(self):
        for arguments in (("--source", "press"), ("--step", "week"), ("--target", "0"),
                          ("--to", "2024-01-01", "--as-of", "2024-01-02"),
                          ("--known-at", "2024-01-01T00:00:00Z")):
            done = self.cptsctl(*arguments)
            with self.subTest(arguments=arguments):
                self.assertEqual((done.returncode, done.stdout), (2, ""))


if __name__ == "__main__":
    psql.main()
