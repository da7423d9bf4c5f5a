# SPDX-License-Identifier: Apache-2.0
"""Missions, entitlements and budgets: each rule broken once, amounts computed by
hand, and the board equal to the sum of the single entitlements."""
import csv
import io
import json
import os
import subprocess
import unittest
import uuid

import node as nodes
from node import (CALL_TIMEOUT_S, OTHER_REGION, REGION, command, entry, funding_pb2 as pb, outcome,
                  refusal, registry_pb2, unit)

TIMEOUT_S = 60
STAGES = [entry("EMERGENCE", "2019-06-20"), entry("LETTRE_INTENTION", "2019-07-01"),
          entry("PROJET_VALIDE", "2020-02-01"), entry("ACI_SIGNE", "2020-07-01")]
SOCLE = ("acces_aux_soins", "parcours", "prevention")
node = operator = profile = places = None


def setUpModule():
    global node, operator, profile, places
    node = nodes.Node()
    operator = node.client()
    # Communes and arrondissements of size 3, each for one CPTS: shares of validated ones
    # never add up to more than 1.
    places = iter(row[0] for row in node.database.query(
        "SELECT code FROM cpts.territory_unit WHERE is_leaf AND population_count"
        " BETWEEN 80000 AND 175000 ORDER BY code;"))
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


def status_of(name):
    return pb.MissionStatus.Value(f"MISSION_STATUS_{name}")


def kind_of(name):
    """The number of a kind; a number is taken as it is."""
    return name if isinstance(name, int) else pb.CrisisKind.Value(f"CRISIS_KIND_{name}")


class Subject:
    """A CPTS of the test, with its version."""

    def __init__(self, stages=None, client=None, **fields):
        self.client = client or operator
        if "territory" not in fields:
            fields["territory"] = [unit(next(places))]
        made = operator.create(stages=stages or STAGES, **fields)
        self.id, self.version = made.id, made.version

    def send(self, method, message, **fields):
        request = message(**command({"id": self.id, "expected_version": self.version, **fields}))
        answer = getattr(self.client.funding, method)(request, timeout=CALL_TIMEOUT_S)
        self.version = answer.version
        return answer

    def mission(self, mission="parcours", status="STARTED", on="2020-07-01", **fields):
        return self.send("RecordMission", pb.RecordMissionRequest,
                         **{"mission": mission, "status": status_of(status), "effective_on": on,
                            **fields})

    def plan(self, **fields):
        return self.send("SetMissionPlan", pb.SetMissionPlanRequest,
                         **{"mission": "parcours", "state": pb.PLAN_STATE_PROPOSED,
                            "effective_on": "2021-01-01", "objectives": ["Un objectif"], **fields})

    def crisis(self, kind="PLAN_WRITTEN", on="2022-05-01", **fields):
        return self.send("RecordCrisis", pb.RecordCrisisRequest,
                         **{"kind": kind_of(kind), "effective_on": on, **fields})

    def carry(self):
        """All that a full contract has."""
        for mission in (*SOCLE, "soins_non_programmes", "qualite_pertinence",
                        "accompagnement_ps"):
            self.mission(mission)
        self.mission("crise_sanitaire", on="2022-01-01")
        return self

    def missions(self, **fields):
        request = pb.ListMissionsRequest(id=self.id, **fields)
        return {one.mission: one for one in
                operator.funding.ListMissions(request, timeout=CALL_TIMEOUT_S).missions}

    def entitlement(self, client=None, **fields):
        request = pb.GetEntitlementRequest(id=self.id, **fields)
        return (client or operator).funding.GetEntitlement(
            request, timeout=CALL_TIMEOUT_S).entitlement


def budget(client=None, **fields):
    return (client or operator).funding.GetBudget(pb.GetBudgetRequest(**fields),
                                                  timeout=CALL_TIMEOUT_S)


def amounts(entitlement):
    """{(line, part): euros at most}"""
    return {(line.line, line.part): line.maximum_cents / 100 for line in entitlement.lines}


def reasons(entitlement):
    return {(gap.reason, gap.mission) for gap in entitlement.gaps}


