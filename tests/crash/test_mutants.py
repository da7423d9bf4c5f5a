# SPDX-License-Identifier: Apache-2.0
"""The checker can fail: a good history is green, and every way to spoil it
turns exactly the check red that is there for it."""
import copy
import hashlib
import unittest
import uuid

import checker
import facts
from cpts.v1 import change_pb2, stage_pb2
from daemon import NATIONAL
from history import KINDS, OK, Attempt, History, Operation
from psql import main
from stored import Stored

UNITS = {"75056": ("75", 2_100_000), "35238": ("35", 225_000), "29232": ("29", 63_000)}
EVENTS = {"CreateCpts": "cpts_created", "UpdateCpts": "cpts_updated",
          "RecordStage": "cpts_stage_recorded", "SetTerritory": "cpts_territory_set"}


class World:
    """A registry without faults: what clients were told and what is stored."""

    def __init__(self):
        self.history, self.stored, self.now_ns = History(), Stored(), 0
        self.replicas = {}

    def command(self, method, cpts_id, event):
        """One command that is asked for once, carried out and acknowledged."""
        version = sum(row["aggregate_id"] == cpts_id for row in self.stored.log) + 1
        operation = self.invoke(method, cpts_id, version - 1)
        position = self.log(operation, cpts_id, version, event)
        operation.attempts.append(self.answer(OK, cpts_id=cpts_id, version=version,
                                              position=position))
        return operation

    def invoke(self, method, cpts_id, expected_version):
        command_id = str(uuid.UUID(int=len(self.history.operations) + 1))
        operation = Operation(NATIONAL, method, command_id, command_id.encode(),
                              "" if method == "CreateCpts" else cpts_id, expected_version)
        self.history.add(operation)
        return operation

    def answer(self, code, reason="", **told):
        self.now_ns += 10
        return Attempt("one", self.now_ns - 8, self.now_ns, code, reason, **told)

    def log(self, operation, cpts_id, version, event):
        position = len(self.stored.log) + 1
        change = change_pb2.Change(
            schema_version=1, aggregate_id=cpts_id, actor=NATIONAL,
            command_id=operation.command_id, **{EVENTS[operation.method]: event})
        row = {"local_position": position, "origin_node": "national", "origin_position": position,
               "epoch": 1, "aggregate_id": cpts_id, "version": version,
               "kind": KINDS[operation.method],
               "recorded_at": f"2025-01-01 00:00:00.{position:06d}", "actor": NATIONAL,
               "command_id": operation.command_id, "bytes": change.SerializeToString().hex()}
        self.stored.log.append(row)
        chain(self.stored.log)
        self.stored.commands.append({
            "principal": NATIONAL, "command_id": operation.command_id,
            "content_hash": operation.content_hash, "aggregate_id": cpts_id, "version": version,
            "log_position": position})
        return position

    def tables(self):
        """Fills the registry's tables as the log wants them."""
        units = {code: {"code": code, "department": department, "population_count": count}
                 for code, (department, count) in UNITS.items()}
        self.stored.units = list(units.values())
        replicas = {}
        for row in self.stored.log:
            replica = replicas.setdefault(row["aggregate_id"], facts.Replica(row["aggregate_id"]))
            assert not list(replica.apply(row))
        for replica in replicas.values():
            self.stored.cpts.append({**replica.card, "version": len(replica.recorded)})
            self.stored.stages += [dict(zip(
                ("cpts_id", "version", "stage", "successor_id", "lead_region", "valid_from",
                 "valid_to", "recorded_from", "believed"), row)) for row in replica.stage_rows()]
            self.stored.territories += [dict(zip(
                ("cpts_id", "version", "unit_code", "share", "valid_from", "valid_to",
                 "recorded_from", "recorded_to"), row)) for row in replica.territory_rows()]
            self.stored.populations += [
                {**dict(zip(("cpts_id", "version", "department", "valid_from", "valid_to",
                             "believed"), key)), "population_count": count}
                for key, count in replica.population_rows(UNITS).items()]
        self.stored.overlaps = [{"unit_code": code} for code in ("29232", "35238")]


