# SPDX-License-Identifier: Apache-2.0
"""The instant that an answer says: the same question asked with it gives the very
same bytes, whatever others wrote meanwhile.
"""
import threading
import unittest

import node as nodes
import psql
from node import (coverage_pb2, entry, funding_pb2, governance_pb2, history_pb2, lifecycle_pb2,
                  registry_pb2, stage, territory_pb2, trajectory_pb2, unit)

REGION, TOWN = "53", "53130"
ACI = [entry("EMERGENCE", "2020-01-31"), entry("LETTRE_INTENTION", "2020-06-30"),
       entry("PROJET_VALIDE", "2021-06-30"), entry("ACI_SIGNE", "2022-01-31")]
ROUNDS, WRITERS = 12, 3
TIMEOUT_S = 60
node = client = None


def setUpModule():
    global node, client
    node = nodes.Node()
    client = node.client()


def tearDownModule():
    if client is not None:
        client.close()
    if node is not None:
        node.stop()


def questions(made):
    """Every read that says its instant: a name, the call, its request, a region's where it can."""
    here = {"region": REGION}
    return {
        "GetCoverage of a region": (client.coverage.GetCoverage,
                                    coverage_pb2.GetCoverageRequest(**here)),
        "GetCoverage of a département": (client.coverage.GetCoverage,
                                         coverage_pb2.GetCoverageRequest(department="53")),
        "GetTrajectory": (client.trajectory.GetTrajectory, trajectory_pb2.GetTrajectoryRequest(
            source=trajectory_pb2.TRAJECTORY_SOURCE_REGISTRY, **here)),
        "GetTerritory": (client.territory.GetTerritory,
                         territory_pb2.GetTerritoryRequest(id=made.id)),
        "ListConflicts": (client.territory.ListConflicts,
                          territory_pb2.ListConflictsRequest(**here)),
        "ListConflicts without any": (client.territory.ListConflicts,
                                      territory_pb2.ListConflictsRequest(department="976")),
        "ListGaps": (client.territory.ListGaps, territory_pb2.ListGapsRequest(**here)),
        "ListGaps by EPCI": (client.territory.ListGaps, territory_pb2.ListGapsRequest(
            level=territory_pb2.GAP_LEVEL_EPCI, **here)),
        "ListNeighbours": (client.territory.ListNeighbours,
                           territory_pb2.ListNeighboursRequest(id=made.id)),
        "ListZoning": (client.territory.ListZoning, territory_pb2.ListZoningRequest(**here)),
        "GetComposition": (client.governance.GetComposition,
                           governance_pb2.GetCompositionRequest(**here)),
        "GetBudget": (client.funding.GetBudget, funding_pb2.GetBudgetRequest(**here)),
        "ListBeliefChanges": (client.history.ListBeliefChanges,
                              history_pb2.ListBeliefChangesRequest(
                                  known_from={"seconds": 1}, **here)),
    }


def ask(call, request):
    return call(request, timeout=TIMEOUT_S)


def again(call, request, answer):
    """The same question with the instant of its answer, and without a page's token."""
    copy = type(request)()
    copy.CopyFrom(request)
    if request.DESCRIPTOR.name == "ListBeliefChangesRequest":
        copy.known_to.CopyFrom(answer.known_to)
    else:
        copy.known_at.CopyFrom(answer.known_at)
    return ask(call, copy)


def content(answer):
    """Its bytes; a token is bound to the question as it was asked."""
    copy = type(answer)()
    copy.CopyFrom(answer)
    if "next_page_token" in copy.DESCRIPTOR.fields_by_name:
        copy.ClearField("next_page_token")
    return copy.SerializeToString(deterministic=True)


class Writers:
    """Clients that make CPTS of the region one after the other, without a pause."""

    def __init__(self):
        self.stop, self.failures = threading.Event(), []
        self.threads = [threading.Thread(target=self.write) for _ in range(WRITERS)]

    def write(self):
        own = node.client()
        try:
            while not self.stop.is_set():
                made = own.create(lead_region=REGION, territory=[unit(TOWN, 0.01)])
                own.record(id=made.id, expected_version=1, stage=stage("LETTRE_INTENTION"),
                           effective_on="2021-01-01")
                own.create(lead_region=REGION, territory=[unit(TOWN, 0.0001)], stages=ACI)
        except BaseException as problem:  # pylint: disable=broad-except
            self.failures.append(problem)
        finally:
            own.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join(TIMEOUT_S)


class Instant(unittest.TestCase):
    def setUp(self):
        self.made = client.create(lead_region=REGION, territory=[unit(TOWN, 0.01)])

    def test_instant__an_answer_is_given_again_byte_by_byte(self):
        known = set()
        with Writers() as writers:
            for _ in range(ROUNDS):
                for name, (call, request) in questions(self.made).items():
                    with self.subTest(name=name):
                        answer = ask(call, request)
                        self.assertEqual(content(again(call, request, answer)), content(answer))
                answer = ask(*questions(self.made)["GetCoverage of a region"])
                known.add(answer.known_at.ToNanoseconds())
        self.assertEqual(writers.failures, [])
        self.assertEqual(len(known), ROUNDS, "nobody wrote meanwhile")

    def test_instant__of_an_answer_is_that_of_the_last_entry(self):
        for name, (call, request) in questions(self.made).items():
            with self.subTest(name=name):
                last = node.database.value("SELECT cpts.unix_us(recorded_at) FROM cpts.change_log"
                                           " ORDER BY local_position DESC LIMIT 1;")
                answer = ask(call, request)
                instant = answer.known_to if "known_to" in answer.DESCRIPTOR.fields_by_name \
                    else answer.known_at
                self.assertEqual(str(instant.ToMicroseconds()), last)

    def test_instant__pages_go_on_with_what_the_first_one_saw(self):
        """ListCpts, ListDue and ListEvidenceGaps say their instant in their token only."""
        for name, call, kind, rows in (
                ("ListCpts", client.registry.ListCpts, registry_pb2.ListCptsRequest, "cpts"),
                ("ListEvidenceGaps", client.lifecycle.ListEvidenceGaps,
                 lifecycle_pb2.ListEvidenceGapsRequest, "gaps"),
                ("ListDue", client.lifecycle.ListDue, lifecycle_pb2.ListDueRequest, "clocks")):
            filters = {"region": REGION, "until": "2100-01-01"} if name == "ListDue" \
                else {"region": REGION}
            for _ in range(3):
                client.create(lead_region=REGION, territory=[unit(TOWN, 0.0001)], stages=ACI)
            with self.subTest(name=name), Writers():
                page = ask(call, kind(page_size=1, **filters))
                seen = list(getattr(page, rows))
                instant_us = int(page.next_page_token.split(".")[0])
                while page.next_page_token:
                    page = ask(call, kind(page_size=500, page_token=page.next_page_token,
                                          **filters))
                    seen += getattr(page, rows)
                whole, token = [], ""
                while not whole or token:
                    page = ask(call, kind(page_size=500, page_token=token, known_at={
                        "seconds": instant_us // 1000000,
                        "nanos": instant_us % 1000000 * 1000}, **filters))
                    whole, token = whole + list(getattr(page, rows)), page.next_page_token
                self.assertEqual(seen, whole)

    def test_instant__what_was_just_written_is_seen(self):
        before = client.cover(region=REGION)
        client.create(lead_region=REGION)
        after = client.cover(region=REGION)
        self.assertEqual(after.project_count, before.project_count + 1)
        self.assertGreater(after.known_at.ToNanoseconds(), before.known_at.ToNanoseconds())


if __name__ == "__main__":
    psql.main()