class Refused(unittest.TestCase):
    def check(self, wanted, function, *arguments, **fields):
        before = node.fingerprint()
        found = refusal(function, *arguments, **fields)
        self.assertEqual((found.status, found.reason, found.field), wanted, found)
        self.assertEqual(node.fingerprint(), before)
        return found

    def test_mission__requests_that_are_malformed(self):
        subject = Subject()
        for field, reason, fields in (
                ("mission", "FIELD_REQUIRED", {"mission": ""}),
                ("mission", "FIELD_INVALID", {"mission": "PARCOURS"}),
                ("mission", "FIELD_INVALID", {"mission": "x" * 41}),
                ("mission", "UNKNOWN_MISSION", {"mission": "jardinage"}),
                ("mission", "UNKNOWN_MISSION", {"mission": "crise_sanitaire", "on": "2021-12-19"}),
                ("status", "FIELD_REQUIRED", {"status": "UNSPECIFIED"}),
                ("effective_on", "FIELD_REQUIRED", {"on": ""}),
                ("effective_on", "FIELD_INVALID", {"on": "2023-02-29"}),
                ("effective_on", "DATE_IN_FUTURE", {"on": "2199-01-01"}),
                ("expected_version", "FIELD_REQUIRED", {"expected_version": 0}),
                ("command_id", "FIELD_REQUIRED", {"command_id": ""}),
                ("id", "FIELD_INVALID", {"id": "x"})):
            with self.subTest(**fields):
                self.check(("INVALID_ARGUMENT", reason, field), subject.mission, **fields)
        request = pb.RecordMissionRequest(**command(
            {"id": subject.id, "expected_version": 1, "mission": "parcours", "status": 99,
             "effective_on": "2021-01-01"}))
        self.check(("INVALID_ARGUMENT", "FIELD_REQUIRED", "status"),
                   operator.funding.RecordMission, request, timeout=CALL_TIMEOUT_S)

    def test_mission__steps_that_are_not_legal(self):
        subject = Subject()
        step = ("FAILED_PRECONDITION", "ILLEGAL_MISSION_STEP", "status")
        self.check(step, subject.mission, status="DEPLOYED")
        self.check(step, subject.mission, status="STOPPED")
        subject.mission(status="PLANNED", on="2020-08-01")
        self.check(step, subject.mission, status="PLANNED", on="2020-08-01")
        self.check(step, subject.mission, status="DEPLOYED", on="2020-09-01")
        found = self.check(("FAILED_PRECONDITION", "MISSION_DATE_BEFORE_CURRENT", "effective_on"),
                           subject.mission, status="STARTED", on="2020-07-31")
        self.assertEqual(found.detail, "PLANNED 2020-08-01")
        subject.mission(status="STARTED", on="2020-08-01")
        subject.mission(status="DEPLOYED", on="2021-01-01")
        self.check(step, subject.mission, status="STARTED", on="2021-02-01")
        subject.mission(status="STOPPED", on="2021-02-01")
        subject.mission(status="STARTED", on="2021-03-01")
        steps = subject.missions()["parcours"].steps
        self.assertEqual([one.status for one in steps],
                         [status_of(name) for name in
                          ("PLANNED", "STARTED", "DEPLOYED", "STOPPED", "STARTED")])

    def test_mission__a_cpts_that_ended_takes_nothing_more(self):
        subject = Subject()
        subject.version = operator.record(id=subject.id, expected_version=subject.version,
                                          stage=nodes.stage("DISSOUS"),
                                          effective_on="2023-01-01").version
        ended = ("FAILED_PRECONDITION", "CPTS_ENDED", "id")
        self.check(ended, subject.mission)
        self.check(ended, subject.plan)
        self.check(ended, subject.crisis)

    def test_mission__versions_and_commands(self):
        subject = Subject()
        self.check(("ABORTED", "STALE_VERSION", "expected_version"), subject.mission,
                   expected_version=7)
        self.check(("NOT_FOUND", "CPTS_NOT_FOUND", "id"), subject.mission, id=str(uuid.uuid4()))
        key = str(uuid.uuid4())
        first = subject.mission(command_id=key)
        again = subject.mission(command_id=key, expected_version=1)
        self.assertEqual((again.version, again.log_position, again.replayed),
                         (first.version, first.log_position, True))
        self.check(("ALREADY_EXISTS", "COMMAND_ID_REUSED", "command_id"), subject.mission,
                   command_id=key, expected_version=1, mission="prevention")

    def test_mission__plans_that_are_malformed(self):
        subject = Subject()
        for field, reason, fields in (
                ("state", "FIELD_REQUIRED", {"state": 0}),
                ("state", "FIELD_REQUIRED", {"state": 7}),
                ("objectives", "FIELD_REQUIRED", {"objectives": []}),
                ("objectives", "FIELD_INVALID", {"objectives": ["x"] * 11}),
                ("actions", "FIELD_INVALID", {"actions": ["x"] * 31}),
                ("objectives[1]", "FIELD_INVALID", {"objectives": ["x", "é" * 501]}),
                ("objectives[0]", "FIELD_INVALID", {"objectives": ["a\nb"]}),
                ("actions[0]", "FIELD_REQUIRED", {"actions": ["  "]}),
                ("mission", "UNKNOWN_MISSION", {"mission": "jardinage"}),
                ("effective_on", "DATE_IN_FUTURE", {"effective_on": "2199-01-01"})):
            with self.subTest(field=field, reason=reason):
                self.check(("INVALID_ARGUMENT", reason, field), subject.plan, **fields)
        subject.plan(objectives=["é" * 500] * 10, actions=["x" * 500] * 30)

    def test_mission__crisis_facts_that_do_not_fit(self):
        subject = Subject()
        for field, reason, fields in (
                ("kind", "FIELD_REQUIRED", {"kind": 0}), ("kind", "FIELD_REQUIRED", {"kind": 9}),
                ("effective_on", "FIELD_REQUIRED", {"effective_on": ""})):
            with self.subTest(**fields):
                self.check(("INVALID_ARGUMENT", reason, field), subject.crisis, **fields)
        self.check(("FAILED_PRECONDITION", "CRISIS_PLAN_NOT_WRITTEN", "kind"), subject.crisis,
                   "PLAN_UPDATED")
        self.check(("FAILED_PRECONDITION", "CRISIS_FACT_NOT_FOUND", "kind"), subject.crisis,
                   withdrawn=True)
        subject.crisis(on="2022-05-01")
        repeated = ("FAILED_PRECONDITION", "CRISIS_FACT_REPEATED", "kind")
        self.check(repeated, subject.crisis, on="2022-05-01")
        self.check(repeated, subject.crisis, on="2023-05-01")
        self.check(("FAILED_PRECONDITION", "CRISIS_PLAN_NOT_WRITTEN", "kind"), subject.crisis,
                   "PLAN_UPDATED", on="2022-04-30")
        subject.crisis("RECOGNISED", on="2022-08-01")
        self.check(repeated, subject.crisis, "RECOGNISED", on="2022-08-01")
        subject.crisis("RECOGNISED", on="2022-08-02")
        subject.crisis("RECOGNISED", on="2022-08-02", withdrawn=True)
        facts = subject.missions()["crise_sanitaire"].crises
        self.assertEqual([(fact.kind, fact.effective_on) for fact in facts],
                         [(kind_of("PLAN_WRITTEN"), "2022-05-01"),
                          (kind_of("RECOGNISED"), "2022-08-01")])

    def test_mission__questions_that_are_malformed(self):
        subject = Subject()
        for field, fields in (("year", {"year": 2015}), ("year", {"year": 2101}),
                              ("year", {"year": -1}), ("as_of", {"as_of": "yesterday"}),
                              ("as_of", {"as_of": "2015-12-31"})):
            with self.subTest(**fields):
                self.check(("INVALID_ARGUMENT", "FIELD_INVALID", field), subject.entitlement,
                           **fields)
                self.check(("INVALID_ARGUMENT", "FIELD_INVALID", field), budget, **fields)
        self.check(("INVALID_ARGUMENT", "UNKNOWN_REGION", "region"), budget, region="98")
        subject.id = str(uuid.uuid4())
        self.check(("NOT_FOUND", "CPTS_NOT_FOUND", "id"), subject.entitlement)
        self.check(("NOT_FOUND", "CPTS_NOT_FOUND", "id"), subject.missions)


