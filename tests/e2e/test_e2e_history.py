# SPDX-License-Identifier: Apache-2.0
"""Corrections keep what was believed before; the belief report and the audit of
one CPTS tell what changed, when, why and by whom."""
import csv
import datetime
import io
import json
import os
import random
import subprocess
import unittest
import uuid

from node import (BUILD, CALL_TIMEOUT_S, OTHER_REGION, REGION, Node, change_pb2, command, entry,
                  history_pb2, psql, refusal, registry_pb2, stage, trajectory_pb2, unit, uri_of)

LIVE = ("EMERGENCE", "LETTRE_INTENTION", "PROJET_VALIDE", "ACI_SIGNE")
PARIS_11, VERSAILLES, NANTES, LYON_1 = "75111", "78646", "44109", "69381"
# Validated CPTS may not share one whole commune: each test that signs takes its own.
COMMUNES = (f"01{number:03d}" for number in range(4, 400))
node = client = agent = None


def setUpModule():
    global node, client, agent
    node = Node()
    client, agent = node.client("operator"), node.client("agent")


def tearDownModule():
    if node is not None:
        client.close()
        agent.close()
        node.stop()


def correct_stages(made, stages, by=None, **fields):
    request = history_pb2.CorrectStagesRequest(**command(
        {"id": made.id, "expected_version": made.version, "stages": stages,
         "reason": "date du courrier", "evidence": "RAA 2020-17", **fields}))
    return (by or client).history.CorrectStages(request, timeout=CALL_TIMEOUT_S)


def correct_territory(made, territory, by=None, **fields):
    request = history_pb2.CorrectTerritoryRequest(**command(
        {"id": made.id, "expected_version": made.version, "territory": territory,
         "effective_from": "2020-06-01", "reason": "périmètre mal saisi", **fields}))
    return (by or client).history.CorrectTerritory(request, timeout=CALL_TIMEOUT_S)


def beliefs(**fields):
    return client.history.ListBeliefChanges(history_pb2.ListBeliefChangesRequest(**fields),
                                            timeout=CALL_TIMEOUT_S)


def history(cpts_id, **fields):
    return client.history.GetHistory(history_pb2.GetHistoryRequest(id=cpts_id, **fields),
                                     timeout=CALL_TIMEOUT_S)


def own_commune():
    """A commune that no other CPTS of this file has."""
    for code in COMMUNES:
        if node.database.query("SELECT 1 FROM cpts.territory_unit"
                               f" WHERE code = '{code}' AND is_leaf;"):
            return code
    raise AssertionError("no commune is left")


def stages_of(made, **when):
    return [(one.stage, one.effective_on) for one in client.get(made.id, **when).stages]


def wanted(*pairs):
    return [(stage(name), date) for name, date in pairs]


def units_on(made, date, **when):
    return [(one.unit_code, one.share) for one in
            client.get(made.id, as_of=date, **when).territory]


def now():
    """An instant between what was recorded and what comes next."""
    return client.cover(region=REGION).known_at


class Stages(unittest.TestCase):
    def setUp(self):
        self.made = client.create(stages=[entry("EMERGENCE", "2020-01-15"),
                                          entry("LETTRE_INTENTION", "2021-03-01")])
        self.before = now()

    def test_history__date_is_corrected_and_the_old_one_stays_known(self):
        done = correct_stages(self.made, [entry("EMERGENCE", "2020-01-15"),
                                          entry("LETTRE_INTENTION", "2020-11-20")])
        self.assertEqual(done.version, 2)
        self.assertEqual(stages_of(self.made), wanted(("EMERGENCE", "2020-01-15"),
                                                      ("LETTRE_INTENTION", "2020-11-20")))
        self.assertEqual(stages_of(self.made, known_at=self.before),
                         wanted(("EMERGENCE", "2020-01-15"), ("LETTRE_INTENTION", "2021-03-01")))
        on = {"as_of": "2020-12-01"}
        self.assertEqual(client.get(self.made.id, **on).stage, stage("LETTRE_INTENTION"))
        self.assertEqual(client.get(self.made.id, known_at=self.before, **on).stage,
                         stage("EMERGENCE"))

    def test_history__stage_entered_by_mistake_is_retracted(self):
        correct_stages(self.made, [entry("EMERGENCE", "2020-01-15")])
        now_is = client.get(self.made.id)
        self.assertEqual((now_is.stage, now_is.stage_on), (stage("EMERGENCE"), "2020-01-15"))
        client.record(id=self.made.id, expected_version=2, stage=stage("LETTRE_INTENTION"),
                      effective_on="2022-01-01")
        self.assertEqual(stages_of(self.made)[-1], (stage("LETTRE_INTENTION"), "2022-01-01"))

    def test_history__retracted_way_out_brings_the_territory_back(self):
        gone = client.record(id=self.made.id, expected_version=1, stage=stage("ABANDONNE"),
                             effective_on="2022-05-01")
        self.assertEqual(units_on(self.made, "2023-01-01"), [])
        self.made.version = gone.version
        correct_stages(self.made, [entry("EMERGENCE", "2020-01-15"),
                                   entry("LETTRE_INTENTION", "2021-03-01")])
        self.assertEqual(units_on(self.made, "2023-01-01"), [(VERSAILLES, 1)])
        self.assertGreater(client.get(self.made.id).population_count, 0)

    def test_history__territory_follows_the_first_stage_and_the_way_out(self):
        correct_stages(self.made, [entry("EMERGENCE", "2019-06-01"),
                                   entry("DISSOUS", "2021-12-31")])
        for date, units in (("2019-05-31", []), ("2019-06-01", [(VERSAILLES, 1)]),
                            ("2021-12-30", [(VERSAILLES, 1)]), ("2021-12-31", [])):
            self.assertEqual(units_on(self.made, date), units, date)
        self.assertEqual(units_on(self.made, "2022-06-01", known_at=self.before),
                         [(VERSAILLES, 1)])
        self.made.version = 2
        correct_stages(self.made, [entry("EMERGENCE", "2020-03-01"),
                                   entry("DISSOUS", "2022-02-01")])
        self.assertEqual([units_on(self.made, date) for date in
                          ("2020-02-29", "2020-03-01", "2022-01-31", "2022-02-01")],
                         [[], [(VERSAILLES, 1)], [(VERSAILLES, 1)], []])

    def test_history__repetition_gives_the_first_outcome(self):
        fields = {"command_id": str(uuid.uuid4())}
        stages = [entry("EMERGENCE", "2019-12-01")]
        first = correct_stages(self.made, stages, **fields)
        again = correct_stages(self.made, stages, **fields)
        self.assertEqual((again.version, again.log_position, again.replayed),
                         (first.version, first.log_position, True))

    def test_history__change_is_told_to_those_who_watch(self):
        correct_stages(self.made, [entry("EMERGENCE", "2019-12-01")])
        stream = client.registry.WatchCpts(registry_pb2.WatchCptsRequest(after_position=0),
                                           timeout=CALL_TIMEOUT_S)
        for message in stream:
            change = message.change
            if change.cpts_id == self.made.id and change.version == 2:
                break
        stream.cancel()
        self.assertEqual(change.kind, "CPTS_STAGES_CORRECTED")
        told = change.cpts_stages_corrected
        self.assertEqual(([one.effective_on for one in told.stages], told.reason, told.evidence),
                         (["2019-12-01"], "date du courrier", "RAA 2020-17"))


