# SPDX-License-Identifier: Apache-2.0
"""A CPTS counts in the region that led it on the date of a figure, as known when it was made: what
was printed before it moved to another region comes out the same afterwards, at its own node and at
one that was told."""
import datetime
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402
import sync_wire  # noqa: E402
import test_sql_constraints as constraints  # noqa: E402
from sync_wire import Cpts, Side, literal, statement  # noqa: E402

FROM, TO, LATER = "11", "52", "84"
INDICATOR = "ALD_SANS_MT"
LIVE = "'{EMERGENCE,LETTRE_INTENTION,PROJET_VALIDE,ACI_SIGNE}'"
FACTS = (("cpts_member_count", {}), ("cpts_adhesion", {}),
         ("cpts_mission", {}), ("cpts_clock", {"clock_id": "gen_random_uuid()"}),
         ("cpts_capacity", {"valid_from": "'2022-01-03'", "valid_to": "'2022-01-10'"}),
         ("cpts_capacity", {"valid_from": "'2022-01-03'", "valid_to": "'2022-01-10'",
                            "kind": "'PLACES'", "area": "''"}),
         ("cpts_indicator_target", {"indicator": f"'{INDICATOR}'", "published": "true"}))


def until(known):
    return f"coalesce({known}::timestamptz, '9999-12-31Z')"


# By name of the statement: its values for a region, a date and an instant that is known.
BOARDS = {
    "coverage": lambda region, day, known: (f"'{region}'", day, known, LIVE),
    "trajectory": lambda region, day, known: (
        f"'{region}'", "'2020-01-01'", day, "'1 month'", "'month'", known, LIVE, "100"),
    "budget": lambda region, day, known: (f"'{region}'", "2022", day, known),
    "member_composition": lambda region, day, known: ("NULL", f"'{region}'", day, known, "11"),
    "cpts_list": lambda region, day, known: (
        f"'{region}'", "''", "''", LIVE, day, until(known),
        constraints.NOBODY, "100"),
    "evidence_gaps": lambda region, day, known: (
        f"'{region}'", "'{LETTRE_INTENTION}'", "'{LETTRE}'", day, until(known),
        constraints.NOBODY, "100"),
    "clock_list": lambda region, day, known: (
        f"'{region}'", "''", "NULL", "'2030-01-01'", day, until(known),
        constraints.NOBODY, "100"),
}
# Of a day alone; the region is in their rows.
DAYS = {
    "indicator_board": lambda day: (f"'{INDICATOR}'", "'2022'", day),
    "capacity_board": lambda day: (f"date_trunc('week', {day}::date)::date",),
}


