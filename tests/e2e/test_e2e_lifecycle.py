# SPDX-License-Identifier: Apache-2.0
"""The way of a CPTS through its stages: identity, documents, filings, clocks,
evidence, the merge, and what the public sees."""
import hashlib
import json
import os
import subprocess
import unittest
import uuid

from node import (BUILD, CALL_TIMEOUT_S, OTHER_REGION, TRUST_DOMAIN, Node, change_pb2, entry,
                  outcome, psql, refusal, registry_pb2, stage, unit)

VERSAILLES = "78646"
LI = [entry("EMERGENCE", "2020-01-15"), entry("LETTRE_INTENTION", "2020-09-01")]
PV = LI + [entry("PROJET_VALIDE", "2021-03-01")]
ACI = PV + [entry("ACI_SIGNE", "2022-01-31")]
PROJECT = ("PROJET_SANTE", "STATUTS", "DIAGNOSTIC", "FICHES_ACTIONS")
DRAFT, FILED, COMPLETE, DECIDED, WITHDRAWN, CLOSED = range(1, 7)
DECISION, TACIT = change_pb2.STAGE_BASIS_DECISION, change_pb2.STAGE_BASIS_TACIT
# The tests' own, so that they mean the same next year.
TODAY = "2026-11-22"
node = client = communes = None


def setUpModule():
    global node, client, communes
    node = Node()
    client = node.client("operator")
    communes = iter([code for code, in node.database.query(
        "SELECT code FROM cpts.territory_unit WHERE is_leaf AND region = '52' ORDER BY code;")])


def tearDownModule():
    if node is not None:
        client.close()
        node.stop()


class Project:
    """A CPTS on its way; knows the version that the next command needs."""

    def __init__(self, caller=None, **fields):
        self.client = caller or client
        # A commune that no other test has: validated CPTS share none.
        self.id = client.create(**{"territory": [unit(next(communes))], **fields}).id
        self.version = 1

    def walk(self, rpc, **fields):
        done = self.client.walk(rpc, id=self.id, expected_version=self.version, **fields)
        self.version = done.version
        return done

    def document(self, kind, **fields):
        fields = {"title": f"Pièce {kind}", "sha256": hashlib.sha256(kind.encode()).digest(),
                  "reference": "https://ars.example/d", "dated_on": "2020-06-01", **fields}
        return self.walk("RecordDocument", kind=kind, **fields).document_id

    def documents(self, *kinds):
        return [self.document(kind) for kind in kinds]

    def file(self, state, on, target="PROJET_VALIDE", **fields):
        return self.walk("RecordFiling", target=stage(target), state=state, effective_on=on,
                         **fields)

    def record(self, name, on, **fields):
        done = self.client.record(id=self.id, expected_version=self.version, stage=stage(name),
                                  effective_on=on, **fields)
        self.version = done.version
        return done

    def complete(self, on="2021-01-15"):
        """A filing for the projet de santé that the ARS found complete."""
        filed = self.file(FILED, "2021-01-10", document_ids=self.documents(*PROJECT))
        self.file(COMPLETE, on, filing_id=filed.filing_id)
        return filed.filing_id

    def way(self, **fields):
        return self.client.way(self.id, **{"as_of": TODAY, **fields})


def clocks(way):
    return {(one.kind, one.mission): (one.due_on, one.state) for one in way.clocks}