class Follow(unittest.TestCase):
    """What the life cycle keeps beside the stages."""
    SIGNED = [entry("EMERGENCE", "2018-01-01"), entry("LETTRE_INTENTION", "2018-06-01"),
              entry("PROJET_VALIDE", "2019-01-01"), entry("ACI_SIGNE", "2021-06-28")]

    def setUp(self):
        self.commune = own_commune()
        self.made = client.create(stages=self.SIGNED, territory=[unit(self.commune)])
        self.before = now()

    def ends(self, **when):
        """State and due dates of the clock that the signature starts."""
        return [(one.due_on, one.state) for one in
                client.way(self.made.id, as_of="2024-01-01", **when).clocks
                if one.kind == "ACI_END"]

    def test_history__clocks_follow_the_date_of_the_signature(self):
        self.assertEqual(self.ends(), [("2026-06-28", "RUNNING")])
        correct_stages(self.made, self.SIGNED[:3] + [entry("ACI_SIGNE", "2022-06-28")])
        self.assertEqual(self.ends(), [("2027-06-28", "RUNNING")])
        self.assertEqual(self.ends(known_at=self.before), [("2026-06-28", "RUNNING")])

    def test_history__clocks_of_a_retracted_signature_are_gone(self):
        correct_stages(self.made, self.SIGNED[:3])
        self.assertEqual(self.ends(), [])

    def test_history__correction_of_an_earlier_stage_leaves_the_clocks(self):
        correct_stages(self.made, [entry("EMERGENCE", "2017-01-01")] + self.SIGNED[1:])
        self.assertEqual(self.ends(), [("2026-06-28", "RUNNING")])

    def test_history__way_out_that_was_forgotten_stops_them(self):
        correct_stages(self.made, self.SIGNED + [entry("DISSOUS", "2023-01-01")])
        self.assertEqual(self.ends(), [("2026-06-28", "STOPPED")])

    def test_history__what_a_retracted_way_out_stopped_goes_on(self):
        other = client.create(stages=self.SIGNED[:2], territory=[unit(own_commune())])
        filing = client.walk("RecordFiling", id=other.id, expected_version=1,
                             target=stage("PROJET_VALIDE"), state=change_pb2.FILING_STATE_DRAFT,
                             effective_on="2019-01-01")
        for made, stages in ((self.made, self.SIGNED), (other, self.SIGNED[:2])):
            made.version = client.get(made.id).version
            made.version = client.record(id=made.id, expected_version=made.version,
                                         stage=stage("ABANDONNE"),
                                         effective_on="2023-01-01").version
            correct_stages(made, stages)
        self.assertEqual(self.ends(), [("2026-06-28", "RUNNING")])
        self.assertEqual([(one.id, one.state) for one in client.way(other.id).filings],
                         [(filing.filing_id, change_pb2.FILING_STATE_DRAFT)])

    def test_history__evidence_of_a_stage_stays_with_it(self):
        document = client.walk("RecordDocument", id=self.made.id, expected_version=1,
                               kind="CONTRAT_ACI", title="x", sha256=bytes(32),
                               dated_on="2021-06-28").document_id
        self.made.version = client.walk(
            "RecordEvidence", id=self.made.id, expected_version=2, stage=stage("ACI_SIGNE"),
            document_ids=[document]).version
        correct_stages(self.made, self.SIGNED[:3] + [entry("ACI_SIGNE", "2022-06-28")])
        signed = [one for one in client.way(self.made.id).stages
                  if one.stage == stage("ACI_SIGNE")]
        self.assertEqual([(one.effective_on, list(one.document_ids)) for one in signed],
                         [("2022-06-28", [document])])

    def test_history__publication_follows_the_stages(self):
        correct_stages(self.made, self.SIGNED[:1])
        self.assertFalse(client.way(self.made.id).published)
        self.made.version = 2
        correct_stages(self.made, self.SIGNED[:2])
        self.assertTrue(client.way(self.made.id).published)

    def test_history__a_merge_is_not_taken_back(self):
        successor = client.create(territory=[])
        done = client.walk("MergeCpts", id=self.made.id, expected_version=1,
                           successor_id=successor.id, successor_version=1,
                           effective_on="2023-01-01")
        self.made.version = done.version
        for stages in (self.SIGNED, self.SIGNED + [entry("DISSOUS", "2023-01-01")],
                       self.SIGNED + [entry("FUSIONNE", "2023-02-01", successor.id)]):
            before = node.fingerprint()
            found = refusal(correct_stages, self.made, stages)
            self.assertEqual((found.status, found.reason, found.field),
                             ("FAILED_PRECONDITION", "MERGE_NOT_CORRECTABLE", "stages"))
            self.assertEqual(node.fingerprint(), before)
        earlier = [entry("EMERGENCE", "2017-01-01")] + self.SIGNED[1:]
        correct_stages(self.made, earlier + [entry("FUSIONNE", "2023-01-01", successor.id)])
        self.assertEqual(units_on(self.made, "2017-02-01"), [(self.commune, 1)])