class Rights(unittest.TestCase):
    def test_mission__a_coordinator_proposes_and_its_ars_adopts(self):
        subject = Subject()
        coordinator, agent = node.client("coordinator"), node.client("agent")
        self.addCleanup(coordinator.close)
        self.addCleanup(agent.close)
        node.grant("CPTS_COORDINATOR", f"cpts:{subject.id}", coordinator,
                   lambda client: outcome(client.get, subject.id) == "OK")
        subject.client = coordinator
        subject.plan(objectives=["Proposé"], actions=["Une action"])
        for wanted, function, fields in (
                ("PERMISSION_DENIED/NOT_THE_DECIDER", subject.plan,
                 {"state": pb.PLAN_STATE_ADOPTED}),
                ("PERMISSION_DENIED/ROLE_NOT_ALLOWED", subject.mission, {}),
                ("PERMISSION_DENIED/ROLE_NOT_ALLOWED", subject.crisis, {})):
            before = node.fingerprint()
            self.assertEqual(outcome(function, **fields), wanted)
            self.assertEqual(node.fingerprint(), before)
        found = subject.missions()["parcours"]
        self.assertEqual(list(found.proposed.objectives), ["Proposé"])
        self.assertFalse(found.HasField("adopted"))
        subject.client = agent
        subject.plan(state=pb.PLAN_STATE_ADOPTED, objectives=["Adopté"])
        found = subject.missions()["parcours"]
        self.assertEqual(list(found.adopted.objectives), ["Adopté"])
        self.assertFalse(found.HasField("proposed"), "a proposal older than what was adopted")
        self.assertEqual(outcome(subject.mission), "OK")

    def test_mission__a_proposal_is_for_those_who_may_write(self):
        subject = Subject(lead_region=OTHER_REGION)
        subject.plan(state=pb.PLAN_STATE_ADOPTED, objectives=["Adopté"])
        subject.plan(objectives=["Proposé"])
        for name, wanted in (("analyst", False), ("agent", False), ("operator", True)):
            reader = node.client(name)
            self.addCleanup(reader.close)
            answer = reader.funding.ListMissions(pb.ListMissionsRequest(id=subject.id),
                                                 timeout=CALL_TIMEOUT_S)
            found = {one.mission: one for one in answer.missions}["parcours"]
            with self.subTest(name=name):
                self.assertEqual(list(found.adopted.objectives), ["Adopté"])
                self.assertEqual(found.HasField("proposed"), wanted)

    def test_mission__an_ars_agent_edits_its_own_region_only(self):
        agent = node.client("agent")
        self.addCleanup(agent.close)
        subject = Subject(client=agent, lead_region=OTHER_REGION)
        self.assertEqual(outcome(subject.mission), "PERMISSION_DENIED/OUT_OF_SCOPE")
        self.assertEqual(outcome(subject.crisis), "PERMISSION_DENIED/OUT_OF_SCOPE")

    def test_mission__dgos_reads_and_the_public_sees_ceilings_only(self):
        subject = Subject()
        analyst, public = node.client("analyst"), node.client("public")
        self.addCleanup(analyst.close)
        self.addCleanup(public.close)
        self.assertEqual(outcome(subject.entitlement, client=analyst), "OK")
        self.assertEqual(outcome(budget, client=analyst), "OK")
        denied = "PERMISSION_DENIED/ROLE_NOT_ALLOWED"
        self.assertEqual(outcome(subject.entitlement, client=public), denied)
        self.assertEqual(outcome(budget, client=public), denied)
        self.assertEqual(outcome(public.funding.ListGrids, pb.ListGridsRequest(),
                                 timeout=CALL_TIMEOUT_S), "OK")