class Dossier(unittest.TestCase):
    def test_lifecycle__identity_is_dated_and_merged_by_the_mask(self):
        project = Project(territory=[unit(VERSAILLES)])
        project.walk("UpdateIdentity", effective_on="2020-02-01",
                     update_mask={"paths": ["legal_form", "rna", "statuts_on", "nature"]},
                     identity={"legal_form": "ASSOCIATION_1901", "rna": "W751234567",
                               "statuts_on": "2020-01-20", "nature": "MIXTE"})
        project.walk("UpdateIdentity", effective_on="2021-05-01",
                     update_mask={"paths": ["siret", "nature", "statuts_on"]},
                     identity={"siret": "73282932000074", "nature": "RURAL"})
        now, before = project.way(), project.way(as_of="2021-04-30")
        self.assertEqual((now.identity.legal_form, now.identity.rna, now.identity.siret,
                          now.identity.nature, now.identity.statuts_on, now.identity_on),
                         ("ASSOCIATION_1901", "W751234567", "73282932000074", "RURAL", "",
                          "2021-05-01"))
        self.assertEqual((before.identity.siret, before.identity.nature,
                          before.identity.statuts_on), ("", "MIXTE", "2020-01-20"))
        self.assertFalse(project.way(as_of="2020-01-31").HasField("identity"))
        self.assertEqual((now.size_class, now.population_count > 80000), ("TAILLE_3", True))

    def test_lifecycle__document_is_hash_and_reference(self):
        project = Project()
        sha256 = hashlib.sha256(b"statuts").digest()
        made = project.walk("RecordDocument", kind="STATUTS", title="Statuts « signés »",
                            sha256=sha256, reference="GED 12/34", dated_on="2020-05-05")
        document, = project.way().documents
        self.assertEqual((document.id, document.kind, document.label, document.title,
                          document.sha256, document.reference, document.dated_on),
                         (made.document_id, "STATUTS", "Statuts", "Statuts « signés »", sha256,
                          "GED 12/34", "2020-05-05"))

    def test_lifecycle__repeated_command_names_the_same_document(self):
        project = Project()
        fields = {"command_id": "01907d2c-5a7e-7000-8000-2f3b5c1d9e40", "id": project.id,
                  "expected_version": 1, "kind": "AUTRE", "title": "x", "sha256": bytes(32),
                  "dated_on": "2020-05-05"}
        first, again = (client.walk("RecordDocument", **fields) for _ in range(2))
        self.assertEqual((again.document_id, again.version, again.replayed),
                         (first.document_id, 2, True))
        self.assertEqual(len(project.way().documents), 1)

    def test_lifecycle__milestones_keep_note_and_documents(self):
        project = Project()
        report = project.document("COMPTE_RENDU")
        project.walk("RecordMilestone", kind="REUNION", effective_on="2020-03-01",
                     note="quarante professionnels", document_ids=[report])
        milestone, = project.way().milestones
        self.assertEqual((milestone.kind, milestone.label, milestone.note,
                          list(milestone.document_ids)),
                         ("REUNION", "Réunion d'information ou de travail",
                          "quarante professionnels", [report]))


class Filings(unittest.TestCase):
    def test_lifecycle__draft_to_complete_starts_the_two_months(self):
        project = Project(stages=LI)
        project.file(DRAFT, "2020-12-01")
        filing, = project.way().filings
        self.assertEqual(list(filing.missing_kinds), list(PROJECT))
        documents = project.documents(*PROJECT)
        project.file(FILED, "2020-12-20", filing_id=filing.id, document_ids=documents)
        project.file(COMPLETE, "2020-12-31", filing_id=filing.id)
        way = project.way()
        filing, = way.filings
        self.assertEqual(([one.state for one in filing.steps], filing.state, filing.state_on,
                          list(filing.document_ids), list(filing.missing_kinds)),
                         ([DRAFT, FILED, COMPLETE], COMPLETE, "2020-12-31", documents, []))
        self.assertEqual(clocks(way), {("TACIT_VALIDATION", ""): ("2021-02-28", "DUE")})

    def test_lifecycle__silence_validates_on_its_date_and_not_before(self):
        project = Project(stages=LI)
        project.complete("2021-01-15")
        early = refusal(project.record, "PROJET_VALIDE", "2021-03-14", basis=TACIT)
        self.assertEqual((early.status, early.reason, early.field, early.detail),
                         ("FAILED_PRECONDITION", "TACIT_NOT_DUE", "effective_on", "2021-03-15"))
        done = project.record("PROJET_VALIDE", "2021-03-15", basis=TACIT)
        self.assertEqual([(one.type, one.kind) for one in done.closed],
                         [("FILING", "PROJET_VALIDE"), ("CLOCK", "TACIT_VALIDATION")])
        way = project.way()
        self.assertEqual((way.filings[0].state, way.filings[0].decision), (DECIDED, "TACIT"))
        self.assertEqual(list(way.stages[-1].missing_kinds), [], "shown by the filing")
        self.assertEqual(clocks(way)["TACIT_VALIDATION", ""], ("2021-03-15", "STOPPED"))

    def test_lifecycle__silence_needs_a_complete_filing(self):
        project = Project(stages=LI)
        refused = refusal(project.record, "PROJET_VALIDE", "2024-03-15", basis=TACIT)
        self.assertEqual(refused.reason, "FILING_NOT_COMPLETE")

    def test_lifecycle__refusal_stops_the_clock(self):
        project = Project(stages=LI)
        filing_id = project.complete()
        done = project.file(DECIDED, "2021-02-01", filing_id=filing_id)
        self.assertEqual([one.kind for one in done.closed], ["TACIT_VALIDATION"])
        self.assertEqual(project.way().filings[0].decision, "REFUSED")
        self.assertEqual(refusal(project.record, "PROJET_VALIDE", "2024-01-01",
                                 basis=TACIT).reason, "FILING_NOT_COMPLETE")

    def test_lifecycle__another_filing_can_follow_a_refusal(self):
        project = Project(stages=LI)
        project.file(DECIDED, "2021-02-01", filing_id=project.complete())
        project.file(DRAFT, "2021-03-01")
        self.assertEqual([one.state for one in project.way().filings], [DECIDED, DRAFT])


