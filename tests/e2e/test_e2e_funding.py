# SPDX-License-Identifier: Apache-2.0
"""What the ACI pays: the grids and ceilings against the published figures."""
import csv
import io
import json
import os
import subprocess
import unittest

import node as nodes
from node import CALL_TIMEOUT_S, funding_pb2, outcome, refusal

TIMEOUT_S = 60
# Published, in euros, for sizes 1 to 4: ESPT talk of 14 September 2022, Quotidien du
# médecin of 21 November 2019, information-dentaire (size 4 after avenant 2).
WITHOUT_SNP = [185_000, 242_000, 315_000, 380_000]
WITH_SNP = [220_000, 287_000, 370_000, 450_000]
SNP_AND_CRISIS = [287_500, 379_500, 487_500, 580_000]
node = operator = profile = None


def setUpModule():
    global node, operator, profile
    node = nodes.Node()
    operator = node.client()
    profile = node.path("profile.ini")
    with open(profile, "w", encoding="utf-8") as file:
        file.write(f"[profile]\naddress = 127.0.0.1:{node.port}\nca = {node.path('ca.pem')}\n"
                   f"certificate = {node.path('operator.pem')}\n"
                   f"key = {node.path('operator.key')}\n")


def tearDownModule():
    if node is not None:
        operator.close()
        node.stop()