class Territory(unittest.TestCase):
    def setUp(self):
        self.made = client.create(territory=[unit(VERSAILLES), unit(PARIS_11, 0.5)])
        self.before = now()

    def test_history__period_is_corrected_and_the_rest_stays(self):
        correct_territory(self.made, [unit(NANTES)], effective_to="2021-06-01")
        own = [(PARIS_11, 0.5), (VERSAILLES, 1)]
        for date, units in (("2020-05-31", own), ("2020-06-01", [(NANTES, 1)]),
                            ("2021-05-31", [(NANTES, 1)]), ("2021-06-01", own)):
            self.assertEqual(units_on(self.made, date), units, date)
            self.assertEqual(units_on(self.made, date, known_at=self.before), own, date)

    def test_history__population_is_the_territorys_on_every_date(self):
        correct_territory(self.made, [unit(NANTES), unit(LYON_1, 0.25)], effective_to="2021-06-01")
        listed = {}
        for date in ("2020-05-31", "2020-06-01", "2021-05-31", "2021-06-01"):
            one = client.get(self.made.id, as_of=date)
            added_up = sum(part.share * part.population_count for part in one.territory)
            self.assertLessEqual(abs(one.population_count - added_up), 1)
            page = client.list(as_of=date, region=REGION, page_size=500,
                               stages=list(range(1, 9)))
            listed[date] = [x.population_count for x in page.cpts if x.id == self.made.id]
            self.assertEqual(listed[date], [one.population_count])
        self.assertEqual(listed["2020-05-31"], listed["2021-06-01"])

    def test_history__no_units_is_no_territory(self):
        correct_territory(self.made, [], effective_to="2020-07-01")
        self.assertEqual(units_on(self.made, "2020-06-15"), [])
        self.assertEqual(len(units_on(self.made, "2020-07-01")), 2)

    def test_history__open_period_lasts_until_the_end(self):
        client.record(id=self.made.id, expected_version=1, stage=stage("ABANDONNE"),
                      effective_on="2022-05-01")
        self.made.version = 2
        correct_territory(self.made, [unit(NANTES)])
        self.assertEqual(units_on(self.made, "2022-04-30"), [(NANTES, 1)])
        self.assertEqual(units_on(self.made, "2022-05-01"), [])

    def test_history__overlap_made_by_a_correction_counts_once(self):
        tiny, region = "48095", "76"
        one = client.create(lead_region=region, territory=[unit(tiny)])
        other = client.create(lead_region=region, territory=[])
        covered = client.cover(department="48").population_covered
        correct_territory(other, [unit(tiny)])
        self.assertEqual(client.cover(department="48").population_covered, covered)
        self.assertEqual(one.version, 1)

    def test_history__old_code_is_told_as_a_warning(self):
        done = correct_territory(self.made, [unit("01340")])
        self.assertIn("OLD_UNIT_CODE", [one.reason for one in done.warnings])