class Decisions(unittest.TestCase):
    def test_lifecycle__decision_shows_every_document(self):
        project = Project(stages=LI)
        some = project.documents("PROJET_SANTE", "STATUTS")
        refused = refusal(project.record, "PROJET_VALIDE", "2021-02-01", basis=DECISION,
                          document_ids=some)
        self.assertEqual((refused.reason, refused.field, refused.detail),
                         ("EVIDENCE_MISSING", "document_ids", "DIAGNOSTIC FICHES_ACTIONS"))
        rest = project.documents("DIAGNOSTIC", "FICHES_ACTIONS")
        project.record("PROJET_VALIDE", "2021-02-01", basis=DECISION, document_ids=some + rest)
        last = project.way().stages[-1]
        self.assertEqual((last.basis, sorted(last.document_ids), list(last.missing_kinds)),
                         (DECISION, sorted(some + rest), []))

    def test_lifecycle__history_without_documents_is_a_gap_until_they_come(self):
        project = Project(stages=ACI)
        gap, = [one for one in client.gaps(page_size=500).gaps if one.cpts_id == project.id]
        self.assertEqual([(one.stage, list(one.missing_kinds)) for one in gap.stages][-1],
                         (stage("ACI_SIGNE"), ["CONTRAT_ACI", "ANNEXE_INDICATEURS"]))
        documents = project.documents("CONTRAT_ACI", "ANNEXE_INDICATEURS")
        project.walk("RecordEvidence", stage=stage("ACI_SIGNE"), document_ids=documents)
        gap, = [one for one in client.gaps(page_size=500).gaps if one.cpts_id == project.id]
        self.assertNotIn(stage("ACI_SIGNE"), [one.stage for one in gap.stages])
        self.assertEqual(len(client.get(project.id).stages), 4, "the stage is not there twice")

    def test_lifecycle__signature_starts_ten_clocks(self):
        way = Project(stages=ACI).way()
        self.assertEqual(clocks(way), {
            ("ACI_END", ""): ("2027-01-31", "RUNNING"),
            ("ACI_RENEWAL_NOTICE", ""): ("2026-07-31", "DUE"),
            ("MISSION_START", "acces_aux_soins"): ("2022-07-31", "DUE"),
            ("MISSION_START", "parcours"): ("2023-01-31", "DUE"),
            ("MISSION_START", "prevention"): ("2023-01-31", "DUE"),
            ("MISSION_START", "crise_sanitaire"): ("2022-07-31", "DUE"),
            ("MISSION_DEPLOYED", "acces_aux_soins"): ("2023-07-31", "DUE"),
            ("MISSION_DEPLOYED", "parcours"): ("2024-01-31", "DUE"),
            ("MISSION_DEPLOYED", "prevention"): ("2024-01-31", "DUE"),
            ("MISSION_DEPLOYED", "crise_sanitaire"): ("2023-07-31", "DUE")})

    def test_lifecycle__renewal_starts_five_years(self):
        project = Project(stages=ACI)
        project.walk("RecordMilestone", kind="ACI_RENOUVELE", effective_on="2026-10-01")
        found = [(one.due_on, one.state) for one in project.way().clocks if one.kind == "ACI_END"]
        self.assertEqual(found, [("2027-01-31", "STOPPED"), ("2031-10-01", "RUNNING")])

    def test_lifecycle__way_out_closes_what_is_open(self):
        project = Project(stages=LI)
        project.complete("2021-01-15")
        done = project.record("ABANDONNE", "2021-02-01")
        self.assertEqual(sorted(one.type for one in done.closed), ["CLOCK", "FILING"])
        way = project.way()
        self.assertEqual((way.filings[0].state, way.clocks[0].state, way.clocks[0].stopped_on),
                         (CLOSED, "STOPPED", "2021-02-01"))
        self.assertEqual([one.id for one in client.due(cpts_id=project.id).clocks], [])

    def test_lifecycle__next_steps_are_the_table(self):
        steps = {one.stage: one for one in Project(stages=LI).way().next_steps}
        self.assertEqual(set(steps), {stage(name) for name in
                                      ("PROJET_VALIDE", "ABANDONNE", "FUSIONNE", "DISSOUS")})
        validated = steps[stage("PROJET_VALIDE")]
        self.assertEqual((list(validated.deciders), validated.tacit,
                          list(validated.required_kinds), list(validated.stops)),
                         (["ARS"], True, list(PROJECT), ["TACIT_VALIDATION"]))


