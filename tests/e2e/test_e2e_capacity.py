# SPDX-License-Identifier: Apache-2.0
"""Capacity by week: what is recorded, who reads what, and a board whose counts of
people cannot be told apart by asking twice."""
import datetime
import unittest
import zoneinfo
import uuid

from google.protobuf import timestamp_pb2

from node import (CALL_TIMEOUT_S, OTHER_REGION, REGION, Node, capacity_pb2, command, entry,
                  outcome, psql, refusal)

SMALL = 11
COMMUNE, DEPARTMENT = "78646", "78"
node = operator = agent = analyst = public = coordinator = None
coordinated = ""


def setUpModule():
    global node, operator, agent, analyst, public, coordinator, coordinated
    node = Node()
    operator, agent, analyst = (node.client(name) for name in ("operator", "agent", "analyst"))
    public, coordinator = node.client("public"), node.client("coordinator")
    coordinated = operator.create(lead_region=REGION).id
    node.grant("CPTS_COORDINATOR", f"cpts:{coordinated}", coordinator,
               lambda client: outcome(client.get, coordinated) == "OK")


def tearDownModule():
    if node is not None:
        for client in operator, agent, analyst, public, coordinator:
            client.close()
        node.stop()


def week_of(days):
    """The ISO week so many days from today in France."""
    today = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Paris")).date()
    year, number, _ = (today + datetime.timedelta(days=days)).isocalendar()
    return f"{year}-W{number:02}"


def call(client, name, **fields):
    request = getattr(capacity_pb2, f"{name}Request")(**fields)
    return getattr(client.capacity, name)(request, timeout=CALL_TIMEOUT_S)


def record(client, cpts_id, weeks, **fields):
    fields.setdefault("expected_version", operator.get(cpts_id).version)
    return call(client, "RecordCapacity", **command({"id": cpts_id, "weeks": weeks, **fields}))


def show(client, cpts_id, **fields):
    return call(client, "GetCapacity", id=cpts_id, **fields)


def people(count, area=COMMUNE):
    return [{"area": area, "patient_count": count}]


def create(region=REGION):
    return operator.create(lead_region=region, stages=[
        entry("EMERGENCE", "2019-01-15"), entry("LETTRE_INTENTION", "2019-06-15")]).id


def backdate(days):
    """As if everything of this moment had been recorded so many days ago."""
    node.database.query("UPDATE cpts.cpts_capacity SET recorded_from = recorded_from"
                        f" - interval '{days} days';")