class Refused(unittest.TestCase):
    """Each rule broken once: status, reason, and nothing stored."""

    def setUp(self):
        self.made = client.create(stages=[entry("EMERGENCE", "2020-01-15"),
                                          entry("LETTRE_INTENTION", "2021-03-01")])

    def refused(self, outcome, function, *arguments, **fields):
        before = node.fingerprint()
        found = refusal(function, self.made, *arguments, **fields)
        self.assertEqual(f"{found.status}/{found.reason} {found.field}".strip(), outcome, found)
        self.assertEqual(node.fingerprint(), before)
        node.check_alive()

    def test_history__stages_that_are_no_legal_history(self):
        first = entry("EMERGENCE", "2020-01-15")
        late = (datetime.date.today() + datetime.timedelta(2)).isoformat()
        for outcome, stages in (
                ("INVALID_ARGUMENT/FIELD_REQUIRED stages", []),
                ("INVALID_ARGUMENT/FIELD_INVALID stages", [first] * 9),
                ("INVALID_ARGUMENT/STAGE_ORDER_INVALID stages[0].stage",
                 [entry("LETTRE_INTENTION", "2020-01-15")]),
                ("INVALID_ARGUMENT/STAGE_ORDER_INVALID stages[1].stage",
                 [first, entry("ACI_SIGNE", "2021-01-15")]),
                ("INVALID_ARGUMENT/STAGE_ORDER_INVALID stages[1].effective_on",
                 [first, entry("LETTRE_INTENTION", "2020-01-15")]),
                ("INVALID_ARGUMENT/STAGE_ORDER_INVALID stages[2].stage",
                 [first, entry("DISSOUS", "2020-02-15"),
                  entry("LETTRE_INTENTION", "2021-01-15")]),
                ("INVALID_ARGUMENT/DATE_IN_FUTURE stages[0].effective_on",
                 [entry("EMERGENCE", late)]),
                ("INVALID_ARGUMENT/SUCCESSOR_INVALID stages[1].successor_id",
                 [first, entry("FUSIONNE", "2021-01-15")]),
                ("INVALID_ARGUMENT/SUCCESSOR_INVALID stages",
                 [first, entry("FUSIONNE", "2021-01-15", self.made.id)])):
            with self.subTest(outcome=outcome):
                self.refused(outcome, correct_stages, stages)

    def test_history__what_every_correction_needs(self):
        stages = [entry("EMERGENCE", "2019-01-15")]
        territory = [unit(NANTES)]
        for function, content in (correct_stages, stages), (correct_territory, territory):
            for outcome, fields in (
                    ("INVALID_ARGUMENT/FIELD_REQUIRED reason", {"reason": ""}),
                    ("INVALID_ARGUMENT/FIELD_REQUIRED reason", {"reason": "   "}),
                    ("INVALID_ARGUMENT/FIELD_INVALID reason", {"reason": "é" * 501}),
                    ("INVALID_ARGUMENT/FIELD_INVALID reason", {"reason": "a\nb"}),
                    ("INVALID_ARGUMENT/FIELD_INVALID evidence", {"evidence": "x" * 501}),
                    ("INVALID_ARGUMENT/FIELD_REQUIRED id", {"id": ""}),
                    ("INVALID_ARGUMENT/FIELD_REQUIRED expected_version", {"expected_version": 0}),
                    ("INVALID_ARGUMENT/FIELD_REQUIRED command_id", {"command_id": ""}),
                    ("ABORTED/STALE_VERSION expected_version", {"expected_version": 2}),
                    ("NOT_FOUND/CPTS_NOT_FOUND id", {"id": str(uuid.uuid4())})):
                with self.subTest(function=function.__name__, **fields):
                    self.refused(outcome, function, content, **fields)
        function = correct_stages(self.made, stages, reason="é" * 500, evidence="x" * 500)
        self.assertEqual(function.version, 2)

    def test_history__what_is_believed_already(self):
        same = [entry("EMERGENCE", "2020-01-15"), entry("LETTRE_INTENTION", "2021-03-01")]
        self.refused("FAILED_PRECONDITION/NOTHING_TO_CORRECT", correct_stages, same)
        self.refused("FAILED_PRECONDITION/NOTHING_TO_CORRECT", correct_territory,
                     [unit(VERSAILLES)])
        self.refused("FAILED_PRECONDITION/NOTHING_TO_CORRECT", correct_territory,
                     [unit(VERSAILLES)], effective_to="2020-08-01")

    def test_history__shares_of_validated_cpts_stay_within_one(self):
        tiny, signed = own_commune(), [entry("EMERGENCE", "2018-01-01"),
                                 entry("LETTRE_INTENTION", "2018-06-01"),
                                 entry("PROJET_VALIDE", "2019-01-01")]
        client.create(stages=signed, territory=[unit(tiny, 0.6)], lead_region="76")
        outcome = "FAILED_PRECONDITION/TERRITORY_SHARE_EXCEEDED territory"
        self.made = client.create(stages=signed[:2], territory=[unit(tiny, 0.5)])
        self.refused(outcome, correct_stages, signed)
        self.made = client.create(stages=signed, territory=[unit(own_commune())])
        self.refused(outcome, correct_territory, [unit(tiny, 0.5)])
        correct_territory(self.made, [unit(tiny, 0.5)], effective_from="2018-02-01",
                          effective_to="2019-01-01")

    def test_history__period_that_is_none(self):
        for outcome, fields in (
                ("INVALID_ARGUMENT/FIELD_REQUIRED effective_from", {"effective_from": ""}),
                ("INVALID_ARGUMENT/FIELD_INVALID effective_from", {"effective_from": "2020-02-30"}),
                ("INVALID_ARGUMENT/FIELD_INVALID effective_to", {"effective_to": "2020-06-31"}),
                ("INVALID_ARGUMENT/FIELD_INVALID effective_to", {"effective_to": "2020-06-01"}),
                ("FAILED_PRECONDITION/TERRITORY_DATE_BEFORE_CREATION effective_on",
                 {"effective_from": "2020-01-14"})):
            with self.subTest(**fields):
                self.refused(outcome, correct_territory, [unit(NANTES)], **fields)
        late = (datetime.date.today() + datetime.timedelta(2)).isoformat()
        self.refused("INVALID_ARGUMENT/DATE_IN_FUTURE effective_from", correct_territory,
                     [unit(NANTES)], effective_from=late)
        self.refused("INVALID_ARGUMENT/UNKNOWN_UNIT territory[0].unit_code", correct_territory,
                     [unit("99999")])
        client.record(id=self.made.id, expected_version=1, stage=stage("DISSOUS"),
                      effective_on="2022-01-01")
        self.made.version = 2
        self.refused("FAILED_PRECONDITION/CPTS_ENDED id", correct_territory, [unit(NANTES)],
                     effective_from="2022-01-01")

    def test_history__an_agent_corrects_its_own_region_only(self):
        self.assertEqual(correct_stages(self.made, [entry("EMERGENCE", "2019-01-15")],
                                        by=agent).version, 2)
        self.made = client.create(lead_region=OTHER_REGION)
        self.refused("PERMISSION_DENIED/OUT_OF_SCOPE", correct_stages,
                     [entry("EMERGENCE", "2019-01-15")], by=agent)
        self.refused("PERMISSION_DENIED/OUT_OF_SCOPE", correct_territory, [unit(NANTES)], by=agent)

    def test_history__questions_that_are_none(self):
        ahead = {"seconds": int(datetime.datetime.now().timestamp()) + 3600}
        for outcome, fields in (
                ("UNKNOWN_REGION region", {"region": "98"}),
                ("FIELD_INVALID as_of", {"as_of": "2020-02-30"}),
                ("FIELD_INVALID page_size", {"page_size": 501}),
                ("FIELD_INVALID page_size", {"page_size": -1}),
                ("KNOWN_AT_IN_FUTURE known_at", {"known_to": ahead}),
                ("KNOWN_AT_IN_FUTURE known_at", {"known_from": ahead}),
                ("FIELD_INVALID known_from", {"as_of": "2190-01-01"}),
                ("FIELD_INVALID known_from", {"known_from": {"seconds": 2}, "known_to":
                                              {"seconds": 1}}),
                ("PAGE_TOKEN_INVALID page_token", {"as_of": "2020-01-01", "page_token": "x"})):
            with self.subTest(**fields):
                found = refusal(beliefs, **fields)
                self.assertEqual(f"{found.status}/{found.reason} {found.field}",
                                 f"INVALID_ARGUMENT/{outcome}")
        for outcome, fields in (("INVALID_ARGUMENT/FIELD_INVALID id", {"cpts_id": "x"}),
                                ("NOT_FOUND/CPTS_NOT_FOUND id", {"cpts_id": str(uuid.uuid4())}),
                                ("NOT_FOUND/CPTS_NOT_FOUND id",
                                 {"cpts_id": self.made.id, "known_at": {"seconds": 1}})):
            with self.subTest(**fields):
                found = refusal(history, **fields)
                self.assertEqual(f"{found.status}/{found.reason} {found.field}", outcome)


