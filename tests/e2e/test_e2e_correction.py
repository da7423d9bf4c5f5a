# SPDX-License-Identifier: Apache-2.0
"""What follows a stage (clocks, filings, territory, members) follows the
correction of it: nothing is lost with a way out that never was, and no deadline
runs that nobody set."""
import unittest

from node import (CALL_TIMEOUT_S, Node, change_pb2, command, entry, funding_pb2, history_pb2,
                  member, psql, refusal, registry_pb2, representative, rpps, stage, unit)

SIGNED = [entry("EMERGENCE", "2018-01-01"), entry("LETTRE_INTENTION", "2018-06-01"),
          entry("PROJET_VALIDE", "2019-01-01"), entry("ACI_SIGNE", "2021-06-28")]
PROJECT = ("PROJET_SANTE", "STATUTS", "DIAGNOSTIC", "FICHES_ACTIONS")
DRAFT, FILED, COMPLETE, DECIDED, WITHDRAWN, CLOSED = range(1, 7)
RUNNING = ("RUNNING", "DUE")
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
    """A CPTS that knows the version its next command needs."""

    def __init__(self, stages, **fields):
        self.stages = stages
        self.unit = next(communes)
        self.id = client.create(stages=stages, **{"territory": [unit(self.unit)], **fields}).id
        self.version = 1

    def run(self, call, **fields):
        done = call(id=self.id, expected_version=self.version, **fields)
        self.version = done.version
        return done

    def walk(self, rpc, **fields):
        return self.run(lambda **target: client.walk(rpc, **target), **fields)

    def govern(self, rpc, **fields):
        return self.run(lambda **target: client.govern(rpc, **command(target)), **fields)

    def record(self, name, on, **fields):
        return self.run(client.record, stage=stage(name), effective_on=on, **fields)

    def correct(self, *stages):
        return self.run(lambda **target: client.history.CorrectStages(
            history_pb2.CorrectStagesRequest(**command(target)), timeout=CALL_TIMEOUT_S),
            stages=stages, reason="date du courrier")

    def document(self, kind):
        return self.walk("RecordDocument", kind=kind, title="x", sha256=bytes(32),
                         dated_on="2020-01-01").document_id

    def complete(self):
        """A filing for the projet de santé that the ARS found complete."""
        filed = self.walk("RecordFiling", target=stage("PROJET_VALIDE"), state=FILED,
                          effective_on="2024-01-01",
                          document_ids=[self.document(kind) for kind in PROJECT])
        self.walk("RecordFiling", target=stage("PROJET_VALIDE"), state=COMPLETE,
                  effective_on="2024-01-02", filing_id=filed.filing_id)

    def clocks(self, kind=None):
        """{(kind, mission, due): stopped_on, or RUNNING}; each may be there once."""
        found = [((one.kind, one.mission, one.due_on),
                  "RUNNING" if one.state in RUNNING else one.stopped_on)
                 for one in client.way(self.id).clocks if kind in (None, one.kind)]
        assert len(dict(found)) == len(found), found
        return dict(found)

    def filing(self):
        (one,) = client.way(self.id).filings
        return one.state, one.decision

    def units(self, date, **when):
        one = client.get(self.id, as_of=date, **when)
        added_up = sum(part.share * part.population_count for part in one.territory)
        assert abs(one.population_count - added_up) <= 1, (one.population_count, added_up)
        return [part.unit_code for part in one.territory]

    def members(self, date=""):
        return {one.rpps: (one.joined_on, one.left_on) for one in client.govern(
            "ListMembers", id=self.id, as_of=date, page_size=100).members}