class Reads(unittest.TestCase):
    def test_lifecycle__known_at_shows_what_was_believed(self):
        project = Project(stages=LI)
        project.document("STATUTS")
        before = client.get(project.id).updated_at
        project.complete()
        project.record("PROJET_VALIDE", "2021-02-01")
        then = project.way(known_at=before)
        self.assertEqual((len(then.documents), len(then.filings), len(then.clocks),
                          [one.stage for one in then.stages]),
                         (1, 0, 0, [stage("EMERGENCE"), stage("LETTRE_INTENTION")]))

    def test_lifecycle__due_pages_are_in_order_and_whole(self):
        ids = {Project(lead_region="94", stages=ACI).id for _ in range(3)}
        found, token = [], ""
        while True:
            page = client.due(region="94", until="2031-01-01", page_size=4, page_token=token)
            found += page.clocks
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(len(found), 30)
        self.assertEqual({one.cpts_id for one in found}, ids)
        dates = [one.clock.due_on for one in found]
        self.assertEqual(dates, sorted(dates))
        self.assertEqual(found[0].clock.confidence, "published")
        some = client.due(region="94", kind="ACI_END", until="2031-01-01").clocks
        self.assertEqual([one.clock.kind for one in some], ["ACI_END"] * 3)
        due = client.due(region="94", kind="ACI_END", as_of=TODAY).clocks
        self.assertEqual(len(due), 0, "not due yet")


