# SPDX-License-Identifier: Apache-2.0
"""What the ACI pays: the grids and ceilings against the published figures, and what
indicators make of the variable parts."""
import csv
import io
import json
import os
import signal
import subprocess
import time
import unittest

from google.protobuf import timestamp_pb2

import node as nodes
from node import (CALL_TIMEOUT_S, command, entry, funding_pb2, indicator_pb2, outcome, refusal,
                  unit)

TIMEOUT_S = 60
# The server looks every two seconds.
RELOAD_TIMEOUT_S = 30
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


SUBMITTED, APPROVED, LOCKED = "SUBMITTED", "APPROVED", "LOCKED"
CHRONIC, DIRECTORY, SCREENING = "ALD_SANS_MT", "ANNUAIRE_OFFRE", "DEPISTAGE_SEIN"
STEPS = {CHRONIC: [("219", 300000), ("100", 600000), ("50", 900000)],
         DIRECTORY: [("1", 500000)],
         SCREENING: [("69.70", 100000), ("72.40", 250000), ("75", 350000)]}
ACCESS, PREVENTION = "acces_aux_soins", "prevention"


class Contract:
    """A CPTS of size 3 that carries the socle, with its step tables."""

    def __init__(self, place):
        self.id = operator.create(territory=[unit(place)], stages=[
            entry("EMERGENCE", "2019-06-20"), entry("LETTRE_INTENTION", "2019-07-01"),
            entry("PROJET_VALIDE", "2020-02-01"), entry("ACI_SIGNE", "2020-07-01")]).id
        for mission in (ACCESS, "parcours", PREVENTION, "crise_sanitaire"):
            self.send("funding", "RecordMission", funding_pb2.RecordMissionRequest,
                      mission=mission, effective_on="2022-01-01",
                      status=funding_pb2.MISSION_STATUS_STARTED)
        for code, steps in STEPS.items():
            self.target(code, steps)

    def send(self, service, method, make, **fields):
        request = make(**command({"id": self.id,
                                  "expected_version": operator.get(self.id).version, **fields}))
        return getattr(getattr(operator, service), method)(request, timeout=CALL_TIMEOUT_S)

    def target(self, code, steps, on="2021-01-01"):
        self.send("indicator", "SetIndicatorTarget", indicator_pb2.SetIndicatorTargetRequest,
                  indicator=code, effective_on=on,
                  thresholds=[{"value": value, "amount_cents": cents} for value, cents in steps])

    def record(self, code, period, value, **fields):
        self.send("indicator", "RecordIndicatorValues",
                  indicator_pb2.RecordIndicatorValuesRequest,
                  values=[{"indicator": code, "period": period, "value": value}], **fields)

    def decide(self, code, period, state):
        self.send("indicator", "DecideIndicatorValues",
                  indicator_pb2.DecideIndicatorValuesRequest,
                  state=indicator_pb2.IndicatorState.Value(f"INDICATOR_STATE_{state}"),
                  values=[{"indicator": code, "period": period}])

    def lock(self, code, period, value):
        self.record(code, period, value)
        self.decide(code, period, APPROVED)
        self.decide(code, period, LOCKED)

    def entitlement(self, year=2023, **fields):
        return operator.funding.GetEntitlement(
            funding_pb2.GetEntitlementRequest(id=self.id, year=year, **fields),
            timeout=CALL_TIMEOUT_S).entitlement

    def achieved(self, mission=ACCESS, **fields):
        """Cents of the variable part; None while its indicators are not known."""
        found = self.entitlement(**fields)
        line, = [line for line in found.lines
                 if (line.line, line.part) == (mission, "VARIABLE")]
        unknown = ("INDICATORS_NOT_KNOWN", mission) in {(gap.reason, gap.mission)
                                                        for gap in found.gaps}
        if unknown == line.HasField("certain_cents"):
            raise AssertionError(f"{mission}: the gap and the amount do not agree")
        return None if unknown else line.certain_cents


