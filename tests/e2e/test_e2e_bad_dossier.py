# SPDX-License-Identifier: Apache-2.0
"""Every bad input about a dossier: its own status, reason and field, nothing
stored, the server alive."""
import unittest
import uuid

from node import (Node, change_pb2, entry, psql, refusal, stage)

SOME, OTHER = str(uuid.uuid4()), str(uuid.uuid4())
FUTURE = "2199-12-31"
LI = [entry("EMERGENCE", "2020-01-15"), entry("LETTRE_INTENTION", "2020-09-01")]
DRAFT, FILED, COMPLETE, DECIDED, WITHDRAWN, CLOSED = range(1, 7)
INVALID, PRECONDITION, MISSING = "INVALID_ARGUMENT/", "FAILED_PRECONDITION/", "NOT_FOUND/"
# A valid request of each command; a case changes one thing.
VALID = {
    "UpdateIdentity": {"effective_on": "2021-01-01", "update_mask": {"paths": ["nature"]},
                       "identity": {"nature": "RURAL"}},
    "RecordDocument": {"kind": "STATUTS", "title": "Statuts", "sha256": bytes(32),
                       "reference": "", "dated_on": "2021-01-01"},
    "RecordMilestone": {"kind": "REUNION", "effective_on": "2021-01-01"},
    "RecordFiling": {"target": stage("PROJET_VALIDE"), "state": DRAFT,
                     "effective_on": "2021-01-01"},
    "RecordEvidence": {"stage": stage("LETTRE_INTENTION"), "document_ids": [SOME]},
    "MergeCpts": {"successor_id": OTHER, "successor_version": 1, "effective_on": "2021-01-01"},
    "SetPublication": {"published": True},
    "SetLeadRegion": {"new_region": "52", "reason": "avenant"},
}


def identity(field, value):
    return {"update_mask": {"paths": [field]}, "identity": {field: value}}