class WayOut(unittest.TestCase):
    def setUp(self):
        self.one = Project(SIGNED)
        self.running = self.one.clocks()

    def stopped(self, date):
        return {clock: date for clock in self.running}

    def test_correction__date_and_kind_of_a_way_out_move_what_it_stopped(self):
        self.one.record("DISSOUS", "2024-01-01")
        self.assertEqual(self.one.clocks(), self.stopped("2024-01-01"))
        for name, on in (("DISSOUS", "2024-02-01"), ("NON_RENOUVELE", "2024-02-01"),
                         ("DISSOUS", "2023-05-01")):
            self.one.correct(*SIGNED, entry(name, on))
            self.assertEqual(self.one.clocks(), self.stopped(on), name)
        self.one.correct(*SIGNED)
        self.assertEqual(self.one.clocks(), self.running)

    def test_correction__evidence_does_not_hide_what_a_way_out_did(self):
        self.one.govern("RecordMembers", members=[member(1)])
        self.one.record("DISSOUS", "2024-01-01")
        self.one.walk("RecordEvidence", stage=stage("DISSOUS"),
                      document_ids=[self.one.document("PV_ASSEMBLEE")])
        self.one.correct(*SIGNED)
        self.assertEqual(self.one.clocks(), self.running)
        self.assertEqual(self.one.members(), {rpps(1): ("2021-03-01", "")})
        self.assertEqual(self.one.units("2025-01-01"), [self.one.unit])

    def test_correction__evidence_does_not_make_a_merge_correctable(self):
        successor = client.create(territory=[])
        self.one.walk("MergeCpts", successor_id=successor.id, successor_version=1,
                      effective_on="2023-01-01")
        self.one.walk("RecordEvidence", stage=stage("FUSIONNE"),
                      document_ids=[self.one.document("TRAITE_FUSION")])
        before = node.fingerprint()
        found = refusal(self.one.correct, *SIGNED)
        self.assertEqual((found.status, found.reason),
                         ("FAILED_PRECONDITION", "MERGE_NOT_CORRECTABLE"))
        self.assertEqual(node.fingerprint(), before)

    def test_correction__what_began_after_a_way_out_is_back_without_it(self):
        later = next(communes)
        self.one.run(client.settle, effective_on="2024-03-01", territory=[unit(later)])
        self.one.govern("RecordMembers", members=[member(1), member(2, joined_on="2024-03-01")])
        self.one.govern("RecordRepresentative", representative=representative(
            seated_on="2024-04-01"))
        self.one.record("DISSOUS", "2024-02-01")
        self.assertEqual((self.one.units("2024-02-01"), self.one.units("2024-03-01")), ([], []))
        self.one.correct(*SIGNED, entry("DISSOUS", "2024-06-01"))
        on = ("2024-02-29", "2024-03-01", "2024-05-31", "2024-06-01")
        self.assertEqual([self.one.units(date) for date in on],
                         [[self.one.unit], [later], [later], []])
        self.assertEqual(self.one.members("2024-05-31"), {
            rpps(1): ("2021-03-01", "2024-06-01"), rpps(2): ("2024-03-01", "2024-06-01")})
        self.assertEqual(self.one.members("2024-06-01"), {})
        self.one.correct(*SIGNED, entry("DISSOUS", "2023-01-01"))
        self.assertEqual([self.one.units(date) for date in ("2022-12-31", "2023-01-01", *on)],
                         [[self.one.unit], [], [], [], [], []])
        self.one.correct(*SIGNED)
        self.assertEqual([self.one.units(date) for date in (*on, "2026-01-01")],
                         [[self.one.unit], [later], [later], [later], [later]])
        self.assertEqual(self.one.members(), {rpps(1): ("2021-03-01", ""),
                                              rpps(2): ("2024-03-01", "")})
        (seat,) = client.govern("ListRepresentatives", id=self.one.id).representatives
        self.assertEqual((seat.seated_on, seat.left_on),
                         ("2024-04-01", ""))


class Signature(unittest.TestCase):
    def setUp(self):
        self.one = Project(SIGNED)
        self.running = self.one.clocks()

    def signed_on(self, date):
        return [*SIGNED[:3], entry("ACI_SIGNE", date)]

    def test_correction__date_of_the_signature_keeps_what_was_stopped_and_renewed(self):
        for status in (funding_pb2.MISSION_STATUS_STARTED, funding_pb2.MISSION_STATUS_DEPLOYED):
            self.one.run(lambda **target: client.funding.RecordMission(
                funding_pb2.RecordMissionRequest(**command(target)), timeout=CALL_TIMEOUT_S),
                mission="parcours", status=status, effective_on="2023-05-01")
        self.one.walk("RecordMilestone", kind="ACI_RENOUVELE", effective_on="2026-06-01")
        before = self.one.clocks()
        self.assertEqual(self.one.clocks("ACI_END"), {("ACI_END", "", "2026-06-28"): "2026-06-01",
                                                      ("ACI_END", "", "2031-06-01"): "RUNNING"})
        self.one.correct(*self.signed_on("2021-06-27"))
        self.assertEqual(self.one.clocks("ACI_END"), {("ACI_END", "", "2026-06-27"): "2026-06-01",
                                                      ("ACI_END", "", "2031-06-01"): "RUNNING"})
        self.assertEqual(self.one.clocks(), {
            (kind, mission, due.replace("-28", "-27")): state
            for (kind, mission, due), state in before.items()})

    def test_correction__a_way_out_still_stops_what_the_signature_starts(self):
        self.one.record("DISSOUS", "2024-01-01")
        self.one.correct(*self.signed_on("2021-06-27"), entry("DISSOUS", "2024-01-01"))
        moved = {(kind, mission, due.replace("-28", "-27")): "2024-01-01"
                 for kind, mission, due in self.running}
        self.assertEqual(self.one.clocks(), moved)
        self.one.correct(*self.signed_on("2021-06-27"))
        self.assertEqual(self.one.clocks(), {clock: "RUNNING" for clock in moved})

    def test_correction__signature_and_way_out_retracted_at_once(self):
        self.one.record("DISSOUS", "2024-01-01")
        self.one.correct(*SIGNED[:3])
        self.assertEqual(self.one.clocks(), {})
        self.one.correct(*SIGNED)
        self.assertEqual(self.one.clocks(), self.running)


