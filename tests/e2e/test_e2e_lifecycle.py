# SPDX-License-Identifier: Apache-2.0
"""The way of a CPTS through its stages: identity, documents, filings, clocks,
evidence, the merge, and what the public sees."""
import datetime
import hashlib
import unittest

from node import (OTHER_REGION, REGION, Node, change_pb2, creation, entry, lifecycle_pb2, psql,
                  refusal, stage, unit)

VERSAILLES, NANTES, ROCHE = "78646", "44109", "85191"
LI = [entry("EMERGENCE", "2020-01-15"), entry("LETTRE_INTENTION", "2020-09-01")]
PV = LI + [entry("PROJET_VALIDE", "2021-03-01")]
ACI = PV + [entry("ACI_SIGNE", "2022-01-31")]
PROJECT = ("PROJET_SANTE", "STATUTS", "DIAGNOSTIC", "FICHES_ACTIONS")
DRAFT, FILED, COMPLETE, DECIDED, WITHDRAWN, CLOSED = range(1, 7)
DECISION, TACIT = change_pb2.STAGE_BASIS_DECISION, change_pb2.STAGE_BASIS_TACIT
# The tests' own, so that they mean the same next year.
TODAY = "2026-11-22"
node = client = None


def setUpModule():
    global node, client
    node = Node()
    client = node.client("operator")


def tearDownModule():
    if node is not None:
        client.close()
        node.stop()


class Project:
    """A CPTS on its way; knows the version that the next command needs."""

    def __init__(self, caller=None, **fields):
        self.client = caller or client
        self.id = client.create(**fields).id
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
        project = Project()
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

    def test_lifecycle__mission_stops_its_clocks_and_renewal_starts_five_years(self):
        project = Project(stages=ACI)
        done = project.walk("RecordMilestone", kind="MISSION_DEPLOYEE", mission="parcours",
                            effective_on="2023-09-01")
        self.assertEqual(sorted((one.kind, one.mission) for one in done.closed),
                         [("MISSION_DEPLOYED", "parcours"), ("MISSION_START", "parcours")])
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


if __name__ == "__main__":
    psql.main()
