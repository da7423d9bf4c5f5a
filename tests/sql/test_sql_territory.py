# SPDX-License-Identifier: Apache-2.0
"""What the territory engine computes in the database: distances and centres,
shares over time, protobuf as SQL packs it, states of units before a merger."""
import math
import os
import random
import struct
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402

SCOPE = "SELECT FROM set_config('app.scope', '*', true);"
# Degrees WGS 84, and kilometres on the mean sphere (6371.0088 km).
PLACES = {"Paris": (48.85341, 2.3488), "Marseille": (43.29695, 5.38107),
          "Saint-Denis": (-20.88231, 55.4504), "Cayenne": (4.93333, -52.33333),
          "Mata-Utu": (-13.28163, -176.17453), "Noumea": (-22.27631, 166.4572)}


def haversine(one, other):
    """The same distance by another formula."""
    lat1, lon1, lat2, lon2 = (math.radians(x) for x in (*one, *other))
    inner = (math.sin((lat2 - lat1) / 2) ** 2
             + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2)
    return 2 * 6371.0088 * math.asin(math.sqrt(inner))


def vector(place):
    lat, lon = place
    return (f"cosd({lat}) * cosd({lon}), cosd({lat}) * sind({lon}), sind({lat})")


class Geometry(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.database = psql.Database()
        cls.addClassCleanup(cls.database.drop)

    def distance(self, one, other):
        return float(self.database.value(
            f"SELECT cpts.distance_km({vector(one)}, {vector(other)});"))

    def test_geometry__distances_are_great_circles(self):
        for one in PLACES:
            for other in PLACES:
                with self.subTest(one=one, other=other):
                    self.assertAlmostEqual(self.distance(PLACES[one], PLACES[other]),
                                           haversine(PLACES[one], PLACES[other]), delta=0.001)
        # Over the date line it is 2,000 km and not round the world.
        self.assertLess(self.distance(PLACES["Mata-Utu"], PLACES["Noumea"]), 2200)

    def test_geometry__antipodes_and_the_same_place(self):
        self.assertAlmostEqual(self.distance((12, 34), (12, 34)), 0, places=6)
        self.assertAlmostEqual(self.distance((90, 0), (-90, 0)), math.pi * 6371.0088, places=3)

    def test_geometry__quality_of_a_position(self):
        for facts, wanted in (("10, 10, 10", "EXACT"), ("10, 10, 9", "APPROXIMATE"),
                              ("10, 9, 9", "APPROXIMATE"), ("10, 10, 0", "APPROXIMATE"),
                              ("10, 0, 0", "NONE"), ("10, NULL, 0", "NONE"), ("0, 0, 0", "NONE")):
            with self.subTest(facts=facts):
                self.assertEqual(self.database.value(
                    f"SELECT cpts.position_quality({facts});"), wanted)

    def test_geometry__centre_is_weighted_by_inhabitants(self):
        """Two communes on one meridian, 3 to 1: the centre lies a quarter of the way."""
        cpts_id = "01890a5d-ac96-774b-bcce-b302099a8057"
        row = self.database.query(f"""BEGIN; {SCOPE}
            UPDATE cpts.territory_unit SET population_count = 3000, latitude = 0, longitude = 10,
              position_source = 'geonames' WHERE code = '01001';
            UPDATE cpts.territory_unit SET population_count = 2000, latitude = 40, longitude = 10,
              position_source = 'epci_approximate' WHERE code = '01002';
            INSERT INTO cpts.cpts_stage (cpts_id, version, stage, lead_region, valid_from,
              recorded_from)
              VALUES ('{cpts_id}', 1, 'EMERGENCE', '84', '2020-01-01', '2020-01-01Z');
            INSERT INTO cpts.cpts_territory (cpts_id, version, unit_code, share, lead_region,
              valid_from, recorded_from) VALUES
              ('{cpts_id}', 1, '01001', 1, '84', '2020-01-01', '2020-01-01Z'),
              ('{cpts_id}', 1, '01002', 0.5, '84', '2020-01-01', '2020-01-01Z');
            SELECT atan2d(z, sqrt(x * x + y * y)), atan2d(y, x), population, placed, exact
              FROM cpts.centres_on('2021-01-01', now()); ROLLBACK;""")[-1]
        latitude, longitude, *weights = (float(cell) for cell in row)
        self.assertAlmostEqual(latitude, math.degrees(math.atan2(
            math.sin(math.radians(40)), 3 + math.cos(math.radians(40)))), places=9)
        self.assertAlmostEqual(longitude, 10, places=9)
        self.assertEqual(weights, [4000, 4000, 3000])


class Shares(unittest.TestCase):
    """cpts.share_excess() against a day-by-day count."""

    @classmethod
    def setUpClass(cls):
        cls.database = psql.Database()
        cls.addClassCleanup(cls.database.drop)

    def one(self, number):
        return f"00000000-0000-7000-8000-{number:012d}"

    def rows(self, number, fact):
        start, end, validated, ended, share = fact
        cpts_id, epoch = f"'{self.one(number)}'", "date '2020-01-01' + "
        steps = [("PROJET_VALIDE", validated)] + ([("DISSOUS", ended)] if ended is not None else [])
        return (
            "INSERT INTO cpts.cpts (cpts_id, owner_node, epoch, version, name, lead_region, stage,"
            f" stage_on, synthetic, created_at, updated_at) VALUES ({cpts_id}, 'national', 1, 1,"
            " 'x', '84', 'ACI_SIGNE', '2020-01-01', true, now(), now());"
            + "".join("INSERT INTO cpts.cpts_stage (cpts_id, version, stage, lead_region,"
                      f" valid_from, recorded_from) VALUES ({cpts_id}, {version}, '{name}', '84',"
                      f" {epoch}{on}, '2020-01-01Z');"
                      for version, (name, on) in enumerate(steps, 1))
            + "INSERT INTO cpts.cpts_territory (cpts_id, version, unit_code, share, lead_region,"
            f" valid_from, valid_to, recorded_from) VALUES ({cpts_id}, 1, '01001', {share}, '84',"
            f" {epoch}{start}, {epoch}{end}, '2020-01-01Z');")

    def fill(self, generator, count):
        """CPTS with random periods and shares on one unit; gives them as tuples."""
        facts, script = [], ""
        for number in range(1, count + 1):
            start, length = generator.randrange(0, 20), generator.randrange(1, 12)
            validated = generator.randrange(0, 25)
            ended = generator.choice((None, generator.randrange(1, 30)))
            share = generator.choice((0.2, 0.25, 0.3, 0.5, 1.0))
            if ended is not None and ended <= validated:
                ended = None
            facts.append((start, start + length, validated, ended, share))
            script += self.rows(number, facts[-1])
        self.database.query("DELETE FROM cpts.cpts; DELETE FROM cpts.cpts_stage;"
                            f" DELETE FROM cpts.cpts_territory; {script}")
        return facts

    def test_shares__agree_with_a_count_of_every_day(self):
        seed = random.randrange(1 << 32)
        generator = random.Random(seed)
        for turn in range(12):
            facts = self.fill(generator, generator.randrange(1, 6))
            start, share = generator.randrange(0, 25), generator.choice((0.1, 0.25, 0.5, 1.0))
            end = start + generator.randrange(1, 15)
            worst = max(share + sum(f[4] for f in facts if f[0] <= day < f[1] and f[2] <= day
                                    and (f[3] is None or day < f[3]))
                        for day in range(start, end))
            found = self.database.value(
                f"SELECT coalesce(cpts.share_excess('{self.one(99)}', 'national',"
                f" date '2020-01-01' + {start}, date '2020-01-01' + {end}, '{{01001}}',"
                f" '{{{share}}}'), 'none');")
            with self.subTest(seed=seed, turn=turn, facts=facts, start=start, end=end):
                self.assertEqual(found != "none", worst > 1 + 1e-9, found)
                if found != "none":
                    self.assertIn(f"{worst:.3f}", found)

    def test_shares__of_another_owner_do_not_count(self):
        self.fill(random.Random(1), 3)
        self.assertEqual(self.database.value(
            f"SELECT coalesce(cpts.share_excess('{self.one(99)}', 'region/11', '2019-01-01',"
            " 'infinity', '{01001}', '{1}'), 'none');"), "none")


class Wire(unittest.TestCase):
    """Protobuf that the database packs, against Python's own idea of it."""

    @classmethod
    def setUpClass(cls):
        cls.database = psql.Database()
        cls.addClassCleanup(cls.database.drop)

    def packed(self, expression):
        return bytes.fromhex(self.database.value(f"SELECT encode({expression}, 'hex');"))

    def test_wire__varints(self):
        for number in (0, 1, 127, 128, 300, 16383, 16384, 2 ** 31, 2 ** 40):
            wanted, rest = bytearray(), number
            while rest > 127:
                wanted.append(rest & 127 | 128)
                rest >>= 7
            wanted.append(rest)
            self.assertEqual(self.packed(f"cpts.wire_varint({number})"), bytes(wanted), number)

    def test_wire__doubles_and_texts(self):
        for share in (1.0, 0.5, 1 / 3, 1e-9):
            self.assertEqual(self.packed(f"cpts.wire_double(2, {share!r})"),
                             b"\x11" + struct.pack("<d", share))
        self.assertEqual(self.packed("cpts.wire_field(1, repeat('x', 200)::bytea)"),
                         b"\x0a\xc8\x01" + b"x" * 200)
        self.assertEqual(self.database.value("SELECT octet_length(cpts.wire_field(1, ''));"), "0")


class Loading(unittest.TestCase):
    def test_loading__sums_are_those_of_what_was_believed(self):
        """A row recorded whole keeps its sum when a later version replaced a part."""
        database = psql.Database()
        self.addCleanup(database.drop)
        cpts_id = "01890a5d-ac96-774b-bcce-b302099a8057"
        database.query(f"""
            INSERT INTO cpts.cpts_territory (cpts_id, version, unit_code, share, lead_region,
              valid_from, valid_to, recorded_from, recorded_to) VALUES
              ('{cpts_id}', 1, '01001', 1, '84', '2020-01-01', 'infinity', '2020-01-01Z',
               'infinity'),
              ('{cpts_id}', 1, '01002', 1, '84', '2020-01-01', 'infinity', '2020-01-01Z',
               '2021-01-01Z'),
              ('{cpts_id}', 2, '01002', 0.5, '84', '2021-01-01', 'infinity', '2021-01-01Z',
               'infinity');
            INSERT INTO cpts.cpts_population (cpts_id, version, department, region,
              population_count, lead_region, valid_from, valid_to, recorded_from) VALUES
              ('{cpts_id}', 2, '01', '84', 0, '84', '2021-01-01', 'infinity', '2021-01-01Z');
            SELECT cpts.populations_refresh();""")
        self.assertEqual(database.value(
            "SELECT p.population_count = (SELECT sum(CASE code WHEN '01001' THEN 1 ELSE 0.5 END"
            " * population_count) FROM cpts.territory_unit WHERE code IN ('01001', '01002'))"
            " FROM cpts.cpts_population p;"), "t")

    def test_loading__older_files_leave_a_newer_vintage_alone(self):
        database = psql.Database()
        self.addCleanup(database.drop)
        database.query("INSERT INTO cpts.reference_version (version, vintage, source, content_hash)"
                       " VALUES (2, 2027, 'x', 'x'); UPDATE cpts.territory_unit SET name = 'x'"
                       " WHERE code = '01001';")
        database.file("sql/reference/load.sql")
        self.assertEqual(database.query(
            "SELECT name, (SELECT max(version) FROM cpts.reference_version)"
            " FROM cpts.territory_unit WHERE code = '01001';"), [["x", "2"]])


if __name__ == "__main__":
    psql.main()
