# SPDX-License-Identifier: Apache-2.0
"""Figures of CPTS by cptsctl: indicators and capacity, written one by one and
imported from other people's tables."""
import csv
import datetime
import io
import json
import os
import unittest

from node import OTHER_REGION, REGION, Node, entry
from tool import cptsctl, write_profile

COUNTED = ("cpts_indicator_target", "cpts_indicator_value", "cpts_capacity", "change_log",
           "command")
node = profile = public = client = None


def setUpModule():
    global node, profile, public, client
    node = Node()
    profile = write_profile(node)
    public = write_profile(node, "public.ini", certificate="public.pem", key="public.key")
    client = node.client("operator")


def tearDownModule():
    if node is not None:
        client.close()
        node.stop()


def create(name, region=REGION, **fields):
    return client.create(name=name, lead_region=region, stages=[
        entry("EMERGENCE", "2019-01-15"), entry("LETTRE_INTENTION", "2019-06-15")], **fields).id


def stored():
    """Rows of every table that these commands may write to."""
    return node.database.query("".join(f"SELECT count(*) FROM cpts.{name};" for name in COUNTED))


def write(name, text, encoding="utf-8"):
    path = node.path(name)
    with open(path, "w", encoding=encoding, newline="") as file:
        file.write(text)
    return path


class Tool(unittest.TestCase):
    def run_tool(self, *words, code=0, by=None):
        done = cptsctl(by or profile, *words)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def rows(self, *words, by=None):
        """The rows of a CSV answer."""
        return list(csv.DictReader(io.StringIO(self.run_tool(*words, "--csv", by=by).stdout)))

    def imported(self, verb, path, *options, code=0):
        """One import; its answer as JSON, and the rows of its report."""
        report = node.path("report.csv")
        if os.path.exists(report):
            os.remove(report)
        done = self.run_tool(verb, "import", path, *options, "--report", report, "--json",
                             code=code)
        with open(report, encoding="utf-8", newline="") as file:
            return json.loads(done.stdout), list(csv.DictReader(file))

    def locked(self, cpts_id, indicator, period, value):
        self.run_tool("indicator", "record", cpts_id, indicator, period, value)
        self.run_tool("indicator", "approve", cpts_id, period)
        self.run_tool("indicator", "lock", cpts_id, period)