def chain(log):
    """Hashes the log anew, for what is spoilt elsewhere than in its hashes."""
    head = checker.NO_HASH
    for row in log:
        row["prev_hash"] = head
        head = row["hash"] = hashlib.sha256(
            bytes.fromhex(head) + row["origin_position"].to_bytes(8, "big") +
            bytes.fromhex(row["bytes"])).hexdigest()


def stage(code, date):
    return change_pb2.StageFact(stage=stage_pb2.Stage.Value(f"STAGE_{code}"), effective_on=date)


def territory(*codes):
    return [change_pb2.UnitFact(unit_code=code, share=0.5) for code in codes]


def good_world():
    """Two CPTS whose territories overlap, every kind of command, one refusal,
    one outcome that only a repetition told."""
    world = World()
    one, two = (str(uuid.UUID(int=number << 64)) for number in (1, 2))
    for cpts_id in (one, two):
        world.command("CreateCpts", cpts_id, change_pb2.CptsCreated(
            name="CPTS", lead_region="53", synthetic=True, finess="350000001",
            stages=[stage("EMERGENCE", "2020-01-01")], territory=territory("35238", "29232")))
    world.command("UpdateCpts", one, change_pb2.CptsUpdated(finess=""))
    world.command("RecordStage", one, change_pb2.CptsStageRecorded(
        stage=stage("LETTRE_INTENTION", "2021-01-01")))
    world.command("SetTerritory", one, change_pb2.CptsTerritorySet(
        effective_on="2021-06-01", territory=territory("35238", "75056")))
    refused = world.invoke("UpdateCpts", two, 7)
    refused.attempts.append(world.answer("ABORTED", "STALE_VERSION"))
    resolved = world.command("RecordStage", one, change_pb2.CptsStageRecorded(
        stage=stage("ABANDONNE", "2022-01-01")))
    resolved.attempts[0].replayed = True
    resolved.attempts.insert(0, world.answer("UNAVAILABLE"))
    world.tables()
    return world