class Merge(unittest.TestCase):
    def merged(self, gone, successor, on="2024-01-01", **fields):
        done = gone.walk("MergeCpts", successor_id=successor.id,
                         successor_version=successor.version, effective_on=on, **fields)
        successor.version = done.successor_version
        return done

    def refused(self, reason, gone, successor, **fields):
        before = node.fingerprint()
        refused = refusal(self.merged, gone, successor, **fields)
        self.assertEqual((refused.reason, node.fingerprint()), (reason, before), refused)
        return refused

    def test_lifecycle__merge_moves_the_territory_and_keeps_both_histories(self):
        first, second, both = (next(communes) for _ in range(3))
        gone = Project(stages=LI, territory=[unit(first), unit(both, 0.5)])
        successor = Project(stages=ACI, territory=[unit(second), unit(both, 0.75)])
        gone.complete("2021-01-15")
        done = self.merged(gone, successor)
        self.assertEqual((done.version, done.successor_version, done.unit_count,
                          done.successor_log_position - done.log_position,
                          sorted(one.type for one in done.closed)),
                         (8, 2, 2, 1, ["CLOCK", "FILING"]))
        ended, now = client.get(gone.id), client.get(successor.id)
        self.assertEqual((ended.stage, ended.stages[-1].successor_id, list(ended.territory)),
                         (stage("FUSIONNE"), successor.id, []))
        self.assertEqual([(one.unit_code, one.share) for one in now.territory],
                         [(first, 1.0), (second, 1.0), (both, 1.0)])
        self.assertEqual(now.population_count,
                         sum(one.population_count for one in now.territory))
        before = client.get(successor.id, as_of="2023-12-31")
        self.assertEqual([(one.unit_code, one.share) for one in before.territory],
                         [(second, 1.0), (both, 0.75)])
        self.assertEqual(len(client.get(gone.id, as_of="2023-12-31").territory), 2)
        listed = client.list(commune=first, page_size=500).cpts
        self.assertEqual([one.id for one in listed if one.id in (gone.id, successor.id)],
                         [successor.id])

    def test_lifecycle__merge_is_replayed_with_both_versions(self):
        gone, successor = Project(), Project()
        fields = {"command_id": str(uuid.uuid4()), "id": gone.id, "expected_version": 1,
                  "successor_id": successor.id, "successor_version": 1,
                  "effective_on": "2024-01-01"}
        first, again = (client.walk("MergeCpts", **fields) for _ in range(2))
        self.assertEqual((again.replayed, again.version, again.successor_version,
                          again.successor_log_position),
                         (True, first.version, first.successor_version,
                          first.successor_log_position))

    def test_lifecycle__merge_refuses_each_wrong_successor(self):
        gone, ended, live = Project(stages=LI), Project(), Project()
        ended.record("ABANDONNE", "2021-01-01")
        self.assertEqual(self.refused("SUCCESSOR_ENDED", gone, ended).field, "successor_id")
        self.refused("SUCCESSOR_INVALID", gone, gone)
        live.version = 7
        self.assertEqual(self.refused("STALE_SUCCESSOR_VERSION", gone, live).detail, "1")
        live.version, live.id = 1, str(uuid.uuid4())
        self.refused("SUCCESSOR_NOT_FOUND", gone, live)

    def test_lifecycle__merge_refuses_what_a_way_out_does(self):
        gone, successor = Project(stages=LI), Project()
        self.refused("STAGE_DATE_BEFORE_CURRENT", gone, successor, on="2020-08-31")
        self.refused("EVIDENCE_MISSING", gone, successor, basis=DECISION)
        client.settle(id=successor.id, expected_version=1, effective_on="2024-06-01",
                      territory=[unit(next(communes))])
        successor.version = 2
        late = self.refused("MERGE_DATE_BEFORE_TERRITORY", gone, successor)
        self.assertEqual(late.detail, "2024-06-01")
        gone.record("DISSOUS", "2021-01-01")
        self.refused("ILLEGAL_STAGE_STEP", gone, successor)

    def test_lifecycle__merge_of_two_validated_ones_may_add_up_to_a_whole(self):
        commune = next(communes)
        gone = Project(stages=ACI, territory=[unit(commune, 0.4)])
        successor = Project(stages=ACI, territory=[unit(commune, 0.6)])
        self.merged(gone, successor)
        self.assertEqual([(one.unit_code, round(one.share, 9))
                          for one in client.get(successor.id).territory], [(commune, 1.0)])

    def test_lifecycle__merge_never_takes_what_a_third_one_holds(self):
        """A project may claim it besides; who is validated takes no more than is left."""
        commune = next(communes)
        Project(stages=ACI, territory=[unit(commune, 0.7)])
        gone = Project(stages=LI, territory=[unit(commune, 0.6)])
        successor = Project(stages=ACI)
        refused = self.refused("TERRITORY_SHARE_EXCEEDED", gone, successor)
        self.assertIn(commune, refused.detail)
        project = Project(stages=LI)
        self.merged(gone, project)

    def test_lifecycle__merge_across_regions_needs_both(self):
        agent = node.client("agent")
        self.addCleanup(agent.close)
        gone, other = Project(), Project(lead_region=OTHER_REGION)
        gone.client = agent
        refused = self.refused("OUT_OF_SCOPE", gone, other)
        self.assertEqual(refused.status, "PERMISSION_DENIED")

    def test_lifecycle__no_cycle_of_merges(self):
        one, other = Project(), Project()
        self.merged(one, other)
        self.refused("SUCCESSOR_ENDED", other, one)