class Indicator(Tool):
    def test_figures__definitions_with_their_source(self):
        found = self.rows("indicator", "list", "--mission", "prevention")
        self.assertEqual([row["code"] for row in found],
                         ["DEPISTAGE_COL", "DEPISTAGE_COLORECTAL", "DEPISTAGE_SEIN"])
        self.assertIn("cancer du sein", found[2]["label"])
        self.assertEqual(found[2]["confidence"], "published contract")

    def test_figures__indicator_from_target_to_lock(self):
        cpts_id = create("CPTS du Contrat")
        self.run_tool("indicator", "target", cpts_id, "DEPISTAGE_SEIN", "--on", "2021-01-01",
                      "--baseline", "66.26", "--step", "69.7=1000", "--step", "72.4=2500",
                      "--step", "75=3500,50", "--published")
        self.run_tool("indicator", "record", cpts_id, "DEPISTAGE_SEIN", "2023", "72.4")
        self.run_tool("indicator", "lock", cpts_id, "2023", code=3)
        self.run_tool("indicator", "approve", cpts_id, "2023", "--indicator", "DEPISTAGE_COL",
                      code=3)
        self.run_tool("indicator", "approve", cpts_id, "2023")
        self.run_tool("indicator", "lock", cpts_id, "2023")
        row, = self.rows("indicator", "show", cpts_id, "--year", "2023")
        self.assertEqual((row["value"], row["state"], row["step"], row["amount_euros"]),
                         ("72.4", "LOCKED", "2", "2500.00"))
        self.assertEqual(row["step_table"],
                         "66.26 -> 69.7 (1000.00), 72.4 (2500.00), 75 (3500.50)")
        self.assertEqual(self.rows("indicator", "show", cpts_id, "--year", "2022")[0]["value"], "")

    def test_figures__indicator_words_that_are_wrong(self):
        cpts_id = create("CPTS des Mots")
        before = stored()
        for words in (("target", cpts_id, "DEPISTAGE_SEIN", "--step", "1=1"),
                      ("target", cpts_id, "DEPISTAGE_SEIN", "--on", "2021-01-01"),
                      ("target", cpts_id, "DEPISTAGE_SEIN", "--on", "2021-01-01", "--step", "1"),
                      ("target", cpts_id, "DEPISTAGE_SEIN", "--on", "2021-01-01", "--step", "1=x"),
                      ("record", "no-id", "DEPISTAGE_SEIN", "2023", "1"),
                      ("record", cpts_id, "DEPISTAGE_SEIN", "2023"),
                      ("approve", cpts_id, "2023", "--version", "0")):
            with self.subTest(words=words):
                self.run_tool("indicator", *words, code=2)
        self.run_tool("indicator", "record", cpts_id, "DEPISTAGE_SEIN", "2023-S3", "1", code=1)
        self.assertEqual(stored(), before)

    def test_figures__board_says_what_it_withholds(self):
        ids = [create(f"CPTS {n}", OTHER_REGION) for n in range(3)]
        for cpts_id, value in zip(ids, ("4", "60", "90")):
            self.run_tool("indicator", "target", cpts_id, "ALD_SANS_MT", "--on", "2020-01-01",
                          "--step", "50=9000", "--published")
            self.locked(cpts_id, "ALD_SANS_MT", "2022", value)
        words = ("indicator", "board", "ALD_SANS_MT", "2022", "--region", OTHER_REGION)
        cells = {row["key"]: row for row in self.rows(*words, by=public)}
        self.assertEqual([cells[key]["value"] for key in ("", OTHER_REGION, *ids)],
                         ["154", "154", "", "", "90"])
        self.assertEqual(cells[ids[0]]["suppressed"], "true")
        text = self.run_tool(*words, by=public).stdout
        self.assertIn("withheld: fewer than 11 people", text)
        self.assertIn("SYNTHETIC DATA", text)
        answer = json.loads(self.run_tool(*words, "--json", by=public).stdout)
        self.assertEqual(answer["thresholdCount"], 11)