# rpc: [(what is refused, as 'STATUS/REASON field', what changes)]
CASES = {
    "UpdateIdentity": [
        (INVALID + "FIELD_REQUIRED update_mask", {"update_mask": {}}),
        (INVALID + "FIELD_INVALID update_mask", {"update_mask": {"paths": ["finess"]}}),
        (INVALID + "FIELD_REQUIRED effective_on", {"effective_on": ""}),
        (INVALID + "DATE_IN_FUTURE effective_on", {"effective_on": FUTURE}),
        (INVALID + "UNKNOWN_KIND identity.legal_form", identity("legal_form", "SARL")),
        (INVALID + "UNKNOWN_KIND identity.nature", identity("nature", "rural")),
        (INVALID + "UNKNOWN_KIND identity.origin", identity("origin", "X")),
        (INVALID + "UNKNOWN_KIND identity.ambition", identity("ambition", "X")),
        (INVALID + "FIELD_INVALID identity.statuts_on", identity("statuts_on", "2021-02-29")),
        (INVALID + "FIELD_INVALID identity.rna", identity("rna", "w751234567")),
        (INVALID + "FIELD_INVALID identity.rna", identity("rna", "W75123456")),
        (INVALID + "FIELD_INVALID identity.siret", identity("siret", "73282932000075")),
        (INVALID + "FIELD_INVALID identity.siret", identity("siret", "7328293200007")),
    ],
    "RecordDocument": [
        (INVALID + "FIELD_REQUIRED kind", {"kind": ""}),
        (INVALID + "UNKNOWN_KIND kind", {"kind": "REUNION"}),
        (INVALID + "FIELD_REQUIRED title", {"title": "  "}),
        (INVALID + "FIELD_INVALID title", {"title": "é" * 201}),
        (INVALID + "FIELD_INVALID title", {"title": "a\nb"}),
        (INVALID + "FIELD_REQUIRED sha256", {"sha256": b""}),
        (INVALID + "FIELD_INVALID sha256", {"sha256": bytes(31)}),
        (INVALID + "FIELD_INVALID sha256", {"sha256": bytes(33)}),
        (INVALID + "FIELD_INVALID reference", {"reference": "x" * 501}),
        (INVALID + "FIELD_REQUIRED dated_on", {"dated_on": ""}),
        (INVALID + "DATE_IN_FUTURE dated_on", {"dated_on": FUTURE}),
    ],
    "RecordMilestone": [
        (INVALID + "FIELD_REQUIRED kind", {"kind": ""}),
        (INVALID + "UNKNOWN_KIND kind", {"kind": "STATUTS"}),
        (INVALID + "DATE_IN_FUTURE effective_on", {"effective_on": FUTURE}),
        (INVALID + "UNKNOWN_KIND kind", {"kind": "MISSION_DEMARREE"}),
        (PRECONDITION + "MILESTONE_NOT_AT_STAGE kind", {"kind": "ACI_RENOUVELE"}),
        (INVALID + "FIELD_INVALID note", {"note": "x" * 501}),
        (INVALID + "FIELD_INVALID document_ids[0]", {"document_ids": ["x"]}),
        (INVALID + "FIELD_INVALID document_ids[1]", {"document_ids": [SOME, SOME.upper()]}),
        (INVALID + "FIELD_INVALID document_ids",
         {"document_ids": [str(uuid.uuid4()) for _ in range(21)]}),
        (MISSING + "DOCUMENT_NOT_FOUND document_ids", {"document_ids": [SOME]}),
    ],
    "RecordFiling": [
        (INVALID + "FIELD_REQUIRED state", {"state": 0}),
        (INVALID + "FIELD_REQUIRED state", {"state": CLOSED}),
        (INVALID + "FIELD_REQUIRED state", {"state": 99}),
        (INVALID + "FIELD_REQUIRED target", {"target": 0}),
        (INVALID + "FIELD_REQUIRED target", {"target": stage("EMERGENCE")}),
        (INVALID + "FIELD_REQUIRED target", {"target": stage("DISSOUS")}),
        (INVALID + "DATE_IN_FUTURE effective_on", {"effective_on": FUTURE}),
        (INVALID + "FIELD_INVALID filing_id", {"filing_id": "x"}),
        (MISSING + "FILING_NOT_FOUND filing_id", {"filing_id": SOME}),
        (MISSING + "FILING_NOT_FOUND filing_id", {"state": COMPLETE}),
        (PRECONDITION + "FILING_NOT_AT_STAGE target", {"target": stage("ACI_SIGNE")}),
        (PRECONDITION + "FILING_NOT_AT_STAGE target", {"target": stage("LETTRE_INTENTION")}),
        (INVALID + "FIELD_INVALID document_ids",
         {"document_ids": [SOME], "documents_unchanged": True}),
        (MISSING + "DOCUMENT_NOT_FOUND document_ids", {"document_ids": [SOME]}),
    ],
    "RecordEvidence": [
        (INVALID + "FIELD_REQUIRED stage", {"stage": 0}),
        (INVALID + "FIELD_REQUIRED document_ids", {"document_ids": []}),
        (PRECONDITION + "STAGE_NOT_ENTERED stage", {"stage": stage("ACI_SIGNE")}),
        (MISSING + "DOCUMENT_NOT_FOUND document_ids", {}),
    ],
    "MergeCpts": [
        (INVALID + "FIELD_REQUIRED successor_id", {"successor_id": ""}),
        (INVALID + "FIELD_INVALID successor_id", {"successor_id": "x"}),
        (INVALID + "FIELD_REQUIRED successor_version", {"successor_version": 0}),
        (INVALID + "DATE_IN_FUTURE effective_on", {"effective_on": FUTURE}),
        (INVALID + "FIELD_INVALID basis", {"basis": change_pb2.STAGE_BASIS_TACIT}),
        (INVALID + "FIELD_INVALID basis", {"basis": 99}),
        (MISSING + "SUCCESSOR_NOT_FOUND successor_id", {}),
    ],
    "SetPublication": [],
    "SetLeadRegion": [
        (INVALID + "FIELD_REQUIRED new_region", {"new_region": ""}),
        (INVALID + "UNKNOWN_REGION region", {"new_region": "99"}),
        (INVALID + "FIELD_REQUIRED reason", {"reason": " "}),
        (INVALID + "FIELD_INVALID reason", {"reason": "é" * 201}),
    ],
}
# Of every command.
COMMON = [
    (INVALID + "FIELD_REQUIRED id", {"id": ""}),
    (INVALID + "FIELD_INVALID id", {"id": "x"}),
    (INVALID + "FIELD_REQUIRED expected_version", {"expected_version": 0}),
    (INVALID + "FIELD_INVALID command_id", {"command_id": "x"}),
    (INVALID + "FIELD_REQUIRED command_id", {"command_id": ""}),
    ("ABORTED/STALE_VERSION expected_version", {"expected_version": 7}),
    (MISSING + "CPTS_NOT_FOUND id", {"id": SOME}),
]
node = client = None