class Achieved(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.places = iter(row[0] for row in node.database.query(
            "SELECT code FROM cpts.territory_unit WHERE is_leaf AND population_count"
            " BETWEEN 80000 AND 175000 ORDER BY code;"))

    def setUp(self):
        self.contract = Contract(next(self.places))

    def test_funding__only_a_locked_value_is_paid(self):
        contract = self.contract
        before = contract.entitlement().totals
        contract.record(CHRONIC, "2023", "99")
        self.assertIsNone(contract.achieved())
        contract.decide(CHRONIC, "2023", APPROVED)
        self.assertIsNone(contract.achieved())
        contract.decide(CHRONIC, "2023", LOCKED)
        self.assertEqual(contract.achieved(), 600000)
        self.assertIsNone(contract.achieved(PREVENTION))
        self.assertIsNone(contract.achieved(year=2022))
        totals = contract.entitlement().totals
        self.assertEqual(totals.certain_cents, before.certain_cents + 600000)
        self.assertEqual(totals.maximum_cents, before.maximum_cents)
        self.assertEqual(totals.advance_cents, before.advance_cents)
        # The most of size 3 was 35,000 euros.
        self.assertEqual(totals.balance_cents, before.balance_cents - 3500000 + 600000)

    def test_funding__indicators_of_a_mission_add_up(self):
        self.contract.lock(CHRONIC, "2023", "50")
        self.contract.lock(DIRECTORY, "2023", "1")
        self.contract.lock(SCREENING, "2023", "69.69")
        self.assertEqual(self.contract.achieved(), 900000 + 500000)
        self.assertEqual(self.contract.achieved(PREVENTION), 0)

    def test_funding__never_beyond_the_maximum_of_the_mission(self):
        self.contract.target(SCREENING, [("70", 9000000)], on="2022-01-01")
        self.contract.lock(SCREENING, "2023", "70")
        self.assertEqual(self.contract.achieved(PREVENTION), 1750000)

    def test_funding__the_last_period_of_the_year_counts_and_the_whole_year_first(self):
        contract = self.contract
        contract.lock(CHRONIC, "2023-T1", "50")
        self.assertEqual(contract.achieved(), 900000)
        contract.lock(CHRONIC, "2023-S1", "219")
        self.assertEqual(contract.achieved(), 300000)
        self.assertEqual(contract.achieved(as_of="2023-06-29"), 900000)
        contract.lock(CHRONIC, "2023-12", "220")
        self.assertEqual(contract.achieved(), 0)
        contract.lock(CHRONIC, "2023-S2", "219")
        self.assertEqual(contract.achieved(), 300000)
        contract.lock(CHRONIC, "2023", "100")
        self.assertEqual(contract.achieved(), 600000)
        self.assertEqual(contract.achieved(as_of="2023-12-30"), 300000)
        contract.record(CHRONIC, "2022", "50")
        self.assertIsNone(contract.achieved(year=2022))

    def test_funding__the_step_table_is_the_one_of_the_end_of_the_period(self):
        contract = self.contract
        contract.target(CHRONIC, [("80", 100)], on="2023-07-01")
        contract.target(CHRONIC, [("80", 200)], on="2024-01-01")
        contract.lock(CHRONIC, "2023-S1", "50")
        self.assertEqual(contract.achieved(), 900000)
        contract.lock(CHRONIC, "2023", "80")
        self.assertEqual(contract.achieved(), 100)

    def test_funding__a_correction_keeps_what_was_believed(self):
        contract = self.contract
        contract.lock(CHRONIC, "2023", "104")
        known_at = timestamp_pb2.Timestamp()
        known_at.GetCurrentTime()
        before = contract.entitlement(known_at=known_at)
        contract.record(CHRONIC, "2023", "99", correction_reason="erreur de saisie")
        self.assertEqual(contract.achieved(), 600000)
        self.assertEqual(contract.achieved(known_at=known_at), 300000)
        again = contract.entitlement(known_at=known_at)
        self.assertEqual((again.lines, again.totals), (before.lines, before.totals))

    def test_funding__the_table_and_the_board_show_it(self):
        board = funding_pb2.GetBudgetRequest(year=2023)
        before = operator.funding.GetBudget(board, timeout=CALL_TIMEOUT_S)
        self.contract.lock(CHRONIC, "2023", "99")
        after = operator.funding.GetBudget(board, timeout=CALL_TIMEOUT_S)
        self.assertEqual(after.totals.certain_cents, before.totals.certain_cents + 600000)
        done = cptsctl("funding", "show", self.contract.id, "--year", "2023", "--csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        certain = {row["line"]: row["certain"] for row in csv.DictReader(io.StringIO(done.stdout))
                   if row["part"] == "VARIABLE"}
        self.assertEqual(certain, {ACCESS: "6000.00", "parcours": "", PREVENTION: ""})
        done = cptsctl("funding", "board", "--year", "2023", "--csv")
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        self.assertEqual(rows[0]["certain"], f"{after.totals.certain_cents / 100:.2f}")


class Reload(unittest.TestCase):
    """What the server keeps of the reference data, changed under its feet."""

    def setUp(self):
        self.node = nodes.Node()
        self.addCleanup(self.node.stop)
        self.client = self.node.client()
        self.addCleanup(self.client.close)

    def grids(self):
        return [one.grid for one in self.client.funding.ListGrids(
            funding_pb2.ListGridsRequest(), timeout=CALL_TIMEOUT_S).grids]

    def logged(self, words):
        return sum(words in line for line in list(self.node.log))

    def wait(self, is_there):
        deadline = time.monotonic() + RELOAD_TIMEOUT_S
        while not is_there() and time.monotonic() < deadline:
            continue
        self.assertTrue(is_there(), "".join(list(self.node.log)[-5:]))

    def test_funding__a_new_grid_is_in_use_without_a_restart(self):
        self.assertEqual(self.grids(), ["2019", "avenant 2"])
        self.node.database.query(
            "BEGIN; UPDATE cpts.aci_grid SET valid_to = '2026-01-01' WHERE grid = 'avenant 2';"
            " INSERT INTO cpts.aci_grid (grid, label, valid_from, valid_to, base_grid,"
            " advance_percent, confidence, source) SELECT 'essai', 'Essai', '2026-01-01',"
            " 'infinity', grid, 60, confidence, source FROM cpts.aci_grid WHERE grid = 'avenant 2';"
            " COMMIT;")
        self.wait(lambda: "essai" in self.grids())
        self.assertEqual(self.grids(), ["2019", "avenant 2", "essai"])
        self.wait(lambda: self.logged("reference data read again") == 1)

    def test_funding__a_rule_of_a_clock_is_in_use_without_a_restart(self):
        self.node.database.query("UPDATE cpts.clock_rule SET months = 10"
                                 " WHERE kind = 'MISSION_START' AND mission = 'parcours';")
        self.wait(lambda: self.logged("reference data read again") == 1)
        made = self.client.create(stages=[
            entry("EMERGENCE", "2019-06-20"), entry("LETTRE_INTENTION", "2019-07-01"),
            entry("PROJET_VALIDE", "2020-02-01"), entry("ACI_SIGNE", "2024-07-01")],
            territory=[unit("78646")])
        missions = self.client.funding.ListMissions(funding_pb2.ListMissionsRequest(id=made.id),
                                                    timeout=CALL_TIMEOUT_S).missions
        due, = {one.start_due_on for one in missions if one.mission == "parcours"}
        clock = self.node.database.value(
            "SELECT due_on FROM cpts.cpts_clock WHERE kind = 'MISSION_START'"
            f" AND mission = 'parcours' AND cpts_id = '{made.id}'")
        self.assertEqual((due, clock), ("2025-05-01", "2025-05-01"))

    def test_funding__what_is_not_usable_is_said_once_and_the_older_stays(self):
        self.node.database.query(
            "BEGIN; CREATE TABLE kept AS TABLE cpts.clock_rule; DELETE FROM cpts.clock_rule;"
            " UPDATE cpts.aci_grid SET label = 'Autre'; COMMIT;")
        self.wait(lambda: self.logged("the older reference data stays in use") == 1)
        self.assertEqual(self.grids(), ["2019", "avenant 2"])
        # SIGHUP makes it look at once: at the second, it has looked after the first.
        for count in (1, 2):
            self.node.process.send_signal(signal.SIGHUP)
            self.wait(lambda: self.logged("certificates read again") == count)
        self.assertEqual(self.logged("the older reference data stays in use"), 1)
        self.node.database.query("INSERT INTO cpts.clock_rule TABLE kept;")
        self.wait(lambda: self.logged("reference data read again") == 1)
        self.assertEqual(self.logged("the older reference data stays in use"), 1)


if __name__ == "__main__":
    nodes.psql.main()