class Filing(unittest.TestCase):
    def setUp(self):
        self.one = Project(SIGNED[:2])
        self.one.complete()
        self.tacit = ("TACIT_VALIDATION", "", "2024-03-02")
        self.assertEqual((self.one.filing(), self.one.clocks()),
                         ((COMPLETE, ""), {self.tacit: "RUNNING"}))

    def validated(self, on):
        return [*SIGNED[:2], entry("PROJET_VALIDE", on)]

    def test_correction__a_validation_that_was_forgotten_decides_the_filing(self):
        self.one.correct(*self.validated("2024-02-01"))
        self.assertEqual((self.one.filing(), self.one.clocks()),
                         ((DECIDED, "ACCEPTED"), {self.tacit: "2024-02-01"}))

    def test_correction__a_retracted_validation_leaves_the_filing_open(self):
        self.one.record("PROJET_VALIDE", "2024-03-05", basis=change_pb2.STAGE_BASIS_TACIT)
        self.assertEqual(self.one.filing(), (DECIDED, "TACIT"))
        self.one.correct(*self.validated("2024-03-06"))
        self.assertEqual((self.one.filing(), self.one.clocks()),
                         ((DECIDED, "TACIT"), {self.tacit: "2024-03-06"}))
        self.one.correct(*SIGNED[:2])
        self.assertEqual((self.one.filing(), self.one.clocks()),
                         ((COMPLETE, ""), {self.tacit: "RUNNING"}))
        self.one.record("PROJET_VALIDE", "2024-04-01", basis=change_pb2.STAGE_BASIS_TACIT)
        self.assertEqual(self.one.filing(), (DECIDED, "TACIT"))

    def test_correction__a_way_out_in_place_of_the_validation_closes_it(self):
        self.one.record("PROJET_VALIDE", "2024-03-05", basis=change_pb2.STAGE_BASIS_TACIT)
        self.one.record("ABANDONNE", "2024-05-01")
        self.one.correct(*SIGNED[:2], entry("ABANDONNE", "2024-05-01"))
        self.assertEqual((self.one.filing(), self.one.clocks()),
                         ((CLOSED, ""), {self.tacit: "2024-05-01"}))
        self.one.correct(*SIGNED[:2])
        self.assertEqual((self.one.filing(), self.one.clocks()),
                         ((COMPLETE, ""), {self.tacit: "RUNNING"}))


class Beliefs(unittest.TestCase):
    """A report about 1 November 2024 sees what no count shows."""

    def setUp(self):
        self.one = Project(SIGNED)
        self.since = client.cover(region="52").known_at

    def kinds(self):
        """Kinds of the changes that are told of this CPTS; None: it is not listed."""
        report = client.history.ListBeliefChanges(history_pb2.ListBeliefChangesRequest(
            as_of="2024-11-01", known_from=self.since, page_size=500), timeout=CALL_TIMEOUT_S)
        found = [[note.kind for note in one.changes] for one in report.changes
                 if one.id == self.one.id]
        return found[0] if found else None

    def correct_units(self, *units):
        self.one.run(lambda **target: client.history.CorrectTerritory(
            history_pb2.CorrectTerritoryRequest(**command(target)), timeout=CALL_TIMEOUT_S),
            territory=units, effective_from="2022-01-01", reason="périmètre mal saisi")

    def test_correction__another_unit_of_as_many_people_is_told(self):
        (alike,) = node.database.query(
            "SELECT a.code, b.code FROM cpts.territory_unit a JOIN cpts.territory_unit b"
            " ON b.population_count = a.population_count AND b.department = a.department"
            " AND b.code > a.code WHERE a.is_leaf AND b.is_leaf AND a.region = '28'"
            " AND a.population_count > 50 ORDER BY 1, 2 LIMIT 1;")
        self.correct_units(unit(alike[0]))
        self.since = client.cover(region="52").known_at
        self.assertIsNone(self.kinds())
        self.correct_units(unit(alike[1]))
        self.assertEqual(self.kinds(), ["CPTS_TERRITORY_CORRECTED"])
        self.correct_units(unit(alike[0]))
        self.assertIsNone(self.kinds(), "what is believed again is no change")

    def test_correction__another_successor_is_told(self):
        first, second = (client.create(territory=[]).id for _ in range(2))
        self.one.correct(*SIGNED, entry("FUSIONNE", "2023-01-01", first))
        self.since = client.cover(region="52").known_at
        self.one.correct(*SIGNED, entry("FUSIONNE", "2023-01-01", second))
        self.assertEqual(self.kinds(), ["CPTS_STAGES_CORRECTED"])

    def test_correction__another_name_is_told(self):
        self.one.run(client.update, update_mask={"paths": ["name"]}, name="Autre nom")
        self.assertEqual(self.kinds(), ["CPTS_UPDATED"])


if __name__ == "__main__":
    psql.main()
