# SPDX-License-Identifier: Apache-2.0
"""`cptsctl members import` and the other verbs of members against a real server:
files as people have them, run twice, and what is refused."""
import csv
import io
import json
import os
import subprocess
import unittest

from node import BUILD, OTHER_REGION, REGION, Node, psql, rpps

CPTSCTL = os.path.join(BUILD, "bin", "cptsctl")
RUN_TIMEOUT_S = 120
GENERATOR = os.path.join(psql.SOURCE, "deploy", "demo", "members.py")
SIRET, FINESS = "73282932000074", "010000001"
HEADER = "Nom de la CPTS;RPPS;FINESS;SIRET;Profession;Collège;Voix;Date d'adhésion;Date de départ"
node = client = None


def setUpModule():
    global node, client
    node = Node()
    client = node.client("operator")
    for name, key in (("operator", "operator"), ("analyst", "analyst"), ("agent", "agent")):
        with open(node.path(f"{name}.ini"), "w", encoding="utf-8") as file:
            file.write(f"[profile]\naddress = 127.0.0.1:{node.port}\nca = {node.path('ca.pem')}\n"
                       f"certificate = {node.path(key + '.pem')}\n"
                       f"key = {node.path(key + '.key')}\n")


def tearDownModule():
    if node is not None:
        client.close()
        node.stop()


def run(*words, profile="operator"):
    """The ended process."""
    return subprocess.run([CPTSCTL, *words, "--profile", node.path(f"{profile}.ini")],
                          capture_output=True, text=True, timeout=RUN_TIMEOUT_S, check=False)