class IndicatorImport(Tool):
    def test_figures__indicators_as_a_spreadsheet_saves_them(self):
        one, two = create("CPTS de l'Été"), create("CPTS Nord", finess="920000007")
        path = write("indicateurs.csv",
                     "Nom CPTS;FINESS CPTS;Indicateur;Période;Valeur\r\n"
                     "Été;;Taux de dépistage du cancer du sein;2023;72,40 %\r\n"
                     ";920000007;DEPISTAGE_SEIN;S1 2023;70\r\n"
                     ";920000007;ANNUAIRE_OFFRE;07/2023;oui\r\n", "windows-1252")
        answer, rows = self.imported("indicator", path)
        self.assertEqual(answer["states"]["added"], 3)
        self.assertEqual([row["state"] for row in rows], ["added"] * 3)
        self.assertEqual({(row["period"], row["value"], row["state"])
                          for row in self.rows("indicator", "show", two)},
                         {("2023-S1", "70", "SUBMITTED"), ("2023-07", "1", "SUBMITTED")})
        self.assertEqual(self.rows("indicator", "show", one)[0]["value"], "72.4")
        before = stored()
        answer, _ = self.imported("indicator", path)
        self.assertEqual((answer["states"]["unchanged"], stored()), (3, before))

    def test_figures__indicator_lines_that_are_refused_leave_the_others(self):
        cpts_id = create("CPTS Refus")
        lines = [("Refus", "DEPISTAGE_SEIN", "2021", "1", ""),
                 ("Refus", "DEPISTAGE_SEIN", "2021", "2", "LINES_DIFFER"),
                 ("Refus", "DEPISTAGE_SEIN", "2021", "1,0", ""),
                 ("Refus", "NO_SUCH", "2021", "1", "UNKNOWN_INDICATOR"),
                 ("Refus", "", "2021", "1", "INDICATOR_MISSING"),
                 ("Refus", "DEPISTAGE_COL", "2021-S3", "1", "PERIOD_INVALID"),
                 ("Refus", "DEPISTAGE_COL", "2021", "1,2,3", "VALUE_INVALID"),
                 ("Refus", "DEPISTAGE_COL", "2015", "1", "UNKNOWN_INDICATOR"),
                 ("Refus", "DEPISTAGE_COL", "2199", "1", "DATE_IN_FUTURE"),
                 ("Refus", "DEPISTAGE_COL", "2022", "3", ""),
                 ("Nulle part", "DEPISTAGE_COL", "2022", "3", "UNKNOWN_CPTS")]
        path = write("refused.csv", "cpts,indicator,period,value\n" + "".join(
            f'{name},{code},{period},"{value}"\n' for name, code, period, value, _ in lines))
        answer, rows = self.imported("indicator", path, code=1)
        self.assertEqual((answer["states"]["added"], answer["states"]["duplicate"],
                          answer["states"]["refused"]), (2, 1, 8))
        self.assertEqual(
            [(row["line"], row["reason"]) for row in rows if row["state"] == "refused"
             and row["reason"]],
            [(str(n + 2), line[4]) for n, line in enumerate(lines) if line[4]])
        self.assertTrue(all(row["advice"] for row in rows if row["reason"] in
                            ("LINES_DIFFER", "UNKNOWN_INDICATOR", "PERIOD_INVALID")))
        self.assertEqual({(row["indicator"], row["value"])
                          for row in self.rows("indicator", "show", cpts_id)},
                         {("DEPISTAGE_SEIN", "1"), ("DEPISTAGE_COL", "3")})

    def test_figures__indicator_preview_compares_and_sends_nothing(self):
        cpts_id = create("CPTS Aperçu")
        self.run_tool("indicator", "record", cpts_id, "DEPISTAGE_SEIN", "2022", "70")
        path = write("preview.csv", "indicateur;annee;valeur\nDEPISTAGE_SEIN;2022;71\n"
                     "DEPISTAGE_SEIN;2023;72\n")
        before = stored()
        for option, states in (("--preview", ["to_update", "new"]),
                               ("--dry-run", ["not_sent", "not_sent"])):
            _, rows = self.imported("indicator", path, "--cpts", cpts_id, option)
            self.assertEqual([row["state"] for row in rows if not row["reason"]], states)
        self.assertEqual(stored(), before)

    def test_figures__indicator_that_is_locked_needs_a_reason(self):
        cpts_id = create("CPTS Verrou")
        self.locked(cpts_id, "DEPISTAGE_SEIN", "2022", "70")
        path = write("locked.csv", "indicateur;annee;valeur\nDEPISTAGE_SEIN;2022;71\n")
        before = stored()
        _, rows = self.imported("indicator", path, "--cpts", cpts_id, code=1)
        self.assertEqual((rows[1]["reason"], rows[1]["message"]), ("INDICATOR_LOCKED",
                                                                   "locked with 70"))
        self.assertEqual(stored(), before)
        answer, _ = self.imported("indicator", path, "--cpts", cpts_id, "--reason", "CPAM, erratum")
        self.assertEqual(answer["states"]["changed"], 1)
        row, = self.rows("indicator", "show", cpts_id)
        self.assertEqual((row["value"], row["state"]), ("71", "LOCKED"))

    def test_figures__indicator_table_without_its_columns_sends_nothing(self):
        before = stored()
        path = write("poor.csv", "cpts,indicator,value\nx,DEPISTAGE_SEIN,1\n")
        done = self.run_tool("indicator", "import", path, code=1)
        self.assertIn("--map period=COLUMN", done.stderr)
        self.assertEqual(stored(), before)