class Missions(unittest.TestCase):
    def clocks(self, subject):
        """Legal clocks of missions that run: {(kind, mission): due date}"""
        return {(kind, mission): due for kind, mission, due in node.database.query(
            "SELECT kind, mission, due_on FROM cpts.cpts_clock WHERE recorded_to = 'infinity'"
            f" AND valid_to = 'infinity' AND mission <> '' AND cpts_id = '{subject.id}';")}

    def test_mission__legal_clocks_stop_when_it_starts_and_when_it_is_deployed(self):
        subject = Subject(stages=STAGES[:3])
        subject.version = operator.record(id=subject.id, expected_version=subject.version,
                                          stage=nodes.stage("ACI_SIGNE"),
                                          effective_on="2024-07-01").version
        running = self.clocks(subject)
        self.assertEqual(running["MISSION_START", "parcours"], "2025-07-01")
        self.assertEqual(running["MISSION_START", "parcours"],
                         subject.missions()["parcours"].start_due_on)
        self.assertEqual(running["MISSION_DEPLOYED", "parcours"],
                         subject.missions()["parcours"].deploy_due_on)
        self.assertEqual(list(subject.mission(status="PLANNED", on="2024-08-01").closed), [])
        closed = subject.mission(status="STARTED", on="2024-09-01").closed
        self.assertEqual([(item.kind, item.mission) for item in closed],
                         [("MISSION_START", "parcours")])
        self.assertNotIn(("MISSION_START", "parcours"), self.clocks(subject))
        self.assertIn(("MISSION_START", "prevention"), self.clocks(subject))
        subject.mission(status="DEPLOYED", on="2025-01-01")
        self.assertNotIn(("MISSION_DEPLOYED", "parcours"), self.clocks(subject))

    def stopped(self, subject):
        """When the clocks of parcours stopped: {kind: date, "" while they run}"""
        return {kind: "" if date == "infinity" else date for kind, date in node.database.query(
            "SELECT kind, valid_to FROM cpts.cpts_clock WHERE recorded_to = 'infinity'"
            f" AND mission = 'parcours' AND cpts_id = '{subject.id}';")}

    def test_mission__its_clocks_follow_its_status_and_nothing_else(self):
        subject = Subject()
        self.assertEqual(self.stopped(subject), {"MISSION_START": "", "MISSION_DEPLOYED": ""})
        for kind in ("MISSION_DEMARREE", "MISSION_DEPLOYEE"):
            found = refusal(operator.walk, "RecordMilestone", id=subject.id, kind=kind,
                            expected_version=subject.version, effective_on="2021-01-01")
            self.assertEqual((found.reason, found.field), ("UNKNOWN_KIND", "kind"))
        subject.mission("parcours", "STARTED", "2021-03-01")
        subject.mission("parcours", "DEPLOYED", "2021-09-01")
        self.assertEqual(self.stopped(subject),
                         {"MISSION_START": "2021-03-01", "MISSION_DEPLOYED": "2021-09-01"})
        for status, on, start, deployed in (
                ("STOPPED", "2022-01-01", "2021-03-01", "2021-09-01"),
                ("DEPLOYED", "2021-08-01", "2021-03-01", "2021-08-01"),
                ("STOPPED", "2021-06-01", "2021-03-01", ""),
                ("STARTED", "2020-12-01", "2020-12-01", ""),
                ("PLANNED", "2020-10-01", "", "")):
            with self.subTest(status=status, on=on):
                closed = subject.mission("parcours", status, on, correction=True).closed
                self.assertEqual(self.stopped(subject),
                                 {"MISSION_START": start, "MISSION_DEPLOYED": deployed})
                self.assertEqual({one.kind for one in closed},
                                 {"DEPLOYED": {"MISSION_DEPLOYED"}, "STARTED": {"MISSION_START"}}
                                 .get(status, set()))

    def test_mission__a_correction_leaves_what_an_earlier_status_stopped(self):
        subject = Subject()
        # Before the signature: its clock stops on the day it begins.
        subject.mission("parcours", "STARTED", "2020-06-01")
        subject.mission("parcours", "DEPLOYED", "2020-06-10")
        subject.mission("parcours", "STOPPED", "2020-06-05", correction=True)
        self.assertEqual(self.stopped(subject),
                         {"MISSION_START": "2020-07-01", "MISSION_DEPLOYED": ""})

    def test_mission__a_renewal_is_taken_from_the_milestones(self):
        subject = Subject()
        gap = ("RENEWAL_NOT_RECORDED", "")
        self.assertNotIn(gap, reasons(subject.entitlement(year=2025, as_of="2025-06-30")))
        self.assertIn(gap, reasons(subject.entitlement(year=2025, as_of="2025-07-01")))
        operator.walk("RecordMilestone", id=subject.id, expected_version=subject.version,
                      kind="ACI_RENOUVELE", effective_on="2025-06-15")
        self.assertNotIn(gap, reasons(subject.entitlement(year=2025, as_of="2025-07-01")))

    def test_mission__status_deadlines_and_history(self):
        subject = Subject()
        subject.mission("parcours", "PLANNED", "2020-08-01")
        subject.mission("parcours", "STARTED", "2021-03-01")
        missions = subject.missions()
        self.assertEqual(list(missions), ["acces_aux_soins", "soins_non_programmes", "parcours",
                                          "prevention", "crise_sanitaire", "qualite_pertinence",
                                          "accompagnement_ps"])
        parcours = missions["parcours"]
        self.assertEqual((parcours.status, parcours.status_on, parcours.obligation),
                         (status_of("STARTED"), "2021-03-01", "SOCLE"))
        self.assertEqual((parcours.start_due_on, parcours.deploy_due_on),
                         ("2021-07-01", "2022-07-01"))
        self.assertEqual((missions["acces_aux_soins"].start_due_on,
                          missions["acces_aux_soins"].deploy_due_on), ("2021-01-01", "2022-01-01"))
        # Due since avenant 2, of 20 December 2021: 6 and 18 months.
        self.assertEqual((missions["crise_sanitaire"].start_due_on,
                          missions["crise_sanitaire"].deploy_due_on), ("2022-06-20", "2023-06-20"))
        self.assertEqual(missions["qualite_pertinence"].start_due_on, "")
        before = subject.missions(as_of="2020-12-31")
        self.assertEqual(before["parcours"].status, status_of("PLANNED"))
        self.assertNotIn("crise_sanitaire", before)

    def test_mission__a_correction_keeps_what_was_believed(self):
        subject = Subject()
        subject.mission("parcours", "STARTED", "2021-03-01")
        known_at = operator.get(subject.id).updated_at
        subject.mission("parcours", "STARTED", "2020-10-01", correction=True)
        self.assertEqual(subject.missions()["parcours"].status_on, "2020-10-01")
        self.assertEqual(len(subject.missions()["parcours"].steps), 1)
        self.assertEqual(subject.missions(known_at=known_at)["parcours"].status_on, "2021-03-01")
        # 92 days of 2020 in place of none; what was computed then can be again.
        self.assertEqual(amounts(subject.entitlement(year=2020)).get(("parcours", "FIXED")),
                         11311.48)
        self.assertNotIn(("parcours", "FIXED"),
                         amounts(subject.entitlement(year=2020, known_at=known_at)))

    def test_mission__changes_are_in_the_log_and_in_the_watch(self):
        subject = Subject()
        position = subject.mission("parcours", "STARTED", "2021-03-01").log_position
        subject.plan()
        subject.crisis()
        subject.plan(state=pb.PLAN_STATE_ADOPTED, objectives=["Adopté"])
        stream = operator.registry.WatchCpts(
            registry_pb2.WatchCptsRequest(after_position=position - 1), timeout=CALL_TIMEOUT_S)
        changes = [next(stream).change for _ in range(4)]
        stream.cancel()
        self.assertEqual([change.kind for change in changes],
                         ["CPTS_MISSION_RECORDED", "CPTS_MISSION_PLAN_SET", "CPTS_CRISIS_RECORDED",
                          "CPTS_MISSION_PLAN_SET"])
        self.assertEqual(changes[0].cpts_mission_recorded.status, "STARTED")
        self.assertIsNone(changes[1].WhichOneof("event"), "a proposal is for those who may write")
        self.assertEqual(changes[2].cpts_crisis_recorded.kind, "PLAN_WRITTEN")
        self.assertEqual(list(changes[3].cpts_mission_plan_set.objectives), ["Adopté"])


