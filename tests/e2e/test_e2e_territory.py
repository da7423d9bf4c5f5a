# SPDX-License-Identifier: Apache-2.0
"""The territory engine against a real server: population, shares, conflicts,
gaps, neighbours, zoning, IRIS, mergers. IRIS, zoning and mergers are small
synthetic samples: no real file of them is in this repository."""
import csv
import io
import json
import os
import shutil
import subprocess
import tempfile
import unittest
import uuid

from node import (BUILD, CALL_TIMEOUT_S, Node, change_pb2, creation, entry, history_pb2, outcome,
                  psql, refusal, stage, territory_pb2, unit)
from cpts.v1 import position_pb2  # noqa: E402

LOAD_IRIS = os.path.join(psql.SOURCE, "sql", "reference", "load_iris.sql")
PROJECT = [entry("EMERGENCE", "2020-01-15"), entry("LETTRE_INTENTION", "2020-06-01")]
VALIDATED = PROJECT + [entry("PROJET_VALIDE", "2021-01-01")]
SIGNED = VALIDATED + [entry("ACI_SIGNE", "2021-06-01")]
# Synthetic IRIS of Versailles (78646, 84,095 inhabitants in the reference).
IRIS = (("786460101", "Synthétique 1", "78646", 4000),
        ("786460102", "Synthétique 2", "78646", 6000),
        ("751110101", "Synthétique 3", "75111", 2500))
node = client = None


def setUpModule():
    global node, client
    node = Node()
    client = node.client("operator")


def tearDownModule():
    if node is not None:
        client.close()
        node.stop()


def ask(rpc, **fields):
    return client.ask_territory(rpc, **fields)


def people(code):
    return int(node.database.value(
        f"SELECT population_count FROM cpts.territory_unit WHERE code = '{code}';"))


def fresh_units(count, region="28", least=100):
    """Communes of a region that nothing claims yet."""
    rows = node.database.query(
        "SELECT code FROM cpts.territory_unit u WHERE is_leaf AND kind = 'COMMUNE'"
        f" AND valid_from = '-infinity' AND region = '{region}' AND population_count >= {least}"
        f" AND NOT EXISTS (SELECT FROM cpts.cpts_territory t WHERE left(t.unit_code, 5) = u.code)"
        f" ORDER BY code LIMIT {count};")
    return [code for code, in rows]


def make(codes, stages=SIGNED, **fields):
    units = [unit(*code) if isinstance(code, tuple) else unit(code) for code in codes]
    return client.create(territory=units, stages=stages, **{"lead_region": "28", **fields})


class Case(unittest.TestCase):
    def refused(self, wanted, function, *arguments, **named):
        """status/reason; nothing stored."""
        before = node.fingerprint()
        refused = refusal(function, *arguments, **named)
        self.assertEqual(f"{refused.status}/{refused.reason}", wanted, refused)
        self.assertEqual(node.fingerprint(), before, "something was stored")
        return refused


class Territory(Case):
    def test_territory__population_size_class_and_areas(self):
        one, other = fresh_units(2)
        made = make([one, (other, 0.25)], name="CPTS de taille")
        found = ask("GetTerritory", id=made.id)
        wanted = round(people(one) + 0.25 * people(other))
        self.assertEqual(found.population_count, wanted)
        self.assertEqual(found.size_class.code, "TAILLE_1")
        self.assertEqual([(u.unit_code, u.share) for u in found.units], [(one, 1), (other, 0.25)])
        self.assertEqual([a.code for a in found.regions], ["28"])
        self.assertEqual(found.regions[0].population_count, wanted)
        self.assertEqual((found.suggested_region, found.lead_region), ("28", "28"))
        self.assertEqual(ask("GetTerritory", id=made.id, as_of="2025-12-31").population_vintage,
                         2026)
        self.assertTrue(found.synthetic)

    def test_territory__size_classes_at_their_bounds(self):
        """39,999 and 40,000 inhabitants and so on, by the share of Paris 15."""
        total = people("75115")
        made = make(["75115"], PROJECT, lead_region="11")
        for count, wanted in ((39999, "TAILLE_1"), (40000, "TAILLE_2"), (79999, "TAILLE_2"),
                              (80000, "TAILLE_3"), (175000, "TAILLE_3"), (175001, "TAILLE_4")):
            version = client.get(made.id).version
            client.settle(id=made.id, expected_version=version, effective_on="2022-01-01",
                          territory=[unit("75115", count / total)])
            with self.subTest(population=count):
                found = ask("GetTerritory", id=made.id)
                self.assertEqual((found.population_count, found.size_class.code), (count, wanted))
        # The territory before, and no class before there was an ACI.
        self.assertEqual(ask("GetTerritory", id=made.id, as_of="2021-01-01").population_count,
                         total)
        early = make(fresh_units(1), [entry("EMERGENCE", "2018-01-01")])
        self.assertEqual(ask("GetTerritory", id=early.id, as_of="2019-06-19").size_class.code, "")

    def test_territory__known_at_shows_what_was_believed(self):
        one, other = fresh_units(2)
        made = make([one], PROJECT)
        known = ask("GetTerritory", id=made.id).known_at
        client.settle(id=made.id, expected_version=1, effective_on="2020-02-01",
                      territory=[unit(other)])
        found = ask("GetTerritory", id=made.id)
        self.assertEqual([u.unit_code for u in found.units], [other])
        before = ask("GetTerritory", id=made.id, known_at=known)
        self.assertEqual([u.unit_code for u in before.units], [one])

    def test_territory__population_outside_guidance_is_said_never_refused(self):
        for codes, wanted in ((fresh_units(1), True), (["13055"], True),
                              (fresh_units(1, least=30000), False)):
            made = make(codes, PROJECT, lead_region="11")
            reasons = {warning.reason for warning in made.warnings}
            self.assertEqual("POPULATION_OUTSIDE_GUIDANCE" in reasons, wanted, codes)
            found = {w.reason for w in ask("GetTerritory", id=made.id).warnings}
            self.assertEqual("POPULATION_OUTSIDE_GUIDANCE" in found, wanted, codes)

    def test_territory__lead_region_that_differs_is_said(self):
        small, large = fresh_units(1, "24")[0], "44109"
        made = make([small, large], PROJECT, lead_region="24")
        self.assertIn("LEAD_REGION_DIFFERS", {w.reason for w in made.warnings})
        found = ask("GetTerritory", id=made.id)
        self.assertEqual(found.suggested_region, "52")
        self.assertEqual([a.code for a in found.regions], ["52", "24"])
        self.assertIn("LEAD_REGION_DIFFERS", {w.reason for w in found.warnings})
        again = client.settle(id=made.id, expected_version=1, effective_on="2021-01-01",
                              territory=[unit(large)])
        self.assertIn("LEAD_REGION_DIFFERS", {w.reason for w in again.warnings})
        home = client.settle(id=made.id, expected_version=2, effective_on="2022-01-01",
                             territory=[unit(small)])
        self.assertNotIn("LEAD_REGION_DIFFERS", {w.reason for w in home.warnings})

    def test_territory__of_no_cpts(self):
        self.refused("NOT_FOUND/CPTS_NOT_FOUND", ask, "GetTerritory", id=str(uuid.uuid4()))
        self.refused("INVALID_ARGUMENT/FIELD_INVALID", ask, "GetTerritory", id="x")


