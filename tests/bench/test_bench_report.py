# SPDX-License-Identifier: Apache-2.0
"""What the benchmark computes: medians, ratios, figures, verdicts, requests, data."""
import collections
import csv
import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import measure  # noqa: E402
import national  # noqa: E402
import referral_statements  # noqa: E402
import report  # noqa: E402
import request_list  # noqa: E402
import rivals  # noqa: E402
import streams  # noqa: E402


def rounds(*rates, **more):
    return [{"rate": rate, **more} for rate in rates]


class Report(unittest.TestCase):
    def test_report__median_is_of_each_key_a_measurement_has(self):
        results = {"get_cpts": [{"rate": 1, "p99_us": 9}, {"rate": 5, "p99_us": 7},
                                {"rate": 2, "p99_us": 1}],
                   "watch_messages": rounds(3, 4)}
        self.assertEqual(report.medians(results), {"get_cpts": {"rate": 2, "p99_us": 7},
                                                   "watch_messages": {"rate": 3.5}})

    def test_report__ratio_is_of_the_same_round(self):
        found = report.ratios({"get_cpts": rounds(10, 30, 8), "get_cpts_node": rounds(5, 10, 8)})
        self.assertEqual(found, {"get_cpts_vs_node": {"median": 2, "least": 1, "greatest": 3,
                                                      "target": 2.0}})

    def test_report__ratio_without_its_other_half_is_left_out(self):
        self.assertEqual(report.ratios({"get_cpts": rounds(10)}), {})

    def test_report__figure_is_the_worst_of_a_group(self):
        middle = {"board_a": {"rate": 1, "p99_us": 4000}, "board_b": {"rate": 9, "p99_us": 7000},
                  "read_a": {"rate": 5, "p99_us": 90000}}
        self.assertEqual(report.figures(middle, None), {"boards_p99_ms": 7,
                                                        "single_reads_p99_ms": 90})

    def test_report__name_without_a_star_is_not_a_group(self):
        middle = {"watch_messages_bare": {"rate": 1}, "watch_messages": {"rate": 400000}}
        self.assertEqual(report.figures(middle, None), {"watch_messages_per_s": 400000})

    def test_report__memory_is_the_largest_server(self):
        memory = {"read": {"peak_mb": 30}, "write": {"peak_mb": 41.5}}
        self.assertEqual(report.figures({}, memory), {"server_rss_mb": 41.5})

    def test_report__verdict_knows_both_directions(self):
        self.assertEqual(report.verdict(2, 2), ">= 2  reached")
        self.assertEqual(report.verdict(1.9, 2), ">= 2  MISSED")
        self.assertEqual(report.verdict(32, 32, report.AT_MOST), "<= 32  reached")
        self.assertEqual(report.verdict(33, 32, report.AT_MOST), "<= 32  MISSED")
        self.assertEqual(report.verdict(33, None, report.AT_MOST), "")

    def test_report__each_target_names_a_measurement_once(self):
        self.assertFalse(set(report.RATIOS) & set(report.FIGURES))

    def test_report__submit_among_many_is_compared_with_submit_among_few(self):
        found = report.ratios({"referral_submit_many": rounds(90, 70),
                               "referral_submit": rounds(100, 100)})
        self.assertEqual(found["referral_submit_growth"], {"median": 0.8, "least": 0.7,
                                                           "greatest": 0.9, "target": 0.8})

    def test_report__clocks_may_be_a_second_late(self):
        middle = {"referral_clocks": {"rate": 1, "p99_us": 300000},
                  "referral_clocks_at_once": {"rate": 1, "p99_us": 1200000}}
        self.assertEqual(report.figures(middle, None), {"referral_clocks_late_p99_ms": 1200})
        sign, limit = report.FIGURES["referral_clocks_late_p99_ms"][3:]
        self.assertEqual(report.verdict(1200, limit, sign), "<= 1000  MISSED")

    def test_report__streams_have_no_percentiles_in_the_table(self):
        line = report.measurement_line("watch_messages", {"rate": 300000})
        self.assertEqual(line.split(), ["watch_messages", "300,000"])


def contract():
    build = os.environ.get("CPTS_TEST_BUILD")
    return request_list.Contract(pathlib.Path(build) / "proto/descriptors.fds" if build
                                 else request_list.DESCRIPTORS)


