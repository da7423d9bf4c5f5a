# SPDX-License-Identifier: Apache-2.0
"""What `cptsctl export` writes, read by others: Python's csv and json by the
rules of Table Schema, openpyxl for the workbook.
"""
import datetime
import os
import shutil
import subprocess
import tempfile
import threading
import unittest

import node as nodes
import openpyxl
import psql
import table_schema

DEMO = os.path.join(psql.SOURCE, "deploy", "demo", "cpts.csv")
TIMEOUT_S = 300
TABLES = ["cpts", "stage_history", "territory", "coverage_by_region", "coverage_by_stage",
          "coverage_by_definition", "trajectory", "published_count", "projection",
          "projection_fit", "gap", "conflict", "clock_due", "budget_by_region", "region",
          "dictionary"]
DATE = "2024-02-01"
STOCK = {"EMERGENCE": 26, "LETTRE_INTENTION": 137, "PROJET_VALIDE": 45, "ACI_SIGNE": 530}
# Names that a spreadsheet would run, and names that only look strange.
FORMULAS = ["=cmd|' /C calc'!A0", "+33 1", "-1+1", "@SUM(1)", "\uff1d1+1"]
HARMLESS = ["CPTS \"Nord\", Sud; Est", "CPTS = A", "'apostrophe", "CPTS Œuvre été"]
node = folder = None


def setUpModule():
    global node, folder
    node = nodes.Node()
    folder = tempfile.mkdtemp(prefix="cpts-export.", dir="/tmp")
    with open(path("profile.ini"), "w", encoding="utf-8") as file:
        file.write(f"[profile]\naddress = 127.0.0.1:{node.port}\nca = {node.path('ca.pem')}\n"
                   f"certificate = {node.path('operator.pem')}\n"
                   f"key = {node.path('operator.key')}\n")
    done = cptsctl("import", DEMO)
    if done.returncode != 0:
        raise AssertionError(done.stderr)


def tearDownModule():
    if node is not None:
        node.stop()
    if folder is not None:
        shutil.rmtree(folder)


def path(name):
    return os.path.join(folder, name)