class Shares(Case):
    """Two validated CPTS of one owner never beyond 1 on a unit, on any date."""

    def setUp(self):
        self.code, = fresh_units(1)
        self.first = make([(self.code, 0.7)], VALIDATED, name="Première")

    def exceeded(self, function, *arguments, **named):
        refused = self.refused("FAILED_PRECONDITION/TERRITORY_SHARE_EXCEEDED", function,
                               *arguments, **named)
        self.assertIn(self.code, refused.detail)
        self.assertIn(self.first.id, refused.detail)
        return refused

    def test_shares__creation_beyond_one(self):
        self.assertIn("1.010", self.exceeded(make, [(self.code, 0.31)], VALIDATED).detail)
        make([(self.code, 0.3)], VALIDATED)

    def test_shares__a_project_may_claim_what_is_taken(self):
        made = make([(self.code, 1)], PROJECT)
        self.exceeded(client.record, id=made.id, expected_version=1, stage=stage("PROJET_VALIDE"),
                      effective_on="2022-01-01")
        client.settle(id=made.id, expected_version=1, effective_on="2021-12-31",
                      territory=[unit(self.code, 0.3)])
        client.record(id=made.id, expected_version=2, stage=stage("PROJET_VALIDE"),
                      effective_on="2022-01-01")
        client.record(id=made.id, expected_version=3, stage=stage("ACI_SIGNE"),
                      effective_on="2022-06-01")

    def test_shares__a_territory_set_by_a_validated_one(self):
        made = make(fresh_units(1), VALIDATED)
        self.exceeded(client.settle, id=made.id, expected_version=1, effective_on="2023-01-01",
                      territory=[unit(self.code, 0.5)])
        client.settle(id=made.id, expected_version=1, effective_on="2023-01-01",
                      territory=[unit(self.code, 0.3)])

    def test_shares__every_date_counts_not_only_today(self):
        """One that has ended held the unit when the other was validated."""
        client.record(id=self.first.id, expected_version=1, stage=stage("DISSOUS"),
                      effective_on="2023-01-01")
        self.exceeded(make, [self.code], VALIDATED)
        after = VALIDATED[:2] + [entry("PROJET_VALIDE", "2023-01-01")]
        make([self.code], after)

    def test_shares__replaced_territory_frees_the_unit_from_its_date(self):
        client.settle(id=self.first.id, expected_version=1, effective_on="2024-01-01",
                      territory=[unit(code) for code in fresh_units(1)])
        self.exceeded(make, [self.code], VALIDATED[:2] + [entry("PROJET_VALIDE", "2023-12-31")])
        make([self.code], VALIDATED[:2] + [entry("PROJET_VALIDE", "2024-01-01")])

    def merge(self, made, successor, on="2024-01-01"):
        return client.walk("MergeCpts", id=made.id, expected_version=made.version,
                           successor_id=successor.id, successor_version=successor.version,
                           effective_on=on)

    def test_shares__a_merge_that_would_bring_too_much(self):
        """A project claims what is taken; its territory cannot come to a validated one."""
        project = make([self.code], PROJECT)
        validated = make(fresh_units(1), VALIDATED)
        self.exceeded(self.merge, project, validated)
        client.settle(id=project.id, expected_version=1, effective_on="2023-01-01",
                      territory=[unit(self.code, 0.3)])
        project.version = 2
        self.merge(project, validated)
        self.assertEqual({u.unit_code: u.share for u in ask("GetTerritory",
                                                            id=validated.id).units}[self.code], 0.3)

    def test_shares__a_merge_adds_up_what_both_hold(self):
        """Both validated, 0.7 and 0.3: together 1, counted without either."""
        other = make([(self.code, 0.3)], VALIDATED)
        self.merge(other, self.first)
        found, = ask("GetTerritory", id=self.first.id).units
        self.assertAlmostEqual(found.share, 1)

    def correct(self, rpc, made, **fields):
        request = getattr(history_pb2, f"{rpc}Request")(
            command_id=str(uuid.uuid4()), id=made.id, expected_version=made.version,
            reason="mal saisi", **fields)
        return getattr(client.history, rpc)(request, timeout=CALL_TIMEOUT_S)

    def test_shares__a_corrected_territory(self):
        made = make(fresh_units(1), VALIDATED)
        self.exceeded(self.correct, "CorrectTerritory", made, effective_from="2020-06-01",
                      territory=[unit(self.code, 0.31)])
        # Before it was validated it may.
        self.correct("CorrectTerritory", made, effective_from="2020-06-01",
                     effective_to="2021-01-01", territory=[unit(self.code, 0.31)])

    def test_shares__corrected_stages(self):
        made = make([self.code], PROJECT)
        self.exceeded(self.correct, "CorrectStages", made, stages=VALIDATED)
        self.correct("CorrectStages", made, stages=[entry("EMERGENCE", "2020-01-16"), PROJECT[1]])

    def test_shares__three_thirds_are_one(self):
        code, = fresh_units(1)
        for _ in range(3):
            make([(code, 1 / 3)], SIGNED)
        self.refused("FAILED_PRECONDITION/TERRITORY_SHARE_EXCEEDED", make, [(code, 0.001)], SIGNED)

    def test_shares__hold_between_regions(self):
        agent = node.client("agent")
        self.addCleanup(agent.close)
        refused = self.refused("FAILED_PRECONDITION/TERRITORY_SHARE_EXCEEDED", agent.create,
                               lead_region="11", stages=VALIDATED, territory=[unit(self.code)])
        self.assertIn(self.first.id, refused.detail)

    def test_shares__hold_when_many_come_at_once(self):
        """Ten claims of 0.3 in the same write batches: three fit, whoever they are."""
        code, = fresh_units(1)
        requests = [client.registry.CreateCpts.future(
            creation(territory=[unit(code, 0.3)], stages=SIGNED, lead_region="28"),
            timeout=CALL_TIMEOUT_S) for _ in range(10)]
        outcomes = sorted(outcome(request.result) for request in requests)
        self.assertEqual(outcomes, ["FAILED_PRECONDITION/TERRITORY_SHARE_EXCEEDED"] * 7
                         + ["OK"] * 3)