class Clocks(unittest.TestCase):
    """The server raises what is due, once."""

    def rewind(self, project, days=1):
        """As if the clocks of a CPTS had become due while nobody looked."""
        node.database.query(
            f"UPDATE cpts.cpts_clock SET due_on = current_date - {days}, raised_at = 'infinity'"
            f" WHERE cpts_id = '{project.id}' AND kind = 'ACI_END' AND recorded_to = 'infinity';")

    def raised(self, project):
        return node.database.query(
            "SELECT count(*), min(actor) FROM cpts.change_log WHERE kind = 'CPTS_CLOCK_DUE'"
            f" AND aggregate_id = '{project.id}';")[0]

    def await_change(self, caller, after, project):
        """The next CPTS_CLOCK_DUE of a CPTS, as those who watch are told."""
        stream = caller.registry.WatchCpts(
            registry_pb2.WatchCptsRequest(after_position=after), timeout=CALL_TIMEOUT_S)
        for message in stream:
            if message.change.kind == "CPTS_CLOCK_DUE" and message.change.cpts_id == project.id:
                stream.cancel()
                return message.change
        raise AssertionError("the stream ended")

    def test_lifecycle__due_clock_is_a_change_that_everybody_hears(self):
        project = Project(stages=ACI)
        head = client.get(project.id)
        self.rewind(project)
        change = self.await_change(client, 0, project)
        clock = change.cpts_clock_due.clock
        self.assertEqual((clock.kind, clock.started_on, change.version),
                         ("ACI_END", "2022-01-31", head.version + 1))
        self.assertEqual(self.raised(project), ["1", f"spiffe://{TRUST_DOMAIN}/node/national"])
        found, = client.due(cpts_id=project.id, kind="ACI_END").clocks
        self.assertGreater(found.clock.raised_at.seconds, 0)

    def test_lifecycle__two_servers_raise_one_clock_once(self):
        other = node.twin()
        try:
            projects = [Project(stages=ACI) for _ in range(20)]
            for project in projects:
                self.rewind(project)
            peer = other.client("operator")
            for project in projects:
                self.await_change(peer, 0, project)
            peer.close()
            for project in projects:
                self.assertEqual(self.raised(project)[0], "1")
                self.assertEqual(client.get(project.id).version, 2)
        finally:
            other.stop()

    def test_lifecycle__what_became_due_without_a_server_is_raised_at_the_start(self):
        project = Project(stages=ACI)
        node.pause()
        try:
            self.rewind(project, days=400)
            self.assertEqual(self.raised(project)[0], "0")
            other = node.twin()
            peer = other.client("operator")
            self.await_change(peer, 0, project)
            peer.close()
            other.stop()
        finally:
            node.resume()
        self.assertEqual(self.raised(project)[0], "1")

    def test_lifecycle__stopped_clock_is_never_raised(self):
        stopped, running = Project(stages=ACI), Project(stages=ACI)
        stopped.walk("RecordMilestone", kind="ACI_RENOUVELE", effective_on="2025-01-01")
        node.database.query(
            "UPDATE cpts.cpts_clock SET due_on = current_date - 1, raised_at = 'infinity'"
            f" WHERE cpts_id = '{stopped.id}' AND valid_to < 'infinity';")
        self.rewind(running)
        self.await_change(client, 0, running)
        self.assertEqual(self.raised(stopped)[0], "0")