class Beliefs(unittest.TestCase):
    """A region that no other test of this file uses, about 1 November 2019."""
    AS_OF, REGION = "2019-11-01", "24"

    def setUp(self):
        self.made = client.create(lead_region=self.REGION, stages=[
            entry("EMERGENCE", "2018-01-15"), entry("LETTRE_INTENTION", "2019-12-01")])
        self.same = client.create(lead_region=self.REGION)
        self.since = client.cover(region=self.REGION).known_at

    def report(self, **fields):
        return beliefs(as_of=self.AS_OF, region=self.REGION, known_from=self.since, **fields)

    def test_history__nothing_changed_is_an_empty_report_with_totals(self):
        report = self.report()
        self.assertEqual((len(report.changes), report.differing_count), (0, 0))
        self.assertEqual([one.count_before for one in report.totals],
                         [one.count_after for one in report.totals])
        self.assertGreater(report.totals[0].count_before, 0)

    def test_history__what_was_believed_then_and_now_why_and_by_whom(self):
        before = self.report().totals
        correct_stages(self.made, [entry("EMERGENCE", "2018-01-15"),
                                   entry("LETTRE_INTENTION", "2019-10-20")])
        client.record(id=self.same.id, expected_version=1, stage=stage("LETTRE_INTENTION"),
                      effective_on="2021-01-01")
        report = self.report()
        self.assertEqual([one.id for one in report.changes], [self.made.id])
        one, = report.changes
        self.assertEqual((one.before.stage, one.before.stage_on, one.after.stage,
                          one.after.stage_on, one.synthetic),
                         (stage("EMERGENCE"), "2018-01-15", stage("LETTRE_INTENTION"),
                          "2019-10-20", True))
        note, = one.changes
        self.assertEqual((note.version, note.kind, note.actor, note.reason, note.evidence),
                         (2, "CPTS_STAGES_CORRECTED", uri_of("OPERATOR"), "date du courrier",
                          "RAA 2020-17"))
        self.assertEqual([(a.count_before - b.count_before, a.count_after - b.count_after)
                          for a, b in zip(report.totals, before)],
                         [(0, -1), (0, 1), (0, 0), (0, 0)])

    def test_history__late_registration_was_not_there_then(self):
        late = client.create(lead_region=self.REGION, stages=[entry("EMERGENCE", "2019-01-01")])
        one, = [change for change in self.report().changes if change.id == late.id]
        self.assertEqual((one.HasField("before"), one.after.stage), (False, stage("EMERGENCE")))
        self.assertEqual([note.kind for note in one.changes], ["CPTS_CREATED"])

    def test_history__retracted_creation_date_is_not_there_now(self):
        correct_stages(self.made, [entry("EMERGENCE", "2020-06-01")])
        one, = self.report().changes
        self.assertEqual((one.before.stage, one.HasField("after")), (stage("EMERGENCE"), False))
        self.assertEqual([note.version for note in one.changes], [2])

    def test_history__territory_of_then_is_told(self):
        correct_territory(self.made, [unit(NANTES)], effective_from="2019-01-01",
                          effective_to="2020-01-01")
        one, = self.report().changes
        self.assertGreater(one.after.population_count, one.before.population_count)
        self.assertEqual(one.changes[0].kind, "CPTS_TERRITORY_CORRECTED")

    def test_history__totals_are_those_of_the_board(self):
        correct_stages(self.made, [entry("EMERGENCE", "2018-01-15")])
        report = self.report()
        for instant, column in (report.known_from, "count_before"), (report.known_to,
                                                                     "count_after"):
            board = client.cover(region=self.REGION, as_of=self.AS_OF, known_at=instant)
            self.assertEqual([getattr(one, column) for one in report.totals],
                             [one.count for one in board.stages])

    def test_history__pages_show_all_once_and_one_instant(self):
        made = [client.create(lead_region=self.REGION, stages=[entry("EMERGENCE", "2019-01-01")])
                for _ in range(5)]
        seen, token = [], ""
        while True:
            page = self.report(page_size=2, page_token=token)
            seen += [one.id for one in page.changes]
            self.assertEqual(page.differing_count, 5)
            token = page.next_page_token
            client.create(lead_region=self.REGION, stages=[entry("EMERGENCE", "2019-01-01")])
            if not token:
                break
        self.assertEqual(seen, sorted(one.id for one in made))
        found = refusal(beliefs, as_of="2019-11-02", page_token=self.report(
            page_size=1).next_page_token)
        self.assertEqual(found.reason, "PAGE_TOKEN_INVALID")

    def test_history__default_is_the_end_of_that_day(self):
        report = beliefs(as_of=self.AS_OF, region=self.REGION)
        self.assertEqual(report.known_from.ToJsonString(), "2019-11-02T00:00:00Z")
        self.assertEqual({one.HasField("before") for one in report.changes}, {False})