class Entitlement(unittest.TestCase):
    def test_mission__size_3_contract_of_the_table(self):
        subject = Subject().carry()
        subject.crisis(on="2022-05-01")
        subject.crisis("PLAN_UPDATED", on="2024-03-01")
        subject.crisis("RECOGNISED", on="2024-08-01")
        found = subject.entitlement(year=2024)
        self.assertTrue(found.eligible, found.gaps)
        self.assertEqual((found.size, found.grid, found.contract_days),
                         (3, "avenant 2", 366))
        self.assertEqual(amounts(found), {
            ("fonctionnement", "FIXED"): 75_000, ("acces_aux_soins", "FIXED"): 30_000,
            ("acces_aux_soins", "VARIABLE"): 35_000, ("snp_supplement", "FIXED"): 60_000,
            ("parcours", "FIXED"): 45_000, ("parcours", "VARIABLE"): 45_000,
            ("prevention", "FIXED"): 17_500, ("prevention", "VARIABLE"): 17_500,
            ("crise_sanitaire", "PLAN_UPDATED"): 22_500,
            ("crise_sanitaire", "CRISIS_VARIABLE"): 67_500,
            ("qualite_pertinence", "FIXED"): 15_000, ("qualite_pertinence", "VARIABLE"): 15_000,
            ("accompagnement_ps", "FIXED"): 10_000, ("accompagnement_ps", "VARIABLE"): 10_000})
        self.assertEqual(found.totals.maximum_cents, 465_000_00)
        self.assertEqual(found.ceiling_cents, 487_500_00)
        # 75 % of 75 + 30 + 60 + 45 + 17.5 + 22.5 + 15 + 10 = 275 k€
        self.assertEqual(found.totals.advance_cents, 206_250_00)
        self.assertEqual(found.totals.certain_cents, 275_000_00)
        for line in found.lines:
            self.assertTrue(line.rule and line.source and line.confidence, line)
        by_part = {(line.line, line.part): line for line in found.lines}
        self.assertEqual(by_part["parcours", "FIXED"].confidence, "CONFIRMED")
        self.assertFalse(by_part["parcours", "VARIABLE"].HasField("certain_cents"))

    def test_mission__start_up_credits_and_what_is_missing(self):
        subject = Subject(stages=[entry("EMERGENCE", "2022-01-01"),
                                  entry("LETTRE_INTENTION", "2022-03-01")])
        found = subject.entitlement(year=2022)
        self.assertEqual(amounts(found), {("amorcage", "ONE_OFF"): 25_000})
        self.assertFalse(found.eligible)
        self.assertEqual(reasons(found), {("PROJECT_NOT_VALIDATED", ""), ("ACI_NOT_SIGNED", "")})
        self.assertEqual(found.totals.maximum_cents, 25_000_00)
        self.assertEqual(subject.entitlement(year=2023).totals.maximum_cents, 0)

    def test_mission__nothing_is_paid_while_a_socle_mission_is_missing(self):
        subject = Subject()
        for mission in SOCLE:
            subject.mission(mission)
        found = subject.entitlement(year=2023)
        self.assertIn(("SOCLE_MISSION_NOT_CARRIED", "crise_sanitaire"), reasons(found))
        self.assertFalse(found.eligible)
        self.assertEqual(found.totals.maximum_cents, 0)
        self.assertEqual(amounts(found)["parcours", "FIXED"], 45_000)
        self.assertFalse(any(line.counted for line in found.lines))
        self.assertTrue(subject.entitlement(year=2021).eligible)

    def test_mission__the_signature_is_seen_from_its_day_on(self):
        subject = Subject()
        before = subject.entitlement(year=2020, as_of="2020-06-30")
        self.assertIn(("ACI_NOT_SIGNED", ""), reasons(before))
        after = subject.entitlement(year=2020, as_of="2020-07-01")
        self.assertEqual((after.contract_year, after.contract_days, after.grid),
                         (1, 184, "2019"))
        self.assertEqual(amounts(after), {("fonctionnement", "FIXED"): 75_000})

    def test_mission__without_a_territory_the_size_is_not_known(self):
        found = Subject(territory=[]).entitlement(year=2021)
        self.assertEqual(found.size, 0)
        self.assertIn(("SIZE_UNKNOWN", ""), reasons(found))
        self.assertEqual(list(found.lines), [])

    def test_mission__size_classes_change_where_they_are_published_to(self):
        """The class of the inhabitants of whole communes, against the bounds."""
        sizes = [(0, 1), (40_000, 2), (80_000, 3), (175_001, 4)]
        for code in ("01001", "94046", next(places), "67482"):
            people = int(node.database.value(
                f"SELECT population_count FROM cpts.territory_unit WHERE code = '{code}';"))
            found = Subject(territory=[unit(code)]).entitlement(year=2021)
            self.assertEqual((found.population_count, found.size),
                             (people, max(size for least, size in sizes if people >= least)))