class Rights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.own = Project(stages=LI)
        cls.coordinator = node.client("coordinator")
        cls.addClassCleanup(cls.coordinator.close)
        node.grant("CPTS_COORDINATOR", f"cpts:{cls.own.id}", cls.coordinator,
                   lambda caller: outcome(caller.get, cls.own.id) == "OK")
        cls.clients = {name: node.client(name) for name in ("analyst", "public", "agent")}
        for caller in cls.clients.values():
            cls.addClassCleanup(caller.close)

    def test_lifecycle__coordinator_files_and_its_ars_decides(self):
        project = self.own
        project.client = self.coordinator
        self.addCleanup(setattr, project, "client", client)
        documents = project.documents(*PROJECT)
        filing_id = project.file(DRAFT, "2020-10-01").filing_id
        project.file(FILED, "2020-10-02", filing_id=filing_id, document_ids=documents)
        for state in (COMPLETE, DECIDED):
            refused = refusal(project.file, state, "2020-10-03", filing_id=filing_id)
            self.assertEqual((refused.status, refused.reason, refused.field),
                             ("PERMISSION_DENIED", "NOT_THE_DECIDER", "state"))
        refused = refusal(project.record, "PROJET_VALIDE", "2020-11-01", basis=DECISION,
                          document_ids=documents)
        self.assertEqual((refused.reason, refused.field), ("NOT_THE_DECIDER", "stage"))
        self.assertEqual(refusal(project.walk, "SetPublication", published=False).reason,
                         "ROLE_NOT_ALLOWED")
        project.client = self.clients["agent"]
        project.file(COMPLETE, "2020-10-03", filing_id=filing_id)
        project.client = self.coordinator
        project.file(WITHDRAWN, "2020-10-04", filing_id=filing_id)

    def test_lifecycle__a_coordinator_moves_no_legal_clock(self):
        project = self.own
        project.client = self.coordinator
        self.addCleanup(setattr, project, "client", client)
        before = node.fingerprint()
        refused = refusal(project.walk, "RecordMilestone", kind="ACI_RENOUVELE",
                          effective_on="2024-01-01")
        self.assertEqual((refused.status, refused.reason, refused.field),
                         ("PERMISSION_DENIED", "NOT_THE_DECIDER", "kind"))
        self.assertEqual(node.fingerprint(), before, "something was stored")
        project.walk("RecordMilestone", kind="REUNION", effective_on="2020-07-01")
        signed = Project(stages=ACI)
        signed.client = self.clients["agent"]
        signed.walk("RecordMilestone", kind="ACI_RENOUVELE", effective_on="2024-01-01")

    def test_lifecycle__documents_and_drafts_are_withheld_from_the_ministry(self):
        project = Project(stages=LI)
        project.document("STATUTS")
        project.file(DRAFT, "2020-12-01")
        way = self.clients["analyst"].way(project.id)
        self.assertEqual((way.documents_withheld, list(way.documents), list(way.filings)),
                         (True, [], []))
        self.assertEqual((len(project.way().documents), len(project.way().filings)), (1, 1))

    def test_lifecycle__who_watches_is_not_told_titles_nor_drafts(self):
        project = Project(stages=LI)
        start = client.get(project.id)
        project.document("STATUTS", title="secret", reference="https://secret.example")
        project.file(DRAFT, "2020-12-01")
        done = project.walk("RecordMilestone", kind="REUNION", effective_on="2020-12-02",
                            note="secret")
        self.assertEqual(start.version, 1)
        stream = self.clients["analyst"].registry.WatchCpts(
            registry_pb2.WatchCptsRequest(after_position=done.log_position - 3),
            timeout=CALL_TIMEOUT_S)
        changes = [next(stream).change for _ in range(3)]
        stream.cancel()
        self.assertEqual([one.kind for one in changes],
                         ["CPTS_DOCUMENT_RECORDED", "CPTS_FILING_RECORDED",
                          "CPTS_MILESTONE_RECORDED"])
        self.assertNotIn(b"secret", b"".join(one.SerializeToString() for one in changes))
        self.assertEqual(changes[0].cpts_document_recorded.kind, "STATUTS")
        self.assertIsNone(changes[1].WhichOneof("event"))

    def test_lifecycle__public_sees_what_is_published(self):
        public = self.clients["public"]
        draft, known = Project(lead_region="94"), Project(lead_region="94", stages=LI)
        self.assertEqual(outcome(public.get, draft.id), "NOT_FOUND/CPTS_NOT_FOUND")
        seen = public.get(known.id)
        self.assertEqual((seen.id, len(seen.stages), len(seen.territory)), (known.id, 2, 1))
        listed = {one.id for one in public.list(region="94", page_size=500).cpts}
        self.assertEqual(listed & {draft.id, known.id}, {known.id})
        everyone = client.cover(region="94").project_count
        self.assertEqual(everyone - public.cover(region="94").project_count,
                         int(node.database.value(
                             "SELECT count(*) FROM cpts.cpts WHERE lead_region = '94'"
                             " AND NOT published AND stage IN ('EMERGENCE', 'LETTRE_INTENTION',"
                             " 'PROJET_VALIDE', 'ACI_SIGNE');")))

    def test_lifecycle__ars_decides_what_is_published(self):
        public, project = self.clients["public"], Project(stages=LI)
        project.walk("SetPublication", published=False)
        self.assertEqual(outcome(public.get, project.id), "NOT_FOUND/CPTS_NOT_FOUND")
        project.record("PROJET_VALIDE", "2021-02-01")
        self.assertFalse(project.way().published, "a stage does not overrule the ARS")
        project.walk("SetPublication")
        way = project.way()
        self.assertEqual((way.published, way.publication_set), (True, False))
        self.assertEqual(outcome(public.get, project.id), "OK")

    def test_lifecycle__stage_publishes(self):
        project = Project()
        self.assertFalse(project.way().published)
        project.record("LETTRE_INTENTION", "2021-01-01")
        self.assertTrue(project.way().published)