def cptsctl(*words, profile="profile.ini"):
    return subprocess.run(
        [os.path.join(nodes.BUILD, "bin", "cptsctl"), *words, "--profile", path(profile)],
        capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


def left_over():
    """What an export that failed must not leave."""
    return [name for name in os.listdir(folder) if ".part-" in name]


class Export(unittest.TestCase):
    def export(self, name, *options, code=0):
        done = cptsctl("export", path(name), *options)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual((done.stdout, left_over()), ("", []))
        return done

    def folder(self, name, *options):
        self.export(name, *options)
        return table_schema.read(path(name))


class Folder(Export):
    @classmethod
    def setUpClass(cls):
        done = cptsctl("export", path("whole"), "--as-of", DATE)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        cls.package, cls.tables = table_schema.read(path("whole"))

    def test_export__every_table_by_its_schema(self):
        package, tables = self.package, self.tables
        self.assertEqual(list(tables), TABLES)
        self.assertEqual(sorted(os.listdir(path("whole"))),
                         sorted([f"{name}.csv" for name in TABLES]
                                + ["datapackage.json", "LISEZMOI.md"]))
        for name, table in tables.items():
            self.assertEqual(len(table.rows), table.resource["rows"], name)
        self.assertEqual((package["as_of"], package["region"], package["synthetic"]),
                         (DATE, None, True))
        self.assertIn("DONNÉES SYNTHÉTIQUES", package["title"])

    def test_export__figures_are_the_published_ones(self):
        tables = self.tables
        by_stage = tables["coverage_by_stage"].rows
        self.assertEqual({row["stage"]: row["count"] for row in by_stage}, STOCK)
        stages = tables["cpts"].column("stage")
        self.assertEqual({stage: stages.count(stage) for stage in STOCK}, STOCK)
        regions = tables["coverage_by_region"].rows
        self.assertEqual(sum(row["project_count"] for row in regions), 738)
        definitions = {row["definition"]: row for row in tables["coverage_by_definition"].rows}
        self.assertEqual(definitions["ALL_LIVE"]["project_count"], 738)
        self.assertEqual(definitions["ACI_SIGNED"]["project_count"], 530)
        self.assertEqual(definitions["ALL_LIVE"]["population_total"],
                         sum(tables["region"].column("population_count")))

    def test_export__the_trajectory_ends_where_the_board_stands(self):
        last = self.tables["trajectory"].rows[-1]
        self.assertEqual((str(last["date"]), last["project_count"], last["aci_signe"]),
                         (DATE, 738, STOCK["ACI_SIGNE"]))
        published = self.tables["published_count"].rows
        self.assertEqual(published[-1]["project_count"], 738)
        self.assertTrue(all(row["date"] <= last["date"] for row in published))

    def test_export__models_are_given_with_what_they_are_worth(self):
        _, tables = self.folder("models", "--as-of", "2026-11-22")
        fits = {row["model"]: row for row in tables["projection_fit"].rows}
        self.assertLess(abs(fits["linear"]["rmse"] - 90), 5)
        self.assertLess(abs(fits["logistic"]["rmse"] - 36), 2)
        self.assertLess(abs(fits["logistic"]["plateau"] - 800), 20)
        self.assertIsNotNone(fits["linear"]["target_reached_on"])
        self.assertIsNone(fits["logistic"]["target_reached_on"])
        self.assertEqual({row["model"] for row in tables["projection"].rows}, set(fits))

    def test_export__rows_are_those_of_the_database(self):
        package, tables = self.folder("rows")
        known = f"'{package['known_at']}'::timestamptz"
        for name, stored in (("cpts", "cpts.cpts t WHERE created_at <= $"),
                             ("stage_history", "cpts.cpts_stage t WHERE recorded_from <= $"
                                               " AND recorded_to > $"),
                             ("territory", "cpts.cpts_territory t WHERE recorded_from <= $ AND"
                                           " recorded_to > $ AND valid_to = 'infinity'")):
            count = node.database.value(f"SELECT count(*) FROM {stored}".replace("$", known))
            self.assertEqual(len(tables[name].rows), int(count), name)
        units = tables["territory"].column("cpts_id")
        for row in tables["cpts"].rows[:50]:
            self.assertEqual(row["unit_count"], units.count(row["id"]))

    def test_export__gaps_are_what_the_board_does_not_cover(self):
        tables = self.tables
        board = next(row for row in tables["coverage_by_definition"].rows
                     if row["definition"] == "ALL_LIVE")
        gaps = tables["gap"].rows
        self.assertLess(abs(sum(row["uncovered_count"] for row in gaps)
                            - board["population_total"] + board["population_covered"]), len(gaps))
        self.assertTrue(all(0 <= row["uncovered_count"] <= row["population_count"]
                            for row in gaps))

    def test_export__conflicts_are_claims_of_more_than_a_whole(self):
        client = node.client()
        self.addCleanup(client.close)
        made = [client.create(lead_region="94", territory=[nodes.unit("2A041", share)]).id
                for share in (1.0, 0.5)]
        _, tables = self.folder("conflicts", "--region", "94")
        rows = [row for row in tables["conflict"].rows if row["unit_code"] == "2A041"]
        self.assertEqual(sorted((str(row["cpts_id"]), row["share"]) for row in rows
                                if str(row["cpts_id"]) in made),
                         sorted(zip(made, (1.0, 0.5))))
        self.assertTrue(all(row["share_sum"] >= 1.5 and row["excess_count"] > 0 for row in rows))

    def test_export__clocks_and_budget_are_those_of_the_date(self):
        _, tables = self.folder("clocks", "--as-of", "2026-11-22", "--region", "11")
        due = tables["clock_due"].rows
        self.assertGreater(len(due), 0)
        self.assertTrue(all(row["started_on"] <= row["due_on"] <= datetime.date(2026, 11, 22)
                            for row in due))
        row, = tables["budget_by_region"].rows
        self.assertEqual((row["region"], row["year"]), ("11", 2026))
        self.assertGreater(row["contract_count"], 0)
        self.assertGreaterEqual(row["maximum"], row["certain"])

    def test_export__the_dictionary_has_every_column(self):
        tables = self.tables
        self.assertEqual([(row["table"], row["column"], row["label"], row["description"])
                          for row in tables["dictionary"].rows],
                         [(name, field["name"], field["title"], field["description"])
                          for name, table in tables.items() for field in table.fields])
        with open(path("whole/LISEZMOI.md"), encoding="utf-8") as file:
            readme = file.read()
        for name in TABLES:
            self.assertIn(f"`{name}.csv`", readme)
        for words in ("DONNÉES SYNTHÉTIQUES", "Connu au", "Licence Ouverte 2.0", "apostrophe"):
            self.assertIn(words, readme)

    def test_export__a_region_is_all_there_is(self):
        package, tables = self.folder("region", "--region", "11", "--as-of", DATE)
        self.assertEqual(package["region"], "11")
        self.assertEqual(set(tables["cpts"].column("lead_region")), {"11"})
        row, = tables["coverage_by_region"].rows
        self.assertEqual((row["region"], row["name"]), ("11", "Île-de-France"))
        self.assertEqual(row, next(one for one in self.tables["coverage_by_region"].rows
                                   if one["region"] == "11"))


class Time(Export):
    def test_export__the_past_is_written_again_as_it_was(self):
        client = node.client()
        self.addCleanup(client.close)
        cpts = client.create(name="CPTS d'avant", lead_region="11")
        package, before = self.folder("before", "--as-of", DATE, "--region", "11")
        client.record(id=cpts.id, expected_version=cpts.version,
                      stage=nodes.stage("ABANDONNE"), effective_on="2024-01-15")
        _, again = self.folder("again", "--as-of", DATE, "--region", "11", "--known-at",
                               package["known_at"])
        for name in ("stage_history", "territory", "coverage_by_region", "coverage_by_stage",
                     "coverage_by_definition", "trajectory"):
            self.assertEqual(again[name].bytes, before[name].bytes, name)
        self.assertEqual(again["cpts"].column("stage"), before["cpts"].column("stage"))
        _, now = self.folder("now", "--as-of", DATE, "--region", "11")
        stage, = (row["stage"] for row in now["cpts"].rows if row["id"] == cpts.id)
        self.assertEqual(stage, "ABANDONNE")

    def test_export__one_instant_while_others_write(self):
        client, stop = node.client(), threading.Event()
        self.addCleanup(client.close)

        def write():
            while not stop.is_set():
                client.create(name="CPTS pendant l'export", lead_region="11")

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for _ in range(3):
                package, tables = self.folder("busy", "--region", "11")
                known_at = datetime.datetime.strptime(package["known_at"],
                                                      "%Y-%m-%dT%H:%M:%S.%fZ")
                self.assertLessEqual(max(tables["cpts"].column("created_at")), known_at)
                live = [row for row in tables["cpts"].rows if row["stage"] in STOCK]
                self.assertEqual(len(live), sum(tables["coverage_by_stage"].column("count")))
        finally:
            stop.set()
            writer.join(TIMEOUT_S)


class Formulas(Export):
    @classmethod
    def setUpClass(cls):
        client = node.client()
        for name in FORMULAS + HARMLESS:
            client.create(name=name, lead_region="94",
                          territory=[nodes.unit("2A004")])
        client.close()

    def test_export__no_text_is_a_formula(self):
        _, tables = self.folder("formulas", "--region", "94")
        names = tables["cpts"].column("name")
        for name in FORMULAS:
            self.assertIn(f"'{name}", names)
            self.assertNotIn(name, names)
        for name in HARMLESS:
            self.assertIn(name, names)

    def test_export__no_cell_of_the_workbook_is_a_formula(self):
        self.export("formulas.xlsx", "--region", "94")
        book = openpyxl.load_workbook(path("formulas.xlsx"))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        self.assertEqual([cell.coordinate for cell in cells if cell.data_type == "f"], [])
        names = [cell.value for cell in book["CPTS"]["B"]]
        for name in FORMULAS:
            self.assertIn(f"'{name}", names)


class Workbook(Export):
    def cell(self, field, value):
        """What a value of the CSV is in the workbook."""
        if value is None or field["type"] in ("string", "integer", "number", "boolean"):
            return value
        if field["type"] == "date":
            return datetime.datetime.combine(value, datetime.time())
        # A spreadsheet's instants are cut to milliseconds.
        return value

    def near(self, one, other):
        if isinstance(one, datetime.datetime):
            return abs(one - other) < datetime.timedelta(milliseconds=2)
        if isinstance(one, float):
            return abs(one - other) < 1e-9
        return one == other

    def test_export__a_workbook_says_what_the_folder_says(self):
        package, tables = self.folder("same", "--as-of", DATE, "--region", "53")
        self.export("same.xlsx", "--as-of", DATE, "--region", "53", "--known-at",
                    package["known_at"])
        book = openpyxl.load_workbook(path("same.xlsx"))
        self.assertEqual(book.sheetnames, ["Lisez-moi"] + [
            table.resource["title"] for table in tables.values()])
        for table in tables.values():
            rows = list(book[table.resource["title"]].iter_rows(values_only=True))
            self.assertEqual(list(rows[0]), [field["title"] for field in table.fields])
            self.assertEqual(len(rows) - 1, len(table.rows))
            for cells, row in zip(rows[1:], table.rows):
                wanted = [self.cell(field, row[field["name"]]) for field in table.fields]
                self.assertTrue(all(map(self.near, cells, wanted)), (cells, wanted))

    def test_export__a_workbook_says_what_to_know(self):
        self.export("notes.xlsx", "--as-of", DATE, "--region", "94")
        book = openpyxl.load_workbook(path("notes.xlsx"))
        sheet = book["Lisez-moi"]
        self.assertIn("DONNÉES SYNTHÉTIQUES", sheet["A1"].value)
        notes = {row[0]: row[1] for row in sheet.iter_rows(min_row=3, values_only=True)}
        self.assertTrue(notes["Date"].startswith(DATE))
        for heading in ("Connu au", "Périmètre", "Définitions", "Source", "DONNÉES SYNTHÉTIQUES"):
            self.assertTrue(notes[heading], heading)
        self.assertEqual(book["CPTS"].freeze_panes, "B2")
        self.assertTrue(book["CPTS"].auto_filter.ref)


class Place(Export):
    def test_export__an_older_export_is_replaced_whole(self):
        self.export("twice", "--region", "53")
        with open(path("twice/stray.csv"), "w", encoding="utf-8") as file:
            file.write("x")
        package, _ = self.folder("twice", "--region", "94")
        self.assertEqual(package["region"], "94")
        self.assertNotIn("stray.csv", os.listdir(path("twice")))
        self.export("twice.xlsx", "--region", "53")
        size = os.path.getsize(path("twice.xlsx"))
        self.export("twice.xlsx", "--region", "94")
        self.assertNotEqual(os.path.getsize(path("twice.xlsx")), size)

    def test_export__what_is_no_export_is_left_alone(self):
        os.mkdir(path("photos"))
        with open(path("photos/datapackage.json"), "w", encoding="utf-8") as file:
            file.write('{"name": "somebody-elses"}')
        os.mkdir(path("folder.xlsx"))
        with open(path("file"), "w", encoding="utf-8") as file:
            file.write("mine")
        for name, words in (("photos", "holds other files"), ("folder.xlsx", "is no file"),
                            ("file", "is no folder"), (".", "a folder of its own"),
                            ("nowhere/x", "No such file"), ("nowhere/x.xlsx", "No such file")):
            with self.subTest(name=name):
                self.assertIn(words, self.export(name, code=1).stderr)
        self.assertEqual(os.listdir(path("photos")), ["datapackage.json"])
        self.assertEqual(os.listdir(path("folder.xlsx")), [])
        with open(path("file"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "mine")

    def test_export__a_failure_leaves_nothing_and_keeps_what_was(self):
        self.export("kept", "--region", "94")
        before = sorted((name, os.path.getmtime(path(f"kept/{name}")))
                        for name in os.listdir(path("kept")))
        with open(path("profile.ini"), encoding="utf-8") as file:
            lines = file.read().replace(f":{node.port}", ":1")
        with open(path("nobody.ini"), "w", encoding="utf-8") as file:
            file.write(lines)
        for name in ("kept", "new", "new.xlsx"):
            done = cptsctl("export", path(name), "--timeout", "1", profile="nobody.ini")
            self.assertEqual((done.returncode, left_over()), (5, []), done.stderr)
        self.assertIn("no region", self.export("new", "--region", "98", code=1).stderr.lower())
        self.assertFalse(os.path.exists(path("new")) or os.path.exists(path("new.xlsx")))
        self.assertEqual(sorted((name, os.path.getmtime(path(f"kept/{name}")))
                                for name in os.listdir(path("kept"))), before)

    def test_export__wrong_words_are_usage_errors(self):
        for words in ((), ("x", "--as-of", "yesterday"), ("x", "--known-at", "2024"), ("x", "y"),
                      ("x", "--json")):
            with self.subTest(words=words):
                self.assertEqual(cptsctl("export", *words).returncode, 2)


class Reader(unittest.TestCase):
    """The reader of this test refuses what is wrong."""

    def test_reader__sees_a_broken_value(self):
        done = cptsctl("export", path("broken"), "--region", "94")
        self.assertEqual(done.returncode, 0, done.stderr)
        name = path("broken/coverage_by_stage.csv")
        with open(name, encoding="utf-8", newline="") as file:
            text = file.read()
        for old, new in (("EMERGENCE", "ÉMERGENCE"), (",true\r\n", ",maybe\r\n"),
                         ("LETTRE_INTENTION", "EMERGENCE"), ("\r\n", "\n"), ("stage,", "Stage,")):
            with self.subTest(new=new):
                with open(name, "w", encoding="utf-8", newline="") as file:
                    file.write(text.replace(old, new))
                with self.assertRaises(AssertionError):
                    table_schema.read(path("broken"))


if __name__ == "__main__":
    psql.main()