class Budget(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        full = Subject().carry()
        full.crisis(on="2022-05-01")
        cls.subjects = [full, Subject(territory=[unit("06088")], lead_region="93").carry(),
                        Subject(), Subject(stages=STAGES[:2]),
                        Subject(stages=STAGES + [entry("NON_RENOUVELE", "2023-03-01")],
                                lead_region=OTHER_REGION)]
        for mission in SOCLE:
            cls.subjects[2].mission(mission, on="2021-01-15")

    def all_ids(self):
        return [row[0] for row in node.database.query("SELECT cpts_id FROM cpts.cpts;")]

    def test_mission__the_board_is_the_sum_of_the_single_entitlements(self):
        fields = [field.name for field in pb.FundingTotals.DESCRIPTOR.fields]
        for question in ({"year": 2020}, {"year": 2022}, {"year": 2023}, {"year": 2026},
                         {"year": 2021, "as_of": "2021-06-30"}):
            board = budget(**question)
            singles = [operator.funding.GetEntitlement(
                pb.GetEntitlementRequest(id=cpts_id, known_at=board.known_at, **question),
                timeout=CALL_TIMEOUT_S).entitlement for cpts_id in self.all_ids()]
            with self.subTest(**question):
                for field in fields:
                    wanted = sum(getattr(one.totals, field) for one in singles)
                    self.assertEqual(getattr(board.totals, field), wanted, field)
                    for shares in board.regions, board.sizes:
                        self.assertEqual(sum(getattr(share.totals, field) for share in shares),
                                         wanted, field)
                self.assertEqual(sum(line.totals.maximum_cents for line in board.lines),
                                 board.totals.maximum_cents + board.totals.cut_cents)
                for region in board.regions:
                    self.assertEqual(region.totals.maximum_cents,
                                     sum(one.totals.maximum_cents for one in singles
                                         if one.lead_region == region.code))
                self.assertEqual(board.contract_count,
                                 sum(one.contract_days > 0 for one in singles))
                self.assertEqual(board.eligible_count, sum(one.eligible for one in singles))
                self.assertGreater(board.totals.maximum_cents, 0)

    def test_mission__a_region_is_its_line_of_the_board(self):
        board = budget(year=2023)
        for region in board.regions:
            own = budget(year=2023, region=region.code)
            self.assertEqual(own.totals, region.totals)
            self.assertEqual([share.code for share in own.regions], [region.code])

    def test_mission__a_board_is_the_same_again(self):
        first = budget(year=2023)
        Subject().carry()
        again = budget(year=2023, known_at=first.known_at)
        self.assertEqual(again, first)
        self.assertNotEqual(budget(year=2023).totals, first.totals)

    def test_mission__what_is_missing_is_counted(self):
        gaps = {gap.reason: gap for gap in budget(year=2023).gaps}
        self.assertTrue(gaps["SOCLE_MISSION_NOT_CARRIED"].blocking)
        self.assertFalse(gaps["INDICATORS_NOT_KNOWN"].blocking)


class Tool(unittest.TestCase):
    def run_tool(self, *words, code=0):
        done = cptsctl(*words)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def test_mission__set_plan_crisis_and_show(self):
        subject = Subject()
        self.run_tool("mission", "set", subject.id, "parcours", "started", "--on", "2020-07-01")
        self.run_tool("mission", "plan", subject.id, "parcours", "--on", "2021-01-01",
                      "--objective", "Un objectif", "--action", "Une action", "--adopted")
        self.run_tool("mission", "crisis", subject.id, "plan-written", "--on", "2022-05-01")
        said = self.run_tool("mission", "list", subject.id)
        for text in ("parcours", "STARTED", "2021-07-01", "Un objectif", "PLAN_WRITTEN"):
            self.assertIn(text, said)
        rows = list(csv.DictReader(io.StringIO(
            self.run_tool("funding", "show", subject.id, "--year", "2021", "--csv"))))
        fixed = {row["line"]: row["maximum"] for row in rows if row["part"] == "FIXED"}
        self.assertEqual(fixed, {"fonctionnement": "75000.00", "parcours": "45000.00"})
        said = self.run_tool("funding", "show", subject.id, "--year", "2021")
        self.assertIn("SOCLE_MISSION_NOT_CARRIED", said)
        self.assertIn("pro rata", said)
        shown = json.loads(self.run_tool("funding", "show", subject.id, "--year", "2021", "--json"))
        self.assertFalse(shown["eligible"])

    def test_mission__board_in_every_form(self):
        said = self.run_tool("funding", "board", "--year", "2021")
        self.assertIn("ACI budget of France for 2021", said)
        self.assertIn("SYNTHETIC DATA", said)
        rows = list(csv.DictReader(io.StringIO(
            self.run_tool("funding", "board", "--year", "2021", "--csv"))))
        self.assertEqual(rows[0]["scope"], "FR")
        self.assertAlmostEqual(sum(float(row["maximum"]) for row in rows[1:]),
                               float(rows[0]["maximum"]), places=2)
        shown = json.loads(self.run_tool("funding", "board", "--region", REGION, "--year", "2021",
                                         "--json"))
        self.assertEqual([region["code"] for region in shown["regions"]], [REGION])

    def test_mission__wrong_words(self):
        subject = Subject()
        before = node.fingerprint()
        for words in (("mission", "set", subject.id, "parcours", "done", "--on", "2021-01-01"),
                      ("mission", "set", subject.id, "parcours", "started"),
                      ("mission", "plan", subject.id, "parcours", "--on", "2021-01-01"),
                      ("mission", "crisis", subject.id, "storm", "--on", "2021-01-01"),
                      ("funding", "show", subject.id, "--year", "1999")):
            with self.subTest(words=words):
                self.run_tool(*words, code=2)
        self.assertEqual(node.fingerprint(), before)


if __name__ == "__main__":
    nodes.psql.main()