class Terminal(unittest.TestCase):
    """cptsctl as a person uses it, on the same node."""

    @classmethod
    def setUpClass(cls):
        cls.profile = node.path("profile.ini")
        with open(cls.profile, "w", encoding="utf-8") as file:
            file.write(f"[profile]\naddress = 127.0.0.1:{node.port}\nca = {node.path('ca.pem')}\n"
                       f"certificate = {node.path('operator.pem')}\n"
                       f"key = {node.path('operator.key')}\n")

    def run_tool(self, *words, code=0):
        done = subprocess.run([os.path.join(BUILD, "bin", "cptsctl"), "lifecycle", *words,
                               "--profile", self.profile], capture_output=True, text=True,
                              timeout=CALL_TIMEOUT_S, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def test_lifecycle__cptsctl_files_and_decides(self):
        project = Project(stages=LI)
        documents = []
        for kind in PROJECT:
            made = self.run_tool("document", project.id, kind, "--title", kind, "--on",
                                 "2021-01-01", "--sha256", "ab" * 32, "--quiet")
            documents += ["--document", made.stdout.strip()]
        filing = self.run_tool("file", project.id, "PROJET_VALIDE", "filed", "--on", "2021-01-02",
                               *documents, "--quiet").stdout.strip()
        self.run_tool("file", project.id, "PROJET_VALIDE", "complete", "--on", "2021-01-03",
                      "--filing", filing)
        early = self.run_tool("decide", project.id, "PROJET_VALIDE", "--on", "2021-03-02",
                              "--tacit", code=7)
        self.assertIn("TACIT_NOT_DUE", early.stderr)
        done = self.run_tool("decide", project.id, "PROJET_VALIDE", "--on", "2021-03-03",
                             "--tacit")
        self.assertIn("ended: CLOCK TACIT_VALIDATION, due 2021-03-03", done.stderr)
        shown = self.run_tool("show", project.id).stdout
        for text in ("PROJET_VALIDE", "by silence", "DECIDED, TACIT", "STOPPED on 2021-03-03"):
            self.assertIn(text, shown)
        way = json.loads(self.run_tool("show", project.id, "--json").stdout)
        self.assertEqual(way["stages"][-1]["basis"], "STAGE_BASIS_TACIT")

    def test_lifecycle__cptsctl_lists_due_and_gaps(self):
        project = Project(stages=ACI)
        lines = self.run_tool("due", "--cpts", project.id, "--until", "2040-01-01",
                              "--csv").stdout.splitlines()
        self.assertEqual((len(lines), lines[0].split(",")[:3]), (11, ["due_on", "state", "kind"]))
        self.assertIn("ANNEXE_INDICATEURS", self.run_tool("gaps", "--plain").stdout)
        self.assertIn("TACIT_VALIDATION", self.run_tool("codes", "--use", "clock").stdout)

    def test_lifecycle__cptsctl_merges_and_publishes(self):
        gone, successor = Project(), Project()
        done = self.run_tool("merge", gone.id, successor.id, "--on", "2024-01-01")
        self.assertIn("took over 1 units", done.stderr)
        self.run_tool("publish", successor.id, "yes")
        self.run_tool("identity", successor.id, "--on", "2024-01-01", "--siret", "1", code=1)
        self.run_tool("milestone", successor.id, "REUNION", "--on", "2024-01-02")
        self.assertTrue(client.way(successor.id).published)


if __name__ == "__main__":
    psql.main()