class Boards(Case):
    def test_boards__conflict_is_listed_with_its_claimants(self):
        code, = fresh_units(1, "27")
        one = make([(code, 0.8)], PROJECT, lead_region="27", name="Une")
        two = make([(code, 0.6)], VALIDATED, lead_region="27", name="Deux")
        page = ask("ListConflicts", region="27")
        found, = [c for c in page.conflicts if c.unit_code == code]
        self.assertEqual([(c.cpts_id, c.name, round(c.share, 6)) for c in found.claimants],
                         [(one.id, "Une", 0.8), (two.id, "Deux", 0.6)])
        self.assertEqual([c.stage for c in found.claimants],
                         [stage("LETTRE_INTENTION"), stage("PROJET_VALIDE")])
        self.assertAlmostEqual(found.share_sum, 1.4)
        self.assertEqual(found.excess_count, round(0.4 * people(code)))
        self.assertEqual(found.population_count, people(code))
        before = ask("ListConflicts", region="27", as_of="2019-12-31")
        self.assertNotIn(code, [c.unit_code for c in before.conflicts])
        # What coverage counts once.
        client.record(id=one.id, expected_version=1, stage=stage("ABANDONNE"),
                      effective_on="2022-01-01")
        after = ask("ListConflicts", region="27")
        self.assertNotIn(code, [c.unit_code for c in after.conflicts])
        then = ask("ListConflicts", region="27", as_of="2021-12-31")
        self.assertIn(code, [c.unit_code for c in then.conflicts])

    def test_boards__shared_units_only_when_asked(self):
        code, = fresh_units(1, "27")
        for _ in range(2):
            make([(code, 0.5)], SIGNED, lead_region="27")
        self.assertNotIn(code, [c.unit_code for c in ask("ListConflicts", region="27").conflicts])
        shared = ask("ListConflicts", region="27", include_shared=True).conflicts
        self.assertIn(code, [c.unit_code for c in shared])

    def test_boards__pages_join(self):
        codes = fresh_units(5, "02", 0)
        for _ in range(2):
            make(codes, PROJECT, lead_region="02")
        whole = ask("ListConflicts", region="02")
        self.assertEqual(whole.unit_count, 5)
        joined, token = [], ""
        while True:
            page = ask("ListConflicts", region="02", page_size=2, page_token=token)
            joined += [c.unit_code for c in page.conflicts]
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(joined, [c.unit_code for c in whole.conflicts])
        first = ask("ListConflicts", region="02", page_size=2)
        self.refused("INVALID_ARGUMENT/PAGE_TOKEN_INVALID", ask, "ListConflicts", region="01",
                     page_token=first.next_page_token)
        for token in ("x", first.next_page_token[:-1], first.next_page_token.replace(".", "-")):
            self.refused("INVALID_ARGUMENT/PAGE_TOKEN_INVALID", ask, "ListConflicts", region="02",
                         page_token=token)

    def test_boards__gaps_by_level_agree_with_coverage(self):
        codes = fresh_units(3, "06", 0)
        make(codes[:2] + [(codes[2], 0.25)], SIGNED, lead_region="06")
        covered = client.cover(region="06")
        wanted = covered.population_total - covered.population_covered
        for level in ("GAP_LEVEL_COMMUNE", "GAP_LEVEL_EPCI", "GAP_LEVEL_DEPARTMENT",
                      "GAP_LEVEL_REGION"):
            with self.subTest(level=level):
                page = ask("ListGaps", region="06", level=level, page_size=1000)
                self.assertAlmostEqual(page.uncovered_count, wanted, delta=1)
                self.assertAlmostEqual(sum(gap.uncovered_count for gap in page.gaps), wanted,
                                       delta=len(page.gaps))
                counts = [gap.uncovered_count for gap in page.gaps]
                self.assertEqual(counts, sorted(counts, reverse=True))
        communes = {gap.code: gap for gap in ask("ListGaps", region="06", page_size=1000).gaps}
        self.assertNotIn(codes[0], communes)
        self.assertEqual(communes[codes[2]].uncovered_share, 0.75)
        self.assertEqual(communes[codes[2]].uncovered_count, round(0.75 * people(codes[2])))

    def test_boards__gaps_of_a_stage_set(self):
        code, = fresh_units(1, "04", 0)
        make([code], PROJECT, lead_region="04")
        live = ask("ListGaps", region="04", page_size=1000)
        self.assertNotIn(code, [gap.code for gap in live.gaps])
        signed = ask("ListGaps", region="04", page_size=1000, stages=[stage("ACI_SIGNE")])
        self.assertIn(code, [gap.code for gap in signed.gaps])
        self.assertEqual(list(signed.stage_set), [stage("ACI_SIGNE")])
        before = ask("ListGaps", region="04", page_size=1000, as_of="2019-01-01")
        self.assertIn(code, [gap.code for gap in before.gaps])

    def test_boards__bad_filters(self):
        for rpc in ("ListConflicts", "ListGaps", "ListZoning"):
            for fields, wanted in (({"region": "98"}, "UNKNOWN_REGION"),
                                   ({"department": "99"}, "UNKNOWN_DEPARTMENT"),
                                   ({"as_of": "hier"}, "FIELD_INVALID"),
                                   ({"page_size": -1}, "FIELD_INVALID"),
                                   ({"page_size": 10 ** 6}, "FIELD_INVALID"),
                                   ({"page_token": "x"}, "PAGE_TOKEN_INVALID")):
                with self.subTest(rpc=rpc, **fields):
                    self.refused(f"INVALID_ARGUMENT/{wanted}", ask, rpc, **fields)
        self.refused("INVALID_ARGUMENT/FIELD_INVALID", ask, "ListGaps", level=9)
        self.refused("INVALID_ARGUMENT/FIELD_INVALID", ask, "ListGaps", stages=[stage("DISSOUS")])

    def test_boards__a_token_with_a_place_that_is_none(self):
        first = ask("ListGaps", region="94", page_size=1)
        self.assertNotEqual(first.next_page_token, "")
        instant, place, print_of = first.next_page_token.split(".")
        self.assertEqual(uuid.UUID(place).int, 1)
        for rank in (0, 1000001, 2 ** 64 - 1):
            with self.subTest(rank=rank):
                self.refused("INVALID_ARGUMENT/PAGE_TOKEN_INVALID", ask, "ListGaps", region="94",
                             page_size=1, page_token=f"{instant}.{uuid.UUID(int=rank)}.{print_of}")
        self.refused("INVALID_ARGUMENT/PAGE_TOKEN_INVALID", ask, "ListZoning", region="94",
                     page_size=1, page_token=first.next_page_token)
        page = ask("ListGaps", region="94", page_size=1, page_token=first.next_page_token)
        self.assertNotEqual(page.gaps[0].code, first.gaps[0].code)


class Neighbours(Case):
    def test_neighbours__nearest_first_in_kilometres(self):
        paris, versailles, marseille, reunion = (
            make([code], PROJECT, lead_region=region).id
            for code, region in (("75114", "11"), ("78297", "11"), ("13208", "93"),
                                 ("97411", "04")))
        found = ask("ListNeighbours", id=paris, limit=200)
        by_id = {n.cpts_id: n.distance_km for n in found.neighbours}
        self.assertNotIn(paris, by_id)
        # Paris to Marseille 660 km, to Saint-Denis de La Réunion 9,350 km.
        self.assertAlmostEqual(by_id[marseille], 660, delta=10)
        self.assertAlmostEqual(by_id[reunion], 9350, delta=60)
        self.assertLess(by_id[versailles], 40)
        distances = [n.distance_km for n in found.neighbours]
        self.assertEqual(distances, sorted(distances))
        back = {n.cpts_id: n.distance_km for n in ask("ListNeighbours", id=reunion,
                                                      limit=200).neighbours}
        self.assertAlmostEqual(back[paris], by_id[reunion], places=6)

    def test_neighbours__quality_of_positions_is_said(self):
        exact = make(["97411"], PROJECT, lead_region="04")
        approximate = make(["13208"], PROJECT, lead_region="93")
        none = make(["22016"], PROJECT, lead_region="53")
        for made, wanted in ((exact, "EXACT"), (approximate, "APPROXIMATE"), (none, "NONE")):
            quality = position_pb2.PositionQuality.Value(f"POSITION_QUALITY_{wanted}")
            with self.subTest(quality=wanted):
                self.assertEqual(ask("GetTerritory", id=made.id).centre.quality, quality)
                found = ask("ListNeighbours", id=made.id)
                self.assertEqual(found.origin.quality, quality)
                self.assertEqual(len(found.neighbours) == 0, wanted == "NONE")

    def test_neighbours__of_a_commune_and_limits(self):
        make(["97411"], PROJECT, lead_region="04")
        found = ask("ListNeighbours", commune="97411", limit=1)
        self.assertEqual(len(found.neighbours), 1)
        self.assertAlmostEqual(found.neighbours[0].distance_km, 0, places=6)
        self.refused("INVALID_ARGUMENT/UNKNOWN_UNIT", ask, "ListNeighbours", commune="99999")
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED", ask, "ListNeighbours")
        self.refused("NOT_FOUND/CPTS_NOT_FOUND", ask, "ListNeighbours", id=str(uuid.uuid4()))
        self.refused("INVALID_ARGUMENT/FIELD_INVALID", ask, "ListNeighbours", commune="97411",
                     id=str(uuid.uuid4()))
        self.refused("INVALID_ARGUMENT/FIELD_INVALID", ask, "ListNeighbours", commune="97411",
                     limit=201)