class Record(unittest.TestCase):
    def test_capacity__weeks_are_read_back_with_their_objective(self):
        cpts_id = create()
        answer = record(operator, cpts_id, [
            {"week": "2024-W07", "snp_slot_count": 20, "doctor_slot_count": 100, "place_count": 0,
             "seekers": people(230) + people(40, DEPARTMENT)},
            {"week": "2024-W06", "place_count": 5}])
        self.assertEqual(answer.version, 2)
        weeks = show(operator, cpts_id, to_week="2024-W07")
        self.assertEqual([week.week for week in weeks.weeks], ["2024-W06", "2024-W07"])
        first, last = weeks.weeks
        self.assertFalse(first.HasField("snp_slot_count"))
        self.assertEqual((last.snp_slot_count, last.doctor_slot_count, last.place_count),
                         (20, 100, 0))
        self.assertTrue(last.HasField("place_count"))
        self.assertEqual([(one.area, one.patient_count) for one in last.seekers],
                         [("78", 40), ("78646", 230)])
        self.assertEqual(weeks.objective.snp_percent, 20)
        self.assertEqual(weeks.objective.confidence, "not sourced")
        self.assertEqual((weeks.version, weeks.latest_week, weeks.synthetic),
                         (2, "2024-W07", True))
        self.assertGreater(weeks.latest_age_days, 300)

    def test_capacity__latest_week_is_not_one_to_come(self):
        cpts_id = create()
        record(operator, cpts_id, [{"week": week_of(0), "snp_slot_count": 1},
                                   {"week": week_of(21), "snp_slot_count": 2}])
        weeks = show(operator, cpts_id)
        self.assertEqual(len(weeks.weeks), 2)
        self.assertEqual((weeks.latest_week, weeks.latest_age_days), (week_of(0), 0))

    def test_capacity__a_correction_leaves_what_was_believed(self):
        cpts_id = create()
        record(operator, cpts_id, [{"week": "2024-W07", "snp_slot_count": 20, "place_count": 3}])
        known = timestamp_pb2.Timestamp()
        known.FromMicroseconds(show(operator, cpts_id, to_week="2024-W07").weeks[0]
                               .recorded_at.ToMicroseconds())
        record(operator, cpts_id, [{"week": "2024-W07", "snp_slot_count": 25}])
        now, = show(operator, cpts_id, to_week="2024-W07").weeks
        before, = show(operator, cpts_id, to_week="2024-W07", known_at=known).weeks
        self.assertEqual((now.snp_slot_count, now.place_count), (25, 3))
        self.assertEqual((before.snp_slot_count, before.place_count), (20, 3))

    def test_capacity__a_command_told_twice_takes_effect_once(self):
        cpts_id, command_id = create(), str(uuid.uuid4())
        weeks = [{"week": "2024-W07", "place_count": 3}]
        first = record(operator, cpts_id, weeks, command_id=command_id, expected_version=1)
        again = record(operator, cpts_id, weeks, command_id=command_id, expected_version=1)
        self.assertEqual((again.version, again.log_position, again.replayed),
                         (first.version, first.log_position, True))
        other = refusal(record, operator, cpts_id, [{"week": "2024-W07", "place_count": 4}],
                        command_id=command_id, expected_version=1)
        self.assertEqual(other.reason, "COMMAND_ID_REUSED")


class Refused(unittest.TestCase):
    def refused(self, wanted, field, *arguments, **fields):
        before = node.fingerprint()
        found = refusal(*arguments, **fields)
        self.assertEqual((f"{found.status}/{found.reason}", found.field), (wanted, field),
                         found.message)
        self.assertEqual(node.fingerprint(), before)

    def test_capacity__bad_weeks(self):
        cpts_id = create()
        good = {"week": "2024-W07", "place_count": 1}
        for wanted, field, weeks in (
                ("FIELD_REQUIRED", "weeks", []),
                ("FIELD_INVALID", "weeks", [good] * 201),
                ("FIELD_REQUIRED", "weeks[0].week", [{"place_count": 1}]),
                ("FIELD_INVALID", "weeks[1].week", [good, {"week": "2023-W53", "place_count": 1}]),
                ("FIELD_INVALID", "weeks[0].week", [{"week": "2024-07", "place_count": 1}]),
                ("DATE_IN_FUTURE", "weeks[0].week", [{"week": week_of(35), "place_count": 1}]),
                ("FIELD_REQUIRED", "weeks[0]", [{"week": "2024-W07"}]),
                ("FIELD_INVALID", "weeks[0].place_count", [{**good, "place_count": -1}]),
                ("FIELD_INVALID", "weeks[0].place_count", [{**good, "place_count": 1000001}]),
                ("FIELD_INVALID", "weeks[0].snp_slot_count",
                 [{"week": "2024-W07", "snp_slot_count": 6, "doctor_slot_count": 5}]),
                ("UNKNOWN_UNIT", "weeks[0].seekers[0].area",
                 [{"week": "2024-W07", "seekers": people(1, "00000")}]),
                ("UNKNOWN_UNIT", "weeks[0].seekers[0].area",
                 [{"week": "2024-W07", "seekers": people(1, "")}]),
                ("FIELD_INVALID", "weeks[0].seekers[0].patient_count",
                 [{"week": "2024-W07", "seekers": people(-1)}]),
                ("FIELD_INVALID", "weeks[0].seekers[0].patient_count",
                 [{"week": "2024-W07", "seekers": people(10000001)}]),
                ("UNIT_REPEATED", "weeks", [{"week": "2024-W07", "seekers": people(1) * 2}]),
                ("UNIT_REPEATED", "weeks", [good, good])):
            with self.subTest(field=field, wanted=wanted):
                self.refused(f"INVALID_ARGUMENT/{wanted}", field, record, operator, cpts_id, weeks)
        self.refused("ABORTED/STALE_VERSION", "expected_version", record, operator, cpts_id,
                     [good], expected_version=9)

    def test_capacity__too_many_figures(self):
        areas = [code for code, in node.database.query(
            "SELECT code FROM cpts.territory_unit ORDER BY code LIMIT 5001;")]
        weeks = [{"week": "2024-W07",
                  "seekers": [{"area": area, "patient_count": 1} for area in areas]}]
        self.refused("INVALID_ARGUMENT/FIELD_INVALID", "weeks", record, operator, create(), weeks)

    def test_capacity__bad_questions(self):
        cpts_id = create()
        for field, fields in (("from_week", {"from_week": "2024"}),
                              ("to_week", {"to_week": "2024-W60"}),
                              ("from_week", {"from_week": "2024-W07", "to_week": "2024-W06"}),
                              ("from_week", {"from_week": "2020-W01", "to_week": "2024-W01"})):
            with self.subTest(fields=fields):
                self.refused("INVALID_ARGUMENT/FIELD_INVALID", field, show, operator, cpts_id,
                             **fields)
        self.refused("INVALID_ARGUMENT/FIELD_INVALID", "week", call, operator, "GetCapacityBoard",
                     week="2023-W53")


