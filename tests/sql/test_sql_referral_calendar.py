# SPDX-License-Identifier: Apache-2.0
"""When the clocks of referrals fire: rules, working days, public holidays against
published dates, local time of the destination."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402

# Easter Sundays as published, among them the earliest and the latest possible, and
# the years of the two exceptions of the lunar calendar.
EASTER = ("1818-03-22", "1943-04-25", "1954-04-18", "1981-04-19", "2000-04-23", "2008-03-23",
          "2016-03-27", "2017-04-16", "2018-04-01", "2019-04-21", "2020-04-12", "2021-04-04",
          "2022-04-17", "2023-04-09", "2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28",
          "2028-04-16", "2029-04-01", "2030-04-21", "2038-04-25", "2049-04-18", "2076-04-19",
          "2285-03-22")
# Public holidays of the mainland as service-public.gouv.fr publishes them.
PUBLISHED = {
    2024: "01-01 04-01 05-01 05-08 05-09 05-20 07-14 08-15 11-01 11-11 12-25",
    2025: "01-01 04-21 05-01 05-08 05-29 06-09 07-14 08-15 11-01 11-11 12-25",
    2026: "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25",
}
OVERSEAS = {"01": "05-27", "02": "05-22", "03": "06-10", "04": "12-20", "06": "04-27",
            "977": "10-09", "978": "05-28"}
# start, working days, region, end
SPANS = (
    ("2026-03-02", 1, "11", "2026-03-03"),
    ("2026-03-06", 1, "11", "2026-03-09"),  # over a weekend
    ("2026-03-07", 2, "11", "2026-03-10"),  # from a Saturday
    ("2026-03-08", 2, "11", "2026-03-10"),  # from a Sunday
    ("2026-03-02", 10, "11", "2026-03-16"),
    ("2026-05-12", 2, "11", "2026-05-15"),  # over Ascension
    ("2026-05-13", 2, "11", "2026-05-18"),
    ("2026-05-14", 1, "11", "2026-05-15"),  # from a holiday
    ("2025-04-18", 1, "11", "2025-04-22"),  # over a weekend and Easter Monday
    ("2025-04-30", 6, "11", "2025-05-12"),  # over 1 and 8 May
    ("2024-05-07", 1, "11", "2024-05-10"),  # 8 May and Ascension in a row
    ("2026-12-31", 1, "11", "2027-01-04"),
    ("2026-07-13", 1, "11", "2026-07-15"),
    ("2026-08-14", 1, "11", "2026-08-17"),  # Assumption on a Saturday costs nothing
    ("2024-12-19", 2, "04", "2024-12-24"),  # 20 December in La Réunion
    ("2024-12-19", 1, "11", "2024-12-20"),
    ("2027-04-26", 1, "06", "2027-04-28"),
    ("2036-06-09", 1, "03", "2036-06-11"),
)


class Calendar(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.database = psql.Database()
        cls.addClassCleanup(cls.database.drop)

    def fire_at(self, *parts):
        arguments = ", ".join("NULL" if part is None else f"'{part}'" for part in parts)
        return self.database.value(
            f"SET TimeZone = 'UTC'; SELECT cpts.referral_fire_at({arguments});")

    def test_calendar__easter_is_where_it_was_published(self):
        years = ", ".join(f"({day[:4]})" for day in EASTER)
        found = self.database.query(
            f"SELECT cpts.easter_sunday(y) FROM (VALUES {years}) AS v (y) ORDER BY y;")
        self.assertEqual([day for day, in found], sorted(EASTER))

    def test_calendar__holidays_are_those_published(self):
        for year, days in PUBLISHED.items():
            found = self.database.query(
                "SELECT to_char(day, 'MM-DD') FROM cpts.non_working_day WHERE region = ''"
                f" AND extract(year FROM day) = {year} ORDER BY day;")
            self.assertEqual(" ".join(day for day, in found), days, year)

    def test_calendar__each_overseas_collectivity_has_its_own_day(self):
        found = self.database.query(
            "SELECT region, to_char(day, 'MM-DD'), count(*), min(extract(year FROM day)),"
            " max(extract(year FROM day)) FROM cpts.non_working_day WHERE region <> ''"
            " GROUP BY 1, 2 ORDER BY 1;")
        self.assertEqual(found, [[region, day, "45", "2016", "2060"]
                                 for region, day in sorted(OVERSEAS.items())])

    def test_calendar__working_days_pass_over_weekends_and_holidays(self):
        for start_on, count, region, ends_on in SPANS:
            with self.subTest(start=start_on, count=count, region=region):
                self.assertEqual(self.database.value(
                    f"SELECT cpts.working_days_later('{start_on}', {count}, '{region}');"), ends_on)

    def test_calendar__working_days_are_counted_as_one_by_one(self):
        """Against a plain count, on every day of four years."""
        self.assertEqual(self.database.query(
            "WITH worked AS (SELECT d::date AS day, row_number() OVER (ORDER BY d) AS rank"
            " FROM generate_series(date '2023-12-01', '2028-03-01', '1 day') d"
            " WHERE extract(isodow FROM d) < 6 AND NOT EXISTS (SELECT FROM cpts.non_working_day n"
            "  WHERE n.region IN ('', '02') AND n.day = d::date))"
            " SELECT s::date, n FROM generate_series(date '2024-01-01', '2027-12-31', '1 day') s"
            " CROSS JOIN (VALUES (1), (2), (5), (10), (20)) AS c (n)"
            " WHERE cpts.working_days_later(s::date, n, '02') IS DISTINCT FROM"
            "  (SELECT w.day FROM worked w WHERE w.rank = n + (SELECT count(*) FROM worked b"
            "    WHERE b.day <= s::date));"), [])

    def test_calendar__lengths_are_those_of_the_model(self):
        base = "2026-03-02 09:00Z"
        for kind, ends in (
                ("DELIVER", ("2026-03-02 09:10:00+00", "2026-03-02 09:30:00+00",
                             "2026-03-02 13:00:00+00")),
                ("DECIDE", ("2026-03-02 11:00:00+00", "2026-03-04 09:00:00+00",
                            "2026-03-09 09:00:00+00")),
                ("SCHEDULE", ("2026-03-02 21:00:00+00", "2026-03-09 09:00:00+00",
                              "2026-03-23 09:00:00+00"))):
            for urgency, ends_at in zip(("WITHIN_24H", "PRIORITY", "ROUTINE"), ends):
                with self.subTest(kind=kind, urgency=urgency):
                    self.assertEqual(self.fire_at(kind, urgency, 0, "11", base), ends_at)

    def test_calendar__every_clock_has_a_rule_for_every_level(self):
        self.assertEqual(self.database.query(
            "SELECT kind, urgency, count(*) FROM cpts.referral_clock_rule GROUP BY 1, 2"
            " HAVING count(*) <> CASE kind WHEN 'WIDEN' THEN 1 ELSE 4 END;"), [])
        self.assertEqual(self.database.query(
            "SELECT count(DISTINCT (kind, urgency)), min(minutes) FILTER (WHERE level = 3),"
            " max(minutes) FILTER (WHERE level = 3) FROM cpts.referral_clock_rule;"),
            [["30", "1440", "1440"]], "after the third time, daily")

    def test_calendar__working_days_end_at_the_same_local_time(self):
        # Friday evening in Paris is Saturday morning in Nouméa, and still Friday in Fort-de-France.
        base = "2026-03-06 21:30Z"
        self.assertEqual(self.fire_at("DECIDE", "PRIORITY", 0, "11", base),
                         "2026-03-10 21:30:00+00")
        self.assertEqual(self.fire_at("DECIDE", "PRIORITY", 0, "02", base),
                         "2026-03-10 21:30:00+00")
        self.assertEqual(self.fire_at("DECIDE", "PRIORITY", 0, "988", base),
                         "2026-03-09 21:30:00+00")
        # Summer time begins on 29 March 2026 in Paris, and never in Mayotte.
        base = "2026-03-27 08:00Z"
        self.assertEqual(self.fire_at("DECIDE", "PRIORITY", 0, "11", base),
                         "2026-03-31 07:00:00+00")
        self.assertEqual(self.fire_at("DECIDE", "PRIORITY", 0, "06", base),
                         "2026-03-31 08:00:00+00")

    def test_calendar__hours_run_through_the_night(self):
        self.assertEqual(self.fire_at("DECIDE", "WITHIN_24H", 0, "04", "2026-12-24 23:30Z"),
                         "2026-12-25 01:30:00+00")

    def test_calendar__region_with_its_own_window_goes_by_it(self):
        """48 h in place of 24 h, where an ARS says so."""
        database = psql.Database()
        self.addCleanup(database.drop)
        for _ in range(2):
            database.file("sql/admin/referral_window_set.sql", region="75", hours="48",
                          valid_from="2026-01-01", source="test")
        query = ("SET TimeZone = 'UTC'; SELECT cpts.referral_fire_at('{}', '{}', {}, '{}', '{}');")
        for parts, ends_at in (
                (("SCHEDULE", "WITHIN_24H", 0, "75", "2026-03-02 09:00Z"),
                 "2026-03-03 09:00:00+00"),
                (("SCHEDULE", "WITHIN_24H", 3, "75", "2026-03-02 09:00Z"),
                 "2026-03-03 09:00:00+00"),
                (("SCHEDULE", "WITHIN_24H", 0, "75", "2025-03-02 09:00Z"),
                 "2025-03-02 21:00:00+00"),
                (("SCHEDULE", "PRIORITY", 0, "75", "2026-03-02 09:00Z"), "2026-03-09 09:00:00+00"),
                (("SCHEDULE", "WITHIN_24H", 0, "11", "2026-03-02 09:00Z"),
                 "2026-03-02 21:00:00+00")):
            with self.subTest(parts=parts):
                self.assertEqual(database.value(query.format(*parts)), ends_at)

    def test_calendar__clock_without_a_rule_still_fires(self):
        self.assertEqual(self.fire_at("DECIDE", "PRIORITY", 0, "11", "2015-03-02 09:00Z"),
                         "2015-03-03 09:00:00+00")


if __name__ == "__main__":
    psql.main()