class Statements(unittest.TestCase):
    """The statements of referrals as pgbench gets them: a parameter more in sql/query breaks it."""

    def test_referral_statements__have_no_parameter_left(self):
        for script in (referral_statements.submit_script(), referral_statements.accept_script()):
            self.assertNotRegex(script, r"\$\d")
            self.assertIn("cpts.log_notify()", script)

    def test_referral_statements__plain_ones_write_as_many_tables(self):
        submit, accept = (referral_statements.plain_script(name) for name in ("submit", "accept"))
        self.assertEqual((submit.count("INSERT INTO"), accept.count("INSERT INTO")), (6, 5))

    def test_measure__a_statement_takes_each_value_at_its_place(self):
        script = measure.statement("scope_set", ["'a'", "'b'"])
        self.assertIn("set_config('app.scope', 'a', true)", script)


class Requests(unittest.TestCase):
    VALUES = {"cpts": ["a", "b"], "date": ["2020-01-01", "2021-01-01", "2022-01-01"]}

    def test_request_list__dollar_takes_the_values_in_turn(self):
        template = {"id": "$cpts", "as_of": "$date", "page_size": 5}
        self.assertEqual(request_list.fill(template, self.VALUES, 3),
                         {"id": "b", "as_of": "2020-01-01", "page_size": 5})

    def test_request_list__every_row_packs(self):
        values = {**self.VALUES, "region": ["11"], "department": ["75"], "unit": ["01001"],
                  "instant": ["2026-01-01T00:00:00Z"]}
        packer = contract()
        for row in request_list.rows():
            with self.subTest(row["name"]):
                self.assertIn(row["kind"], ("board", "read"))
                lines = packer.lines(row, values).split("\n")
                self.assertEqual(len(lines) - 1,
                                 500 if request_list.names_values(row["request"]) else 1)

    def test_request_list__packs_as_protobuf_does(self):
        row = {"method": "cpts.v1.RegistryService/GetCpts", "request": {"id": "ab"}}
        self.assertEqual(contract().lines(row, {}), "0a026162\n")

    def test_request_list__unknown_field_is_refused(self):
        with self.assertRaisesRegex(Exception, "nonsense"):
            contract().pack("cpts.v1.RegistryService/GetCpts", {"nonsense": "x"})


class State(unittest.TestCase):
    def test_national__has_the_size_it_says(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "national.csv"
            national.write(path)
            found = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        claims = collections.Counter(claim.removesuffix(national.HALF) for row in found
                                     for claim in row["territory"].split())
        self.assertEqual(len(found), national.CPTS_COUNT)
        self.assertEqual(sum(claims.values()), national.TERRITORY_ROWS)
        self.assertEqual(set(claims), {code for code, _ in national.units()})
        self.assertTrue(all(row["synthetic"] == "true" for row in found))

    def test_national__stages_follow_each_other_within_ten_years(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "national.csv"
            national.write(path)
            found = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        columns = national.COLUMNS[3:7] + ["exit_on"]
        histories = [[row[name] for name in columns if row[name]] for row in found]
        self.assertTrue(all(dates == sorted(set(dates)) for dates in histories))
        self.assertEqual(min(dates[0] for dates in histories)[:4], "2016")
        self.assertEqual(max(dates[-1] for dates in histories)[:4], "2026")


class Rivals(unittest.TestCase):
    def test_rivals__program_that_is_not_there_is_named_by_its_package(self):
        path = os.environ["PATH"]
        self.addCleanup(os.environ.__setitem__, "PATH", path)
        os.environ["PATH"] = "/nonexistent"
        self.assertEqual(rivals.missing(("npm", "node")), ["nodejs", "npm"])
        self.assertEqual(rivals.missing(()), [])

    def test_rivals__each_measurement_knows_its_programs(self):
        self.assertEqual(rivals.programs_of("record_stage_etcd"), ("etcd",))
        self.assertEqual(rivals.programs_of("get_cpts_node_pipelined"), ("node", "npm"))

    def test_streams__position_is_packed_as_a_varint(self):
        self.assertEqual(streams.after_position(5), "0805")
        self.assertEqual(streams.after_position(300), "08ac02")


if __name__ == "__main__":
    unittest.main()
