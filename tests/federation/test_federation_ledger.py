# SPDX-License-Identifier: Apache-2.0
"""The ledger can fail: each lie that a federation may tell is seen, by the check that
should. And it knows every table."""
import copy
import hashlib
import json
import unittest

import reach  # noqa: F401
import ledger
import psql
from cpts.v1 import change_pb2
from history import OK, Attempt, History, Operation
from psql import main

ACTOR = "spiffe://cpts.test/node/region/11"
# Tables that no node sends, and why.
LOCAL = {
    "the node's own": {
        "change_log", "command", "principal_role", "enrolment", "certificate",
        "certificate_revocation", "audit_chain", "audit_checkpoint", "audit_read", "parked_act",
        "node", "region_owner", "unit_overlap", "published_count", "referral_release",
        "referral_figure"},
    "what a node knows of its peers": {
        "checkpoint_key", "federation_alarm", "forked_change", "node_self", "ownership_due",
        "parked_aggregate", "stray_change",
        "sync_checkpoint", "sync_cursor", "sync_mark", "sync_scope", "sync_staged", "sync_table",
        "sync_withheld"},
    "told apart from the stream, to the region's node alone": {"told_role", "told_set"},
    "reference data, the same for all by its version": {
        "aci_grid", "aci_line", "area_population_past", "capacity_objective", "clock_rule",
        "department", "epci", "indicator", "member_composition", "member_group", "mission",
        "non_working_day", "pathway_template", "pathway_template_step", "profession",
        "recipient_word", "reference_version", "referral_clock_rule", "referral_reach",
        "referral_reason", "referral_visit_limit", "region", "region_time_zone", "size_class",
        "stage", "structure_kind", "target", "territory_unit", "territory_unit_past",
        "unit_old_code", "unit_old_name"},
}


class Writer:
    """Makes the log of one node, as a node would."""

    def __init__(self, node):
        self.node, self.entries, self.hash = node, [], ledger.NO_HASH

    def write(self, aggregate_id, version, region):
        position = len(self.entries) + 1
        command_id = f"{self.node} {position}"
        change = change_pb2.Change(aggregate_id=aggregate_id, actor=ACTOR, command_id=command_id)
        change.cpts_updated.name = f"v{version}"
        data = change.SerializeToString()
        digest = hashlib.sha256(bytes.fromhex(self.hash) + position.to_bytes(8, "big") + data)
        self.entries.append({
            "origin_node": self.node, "origin_position": position, "epoch": 1,
            "aggregate_kind": "CPTS", "aggregate_id": aggregate_id, "version": version,
            "kind": "CPTS_UPDATED", "actor": ACTOR, "command_id": command_id,
            "lead_region": region, "bytes": data.hex(), "prev_hash": self.hash,
            "hash": digest.hexdigest()})
        self.hash = digest.hexdigest()


def image(key, version, owner, region):
    head = {"cpts_id": key, "version": version, "owner_node": owner, "epoch": 1,
            "lead_region": region, "name": f"v{version}"}
    return {("cpts", json.dumps(head), "f"), ("cpts_stage", f"stage of {key}", "f"),
            ("cpts_member", f"member of {key}", "f")}


def log(*entries):
    return [{**entry, "local_position": rank} for rank, entry in enumerate(entries, 1)]


def truth():
    """Regions 11 and 52 with two CPTS each, one changed twice."""
    holdings = [ledger.Holding(node) for node in ("national", "region/11", "region/52")]
    writers = {region: Writer(f"region/{region}") for region in ("11", "52")}
    for region, writer in writers.items():
        for number in (1, 2):
            writer.write(f"{region}-{number}", 1, region)
        writer.write(f"{region}-1", 2, region)
        for number, version in ((1, 2), (2, 1)):
            key = f"{region}-{number}"
            for holding in holdings:
                rows = image(key, version, writer.node, region)
                if holding.region not in ("", region):
                    rows = {row for row in rows if row[0] in ledger.PUBLIC}
                holding.rows["CPTS", key] = rows
    holdings[0].log = log(*writers["11"].entries, *writers["52"].entries)
    holdings[1].log = log(*writers["11"].entries)
    holdings[2].log = log(*writers["52"].entries)
    return holdings


def told(*command_ids):
    """What clients of region 11 were told OK for."""
    found = [Operation(ACTOR, "UpdateCpts", command_id, b"", attempts=[Attempt("11", 0, code=OK)])
             for command_id in command_ids]
    return {"region/11": History(found)}