class Rights(unittest.TestCase):
    def test_capacity__people_are_for_the_cpts_and_its_ars(self):
        record(coordinator, coordinated, [{"week": "2024-W07", "place_count": 2,
                                           "seekers": people(5)}])
        for client, withheld in ((operator, False), (agent, False), (coordinator, False),
                                 (analyst, True)):
            answer = show(client, coordinated, to_week="2024-W07")
            self.assertEqual((answer.seekers_withheld, len(answer.weeks[0].seekers),
                              answer.weeks[0].place_count), (withheld, 0 if withheld else 1, 2))

    def test_capacity__neighbours_read_slots_and_write_nothing(self):
        cpts_id = create(OTHER_REGION)
        record(operator, cpts_id, [{"week": "2024-W07", "snp_slot_count": 7,
                                    "seekers": people(50)}])
        answer = show(coordinator, cpts_id, to_week="2024-W07")
        self.assertEqual((answer.weeks[0].snp_slot_count, len(answer.weeks[0].seekers)), (7, 0))
        self.assertEqual(outcome(record, coordinator, cpts_id,
                                 [{"week": "2024-W07", "snp_slot_count": 8}]),
                         "PERMISSION_DENIED/OUT_OF_SCOPE")


def board(week, client=None):
    answer = call(client or analyst, "GetCapacityBoard", week=week)
    return answer, {cell.key: cell for cell in answer.cells}