def cptsctl(*words):
    return subprocess.run(
        [os.path.join(nodes.BUILD, "bin", "cptsctl"), *words, "--profile", profile],
        capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


def grids(**fields):
    return operator.funding.ListGrids(funding_pb2.ListGridsRequest(**fields),
                                      timeout=CALL_TIMEOUT_S)


class Grids(unittest.TestCase):
    def ceilings(self, rows, grid, with_snp, crisis_year):
        found = sorted((row["size"], row["amount"]) for row in rows
                       if (row["grid"], row["withSnp"], row["crisisYear"])
                       == (grid, with_snp, crisis_year))
        self.assertEqual([size for size, _ in found], [1, 2, 3, 4])
        return [amount for _, amount in found]

    def test_funding__published_ceilings_come_out_exactly(self):
        done = cptsctl("funding", "ceilings", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = json.loads(done.stdout)
        self.assertEqual(len(rows), 8 + 16)
        self.assertEqual(self.ceilings(rows, "2019", False, False), WITHOUT_SNP)
        self.assertEqual(self.ceilings(rows, "2019", True, False), WITH_SNP)
        self.assertEqual(self.ceilings(rows, "avenant 2", False, False), WITHOUT_SNP)
        self.assertEqual(self.ceilings(rows, "avenant 2", True, True), SNP_AND_CRISIS)
        self.assertFalse([row for row in rows if row["grid"] == "2019" and row["crisisYear"]])
        for row in rows:
            self.assertLessEqual({"grid", "size", "withSnp", "crisisYear", "amount"}, set(row))
            self.assertIs(type(row["amount"]), int)
            self.assertTrue(row["confidence"] and row["source"])

    def test_funding__a_ceiling_published_is_confirmed_and_a_sum_is_not(self):
        found = {(row.grid, row.size, row.with_snp, row.crisis_year): row.confidence
                 for row in grids().ceilings}
        self.assertEqual(found["2019", 1, True, False], "CONFIRMED")
        self.assertEqual(found["avenant 2", 4, True, True], "CONFIRMED")
        self.assertEqual(found["avenant 2", 3, True, True], "DERIVED")
        self.assertEqual(found["avenant 2", 1, True, True], "FROM_MEMORY")
        self.assertEqual(found["avenant 2", 4, False, True], "FROM_MEMORY")

    def test_funding__size_3_contract_of_the_table(self):
        """A real contract: the fixed part of access with SNP is 90 k€, the plan
        updated 22.5 k€, the crisis part 67.5 k€."""
        amounts = {(line.line, line.part): line.amounts[2].amount_cents // 100
                   for line in grids(as_of="2026-01-01").grids[0].lines}
        self.assertEqual(amounts["acces_aux_soins", "FIXED"] + amounts["snp_supplement", "FIXED"],
                         90_000)
        for key, wanted in {
                ("fonctionnement", "FIXED"): 75_000, ("acces_aux_soins", "VARIABLE"): 35_000,
                ("parcours", "FIXED"): 45_000, ("parcours", "VARIABLE"): 45_000,
                ("prevention", "FIXED"): 17_500, ("prevention", "VARIABLE"): 17_500,
                ("crise_sanitaire", "PLAN_UPDATED"): 22_500,
                ("crise_sanitaire", "CRISIS_VARIABLE"): 67_500,
                ("qualite_pertinence", "FIXED"): 15_000,
                ("qualite_pertinence", "VARIABLE"): 15_000,
                ("accompagnement_ps", "FIXED"): 10_000,
                ("accompagnement_ps", "VARIABLE"): 10_000}.items():
            self.assertEqual(amounts[key], wanted, key)

    def test_funding__fixed_and_variable_add_up_to_the_published_totals(self):
        for grid in grids().grids:
            by_line = {}
            for line in grid.lines:
                by_line.setdefault(line.line, {})[line.part] = [
                    amount.amount_cents for amount in line.amounts]
            for name, parts in by_line.items():
                if "TOTAL" in parts:
                    self.assertEqual([fixed + variable for fixed, variable
                                      in zip(parts["FIXED"], parts["VARIABLE"])],
                                     parts["TOTAL"], (grid.grid, name))

    def test_funding__grid_in_force_on_a_date(self):
        for date, wanted in (("2019-06-19", []), ("2019-06-20", ["2019"]),
                             ("2021-12-19", ["2019"]), ("2021-12-20", ["avenant 2"])):
            with self.subTest(date=date):
                found = grids(as_of=date)
                self.assertEqual([grid.grid for grid in found.grids], wanted)
                self.assertEqual({row.grid for row in found.ceilings}, set(wanted))
        self.assertEqual([grid.grid for grid in grids().grids], ["2019", "avenant 2"])

    def test_funding__every_amount_says_how_sure_it_is_and_who_says_so(self):
        known = {"CONFIRMED", "DERIVED", "EXTRAPOLATED", "INFERRED", "FROM_MEMORY", "UNVERIFIED"}
        for grid in grids().grids:
            for line in grid.lines:
                self.assertEqual(len(line.amounts), 4)
                for amount in line.amounts:
                    self.assertIn(amount.confidence, known)
                    self.assertTrue(amount.source)
        done = cptsctl("funding", "grid", "--csv")
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        size_3 = [row for row in rows if (row["grid"], row["line"], row["part"]) == (
            "avenant 2", "parcours", "FIXED")]
        self.assertEqual([row["confidence"] for row in size_3],
                         ["INFERRED", "INFERRED", "CONFIRMED", "INFERRED"])
        self.assertEqual(size_3[2]["amount"], "45000.00")

    def test_funding__the_table_marks_what_is_not_confirmed(self):
        done = cptsctl("funding", "grid")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("from memory", done.stdout)
        self.assertRegex(done.stdout, r"acces_aux_soins +FIXED +15,000m +20,000m +30,000 +35,000m")

    def test_funding__a_malformed_date_is_refused(self):
        refused = refusal(grids, as_of="2020-02-30")
        self.assertEqual((refused.status, refused.reason, refused.field),
                         ("INVALID_ARGUMENT", "FIELD_INVALID", "as_of"))

    def test_funding__the_public_reads_the_grids(self):
        public = node.client("public")
        self.assertEqual(outcome(public.funding.ListGrids, funding_pb2.ListGridsRequest(),
                                 timeout=CALL_TIMEOUT_S), "OK")
        public.close()


if __name__ == "__main__":
    nodes.psql.main()