class Lies(unittest.TestCase):
    def setUp(self):
        self.holdings = truth()
        self.national, self.eleven, self.other = self.holdings
        self.histories = told("region/11 1", "region/11 2", "region/11 3")

    def assert_seen(self, *checks):
        found = ledger.violations(self.holdings, self.histories)
        self.assertEqual(set(found), set(checks), found)

    def test_ledger__truth_is_believed(self):
        self.assert_seen()

    def test_ledger__row_lost_at_a_replica(self):
        self.national.rows["CPTS", "11-1"].remove(("cpts_member", "member of 11-1", "f"))
        self.assert_seen("images_agree")

    def test_ledger__row_too_much(self):
        self.other.rows["CPTS", "11-1"].add(("cpts_stage", "another stage", "f"))
        self.assert_seen("images_agree")

    def test_ledger__row_beyond_scope(self):
        self.other.rows["CPTS", "11-1"].add(("cpts_member", "member of 11-1", "f"))
        self.assert_seen("images_agree")

    def test_ledger__aggregate_that_never_came(self):
        del self.other.rows["CPTS", "11-1"]
        self.assert_seen("images_agree")

    def test_ledger__row_still_believed_at_a_replica(self):
        self.eleven.rows["CPTS", "11-1"].remove(("cpts_stage", "stage of 11-1", "f"))
        self.eleven.rows["CPTS", "11-1"].add(("cpts_stage", "stage of 11-1", "t"))
        self.assert_seen("images_agree")

    def test_ledger__stale_image_everywhere(self):
        for holding in self.holdings:
            rows = image("11-1", 1, "region/11", "11")
            holding.rows["CPTS", "11-1"] = {row for row in rows if holding is not self.other
                                            or row[0] in ledger.PUBLIC}
        self.assert_seen("versions_are_heard_of")

    def test_ledger__owner_that_lost_everything(self):
        del self.eleven.rows["CPTS", "11-1"]
        self.assert_seen("images_agree")

    def test_ledger__entry_lost_on_the_way_up(self):
        lost = self.national.log.pop(2)
        self.national.log = log(*self.national.log)
        self.assertEqual(lost["command_id"], "region/11 3")
        self.assert_seen("entries_arrived", "acknowledged_once")

    def test_ledger__entry_lost_in_the_middle(self):
        self.national.log.pop(1)
        self.national.log = log(*self.national.log)
        self.assert_seen("chains_hold", "entries_arrived", "acknowledged_once")

    def test_ledger__entry_twice(self):
        self.national.log = log(*self.national.log, self.national.log[2])
        self.assert_seen("chains_hold", "acknowledged_once")

    def test_ledger__entries_out_of_order(self):
        self.national.log[0], self.national.log[1] = self.national.log[1], self.national.log[0]
        self.national.log = log(*self.national.log)
        self.assert_seen("chains_hold")

    def test_ledger__gap_in_local_positions(self):
        self.national.log[-1]["local_position"] += 1
        self.assert_seen("chains_hold")

    def test_ledger__bytes_packed_again(self):
        entry = copy.deepcopy(self.national.log[0])
        change = change_pb2.Change.FromString(bytes.fromhex(entry["bytes"]))
        entry["bytes"] = change.SerializeToString().hex() + "9a3e00"
        self.national.log[0] = entry
        self.assert_seen("chains_hold", "entries_are_original")

    def test_ledger__bytes_that_are_no_change(self):
        for entries in (self.national.log, self.eleven.log):
            entries[2] = {**entries[2], "bytes": "ff"}
        self.assert_seen("chains_hold", "bytes_are_changes")

    def test_ledger__entry_that_nobody_made(self):
        writer = Writer("region/52")
        for number in range(4):
            writer.write("52-1", number + 1, "52")
        self.national.log = log(*self.national.log, writer.entries[-1])
        self.assert_seen("chains_hold", "entries_are_original")

    def test_ledger__entry_of_another_region(self):
        self.eleven.log = log(*self.eleven.log, self.other.log[0])
        self.assert_seen("entries_arrived")

    def test_ledger__acknowledged_and_lost_everywhere(self):
        self.histories = told("never stored")
        self.assert_seen("acknowledged_once")


class Tables(unittest.TestCase):
    def test_ledger__every_table_is_judged_or_known_to_stay(self):
        database = psql.Database()
        self.addCleanup(database.drop)
        found = {row[0] for row in database.query(
            "SELECT relname FROM pg_class WHERE relnamespace = 'cpts'::regnamespace"
            " AND relkind IN ('r', 'p') AND NOT relispartition;")}
        judged = {table for _, _, tables in ledger.KINDS.values() for table in tables}
        local = set().union(*LOCAL.values())
        self.assertEqual(found - judged - local, set(), "tables that nobody judges")
        self.assertEqual((judged | local) - found, set(), "tables that are no more")
        self.assertEqual(judged & local, set())


if __name__ == "__main__":
    main()