class Audit(unittest.TestCase):
    def test_history__shows_every_row_with_both_times(self):
        made = client.create(stages=[entry("EMERGENCE", "2020-01-15")], name="Premier nom")
        client.update(id=made.id, expected_version=1, update_mask={"paths": ["name"]},
                      name="Second nom")
        made.version = 2
        correct_stages(made, [entry("EMERGENCE", "2019-12-01")])
        rows = [(history_pb2.HistorySubject.Name(one.subject)[16:], one.valid_from,
                 one.HasField("recorded_to"), one.change.version, one.change.kind,
                 one.name or one.unit_count or one.stage)
                for one in history(made.id).entries]
        self.assertEqual(rows, [
            ("STAGE", "2020-01-15", True, 1, "CPTS_CREATED", 1),
            ("TERRITORY", "2020-01-15", True, 1, "CPTS_CREATED", 1),
            ("CARD", "", True, 1, "CPTS_CREATED", "Premier nom"),
            ("CARD", "", False, 2, "CPTS_UPDATED", "Second nom"),
            ("STAGE", "2019-12-01", False, 3, "CPTS_STAGES_CORRECTED", 1),
            ("TERRITORY", "2019-12-01", False, 3, "CPTS_STAGES_CORRECTED", 1)])
        entries = history(made.id).entries
        self.assertEqual(entries[0].recorded_to, entries[4].recorded_from)
        self.assertEqual(entries[4].change.reason, "date du courrier")
        believed = history(made.id, known_at=entries[3].recorded_from).entries
        self.assertEqual([one.valid_from for one in believed], ["2020-01-15", "2020-01-15", ""])
        true_on = history(made.id, as_of="2019-12-15").entries
        self.assertEqual([one.valid_from for one in true_on], ["", "", "2019-12-01", "2019-12-01"])

    def test_history__card_is_the_one_known_then(self):
        made = client.create(name="Premier nom")
        instants, names = [], ["Premier nom"]
        for version, name in enumerate(("Deuxième nom", "Troisième nom"), 1):
            instants.append(now())
            client.update(id=made.id, expected_version=version, update_mask={"paths": ["name"]},
                          name=name)
            names.append(name)
        instants.append(now())
        for version, (instant, name) in enumerate(zip(instants, names), 1):
            then = client.get(made.id, known_at=instant)
            self.assertEqual((then.name, then.version), (name, version))
            page = client.list(known_at=instant, region=REGION, page_size=500)
            self.assertIn((made.id, name, version),
                          [(one.id, one.name, one.version) for one in page.cpts])