class Capacity(Tool):
    def test_figures__capacity_recorded_and_shown(self):
        cpts_id = create("CPTS des Créneaux")
        self.run_tool("capacity", "record", cpts_id, "2024-W20", "--snp", "120", "--slots", "540",
                      "--places", "14", "--seekers", "78646=230", "--seekers", "91=20")
        row, = self.rows("capacity", "show", cpts_id, "--to", "2024-W20")
        self.assertEqual([row[name] for name in ("week", "snp_slot_count", "doctor_slot_count",
                                                 "snp_percent", "place_count", "seeker_count")],
                         ["2024-W20", "120", "540", "22.22", "14", "250"])
        text = self.run_tool("capacity", "show", cpts_id, "--to", "2024-W20").stdout
        self.assertIn("Latest: 2024-W20, ended", text)
        self.assertIn("20 % of doctors' slots for SNP", text)
        self.assertIn("(not sourced)", text)
        cells = {row["key"]: row for row in self.rows("capacity", "board", "--week", "2024-W20")}
        self.assertEqual((cells[REGION]["snp_slot_count"], cells[REGION]["seeker_count"]),
                         ("120", ""))
        self.assertIn("SYNTHETIC DATA",
                      self.run_tool("capacity", "board", "--week", "2024-W20").stdout)

    def test_figures__capacity_words_that_are_wrong(self):
        cpts_id = create("CPTS des Mots")
        before = stored()
        for words in ((), ("--snp", "-1"), ("--snp", "x"), ("--seekers", "78646"),
                      ("--seekers", "78646=x"), ("--seekers", "786461234=1")):
            with self.subTest(words=words):
                self.run_tool("capacity", "record", cpts_id, "2024-W07", *words, code=2)
        self.run_tool("capacity", "record", cpts_id, "2024-07", "--snp", "1", code=1)
        self.assertEqual(stored(), before)

    def test_figures__capacity_as_a_spreadsheet_saves_it(self):
        cpts_id = create("CPTS Semaines")
        path = write("semaines.csv",
                     "Nom CPTS;Semaine;Créneaux SNP;Créneaux;Places MT;Code commune;"
                     "Patients sans MT\r\n"
                     "Semaines;2024-W07;120;540;14;78646;230\r\n"
                     "Semaines;S07 2024;;;;91;20\r\n"
                     "Semaines;semaine 8 2024;1 100;;;;\r\n", "windows-1252")
        answer, rows = self.imported("capacity", path, "--map", "slots=Créneaux")
        self.assertEqual(answer["states"]["added"], 3)
        first, last = self.rows("capacity", "show", cpts_id, "--to", "2024-W08")
        self.assertEqual((first["snp_slot_count"], first["seeker_count"], last["snp_slot_count"]),
                         ("120", "250", "1100"))

    def test_figures__capacity_again_changes_nothing_and_contradictions_are_said(self):
        cpts_id, week = create("CPTS Redite"), datetime.date.today().isocalendar()
        week = f"{week[0]}-W{week[1]:02}"
        lines = [("12", "", ""), ("12", "78646", "5"), ("", "91", "7"), ("13", "92", "7"),
                 ("x", "75056", "1"), ("", "", "1"), ("", "99999", "1")]
        path = write("weeks.csv", "week,snp,area,seekers\n" + "".join(
            f"{week},{snp},{area},{seekers}\n" for snp, area, seekers in lines))
        commands = node.database.value("SELECT count(*) FROM cpts.command")
        answer, rows = self.imported("capacity", path, "--cpts", cpts_id, code=1)
        self.assertEqual([(row["line"], row["field"], row["reason"])
                          for row in rows if row["reason"]],
                         [("5", "", "LINES_DIFFER"), ("6", "snp", "VALUE_INVALID"),
                          ("7", "area", "AREA_INVALID"), ("8", "area", "UNKNOWN_UNIT")])
        self.assertEqual((answer["added"], answer["states"]["added"]), (3, 3))
        # The node names the line that it refuses: the others go together.
        self.assertEqual(
            int(node.database.value("SELECT count(*) FROM cpts.command")) - int(commands), 1)
        before = stored()
        answer, _ = self.imported("capacity", path, "--cpts", cpts_id, code=1)
        self.assertEqual((answer["states"]["unchanged"], answer["states"]["refused"]), (3, 4))
        self.assertEqual(stored(), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
