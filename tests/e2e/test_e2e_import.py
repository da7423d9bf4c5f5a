# SPDX-License-Identifier: Apache-2.0
"""Other people's files, imported by cptsctl into a real server: what is found,
what is refused and why, what a preview says, what --update changes.

The files of import/ are invented; their shapes are those of the national layer
and of ARS spreadsheets.
"""
import csv
import json
import os
import subprocess
import unittest

import node as nodes
import psql

FILES = os.path.join(psql.SOURCE, "tests", "e2e", "import")
TIMEOUT_S = 120
COMMON = ("--synthetic", "--effective-on", "2023-12-31")
FILLED = (*COMMON, "--fill-dates")
COUNTED = "cpts cpts_stage cpts_territory change_log command".split()
node = profile = None


def setUpModule():
    global node, profile
    node = nodes.Node()
    profile = node.path("profile.ini")
    with open(profile, "w", encoding="utf-8") as file:
        file.write(f"[profile]\naddress = 127.0.0.1:{node.port}\nca = {node.path('ca.pem')}\n"
                   f"certificate = {node.path('operator.pem')}\n"
                   f"key = {node.path('operator.key')}\n")


def tearDownModule():
    if node is not None:
        node.stop()


def stored():
    """Rows of every table that an import may write to."""
    return node.database.query("".join(f"SELECT count(*) FROM cpts.{name};" for name in COUNTED))


def write(name, text, encoding="utf-8"):
    path = node.path(name)
    with open(path, "w", encoding=encoding, newline="") as file:
        file.write(text)
    return path


def territory(name):
    """{code: share} of the only CPTS of that name."""
    rows = node.database.query(
        "SELECT t.unit_code, t.share FROM cpts.cpts_territory t JOIN cpts.cpts c USING (cpts_id)"
        f" WHERE c.name = '{name}' AND t.recorded_to = 'infinity' AND t.valid_to = 'infinity';")
    return {code: float(share) for code, share in rows}


def stages(name):
    rows = node.database.query(
        "SELECT s.stage, s.valid_from FROM cpts.cpts_stage s JOIN cpts.cpts c USING (cpts_id)"
        f" WHERE c.name = '{name}' AND s.recorded_to = 'infinity' ORDER BY s.valid_from;")
    return [tuple(row) for row in rows]