def setUpModule():
    global node, client
    node = Node()
    client = node.client("operator")


def tearDownModule():
    if node is not None:
        client.close()
        node.stop()


class Dossier(unittest.TestCase):
    def refused(self, wanted, function, *arguments, **named):
        before = node.fingerprint()
        refused = refusal(function, *arguments, **named)
        found = " ".join(filter(None, (f"{refused.status}/{refused.reason}", refused.field)))
        self.assertEqual(found, wanted, refused)
        self.assertEqual(node.fingerprint(), before, "something was stored")
        node.check_alive()
        return refused

    def test_bad_dossier__each_command_refuses_each_fault(self):
        made = client.create(stages=LI)
        for rpc, cases in CASES.items():
            for wanted, changes in cases + COMMON:
                with self.subTest(rpc=rpc, wanted=wanted, **{k: str(v) for k, v in
                                                             changes.items()}):
                    self.refused(wanted, client.walk, rpc,
                                 **{"id": made.id, "expected_version": 1, **VALID[rpc], **changes})

    def test_bad_dossier__valid_requests_are_taken(self):
        """Else the cases above would show nothing."""
        made, version = client.create(stages=LI), 1
        for rpc in ("UpdateIdentity", "RecordDocument", "RecordMilestone", "RecordFiling",
                    "SetPublication"):
            done = client.walk(rpc, id=made.id, expected_version=version, **VALID[rpc])
            version = done.version
        self.assertEqual(version, 6)

    def test_bad_dossier__command_id_of_another_command(self):
        made = client.create(stages=LI)
        fields = {"command_id": str(uuid.uuid4()), "id": made.id}
        client.walk("RecordMilestone", expected_version=1, **VALID["RecordMilestone"], **fields)
        self.refused("ALREADY_EXISTS/COMMAND_ID_REUSED command_id", client.walk, "RecordDocument",
                     expected_version=2, **VALID["RecordDocument"], **fields)

    def test_bad_dossier__identity_never_goes_back(self):
        made = client.create()
        client.walk("UpdateIdentity", id=made.id, expected_version=1, **VALID["UpdateIdentity"])
        late = self.refused(PRECONDITION + "IDENTITY_DATE_BEFORE_CURRENT effective_on",
                            client.walk, "UpdateIdentity", id=made.id, expected_version=2,
                            **{**VALID["UpdateIdentity"], "effective_on": "2020-12-31"})
        self.assertEqual(late.detail, "2021-01-01")

    def test_bad_dossier__filing_takes_legal_steps_only(self):
        made = client.create(stages=LI)
        fields = {"id": made.id, "target": stage("PROJET_VALIDE"), "effective_on": "2021-01-01"}
        filing_id = client.walk("RecordFiling", expected_version=1, state=FILED,
                                **fields).filing_id
        fields["expected_version"] = 2
        for wanted, changes in (
                (PRECONDITION + "FILING_ALREADY_OPEN filing_id", {"state": DRAFT}),
                (PRECONDITION + "ILLEGAL_FILING_STEP state", {"state": FILED,
                                                              "filing_id": filing_id}),
                (PRECONDITION + "EVIDENCE_MISSING document_ids", {"state": COMPLETE,
                                                                  "filing_id": filing_id}),
                (PRECONDITION + "FILING_DATE_BEFORE_CURRENT effective_on",
                 {"state": WITHDRAWN, "filing_id": filing_id, "effective_on": "2020-12-31"}),
                (MISSING + "FILING_NOT_FOUND filing_id",
                 {"state": WITHDRAWN, "filing_id": filing_id, "target": stage("ACI_SIGNE")})):
            with self.subTest(wanted=wanted):
                self.refused(wanted, client.walk, "RecordFiling", **{**fields, **changes})
        client.walk("RecordFiling", **{**fields, "state": WITHDRAWN, "filing_id": filing_id})
        fields["expected_version"] = 3
        for state in (DRAFT, FILED, COMPLETE, DECIDED, WITHDRAWN):
            with self.subTest(final=state):
                self.refused(PRECONDITION + "ILLEGAL_FILING_STEP state", client.walk,
                             "RecordFiling", state=state, filing_id=filing_id, **fields)

    def test_bad_dossier__document_of_another_cpts(self):
        other, made = client.create(), client.create(stages=LI)
        document_id = client.walk("RecordDocument", id=other.id, expected_version=1,
                                  **VALID["RecordDocument"]).document_id
        refused = self.refused(MISSING + "DOCUMENT_NOT_FOUND document_ids", client.walk,
                               "RecordMilestone", id=made.id, expected_version=1,
                               document_ids=[document_id], **VALID["RecordMilestone"])
        self.assertEqual(refused.detail, document_id)

    def test_bad_dossier__stage_refuses_each_wrong_basis(self):
        made = client.create(stages=LI)
        for wanted, changes in (
                (INVALID + "FIELD_INVALID basis", {"basis": 99}),
                (INVALID + "FIELD_INVALID basis", {"stage": stage("DISSOUS"),
                                                   "basis": change_pb2.STAGE_BASIS_TACIT}),
                (INVALID + "FIELD_INVALID basis", {"stage": stage("FUSIONNE"),
                                                   "successor_id": SOME,
                                                   "basis": change_pb2.STAGE_BASIS_DECISION}),
                (MISSING + "DOCUMENT_NOT_FOUND document_ids", {"document_ids": [SOME]}),
                (PRECONDITION + "EVIDENCE_MISSING document_ids",
                 {"basis": change_pb2.STAGE_BASIS_DECISION})):
            with self.subTest(wanted=wanted):
                self.refused(wanted, client.record, **{
                    "id": made.id, "expected_version": 1, "stage": stage("PROJET_VALIDE"),
                    "effective_on": "2021-01-01", **changes})

    def test_bad_dossier__reads_refuse_each_fault(self):
        for wanted, changes in (
                (INVALID + "UNKNOWN_REGION region", {"region": "98"}),
                (INVALID + "UNKNOWN_KIND kind", {"kind": "REUNION"}),
                (INVALID + "FIELD_INVALID cpts_id", {"cpts_id": "x"}),
                (INVALID + "FIELD_INVALID until", {"until": "demain"}),
                (INVALID + "FIELD_INVALID as_of", {"as_of": "demain"}),
                (INVALID + "FIELD_INVALID page_size", {"page_size": 501}),
                (INVALID + "FIELD_INVALID page_size", {"page_size": -1}),
                (INVALID + "PAGE_TOKEN_INVALID page_token", {"page_token": "x"})):
            with self.subTest(wanted=wanted):
                self.refused(wanted, client.due, **changes)
                if not {"kind", "cpts_id", "until"} & set(changes):
                    self.refused(wanted, client.gaps, **changes)
        self.refused(INVALID + "FIELD_REQUIRED id", client.way, "")
        self.refused(MISSING + "CPTS_NOT_FOUND id", client.way, SOME)

    def test_bad_dossier__token_of_another_listing(self):
        for _ in range(2):
            client.create(stages=LI)
        token = client.gaps(page_size=1).next_page_token
        self.refused(INVALID + "PAGE_TOKEN_INVALID page_token", client.gaps, page_size=1,
                     region="11", page_token=token)
        self.refused(INVALID + "PAGE_TOKEN_INVALID page_token", client.due, page_token=token)


if __name__ == "__main__":
    psql.main()