class Lead(sync_wire.Case):
    def setUp(self):
        super().setUp()
        self.above.database.query("DELETE FROM cpts.region_owner;")
        self.one = Cpts(self.above, FROM).create()
        self.other = Cpts(self.above, TO).create()
        for table, changes in FACTS:
            self.insert(table, **changes)
        self.above.database.query(
            "UPDATE cpts.cpts SET published = true;"
            " UPDATE cpts.cpts SET created_at = '2020-01-01Z';"
            + "".join(f" UPDATE cpts.{table} SET recorded_from = '2020-01-01Z';" for table in (
                "cpts_stage", "cpts_territory", "cpts_population", "cpts_capacity")))
        self.before = self.above.database.value("SELECT clock_timestamp();")

    def insert(self, table, **changes):
        row = {**constraints.VALID[table], "cpts_id": literal(self.one.id), "version": "1",
               "lead_region": f"'{FROM}'", **changes}
        self.above.database.query(f"INSERT INTO cpts.{table} ({', '.join(row)})"
                                  f" VALUES ({', '.join(row.values())});")

    def ask(self, side, name, values, scope="*"):
        """Rows of a board, without the instant that it tells."""
        rows = side.database.query(
            f"PREPARE s AS\n{statement(name)};\nBEGIN;\n"
            f"SELECT FROM set_config('app.scope', '{scope}', true);\n"
            f"EXECUTE s({', '.join(values)});\nCOMMIT;\n", user="cpts_app")
        told = {side.database.value("SELECT cpts.unix_us(cpts.log_instant());")}
        return [["now" if cell in told else cell for cell in row] for row in rows if row]

    def boards(self, side, day, known="NULL", scope="*"):
        found = {(name, region): self.ask(side, name, values(region, day, known), scope)
                 for name, values in BOARDS.items() for region in (FROM, TO, LATER)}
        found.update({(name, ""): self.ask(side, name, values(day), scope)
                      for name, values in DAYS.items()})
        return found

    def move(self, region):
        self.one.command("lead_region_set", str(self.one.version), literal(region))

    def printed(self, found):
        """What stays: without who owns it, its version and when it changed last."""
        kept = {}
        for key, rows in found.items():
            kept[key] = [[cell for place, cell in enumerate(row) if not (
                key[0] in ("cpts_list", "budget") and place in (1, 12, 13))] for row in rows]
        return kept

    def counted(self, side, region, day, known="NULL"):
        return [row[4] for row in self.ask(
            side, "coverage", BOARDS["coverage"](region, day, known))]

    maxDiff = None

    def test_lead__what_was_printed_stays_true(self):
        for day in ("'2022-01-03'", "'2022-12-31'"):
            before = self.boards(self.above, day)
            self.assertEqual([name for name in BOARDS if not before[name, FROM]], [])
            with self.subTest(day=day):
                self.move(TO if day == "'2022-01-03'" else LATER)
                self.assertEqual(self.printed(self.boards(self.above, day)), self.printed(before))

    def test_lead__from_the_day_of_the_move_on_it_counts_there(self):
        today = "(now() AT TIME ZONE 'Europe/Paris')::date"
        self.move(TO)
        for day, counts in ((today, (["0"], ["2"])), (f"{today} - 1", (["1"], ["1"])),
                            ("'2022-01-01'", (["1"], ["1"]))):
            self.assertEqual((self.counted(self.above, FROM, day),
                              self.counted(self.above, TO, day)), counts, day)

    def test_lead__as_known_before_it_never_moved(self):
        tomorrow = "(now() + interval '2 days')::date"
        known = literal(self.before)
        before = self.printed(self.boards(self.above, tomorrow, known))
        self.move(TO)
        again = self.printed(self.boards(self.above, tomorrow, known))
        for name in BOARDS:
            for region in (FROM, TO):
                self.assertEqual(again[name, region], before[name, region], name)

    def test_lead__a_series_changes_on_the_day(self):
        self.move(TO)
        today = datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=2)
        for region, wanted in ((FROM, "1,0"), (TO, "1,2")):
            rows = self.ask(self.above, "trajectory", (
                f"'{region}'", "'2022-01-01'", f"'{today}'", "'50 years'", "'year'", "NULL", LIVE,
                "100"))
            points = [row[5].strip("{}") for row in rows]
            self.assertEqual(points, [wanted])

    def test_lead__twice_on_a_day_and_back(self):
        for region in (TO, LATER, FROM):
            self.move(region)
        rows = self.above.database.query(
            "SELECT region, valid_from = '-infinity', valid_to = 'infinity' FROM cpts.cpts_lead"
            " WHERE recorded_to = 'infinity' ORDER BY valid_from;")
        self.assertEqual(rows, [[FROM, "t", "f"], [FROM, "f", "t"]])
        self.assertEqual(self.counted(self.above, FROM, "now()::date + 2"), ["1"])

    def test_lead__a_later_move_keeps_the_first(self):
        self.move(TO)
        self.above.database.query(
            "UPDATE cpts.cpts_lead SET valid_from = '2024-01-01' WHERE valid_from > '-infinity';"
            " UPDATE cpts.cpts_lead SET valid_to = '2024-01-01' WHERE valid_to < 'infinity';")
        self.move(LATER)
        self.assertEqual([self.counted(self.above, region, "'2024-06-01'")
                          for region in (FROM, TO, LATER)], [["0"], ["2"], ["0"]])
        self.assertEqual([self.counted(self.above, region, "now()::date + 2")
                          for region in (FROM, TO, LATER)], [["0"], ["1"], ["1"]])

    def test_lead__another_node_gives_the_same(self):
        told = Side("region/52", "region:52")
        self.addCleanup(told.database.drop)
        self.pair.carry(self.above, told)
        before = self.counted(told, FROM, "'2022-01-01'"), self.counted(told, TO, "'2022-01-01'")
        self.assertEqual(before, (["1"], ["1"]))
        known = literal(told.database.value("SELECT clock_timestamp();"))
        self.move(TO)
        self.pair.carry(self.above, told)
        for instant in ("NULL", known):
            self.assertEqual((self.counted(told, FROM, "'2022-01-01'", instant),
                              self.counted(told, TO, "'2022-01-01'", instant)), before)
        self.assertEqual(self.counted(told, TO, "now()::date + 2"), ["2"])
        self.assertEqual(self.counted(told, TO, "now()::date + 2", known), ["1"])
        self.check_same(self.above, told)

    def test_lead__the_dossier_is_for_the_ars_that_leads_now(self):
        self.insert("cpts_document")
        figures = self.boards(self.above, "'2022-12-31'", scope=f"region:{FROM}")
        self.move(TO)
        seen = {region: self.above.database.query(
            "BEGIN; SET LOCAL ROLE cpts_app;"
            f" SELECT FROM set_config('app.scope', 'region:{region}', true);"
            " SELECT count(*) FROM cpts.cpts_document"
            f" WHERE cpts_id = '{self.one.id}'; COMMIT;")[-1]
            for region in (FROM, TO)}
        self.assertEqual(seen, {FROM: ["0"], TO: ["1"]})
        again = self.boards(self.above, "'2022-12-31'", scope=f"region:{FROM}")
        self.assertEqual(self.printed(again), self.printed(figures))
        answer = self.above.database.query(
            "BEGIN; SET LOCAL ROLE cpts_app;"
            f" SELECT FROM set_config('app.scope', 'region:{FROM}', true);"
            f" UPDATE cpts.cpts SET name = 'x' WHERE cpts_id = '{self.one.id}' RETURNING 1;"
            " COMMIT;")
        self.assertEqual([row for row in answer if row], [])


if __name__ == "__main__":
    psql.main()