class Property(unittest.TestCase):
    """Whatever is corrected: a read as known before gives the same bytes."""
    COUNT, STEPS = 12, 60

    def setUp(self):
        seed = int(os.environ.get("CPTS_TEST_SEED", random.randrange(2 ** 32)))
        print(f"CPTS_TEST_SEED={seed}")
        self.random = random.Random(seed)
        self.versions = {}
        for _ in range(self.COUNT):
            made = client.create(stages=self.stages(), territory=self.units(),
                                 lead_region=self.random.choice(("93", "94")))
            self.versions[made.id] = made.version

    def day(self):
        return datetime.date(2018, 1, 1) + datetime.timedelta(self.random.randrange(2000))

    def stages(self):
        day, stages = self.day(), []
        for name in LIVE[:self.random.randrange(1, 5)]:
            stages.append(entry(name, day.isoformat()))
            day += datetime.timedelta(self.random.randrange(1, 300))
        if self.random.random() < 0.3:
            stages.append(entry(self.random.choice(("ABANDONNE", "DISSOUS")), day.isoformat()))
        return stages

    def units(self):
        codes = self.random.sample((PARIS_11, VERSAILLES, NANTES, LYON_1, "48095", "13201"),
                                   self.random.randrange(1, 4))
        return [unit(code, self.random.choice((0.01, 0.02, 0.03))) for code in codes]

    def change(self):
        """One random command; a refusal is as good as a change."""
        cpts_id = self.random.choice(list(self.versions))
        made = registry_pb2.CreateCptsResponse(id=cpts_id, version=self.versions[cpts_id])
        day = self.day()
        period = {"effective_from": day.isoformat()}
        if self.random.random() < 0.5:
            period["effective_to"] = (day + datetime.timedelta(
                self.random.randrange(1, 900))).isoformat()
        target = {"id": cpts_id, "expected_version": made.version}
        command_of = self.random.choice((
            lambda: correct_stages(made, self.stages()),
            lambda: correct_territory(made, self.units(), **period),
            lambda: client.update(update_mask={"paths": ["name"]}, name=f"Nom {day}", **target),
            lambda: client.settle(effective_on=day.isoformat(), territory=self.units(), **target),
            lambda: client.record(stage=stage("ABANDONNE"), effective_on=self.random.choice(
                (day.isoformat(), "2025-01-01")), **target)))
        try:
            self.versions[cpts_id] = command_of().version
        except Exception as error:  # a grpc.RpcError: its reason is what other tests look at
            self.assertIn(error.code().name, ("FAILED_PRECONDITION", "INVALID_ARGUMENT"))

    def read(self, as_of, known_at):
        """Every read and board as known at an instant."""
        when = {"as_of": as_of, "known_at": known_at}
        boards = [client.cover(region=region, **when) for region in ("", "93")]
        boards.append(client.cover(department="48", **when))
        boards.append(client.list(region="93", page_size=500, stages=list(range(1, 9)), **when))
        boards += [client.get(cpts_id, **when) for cpts_id in self.versions]
        ways = [client.way(cpts_id, **when) for cpts_id in self.versions]
        for way in ways:  # what the public sees, it sees now
            way.ClearField("published")
        boards += ways
        boards.append(client.gaps(region="93", page_size=500, **when))
        boards.append(client.due(region="93", page_size=500, until="2040-01-01", **when))
        boards += [client.ask_territory("GetTerritory", id=cpts_id, **when)
                   for cpts_id in self.versions]
        boards.append(client.ask_territory("ListNeighbours", commune=PARIS_11, limit=200, **when))
        boards.append(client.ask_territory("ListConflicts", page_size=200, **when))
        boards.append(client.ask_territory("ListGaps", department="48", page_size=200, **when))
        boards.append(client.trajectory.GetTrajectory(trajectory_pb2.GetTrajectoryRequest(
            source=trajectory_pb2.TRAJECTORY_SOURCE_REGISTRY, region="93", **when),
            timeout=CALL_TIMEOUT_S))
        boards.append(beliefs(as_of=as_of, known_from={"seconds": 1}, known_to=known_at,
                              region="93", page_size=500))
        return [(type(board).__name__, board.SerializeToString(deterministic=True))
                for board in boards]

    def test_history__what_was_known_stays_known(self):
        seen = []
        for _ in range(self.STEPS):
            self.change()
            if self.random.random() < 0.1 or not seen:
                when = (self.day().isoformat(), now())
                seen.append((when, self.read(*when)))
        self.assertGreater(len(seen), 0)
        for when, answers in seen:
            changed = {name for (name, again), (_, answer) in zip(self.read(*when), answers)
                       if again != answer}
            self.assertEqual(changed, set(), when)

    def test_history__facts_stay_whole(self):
        """What is believed never overlaps, and adds up, after any corrections."""
        for _ in range(self.STEPS):
            self.change()
        self.assertEqual(node.database.query(
            "SELECT a.cpts_id, a.unit_code FROM cpts.cpts_territory a JOIN cpts.cpts_territory b"
            " USING (cpts_id, unit_code) WHERE a.recorded_to = 'infinity' AND b.recorded_to ="
            " 'infinity' AND (a.version, a.valid_from) < (b.version, b.valid_from)"
            " AND a.valid_from < b.valid_to AND b.valid_from < a.valid_to;"), [])
        self.assertEqual(node.database.query(
            "SELECT c.cpts_id FROM cpts.cpts c JOIN LATERAL (SELECT stage, valid_from FROM"
            " cpts.cpts_stage s WHERE s.cpts_id = c.cpts_id AND recorded_to = 'infinity'"
            " ORDER BY valid_from DESC, version DESC LIMIT 1) s ON true"
            " WHERE (c.stage, c.stage_on) <> (s.stage, s.valid_from);"), [])
        self.assertEqual(node.database.query(
            "SELECT t.cpts_id FROM (SELECT cpts_id, d, sum(t.share * u.population_count) AS n"
            " FROM cpts.cpts_territory t JOIN cpts.territory_unit u ON u.code = t.unit_code,"
            " generate_series('2018-01-01'::date, '2025-12-01', '1 month') d"
            " WHERE t.recorded_to = 'infinity' AND t.valid_from <= d AND t.valid_to > d"
            " GROUP BY 1, 2) t"
            " FULL JOIN (SELECT cpts_id, d, sum(p.population_count) AS n"
            " FROM cpts.cpts_population p,"
            " generate_series('2018-01-01'::date, '2025-12-01', '1 month') d"
            " WHERE p.recorded_to = 'infinity' AND p.valid_from <= d AND p.valid_to > d"
            " GROUP BY 1, 2) p"
            " ON p.cpts_id = t.cpts_id AND p.d = t.d WHERE abs(coalesce(t.n, 0) - coalesce(p.n, 0))"
            " > 0.001;"), [])