class Tool(unittest.TestCase):
    def setUp(self):
        self.name = f"CPTS {self._testMethodName[-40:]}"
        self.id = client.create(name=self.name).id

    def file(self, text, encoding="utf-8"):
        path = node.path("members.csv")
        with open(path, "wb") as file:
            file.write(text.encode(encoding))
        return path

    def lines(self, *rows, header=HEADER):
        """A file of this CPTS: each row begins behind its name."""
        return "\r\n".join([header, *(f"{self.name};{row}" for row in rows)]) + "\r\n"

    def imported(self, text, *options, encoding="utf-8", code=0, profile="operator"):
        """The JSON of an import."""
        done = run("members", "import", self.file(text, encoding), "--json", *options,
                   profile=profile)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def counts(self, found):
        return found["added"], found["changed"], found["unchanged"], found["states"]["refused"]

    def reasons(self, found):
        return [(one["line"], one["field"], one["reason"]) for one in found["findings"]
                if one["kind"] == "refused"]

    def members(self, *options):
        done = run("members", "list", self.id, "--csv", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return {row["number"]: row for row in csv.DictReader(io.StringIO(done.stdout))}


class Files(Tool):
    def rows(self):
        return (f"{rpps(1)};;;Médecin généraliste;Professionnels;délibérative;01/03/2021;",
                f"{rpps(2)};;;IDEL;;consultative;2021-03-01;31/12/2022",
                f";{FINESS};;EHPAD;Partenaires;Consultative;01.03.2021;",
                f";;{SIRET[:3]} {SIRET[3:6]} {SIRET[6:9]} {SIRET[9:]};Mairie;;oui;01-03-2021;")

    def test_members_import__a_list_as_people_have_it(self):
        found = self.imported(self.lines(*self.rows()))
        self.assertEqual(self.counts(found), (4, 0, 0, 0))
        members = self.members("--as-of", "2022-06-01")
        self.assertEqual({number: (row["category"], row["college"], row["voice"], row["left_on"])
                          for number, row in members.items()},
                         {rpps(1): ("MEDECIN_GENERALISTE", "PROFESSIONAL", "DELIBERATIVE", ""),
                          rpps(2): ("INFIRMIER", "PROFESSIONAL", "CONSULTATIVE", "2022-12-31"),
                          FINESS: ("EHPAD", "PARTNER", "CONSULTATIVE", ""),
                          SIRET: ("COMMUNE", "PARTNER", "DELIBERATIVE", "")})

    def test_members_import__encodings_and_separators(self):
        text = self.lines(*self.rows())
        for encoding, separator in (("cp1252", ";"), ("iso-8859-15", ";"), ("utf-8-sig", ","),
                                    ("utf-16", "\t")):
            with self.subTest(encoding=encoding):
                found = self.imported(text.replace(";", separator), encoding=encoding)
                self.assertEqual(found["states"]["refused"], 0, found)

    def test_members_import__a_title_and_other_headings_with_map(self):
        text = f"Adhérents au 1er janvier\n\nProjet;Qui;Quoi\n{self.name};{rpps(9)};60\n"
        found = self.imported(text, "--map", "cpts_name=Projet", "--map", "number=Qui", "--map",
                              "category=Quoi", "--joined-on", "2024-01-01", "--voice",
                              "deliberative")
        self.assertEqual(self.counts(found), (1, 0, 0, 0))

    def test_members_import__run_again_it_changes_nothing(self):
        text = self.lines(*self.rows())
        self.imported(text)
        before = node.fingerprint()
        again = self.imported(text)
        self.assertEqual((again["states"]["replayed"], self.counts(again)), (4, (0, 0, 0, 0)))
        self.assertEqual(node.fingerprint(), before)

    def test_members_import__a_longer_file_adds_what_is_new(self):
        self.imported(self.lines(*self.rows()))
        new = f"{rpps(3)};;;Pharmacien;;oui;01/03/2021;"
        self.assertEqual(self.counts(self.imported(self.lines(*self.rows(), new))), (1, 0, 4, 0))

    def test_members_import__preview_tells_and_sends_nothing(self):
        self.imported(self.lines(*self.rows()))
        before = node.fingerprint()
        changed = self.rows()[0].replace("délibérative", "consultative")
        found = self.imported(self.lines(changed, *self.rows()[2:],
                                         f"{rpps(3)};;;Pharmacien;;oui;01/03/2021;"), "--preview")
        states = found["states"]
        self.assertEqual((states["new"], states["to_update"], states["unchanged"]), (1, 1, 2))
        self.assertEqual([(one["line"], one["reason"], one["message"])
                          for one in found["findings"] if one["kind"] == "change"],
                         [(2, "MEMBER_DIFFERS", "the node has MEDECIN_GENERALISTE, PROFESSIONAL, "
                           "DELIBERATIVE from 2021-03-01")])
        self.assertEqual(node.fingerprint(), before)
        dry = self.imported(self.lines(*self.rows()), "--dry-run")
        self.assertEqual((dry["states"]["not_sent"], node.fingerprint()), (4, before))

    def test_members_import__preview_says_what_it_cannot_compare(self):
        found = self.imported(self.lines(*self.rows()[:2]), "--preview")
        self.assertEqual([(one["line"], one["field"], one["reason"])
                          for one in found["findings"]], [(3, "", "NOT_COMPARED")])
        self.assertEqual(found["states"]["new"], 2)

    def test_members_import__leaves_and_comes_back_in_one_file(self):
        found = self.imported(self.lines(f"{rpps(1)};;;Infirmier;;oui;01/01/2024;",
                                         f"{rpps(1)};;;Infirmier;;oui;01/01/2020;01/01/2022"))
        self.assertEqual(self.counts(found), (1, 1, 0, 0))
        self.assertEqual([rpps(1) in self.members("--as-of", date)
                          for date in ("2021-06-01", "2023-06-01", "2024-06-01")],
                         [True, False, True])

    def test_members_import__who_comes_back_costs_one_more_command(self):
        commands = int(node.database.value("SELECT count(*) FROM cpts.command"))
        others = [f"{rpps(n)};;;Infirmier;;oui;01/03/2021;" for n in range(2, 6)]
        found = self.imported(self.lines(f"{rpps(1)};;;Infirmier;;oui;01/01/2020;01/01/2022",
                                         f"{rpps(1)};;;Infirmier;;oui;01/01/2024;", *others))
        self.assertEqual(self.counts(found), (5, 1, 0, 0))
        self.assertEqual(int(node.database.value("SELECT count(*) FROM cpts.command")) - commands,
                         2)

    def test_members_import__restate_corrects_the_date_of_joining(self):
        self.imported(self.lines(f"{rpps(1)};;;Infirmier;;oui;01/01/2020;"))
        self.imported(self.lines(f"{rpps(1)};;;Infirmier;;oui;01/06/2021;"), "--restate")
        self.assertEqual(self.members("--as-of", "2020-06-01"), {})

    def test_members_import__the_report_has_every_line(self):
        report = node.path("report.csv")
        text = self.lines(*self.rows(), f"{rpps(3)};;;Astrologue;;oui;01/03/2021;")
        self.imported(text, "--report", report, code=1)
        with open(report, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([(row["line"], row["state"], row["reason"]) for row in rows], [
            ("2", "recorded", ""), ("3", "recorded", ""), ("4", "recorded", ""),
            ("5", "recorded", ""), ("6", "refused", ""), ("6", "refused", "UNKNOWN_PROFESSION")])
        self.assertEqual((rows[0]["id"], rows[0]["key"]), (self.id, rpps(1)))
        self.assertIn("members categories", rows[5]["advice"])


class Refused(Tool):
    def test_members_import__each_mistake_by_its_line_field_and_reason(self):
        good = f"{rpps(1)};;;Infirmier;;oui;01/03/2021;"
        wrong_key = rpps(2)[:-1] + str((int(rpps(2)[-1]) + 1) % 10)
        mistakes = (
            (f"{wrong_key};;;Infirmier;;oui;01/03/2021;", "rpps", "RPPS_INVALID"),
            (f"1,00012E+10;;;Infirmier;;oui;01/03/2021;", "rpps", "RPPS_INVALID"),
            (f";12;;MSP;;oui;01/03/2021;", "finess", "FINESS_INVALID"),
            (f";;73282932000079;CCAS;;oui;01/03/2021;", "siret", "SIRET_INVALID"),
            (f";;;Infirmier;;oui;01/03/2021;", "number", "NUMBER_MISSING"),
            (f"{rpps(3)};{FINESS};;Infirmier;;oui;01/03/2021;", "finess", "SEVERAL_NUMBERS"),
            (f"{rpps(4)};;;Infirmière libéral;;oui;01/03/2021;", "category", "UNKNOWN_PROFESSION"),
            (f"{rpps(5)};;;Médecin;;oui;01/03/2021;", "category", "CATEGORY_AMBIGUOUS"),
            (f"{rpps(6)};;;;;oui;01/03/2021;", "category", "CATEGORY_MISSING"),
            (f";{FINESS};;Infirmier;;oui;01/03/2021;", "category", "UNKNOWN_STRUCTURE_KIND"),
            (f"{rpps(7)};;;Infirmier;Bureau;oui;01/03/2021;", "college", "COLLEGE_UNKNOWN"),
            (f"{rpps(8)};;;Infirmier;;peut-être;01/03/2021;", "voice", "VOICE_UNKNOWN"),
            (f"{rpps(9)};;;Infirmier;;;01/03/2021;", "voice", "VOICE_MISSING"),
            (f"{rpps(10)};;;Infirmier;;oui;;", "joined_on", "JOINED_MISSING"),
            (f"{rpps(11)};;;Infirmier;;oui;31/02/2021;", "joined_on", "DATE_INVALID"),
            (f"{rpps(12)};;;Infirmier;;oui;01/03/2199;", "joined_on", "DATE_IN_FUTURE"),
            (f"{rpps(13)};;;Infirmier;;oui;01/03/2021;01/03/2021", "left_on",
             "LEFT_BEFORE_JOINED"),
            (f"{rpps(1)};;;Pharmacien;;oui;01/03/2021;", "", "MEMBER_REPEATED"))
        found = self.imported(self.lines(good, *(row for row, _, _ in mistakes)), code=1)
        self.assertEqual(self.reasons(found),
                         [(line, field, reason)
                          for line, (_, field, reason) in enumerate(mistakes, 3)])
        self.assertEqual((self.counts(found), set(self.members())),
                         ((1, 0, 0, len(mistakes)), {rpps(1)}))

    def test_members_import__a_cpts_that_is_not_there_or_not_sure(self):
        for name, region in ("CPTS Homonyme", REGION), ("CPTS Homonyme", OTHER_REGION):
            client.create(name=name, lead_region=region)
        tail = f"{rpps(1)};60;oui;01/03/2021"
        header = "CPTS;Région;RPPS;Profession;Voix;Date d'adhésion"
        text = "\n".join([header, f"CPTS Homonyme;;{tail}", f"CPTS Homonyme;{REGION};{tail}",
                          f"CPTS Perdue;;{tail}", f";;{tail}"])
        found = self.imported(text, code=1)
        self.assertEqual(self.reasons(found), [(2, "cpts_name", "SEVERAL_CPTS"),
                                               (4, "cpts_name", "UNKNOWN_CPTS"),
                                               (5, "cpts", "CPTS_MISSING")])
        self.assertEqual(found["added"], 1)

    def test_members_import__what_the_node_refuses_is_said_by_line(self):
        client.record(id=self.id, expected_version=1, stage=7, effective_on="2022-01-01")
        found = self.imported(self.lines(f"{rpps(1)};;;Infirmier;;oui;01/03/2021;"), code=1)
        self.assertEqual(self.reasons(found), [(2, "", "CPTS_ENDED")])
        other = client.create(name="CPTS d'ailleurs", lead_region=OTHER_REGION).id
        text = f"Id CPTS;RPPS;Profession;Voix;Date d'adhésion\n{other};{rpps(1)};60;oui;01/03/2021"
        found = self.imported(text, code=1, profile="agent")
        self.assertEqual(self.reasons(found), [(2, "", "OUT_OF_SCOPE")])

    def test_members_import__a_role_that_may_not_stops_it(self):
        text = self.lines(f"{rpps(1)};;;Infirmier;;oui;01/03/2021;")
        done = run("members", "import", self.file(text), profile="analyst")
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("ROLE_NOT_ALLOWED", done.stderr)
        self.assertEqual(self.members(), {})

    def test_members_import__a_file_that_is_none(self):
        for text, words in (("", "empty"), ("a;b\n1;2\n", "no line is a header"),
                            ("CPTS;RPPS\nx;1\n", "profession or kind"),
                            ("CPTS;Profession\nx;60\n", "RPPS, FINESS or SIRET"),
                            ("CPTS;RPPS;Profession\n", "no row")):
            with self.subTest(text=text):
                done = run("members", "import", self.file(text))
                self.assertEqual((done.returncode, words in done.stderr), (1, True), done.stderr)


class Bulk(Tool):
    def test_members_import__a_synthetic_list_of_some_thousands(self):
        done = run("cpts", "list", "--csv")
        with open(node.path("cpts.csv"), "w", encoding="utf-8") as file:
            file.write(done.stdout)
        made = subprocess.run([GENERATOR, node.path("cpts.csv"), "--count", "3000"],
                              capture_output=True, text=True, check=True, timeout=RUN_TIMEOUT_S)
        self.assertIn("SYNTHÉTIQUES", made.stdout.splitlines()[0])
        found = self.imported(made.stdout)
        self.assertEqual((found["states"]["refused"], found["added"]), (0, found["lines"]))
        board = run("members", "composition", "--csv")
        rows = {row["code"]: row for row in csv.DictReader(io.StringIO(board.stdout))}
        self.assertAlmostEqual(float(rows["MEDECIN_GENERALISTE"]["share_percent"]), 36, delta=3)
        self.assertEqual(rows["MEDECIN_GENERALISTE"]["published_percent"], "36")


class Verbs(Tool):
    def ok(self, *words):
        done = run(*words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_members__add_leave_and_list(self):
        self.ok("members", "add", self.id, "--rpps", rpps(1), "--category", "INFIRMIER", "--on",
                "2021-03-01")
        self.ok("members", "add", self.id, "--finess", FINESS, "--category", "EHPAD", "--voice",
                "consultative", "--on", "2021-03-01")
        self.assertEqual(set(self.members()), {rpps(1), FINESS})
        self.ok("members", "leave", self.id, "--rpps", rpps(1), "--on", "2022-01-01")
        self.assertEqual(set(self.members()), {FINESS})
        self.assertEqual(set(self.members("--college", "professional")), set())
        listed = json.loads(self.ok("members", "list", self.id, "--json", "--as-of", "2021-06-01"))
        self.assertEqual([one["kind"] for one in listed["members"]], ["FINESS", "RPPS"])

    def test_members__a_wrong_number_is_refused_before_anything_is_asked(self):
        done = run("members", "add", self.id, "--rpps", "123", "--category", "INFIRMIER", "--on",
                   "2021-03-01")
        self.assertEqual((done.returncode, "11 digits" in done.stderr), (2, True), done.stderr)

    def test_members__who_may_not_see_them_is_told_so(self):
        done = run("members", "list", self.id, profile="analyst")
        self.assertEqual((done.returncode, "ROLE_NOT_ALLOWED" in done.stderr), (4, True))

    def test_representatives__recorded_trained_and_listed(self):
        seat = ("representatives", "record", self.id, "--association", "Association d'essai",
                "--approval", "N2021RN0001", "--designated", "2022-01-10", "--decision",
                "ARS-2022-17", "--on", "2022-02-01")
        seat_id = self.ok(*seat, "--quiet").strip()
        listed = self.ok("representatives", "list", self.id, "--csv")
        rows = list(csv.DictReader(io.StringIO(listed)))
        self.assertEqual([(row["representative_id"], row["trained_on"]) for row in rows],
                         [(seat_id, "")])
        self.ok(*seat, "--seat", seat_id, "--trained", "2022-06-01")
        listed = json.loads(self.ok("representatives", "list", self.id, "--json"))
        self.assertEqual([one["trainedOn"] for one in listed["representatives"]], ["2022-06-01"])

    def test_members__adhesion_is_numerator_denominator_date_and_source(self):
        self.ok("members", "adhesion", self.id, "--adherents", "120", "--professionals", "300",
                "--on", "2023-12-31", "--source", "CPAM, rapport annuel")
        board = self.ok("members", "composition", "--cpts", self.id)
        self.assertIn("120 of 300 professionals (40.0 %)", board)
        self.assertIn("2023-12-31: CPAM, rapport annuel", board)


if __name__ == "__main__":
    psql.main()