class Board(unittest.TestCase):
    def test_capacity__board_sums_slots_and_share_of_those_who_tell_both(self):
        week = "2023-W10"
        record(operator, create("84"), [{"week": week, "snp_slot_count": 10,
                                         "doctor_slot_count": 100, "place_count": 4}])
        record(operator, create("84"), [{"week": week, "snp_slot_count": 90}])
        answer, cells = board(week)
        cell = cells["84"]
        self.assertEqual((cell.reporting_count, cell.snp_slot_count, cell.place_count),
                         (2, 100, 4))
        self.assertEqual((cell.share_snp_slot_count, cell.share_doctor_slot_count), (10, 100))
        self.assertEqual((cells[""].snp_slot_count, len(answer.cells)), (100, 19))
        self.assertFalse(cell.HasField("seeker_count") or cell.seekers_suppressed)

    def test_capacity__small_counts_and_what_gives_them_away(self):
        week = "2023-W20"
        for region, count in (("24", 4), ("27", 60), ("28", 90)):
            record(operator, create(region), [{"week": week, "seekers": people(count)}])
        backdate(2000)
        answer, cells = board(week)
        self.assertTrue(answer.seekers_closed)
        self.assertEqual([cells[key].seeker_count for key in ("", "28")], [154, 90])
        self.assertEqual([(cells[key].seekers_suppressed, cells[key].HasField("seeker_count"))
                          for key in ("24", "27")], [(True, False)] * 2)
        self.assertEqual(cells["24"].seeker_cpts_count, 1)

    def test_capacity__two_boards_of_a_week_cannot_be_subtracted(self):
        """A CPTS that counts later, or corrects, changes nothing shown."""
        week, late = "2023-W30", create("32")
        for count in (40, 50):
            record(operator, create("32"), [{"week": week, "seekers": people(count)}])
        backdate(2000)
        before, cells = board(week)
        self.assertEqual(cells["32"].seeker_count, 90)
        record(operator, late, [{"week": week, "seekers": people(3)}])
        record(operator, late, [{"week": week, "seekers": people(2)}])
        self.assertEqual(board(week)[0], before)
        self.assertEqual(board(week, operator)[0], before)

    def test_capacity__people_wait_until_the_week_is_closed(self):
        record(operator, create("75"), [{"week": week_of(-7), "seekers": people(500)}])
        answer, cells = board(week_of(-7))
        self.assertFalse(answer.seekers_closed)
        self.assertEqual(cells["75"].seeker_cpts_count, 0)
        self.assertFalse(any(cell.HasField("seeker_count") for cell in answer.cells))

    def test_capacity__board_without_a_week_is_of_the_last_one(self):
        self.assertEqual(board("")[0].week, week_of(-7))

    def test_capacity__latest_weeks_for_referrals(self):
        """query/capacity_latest.sql: what routing will ask."""
        stale, fresh, none = create(), create(), create()
        record(operator, stale, [{"week": "2024-W07", "snp_slot_count": 3, "place_count": 0}])
        record(operator, fresh, [{"week": "2024-W07", "snp_slot_count": 9},
                                 {"week": "2024-W08", "snp_slot_count": 5},
                                 {"week": "2024-W10", "snp_slot_count": 6}])
        with open(f"{psql.SOURCE}/sql/query/capacity_latest.sql", encoding="utf-8") as file:
            statement = file.read()
        ids = f"'{{{stale},{fresh},{none}}}'::uuid[]"
        rows = node.database.query(
            statement.replace("$1::uuid[]", ids).replace("$2::date", "'2024-02-28'::date")
            .rstrip() + " ORDER BY age_days;")
        self.assertEqual(sorted(row[1:] for row in rows),
                         [["2024-02-12", "10", "3", "0"], ["2024-02-19", "3", "5", ""]])

    def test_capacity__what_is_small_is_the_operators_to_say(self):
        """[disclosure] threshold_count, for every board."""
        strict = Node(limits="[disclosure]\nthreshold_count = 100\n")
        client = strict.client("operator")
        try:
            cpts_id = client.create(lead_region="24").id
            client.capacity.RecordCapacity(capacity_pb2.RecordCapacityRequest(**command({
                "id": cpts_id, "expected_version": 1,
                "weeks": [{"week": "2023-W20", "seekers": people(99)}]})), timeout=CALL_TIMEOUT_S)
            strict.database.query("UPDATE cpts.cpts_capacity SET recorded_from = recorded_from"
                                  " - interval '2000 days';")
            answer, cells = board("2023-W20", client)
            self.assertEqual((answer.threshold_count, cells["24"].seekers_suppressed,
                              cells[""].seekers_suppressed), (100, True, True))
        finally:
            client.close()
            strict.stop()


if __name__ == "__main__":
    unittest.main(verbosity=2)