class Tool(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.profile = node.path("profile.ini")
        with open(cls.profile, "w", encoding="utf-8") as file:
            file.write(f"[profile]\naddress = 127.0.0.1:{node.port}\nca = {node.path('ca.pem')}\n"
                       f"certificate = {node.path('operator.pem')}\n"
                       f"key = {node.path('operator.key')}\n")

    def setUp(self):
        self.made = client.create(stages=[entry("EMERGENCE", "2018-01-15"),
                                          entry("LETTRE_INTENTION", "2019-12-01")],
                                  lead_region="53", territory=[unit(own_commune())])
        self.since = client.cover(region="53").known_at.ToJsonString()

    def run_tool(self, *words):
        return subprocess.run(
            [os.path.join(BUILD, "bin", "cptsctl"), *words, "--profile", self.profile],
            capture_output=True, text=True, timeout=CALL_TIMEOUT_S, check=False)

    def cptsctl(self, *arguments):
        return self.run_tool("history", *arguments)

    def done(self, *arguments):
        result = self.cptsctl(*arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def test_history__tool_corrects_retracts_and_tells(self):
        self.done("stage", self.made.id, "LETTRE_INTENTION", "--on", "2019-10-20",
                  "--reason", "date du courrier")
        self.done("stage", self.made.id, "PROJET_VALIDE", "--on", "2021-01-01",
                  "--reason", "oublié")
        self.done("retract", self.made.id, "PROJET_VALIDE", "--reason", "pas encore")
        self.assertEqual(stages_of(self.made), wanted(("EMERGENCE", "2018-01-15"),
                                                      ("LETTRE_INTENTION", "2019-10-20")))
        report = ("beliefs", "--as-of", "2019-11-01", "--known-from", self.since, "--region", "53")
        lines = list(csv.DictReader(io.StringIO(self.done(*report, "--csv"))))
        self.assertEqual([(line["id"], line["stage_before"], line["stage_after"], line["reason"],
                           line["actor"]) for line in lines if line["id"] == self.made.id],
                         [(self.made.id, "EMERGENCE", "LETTRE_INTENTION", "date du courrier",
                           uri_of("OPERATOR"))])
        board = self.done(*report)
        self.assertIn("What changed in what was believed about 2019-11-01", board)
        self.assertIn("date du courrier", board)
        self.assertIn("differingCount", json.loads(self.done(*report, "--json")))

    def test_history__tool_corrects_a_territory(self):
        self.done("territory", self.made.id, "--from", "2019-01-01", "--to", "2020-01-01",
                  "--unit", NANTES, "--reason", "procès-verbal")
        self.assertEqual(units_on(self.made, "2019-06-01"), [(NANTES, 1)])
        self.done("territory", self.made.id, "--from", "2019-01-01", "--to", "2020-01-01",
                  "--none", "--reason", "aucun")
        self.assertEqual(units_on(self.made, "2019-06-01"), [])
        shown = self.done("show", self.made.id)
        self.assertIn("procès-verbal", shown)
        self.assertIn("territory", shown)
        lines = list(csv.DictReader(io.StringIO(self.done("show", self.made.id, "--csv"))))
        self.assertEqual(lines[0]["recorded_to"] == "", True)

    def test_history__tool_says_when_nothing_was_known_yet(self):
        early = ("--known-at", "2001-01-01T00:00:00Z")
        for words in (("coverage",), ("cpts", "list"), ("trajectory", "--source", "registry")):
            result = self.run_tool(*words, *early)
            self.assertEqual(result.returncode, 0)
            self.assertIn("nothing of that was known at 2001-01-01T00:00:00Z", result.stderr)
            self.assertNotIn("nothing of that", self.run_tool(*words, *early, "--quiet").stderr)
        result = self.run_tool("cpts", "get", self.made.id, *early)
        self.assertEqual(result.returncode, 3)
        self.assertIn("not known yet", result.stderr)
        result = self.run_tool("coverage", "--known-at", "2190-01-01T00:00:00Z")
        self.assertEqual(result.returncode, 1)
        self.assertIn("KNOWN_AT_IN_FUTURE", result.stderr)

    def test_history__tool_refuses_wrong_words(self):
        for arguments in (("stage", self.made.id, "ACI_SIGNE", "--on", "2020-01-01"),
                          ("stage", self.made.id, "ACI_SIGNE", "--reason", "x"),
                          ("retract", self.made.id, "ACI_SIGNE", "--reason", "x"),
                          ("territory", self.made.id, "--from", "2020-01-01", "--reason",
                           "x"),
                          ("beliefs", "--region", "53"), ("show", "x")):
            with self.subTest(arguments=arguments):
                result = self.cptsctl(*arguments)
                self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)


if __name__ == "__main__":
    psql.main()