class Zoning(Case):
    """A synthetic zoning: no real one is in this repository."""

    def set(self, entries, region="94", version=None, on="2024-01-01", **fields):
        if version is None:
            version = ask("ListZoning", region=region).version
        return ask("SetZoning", region=region, expected_version=version, effective_on=on,
                   source="arrêté synthétique", entries=[
                       {"unit_code": code, "zone": f"ZONE_{zone}"} for code, zone in entries],
                   **fields)

    def zones(self, **fields):
        return {u.unit_code: territory_pb2.Zone.Name(u.zone)[5:]
                for u in ask("ListZoning", region="94", **fields).units}

    def test_zoning__is_dated_and_shown_where_it_helps(self):
        one, two = fresh_units(2, "94")
        self.set([(one, "ZIP_PLUS"), (two, "ZAC")], on="2022-01-01")
        self.set([(one, "HORS_ZONAGE")], on="2024-01-01")
        self.assertEqual(self.zones(), {one: "HORS_ZONAGE"})
        self.assertEqual(self.zones(as_of="2023-12-31"), {one: "ZIP_PLUS", two: "ZAC"})
        self.assertEqual(self.zones(as_of="2021-12-31"), {})
        gaps = {g.code: g for g in ask("ListGaps", region="94", page_size=1000).gaps}
        self.assertEqual(gaps[one].zone, territory_pb2.ZONE_HORS_ZONAGE)
        self.assertEqual(gaps[two].zone, territory_pb2.ZONE_UNSPECIFIED)
        made = make([one], PROJECT, lead_region="94")
        found = ask("GetTerritory", id=made.id, as_of="2023-01-01")
        self.assertEqual(found.units[0].zone, territory_pb2.ZONE_ZIP_PLUS)

    def test_zoning__corrected_keeps_what_was_believed(self):
        one, = fresh_units(1, "94")
        self.set([(one, "ZIP")], on="2023-01-01")
        known = ask("ListZoning", region="94").known_at
        self.set([(one, "ZAC")], on="2023-01-01")
        self.assertEqual(self.zones()[one], "ZAC")
        self.assertEqual(self.zones(known_at=known)[one], "ZIP")

    def test_zoning__is_logged_and_replayed(self):
        one, = fresh_units(1, "94")
        command_id = str(uuid.uuid4())
        version = ask("ListZoning", region="94").version
        fields = {"version": version, "command_id": command_id}
        made = self.set([(one, "ZIP")], **fields)
        self.assertEqual(made.version, version + 1)
        again = self.set([(one, "ZIP")], **fields)
        self.assertTrue(again.replayed)
        self.assertEqual(again.log_position, made.log_position)
        row, = node.database.query(
            "SELECT aggregate_kind, kind, aggregate_id = cpts.zoning_id('94'), encode(bytes, 'hex')"
            f" FROM cpts.change_log WHERE local_position = {made.log_position};")
        self.assertEqual(row[:3], ["ZONING", "ZONING_SET", "t"])
        change = change_pb2.Change.FromString(bytes.fromhex(row[3]))
        self.assertEqual([(z.unit_code, z.zone) for z in change.zoning_set.zones], [(one, "ZIP")])

    def test_zoning__refusals(self):
        one, = fresh_units(1, "94")
        version = ask("ListZoning", region="94").version
        for wanted, change in (
                ("ABORTED/STALE_VERSION", {"version": version + 1}),
                ("INVALID_ARGUMENT/UNIT_OUTSIDE_REGION", {"entries": [("44109", "ZIP")]}),
                ("INVALID_ARGUMENT/UNKNOWN_UNIT", {"entries": [("99999", "ZIP")]}),
                ("INVALID_ARGUMENT/UNIT_REPEATED", {"entries": [(one, "ZIP"), (one, "ZAC")]}),
                ("INVALID_ARGUMENT/FIELD_INVALID", {"entries": [(one, "UNSPECIFIED")]}),
                ("INVALID_ARGUMENT/FIELD_INVALID", {"entries": []}),
                ("INVALID_ARGUMENT/DATE_IN_FUTURE", {"on": "2199-01-01"}),
                ("INVALID_ARGUMENT/UNKNOWN_REGION", {"region": "98", "version": 0})):
            with self.subTest(wanted=wanted):
                self.refused(wanted, self.set, **{"entries": [(one, "ZIP")], **change})
        agent = node.client("agent")
        self.addCleanup(agent.close)
        self.refused("PERMISSION_DENIED/OUT_OF_SCOPE", agent.ask_territory, "SetZoning",
                     region="94", expected_version=version, effective_on="2024-01-01",
                     source="x", entries=[{"unit_code": one, "zone": "ZONE_ZIP"}])
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED", ask, "SetZoning", region="94",
                     expected_version=version, effective_on="2024-01-01",
                     entries=[{"unit_code": one, "zone": "ZONE_ZIP"}])