class Import(unittest.TestCase):
    def run_import(self, path, *options, code=0):
        """One import; its process and the rows of its report."""
        report = node.path("report.csv")
        if os.path.exists(report):
            os.remove(report)
        done = subprocess.run(
            [os.path.join(nodes.BUILD, "bin", "cptsctl"), "import",
             path if os.path.isabs(path) else os.path.join(FILES, path),
             *options, "--report", report, "--profile", profile],
            capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        rows = []
        if os.path.exists(report):
            with open(report, encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
        return done, rows

    def found(self, rows, *fields):
        return [tuple(row[field] for field in fields) for row in rows if row["reason"]]

    def expect_refused(self, text, line, reason, *options, words=""):
        """A file is refused for that, with its line, and nothing is stored."""
        before = stored()
        _, rows = self.run_import(write("bad.csv", text), *COMMON, *options, code=1)
        said = [row for row in rows if row["state"] == "refused" and row["reason"]]
        self.assertIn((str(line), reason), [(row["line"], row["reason"]) for row in said])
        row, = (row for row in said if (row["line"], row["reason"]) == (str(line), reason))
        self.assertTrue(row["advice"], reason)
        self.assertIn(words, row["message"] + row["candidates"])
        self.assertEqual(stored(), before)

    def expect_no_import(self, content, sentence, *options, name="bad.csv"):
        """A file that is none stops before anything."""
        before = stored()
        path = node.path(name)
        with open(path, "wb") as file:
            file.write(content)
        done, rows = self.run_import(path, *COMMON, *options, code=1)
        self.assertIn(sentence, done.stderr)
        self.assertEqual((rows, stored()), ([], before))


class Layer(Import):
    def test_import__geojson_layer_is_previewed_created_and_repeated(self):
        name = "CPTS fictive de la Pointe de Caux"
        before = stored()
        done, rows = self.run_import("layer_dgos.geojson", *FILLED, "--preview")
        self.assertIn("3 CPTS: 3 new, 0 unchanged, 0 different, 0 refused", done.stdout)
        self.assertEqual([row["state"] for row in rows if not row["reason"]], ["new"] * 3)
        self.assertIn(("", "GEOMETRY_IGNORED"), self.found(rows, "line", "reason"))
        self.assertEqual(stored(), before)
        done, _ = self.run_import("layer_dgos.geojson", *FILLED)
        self.assertIn("3 created, 0 there already, 0 refused", done.stdout)
        self.assertEqual(territory(name), {"76351": 1, "76552": 1, "76341": 1, "76447": 1})
        self.assertEqual(stages(name), [
            ("EMERGENCE", "2022-03-12"), ("LETTRE_INTENTION", "2022-03-13"),
            ("PROJET_VALIDE", "2022-03-14"), ("ACI_SIGNE", "2022-03-15")])
        after = stored()
        done, rows = self.run_import("layer_dgos.geojson", *FILLED)
        self.assertIn("0 created, 3 there already, 0 refused", done.stdout)
        self.assertEqual([row["state"] for row in rows if not row["reason"]], ["unchanged"] * 3)
        self.assertEqual(stored(), after)
        self.change_layer()

    def change_layer(self):
        """The same layer with another territory and a later stage."""
        with open(os.path.join(FILES, "layer_dgos.geojson"), encoding="utf-8") as file:
            layer = json.load(file)
        layer["features"][0]["properties"]["communes"] = ["76351", "Sainte-Adresse",
                                                          "Octeville s/ Mer"]
        layer["features"][2]["properties"].update(statut="Lettre d'intention validée",
                                                  date_statut="15/01/2024")
        path, before = write("changed.geojson", json.dumps(layer)), stored()
        done, rows = self.run_import(path, *FILLED)
        self.assertIn("1 there already, 0 refused, 2 different", done.stdout)
        self.assertEqual([row["reason"] for row in rows if row["state"] == "change"],
                         ["TERRITORY_DIFFERS", "STAGE_DIFFERS"])
        message, = (row["message"] for row in rows if row["reason"] == "TERRITORY_DIFFERS")
        self.assertEqual(message, "1 to add: Octeville-sur-Mer (76481); 2 to remove: "
                                  "Harfleur (76341), Montivilliers (76447)")
        self.assertEqual(stored(), before)
        update = ("--synthetic", "--update", "--effective-on", "2024-02-01")
        done, _ = self.run_import(path, *update, "--preview")
        self.assertIn("0 new, 2 to be changed, 1 unchanged", done.stdout)
        self.assertEqual(stored(), before)
        done, _ = self.run_import(path, *update)
        self.assertIn("0 created, 1 there already, 0 refused, 2 updated", done.stdout)
        self.assertEqual(set(territory("CPTS fictive de la Pointe de Caux")),
                         {"76351", "76552", "76481"})
        self.assertEqual(stages("CPTS fictive du Jura"),
                         [("EMERGENCE", "2023-12-31"), ("LETTRE_INTENTION", "2024-01-15")])
        after = stored()
        done, _ = self.run_import(path, *update)
        self.assertIn("0 created, 3 there already, 0 refused", done.stdout)
        self.assertEqual(stored(), after)

    def test_import__csv_layer_has_a_list_of_communes_in_a_cell(self):
        _, rows = self.run_import("layer_list.csv", *FILLED)
        self.assertEqual(territory('CPTS fictive "Paris Est"'),
                         {"75111": 1, "75112": 1, "75120": 1})
        self.assertEqual(territory("CPTS fictive de Lyon Centre"),
                         {"69381": 1, "69382": 1, "69386": 1})
        self.assertEqual(stages('CPTS fictive "Paris Est"')[2:],
                         [("PROJET_VALIDE", "2023-02-14"), ("ACI_SIGNE", "2023-06-28")])
        self.assertEqual([row["reason"] for row in rows if row["reason"]], ["DATES_FILLED"] * 2)

    def test_import__dates_that_are_not_known_are_not_invented_unasked(self):
        before = stored()
        text = "CPTS,Statut,Communes\nFictive sans date,ACI signé,39198\n"
        for options, reason in (((), "STAGE_DATE_MISSING"),
                                (("--effective-on", "2024-01-01"), "EARLIER_DATES_MISSING")):
            _, rows = self.run_import(write("undated.csv", text), "--synthetic", *options, code=1)
            self.assertEqual([row["reason"] for row in rows if row["reason"]], [reason])
        self.assertEqual(stored(), before)


class Spreadsheet(Import):
    def test_import__names_alone_in_windows_1252_behind_titles(self):
        _, rows = self.run_import("ars_names_1252.csv", *FILLED)
        self.assertEqual(territory("CPTS fictive Cœur de Caux"),
                         {"76351": 1, "76552": 1, "76341": 0.5, "76563": 1})
        self.assertEqual(stages("CPTS fictive Cœur de Caux")[-1],
                         ("LETTRE_INTENTION", "2023-02-15"))
        notes = self.found(rows, "line", "reason", "message")
        self.assertIn(("", "LINES_WITHOUT_CPTS", "2 lines name no CPTS and were left out"), notes)
        self.assertIn("ENCODING_GUESSED", [reason for _, reason, _ in notes])

    def test_import__old_codes_old_names_and_lost_zeros(self):
        _, rows = self.run_import("ars_codes_latin9.csv", *FILLED, "--region", "44")
        self.assertEqual(territory("Vallée de la Marne (CPTS fictive)"), {"02565": 1, "51410": 1})
        found = self.found(rows, "line", "state", "reason")
        self.assertIn(("3", "note", "OLD_UNIT_CODE"), found)
        self.assertIn(("4", "note", "OLD_UNIT_NAME"), found)

    def test_import__homonyms_are_told_apart_or_refused_with_candidates(self):
        _, rows = self.run_import("ars_homonyms.csv", *FILLED, code=1)
        self.assertEqual(
            territory("CPTS fictive du Finage (données fictives)"), {"39198": 1, "39476": 1})
        found = self.found(rows, "line", "state", "reason")
        for wanted in (("3", "note", "RESOLVED_BY_NEIGHBOURS"),
                       ("4", "refused", "AMBIGUOUS_COMMUNE"),
                       ("5", "refused", "UNKNOWN_COMMUNE"), ("6", "refused", "UNKNOWN_COMMUNE")):
            self.assertIn(wanted, found)
        candidates = [row["candidates"] for row in rows if row["reason"] == "AMBIGUOUS_COMMUNE"]
        self.assertIn("Saint-Aubin (39476)", candidates[0])
        self.assertIn("Lons-le-Saunier (39300)", [row["candidates"] for row in rows])

    def test_import__columns_are_mapped_by_the_user(self):
        text = ("Sigle|Ville|Avancement|Quand|Commentaire\n"
                "Fictive mappée|Champagnole|lettre d'intention|03/02/2023|x\n")
        path = write("mapped.csv", text.replace("|", ";"), "utf-16")
        maps = [word for pair in ("name=Sigle", "commune_name=Ville", "stage=Avancement",
                                  "lettre_intention_on=Quand") for word in ("--map", pair)]
        before = stored()
        done, _ = self.run_import(path, *FILLED, code=1)
        self.assertIn("Sigle | Ville | Avancement | Quand | Commentaire", done.stderr)
        self.assertEqual(stored(), before)
        self.run_import(path, *FILLED, *maps)
        self.assertEqual(territory("Fictive mappée"), {"39097": 1})
        self.assertEqual(stages("Fictive mappée"),
                         [("EMERGENCE", "2023-02-02"), ("LETTRE_INTENTION", "2023-02-03")])

    def test_import__two_cpts_that_claim_a_commune_are_a_conflict(self):
        text = ("CPTS;Code INSEE;Statut\nFictive Un;%s;Émergence\nFictive Un;76540;Émergence\n"
                "Fictive Deux;76540;Émergence\n")
        _, rows = self.run_import(write("conflict.csv", text % "76322"), *COMMON)
        conflict, = (row for row in rows if row["state"] == "conflict")
        self.assertEqual((conflict["line"], conflict["reason"]), ("4", "TERRITORY_CONFLICT"))
        self.assertIn("Fictive Un", conflict["message"])
        self.assertEqual(conflict["candidates"], "Rouen (76540)")
        text = "CPTS;Code INSEE;Statut\nFictive Trois;76540;Émergence\n"
        _, rows = self.run_import(write("conflict.csv", text), *COMMON, "--preview")
        self.assertEqual(len([row for row in rows if row["state"] == "conflict"]), 2)

    def test_import__restart_after_half_a_file(self):
        lines = ["CPTS;Code INSEE;Statut"] + [f"Fictive R{i};{14118 + i};Émergence"
                                              for i in (0, 5, 7, 10)]
        self.run_import(write("half.csv", "\n".join(lines[:3]) + "\n"), *COMMON)
        done, _ = self.run_import(write("whole.csv", "\n".join(lines) + "\n"), *COMMON)
        self.assertIn("2 created, 2 there already, 0 refused", done.stdout)


class Refused(Import):
    HEAD = "CPTS;Département;Code INSEE;Commune;Statut;Date statut;Part\n"

    def line(self, **changes):
        cells = {"cpts": "Fictive", "dep": "", "code": "39198", "commune": "",
                 "statut": "en projet", "date": "01/02/2023", "part": "", **changes}
        return self.HEAD + ";".join(cells.values()) + "\n"

    def test_import__each_mistake_has_its_line_and_reason(self):
        for reason, changes, words in (
                ("UNKNOWN_CODE", {"code": "39999"}, "39999"),
                ("CODE_NAME_MISMATCH", {"commune": "Rouen"}, "Rouen (76540)"),
                ("COMMUNE_MISSING", {"code": ""}, ""),
                ("UNKNOWN_COMMUNE", {"code": "", "commune": "x" + "é" * 60}, "xé"),
                ("UNKNOWN_COMMUNE", {"code": "", "dep": "39", "commune": "Doll"}, "Dole (39198)"),
                ("AMBIGUOUS_COMMUNE", {"code": "", "commune": "St-Aubin"}, "Saint-Aubin (10334)"),
                ("DEPARTMENT_UNKNOWN", {"code": "", "dep": "Jurassique", "commune": "Dole"}, ""),
                ("SHARE_INVALID", {"part": "50"}, "50"),
                ("SHARE_INVALID", {"part": "0"}, "0"),
                ("STAGE_UNKNOWN", {"statut": "ACI sinié"}, "aci signe"),
                ("STAGE_MISSING", {"statut": ""}, ""),
                ("DATE_INVALID", {"date": "02/2023"}, "a date needs its day"),
                ("DATE_INVALID", {"date": "31/02/2023"}, "not a date"),
                ("DATE_IN_FUTURE", {"date": "01/01/2999"}, ""),
                ("EARLIER_DATES_MISSING", {"statut": "ACI signé"}, "EMERGENCE"),
                ("NAME_TOO_LONG", {"cpts": "x" * 201}, "")):
            with self.subTest(reason=reason, **changes):
                self.expect_refused(self.line(**changes), 2, reason, words=words)

    def test_import__lines_of_one_cpts_must_agree(self):
        self.expect_refused(self.line() + "Fictive;;39300;;ACI signé;;\n", 3, "VALUES_DIFFER",
                            words="ACI signé")
        self.expect_refused(self.line(part="0,5") + "Fictive;;39198;;en projet;;0,5\n", 2,
                            "UNIT_REPEATED")
        self.expect_refused("CPTS,Statut,Communes\nFictive,en projet,39999\n"
                            "CPTS de la Fictive,en projet,39999\n", 3, "SAME_CPTS")

    def test_import__a_region_must_be_one(self):
        self.expect_refused(self.line() + "Fictive;;76540;;;;\n", 2, "REGION_UNCLEAR")
        self.expect_refused("CPTS;Région;Commune;Statut\nFictive;Atlantide;Dole;en projet\n", 2,
                            "REGION_UNKNOWN", words="Atlantide")

    def test_import__a_file_that_is_none_stops_before_anything(self):
        for content, sentence in (
                (b"", "the file is empty"),
                (b"a;b\n1;2\n", "columns: a | b"),
                (b"CPTS;Commune\n", "the file has a header and no row"),
                (b"CPTS;Commune\n;Dole\n", "no line of the file names a CPTS"),
                (b"CPTS;statut;avancement;Commune\na;b;c;d\n", "two columns could be stage"),
                (b"CPTS;Commune\n\xc3\xa9;a\n\xe9;b\n", "line 3 is not UTF-8"),
                (b"CPTS;Commune\na;\"b\n", "are never closed"),
                (b'{"type":"FeatureCollection","features":[{"properties":', "breaks off"),
                (b'{"type":"FeatureCollection","features":[]}', "this has none")):
            with self.subTest(sentence=sentence):
                self.expect_no_import(content, sentence)

    def test_import__limits(self):
        self.expect_no_import(b"CPTS;Commune\n" + b"a;b\n" * 500000, "more than 500000 lines")
        self.expect_no_import(b"CPTS;Commune\n" + b"a" * 70000 + b";b\n", "longer than 65536 bytes")
        self.expect_no_import(b"CPTS;Commune\n" + b"a;b\n" * (17 << 20), "longer than 64 MB")

    def test_import__wrong_words_are_usage_errors(self):
        path = os.path.join(FILES, "ars_homonyms.csv")
        for options, words in ((("--update",), "--update needs --effective-on"),
                               (("--effective-on", "2999-01-01"), "in the future"),
                               (("--format", "layer"), "no format"),
                               (("--map", "nom=x"), "no field"),
                               (("--map", "name=a", "--map", "name=b"), "given twice"),
                               (("--region", "Atlantide"), "no region")):
            with self.subTest(options=options):
                done, _ = self.run_import(path, *options, code=2)
                self.assertIn(words, done.stderr)


class Units(unittest.TestCase):
    """ListUnits and ListDepartments, which all this rests on."""

    def setUp(self):
        self.client = node.client()
        self.addCleanup(self.client.close)

    def units(self, **fields):
        request = nodes.reference_pb2.ListUnitsRequest(**fields)
        return self.client.reference.ListUnits(request, timeout=nodes.CALL_TIMEOUT_S)

    def test_units__all_pages_are_all_units(self):
        units, token = [], ""
        while True:
            page = self.units(page_size=5000, page_token=token)
            self.assertLess(page.ByteSize(), 1 << 20)
            units += page.units
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(len(units), 34875 + 45)
        self.assertEqual([unit.code for unit in units], sorted(unit.code for unit in units))
        self.assertEqual(sum(unit.population_count for unit in units if unit.is_leaf), 68350798)
        by_code = {unit.code: unit for unit in units}
        self.assertEqual(by_code["75111"].parent_code, "75056")
        self.assertEqual([(former.code, former.name) for former in by_code["01015"].former_units],
                         [("01015", "Arbignieu"), ("01340", "Saint-Bois")])

    def test_units__bad_pages_are_refused(self):
        for fields, reason in (({"page_size": 5001}, "FIELD_INVALID"),
                               ({"page_size": -1}, "FIELD_INVALID"),
                               ({"page_token": "99999"}, "PAGE_TOKEN_INVALID")):
            with self.subTest(**fields):
                self.assertEqual(nodes.refusal(self.units, **fields).reason, reason)

    def test_departments__are_all_there(self):
        request = nodes.reference_pb2.ListDepartmentsRequest()
        found = self.client.reference.ListDepartments(request, timeout=nodes.CALL_TIMEOUT_S)
        self.assertEqual((len(found.departments), found.next_page_token), (109, ""))
        self.assertIn(("2A", "Corse-du-Sud", "94"),
                      [(d.code, d.name, d.region) for d in found.departments])


if __name__ == "__main__":
    psql.main()