class Mutants(unittest.TestCase):
    """`caught(...)` spoils the good history and names the checks
    that must turn red, the first of them always."""

    def setUp(self):
        self.world = good_world()
        self.stored = self.world.stored
        self.operations = self.world.history.operations

    def caught(self, *checks, seen=None):
        found = checker.violations(self.world.history, self.stored, seen)
        self.assertEqual(set(checks), set(found), found)

    def rows(self):
        return [(row["local_position"], row["command_id"]) for row in self.stored.log]

    def test_checker__good_history_is_green(self):
        self.caught(seen=self.rows())

    def test_checker__a_lost_command_is_seen(self):
        gone = self.stored.commands.pop()
        self.stored.log.pop()
        self.stored.cpts[0]["version"] -= 1
        self.assertEqual(gone["log_position"], 6)
        self.caught("acknowledged_is_stored", "facts_follow_the_log")

    def test_checker__a_lost_outcome_is_seen(self):
        self.stored.commands.pop()
        self.caught("acknowledged_is_stored", "stored_once")

    def test_checker__an_answer_with_another_position_is_seen(self):
        self.operations[0].attempts[0].position = 2
        self.caught("acknowledged_is_stored")

    def test_checker__a_duplicated_command_is_seen(self):
        row = dict(self.stored.log[-1], local_position=7, origin_position=7, version=6)
        self.stored.log.append(row)
        chain(self.stored.log)
        found = checker.violations(self.world.history, self.stored)
        self.assertIn("stored_once", found)
        self.assertIn("versions_are_whole", found)

    def test_checker__a_gap_is_seen(self):
        row = self.stored.log[-1]
        row["local_position"] = self.stored.commands[-1]["log_position"] = 7
        self.operations[-1].acknowledged[0].position = 7
        self.caught("positions_are_whole")

    def test_checker__a_gap_of_the_origin_is_seen(self):
        self.stored.log[-1]["origin_position"] = 9
        chain(self.stored.log)
        self.caught("positions_are_whole")

    def test_checker__a_changed_byte_is_seen(self):
        row = self.stored.log[2]
        row["bytes"] = row["bytes"][:-2] + "78"
        found = checker.violations(self.world.history, self.stored)
        self.assertIn("hashes_chain", found)

    def test_checker__a_broken_chain_is_seen(self):
        self.stored.log[3]["prev_hash"] = checker.NO_HASH
        self.caught("hashes_chain")

    def test_checker__an_exchanged_hash_is_seen(self):
        self.stored.log[5]["hash"] = self.stored.log[4]["hash"]
        self.caught("hashes_chain")

    def test_checker__a_phantom_is_seen(self):
        del self.operations[2]
        self.caught("stored_was_invoked")

    def test_checker__another_content_under_the_id_is_seen(self):
        self.operations[2].request = b"something else"
        self.caught("stored_was_invoked")

    def test_checker__a_command_on_another_cpts_is_seen(self):
        self.operations[2].cpts_id = self.stored.cpts[1]["cpts_id"]
        self.caught("stored_was_invoked")

    def test_checker__another_kind_of_change_is_seen(self):
        self.stored.log[2]["kind"] = "CPTS_TERRITORY_SET"
        self.caught("stored_was_invoked")

    def test_checker__a_stored_refusal_is_seen(self):
        attempt = self.operations[4].attempts[0]
        attempt.code, attempt.reason = "FAILED_PRECONDITION", "ILLEGAL_STAGE_STEP"
        self.caught("refused_is_not_stored")

    def test_checker__two_outcomes_of_one_command_are_seen(self):
        operation = self.operations[0]
        operation.attempts.append(copy.copy(operation.attempts[0]))
        self.caught("answers_agree")
        operation.attempts[1].replayed = True
        self.caught()
        operation.attempts.append(Attempt("one", 0, 1, "ABORTED", "STALE_VERSION"))
        self.caught("answers_agree")

    def test_checker__a_dishonest_code_is_seen(self):
        self.operations[5].attempts.insert(0, Attempt("one", 90, 91, "INTERNAL"))
        self.caught("codes_are_honest")

    def test_checker__a_version_that_nobody_expected_is_seen(self):
        self.operations[2].expected_version = 4
        self.caught("versions_were_expected")

    def test_checker__a_row_behind_its_log_is_seen(self):
        self.stored.cpts[0]["version"] = 4
        self.caught("versions_are_whole")

    def test_checker__a_skipped_version_is_seen(self):
        for row in (self.stored.log[-1], self.stored.commands[-1], self.stored.cpts[0]):
            row["version"] = 6
        self.operations[-1].acknowledged[0].version = 6
        self.operations[-1].expected_version = 5
        self.caught("versions_are_whole", "facts_follow_the_log")

    def test_checker__an_order_against_time_is_seen(self):
        attempt = self.operations[1].attempts[0]
        attempt.began_ns, attempt.ended_ns = -9, -8
        self.caught("order_is_real")

    def test_checker__time_that_goes_back_is_seen(self):
        self.stored.log[2]["recorded_at"] = "2024-01-01 00:00:00.000000"
        self.caught("order_is_real")

    def test_checker__facts_that_the_log_does_not_tell_are_seen(self):
        for table in ("cpts", "stages", "territories", "populations"):
            with self.subTest(table):
                self.setUp()
                getattr(self.stored, table).pop()
                self.assertIn("facts_follow_the_log",
                              checker.violations(self.world.history, self.stored))
                self.setUp()
                rows = getattr(self.stored, table)
                rows.append(copy.copy(rows[0]))
                self.assertIn("facts_follow_the_log",
                              checker.violations(self.world.history, self.stored))

    def test_checker__a_wrong_value_of_a_fact_is_seen(self):
        for table, column, value in (
                ("cpts", "finess", "350000009"), ("stages", "valid_from", "2019-12-31"),
                ("territories", "recorded_to", "2025-01-01 00:00:00.000002"),
                ("territories", "share", 1.0), ("populations", "population_count", 1.0)):
            with self.subTest(f"{table}.{column}"):
                self.setUp()
                getattr(self.stored, table)[0][column] = value
                self.caught("facts_follow_the_log")

    def test_checker__an_unknown_overlap_is_seen(self):
        self.stored.overlaps = []
        self.caught("overlaps_are_known")

    def test_checker__a_reader_that_missed_or_reordered_is_seen(self):
        rows = self.rows()
        for seen in (rows[:-1], rows[1:], rows[:2] + rows[3:], [*rows, rows[-1]],
                     [rows[1], rows[0], *rows[2:]]):
            self.caught("reader_saw_all", seen=seen)


if __name__ == "__main__":
    main()