class Iris(Case):
    """Synthetic IRIS, loaded while the server runs."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="cpts-iris.", dir="/tmp")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.load(IRIS)

    @classmethod
    def load(cls, rows):
        with open(os.path.join(cls.folder, "iris.csv"), "w", encoding="utf-8") as file:
            file.write("code,name,parent,population\n"
                       + "".join(f"{','.join(map(str, row))}\n" for row in rows))
        with open(LOAD_IRIS, encoding="utf-8") as script:
            psql.psql(node.database.name, script.read(), folder=cls.folder, source="synthétique")
        wait_for_reference()

    def test_iris__population_is_theirs(self):
        made = make([("786460101", 0.5), "786460102"], PROJECT, lead_region="11")
        found = ask("GetTerritory", id=made.id)
        self.assertEqual(found.population_count, 8000)
        self.assertEqual([u.unit_code for u in found.units], ["786460101", "786460102"])
        self.assertEqual(client.get(made.id).population_count, 8000)

    def test_iris__beside_its_commune_is_refused(self):
        for codes in (["78646", "786460101"], ["75056", "751110101"], ["786460101", "78646"]):
            self.refused("INVALID_ARGUMENT/UNIT_NESTED", make, codes, PROJECT, lead_region="11")
        self.refused("INVALID_ARGUMENT/UNKNOWN_UNIT", make, ["786460199"], PROJECT,
                     lead_region="11")

    def test_iris__counts_for_its_commune_and_once(self):
        before = client.cover(department="78")
        iris = make(["786460101"], PROJECT, lead_region="11")
        self.assertEqual(client.cover(department="78").population_covered
                         - before.population_covered, 4000)
        gap, = [g for g in ask("ListGaps", department="78", page_size=1000).gaps
                if g.code == "78646"]
        self.assertEqual(gap.uncovered_count, people("78646") - 4000)
        whole = make(["78646"], PROJECT, lead_region="11")
        self.assertEqual(client.cover(department="78").population_covered
                         - before.population_covered, people("78646"))
        found, = [c for c in ask("ListConflicts", department="78").conflicts
                  if c.unit_code == "786460101"]
        self.assertEqual(found.excess_count, 4000)
        self.assertEqual({c.cpts_id for c in found.claimants}, {iris.id, whole.id})
        for made in iris, whole:
            client.record(id=made.id, expected_version=1, stage=stage("ABANDONNE"),
                          effective_on="2020-06-02")
        self.assertEqual(client.cover(department="78").population_covered,
                         before.population_covered)

    def test_iris__shares_hold_across_levels(self):
        iris = make([("751110101", 0.5)], VALIDATED, lead_region="11")
        refused = self.refused("FAILED_PRECONDITION/TERRITORY_SHARE_EXCEEDED", make,
                               [("75111", 0.6)], VALIDATED, lead_region="11")
        self.assertIn(iris.id, refused.detail)
        whole = make([("75111", 0.5)], VALIDATED, lead_region="11")
        refused = self.refused("FAILED_PRECONDITION/TERRITORY_SHARE_EXCEEDED", make,
                               [("751110101", 0.1)], VALIDATED, lead_region="11")
        self.assertIn(whole.id, refused.detail)

    def test_iris__and_its_commune_do_not_merge_into_one_territory(self):
        iris = make(["786460102"], PROJECT, lead_region="11")
        whole = make(["78646"], PROJECT, lead_region="11")
        self.refused("FAILED_PRECONDITION/MERGE_UNITS_NESTED", client.walk, "MergeCpts", id=iris.id,
                     expected_version=1, successor_id=whole.id, successor_version=1,
                     effective_on="2024-01-01")
        for made in iris, whole:
            client.record(id=made.id, expected_version=1, stage=stage("ABANDONNE"),
                          effective_on="2024-01-01")

    def test_iris__loading_again_mints_nothing(self):
        version = node.database.value("SELECT max(version) FROM cpts.reference_version;")
        self.load(IRIS)
        self.assertEqual(node.database.value("SELECT max(version) FROM cpts.reference_version;"),
                         version)

    def test_iris__without_a_parent_stops_the_load(self):
        for row in (("999990101", "x", "99999", 1), ("786460103", "x", "75111", 1),
                    ("750560101", "x", "75056", 1)):
            with self.assertRaises(psql.SqlError) as raised:
                self.load(IRIS + (row,))
            self.assertIn(raised.exception.sqlstate, ("23502", "23514"))


class Mergers(Case):
    """Synthetic mergers of real communes, applied while the server runs."""

    SOURCE = "essai synthétique, fusion inventée"

    def merge(self, mergers, on="2026-01-01", **fields):
        """mergers: (old codes, code, name, inhabitants)"""
        answer = ask("MergeUnits", effective_on=on, vintage=fields.pop("vintage", 2027),
                     source=self.SOURCE, mergers=[
                         {"old_codes": old, "code": code, "name": name, "population_count": count}
                         for old, code, name, count in mergers], **fields)
        if not fields.get("preview"):
            wait_for_reference()
        return answer

    def test_mergers__map_territories_and_keep_what_was_true(self):
        one, two, three, other = fresh_units(4, "32")
        counts = {code: people(code) for code in (one, two, three, other)}
        made = make([one, (two, 0.5), other], SIGNED, lead_region="32", name="Fusionnée")
        neighbour = make([(two, 0.5), three], SIGNED, lead_region="32", name="Voisine")
        before = ask("GetTerritory", id=made.id, as_of="2026-06-01")
        known = before.known_at
        total = counts[one] + counts[two] + counts[three]
        mergers = [([one, two, three], two, "Commune nouvelle d'essai", total + 7)]
        preview = self.merge(mergers, preview=True)
        self.assertEqual(node.database.value("SELECT max(version) FROM cpts.reference_version;"),
                         str(preview.reference_version))
        report = self.merge(mergers)
        self.assertEqual(report.reference_version, preview.reference_version + 1)
        self.assertEqual((report.applied_count, report.already_applied_count), (1, 0))
        for mapping, was in zip(report.mappings, preview.mappings):
            self.assertEqual(mapping.version, was.version + 1)
            was.version += 1
            self.assertEqual(mapping, was, "the preview told something else")
        mapping, = [m for m in report.mappings if m.cpts_id == made.id]
        share = (counts[one] + 0.5 * counts[two]) / total
        self.assertEqual([(c.old_code, c.old_share, c.code) for c in mapping.claims],
                         [(one, 1, two), (two, 0.5, two)])
        self.assertAlmostEqual(mapping.claims[0].share, share)
        self.assertEqual(mapping.population_before, before.population_count)
        wanted = share * (total + 7) + counts[other]
        self.assertAlmostEqual(mapping.population_after, wanted, delta=1)
        # They shared a commune before: no new contact.
        self.assertEqual(list(mapping.new_contacts), [])
        after = ask("GetTerritory", id=made.id, as_of="2026-06-01")
        self.assertEqual([u.unit_code for u in after.units], sorted([two, other]))
        self.assertEqual([u.name for u in after.units if u.unit_code == two],
                         ["Commune nouvelle d'essai"])
        self.assertAlmostEqual(after.population_count, wanted, delta=1)
        self.assertEqual(after.population_vintage, 2027)
        self.assertEqual(client.get(made.id).population_count, after.population_count)
        # True before, and believed before.
        past = ask("GetTerritory", id=made.id, as_of="2025-12-31")
        self.assertEqual({u.unit_code: u.population_count for u in past.units},
                         {code: counts[code] for code in (one, two, other)})
        self.assertEqual(past.population_vintage, 2026)
        believed = ask("GetTerritory", id=made.id, as_of="2026-06-01", known_at=known)
        self.assertEqual(believed.units, before.units)
        other_share = ask("GetTerritory", id=neighbour.id, as_of="2026-06-01").units[0].share
        self.assertAlmostEqual(other_share, 1 - share)

    def test_mergers__are_logged_with_the_whole_territory(self):
        one, two, other = fresh_units(3, "32")
        made = make([one, other], SIGNED, lead_region="32")
        report = self.merge([([one], two, "Essai", 0)])
        rows = node.database.query(
            "SELECT aggregate_kind, kind, version, encode(bytes, 'hex') FROM cpts.change_log"
            f" WHERE local_position BETWEEN {report.log_position - 1} AND {report.log_position}"
            " ORDER BY local_position;")
        self.assertEqual([row[:2] for row in rows],
                         [["REFERENCE", "UNITS_MERGED"], ["CPTS", "CPTS_UNITS_MAPPED"]])
        first, second = (change_pb2.Change.FromString(bytes.fromhex(row[3])) for row in rows)
        self.assertEqual(list(first.units_merged.mergers[0].old_codes), [one])
        self.assertEqual((second.aggregate_id, second.schema_version), (made.id, 1))
        mapped = second.cpts_units_mapped
        self.assertEqual((mapped.effective_on, mapped.reference_version),
                         ("2026-01-01", report.reference_version))
        self.assertEqual(node.database.query(
            f"SELECT 1 FROM cpts.territory_unit WHERE code = '{one}';"), [])
        wanted = {u.unit_code: u.share for u in ask("GetTerritory", id=made.id).units}
        self.assertEqual({u.unit_code: u.share for u in mapped.territory}, wanted)
        self.assertEqual({(u.valid_from, u.valid_to) for u in mapped.territory},
                         {("2026-01-01", "")})
        # The chain of hashes holds over what SQL packed too.
        self.assertEqual(node.database.value(
            "SELECT count(*) FROM cpts.change_log l JOIN cpts.change_log p ON p.origin_node ="
            " l.origin_node AND p.origin_position = l.origin_position - 1 WHERE l.prev_hash <>"
            " p.hash OR l.hash <> sha256(l.prev_hash || int8send(l.origin_position) || l.bytes);"),
            "0")

    def test_mergers__new_contacts_are_reported(self):
        one, two = fresh_units(2, "32")
        left, right = (make([code], SIGNED, lead_region="32") for code in (one, two))
        report = self.merge([([one], two, "Essai", 0)])
        contacts = {m.cpts_id: list(m.new_contacts) for m in report.mappings}
        self.assertEqual(contacts, {left.id: [right.id], right.id: [left.id]})
        # Each holds its part: together one, and no conflict.
        shares = [ask("GetTerritory", id=made.id).units[0].share for made in (left, right)]
        self.assertAlmostEqual(sum(shares), 1)
        found = [c.unit_code for c in ask("ListConflicts", region="32", page_size=500).conflicts]
        self.assertNotIn(two, found)
        shared = ask("ListConflicts", region="32", include_shared=True, page_size=500).conflicts
        self.assertIn(two, [c.unit_code for c in shared])

    def test_mergers__again_change_nothing(self):
        one, two = fresh_units(2, "32")
        make([one], SIGNED, lead_region="32")
        command_id = str(uuid.uuid4())
        first = self.merge([([one], two, "Essai", 0)], command_id=command_id)
        before = node.fingerprint()
        again = self.merge([([one], two, "Essai", 0)], command_id=command_id)
        self.assertTrue(again.replayed)
        self.assertEqual(again.reference_version, first.reference_version)
        other = self.merge([([one, two], two, "Essai", 0)])
        self.assertEqual((other.applied_count, other.already_applied_count), (0, 1))
        self.assertEqual((other.log_position, len(other.mappings)), (0, 0))
        self.assertEqual(node.fingerprint(), before)

    def test_mergers__old_codes_are_mapped_and_said_at_once(self):
        """With the share that MergeUnits gives: a part of the inhabitants."""
        one, two = fresh_units(2, "32")
        part, total = people(one), people(one) + people(two)
        self.merge([([one], two, "Essai", 0)])
        made = make([(one, 0.5)], [entry("EMERGENCE", "2026-01-01")], lead_region="32")
        self.assertIn("OLD_UNIT_CODE", {w.reason for w in made.warnings})
        found, = client.get(made.id).territory
        self.assertEqual(found.unit_code, two)
        self.assertAlmostEqual(found.share, 0.5 * part / total)
        set_again = client.settle(id=made.id, expected_version=1, effective_on="2026-02-01",
                                  territory=[unit(one)])
        self.assertIn("OLD_UNIT_CODE", {w.reason for w in set_again.warnings})
        self.assertAlmostEqual(client.get(made.id).territory[0].share, part / total)
        self.assertEqual(client.get(made.id).population_count, part)

    def correct(self, rpc, made, **fields):
        return Shares.correct(self, rpc, made, **fields)

    def summed(self, made, date):
        return float(node.database.value(
            "SELECT coalesce(sum(population_count), 0) FROM cpts.cpts_population WHERE cpts_id ="
            f" '{made.id}' AND recorded_to = 'infinity' AND valid_from <= '{date}'"
            f" AND valid_to > '{date}';"))

    def test_mergers__days_before_are_of_the_communes_of_then(self):
        one, two = fresh_units(2, "32")
        counts = {code: people(code) for code in (one, two)}
        holder = make([two], SIGNED, lead_region="32")
        made = make([one], SIGNED, lead_region="32")
        self.merge([([one], two, "Essai", 0)])
        made.version += 1
        for code, share in ((one, 0.5), (two, 0.000001)):
            if code == two:  # another CPTS held that one, whole
                refused = self.refused("FAILED_PRECONDITION/TERRITORY_SHARE_EXCEEDED",
                                       self.correct, "CorrectTerritory", made,
                                       effective_from="2021-01-01", effective_to="2022-01-01",
                                       territory=[unit(code, share)])
                self.assertIn(holder.id, refused.detail)
            corrected = self.correct(
                "CorrectTerritory", made, effective_from="2020-07-01",
                effective_to="2020-12-01" if code == two else "2025-12-01",
                territory=[unit(code, share)])
            made.version = corrected.version
            self.assertNotIn("OLD_UNIT_CODE", {w.reason for w in corrected.warnings})
            found, = ask("GetTerritory", id=made.id, as_of="2020-08-01").units
            self.assertEqual((found.unit_code, found.population_count), (code, counts[code]))
            self.assertAlmostEqual(found.share, share)
            self.assertAlmostEqual(self.summed(made, "2020-08-01"), share * counts[code])
        self.assertAlmostEqual(self.summed(made, "2025-12-15"), counts[one])
        conflicts = ask("ListConflicts", region="32", as_of="2022-06-01", page_size=500).conflicts
        self.assertNotIn(one, [c.unit_code for c in conflicts])
        # A life that ended before it; and nothing to compute anew.
        ended = make([one], PROJECT + [entry("ABANDONNE", "2022-01-01")], lead_region="32")
        self.assertEqual(client.get(ended.id, as_of="2021-06-01").population_count, counts[one])
        self.assertEqual(self.summed(ended, "2021-06-01"), counts[one])
        figures = f"SELECT * FROM cpts.cpts_population WHERE cpts_id IN ('{made.id}', '{ended.id}')"
        before = node.database.query(f"{figures} ORDER BY cpts_id, version, valid_from;")
        node.database.query("SELECT cpts.populations_refresh();")
        self.assertEqual(node.database.query(f"{figures} ORDER BY cpts_id, version, valid_from;"),
                         before)

    def test_mergers__no_territory_crosses_one(self):
        one, two = fresh_units(2, "32")
        counts = {code: people(code) for code in (one, two)}
        ended = make([one], PROJECT + [entry("ABANDONNE", "2022-01-01")], lead_region="32")
        self.merge([([one], two, "Essai", 0)])
        crossing = "INVALID_ARGUMENT/UNIT_MERGED_IN_PERIOD"
        for code in (one, two):
            refused = self.refused(crossing, make, [code], PROJECT, lead_region="32")
            self.assertEqual(refused.field, "territory[0].unit_code")
        made = make([], PROJECT, lead_region="32")
        self.refused(crossing, client.settle, id=made.id, expected_version=1,
                     effective_on="2025-12-31", territory=[unit(two)])
        self.refused(crossing, self.correct, "CorrectTerritory", made,
                     effective_from="2025-12-31", territory=[unit(one)])
        # Each side by itself.
        client.settle(id=made.id, expected_version=1, effective_on="2026-01-01",
                      territory=[unit(two)])
        made.version = 2
        self.correct("CorrectTerritory", made, effective_from="2020-01-15",
                     effective_to="2026-01-01", territory=[unit(one)])
        self.assertEqual(client.get(made.id, as_of="2025-12-31").population_count, counts[one])
        self.assertEqual(client.get(made.id).population_count, sum(counts.values()))
        self.refused("INVALID_ARGUMENT/UNIT_MERGED_IN_PERIOD", self.correct, "CorrectStages",
                     ended, stages=PROJECT)
        self.correct("CorrectStages", ended,
                     stages=PROJECT + [entry("ABANDONNE", "2026-01-01")])

    def test_mergers__a_commune_nobody_lives_in_weighs_as_the_others(self):
        one, two = "55139", "55189"  # villages destroyed in 1916
        self.assertEqual((people(one), people(two)), (0, 0))
        left, right = (make([code], SIGNED, lead_region="44") for code in (one, two))
        self.merge([([one], two, "Essai", 0)])
        for made in (left, right):
            found, = ask("GetTerritory", id=made.id).units
            self.assertEqual((found.unit_code, found.share), (two, 0.5))

    def test_mergers__shares_beyond_one_are_reported(self):
        """IRIS that count more people than their commune: the two do not add up."""
        one, two = fresh_units(2, "32", 1000)
        Iris.folder = tempfile.mkdtemp(prefix="cpts-iris.", dir="/tmp")
        self.addCleanup(shutil.rmtree, Iris.folder)
        Iris.load(IRIS + ((f"{one}0101", "Synthétique", one, people(one) + people(two)),))
        parts = make([f"{one}0101"], SIGNED, lead_region="32")
        whole = make([two], SIGNED, lead_region="32")
        project = make([two], PROJECT, lead_region="32")
        preview = self.merge([([one], two, "Essai", 0)], preview=True)
        report = self.merge([([one], two, "Essai", 0)])
        told = {m.cpts_id: m.share_excess for m in report.mappings}
        self.assertEqual(told, {m.cpts_id: m.share_excess for m in preview.mappings})
        self.assertEqual(told[project.id], "")
        shares = [ask("GetTerritory", id=made.id).units[0].share for made in (parts, whole)]
        self.assertGreater(sum(shares), 1.2)
        for made in (parts, whole):
            code, rest = told[made.id].split(": ")
            share, date = rest.split(" on ")
            self.assertEqual((code, date), (two, "2026-01-01"))
            self.assertAlmostEqual(float(share), sum(shares), places=3)

    def test_mergers__iris_of_a_merged_commune_count_by_their_inhabitants(self):
        one, two = fresh_units(2, "32", 1000)
        Iris.folder = tempfile.mkdtemp(prefix="cpts-iris.", dir="/tmp")
        self.addCleanup(shutil.rmtree, Iris.folder)
        Iris.load(IRIS + ((f"{one}0101", "Synthétique", one, 300),))
        made = make([(f"{one}0101", 0.5)], SIGNED, lead_region="32")
        total = people(one) + people(two)
        self.merge([([one], two, "Essai", 0)])
        unit_now, = ask("GetTerritory", id=made.id).units
        self.assertEqual(unit_now.unit_code, two)
        self.assertAlmostEqual(unit_now.share, 150 / total)
        self.assertEqual(ask("GetTerritory", id=made.id, as_of="2025-12-31").population_count, 150)

    def test_mergers__coverage_and_gaps_before_and_after(self):
        one, two = fresh_units(2, "32")
        make([one], SIGNED, lead_region="32")
        sums = {}
        for moment in ("before", "after"):
            if moment == "after":
                self.merge([([one], two, "Essai", people(one) + people(two) + 100)])
            for date in ("2025-06-01", "2026-06-01"):
                covered = client.cover(region="32", as_of=date)
                gaps = ask("ListGaps", region="32", as_of=date, level="GAP_LEVEL_REGION")
                self.assertAlmostEqual(gaps.uncovered_count, covered.population_total
                                       - covered.population_covered, delta=2)
                sums[moment, date] = covered.population_total
        self.assertEqual(sums["after", "2025-06-01"], sums["before", "2025-06-01"])
        self.assertEqual(sums["after", "2026-06-01"], sums["before", "2026-06-01"] + 100)

    def test_mergers__refusals(self):
        one, two, three = fresh_units(3, "32")
        good = ([one], two, "Essai", 0)
        for wanted, mergers, fields in (
                ("INVALID_ARGUMENT/UNKNOWN_UNIT", [(["99999"], two, "x", 0)], {}),
                ("INVALID_ARGUMENT/MERGER_INVALID", [(["75111"], two, "x", 0)], {}),
                ("INVALID_ARGUMENT/MERGER_INVALID", [([one], "75056", "x", 0)], {}),
                ("INVALID_ARGUMENT/MERGER_INVALID", [([one], one, "x", 0)], {}),
                ("INVALID_ARGUMENT/UNIT_REPEATED", [good, ([one], three, "x", 0)], {}),
                ("INVALID_ARGUMENT/UNIT_REPEATED", [good, ([three], two, "x", 0)], {}),
                ("INVALID_ARGUMENT/UNIT_REPEATED", [good, ([two], three, "x", 0)], {}),
                ("INVALID_ARGUMENT/FIELD_INVALID", [(["x"], two, "x", 0)], {}),
                ("INVALID_ARGUMENT/FIELD_INVALID", [([], two, "x", 0)], {}),
                ("INVALID_ARGUMENT/FIELD_REQUIRED", [([one], two, "", 0)], {}),
                ("INVALID_ARGUMENT/FIELD_INVALID", [([one], two, "x", -1)], {}),
                ("INVALID_ARGUMENT/FIELD_INVALID", [], {}),
                ("INVALID_ARGUMENT/FIELD_INVALID", [good], {"vintage": 1}),
                ("INVALID_ARGUMENT/DATE_IN_FUTURE", [good], {"on": "2199-01-01"})):
            with self.subTest(wanted=wanted, mergers=mergers):
                self.refused(wanted, self.merge, mergers, **fields)

    def test_mergers__another_commune_joins_on_the_same_date(self):
        one, two, three = fresh_units(3, "32")
        total = people(one) + people(two) + people(three)
        made = make([one], SIGNED, lead_region="32")
        was = people(one)
        self.merge([([one], three, "Essai", 0)])
        self.merge([([two], three, "Essai entier", 0)])
        self.assertEqual(people(three), total)
        found = ask("GetTerritory", id=made.id, as_of="2026-06-01").units[0]
        self.assertEqual((found.name, found.unit_code), ("Essai entier", three))
        self.assertAlmostEqual(found.share, was / total)
        past = ask("GetTerritory", id=made.id, as_of="2025-06-01").units[0]
        self.assertEqual((past.unit_code, past.population_count), (one, was))
        self.refused("INVALID_ARGUMENT/MERGER_INVALID", self.merge,
                     [([three], fresh_units(1, "32")[0], "Essai", 0)], on="2025-01-01")

    def test_mergers__half_of_one_done_before_is_refused(self):
        one, two, three = fresh_units(3, "32")
        self.merge([([one], three, "Essai", 0)])
        self.refused("INVALID_ARGUMENT/MERGER_INVALID", self.merge,
                     [([one, two], three, "Essai", 0)])
        self.refused("INVALID_ARGUMENT/MERGER_INVALID", self.merge, [([one], two, "x", 0)])

    def test_mergers__a_command_read_by_the_older_reference_is_refused(self):
        """What the two seconds between the mergers and the reading again mean."""
        code, = fresh_units(1, "32")
        node.database.query("INSERT INTO cpts.reference_version (version, vintage, source,"
                            " content_hash, effective_on) SELECT max(version) + 1, 2027, 'x', 'x',"
                            " '2026-01-01' FROM cpts.reference_version;")
        before = node.database.value("SELECT count(*) FROM cpts.change_log;")
        found = outcome(make, [code], PROJECT, lead_region="32")
        # OK when the server looked in between: it does so every two seconds.
        self.assertIn(found, ("UNAVAILABLE/REFERENCE_CHANGED", "OK"))
        after = node.database.value("SELECT count(*) FROM cpts.change_log;")
        self.assertEqual(int(after) - int(before), found == "OK")
        wait_for_reference()
        make([code], PROJECT, lead_region="32")


class Tool(Case):
    """cptsctl, the words of a user."""

    @classmethod
    def setUpClass(cls):
        cls.profile = node.path("territory.ini")
        with open(cls.profile, "w", encoding="utf-8") as file:
            file.write(f"[profile]\naddress = 127.0.0.1:{node.port}\nca = {node.path('ca.pem')}\n"
                       f"certificate = {node.path('operator.pem')}\n"
                       f"key = {node.path('operator.key')}\n")

    def run_tool(self, *words, wanted=0):
        done = subprocess.run([os.path.join(BUILD, "bin", "cptsctl"), *words, "--profile",
                               self.profile], capture_output=True, text=True, timeout=60,
                              check=False)
        self.assertEqual(done.returncode, wanted, done.stderr)
        return done

    def table(self, *words):
        return list(csv.DictReader(io.StringIO(self.run_tool(*words, "--csv").stdout)))

    def file(self, text, encoding="utf-8"):
        path = node.path(f"{uuid.uuid4().hex}.csv")
        with open(path, "w", encoding=encoding) as file:
            file.write(text)
        return path

    def test_tool__shows_a_territory(self):
        one, two = fresh_units(2, "53")
        made = make([one, (two, 0.25)], SIGNED, lead_region="11", name="CPTS à voir")
        rows = self.table("territory", "show", made.id)
        self.assertEqual([(r["unit_code"], r["share"]) for r in rows], [(one, "1"), (two, "0.25")])
        said = self.run_tool("territory", "show", made.id)
        self.assertIn("Taille 1", said.stdout)
        self.assertIn("SYNTHETIC DATA", said.stdout)
        self.assertIn("LEAD_REGION_DIFFERS", said.stderr)
        found = json.loads(self.run_tool("territory", "show", made.id, "--json").stdout)
        self.assertEqual(found["suggestedRegion"], "53")
        self.run_tool("territory", "show", str(uuid.uuid4()), wanted=3)
        self.run_tool("territory", "show", "x", wanted=2)

    def test_tool__lists_conflicts_and_gaps_over_pages(self):
        codes = fresh_units(3, "53")
        for name in "Une", "Deux":
            make(codes, PROJECT, lead_region="53", name=name)
        rows = self.table("territory", "conflicts", "--region", "53")
        self.assertEqual({r["unit_code"] for r in rows}, set(codes))
        self.assertEqual(len(rows), 6)
        one = self.table("territory", "conflicts", "--region", "53", "--limit", "1")
        self.assertEqual(len({r["unit_code"] for r in one}), 1)
        answer = json.loads(self.run_tool("territory", "gaps", "--region", "53", "--limit", "1200",
                                          "--json").stdout)
        page = ask("ListGaps", region="53", page_size=1000)
        self.assertEqual(answer["rowCount"], page.row_count)
        self.assertEqual([g["code"] for g in answer["gaps"]][:1000], [g.code for g in page.gaps])
        areas = self.table("territory", "gaps", "--by", "department", "--region", "53")
        self.assertEqual({r["code"] for r in areas}, {"22", "29", "35", "56"})
        self.run_tool("territory", "gaps", "--by", "canton", wanted=2)
        self.run_tool("territory", "gaps", "--region", "98", wanted=1)

    def test_tool__finds_neighbours_of_both_kinds(self):
        made = make(["97411"], PROJECT, lead_region="04")
        by_commune = self.table("territory", "neighbours", "97411", "--limit", "200")
        self.assertIn(made.id, [r["id"] for r in by_commune])
        by_cpts = self.table("territory", "neighbours", made.id, "--limit", "200")
        self.assertNotIn(made.id, [r["id"] for r in by_cpts])
        self.run_tool("territory", "neighbours", "Brest", wanted=2)

    def test_tool__imports_a_zoning(self):
        one, two = fresh_units(2, "24")
        words = ("--region", "24", "--on", "2024-03-12", "--source", "arrêté synthétique")
        path = self.file(f"Code Insee;Zonage\n{one};ZIP+\n{two};Hors zonage\n", "cp1252")
        self.assertIn("2 communes", self.run_tool("zoning", "import", path, *words,
                                                  "--dry-run").stdout)
        self.assertEqual(self.table("zoning", "list", "--region", "24"), [])
        self.run_tool("zoning", "import", path, *words)
        self.assertEqual([(r["unit_code"], r["zone"]) for r in self.table("zoning", "list",
                                                                          "--region", "24")],
                         [(one, "ZIP_PLUS"), (two, "HORS_ZONAGE")])
        said = self.run_tool("zoning", "import", self.file(f"insee,zone\n{one},ZIP\n{two},?\n"),
                             *words, wanted=1)
        self.assertIn("line 3", said.stderr)
        self.run_tool("zoning", "import", self.file("a,b\n1,2\n"), *words, wanted=1)
        self.run_tool("zoning", "import", path, "--region", "24", wanted=2)
        self.assertEqual(len(self.table("zoning", "list", "--region", "24")), 2)

    def test_tool__merges_with_a_report(self):
        one, two = fresh_units(2, "24")
        made = make([one], SIGNED, lead_region="24")
        path = self.file(f"old_code,code,name,population\n{one},{two},Essai,\n{two},{two},,\n")
        words = ("territory", "merge", path, "--on", "2026-01-01", "--vintage", "2027",
                 "--source", "essai synthétique")
        row, = self.table(*words, "--preview")
        self.assertEqual((row["cpts_id"], row["old_code"], row["code"]), (made.id, one, two))
        self.assertEqual(client.get(made.id).version, 1)
        self.table(*words)
        wait_for_reference()
        self.assertEqual(client.get(made.id).version, 2)
        self.assertIn("1 done before", self.run_tool(*words).stderr)
        self.run_tool("territory", "merge", self.file("a,b\n1,2\n"), *words[3:], wanted=1)
        self.run_tool("territory", "merge", path, wanted=2)


def wait_for_reference():
    """Until the server goes by the newest version: SIGHUP makes it look at once."""
    version = node.database.value("SELECT max(version) FROM cpts.reference_version;")
    node.reread_roles(lambda: any(f'reference data read again: version {version}"' in line
                                  or '"ready: node' in line and version == "1"
                                  for line in node.log))


if __name__ == "__main__":
    psql.main()
